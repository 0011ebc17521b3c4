//! The Delta log of one table: which files hold. Sealing adds files and says up to which commit, in one step.

use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deltalake::kernel::transaction::{CommitBuilder, CommitProperties, TableReference};
use deltalake::kernel::{Action, Add, Remove, Transaction};
use deltalake::operations::create::CreateBuilder;
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::table::state::DeltaTableState;
use deltalake::{DeltaTable, DeltaTableBuilder, ensure_table_uri};
use sanggan_base::Millis;

use super::files::{FileEntry, Sealed};
use super::kind::Kind;
use crate::error::BoxError;

/// What one commit changes.
pub(crate) struct Change<'a> {
    pub(crate) adds: &'a [Arc<FileEntry>],
    pub(crate) removes: &'a [Arc<FileEntry>],
    /// Rows of commits up to this one are in the files from now on; `None` leaves it.
    pub(crate) seq: Option<u64>,
    pub(crate) now: Millis,
}

/// A Delta table of the lake.
pub(crate) struct DeltaLog {
    kind: Kind,
    folder: PathBuf,
    table: DeltaTable,
}

impl DeltaLog {
    /// Opens the table in `lake`, or makes it; removes files that no commit names.
    pub(crate) async fn open(lake: &Path, kind: Kind) -> Result<(DeltaLog, Sealed), BoxError> {
        let folder = lake.join(kind.name());
        std::fs::create_dir_all(folder.join("_delta_log"))?;
        set_torn_commit_aside(&folder)?;
        let url = ensure_table_uri(folder.to_string_lossy())?;
        let mut log = DeltaLog { kind, table: DeltaTableBuilder::from_url(url.clone())?.build()?, folder };
        if log.table.verify_deltatable_existence().await? {
            log.table.load().await?;
        } else {
            log.table = CreateBuilder::new()
                .with_location(url.to_string())
                .with_table_name(kind.name())
                .with_columns(kind.delta_columns())
                .with_partition_columns(kind.partitions().iter().copied())
                .await?;
            log.sync()?;
        }
        let sealed = log.sealed().await?;
        log.remove_orphans(&sealed)?;
        Ok((log, sealed))
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A name no other file of this table has had in a commit that holds.
    pub(crate) fn file_name(&self, seq: u64, number: usize) -> String {
        let version = self.table.version().unwrap_or(0) + 1;
        format!("v{version:08}-c{seq:012}-{number:04}")
    }

    /// Writes a commit and waits until it is on the disk.
    ///
    /// When this fails, the commit does not hold.
    pub(crate) async fn commit(&mut self, change: Change<'_>) -> Result<(), BoxError> {
        let outcome = self.try_commit(&change).await;
        if let Err(error) = outcome {
            // the commit may hold although an error came afterwards (checkpoint, clean-up)
            self.table.update_state().await?;
            let holds = match (change.seq, change.adds.first()) {
                (Some(seq), _) => self.seq().await? >= seq,
                (None, Some(added)) => self.files()?.iter().any(|file| file.path == added.path),
                (None, None) => false,
            };
            if !holds {
                return Err(error);
            }
            tracing::warn!(table = self.kind.name(), %error, "a commit holds, but what follows it failed");
        }
        self.sync()
    }

    async fn try_commit(&mut self, change: &Change<'_>) -> Result<(), BoxError> {
        let data_change = change.removes.is_empty();
        let mut actions: Vec<Action> = Vec::with_capacity(change.adds.len() + change.removes.len());
        for file in change.removes {
            actions.push(Action::Remove(Remove {
                path: file.path.clone(),
                data_change,
                deletion_timestamp: Some(change.now.0),
                extended_file_metadata: Some(true),
                partition_values: Some(file.partition_values(self.kind).into_iter().collect()),
                size: Some(i64::try_from(file.bytes)?),
                ..Remove::default()
            }));
        }
        for file in change.adds {
            actions.push(Action::Add(Add {
                path: file.path.clone(),
                partition_values: file.partition_values(self.kind).into_iter().collect(),
                size: i64::try_from(file.bytes)?,
                modification_time: change.now.0,
                data_change,
                stats: Some(file.stats(self.kind)),
                ..empty_add()
            }));
        }
        let mut properties = CommitProperties::default();
        if let Some(seq) = change.seq {
            properties = properties
                .with_application_transaction(Transaction::new(self.kind.name(), i64::try_from(seq)?));
        }
        let operation = if data_change {
            let partition_by = self.kind.partitions().iter().map(|name| (*name).to_owned()).collect();
            DeltaOperation::Write {
                mode: SaveMode::Append,
                partition_by: Some(partition_by),
                predicate: None,
            }
        } else {
            DeltaOperation::Optimize { predicate: None, target_size: i64::MAX }
        };
        let state: &DeltaTableState = self.table.snapshot()?;
        let builder = CommitBuilder::from(properties).with_actions(actions);
        builder.build(Some(state as &dyn TableReference), self.table.log_store(), operation).await?;
        self.table.update_state().await?;
        Ok(())
    }

    /// The files and the commit the log names.
    pub(crate) async fn sealed(&self) -> Result<Sealed, BoxError> {
        Ok(Sealed { files: self.files()?, seq: self.seq().await? })
    }

    async fn seq(&self) -> Result<u64, BoxError> {
        let store = self.table.log_store();
        let version = self.table.snapshot()?.transaction_version(store.as_ref(), self.kind.name()).await?;
        Ok(version.unwrap_or(0).unsigned_abs())
    }

    fn files(&self) -> Result<Vec<Arc<FileEntry>>, BoxError> {
        let mut files = Vec::new();
        for file in self.table.snapshot()?.log_data().iter() {
            let path = file.path().into_owned();
            let partition = file.partition_values_map();
            let stats = file.stats().unwrap_or_default();
            let bytes = file.size().unsigned_abs();
            let value = |name: &str| partition.get(name).cloned().flatten();
            let entry = FileEntry::from_log(self.kind, path.clone(), bytes, value, &stats);
            files.push(Arc::new(
                entry.ok_or_else(|| format!("the Delta log names a foreign file: `{path}`"))?,
            ));
        }
        files.sort_by(|a, b| (a.month, a.late, &a.path).cmp(&(b.month, b.late, &b.path)));
        Ok(files)
    }

    /// Waits until the newest commit is on the disk: neither the file system nor `object_store` promises it.
    fn sync(&self) -> Result<(), BoxError> {
        let log = self.folder.join("_delta_log");
        if let Some(newest) = newest_commit(&log)? {
            File::open(newest)?.sync_all()?;
        }
        File::open(&log)?.sync_all()?;
        File::open(&self.folder)?.sync_all()?;
        Ok(())
    }

    /// Removes Parquet files that no commit names: left by a seal that was cut off, or compacted away.
    fn remove_orphans(&self, sealed: &Sealed) -> Result<(), BoxError> {
        let known: HashSet<PathBuf> = sealed.files.iter().map(|file| self.folder.join(&file.path)).collect();
        for path in &known {
            if !path.exists() {
                return Err(format!("the Delta log names `{}`, which is not there", path.display()).into());
            }
        }
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    if path.file_name().is_some_and(|name| name != "_delta_log") {
                        folders.push(path);
                    }
                } else if path.extension().is_some_and(|kind| kind == "parquet") && !known.contains(&path) {
                    tracing::info!(path = %path.display(), "removed a file that no commit names");
                    std::fs::remove_file(&path)?;
                }
            }
        }
        Ok(())
    }
}

