//! Middleware around every route, from outside in: request id, log, metrics and the rendering of problems; CORS; gzip;
//! conditional requests; authentication; decompression of bodies; idempotency keys.

pub(crate) mod conditional;
mod cross_origin;
mod entrance;
pub(crate) mod idempotency;
mod outermost;
mod request_id;
pub(crate) mod unpack;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use crate::access::Rate;
use crate::routes::stream::MEDIA_TYPE as LINES;
use crate::state::Shared;

/// Minimum size in bytes for which gzip is worthwhile.
const WORTH_COMPRESSING: u64 = 1024;

pub(crate) use entrance::{Caller, Peer};

/// Wraps `routes` in the layers.
pub(crate) fn wrap(routes: Router<Shared>, app: &Shared) -> Router<Shared> {
    let rate = Arc::new(Rate::new(app.settings.limits.per_minute));
    // A stream is read line by line as it arrives; a compressor would hold lines back.
    let worth = SizeAbove::new(WORTH_COMPRESSING).and(NotForContentType::const_new(LINES));
    let routes = routes
        .layer(from_fn_with_state(Arc::clone(app), idempotency::handle))
        .layer(from_fn_with_state(Arc::clone(app), unpack::handle))
        .layer(from_fn_with_state((Arc::clone(app), rate), entrance::authorize))
        .layer(from_fn(conditional::handle))
        .layer(CompressionLayer::new().gzip(true).compress_when(worth))
        .layer(from_fn(conditional::name_encoding));
    // Without a list, a preflight request is one with a method that the address does not support.
    let routes = match app.settings.cors.as_slice() {
        [] => routes,
        origins => routes.layer(cross_origin::layer(origins)),
    };
    routes.layer(from_fn_with_state(Arc::clone(app), outermost::handle))
}
