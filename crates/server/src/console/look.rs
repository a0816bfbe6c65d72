//! Read-only pages: search, one policy.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use zhaoren_console::{Counts, ItemContext, OnDay, PAGE, SearchForm};
use zhaoren_engine::{Inquiry, SearchRequest, Sort, moment_in_china, parse_date, today};

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
    let (engine, tenant) = (Arc::clone(&app.engine), caller.0.tenant.clone());
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
            return Ok(page(zhaoren_console::home(viewer, counts)));
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
