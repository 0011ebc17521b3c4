//! A city of two stations on a real lake, a real store and a real socket.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock};

use reqwest::{Client, Response, StatusCode};
use sanggan_api::{ApiSettings, AppState, Parts};
use sanggan_base::{
    Cadence, Flag, FrameId, Grain, Measure, Millis, Mn, ParameterCode, Reading, SeriesId, SeriesKey,
    StatKind, StationCode, Unit,
};
use sanggan_gateway::{GatewaySettings, Intake};
use sanggan_jobs::{ChangedPeriod, FollowOptions, Sites, StatisticsChanged, StatisticsFollower};
use sanggan_lake::{FrameStatus, Lake, LakeOptions, NewFrame, NewStatistic};
use sanggan_pack::{
    Averaging, Bound, Device, LimitLine, LimitStatus, Name, Pack, Position, StampConvention, Station,
    StationKind,
};
use sanggan_standards::Law;
use sanggan_store::{Actor, Details, NewUser, Role, Store};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{broadcast, oneshot, watch};

pub(crate) const AIR: &str = "t-air";
pub(crate) const OUTLET: &str = "t-outlet";
pub(crate) const PASSWORD: &str = "correct horse battery 9";

const FIRST_PASSWORD: &str = "first password 1";

async fn make_user(store: &Store, new: NewUser, now: Millis) {
    let name = new.name.clone();
    store.create_user(new, &Actor::System, now).await.expect("a user");
    store.change_password(&name, FIRST_PASSWORD, PASSWORD, now).await.expect("a new password");
}

pub(crate) struct World {
    pub(crate) base: String,
    pub(crate) lake: Lake,
    pub(crate) store: Store,
    pub(crate) pack: Arc<Pack>,
    pub(crate) intake: Arc<Intake>,
    changes: broadcast::Sender<Arc<StatisticsChanged>>,
    clock: Arc<AtomicI64>,
    stop: Option<oneshot::Sender<()>>,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
    _folder: tempfile::TempDir,
}

pub(crate) fn moment(text: &str) -> Millis {
    Millis::from_local(text.parse().expect("a local time")).expect("in range")
}

pub(crate) fn station(code: &str) -> StationCode {
    StationCode::parse(code).expect("a code")
}

pub(crate) fn parameter(code: &str) -> ParameterCode {
    ParameterCode::parse(code).expect("a code")
}

/// The law with the city's own, installed once: every test of this process judges by it.
pub(crate) fn law() -> &'static Law {
    static LAW: LazyLock<&'static Law> = LazyLock::new(|| {
        let pack = Pack::embedded().expect("the built-in pack is whole");
        Law::install(pack.law_files()).expect("the city's own law is law, and nothing was judged before")
    });
    *LAW
}

fn name(text: &str) -> Name {
    Name { zh: text.to_owned(), en: text.to_owned() }
}

impl World {
    /// The world at `now` (local time), without registers.
    pub(crate) async fn at(now: &str) -> World {
        World::with(now, false, ApiSettings::default()).await
    }

