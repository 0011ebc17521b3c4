//! `hot.sqlite`: append-only tables that hold every row until it is sealed, and a few small ones that stay.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use sanggan_base::{
    Cadence, Flag, FrameId, Grain, Measure, Millis, Mn, Observation, ParameterCode, SeriesId, SeriesKey,
    StatKind, StationCode,
};

use super::extent::{Extents, Tag};
use super::memory::{Hot, HotObservation, HotStatistic};
use crate::error::BoxError;
use crate::frame::{Frame, FrameStatus};
use crate::sealed::kind::Kind;
use crate::series::SeriesTable;

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS state (
  id INTEGER PRIMARY KEY CHECK (id = 0), seq INTEGER NOT NULL, statistic_seq INTEGER NOT NULL,
  frame INTEGER NOT NULL, revision INTEGER NOT NULL, recorded_at INTEGER NOT NULL, followed INTEGER NOT NULL);
INSERT OR IGNORE INTO state VALUES (0, 0, 0, 0, 0, -9223372036854775808, 0);
CREATE TABLE IF NOT EXISTS series (
  id INTEGER PRIMARY KEY, station TEXT NOT NULL, parameter TEXT NOT NULL, measure INTEGER NOT NULL,
  cadence INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS source (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS frame (
  id INTEGER PRIMARY KEY, seq INTEGER NOT NULL, recorded_at INTEGER NOT NULL, received_at INTEGER NOT NULL,
  peer TEXT NOT NULL, mn TEXT, cn INTEGER, bytes BLOB NOT NULL, sm3 BLOB NOT NULL, defects TEXT NOT NULL,
  status INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS observation (
  seq INTEGER NOT NULL, recorded_at INTEGER NOT NULL, series INTEGER NOT NULL, at INTEGER NOT NULL, value REAL,
  flag INTEGER NOT NULL, revision INTEGER NOT NULL, frame INTEGER NOT NULL, source INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS statistic (
  seq INTEGER NOT NULL, recorded_at INTEGER NOT NULL, series INTEGER NOT NULL, grain INTEGER NOT NULL,
  kind INTEGER NOT NULL, start INTEGER NOT NULL, value REAL, valid INTEGER NOT NULL, used INTEGER NOT NULL,
  required INTEGER NOT NULL, excluded INTEGER NOT NULL, revision INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS extent (
  series INTEGER NOT NULL, tag INTEGER NOT NULL, until INTEGER NOT NULL, PRIMARY KEY (series, tag)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS latest (
  series INTEGER PRIMARY KEY, at INTEGER NOT NULL, value REAL, flag INTEGER NOT NULL, recorded_at INTEGER NOT NULL,
  frame INTEGER NOT NULL);
";

pub(crate) const INSERT_FRAME: &str = "INSERT INTO frame VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)";
pub(crate) const INSERT_OBSERVATION: &str = "INSERT INTO observation VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)";
pub(crate) const INSERT_STATISTIC: &str =
    "INSERT INTO statistic VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)";
pub(crate) const INSERT_SERIES: &str = "INSERT INTO series VALUES (?1,?2,?3,?4,?5)";
pub(crate) const INSERT_SOURCE: &str = "INSERT INTO source VALUES (?1,?2)";
pub(crate) const UPDATE_STATE: &str =
    "UPDATE state SET seq=?1, statistic_seq=?2, frame=?3, revision=?4, recorded_at=?5, followed=?6";

/// Where the file lies in the lake's folder.
pub(crate) fn path(folder: &Path) -> PathBuf {
    folder.join("hot.sqlite")
}

/// The counters that only grow; one row of the log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Counters {
    pub(crate) seq: u64,
    pub(crate) statistic_seq: u64,
    pub(crate) frame: u64,
    pub(crate) revision: i64,
    pub(crate) recorded_at: Millis,
    pub(crate) followed: u64,
}

/// SQLite integers are signed; our counters never come near 2⁶³.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    Ok(row.get::<_, i64>(index)?.unsigned_abs())
}

/// Opens the log for writing.
pub(crate) fn open(folder: &Path, bytes_max: Option<u64>) -> Result<Connection, rusqlite::Error> {
    let connection = Connection::open(path(folder))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 8000)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    connection.execute_batch(SCHEMA)?;
    if let Some(bytes) = bytes_max {
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        connection.pragma_update(None, "max_page_count", signed(bytes) / page.max(1))?;
    }
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Opens the log for reading beside the writer.
pub(crate) fn open_reader(folder: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path(folder), flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    Ok(connection)
}

/// What the log holds when it is opened.
pub(crate) struct Loaded {
    pub(crate) counters: Counters,
    pub(crate) series: SeriesTable,
    pub(crate) sources: Vec<Arc<str>>,
    pub(crate) extents: Extents,
    pub(crate) hot: Hot,
}

/// Reads everything the log holds except the packets.
pub(crate) fn load(connection: &Connection) -> Result<Loaded, BoxError> {
    let counters = connection.query_row(
        "SELECT seq, statistic_seq, frame, revision, recorded_at, followed FROM state",
        [],
        |row| {
            Ok(Counters {
                seq: unsigned(row, 0)?,
                statistic_seq: unsigned(row, 1)?,
                frame: unsigned(row, 2)?,
                revision: row.get(3)?,
                recorded_at: Millis(row.get(4)?),
                followed: unsigned(row, 5)?,
            })
        },
    )?;
    let mut loaded = Loaded {
        counters,
        series: load_series(connection)?,
        sources: load_sources(connection)?,
        extents: Extents::default(),
        hot: Hot::starting_at(&counters),
    };
    load_extents(connection, &mut loaded)?;
    each_observation(connection, u64::MAX, |series, row| {
        let tag = Tag::observation(crate::month::Month::of(row.at));
        loaded.extents.advance(series, tag, row.at);
        loaded.extents.newest(series, row.at, row.value, row.flag);
        loaded.hot.push_observation(series, row);
    })?;
    each_statistic(connection, u64::MAX, |series, row| {
        let tag = Tag::statistic(crate::month::Month::of(row.start), row.grain, row.kind);
        loaded.extents.advance(series, tag, row.start);
        loaded.hot.push_statistic(series, row);
    })?;
    loaded.extents.keep();
    loaded.hot.frame_count =
        connection.query_row("SELECT count(*) FROM frame", [], |row| unsigned(row, 0))?;
    Ok(loaded)
}

fn load_series(connection: &Connection) -> Result<SeriesTable, BoxError> {
    let mut table = SeriesTable::default();
    let mut statement =
        connection.prepare("SELECT station, parameter, measure, cadence, id FROM series ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let key = SeriesKey {
            station: StationCode::parse(&row.get::<_, String>(0)?)?,
            parameter: ParameterCode::parse(&row.get::<_, String>(1)?)?,
            measure: Measure::from_u8(row.get(2)?).ok_or("a series has an unknown measure")?,
            cadence: Cadence::from_u8(row.get(3)?).ok_or("a series has an unknown cadence")?,
        };
        if table.next() != SeriesId(row.get(4)?) {
            return Err("the series are not numbered without gaps".into());
        }
        table.push(key);
    }
    Ok(table)
}

fn load_sources(connection: &Connection) -> Result<Vec<Arc<str>>, rusqlite::Error> {
    let mut statement = connection.prepare("SELECT text FROM source ORDER BY id")?;
    let rows = statement.query_map([], |row| Ok(Arc::from(row.get::<_, String>(0)?)))?;
    rows.collect()
}

fn load_extents(connection: &Connection, loaded: &mut Loaded) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare("SELECT series, tag, until FROM extent ORDER BY series, tag")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        loaded.extents.advance(SeriesId(row.get(0)?), Tag(row.get(1)?), Millis(row.get(2)?));
    }
    let mut statement =
        connection.prepare("SELECT series, at, value, flag, recorded_at, frame FROM latest")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let frame = unsigned(row, 5)?;
        let latest = Observation {
            series: SeriesId(row.get(0)?),
            at: Millis(row.get(1)?),
            value: row.get::<_, Option<f64>>(2)?.unwrap_or(f64::NAN),
            flag: Flag::from_u8(row.get(3)?),
            recorded_at: Millis(row.get(4)?),
            frame: (frame != 0).then_some(FrameId(frame)),
        };
        loaded.extents.newest(latest.series, latest.at, latest.value, latest.flag);
        loaded.hot.note_latest(latest);
    }
    loaded.extents.keep();
    Ok(())
}

