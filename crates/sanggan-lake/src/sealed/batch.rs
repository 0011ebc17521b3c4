//! Rows of ours to Arrow batches and back.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Float64Array, Int8Array, Int32Array, Int64Array,
    PrimitiveArray, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{
    ArrowPrimitiveType, Float64Type, Int8Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use datafusion::arrow::error::ArrowError;
use sanggan_base::{Flag, FrameId, Grain, Millis, Mn, SeriesId, StatKind};

use super::kind::{Kind, ZONE};
use crate::frame::{Frame, FrameStatus};
use crate::hot::memory::{HotObservation, HotStatistic};

/// Milliseconds as stored, in microseconds.
pub(crate) fn micros(at: Millis) -> i64 {
    at.0.saturating_mul(1000)
}

fn millis(micros: i64) -> Millis {
    Millis(micros.div_euclid(1000))
}

fn times(values: impl Iterator<Item = Millis>) -> ArrayRef {
    Arc::new(values.map(|at| Some(micros(at))).collect::<TimestampMicrosecondArray>().with_timezone(ZONE))
}

/// Series ids and counts fit: they are made one by one.
fn int(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn long(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn small(value: u8) -> i8 {
    i8::try_from(value).unwrap_or(i8::MAX)
}

/// Observations as a batch of [`Kind::Observations`].
pub(crate) fn observations<'s>(
    rows: &[(SeriesId, HotObservation)],
    source: impl Fn(u32) -> Option<&'s str>,
) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|(series, _)| Some(int(series.0))).collect::<Int32Array>()),
        times(rows.iter().map(|(_, row)| row.at)),
        Arc::new(rows.iter().map(|(_, row)| Some(row.value)).collect::<Float64Array>()),
        Arc::new(rows.iter().map(|(_, row)| Some(small(row.flag.to_u8()))).collect::<Int8Array>()),
        times(rows.iter().map(|(_, row)| row.recorded_at)),
        Arc::new(
            rows.iter().map(|(_, row)| (row.frame != 0).then(|| long(row.frame))).collect::<Int64Array>(),
        ),
        Arc::new(rows.iter().map(|(_, row)| source(row.source)).collect::<StringArray>()),
        Arc::new(
            rows.iter().map(|(_, row)| (row.revision != 0).then_some(row.revision)).collect::<Int64Array>(),
        ),
    ];
    RecordBatch::try_new(Arc::clone(Kind::Observations.schema()), columns)
}

/// Statistics as a batch of [`Kind::Statistics`].
pub(crate) fn statistics(rows: &[(SeriesId, HotStatistic)]) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|(series, _)| Some(int(series.0))).collect::<Int32Array>()),
        Arc::new(rows.iter().map(|(_, row)| Some(small(row.grain.to_u8()))).collect::<Int8Array>()),
        Arc::new(rows.iter().map(|(_, row)| Some(small(row.kind.to_u8()))).collect::<Int8Array>()),
        times(rows.iter().map(|(_, row)| row.start)),
        Arc::new(rows.iter().map(|(_, row)| row.value).collect::<Float64Array>()),
        Arc::new(rows.iter().map(|(_, row)| Some(row.valid)).collect::<BooleanArray>()),
        Arc::new(rows.iter().map(|(_, row)| Some(int(row.used))).collect::<Int32Array>()),
        Arc::new(rows.iter().map(|(_, row)| Some(int(row.required))).collect::<Int32Array>()),
        Arc::new(rows.iter().map(|(_, row)| Some(int(row.excluded))).collect::<Int32Array>()),
        times(rows.iter().map(|(_, row)| row.recorded_at)),
        Arc::new(
            rows.iter().map(|(_, row)| (row.revision != 0).then_some(row.revision)).collect::<Int64Array>(),
        ),
    ];
    RecordBatch::try_new(Arc::clone(Kind::Statistics.schema()), columns)
}

/// Packets, each with the moment it was recorded, as a batch of [`Kind::Frames`].
pub(crate) fn frames(rows: &[(Frame, Millis)]) -> Result<RecordBatch, ArrowError> {
    let text = |get: fn(&Frame) -> &str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(rows.iter().map(|(frame, _)| get(frame))))
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().map(|(frame, _)| Some(long(frame.id.0))).collect::<Int64Array>()),
        times(rows.iter().map(|(frame, _)| frame.received_at)),
        text(|frame| &frame.peer),
        Arc::new(rows.iter().map(|(frame, _)| frame.mn.as_ref().map(Mn::as_str)).collect::<StringArray>()),
        Arc::new(rows.iter().map(|(frame, _)| frame.cn.map(i32::from)).collect::<Int32Array>()),
        Arc::new(BinaryArray::from_iter_values(rows.iter().map(|(frame, _)| &frame.bytes))),
        text(|frame| &frame.sm3),
        text(|frame| &frame.defects),
        Arc::new(rows.iter().map(|(frame, _)| Some(small(frame.status.to_u8()))).collect::<Int8Array>()),
        times(rows.iter().map(|(_, recorded_at)| *recorded_at)),
    ];
    RecordBatch::try_new(Arc::clone(Kind::Frames.schema()), columns)
}

/// A column of a batch read from a file of ours, by name.
pub(crate) fn column<'b, T: ArrowPrimitiveType>(
    batch: &'b RecordBatch,
    name: &str,
) -> Result<&'b PrimitiveArray<T>, ArrowError> {
    let column = batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<T>());
    column.ok_or_else(|| ArrowError::SchemaError(format!("a sealed file has no proper column `{name}`")))
}

