//! Page of messages to enterprises.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use zhaoren_console::Outbox;
use zhaoren_engine::{Message, MessageFilter, MessageState, Role, now};

use super::form::Fields;
use super::shell::{page, show, show_with_write};
use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::state::Shared;

/// Messages per page.
const ROWS: usize = 100;

pub(super) async fn messages(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = Fields::from_query(query.as_deref());
    let state = MessageState::from_name(fields.text("state")).unwrap_or(MessageState::Waiting);
    let after = fields.text("after").parse().unwrap_or(0);
    let confirmation = (fields.text("said") == "retried").then_some("已重新排队。");
    let (engine, tenant) = (Arc::clone(&app.engine), caller.0.tenant.clone());
    let counts_all = tenant.is_empty() && caller.0.role == Role::Administrator;
    let (shared, who) = (Shared::clone(&app), caller.0.clone());
    show(&app, &caller, move |viewer| {
        let records = engine.records();
        let suspended = shared.suspended.of(&who, &records)?;
        let rules = engine.rules_for(&tenant)?;
        let standing = records.message_stats(Some(&tenant).filter(|_| !counts_all).map(String::as_str))?;
        let filter =
            MessageFilter { tenant: Some(tenant), state: Some(state), channel: None, after, limit: ROWS + 1 };
        let mut found = records.messages(&filter)?;
        let more = found.len() > ROWS;
        found.truncate(ROWS);
        let next = found.last().filter(|_| more).map(|last| last.id);
        let titled = |message: Message| {
            let title =
                rules.item(&message.item).map_or_else(|| message.item.clone(), |item| item.title.clone());
            (message, title)
        };
        let messages = found.into_iter().map(titled).collect();
        let outbox = Outbox {
            standing,
            suspended,
            state: Some(state),
            messages,
            is_later_page: after > 0,
            next,
            confirmation,
        };
        Ok(page(zhaoren_console::messages(viewer, &outbox)))
    })
    .await
}

pub(super) async fn retry(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let (engine, who) = (Arc::clone(&app.engine), caller.0.clone());
    show_with_write(&app, &caller, move |_| {
        let records = engine.records();
        let found = records.message(Some(&who.tenant), &id)?;
        let found = found.ok_or_else(|| Problem::new(Code::NotFound, format!("没有消息 `{id}`")))?;
        records.retry_messages(&who.write_context(now()), Some(&[found.id]))?;
        Ok(Redirect::to("/messages?state=waiting&said=retried").into_response())
    })
    .await
}
