//! Feed of catalogue changes.

use axum::Json;
use zhaoren_engine::Cursor;

use super::Answer;
use crate::call::Call;
use crate::openapi::schema;
use crate::problem::Problem;
use crate::request::Query;

/// 目录的变动，按发生的先后
///
/// 从头取起，逐次以 `next` 作 `after`；取完后仍用最后的 `next`，即得此后的变动。位置不会移动，不会插入，重启与恢复备份后仍有效。
#[utoipa::path(
    get, path = "/v1/changes", operation_id = "changes", tag = "政策",
    params(
        ("after" = Option<String>, Query, description = "上一次的 `next`；不给则从头"),
        ("limit" = Option<usize>, Query, maximum = 1000, description = "最多几条，默认 100"),
    ),
    responses((status = 200, description = "变动", body = schema::ChangeFeed)),
)]
pub(crate) async fn changes(Call { app, caller, query, .. }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["after", "limit"], &[])?;
    let limit = query.number("limit", 100, 1000)?;
    let after = match query.text("after") {
        None => Cursor::start(),
        Some(text) => {
            Cursor::parse(text).ok_or_else(|| Problem::parameter("after", text, "应为上一次的 `next`"))?
        }
    };
    let records = app.engine.records();
    let found = app.read(move || records.changes(&after, limit, &caller.0.tenant)).await?;
    Ok(Json(found?))
}
