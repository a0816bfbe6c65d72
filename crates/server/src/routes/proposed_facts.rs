//! Facts that drafts need and the dictionary lacks: listed, and accepted into the dictionary of the caller's tenant.

use axum::Json;
use axum::extract::Path;
use serde::Deserialize;
use serde_json::json;
use zhaoren_engine::drafting::FactAcceptance;
use zhaoren_engine::now;

use super::{Answer, to_json};
use crate::call::Call;
use crate::openapi::schema;
use crate::problem::Problem;
use crate::request::{self, Query};

/// 建议指标：草稿需要而指标字典里没有的，说法相同的合为一个
///
/// 每个注明来自哪些草稿、原文怎么说，以及拟定的键、名称与类型。
#[utoipa::path(
    get, path = "/v1/drafts/facts", operation_id = "proposedFacts", tag = "审核",
    responses((status = 200, description = "需要它的草稿多的在前", body = schema::ProposedFacts)),
)]
pub(crate) async fn list(Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let engine = std::sync::Arc::clone(&app.engine);
    let found = app.read(move || engine.proposed_facts_for(&caller.0));
    Ok(Json(json!({"facts": to_json(found.await??)?})))
}

/// Entry of the dictionary as a person wants it; what is absent is taken from the proposal.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Wording {
    key: String,
    name: String,
    answered_by: String,
    same_as: String,
}

/// 采纳建议指标：写入本租户的指标字典，待审核的草稿中等它的条件随即可判
///
/// 采纳的指标只在本租户有效，此后画像、企业表与提问都认得它。
#[utoipa::path(
    post, path = "/v1/drafts/facts/{id}", operation_id = "acceptFact", tag = "审核",
    params(("id" = String, Path, description = "建议指标的键")),
    request_body(content((schema::FactWording = "application/json"))),
    responses((status = 200, description = "写入的指标，与因此改动的草稿", body = schema::AcceptedFact)),
)]
pub(crate) async fn accept(
    Path(proposal): Path<String>,
    Call { app, caller, query, headers, body }: Call,
) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let shape =
        "{\"key\": 键, \"name\": 名称, \"answered_by\": 由谁回答, \"same_as\": 同一指标的键}，各项可不给";
    let Wording { key, name, answered_by, same_as } =
        request::content(&headers, body, &app.settings.limits, shape).await?;
    let engine = std::sync::Arc::clone(&app.engine);
    let acceptance = FactAcceptance { proposal, key, name, answered_by, same_as };
    let work = move || engine.accept_fact(&caller.0.write_context(now()), &acceptance);
    let accepted = app.write(work).await?.map_err(Problem::from)?;
    to_json(accepted).map(Json)
}
