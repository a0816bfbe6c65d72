//! Extractor that every API route takes.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;

use crate::intake::Content;
use crate::layers::{Caller, Peer};
use crate::problem::Problem;
use crate::state::Shared;

/// Authenticated request.
pub(crate) struct Call {
    /// State shared by all requests.
    pub(crate) app: Shared,
    /// Caller.
    pub(crate) caller: Caller,
    /// Query string, undecoded.
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    /// Body, not read yet.
    pub(crate) body: Content,
}

impl FromRequest<Shared> for Call {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        // Set by `layers::entrance`.
        let caller = parts.extensions.remove::<Caller>();
        let caller = caller.ok_or_else(|| Problem::internal(&"a route was reached by nobody"))?;
        let peer = parts.extensions.get::<Peer>().map_or_else(String::new, |peer| peer.0.ip().to_string());
        // Without a key, the remote address identifies the caller.
        let known = caller.0.name != Caller::UNAUTHENTICATED;
        let body = match known && app.access.requires_credentials() {
            true => Content::new(body, app.body_memory.share(&caller.0.name), known),
            false => Content::new(body, app.body_memory.share(&format!("address:{peer}")), known),
        };
        let query = parts.uri.query().map(str::to_owned);
        Ok(Self { app: app.clone(), caller, query, headers: parts.headers, body })
    }
}
