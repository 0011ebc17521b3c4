//! The web app: embedded in release builds, read from `web/dist` otherwise.
//!
//! Every path that is neither a file nor under `/api/` is a page of the app, so it gets the index.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use parking_lot::RwLock;
use rust_embed::{Embed, EmbeddedFile};

use crate::AppState;
use crate::problem::Problem;

/// The build of the web app. Debug builds read the folder at each request.
#[derive(Embed)]
#[folder = "../../web/dist"]
struct Built;

const INDEX: &str = "index.html";
/// A file named after its content may be kept for a year; anything else is asked for again each time.
const HASHED: &str = "public, max-age=31536000, immutable";
const REVALIDATE: &str = "no-cache";
/// Smaller files are not worth compressing.
const GZIP_FROM: usize = 1024;

const NOT_BUILT: &str = "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><title>桑干 Sanggan</title>\
<h1>桑干 Sanggan</h1><p>服务已启动，但网页尚未构建。请运行 <code>make web</code>（或在 <code>web/</code> 目录运行 \
<code>npm ci &amp;&amp; npm run build</code>），然后刷新本页。</p><p>The server runs, but the web app has not been built. \
Run <code>make web</code> (or <code>npm ci &amp;&amp; npm run build</code> in <code>web/</code>), then reload. \
The API is at <a href=\"/api/openapi.json\">/api/openapi.json</a>.</p></html>";

/// Where the web app's files come from.
#[derive(Debug, Default)]
pub(crate) struct Assets {
    /// Read this folder in place of the embedded files.
    folder: Option<PathBuf>,
    /// Compressed files by entity tag.
    gzipped: RwLock<HashMap<String, Bytes>>,
}

impl Assets {
    pub(crate) fn new(folder: Option<PathBuf>) -> Assets {
        Assets { folder, gzipped: RwLock::default() }
    }

    fn get(&self, path: &str) -> Option<EmbeddedFile> {
        let path = Path::new(path);
        if path.as_os_str().is_empty() || !path.components().all(|part| matches!(part, Component::Normal(_)))
        {
            return None;
        }
        match &self.folder {
            Some(folder) => rust_embed::utils::read_file_from_fs(&folder.join(path)).ok(),
            None => Built::get(path.to_str()?),
        }
    }

    fn gzip(&self, tag: &str, data: &Cow<'static, [u8]>) -> Option<Bytes> {
        if let Some(done) = self.gzipped.read().get(tag) {
            return Some(done.clone());
        }
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(data).ok()?;
        let bytes = Bytes::from(encoder.finish().ok()?);
        self.gzipped.write().insert(tag.to_owned(), bytes.clone());
        Some(bytes)
    }
}

/// The fallback of the whole router: a file, the index page, or a 404 problem under `/api/`.
pub(crate) async fn serve(
    State(state): State<AppState>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path == "ogc/" {
        return axum::response::Redirect::permanent(crate::ogc::BASE).into_response();
    }
    if path == "api" || path.starts_with("api/") || path.starts_with("ogc/") {
        return Problem::not_found(format!("there is no `{}`", uri.path()))
            .hint("the list of operations is at /api/openapi.json")
            .into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let assets = &state.inner.assets;
    if let Some(file) = assets.get(path) {
        return answer(assets, path, file, &headers);
    }
    if names_a_file(path) {
        return (StatusCode::NOT_FOUND, "not found\n").into_response();
    }
    match assets.get(INDEX) {
        Some(file) => answer(assets, INDEX, file, &headers),
        None => ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], NOT_BUILT).into_response(),
    }
}

/// Whether a path can only mean a file. (A station code may hold a dot, so a dot alone says nothing.)
fn names_a_file(path: &str) -> bool {
    const ENDINGS: [&str; 13] = [
        "js",
        "css",
        "map",
        "json",
        "png",
        "svg",
        "ico",
        "jpg",
        "webp",
        "woff2",
        "txt",
        "xml",
        "webmanifest",
    ];
    path.starts_with("assets/") || path.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

fn answer(assets: &Assets, path: &str, file: EmbeddedFile, asked: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let tag: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let kind = file.metadata.mimetype().to_owned();
    let text = kind.starts_with("text/")
        || ["javascript", "json", "svg", "xml", "wasm"].iter().any(|part| kind.contains(part));
    let gzip_wanted = asked
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.split(',').any(|part| part.trim().starts_with("gzip")));
    let mut headers = HeaderMap::new();
    let cache = if path.starts_with("assets/") { HASHED } else { REVALIDATE };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    // The tag is weak: it names the content, whatever its encoding.
    let etag = format!("W/\"{tag}\"");
    if let Ok(value) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, value);
    }
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    if known.flat_map(|value| value.split(',')).any(|value| value.trim() == etag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let kind = if kind.starts_with("text/") && !kind.contains("charset") {
        format!("{kind}; charset=utf-8")
    } else {
        kind
    };
    if let Ok(value) = HeaderValue::from_str(&kind) {
        headers.insert(header::CONTENT_TYPE, value);
    }
    if text && gzip_wanted && file.data.len() >= GZIP_FROM {
        if let Some(bytes) = assets.gzip(&tag, &file.data) {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            return (headers, bytes).into_response();
        }
    }
    let bytes = match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    };
    (headers, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_the_folder_is_ever_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let web = folder.path().join("web");
        std::fs::create_dir(&web).expect("a folder");
        std::fs::write(folder.path().join("store.sqlite"), "secret").expect("a file");
        std::fs::write(web.join("index.html"), "index").expect("a file");
        let assets = Assets::new(Some(web.clone()));
        assert!(assets.get("index.html").is_some());
        let outside = web.join("index.html");
        for path in ["../store.sqlite", "./../store.sqlite", "a/../../store.sqlite", "", "/", "."] {
            assert!(assets.get(path).is_none(), "{path}");
        }
        assert!(assets.get(outside.to_str().expect("text")).is_none(), "an absolute path");
    }

    #[test]
    fn a_path_that_means_a_file_is_told_from_a_page() {
        for path in ["assets/app", "assets/app-1.js", "favicon.ico", "a/b.woff2"] {
            assert!(names_a_file(path), "{path}");
        }
        for path in ["", "stations/sz.001", "stations/area:140600", "explain"] {
            assert!(!names_a_file(path), "{path}");
        }
    }
}
