//! Idempotency keys: a request that creates something and is sent twice with one key is carried out once, and answered
//! twice the same (draft-ietf-httpapi-idempotency-key-header).
//!
//! Answers are kept in memory for a day, of each caller apart: a new key of the API is in one of them, and must not be
//! written anywhere. A restart forgets them, and so does another process.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::entrance::{Caller, Peer};
use crate::intake::Content;
use crate::problem::{Code, Problem};
use crate::state::{App, Shared};

/// Header with the key.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// Header of an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Addresses whose `POST` creates something that a second request would create again.
pub(crate) const ROUTES: [&str; 7] = [
    "/v1/drafts",
    "/v1/drafts/read",
    "/v1/drafts/{id}/decision",
    "/v1/enterprises",
    "/v1/keys",
    "/v1/opt-outs",
    "/v1/outcomes",
];

/// Time for which an answer is kept.
const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// Maximum length of a key, in bytes.
const MAX_KEY: usize = 200;
/// Answers kept at the same time.
const MAX_ANSWERS: usize = 10_000;
/// Maximum size of an answer that is kept, in bytes.
const MAX_ANSWER: usize = 256 << 10;
/// Bytes of all answers that are kept.
const MAX_BYTES: usize = 64 << 20;

/// Answers by caller and key.
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<Store>);

#[derive(Debug, Default)]
struct Store {
    entries: BTreeMap<(String, String), Entry>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    /// Digest of the request: method, address, type and content.
    request: [u8; 32],
    begun: Instant,
    /// `None` while the request is under way.
    answer: Option<Stored>,
}

#[derive(Clone, Debug)]
struct Stored {
    status: StatusCode,
    kind: Option<HeaderValue>,
    body: Bytes,
}

/// State of a key.
#[derive(Debug)]
enum KeyState {
    /// Nothing: the request is carried out.
    New,
    /// The same request was answered.
    Answered(Stored),
    /// The same request is under way.
    UnderWay,
    /// Another request had the key.
    Other,
    /// Too many answers are kept.
    Full,
}

impl Answers {
    /// Looks a key up, and marks it as under way if it is new.
    fn begin(&self, of: &(String, String), request: [u8; 32], now: Instant) -> KeyState {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = kept.entries.get(of).filter(|entry| !entry.is_over(now)) {
            return match &entry.answer {
                _ if entry.request != request => KeyState::Other,
                Some(stored) => KeyState::Answered(stored.clone()),
                None => KeyState::UnderWay,
            };
        }
        if kept.entries.len() >= MAX_ANSWERS || kept.bytes >= MAX_BYTES {
            kept.forget_old(now);
        }
        if kept.entries.len() >= MAX_ANSWERS || kept.bytes >= MAX_BYTES {
            return KeyState::Full;
        }
        kept.remove(of);
        kept.entries.insert(of.clone(), Entry { request, begun: now, answer: None });
        KeyState::New
    }

    /// Keeps the answer, or forgets the key if there is none to keep.
    fn end(&self, of: &(String, String), answer: Option<Stored>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(stored) = answer else {
            kept.remove(of);
            return;
        };
        let bytes = stored.body.len();
        if let Some(entry) = kept.entries.get_mut(of) {
            entry.answer = Some(stored);
            kept.bytes += bytes;
        }
    }
}

impl Entry {
    fn is_over(&self, now: Instant) -> bool {
        // A request under way ends by its own limits; its mark must not vanish before it.
        self.answer.is_some() && now.saturating_duration_since(self.begun) > KEPT_FOR
    }
}

impl Store {
    fn remove(&mut self, of: &(String, String)) {
        let removed = self.entries.remove(of).and_then(|entry| entry.answer);
        self.bytes -= removed.map_or(0, |stored| stored.body.len()).min(self.bytes);
    }

    fn forget_old(&mut self, now: Instant) {
        self.entries.retain(|_, entry| !entry.is_over(now));
        self.bytes =
            self.entries.values().filter_map(|entry| entry.answer.as_ref()).map(|one| one.body.len()).sum();
    }
}

/// Mark of a request under way, removed when the caller disconnects or the request fails.
struct UnderWay<'a> {
    app: &'a App,
    of: (String, String),
    answer: Option<Stored>,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.app.answers.end(&self.of, self.answer.take());
    }
}

