//! Follows the lake: collects what commits touch and recomputes it, a debounce later.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use sanggan_base::{
    Cadence, Grain, Measure, Millis, ParameterCode, SeriesId, SeriesKey, StatKind, StationCode, time::DAY_MS,
    time::HOUR_MS,
};
use sanggan_lake::{Clock, Committed, Lake, LakeError, NewStatistic, ReadQuery};
use sanggan_standards::{Law, Pollutant};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::cascade::{Work, computed_key};
use crate::hour::Observed;
use crate::known::Known;
use crate::plan::{Piece, Touched, pieces};
use crate::sites::{AreaSites, Sites, Treatment};
use crate::{air, area, outlet};

/// How the follower works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FollowOptions {
    /// How often touched hours are recomputed.
    pub debounce: Duration,
    /// How long after its end an hour waits for its last values.
    pub settle_ms: i64,
    /// Hours of series recomputed at one go: bounds the memory.
    pub pairs_max: usize,
    /// How long to wait after a failure.
    pub retry: Duration,
}

impl Default for FollowOptions {
    fn default() -> FollowOptions {
        FollowOptions {
            debounce: Duration::from_secs(2),
            settle_ms: 30_000,
            pairs_max: 20_000,
            retry: Duration::from_secs(5),
        }
    }
}

/// A period of a place whose figures changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangedPeriod {
    /// The station, or `area:…`.
    pub station: StationCode,
    /// The length of the period.
    pub grain: Grain,
    /// Its beginning.
    pub start: Millis,
}

/// What a recomputation changed; each period once, sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatisticsChanged {
    /// The periods.
    pub periods: Vec<ChangedPeriod>,
}

/// What following did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CatchUp {
    /// Hours of series looked at.
    pub hours: usize,
    /// Figures that were new or changed.
    pub rows: usize,
}

impl std::ops::AddAssign for CatchUp {
    fn add_assign(&mut self, other: CatchUp) {
        self.hours += other.hours;
        self.rows += other.rows;
    }
}

/// Says what following failed at. Nothing is lost: the hours stay to be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobsError {
    /// The lake did not answer.
    #[error("could not read what {pairs} touched hours stand on")]
    Read {
        /// How many hours of series.
        pairs: usize,
        /// Why.
        #[source]
        source: LakeError,
    },
    /// The lake did not take the figures.
    #[error("could not store {rows} statistics")]
    Store {
        /// How many figures.
        rows: usize,
        /// Why.
        #[source]
        source: LakeError,
    },
    /// The computation was cut off (the program is ending).
    #[error("could not finish computing {pairs} hours")]
    CutOff {
        /// How many hours of series.
        pairs: usize,
        /// Why.
        #[source]
        source: tokio::task::JoinError,
    },
}

/// Keeps the statistics up with the lake.
pub struct StatisticsFollower {
    lake: Lake,
    law: &'static Law,
    sites: watch::Receiver<Arc<Sites>>,
    clock: Clock,
    options: FollowOptions,
    changes: broadcast::Sender<Arc<StatisticsChanged>>,
}

/// What is left to do.
#[derive(Debug, Default)]
struct Pending {
    due: HashSet<(SeriesId, Millis)>,
    /// Touched, but the hour has not ended.
    open: HashSet<(SeriesId, Millis)>,
    /// The last commit seen.
    seen: u64,
}

impl StatisticsFollower {
    /// A follower of `lake`; `sites` is asked anew at each recomputation.
    pub fn new(
        lake: Lake,
        sites: watch::Receiver<Arc<Sites>>,
        clock: Clock,
        options: FollowOptions,
    ) -> StatisticsFollower {
        let (changes, _) = broadcast::channel(256);
        StatisticsFollower { lake, law: Law::embedded(), sites, clock, options, changes }
    }

    /// What changes, as it changes. A receiver that falls behind should read anew what it shows.
    pub fn changes(&self) -> broadcast::Receiver<Arc<StatisticsChanged>> {
        self.changes.subscribe()
    }

    /// The sender behind [`StatisticsFollower::changes`], for those who come later.
    pub fn change_sender(&self) -> broadcast::Sender<Arc<StatisticsChanged>> {
        self.changes.clone()
    }

    /// Recomputes everything the statistics have not followed yet, hours that have not ended included; for imports
    /// and tools that run without [`StatisticsFollower::run`].
    ///
    /// # Errors
    /// [`JobsError`]; what was not done is done next time.
    pub async fn catch_up(&self) -> Result<CatchUp, JobsError> {
        let mut pending = Pending::default();
        self.gather(&mut pending).await?;
        pending.due.extend(std::mem::take(&mut pending.open));
        self.flush(&mut pending).await
    }

