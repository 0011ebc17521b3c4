//! A table of the lake for DataFusion: exactly the files the Delta log names, and the hot rows beside them.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray, UInt64Array,
};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::stats::Precision;
use datafusion::common::{Column, DFSchema, DataFusionError, Result, ScalarValue, Statistics};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::object_store::path::Path as StorePath;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::union::UnionExec;

use crate::month::Month;
use crate::sealed::files::FileEntry;
use crate::sealed::kind::{Kind, ZONE};

/// Hot rows of one month and part.
#[derive(Debug)]
pub(crate) struct HotPart {
    pub(crate) month: Month,
    pub(crate) late: bool,
    /// Columns as in the files.
    pub(crate) batches: Vec<RecordBatch>,
}

/// All versions of one table as of one moment.
#[derive(Debug)]
pub(crate) struct LakeTable {
    kind: Kind,
    folder: PathBuf,
    files: Vec<Arc<FileEntry>>,
    hot: Vec<HotPart>,
    schema: SchemaRef,
}

/// The columns of the files and of the folders.
pub(crate) fn table_schema(kind: Kind) -> SchemaRef {
    let inside = kind.schema().fields().iter().cloned();
    Arc::new(Schema::new(inside.chain(partition_fields(kind)).collect::<Vec<FieldRef>>()))
}

fn partition_fields(kind: Kind) -> impl Iterator<Item = FieldRef> {
    kind.partitions().iter().map(|name| Arc::new(Field::new(*name, DataType::Utf8, false)))
}

fn partition_value<'v>(name: &str, month: &'v str, late: bool) -> &'v str {
    match (name, late) {
        ("month", _) => month,
        (_, true) => "late",
        (_, false) => "main",
    }
}

/// Where a file lies, for the object store.
pub(crate) fn stored_file(folder: &Path, file: &FileEntry) -> Result<PartitionedFile> {
    let location = StorePath::from_absolute_path(folder.join(&file.path))
        .map_err(|error| DataFusionError::External(Box::new(error)))?;
    let mut stored = PartitionedFile::new("", file.bytes);
    stored.object_meta.location = location;
    Ok(stored)
}

impl LakeTable {
    pub(crate) fn new(kind: Kind, lake: &Path, files: Vec<Arc<FileEntry>>, hot: Vec<HotPart>) -> LakeTable {
        LakeTable { kind, folder: lake.join(kind.name()), files, hot, schema: table_schema(kind) }
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Months with late rows, in order.
    pub(crate) fn late_months(&self) -> Vec<Month> {
        let files = self.files.iter().filter(|file| file.late).map(|file| file.month);
        let hot = self.hot.iter().filter(|part| part.late).map(|part| part.month);
        let mut months: Vec<Month> = files.chain(hot).collect();
        months.sort_unstable();
        months.dedup();
        months
    }

    fn plan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (on_partitions, others): (Vec<Expr>, Vec<Expr>) =
            filters.iter().cloned().partition(|filter| is_on_partitions(self.kind, filter));
        let predicate = match conjunction(others) {
            None => None,
            Some(filter) => {
                let columns = DFSchema::try_from(Arc::clone(&self.schema))?;
                Some(state.create_physical_expr(filter, &columns)?)
            }
        };
        let (files, hot) = self.prune(state, conjunction(on_partitions), predicate.as_ref())?;
        let mut plans: Vec<Arc<dyn ExecutionPlan>> = Vec::new();
        if !files.is_empty() {
            plans.push(self.scan_files(state, &files, predicate, projection, limit)?);
        }
        let batches = hot.into_iter().map(|part| self.with_partitions(part)).collect::<Result<Vec<_>>>()?;
        let batches: Vec<RecordBatch> = batches.into_iter().flatten().collect();
        if !batches.is_empty() {
            let schema = Arc::clone(&self.schema);
            plans.push(MemorySourceConfig::try_new_exec(&[batches], schema, projection.cloned())?);
        }
        match plans.len() {
            0 => {
                let schema = match projection {
                    Some(columns) => Arc::new(self.schema.project(columns)?),
                    None => Arc::clone(&self.schema),
                };
                Ok(Arc::new(EmptyExec::new(schema)))
            }
            1 => Ok(plans.remove(0)),
            _ => UnionExec::try_new(plans),
        }
    }

