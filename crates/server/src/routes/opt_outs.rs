//! Enterprises that opted out of messages.

use axum::Json;
use axum::http::StatusCode;
use serde_json::json;
use zhaoren_engine::{OptOut, now};

use super::{Answer, cursor};
use crate::call::Call;
use crate::object::Object;
use crate::openapi::schema;
use crate::problem::Problem;
use crate::request::{self, Kind, Query};

/// Maximum number of enterprises on one page.
const PAGE: usize = 1_000;

/// 拒绝推送的企业，按企业标识排列，逐页取
///
/// 所列为告知本租户、其上级与全局的；推送时无论告知了谁都照办。
#[utoipa::path(
    get, path = "/v1/opt-outs", operation_id = "optOuts", tag = "企业",
    params(
        ("enterprise" = Option<String>, Query, description = "只看这一家企业"),
        ("cursor" = Option<String>, Query, description = "上一页的 `next`"),
        ("limit" = Option<usize>, Query, maximum = 1000, description = "每页几条，默认 100；一家企业的总在同一页"),
    ),
    responses((status = 200, description = "一页", body = schema::OptOutPage)),
)]
pub(crate) async fn list(Call { app, caller, query, .. }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["enterprise", "cursor", "limit"], &[])?;
    let (limit, after) = (query.number("limit", 100, PAGE)?.max(1), cursor::after(&query)?);
    let only = query.text("enterprise").map(str::to_owned);
    let records = app.engine.records();
    let mut found = app.read(move || records.opt_outs(&caller.0.tenant)).await??;
    found.retain(|one| one.enterprise > after && only.as_ref().is_none_or(|only| *only == one.enterprise));
    let last = found.get(limit - 1).map(|one| one.enterprise.clone());
    let end = last.as_ref().map_or(found.len(), |last| found.partition_point(|one| one.enterprise <= *last));
    let next = last.filter(|_| end < found.len()).map(|last| cursor::encode(&last));
    found.truncate(end);
    Ok(Json(json!({"opt_outs": found, "next": next})))
}

/// 记下企业拒绝推送：全部，或只是一个事项
///
/// 说多次只记一次。判定与答复询问不受影响。
#[utoipa::path(
    post, path = "/v1/opt-outs", operation_id = "optOut", tag = "企业",
    request_body(content((schema::NewOptOut = "application/json"))),
    responses((status = 200, description = "所记的", body = schema::OptOut)),
)]
pub(crate) async fn add(Call { app, caller, query, headers, body }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let limits = &app.settings.limits;
    let (_, bytes) = request::document(&headers, body, &[Kind::Json], limits.body, limits).await?;
    let object = Object::read(&bytes, &["enterprise", "item", "reason"])?;
    let (enterprise, item, reason) =
        (object.required("enterprise")?, object.text("item")?, object.text("reason")?);
    let records = app.engine.records();
    let work = move || {
        records.opt_out(&caller.0.write_context(now()), &enterprise, &item, &reason)?;
        let opt_outs = records.opt_outs(&caller.0.tenant)?;
        Ok(opt_outs.into_iter().find(|one| one.enterprise == enterprise && one.item == item))
    };
    let noted: Result<Option<OptOut>, zhaoren_engine::EngineError> = app.write(work).await?;
    super::json(&noted?)
}

/// 企业撤回拒绝
///
/// 此后的推送又包括它；此前因拒绝而未发的不补发。
#[utoipa::path(
    delete, path = "/v1/opt-outs", operation_id = "optIn", tag = "企业",
    params(
        ("enterprise" = String, Query, description = "企业标识"),
        ("item" = Option<String>, Query, description = "当时只拒绝的事项；不给即当时拒绝了全部"),
    ),
    responses((status = 204, description = "已撤回")),
)]
pub(crate) async fn remove(Call { app, caller, query, .. }: Call) -> Result<StatusCode, Problem> {
    let query = Query::read(query.as_deref(), &["enterprise", "item"], &[])?;
    let enterprise = query.required("enterprise", "须给出：企业标识")?.to_owned();
    let item = query.text("item").unwrap_or_default().to_owned();
    let records = app.engine.records();
    app.write(move || records.opt_in(&caller.0.write_context(now()), &enterprise, &item)).await??;
    Ok(StatusCode::NO_CONTENT)
}
