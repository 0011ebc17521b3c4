//! Reading somebody else's Parquet file as rows of text, for imports.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::LakeError;

/// Rows decoded at once.
const BATCH_ROWS: usize = 8_192;

/// Gives the column names and then each row of a Parquet file to `each`, every cell as text; a null is empty.
///
/// Times are written as the file holds them (`2026-03-01T10:00:00`), numbers without loss.
///
/// # Errors
/// [`LakeError::Parquet`] when the file cannot be opened or is damaged; rows before the damage have been given by then.
/// What `each` returns stops the reading and is handed back as the inner error.
pub fn read_parquet_text<E>(
    path: &Path,
    mut each: impl FnMut(&[String]) -> Result<(), E>,
) -> Result<Result<(), E>, LakeError> {
    let failed = |source: crate::BoxError| LakeError::Parquet { path: path.to_owned(), source };
    let file = File::open(path).map_err(|error| failed(error.into()))?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(|builder| builder.with_batch_size(BATCH_ROWS).build())
        .map_err(|error| failed(error.into()))?;
    let names: Vec<String> = datafusion::arrow::array::RecordBatchReader::schema(&reader)
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .collect();
    if let Err(stop) = each(&names) {
        return Ok(Err(stop));
    }
    let options = FormatOptions::default().with_null("");
    let mut cells = vec![String::new(); names.len()];
    for batch in reader {
        let batch = batch.map_err(|error| failed(error.into()))?;
        let columns = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| failed(error.into()))?;
        for row in 0..batch.num_rows() {
            for (cell, column) in cells.iter_mut().zip(&columns) {
                cell.clear();
                column.value(row).write(cell).map_err(|error| failed(error.into()))?;
            }
            if let Err(stop) = each(&cells) {
                return Ok(Err(stop));
            }
        }
    }
    Ok(Ok(()))
}

/// Writes rows of text as a Parquet file, every column a string; an empty cell is null.
///
/// # Errors
/// [`LakeError::Parquet`] when the file cannot be written or a row is not as long as the headings.
pub fn write_parquet_text(path: &Path, headings: &[String], rows: &[Vec<String>]) -> Result<(), LakeError> {
    let failed = |source: crate::BoxError| LakeError::Parquet { path: path.to_owned(), source };
    let field = |name: &String| Field::new(name, DataType::Utf8, true);
    let schema = Arc::new(Schema::new(headings.iter().map(field).collect::<Vec<_>>()));
    if let Some(row) = rows.iter().position(|row| row.len() != headings.len()) {
        return Err(failed(format!("row {} is not as long as the headings", row + 1).into()));
    }
    let file = File::create(path).map_err(|error| failed(error.into()))?;
    let mut writer =
        ArrowWriter::try_new(file, Arc::clone(&schema), None).map_err(|error| failed(error.into()))?;
    for part in rows.chunks(BATCH_ROWS) {
        let column = |at: usize| -> ArrayRef {
            let cells = part.iter().map(|row| Some(row[at].as_str()).filter(|cell| !cell.is_empty()));
            Arc::new(cells.collect::<StringArray>())
        };
        let batch = RecordBatch::try_new(Arc::clone(&schema), (0..headings.len()).map(column).collect());
        let batch = batch.map_err(|error| failed(error.into()))?;
        writer.write(&batch).map_err(|error| failed(error.into()))?;
    }
    writer.close().map_err(|error| failed(error.into()))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::Float64Array;

    use super::*;

    #[test]
    fn names_come_first_and_a_null_is_empty() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hours.parquet");
        let station: ArrayRef = Arc::new(StringArray::from(vec!["区政府", "市二中"]));
        let value: ArrayRef = Arc::new(Float64Array::from(vec![Some(12.5), None]));
        let batch = RecordBatch::try_from_iter([("station", station), ("pm25", value)])
            .expect("columns of one length");
        let file = File::create(&path).expect("a file");
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
        writer.write(&batch).expect("written");
        writer.close().expect("closed");

        let mut rows = Vec::new();
        let done = read_parquet_text(&path, |row| {
            rows.push(row.join("|"));
            Ok::<(), ()>(())
        });
        assert!(matches!(done, Ok(Ok(()))), "{done:?}");
        assert_eq!(rows, ["station|pm25", "区政府|12.5", "市二中|"]);
    }

    #[test]
    fn a_file_that_is_no_parquet_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.parquet");
        std::fs::write(&path, b"station,pm25\n").expect("written");
        let error = read_parquet_text(&path, |_| Ok::<(), ()>(())).expect_err("no Parquet");
        assert!(error.to_string().contains("x.parquet"), "{error}");
    }

    #[test]
    fn what_is_written_reads_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("answers.parquet");
        let owned = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
        let (headings, row) = (owned(&["断面", "class"]), owned(&["固定桥", ""]));
        write_parquet_text(&path, &headings, std::slice::from_ref(&row)).expect("written");
        let mut rows = Vec::new();
        read_parquet_text(&path, |cells| {
            rows.push(cells.to_vec());
            Ok::<(), ()>(())
        })
        .expect("a Parquet file")
        .expect("nothing stops it");
        assert_eq!(rows, [headings.clone(), row]);
        assert!(write_parquet_text(&path, &headings, &[owned(&["one"])]).is_err());
    }
}
