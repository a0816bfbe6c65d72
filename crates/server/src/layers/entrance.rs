//! Who may come in: known, allowed to, and not too often.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use zhaoren_engine::{Principal, Role};

use crate::access::{self, Need, Rate};
use crate::console;
use crate::problem::{Code, Problem};
use crate::state::{App, Shared};

/// The name of who asked, for the log.
#[derive(Clone, Debug)]
pub(super) struct CallerName(pub(super) String);

/// Lets those in who may.
pub(super) async fn enter(
    State((app, rate)): State<(Shared, Arc<Rate>)>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let caller = match admit(&app, &rate, &parts).await {
        Ok(caller) => caller,
        Err(Refused { problem, known }) => {
            let route = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
            let page = console::closed(&app, route, known.map(Caller).as_ref(), &problem);
            return page.unwrap_or_else(|| problem.into_response());
        }
    };
    let known = caller.as_ref().map(|caller| CallerName(caller.name.clone()));
    let mut request = Request::from_parts(parts, body);
    request.extensions_mut().insert(Caller(caller.unwrap_or_else(nobody)));
    let mut response = next.run(request).await;
    if let Some(known) = known {
        response.extensions_mut().insert(known);
    }
    response
}

/// Who stands for those that were not asked.
fn nobody() -> Principal {
    Principal {
        name: Caller::UNKNOWN.to_owned(),
        holder: String::new(),
        tenant: String::new(),
        role: Role::Platform,
    }
}

/// Why somebody is not let in, and who it is where that is known.
struct Refused {
    problem: Problem,
    known: Option<Principal>,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self { problem, known: None }
    }
}

/// The headers that say one thing: given twice, one reader would take the first and another the last (RFC 9112 §3.2, RFC 9110
/// §5.3). `If-Match` and the like are lists, and all of their lines are read.
const ONCE: [header::HeaderName; 6] = [
    header::HOST,
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::ORIGIN,
    header::HeaderName::from_static("sec-fetch-site"),
];

fn said_once(headers: &HeaderMap) -> Result<(), Problem> {
    match ONCE.iter().find(|name| headers.get_all(*name).iter().nth(1).is_some()) {
        Some(name) => Err(Problem::new(Code::BadHeader, format!("请求头 `{name}` 只能给一次"))),
        None => Ok(()),
    }
}

async fn admit(app: &Shared, rate: &Rate, request: &Parts) -> Result<Option<Principal>, Refused> {
    said_once(&request.headers)?;
    if !app.access.asks() || app.access.is_closed() {
        // A key may have been made since the last look, by another process: from then on it is asked for, and opens.
        let shared = Arc::clone(app);
        let looked = tokio::task::spawn_blocking(move || shared.access.look_again()).await;
        looked.map_err(|error| Problem::internal(&error))?.map_err(Problem::from)?;
    }
    if !app.access.asks() {
        let hosts = &app.settings.hosts;
        access::of_this_machine(&request.method, &request.uri, &request.headers, hosts)?;
    }
    // An address that there is not is told apart from one that is closed: the document lists all of them anyway.
    let Some(route) = request.extensions.get::<MatchedPath>().cloned() else { return Ok(None) };
    let need = access::need(&request.method, route.as_str());
    let host = request.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = request.uri.host().or(host).unwrap_or_default();
    if need == Some(Need::Nothing) {
        // Nobody has to be known to sign in or out, but it is they who do it and not a page of somebody else's: it would sign them
        // in as somebody else, who then reads what they ask.
        access::of_our_pages(&request.method, host, &request.headers)?;
        return Ok(None);
    }
    let caller = if app.access.asks() {
        let (shared, headers) = (Arc::clone(app), request.headers.clone());
        // A browser sends its cookie whoever made the page: it counts only for pages of ours.
        let session =
            if headers.contains_key(header::AUTHORIZATION) { None } else { app.sessions.secret(&headers) };
        if session.is_some() {
            access::of_our_pages(&request.method, host, &headers)?;
        }
        let known = tokio::task::spawn_blocking(move || match session {
            Some(secret) => shared.access.known(&secret),
            None => shared.access.caller(&headers),
        });
        let known = known.await.map_err(|error| Problem::internal(&error))?;
        known.map_err(|problem| app.access.refused(problem, address(request), Instant::now()))?
    } else {
        Principal::local()
    };
    match need {
        Some(Need::Known) => {}
        // Without keys, whoever is on the machine may do with the data directory what they like.
        Some(Need::Right(right)) if caller.may(right) || !app.access.asks() => {}
        Some(Need::Operator(_)) if !caller.tenant.is_empty() => {
            let detail = "这个地址涉及所有租户，只有不属于租户的密钥可以使用";
            return Err(Refused { problem: Problem::new(Code::Forbidden, detail), known: Some(caller) });
        }
        Some(Need::Operator(right)) if right.is_none_or(|right| caller.may(right)) || !app.access.asks() => {}
        // The method is not there either; the route says so itself.
        None if access::is_route(route.as_str()) => {}
        _ => {
            let detail = format!("{}（{}）不能使用这个地址", caller.holder, caller.role.title());
            return Err(Refused { problem: Problem::new(Code::Forbidden, detail), known: Some(caller) });
        }
    }
    let peer = address(request).map_or_else(String::new, |address| address.to_string());
    let who = if app.access.asks() { &caller.name } else { &peer };
    if let Err(wait) = rate.take(who, Instant::now()) {
        let seconds = wait.as_secs() + 1;
        let detail = format!("每分钟最多 {} 次，请在 {seconds} 秒后再试", app.settings.limits.per_minute);
        let problem = Problem::new(Code::TooManyRequests, detail).retry_after(seconds);
        return Err(Refused { problem, known: Some(caller) });
    }
    Ok(Some(caller))
}

/// The address at the other end; none where there is no connection.
fn address(request: &Parts) -> Option<IpAddr> {
    request.extensions.get::<Peer>().map(|peer| peer.0.ip())
}

/// Who asks, for the routes.
#[derive(Clone, Debug)]
pub(crate) struct Caller(pub(crate) Principal);

impl Caller {
    /// The name of a caller that was not asked for a key.
    pub(crate) const UNKNOWN: &str = "-";

    /// Who reads stored facts. Without keys whoever is on the machine holds the data directory, and sees what a caseworker
    /// sees, as at the terminal.
    pub(crate) fn reader(&self, app: &App) -> Principal {
        if app.access.asks() { self.0.clone() } else { Principal::serving(&self.0.tenant) }
    }
}

/// The other end of the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);
