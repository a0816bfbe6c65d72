//! Receipts, and their replay.

use axum::extract::Path;
use zhaoren_engine::{Moment, Replay};

use super::{Answer, json};
use crate::call::Call;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::Query;

/// 核验凭据：按当时的事项与指标重新判定，逐字节比较
///
/// 凭据由 `POST /v1/match?receipt` 留下。答复不含企业的指标。
#[utoipa::path(
    post, path = "/v1/receipts/{id}/verify", operation_id = "verifyReceipt", tag = "企业",
    params(("id" = String, Path, description = "凭据的编号")),
    responses((status = 200, description = "是否相同，不同在哪里", body = schema::Replay)),
)]
pub(crate) async fn verify(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let engine = std::sync::Arc::clone(&app.engine);
    let replay = app.read(move || {
        let receipt = engine.records().receipt(Some(&caller.0.tenant), &id)?;
        let receipt = receipt.ok_or_else(|| Problem::new(Code::NotFound, format!("没有凭据 `{id}`")))?;
        let facts = engine.dictionary_for(&receipt.tenant)?;
        let believed = receipt.believed.map(Moment);
        let rules = engine.rules_at(&receipt.tenant, believed, &facts, &mut Vec::new());
        let rules = rules?;
        let mut replay = receipt.replay(&rules);
        replay.signed =
            receipt.check_signature(&engine.records().public_key().into_iter().collect::<Vec<_>>());
        Ok::<Replay, Problem>(replay)
    });
    json(&replay.await??)
}
