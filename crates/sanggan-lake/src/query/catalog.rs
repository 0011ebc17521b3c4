//! The SQL catalog: SELECTs over one consistent view of files and hot rows.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{Int32Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::MemTable;
use datafusion::common::config::Dialect;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::Statement as SqlStatement;
use parking_lot::RwLock;
use sanggan_base::{Flag, Grain, Millis, SeriesId, StatKind};

use super::answer;
use super::provider::{HotPart, LakeTable};
use crate::answer::Table;
use crate::error::{BoxError, LakeError};
use crate::external::{self, ExternalTable};
use crate::frame::{Frame, FrameStatus};
use crate::hot::log;
use crate::hot::memory::{HotObservation, HotStatistic};
use crate::law;
use crate::month::{Month, MonthCache};
use crate::sealed::batch;
use crate::sealed::files::FileEntry;
use crate::sealed::kind::Kind;
use crate::shared::Shared;

/// Longest a query may run.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// Most memory all queries together may hold for sorting, grouping and joining.
const MEMORY_LIMIT: usize = 512 << 20;
/// Rows of one Arrow batch of hot rows.
const BATCH_ROWS: usize = 8192;

/// What queries share: memory, open footers, the object store.
pub(crate) struct Engine {
    runtime: Arc<RuntimeEnv>,
    config: SessionConfig,
    functions: law::Functions,
    /// Tables of others, by name.
    external: RwLock<BTreeMap<String, Arc<dyn ExternalTable>>>,
}

/// Names that are the lake's own.
const OWN_TABLES: &[&str] = &[
    "frames",
    "observations",
    "observation_versions",
    "statistics",
    "statistic_versions",
    "series",
    "standards",
    "assessments",
];

impl Engine {
    pub(crate) fn new(_lake: &Path) -> Result<Engine, BoxError> {
        let runtime = RuntimeEnvBuilder::new().with_memory_limit(MEMORY_LIMIT, 1.0).build_arc()?;
        let config = SessionConfig::new()
            .with_information_schema(true)
            .set_str("datafusion.execution.time_zone", crate::sealed::kind::ZONE)
            .set_bool("datafusion.execution.parquet.pushdown_filters", false);
        Ok(Engine { runtime, config, functions: law::Functions::new(), external: RwLock::default() })
    }

    /// Adds a table of others.
    pub(crate) fn attach(&self, table: Arc<dyn ExternalTable>) -> Result<(), LakeError> {
        let name = table.name();
        let mut external = self.external.write();
        if OWN_TABLES.contains(&name.as_str()) || name.starts_with("lake_") || external.contains_key(&name) {
            return Err(LakeError::query(format!("the name `{name}` is taken: give the table another")));
        }
        external.insert(name, table);
        Ok(())
    }

    pub(crate) fn context(&self) -> SessionContext {
        let context = SessionContext::new_with_config_rt(self.config.clone(), Arc::clone(&self.runtime));
        self.functions.register(&context);
        context
    }

    pub(crate) async fn sql(
        &self,
        shared: &Arc<Shared>,
        query: &str,
        limit: usize,
    ) -> Result<Table, LakeError> {
        match tokio::time::timeout(TIME_LIMIT, self.run(shared, query, limit)).await {
            Ok(answer) => answer,
            Err(_) => Err(LakeError::query(format!("it took longer than {} s", TIME_LIMIT.as_secs()))),
        }
    }

