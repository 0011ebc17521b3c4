//! GeoPackages (OGC 12-128r18): one file of SQLite that desktop GIS read and write.

use std::path::Path;

use futures::{Stream, StreamExt};
use sanggan_geo::crs::Crs;
use sanggan_geo::wkb;
use sanggan_pack::{FieldKind, Geometry};
use sanggan_records::rights::Scope;
use sanggan_records::{Ask, Record, Value};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, TypeInfo, ValueRef};

use super::row::text_of;
use super::table::{Column, Table};
use super::{GeopackageFeature, GeopackageLayer, RecordsError};
use crate::db::failed;
use crate::{Store, StoreError};

/// What every GeoPackage has before its layers. WGS-84 with longitude first, as the standard has it.
const BASE: &str = r#"
PRAGMA application_id = 1196444487;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined cartesian coordinate reference system');
INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system');
INSERT INTO gpkg_spatial_ref_sys VALUES ('WGS 84 geodetic', 4326, 'EPSG', 4326, 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]', 'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid');
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name), CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name), CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
"#;
const WRITE: &str = "write a GeoPackage";
const READ: &str = "read a GeoPackage";
/// Records written at one time.
const AT_ONCE: usize = 500;

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The type of a field's column.
fn kind(column: &Column) -> &'static str {
    match column {
        Column::Int | Column::Ref(_) => "INTEGER",
        Column::Real => "DOUBLE",
        Column::Bool => "BOOLEAN",
        Column::Date => "DATE",
        Column::Time => "DATETIME",
        Column::Text | Column::List | Column::Refs(..) | Column::Shape => "TEXT",
    }
}

impl Store {
    /// Writes what an [`Ask`] finds as a GeoPackage at `path`, with these fields in this order, as columns named by
    /// their ids; the field on the map is the geometry. How many records. Which fields the caller may read is asked
    /// beforehand.
    ///
    /// # Errors
    /// [`RecordsError::NoRegister`], [`RecordsError::BadAsk`] for an unknown field; a file begun is left as it is.
    pub async fn export_geopackage(
        &self,
        register: &str,
        scope: &Scope,
        ask: Ask,
        columns: &[&str],
        path: &Path,
    ) -> Result<u64, RecordsError> {
        let records = self.record_stream(register, scope, ask);
        self.write_geopackage(register, records, columns, path).await
    }

    /// [`Store::export_geopackage`] of records that come from elsewhere, for instance with hidden fields emptied.
    ///
    /// # Errors
    /// As there.
    pub async fn write_geopackage(
        &self,
        register: &str,
        records: impl Stream<Item = Result<Record, RecordsError>> + Send,
        columns: &[&str],
        path: &Path,
    ) -> Result<u64, RecordsError> {
        let tables = self.tables()?;
        let table = tables.get(register)?;
        let mut fields = Vec::new();
        for id in columns {
            let Some(at) = table.def().position(id) else {
                let why = format!("there is no field `{id}`");
                return Err(RecordsError::BadAsk { register: register.to_owned(), why });
            };
            if Some(at) != table.geometry {
                fields.push(at);
            }
        }
        let place = table.geometry.filter(|at| columns.contains(&table.def().fields[*at].id.as_str()));
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Off)
            .page_size(4096);
        let mut file = options.connect().await.map_err(failed(WRITE))?;
        let written = write(&mut file, table, records, &fields, place).await;
        file.close().await.map_err(failed(WRITE))?;
        written
    }
}

async fn write(
    file: &mut SqliteConnection,
    table: &Table,
    records: impl Stream<Item = Result<Record, RecordsError>> + Send,
    fields: &[usize],
    place: Option<usize>,
) -> Result<u64, RecordsError> {
    let fail = failed(WRITE);
    let def = table.def();
    let mut made = vec![
        "fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL".to_owned(),
        "rid INTEGER".to_owned(),
        "record_state TEXT".to_owned(),
        "record_schematic BOOLEAN".to_owned(),
    ];
    if let Some(place) = place {
        let shape = match &def.fields[place].kind {
            FieldKind::Geometry { shape: Geometry::Point } => "POINT",
            _ => "GEOMETRY",
        };
        made.push(format!("geom {shape}"));
    }
    for at in fields {
        made.push(format!("{} {}", quoted(&def.fields[*at].id), kind(&table.columns[*at])));
    }
    let layer = def.id.replace('-', "_");
    let mut script = format!("{BASE}CREATE TABLE {} ({});\n", quoted(&layer), made.join(", "));
    script.push_str("BEGIN;");
    sqlx::raw_sql(AssertSqlSafe(script)).execute(&mut *file).await.map_err(&fail)?;
    let names: Vec<String> = fields.iter().map(|at| quoted(&def.fields[*at].id)).collect();
    let mut all = vec!["rid".to_owned(), "record_state".to_owned(), "record_schematic".to_owned()];
    all.extend(place.map(|_| "geom".to_owned()));
    all.extend(names);
    let sql = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        quoted(&layer),
        all.join(", "),
        vec!["?"; all.len()].join(", ")
    );
    let mut bounds: Option<[f64; 4]> = None;
    let mut count = 0;
    let mut chunks = Box::pin(records.ready_chunks(AT_ONCE));
    while let Some(records) = chunks.next().await {
        for record in records {
            let record = record?;
            let mut query = sqlx::query(AssertSqlSafe(sql.clone()))
                .bind(record.id.0)
                .bind(record.state.clone())
                .bind(record.schematic);
            if let Some(place) = place {
                query = query.bind(match &record.values[place] {
                    Value::Shape(shape) => Some(wkb::encode_gpkg(shape)),
                    _ => None,
                });
                if let Some([west, south, east, north]) = table.corners(&record) {
                    let [a, b, c, d] = bounds.unwrap_or([west, south, east, north]);
                    bounds = Some([a.min(west), b.min(south), c.max(east), d.max(north)]);
                }
            }
            for at in fields {
                query = match &record.values[*at] {
                    Value::Null => query.bind(None::<String>),
                    Value::Integer(number) => query.bind(*number),
                    Value::Reference(id) => query.bind(id.0),
                    Value::Number(number) => query.bind(*number),
                    Value::Boolean(yes) => query.bind(*yes),
                    Value::Time(moment) => query.bind(utc(*moment)),
                    other => query.bind(text_of(other)),
                };
            }
            query.execute(&mut *file).await.map_err(&fail)?;
            count += 1;
        }
    }
    let kind = if place.is_some() { "features" } else { "attributes" };
    let corner = |nth: usize| bounds.map(|bounds| bounds[nth]);
    sqlx::query(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, min_x, min_y, max_x, max_y, srs_id) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(layer.clone())
    .bind(kind)
    .bind(def.name.zh.clone())
    .bind(def.about.zh.clone())
    .bind(corner(0))
    .bind(corner(1))
    .bind(corner(2))
    .bind(corner(3))
    .bind(place.map(|_| 4326i64))
    .execute(&mut *file)
    .await
    .map_err(&fail)?;
    if let Some(place) = place {
        let shape = match &def.fields[place].kind {
            FieldKind::Geometry { shape: Geometry::Point } => "POINT",
            _ => "GEOMETRY",
        };
        sqlx::query("INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, 4326, 0, 0)")
            .bind(layer)
            .bind(shape)
            .execute(&mut *file)
            .await
            .map_err(&fail)?;
    }
    sqlx::raw_sql("COMMIT").execute(&mut *file).await.map_err(&fail)?;
    Ok(count)
}

