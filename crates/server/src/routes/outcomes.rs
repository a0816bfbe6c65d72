//! Outcomes of pushes.

use axum::Json;
use axum::extract::Path;
use serde_json::json;
use zhaoren_engine::{now, read_outcome_lines, read_outcomes};

use super::Answer;
use crate::call::Call;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::{self, Kind, Query};

/// 记入推送的结果：推送、查看、确认、申报、批复、兑付
///
/// 同一件事说多次只记一次。有错的逐条说明，其余照记；全部有错时不记，答复 400。
#[utoipa::path(
    post, path = "/v1/outcomes", operation_id = "recordOutcomes", tag = "推送",
    request_body(content(
        (schema::Outcomes = "application/json"),
        (schema::NewOutcome = "application/x-ndjson"),
    )),
    responses((status = 200, description = "读到几条，其中几条是新的", body = schema::RecordedOutcomes)),
)]
pub(crate) async fn record(Call { app, caller, query, headers, body }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let limits = &app.settings.limits;
    let (kind, bytes) =
        request::unchecked(&headers, body, &[Kind::Json, Kind::Lines], limits.import, limits).await?;
    let records = app.engine.records();
    let unfit = |error| Problem::new(Code::BadContent, format!("应为 JSON：{error}"));
    let work = move || {
        let read = match kind {
            Kind::Lines => read_outcome_lines(&String::from_utf8_lossy(&bytes), now()),
            _ => read_outcomes(&request::parse(&bytes, unfit)?, now()),
        };
        let problem = Problem::outcomes(&read.faults);
        if read.outcomes.is_empty() && !read.faults.is_empty() {
            return Err(problem);
        }
        let new = records.record_outcomes(&caller.0.write_context(now()), &read.outcomes)?;
        Ok(json!({"read": read.outcomes.len(), "new": new, "problems": problem.errors()}))
    };
    app.write_within(limits.import_time, work).await?.map(Json)
}

/// 一家企业的推送结果，先记的在前
///
/// 台账只增不改：已推送、已查看、已确认、已申报、已决定、已兑付。
#[utoipa::path(
    get, path = "/v1/enterprises/{id}/outcomes", operation_id = "outcomes", tag = "推送",
    params(("id" = String, Path, description = "企业标识")),
    responses((status = 200, description = "结果；租户只见自己的", body = schema::OutcomeList)),
)]
pub(crate) async fn list(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let records = app.engine.records();
    let outcomes = app.read(move || records.outcomes_of(&caller.0.tenant, &id)).await??;
    let Json(outcomes) = super::json(&outcomes)?;
    Ok(Json(json!({ "outcomes": outcomes })))
}
