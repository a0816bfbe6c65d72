//! Shared parts of the console: style and script, sign-in and sign-out, error pages, response headers.

use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use zhaoren_console::{Page, Viewer};
use zhaoren_engine::{Principal, Right};

use super::form::Fields;
use super::session::NoSession;
use crate::call::Call;
use crate::intake::Content;
use crate::layers::{Caller, Peer};
use crate::problem::{Code, Problem};
use crate::request;
use crate::state::Shared;

/// Content security policy: own resources only.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Response with a page.
pub(super) fn page(page: Page) -> Response {
    page_with_status(StatusCode::OK, page)
}

/// Response with a page and another status.
pub(super) fn page_with_status(status: StatusCode, page: Page) -> Response {
    (status, page_headers(), zhaoren_console::escape_invisible(&page.into_string()).into_owned())
        .into_response()
}

/// Response with a page that shows no data of enterprises, and so may be kept by a browser.
pub(crate) fn reference_page(page: &'static str) -> Response {
    let mut response = (page_headers(), page).into_response();
    response.headers_mut().remove(header::CACHE_CONTROL);
    response
}

/// Page of a problem for a browser that asked for an address of the API, or for none that exists.
pub(crate) fn error_page(problem: &Problem, id: &str) -> Response {
    let mut lines: Vec<String> = problem.lines();
    lines.push(format!("请求编号 {id}"));
    let page = zhaoren_console::error_page(&Viewer::default(), problem.code.title(), &lines);
    page_with_status(problem.code.status(), page)
}

/// Headers of every page.
fn page_headers() -> [(HeaderName, HeaderValue); 5] {
    [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        // With `no-referrer` a browser would also omit the origin of a form.
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
        // Data of enterprises must not remain in a browser's cache.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // A window opened by another site gets no reference to ours.
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    ]
}

/// Renders a page at the read gate; errors become an error page.
pub(super) async fn show(
    app: &Shared,
    caller: &Caller,
    make: impl FnOnce(&Viewer) -> Result<Response, Problem> + Send + 'static,
) -> Response {
    show_within(app.settings.limits.time, app, caller, make).await
}

/// Like [`show`], for a page that writes to the registry, if only a line of the audit.
pub(super) async fn show_with_write(
    app: &Shared,
    caller: &Caller,
    make: impl FnOnce(&Viewer) -> Result<Response, Problem> + Send + 'static,
) -> Response {
    let viewer = viewer(app, caller);
    let made = app.write(render_job(app, caller, viewer.clone(), make)).await;
    made.unwrap_or_else(|problem| failed(&viewer, &problem))
}

/// Like [`show_with_write`], with another time limit.
pub(super) async fn show_written_within(
    limit: Duration,
    app: &Shared,
    caller: &Caller,
    make: impl FnOnce(&Viewer) -> Result<Response, Problem> + Send + 'static,
) -> Response {
    let viewer = viewer(app, caller);
    let made = app.write_within(limit, render_job(app, caller, viewer.clone(), make)).await;
    made.unwrap_or_else(|problem| failed(&viewer, &problem))
}

/// Error page of a problem of a request.
pub(super) fn failure(app: &Shared, caller: &Caller, problem: &Problem) -> Response {
    failed(&viewer(app, caller), problem)
}

/// Like [`show`], with another time limit.
pub(super) async fn show_within(
    limit: Duration,
    app: &Shared,
    caller: &Caller,
    make: impl FnOnce(&Viewer) -> Result<Response, Problem> + Send + 'static,
) -> Response {
    let viewer = viewer(app, caller);
    let made = app.read_within(limit, render_job(app, caller, viewer.clone(), make)).await;
    made.unwrap_or_else(|problem| failed(&viewer, &problem))
}

/// Job that renders a page for the viewer `looks`.
fn render_job(
    app: &Shared,
    caller: &Caller,
    mut looks: Viewer,
    make: impl FnOnce(&Viewer) -> Result<Response, Problem> + Send + 'static,
) -> impl FnOnce() -> Response + Send + 'static {
    let (records, tenant) = (app.engine.records(), caller.0.tenant.clone());
    move || {
        if !looks.name.is_empty() && !tenant.is_empty() {
            // The page is shown without the tenant's name if it cannot be read.
            looks.tenant = records.tenant(&tenant).ok().flatten().map_or(tenant, |tenant| tenant.name);
        }
        make(&looks).unwrap_or_else(|problem| failed(&looks, &problem))
    }
}

/// Submitted form of an authenticated caller. One that cannot be read is answered with the error page.
pub(super) struct FormCall {
    /// State shared by all requests.
    pub(super) app: Shared,
    /// Caller.
    pub(super) caller: Caller,
    /// Fields of the form.
    pub(super) fields: Fields,
}

impl FromRequest<Shared> for FormCall {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        let call = Call::from_request(request, app).await.map_err(IntoResponse::into_response)?;
        let Call { app, caller, headers, body, .. } = call;
        let fields = fields(&app, &caller, &headers, body).await?;
        Ok(Self { app, caller, fields })
    }
}

