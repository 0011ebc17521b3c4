//! Tables of others in the one catalog: whoever keeps them gives columns and rows, SQL joins them to the lake's.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, RecordBatch, StringBuilder,
    TimestampMillisecondBuilder,
};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::catalog::TableProvider;
use datafusion::catalog::streaming::StreamingTable;
use datafusion::common::DataFusionError;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::StreamExt;
use futures::stream::BoxStream;
use jiff::civil::Date;
use parquet::arrow::ArrowWriter;
use sanggan_base::Millis;

use crate::{BoxError, LakeError};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// A number.
    Number,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// A moment, UTC.
    Time,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
}

/// One cell; of another kind than its column it counts as null.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
    /// A day.
    Date(Date),
    /// A moment.
    Time(Millis),
}

/// Rows as they come, some thousand at once.
pub type Rows<'s> = BoxStream<'s, Result<Vec<Vec<Cell>>, BoxError>>;

/// A table somebody else keeps.
pub trait ExternalTable: std::fmt::Debug + Send + Sync {
    /// Its name in SQL.
    fn name(&self) -> String;
    /// Its columns.
    fn columns(&self) -> Vec<ExternalColumn>;
    /// Its rows, each as long as the columns.
    fn rows(&self) -> Rows<'static>;
}

/// What the engine reads such a table through.
#[derive(Debug)]
struct Part {
    table: Arc<dyn ExternalTable>,
    columns: Vec<ExternalColumn>,
    schema: SchemaRef,
}

impl PartitionStream for Part {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (schema, columns) = (Arc::clone(&self.schema), self.columns.clone());
        let batches = self.table.rows().map(move |rows| {
            rows.and_then(|rows| batch(&schema, &columns, &rows)).map_err(DataFusionError::External)
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), batches))
    }
}

/// The table as the engine takes it.
pub(crate) fn provider(table: &Arc<dyn ExternalTable>) -> Result<Arc<dyn TableProvider>, BoxError> {
    let columns = table.columns();
    let schema = schema(&columns);
    let part = Part { table: Arc::clone(table), columns, schema: Arc::clone(&schema) };
    Ok(Arc::new(StreamingTable::try_new(schema, vec![Arc::new(part)])?))
}