    /// What can hold a row that passes: exactly by the partitions, roughly by the Delta log's statistics.
    fn prune(
        &self,
        state: &dyn Session,
        on_partitions: Option<Expr>,
        predicate: Option<&Arc<dyn PhysicalExpr>>,
    ) -> Result<(Vec<&Arc<FileEntry>>, Vec<&HotPart>)> {
        let files = Entries {
            kind: self.kind,
            parts: self.files.iter().map(|file| (file.month.key(), file.late)).collect(),
            files: &self.files,
        };
        let hot: Vec<(String, bool)> = self.hot.iter().map(|part| (part.month.key(), part.late)).collect();
        let mut keep_files = vec![true; self.files.len()];
        let mut keep_hot = vec![true; hot.len()];
        if let Some(filter) = on_partitions {
            keep_files = self.pass(state, filter.clone(), &files.parts)?;
            keep_hot = self.pass(state, filter, &hot)?;
        }
        if let Some(predicate) = predicate {
            let builder = PruningPredicateBuilder::new().with_file_schema(Arc::clone(&self.schema));
            // a predicate that cannot be judged keeps everything
            if let Ok(pruning) = builder.try_build(Arc::clone(predicate))
                && let Ok(may_hold) = pruning.prune(&files)
            {
                keep_files.iter_mut().zip(may_hold).for_each(|(keep, may_hold)| *keep &= may_hold);
            }
        }
        Ok((
            self.files.iter().zip(keep_files).filter_map(|(file, keep)| keep.then_some(file)).collect(),
            self.hot.iter().zip(keep_hot).filter_map(|(part, keep)| keep.then_some(part)).collect(),
        ))
    }

    /// Evaluates a filter that names only partition columns for each partition.
    fn pass(&self, state: &dyn Session, filter: Expr, parts: &[(String, bool)]) -> Result<Vec<bool>> {
        let schema = Arc::new(Schema::new(partition_fields(self.kind).collect::<Vec<FieldRef>>()));
        let columns = self.kind.partitions().iter().map(|name| {
            let values = parts.iter().map(|(month, late)| partition_value(name, month, *late));
            Arc::new(StringArray::from_iter_values(values)) as ArrayRef
        });
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns.collect())?;
        let filter = state.create_physical_expr(filter, &DFSchema::try_from(schema)?)?;
        let passes = filter.evaluate(&batch)?.into_array(parts.len())?;
        let passes = passes.as_boolean();
        Ok((0..parts.len()).map(|part| passes.is_valid(part) && passes.value(part)).collect())
    }

    fn scan_files(
        &self,
        state: &dyn Session,
        files: &[&Arc<FileEntry>],
        predicate: Option<Arc<dyn PhysicalExpr>>,
        projection: Option<&Vec<usize>>,
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let url = ObjectStoreUrl::local_filesystem();
        let runtime = state.runtime_env();
        let footers = runtime.cache_manager.get_file_metadata_cache();
        let reader = CachedParquetFileReaderFactory::new(runtime.object_store(&url)?, footers);
        let table = TableSchema::builder(Arc::clone(self.kind.schema()))
            .with_table_partition_cols(partition_fields(self.kind).collect::<Vec<_>>())
            .build();
        let mut source = ParquetSource::new(table)
            .with_table_parquet_options(state.default_table_options().parquet)
            .with_parquet_file_reader_factory(Arc::new(reader));
        if let Some(predicate) = predicate {
            source = source.with_predicate(predicate);
        }
        let mut stored = Vec::with_capacity(files.len());
        let mut rows = 0;
        for file in files {
            let month = file.month.key();
            let values = self
                .kind
                .partitions()
                .iter()
                .map(|name| ScalarValue::Utf8(Some(partition_value(name, &month, file.late).to_owned())));
            stored.push(stored_file(&self.folder, file)?.with_partition_values(values.collect()));
            rows += usize::try_from(file.rows).unwrap_or(usize::MAX);
        }
        let mut statistics = Statistics::new_unknown(&self.schema);
        statistics.num_rows = Precision::Exact(rows);
        let groups = FileGroup::new(stored).split_files(state.config().target_partitions());
        let config = FileScanConfigBuilder::new(url, Arc::new(source))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }

    fn with_partitions(&self, part: &HotPart) -> Result<Vec<RecordBatch>> {
        let month = part.month.key();
        let mut batches = Vec::with_capacity(part.batches.len());
        for batch in &part.batches {
            let mut columns = batch.columns().to_vec();
            for name in self.kind.partitions() {
                let value = partition_value(name, &month, part.late);
                let values = StringArray::from_iter_values(std::iter::repeat_n(value, batch.num_rows()));
                columns.push(Arc::new(values));
            }
            batches.push(RecordBatch::try_new(Arc::clone(&self.schema), columns)?);
        }
        Ok(batches)
    }
}

