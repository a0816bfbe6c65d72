//! Outermost layer: assigns the request id, counts and logs the response, renders problems, and sets the security
//! headers for browsers.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

use super::entrance::CallerName;
use super::request_id::{HEADER, RequestId};
use crate::access::Allowance;
use crate::problem::{Code, Problem};
use crate::state::Shared;

/// Headers of a refusal that the rendered problem keeps.
const KEPT_HEADERS: [HeaderName; 5] = [
    header::ALLOW,
    header::ACCEPT_ENCODING,
    header::VARY,
    header::ACCESS_CONTROL_ALLOW_ORIGIN,
    header::ACCESS_CONTROL_EXPOSE_HEADERS,
];

/// Passes the request on, and completes its response.
pub(super) async fn handle(State(app): State<Shared>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = RequestId::of(request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    request.extensions_mut().insert(id.clone());
    let wants_page = wants_page(&request);
    let under_way = UnderWay::begin(&app);
    let response = finish(next.run(request).await, &id, wants_page);
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    drop(under_way);
    // An arbitrary method must not become a label.
    let known = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"].contains(&method.as_str());
    app.metrics.count_response(&route, if known { method.as_str() } else { "other" }, status, took);
    let caller = response.extensions().get::<CallerName>().map_or("-", |known| known.0.as_str());
    // Log the route template, never the address itself: a query may contain confidential data of an enterprise.
    tracing::info!(
        id = %id.0, method = %method, route = %route, status, caller,
        milliseconds = took.as_secs_f64() * 1e3, "request"
    );
    response
}

/// Request under way, counted until it is dropped, even if the caller disconnects.
struct UnderWay<'a>(&'a Shared);

impl<'a> UnderWay<'a> {
    fn begin(app: &'a Shared) -> Self {
        app.metrics.in_flight.inc();
        Self(app)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.metrics.in_flight.dec();
    }
}

/// True if the request comes from a browser that shows the answer to a person.
fn wants_page(request: &Request) -> bool {
    let accepted = request.headers().get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted
        .flat_map(|line| line.split(','))
        .any(|one| one.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("text/html"))
}

fn finish(mut response: Response, id: &RequestId, wants_page: bool) -> Response {
    let known = response.extensions_mut().remove::<CallerName>();
    let problem = response.extensions_mut().remove::<Problem>().or_else(|| refusal(&response));
    let allowance = response.extensions_mut().remove::<Allowance>();
    if let Some(problem) = problem {
        let kept = KEPT_HEADERS.map(|name| response.headers_mut().remove(&name).map(|value| (name, value)));
        response = if wants_page { problem.page(&id.0) } else { problem.render(&id.0) };
        response.headers_mut().extend(kept.into_iter().flatten());
    }
    let headers = response.headers_mut();
    headers.insert(HEADER, id.header());
    if let Some(Allowance { limit, remaining, reset }) = allowance {
        // draft-ietf-httpapi-ratelimit-headers-03
        headers.insert("ratelimit-limit", limit.into());
        headers.insert("ratelimit-remaining", remaining.into());
        headers.insert("ratelimit-reset", reset.into());
    }
    const SECURITY_HEADERS: [(HeaderName, &str); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
    ];
    for (name, value) in SECURITY_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A page may set its own policy; anything else is not a page.
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    let cache = HeaderValue::from_static("private, no-cache");
    headers.entry(header::CACHE_CONTROL).or_insert(cache);
    if let Some(known) = known {
        response.extensions_mut().insert(known);
    }
    response
}

/// Problem for a response that has only a status: the request was refused before it reached a route.
fn refusal(response: &Response) -> Option<Problem> {
    let status = response.status();
    let code = match status {
        StatusCode::NOT_FOUND => Code::NoSuchAddress,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
        StatusCode::REQUEST_TIMEOUT => Code::RequestTimeout,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
        _ if status.is_client_error() => Code::BadContent,
        _ => Code::Internal,
    };
    let has_own_body = response.headers().contains_key(header::CONTENT_TYPE)
        && response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| !kind.as_bytes().starts_with(b"text/plain"));
    ((status.is_client_error() || status.is_server_error()) && !has_own_body).then(|| code.into())
}
