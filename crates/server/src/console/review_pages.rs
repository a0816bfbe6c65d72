//! Pages on which conditions are changed and approved.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value as Json;
use zhaoren_console::{DecidedDraft, Draft, PendingDraft, ReviewNotice, Viewer};
use zhaoren_courier::ModelClient;
use zhaoren_engine::drafting::FactAcceptance;
use zhaoren_engine::{
    Engine, EngineError, Moment, Principal, Rules, Silent, has_errors, moment_in_china, now, today,
};

use super::form::Fields;
use super::people::People;
use super::shell::{FormCall, page, show, show_with_write, show_written_within};
use crate::call::Call;
use crate::draft_access::{draft_number, no_draft, visible_draft};
use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::proposing;
use crate::request;
use crate::state::Shared;

/// File name that the errors of typed conditions are reported under.
const NAME: &str = "draft.json";

/// Number of latest decisions shown.
const DECIDED: usize = 20;

/// Errors in typed conditions, one per line; `None` if there is no such item.
///
/// With `accepted`, words that differ from their rule are acknowledged for that reason.
fn faults(
    engine: &Engine,
    tenant: &str,
    item: &str,
    text: &str,
    accepted: Option<&str>,
) -> Result<Option<Vec<String>>, EngineError> {
    let Some(body) = engine.with_criteria(item, text, tenant)? else { return Ok(None) };
    let body = acknowledged(engine, body, accepted);
    let checked = engine.check(NAME, &body, today(), tenant)?;
    let errors = checked.problems.iter().filter(|problem| has_errors(std::slice::from_ref(problem)));
    Ok(Some(errors.map(Problem::line).collect()))
}

fn acknowledged(engine: &Engine, body: Vec<u8>, accepted: Option<&str>) -> Vec<u8> {
    match accepted {
        Some(reason) => engine.acknowledge_differences(body, reason),
        None => body,
    }
}

/// Item with its text; `typed` replaces its conditions in the text box, and `accepted` is the reason for words that differ.
fn draft(
    engine: &Engine,
    tenant: &str,
    item: &str,
    typed: Option<&str>,
    accepted: Option<&str>,
) -> Result<Draft, Problem> {
    let whole = engine.policy_on(item, today(), tenant)?.ok_or_else(not_found)?;
    let criteria = whole.get("criteria_text").and_then(Json::as_str).ok_or_else(not_found)?;
    let conditions = whole.get("conditions").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let document = conditions.iter().find_map(|one| one.pointer("/source/document")?.as_str());
    let source = match document {
        Some(document) => engine.policy_on(document, today(), tenant)?,
        None => None,
    };
    let text = |of: &Json, at: &str| of.pointer(at).and_then(Json::as_str).unwrap_or_default().to_owned();
    let found = match typed {
        Some(typed) => faults(engine, tenant, item, typed, accepted)?.unwrap_or_default(),
        None => Vec::new(),
    };
    Ok(Draft {
        item: item.to_owned(),
        title: text(&whole, "/title"),
        text: typed.unwrap_or(criteria).to_owned(),
        reason: String::new(),
        faults: found,
        source: source.map(|source| (text(&source, "/document/title"), text(&source, "/text"))),
    })
}

fn not_found() -> Problem {
    Problem::new(Code::NotFound, "没有这个编号的事项")
}

pub(super) async fn edit(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(item): Path<String>,
) -> Response {
    let (engine, tenant) = (Arc::clone(&app.engine), caller.0.tenant.clone());
    show(&app, &caller, move |viewer| {
        Ok(page(zhaoren_console::edit(viewer, &draft(&engine, &tenant, &item, None, None)?)))
    })
    .await
}