    /// Follows until stopped.
    pub async fn run(self, stop: CancellationToken) {
        let mut bus = self.lake.subscribe();
        let mut pending = Pending::default();
        while let Err(error) = self.gather(&mut pending).await {
            report(&error);
            if stopped_while(&stop, self.options.retry).await {
                return;
            }
        }
        let mut tick = tokio::time::interval(self.options.debounce);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                event = bus.recv() => match event {
                    Ok(committed) => self.note(&mut pending, &committed),
                    Err(RecvError::Lagged(missed)) => {
                        tracing::info!(missed, "statistics fell behind the bus and look up what they missed");
                        if let Err(error) = self.gather(&mut pending).await {
                            report(&error);
                            if stopped_while(&stop, self.options.retry).await {
                                return;
                            }
                        }
                    }
                    Err(RecvError::Closed) => return,
                },
                _ = tick.tick() => {
                    let flushed = self.flush_listening(&mut pending, &mut bus).await;
                    if let Err(error) = flushed {
                        report(&error);
                        if stopped_while(&stop, self.options.retry).await {
                            return;
                        }
                    }
                }
            }
        }
    }

    /// Recomputes what is due, and notes meanwhile what further commits touch: a long recomputation neither falls
    /// behind the bus nor makes the bus keep what it has not heard.
    async fn flush_listening(
        &self,
        pending: &mut Pending,
        bus: &mut broadcast::Receiver<Arc<Committed>>,
    ) -> Result<(), JobsError> {
        let mut meanwhile = Pending::default();
        let (mut lagged, mut open) = (false, true);
        let flushed = {
            let flush = self.flush(pending);
            tokio::pin!(flush);
            loop {
                tokio::select! {
                    flushed = &mut flush => break flushed,
                    event = bus.recv(), if open => match event {
                        Ok(committed) => self.note(&mut meanwhile, &committed),
                        Err(RecvError::Lagged(_)) => lagged = true,
                        Err(RecvError::Closed) => open = false,
                    }
                }
            }
        };
        // What could not be recomputed stays due beside what came since.
        pending.due.extend(meanwhile.due);
        pending.open.extend(meanwhile.open.into_iter().filter(|touched| !pending.due.contains(touched)));
        if lagged {
            // Before `seen` is raised: what was missed must be looked up, and not be taken as followed.
            self.gather(pending).await?;
        }
        pending.seen = pending.seen.max(meanwhile.seen);
        flushed.map(drop)
    }

    /// Notes what a commit touched.
    fn note(&self, pending: &mut Pending, committed: &Committed) {
        pending.seen = pending.seen.max(committed.seq);
        let now = (self.clock)();
        for row in &committed.observations {
            self.sort_in(pending, row.series, row.at.floor(Grain::Hour), now);
        }
    }

    /// An hour that has ended, or lies so far ahead that it will not soon, is due; the running one waits for its end.
    fn sort_in(&self, pending: &mut Pending, series: SeriesId, hour: Millis, now: Millis) {
        if pending.due.contains(&(series, hour)) {
            return;
        }
        let ends = hour.0 + HOUR_MS + self.options.settle_ms;
        let whole = || {
            let cadence = self.lake.series_key(series).map(|key| key.cadence);
            matches!(cadence, Some(Cadence::Hour | Cadence::Day))
        };
        if ends <= now.0 || now.0 + HOUR_MS < hour.0 || whole() {
            pending.open.remove(&(series, hour));
            pending.due.insert((series, hour));
        } else {
            pending.open.insert((series, hour));
        }
    }

    /// Looks up what was missed: commits not followed, and hours that were open when the follower stopped.
    async fn gather(&self, pending: &mut Pending) -> Result<(), JobsError> {
        // The last commit first: what comes in while looking is looked at twice rather than not at all.
        let seen = self.lake.status().last_seq;
        let read = |source| JobsError::Read { pairs: 0, source };
        let missed = self.lake.touched_since(self.lake.statistics_followed()).await.map_err(read)?;
        let now = (self.clock)();
        // Kept at once: when looking up what was left open fails, later commits must not pass over these.
        for (series, hour) in missed {
            self.sort_in(pending, series, hour, now);
        }
        pending.seen = pending.seen.max(seen);
        for (series, hour) in self.left_open(now).await? {
            self.sort_in(pending, series, hour, now);
        }
        Ok(())
    }

    /// Hours of the two days before the newest value of all (the platform may have been down since) from a series'
    /// last computed hour to its latest value. The last computed one too: it may have been computed before its end.
    async fn left_open(&self, now: Millis) -> Result<Vec<(SeriesId, Millis)>, JobsError> {
        let latest = self.lake.latest_all();
        let newest = latest.iter().map(|row| row.at).filter(|at| *at <= now).max().unwrap_or(now);
        let since = newest.plus(-2 * DAY_MS).floor(Grain::Hour);
        let recent: Vec<(SeriesId, Millis, SeriesId)> = latest
            .into_iter()
            .filter(|row| since <= row.at)
            .filter_map(|row| {
                let key = self.lake.series_key(row.series)?;
                let computed = self.lake.find_series(&computed_key(&key.station, &key.parameter));
                (key.cadence != Cadence::Computed).then(|| (row.series, row.at.floor(Grain::Hour), computed))
            })
            .map(|(series, latest, computed)| (series, latest, computed.unwrap_or(series)))
            .collect();
        let series: Vec<SeriesId> = recent.iter().map(|(_, _, computed)| *computed).collect();
        let query = ReadQuery { series, from: since, to: now.plus(1), as_of: None };
        let rows = self.lake.read_statistics(query, Grain::Hour, vec![StatKind::Mean]).await;
        let rows = rows.map_err(|source| JobsError::Read { pairs: recent.len(), source })?;
        let last: HashMap<SeriesId, Millis> = rows.into_iter().map(|row| (row.series, row.start)).collect();
        let hours_of = |(series, latest, computed): (SeriesId, Millis, SeriesId)| {
            let from = last.get(&computed).copied().unwrap_or(since).max(since);
            let count = (latest.0 - from.0).div_euclid(HOUR_MS) + 1;
            (0..count.clamp(0, 49)).map(move |step| (series, from.plus(step * HOUR_MS)))
        };
        Ok(recent.into_iter().flat_map(hours_of).collect())
    }

    /// Recomputes what is due and tells the lake how far the statistics have come.
    async fn flush(&self, pending: &mut Pending) -> Result<CatchUp, JobsError> {
        let now = (self.clock)();
        let ended = |hour: Millis| hour.0 + HOUR_MS + self.options.settle_ms <= now.0;
        pending.due.extend(pending.open.extract_if(|(_, hour)| ended(*hour)));
        let seen = pending.seen;
        if pending.due.is_empty() {
            if self.lake.statistics_followed() < seen {
                self.store(Vec::new(), seen).await?;
            }
            return Ok(CatchUp::default());
        }
        let pairs = pending.due.len();
        let sites = Arc::clone(&self.sites.borrow());
        let touched = self.touched(&sites, &pending.due);
        let mut done = CatchUp { hours: pairs, rows: 0 };
        for piece in pieces(touched.clone(), self.options.pairs_max) {
            done.rows += self.stations(&sites, piece).await?;
        }
        for one in sites.areas() {
            let touched = area_touched(&touched, one);
            for piece in pieces(touched, self.options.pairs_max) {
                done.rows += self.area(&sites, one, piece).await?;
            }
        }
        self.store(Vec::new(), seen).await?;
        pending.due.clear();
        metrics::counter!("sanggan_statistics_hours_total").increment(pairs as u64);
        metrics::counter!("sanggan_statistics_rows_total").increment(done.rows as u64);
        Ok(done)
    }

    /// The touched hours by station and parameter. An outlet's parameters are touched together: loads need the flow.
    fn touched(&self, sites: &Sites, due: &HashSet<(SeriesId, Millis)>) -> Touched {
        let mut touched = Touched::new();
        let mut keys: HashMap<SeriesId, Option<SeriesKey>> = HashMap::new();
        for &(series, hour) in due {
            let key = keys.entry(series).or_insert_with(|| self.lake.series_key(series));
            let Some(key) = key.as_ref().filter(|key| key.cadence != Cadence::Computed) else { continue };
            if !touched.contains_key(&key.station) {
                touched.insert(key.station.clone(), BTreeMap::new());
            }
            let Some(parameters) = touched.get_mut(&key.station) else { continue };
            match parameters.get_mut(&key.parameter) {
                Some(hours) => hours.insert(hour),
                None => parameters.insert(key.parameter.clone(), BTreeSet::from([hour])).is_none(),
            };
        }
        for (station, parameters) in &mut touched {
            let is_outlet = |parameter| matches!(sites.treatment(station, parameter), Treatment::Outlet(_));
            if parameters.keys().any(is_outlet) {
                let hours: BTreeSet<Millis> = parameters.values().flatten().copied().collect();
                for (_, key) in self.lake.series_of(station) {
                    if key.cadence != Cadence::Computed {
                        parameters.insert(key.parameter, hours.clone());
                    }
                }
            }
        }
        touched
    }

    /// One piece of stations; how many figures changed.
    async fn stations(&self, sites: &Arc<Sites>, piece: Piece) -> Result<usize, JobsError> {
        let pairs = pairs_of(&piece.touched);
        let observed = self.observed(&piece).await?;
        let wanted: Vec<(StationCode, ParameterCode)> = piece
            .touched
            .iter()
            .flat_map(|(station, parameters)| {
                parameters.keys().map(|parameter| (station.clone(), parameter.clone()))
            })
            .collect();
        let computed = self.computed(wanted, pairs).await?;
        let known = self.known(computed.values().copied().collect(), &piece).await?;
        let (law, sites) = (self.law, Arc::clone(sites));
        self.compute(pairs, computed, known, move |computed, known| {
            let mut work = Work { law, sites: &sites, computed, known };
            for (station, parameters) in &piece.touched {
                follow_station(&mut work, &observed, station, parameters);
            }
            work.known
        })
        .await
    }

    /// One piece of an area; how many figures changed.
    async fn area(&self, sites: &Arc<Sites>, one: &AreaSites, piece: Piece) -> Result<usize, JobsError> {
        let pairs = pairs_of(&piece.touched);
        let Some(parameters) = piece.touched.get(&one.station).cloned() else { return Ok(0) };
        let mut computed = HashMap::new();
        for member in &one.members {
            for parameter in parameters.keys() {
                if let Some(series) = self.lake.find_series(&computed_key(member, parameter)) {
                    computed.insert((member.clone(), parameter.clone()), series);
                }
            }
        }
        let own = parameters.keys().map(|parameter| (one.station.clone(), parameter.clone())).collect();
        computed.extend(self.computed(own, pairs).await?);
        let known = self.known(computed.values().copied().collect(), &piece).await?;
        let (law, sites, one) = (self.law, Arc::clone(sites), one.clone());
        self.compute(pairs, computed, known, move |computed, known| {
            let mut work = Work { law, sites: &sites, computed, known };
            area::follow(&mut work, &one, &parameters);
            work.known
        })
        .await
    }

    /// Computes off the runtime's threads, stores what changed and tells of it.
    async fn compute(
        &self,
        pairs: usize,
        computed: HashMap<(StationCode, ParameterCode), SeriesId>,
        known: Known,
        work: impl FnOnce(&HashMap<(StationCode, ParameterCode), SeriesId>, Known) -> Known + Send + 'static,
    ) -> Result<usize, JobsError> {
        let task = tokio::task::spawn_blocking(move || {
            let mut known = work(&computed, known);
            (known.take_changed(), computed)
        });
        let (rows, computed) = task.await.map_err(|source| JobsError::CutOff { pairs, source })?;
        let count = rows.len();
        if count == 0 {
            return Ok(0);
        }
        let stations: HashMap<SeriesId, &StationCode> =
            computed.iter().map(|((station, _), series)| (*series, station)).collect();
        let periods: BTreeSet<ChangedPeriod> = rows
            .iter()
            .filter_map(|row| {
                let station = (*stations.get(&row.series)?).clone();
                Some(ChangedPeriod { station, grain: row.grain, start: row.start })
            })
            .collect();
        self.store(rows, self.lake.statistics_followed()).await?;
        // Nobody listening is no fault.
        let _ = self.changes.send(Arc::new(StatisticsChanged { periods: periods.into_iter().collect() }));
        Ok(count)
    }

    async fn store(&self, rows: Vec<NewStatistic>, followed: u64) -> Result<(), JobsError> {
        let count = rows.len();
        self.lake
            .append_statistics(rows, followed)
            .await
            .map_err(|source| JobsError::Store { rows: count, source })
    }

    /// The series of the computed figures, made where they are new.
    async fn computed(
        &self,
        wanted: Vec<(StationCode, ParameterCode)>,
        pairs: usize,
    ) -> Result<HashMap<(StationCode, ParameterCode), SeriesId>, JobsError> {
        let lake = self.lake.clone();
        let task = tokio::task::spawn_blocking(move || {
            let keys: Vec<SeriesKey> =
                wanted.iter().map(|(station, parameter)| computed_key(station, parameter)).collect();
            let ids = lake.series_ids(&keys)?;
            Ok(wanted.into_iter().zip(ids).collect())
        });
        let made: Result<_, LakeError> = task.await.map_err(|source| JobsError::CutOff { pairs, source })?;
        made.map_err(|source| JobsError::Read { pairs, source })
    }

    /// What devices sent in the touched hours.
    async fn observed(&self, piece: &Piece) -> Result<Observed, JobsError> {
        let (mut keys, mut days, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (station, parameters) in &piece.touched {
            for (id, key) in self.lake.series_of(station) {
                let used = matches!(key.measure, Measure::Mean | Measure::Total | Measure::ConvertedMean);
                if !used || key.cadence == Cadence::Computed || !parameters.contains_key(&key.parameter) {
                    continue;
                }
                if key.cadence == Cadence::Day { &mut days } else { &mut others }.push(id);
                keys.push((key, id));
            }
        }
        let hours = || piece.touched.values().flat_map(BTreeMap::values).flatten();
        let from = hours().min().copied().unwrap_or(piece.from);
        let to = hours().max().map_or(piece.to, |last| last.plus(HOUR_MS));
        let pairs = pairs_of(&piece.touched);
        let mut rows = Vec::new();
        for (series, from, to) in [(days, piece.from, piece.to), (others, from, to)] {
            let query = ReadQuery { series, from, to, as_of: None };
            rows.extend(self.lake.read(query).await.map_err(|source| JobsError::Read { pairs, source })?);
        }
        Ok(Observed::new(keys, rows))
    }

    /// What is stored: hours around the piece, days, months and years of its years.
    async fn known(&self, series: Vec<SeriesId>, piece: &Piece) -> Result<Known, JobsError> {
        let year = piece.from.floor(Grain::Year);
        let years = (year, Millis(piece.to.0 - 1).floor(Grain::Year).next(Grain::Year));
        let hours = (piece.from.plus(-DAY_MS), piece.to.plus(DAY_MS));
        let mut known = Known::default();
        for (grain, (from, to)) in
            [(Grain::Hour, hours), (Grain::Day, years), (Grain::Month, years), (Grain::Year, years)]
        {
            let query = ReadQuery { series: series.clone(), from, to, as_of: None };
            let rows = self.lake.read_statistics(query, grain, Vec::new()).await;
            known.load(rows.map_err(|source| JobsError::Read { pairs: pairs_of(&piece.touched), source })?);
        }
        Ok(known)
    }
}

