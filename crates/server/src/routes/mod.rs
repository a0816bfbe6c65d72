//! Routes, a file for each resource: translate a request, call the engine, render. Each is declared together with its
//! part of the OpenAPI document.

mod answer_view;
mod audit;
mod catalogue;
mod changes;
mod cursor;
mod drafts;
mod enterprises;
mod facts;
pub(crate) mod find;
mod health;
pub(crate) mod import;
mod index;
mod jobs;
mod keys;
mod messages;
mod metrics;
mod opt_outs;
mod outcomes;
mod policy_filter;
mod profile_options;
mod profiles;
mod proposals;
mod proposed_facts;
mod readings;
mod receipts;
pub(crate) mod runs;
mod search;
mod searches;
mod sources;
pub(crate) mod stream;
mod suggest;

use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use zhaoren_engine::{Moment, Rules};

use crate::layers::Caller;
use crate::problem::{Code, Problem};
use crate::state::Shared;

pub(crate) type Answer = Result<Json<Value>, Problem>;

/// Router with all routes.
pub(crate) fn all() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(profiles::match_profiles))
        .routes(routes!(profiles::questions))
        .routes(routes!(profiles::bundle))
        .routes(routes!(enterprises::list, enterprises::save))
        .routes(routes!(jobs::list, jobs::submit))
        .routes(routes!(jobs::show, jobs::cancel))
        .routes(routes!(enterprises::show, enterprises::forget))
        .routes(routes!(enterprises::put_facts))
        .routes(routes!(enterprises::match_stored))
        .routes(routes!(enterprises::ask_stored))
        .routes(routes!(sources::list))
        .routes(routes!(sources::trust))
        .routes(routes!(outcomes::record))
        .routes(routes!(outcomes::list))
        .routes(routes!(opt_outs::list, opt_outs::add, opt_outs::remove))
        .routes(routes!(search::search, search::search_for))
        .routes(routes!(searches::list))
        .routes(routes!(searches::save, searches::remove))
        .routes(routes!(searches::run))
        .routes(routes!(suggest::suggest))
        .routes(routes!(catalogue::list))
        .routes(routes!(catalogue::show, catalogue::put, catalogue::withdraw))
        .routes(routes!(find::find))
        .routes(routes!(find::what_if))
        .routes(routes!(changes::changes))
        .routes(routes!(drafts::list, drafts::propose))
        .routes(routes!(drafts::decide))
        .routes(routes!(readings::read))
        .routes(routes!(readings::show))
        .routes(routes!(readings::corrections))
        .routes(routes!(proposed_facts::list))
        .routes(routes!(proposed_facts::accept))
        .routes(routes!(proposals::ask))
        .routes(routes!(proposals::adopt))
        .routes(routes!(receipts::verify))
        .routes(routes!(keys::list, keys::add))
        .routes(routes!(keys::revoke))
        .routes(routes!(keys::confirm))
        .routes(routes!(keys::tenants))
        .routes(routes!(keys::put_tenant))
        .routes(routes!(audit::list))
        .routes(routes!(audit::verify))
        .routes(routes!(audit::head))
        .routes(routes!(runs::list))
        .routes(routes!(runs::show))
        .routes(routes!(runs::matches))
        .routes(routes!(messages::list))
        .routes(routes!(messages::show))
        .routes(routes!(messages::retry))
        .routes(routes!(facts::facts))
        .routes(routes!(import::read))
        .routes(routes!(import::check))
        .routes(routes!(import::import))
        .routes(routes!(index::list))
        .routes(routes!(index::verify))
        .routes(routes!(index::rebuild))
        .routes(routes!(index::roll_back))
        .routes(routes!(health::alive))
        .routes(routes!(health::ready))
        .routes(routes!(metrics::metrics))
        .routes(routes!(crate::openapi::document))
}

pub(crate) async fn no_such_address() -> Problem {
    Code::NoSuchAddress.into()
}

pub(crate) async fn method_not_allowed() -> Problem {
    Code::MethodNotAllowed.into()
}

/// Current rules of the caller's tenant.
pub(crate) async fn rules_for(app: &Shared, caller: &Caller) -> Result<Arc<Rules>, Problem> {
    if caller.0.tenant.is_empty() {
        return Ok(app.engine.rules());
    }
    let (engine, tenant) = (Arc::clone(&app.engine), caller.0.tenant.clone());
    Ok(app.read(move || engine.rules_for(&tenant)).await??)
}

/// Rules of the caller's tenant according to the records at a past moment.
async fn rules_believed(app: &Shared, caller: &Caller, moment: Moment) -> Result<Arc<Rules>, Problem> {
    let (engine, tenant) = (Arc::clone(&app.engine), caller.0.tenant.clone());
    let found = app.read(move || {
        let facts = engine.dictionary_for(&tenant)?;
        engine.rules_at(&tenant, Some(moment), &facts, &mut Vec::new())
    });
    Ok(found.await??)
}

/// Converts a value to a JSON answer.
fn json(value: &impl serde::Serialize) -> Answer {
    to_json(value).map(Json)
}

/// Converts a value to a JSON value that members can be added to. A value that cannot be serialised is a defect of the program,
/// and gives an internal error.
fn to_json(value: impl serde::Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(|error| Problem::internal(&error))
}

/// Adds notes to an answer, if there are any.
fn with_notes(mut answer: Value, notes: Vec<String>) -> Value {
    if let (Some(answer), false) = (answer.as_object_mut(), notes.is_empty()) {
        answer.insert("problems".to_owned(), notes.into());
    }
    answer
}

/// JSON response with a status other than 200.
fn with_status(status: StatusCode, value: Value) -> Response {
    (status, Json(value)).into_response()
}
