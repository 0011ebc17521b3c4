//! Lists as files.

use std::path::PathBuf;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use sanggan_base::ErrorCode;
use sanggan_lake::{Cell, ColumnKind, ExternalColumn, ParquetRows};
use sanggan_records::rights;
use sanggan_records::{Ask, Record};
use sanggan_sheets::{CsvWriter, XlsxWriter};
use tokio::sync::mpsc;
use tokio_util::io::ReaderStream;

use crate::AppState;
use crate::auth::Caller;
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::ask::RecordsQuery;
use crate::registers::{Opened, resolve, rows, today};
use crate::transfer::cells::{self, Words};
use crate::transfer::read::Scratch;

/// Records written at once.
const BATCH: usize = 500;
/// Rows a sheet of Excel holds, without its headings.
const SHEET_ROWS: usize = 1_048_575;

/// The forms of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Xlsx,
    GeoJson,
    GeoPackage,
    Parquet,
}

impl Form {
    fn of(text: &str) -> Option<Form> {
        Some(match text {
            "csv" => Form::Csv,
            "xlsx" => Form::Xlsx,
            "geojson" => Form::GeoJson,
            "gpkg" => Form::GeoPackage,
            "parquet" => Form::Parquet,
            _ => return None,
        })
    }

    /// Media type and ending.
    fn named(self) -> (&'static str, &'static str) {
        match self {
            Form::Csv => ("text/csv; charset=utf-8", "csv"),
            Form::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
            Form::GeoJson => ("application/geo+json", "geojson"),
            Form::GeoPackage => ("application/geopackage+sqlite3", "gpkg"),
            Form::Parquet => ("application/vnd.apache.parquet", "parquet"),
        }
    }
}

