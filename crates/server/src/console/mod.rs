//! Routes of the console: they read requests and call the engine; `zhaoren_console` renders the pages.

mod audit_pages;
mod downloads;
mod enterprise_pages;
mod evidence_pages;
mod form;
mod item_pages;
mod known;
mod look;
mod match_pages;
mod message_pages;
mod people;
mod read_pages;
mod results;
mod review_pages;
mod run_pages;
mod session;
mod shelf;
mod shell;
mod uploads;
mod what_if_pages;

use axum::Router;
use axum::http::Method;
use axum::routing::{get, post};
use zhaoren_engine::Right;

use crate::access::Requirement;
use crate::state::Shared;

pub(crate) use results::Results;
pub(crate) use session::Sessions;
pub(crate) use shell::{closed, error_page, reference_page};
pub(crate) use uploads::Uploads;

/// All routes of the console, with their requirements.
pub const CONSOLE_ROUTES: &[(Method, &str, Requirement)] = &[
    (Method::GET, "/", Requirement::Right(Right::Search)),
    (Method::GET, "/policies/{id}", Requirement::Right(Right::Search)),
    (Method::GET, "/match", Requirement::Right(Right::Match)),
    (Method::POST, "/match", Requirement::Right(Right::Match)),
    (Method::GET, "/match/r/{id}", Requirement::Right(Right::Match)),
    (Method::POST, "/match/r/{id}/save", Requirement::Right(Right::WriteFacts)),
    (Method::GET, "/enterprises", Requirement::Right(Right::ReadFacts)),
    (Method::GET, "/enterprises/{id}", Requirement::Right(Right::ReadFacts)),
    (Method::POST, "/pack", Requirement::Right(Right::Match)),
    (Method::GET, "/read", Requirement::Right(Right::Search)),
    (Method::POST, "/read", Requirement::Right(Right::Search)),
    (Method::POST, "/read/{id}/import", Requirement::Right(Right::Catalogue)),
    (Method::GET, "/read/{id}/items/{item}", Requirement::Right(Right::Propose)),
    (Method::POST, "/read/{id}/items/{item}", Requirement::Right(Right::Propose)),
    (Method::GET, "/items/{id}/enterprises", Requirement::Right(Right::Match)),
    (Method::GET, "/runs", Requirement::Right(Right::Push)),
    (Method::GET, "/runs/{id}", Requirement::Right(Right::Push)),
    (Method::GET, "/runs/{id}/list", Requirement::Right(Right::Push)),
    (Method::GET, "/runs/{id}/list.csv", Requirement::Right(Right::Push)),
    (Method::GET, "/runs/{id}/list.xlsx", Requirement::Right(Right::Push)),
    (Method::GET, "/runs/{id}/what-if", Requirement::Right(Right::Push)),
    (Method::GET, "/messages", Requirement::Right(Right::Push)),
    (Method::POST, "/messages/{id}/retry", Requirement::Right(Right::Push)),
    (Method::GET, "/items/{id}/edit", Requirement::Right(Right::Propose)),
    (Method::POST, "/items/{id}/edit", Requirement::Right(Right::Propose)),
    (Method::POST, "/items/{id}/check", Requirement::Right(Right::Propose)),
    (Method::GET, "/items/{id}/evidence", Requirement::Right(Right::Propose)),
    (Method::POST, "/items/{id}/evidence", Requirement::Right(Right::Propose)),
    (Method::GET, "/reviews", Requirement::Right(Right::Propose)),
    (Method::GET, "/reviews/{id}", Requirement::Right(Right::Propose)),
    (Method::POST, "/reviews/{id}", Requirement::Right(Right::Review)),
    (Method::POST, "/reviews/{id}/proposals", Requirement::Right(Right::Propose)),
    (Method::POST, "/reviews/{id}/facts", Requirement::Right(Right::Review)),
    (Method::GET, "/audit", Requirement::Right(Right::Audit)),
    (Method::POST, "/audit", Requirement::Operator(Some(Right::Audit))),
    (Method::GET, "/sign-in", Requirement::Public),
    (Method::POST, "/sign-in", Requirement::Public),
    (Method::POST, "/sign-out", Requirement::Public),
    (Method::GET, zhaoren_console::STYLE_ADDRESS, Requirement::Public),
    (Method::GET, zhaoren_console::SCRIPT_ADDRESS, Requirement::Public),
    (Method::GET, zhaoren_console::ICON_ADDRESS, Requirement::Public),
    (Method::GET, "/docs", Requirement::Public),
];

/// Router of the console.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(look::search))
        .route("/policies/{id}", get(look::policy))
        .route("/match", get(match_pages::fill).post(match_pages::matching))
        .route("/match/r/{id}", get(match_pages::result))
        .route("/match/r/{id}/save", post(match_pages::save))
        .route("/enterprises", get(enterprise_pages::list))
        .route("/enterprises/{id}", get(enterprise_pages::file))
        .route("/pack", post(match_pages::pack))
        .route("/read", get(read_pages::ask).post(read_pages::look))
        .route("/read/{id}/import", post(read_pages::import))
        .route("/read/{id}/items/{item}", get(item_pages::show_item).post(item_pages::decide))
        .route("/items/{id}/enterprises", get(item_pages::enterprises))
        .route("/runs", get(run_pages::runs))
        .route("/runs/{id}", get(run_pages::run))
        .route("/runs/{id}/list", get(run_pages::rows))
        .route("/runs/{id}/list.csv", get(downloads::csv))
        .route("/runs/{id}/list.xlsx", get(downloads::workbook))
        .route("/runs/{id}/what-if", get(what_if_pages::what_if))
        .route("/messages", get(message_pages::messages))
        .route("/messages/{id}/retry", post(message_pages::retry))
        .route("/items/{id}/edit", get(review_pages::edit).post(review_pages::change))
        .route("/items/{id}/check", post(review_pages::check))
        .route("/items/{id}/evidence", get(evidence_pages::show_proposal).post(evidence_pages::confirm))
        .route("/reviews", get(review_pages::list_drafts))
        .route("/reviews/{id}", get(review_pages::draft_review).post(review_pages::decide))
        .route("/reviews/{id}/proposals", post(review_pages::proposals))
        .route("/reviews/{id}/facts", post(review_pages::accept_fact))
        .route("/audit", get(audit_pages::list).post(audit_pages::check))
        .route("/sign-in", get(shell::ask).post(shell::sign_in))
        .route("/sign-out", post(shell::sign_out))
        .route(zhaoren_console::STYLE_ADDRESS, get(shell::style))
        .route(zhaoren_console::SCRIPT_ADDRESS, get(shell::script))
        .route(zhaoren_console::ICON_ADDRESS, get(shell::icon))
        .route("/docs", get(crate::openapi::reference::show))
}