fn empty_add() -> Add {
    Add {
        path: String::new(),
        partition_values: Default::default(),
        size: 0,
        modification_time: 0,
        data_change: true,
        stats: None,
        tags: None,
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
        clustering_provider: None,
    }
}

fn newest_commit(log: &Path) -> Result<Option<PathBuf>, BoxError> {
    let mut newest = None;
    for entry in std::fs::read_dir(log)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_commit = name
            .strip_suffix(".json")
            .is_some_and(|digits| digits.len() == 20 && digits.bytes().all(|digit| digit.is_ascii_digit()));
        if is_commit && newest.as_ref().is_none_or(|known| *known < path) {
            newest = Some(path);
        }
    }
    Ok(newest)
}

/// After a power loss the newest commit may be there with nothing in it. Its rows are still in the hot store
/// (they are deleted only after the commit is synced), so it is set aside and the seal is done again.
fn set_torn_commit_aside(folder: &Path) -> Result<(), BoxError> {
    let Some(newest) = newest_commit(&folder.join("_delta_log"))? else { return Ok(()) };
    let text = std::fs::read(&newest)?;
    let mut lines = text.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).peekable();
    let whole =
        lines.peek().is_some() && lines.all(|line| serde_json::from_slice::<serde_json::Value>(line).is_ok());
    if !whole {
        tracing::warn!(commit = %newest.display(), "set a torn commit of the Delta log aside");
        std::fs::rename(&newest, newest.with_extension("torn"))?;
    }
    Ok(())
}
