//! Read-only pages: search, one policy.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use zhaoren_console::{Counts, HomeNews, ItemContext, OnDay, PAGE, SearchForm};
use zhaoren_engine::{
    Date, Engine, EngineError, Inquiry, Principal, Right, Rules, SearchRequest, Sort, moment_in_china,
    parse_date, today,
};

use super::form::Fields;
use super::run_pages::latest;
use super::shell::{page, show};
use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::state::Shared;

/// Maximum offset into the hits.
const MAX_OFFSET: usize = 10_000;

pub(super) async fn search(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = Fields::from_query(query.as_deref());
    let filters = fields.all("filter").filter_map(|filter| filter.split_once('='));
    let form = SearchForm {
        query: fields.text("q").to_owned(),
        filters: filters.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        sort: fields.text("sort").to_owned(),
        as_of: fields.text("as_of").to_owned(),
        offset: fields.text("offset").parse().unwrap_or(0).min(MAX_OFFSET),
    };
    let (engine, who) = (Arc::clone(&app.engine), caller.0.clone());
    let tenant = who.tenant.clone();
    let is_home = form.query.trim().is_empty() && form.filters.is_empty();
    let run = if is_home { latest_run(&app, &caller) } else { None };
    show(&app, &caller, move |viewer| {
        if form.query.trim().is_empty() && form.filters.is_empty() {
            let (rules, day) = (engine.rules_for(&tenant)?, today());
            let items = || rules.library().iter();
            let counts = Counts {
                items: items().count(),
                in_force: items().filter(|item| rules.standing_on(item, day).is_matchable).count(),
                unverified: items()
                    .filter(|item| item.review.as_ref().is_some_and(|review| !review.is_checked()))
                    .count(),
            };
            let news = news(&engine, &who, &rules, run.as_ref(), day)?;
            return Ok(page(zhaoren_console::home(viewer, counts, &news)));
        }
        let request = SearchRequest {
            query: form.query.clone(),
            limit: PAGE,
            offset: form.offset,
            filters: form.filters.clone(),
            as_of: parse_date(&form.as_of),
            ..SearchRequest::default()
        };
        let sort = Sort::from_name(&form.sort).unwrap_or_default();
        let answer =
            engine.search_for(&Inquiry { request: &request, sort, profile: None, tenant: &tenant })?;
        Ok(page(zhaoren_console::search(viewer, &form, &answer)))
    })
    .await
}

pub(super) async fn policy(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let searched = Fields::from_query(query.as_deref()).text("q").to_owned();
    let (engine, tenant) = (Arc::clone(&app.engine), caller.0.tenant.clone());
    let (again, asks) = (Arc::clone(&app), caller.clone());
    show(&app, &caller, move |viewer| {
        let day = today();
        let whole = engine.policy_on(&id, day, &tenant)?;
        let whole = whole.ok_or_else(|| Problem::new(Code::NotFound, "没有这个编号的事项或文件"))?;
        let rules = engine.rules_for(&tenant)?;
        let revisions = engine.records().revisions(&id, &tenant)?;
        let line = |number, author: &str| format!("第 {number} 版，{author}");
        let mut earlier: Vec<(String, String)> = revisions
            .iter()
            .map(|one| (moment_in_china(one.recorded_at), line(one.revision, &one.author)))
            .collect();
        earlier.reverse();
        let item = rules.item(&id);
        let standing = item.map(|item| rules.standing_on(item, day));
        let rule = item.and_then(|item| item.benefit.rule(rules.dictionary()));
        let item = item.zip(standing.as_ref());
        let item = item.map(|(item, standing)| OnDay { item, day, standing, rule: rule.as_deref() });
        let latest = latest(&again, &asks);
        let context =
            ItemContext { on: item, query: &searched, earlier: &earlier, latest: latest.as_deref() };
        Ok(page(zhaoren_console::policy(viewer, &whole, &context)))
    })
    .await
}

/// Days before the end of a window in which the home page names it.
const CLOSING_DAYS: i32 = 30;
/// Items of each kind on the home page.
const NEWS: usize = 5;

/// Latest run with its new and gone rows. A run whose file cannot be read is named on its own page, and not here.
fn latest_run(app: &Shared, caller: &Caller) -> Option<(String, u64, u64)> {
    let id = latest(app, caller)?;
    let folder = crate::routes::runs::runs_directory(app, caller).ok()?.join(&id);
    let run: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.join("run.json")).ok()?).ok()?;
    let count = |key: &str| run.pointer(&format!("/counts/{key}")).and_then(serde_json::Value::as_u64);
    Some((id, count("new")?, count("gone")?))
}

/// News of the day for a viewer.
fn news(
    engine: &Engine,
    who: &Principal,
    rules: &Rules,
    run: Option<&(String, u64, u64)>,
    day: Date,
) -> Result<HomeNews, EngineError> {
    let (mut closing, mut newest) = (Vec::new(), Vec::new());
    for item in rules.library().iter().filter(|item| rules.standing_on(item, day).is_matchable) {
        let window = item.window_on(day);
        if let (Some(closes), Some(left)) = (window.closes, window.days_left)
            && left <= CLOSING_DAYS
        {
            closing.push((closes, (item.id.clone(), item.title.clone(), window.text)));
        }
        if let Some(published) = item.document.published {
            newest.push((published, (item.id.clone(), item.title.clone(), published.to_string())));
        }
    }
    closing.sort();
    newest.sort_by(|a, b| b.cmp(a));
    let drafts = if who.has_right(Right::Propose) || who.has_right(Right::Review) {
        let open = engine.drafts(&who.tenant, "")?;
        let waits = |draft: &&zhaoren_engine::Draft| {
            draft.decided_at.is_none() && who.can_read_drafts_of(&draft.tenant)
        };
        Some(open.iter().filter(waits).count())
    } else {
        None
    };
    Ok(HomeNews {
        closing: closing.into_iter().take(NEWS).map(|(_, line)| line).collect(),
        newest: newest.into_iter().take(NEWS).map(|(_, line)| line).collect(),
        drafts,
        run: run.cloned(),
    })
}