/// Calls `each` with every observation of commits up to `seq`, in the order of commit.
pub(crate) fn each_observation(
    connection: &Connection,
    seq: u64,
    mut each: impl FnMut(SeriesId, HotObservation),
) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare(
        "SELECT series, at, value, recorded_at, frame, revision, seq, source, flag FROM observation
         WHERE seq <= ?1 ORDER BY rowid",
    )?;
    let mut rows = statement.query([signed(seq)])?;
    while let Some(row) = rows.next()? {
        let observation = HotObservation {
            at: Millis(row.get(1)?),
            value: row.get::<_, Option<f64>>(2)?.unwrap_or(f64::NAN),
            recorded_at: Millis(row.get(3)?),
            frame: unsigned(row, 4)?,
            revision: row.get(5)?,
            seq: unsigned(row, 6)?,
            source: row.get(7)?,
            flag: Flag::from_u8(row.get(8)?),
        };
        each(SeriesId(row.get(0)?), observation);
    }
    Ok(())
}

/// Calls `each` with every statistic of statistic commits up to `seq`, in the order of commit.
pub(crate) fn each_statistic(
    connection: &Connection,
    seq: u64,
    mut each: impl FnMut(SeriesId, HotStatistic),
) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare(
        "SELECT series, start, value, recorded_at, revision, seq, used, required, excluded, grain, kind, valid
         FROM statistic WHERE seq <= ?1 ORDER BY rowid",
    )?;
    let mut rows = statement.query([signed(seq)])?;
    while let Some(row) = rows.next()? {
        let (Some(grain), Some(kind)) = (Grain::from_u8(row.get(9)?), StatKind::from_u8(row.get(10)?)) else {
            return Err(rusqlite::Error::IntegralValueOutOfRange(9, row.get(9)?));
        };
        let statistic = HotStatistic {
            start: Millis(row.get(1)?),
            value: row.get(2)?,
            recorded_at: Millis(row.get(3)?),
            revision: row.get(4)?,
            seq: unsigned(row, 5)?,
            used: row.get(6)?,
            required: row.get(7)?,
            excluded: row.get(8)?,
            grain,
            kind,
            valid: row.get(11)?,
        };
        each(SeriesId(row.get(0)?), statistic);
    }
    Ok(())
}

