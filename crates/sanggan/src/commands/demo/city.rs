//! The simulated city: from the pack's stations to sites and loggers.

use std::sync::Arc;

use sanggan_base::time::MINUTE_MS;
use sanggan_base::{Millis, StationCode, Unit};
use sanggan_pack::{DemoStation, Device, MonitorSet, Pack, ProtocolEdition, StampConvention, StationKind};
use sanggan_sim::plan::{FaultPlan, Oddity};
use sanggan_sim::profile::Profiles;
use sanggan_sim::{Channel, Edition, GBK_NOTICE, Logger, LoggerSpec, Site, SiteKind, Timing, World};

use crate::exit::Failure;

/// Real-time packets come every 10 to 30 s, in steps of this many seconds from logger to logger.
const REAL_TIME_STEP_S: i64 = 5;
const REAL_TIME_FIRST_S: i64 = 10;
/// Answer time-out and repeats of a logger on a mobile network (HJ 212-2017, 6.1).
const ANSWER_MS: i64 = 10_000;
const RESEND_MAX: u32 = 3;

/// One simulated station with the length of its minute data.
pub(crate) struct CitySite {
    pub(crate) site: Arc<Site>,
    pub(crate) kind: StationKind,
    pub(crate) minute_ms: i64,
}

/// The simulated city.
pub(crate) struct City {
    pub(crate) world: Arc<World>,
    pub(crate) sites: Vec<CitySite>,
    loggers: Vec<(LoggerSpec, Arc<Site>)>,
}

impl City {
    /// The demonstration city of `pack`.
    pub(crate) fn of(pack: &Pack, seed: u64, speed: f64) -> Result<City, Failure> {
        let demo = pack.demo.as_ref().ok_or_else(|| {
            Failure::bad_input(
                "the city's pack brings no demonstration",
                "add `demo.toml` to it, or use the built-in pack",
            )
        })?;
        let plan = FaultPlan::built_in();
        let profiles = Profiles::built_in();
        let mut sites = Vec::new();
        for kind in [SiteKind::Air, SiteKind::Water, SiteKind::Gas] {
            let mut of_kind: Vec<&DemoStation> =
                demo.demo.iter().filter(|entry| site_kind(demo, &entry.station) == Some(kind)).collect();
            of_kind.sort_by(|a, b| a.station.cmp(&b.station));
            for (nth, entry) in of_kind.iter().enumerate() {
                let levels: Vec<_> =
                    entry.parameters.iter().map(|p| (p.parameter.clone(), p.typical)).collect();
                let faults = plan.of_site(kind, nth, of_kind.len());
                let site = Site::new(entry.station.clone(), kind, &levels, faults, &profiles);
                let device = demo.devices.iter().find(|device| device.station == entry.station);
                let minutes = device.map_or(pack.defaults.minute_interval, |device| device.minute_interval);
                let kind = station_kind(demo, &entry.station).unwrap_or(StationKind::Unknown);
                let minute_ms = i64::from(minutes) * MINUTE_MS;
                sites.push(CitySite { site: Arc::new(site), kind, minute_ms });
            }
        }
        let mut devices: Vec<&Device> = demo.devices.iter().collect();
        devices.sort_by(|a, b| a.mn.cmp(&b.mn));
        let mut loggers = Vec::new();
        for (nth, device) in devices.iter().enumerate() {
            let Some(city_site) = sites.iter().find(|entry| entry.site.code == device.station) else {
                continue;
            };
            let mut spec = logger_spec(pack, device, city_site, nth, speed);
            spec.wire_faults = plan.of_logger(nth, devices.len());
            loggers.push((spec, Arc::clone(&city_site.site)));
        }
        let odd = odd_loggers(&plan, &mut loggers, &profiles);
        loggers.extend(odd);
        Ok(City { world: Arc::new(World::new(seed, profiles)), sites, loggers })
    }

    /// The loggers, switched on at `now`.
    pub(crate) fn loggers(&self, now: Millis) -> Vec<Logger> {
        let start = |(spec, site): &(LoggerSpec, Arc<Site>)| {
            Logger::new(spec.clone(), Arc::clone(site), Arc::clone(&self.world), now)
        };
        self.loggers.iter().map(start).collect()
    }
}

fn station_kind(demo: &MonitorSet, code: &StationCode) -> Option<StationKind> {
    demo.stations.iter().find(|station| station.code == *code).map(|station| station.kind)
}

fn site_kind(demo: &MonitorSet, code: &StationCode) -> Option<SiteKind> {
    match station_kind(demo, code)? {
        StationKind::Air => Some(SiteKind::Air),
        StationKind::WaterOutlet | StationKind::SurfaceWater => Some(SiteKind::Water),
        StationKind::GasOutlet => Some(SiteKind::Gas),
        StationKind::Unknown => None,
    }
}

