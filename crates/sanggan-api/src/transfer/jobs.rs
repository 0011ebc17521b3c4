//! Imports under way, and the last ones that ended.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use sanggan_base::Millis;
use sanggan_records::rights::Caller;
use sanggan_records::{By, Model};
use sanggan_store::records::{self, ImportDone, ImportPlan, ImportProgress, ImportRow, RowFault};
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;

use super::mapping;
use super::read::{self, Content, Met, ReadError, RowReader};
use crate::AppState;
use crate::dto::{ImportCrs, ImportMatch, ImportMode, ImportOptions, ImportStatus, RowFaultRow};

/// Imports that ended and are still told of.
const KEPT: usize = 100;
/// Imports under way at once; the others wait.
const AT_ONCE: usize = 2;
/// Faults kept of one import.
const FAULTS_KEPT: usize = 10_000;
/// Faults shown with the state of an import.
pub(crate) const FAULTS_SHOWN: usize = 200;

/// One import.
#[derive(Debug)]
struct Job {
    owner: String,
    status: ImportStatus,
    faults: Vec<RowFaultRow>,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct ImportJobs {
    next: AtomicU64,
    jobs: Mutex<BTreeMap<u64, Job>>,
    turns: Arc<tokio::sync::Semaphore>,
}

impl Default for ImportJobs {
    fn default() -> Self {
        let turns = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
        ImportJobs { next: AtomicU64::new(1), jobs: Mutex::default(), turns }
    }
}

/// What is imported.
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Why an import came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportFailed {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Records(#[from] sanggan_store::records::RecordsError),
    #[error("the import stopped by itself")]
    Stopped,
}

fn row(fault: RowFault) -> RowFaultRow {
    let RowFault { line, field, code, value, zh, en } = fault;
    RowFaultRow { line, field, code, value, zh, en }
}

impl ImportJobs {
    /// Begins an import; it goes on by itself.
    pub(crate) fn begin(
        &self,
        state: &AppState,
        who: Caller,
        model: Arc<Model>,
        upload: Upload,
        options: ImportOptions,
    ) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let status = ImportStatus {
            id,
            register: model.def().id.clone(),
            file: upload.name.clone(),
            state: "running".to_owned(),
            error: None,
            mode: options.mode,
            total: 0,
            read: 0,
            good: 0,
            bad: 0,
            created: 0,
            changed: 0,
            unchanged: 0,
            written: false,
            faults: Vec::new(),
            mapping: options.mapping.clone(),
            started_at: state.now().to_string(),
            ended_at: None,
        };
        {
            let mut jobs = self.jobs.lock();
            jobs.insert(id, Job { owner: who.name.clone(), status, faults: Vec::new() });
            while jobs.len() > KEPT {
                let Some(oldest) =
                    jobs.iter().find(|(_, job)| job.status.ended_at.is_some()).map(|(id, _)| *id)
                else {
                    break;
                };
                jobs.remove(&oldest);
            }
        }
        let (state, turns) = (state.clone(), Arc::clone(&self.turns));
        tokio::spawn(async move {
            // The semaphore is never closed.
            let _turn = turns.acquire_owned().await;
            let ended = run(&state, id, &who, &model, upload, &options).await;
            let now = state.now();
            state.imports().end(id, ended, now);
        });
        id
    }

    /// How an import is; `None`: there is none of this number, or it is somebody else's.
    pub(crate) fn status(&self, id: u64, who: &Caller) -> Option<ImportStatus> {
        self.jobs.lock().get(&id).filter(|job| job.owner == who.name).map(|job| job.status.clone())
    }

    /// All faults kept of an import.
    pub(crate) fn faults(&self, id: u64, who: &Caller) -> Option<Vec<RowFaultRow>> {
        self.jobs.lock().get(&id).filter(|job| job.owner == who.name).map(|job| job.faults.clone())
    }

    fn progress(&self, id: u64, progress: ImportProgress) {
        self.update(id, |status| {
            status.read = progress.read;
            status.good = progress.good;
            status.bad = progress.bad;
        });
    }

    fn update(&self, id: u64, change: impl FnOnce(&mut ImportStatus)) {
        if let Some(job) = self.jobs.lock().get_mut(&id) {
            change(&mut job.status);
        }
    }

    fn end(&self, id: u64, ended: Result<ImportDone, ImportFailed>, now: Millis) {
        let mut jobs = self.jobs.lock();
        let Some(job) = jobs.get_mut(&id) else { return };
        let status = &mut job.status;
        status.ended_at = Some(now.to_string());
        match ended {
            Ok(done) => {
                status.read = done.progress.read;
                status.good = done.progress.good;
                status.bad = done.progress.bad;
                status.created = done.created;
                status.changed = done.changed;
                status.unchanged = done.unchanged;
                status.written = done.written;
                let refused =
                    status.mode == ImportMode::AllOrNothing && !done.written && done.progress.bad > 0;
                status.state = if refused { "refused" } else { "done" }.to_owned();
                job.faults = done.faults.into_iter().map(row).collect();
                status.faults = job.faults.iter().take(FAULTS_SHOWN).cloned().collect();
            }
            Err(failed) => {
                tracing::warn!(id, error = %failed, "an import failed");
                status.state = "failed".to_owned();
                status.error = Some(failed.to_string());
            }
        }
    }
}

/// What an import does with keys and faulty rows.
fn plan(options: &ImportOptions) -> ImportPlan {
    ImportPlan {
        existing: match options.r#match {
            ImportMatch::Create => records::ImportMatch::Create,
            ImportMatch::Upsert => records::ImportMatch::Upsert,
        },
        mode: match options.mode {
            ImportMode::DryRun => records::ImportMode::DryRun,
            ImportMode::AllOrNothing => records::ImportMode::AllOrNothing,
            ImportMode::GoodRows => records::ImportMode::GoodRows,
        },
        schematic: false,
        faults: FAULTS_KEPT,
    }
}

