//! Authentication, authorization and rate limit of every request.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use zhaoren_engine::{Principal, ROLES, Role};

use crate::access::{self, Allowance, Rate, Requirement};
use crate::console;
use crate::problem::{Code, Problem};
use crate::state::{App, Shared};

/// Name of the caller, for the log.
#[derive(Clone, Debug)]
pub(super) struct CallerName(pub(super) String);

/// Admits authorized requests, and answers the others.
pub(super) async fn authorize(
    State((app, rate)): State<(Shared, Arc<Rate>)>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let (caller, allowance) = match admit(&app, &rate, &parts).await {
        Ok(admitted) => admitted,
        Err(Refused { problem, known, allowance }) => {
            let route = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
            let page = console::closed(&app, route, known.map(Caller).as_ref(), &problem);
            let mut response = page.unwrap_or_else(|| problem.into_response());
            if let Some(allowance) = allowance {
                response.extensions_mut().insert(allowance);
            }
            return response;
        }
    };
    let known = caller.as_ref().map(|caller| CallerName(caller.name.clone()));
    let mut request = Request::from_parts(parts, body);
    request.extensions_mut().insert(Caller(caller.unwrap_or_else(nobody)));
    let mut response = next.run(request).await;
    if let Some(known) = known {
        response.extensions_mut().insert(known);
    }
    if let Some(allowance) = allowance {
        response.extensions_mut().insert(allowance);
    }
    response
}

/// Principal of a request that needs no authentication.
fn nobody() -> Principal {
    Principal {
        name: Caller::UNAUTHENTICATED.to_owned(),
        holder: String::new(),
        tenant: String::new(),
        role: Role::Platform,
    }
}

/// Refusal, with the principal if it is known.
struct Refused {
    problem: Problem,
    known: Option<Principal>,
    /// Allowance of a caller who has used it up.
    allowance: Option<Allowance>,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self { problem, known: None, allowance: None }
    }
}

impl Refused {
    fn forbidden(detail: String, caller: Principal) -> Self {
        Self { problem: Problem::new(Code::Forbidden, detail), known: Some(caller), allowance: None }
    }
}

/// The roles that may do what was refused, as the end of a sentence; empty if the route names no right.
fn roles(need: Option<Requirement>) -> String {
    let Some(Requirement::Right(right) | Requirement::Operator(Some(right))) = need else {
        return String::new();
    };
    let roles: Vec<&str> =
        ROLES.iter().filter(|role| role.has_right(right)).map(|role| role.title()).collect();
    format!("；可以使用的有：{}", roles.join("、"))
}

/// Headers with a single value: of two, one reader would take the first and another the last (RFC 9112 §3.2, RFC 9110
/// §5.3). `If-Match` and the like are lists, and all of their lines are read.
const SINGLE_VALUE_HEADERS: [header::HeaderName; 7] = [
    header::HOST,
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::ORIGIN,
    header::HeaderName::from_static("sec-fetch-site"),
    super::idempotency::HEADER,
];

fn check_single_headers(headers: &HeaderMap) -> Result<(), Problem> {
    match SINGLE_VALUE_HEADERS.iter().find(|name| headers.get_all(*name).iter().nth(1).is_some()) {
        Some(name) => Err(Problem::new(Code::BadHeader, format!("请求头 `{name}` 只能给一次"))),
        None => Ok(()),
    }
}

/// Principal of a request that may pass, and what is left of its allowance.
type Admitted = (Option<Principal>, Option<Allowance>);

