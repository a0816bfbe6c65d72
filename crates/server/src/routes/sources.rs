//! Sources of facts, and their order of trust.

use axum::Json;
use axum::extract::Path;
use serde_json::{Value, json};
use zhaoren_engine::now;

use super::Answer;
use crate::call::Call;
use crate::object::Object;
use crate::openapi::schema;
use crate::request::{self, Kind, Query};

/// 规定了可信次序的来源；没有列出的为 0
///
/// 来源即存入指标时所写的 `source`。
#[utoipa::path(
    get, path = "/v1/sources", operation_id = "sources", tag = "企业",
    responses((status = 200, description = "来源，按名称；租户只见自己的", body = schema::Sources)),
)]
pub(crate) async fn list(Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let records = app.engine.records();
    let trusted = app.read(move || records.sources(&caller.0.tenant)).await??;
    let sources: Vec<Value> =
        trusted.into_iter().map(|(source, trust)| json!({"source": source, "trust": trust})).collect();
    Ok(Json(json!({ "sources": sources })))
}

/// 规定一个来源的可信次序：说法不一时数字大者优先，相同时后说的优先
///
/// 只影响以后的取用，已存的各来源的说法不变。
#[utoipa::path(
    put, path = "/v1/sources/{id}", operation_id = "trustSource", tag = "企业",
    params(("id" = String, Path, description = "来源，如 社保")),
    request_body(content((schema::Trust = "application/json"))),
    responses((status = 200, description = "所定的", body = schema::Source)),
)]
pub(crate) async fn trust(
    Path(id): Path<String>,
    Call { app, caller, query, headers, body }: Call,
) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let limits = &app.settings.limits;
    let (_, bytes) = request::document(&headers, body, &[Kind::Json], limits.body, limits).await?;
    let trust = Object::read(&bytes, &["trust"])?.integer("trust")?;
    let (records, source) = (app.engine.records(), id.clone());
    app.write(move || records.trust(&caller.0.write_context(now()), &source, trust)).await??;
    Ok(Json(json!({"source": id, "trust": trust})))
}
