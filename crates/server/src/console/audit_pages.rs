//! Audit pages. The chain is checked on request only: the check reads every record, which is too much for a page
//! view.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use zhaoren_console::{AuditFilterForm, Trail, Viewer};
use zhaoren_engine::{AuditFilter, Engine, Principal, end_of, now, parse_date, start_of};

use super::form::Fields;
use super::people::People;
use super::shell::{page, show, show_within};
use crate::layers::Caller;
use crate::problem::Problem;
use crate::state::Shared;

/// Lines per page.
const LINES: usize = 100;

pub(super) async fn list(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    RawQuery(query): RawQuery,
) -> Response {
    let (engine, who) = (Arc::clone(&app.engine), caller.0.clone());
    show(&app, &caller, move |viewer| {
        let trail = trail(&engine, &who, &Fields::from_query(query.as_deref()))?;
        Ok(page(zhaoren_console::audit(viewer, &trail)))
    })
    .await
}

pub(super) async fn check(State(app): State<Shared>, Extension(caller): Extension<Caller>) -> Response {
    let (engine, who) = (Arc::clone(&app.engine), caller.0.clone());
    let limit = app.settings.limits.import_time;
    show_within(limit, &app, &caller, move |viewer: &Viewer| {
        let check = engine.records().check_audit(&who.write_context(now()), None)?;
        let trail = Trail { check: Some(check), ..trail(&engine, &who, &Fields::from_query(None))? };
        Ok(page(zhaoren_console::audit(viewer, &trail)))
    })
    .await
}

/// Lines that match the filter. A tenant sees its own lines only; a chain check counts the lines of all tenants, so
/// its result is not shown to one.
fn trail(engine: &Engine, who: &Principal, fields: &Fields) -> Result<Trail, Problem> {
    let (records, people) = (engine.records(), People::of(engine)?);
    let text = |name: &str| fields.text(name).to_owned();
    let form = AuditFilterForm {
        actor: text("actor"),
        action: text("action"),
        from: text("from"),
        until: text("until"),
    };
    let filter = AuditFilter {
        tenant: Some(who.tenant.clone()).filter(|tenant| !tenant.is_empty()),
        actor: form.actor.clone(),
        action: form.action.clone(),
        from: parse_date(&form.from).map(start_of),
        until: parse_date(&form.until).map(end_of),
    };
    let before = fields.text("before").parse().ok();
    // Reads one line more than shown, to know whether there are further lines.
    let mut lines = records.audit_before(before, LINES + 1, &filter)?;
    let more = lines.len() > LINES;
    lines.truncate(LINES);
    let local = Principal::local();
    let mut known: Vec<(String, String)> = vec![(local.name, local.holder)];
    known.extend(people.of_tenant(&who.tenant).map(|(id, name)| (id.to_owned(), name.to_owned())));
    Ok(Trail {
        earlier: lines.last().filter(|_| more).map(|line| line.seq),
        is_later_page: before.is_some(),
        lines: lines.into_iter().map(|line| (line.clone(), people.display_name(&line.actor))).collect(),
        filter: form,
        people: known,
        can_check: who.tenant.is_empty(),
        last: if who.tenant.is_empty() { records.last_check()? } else { None },
        check: None,
    })
}
