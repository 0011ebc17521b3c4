//! Point reads: the rows of a few series, straight from the pages of the sorted files that can hold them.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use parking_lot::Mutex;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowFilter, RowSelection,
    RowSelector,
};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::statistics::Statistics;

use crate::error::BoxError;

/// Footers kept in memory; with its page index, the footer of a month is some 100 kB.
const FOOTERS_KEPT: usize = 128;

/// Footers of files read before. Files never change, so neither do these.
#[derive(Default)]
pub(crate) struct Footers {
    known: Mutex<HashMap<PathBuf, (ArrowReaderMetadata, u64)>>,
    clock: std::sync::atomic::AtomicU64,
}

impl Footers {
    fn get(&self, path: &Path, file: &File) -> Result<ArrowReaderMetadata, BoxError> {
        let now = self.clock.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if let Some((footer, used)) = self.known.lock().get_mut(path) {
            *used = now;
            return Ok(footer.clone());
        }
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Optional);
        let footer = ArrowReaderMetadata::load(file, options)?;
        let mut known = self.known.lock();
        if known.len() >= FOOTERS_KEPT {
            // drop the older half at once: cheap, and rare
            let mut ages: Vec<u64> = known.values().map(|(_, used)| *used).collect();
            ages.sort_unstable();
            let middle = ages[ages.len() / 2];
            known.retain(|_, (_, used)| *used > middle);
        }
        known.insert(path.to_owned(), (footer.clone(), now));
        Ok(footer)
    }

    /// Forgets a file that is gone.
    pub(crate) fn forget(&self, path: &Path) {
        self.known.lock().remove(path);
    }
}

/// What to look for in the column a file is sorted by first.
pub(crate) struct Wanted<'a> {
    /// Sorted.
    pub(crate) keys: &'a [i64],
}

impl Wanted<'_> {
    fn meets(&self, least: i64, greatest: i64) -> bool {
        let place = self.keys.partition_point(|&key| key < least);
        self.keys.get(place).is_some_and(|&key| key <= greatest)
    }
}

/// Calls `each` with batches that hold every row whose first column is wanted (and others beside them).
pub(crate) fn rows(
    footers: &Footers,
    path: &Path,
    wanted: &Wanted<'_>,
    mut each: impl FnMut(RecordBatch) -> Result<(), BoxError>,
) -> Result<(), BoxError> {
    let file = File::open(path)?;
    let footer = footers.get(path, &file)?;
    let metadata = Arc::clone(footer.metadata());
    let groups: Vec<usize> = (0..metadata.num_row_groups())
        .filter(|&group| {
            group_range(&metadata, group).is_none_or(|(least, greatest)| wanted.meets(least, greatest))
        })
        .collect();
    if groups.is_empty() {
        return Ok(());
    }
    let selection = selection(&metadata, &groups, wanted);
    let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, footer)
        .with_row_groups(groups)
        .with_batch_size(8192);
    if let Some(selection) = selection {
        builder = builder.with_row_selection(selection);
    }
    for batch in builder.build()? {
        each(batch?)?;
    }
    Ok(())
}

/// The rows of one row group that pass `filter`, in order.
pub(crate) fn group_rows(
    footers: &Footers,
    path: &Path,
    group: usize,
    filter: impl FnOnce(&parquet::schema::types::SchemaDescriptor) -> RowFilter,
    mut each: impl FnMut(RecordBatch) -> Result<(), BoxError>,
) -> Result<(), BoxError> {
    let file = File::open(path)?;
    let footer = footers.get(path, &file)?;
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, footer);
    let filter = filter(builder.parquet_schema());
    for batch in builder.with_row_groups(vec![group]).with_row_filter(filter).with_batch_size(8192).build()? {
        each(batch?)?;
    }
    Ok(())
}

/// Least and greatest first column of each row group.
pub(crate) fn group_ranges(footers: &Footers, path: &Path) -> Result<Vec<(i64, i64)>, BoxError> {
    let footer = footers.get(path, &File::open(path)?)?;
    let metadata = footer.metadata();
    let range = |group| group_range(metadata, group).unwrap_or((i64::MIN, i64::MAX));
    Ok((0..metadata.num_row_groups()).map(range).collect())
}

fn group_range(metadata: &ParquetMetaData, group: usize) -> Option<(i64, i64)> {
    match metadata.row_group(group).column(0).statistics()? {
        Statistics::Int32(values) => Some((i64::from(*values.min_opt()?), i64::from(*values.max_opt()?))),
        Statistics::Int64(values) => Some((*values.min_opt()?, *values.max_opt()?)),
        _ => None,
    }
}

/// Which rows of the groups lie in pages that can hold a wanted key; `None` without a page index.
fn selection(metadata: &ParquetMetaData, groups: &[usize], wanted: &Wanted<'_>) -> Option<RowSelection> {
    let columns = metadata.column_index()?;
    let offsets = metadata.offset_index()?;
    let mut selectors = Vec::new();
    for &group in groups {
        let rows = usize::try_from(metadata.row_group(group).num_rows()).ok()?;
        let pages = offsets.get(group)?.first()?.page_locations();
        let ranges: Vec<(i64, i64)> = match columns.get(group)?.first()? {
            ColumnIndexMetaData::INT32(index) => index
                .min_values_iter()
                .zip(index.max_values_iter())
                .map(|(least, greatest)| Some((i64::from(*least?), i64::from(*greatest?))))
                .collect::<Option<_>>()?,
            ColumnIndexMetaData::INT64(index) => index
                .min_values_iter()
                .zip(index.max_values_iter())
                .map(|(least, greatest)| Some((*least?, *greatest?)))
                .collect::<Option<_>>()?,
            _ => return None,
        };
        for (page, &(least, greatest)) in ranges.iter().enumerate() {
            let first = usize::try_from(pages.get(page)?.first_row_index).ok()?;
            let next = match pages.get(page + 1) {
                Some(next) => usize::try_from(next.first_row_index).ok()?,
                None => rows,
            };
            let count = next - first;
            selectors.push(if wanted.meets(least, greatest) {
                RowSelector::select(count)
            } else {
                RowSelector::skip(count)
            });
        }
    }
    Some(RowSelection::from(selectors))
}
