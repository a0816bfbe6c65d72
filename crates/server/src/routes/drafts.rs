//! Drafts: items proposed by one person and approved by another.

use axum::Json;
use axum::extract::Path;
use serde::Deserialize;
use serde_json::{Value, json};
use zhaoren_engine::{Draft, EngineError, Silent, now};

use super::{Answer, to_json};
use crate::call::Call;
use crate::draft_access::draft_number;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::{self, Kind, Query};

/// 草稿：待审核的事项
///
/// 租户只见自己的，也只有看得到草稿的角色可取。
#[utoipa::path(
    get, path = "/v1/drafts", operation_id = "drafts", tag = "审核",
    params(("state" = Option<String>, Query, description = "open 待审核、approved 已通过、rejected 已退回；不给则全部")),
    responses((status = 200, description = "草稿，早的在前；租户只见自己的", body = schema::Drafts)),
)]
pub(crate) async fn list(Call { app, caller, query, .. }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["state"], &[])?;
    let state = query.text("state").unwrap_or_default().to_owned();
    if !["", "open", "approved", "rejected"].contains(&state.as_str()) {
        return Err(Problem::parameter("state", &state, "应为 open、approved、rejected 之一"));
    }
    let engine = std::sync::Arc::clone(&app.engine);
    let drafts = app.read(move || {
        let mut drafts = engine.drafts(&caller.0.tenant, &state)?;
        drafts.retain(|draft| caller.0.can_read_drafts_of(&draft.tenant));
        Ok::<_, Problem>(drafts)
    });
    let drafts = drafts.await?;
    let drafts: Vec<Value> = drafts?.iter().map(row).collect::<Result<_, _>>()?;
    Ok(Json(json!({ "drafts": drafts })))
}

/// A draft as it is shown: with the item itself rather than its text.
fn row(draft: &Draft) -> Result<Value, Problem> {
    let body: Value = serde_json::from_str(&draft.body).map_err(|error| {
        let (what, id, why) = ("草稿", draft.id.to_string(), error.to_string());
        Problem::from(EngineError::Unreadable { what, id, why })
    })?;
    let mut row = to_json(draft)?;
    if let Some(row) = row.as_object_mut() {
        row.insert("body".to_owned(), body);
    }
    Ok(row)
}

/// 提出事项：核对后成为草稿，由另一人审核通过才生效
///
/// 能收的各成一份草稿，有错的逐条说明。JSON Lines 每行一个事项。
#[utoipa::path(
    post, path = "/v1/drafts", operation_id = "propose", tag = "审核",
    params(("reason" = Option<String>, Query, description = "提出理由，审核人可见")),
    request_body(content(
        (schema::Item = "application/json"),
        (schema::Item = "application/x-ndjson"),
        (String = "application/yaml"),
    )),
    responses((status = 200, description = "草稿的编号，与有错的事项", body = schema::Proposed)),
)]
pub(crate) async fn propose(Call { app, caller, query, headers, body }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["reason"], &[])?;
    let reason = query.text("reason").unwrap_or_default().trim().to_owned();
    let limits = &app.settings.limits;
    let (kind, bytes) =
        request::document(&headers, body, &[Kind::Json, Kind::Lines, Kind::Yaml], limits.body, limits)
            .await?;
    let engine = std::sync::Arc::clone(&app.engine);
    let name = format!("draft.{}", kind.extension());
    let proposal =
        app.write(move || engine.propose(&caller.0.write_context(now()), &name, &bytes, &reason)).await??;
    if proposal.drafts.is_empty() {
        return Err(Problem::from_findings(Code::BadPolicy, &proposal.problems));
    }
    let problems: Vec<_> = proposal.problems.iter().map(Problem::error).collect();
    Ok(Json(json!({"drafts": proposal.drafts, "problems": problems})))
}

/// Decision of a reviewer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    approve: bool,
    #[serde(default)]
    note: String,
}

/// 审核草稿：通过即生效，不能审核自己提出的
///
/// 通过的事项即成为新的修订版本；其间原事项已被他人改过时得 409，须重新提出。
#[utoipa::path(
    post, path = "/v1/drafts/{id}/decision", operation_id = "decide", tag = "审核",
    params(("id" = i64, Path, description = "草稿的编号")),
    request_body(content((schema::Decision = "application/json"))),
    responses((status = 200, description = "已通过或退回", body = schema::Decided)),
)]
pub(crate) async fn decide(
    Path(id): Path<String>,
    Call { app, caller, query, headers, body }: Call,
) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let id = draft_number(&id)?;
    let shape = "{\"approve\": true 或 false, \"note\": 文字}";
    let decision: Decision = request::content(&headers, body, &app.settings.limits, shape).await?;
    let engine = std::sync::Arc::clone(&app.engine);
    let work =
        move || engine.decide(&caller.0.write_context(now()), id, decision.approve, &decision.note, &Silent);
    let (draft, problems) = app.write_within(app.settings.limits.import_time, work).await??;
    let Some(draft) = draft else { return Err(Problem::from_findings(Code::BadPolicy, &problems)) };
    let problems: Vec<_> = problems.iter().map(Problem::error).collect();
    Ok(Json(json!({"draft": draft.id, "item": draft.item, "state": draft.state, "problems": problems})))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]
    use super::*;

    /// A draft whose item cannot be read is an error with its number, and no draft of a text.
    #[test]
    fn unreadable_drafts_are_named() {
        let draft = |body: &str| Draft {
            id: 47,
            item: "q".into(),
            tenant: String::new(),
            base: String::new(),
            source: "draft.json".into(),
            body: body.into(),
            author: "a".into(),
            created_at: 0,
            state: "open".into(),
            reason: String::new(),
            reviewer: String::new(),
            note: String::new(),
            decided_at: None,
            has_reading: false,
        };
        assert_eq!(
            row(&draft(r#"{"id": "q", "max": 0.10}"#)).unwrap()["body"].to_string(),
            r#"{"id":"q","max":0.10}"#
        );
        let problem = row(&draft("{\"id\"")).unwrap_err();
        assert_eq!(problem.code, Code::Internal);
        assert!(problem.detail.unwrap().contains("草稿 `47` 读不懂"));
    }
}
