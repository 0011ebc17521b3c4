//! Tables and layers as rows of text with a shape: CSV, XLSX, GeoJSON, Shapefile in a ZIP, FlatGeobuf, GeoPackage.

use std::collections::BTreeMap;
use std::sync::Arc;

use sanggan_base::StationCode;
use sanggan_geo::read::{Feature, Layer};
use sanggan_geo::{Shape, gcj02};
use sanggan_pack::{FieldKind, RegisterDef};
use sanggan_records::{Model, RecordId, Resolve, Value};
use sanggan_sheets::{Entry, Form, Limits, SheetError};
use sanggan_store::Registry;
use sanggan_store::records::{ImportRow, RowFault};

use crate::AppState;

use super::mapping::{From, Mapping, SHAPE_COLUMN};

/// Rows given at once.
pub(crate) const BATCH: usize = 2_000;

/// Most features of a layer.
const FEATURES_MAX: usize = 1_000_000;

/// A file that can be read row by row, as often as one likes.
pub(crate) enum Content {
    /// Text with separators, or a workbook of which one sheet is read.
    Table {
        /// Which.
        form: Form,
        /// The file.
        bytes: Vec<u8>,
        /// The sheet of a workbook; `None`: the first.
        sheet: Option<String>,
    },
    /// A layer: GeoJSON, a Shapefile in a ZIP, FlatGeobuf, one of a GeoPackage.
    Layer(Layer),
}

impl Content {
    /// By what the bytes are; the file's name counts for nothing. `sheet` also names the layer of a GeoPackage.
    pub(crate) async fn open(
        state: &AppState,
        bytes: Vec<u8>,
        sheet: Option<String>,
    ) -> Result<Content, ReadError> {
        if bytes.starts_with(b"SQLite format 3\0") {
            return geopackage(state, &bytes, sheet.as_deref()).await.map(Content::Layer);
        }
        let opening = tokio::task::spawn_blocking(move || {
            if sanggan_geo::read::format(&bytes).is_some() {
                return Ok(Content::Layer(sanggan_geo::read::read(&bytes, Default::default())?));
            }
            Ok(Content::Table { form: Form::of(&bytes), bytes, sheet })
        });
        opening.await.map_err(|_| ReadError::Ended)?
    }

    /// Gives what is met in the file to `each`, until that says stop.
    pub(crate) fn walk(
        &self,
        mut each: impl FnMut(Met<'_>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let (form, bytes, sheet) = match self {
            Content::Layer(layer) => return walk_features(layer, &mut each),
            Content::Table { form, bytes, sheet } => (*form, bytes, sheet.as_deref()),
        };
        sanggan_sheets::read(bytes, form, sheet, Limits::default(), |entry| match entry {
            Entry::Headings(headings) => each(Met::Headings(headings)),
            Entry::Row { line, cells } => each(Met::Row(RawRow { line, cells, shape: None })),
            Entry::Bad { line, why } => {
                each(Met::Bad { line, zh: format!("这一行读不出来：{why}"), en: why })
            }
        })?
    }
}

/// A layer of a GeoPackage; without a name the first.
async fn geopackage(state: &AppState, bytes: &[u8], wanted: Option<&str>) -> Result<Layer, ReadError> {
    let failed = |error: std::io::Error| ReadError::GeoPackage(error.to_string());
    let path = state.scratch_file("gpkg").map_err(failed)?;
    let _gone = Scratch(path.clone());
    tokio::fs::write(&path, bytes).await.map_err(failed)?;
    let layers = sanggan_store::records::read_geopackage(&path, FEATURES_MAX)
        .await
        .map_err(|error| ReadError::GeoPackage(error.to_string()))?;
    let names: Vec<String> = layers.iter().map(|layer| layer.name.clone()).collect();
    let found = match wanted {
        Some(wanted) => layers.into_iter().find(|layer| layer.name == wanted || layer.title == wanted),
        None => layers.into_iter().next(),
    };
    let found = found.ok_or_else(|| {
        let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        ReadError::GeoPackage(format!("it has no such layer; there are: {there}"))
    })?;
    let mut columns: Vec<String> = Vec::new();
    for (column, _) in found.features.iter().flat_map(|feature| &feature.values) {
        if !columns.contains(column) {
            columns.push(column.clone());
        }
    }
    let features = found.features.into_iter().map(|feature| {
        let mut values: BTreeMap<String, serde_json::Value> = feature.values.into_iter().collect();
        let attributes = columns.iter().map(|column| values.remove(column).unwrap_or_default()).collect();
        Feature { shape: feature.shape, attributes, fault: None }
    });
    let features = features.collect();
    Ok(Layer { columns, features, crs: None })
}

