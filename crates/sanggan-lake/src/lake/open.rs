//! Opening: finish what was cut off, load what is hot, start the writer.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::channel;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::seal::Sealing;
use super::{Inner, Lake, QUEUED_ROWS};
use crate::error::{BoxError, LakeError};
use crate::hot::log;
use crate::hot::writer::{Writer, forget_start};
use crate::month::MonthCache;
use crate::options::{Clock, LakeOptions};
use crate::query::catalog::Engine;
use crate::sealed::delta::DeltaLog;
use crate::sealed::kind::Kind;
use crate::sealed::read::Footers;
use crate::shared::{Shared, State};

pub(super) async fn open(options: LakeOptions, clock: Clock) -> Result<Lake, LakeError> {
    let path = options.folder.clone();
    let opened = try_open(options, clock).await;
    opened.map_err(|source| LakeError::Open { path, source })
}

async fn try_open(options: LakeOptions, clock: Clock) -> Result<Lake, BoxError> {
    std::fs::create_dir_all(&options.folder)?;
    let folder = std::fs::canonicalize(&options.folder)?;
    let lock = lock(&folder).await?;
    let mut logs = Vec::new();
    let mut sealed = Vec::new();
    for kind in Kind::ALL {
        let (log, files) = DeltaLog::open(&folder, kind).await?;
        logs.push(log);
        sealed.push(Arc::new(files));
    }
    let seqs: Vec<u64> = sealed.iter().map(|files| files.seq).collect();
    let (from, bytes_max) = (folder.clone(), options.hot_bytes_max);
    let (connection, loaded) = tokio::task::spawn_blocking(move || load(&from, bytes_max, &seqs)).await??;

    let sources = loaded.sources.iter().cloned().zip(1u32..).collect();
    let sealed: [_; 3] = sealed.try_into().map_err(|_| "there are three tables")?;
    let state = State { hot: loaded.hot, sealed, sources: loaded.sources };
    let shared = Arc::new(Shared::new(folder.clone(), state, loaded.series));
    let writer = Writer {
        connection,
        counters: loaded.counters,
        extents: loaded.extents,
        shared: Arc::clone(&shared),
        clock: Arc::clone(&clock),
        delay: Duration::from_millis(options.commit_delay_ms),
        sources,
        months: MonthCache::default(),
    };
    let (jobs, queue) = channel();
    let thread =
        std::thread::Builder::new().name("lake-writer".to_owned()).spawn(move || writer.run(&queue))?;
    let inner = Inner {
        catalog: Engine::new(&folder)?,
        options,
        clock,
        shared,
        footers: Arc::new(Footers::default()),
        queue: Arc::new(Semaphore::new(QUEUED_ROWS)),
        jobs: Mutex::new(Some(jobs)),
        writer: Mutex::new(Some(thread)),
        closed: AtomicBool::new(false),
        lock: Mutex::new(Some(lock)),
        sealing: tokio::sync::Mutex::new(Sealing { logs, condemned: Vec::new() }),
    };
    Ok(Lake { inner: Arc::new(inner) })
}

/// How long a predecessor may take to let go: a process that has just ended, or a child that somebody started and that
/// still holds our open files until it has become another program.
const LOCK_WAIT: Duration = Duration::from_secs(3);
const LOCK_RETRY: Duration = Duration::from_millis(20);

async fn lock(folder: &Path) -> Result<File, BoxError> {
    let lock = File::create(folder.join("lake.lock"))?;
    let mut waited = Duration::ZERO;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(lock),
            Err(TryLockError::WouldBlock) if waited < LOCK_WAIT => {
                tokio::time::sleep(LOCK_RETRY).await;
                waited += LOCK_RETRY;
            }
            Err(TryLockError::WouldBlock) => return Err("another process has it open".into()),
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
    }
}

/// Deletes rows that the Delta logs already have, then loads the rest.
fn load(
    folder: &Path,
    bytes_max: Option<u64>,
    sealed: &[u64],
) -> Result<(rusqlite::Connection, log::Loaded), BoxError> {
    let connection = log::open(folder, bytes_max)?;
    File::open(folder)?.sync_all()?;
    // the extents must know the rows that are about to go
    let known = log::load(&connection)?;
    let mut changed = false;
    for (kind, &seq) in Kind::ALL.into_iter().zip(sealed) {
        if seq == 0 {
            continue;
        }
        let count = match kind {
            Kind::Statistics => known.counters.statistic_seq,
            Kind::Frames | Kind::Observations => known.counters.seq,
        };
        if seq > count {
            return Err(format!("`{}` is sealed further than the hot store has come", kind.name()).into());
        }
        if !log::holds(&connection, kind, seq)? {
            continue;
        }
        tracing::info!(table = kind.name(), seq, "finishing a seal that was cut off");
        forget_start(&connection, kind, seq, &known.extents)?;
        while log::forget(&connection, kind, seq, 100_000)? > 0 {}
        changed = true;
    }
    let loaded = if changed { log::load(&connection)? } else { known };
    Ok((connection, loaded))
}