    async fn run(&self, shared: &Arc<Shared>, query: &str, limit: usize) -> Result<Table, LakeError> {
        let context = self.context();
        let state = context.state();
        let statement = state.sql_to_statement(query, &Dialect::Generic).map_err(LakeError::query)?;
        if !is_select(&statement) {
            return Err(LakeError::NotReadOnly);
        }
        let references = state.resolve_table_references(&statement).map_err(LakeError::query)?;
        let names: HashSet<String> = references.iter().map(|table| table.table().to_owned()).collect();
        self.register(&context, shared, names).await.map_err(LakeError::query)?;
        let plan = context.state().statement_to_plan(statement).await.map_err(LakeError::query)?;
        let options =
            SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
        options.verify_plan(&plan).map_err(|_| LakeError::NotReadOnly)?;
        let rows = context.execute_logical_plan(plan).await.map_err(LakeError::query)?;
        let rows = rows.limit(0, Some(limit.saturating_add(1))).map_err(LakeError::query)?;
        let schema = Arc::clone(rows.schema().inner());
        let batches = rows.collect().await.map_err(LakeError::query)?;
        answer::table(&schema, &batches, limit).map_err(LakeError::query)
    }

    /// The physical plan of a query, as text.
    #[cfg(test)]
    pub(crate) async fn explain(&self, shared: &Arc<Shared>, query: &str) -> Result<String, BoxError> {
        let context = self.context();
        let names = ["observations", "statistics", "frames"].map(str::to_owned).into();
        self.register(&context, shared, names).await?;
        let plan = context.sql(query).await?.create_physical_plan().await?;
        Ok(datafusion::physical_plan::displayable(plan.as_ref()).indent(true).to_string())
    }

    /// Registers the tables a query names, all as of one moment.
    async fn register(
        &self,
        context: &SessionContext,
        shared: &Arc<Shared>,
        names: HashSet<String>,
    ) -> Result<(), BoxError> {
        let has = |wanted: &[&str]| wanted.iter().any(|name| names.contains(*name));
        let wanted = [
            has(&["frames"]),
            has(&["observations", "observation_versions"]),
            has(&["statistics", "statistic_versions"]),
        ];
        let from = Arc::clone(shared);
        let tables = tokio::task::spawn_blocking(move || snapshot(&from, wanted)).await??;
        for table in tables {
            let kind = table.kind();
            let late: Vec<String> = table.late_months().into_iter().map(Month::key).collect();
            context.register_table(raw_name(kind), Arc::new(table))?;
            for (name, sql) in views(kind, &late) {
                let view = context.sql(&sql).await?.into_view();
                context.register_table(name, view)?;
            }
        }
        if names.contains("series") {
            context.register_table("series", Arc::new(series(shared)?))?;
        }
        for (name, table) in law::tables(&names)? {
            context.register_table(name, table)?;
        }
        let external: Vec<_> =
            self.external.read().values().filter(|table| names.contains(&table.name())).cloned().collect();
        for table in external {
            context.register_table(table.name(), external::provider(&table)?)?;
        }
        Ok(())
    }
}

fn is_select(statement: &Statement) -> bool {
    matches!(statement, Statement::Statement(inner) if matches!(**inner, SqlStatement::Query(_)))
}

fn raw_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Frames => "lake_frames",
        Kind::Observations => "lake_observations",
        Kind::Statistics => "lake_statistics",
    }
}

/// `CASE column WHEN 0 THEN 'a' … END AS column`.
fn named<'n>(column: &str, names: impl Iterator<Item = (u8, &'n str)>) -> String {
    let mut sql = format!("CASE {column}");
    for (number, name) in names {
        let _ = write!(sql, " WHEN {number} THEN '{name}'");
    }
    let _ = write!(sql, " END AS {column}");
    sql
}

