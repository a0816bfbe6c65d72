//! Pages on which conditions are changed and signed off.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::{Value as Json, json};
use zhaoren_console::{Draft, Viewer, Waiting};
use zhaoren_engine::{Engine, EngineError, Moment, Silent, has_errors, moment_in_china, now};

use super::form::Fields;
use super::shell::{failed, page, viewer};
use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::state::Shared;

/// The name that faults of what was typed are told under.
const NAME: &str = "draft.json";

/// What is wrong with conditions that were typed, as lines.
fn faults(engine: &Engine, item: &str, text: &str) -> Result<Option<Vec<String>>, EngineError> {
    let Some(body) = engine.with_criteria(item, text)? else { return Ok(None) };
    let problems = engine.check_proposal(NAME, &body)?;
    let errors = problems.iter().filter(|problem| has_errors(std::slice::from_ref(problem)));
    Ok(Some(errors.map(Problem::line).collect()))
}

/// The item as it is, with its text beside it; `typed` stands in the box in place of its conditions.
fn draft(engine: &Engine, item: &str, typed: Option<&str>) -> Result<Option<Draft>, EngineError> {
    let Some(whole) = engine.policy(item)? else { return Ok(None) };
    let Some(criteria) = whole.get("criteria_text").and_then(Json::as_str) else { return Ok(None) };
    let conditions = whole.get("conditions").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    let document = conditions.iter().find_map(|one| one.pointer("/source/document")?.as_str());
    let source = match document {
        Some(document) => engine.policy(document)?,
        None => None,
    };
    let text = |of: &Json, at: &str| of.pointer(at).and_then(Json::as_str).unwrap_or_default().to_owned();
    let text_in_box = typed.unwrap_or(criteria).to_owned();
    let found = match typed {
        Some(typed) => faults(engine, item, typed)?.unwrap_or_default(),
        None => Vec::new(),
    };
    Ok(Some(Draft {
        item: item.to_owned(),
        title: text(&whole, "/title"),
        text: text_in_box,
        faults: found,
        source: source.map(|source| (text(&source, "/document/title"), text(&source, "/text"))),
    }))
}

fn none() -> Problem {
    Problem::new(Code::NotFound, "没有这个编号的事项")
}

fn shown(viewer: &Viewer, found: Result<Result<Option<Draft>, EngineError>, Problem>) -> Response {
    match found.and_then(|found| found.map_err(|error| crate::routes::failure(&error))) {
        Ok(Some(draft)) => page(StatusCode::OK, zhaoren_console::edit(viewer, &draft)),
        Ok(None) => failed(viewer, &none()),
        Err(problem) => failed(viewer, &problem),
    }
}

pub(super) async fn edit(
    State(app): State<Shared>,
    axum::Extension(caller): axum::Extension<Caller>,
    Path(item): Path<String>,
) -> Response {
    let engine = std::sync::Arc::clone(&app.engine);
    let found = app.work(move || draft(&engine, &item, None)).await;
    shown(&viewer(&app, &caller), found)
}

/// Checks what was typed, or proposes it.
pub(super) async fn change(
    State(app): State<Shared>,
    axum::Extension(caller): axum::Extension<Caller>,
    Path(item): Path<String>,
    body: Bytes,
) -> Response {
    let viewer = viewer(&app, &caller);
    let engine = std::sync::Arc::clone(&app.engine);
    let found = app
        .work(move || {
            let fields = Fields::of(&body);
            let typed = fields.text("text").replace("\r\n", "\n");
            let draft = draft(&engine, &item, Some(&typed))?;
            let sound = draft.as_ref().is_some_and(|draft| draft.faults.is_empty());
            if !sound || fields.text("do") != "propose" {
                return Ok(Err(draft));
            }
            match engine.with_criteria(&item, &typed)? {
                None => Ok(Err(None)),
                Some(body) => engine.propose(&caller.0.act(now()), NAME, &body).map(Ok),
            }
        })
        .await;
    match found.and_then(|found| found.map_err(|error: EngineError| crate::routes::failure(&error))) {
        Ok(Ok(proposal)) if !proposal.drafts.is_empty() => {
            Redirect::to("/reviews?said=proposed").into_response()
        }
        Ok(Ok(proposal)) => failed(&viewer, &Problem::found(Code::BadContent, &proposal.problems)),
        Ok(Err(draft)) => shown(&viewer, Ok(Ok(draft))),
        Err(problem) => failed(&viewer, &problem),
    }
}

