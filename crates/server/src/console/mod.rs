//! Routes of the console: they read requests and call the engine; `zhaoren_console` renders the pages.

mod audit_pages;
mod form;
mod known;
mod look;
mod match_pages;
mod message_pages;
mod people;
mod read_pages;
mod review_pages;
mod run_pages;
mod session;
mod shell;
mod uploads;
mod what_if_pages;

use axum::Router;
use axum::http::Method;
use axum::routing::{get, post};
use zhaoren_engine::Right;

use crate::access::Need;
use crate::state::Shared;

pub(crate) use session::Sessions;
pub(crate) use shell::closed;
pub(crate) use uploads::Uploads;

/// All routes of the console, with their requirements.
pub const TABLE: &[(Method, &str, Need)] = &[
    (Method::GET, "/", Need::Right(Right::Search)),
    (Method::GET, "/policies/{id}", Need::Right(Right::Search)),
    (Method::GET, "/match", Need::Right(Right::Match)),
    (Method::POST, "/match", Need::Right(Right::Match)),
    (Method::POST, "/pack", Need::Right(Right::Match)),
    (Method::GET, "/read", Need::Right(Right::Search)),
    (Method::POST, "/read", Need::Right(Right::Search)),
    (Method::POST, "/read/{id}/import", Need::Right(Right::Catalogue)),
    (Method::GET, "/runs", Need::Right(Right::Push)),
    (Method::GET, "/runs/{id}", Need::Right(Right::Push)),
    (Method::GET, "/runs/{id}/list", Need::Right(Right::Push)),
    (Method::GET, "/runs/{id}/what-if", Need::Right(Right::Push)),
    (Method::GET, "/messages", Need::Right(Right::Push)),
    (Method::POST, "/messages/{id}/retry", Need::Right(Right::Push)),
    (Method::GET, "/items/{id}/edit", Need::Right(Right::Propose)),
    (Method::POST, "/items/{id}/edit", Need::Right(Right::Propose)),
    (Method::POST, "/items/{id}/check", Need::Right(Right::Propose)),
    (Method::GET, "/reviews", Need::Right(Right::Propose)),
    (Method::POST, "/reviews/{id}", Need::Right(Right::Review)),
    (Method::GET, "/audit", Need::Right(Right::Audit)),
    (Method::POST, "/audit", Need::Operator(Some(Right::Audit))),
    (Method::GET, "/sign-in", Need::Nothing),
    (Method::POST, "/sign-in", Need::Nothing),
    (Method::POST, "/sign-out", Need::Nothing),
    (Method::GET, zhaoren_console::STYLE_ADDRESS, Need::Nothing),
    (Method::GET, zhaoren_console::SCRIPT_ADDRESS, Need::Nothing),
];

/// Router of the console.
pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(look::search))
        .route("/policies/{id}", get(look::policy))
        .route("/match", get(match_pages::fill).post(match_pages::matching))
        .route("/pack", post(match_pages::pack))
        .route("/read", get(read_pages::ask).post(read_pages::look))
        .route("/read/{id}/import", post(read_pages::import))
        .route("/runs", get(run_pages::runs))
        .route("/runs/{id}", get(run_pages::run))
        .route("/runs/{id}/list", get(run_pages::rows))
        .route("/runs/{id}/what-if", get(what_if_pages::what_if))
        .route("/messages", get(message_pages::messages))
        .route("/messages/{id}/retry", post(message_pages::retry))
        .route("/items/{id}/edit", get(review_pages::edit).post(review_pages::change))
        .route("/items/{id}/check", post(review_pages::check))
        .route("/reviews", get(review_pages::waiting))
        .route("/reviews/{id}", post(review_pages::decide))
        .route("/audit", get(audit_pages::look).post(audit_pages::check))
        .route("/sign-in", get(shell::ask).post(shell::sign_in))
        .route("/sign-out", post(shell::sign_out))
        .route(zhaoren_console::STYLE_ADDRESS, get(shell::style))
        .route(zhaoren_console::SCRIPT_ADDRESS, get(shell::script))
}
