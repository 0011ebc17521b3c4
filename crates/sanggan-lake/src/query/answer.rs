//! Arrow batches to plain values.

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Float64Type, Int64Type, Schema, TimeUnit, TimestampMillisecondType,
};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use sanggan_base::Millis;
use serde_json::Value;

use crate::answer::{Column, Table};
use crate::error::BoxError;

/// The first `limit` rows as a table.
pub(crate) fn table(schema: &Schema, batches: &[RecordBatch], limit: usize) -> Result<Table, BoxError> {
    let columns = schema.fields().iter();
    let columns =
        columns.map(|field| Column { name: field.name().clone(), kind: field.data_type().to_string() });
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut truncated = false;
    for batch in batches {
        let taken = batch.num_rows().min(limit - rows.len());
        truncated |= taken < batch.num_rows();
        let batch = batch.slice(0, taken);
        let first = rows.len();
        rows.resize_with(first + taken, || Vec::with_capacity(batch.num_columns()));
        for column in batch.columns() {
            for (row, value) in rows[first..].iter_mut().zip(values(column)?) {
                row.push(value);
            }
        }
    }
    Ok(Table { columns: columns.collect(), rows, truncated })
}

fn values(column: &dyn Array) -> Result<Vec<Value>, BoxError> {
    let kind = column.data_type();
    let rows = 0..column.len();
    let present = |row: usize| column.is_valid(row);
    let values = match kind {
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32 => {
            let numbers = cast(column, &DataType::Int64)?;
            let numbers = numbers.as_primitive::<Int64Type>();
            rows.map(|row| if present(row) { numbers.value(row).into() } else { Value::Null }).collect()
        }
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            let numbers = cast(column, &DataType::Float64)?;
            let numbers = numbers.as_primitive::<Float64Type>();
            // JSON has no NaN and no infinities: they become null
            rows.map(|row| if present(row) { numbers.value(row).into() } else { Value::Null }).collect()
        }
        DataType::Boolean => {
            let flags = column.as_boolean();
            rows.map(|row| if present(row) { flags.value(row).into() } else { Value::Null }).collect()
        }
        DataType::Timestamp(_, Some(zone)) => {
            let whole = DataType::Timestamp(TimeUnit::Millisecond, Some(zone.clone()));
            let times = cast(column, &whole)?;
            let times = times.as_primitive::<TimestampMillisecondType>();
            let text = |row| Millis(times.value(row)).to_string();
            rows.map(|row| if present(row) { text(row).into() } else { Value::Null }).collect()
        }
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView => {
            let bytes = cast(column, &DataType::Binary)?;
            let bytes = bytes.as_binary::<i32>();
            rows.map(|row| if present(row) { readable(bytes.value(row)).into() } else { Value::Null })
                .collect()
        }
        DataType::Struct(fields) => {
            let parts = column.as_struct().columns().iter().map(|part| values(part));
            let mut parts = parts.map(|part| Ok(part?.into_iter())).collect::<Result<Vec<_>, BoxError>>()?;
            let of_row = |row: usize| {
                let cells = parts.iter_mut().map(|part| part.next().unwrap_or(Value::Null));
                let object = fields.iter().map(|field| field.name().clone()).zip(cells).collect();
                if present(row) { Value::Object(object) } else { Value::Null }
            };
            rows.map(of_row).collect()
        }
        DataType::List(_) => {
            let lists = column.as_list::<i32>();
            rows.map(
                |row| {
                    if present(row) { values(&lists.value(row)).map(Value::Array) } else { Ok(Value::Null) }
                },
            )
            .collect::<Result<_, _>>()?
        }
        DataType::Null => rows.map(|_| Value::Null).collect(),
        _ => {
            let format = ArrayFormatter::try_new(column, &FormatOptions::default())?;
            rows.map(|row| if present(row) { format.value(row).to_string().into() } else { Value::Null })
                .collect()
        }
    };
    Ok(values)
}

/// Text as it is, other bytes as `\x2323…` (the way PostgreSQL writes them).
fn readable(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("\\x{}", hex::encode(bytes)),
    }
}
