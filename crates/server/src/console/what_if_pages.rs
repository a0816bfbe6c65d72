//! Page on which a threshold is tried on the enterprises of a run.

use std::path::Path as FilePath;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use serde_json::Value as Json;
use zhaoren_console::{Sandbox, Trial};
use zhaoren_engine::{Date, Item, Rules, settable_values};
use zhaoren_push::find::ScanQuery;
use zhaoren_push::{NoProgress, RunEnterprises};

use super::form::Fields;
use super::run_pages::{day_of, run_json};
use super::shell::{page, show_within};
use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::routes::find::Settings;
use crate::routes::runs::{folder, runs_directory};
use crate::state::Shared;

pub(super) async fn what_if(
    State(app): State<Shared>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = Fields::from_query(query.as_deref());
    let root = runs_directory(&app, &caller);
    let (engine, tenant) = (Arc::clone(&app.engine), caller.0.tenant.clone());
    show_within(app.settings.limits.import_time, &app, &caller, move |viewer| {
        let folder = folder(&root?, &id)?;
        let rules = engine.rules_for(&tenant)?;
        let item_id = fields.text("item");
        let none = || Problem::new(Code::NotFound, format!("没有事项 `{item_id}`"));
        let item = rules.item(item_id).ok_or_else(none)?;
        let trials = trials(item, &rules, &fields);
        let found = tried(&folder, &rules, item, day_of(&run_json(&folder)?)?, &trials);
        let sandbox = Sandbox {
            run: id,
            item: item.id.clone(),
            title: item.title.clone(),
            trials,
            found: match found {
                // Errors in the input are shown beside it.
                Err(problem) if problem.code == Code::BadParameter => Err(problem.lines()),
                found => Ok(found?),
            },
        };
        Ok(page(zhaoren_console::what_if(viewer, &sandbox)))
    })
    .await
}

/// Settable values of an item, with the text typed for each.
fn trials(item: &Item, rules: &Rules, fields: &Fields) -> Vec<Trial> {
    let typed = |kind: &str, path: &str| fields.text(&format!("{kind}.{path}")).to_owned();
    let trial = |place: zhaoren_engine::Settable| Trial {
        set: typed("set", &place.path),
        values: typed("try", &place.path),
        path: place.path,
        condition: place.condition,
        value: place.value,
    };
    settable_values(&item.criteria, rules.dictionary()).into_iter().map(trial).collect()
}

fn tried(
    folder: &FilePath,
    rules: &Rules,
    item: &Item,
    day: Date,
    trials: &[Trial],
) -> Result<Json, Problem> {
    let pairs = |of: fn(&Trial) -> &str| -> Vec<String> {
        let typed = trials.iter().filter(|trial| !of(trial).is_empty());
        typed.map(|trial| format!("{}={}", trial.path, of(trial))).collect()
    };
    let (set, each) = (pairs(|trial| &trial.set), pairs(|trial| &trial.values));
    let settings = Settings::read(set.iter().map(String::as_str), each.iter().map(String::as_str))?;
    let facts = rules.library().dictionary();
    let comparison = settings.of(item, Arc::clone(facts), day, 0)?;
    let run = RunEnterprises::open(folder, facts).map_err(|error| Problem::internal(&error))?;
    let tally = comparison.scan_run(&run, &NoProgress).map_err(|error| Problem::internal(&error))?;
    serde_json::to_value(comparison.report(tally)).map_err(|error| Problem::internal(&error))
}
