//! Pages of the stored enterprises.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use zhaoren_console::{EnterpriseFile, EnterpriseList};
use zhaoren_engine::{Moment, Right, day_of, now, today};

use super::form::Fields;
use super::known::known_facts;
use super::run_pages::latest;
use super::shell::{page, show, show_with_write};
use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::state::Shared;

/// Enterprises on one page.
const PAGE: usize = 50;
/// Characters of a part that is searched for.
const MAX_PART: usize = 100;

/// Stored enterprises, found by a part of the name or the id.
pub(super) async fn list(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = Fields::from_query(query.as_deref());
    let (engine, tenant) = (Arc::clone(&app.engine), caller.0.tenant.clone());
    show(&app, &caller, move |viewer| {
        let part: String = fields.text("q").chars().take(MAX_PART).collect();
        let mut found = engine.records().find_enterprises(&tenant, &part, fields.text("after"), PAGE + 1)?;
        let has_more = found.len() > PAGE;
        found.truncate(PAGE);
        let next = found.last().filter(|_| has_more).map(|(id, _)| id.clone());
        Ok(page(zhaoren_console::enterprise_list(viewer, &EnterpriseList { part, found, next })))
    })
    .await
}

/// Everything on file about one enterprise, as far as the viewer may see it.
pub(super) async fn file(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Response {
    let (engine, who) = (Arc::clone(&app.engine), caller.0.clone());
    let run = if who.has_right(Right::Push) { latest(&app, &caller) } else { None };
    // Reading stored facts writes a line of the audit.
    show_with_write(&app, &caller, move |viewer| {
        let (rules, records) = (engine.rules_for(&who.tenant)?, engine.records());
        let stored = records.stored_profile(&who, &id, today(), Moment::NOW, now(), rules.dictionary())?;
        let stored =
            stored.ok_or_else(|| Problem::new(Code::NotFound, format!("没有存过企业 `{id}` 的情况")))?;
        let object = stored.profile.as_object().cloned().unwrap_or_default();
        let title = |item: &str| match item {
            "" => "全部事项".to_owned(),
            item => rules.item(item).map_or_else(|| item.to_owned(), |item| item.title.clone()),
        };
        let events = if who.has_right(Right::ReadOutcomes) {
            let all = records.outcomes_of(&who.tenant, &id)?;
            let event = |one: &zhaoren_engine::Outcome| {
                (day_of(Moment(one.at)).to_string(), title(&one.item), event_name(&one.event).to_owned())
            };
            Some(all.iter().rev().map(event).collect())
        } else {
            None
        };
        let refusals = records.opt_outs(&who.tenant)?;
        let own = refusals.into_iter().filter(|one| one.enterprise == id);
        let file = EnterpriseFile {
            name: object.get("name").and_then(|name| name.as_str()).unwrap_or_default().to_owned(),
            facts: known_facts(&object, Some(&stored), rules.dictionary()),
            hidden: stored.hidden,
            problems: stored.problems.clone(),
            events,
            opt_outs: own.map(|one| (title(&one.item), one.reason)).collect(),
            run,
            id,
        };
        Ok(page(zhaoren_console::enterprise_file(viewer, &file)))
    })
    .await
}

/// Event of the ledger in words.
fn event_name(event: &str) -> &str {
    match event {
        "pushed" => "已告知",
        "viewed" => "已查看",
        "confirmed" => "已确认意愿",
        "applied" => "已申报",
        "decided" => "已办结",
        "paid" => "已兑付",
        other => other,
    }
}
