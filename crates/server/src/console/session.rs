//! Who has signed in: a browser holds a random name, and the key behind it stays in memory here.
//!
//! A key is looked up anew for every page, so that one that is revoked lets nobody in any more. Sessions end with the process,
//! and a working day after they began.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

/// How long a session lasts.
const LASTS: Duration = Duration::from_hours(9);
/// How many there are at most; beyond that the oldest end.
const MOST: usize = 10_000;
/// The name of the cookie. With this beginning a browser takes it over a secure connection only, or from this machine.
const COOKIE: &str = "zhaoren_session";

/// The sessions there are, by the digest of their names: whoever reads the memory of names cannot use them.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<[u8; 32], Session>>);

struct Session {
    secret: String,
    began: Instant,
}

fn digest(name: &str) -> [u8; 32] {
    Sha256::digest(name.as_bytes()).into()
}

impl Sessions {
    /// Begins a session with a key that was found good, and gives the cookie for it.
    pub(crate) fn begin(&self, secret: &str) -> Result<HeaderValue, getrandom::Error> {
        let mut random = [0_u8; 32];
        getrandom::fill(&mut random)?;
        let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, session| session.began.elapsed() < LASTS);
        if all.len() >= MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, session)| session.began).map(|(name, _)| *name)
        {
            all.remove(&oldest);
        }
        all.insert(digest(&name), Session { secret: secret.to_owned(), began: Instant::now() });
        Ok(cookie(&name, LASTS.as_secs()))
    }

    /// The key of whoever sent these headers.
    pub(crate) fn secret(&self, headers: &HeaderMap) -> Option<String> {
        let name = named(headers)?;
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = all.get(&digest(name)).filter(|session| session.began.elapsed() < LASTS)?;
        Some(session.secret.clone())
    }

    /// Ends a session, and gives the cookie that says so.
    pub(crate) fn end(&self, headers: &HeaderMap) -> HeaderValue {
        if let Some(name) = named(headers) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&digest(name));
        }
        cookie("", 0)
    }
}

fn named(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, value)| *name == COOKIE && !value.is_empty()).map(|(_, value)| value)
}

fn cookie(name: &str, seconds: u64) -> HeaderValue {
    let text = format!("{COOKIE}={name}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict");
    // INVARIANT: digits, letters and the signs above are a header's.
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
    fn lasts_until_it_is_ended() {
        let sessions = Sessions::default();
        let cookie = sessions.begin("secret").unwrap();
        let headers = sent(&cookie);
        assert_eq!(sessions.secret(&headers).as_deref(), Some("secret"));
        assert!(sessions.secret(&HeaderMap::new()).is_none());
        assert!(!cookie.to_str().unwrap().contains("secret"));
        let other = sent(&HeaderValue::from_static("zhaoren_session=00"));
        assert!(sessions.secret(&other).is_none());
        sessions.end(&headers);
        assert!(sessions.secret(&headers).is_none());
    }
}
