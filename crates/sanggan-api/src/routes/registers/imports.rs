//! Tables and layers in: a look at the columns, a dry run, the import, its faults.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{DefaultBodyLimit, Multipart, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sanggan_base::ErrorCode;
use sanggan_records::rights;
use sanggan_sheets::CsvWriter;

use crate::AppState;
use crate::auth::Caller;
use crate::dto::{ColumnProposal, ImportBegun, ImportOptions, ImportStatus};
use crate::problem::{Answer, Problem, ProblemBody};
use crate::registers::Opened;
use crate::transfer::jobs::Upload;
use crate::transfer::mapping;
use crate::transfer::read::{self, Content, Met, ReadError};

/// Rows shown before an import.
const ROWS_SHOWN: usize = 10;

/// Largest file of an import, bytes.
pub(crate) const FILE_BYTES_MAX: usize = 1 << 30;

/// The limit of the body on paths that take files.
pub(crate) fn body_limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(FILE_BYTES_MAX)
}

/// The problem of a form that cannot be read.
pub(crate) fn form_fault(error: axum::extract::multipart::MultipartError) -> Problem {
    let too_large = error.status() == StatusCode::PAYLOAD_TOO_LARGE;
    let code = if too_large { ErrorCode::TooLarge } else { ErrorCode::BadInput };
    Problem::new(code, format!("the form cannot be read: {}", error.body_text()))
}

/// The parts of a request with a file.
async fn parts(mut form: Multipart) -> Answer<(Upload, ImportOptions)> {
    let broken = form_fault;
    let (mut upload, mut options) = (None, ImportOptions::default());
    while let Some(part) = form.next_field().await.map_err(broken)? {
        match part.name() {
            Some("file") => {
                let name = part.file_name().unwrap_or("file").to_owned();
                let bytes = part.bytes().await.map_err(broken)?.to_vec();
                upload = Some(Upload { name, bytes });
            }
            Some("options") => {
                let text = part.text().await.map_err(broken)?;
                options = serde_json::from_str(&text)
                    .map_err(|error| Problem::bad_field("options", error.to_string()))?;
            }
            name => {
                let name = name.unwrap_or_default();
                return Err(Problem::bad_field("form", format!("there is no part `{name}`")));
            }
        }
    }
    let upload = upload.ok_or_else(|| Problem::bad_field("file", "the part `file` is missing"))?;
    Ok((upload, options))
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Problem {
        match error {
            ReadError::Mapping(_) => Problem::bad_field("mapping", error.to_string()),
            _ => Problem::bad_field("file", error.to_string()),
        }
    }
}

/// Reads the columns of a file and proposes a field for each.
#[utoipa::path(
    post, path = "/registers/{register}/imports/columns", operation_id = "proposeColumns", tag = "registers",
    params(("register" = String, Path, description = "The register's id")),
    request_body(content_type = "multipart/form-data", description = "`file`: the table or layer"),
    responses(
        (status = 200, description = "The columns, a mapping and the first rows", body = ColumnProposal),
        (status = 400, description = "The file cannot be read", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 403, description = "Not the caller's to import", body = ProblemBody),
        (status = 404, description = "No such register", body = ProblemBody),
        (status = 413, description = "The file is too large", body = ProblemBody)
    )
)]
pub(crate) async fn propose_columns(
    State(state): State<AppState>,
    caller: Caller,
    Path(register): Path<String>,
    form: Multipart,
) -> Answer<Json<ColumnProposal>> {
    let opened = Opened::of(&state, &caller, &register)?;
    rights::may_import(&opened.who, opened.def())?;
    let (upload, options) = parts(form).await?;
    let def = std::sync::Arc::clone(opened.def());
    let content = Content::open(&state, upload.bytes, options.sheet).await?;
    let proposal = tokio::task::spawn_blocking(move || {
        let mut proposal =
            ColumnProposal { columns: Vec::new(), mapping: BTreeMap::new(), rows: Vec::new(), total: 0 };
        let read = content.walk(|met| {
            match met {
                Met::Headings(headings) => {
                    proposal.columns = headings.to_vec();
                    proposal.mapping = mapping::propose(&def, headings);
                }
                Met::Row(row) => {
                    proposal.total += 1;
                    if proposal.rows.len() < ROWS_SHOWN {
                        let mut cells: Vec<String> = row.cells.iter().map(|cell| read::short(cell)).collect();
                        if let (Some(shape), Some(last)) = (row.shape, cells.last_mut()) {
                            *last = read::short(&sanggan_geo::wkt::print(shape, 5));
                        }
                        proposal.rows.push(cells);
                    }
                }
                Met::Bad { .. } => proposal.total += 1,
            }
            Ok(())
        });
        read.map(|()| proposal)
    });
    let proposal = proposal.await.map_err(|error| Problem::internal("could not read the file", &error))??;
    Ok(Json(proposal))
}

