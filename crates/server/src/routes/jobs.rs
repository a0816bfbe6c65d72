//! Jobs over HTTP: a table is sent, pushed in the background, and watched.

use std::path::PathBuf;

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use zhaoren_engine::today;
use zhaoren_push::{Format, Listing, lists};

use super::runs::runs_directory;
use super::{Answer, to_json};
use crate::call::Call;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::push_jobs::{PushJob, PushJobRequest};
use crate::request::{self, Query};

/// 批量任务，新的在前
///
/// 最近的 200 个；服务停止时尚未完成的，`state` 为 `interrupted`。
#[utoipa::path(
    get, path = "/v1/jobs", operation_id = "jobs", tag = "推送",
    responses((status = 200, description = "任务", body = schema::PushJobs)),
)]
pub(crate) async fn list(Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let runs = runs_directory(&app, &caller)?;
    let shared = std::sync::Arc::clone(&app);
    let jobs = app.read(move || shared.jobs.list(&caller.0.tenant, &runs)).await?;
    Ok(Json(json!({ "jobs": to_json(jobs)? })))
}

/// 上传一张企业表，在后台推送
///
/// 请求体即表格文件（CSV、Excel、Parquet、JSON Lines，由内容识别），大小以导入的上限为限。任务逐个进行，与命令行的 `push` 完全相同；完成后的结果即批次 `run`，从 `/v1/runs` 取。同名的批次不会被覆盖。
#[utoipa::path(
    post, path = "/v1/jobs", operation_id = "submitJob", tag = "推送",
    params(
        ("run" = String, Query, description = "批次的名称，不能与已有的相同"),
        ("as_of" = Option<String>, Query, format = Date, description = "判定日，默认今天"),
        ("previous" = Option<String>, Query, description = "与哪一批次比较；名单因此有新增、保持、移出与原因"),
        ("undetermined" = Option<bool>, Query, description = "待定的也列入，默认 false"),
        ("top" = Option<usize>, Query, description = "每家企业最多列出几项"),
        ("format" = Option<String>, Query, description = "名单的形式：parquet（默认）、csv、jsonl、xlsx"),
    ),
    request_body(content((Vec<u8> = "application/octet-stream"))),
    responses((status = 202, description = "已收下，在后台进行", body = schema::PushJob)),
)]
pub(crate) async fn submit(Call { app, caller, query, headers, body }: Call) -> Result<Response, Problem> {
    let known = ["run", "as_of", "previous", "undetermined", "top", "format"];
    let query = Query::read(query.as_deref(), &known, &[])?;
    let run = run_name(query.required("run", "批次的名称")?, "run")?;
    let runs = runs_directory(&app, &caller)?;
    let previous = match query.text("previous") {
        None => None,
        Some(name) => Some(previous(&runs, name)?),
    };
    let format = match query.text("format") {
        None => Format::default(),
        Some(name) => Format::of_name(name)
            .ok_or_else(|| Problem::parameter("format", name, "应为 parquet、csv、jsonl 或 xlsx"))?,
    };
    let top = query.text("top").map(|_| query.number("top", 0, usize::MAX)).transpose()?;
    let listing = Listing { undetermined: query.flag("undetermined", false)?, top, ..Listing::default() };
    let as_of = query.day("as_of")?.unwrap_or_else(today);
    let limits = &app.settings.limits;
    let table = request::body(&headers, body, limits.import, limits).await?.to_vec();
    if table.is_empty() {
        return Err(Problem::new(Code::BadContent, "请求体应为一张企业表，得到的是空的"));
    }
    let shared = std::sync::Arc::clone(&app);
    let job = app
        .write_within(limits.import_time, move || {
            let rules = shared.engine.rules_for(&caller.0.tenant)?;
            let records = shared.engine.records();
            let who = caller.0.clone();
            let job =
                PushJobRequest { who, runs, records, rules, run, as_of, previous, listing, format, table };
            shared.jobs.submit(job)
        })
        .await??;
    Ok((StatusCode::ACCEPTED, Json(to_json(job)?)).into_response())
}

/// 一个批量任务：进行到哪里
///
/// `rows` 为已读的行，`written` 为已写出的企业；完成后 `counts` 如批次的 `run.json`。
#[utoipa::path(
    get, path = "/v1/jobs/{id}", operation_id = "job", tag = "推送",
    params(("id" = String, Path, description = "任务的标识")),
    responses((status = 200, description = "任务", body = schema::PushJob)),
)]
pub(crate) async fn show(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let runs = runs_directory(&app, &caller)?;
    found(app.jobs.get(&caller.0.tenant, &runs, &id), &id)
}

/// 取消一个批量任务
///
/// 等候中的立即取消，进行中的在下一步停下；已结束的保持原样。
#[utoipa::path(
    delete, path = "/v1/jobs/{id}", operation_id = "cancelJob", tag = "推送",
    params(("id" = String, Path, description = "任务的标识")),
    responses((status = 200, description = "任务", body = schema::PushJob)),
)]
pub(crate) async fn cancel(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let runs = runs_directory(&app, &caller)?;
    found(app.jobs.cancel(&caller.0.tenant, &runs, &id), &id)
}

fn found(job: Option<PushJob>, id: &str) -> Answer {
    let job = job.ok_or_else(|| Problem::new(Code::NotFound, format!("没有任务 `{id}`")))?;
    Ok(Json(to_json(job)?))
}

/// A name that is one folder on every system.
fn run_name(name: &str, parameter: &str) -> Result<String, Problem> {
    let sound = name.chars().count() <= 100
        && !name.starts_with('.')
        && name.chars().all(|one| one.is_alphanumeric() || "-_.".contains(one));
    if sound && !name.is_empty() {
        Ok(name.to_owned())
    } else {
        Err(Problem::parameter(parameter, name, "应为 100 字以内的字母、数字、汉字、- 与 _，不以点开头"))
    }
}

fn previous(runs: &std::path::Path, name: &str) -> Result<PathBuf, Problem> {
    let folder = runs.join(run_name(name, "previous")?);
    if lists::is_done(&folder) {
        Ok(folder)
    } else {
        Err(Problem::parameter("previous", name, "应为一个已完成的批次"))
    }
}
