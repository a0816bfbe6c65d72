//! Pages that are only looked at: search, one policy, the audit trail.

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use zhaoren_console::{Asked, Counts};
use zhaoren_engine::{Inquiry, SearchRequest, Sort, moment_in_china, parse_date, today};

use super::form::Fields;
use super::shell::{failed, page, viewer};
use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::state::Shared;

/// How many hits stand on a page.
const PAGE: usize = 10;
/// How far into the hits one can turn.
const DEEPEST: usize = 10_000;

pub(super) async fn search(
    State(app): State<Shared>,
    axum::Extension(caller): axum::Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Response {
    let viewer = viewer(&app, &caller);
    let fields = Fields::of(query.as_deref().unwrap_or_default().as_bytes());
    let filters = fields.all("filter").filter_map(|filter| filter.split_once('='));
    let asked = Asked {
        query: fields.text("q").to_owned(),
        filters: filters.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        sort: fields.text("sort").to_owned(),
        as_of: fields.text("as_of").to_owned(),
        offset: fields.text("offset").parse().unwrap_or(0).min(DEEPEST),
    };
    let engine = std::sync::Arc::clone(&app.engine);
    let answered = app
        .work(move || {
            if asked.query.trim().is_empty() && asked.filters.is_empty() {
                let (rules, day) = (engine.rules(), today());
                let items = || rules.library().iter();
                let counts = Counts {
                    items: items().count(),
                    in_force: items().filter(|item| item.in_force_on(day)).count(),
                    unchecked: items()
                        .filter(|item| item.review.as_ref().is_some_and(|review| !review.is_checked()))
                        .count(),
                };
                return Ok((asked, Err(counts)));
            }
            let request = SearchRequest {
                query: asked.query.clone(),
                limit: PAGE,
                offset: asked.offset,
                filters: asked.filters.clone(),
                as_of: parse_date(&asked.as_of),
                ..SearchRequest::default()
            };
            let sort = Sort::named(&asked.sort).unwrap_or_default();
            let answer = engine.search_for(&Inquiry { request: &request, sort, profile: None })?;
            Ok((asked, Ok(answer)))
        })
        .await;
    match answered.and_then(|answered| answered.map_err(|error| crate::routes::failure(&error))) {
        Ok((_, Err(counts))) => page(StatusCode::OK, zhaoren_console::home(&viewer, counts)),
        Ok((asked, Ok(answer))) => page(StatusCode::OK, zhaoren_console::search(&viewer, &asked, &answer)),
        Err(problem) => failed(&viewer, &problem),
    }
}

pub(super) async fn policy(
    State(app): State<Shared>,
    axum::Extension(caller): axum::Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let viewer = viewer(&app, &caller);
    let fields = Fields::of(query.as_deref().unwrap_or_default().as_bytes());
    let searched = fields.text("q").to_owned();
    let engine = std::sync::Arc::clone(&app.engine);
    let found = app
        .work(move || {
            let whole = engine.policy(&id)?;
            let revisions = engine.records().revisions(&id).unwrap_or_default();
            Ok((whole, revisions))
        })
        .await;
    match found.and_then(|found| found.map_err(|error| crate::routes::failure(&error))) {
        Ok((Some(whole), revisions)) => {
            let mut earlier: Vec<(String, String)> = revisions
                .iter()
                .map(|one| {
                    (moment_in_china(one.recorded_at), format!("第 {} 版，{}", one.revision, one.author))
                })
                .collect();
            earlier.reverse();
            page(StatusCode::OK, zhaoren_console::policy(&viewer, &whole, &searched, &earlier))
        }
        Ok((None, _)) => failed(&viewer, &Problem::new(Code::NotFound, "没有这个编号的事项或文件")),
        Err(problem) => failed(&viewer, &problem),
    }
}

/// How many lines of the audit trail are shown.
const LINES: usize = 200;

pub(super) async fn audit(
    State(app): State<Shared>,
    axum::Extension(caller): axum::Extension<Caller>,
) -> Response {
    let viewer = viewer(&app, &caller);
    let records = app.engine.records();
    let found = app
        .work(move || {
            let check = records.verify_audit(None)?;
            let after = i64::try_from(check.lines.saturating_sub(LINES)).unwrap_or(0);
            let mut lines = records.audit(after, LINES, None)?;
            lines.reverse();
            Ok((lines, check))
        })
        .await;
    match found
        .and_then(|found| found.map_err(|error: zhaoren_engine::EngineError| crate::routes::failure(&error)))
    {
        Ok((lines, check)) => page(StatusCode::OK, zhaoren_console::audit(&viewer, &lines, &check)),
        Err(problem) => failed(&viewer, &problem),
    }
}
