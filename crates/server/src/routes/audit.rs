//! Audit trail: who did what, and whether a record was changed since.

use axum::Json;
use serde_json::json;
use zhaoren_engine::now;

use super::{Answer, cursor, json};
use crate::call::Call;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::Query;

/// 审计：谁做了什么，按先后
///
/// 按序号逐页取：把上一次的 `next` 作为 `after`。租户只见自己的。
#[utoipa::path(
    get, path = "/v1/audit", operation_id = "audit", tag = "运行",
    params(
        ("after" = Option<u64>, Query, description = "上一次的 `next`；不给则从头"),
        ("limit" = Option<usize>, Query, maximum = 1000, description = "最多几行，默认 100"),
    ),
    responses((status = 200, description = "审计的各行；租户只见自己的", body = schema::AuditLines)),
)]
pub(crate) async fn list(Call { app, caller, query, .. }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["after", "limit"], &[])?;
    let limit = query.number("limit", 100, 1000)?;
    let after = cursor::number(&query, "after", "应为上一次的 `next`")?;
    let records = app.engine.records();
    let lines = app
        .read(move || {
            let tenant = Some(caller.0.tenant.as_str()).filter(|tenant| !tenant.is_empty());
            records.audit(after, limit, tenant)
        })
        .await??;
    let next = lines.last().map_or(after, |line| line.seq);
    Ok(Json(json!({"lines": lines, "next": next})))
}

/// 核对审计链与它所记的全部记录，结果也记入审计；涉及所有租户，只给不属于租户的密钥
///
/// 答复中的 `faults` 为空即相符；每一处改动各有一条，写明是哪一行或哪一条记录。
#[utoipa::path(
    post, path = "/v1/audit/verify", operation_id = "verifyAudit", tag = "运行",
    params(("head" = Option<String>, Query, description = "以前记下的最后一行的摘要：它须仍在链上")),
    responses((status = 200, description = "核对的结果，`faults` 为空即无改动", body = schema::AuditCheck)),
)]
pub(crate) async fn verify(Call { app, caller, query, .. }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["head"], &[])?;
    let head = query.text("head").map(str::to_owned);
    let records = app.engine.records();
    let limit = app.settings.limits.import_time;
    let check = app
        .write_within(limit, move || records.check_audit(&caller.0.write_context(now()), head.as_deref()))
        .await?;
    json(&check?)
}

/// 审计的最后一行：另处保存，以后核对时给出其摘要
///
/// 摘要与签名都在答复里；登记库连同审计一起被换掉时，只有另处保存的摘要能说明。
#[utoipa::path(
    get, path = "/v1/audit/head", operation_id = "auditHead", tag = "运行",
    responses((status = 200, description = "最后一行；还没有审计时为 404", body = schema::AuditHead)),
)]
pub(crate) async fn head(Call { app, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let records = app.engine.records();
    let head = app.read(move || records.audit_head()).await??;
    json(&head.ok_or_else(|| Problem::new(Code::NotFound, "还没有审计".to_owned()))?)
}