/// Fields of a submitted form; otherwise the error page.
async fn fields(
    app: &Shared,
    caller: &Caller,
    headers: &HeaderMap,
    body: Content,
) -> Result<Fields, Response> {
    match request::fields(headers, body, &app.settings.limits).await {
        Ok(bytes) => Ok(Fields::of(&bytes)),
        Err(problem) => Err(failed(&viewer(app, caller), &problem)),
    }
}

/// Viewer for a caller.
fn viewer(app: &Shared, caller: &Caller) -> Viewer {
    let who: &Principal = &caller.0;
    Viewer {
        signed_in: true,
        name: if app.access.requires_credentials() { who.holder.clone() } else { String::new() },
        role: who.role.title().to_owned(),
        tenant: String::new(),
        can_propose: who.has_right(Right::Propose),
        can_review: who.has_right(Right::Review),
        can_look_up: who.has_right(Right::ReadFacts),
        can_see_runs: who.has_right(Right::Push),
        can_audit: who.has_right(Right::Audit),
    }
}

/// Error page of a problem.
fn failed(viewer: &Viewer, problem: &Problem) -> Response {
    let lines: Vec<String> = problem.lines();
    page_with_status(problem.code.status(), zhaoren_console::error_page(viewer, problem.code.title(), &lines))
}

/// Answer to a refused caller: for pages the sign-in page or an error page; `None` if the route is not a page.
pub(crate) fn closed(
    app: &Shared,
    route: &str,
    caller: Option<&Caller>,
    problem: &Problem,
) -> Option<Response> {
    super::CONSOLE_ROUTES.iter().find(|(_, path, _)| *path == route)?;
    Some(match problem.code {
        Code::Unauthorized => Redirect::to("/sign-in").into_response(),
        _ => failed(&caller.map(|caller| viewer(app, caller)).unwrap_or_default(), problem),
    })
}

pub(super) async fn ask() -> Response {
    page(zhaoren_console::sign_in(false))
}

/// Begins a session for a caller with a valid key.
///
/// Sign-ins per key and wrong keys per address are limited per minute. A valid key is accepted however many wrong
/// ones its address has shown, since many people share one proxy.
pub(super) async fn sign_in(
    peer: Option<Extension<Peer>>,
    Call { app, caller, headers, body, .. }: Call,
) -> Response {
    let address = body.caller().to_owned();
    let fields = match fields(&app, &caller, &headers, body).await {
        Ok(fields) => fields,
        Err(page) => return page,
    };
    let secret = fields.text("key").to_owned();
    let shared = Shared::clone(&app);
    let known = app.read(move || shared.access.authenticate(&secret).map(|who| (secret, who.name))).await;
    let peer = peer.map(|peer| peer.0.0.ip());
    let refused = |problem| app.access.reject(problem, peer, Instant::now());
    match known.and_then(|known| known.map_err(refused)) {
        Ok((secret, key)) => match begin(&app, &secret, &key, &headers) {
            Ok(cookie) => ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response(),
            Err(problem) => failed(&Viewer::default(), &problem),
        },
        Err(problem) if problem.code == Code::Unauthorized => {
            match app.sign_ins.take(&address, Instant::now()) {
                Ok(()) => page_with_status(StatusCode::UNAUTHORIZED, zhaoren_console::sign_in(true)),
                Err(wait) => failed(&Viewer::default(), &too_many_sign_ins(wait)),
            }
        }
        Err(problem) => failed(&Viewer::default(), &problem),
    }
}

fn begin(app: &Shared, secret: &str, key: &str, headers: &HeaderMap) -> Result<HeaderValue, Problem> {
    app.sign_ins.take(&format!("key:{key}"), Instant::now()).map_err(too_many_sign_ins)?;
    let begun = app.sessions.begin(secret, key, app.settings.limits.sessions, headers);
    begun.map_err(|error| match error {
        NoSession::Full => Problem::new(Code::Busy, "登录的人过多，请稍后再试").retry_after(60),
        NoSession::Random(error) => Problem::internal(&error),
    })
}

fn too_many_sign_ins(wait: Duration) -> Problem {
    let seconds = wait.as_secs() + 1;
    Problem::new(Code::TooManyRequests, format!("登录过于频繁，请在 {seconds} 秒后再试")).retry_after(seconds)
}

pub(super) async fn sign_out(State(app): State<Shared>, headers: HeaderMap) -> Response {
    ([(header::SET_COOKIE, app.sessions.end(&headers))], Redirect::to("/sign-in")).into_response()
}

/// Static file, which changes with the program only.
fn file(kind: &'static str, body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static(kind))], body).into_response()
}

pub(super) async fn style() -> Response {
    file("text/css; charset=utf-8", zhaoren_console::STYLE)
}

pub(super) async fn script() -> Response {
    file("text/javascript; charset=utf-8", zhaoren_console::SCRIPT)
}

pub(super) async fn icon() -> Response {
    file("image/svg+xml", zhaoren_console::ICON)
}