fn text_column<'b>(batch: &'b RecordBatch, name: &str) -> Result<&'b StringArray, ArrowError> {
    let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    column.ok_or_else(|| ArrowError::SchemaError(format!("a sealed file has no proper column `{name}`")))
}

fn optional<T: ArrowPrimitiveType>(column: &PrimitiveArray<T>, row: usize) -> Option<T::Native> {
    column.is_valid(row).then(|| column.value(row))
}

/// Calls `each` with the rows of a batch; the source is left out, `seq` is 0.
pub(crate) fn each_observation(
    batch: &RecordBatch,
    mut each: impl FnMut(SeriesId, HotObservation),
) -> Result<(), ArrowError> {
    let series = column::<Int32Type>(batch, "series_id")?;
    let at = column::<TimestampMicrosecondType>(batch, "at")?;
    let value = column::<Float64Type>(batch, "value")?;
    let flag = column::<Int8Type>(batch, "flag")?;
    let recorded_at = column::<TimestampMicrosecondType>(batch, "recorded_at")?;
    let frame = column::<Int64Type>(batch, "frame_id")?;
    let revision = column::<Int64Type>(batch, "revision")?;
    for row in 0..batch.num_rows() {
        let observation = HotObservation {
            at: millis(at.value(row)),
            value: value.value(row),
            recorded_at: millis(recorded_at.value(row)),
            frame: optional(frame, row).unwrap_or(0).unsigned_abs(),
            revision: optional(revision, row).unwrap_or(0),
            seq: 0,
            source: 0,
            flag: Flag::from_u8(flag.value(row).unsigned_abs()),
        };
        each(SeriesId(series.value(row).unsigned_abs()), observation);
    }
    Ok(())
}

/// Calls `each` with the rows of a batch; `seq` is 0.
pub(crate) fn each_statistic(
    batch: &RecordBatch,
    mut each: impl FnMut(SeriesId, HotStatistic),
) -> Result<(), ArrowError> {
    let series = column::<Int32Type>(batch, "series_id")?;
    let grain = column::<Int8Type>(batch, "grain")?;
    let kind = column::<Int8Type>(batch, "kind")?;
    let start = column::<TimestampMicrosecondType>(batch, "start")?;
    let value = column::<Float64Type>(batch, "value")?;
    let valid = batch
        .column_by_name("valid")
        .and_then(|column| column.as_boolean_opt())
        .ok_or_else(|| ArrowError::SchemaError("a sealed file has no proper column `valid`".to_owned()))?;
    let used = column::<Int32Type>(batch, "used")?;
    let required = column::<Int32Type>(batch, "required")?;
    let excluded = column::<Int32Type>(batch, "excluded")?;
    let recorded_at = column::<TimestampMicrosecondType>(batch, "recorded_at")?;
    let revision = column::<Int64Type>(batch, "revision")?;
    for row in 0..batch.num_rows() {
        let grain_kind = Grain::from_u8(grain.value(row).unsigned_abs())
            .zip(StatKind::from_u8(kind.value(row).unsigned_abs()))
            .ok_or_else(|| {
                ArrowError::SchemaError("a sealed statistic has an unknown grain or kind".to_owned())
            })?;
        let statistic = HotStatistic {
            start: millis(start.value(row)),
            value: optional(value, row),
            recorded_at: millis(recorded_at.value(row)),
            revision: optional(revision, row).unwrap_or(0),
            seq: 0,
            used: used.value(row).unsigned_abs(),
            required: required.value(row).unsigned_abs(),
            excluded: excluded.value(row).unsigned_abs(),
            grain: grain_kind.0,
            kind: grain_kind.1,
            valid: valid.value(row),
        };
        each(SeriesId(series.value(row).unsigned_abs()), statistic);
    }
    Ok(())
}

/// The packets of a batch.
pub(crate) fn read_frames(batch: &RecordBatch, frames: &mut Vec<Frame>) -> Result<(), ArrowError> {
    let id = column::<Int64Type>(batch, "id")?;
    let received_at = column::<TimestampMicrosecondType>(batch, "received_at")?;
    let cn = column::<Int32Type>(batch, "cn")?;
    let status = column::<Int8Type>(batch, "status")?;
    let (peer, mn) = (text_column(batch, "peer")?, text_column(batch, "mn")?);
    let (sm3, defects) = (text_column(batch, "sm3")?, text_column(batch, "defects")?);
    let bytes = batch
        .column_by_name("bytes")
        .and_then(|column| column.as_binary_opt::<i32>())
        .ok_or_else(|| ArrowError::SchemaError("a sealed file has no proper column `bytes`".to_owned()))?;
    for row in 0..batch.num_rows() {
        frames.push(Frame {
            id: FrameId(id.value(row).unsigned_abs()),
            received_at: millis(received_at.value(row)),
            peer: peer.value(row).to_owned(),
            mn: mn.is_valid(row).then(|| mn.value(row)).and_then(|mn| Mn::parse(mn).ok()),
            cn: optional(cn, row).and_then(|cn| u16::try_from(cn).ok()),
            bytes: bytes.value(row).to_vec(),
            sm3: sm3.value(row).to_owned(),
            defects: defects.value(row).to_owned(),
            status: FrameStatus::from_u8(status.value(row).unsigned_abs()),
        });
    }
    Ok(())
}
