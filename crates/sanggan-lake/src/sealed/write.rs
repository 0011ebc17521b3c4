//! Writing one Parquet file: sorted rows in, a synced file out.

use std::fs::File;
use std::path::{Path, PathBuf};

use datafusion::arrow::array::{Array, ArrowPrimitiveType, PrimitiveArray, RecordBatch};
use datafusion::arrow::compute;
use datafusion::arrow::datatypes::{DataType, Int32Type, Int64Type, TimestampMicrosecondType};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::files::FileEntry;
use super::kind::Kind;
use crate::error::BoxError;
use crate::month::Month;

/// How files are written. `sorting_columns` are left out on purpose: with them a month’s aggregate took twice as long.
fn properties(kind: Kind) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).unwrap_or_default()))
        .set_max_row_group_row_count(Some(kind.rows_per_group()))
        .set_data_page_row_count_limit(8192)
        .set_write_batch_size(4096);
    for field in kind.schema().fields() {
        let path = ColumnPath::from(field.name().as_str());
        properties = match field.data_type() {
            DataType::Timestamp(..) | DataType::Int64 | DataType::Int32 => properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            // a dictionary as long as it pays; else the bytes of equal weight side by side
            DataType::Float64 => properties.set_column_encoding(path, Encoding::BYTE_STREAM_SPLIT),
            DataType::Binary => properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_statistics_enabled(path, EnabledStatistics::None),
            DataType::Utf8 if field.name() == "sm3" => properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_statistics_enabled(path, EnabledStatistics::None),
            _ => properties,
        };
    }
    properties.build()
}

/// A Parquet file being written. Dropped before [`FileWriter::finish`], it is removed.
pub(crate) struct FileWriter {
    writer: Option<ArrowWriter<File>>,
    kind: Kind,
    full: PathBuf,
    entry: FileEntry,
    finished: bool,
}

impl FileWriter {
    /// Starts `name` in the partition's folder of the table at `folder`.
    pub(crate) fn create(
        folder: &Path,
        kind: Kind,
        month: Month,
        late: bool,
        name: &str,
    ) -> Result<FileWriter, BoxError> {
        let path = format!("{}/{name}.parquet", FileEntry::folder(kind, month, late));
        let full = folder.join(&path);
        if let Some(parent) = full.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let file = File::create(&full)?;
        let entry = FileEntry { path, month, late, bytes: 0, rows: 0, ranges: [(i64::MAX, i64::MIN); 3] };
        let writer = ArrowWriter::try_new(file, kind.schema().clone(), Some(properties(kind)))?;
        Ok(FileWriter { writer: Some(writer), kind, full, entry, finished: false })
    }

    /// Appends rows; they must follow those before in [`Kind::sorted_by`].
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), BoxError> {
        for (range, name) in self.entry.ranges.iter_mut().zip(self.kind.ranged()) {
            let Some(column) = batch.column_by_name(name) else { continue };
            let (least, greatest) = match column.data_type() {
                DataType::Int32 => extremes::<Int32Type>(column),
                DataType::Int64 => extremes::<Int64Type>(column),
                _ => extremes::<TimestampMicrosecondType>(column),
            };
            *range = (range.0.min(least), range.1.max(greatest));
        }
        self.entry.rows += batch.num_rows() as u64;
        if let Some(writer) = &mut self.writer {
            writer.write(batch)?;
        }
        Ok(())
    }

    pub(crate) fn rows(&self) -> u64 {
        self.entry.rows
    }

    /// Writes the footer and waits until file and folder are on the disk.
    pub(crate) fn finish(mut self) -> Result<FileEntry, BoxError> {
        if let Some(writer) = self.writer.take() {
            let file = writer.into_inner()?;
            file.sync_all()?;
            self.entry.bytes = file.metadata()?.len();
        }
        // the partition folder, the month's and the table's may all be new
        for folder in self.full.ancestors().skip(1).take(3) {
            File::open(folder)?.sync_all()?;
        }
        self.finished = true;
        Ok(self.entry.clone())
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = std::fs::remove_file(&self.full)
        {
            tracing::warn!(path = %self.full.display(), %error, "an unfinished file stays until the next start");
        }
    }
}

fn extremes<T: ArrowPrimitiveType>(column: &dyn Array) -> (i64, i64)
where
    T::Native: Into<i64>,
{
    let Some(column) = column.as_any().downcast_ref::<PrimitiveArray<T>>() else {
        return (i64::MAX, i64::MIN);
    };
    let least = compute::min(column).map_or(i64::MAX, Into::into);
    let greatest = compute::max(column).map_or(i64::MIN, Into::into);
    (least, greatest)
}
