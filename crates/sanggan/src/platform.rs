//! Putting the platform together, and taking it apart again in the right order.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use sanggan_api::{ApiSettings, AppState, Metrics};
use sanggan_base::time::{HOUR_MS, MINUTE_MS};
use sanggan_base::{ErrorCode, Millis};
use sanggan_config::Settings;
use sanggan_gateway::{Gateway, GatewaySettings, Intake};
use sanggan_lake::{Clock, Lake};
use sanggan_pack::Pack;
use sanggan_standards::Law;
use sanggan_store::{SessionRules, Store, ThrottleRules};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::exit::Failure;
use crate::settings;

/// Now, by the machine's clock.
pub(crate) fn now() -> Millis {
    Millis(jiff::Timestamp::now().as_millisecond())
}

/// The machine's clock as every part takes it.
pub(crate) fn system_clock() -> Clock {
    Arc::new(now)
}

/// What every command that touches data needs.
pub(crate) struct Stores {
    pub(crate) folder: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) pack: Arc<Pack>,
    pub(crate) lake: Lake,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
}

impl Stores {
    /// Opens or makes the data folder the settings name.
    pub(crate) async fn open(settings: Settings, clock: Clock) -> Result<Stores, Failure> {
        let folder = settings.data.folder.clone();
        std::fs::create_dir_all(&folder).map_err(Failure::file("make the data folder", &folder))?;
        let pack = Arc::new(settings::pack(&settings)?);
        crate::law::install(&settings, &pack)?;
        let lake = Lake::open(settings::lake(&settings), Arc::clone(&clock)).await?;
        let store = open_store(&settings).await?;
        let stores = Stores { folder, settings, pack, lake, store, clock };
        stores.store.seed(&stores.pack.stations, (stores.clock)()).await?;
        crate::registers::define(&stores).await?;
        crate::registers::seed(&stores, false).await?;
        sanggan_api::attach_registers(&stores.lake, &stores.store)?;
        Ok(stores)
    }

    /// The settings of the gateway.
    pub(crate) fn gateway_settings(&self) -> GatewaySettings {
        settings::gateway(&self.settings)
    }

    /// The way of every packet, without a listener.
    pub(crate) async fn intake(&self, settings: GatewaySettings) -> Result<Arc<Intake>, Failure> {
        let parts = sanggan_gateway::Parts {
            lake: self.lake.clone(),
            store: self.store.clone(),
            pack: Arc::clone(&self.pack),
            clock: Arc::clone(&self.clock),
        };
        Ok(Intake::open(settings, parts).await?)
    }

    /// Closes what is open.
    pub(crate) async fn close(&self) {
        self.lake.close().await;
        self.store.close().await;
    }
}

/// Opens only the registers; for commands about users, which may run beside a server.
pub(crate) async fn open_store(settings: &Settings) -> Result<Store, Failure> {
    let folder = &settings.data.folder;
    std::fs::create_dir_all(folder).map_err(Failure::file("make the data folder", folder))?;
    let sessions = SessionRules {
        idle_ms: i64::from(settings.http.session_idle_minutes) * MINUTE_MS,
        absolute_ms: i64::from(settings.http.session_hours) * HOUR_MS,
    };
    let url = &settings.store.url;
    if url.is_empty() {
        let file = folder.join("store.sqlite");
        return Ok(Store::open_with(&file, sessions, ThrottleRules::default()).await?);
    }
    Ok(Store::connect_with(url.secret(), folder, sessions, ThrottleRules::default()).await?)
}

/// Files open beside the connections of data loggers: SQLite, Parquet, web clients.
const OPEN_FILES_BESIDE: u64 = 4096;

