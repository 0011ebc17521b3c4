//! Which files hold, and what each is known to contain.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::kind::Kind;
use crate::month::Month;

/// A Parquet file that the Delta log names. Never changed once written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FileEntry {
    /// Relative to the table's folder, as in the Delta log.
    pub(crate) path: String,
    pub(crate) month: Month,
    /// Whether its rows are late ones.
    pub(crate) late: bool,
    pub(crate) bytes: u64,
    pub(crate) rows: u64,
    /// Least and greatest value of [`Kind::ranged`]; times in microseconds.
    pub(crate) ranges: [(i64, i64); 3],
}

/// The files of one table at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sealed {
    pub(crate) files: Vec<Arc<FileEntry>>,
    /// Rows of commits up to this one are in the files.
    pub(crate) seq: u64,
}

impl Sealed {
    pub(crate) fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

impl FileEntry {
    pub(crate) fn part(&self) -> &'static str {
        if self.late { "late" } else { "main" }
    }

    /// The partition columns and their values.
    pub(crate) fn partition_values(&self, kind: Kind) -> Vec<(String, Option<String>)> {
        let value = |name: &str| if name == "month" { self.month.key() } else { self.part().to_owned() };
        kind.partitions().iter().map(|name| ((*name).to_owned(), Some(value(name)))).collect()
    }

    /// The folder of a partition, relative to the table's.
    pub(crate) fn folder(kind: Kind, month: Month, late: bool) -> String {
        match kind {
            Kind::Frames => format!("month={}", month.key()),
            Kind::Observations | Kind::Statistics => {
                format!("month={}/part={}", month.key(), if late { "late" } else { "main" })
            }
        }
    }

    /// The `stats` of its add action.
    pub(crate) fn stats(&self, kind: Kind) -> String {
        let mut least = Map::new();
        let mut greatest = Map::new();
        for (name, range) in kind.ranged().iter().zip(self.ranges) {
            least.insert((*name).to_owned(), stat_value(name, range.0));
            greatest.insert((*name).to_owned(), stat_value(name, range.1));
        }
        json!({"numRecords": self.rows, "minValues": least, "maxValues": greatest, "nullCount": {}})
            .to_string()
    }

    /// Reads an add action back; `None` when it is not one of ours.
    pub(crate) fn from_log(
        kind: Kind,
        path: String,
        bytes: u64,
        partition: impl Fn(&str) -> Option<String>,
        stats: &str,
    ) -> Option<FileEntry> {
        let stats: Value = serde_json::from_str(stats).ok()?;
        let mut ranges = [(0, 0); 3];
        for (range, name) in ranges.iter_mut().zip(kind.ranged()) {
            *range = (read_stat(&stats["minValues"][name])?, read_stat(&stats["maxValues"][name])?);
        }
        Some(FileEntry {
            path,
            month: Month::parse(&partition("month")?)?,
            late: partition("part").is_some_and(|part| part == "late"),
            bytes,
            rows: stats["numRecords"].as_u64()?,
            ranges,
        })
    }
}

/// Times as Delta writes them, with milliseconds; all of ours are whole ones.
fn stat_value(name: &str, value: i64) -> Value {
    if name.ends_with("id") {
        return value.into();
    }
    match jiff::Timestamp::from_microsecond(value) {
        Ok(at) => format!("{at:.3}").into(),
        Err(_) => Value::Null,
    }
}

fn read_stat(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => Some(text.parse::<jiff::Timestamp>().ok()?.as_microsecond()),
        other => other.as_i64(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_survives_the_log() {
        let entry = FileEntry {
            path: "month=2026-03/part=late/a.parquet".to_owned(),
            month: Month::parse("2026-03").expect("a month"),
            late: true,
            bytes: 77,
            rows: 5,
            ranges: [(1, 9), (-62_135_596_800_000_000, 1_772_294_400_001_000), (0, 253_402_128_000_000_000)],
        };
        let values = entry.partition_values(Kind::Observations);
        let partition =
            |name: &str| values.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.clone());
        let stats = entry.stats(Kind::Observations);
        let back = FileEntry::from_log(Kind::Observations, entry.path.clone(), 77, partition, &stats);
        assert_eq!(back, Some(entry));
    }
}
