//! Saved searches: each belongs to the caller who saved it.

use std::sync::Arc;

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde_json::{Value, json};
use zhaoren_engine::{Inquiry, SavedSearch, SearchOwner};

use super::Answer;
use super::search::{MAX_HITS, SearchBody};
use crate::call::Call;
use crate::layers::Caller;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::{self, Kind, Query};
use crate::state::App;

/// 已存的检索，按名称
///
/// 只有自己存的：同一租户的别人也看不见。
#[utoipa::path(
    get, path = "/v1/searches", operation_id = "searches", tag = "检索",
    responses((status = 200, description = "已存的检索", body = schema::SavedSearches)),
)]
pub(crate) async fn list(Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let shared = Arc::clone(&app);
    let found = app.read(move || shared.engine.saved_searches(owner(&shared, &caller))).await??;
    let searches: Vec<Value> = found.iter().map(SavedSearch::summary).collect();
    Ok(Json(json!({ "searches": searches })))
}

/// 存一个检索；同名的替换
///
/// 内容如 `POST /v1/search`，每页几条、跳过几条与逐词说明在这里不起作用。
#[utoipa::path(
    put, path = "/v1/searches/{id}", operation_id = "saveSearch", tag = "检索",
    params(("id" = String, Path, description = "名称，1 到 64 个字")),
    request_body(content((schema::SearchBody = "application/json"))),
    responses((status = 200, description = "已存", body = schema::KeptSearch)),
)]
pub(crate) async fn save(Path(id): Path<String>, Call { app, caller, query, headers, body }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let limits = &app.settings.limits;
    let (_, bytes) = request::unchecked(&headers, body, &[Kind::Json], limits.body, limits).await?;
    let shared = Arc::clone(&app);
    let work = move || {
        let search = SearchBody::read(&shared.engine, &bytes)?;
        let inquiry = Inquiry {
            request: &search.draft.request,
            sort: search.draft.sort,
            profile: search.profile.as_ref(),
            tenant: &caller.0.tenant,
        };
        let replaced =
            shared.engine.save_search(owner(&shared, &caller), &id, &inquiry, search.text.clone())?;
        Ok(Json(super::with_notes(json!({"name": id.trim(), "replaced": replaced}), search.notes)))
    };
    app.write(work).await?
}

/// 再查一次，并说明与上次相比新增、变更、消失了什么
///
/// 与上一次运行相比：新增、内容有变、判定有变、不再找到的，各列其 id。
#[utoipa::path(
    post, path = "/v1/searches/{id}/run", operation_id = "runSearch", tag = "检索",
    params(
        ("id" = String, Path, description = "名称"),
        ("limit" = Option<usize>, Query, maximum = 1000, description = "最多几条，默认 10"),
    ),
    responses((status = 200, description = "变动与命中", body = schema::SavedRun)),
)]
pub(crate) async fn run(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    let limit = Query::read(query.as_deref(), &["limit"], &[])?.number("limit", 10, MAX_HITS)?;
    let (shared, name) = (Arc::clone(&app), id.clone());
    let run = app.read(move || shared.engine.run_search(owner(&shared, &caller), &name, limit)).await??;
    super::json(&run.ok_or_else(|| not_found(&id))?)
}

/// 删除已存的检索
///
/// 只能删除自己存的。
#[utoipa::path(
    delete, path = "/v1/searches/{id}", operation_id = "removeSearch", tag = "检索",
    params(("id" = String, Path, description = "名称")),
    responses((status = 204, description = "已删除")),
)]
pub(crate) async fn remove(
    Path(id): Path<String>,
    Call { app, caller, query, .. }: Call,
) -> Result<StatusCode, Problem> {
    Query::read(query.as_deref(), &[], &[])?;
    let (shared, name) = (Arc::clone(&app), id.clone());
    let removed = app.write(move || shared.engine.remove_search(owner(&shared, &caller), &name)).await??;
    if removed { Ok(StatusCode::NO_CONTENT) } else { Err(not_found(&id)) }
}

/// Owner of saved searches: without keys, the holder of the data directory, as on the command line.
fn owner<'a>(app: &App, caller: &'a Caller) -> SearchOwner<'a> {
    if app.access.requires_credentials() { SearchOwner::Caller(&caller.0) } else { SearchOwner::Holder }
}

fn not_found(name: &str) -> Problem {
    Problem::new(Code::NotFound, format!("没有名为 `{name}` 的已存检索"))
}