/// What fails to parse, as a piece of a page.
pub(super) async fn check(
    State(app): State<Shared>,
    Path(item): Path<String>,
    body: Bytes,
) -> Result<Response, Problem> {
    let engine = std::sync::Arc::clone(&app.engine);
    let found = app.work(move || faults(&engine, &item, Fields::of(&body).text("text"))).await?;
    let found = found.map_err(|error| crate::routes::failure(&error))?.ok_or_else(none)?;
    let piece = zhaoren_console::faults(&found).into_string();
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], piece).into_response())
}

/// The conditions of an item's JSON in canonical Chinese, as far as the engine reads them.
fn conditions(engine: &Engine, body: &str) -> String {
    let criteria = serde_json::from_str::<Json>(body).ok().and_then(|body| body.get("criteria").cloned());
    match criteria {
        Some(Json::String(text)) => text,
        Some(other) => engine.criteria_text(&json!({"criteria": other})).unwrap_or_default(),
        None => String::new(),
    }
}

pub(super) async fn waiting(
    State(app): State<Shared>,
    axum::Extension(caller): axum::Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Response {
    let viewer = viewer(&app, &caller);
    let fields = Fields::of(query.as_deref().unwrap_or_default().as_bytes());
    let said = match fields.text("said") {
        "proposed" => Some("已提交，等待另一人复核。"),
        "approved" => Some("已通过并生效。"),
        "rejected" => Some("已退回。"),
        _ => None,
    };
    let engine = std::sync::Arc::clone(&app.engine);
    let found = app
        .work(move || {
            let who = &caller.0;
            let drafts = engine.drafts(&who.tenant, "open")?;
            let keys = engine.records().keys()?;
            // People know each other by name, the records by key.
            let named = |id: &str| {
                keys.iter().find(|key| key.id == id).map_or_else(|| id.to_owned(), |key| key.name.clone())
            };
            let one = |draft: zhaoren_engine::Draft| -> Result<Waiting, EngineError> {
                let whole = engine.policy(&draft.item)?.unwrap_or_default();
                let text = |key: &str| whole.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
                Ok(Waiting {
                    id: draft.id.to_string(),
                    title: Some(text("title"))
                        .filter(|t| !t.is_empty())
                        .unwrap_or_else(|| draft.item.clone()),
                    own: draft.author == who.name,
                    at: moment_in_china(Moment(draft.created_at)),
                    change: (text("criteria_text"), conditions(&engine, &draft.body)),
                    by: named(&draft.author),
                    item: draft.item,
                })
            };
            drafts.into_iter().map(one).collect::<Result<Vec<Waiting>, EngineError>>()
        })
        .await;
    match found.and_then(|found| found.map_err(|error| crate::routes::failure(&error))) {
        Ok(drafts) => page(StatusCode::OK, zhaoren_console::waiting(&viewer, &drafts, said)),
        Err(problem) => failed(&viewer, &problem),
    }
}

pub(super) async fn decide(
    State(app): State<Shared>,
    axum::Extension(caller): axum::Extension<Caller>,
    Path(draft): Path<i64>,
    body: Bytes,
) -> Response {
    let viewer = viewer(&app, &caller);
    let fields = Fields::of(&body);
    let approve = fields.text("do") == "approve";
    let engine = std::sync::Arc::clone(&app.engine);
    let found = app
        .work(move || {
            let act = caller.0.act(now());
            engine.decide(&act, draft, approve, fields.text("note"), &Silent)
        })
        .await;
    match found.and_then(|found| found.map_err(|error| crate::routes::failure(&error))) {
        Ok((Some(_), _)) => {
            let said = if approve { "approved" } else { "rejected" };
            Redirect::to(&format!("/reviews?said={said}")).into_response()
        }
        Ok((None, problems)) => failed(&viewer, &Problem::found(Code::BadContent, &problems)),
        Err(problem) => failed(&viewer, &problem),
    }
}
