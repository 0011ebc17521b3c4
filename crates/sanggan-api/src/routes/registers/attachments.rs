//! Files of records, kept by the hash of their bytes.

use axum::Json;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::imports::form_fault;
use crate::AppState;
use crate::auth::Caller;
use crate::dto::AttachmentRow;
use crate::problem::{Answer, Problem, ProblemBody};

/// Kinds shown in the browser; all others are offered as a download only.
const SHOWN: &[&str] = &["image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf"];

/// Largest file, bytes: a photograph or a scanned document is a tenth of it.
const FILE_BYTES_MAX: u64 = 100 << 20;

/// Keeps a file; the same bytes twice are one file.
#[utoipa::path(
    post, path = "/attachments", operation_id = "keepAttachment", tag = "registers",
    request_body(content_type = "multipart/form-data", description = "`file`: the file"),
    responses(
        (status = 201, description = "Kept", body = AttachmentRow),
        (status = 400, description = "The form cannot be read", body = ProblemBody),
        (status = 401, description = "Nobody is logged in", body = ProblemBody),
        (status = 413, description = "The file is too large", body = ProblemBody)
    )
)]
pub(crate) async fn keep_attachment(
    State(state): State<AppState>,
    caller: Caller,
    mut form: Multipart,
) -> Answer<(StatusCode, Json<AttachmentRow>)> {
    let broken = form_fault;
    while let Some(part) = form.next_field().await.map_err(broken)? {
        if part.name() != Some("file") {
            continue;
        }
        let name = part.file_name().unwrap_or("file").to_owned();
        let media_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
        let mut part = part;
        let mut upload = state.store().attachments().begin(FILE_BYTES_MAX).await?;
        while let Some(piece) = part.chunk().await.map_err(broken)? {
            upload.write(&piece).await?;
        }
        let kept = upload.finish(&name, &media_type, &caller.actor(), state.now()).await?;
        let row = AttachmentRow {
            hash: kept.hash,
            name: kept.name,
            media_type: kept.media_type,
            bytes: kept.bytes,
        };
        return Ok((StatusCode::CREATED, Json(row)));
    }
    Err(Problem::bad_field("file", "the part `file` is missing"))
}

/// A file. Its hash is known only to those who saw a record it belongs to.
#[utoipa::path(
    get, path = "/attachments/{hash}", operation_id = "getAttachment", tag = "registers",
    params(("hash" = String, Path, description = "SM3 of the file's bytes, 64 hex digits")),
    responses(
        (status = 200, description = "The file", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 404, description = "No such file", body = ProblemBody)
    )
)]
pub(crate) async fn get_attachment(
    State(state): State<AppState>,
    Path(hash): Path<String>,
) -> Answer<Response> {
    let none = || Problem::not_found(format!("there is no file `{hash}`"));
    if hash.len() != 64 || !hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(none());
    }
    let (info, bytes) = state.store().attachments().read(&hash).await?;
    let shown = SHOWN.contains(&info.media_type.as_str());
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let media = if shown { info.media_type.as_str() } else { "application/octet-stream" };
    if let Ok(value) = HeaderValue::from_str(media) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    let way = if shown { "inline" } else { "attachment" };
    let name: String = info
        .name
        .bytes()
        .map(|byte| match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    if let Ok(value) = HeaderValue::from_str(&format!("{way}; filename*=UTF-8''{name}")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    // The bytes of a hash never change.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    Ok(response)
}