async fn admit(app: &Shared, rate: &Rate, request: &Parts) -> Result<Admitted, Refused> {
    check_single_headers(&request.headers)?;
    if !app.access.requires_credentials() || app.access.is_closed() {
        // Another process may have created a key since the last refresh: from then on keys are required, and a closed
        // server opens.
        let shared = Arc::clone(app);
        let looked = tokio::task::spawn_blocking(move || shared.access.refresh()).await;
        looked.map_err(|error| Problem::internal(&error))?.map_err(Problem::from)?;
    }
    if !app.access.requires_credentials() {
        access::check_local(&request.method, &request.uri, &request.headers, &app.settings)?;
    }
    // An unknown address is distinguished from a forbidden one: the OpenAPI document lists all of them anyway.
    let Some(route) = request.extensions.get::<MatchedPath>().cloned() else { return Ok((None, None)) };
    let need = access::requirement(&request.method, route.as_str());
    let host = request.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = request.uri.host().or(host).unwrap_or_default();
    if need == Some(Requirement::Public) {
        // Sign-in and sign-out need no authentication but must come from our own page: another site could sign the
        // user in under an account of its own, and then read the user's queries.
        access::check_same_origin(&request.method, host, &request.headers)?;
        return Ok((None, None));
    }
    let caller = if app.access.requires_credentials() {
        let (shared, headers) = (Arc::clone(app), request.headers.clone());
        // A browser sends its cookie with requests from any site: it counts only for requests from our pages.
        let session =
            if headers.contains_key(header::AUTHORIZATION) { None } else { app.sessions.secret(&headers) };
        if session.is_some() {
            access::check_same_origin(&request.method, host, &headers)?;
        }
        let known = tokio::task::spawn_blocking(move || match session {
            Some(secret) => shared.access.authenticate(&secret),
            None => shared.access.authenticate_request(&headers),
        });
        let known = known.await.map_err(|error| Problem::internal(&error))?;
        known.map_err(|problem| app.access.reject(problem, address(request), Instant::now()))?
    } else {
        Principal::local()
    };
    match need {
        Some(Requirement::Authenticated) => {}
        // Without keys, every local user has full access to the data directory anyway.
        Some(Requirement::Right(right)) if caller.has_right(right) || !app.access.requires_credentials() => {}
        Some(Requirement::Operator(_)) if !caller.tenant.is_empty() => {
            let detail = "这个地址涉及所有租户，只有不属于租户的密钥可以使用";
            return Err(Refused::forbidden(detail.to_owned(), caller));
        }
        Some(Requirement::Operator(right))
            if right.is_none_or(|right| caller.has_right(right)) || !app.access.requires_credentials() => {}
        // The route does not support the method, and answers so itself.
        None if access::is_route(route.as_str()) => {}
        _ => {
            let detail =
                format!("{}（{}）不能使用这个地址{}", caller.holder, caller.role.title(), roles(need));
            return Err(Refused::forbidden(detail, caller));
        }
    }
    let peer = address(request).map_or_else(String::new, |address| address.to_string());
    let who = if app.access.requires_credentials() { &caller.name } else { &peer };
    let allowance = match rate.take_one(who, Instant::now()) {
        Ok(allowance) => allowance,
        Err(wait) => {
            let seconds = wait.as_secs() + 1;
            let detail = format!("每分钟最多 {} 次，请在 {seconds} 秒后再试", app.settings.limits.per_minute);
            let problem = Problem::new(Code::TooManyRequests, detail).retry_after(seconds);
            return Err(Refused { problem, known: Some(caller), allowance: Some(rate.exhausted(wait)) });
        }
    };
    Ok((Some(caller), allowance))
}

/// Remote address; `None` without a connection.
fn address(request: &Parts) -> Option<IpAddr> {
    request.extensions.get::<Peer>().map(|peer| peer.0.ip())
}

/// Caller of a request, as the routes receive it.
#[derive(Clone, Debug)]
pub(crate) struct Caller(pub(crate) Principal);

impl Caller {
    /// Name of a caller that was not authenticated.
    pub(crate) const UNAUTHENTICATED: &str = "-";

    /// Principal for reading stored facts. Without keys every local user has the data directory, and sees what a
    /// caseworker sees, as on the command line.
    pub(crate) fn reader(&self, app: &App) -> Principal {
        if app.access.requires_credentials() {
            self.0.clone()
        } else {
            Principal::local_caseworker(&self.0.tenant)
        }
    }
}

/// Remote address of the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);