/// The views a table is seen through.
fn views(kind: Kind, late: &[String]) -> Vec<(&'static str, String)> {
    let raw = raw_name(kind);
    match kind {
        Kind::Frames => {
            let status =
                named("status", FrameStatus::ALL.iter().map(|status| (status.to_u8(), status.name())));
            let columns = "id, received_at, peer, mn, cn, bytes, sm3, defects";
            vec![("frames", format!("SELECT {columns}, {status}, recorded_at, month FROM {raw}"))]
        }
        Kind::Observations => {
            let flag = named("flag", Flag::ALL.iter().map(|flag| (flag.to_u8(), flag.name())));
            let valid: Vec<String> = Flag::ALL
                .iter()
                .filter(|flag| flag.is_valid())
                .map(|flag| flag.to_u8().to_string())
                .collect();
            let columns = format!(
                "series_id, at, value, {flag}, flag IN ({}) AS valid, recorded_at, frame_id, source, month",
                valid.join(", ")
            );
            vec![
                (
                    "observations",
                    format!("SELECT {columns} FROM ({})", current(kind, &["series_id", "at"], late)),
                ),
                ("observation_versions", format!("SELECT {columns}, part, revision FROM {raw}")),
            ]
        }
        Kind::Statistics => {
            let grain = named("grain", Grain::ALL.iter().map(|grain| (grain.to_u8(), grain.name())));
            let figure = named("kind", StatKind::ALL.iter().map(|kind| (kind.to_u8(), kind.name())));
            let columns = format!(
                "series_id, {grain}, {figure}, start, value, valid, used, required, excluded, recorded_at, month"
            );
            let keys = ["series_id", "grain", "kind", "start"];
            vec![
                ("statistics", format!("SELECT {columns} FROM ({})", current(kind, &keys, late))),
                ("statistic_versions", format!("SELECT {columns}, part, revision FROM {raw}")),
            ]
        }
    }
}

/// The newest version of each key: main rows without a late one, and the newest late rows.
fn current(kind: Kind, keys: &[&str], late: &[String]) -> String {
    let raw = raw_name(kind);
    let fields: Vec<&str> =
        kind.schema().fields().iter().map(|field| field.name().as_str()).chain(["month"]).collect();
    let columns = fields.join(", ");
    if late.is_empty() {
        return format!("SELECT {columns} FROM {raw}");
    }
    let is_late = |table: &str| {
        let months: Vec<String> = late.iter().map(|month| format!("{table}month = '{month}'")).collect();
        format!("({})", months.join(" OR "))
    };
    let of_main: Vec<String> = fields.iter().map(|name| format!("m.{name}")).collect();
    let of_main = of_main.join(", ");
    let same: Vec<String> =
        keys.iter().chain(["month"].iter()).map(|key| format!("m.{key} = l.{key}")).collect();
    let keys = keys.join(", ");
    format!(
        "SELECT {columns} FROM {raw} WHERE part = 'main' AND NOT {none_late}
         UNION ALL
         SELECT {of_main} FROM {raw} m LEFT ANTI JOIN
           (SELECT DISTINCT month, {keys} FROM {raw} WHERE part = 'late') l ON {same}
         WHERE m.part = 'main' AND {some_late}
         UNION ALL
         SELECT {columns} FROM
           (SELECT *, row_number() OVER (PARTITION BY month, {keys} ORDER BY revision DESC) AS place
            FROM {raw} WHERE part = 'late')
         WHERE place = 1",
        none_late = is_late(""),
        some_late = is_late("m."),
        same = same.join(" AND "),
    )
}

type Parts<T> = BTreeMap<(Month, bool), Vec<T>>;

