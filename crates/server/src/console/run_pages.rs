//! Pages of push runs.

use std::path::Path as FilePath;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use serde_json::Value as Json;
use zhaoren_console::{Choice, Funnel, Rows};
use zhaoren_engine::{Right, Rules, parse_date};
use zhaoren_push::find::{Finder, ScanQuery, svg};
use zhaoren_push::{NoProgress, RunEnterprises, lists};

use super::form::Fields;
use super::shell::{page, show};
use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::routes::runs::{folder, runs_directory};
use crate::state::Shared;

/// `run.json` of a run.
///
/// # Errors
/// The file cannot be read; the problem names the run, the log the path.
pub(super) fn run_json(folder: &FilePath) -> Result<Json, Problem> {
    let read = std::fs::read(folder.join("run.json")).map_err(|error| error.to_string());
    let read = read.and_then(|text| serde_json::from_slice(&text).map_err(|error| error.to_string()));
    read.map_err(|error| {
        tracing::error!(%error, folder = %folder.display(), "a run.json cannot be read");
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
        Problem::new(Code::Internal, format!("批次 `{name}` 的 run.json 读不懂：{error}"))
    })
}

/// Evaluation date of a run. Today is no substitute: the page would show numbers of another day under this run's
/// name.
pub(super) fn day_of(run: &Json) -> Result<zhaoren_engine::Date, Problem> {
    let day = run.get("as_of").and_then(Json::as_str).and_then(parse_date);
    day.ok_or_else(|| Problem::new(Code::Internal, "这次推送的 run.json 没有判定日 as_of"))
}

pub(super) async fn runs(State(app): State<Shared>, Extension(caller): Extension<Caller>) -> Response {
    let root = runs_directory(&app, &caller);
    let (shared, who) = (Shared::clone(&app), caller.0.clone());
    show(&app, &caller, move |viewer| {
        let suspended = shared.suspended.of(&who, &shared.engine.records())?;
        let Ok(root) = root else { return Ok(page(zhaoren_console::runs(viewer, &suspended, &[]))) };
        let names = lists::runs(&root).map_err(|error| Problem::internal(&error))?;
        let read = |name: String| {
            let run = run_json(&root.join(&name));
            (name, run.map_err(|problem| problem.detail.unwrap_or_else(|| problem.code.title().to_owned())))
        };
        let runs: Vec<(String, Result<Json, String>)> = names.into_iter().map(read).collect();
        Ok(page(zhaoren_console::runs(viewer, &suspended, &runs)))
    })
    .await
}

pub(super) async fn run(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let item_id = Fields::from_query(query.as_deref()).text("item").to_owned();
    let root = runs_directory(&app, &caller);
    let (engine, tenant) = (Arc::clone(&app.engine), caller.0.tenant.clone());
    show(&app, &caller, move |viewer| {
        let folder = folder(&root?, &id)?;
        let rules = engine.rules_for(&tenant)?;
        let run = run_json(&folder)?;
        let day = day_of(&run)?;
        let in_force = rules.library().iter().filter(|item| rules.standing_on(item, day).is_matchable);
        let items: Vec<Choice> = in_force.map(|item| (item.id.clone(), item.title.clone())).collect();
        let funnel = (!item_id.is_empty()).then(|| funnel(&folder, &rules, &item_id, day));
        Ok(page(zhaoren_console::run(viewer, &id, &run, &items, &item_id, funnel.as_ref())))
    })
    .await
}

/// Rows per page of a push list, and the number of rows scanned to find them.
const ROWS: usize = 100;
const MAX_SCANNED: u64 = 200_000;

pub(super) async fn rows(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = Fields::from_query(query.as_deref());
    let filter = filter(&fields);
    let from = fields.text("from").parse().unwrap_or(0);
    let root = runs_directory(&app, &caller);
    let (engine, who) = (Arc::clone(&app.engine), caller.0.clone());
    show(&app, &caller, move |viewer| {
        let folder = folder(&root?, &id)?;
        let rules = engine.rules_for(&who.tenant)?;
        let found = lists::find(&folder, &filter, from, ROWS, MAX_SCANNED)
            .map_err(|error| Problem::internal(&error))?;
        let title = |item: &str| rules.item(item).map_or_else(|| item.to_owned(), |item| item.title.clone());
        let titled = |row: Json| match row.get("policy_id").and_then(Json::as_str) {
            Some(item) => Ok((row.clone(), title(item))),
            None => Err(Problem::new(Code::Internal, format!("批次 `{id}` 的名单有一行没有 policy_id"))),
        };
        let items: Vec<Choice> =
            rules.library().iter().map(|item| (item.id.clone(), item.title.clone())).collect();
        let rows = Rows {
            rows: found.rows.into_iter().map(titled).collect::<Result<_, _>>()?,
            title: title(&filter.item),
            enterprise: filter.enterprise,
            item: filter.item,
            verdict: filter.verdict,
            change: filter.change,
            has_workbook: folder.join(WORKBOOK).is_file(),
            from,
            next: found.next,
            can_look_up: who.has_right(Right::ReadFacts),
        };
        Ok(page(zhaoren_console::rows(viewer, &id, &rows, &items)))
    })
    .await
}

/// Filter of a push list.
pub(super) fn filter(fields: &Fields) -> lists::ListFilter {
    let text = |key| fields.text(key).to_owned();
    lists::ListFilter {
        enterprise: text("enterprise"),
        item: text("item"),
        verdict: text("verdict"),
        change: text("change"),
    }
}

/// Workbook of a run, if it was written with `--format xlsx`.
pub(super) const WORKBOOK: &str = "matches.xlsx";

/// Latest run that the caller may see.
pub(super) fn latest(app: &Shared, caller: &Caller) -> Option<String> {
    caller
        .0
        .has_right(Right::Push)
        // Without a folder of runs there is no run; a folder that cannot be read is reported by the page of runs, to which this links.
        .then(|| runs_directory(app, caller).ok())
        .flatten()
        .and_then(|root| lists::runs(&root).ok()?.into_iter().next())
}

/// Funnel of one item over a run's enterprises, without their ids; otherwise the reason why there is none.
fn funnel(folder: &FilePath, rules: &Rules, item: &str, day: zhaoren_engine::Date) -> Result<Funnel, String> {
    let found = rules.item(item).ok_or_else(|| format!("没有事项 `{item}`"))?;
    let dictionary = rules.library().dictionary();
    let run = RunEnterprises::open(folder, dictionary).map_err(|error| error.to_string())?;
    let finder = Finder::new(found, Arc::clone(dictionary), day, 0).map_err(|error| error.to_string())?;
    let finder = finder.of_library(rules.library());
    let tally = finder.scan_run(&run, &NoProgress).map_err(|error| error.to_string())?;
    let report = finder.report(tally);
    let picture = svg(&report);
    Ok(Funnel { svg: picture, report: serde_json::to_value(&report).map_err(|error| error.to_string())? })
}
