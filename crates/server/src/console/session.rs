//! Sessions: the browser holds a random name; the key behind it stays in memory here.
//!
//! The key is looked up for every page, so that a revoked one has no access any more. Sessions end with the process,
//! and one working day after they began.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

/// Lifetime of a session.
const LIFETIME: Duration = Duration::from_hours(9);
/// Maximum number of sessions; at the limit a sign-in is refused. Sign-ins of one key never end the sessions of
/// another.
const MAX_SESSIONS: usize = 10_000;
/// Cookie name for a secure connection: a browser accepts this prefix over TLS only, and from this very host.
const SECURE_COOKIE: &str = "__Host-zhaoren_session";
/// Cookie name without TLS: on this machine, or where no proxy provides TLS.
const PLAIN_COOKIE: &str = "zhaoren_session";

/// Open sessions by the digest of their names, so that a copy of this memory contains no usable name.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<[u8; 32], Session>>);

/// Reason why a session could not begin.
#[derive(Debug)]
pub(crate) enum NoSession {
    /// The maximum number of sessions is reached.
    Full,
    /// The system's random generator failed.
    Random(getrandom::Error),
}

struct Session {
    secret: String,
    /// Name of the key.
    key: String,
    began: Instant,
}

fn digest(name: &str) -> [u8; 32] {
    Sha256::digest(name.as_bytes()).into()
}

impl Sessions {
    /// Begins a session for the verified `secret` of `key`, replaces the session in `headers`, and returns the
    /// cookie. If the key has `each` sessions already, its oldest ends.
    pub(crate) fn begin(
        &self,
        secret: &str,
        key: &str,
        each: usize,
        headers: &HeaderMap,
    ) -> Result<HeaderValue, NoSession> {
        let mut random = [0_u8; 32];
        getrandom::fill(&mut random).map_err(NoSession::Random)?;
        let name = hex::encode(random);
        self.end(headers);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, session| session.began.elapsed() < LIFETIME);
        let own = || all.iter().filter(|(_, session)| session.key == key);
        if own().count() >= each {
            let oldest = own().min_by_key(|(_, session)| session.began).map(|(name, _)| *name);
            oldest.and_then(|oldest| all.remove(&oldest));
        }
        if all.len() >= MAX_SESSIONS {
            return Err(NoSession::Full);
        }
        let session = Session { secret: secret.to_owned(), key: key.to_owned(), began: Instant::now() };
        all.insert(digest(&name), session);
        Ok(cookie(is_secure(headers), &name, LIFETIME.as_secs()))
    }

    /// Secret of the session in these headers.
    pub(crate) fn secret(&self, headers: &HeaderMap) -> Option<String> {
        let name = named(headers)?;
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = all.get(&digest(name)).filter(|session| session.began.elapsed() < LIFETIME)?;
        Some(session.secret.clone())
    }

    /// Ends a session, and returns the cookie that clears it.
    pub(crate) fn end(&self, headers: &HeaderMap) -> HeaderValue {
        if let Some(name) = named(headers) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest(name));
        }
        cookie(is_secure(headers), "", 0)
    }
}

fn named(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let known =
        pairs.filter(|(name, value)| [SECURE_COOKIE, PLAIN_COOKIE].contains(name) && !value.is_empty());
    // A neighbouring host can plant the plain cookie but not the secure one, which therefore takes precedence.
    known.max_by_key(|(name, _)| *name == SECURE_COOKIE).map(|(_, value)| value)
}

/// True if the browser's connection is secure, according to the proxy or the origin of the page.
fn is_secure(headers: &HeaderMap) -> bool {
    let begins = |name: &str, with: &str| {
        headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.starts_with(with))
    };
    begins("x-forwarded-proto", "https") || begins("origin", "https://")
}

