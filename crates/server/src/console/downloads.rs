//! Downloads of a push list: the filtered rows as CSV, and the workbook of the run.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use zhaoren_push::lists;

use super::form::Fields;
use super::run_pages::{WORKBOOK, filter};
use super::shell::failure;
use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::routes::runs::{folder, runs_directory};
use crate::state::Shared;

/// Content type of an Excel workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Rows written at a time, and rows scanned to find them.
const ROWS: usize = 1_000;
const SCANNED: u64 = 50_000;
/// Bytes of a file sent at a time.
const BYTES: usize = 256 << 10;

/// Push list of a run as CSV for a spreadsheet, with the filters of its page.
pub(super) async fn csv(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let filter = filter(&Fields::from_query(query.as_deref()));
    let folder = match runs_directory(&app, &caller).and_then(|root| folder(&root, &id)) {
        Ok(folder) => folder,
        Err(problem) => return failure(&app, &caller, &problem),
    };
    let rows = unfold((app, Some(0)), move |(app, from)| {
        let (folder, filter) = (folder.clone(), filter.clone());
        async move {
            let from = from?;
            let part = move || {
                let found = lists::find(&folder, &filter, from, ROWS, SCANNED)?;
                let lines = lists::csv_lines(&found.rows)?;
                let heading = if from == 0 { lists::csv_heading() } else { Vec::new() };
                Ok::<_, zhaoren_push::PushError>(([heading, lines].concat(), found.next))
            };
            match app.read(part).await {
                Ok(Ok((bytes, next))) => Some((Ok(Bytes::from(bytes)), (app, next))),
                // The status was sent already: an unfinished body tells the browser that the download failed.
                Ok(Err(error)) => Some((Err(broken(&error)), (app, None))),
                Err(problem) => Some((Err(broken(&problem.code.title())), (app, None))),
            }
        }
    });
    attachment("text/csv; charset=utf-8", &format!("{id}.csv"), Body::from_stream(rows))
}

/// Workbook of a run.
pub(super) async fn workbook(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let path = runs_directory(&app, &caller).and_then(|root| Ok(folder(&root, &id)?.join(WORKBOOK)));
    let opened = match path {
        Ok(path) => app.read(move || open(path)).await.and_then(|opened| opened),
        Err(problem) => Err(problem),
    };
    let file = match opened {
        Ok(file) => file,
        Err(problem) => return failure(&app, &caller, &problem),
    };
    let parts = unfold((app, Some(file)), async |(app, file)| {
        let mut file = file?;
        let part = move || {
            let mut bytes = Vec::with_capacity(BYTES);
            file.by_ref().take(BYTES as u64).read_to_end(&mut bytes).map(|_| (bytes, file))
        };
        match app.read(part).await {
            Ok(Ok((bytes, _))) if bytes.is_empty() => None,
            Ok(Ok((bytes, file))) => Some((Ok(Bytes::from(bytes)), (app, Some(file)))),
            Ok(Err(error)) => Some((Err(error), (app, None))),
            Err(problem) => Some((Err(broken(&problem.code.title())), (app, None))),
        }
    });
    attachment(XLSX, &format!("{id}.xlsx"), Body::from_stream(parts))
}

fn open(path: PathBuf) -> Result<File, Problem> {
    File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            Problem::new(Code::NotFound, "这个批次没有 Excel 名单：推送时加 --format xlsx")
        }
        _ => Problem::internal(&error),
    })
}

fn broken(error: &dyn std::fmt::Display) -> std::io::Error {
    tracing::error!(%error, "a list could not be sent to its end");
    std::io::Error::other(error.to_string())
}

/// Response with a file to save. Names that a header cannot hold are left to the browser.
pub(super) fn attachment(kind: &'static str, name: &str, body: Body) -> Response {
    let sound = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let disposition =
        if sound { format!("attachment; filename=\"{name}\"") } else { "attachment".to_owned() };
    let disposition =
        HeaderValue::from_str(&disposition).unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, disposition),
        // Data of enterprises must not remain in a browser's cache.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, body).into_response()
}