/// The columns [`frame_of`] reads.
pub(crate) const FRAME_COLUMNS: &str =
    "id, received_at, peer, mn, cn, bytes, sm3, defects, status, recorded_at";

/// A packet with the moment it was recorded.
pub(crate) fn frame_of(row: &Row<'_>) -> rusqlite::Result<(Frame, Millis)> {
    let mn: Option<String> = row.get(3)?;
    let frame = Frame {
        id: FrameId(unsigned(row, 0)?),
        received_at: Millis(row.get(1)?),
        peer: row.get(2)?,
        mn: mn.and_then(|mn| Mn::parse(&mn).ok()),
        cn: row.get(4)?,
        bytes: row.get(5)?,
        sm3: hex::encode(row.get::<_, Vec<u8>>(6)?),
        defects: row.get(7)?,
        status: FrameStatus::from_u8(row.get(8)?),
    };
    Ok((frame, Millis(row.get(9)?)))
}

/// One unsealed packet.
pub(crate) fn frame(connection: &Connection, id: FrameId) -> Result<Option<Frame>, rusqlite::Error> {
    let sql = format!("SELECT {FRAME_COLUMNS} FROM frame WHERE id = ?1");
    connection.query_row(&sql, [signed(id.0)], |row| Ok(frame_of(row)?.0)).optional()
}

/// Forgets up to `at_most` rows of commits up to `seq`; how many went.
pub(crate) fn forget(
    connection: &Connection,
    kind: Kind,
    seq: u64,
    at_most: usize,
) -> Result<usize, rusqlite::Error> {
    let table = kind.hot_table();
    // rowids grow with the commits, so the search stops at the first rows
    let sql = format!(
        "DELETE FROM {table} WHERE rowid <= (SELECT max(rowid) FROM
           (SELECT rowid, seq FROM {table} ORDER BY rowid LIMIT ?2) WHERE seq <= ?1)"
    );
    connection.prepare_cached(&sql)?.execute(params![signed(seq), signed(at_most as u64)])
}

/// Keeps how far a series has come, for after its rows are gone from the log.
pub(crate) fn keep_extent(
    connection: &Connection,
    series: SeriesId,
    tag: Tag,
    until: Millis,
) -> Result<(), rusqlite::Error> {
    let sql = "INSERT INTO extent VALUES (?1,?2,?3)
        ON CONFLICT DO UPDATE SET until = max(until, excluded.until)";
    connection.prepare_cached(sql)?.execute(params![series.0, tag.0, until.0])?;
    Ok(())
}

/// Keeps the latest observation of a series, for after its rows are gone from the log; which of two is the latest
/// is decided as by [`supersedes`](super::memory::supersedes).
pub(crate) fn keep_latest(connection: &Connection, latest: &Observation) -> Result<(), rusqlite::Error> {
    let sql = "INSERT INTO latest VALUES (?1,?2,?3,?4,?5,?6) ON CONFLICT DO UPDATE SET
        at=excluded.at, value=excluded.value, flag=excluded.flag, recorded_at=excluded.recorded_at,
        frame=excluded.frame WHERE (excluded.flag <> ?7, excluded.at) >= (latest.flag <> ?7, latest.at)";
    connection.prepare_cached(sql)?.execute(params![
        latest.series.0,
        latest.at.0,
        latest.value,
        latest.flag.to_u8(),
        latest.recorded_at.0,
        signed(latest.frame.map_or(0, |id| id.0)),
        Flag::ClockSuspect.to_u8(),
    ])?;
    Ok(())
}

/// Whether there are rows of commits up to `seq`.
pub(crate) fn holds(connection: &Connection, kind: Kind, seq: u64) -> Result<bool, rusqlite::Error> {
    let sql = format!("SELECT seq FROM {} ORDER BY rowid LIMIT 1", kind.hot_table());
    let first: Option<i64> = connection.query_row(&sql, [], |row| row.get(0)).optional()?;
    Ok(first.is_some_and(|first| first <= signed(seq)))
}
