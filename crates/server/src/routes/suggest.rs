//! Completion of a query during typing.

use axum::Json;
use serde_json::json;

use super::Answer;
use crate::call::Call;
use crate::openapi::schema;
use crate::request::Query;

/// 联想：以所输文字、拼音或首字母开头的事项与词
///
/// 用于输入框：选定事项即有 `id`，可直接打开。
#[utoipa::path(
    get, path = "/v1/suggest", operation_id = "suggest", tag = "检索",
    params(
        ("q" = Option<String>, Query, description = "已输入的文字、拼音或首字母"),
        ("limit" = Option<usize>, Query, maximum = 100, description = "最多几条，默认 10"),
    ),
    responses((status = 200, description = "联想", body = schema::SuggestAnswer)),
)]
pub(crate) async fn suggest(Call { app, caller, query, .. }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["q", "limit"], &[])?;
    let typed = query.text("q").unwrap_or_default().to_owned();
    let limit = query.number("limit", 10, 100)?;
    let engine = std::sync::Arc::clone(&app.engine);
    let prefix = typed.clone();
    let found = app.read(move || engine.suggest(&prefix, limit, &caller.0.tenant)).await??;
    Ok(Json(json!({ "query": typed, "suggestions": found })))
}