/// The wanted tables, by [`Kind::index`], all as of one moment.
fn snapshot(shared: &Shared, wanted: [bool; 3]) -> Result<Vec<LakeTable>, BoxError> {
    let [frames, observations, statistics] = wanted;
    let connection = if frames { Some(log::open_reader(&shared.folder)?) } else { None };
    let mut files: Vec<Vec<Arc<FileEntry>>> = Vec::new();
    let mut hot_observations: Parts<(SeriesId, HotObservation)> = BTreeMap::new();
    let mut hot_statistics: Parts<(SeriesId, HotStatistic)> = BTreeMap::new();
    let (sealed_seq, sources);
    {
        let state = shared.state.read();
        let mut months = MonthCache::default();
        if let Some(connection) = &connection {
            // what is sealed after this is still in the connection's view
            connection.execute_batch("BEGIN; SELECT seq FROM state;")?;
        }
        if observations {
            for (series, row) in state.hot.observations() {
                hot_observations
                    .entry((months.of(row.at), row.revision != 0))
                    .or_default()
                    .push((series, *row));
            }
        }
        if statistics {
            for (series, row) in state.hot.statistics() {
                hot_statistics
                    .entry((months.of(row.start), row.revision != 0))
                    .or_default()
                    .push((series, *row));
            }
        }
        files.extend(Kind::ALL.iter().map(|&kind| state.sealed(kind).files.clone()));
        sealed_seq = state.sealed(Kind::Frames).seq;
        sources = state.sources.clone();
    }
    let mut tables = Vec::new();
    for kind in Kind::ALL.into_iter().filter(|kind| wanted[kind.index()]) {
        let hot = match (kind, &connection) {
            (Kind::Frames, Some(connection)) => hot_frames(connection, sealed_seq)?,
            (Kind::Frames, None) => Vec::new(),
            (Kind::Observations, _) => parts(&hot_observations, |rows| {
                Ok(batch::observations(rows, |id| {
                    sources.get((id as usize).checked_sub(1)?).map(|text| &**text)
                })?)
            })?,
            (Kind::Statistics, _) => parts(&hot_statistics, |rows| Ok(batch::statistics(rows)?))?,
        };
        tables.push(LakeTable::new(kind, &shared.folder, std::mem::take(&mut files[kind.index()]), hot));
    }
    Ok(tables)
}

fn parts<T>(
    rows: &Parts<T>,
    batch: impl Fn(&[T]) -> Result<RecordBatch, BoxError>,
) -> Result<Vec<HotPart>, BoxError> {
    let part = |(&(month, late), rows): (&(Month, bool), &Vec<T>)| {
        let batches = rows.chunks(BATCH_ROWS).map(&batch).collect::<Result<Vec<_>, _>>()?;
        Ok(HotPart { month, late, batches })
    };
    rows.iter().map(part).collect()
}

fn hot_frames(connection: &rusqlite::Connection, sealed_seq: u64) -> Result<Vec<HotPart>, BoxError> {
    let sql = format!("SELECT {} FROM frame WHERE seq > ?1 ORDER BY id", log::FRAME_COLUMNS);
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([log::signed(sealed_seq)])?;
    let mut frames: Parts<(Frame, Millis)> = BTreeMap::new();
    let mut months = MonthCache::default();
    while let Some(row) = rows.next()? {
        let (frame, recorded_at) = log::frame_of(row)?;
        frames.entry((months.of(frame.received_at), false)).or_default().push((frame, recorded_at));
    }
    parts(&frames, |rows| Ok(batch::frames(rows)?))
}

fn series(shared: &Shared) -> Result<MemTable, BoxError> {
    let field = |name: &str, kind| Field::new(name, kind, false);
    let schema = Arc::new(Schema::new(vec![
        field("series_id", DataType::Int32),
        field("station", DataType::Utf8),
        field("parameter", DataType::Utf8),
        field("measure", DataType::Utf8),
        field("cadence", DataType::Utf8),
    ]));
    let known = shared.series.read();
    let ids: Int32Array = known.iter().map(|(id, _)| i32::try_from(id.0).ok()).collect();
    let text = |get: fn(&sanggan_base::SeriesKey) -> &str| {
        Arc::new(StringArray::from_iter_values(known.iter().map(|(_, key)| get(key))))
    };
    let columns: Vec<datafusion::arrow::array::ArrayRef> = vec![
        Arc::new(ids),
        text(|key| key.station.as_str()),
        text(|key| key.parameter.as_str()),
        text(|key| key.measure.name()),
        text(|key| key.cadence.name()),
    ];
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;
    Ok(MemTable::try_new(schema, vec![vec![batch]])?)
}
