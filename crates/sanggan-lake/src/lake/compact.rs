//! Compaction: many sorted files of a month merged into one, in bounded memory; the old ones go a while later.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::arrow::compute::SortOptions;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::TaskContext;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::physical_expr::expressions::col;
use datafusion::physical_expr::{LexOrdering, PhysicalSortExpr};
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream};
use futures::StreamExt as _;

use super::Inner;
use super::seal::Sealing;
use crate::error::{BoxError, LakeError};
use crate::month::Month;
use crate::query::provider::stored_file;
use crate::sealed::delta::{Change, DeltaLog};
use crate::sealed::files::{FileEntry, Sealed};
use crate::sealed::kind::Kind;
use crate::sealed::write::FileWriter;

/// A month and part with more files than this is rewritten.
const FILES_MAX: usize = 4;
/// Most files merged at once: each is open, with a batch of its rows in memory.
const FAN_IN: usize = 64;
/// How long files stay after they were compacted away: longer than any query may run.
const GRACE: Duration = Duration::from_secs(600);

pub(super) async fn compact(inner: &Arc<Inner>) -> Result<u64, LakeError> {
    let mut sealing = inner.sealing.lock().await;
    let sealing = &mut *sealing;
    remove_condemned(inner, sealing);
    let mut gone = 0;
    for kind in Kind::ALL {
        let outcome = compact_table(inner, sealing, kind).await;
        gone += outcome.map_err(|source| LakeError::Seal { table: kind.name(), source })?;
    }
    Ok(gone)
}

fn remove_condemned(inner: &Inner, sealing: &mut Sealing) {
    sealing.condemned.retain(|(since, path)| {
        if since.elapsed() < GRACE {
            return true;
        }
        inner.footers.forget(path);
        match std::fs::remove_file(path) {
            Ok(()) => false,
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a compacted file could not be removed yet");
                true
            }
        }
    });
}

async fn compact_table(inner: &Inner, sealing: &mut Sealing, kind: Kind) -> Result<u64, BoxError> {
    let mut parts: BTreeMap<(Month, bool), Vec<Arc<FileEntry>>> = BTreeMap::new();
    for file in &inner.shared.state.read().sealed(kind).files {
        parts.entry((file.month, file.late)).or_default().push(Arc::clone(file));
    }
    let mut gone = 0;
    for ((month, late), files) in parts.into_iter().filter(|(_, files)| files.len() > FILES_MAX) {
        let log = &mut sealing.logs[kind.index()];
        let folder = log.folder().to_owned();
        for files in turns(&files) {
            merge_part(inner, log, kind, month, late, files).await?;
            gone += files.len() as u64;
            sealing.condemned.extend(files.iter().map(|file| (Instant::now(), folder.join(&file.path))));
        }
    }
    Ok(gone)
}

/// Which files are merged into one each, however many there are.
fn turns<T>(files: &[T]) -> impl Iterator<Item = &[T]> {
    files.chunks(FAN_IN).filter(|files| files.len() > 1)
}

async fn merge_part(
    inner: &Inner,
    log: &mut DeltaLog,
    kind: Kind,
    month: Month,
    late: bool,
    files: &[Arc<FileEntry>],
) -> Result<(), BoxError> {
    let seq = inner.shared.state.read().sealed(kind).seq;
    let name = log.file_name(seq, 0);
    let folder = log.folder().to_owned();
    let merged = merge(log.folder(), kind, files, inner.catalog.context().task_ctx())?;
    let runtime = tokio::runtime::Handle::current();
    let expected: u64 = files.iter().map(|file| file.rows).sum();
    let written = tokio::task::spawn_blocking(move || {
        let mut merged = merged;
        let mut writer = FileWriter::create(&folder, kind, month, late, &name)?;
        while let Some(batch) = runtime.block_on(merged.next()) {
            writer.write(&batch?)?;
        }
        if writer.rows() != expected {
            return Err(format!("the merge of {month:?} has {} rows, not {expected}", writer.rows()).into());
        }
        writer.finish()
    });
    let added = [Arc::new(written.await??)];
    let change = Change { adds: &added, removes: files, seq: None, now: (inner.clock)() };
    if let Err(error) = log.commit(change).await {
        let _ = std::fs::remove_file(log.folder().join(&added[0].path));
        return Err(error);
    }
    let mut state = inner.shared.state.write();
    let before = state.sealed(kind);
    let kept = before.files.iter().filter(|file| !files.contains(file)).cloned();
    let all = kept.chain(added).collect();
    state.sealed[kind.index()] = Arc::new(Sealed { files: all, seq: before.seq });
    Ok(())
}

/// The rows of all files in the order of the table.
fn merge(
    folder: &Path,
    kind: Kind,
    files: &[Arc<FileEntry>],
    context: Arc<TaskContext>,
) -> Result<SendableRecordBatchStream, BoxError> {
    let schema = kind.schema();
    let options = SortOptions { descending: false, nulls_first: true };
    let mut order = Vec::new();
    for name in kind.sorted_by() {
        order.push(PhysicalSortExpr::new(col(name, schema)?, options));
    }
    let order = LexOrdering::new(order).ok_or("a table is sorted by something")?;
    let source = ParquetSource::new(TableSchema::from(Arc::clone(schema)));
    let mut groups = Vec::with_capacity(files.len());
    for file in files {
        groups.push(FileGroup::new(vec![stored_file(folder, file)?]));
    }
    let config = FileScanConfigBuilder::new(ObjectStoreUrl::local_filesystem(), Arc::new(source))
        .with_file_groups(groups)
        .with_output_ordering(vec![order.clone()])
        .with_batch_size(Some(4096))
        .build();
    let merge = SortPreservingMergeExec::new(order, DataSourceExec::from_data_source(config));
    Ok(merge.execute(0, context)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_files_there_are_only_some_are_open_at_once() {
        let sizes = |count: usize| turns(&vec![(); count]).map(<[()]>::len).collect::<Vec<_>>();
        assert_eq!(sizes(5), [5]);
        assert_eq!(sizes(64), [64]);
        assert_eq!(sizes(65), [64]);
        assert_eq!(sizes(144), [64, 64, 16]);
        assert!(sizes(20_000).iter().all(|&size| size <= FAN_IN));
    }
}
