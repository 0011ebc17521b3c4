//! The three tables and their columns: the one place that says what a Parquet file of the lake looks like.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use deltalake::kernel::{DataType as DeltaType, PrimitiveType, StructField};

/// A table of the lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Frames,
    Observations,
    Statistics,
}

/// The offset shown by every time column.
pub(crate) const ZONE: &str = "+08:00";

/// Times: microseconds of UTC in the file, shown at +08:00.
pub(crate) fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some(ZONE.into()))
}

fn schema(columns: &[(&str, DataType, bool)]) -> SchemaRef {
    let fields: Vec<Field> =
        columns.iter().map(|(name, kind, nullable)| Field::new(*name, kind.clone(), *nullable)).collect();
    Arc::new(Schema::new(fields))
}

static FRAMES: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("id", DataType::Int64, false),
        ("received_at", time_type(), false),
        ("peer", DataType::Utf8, false),
        ("mn", DataType::Utf8, true),
        ("cn", DataType::Int32, true),
        ("bytes", DataType::Binary, false),
        ("sm3", DataType::Utf8, false),
        ("defects", DataType::Utf8, false),
        ("status", DataType::Int8, false),
        ("recorded_at", time_type(), false),
    ])
});

static OBSERVATIONS: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("series_id", DataType::Int32, false),
        ("at", time_type(), false),
        ("value", DataType::Float64, false),
        ("flag", DataType::Int8, false),
        ("recorded_at", time_type(), false),
        ("frame_id", DataType::Int64, true),
        ("source", DataType::Utf8, true),
        ("revision", DataType::Int64, true),
    ])
});

static STATISTICS: LazyLock<SchemaRef> = LazyLock::new(|| {
    schema(&[
        ("series_id", DataType::Int32, false),
        ("grain", DataType::Int8, false),
        ("kind", DataType::Int8, false),
        ("start", time_type(), false),
        ("value", DataType::Float64, true),
        ("valid", DataType::Boolean, false),
        ("used", DataType::Int32, false),
        ("required", DataType::Int32, false),
        ("excluded", DataType::Int32, false),
        ("recorded_at", time_type(), false),
        ("revision", DataType::Int64, true),
    ])
});

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Kind::Frames, Kind::Observations, Kind::Statistics];

    pub(crate) fn index(self) -> usize {
        self as usize
    }

    /// The folder, and the application id of its Delta transactions.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Frames => "frames",
            Kind::Observations => "observations",
            Kind::Statistics => "statistics",
        }
    }

    pub(crate) fn hot_table(self) -> &'static str {
        match self {
            Kind::Frames => "frame",
            Kind::Observations => "observation",
            Kind::Statistics => "statistic",
        }
    }

    /// The columns inside the files.
    pub(crate) fn schema(self) -> &'static SchemaRef {
        match self {
            Kind::Frames => &FRAMES,
            Kind::Observations => &OBSERVATIONS,
            Kind::Statistics => &STATISTICS,
        }
    }

    /// The columns that are folders.
    pub(crate) fn partitions(self) -> &'static [&'static str] {
        match self {
            Kind::Frames => &["month"],
            Kind::Observations | Kind::Statistics => &["month", "part"],
        }
    }

    /// The order of rows in a file.
    pub(crate) fn sorted_by(self) -> &'static [&'static str] {
        match self {
            Kind::Frames => &["id"],
            Kind::Observations => &["series_id", "at", "revision"],
            Kind::Statistics => &["series_id", "grain", "kind", "start", "revision"],
        }
    }

    /// Columns whose least and greatest value the Delta log states for each file.
    pub(crate) fn ranged(self) -> &'static [&'static str; 3] {
        match self {
            Kind::Frames => &["id", "received_at", "recorded_at"],
            Kind::Observations => &["series_id", "at", "recorded_at"],
            Kind::Statistics => &["series_id", "start", "recorded_at"],
        }
    }

    pub(crate) fn rows_per_group(self) -> usize {
        match self {
            Kind::Frames => 32 * 1024,
            Kind::Observations | Kind::Statistics => 1024 * 1024,
        }
    }

    /// The table's columns for the Delta log: those of the files, then the partitions.
    pub(crate) fn delta_columns(self) -> Vec<StructField> {
        let inside = self.schema().fields().iter().map(|field| {
            let kind = match field.data_type() {
                DataType::Int8 => PrimitiveType::Byte,
                DataType::Int32 => PrimitiveType::Integer,
                DataType::Int64 => PrimitiveType::Long,
                DataType::Float64 => PrimitiveType::Double,
                DataType::Boolean => PrimitiveType::Boolean,
                DataType::Binary => PrimitiveType::Binary,
                DataType::Timestamp(..) => PrimitiveType::Timestamp,
                _ => PrimitiveType::String,
            };
            StructField::new(field.name(), DeltaType::Primitive(kind), field.is_nullable())
        });
        let folders = self
            .partitions()
            .iter()
            .map(|name| StructField::new(*name, DeltaType::Primitive(PrimitiveType::String), false));
        inside.chain(folders).collect()
    }
}