fn follow_station(
    work: &mut Work<'_>,
    observed: &Observed,
    station: &StationCode,
    parameters: &BTreeMap<ParameterCode, BTreeSet<Millis>>,
) {
    let outlet =
        parameters.keys().map(|parameter| work.sites.treatment(station, parameter)).find_map(|treatment| {
            match treatment {
                Treatment::Outlet(medium) => Some((medium, treatment.flow_parameter()?)),
                Treatment::Air | Treatment::Plain => None,
            }
        });
    if let Some((medium, flow)) = outlet {
        return outlet::follow(work, observed, station, medium, &flow, parameters);
    }
    for (parameter, hours) in parameters {
        match work.sites.treatment(station, parameter) {
            Treatment::Air => air::follow(work, observed, station, parameter, hours),
            _ => air::follow_plain(work, observed, station, parameter, hours),
        }
    }
}

/// The hours in which any member of an area was touched, under the area's own code.
fn area_touched(touched: &Touched, area: &AreaSites) -> Touched {
    let mut parameters: BTreeMap<ParameterCode, BTreeSet<Millis>> = BTreeMap::new();
    for (parameter, hours) in area.members.iter().filter_map(|member| touched.get(member)).flatten() {
        if Pollutant::from_code(parameter).is_some() {
            parameters.entry(parameter.clone()).or_default().extend(hours);
        }
    }
    if parameters.is_empty() { Touched::new() } else { Touched::from([(area.station.clone(), parameters)]) }
}

fn pairs_of(touched: &Touched) -> usize {
    touched.values().flat_map(BTreeMap::values).map(BTreeSet::len).sum()
}

async fn stopped_while(stop: &CancellationToken, wait: Duration) -> bool {
    tokio::time::timeout(wait, stop.cancelled()).await.is_ok()
}

fn report(error: &JobsError) {
    let mut chain = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        chain = format!("{chain}: {next}");
        cause = next.source();
    }
    tracing::error!(error = chain, "statistics will try again");
    metrics::counter!("sanggan_statistics_failures_total").increment(1);
}