/// A moment as GeoPackage writes it: UTC, milliseconds.
fn utc(moment: sanggan_base::Millis) -> String {
    let stamp = jiff::Timestamp::from_millisecond(moment.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    stamp.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// Reads the layers of a GeoPackage, shapes in WGS-84, at most `most` features of each; the other values as JSON. A
/// layer whose coordinates the platform does not know is an error that names them.
///
/// # Errors
/// [`StoreError::BadInput`] when it is no GeoPackage or cannot be read, with the reason.
pub async fn read_geopackage(path: &Path, most: usize) -> Result<Vec<GeopackageLayer>, StoreError> {
    let bad = |why: String| StoreError::BadInput { subject: "the GeoPackage", why };
    let wrong = |error: sqlx::Error| bad(format!("it cannot be read: {error}"));
    let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
    let mut file = options.connect().await.map_err(wrong)?;
    let layers = sqlx::query(
        "SELECT c.table_name, coalesce(c.identifier, c.table_name), g.column_name FROM gpkg_contents c \
         LEFT JOIN gpkg_geometry_columns g ON g.table_name = c.table_name \
         WHERE c.data_type IN ('features', 'attributes') ORDER BY 1",
    )
    .fetch_all(&mut file)
    .await
    .map_err(|error| bad(format!("it has no list of layers: {error}")))?;
    let mut out = Vec::new();
    for layer in layers {
        let name: String = layer.try_get(0).map_err(wrong)?;
        let title: String = layer.try_get(1).map_err(wrong)?;
        let geometry: Option<String> = layer.try_get(2).map_err(wrong)?;
        let sql = format!("SELECT * FROM {} LIMIT {most}", quoted(&name));
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut file).await.map_err(wrong)?;
        let mut features = Vec::with_capacity(rows.len());
        for row in &rows {
            features.push(
                feature(row, geometry.as_deref()).map_err(|why| bad(format!("layer `{name}`: {why}")))?,
            );
        }
        out.push(GeopackageLayer { name, title, features });
    }
    file.close().await.map_err(failed(READ))?;
    Ok(out)
}

fn feature(row: &sqlx::sqlite::SqliteRow, geometry: Option<&str>) -> Result<GeopackageFeature, String> {
    use sqlx::Column as _;
    let mut out = GeopackageFeature::default();
    for (at, column) in row.columns().iter().enumerate() {
        let raw = row.try_get_raw(at).map_err(|error| error.to_string())?;
        if raw.is_null() {
            continue;
        }
        let name = column.name();
        if Some(name) == geometry {
            let bytes: Vec<u8> = row.try_get_unchecked(at).map_err(|error| error.to_string())?;
            let (shape, srs) = wkb::decode_gpkg(&bytes).map_err(|error| error.to_string())?;
            out.shape = match (shape, srs) {
                (None, _) => None,
                (Some(shape), -1 | 0 | 4326) => Some(shape),
                (Some(shape), srs) => {
                    let code =
                        u32::try_from(srs).map_err(|_| format!("there are no coordinates EPSG:{srs}"))?;
                    Some(Crs::from_epsg(code).map_err(|error| error.to_string())?.to_wgs84(&shape))
                }
            };
            continue;
        }
        let value = match raw.type_info().name() {
            "INTEGER" | "BOOLEAN" => row.try_get_unchecked::<i64, _>(at).map(serde_json::Value::from),
            "REAL" => row.try_get_unchecked::<f64, _>(at).map(serde_json::Value::from),
            "BLOB" => continue,
            _ => row.try_get_unchecked::<String, _>(at).map(serde_json::Value::from),
        };
        out.values.push((name.to_owned(), value.map_err(|error| error.to_string())?));
    }
    Ok(out)
}