/// Checks the typed conditions, or proposes them.
pub(super) async fn change(Path(item): Path<String>, FormCall { app, caller, fields }: FormCall) -> Response {
    let (engine, who) = (Arc::clone(&app.engine), caller.0.clone());
    show_with_write(&app, &caller, move |viewer| {
        let typed = fields.text("text").replace("\r\n", "\n");
        let reason = fields.text("reason").to_owned();
        let accepted = Some(reason.as_str())
            .filter(|reason| fields.text("accept") == "yes" && !reason.trim().is_empty());
        let mut draft = draft(&engine, &who.tenant, &item, Some(&typed), accepted)?;
        draft.reason.clone_from(&reason);
        if !draft.faults.is_empty() || fields.text("do") != "propose" {
            return Ok(page(zhaoren_console::edit(viewer, &draft)));
        }
        let body = engine.with_criteria(&item, &typed, &who.tenant)?.ok_or_else(not_found)?;
        let body = acknowledged(&engine, body, accepted);
        let proposal = engine.propose(&who.write_context(now()), NAME, &body, &draft.reason)?;
        if proposal.drafts.is_empty() {
            return Err(Problem::from_findings(Code::BadContent, &proposal.problems));
        }
        Ok(Redirect::to("/reviews?said=proposed").into_response())
    })
    .await
}

/// Parse errors, as a fragment of a page.
pub(super) async fn check(
    Path(item): Path<String>,
    Call { app, caller, headers, body, .. }: Call,
) -> Result<Response, Problem> {
    let body = request::fields(&headers, body, &app.settings.limits).await?;
    let engine = Arc::clone(&app.engine);
    let found = app
        .read(move || faults(&engine, &caller.0.tenant, &item, Fields::of(&body).text("text"), None))
        .await??;
    let piece = zhaoren_console::faults(&found.ok_or_else(not_found)?).into_string();
    let piece = zhaoren_console::escape_invisible(&piece).into_owned();
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], piece).into_response())
}

/// Conditions of a proposed item in canonical Chinese, or the problem of an item that cannot be read any more: an empty list
/// would be approved as an item without conditions.
fn conditions(engine: &Engine, tenant: &str, body: &str) -> Result<String, EngineError> {
    let checked = engine.check(NAME, body.as_bytes(), today(), tenant)?;
    let text = checked.items.first().and_then(|item| item.get("criteria_text")?.as_str());
    let unread = || {
        let faults: Vec<String> = checked.problems.iter().map(Problem::line).collect();
        format!("草稿的申报条件读不懂：{}", faults.join("；"))
    };
    Ok(text.map_or_else(unread, str::to_owned))
}

pub(super) async fn list_drafts(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = Fields::from_query(query.as_deref());
    let text = match fields.text("said") {
        "proposed" => Some("已提交，等待另一人复核。"),
        "approved" => Some("已通过并生效。"),
        "rejected" => Some("已退回。"),
        _ => None,
    };
    let item = fields.non_empty("item").filter(|_| fields.text("said") == "approved");
    let notice = text.map(|text| ReviewNotice { text: text.to_owned(), item });
    let (engine, who) = (Arc::clone(&app.engine), caller.0.clone());
    show(&app, &caller, move |viewer| {
        let people = People::of(&engine)?;
        let mut drafts = engine.drafts(&who.tenant, "")?;
        drafts.retain(|draft| who.can_read_drafts_of(&draft.tenant));
        let (open, mut decided): (Vec<_>, Vec<_>) =
            drafts.drain(..).partition(|draft| draft.decided_at.is_none());
        decided.sort_by_key(|draft| std::cmp::Reverse(draft.decided_at));
        decided.truncate(DECIDED);
        let open = open.into_iter().map(|draft| open_draft(&engine, &who, &people, draft));
        let open = open.collect::<Result<Vec<PendingDraft>, EngineError>>()?;
        let rules = engine.rules_for(&who.tenant)?;
        let decided = decided.into_iter().map(|draft| decided_draft(&rules, &people, draft));
        let decided: Vec<DecidedDraft> = decided.collect();
        Ok(page(zhaoren_console::reviews(viewer, &open, &decided, notice.as_ref())))
    })
    .await
}

/// Draft awaiting review, with the change it makes.
fn open_draft(
    engine: &Engine,
    who: &Principal,
    people: &People,
    draft: zhaoren_engine::Draft,
) -> Result<PendingDraft, EngineError> {
    let whole = engine.policy_on(&draft.item, today(), &who.tenant)?.unwrap_or_default();
    let text = |key: &str| whole.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    Ok(PendingDraft {
        id: draft.id.to_string(),
        title: Some(text("title")).filter(|title| !title.is_empty()).unwrap_or(draft.item.clone()),
        is_own: draft.author == who.name,
        at: moment_in_china(Moment(draft.created_at)),
        change: (text("criteria_text"), conditions(engine, &who.tenant, &draft.body)?),
        has_reading: draft.has_reading,
        differences: engine.wording_differences_in(&draft.body),
        author: people.display_name(&draft.author),
        reason: draft.reason,
        item: draft.item,
    })
}

