//! The first screen, made once for all who look at it.
//!
//! An answer is served again until something changed. When something did, an answer older than [`FRESH`] is still
//! served while the next one is being made, but never one older than [`STALE_MAX`]: so the page answers at
//! memory speed while intake runs, and is at most a few seconds behind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use axum::body::Bytes;
use sanggan_pack::StationKind;
use tokio::sync::Mutex;
use tokio::time::MissedTickBehavior;

use crate::AppState;
use crate::assess;
use crate::dto::{AnnualSummary, AreaAir, CityAir, MonthSummary, Names, Overview, StationNow};
use crate::problem::{Answer, Problem};
use crate::routes::{devices, outlets, stations};

/// An answer younger than this is served whatever changed.
const FRESH: Duration = Duration::from_secs(1);
/// An answer older than this is never served when something changed.
const STALE_MAX: Duration = Duration::from_secs(5);
/// An answer older than this is made again though nothing changed (devices fall silent, hours grow stale).
const UNCHANGED_MAX: Duration = Duration::from_secs(15);
/// How often an answer that somebody looks at is renewed without being asked for.
const WARM_EVERY: Duration = Duration::from_secs(2);
/// For how long after the last look.
const WARM_FOR: Duration = Duration::from_secs(300);
/// Month and year are made again at most this often; they move slowly and read much.
const SLOW_EVERY: Duration = Duration::from_secs(30);

/// Who the answer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Nobody is logged in.
    Public,
    /// A viewer and up.
    Staff,
}

#[derive(Debug)]
struct Kept {
    made: Instant,
    generation: u64,
    body: Bytes,
}

/// The kept answers.
#[derive(Debug, Default)]
pub(crate) struct OverviewCache {
    slots: [ArcSwapOption<Kept>; 2],
    making: [Mutex<()>; 2],
    /// When each was last looked at.
    looked: [ArcSwapOption<Instant>; 2],
    slow: Mutex<Option<(Instant, MonthSummary, AnnualSummary)>>,
}

/// The overview as JSON.
pub(crate) async fn get(state: &AppState, audience: Audience) -> Answer<Bytes> {
    let cache = &state.inner.overview;
    let slot = audience as usize;
    cache.looked[slot].store(Some(Arc::new(Instant::now())));
    if let Some(kept) = cache.slots[slot].load_full() {
        let age = kept.made.elapsed();
        let changed = kept.generation != state.inner.generation();
        if age < FRESH || (!changed && age < UNCHANGED_MAX) {
            return Ok(kept.body.clone());
        }
        if age < STALE_MAX {
            let state = state.clone();
            tokio::spawn(async move {
                // One maker is enough; whoever comes while it works is served the kept answer.
                if let Ok(_making) = state.inner.overview.making[slot].try_lock() {
                    if let Err(problem) = make(&state, audience).await {
                        tracing::warn!(?problem, "could not renew the overview");
                    }
                }
            });
            return Ok(kept.body.clone());
        }
    }
    let _making = cache.making[slot].lock().await;
    // Whoever waited for the maker takes what it made.
    if let Some(kept) = cache.slots[slot].load_full() {
        if kept.made.elapsed() < FRESH {
            return Ok(kept.body.clone());
        }
    }
    make(state, audience).await
}

/// Makes both answers at the start and renews those that somebody looks at, so that nobody waits for the making.
pub(crate) async fn keep_warm(state: AppState) {
    let mut first = true;
    let mut tick = tokio::time::interval(WARM_EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        for audience in [Audience::Public, Audience::Staff] {
            let cache = &state.inner.overview;
            let slot = audience as usize;
            let looked_at = cache.looked[slot].load_full().is_some_and(|at| at.elapsed() < WARM_FOR);
            let fresh = cache.slots[slot].load_full().is_some_and(|kept| {
                kept.generation == state.inner.generation() && kept.made.elapsed() < UNCHANGED_MAX / 2
            });
            if !first && (fresh || !looked_at) {
                continue;
            }
            let Ok(_making) = cache.making[slot].try_lock() else { continue };
            if let Err(problem) = make(&state, audience).await {
                tracing::warn!(?problem, "could not renew the overview");
            }
        }
        first = false;
    }
}

async fn make(state: &AppState, audience: Audience) -> Answer<Bytes> {
    let generation = state.inner.generation();
    let started = Instant::now();
    let overview = build(state, audience).await?;
    let body = serde_json::to_vec(&overview)
        .map(Bytes::from)
        .map_err(|error| Problem::internal("could not write the overview", &error))?;
    metrics::histogram!("sanggan_overview_build_seconds").record(started.elapsed().as_secs_f64());
    let kept = Kept { made: Instant::now(), generation, body: body.clone() };
    state.inner.overview.slots[audience as usize].store(Some(Arc::new(kept)));
    Ok(body)
}

async fn build(state: &AppState, audience: Audience) -> Answer<Overview> {
    let registry = state.registry();
    let city = &state.pack().city;
    let city_station = assess::area_station(city.code.as_str())
        .ok_or_else(|| Problem::not_found("the city's code is no station code"))?;
    let mut wanted = vec![city_station.clone()];
    let areas: Vec<_> =
        city.areas.iter().map(|area| (area, assess::area_station(area.code.as_str()))).collect();
    wanted.extend(areas.iter().filter_map(|(_, station)| station.clone()));
    wanted.extend(registry.stations_of_kind(StationKind::Air).map(|station| station.code.clone()));
    let mut airs = assess::airs_now(state, &wanted).await?;
    let (month, year) = slow(state, &city_station).await?;
    let city_air = match airs.remove(&city_station) {
        Some(air) => air,
        None => assess::air_now(state, &city_station, None),
    };
    let areas = areas
        .into_iter()
        .map(|(area, station)| AreaAir {
            code: area.code.to_string(),
            name: Names::from(&area.name),
            air: station.and_then(|station| airs.remove(&station)),
        })
        .collect();
    let visible = |kind: StationKind| audience == Audience::Staff || kind == StationKind::Air;
    let stations: Vec<StationNow> = registry
        .stations()
        .filter(|station| visible(station.kind))
        .map(|station| StationNow {
            air: airs.remove(&station.code),
            station: stations::brief(state, station),
        })
        .collect();
    let (summary, exceedances) = match audience {
        Audience::Public => (devices::public_summary(state), Vec::new()),
        Audience::Staff => (devices::summary(state), outlets::exceedances(state).await?),
    };
    Ok(Overview {
        as_of: state.now().to_string(),
        simulated: stations.iter().any(|station| station.station.simulated),
        city: CityAir { air: city_air, month, year },
        areas,
        stations,
        devices: summary,
        exceedances,
    })
}

/// The city's month and year, kept for a while.
async fn slow(state: &AppState, city: &sanggan_base::StationCode) -> Answer<(MonthSummary, AnnualSummary)> {
    let mut kept = state.inner.overview.slow.lock().await;
    if let Some((made, month, year)) = kept.as_ref() {
        let same_month = month.month == state.now().month_key();
        // An empty answer is made again at once: the first figures of a new city should show at once.
        if same_month && made.elapsed() < SLOW_EVERY && (month.days > 0 || month.pm25.is_some()) {
            return Ok((month.clone(), year.clone()));
        }
    }
    let month = assess::month(state, city).await?;
    let now_year = state.now().local_date().year();
    let year = assess::annual_summary(state, city, &assess::year(state, city, now_year, None).await?);
    *kept = Some((Instant::now(), month.clone(), year.clone()));
    Ok((month, year))
}
