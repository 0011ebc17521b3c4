//! What every handler shares.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use sanggan_base::Millis;
use sanggan_gateway::{Gateway, Intake};
use sanggan_jobs::StatisticsChanged;
use sanggan_lake::{Clock, Lake};
use sanggan_pack::Pack;
use sanggan_records::Models;
use sanggan_records::calendar::Calendar;
use sanggan_records::graph::Graph;
use sanggan_records::zones::Zones;
use sanggan_standards::Law;
use sanggan_store::{Registry, Store};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, broadcast, watch};

use crate::assets::Assets;
use crate::auth::Gate;
use crate::library::SearchIndex;
use crate::live::{self, Hub};
use crate::metrics::Metrics;
use crate::oidc::{Oidc, OidcSettings};
use crate::overview::OverviewCache;
use crate::registers::cached::Cached;
use crate::transfer::jobs::ImportJobs;

/// How many requests with rows are judged at once.
const ASSESS_TURNS: usize = 2;

/// What an operator may set about the HTTP edge.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// Whether the session cookie is sent over HTTPS only.
    pub secure_cookie: bool,
    /// Read the web app from this folder in place of the embedded one.
    pub web_folder: Option<PathBuf>,
    /// Largest request body in bytes.
    pub body_bytes_max: usize,
    /// Most rows of an answer to SQL.
    pub sql_rows_max: usize,
    /// Most points of one series in one answer.
    pub series_points_max: usize,
    /// Most clients of the live stream at once.
    pub live_clients_max: usize,
    /// The address people reach the platform at, for signs; empty: the one a request came to.
    pub public_url: String,
    /// Where files are written before they are sent.
    pub scratch_folder: PathBuf,
    /// What the heads of the journal are signed with; none: they are not given out.
    pub journal: Option<JournalSigner>,
    /// The identity provider people may log in through.
    pub oidc: Option<OidcSettings>,
}

/// What the heads of the journal are signed with.
#[derive(Debug, Clone)]
pub struct JournalSigner {
    /// Whose journal: `sanggan/140600`.
    pub origin: String,
    /// The key.
    pub signer: sanggan_journal::HeadSigner,
}

impl Default for ApiSettings {
    fn default() -> Self {
        ApiSettings {
            secure_cookie: false,
            web_folder: None,
            body_bytes_max: 16 * 1024 * 1024,
            sql_rows_max: 100_000,
            series_points_max: 100_000,
            live_clients_max: 1_000,
            public_url: String::new(),
            scratch_folder: std::env::temp_dir(),
            journal: None,
            oidc: None,
        }
    }
}

/// What the edge is made of.
#[derive(Clone)]
pub struct Parts {
    /// Frames, observations, statistics.
    pub lake: Lake,
    /// Registers, users, sessions.
    pub store: Store,
    /// The gateway's intake; `None` in a process that takes nothing in.
    pub intake: Option<Arc<Intake>>,
    /// The TCP side of the gateway, for its figures.
    pub gateway: Option<Arc<Gateway>>,
    /// Tells what the statistics follower changed (`StatisticsFollower::change_sender`).
    pub statistics: Option<broadcast::Sender<Arc<StatisticsChanged>>>,
    /// The standards.
    pub law: &'static Law,
    /// City, parameters, defaults.
    pub pack: Arc<Pack>,
    /// The only source of time.
    pub clock: Clock,
    /// What an operator may set.
    pub settings: ApiSettings,
    /// What carries each row of the city's plan, as `sanggan coverage --format json` prints it; `None`: the pack says
    /// nothing of it.
    pub coverage: Option<Arc<serde_json::Value>>,
    /// What `/metrics` shows; `None` leaves that path out.
    pub metrics: Option<Metrics>,
}

/// What every handler shares; clones share it.
#[derive(Clone)]
pub struct AppState {
    pub(crate) inner: Arc<Inner>,
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppState").field("settings", &self.inner.parts.settings).finish_non_exhaustive()
    }
}

pub(crate) struct Inner {
    parts: Parts,
    started: Instant,
    pub(crate) gate: Gate,
    pub(crate) assets: Assets,
    pub(crate) hub: Hub,
    pub(crate) live_seats: Arc<Semaphore>,
    pub(crate) overview: OverviewCache,
    /// The library, ready to be searched; made when first asked.
    search: OnceLock<SearchIndex>,
    /// Turns at judging rows that somebody sends.
    assess_turns: Arc<Semaphore>,
    /// The registers, ready for work; none when the store was not told of any.
    models: Arc<Models>,
    imports: ImportJobs,
    oidc: Oidc,
    graph: Cached<Graph>,
    zones: Cached<Zones>,
    calendar: Cached<Calendar>,
    /// The next scratch file's number.
    scratch: AtomicU64,
    /// When lake and store were asked whether they work, and what they said.
    pub(crate) health: Mutex<Option<(Instant, bool, bool)>>,
    /// Becomes true when the server shuts down; open streams end then.
    pub(crate) closing: watch::Sender<bool>,
    /// Grows whenever an answer made earlier may be out of date.
    generation: AtomicU64,
}