/// A running platform.
pub(crate) struct Platform {
    pub(crate) stores: Stores,
    pub(crate) http: SocketAddr,
    pub(crate) gateway: Arc<Gateway>,
    intake: Arc<Intake>,
    jobs: crate::jobs::Jobs,
    stop_http: CancellationToken,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Platform {
    /// Starts gateway, jobs and web server over open stores.
    pub(crate) async fn start(stores: Stores, mut api: ApiSettings) -> Result<Platform, Failure> {
        api.journal = Some(crate::journal_key::signer(&stores.settings, &stores.pack)?);
        let wanted = u64::from(stores.settings.gateway.max_connections) + OPEN_FILES_BESIDE;
        match rlimit::increase_nofile_limit(wanted) {
            Ok(allowed) if allowed >= wanted => {}
            Ok(allowed) => {
                tracing::warn!(
                    allowed,
                    wanted,
                    "fewer files may be open than connections are allowed; raise `ulimit -Hn`"
                );
            }
            Err(error) => tracing::warn!(%error, "could not raise the number of open files"),
        }
        let metrics = Metrics::install().map_err(Failure::step("begin to count", ErrorCode::Internal))?;
        let listen = stores.settings.http.listen;
        let listener = TcpListener::bind(listen)
            .await
            .map_err(Failure::step(format!("listen for web clients on {listen}"), ErrorCode::Unavailable))?;
        let http = listener
            .local_addr()
            .map_err(Failure::step(format!("listen for web clients on {listen}"), ErrorCode::Unavailable))?;
        let jobs = crate::jobs::Jobs::start(&stores);
        let intake = stores.intake(stores.gateway_settings()).await?;
        let gateway = Arc::new(Gateway::start(Arc::clone(&intake)).await?);
        let state = AppState::new(sanggan_api::Parts {
            lake: stores.lake.clone(),
            store: stores.store.clone(),
            intake: Some(Arc::clone(&intake)),
            gateway: Some(Arc::clone(&gateway)),
            statistics: Some(jobs.changes.clone()),
            law: Law::embedded(),
            pack: Arc::clone(&stores.pack),
            clock: Arc::clone(&stores.clock),
            coverage: crate::commands::coverage::value(&stores.pack).map(Arc::new),
            settings: api,
            metrics: Some(metrics),
        });
        let stop_http = CancellationToken::new();
        let serving = tokio::spawn(sanggan_api::serve(listener, state, stop_http.clone().cancelled_owned()));
        tracing::info!(%http, gateway = %gateway.local_addr(), folder = %stores.folder.display(), "platform is up");
        Ok(Platform { stores, http, gateway, intake, jobs, stop_http, serving })
    }

    /// The address to type into a browser.
    pub(crate) fn url(&self) -> String {
        let public = &self.stores.settings.http.public_url;
        if !public.is_empty() {
            return public.clone();
        }
        let mut shown = self.http;
        if shown.ip().is_unspecified() {
            shown.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        format!("http://{shown}")
    }

    /// Runs until `stop`, or until the web server ends by itself; then closes everything, what takes in first.
    pub(crate) async fn run_until(mut self, stop: CancellationToken) -> Result<(), Failure> {
        let mut ended = None;
        tokio::select! {
            () = stop.cancelled() => tracing::info!("stopping"),
            done = &mut self.serving => ended = Some(done),
        }
        // A server that ended by itself has no clients left to wait for.
        self.gateway.shutdown().await;
        self.intake.close().await;
        self.stop_http.cancel();
        let served = match ended {
            Some(done) => done,
            None => match tokio::time::timeout(HTTP_GRACE, &mut self.serving).await {
                Ok(done) => done,
                Err(_) => {
                    tracing::warn!("some web requests did not end in time");
                    self.serving.abort();
                    Ok(Ok(()))
                }
            },
        };
        self.jobs.stop().await;
        self.stores.close().await;
        tracing::info!("stopped; everything acknowledged is durable");
        match served {
            Ok(Ok(())) => Ok(()),
            Ok(Err(source)) => Err(Failure::step("serve web clients", ErrorCode::Unavailable)(source)),
            Err(source) => Err(Failure::step("serve web clients", ErrorCode::Internal)(source)),
        }
    }
}

/// How long requests under way may take when the platform stops.
const HTTP_GRACE: std::time::Duration = std::time::Duration::from_secs(5);
