//! Stations, devices, limits and quarantine on real files.

use crate::open;
use sanggan_base::{ErrorCode, Millis, Mn, StationCode};
use sanggan_pack::{Binding, MonitorSet, Name, Pack, StationKind};
use sanggan_store::{
    Actor, Admission, EventFilter, NewStation, QuarantineReason, QuarantineState, SeedReport, Sighting,
};
use sanggan_testkit::{Base, on_both_databases};

const NOW: Millis = Millis(1_790_000_000_000);

fn demo() -> MonitorSet {
    Pack::embedded().expect("whole").demo.expect("built in")
}

fn wei() -> Actor {
    Actor::User("wei".to_owned())
}

fn code(text: &str) -> StationCode {
    StationCode::parse(text).expect("a code")
}

fn mn(text: &str) -> Mn {
    Mn::parse(text).expect("an MN")
}

async fn a_seed_comes_back_as_it_went_in_also_after_opening_again(base: Base) {
    let store = open(&base).await;
    let set = demo();
    let outlets = set.stations.iter().filter(|station| station.kind.is_outlet()).count();
    let added = set.stations.len() + set.devices.len() + outlets;
    assert_eq!(store.seed(&set, NOW).await.expect("seeds"), SeedReport { added, updated: 0, kept: 0 });
    assert_eq!(store.seed(&set, NOW).await.expect("seeds"), SeedReport { added: 0, updated: 0, kept: added });
    store.close().await;

    let registry = open(&base).await.registry();
    assert_eq!(registry.stations().count(), set.stations.len());
    assert_eq!(registry.device_count(), set.devices.len());
    for station in &set.stations {
        assert_eq!(registry.station(&station.code).map(|it| it.as_ref()), Some(station));
        assert!(registry.stations_in(&station.area).iter().any(|it| it.code == station.code));
        let expected: Vec<_> = set.limits.iter().filter(|line| line.station == station.code).collect();
        let found: Vec<_> = registry.limits(&station.code).iter().map(|line| line.as_ref()).collect();
        assert_eq!(found, expected);
    }
    for device in &set.devices {
        assert_eq!(registry.device(&device.mn).map(|it| it.as_ref()), Some(device));
        assert!(registry.devices_of(&device.station).iter().any(|it| it.mn == device.mn));
    }
    assert_eq!(registry.stations_of_kind(StationKind::GasOutlet).count(), 8);
}

async fn a_seed_never_overwrites_what_a_person_did_and_updates_the_rest(base: Base) {
    let store = open(&base).await;
    let mut set = demo();
    store.seed(&set, NOW).await.expect("seeds");

    let mut mine = set.stations[0].clone();
    mine.name.zh = "改过的名字".to_owned();
    store.put_station(&mine, "renamed", &wei(), NOW).await.expect("changes");
    let mut logger = set.devices[1].clone();
    logger.password = Some("secret".to_owned());
    store.put_device(&logger, "new password", &wei(), NOW).await.expect("changes");
    let gone = set.devices[2].clone();
    store.remove_device(&gone.mn, "scrapped", &wei(), NOW).await.expect("removes");
    store.remove_station(&gone.station, "closed", &wei(), NOW).await.expect("removes");
    let outlet = code("sim-w01");
    store.set_limits(&outlet, &[], "permit withdrawn", &wei(), NOW).await.expect("sets");

    for station in &mut set.stations {
        station.name.en.push_str(" v2");
    }
    for line in &mut set.limits {
        line.clause.en.push_str(" v2");
    }
    let report = store.seed(&set, NOW).await.expect("seeds");
    // 34 of 36 stations and the limits of 15 of 16 outlets are as the first seed left them.
    assert_eq!((report.added, report.updated), (0, 34 + 15));
    let registry = store.registry();
    assert_eq!(registry.station(&mine.code).expect("there").name.zh, "改过的名字");
    assert_eq!(registry.device(&logger.mn).expect("there").password.as_deref(), Some("secret"));
    assert!(registry.device(&gone.mn).is_none() && registry.station(&gone.station).is_none());
    assert!(registry.limits(&outlet).is_empty());
    assert!(registry.station(&outlet).expect("there").name.en.ends_with("v2"));
    assert!(registry.limits(&code("sim-w02")).iter().all(|line| line.clause.en.ends_with("v2")));
}