impl Inner {
    /// Something the overview shows may have changed.
    pub(crate) fn observed(&self) {
        self.generation.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }
}

impl AppState {
    /// Puts the edge together and starts the tasks that follow the lake, the statistics and the gateway.
    /// Must be called inside a tokio runtime.
    pub fn new(parts: Parts) -> AppState {
        let inner = Inner {
            started: Instant::now(),
            gate: Gate::new(&crate::openapi()),
            assets: Assets::new(parts.settings.web_folder.clone()),
            hub: Hub::new(),
            live_seats: Arc::new(Semaphore::new(parts.settings.live_clients_max)),
            overview: OverviewCache::default(),
            search: OnceLock::new(),
            models: parts.store.models().unwrap_or_default(),
            imports: ImportJobs::default(),
            oidc: Oidc::default(),
            graph: Cached::default(),
            zones: Cached::default(),
            calendar: Cached::default(),
            scratch: AtomicU64::new(0),
            assess_turns: Arc::new(Semaphore::new(ASSESS_TURNS)),
            health: Mutex::new(None),
            closing: watch::Sender::new(false),
            generation: AtomicU64::new(0),
            parts,
        };
        let state = AppState { inner: Arc::new(inner) };
        live::start(&state);
        state
    }

    pub(crate) fn lake(&self) -> &Lake {
        &self.inner.parts.lake
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.parts.store
    }

    pub(crate) fn registry(&self) -> Arc<Registry> {
        self.inner.parts.store.registry()
    }

    pub(crate) fn intake(&self) -> Option<&Arc<Intake>> {
        self.inner.parts.intake.as_ref()
    }

    pub(crate) fn gateway(&self) -> Option<&Arc<Gateway>> {
        self.inner.parts.gateway.as_ref()
    }

    pub(crate) fn statistics_changes(&self) -> Option<broadcast::Receiver<Arc<StatisticsChanged>>> {
        self.inner.parts.statistics.as_ref().map(broadcast::Sender::subscribe)
    }

    pub(crate) fn law(&self) -> &'static Law {
        self.inner.parts.law
    }

    /// The registers.
    pub(crate) fn models(&self) -> &Arc<Models> {
        &self.inner.models
    }

    /// The graph of waters and pipes.
    pub(crate) fn graph(&self) -> &Cached<Graph> {
        &self.inner.graph
    }

    /// Every zone.
    pub(crate) fn zones(&self) -> &Cached<Zones> {
        &self.inner.zones
    }

    /// Every window of a season.
    pub(crate) fn calendar(&self) -> &Cached<Calendar> {
        &self.inner.calendar
    }

    /// Log-ins through the identity provider under way.
    pub(crate) fn oidc(&self) -> &Oidc {
        &self.inner.oidc
    }

    /// Imports under way.
    pub(crate) fn imports(&self) -> &ImportJobs {
        &self.inner.imports
    }

    /// A path of its own for a file that is written before it is sent; whoever asks removes it.
    pub(crate) fn scratch_file(&self, ending: &str) -> std::io::Result<PathBuf> {
        let folder = &self.inner.parts.settings.scratch_folder;
        std::fs::create_dir_all(folder)?;
        let number = self.inner.scratch.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("sanggan-{}-{number}.{ending}", std::process::id()));
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(path),
        }
    }

    pub(crate) fn search(&self) -> &SearchIndex {
        self.inner.search.get_or_init(|| SearchIndex::new(self.law()))
    }

    /// Waits for a turn at judging somebody's rows; it ends when what is given is dropped.
    pub(crate) async fn assess_turn(&self) -> Option<OwnedSemaphorePermit> {
        // The semaphore is never closed.
        Arc::clone(&self.inner.assess_turns).acquire_owned().await.ok()
    }

    pub(crate) fn pack(&self) -> &Pack {
        &self.inner.parts.pack
    }

    pub(crate) fn settings(&self) -> &ApiSettings {
        &self.inner.parts.settings
    }

    pub(crate) fn coverage(&self) -> Option<&serde_json::Value> {
        self.inner.parts.coverage.as_deref()
    }

    pub(crate) fn metrics(&self) -> Option<&Metrics> {
        self.inner.parts.metrics.as_ref()
    }

    pub(crate) fn now(&self) -> Millis {
        (self.inner.parts.clock)()
    }

    pub(crate) fn uptime_s(&self) -> u64 {
        self.inner.started.elapsed().as_secs()
    }

    /// Ends the open streams; [`crate::serve`] does it when it shuts down.
    pub fn close(&self) {
        self.inner.closing.send_replace(true);
    }
}
