//! Proposals of a language model for a draft: asked for, and adopted by the draft's author.

use axum::Json;
use axum::extract::Path;
use serde::Deserialize;
use serde_json::json;

use super::{Answer, to_json};
use crate::call::Call;
use crate::draft_access::draft_number;
use crate::openapi::schema;
use crate::proposing;
use crate::request::{self, Query};

/// 请模型就草稿中没读出条件的句子提建议（由模型提出，须由提出者采纳才算数）
///
/// 建议与原文并列，不进入条件；采纳之前，判定不受影响。
#[utoipa::path(
    post, path = "/v1/drafts/{id}/proposals", operation_id = "askModel", tag = "审核",
    params(("id" = i64, Path, description = "草稿的编号")),
    responses((status = 200, description = "问了几处，得了几条，未采信的按缘由计；建议在草稿各处的 machine 中", body = schema::MachineReport)),
)]
pub(crate) async fn ask(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let draft = draft_number(&id)?;
    let shared = std::sync::Arc::clone(&app);
    let work = move || proposing::ask(&shared, &caller.0, draft);
    // Each passage takes the model some seconds.
    let report = app.write_within(app.settings.limits.import_time, work).await??;
    to_json(report).map(Json)
}

/// Part of which the proposal is adopted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Adoption {
    part: usize,
}

/// 采纳模型对一处的建议：记为更正，仍须由另一人审核
///
/// 采纳之后与自己改的一样：草稿通过审核之后才生效。
#[utoipa::path(
    post, path = "/v1/drafts/{id}/adoption", operation_id = "adoptProposal", tag = "审核",
    params(("id" = i64, Path, description = "草稿的编号")),
    request_body(content((schema::Adoption = "application/json"))),
    responses((status = 200, description = "已记为更正", body = schema::Adopted)),
)]
pub(crate) async fn adopt(
    Path(id): Path<String>,
    Call { app, caller, query, headers, body }: Call,
) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let draft = draft_number(&id)?;
    let shape = "{\"part\": 第几处，从 0 起}";
    let Adoption { part } = request::content(&headers, body, &app.settings.limits, shape).await?;
    let shared = std::sync::Arc::clone(&app);
    app.write(move || proposing::adopt(&shared, &caller.0, draft, part)).await??;
    Ok(Json(json!({"draft": draft, "part": part})))
}
