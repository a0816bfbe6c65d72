//! Table of the rights that the routes require.

use axum::http::Method;
use zhaoren_engine::Right;

/// Requirement of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// No authentication: the route reveals no data.
    Nothing,
    /// Any authenticated caller.
    Known,
    /// This right.
    Right(Right),
    /// A caller without a tenant, and this right if one is named: the answer or the action concerns all tenants.
    Operator(Option<Right>),
}

/// All routes by method and template.
pub const TABLE: &[(Method, &str, Need)] = &[
    (Method::GET, "/healthz", Need::Nothing),
    (Method::GET, "/readyz", Need::Nothing),
    (Method::GET, "/openapi.json", Need::Nothing),
    (Method::GET, "/metrics", Need::Operator(None)),
    (Method::POST, "/v1/match", Need::Right(Right::Match)),
    (Method::POST, "/v1/questions", Need::Right(Right::Match)),
    (Method::POST, "/v1/bundle", Need::Right(Right::Match)),
    (Method::GET, "/v1/enterprises", Need::Right(Right::ReadFacts)),
    (Method::POST, "/v1/enterprises", Need::Right(Right::WriteFacts)),
    (Method::GET, "/v1/enterprises/{id}", Need::Right(Right::ReadFacts)),
    (Method::DELETE, "/v1/enterprises/{id}", Need::Right(Right::WriteFacts)),
    (Method::PUT, "/v1/enterprises/{id}/facts", Need::Right(Right::WriteFacts)),
    (Method::GET, "/v1/enterprises/{id}/match", Need::Right(Right::ReadFacts)),
    (Method::GET, "/v1/enterprises/{id}/outcomes", Need::Right(Right::ReadOutcomes)),
    (Method::GET, "/v1/sources", Need::Right(Right::Upkeep)),
    (Method::PUT, "/v1/sources/{id}", Need::Right(Right::Upkeep)),
    (Method::POST, "/v1/outcomes", Need::Right(Right::RecordOutcome)),
    (Method::GET, "/v1/opt-outs", Need::Right(Right::OptOut)),
    (Method::POST, "/v1/opt-outs", Need::Right(Right::OptOut)),
    (Method::DELETE, "/v1/opt-outs", Need::Right(Right::OptOut)),
    (Method::GET, "/v1/search", Need::Right(Right::Search)),
    (Method::POST, "/v1/search", Need::Right(Right::Match)),
    (Method::GET, "/v1/searches", Need::Right(Right::Match)),
    (Method::PUT, "/v1/searches/{id}", Need::Right(Right::Match)),
    (Method::DELETE, "/v1/searches/{id}", Need::Right(Right::Match)),
    (Method::POST, "/v1/searches/{id}/run", Need::Right(Right::Match)),
    (Method::GET, "/v1/suggest", Need::Right(Right::Search)),
    (Method::GET, "/v1/facts", Need::Right(Right::Search)),
    (Method::GET, "/v1/policies", Need::Right(Right::Search)),
    (Method::GET, "/v1/policies/{id}", Need::Right(Right::Search)),
    (Method::PUT, "/v1/policies/{id}", Need::Right(Right::Catalogue)),
    (Method::DELETE, "/v1/policies/{id}", Need::Right(Right::Catalogue)),
    (Method::POST, "/v1/policies/{id}/find", Need::Right(Right::Push)),
    (Method::POST, "/v1/policies/{id}/what-if", Need::Right(Right::Push)),
    (Method::GET, "/v1/changes", Need::Right(Right::Search)),
    (Method::GET, "/v1/runs", Need::Right(Right::Push)),
    (Method::GET, "/v1/runs/{id}", Need::Right(Right::Push)),
    (Method::GET, "/v1/runs/{id}/matches", Need::Right(Right::Push)),
    (Method::GET, "/v1/messages", Need::Right(Right::Push)),
    (Method::GET, "/v1/messages/{id}", Need::Right(Right::Push)),
    (Method::POST, "/v1/messages/{id}/retry", Need::Right(Right::Push)),
    (Method::POST, "/v1/read", Need::Right(Right::Search)),
    (Method::POST, "/v1/check", Need::Right(Right::Propose)),
    (Method::POST, "/v1/import", Need::Right(Right::Catalogue)),
    (Method::GET, "/v1/drafts", Need::Right(Right::Propose)),
    (Method::POST, "/v1/drafts", Need::Right(Right::Propose)),
    (Method::POST, "/v1/drafts/{id}/decision", Need::Right(Right::Review)),
    (Method::POST, "/v1/receipts/{id}/verify", Need::Right(Right::Match)),
    (Method::GET, "/v1/keys", Need::Right(Right::Keys)),
    (Method::POST, "/v1/keys", Need::Right(Right::Keys)),
    (Method::DELETE, "/v1/keys/{id}", Need::Right(Right::Keys)),
    (Method::POST, "/v1/keys/{id}/confirm", Need::Right(Right::Keys)),
    (Method::GET, "/v1/tenants", Need::Right(Right::Keys)),
    (Method::PUT, "/v1/tenants/{id}", Need::Operator(Some(Right::Keys))),
    (Method::GET, "/v1/audit", Need::Right(Right::Audit)),
    (Method::GET, "/v1/audit/head", Need::Operator(Some(Right::Audit))),
    (Method::POST, "/v1/audit/verify", Need::Operator(Some(Right::Audit))),
    (Method::GET, "/v1/index", Need::Right(Right::Upkeep)),
    (Method::POST, "/v1/index/verify", Need::Operator(Some(Right::Upkeep))),
    (Method::POST, "/v1/index/rebuild", Need::Operator(Some(Right::Upkeep))),
    (Method::POST, "/v1/index/rollback", Need::Operator(Some(Right::Upkeep))),
];

/// Requirement of a route; `None` if it is not in the table. `HEAD` requires what `GET` requires.
pub fn need(method: &Method, route: &str) -> Option<Need> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let mut all = TABLE.iter().chain(crate::console::TABLE);
    all.find(|(of, path, _)| of == method && *path == route).map(|(.., need)| *need)
}

/// True if the route exists for any method.
pub fn is_route(route: &str) -> bool {
    TABLE.iter().chain(crate::console::TABLE).any(|(_, path, _)| *path == route)
}