/// Begins an import; `GET /imports/{id}` tells how far it is.
#[utoipa::path(
    post, path = "/registers/{register}/imports", operation_id = "importRecords", tag = "registers",
    params(("register" = String, Path, description = "The register's id")),
    request_body(
        content_type = "multipart/form-data",
        description = "`file`: a table (CSV, XLSX) or layer (GeoJSON, Shapefile in a ZIP, FlatGeobuf, GeoPackage); \
            `options`: JSON, see ImportOptions"
    ),
    responses(
        (status = 202, description = "Begun", body = ImportBegun),
        (status = 400, description = "The form cannot be read", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 403, description = "Not the caller's to import", body = ProblemBody),
        (status = 404, description = "No such register", body = ProblemBody),
        (status = 413, description = "The file is too large", body = ProblemBody)
    )
)]
pub(crate) async fn import_records(
    State(state): State<AppState>,
    caller: Caller,
    Path(register): Path<String>,
    form: Multipart,
) -> Answer<(StatusCode, Json<ImportBegun>)> {
    let opened = Opened::of(&state, &caller, &register)?;
    rights::may_import(&opened.who, opened.def())?;
    let (upload, options) = parts(form).await?;
    let id = state.imports().begin(&state, opened.who, opened.model, upload, options);
    Ok((StatusCode::ACCEPTED, Json(ImportBegun { id })))
}

fn none(id: &str) -> Problem {
    Problem::not_found(format!("there is no import `{id}` of yours"))
        .hint("imports are forgotten when the server stops")
}

/// How far an import is, and its first faults.
#[utoipa::path(
    get, path = "/imports/{id}", operation_id = "getImport", tag = "registers",
    params(("id" = u64, Path, description = "The import's number")),
    responses(
        (status = 200, description = "How far it is", body = ImportStatus),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 404, description = "No such import of the caller's", body = ProblemBody)
    )
)]
pub(crate) async fn get_import(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Json<ImportStatus>> {
    let number = id.parse().map_err(|_| none(&id))?;
    let status = state.imports().status(number, &caller.for_records()).ok_or_else(|| none(&id))?;
    Ok(Json(status))
}

/// The faults of an import as a table.
#[utoipa::path(
    get, path = "/imports/{id}/faults.csv", operation_id = "listImportFaults", tag = "registers",
    params(("id" = u64, Path, description = "The import's number")),
    responses(
        (status = 200, description = "A CSV", content_type = "text/csv", body = String),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 404, description = "No such import of the caller's", body = ProblemBody)
    )
)]
pub(crate) async fn list_import_faults(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer<Response> {
    let number = id.parse().map_err(|_| none(&id))?;
    let faults = state.imports().faults(number, &caller.for_records()).ok_or_else(|| none(&id))?;
    let broken = |error: sanggan_sheets::SheetError| Problem::internal("could not write the table", &error);
    let headings = ["行 line", "字段 field", "值 value", "问题", "fault"].map(str::to_owned);
    let mut writer = CsvWriter::new(&headings).map_err(broken)?;
    for fault in faults {
        writer
            .row(&[fault.line.to_string(), fault.field, fault.value, fault.zh, fault.en])
            .map_err(broken)?;
    }
    let mut response = writer.take().map_err(broken)?.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"import-{number}-faults.csv\""))
    {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