fn cookie(secure: bool, name: &str, seconds: u64) -> HeaderValue {
    let (called, only) = if secure { (SECURE_COOKIE, "; Secure") } else { (PLAIN_COOKIE, "") };
    let text = format!("{called}={name}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{only}");
    // INVARIANT: digits, letters and the signs above are valid in a header.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    fn sent(cookie: &HeaderValue) -> HeaderMap {
        let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&format!("a=b; {pair}")).unwrap())])
    }

    #[test]
    fn sessions_last_until_sign_out_or_expiry() {
        let sessions = Sessions::default();
        let cookie = sessions.begin("secret", "a", 16, &HeaderMap::new()).unwrap();
        let headers = sent(&cookie);
        assert_eq!(sessions.secret(&headers).as_deref(), Some("secret"));
        assert!(sessions.secret(&HeaderMap::new()).is_none());
        assert!(!cookie.to_str().unwrap().contains("secret"));
        let other = sent(&HeaderValue::from_static("zhaoren_session=00"));
        assert!(sessions.secret(&other).is_none());
        // A new sign-in ends the previous session.
        let second = sent(&sessions.begin("other", "b", 16, &headers).unwrap());
        assert!(sessions.secret(&headers).is_none());
        assert_eq!(sessions.secret(&second).as_deref(), Some("other"));
        sessions.end(&second);
        assert!(sessions.secret(&second).is_none());
    }

    /// A key that signs in repeatedly ends its own sessions only.
    #[test]
    fn sign_ins_end_only_sessions_of_the_same_key() {
        let sessions = Sessions::default();
        let begin = |key: &str| sent(&sessions.begin(key, key, 3, &HeaderMap::new()).unwrap());
        let (other, first) = (begin("other"), begin("eager"));
        let last: Vec<HeaderMap> = (0..20_000).map(|_| begin("eager")).skip(19_997).collect();
        assert_eq!(sessions.secret(&other).as_deref(), Some("other"));
        assert!(sessions.secret(&first).is_none(), "its oldest ended");
        assert!(last.iter().all(|headers| sessions.secret(headers).is_some()));
        assert_eq!(sessions.0.lock().unwrap().len(), 4);
    }

    /// At the limit a new session is refused and none of another key ends.
    #[test]
    fn new_sessions_are_refused_at_the_limit() {
        let sessions = Sessions::default();
        let begin = |key: usize| sessions.begin("secret", &key.to_string(), 1, &HeaderMap::new());
        let first = sent(&begin(0).unwrap());
        for key in (1..MAX_SESSIONS).map(|key| key.to_string()) {
            let session = Session { secret: String::new(), key: key.clone(), began: Instant::now() };
            sessions.0.lock().unwrap().insert(digest(&key), session);
        }
        assert!(matches!(begin(MAX_SESSIONS), Err(NoSession::Full)));
        assert!(sessions.secret(&first).is_some());
        assert!(begin(1).is_ok(), "a key that has one has it anew");
    }

    #[test]
    fn cookies_over_tls_are_bound_to_the_host() {
        let sessions = Sessions::default();
        let begun = |name: &'static str, value: &'static str| {
            let headers = HeaderMap::from_iter([(
                header::HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )]);
            sessions.begin("secret", "a", 16, &headers).unwrap()
        };
        for (name, value) in [("x-forwarded-proto", "https"), ("origin", "https://a.example")] {
            let cookie = begun(name, value).to_str().unwrap().to_owned();
            assert!(cookie.starts_with("__Host-zhaoren_session=") && cookie.contains("; Secure"), "{cookie}");
            assert!(
                cookie.contains("HttpOnly")
                    && cookie.contains("SameSite=Strict")
                    && cookie.contains("Path=/;")
            );
        }
        let plain = begun("origin", "http://127.0.0.1:8080");
        assert!(!plain.to_str().unwrap().contains("Secure"), "{plain:?}");
        // A plain cookie planted beside the secure one is ignored.
        let secure = begun("origin", "https://a.example");
        let both =
            format!("zhaoren_session=planted; {}", secure.to_str().unwrap().split(';').next().unwrap());
        let both = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&both).unwrap())]);
        assert_eq!(sessions.secret(&both).as_deref(), Some("secret"));
    }
}
