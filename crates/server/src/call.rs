//! What every route of the API is given.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;

use crate::layers::Caller;
use crate::problem::Problem;
use crate::state::Shared;

/// A request with what it was let in with.
pub(crate) struct Call {
    /// What all requests share.
    pub(crate) app: Shared,
    /// Who asks.
    pub(crate) caller: Caller,
    /// The query string, as it came.
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    /// The content, of which nothing was read yet.
    pub(crate) body: Body,
}

impl FromRequest<Shared> for Call {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        // Whoever is let in leaves who they are (`layers::entrance`).
        let caller = parts.extensions.remove::<Caller>();
        let caller = caller.ok_or_else(|| Problem::internal(&"a route was reached by nobody"))?;
        let query = parts.uri.query().map(str::to_owned);
        Ok(Self { app: app.clone(), caller, query, headers: parts.headers, body })
    }
}