/// Carries a request with a key out once.
pub(super) async fn handle(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
    if request.method() != Method::POST || !ROUTES.contains(&route) {
        return next.run(request).await;
    }
    let Some(key) = request.headers().get(&HEADER).cloned() else { return next.run(request).await };
    match once(&app, request, &key, next).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn once(app: &App, request: Request, key: &HeaderValue, next: Next) -> Result<Response, Problem> {
    let key = key.to_str().map(|key| key.trim().trim_matches('"')).unwrap_or_default().to_owned();
    if key.is_empty() || key.len() > MAX_KEY {
        let detail = format!("`Idempotency-Key` 应为 1 到 {MAX_KEY} 个可见的 ASCII 字符，建议用 UUID");
        return Err(Problem::new(Code::BadHeader, detail));
    }
    let (parts, body) = request.into_parts();
    // Without a key of the API, the remote address identifies the caller.
    let peer = parts.extensions.get::<Peer>().map_or_else(String::new, |peer| peer.0.ip().to_string());
    let caller = match parts.extensions.get::<Caller>() {
        Some(caller) if app.access.requires_credentials() => caller.0.name.clone(),
        _ => format!("address:{peer}"),
    };
    let limits = &app.settings.limits;
    let content = Content::new(body, app.body_memory.share(&caller), true);
    let body = content.read_all(&parts.headers, limits.body, limits).await?;
    let kind = parts.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let address = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let mut digest = Sha256::new();
    for part in [parts.method.as_str().as_bytes(), address.as_bytes(), kind, &body] {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    let of = (caller, key);
    match app.answers.begin(&of, digest.finalize().into(), Instant::now()) {
        KeyState::New => {}
        KeyState::Answered(stored) => return Ok(stored.replay()),
        KeyState::UnderWay => {
            let detail = "带这个 `Idempotency-Key` 的请求还在处理，请稍后再发";
            return Err(Problem::new(Code::Conflict, detail).retry_after(1));
        }
        KeyState::Other => {
            let detail = format!("`{}` 已用于另一个地址或另一份内容，请换一个", of.1);
            return Err(Problem::new(Code::IdempotencyKeyReused, detail));
        }
        KeyState::Full => {
            let detail = "留存的 `Idempotency-Key` 过多，请稍后再试，或不带它发送";
            return Err(Problem::new(Code::Busy, detail).retry_after(60));
        }
    }
    let mut under_way = UnderWay { app, of, answer: None };
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    // A refusal has changed nothing, so the key may be used again for the corrected content.
    if !response.status().is_success() {
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, MAX_BYTES).await.map_err(|error| Problem::internal(&error))?;
    if body.len() <= MAX_ANSWER {
        let kind = parts.headers.get(header::CONTENT_TYPE).cloned();
        under_way.answer = Some(Stored { status: parts.status, kind, body: body.clone() });
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

impl Stored {
    fn replay(self) -> Response {
        let mut response = (self.status, self.body).into_response();
        response.headers_mut().remove(header::CONTENT_TYPE);
        if let Some(kind) = self.kind {
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
        }
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(bytes: usize) -> Stored {
        Stored { status: StatusCode::OK, kind: None, body: vec![b'x'; bytes].into() }
    }

    #[test]
    fn answers_expire_and_are_bounded() {
        let (answers, now) = (Answers::default(), Instant::now());
        let of = |name: &str| ("caller".to_owned(), name.to_owned());
        assert!(matches!(answers.begin(&of("a"), [1; 32], now), KeyState::New));
        assert!(matches!(answers.begin(&of("a"), [1; 32], now + 2 * KEPT_FOR), KeyState::UnderWay));
        answers.end(&of("a"), Some(stored(3)));
        assert!(matches!(answers.begin(&of("a"), [1; 32], now), KeyState::Answered(_)));
        assert!(matches!(answers.begin(&of("a"), [2; 32], now), KeyState::Other));
        assert!(matches!(answers.begin(&of("a"), [2; 32], now + 2 * KEPT_FOR), KeyState::New), "a day later");
        answers.end(&of("a"), None);
        assert!(matches!(answers.begin(&of("b"), [1; 32], now), KeyState::New));
        answers.end(&of("b"), Some(stored(MAX_BYTES)));
        assert!(matches!(answers.begin(&of("c"), [1; 32], now), KeyState::Full));
        assert!(matches!(answers.begin(&of("c"), [1; 32], now + 2 * KEPT_FOR), KeyState::New));
    }
}