async fn each_change_is_in_the_journal_without_secrets_and_the_journal_cannot_be_changed(base: Base) {
    let store = open(&base).await;
    store.seed(&demo(), NOW).await.expect("seeds");
    let mut device = demo().devices[0].clone();
    device.password = Some("hush-hush".to_owned());
    device.bindings.push(Binding {
        sent: "PM25".to_owned(),
        parameter: sanggan_base::ParameterCode::parse("a34004").expect("a code"),
        unit: None,
    });
    store.put_device(&device, "bound PM25", &wei(), Millis(NOW.0 + 1)).await.expect("changes");
    let filter = EventFilter { subject: Some(device.mn.to_string()), ..EventFilter::default() };
    let events = store.events(&filter).await.expect("reads");
    let rows: Vec<_> = events
        .iter()
        .map(|it| (it.at.0 - NOW.0, it.actor.as_str(), it.action.as_str(), it.why.as_str()))
        .collect();
    assert_eq!(rows, [(1, "user:wei", "device.put", "bound PM25"), (0, "system", "device.seed", "pack")]);
    let after = events[0].after.as_ref().expect("is there now");
    assert_eq!(after["password"], "(set)");
    assert!(after["bindings"].as_array().expect("a list").iter().any(|it| it["sent"] == "PM25"));
    let all = EventFilter { limit: 10_000, ..EventFilter::default() };
    let text = format!("{:?}", store.events(&all).await.expect("reads"));
    assert!(!text.contains("hush-hush") && !text.contains("sg2026"));

    for sql in ["UPDATE event SET why = 'x'", "UPDATE event SET leaf = NULL", "DELETE FROM event"] {
        let error = crate::refusal(&base, sql).await;
        assert!(error.contains("append-only"), "{sql}: {error}");
    }
}

async fn what_cannot_be_is_refused_and_changes_nothing(base: Base) {
    let store = open(&base).await;
    store.seed(&demo(), NOW).await.expect("seeds");
    let version = store.registry().version();
    let events =
        store.events(&EventFilter { limit: 10_000, ..EventFilter::default() }).await.expect("reads").len();

    let mut lost = demo().devices[0].clone();
    lost.station = code("nowhere");
    let error = store.put_device(&lost, "", &wei(), NOW).await.expect_err("no such station");
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        (ErrorCode::NotFound, "there is no station `nowhere`")
    );
    let error = store.remove_station(&code("sim-a01"), "", &wei(), NOW).await.expect_err("has a device");
    assert_eq!(error.code(), ErrorCode::Conflict);
    let error = store.remove_device(&mn("X"), "", &wei(), NOW).await.expect_err("no such device");
    assert_eq!(error.code(), ErrorCode::NotFound);
    let mut nowhere = demo().stations[0].clone();
    nowhere.lat = None;
    assert_eq!(
        store.put_station(&nowhere, "", &wei(), NOW).await.expect_err("half a place").code(),
        ErrorCode::BadInput
    );
    let strange = demo().limits;
    let error = store
        .set_limits(&code("sim-a01"), &strange[..1], "", &wei(), NOW)
        .await
        .expect_err("another station");
    assert_eq!(error.code(), ErrorCode::BadInput);

    assert_eq!(store.registry().version(), version);
    let now =
        store.events(&EventFilter { limit: 10_000, ..EventFilter::default() }).await.expect("reads").len();
    assert_eq!(now, events);
}

async fn followers_of_the_registry_see_each_change_and_old_snapshots_stay(base: Base) {
    let store = open(&base).await;
    let mut follower = store.watch_registry();
    let before = store.registry();
    follower.mark_unchanged();
    store.seed(&demo(), NOW).await.expect("seeds");
    assert!(follower.has_changed().expect("the store lives"));
    assert_eq!(follower.borrow_and_update().version(), before.version() + 1);
    assert_eq!((before.stations().count(), store.registry().stations().count()), (0, 36));
}

fn sighting(text: &str, at: i64, reason: QuarantineReason) -> Sighting {
    Sighting {
        mn: mn(text),
        first_at: Millis(at),
        last_at: Millis(at + 5),
        frames: 3,
        peer: "10.0.0.9".to_owned(),
        st: Some("32".to_owned()),
        password: Some("pw-sent".to_owned()),
        sample_frame: "##0050ST=32;CN=2011;PW=pw-sent;MN=Q1;CP=&&&&".to_owned(),
        reason,
    }
}

fn new_station() -> Admission {
    Admission::New(NewStation {
        code: code("new-1"),
        name: Name { zh: "新".to_owned(), en: "New".to_owned() },
        kind: StationKind::WaterOutlet,
        area: sanggan_base::AreaCode::parse("140602").expect("a code"),
        lon: None,
        lat: None,
    })
}

