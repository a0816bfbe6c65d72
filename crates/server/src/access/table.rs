//! Table of the rights that the routes require.

use axum::http::Method;
use zhaoren_engine::Right;

/// Requirement of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// No authentication: the route reveals no data.
    Public,
    /// Any authenticated caller.
    Authenticated,
    /// This right.
    Right(Right),
    /// A caller without a tenant, and this right if one is named: the answer or the action concerns all tenants.
    Operator(Option<Right>),
}

/// All routes by method and template.
pub const API_ROUTES: &[(Method, &str, Requirement)] = &[
    (Method::GET, "/healthz", Requirement::Public),
    (Method::GET, "/readyz", Requirement::Public),
    (Method::GET, "/openapi.json", Requirement::Public),
    (Method::GET, "/metrics", Requirement::Operator(None)),
    (Method::POST, "/v1/match", Requirement::Right(Right::Match)),
    (Method::POST, "/v1/questions", Requirement::Right(Right::Match)),
    (Method::POST, "/v1/bundle", Requirement::Right(Right::Match)),
    (Method::GET, "/v1/enterprises", Requirement::Right(Right::ReadFacts)),
    (Method::POST, "/v1/enterprises", Requirement::Right(Right::WriteFacts)),
    (Method::GET, "/v1/enterprises/{id}", Requirement::Right(Right::ReadFacts)),
    (Method::DELETE, "/v1/enterprises/{id}", Requirement::Right(Right::WriteFacts)),
    (Method::PUT, "/v1/enterprises/{id}/facts", Requirement::Right(Right::WriteFacts)),
    (Method::GET, "/v1/enterprises/{id}/match", Requirement::Right(Right::ReadFacts)),
    (Method::GET, "/v1/enterprises/{id}/questions", Requirement::Right(Right::ReadFacts)),
    (Method::GET, "/v1/enterprises/{id}/outcomes", Requirement::Right(Right::ReadOutcomes)),
    (Method::GET, "/v1/sources", Requirement::Right(Right::Upkeep)),
    (Method::PUT, "/v1/sources/{id}", Requirement::Right(Right::Upkeep)),
    (Method::POST, "/v1/outcomes", Requirement::Right(Right::RecordOutcome)),
    (Method::GET, "/v1/opt-outs", Requirement::Right(Right::OptOut)),
    (Method::POST, "/v1/opt-outs", Requirement::Right(Right::OptOut)),
    (Method::DELETE, "/v1/opt-outs", Requirement::Right(Right::OptOut)),
    (Method::GET, "/v1/search", Requirement::Right(Right::Search)),
    (Method::POST, "/v1/search", Requirement::Right(Right::Match)),
    (Method::GET, "/v1/searches", Requirement::Right(Right::Match)),
    (Method::PUT, "/v1/searches/{id}", Requirement::Right(Right::Match)),
    (Method::DELETE, "/v1/searches/{id}", Requirement::Right(Right::Match)),
    (Method::POST, "/v1/searches/{id}/run", Requirement::Right(Right::Match)),
    (Method::GET, "/v1/suggest", Requirement::Right(Right::Search)),
    (Method::GET, "/v1/facts", Requirement::Right(Right::Search)),
    (Method::GET, "/v1/policies", Requirement::Right(Right::Search)),
    (Method::GET, "/v1/policies/{id}", Requirement::Right(Right::Search)),
    (Method::PUT, "/v1/policies/{id}", Requirement::Right(Right::Catalogue)),
    (Method::DELETE, "/v1/policies/{id}", Requirement::Right(Right::Catalogue)),
    (Method::POST, "/v1/policies/{id}/find", Requirement::Right(Right::Push)),
    (Method::POST, "/v1/policies/{id}/what-if", Requirement::Right(Right::Push)),
    (Method::GET, "/v1/changes", Requirement::Right(Right::Search)),
    (Method::GET, "/v1/jobs", Requirement::Right(Right::Push)),
    (Method::POST, "/v1/jobs", Requirement::Right(Right::Push)),
    (Method::GET, "/v1/jobs/{id}", Requirement::Right(Right::Push)),
    (Method::DELETE, "/v1/jobs/{id}", Requirement::Right(Right::Push)),
    (Method::GET, "/v1/runs", Requirement::Right(Right::Push)),
    (Method::GET, "/v1/runs/{id}", Requirement::Right(Right::Push)),
    (Method::GET, "/v1/runs/{id}/matches", Requirement::Right(Right::Push)),
    (Method::GET, "/v1/messages", Requirement::Right(Right::Push)),
    (Method::GET, "/v1/messages/{id}", Requirement::Right(Right::Push)),
    (Method::POST, "/v1/messages/{id}/retry", Requirement::Right(Right::Push)),
    (Method::POST, "/v1/read", Requirement::Right(Right::Search)),
    (Method::POST, "/v1/check", Requirement::Right(Right::Propose)),
    (Method::POST, "/v1/import", Requirement::Right(Right::Catalogue)),
    (Method::GET, "/v1/drafts", Requirement::Right(Right::Propose)),
    (Method::POST, "/v1/drafts", Requirement::Right(Right::Propose)),
    (Method::POST, "/v1/drafts/read", Requirement::Right(Right::Propose)),
    (Method::GET, "/v1/drafts/corrections", Requirement::Right(Right::Propose)),
    (Method::GET, "/v1/drafts/facts", Requirement::Right(Right::Propose)),
    (Method::POST, "/v1/drafts/facts/{id}", Requirement::Right(Right::Review)),
    (Method::GET, "/v1/drafts/{id}", Requirement::Right(Right::Propose)),
    (Method::POST, "/v1/drafts/{id}/proposals", Requirement::Right(Right::Propose)),
    (Method::POST, "/v1/drafts/{id}/adoption", Requirement::Right(Right::Propose)),
    (Method::POST, "/v1/drafts/{id}/decision", Requirement::Right(Right::Review)),
    (Method::POST, "/v1/receipts/{id}/verify", Requirement::Right(Right::Match)),
    (Method::GET, "/v1/keys", Requirement::Right(Right::Keys)),
    (Method::POST, "/v1/keys", Requirement::Right(Right::Keys)),
    (Method::DELETE, "/v1/keys/{id}", Requirement::Right(Right::Keys)),
    (Method::POST, "/v1/keys/{id}/confirm", Requirement::Right(Right::Keys)),
    (Method::GET, "/v1/tenants", Requirement::Right(Right::Keys)),
    (Method::PUT, "/v1/tenants/{id}", Requirement::Operator(Some(Right::Keys))),
    (Method::GET, "/v1/audit", Requirement::Right(Right::Audit)),
    (Method::GET, "/v1/audit/head", Requirement::Operator(Some(Right::Audit))),
    (Method::POST, "/v1/audit/verify", Requirement::Operator(Some(Right::Audit))),
    (Method::GET, "/v1/index", Requirement::Right(Right::Upkeep)),
    (Method::POST, "/v1/index/verify", Requirement::Operator(Some(Right::Upkeep))),
    (Method::POST, "/v1/index/rebuild", Requirement::Operator(Some(Right::Upkeep))),
    (Method::POST, "/v1/index/rollback", Requirement::Operator(Some(Right::Upkeep))),
];

/// Requirement of a route; `None` if it is not in the table. `HEAD` requires what `GET` requires.
pub fn requirement(method: &Method, route: &str) -> Option<Requirement> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let mut all = API_ROUTES.iter().chain(crate::console::CONSOLE_ROUTES);
    all.find(|(of, path, _)| of == method && *path == route).map(|(.., requirement)| *requirement)
}

/// True if the route exists for any method.
pub fn is_route(route: &str) -> bool {
    API_ROUTES.iter().chain(crate::console::CONSOLE_ROUTES).any(|(_, path, _)| *path == route)
}