/// Writes the records that a question finds as a file, with the fields the caller sees.
#[utoipa::path(
    get, path = "/registers/{register}/export", operation_id = "exportRecords", tag = "registers",
    params(
        ("register" = String, Path, description = "The register's id"),
        ("format" = String, Query, description = "`csv`, `xlsx`, `geojson`, `gpkg` or `parquet`"),
        ("columns" = Option<String>, Query, description = "Fields, with commas between; all without it"),
        ("lang" = Option<String>, Query, description = "Headings and labels of tables: `zh`, `en`, or `id`"),
        RecordsQuery
    ),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 400, description = "A parameter is faulty", body = ProblemBody),
        (status = 401, description = "Nothing of it is public", body = ProblemBody),
        (status = 403, description = "A field asked by is not the caller's to read", body = ProblemBody),
        (status = 404, description = "No such register", body = ProblemBody)
    )
)]
pub(crate) async fn export_records(
    State(state): State<AppState>,
    caller: Caller,
    Path(register): Path<String>,
    uri: Uri,
) -> Answer<Response> {
    let opened = Opened::of(&state, &caller, &register)?;
    let (query, others) = RecordsQuery::parse(&uri)?;
    let (mut form, mut columns, mut words) = (None, None, Words::Zh);
    for (key, value) in others {
        match (key.as_str(), value.as_str()) {
            ("format", text) => {
                form = Some(Form::of(text).ok_or_else(|| {
                    Problem::bad_field(
                        "format",
                        format!("`{text}` is none of csv, xlsx, geojson, gpkg, parquet"),
                    )
                })?);
            }
            ("columns", text) => columns = Some(text.to_owned()),
            ("lang", "zh") => words = Words::Zh,
            ("lang", "en") => words = Words::En,
            ("lang", "id") => words = Words::Id,
            ("lang", text) => {
                return Err(Problem::bad_field("lang", format!("`{text}` is none of zh, en, id")));
            }
            (key, _) => return Err(Problem::bad_field("query", format!("there is no parameter `{key}`"))),
        }
    }
    let form = form.ok_or_else(|| Problem::bad_field("format", "it is missing"))?;
    let ask = query.ask(&state, &opened).await?;
    let scope = opened.past(rights::may_ask(&opened.who, opened.def(), &ask)?, ask.as_of)?;
    let columns = chosen(&opened, columns.as_deref())?;
    if matches!(form, Form::GeoJson | Form::GeoPackage) && opened.def().geometry.is_none() {
        return Err(Problem::bad_field("format", format!("the records of `{register}` have no shape")));
    }
    let export = Export { state, opened, scope, ask, columns, words };
    let body = match form {
        Form::Csv | Form::GeoJson => export.streamed(form),
        Form::Xlsx => Body::from(export.workbook().await?),
        Form::GeoPackage | Form::Parquet => export.file(form).await?,
    };
    let (media, ending) = form.named();
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    let named = format!("attachment; filename=\"{register}.{ending}\"");
    if let Ok(value) = HeaderValue::from_str(&named) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

/// Positions of the fields that are written; never of those the caller does not see.
fn chosen(opened: &Opened, columns: Option<&str>) -> Answer<Vec<usize>> {
    let def = opened.def();
    let hidden = rights::hidden_fields(&opened.who, def, None);
    let Some(columns) = columns else {
        return Ok((0..def.fields.len()).filter(|nth| !hidden.contains(nth)).collect());
    };
    let chosen = columns.split(',').map(str::trim).filter(|id| !id.is_empty()).map(|id| {
        def.position(id).filter(|nth| !hidden.contains(nth)).ok_or_else(|| {
            Problem::bad_field("columns", format!("`{}` has no field `{id}` that you may read", def.id))
        })
    });
    chosen.collect()
}

/// An export about to be written.
struct Export {
    state: AppState,
    opened: Opened,
    scope: rights::Scope,
    ask: Ask,
    columns: Vec<usize>,
    words: Words,
}

type Batch<'b> = &'b mut (dyn FnMut(&[Record], &sanggan_records::Links) -> Answer<()> + Send);

impl Export {
    /// Gives all records to `each`, some hundred at once, with what they name.
    async fn each(&self, each: Batch<'_>) -> Answer<()> {
        let stream = self.state.store().record_stream(self.opened.id(), &self.scope, self.ask.clone());
        let mut batches = std::pin::pin!(stream.ready_chunks(BATCH));
        while let Some(batch) = batches.next().await {
            let records = batch.into_iter().collect::<Result<Vec<Record>, _>>()?;
            let links = resolve::links(self.state.store(), &self.opened.model, &records).await?;
            each(&records, &links)?;
        }
        Ok(())
    }

    /// What the caller does not see of one record stays empty in its row.
    fn cells(&self, record: &Record, links: &sanggan_records::Links) -> Vec<String> {
        let def = self.opened.def();
        let hidden = rights::hidden_fields(&self.opened.who, def, Some(record));
        let own = [record.id.to_string(), record.state.clone().unwrap_or_default()];
        let fields = self.columns.iter().map(|&nth| {
            if hidden.contains(&nth) {
                return String::new();
            }
            cells::text(&def.fields[nth], &record.values[nth], links, self.words)
        });
        let schematic = if record.schematic { "true".to_owned() } else { String::new() };
        own.into_iter().chain(fields).chain([schematic]).collect()
    }

    fn headings(&self) -> Vec<String> {
        let fields = self.columns.iter().map(|&nth| self.words.heading(&self.opened.def().fields[nth]));
        let mut headings: Vec<String> =
            ["rid".to_owned(), "_state".to_owned()].into_iter().chain(fields).collect();
        // Two fields may bear one name: then the id stands behind it.
        for nth in 2..headings.len() {
            if headings[..nth].contains(&headings[nth]) {
                headings[nth] =
                    format!("{} [{}]", headings[nth], self.opened.def().fields[self.columns[nth - 2]].id);
            }
        }
        headings.push("_schematic".to_owned());
        headings
    }

    /// Written while it is read: a list of any length takes little memory.
    fn streamed(self, form: Form) -> Body {
        let (send, receive) = mpsc::channel::<Result<Vec<u8>, std::io::Error>>(4);
        tokio::spawn(async move {
            let written = match form {
                Form::GeoJson => self.geojson(&send).await,
                _ => self.csv(&send).await,
            };
            if let Err(problem) = written {
                // The head of the answer is gone: the client sees a broken transfer, never a short file.
                let _ = send.send(Err(std::io::Error::other(format!("{problem:?}")))).await;
            }
        });
        Body::from_stream(tokio_stream::wrappers::ReceiverStream::new(receive))
    }

    async fn csv(&self, send: &mpsc::Sender<Result<Vec<u8>, std::io::Error>>) -> Answer<()> {
        let broken =
            |error: sanggan_sheets::SheetError| Problem::internal("could not write the table", &error);
        let mut writer = CsvWriter::new(&self.headings()).map_err(broken)?;
        let stream = self.state.store().record_stream(self.opened.id(), &self.scope, self.ask.clone());
        let mut batches = std::pin::pin!(stream.ready_chunks(BATCH));
        while let Some(batch) = batches.next().await {
            let records = batch.into_iter().collect::<Result<Vec<Record>, _>>()?;
            let links = resolve::links(self.state.store(), &self.opened.model, &records).await?;
            for record in &records {
                writer.row(&self.cells(record, &links)).map_err(broken)?;
            }
            if send.send(Ok(writer.take().map_err(broken)?)).await.is_err() {
                return Ok(());
            }
        }
        let _ = send.send(Ok(writer.take().map_err(broken)?)).await;
        Ok(())
    }

    async fn geojson(&self, send: &mpsc::Sender<Result<Vec<u8>, std::io::Error>>) -> Answer<()> {
        let def = self.opened.def();
        let geometry = def.geometry.as_deref().and_then(|id| def.position(id));
        let today = today(self.state.now());
        let mut text = String::from("{\"type\":\"FeatureCollection\",\"features\":[");
        let mut first = true;
        let stream = self.state.store().record_stream(self.opened.id(), &self.scope, self.ask.clone());
        let mut batches = std::pin::pin!(stream.ready_chunks(BATCH));
        while let Some(batch) = batches.next().await {
            let records = batch.into_iter().collect::<Result<Vec<Record>, _>>()?;
            let links = resolve::links(self.state.store(), &self.opened.model, &records).await?;
            for record in &records {
                let mut row = rows::row(&self.opened, record, &links, today);
                let shape = geometry
                    .and_then(|nth| row.values.remove(&def.fields[nth].id))
                    .unwrap_or(serde_json::Value::Null);
                row.values.retain(|id, _| self.columns.iter().any(|&nth| def.fields[nth].id == *id));
                row.values.insert("_state".to_owned(), serde_json::json!(row.state));
                row.values.insert("_schematic".to_owned(), record.schematic.into());
                let feature = serde_json::json!({
                    "type": "Feature", "id": record.id.0, "geometry": shape, "properties": row.values
                });
                if !std::mem::take(&mut first) {
                    text.push_str(",\n");
                }
                text.push_str(&feature.to_string());
            }
            if send.send(Ok(std::mem::take(&mut text).into_bytes())).await.is_err() {
                return Ok(());
            }
        }
        text.push_str("]}\n");
        let _ = send.send(Ok(text.into_bytes())).await;
        Ok(())
    }

    async fn workbook(&self) -> Answer<Vec<u8>> {
        let broken =
            |error: sanggan_sheets::SheetError| Problem::internal("could not write the workbook", &error);
        let mut writer = XlsxWriter::new(&self.headings()).map_err(broken)?;
        let mut written = 0;
        self.each(&mut |records, links| {
            written += records.len();
            if written > SHEET_ROWS {
                return Err(Problem::new(
                    ErrorCode::TooLarge,
                    format!("a sheet of a workbook holds {SHEET_ROWS} rows, and there are more"),
                )
                .hint("narrow the list, or take csv or parquet"));
            }
            records.iter().try_for_each(|record| writer.row(&self.cells(record, links)).map_err(broken))
        })
        .await?;
        tokio::task::spawn_blocking(move || writer.finish())
            .await
            .map_err(|error| Problem::internal("could not write the workbook", &error))?
            .map_err(broken)
    }

    /// Written to a file of its own first, which goes when it has been sent.
    async fn file(&self, form: Form) -> Answer<Body> {
        let broken = |error: std::io::Error| Problem::internal("could not write the export", &error);
        let path = self.state.scratch_file(form.named().1).map_err(broken)?;
        let gone = Scratch(path.clone());
        if form == Form::GeoPackage {
            let columns: Vec<&str> =
                self.columns.iter().map(|&nth| self.opened.def().fields[nth].id.as_str()).collect();
            let store = self.state.store();
            store.export_geopackage(self.opened.id(), &self.scope, self.ask.clone(), &columns, &path).await?;
        } else {
            self.parquet(path.clone()).await?;
        }
        let file = tokio::fs::File::open(&path).await.map_err(broken)?;
        Ok(Body::from_stream(ReaderStream::new(file).map(move |piece| {
            let _keep = &gone;
            piece
        })))
    }

    async fn parquet(&self, path: PathBuf) -> Answer<()> {
        let def = self.opened.def();
        let shown: Vec<usize> = self.columns.clone();
        let own = |name: &str, kind| ExternalColumn { name: name.to_owned(), kind };
        let mut columns = vec![own("rid", ColumnKind::Integer), own("_state", ColumnKind::Text)];
        columns.extend(shown.iter().map(|&nth| own(&def.fields[nth].id, cells::kind(&def.fields[nth]))));
        columns.push(own("_schematic", ColumnKind::Boolean));
        let mut writer = ParquetRows::create(&path, columns)?;
        self.each(&mut |records, links| {
            let rows: Vec<Vec<Cell>> = records
                .iter()
                .map(|record| {
                    let hidden = rights::hidden_fields(&self.opened.who, def, Some(record));
                    let state = record.state.clone().map_or(Cell::Null, Cell::Text);
                    let fields = shown.iter().map(|&nth| match hidden.contains(&nth) {
                        true => Cell::Null,
                        false => cells::cell(&def.fields[nth], &record.values[nth], links),
                    });
                    let own = [Cell::Integer(record.id.0), state];
                    own.into_iter().chain(fields).chain([Cell::Boolean(record.schematic)]).collect()
                })
                .collect();
            Ok(writer.rows(&rows)?)
        })
        .await?;
        Ok(writer.finish()?)
    }
}
