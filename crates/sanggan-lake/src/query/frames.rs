//! Packets: one by its number, or a page of those that match.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, BooleanArray};
use datafusion::arrow::datatypes::{Int8Type, Int64Type, TimestampMicrosecondType};
use datafusion::arrow::error::ArrowError;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowPredicateFn, RowFilter};
use parquet::schema::types::SchemaDescriptor;
use rusqlite::Connection;
use rusqlite::types::Value;
use sanggan_base::{FrameId, Mn};

use crate::error::BoxError;
use crate::frame::{Frame, FrameQuery};
use crate::hot::log;
use crate::sealed::batch::{self, column, micros};
use crate::sealed::files::Sealed;
use crate::sealed::kind::Kind;
use crate::sealed::read::{self, Footers, Wanted};
use crate::shared::Shared;

/// The sealed files and a view of the hot store that fit together: every packet is in exactly one of them.
pub(crate) fn snapshot(shared: &Shared) -> Result<(Arc<Sealed>, Connection), BoxError> {
    let connection = log::open_reader(&shared.folder)?;
    // rows leave the hot store only after `state` names the files they are in, so while it is held they stay
    let state = shared.state.read();
    connection.execute_batch("BEGIN; SELECT seq FROM state;")?;
    Ok((Arc::clone(state.sealed(Kind::Frames)), connection))
}

pub(crate) fn one(shared: &Shared, footers: &Footers, id: FrameId) -> Result<Option<Frame>, BoxError> {
    let (sealed, connection) = snapshot(shared)?;
    if let Some(frame) = log::frame(&connection, id)? {
        return Ok(Some(frame));
    }
    let key = log::signed(id.0);
    let folder = shared.folder.join(Kind::Frames.name());
    for file in sealed.files.iter().filter(|file| file.ranges[0].0 <= key && key <= file.ranges[0].1) {
        let mut frames = Vec::new();
        read::rows(footers, &folder.join(&file.path), &Wanted { keys: &[key] }, |batch| {
            let ids = column::<Int64Type>(&batch, "id")?;
            if let Ok(row) = ids.values().binary_search(&key) {
                batch::read_frames(&batch.slice(row, 1), &mut frames)?;
            }
            Ok(())
        })?;
        if let Some(frame) = frames.pop() {
            return Ok(Some(frame));
        }
    }
    Ok(None)
}

pub(crate) fn list(shared: &Shared, footers: &Footers, query: &FrameQuery) -> Result<Vec<Frame>, BoxError> {
    if query.limit == 0 {
        return Ok(Vec::new());
    }
    let (sealed, connection) = snapshot(shared)?;
    // every hot packet has a greater number than every sealed one
    let mut frames = Vec::new();
    if query.newest_first {
        hot(&connection, sealed.seq, query, query.limit, &mut frames)?;
        if frames.len() < query.limit {
            from_files(shared, footers, &sealed, query, query.limit - frames.len(), &mut frames)?;
        }
    } else {
        from_files(shared, footers, &sealed, query, query.limit, &mut frames)?;
        if frames.len() < query.limit {
            hot(&connection, sealed.seq, query, query.limit - frames.len(), &mut frames)?;
        }
    }
    Ok(frames)
}

fn hot(
    connection: &Connection,
    after_seq: u64,
    query: &FrameQuery,
    limit: usize,
    frames: &mut Vec<Frame>,
) -> Result<(), BoxError> {
    let mut sql = format!("SELECT {} FROM frame WHERE seq > ?", log::FRAME_COLUMNS);
    let mut values: Vec<Value> = vec![log::signed(after_seq).into()];
    let mut and = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            sql.push_str(" AND ");
            sql.push_str(condition);
            values.push(value);
        }
    };
    and("mn = ?", query.mn.as_ref().map(|mn| mn.as_str().to_owned().into()));
    and("status = ?", query.status.map(|status| i64::from(status.to_u8()).into()));
    and("defects <> ?", query.only_defective.then(|| String::new().into()));
    and("received_at >= ?", query.from.map(|from| from.0.into()));
    and("received_at < ?", query.to.map(|to| to.0.into()));
    let after = query.after.map(|id| log::signed(id.0).into());
    and(if query.newest_first { "id < ?" } else { "id > ?" }, after);
    sql.push_str(if query.newest_first { " ORDER BY id DESC LIMIT ?" } else { " ORDER BY id LIMIT ?" });
    values.push(log::signed(limit as u64).into());
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        frames.push(log::frame_of(row)?.0);
    }
    Ok(())
}

