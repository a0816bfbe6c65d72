//! Messages to enterprises: sent, waiting, and given up. They are made on the command line, from a run.

use axum::Json;
use axum::extract::Path;
use serde_json::{Map, Value, json};
use zhaoren_engine::{EngineError, MessageFilter, MessageState, Role, message_json, now};

use super::{Answer, cursor};
use crate::call::Call;
use crate::openapi::schema;
use crate::problem::{Code, Problem};
use crate::request::Query;

/// Maximum number of messages on one page.
const PAGE: usize = 1_000;

/// 消息，按编号，逐页取
///
/// 发给接收方的告知与撤回，含发送的状态与失败的原因。接收方见本文档的 `webhooks`。
#[utoipa::path(
    get, path = "/v1/messages", operation_id = "messages", tag = "推送",
    params(
        ("state" = Option<String>, Query, description = "waiting 待发、sent 送达、dead 已放弃、withdrawn 未发而取消、held 暂不发；不给则全部"),
        ("channel" = Option<String>, Query, description = "只列这个渠道的"),
        ("cursor" = Option<String>, Query, description = "上一页的 `next`"),
        ("limit" = Option<usize>, Query, maximum = 1000, description = "每页几条，默认 100"),
    ),
    responses((status = 200, description = "一页消息：各密钥只见本租户的，不属于租户的只见不属于租户的", body = schema::MessagePage)),
)]
pub(crate) async fn list(Call { app, caller, query, .. }: Call) -> Answer {
    let query = Query::read(query.as_deref(), &["state", "channel", "cursor", "limit"], &[])?;
    let limit = query.number("limit", 100, PAGE)?.max(1);
    let state = match query.text("state") {
        None => None,
        Some(name) => Some(MessageState::from_name(name).ok_or_else(|| {
            let all = MessageState::ALL.map(MessageState::name).join("、");
            Problem::parameter("state", name, &format!("应为 {all} 之一"))
        })?),
    };
    let after = cursor::number(&query, "cursor", "应为上一页的 `next`")?;
    let channel = query.text("channel").map(str::to_owned);
    // A message names an enterprise, an item and a verdict, so a key sees those of its own tenant only, whatever its
    // role. An administrator without a tenant is responsible for all channels and gets the counts of all tenants.
    let counted = Some(caller.0.tenant.clone())
        .filter(|tenant| !(tenant.is_empty() && caller.0.role == Role::Administrator));
    let tenant = Some(caller.0.tenant);
    let filter = MessageFilter { tenant, state, channel, after, limit: limit + 1 };
    let records = app.engine.records();
    let read = move || {
        let standing = records.message_stats(counted.as_deref())?;
        Ok::<_, EngineError>((records.messages(&filter)?, standing))
    };
    let (mut found, standing) = app.read(read).await??;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    let messages: Vec<Value> = found.iter().map(message_json).collect();
    let counts: Map<String, Value> =
        standing.counts.iter().map(|(state, count)| (state.name().to_owned(), (*count).into())).collect();
    Ok(Json(json!({"messages": messages, "next": next, "counts": counts})))
}

/// 一条消息
///
/// 按编号，或按接收方所见的 `webhook-id`。
#[utoipa::path(
    get, path = "/v1/messages/{id}", operation_id = "message", tag = "推送",
    params(("id" = String, Path, description = "编号，或接收方所见的 `webhook-id`")),
    responses((status = 200, description = "消息", body = schema::Message)),
)]
pub(crate) async fn show(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let (records, wanted_id) = (app.engine.records(), id.clone());
    let found = app.read(move || records.message(Some(&caller.0.tenant), &wanted_id)).await??;
    found.map(|found| Json(message_json(&found))).ok_or_else(|| not_found(&id))
}

/// 再发一条已放弃的消息
///
/// `webhook-id` 不变，接收方能认出是同一条。
#[utoipa::path(
    post, path = "/v1/messages/{id}/retry", operation_id = "retryMessage", tag = "推送",
    params(("id" = String, Path, description = "编号，或接收方所见的 `webhook-id`")),
    responses((status = 200, description = "消息，又是待发；不是已放弃的得 409", body = schema::Message)),
)]
pub(crate) async fn retry(Path(id): Path<String>, Call { app, caller, query, .. }: Call) -> Answer {
    Query::read(query.as_deref(), &[], &[])?;
    let (records, wanted_id) = (app.engine.records(), id.clone());
    let again = move || {
        let Some(found) = records.message(Some(&caller.0.tenant), &wanted_id)? else { return Ok(None) };
        records.retry_messages(&caller.0.write_context(now()), Some(&[found.id]))?;
        records.message(Some(&caller.0.tenant), &wanted_id)
    };
    let found = app.write(again).await??;
    found.map(|found| Json(message_json(&found))).ok_or_else(|| not_found(&id))
}

fn not_found(id: &str) -> Problem {
    Problem::new(Code::NotFound, format!("没有消息 `{id}`"))
}
