//! Administration of the index.

use axum::Json;
use serde_json::json;
use zhaoren_engine::{EngineError, Silent, Upkeep, WriteContext, now};

use super::Answer;
use crate::call::Call;
use crate::layers::Caller;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::Query;
use crate::state::Shared;

/// 列出可用的各代索引
///
/// 标出现用的一代，以及是否与登记库一致。
#[utoipa::path(
    get, path = "/v1/index", operation_id = "index", tag = "运行",
    responses((status = 200, description = "各代索引", body = schema::Shelf)),
)]
pub(crate) async fn list(Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    Ok(Json(maintain(&app, caller, |upkeep, _| upkeep.list()).await?.json(false)))
}

/// 逐个文件核对各代索引的校验和；索引由所有租户共用，以下三项只给不属于租户的管理员
///
/// 损坏的一代写明 `fault`；重建即可，登记库不受影响。
#[utoipa::path(
    post, path = "/v1/index/verify", operation_id = "verifyIndex", tag = "运行",
    responses((status = 200, description = "各代索引，损坏的有 fault", body = schema::Shelf)),
)]
pub(crate) async fn verify(Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    Ok(Json(maintain(&app, caller, Upkeep::verify).await?.json(true)))
}

/// 由登记库重建索引
///
/// 其间照常检索原有的一代，完成后一并切换。
#[utoipa::path(
    post, path = "/v1/index/rebuild", operation_id = "rebuildIndex", tag = "运行",
    responses((status = 200, description = "现用第几代", body = schema::InUse)),
)]
pub(crate) async fn rebuild(Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let number = maintain(&app, caller, |upkeep, act| upkeep.rebuild(act, &Silent)).await?;
    load_published(&app).await?;
    Ok(Json(json!({"generation": number})))
}

/// 改用上一代索引，或指定的一代
///
/// 之后检索可能落后于登记库（`behind`），导入或重建后恢复一致。匹配不受影响。
#[utoipa::path(
    post, path = "/v1/index/rollback", operation_id = "rollBackIndex", tag = "运行",
    params(("generation" = Option<u64>, Query, description = "第几代，默认上一代")),
    responses((status = 200, description = "现用第几代，是否落后于登记库", body = schema::InUse)),
)]
pub(crate) async fn roll_back(Call { app, caller, query, .. }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["generation"], &[])?;
    let generation = match query.text("generation") {
        None => None,
        Some(value) => Some(
            value.parse::<u64>().map_err(|_| Problem::parameter("generation", value, "应为第几代的数"))?,
        ),
    };
    let (number, behind) =
        maintain(&app, caller, move |upkeep, act| upkeep.roll_back(act, generation, &Silent)).await?;
    load_published(&app).await?;
    Ok(Json(json!({"generation": number, "behind": behind})))
}

async fn maintain<T: Send + 'static>(
    app: &Shared,
    caller: Caller,
    job: impl FnOnce(&Upkeep, &WriteContext<'_>) -> Result<T, EngineError> + Send + 'static,
) -> Result<T, Problem> {
    let engine = std::sync::Arc::clone(&app.engine);
    let done = app.write_within(app.settings.limits.import_time, move || {
        job(&engine.upkeep(), &caller.0.write_context(now()))
    });
    done.await?.map_err(|error| match error {
        EngineError::Index(error) => Problem::new(Code::Conflict, error.to_string()),
        other => other.into(),
    })
}

/// Loads a published generation immediately, without waiting for the next refresh.
async fn load_published(app: &Shared) -> Result<(), Problem> {
    let engine = std::sync::Arc::clone(&app.engine);
    let found = app.read_within(app.settings.limits.import_time, move || engine.refresh()).await?;
    Ok(found.map(drop)?)
}