async fn a_device_waits_in_quarantine_until_it_is_admitted(base: Base) {
    let store = open(&base).await;
    let seen =
        [sighting("Q1", 100, QuarantineReason::UnknownMn), sighting("Q1", 50, QuarantineReason::UnknownMn)];
    store.quarantine_seen(&seen).await.expect("keeps");
    let list = store.quarantine(false).await.expect("reads");
    assert_eq!(list.len(), 1);
    let row = &list[0];
    assert_eq!(
        (row.first_seen.0, row.last_seen.0, row.frames, row.state),
        (50, 105, 6, QuarantineState::Waiting)
    );
    assert_eq!(row.sample_frame, "##0050ST=32;CN=2011;PW=***;MN=Q1;CP=&&&&");

    let error = store.admit(&mn("Q2"), new_station(), None, &wei(), NOW).await.expect_err("never seen");
    assert_eq!(error.code(), ErrorCode::NotFound);
    let (station, device) = store.admit(&mn("Q1"), new_station(), None, &wei(), NOW).await.expect("admits");
    assert_eq!((station.code.as_str(), station.kind), ("new-1", StationKind::WaterOutlet));
    assert_eq!(device.password.as_deref(), Some("pw-sent"), "adopts what it sent");
    assert_eq!(store.registry().device(&device.mn).map(|it| it.as_ref()), Some(&device));
    assert!(store.quarantine(false).await.expect("reads").is_empty());

    // What the gateway had counted before it learnt of the admission does not bring it back; a wrong password does.
    store.quarantine_seen(&seen[..1]).await.expect("keeps");
    assert!(store.quarantine(false).await.expect("reads").is_empty());
    store.quarantine_seen(&[sighting("Q1", 300, QuarantineReason::WrongPassword)]).await.expect("keeps");
    assert_eq!(store.quarantine(false).await.expect("reads").len(), 1);
    let again = Admission::At(code("new-1"));
    let (_, device) =
        store.admit(&mn("Q1"), again, Some("chosen".to_owned()), &wei(), NOW).await.expect("admits");
    assert_eq!(device.password.as_deref(), Some("chosen"));
    store.quarantine_seen(&[sighting("Q3", 1, QuarantineReason::UnknownMn)]).await.expect("keeps");
    let error = store.admit(&mn("Q3"), new_station(), None, &wei(), NOW).await.expect_err("code taken");
    assert_eq!(error.code(), ErrorCode::Conflict);
    assert!(store.registry().device(&mn("Q3")).is_none());
}

async fn a_refused_device_stays_refused(base: Base) {
    let store = open(&base).await;
    store.quarantine_seen(&[sighting("Q1", 1, QuarantineReason::UnknownMn)]).await.expect("keeps");
    assert!(!store.registry().is_refused(&mn("Q1")));
    store.refuse(&mn("Q1"), "not ours", &wei(), NOW).await.expect("refuses");
    assert!(store.registry().is_refused(&mn("Q1")));
    store.quarantine_seen(&[sighting("Q1", 9, QuarantineReason::UnknownMn)]).await.expect("keeps");
    let list = store.quarantine(false).await.expect("reads");
    assert_eq!((list[0].state, list[0].frames), (QuarantineState::Refused, 6));
    store.admit(&mn("Q1"), new_station(), None, &wei(), NOW).await.expect("minds can change");
    assert!(!store.registry().is_refused(&mn("Q1")));
    let error = store.refuse(&mn("Q1"), "", &wei(), NOW).await.expect_err("is a device now");
    assert_eq!(error.code(), ErrorCode::Conflict);
}

async fn a_peer_that_makes_up_numbers_cannot_fill_the_disk(base: Base) {
    let store = open(&base).await;
    let many: Vec<Sighting> =
        (0..10_050).map(|n| sighting(&format!("M{n:05}"), n, QuarantineReason::UnknownMn)).collect();
    store.quarantine_seen(&many).await.expect("keeps");
    let list = store.quarantine(false).await.expect("reads");
    assert_eq!((list.len(), list[0].mn.as_str(), list[9_999].mn.as_str()), (10_000, "M10049", "M00050"));
}

async fn changes_at_the_same_time_are_all_kept(base: Base) {
    let store = open(&base).await;
    let template = demo().stations[0].clone();
    let tasks: Vec<_> = (0..40)
        .map(|n| {
            let (store, mut station) = (store.clone(), template.clone());
            station.code = code(&format!("s-{n:02}"));
            tokio::spawn(async move { store.put_station(&station, "", &wei(), NOW).await })
        })
        .collect();
    for task in tasks {
        task.await.expect("runs").expect("puts");
    }
    assert_eq!(store.registry().stations().count(), 40);
    assert_eq!(store.events(&EventFilter::default()).await.expect("reads").len(), 40);
}

on_both_databases!(
    a_seed_comes_back_as_it_went_in_also_after_opening_again,
    a_seed_never_overwrites_what_a_person_did_and_updates_the_rest,
    each_change_is_in_the_journal_without_secrets_and_the_journal_cannot_be_changed,
    what_cannot_be_is_refused_and_changes_nothing,
    followers_of_the_registry_see_each_change_and_old_snapshots_stay,
    a_device_waits_in_quarantine_until_it_is_admitted,
    a_refused_device_stays_refused,
    a_peer_that_makes_up_numbers_cannot_fill_the_disk,
    changes_at_the_same_time_are_all_kept,
);
