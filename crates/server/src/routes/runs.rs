//! Results of push runs: the list of runs, and their push lists line by line.

use std::path::{Path as FilePath, PathBuf};

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde_json::{Value, json};
use zhaoren_push::lists;

use super::{Answer, stream};
use crate::call::Call;
use crate::layers::Caller;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::Query;
use crate::state::Shared;

/// Header with the cursor of the next part of a list.
const NEXT: HeaderName = HeaderName::from_static("x-next-cursor");
/// Number of rows read at a time.
const ROWS: usize = 1_000;

/// 推送批次，新的在前
///
/// 批次即推送结果的目录；推送在命令行进行，见 `zhaoren push`。
#[utoipa::path(
    get, path = "/v1/runs", operation_id = "runs", tag = "推送",
    responses((status = 200, description = "已完成的批次", body = schema::Runs)),
)]
pub(crate) async fn list(Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let root = runs_directory(&app, &caller);
    let names = app
        .read(move || root.map_or_else(|_| Ok(Vec::new()), |root| lists::runs(&root)))
        .await?
        .map_err(|error| Problem::internal(&error))?;
    Ok(Json(json!({ "runs": names })))
}

/// 一个批次：计数、判定日、输入的摘要与用时
///
/// 内容如批次的 `run.json`。
#[utoipa::path(
    get, path = "/v1/runs/{id}", operation_id = "run", tag = "推送",
    params(("id" = String, Path, description = "批次的目录名")),
    responses((status = 200, description = "`run.json`", body = Object)),
)]
pub(crate) async fn show(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let folder = folder(&runs_directory(&app, &caller)?, &id)?;
    let text = app.read(move || std::fs::read(folder.join("run.json"))).await?;
    let text = text.map_err(|error| Problem::internal(&error))?;
    serde_json::from_slice(&text).map(Json).map_err(|error| Problem::internal(&error))
}

/// 一个批次的推送名单，逐行
///
/// 给出 `limit` 时，响应头 `x-next-cursor` 为接着取的 `cursor`；名单取完时没有这个头。名单若已被同名的另一批次替换，旧的 `cursor` 得 409。
#[utoipa::path(
    get, path = "/v1/runs/{id}/matches", operation_id = "runMatches", tag = "推送",
    params(
        ("id" = String, Path, description = "批次的目录名"),
        ("cursor" = Option<String>, Query, description = "上一次的 `x-next-cursor`"),
        ("limit" = Option<usize>, Query, description = "最多几行，默认全部"),
    ),
    responses((status = 200, description = "每行一家企业的一个事项", content(
        (schema::ListLine = "application/x-ndjson"),
    ))),
)]
pub(crate) async fn matches(
    Path(id): Path<String>,
    Call { app, caller, query, .. }: Call,
) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref(), &["cursor", "limit"], &[])?;
    let limit = query.number("limit", usize::MAX, usize::MAX)?;
    let folder = folder(&runs_directory(&app, &caller)?, &id)?;
    let opened = app.read(move || lists::List::open(&folder)).await?;
    let mut list = opened.map_err(|error| Problem::internal(&error))?;
    let begin = match query.text("cursor") {
        None => 0,
        Some(cursor) => row_offset(cursor, &list)?,
    };
    list.skip(begin);
    let end = begin.saturating_add(u64::try_from(limit).unwrap_or(u64::MAX));
    let next = (end < list.rows()).then(|| format!("{}-{end}", list.digest_prefix()));
    let rows = unfold((app, Some(list), limit), async |(app, list, left)| {
        let mut list = list.filter(|_| left > 0)?;
        let read = app.read(move || (list.lines(left.min(ROWS)), list)).await;
        match read {
            Ok((Ok(lines), _)) if lines.is_empty() => None,
            Ok((Ok(lines), list)) => {
                let left = left.saturating_sub(lines.len());
                let mut text = lines.join("\n");
                text.push('\n');
                Some((Ok::<Bytes, std::convert::Infallible>(text.into()), (app, Some(list), left)))
            }
            Ok((Err(error), _)) => Some((Ok(broken(&Problem::internal(&error))), (app, None, 0))),
            Err(problem) => Some((Ok(broken(&problem)), (app, None, 0))),
        }
    });
    let mut response =
        ([(header::CONTENT_TYPE, stream::MEDIA_TYPE)], Body::from_stream(rows)).into_response();
    if let Some(next) = next.and_then(|next| HeaderValue::from_str(&next).ok()) {
        response.headers_mut().insert(NEXT, next);
    }
    Ok(response)
}

/// Last line of a stream that fails after its status was sent.
fn broken(problem: &Problem) -> Bytes {
    format!("{}\n", json!({"problem": Value::Object(problem.json())})).into()
}

fn row_offset(cursor: &str, list: &lists::List) -> Result<u64, Problem> {
    let wrong = || Problem::parameter("cursor", cursor, "应为上一次的 `x-next-cursor`");
    let (mark, row) = cursor.split_once('-').ok_or_else(wrong)?;
    let row = row.parse().map_err(|_| wrong())?;
    if mark != list.digest_prefix() {
        return Err(Problem::new(Code::Conflict, "这个批次的名单已被替换，请从头再取"));
    }
    Ok(row)
}

/// Directory of the runs that the caller may see: a tenant's are below its own name.
pub(crate) fn runs_directory(app: &Shared, caller: &Caller) -> Result<PathBuf, Problem> {
    let runs = app.settings.runs.as_ref();
    let runs = runs.ok_or_else(|| Problem::new(Code::NotFound, "没有配置推送结果所在目录（runs）"))?;
    match caller.0.tenant.as_str() {
        "" => Ok(runs.clone()),
        tenant => folder_name(tenant).map(|name| runs.join(name)),
    }
}

pub(crate) fn folder(root: &FilePath, id: &str) -> Result<PathBuf, Problem> {
    let folder = root.join(folder_name(id)?);
    if lists::is_done(&folder) { Ok(folder) } else { Err(not_found(id)) }
}

/// Checks that a name is a single path component.
fn folder_name(id: &str) -> Result<&str, Problem> {
    let sound = !id.is_empty() && !id.starts_with('.') && !id.contains(['/', '\\', '\0', ':']);
    if sound { Ok(id) } else { Err(not_found(id)) }
}

fn not_found(id: &str) -> Problem {
    Problem::new(Code::NotFound, format!("没有已完成的批次 `{id}`"))
}