/// The Arrow schema of columns.
pub(crate) fn schema(columns: &[ExternalColumn]) -> SchemaRef {
    let fields = columns.iter().map(|column| {
        let kind = match column.kind {
            ColumnKind::Text => DataType::Utf8,
            ColumnKind::Number => DataType::Float64,
            ColumnKind::Integer => DataType::Int64,
            ColumnKind::Boolean => DataType::Boolean,
            ColumnKind::Date => DataType::Date32,
            ColumnKind::Time => DataType::Timestamp(TimeUnit::Millisecond, None),
        };
        Field::new(&column.name, kind, true)
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// Days since 1970-01-01, as Arrow counts.
fn days(date: Date) -> i32 {
    let epoch = jiff::civil::date(1970, 1, 1);
    epoch.until(date).map_or(0, |span| span.get_days())
}

/// Rows as one batch.
pub(crate) fn batch(
    schema: &SchemaRef,
    columns: &[ExternalColumn],
    rows: &[Vec<Cell>],
) -> Result<RecordBatch, BoxError> {
    if let Some(row) = rows.iter().find(|row| row.len() != columns.len()) {
        return Err(format!("a row has {} cells and the table {} columns", row.len(), columns.len()).into());
    }
    let arrays = columns.iter().enumerate().map(|(at, column)| column_of(column.kind, rows, at)).collect();
    Ok(RecordBatch::try_new(Arc::clone(schema), arrays)?)
}

fn column_of(kind: ColumnKind, rows: &[Vec<Cell>], at: usize) -> ArrayRef {
    macro_rules! built {
        ($builder:ty, $($cell:pat => $value:expr),+) => {{
            let mut builder = <$builder>::new();
            for row in rows {
                match &row[at] { $($cell => builder.append_value($value),)+ _ => builder.append_null() }
            }
            Arc::new(builder.finish())
        }};
    }
    match kind {
        ColumnKind::Text => built!(StringBuilder, Cell::Text(text) => text),
        ColumnKind::Number => {
            built!(Float64Builder, Cell::Number(number) => *number, Cell::Integer(number) => *number as f64)
        }
        ColumnKind::Integer => built!(Int64Builder, Cell::Integer(number) => *number),
        ColumnKind::Boolean => built!(BooleanBuilder, Cell::Boolean(yes) => *yes),
        ColumnKind::Date => built!(Date32Builder, Cell::Date(date) => days(*date)),
        ColumnKind::Time => built!(TimestampMillisecondBuilder, Cell::Time(at) => at.0),
    }
}

/// Writes rows as a Parquet file, batch by batch.
pub struct ParquetRows {
    path: PathBuf,
    columns: Vec<ExternalColumn>,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
}

impl std::fmt::Debug for ParquetRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetRows").field("path", &self.path).finish_non_exhaustive()
    }
}

impl ParquetRows {
    /// Begins the file.
    ///
    /// # Errors
    /// [`LakeError::Parquet`].
    pub fn create(path: &Path, columns: Vec<ExternalColumn>) -> Result<ParquetRows, LakeError> {
        let failed = |source: BoxError| LakeError::Parquet { path: path.to_owned(), source };
        let file = File::create(path).map_err(|error| failed(error.into()))?;
        let schema = schema(&columns);
        let writer =
            ArrowWriter::try_new(file, Arc::clone(&schema), None).map_err(|error| failed(error.into()))?;
        Ok(ParquetRows { path: path.to_owned(), columns, schema, writer })
    }

    /// Adds rows.
    ///
    /// # Errors
    /// [`LakeError::Parquet`], also when a row is not as long as the columns.
    pub fn rows(&mut self, rows: &[Vec<Cell>]) -> Result<(), LakeError> {
        let failed = |source: BoxError| LakeError::Parquet { path: self.path.clone(), source };
        let batch = batch(&self.schema, &self.columns, rows).map_err(failed)?;
        self.writer.write(&batch).map_err(|error| failed(error.into()))
    }

    /// Ends the file.
    ///
    /// # Errors
    /// [`LakeError::Parquet`].
    pub fn finish(self) -> Result<(), LakeError> {
        let ParquetRows { path, writer, .. } = self;
        writer.close().map_err(|error| LakeError::Parquet { path, source: error.into() })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Two;

    impl ExternalTable for Two {
        fn name(&self) -> String {
            "two".to_owned()
        }
        fn columns(&self) -> Vec<ExternalColumn> {
            let kinds = [
                ("name", ColumnKind::Text),
                ("amount", ColumnKind::Number),
                ("day", ColumnKind::Date),
                ("at", ColumnKind::Time),
                ("kept", ColumnKind::Boolean),
            ];
            kinds.map(|(name, kind)| ExternalColumn { name: name.to_owned(), kind }).into()
        }
        fn rows(&self) -> Rows<'static> {
            let row = |name: &str, amount: Cell, year| {
                vec![
                    Cell::Text(name.to_owned()),
                    amount,
                    Cell::Date(jiff::civil::date(year, 1, 2)),
                    Cell::Time(Millis(0)),
                    Cell::Boolean(year > 1970),
                ]
            };
            let rows = vec![row("a", Cell::Number(1.5), 1970), row("b", Cell::Null, 2026)];
            Box::pin(futures::stream::iter([Ok(rows)]))
        }
    }

    #[tokio::test]
    async fn a_table_of_others_is_asked_in_sql() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock: crate::Clock = Arc::new(|| Millis(0));
        let options = crate::LakeOptions::new(folder.path().join("lake"));
        let lake = crate::Lake::open(options, clock).await.expect("a lake");
        lake.attach(Arc::new(Two)).expect("a new name");
        assert!(lake.attach(Arc::new(Two)).is_err(), "the name is taken");
        let answer = lake
            .sql("SELECT name, amount, CAST(day AS INT) AS days, kept FROM two ORDER BY name DESC", 10)
            .await
            .expect("an answer");
        let rows: Vec<String> = answer.rows.iter().map(|row| serde_json::json!(row).to_string()).collect();
        assert_eq!(rows, [r#"["b",null,20455,true]"#, r#"["a",1.5,1,false]"#]);
        lake.close().await;
    }

    #[test]
    fn rows_become_a_parquet_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rows.parquet");
        let mut writer = ParquetRows::create(&path, Two.columns()).expect("a file");
        let row = |name: &str| {
            let day = Cell::Date(jiff::civil::date(2026, 11, 23));
            vec![
                Cell::Text(name.to_owned()),
                Cell::Integer(2),
                day,
                Cell::Null,
                Cell::Text("no boolean".into()),
            ]
        };
        writer.rows(&[row("甲"), row("乙")]).expect("written");
        assert!(writer.rows(&[vec![Cell::Null]]).is_err(), "too short a row is told");
        writer.finish().expect("closed");
        let mut rows = Vec::new();
        let read = crate::read_parquet_text(&path, |row| {
            rows.push(row.join("|"));
            Ok::<(), ()>(())
        });
        assert!(matches!(read, Ok(Ok(()))), "{read:?}");
        assert_eq!(rows, ["name|amount|day|at|kept", "甲|2.0|2026-11-23||", "乙|2.0|2026-11-23||"]);
    }
}