async fn run(
    state: &AppState,
    id: u64,
    who: &Caller,
    model: &Arc<Model>,
    upload: Upload,
    options: &ImportOptions,
) -> Result<ImportDone, ImportFailed> {
    let content = Content::open(state, upload.bytes, options.sheet.clone()).await?;
    let (send, receive) = mpsc::channel::<Vec<ImportRow>>(4);
    let (told, whole) = oneshot::channel::<bool>();
    let source = Source {
        state: state.clone(),
        id,
        model: Arc::clone(model),
        content,
        mapping: options.mapping.clone(),
        gcj02: options.crs == ImportCrs::Gcj02,
    };
    let reading = tokio::task::spawn_blocking(move || {
        let counted = source.count();
        let _ = told.send(counted.is_ok());
        counted?;
        source.give(&send)
    });
    // A file that cannot be read to its end writes nothing of its beginning: it is read once before the import.
    let imported = if whole.await.unwrap_or(false) {
        let by = By { caller: who, now: state.now(), why: &options.why };
        let progress = |progress: ImportProgress| state.imports().progress(id, progress);
        let rows = ReceiverStream::new(receive);
        Some(state.store().import_records(&model.def().id, rows, plan(options), &progress, by).await)
    } else {
        None
    };
    match (reading.await, imported) {
        (Ok(Ok(())), Some(done)) => Ok(done?),
        // The store ended it first, and knows why.
        (Ok(Err(ReadError::Ended)), Some(Err(error))) => Err(error.into()),
        (Ok(Err(error)), _) => Err(error.into()),
        _ => Err(ImportFailed::Stopped),
    }
}

/// A file about to be imported.
struct Source {
    state: AppState,
    id: u64,
    model: Arc<Model>,
    content: Content,
    mapping: BTreeMap<String, String>,
    gcj02: bool,
}

impl Source {
    /// Reads it to its end, and tells how many rows there are.
    fn count(&self) -> Result<(), ReadError> {
        let mut total = 0;
        self.content.walk(|met| {
            match met {
                Met::Headings(headings) => {
                    let used = if self.mapping.is_empty() {
                        mapping::propose(self.model.def(), headings)
                    } else {
                        self.mapping.clone()
                    };
                    self.reader(headings, &used)?;
                    self.state.imports().update(self.id, |status| status.mapping = used);
                }
                Met::Row(_) | Met::Bad { .. } => total += 1,
            }
            Ok(())
        })?;
        self.state.imports().update(self.id, |status| status.total = total);
        Ok(())
    }

    fn reader(
        &self,
        headings: &[String],
        mapping: &BTreeMap<String, String>,
    ) -> Result<RowReader, ReadError> {
        RowReader::new(&self.model, self.state.registry(), headings, mapping, self.gcj02)
    }

    /// Gives its rows, some thousand at once.
    fn give(&self, send: &mpsc::Sender<Vec<ImportRow>>) -> Result<(), ReadError> {
        let mut reader: Option<RowReader> = None;
        let mut batch = Vec::with_capacity(read::BATCH);
        let give = |batch: &mut Vec<ImportRow>| {
            let full = std::mem::replace(batch, Vec::with_capacity(read::BATCH));
            send.blocking_send(full).map_err(|_| ReadError::Ended)
        };
        self.content.walk(|met| {
            match met {
                Met::Headings(headings) => reader = Some(self.reader(headings, &self.mapping)?),
                Met::Row(raw) => batch.extend(reader.as_ref().map(|reader| reader.row(&raw))),
                Met::Bad { line, zh, en } => {
                    let fault = RowFault {
                        line,
                        field: String::new(),
                        code: "row".to_owned(),
                        value: String::new(),
                        zh,
                        en,
                    };
                    batch.push(ImportRow { line, faults: vec![fault], ..ImportRow::default() });
                }
            }
            if batch.len() < read::BATCH { Ok(()) } else { give(&mut batch) }
        })?;
        if batch.is_empty() { Ok(()) } else { give(&mut batch) }
    }
}