/// Appends up to `limit` matching packets of the files, in the order asked.
fn from_files(
    shared: &Shared,
    footers: &Footers,
    sealed: &Sealed,
    query: &FrameQuery,
    limit: usize,
    frames: &mut Vec<Frame>,
) -> Result<(), BoxError> {
    let test = Test::new(query);
    let mut files: Vec<_> = sealed.files.iter().filter(|file| test.may_hold(&file.ranges)).collect();
    let first_key = |ids: (i64, i64)| if query.newest_first { -ids.1 } else { ids.0 };
    files.sort_by_key(|file| first_key(file.ranges[0]));
    let mut found: Vec<Frame> = Vec::new();
    let order = |frame: &Frame| {
        let id = log::signed(frame.id.0);
        if query.newest_first { -id } else { id }
    };
    for file in files {
        // files of different months may overlap in their numbers when a clock was wrong
        if found.len() >= limit && order(&found[limit - 1]) < first_key(file.ranges[0]) {
            break;
        }
        let path = shared.folder.join(Kind::Frames.name()).join(&file.path);
        read_file(footers, &path, &test, query.newest_first, limit, &mut found)?;
        found.sort_by_key(order);
        found.truncate(limit);
    }
    frames.append(&mut found);
    Ok(())
}

fn read_file(
    footers: &Footers,
    path: &Path,
    test: &Test,
    newest_first: bool,
    limit: usize,
    found: &mut Vec<Frame>,
) -> Result<(), BoxError> {
    let groups = read::group_ranges(footers, path)?;
    let mut order: Vec<usize> = (0..groups.len()).filter(|&group| test.ids_meet(groups[group])).collect();
    if newest_first {
        order.reverse();
    }
    let before = found.len();
    for group in order {
        if found.len() - before >= limit {
            break;
        }
        let test = test.clone();
        read::group_rows(
            footers,
            path,
            group,
            |schema| test.filter(schema),
            |batch| {
                batch::read_frames(&batch, found)?;
                Ok(())
            },
        )?;
    }
    Ok(())
}

/// What a packet must be, in stored form.
#[derive(Clone)]
struct Test {
    /// Inclusive.
    ids: (i64, i64),
    /// Inclusive, microseconds.
    received: (i64, i64),
    mn: Option<Mn>,
    status: Option<i8>,
    only_defective: bool,
}

impl Test {
    fn new(query: &FrameQuery) -> Test {
        let after = query.after.map(|id| log::signed(id.0));
        Test {
            ids: match (after, query.newest_first) {
                (None, _) => (i64::MIN, i64::MAX),
                (Some(after), false) => (after.saturating_add(1), i64::MAX),
                (Some(after), true) => (i64::MIN, after.saturating_sub(1)),
            },
            received: (
                query.from.map_or(i64::MIN, micros),
                query.to.map_or(i64::MAX, |to| micros(to).saturating_sub(1)),
            ),
            mn: query.mn.clone(),
            status: query.status.map(|status| i8::try_from(status.to_u8()).unwrap_or(i8::MAX)),
            only_defective: query.only_defective,
        }
    }

    fn ids_meet(&self, ids: (i64, i64)) -> bool {
        self.ids.0 <= ids.1 && ids.0 <= self.ids.1
    }

    fn may_hold(&self, ranges: &[(i64, i64); 3]) -> bool {
        self.ids_meet(ranges[0]) && self.received.0 <= ranges[1].1 && ranges[1].0 <= self.received.1
    }

    fn filter(self, schema: &SchemaDescriptor) -> RowFilter {
        let columns = ["id", "received_at", "mn", "defects", "status"];
        let mask = ProjectionMask::columns(schema, columns);
        RowFilter::new(vec![Box::new(ArrowPredicateFn::new(mask, move |batch| {
            let id = column::<Int64Type>(&batch, "id")?;
            let received_at = column::<TimestampMicrosecondType>(&batch, "received_at")?;
            let status = column::<Int8Type>(&batch, "status")?;
            let text = |name: &str| {
                let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
                column.ok_or_else(|| ArrowError::SchemaError(format!("no text column `{name}`")))
            };
            let (mn, defects) = (text("mn")?, text("defects")?);
            let passes = (0..batch.num_rows()).map(|row| {
                (self.ids.0..=self.ids.1).contains(&id.value(row))
                    && (self.received.0..=self.received.1).contains(&received_at.value(row))
                    && self.status.is_none_or(|wanted| status.value(row) == wanted)
                    && (!self.only_defective || !defects.value(row).is_empty())
                    && self
                        .mn
                        .as_ref()
                        .is_none_or(|wanted| mn.is_valid(row) && mn.value(row) == wanted.as_str())
            });
            Ok(passes.map(Some).collect::<BooleanArray>())
        }))])
    }
}