/// Page of one draft beside the document that it was read from.
pub(super) async fn draft_review(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(draft): Path<String>,
) -> Response {
    let (shared, who) = (Arc::clone(&app), caller.0.clone());
    show(&app, &caller, move |viewer| review_page(&shared, &who, viewer, &draft, "")).await
}

/// The page of an open draft; `said` reports what the language model was asked.
fn review_page(
    app: &Shared,
    who: &Principal,
    viewer: &Viewer,
    draft: &str,
    said: &str,
) -> Result<Response, Problem> {
    let engine = &app.engine;
    let found = visible_draft(app, who, draft_number(draft)?)?;
    if found.draft.decided_at.is_some() {
        return Err(no_draft(draft));
    }
    let pending = open_draft(engine, who, &People::of(engine)?, found.draft.clone())?;
    let model = app.proposer.as_ref().map(ModelClient::model);
    Ok(page(zhaoren_console::draft_review(viewer, &pending, &found, model, said)))
}

/// Asks the language model about a draft, or adopts its proposal for one part.
pub(super) async fn proposals(
    Path(draft): Path<String>,
    FormCall { app, caller, fields }: FormCall,
) -> Response {
    let (shared, who) = (Arc::clone(&app), caller.0.clone());
    show_written_within(app.settings.limits.import_time, &app, &caller, move |viewer| {
        let id = draft_number(&draft)?;
        let said = match fields.non_empty("part") {
            None => proposing::ask(&shared, &who, id)?.text(),
            Some(part) => {
                proposing::adopt(&shared, &who, id, part.parse().map_err(|_| no_draft(&draft))?)?;
                "已采纳，记为更正。".to_owned()
            }
        };
        review_page(&shared, &who, viewer, &draft, &said)
    })
    .await
}

/// Accepts a fact that the draft needs, and shows the draft again.
pub(super) async fn accept_fact(
    Path(draft): Path<String>,
    FormCall { app, caller, fields }: FormCall,
) -> Response {
    let (engine, who) = (Arc::clone(&app.engine), caller.0.clone());
    show_with_write(&app, &caller, move |_| {
        let id = draft_number(&draft)?;
        let text = |name: &str| fields.text(name).trim().to_owned();
        let acceptance = FactAcceptance {
            proposal: text("proposal"),
            key: text("key"),
            name: text("name"),
            answered_by: String::new(),
            same_as: text("same_as"),
        };
        engine.accept_fact(&who.write_context(now()), &acceptance)?;
        Ok(Redirect::to(&format!("/reviews/{id}")).into_response())
    })
    .await
}

/// Draft with a decision.
fn decided_draft(rules: &Rules, people: &People, draft: zhaoren_engine::Draft) -> DecidedDraft {
    DecidedDraft {
        title: rules.item(&draft.item).map_or_else(|| draft.item.clone(), |item| item.title.clone()),
        author: people.display_name(&draft.author),
        approved: draft.state == "approved",
        reviewer: people.display_name(&draft.reviewer),
        at: moment_in_china(Moment(draft.decided_at.unwrap_or_default())),
        reason: draft.reason,
        note: draft.note,
        item: draft.item,
    }
}

pub(super) async fn decide(
    Path(draft): Path<String>,
    FormCall { app, caller, fields }: FormCall,
) -> Response {
    let (engine, who) = (Arc::clone(&app.engine), caller.0.clone());
    show_with_write(&app, &caller, move |_| {
        let draft = draft_number(&draft)?;
        let approve = fields.text("do") == "approve";
        let decided =
            engine.decide(&who.write_context(now()), draft, approve, fields.text("note"), &Silent)?;
        let (Some(decided), _) = decided else {
            return Err(Problem::from_findings(Code::BadContent, &decided.1));
        };
        let decision = if approve { "approved" } else { "rejected" };
        let mut address = form_urlencoded::Serializer::new("/reviews?".to_owned());
        address.append_pair("said", decision).append_pair("item", &decided.item);
        Ok(Redirect::to(&address.finish()).into_response())
    })
    .await
}