impl TableProvider for LakeTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // months and parts are the same for a whole file, so what they decide needs no second look
        let judge = |filter: &&Expr| match is_on_partitions(self.kind, filter) {
            true => TableProviderFilterPushDown::Exact,
            false => TableProviderFilterPushDown::Inexact,
        };
        Ok(filters.iter().map(judge).collect())
    }

    // what `#[async_trait] async fn scan` stands for
    fn scan<'life0, 'life1, 'life2, 'life3, 'async_trait>(
        &'life0 self,
        state: &'life1 dyn Session,
        projection: Option<&'life2 Vec<usize>>,
        filters: &'life3 [Expr],
        limit: Option<usize>,
    ) -> Pin<Box<dyn Future<Output = Result<Arc<dyn ExecutionPlan>>> + Send + 'async_trait>>
    where
        'life0: 'async_trait,
        'life1: 'async_trait,
        'life2: 'async_trait,
        'life3: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move { self.plan(state, projection, filters, limit) })
    }
}

/// Whether a filter names partition columns and nothing else.
fn is_on_partitions(kind: Kind, filter: &Expr) -> bool {
    let columns = filter.column_refs();
    !filter.is_volatile()
        && !columns.is_empty()
        && columns.iter().all(|column| kind.partitions().contains(&column.name.as_str()))
}

/// What is known of the files.
struct Entries<'a> {
    kind: Kind,
    parts: Vec<(String, bool)>,
    files: &'a [Arc<FileEntry>],
}

impl Entries<'_> {
    fn values(&self, column: &Column, greatest: bool) -> Option<ArrayRef> {
        let name = column.name.as_str();
        if self.kind.partitions().contains(&name) {
            let values = self.parts.iter().map(|(month, late)| partition_value(name, month, *late));
            return Some(Arc::new(StringArray::from_iter_values(values)));
        }
        let place = self.kind.ranged().iter().position(|ranged| *ranged == name)?;
        let values = self.files.iter().map(|file| {
            let (least, most) = file.ranges[place];
            if greatest { most } else { least }
        });
        match self.kind.schema().field_with_name(name).ok()?.data_type() {
            DataType::Int32 => {
                Some(Arc::new(values.map(|value| i32::try_from(value).ok()).collect::<Int32Array>()))
            }
            DataType::Int64 => Some(Arc::new(values.map(Some).collect::<Int64Array>())),
            _ => Some(Arc::new(values.map(Some).collect::<TimestampMicrosecondArray>().with_timezone(ZONE))),
        }
    }
}

impl PruningStatistics for Entries<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.values(column, false)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.values(column, true)
    }

    fn num_containers(&self) -> usize {
        self.parts.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        // partitions and ranged columns have no nulls
        self.values(column, false)?;
        Some(Arc::new(UInt64Array::from_iter_values(std::iter::repeat_n(0, self.parts.len()))))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::new(UInt64Array::from_iter_values(self.files.iter().map(|file| file.rows))))
    }

    fn contained(
        &self,
        _column: &Column,
        _values: &std::collections::HashSet<ScalarValue>,
    ) -> Option<BooleanArray> {
        None
    }
}
