//! What every route of the API is given.

use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;

use crate::intake::Content;
use crate::layers::{Caller, Peer};
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
    pub(crate) body: Content,
}

impl FromRequest<Shared> for Call {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        // Whoever is let in leaves who they are (`layers::entrance`).
        let caller = parts.extensions.remove::<Caller>();
        let caller = caller.ok_or_else(|| Problem::internal(&"a route was reached by nobody"))?;
        let peer = parts.extensions.get::<Peer>().map_or_else(String::new, |peer| peer.0.ip().to_string());
        // Where no key was shown, the address it comes from stands for the caller.
        let known = caller.0.name != Caller::UNKNOWN;
        let body = match known && app.access.asks() {
            true => Content::new(body, app.room.share(&caller.0.name), known),
            false => Content::new(body, app.room.share(&format!("address:{peer}")), known),
        };
        let query = parts.uri.query().map(str::to_owned);
        Ok(Self { app: app.clone(), caller, query, headers: parts.headers, body })
    }
}