fn logger_spec(pack: &Pack, device: &Device, entry: &CitySite, nth: usize, speed: f64) -> LoggerSpec {
    let edition = match device.edition {
        Some(ProtocolEdition::V2005) => Edition::V2005,
        Some(ProtocolEdition::V2025) => Edition::V2025,
        Some(ProtocolEdition::V2017) | None => Edition::V2017,
    };
    let channels =
        (0..entry.site.parameters.len()).map(|i| channel(pack, device, entry, i, edition)).collect();
    let st = pack.defaults.station_kind_of_st.iter().find(|(_, kind)| **kind == entry.kind);
    let real_time_s = REAL_TIME_FIRST_S + (nth as i64 % 5) * REAL_TIME_STEP_S;
    LoggerSpec {
        mn: device.mn.clone(),
        password: device.password.clone().unwrap_or_else(|| "123456".to_owned()),
        edition,
        st: st.map_or_else(|| "31".to_owned(), |(st, _)| st.clone()),
        channels,
        timing: Timing {
            real_time_ms: ((real_time_s * 1000) as f64 / speed).max(100.0) as i64,
            minute_ms: entry.minute_ms,
            answer_ms: ANSWER_MS,
            resend_max: RESEND_MAX,
        },
        // Half of the old ones do not ask for answers, as in the field.
        wants_answer: edition != Edition::V2005 || nth.is_multiple_of(2),
        stamps_end: device.stamp == StampConvention::End,
        key: None,
        notice: None,
        wire_faults: Default::default(),
    }
}

/// How a parameter is written on the wire by this device.
fn channel(pack: &Pack, device: &Device, entry: &CitySite, position: usize, edition: Edition) -> Channel {
    let code = &entry.site.parameters[position].code;
    let row = pack.parameters.get(code.as_str());
    let binding = device.bindings.iter().find(|binding| binding.parameter == *code);
    let sent = match (binding, edition, row.and_then(|row| row.old_code.as_ref())) {
        (Some(binding), ..) => binding.sent.clone(),
        (None, Edition::V2005, Some(old)) => old.clone(),
        _ => code.as_str().to_owned(),
    };
    let wire = pack.parameters.wire(&sent, entry.kind);
    let inside = wire.as_ref().and_then(|wire| wire.unit);
    let outside =
        binding.and_then(|binding| binding.unit).or_else(|| wire.as_ref().and_then(|wire| wire.sent));
    let units = inside.zip(outside).filter(|(inside, outside)| inside != outside);
    let digits = usize::from(row.map_or(3, |row| row.digits(entry.kind))) + 1 + extra_digits(units);
    Channel { position, sent, digits: digits.min(6), units }
}

/// More digits where the unit sent is larger than the platform's, so that nothing is lost on the way.
fn extra_digits(units: Option<(Unit, Unit)>) -> usize {
    let size = units.and_then(|(inside, outside)| inside.convert(1.0, outside).ok()).unwrap_or(1.0);
    if size < 1.0 { (-size.log10()).ceil() as usize } else { 0 }
}

fn odd_loggers(
    plan: &FaultPlan,
    loggers: &mut [(LoggerSpec, Arc<Site>)],
    profiles: &Profiles,
) -> Vec<(LoggerSpec, Arc<Site>)> {
    let mut more = Vec::new();
    let count = loggers.len();
    for row in plan.devices() {
        let Some((spec, site)) = loggers.get_mut(row.nth % count.max(1)) else { continue };
        match row.oddity {
            Oddity::Unknown => {
                let mn = row.mn.clone().unwrap_or_else(|| spec.mn.clone());
                more.push((LoggerSpec { mn, ..spec.clone() }, Arc::clone(site)));
            }
            Oddity::SharedMn => {
                // Another place with the same number: its values differ, and it keeps another beat.
                let levels: Vec<_> =
                    site.parameters.iter().map(|p| (p.code.clone(), p.typical * 0.8)).collect();
                let twin = Site::new(site.code.clone(), site.kind, &levels, Vec::new(), profiles);
                let timing = Timing { real_time_ms: spec.timing.real_time_ms * 7 / 5, ..spec.timing };
                more.push((LoggerSpec { timing, ..spec.clone() }, Arc::new(twin)));
            }
            Oddity::GbkNotice => spec.notice = Some(GBK_NOTICE.to_vec()),
            Oddity::WrongPassword => {
                let mn = row.mn.clone().unwrap_or_else(|| spec.mn.clone());
                let password = "000000".to_owned();
                more.push((LoggerSpec { mn, password, ..spec.clone() }, Arc::clone(site)));
            }
        }
    }
    more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_pack_makes_a_city_with_every_edition() {
        let pack = Pack::embedded().expect("the built-in pack has no faults");
        let city = City::of(&pack, 1, 1.0).ok().expect("a city");
        assert!(city.sites.len() >= 20, "{} stations", city.sites.len());
        for edition in [Edition::V2005, Edition::V2017, Edition::V2025] {
            assert!(
                city.loggers.iter().any(|(spec, _)| spec.edition == edition),
                "no logger speaks {edition:?}"
            );
        }
        for (spec, site) in &city.loggers {
            assert_eq!(spec.channels.len(), site.parameters.len(), "{} sends all it measures", spec.mn);
        }
    }

    #[test]
    fn an_old_logger_sends_old_codes() {
        let pack = Pack::embedded().expect("the built-in pack has no faults");
        let city = City::of(&pack, 1, 1.0).ok().expect("a city");
        let (old, _) = city
            .loggers
            .iter()
            .find(|(spec, site)| spec.edition == Edition::V2005 && site.kind == SiteKind::Water)
            .expect("an old logger at a waste-water outlet");
        let sent: Vec<&str> = old.channels.iter().map(|channel| channel.sent.as_str()).collect();
        assert!(sent.contains(&"011") && sent.contains(&"060"), "{sent:?}");
    }
}
