//! Conditional requests: a strong ETag derived from the content, and 304 for a caller that has the content already.

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// Suffix of the tag under gzip: another encoding of the same content differs byte for byte.
const GZIP: &str = "-gzip";

/// Tag of some content.
pub(crate) fn tag(content: &[u8]) -> String {
    // Half of the digest: 32 hexadecimal digits.
    format!("\"{:.32}\"", hex::encode(Sha256::digest(content)))
}

/// Tag of a response whose handler set the tag `own`: that of the stored revision, then that of the whole response.
fn joined(own: &str, content: &str) -> String {
    format!("\"{}.{}\"", own.trim_matches('"'), content.trim_matches('"'))
}

/// True if a tag in the header belongs to a response built from the revision with the tag `own`, whatever else the
/// response contained. A weak tag cannot guard a change (RFC 9110 §13.1.1).
pub(crate) fn matches_revision(headers: &HeaderMap, name: header::HeaderName, own: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    let first = |one: &str| {
        let inside = one.strip_prefix('"')?.strip_suffix('"')?;
        Some(inside.split_once('.')?.0.to_owned())
    };
    values
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|one| one == "*" || first(one).is_some_and(|first| first == own.trim_matches('"')))
}

/// True if the header lists `tag`, in any content encoding.
pub(crate) fn lists_tag(headers: &HeaderMap, name: header::HeaderName, tag: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    let plain = |one: &str| one.trim().trim_start_matches("W/").replace(GZIP, "");
    values.flat_map(|line| line.split(',')).any(|one| one.trim() == "*" || plain(one) == tag)
}

/// Tags the response to a `GET`, and answers 304 to a caller that has it.
pub(super) async fn handle(request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let conditions: HeaderMap = request
        .headers()
        .iter()
        .filter(|(name, _)| *name == header::IF_NONE_MATCH)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let response = next.run(request).await;
    // The length of a stream is unknown before its end.
    let whole = response.body().size_hint().exact().is_some();
    let fixed = response.headers().contains_key(header::CACHE_CONTROL);
    if !is_read || response.status() != StatusCode::OK || !whole || fixed {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(content) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let tag = match parts.headers.get(header::ETAG).and_then(|own| own.to_str().ok()) {
        Some(own) => joined(own, &tag(&content)),
        None => tag(&content),
    };
    if let Ok(value) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, value);
    }
    if lists_tag(&conditions, header::IF_NONE_MATCH, &tag) {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(content))
}

/// Distinguishes the tag of a compressed response from that of the plain one.
pub(super) async fn name_encoding(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let compressed =
        response.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
    let tag = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok());
    if let (true, Some(plain)) = (compressed, tag.and_then(|tag| tag.strip_suffix('"')))
        && let Ok(value) = HeaderValue::from_str(&format!("{plain}{GZIP}\""))
    {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}