    /// The world at `now`, with the registers of the pack if wanted, and settings of its own.
    pub(crate) async fn with(now: &str, registers: bool, settings: ApiSettings) -> World {
        let folder = tempfile::tempdir().expect("a folder");
        let time = Arc::new(AtomicI64::new(moment(now).0));
        let clock: sanggan_lake::Clock = {
            let time = Arc::clone(&time);
            Arc::new(move || Millis(time.load(Ordering::SeqCst)))
        };
        let options = LakeOptions::new(folder.path().join("lake"));
        let lake = Lake::open(options, Arc::clone(&clock)).await.expect("a lake");
        let store = Store::open(&folder.path().join("store.sqlite")).await.expect("a store");
        let pack = Arc::new(Pack::embedded().expect("the built-in pack is whole"));
        let now = clock();
        let area = pack.city.areas[0].code.clone();
        for (code, kind) in [(AIR, StationKind::Air), (OUTLET, StationKind::WaterOutlet)] {
            let station = Station {
                code: station(code),
                name: name(code),
                kind,
                area: area.clone(),
                lon: Some(112.4),
                lat: Some(39.3),
                position: Position::Schematic,
                simulated: false,
            };
            store.put_station(&station, "test", &Actor::System, now).await.expect("a station");
            let device = Device {
                mn: Mn::parse(&format!("MN-{code}")).expect("a number"),
                station: station.code.clone(),
                password: Some("123456".to_owned()),
                edition: None,
                stamp: StampConvention::Begin,
                minute_interval: 5,
                bindings: Vec::new(),
                simulated: false,
            };
            store.put_device(&device, "test", &Actor::System, now).await.expect("a device");
        }
        let limit = LimitLine {
            station: station(OUTLET),
            parameter: parameter("w01018"),
            value: 50.0,
            bound: Bound::Upper,
            unit: Unit::MgPerL,
            averaging: Averaging::Hour,
            label: name("COD"),
            clause: Name { zh: "表1".to_owned(), en: "table 1".to_owned() },
            standard: Name::same("GB 18918"),
            edition: "2002".to_owned(),
            from: jiff::civil::date(2003, 7, 1),
            until: None,
            status: LimitStatus::Declared,
            reference_oxygen: None,
        };
        store.set_limits(&station(OUTLET), &[limit], "test", &Actor::System, now).await.expect("limits");
        for (name, role) in [("ada", Role::SecurityAdmin), ("olga", Role::Operator), ("vera", Role::Viewer)] {
            make_user(&store, NewUser::new(name, role, FIRST_PASSWORD), now).await;
        }
        let parts = sanggan_gateway::Parts {
            lake: lake.clone(),
            store: store.clone(),
            pack: Arc::clone(&pack),
            clock: Arc::clone(&clock),
        };
        let intake = Intake::open(GatewaySettings::default(), parts).await.expect("an intake");
        let web = folder.path().join("web");
        std::fs::create_dir_all(web.join("assets")).expect("a folder");
        std::fs::write(web.join("index.html"), "<!doctype html><title>index</title>").expect("a file");
        std::fs::write(web.join("assets/app-1a2b.js"), "// app\n".repeat(1_000)).expect("a file");
        if registers {
            let codes = Arc::new(sanggan_records::Codes::of(&pack.parameters, &pack.city));
            let models =
                sanggan_records::Models::new(&pack.registers, &codes).expect("the definitions are sound");
            store.define(&Arc::new(models), now).await.expect("tables");
            sanggan_api::attach_registers(&lake, &store).expect("registers in SQL");
        }
        let bytes = [7; 32];
        let signer = sanggan_journal::HeadSigner::from_bytes(&bytes).expect("a key");
        let journal = Some(sanggan_api::JournalSigner { origin: "sanggan/test".to_owned(), signer });
        let settings = ApiSettings { web_folder: Some(web), series_points_max: 20, journal, ..settings };
        let changes = broadcast::Sender::new(1024);
        let state = AppState::new(Parts {
            lake: lake.clone(),
            store: store.clone(),
            intake: Some(Arc::clone(&intake)),
            gateway: None,
            statistics: Some(changes.clone()),
            law: law(),
            pack: Arc::clone(&pack),
            clock,
            coverage: None,
            settings,
            metrics: None,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(sanggan_api::serve(listener, state, async move {
            let _ = stopped.await;
        }));
        World {
            base,
            lake,
            store,
            pack,
            intake,
            changes,
            clock: time,
            stop: Some(stop),
            served,
            _folder: folder,
        }
    }

    pub(crate) fn set_now(&self, now: &str) {
        self.clock.store(moment(now).0, Ordering::SeqCst);
    }

    /// Someone who is not logged in.
    pub(crate) fn anyone(&self) -> Caller {
        let client = Client::builder().cookie_store(true).build().expect("a client");
        Caller { client, base: self.base.clone() }
    }

    /// Makes a user with a password of their own.
    pub(crate) async fn make(&self, name: &str, role: Role, details: Details) {
        let now = Millis(self.clock.load(Ordering::SeqCst));
        make_user(&self.store, NewUser { details, ..NewUser::new(name, role, FIRST_PASSWORD) }, now).await;
    }

    /// Someone who shows nothing but this header.
    pub(crate) fn program(&self, authorization: &str) -> Caller {
        let mut headers = reqwest::header::HeaderMap::new();
        headers.insert("authorization", authorization.parse().expect("header text"));
        let client = Client::builder().default_headers(headers).build().expect("a client");
        Caller { client, base: self.base.clone() }
    }

    /// Someone logged in.
    pub(crate) async fn user(&self, name: &str) -> Caller {
        let caller = self.anyone();
        let answer = caller.post("/api/v1/session", json!({"name": name, "password": PASSWORD})).await;
        assert_eq!(answer.status(), StatusCode::OK, "{name} logs in");
        caller
    }

    pub(crate) fn series(&self, code: &str, of: &str, measure: Measure, cadence: Cadence) -> SeriesId {
        let key = SeriesKey { station: station(code), parameter: parameter(of), measure, cadence };
        self.lake.series_id(&key).expect("a series")
    }

    /// Stores a packet with one value, as the gateway would.
    pub(crate) async fn frame(
        &self,
        code: &str,
        of: &str,
        at: &str,
        value: f64,
        flag: Flag,
        bytes: &str,
    ) -> FrameId {
        let series = self.series(code, of, Measure::Mean, Cadence::Minute);
        let frame = NewFrame {
            received_at: moment(at),
            peer: "10.0.0.7:4711".into(),
            mn: Mn::parse(&format!("MN-{code}")).ok(),
            cn: Some(2051),
            bytes: bytes.as_bytes().to_vec(),
            defects: "".into(),
            status: FrameStatus::Stored,
            readings: vec![Reading { series, at: moment(at), value, flag }],
        };
        self.lake.append(vec![frame]).await.expect("durable")[0]
    }

    /// Stores a statistic, as the follower would.
    #[expect(clippy::too_many_arguments, reason = "a row of a table")]
    pub(crate) async fn statistic(
        &self,
        code: &str,
        of: &str,
        grain: Grain,
        kind: StatKind,
        start: &str,
        value: f64,
        valid: bool,
        counts: (u32, u32, u32),
    ) {
        let row = NewStatistic {
            series: self.series(code, of, Measure::Mean, Cadence::Computed),
            grain,
            kind,
            start: moment(start),
            value: Some(value),
            valid,
            used: counts.0,
            required: counts.1,
            excluded: counts.2,
        };
        self.lake.append_statistics(vec![row], self.lake.status().last_seq).await.expect("durable");
        let period = ChangedPeriod { station: station(code), grain, start: moment(start) };
        // Nobody follows when nobody listens.
        let _ = self.changes.send(Arc::new(StatisticsChanged { periods: vec![period] }));
    }

    /// One air hour of which every number is known: PM2.5 40, so the AQI is 57.
    pub(crate) async fn known_hour(&self, code: &str, hour: &str) {
        for (of, value) in [
            ("a34004", 40.0),
            ("a34002", 50.0),
            ("a21026", 10.0),
            ("a21004", 20.0),
            ("a21005", 0.5),
            ("a05024", 80.0),
        ] {
            self.statistic(code, of, Grain::Hour, StatKind::Mean, hour, value, true, (55, 45, 5)).await;
        }
    }

    /// Stores days of the six pollutants from `first` on: SO2 20, NO2 30, CO 1, O3 80, PM10 70, and these PM2.5.
    pub(crate) async fn air_days(&self, code: &str, first: &str, pm25: &[f64]) {
        let mut rows = Vec::new();
        let first: jiff::civil::Date = first.parse().expect("a day");
        for (at, pm25) in pm25.iter().enumerate() {
            let day = first.checked_add(jiff::Span::new().days(at as i64)).expect("a day");
            for (of, kind, value) in [
                ("a21026", StatKind::Mean, 20.0),
                ("a21004", StatKind::Mean, 30.0),
                ("a21005", StatKind::Mean, 1.0),
                ("a05024", StatKind::Mda8, 80.0),
                ("a34002", StatKind::Mean, 70.0),
                ("a34004", StatKind::Mean, *pm25),
            ] {
                rows.push(NewStatistic {
                    series: self.series(code, of, Measure::Mean, Cadence::Computed),
                    grain: Grain::Day,
                    kind,
                    start: Millis::start_of(day),
                    value: Some(value),
                    valid: true,
                    used: 24,
                    required: 20,
                    excluded: 0,
                });
            }
        }
        self.lake.append_statistics(rows, self.lake.status().last_seq).await.expect("durable");
    }

    /// Works out the statistics of everything stored so far.
    pub(crate) async fn follow(&self) {
        let parameters = Arc::new(self.pack.parameters.clone());
        let sites = Sites::from_registry(&self.store.registry(), &self.pack.city, parameters);
        let (_sender, sites) = watch::channel(Arc::new(sites));
        let time = Arc::clone(&self.clock);
        let clock: sanggan_lake::Clock = Arc::new(move || Millis(time.load(Ordering::SeqCst)));
        let follower = StatisticsFollower::new(self.lake.clone(), sites, clock, FollowOptions::default());
        let mut changes = follower.changes();
        follower.catch_up().await.expect("statistics");
        while let Ok(change) = changes.try_recv() {
            let _ = self.changes.send(change);
        }
    }

    pub(crate) async fn end(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.served.await.expect("no panic").expect("a clean end");
        self.intake.close().await;
        self.lake.close().await;
        self.store.close().await;
    }
}

/// Who asks.
pub(crate) struct Caller {
    client: Client,
    base: String,
}

impl Caller {
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.base)).send().await.expect("an answer")
    }

    /// The JSON of a GET that must succeed.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        serde_json::from_str(&text).expect(path)
    }

    /// Status and problem of a GET that must fail.
    pub(crate) async fn problem(&self, path: &str) -> (u16, Value) {
        let answer = self.get(path).await;
        let status = answer.status().as_u16();
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        (status, answer.json().await.expect("a problem document"))
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Response {
        let method = method.parse().expect("a method");
        let request = self.client.request(method, format!("{}{path}", self.base)).header("x-sanggan", "1");
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        request.send().await.expect("an answer")
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.send("POST", path, Some(body)).await
    }

    pub(crate) async fn get_with(&self, path: &str, header: (&str, &str)) -> Response {
        self.client
            .get(format!("{}{path}", self.base))
            .header(header.0, header.1)
            .send()
            .await
            .expect("an answer")
    }

    /// A POST with files.
    pub(crate) async fn upload(&self, path: &str, form: reqwest::multipart::Form) -> Response {
        let request = self.client.post(format!("{}{path}", self.base)).header("x-sanggan", "1");
        request.multipart(form).send().await.expect("an answer")
    }

    /// A POST as a foreign page would send it.
    pub(crate) async fn post_without_header(&self, path: &str, body: Value) -> Response {
        self.client.post(format!("{}{path}", self.base)).json(&body).send().await.expect("an answer")
    }
}
