//! Pages on which the sentences found for the conditions of an item are confirmed.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use zhaoren_engine::{Engine, EvidenceProposal, now};

use super::shell::{FormCall, page, show, show_with_write};
use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::state::Shared;

/// Title of an item and the sentences found for it.
fn found(engine: &Engine, tenant: &str, item: &str) -> Result<(String, Option<EvidenceProposal>), Problem> {
    let rules = engine.rules_for(tenant)?;
    let title = rules.item(item).map(|item| item.title.clone());
    let title = title.ok_or_else(|| Problem::new(Code::NotFound, "没有这个编号的事项"))?;
    Ok((title, engine.propose_evidence(item, tenant)?.into_iter().next()))
}

pub(super) async fn show_proposal(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(item): Path<String>,
) -> Response {
    let (engine, tenant) = (Arc::clone(&app.engine), caller.0.tenant.clone());
    show(&app, &caller, move |viewer| {
        let (title, proposal) = found(&engine, &tenant, &item)?;
        Ok(page(zhaoren_console::evidence(viewer, (item.as_str(), title.as_str()), proposal.as_ref())))
    })
    .await
}

/// Proposes the item with its sentences to a second person.
pub(super) async fn confirm(Path(item): Path<String>, FormCall { app, caller, .. }: FormCall) -> Response {
    let (engine, who) = (Arc::clone(&app.engine), caller.0.clone());
    show_with_write(&app, &caller, move |_| {
        let none = || Problem::new(Code::NotFound, "没有找到写明条件的句子");
        let (_, proposal) = found(&engine, &who.tenant, &item)?;
        let proposal = proposal.ok_or_else(none)?;
        let body = engine.with_evidence(&proposal, &who.tenant)?.ok_or_else(none)?;
        let reason = format!("原文附入：{} 条条件各有写明的句子", proposal.found.len());
        let made = engine.propose(&who.write_context(now()), "evidence.json", &body, &reason)?;
        if made.drafts.is_empty() {
            return Err(Problem::from_findings(Code::BadContent, &made.problems));
        }
        Ok(Redirect::to("/reviews?said=proposed").into_response())
    })
    .await
}