/// A file that goes when this is dropped.
pub(crate) struct Scratch(pub(crate) std::path::PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Says why a file cannot be read as rows.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// As a table.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// As a layer.
    #[error(transparent)]
    Layer(#[from] sanggan_geo::read::ReadError),
    /// As a GeoPackage.
    #[error("could not read the GeoPackage: {0}")]
    GeoPackage(String),
    /// The mapping does not fit it.
    #[error(transparent)]
    Mapping(#[from] super::mapping::MappingError),
    /// A row of a file that must be whole is not.
    #[error("line {line}: {what}")]
    Row {
        /// Where it begins.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// Whoever takes the rows wants no more.
    #[error("the import was ended")]
    Ended,
}

/// One row as it stands.
pub(crate) struct RawRow<'a> {
    pub(crate) line: u64,
    pub(crate) cells: &'a [String],
    pub(crate) shape: Option<&'a Shape>,
}

/// What is met in a file, in its order.
pub(crate) enum Met<'a> {
    Headings(&'a [String]),
    Row(RawRow<'a>),
    Bad { line: u64, zh: String, en: String },
}

/// Gives the features of a layer, in its order.
fn walk_features(
    layer: &Layer,
    each: &mut impl FnMut(Met<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let mut headings = layer.columns.clone();
    headings.push(SHAPE_COLUMN.to_owned());
    each(Met::Headings(&headings))?;
    for (nth, feature) in layer.features.iter().enumerate() {
        let line = nth as u64 + 1;
        if let Some(fault) = &feature.fault {
            each(Met::Bad { line, zh: fault.zh.clone(), en: fault.en.clone() })?;
            continue;
        }
        let attributes = feature.attributes.iter().map(|attribute| match attribute {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        });
        let cells: Vec<String> = attributes.chain([String::new()]).collect();
        each(Met::Row(RawRow { line, cells: &cells, shape: feature.shape.as_ref() }))?;
    }
    Ok(())
}

/// Knows stations only: records are found by the store, batch by batch.
struct Stations(Arc<Registry>);

impl Resolve for Stations {
    fn id_of(&self, _: &str, _: &str) -> Option<RecordId> {
        None
    }
    fn has(&self, _: &str, _: RecordId) -> bool {
        false
    }
    fn key_of(&self, _: &str, _: RecordId) -> Option<String> {
        None
    }
    fn has_attachment(&self, _: &str) -> bool {
        false
    }
    fn has_station(&self, code: &str) -> bool {
        StationCode::parse(code).is_ok_and(|code| self.0.station(&code).is_some())
    }
}

/// Makes rows of an import from rows of a file.
pub(crate) struct RowReader {
    model: Arc<Model>,
    mapping: Mapping,
    stations: Stations,
    gcj02: bool,
    state_column: Option<usize>,
    schematic_column: Option<usize>,
}

impl RowReader {
    /// For a file with these headings; `given` maps them to fields, empty: as proposed.
    pub(crate) fn new(
        model: &Arc<Model>,
        registry: Arc<Registry>,
        headings: &[String],
        given: &BTreeMap<String, String>,
        gcj02: bool,
    ) -> Result<RowReader, ReadError> {
        let def = model.def();
        let proposed;
        let given = if given.is_empty() {
            proposed = super::mapping::propose(def, headings);
            &proposed
        } else {
            given
        };
        let mapping = Mapping::read(def, headings, given)?;
        let column = |name: &str| headings.iter().position(|heading| heading == name);
        Ok(RowReader {
            model: Arc::clone(model),
            mapping,
            stations: Stations(registry),
            gcj02,
            state_column: column("_state").filter(|_| def.lifecycle.is_some()),
            schematic_column: column("_schematic"),
        })
    }

    /// One row; what is wrong with it stands in it.
    pub(crate) fn row(&self, raw: &RawRow<'_>) -> ImportRow {
        let def = self.model.def();
        let mut row = ImportRow { line: raw.line, ..ImportRow::default() };
        for (&nth, from) in &self.mapping.fields {
            let both;
            let cell = match from {
                From::Column(column) => raw.cells[*column].as_str(),
                From::LonLat(lon, lat) => {
                    let (lon, lat) = (raw.cells[*lon].trim(), raw.cells[*lat].trim());
                    both =
                        if lon.is_empty() && lat.is_empty() { String::new() } else { format!("{lon},{lat}") };
                    both.as_str()
                }
            };
            self.value(&mut row, def, nth, cell.trim(), raw.shape);
        }
        if let Some(column) = self.state_column {
            self.state(&mut row, def, raw.cells[column].trim());
        }
        row.schematic = self
            .schematic_column
            .is_some_and(|column| matches!(raw.cells[column].trim(), "true" | "1" | "是" | "TRUE"));
        row
    }

    fn value(&self, row: &mut ImportRow, def: &RegisterDef, nth: usize, cell: &str, shape: Option<&Shape>) {
        let field = &def.fields[nth];
        if let (FieldKind::Geometry { .. }, Some(shape)) = (&field.kind, shape) {
            row.values.push((nth, Value::Shape(Box::new(self.placed(shape)))));
            return;
        }
        if cell.is_empty() {
            row.values.push((nth, Value::Null));
            return;
        }
        if let FieldKind::Reference { many, .. } = &field.kind {
            let keys: Vec<String> = if *many {
                cell.split([';', '；'])
                    .map(str::trim)
                    .filter(|key| !key.is_empty())
                    .map(str::to_owned)
                    .collect()
            } else {
                vec![cell.to_owned()]
            };
            row.keys.push((nth, keys));
            return;
        }
        match self.model.read_text(nth, cell, &self.stations) {
            Ok(Value::Shape(shape)) => row.values.push((nth, Value::Shape(Box::new(self.placed(&shape))))),
            Ok(value) => row.values.push((nth, value)),
            Err(fault) => row.faults.push(RowFault {
                line: row.line,
                field: fault.field,
                code: fault.code.to_owned(),
                value: short(cell),
                zh: fault.zh,
                en: fault.en,
            }),
        }
    }

    fn state(&self, row: &mut ImportRow, def: &RegisterDef, cell: &str) {
        if cell.is_empty() {
            return;
        }
        let states = def.lifecycle.iter().flat_map(|lifecycle| &lifecycle.states);
        let found = states
            .clone()
            .find(|state| [&state.id, &state.name.zh, &state.name.en].contains(&&cell.to_owned()));
        match found {
            Some(state) => row.state = Some(state.id.clone()),
            None => {
                let (zh, en): (Vec<_>, Vec<_>) =
                    states.map(|state| (state.name.zh.as_str(), state.id.as_str())).unzip();
                row.faults.push(RowFault {
                    line: row.line,
                    field: "_state".to_owned(),
                    code: "enum".to_owned(),
                    value: short(cell),
                    zh: format!("没有这个状态，可用：{}", zh.join("、")),
                    en: format!("there is no such state; there are: {}", en.join(", ")),
                });
            }
        }
    }

    fn placed(&self, shape: &Shape) -> Shape {
        if self.gcj02 { gcj02::to_wgs84(shape) } else { shape.clone() }
    }
}

/// A cell as a fault shows it.
pub(crate) fn short(text: &str) -> String {
    const SHOWN: usize = 80;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}
