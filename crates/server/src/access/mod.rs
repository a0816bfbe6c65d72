//! Authentication, and the right that each route requires. The engine defines the rights of a role; this module
//! defines the right of a route.
//!
//! A route that is missing in the table is refused, so that a new one cannot be open by oversight. If there never was
//! a key and there is no identity provider, the server listens on loopback only and every local user has full access.
//! Once there was a key, the end of the last one closes the server; only a deliberate act (`zhaoren keys waive`),
//! which the audit records, opens it.

mod limit;
mod local;
mod oidc;
mod signature;
mod table;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use axum::http::{HeaderMap, header};
use zhaoren_engine::{EngineError, Home, KeyState, Principal, Records, now};

use crate::config::Settings;
use crate::problem::{Code, Problem};

pub(crate) use limit::{Allowance, Rate};
pub(crate) use local::{check_local, check_same_origin};
pub use table::{API_ROUTES, Requirement, is_route, requirement};

/// Errors that keep the server from authenticating callers.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The address can be reached from elsewhere, and there are neither keys nor an identity provider.
    #[error(
        "监听地址 {0} 可从本机之外访问，须先用 zhaoren keys add 建立密钥，或配置 oidc；只在本机使用时请监听 127.0.0.1"
    )]
    Open(std::net::SocketAddr),
    /// Unreadable keys of the identity provider.
    #[error("{}：{why}", path.display())]
    Keys {
        /// Path of the file.
        path: std::path::PathBuf,
        /// Description of the error.
        why: String,
    },
    /// Error of the records.
    #[error(transparent)]
    Records(#[from] EngineError),
}

/// Checks, before anything is created, that a server with these settings could authenticate its callers.
///
/// # Errors
/// When the server would be open to everyone.
pub fn check(settings: &Settings, home: &Home) -> Result<(), AccessError> {
    if let Some(oidc) = &settings.oidc {
        return oidc::Tokens::open(oidc).map(drop);
    }
    if settings.listen.ip().is_loopback() {
        return Ok(());
    }
    let known = Records::open_existing(home).and_then(|records| records.has_keys(now()));
    match known {
        Ok(true) => Ok(()),
        // Without records there are no keys either.
        Ok(false) | Err(EngineError::Data { .. }) => Err(AccessError::Open(settings.listen)),
        Err(error) => Err(error.into()),
    }
}

/// Authentication of callers.
pub struct Access {
    records: Records,
    /// True if credentials are required whatever the records say: the address is not loopback, or there is an
    /// identity provider.
    always: bool,
    /// True if a key exists or existed.
    keyed: AtomicBool,
    /// True if keys existed and none is valid any more: every request is refused.
    closed: AtomicBool,
    tokens: Option<oidc::Tokens>,
    /// Wrong keys by address.
    wrong_keys: Rate,
}

/// Wrong keys answered per address and minute. A secret cannot be guessed; the limit bounds the work and the log
/// lines that an attempt causes. A valid key is accepted from any address, as many callers may share one behind a
/// proxy.
const WRONG_KEYS: u32 = 20;

impl Access {
    /// Reads the state of the keys for these settings.
    ///
    /// # Errors
    /// When the records cannot be read, or the server would be open to everyone.
    pub fn open(records: Records, settings: &Settings) -> Result<Self, AccessError> {
        let inside = settings.listen.ip().is_loopback();
        let access = Self {
            records,
            always: !inside || settings.oidc.is_some(),
            keyed: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            wrong_keys: Rate::new(WRONG_KEYS),
            tokens: settings.oidc.as_ref().map(oidc::Tokens::open).transpose()?,
        };
        access.refresh()?;
        let opens = access.keyed.load(Ordering::Relaxed) && !access.is_closed();
        if !inside && settings.oidc.is_none() && !opens {
            return Err(AccessError::Open(settings.listen));
        }
        Ok(access)
    }

    /// Refreshes the state of the keys, and the keys of the identity provider.
    pub(crate) fn refresh(&self) -> Result<(), EngineError> {
        if let Some(tokens) = &self.tokens {
            tokens.refresh();
        }
        let state = self.records.key_state(now())?;
        self.keyed.store(state != KeyState::Unused, Ordering::Relaxed);
        let closed = self.tokens.is_none() && state == KeyState::NoneValid;
        if closed && !self.closed.swap(closed, Ordering::Relaxed) {
            tracing::error!(
                "no key opens any more: every request is refused; make one with `zhaoren keys add`"
            );
        }
        self.closed.store(closed, Ordering::Relaxed);
        Ok(())
    }

    /// True if every request is refused because all keys have expired or were revoked.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Answer to a refused caller. A wrong key is logged with the address, never the key itself; an address with too
    /// many wrong keys gets 429 instead.
    pub(crate) fn reject(&self, problem: Problem, address: Option<IpAddr>, at: Instant) -> Problem {
        let Some(address) = address.filter(|_| problem.code == Code::Unauthorized) else { return problem };
        match self.wrong_keys.take(&address.to_string(), at) {
            Ok(()) => {
                let why = problem.detail.as_deref().unwrap_or_default();
                tracing::warn!(%address, why, "a caller was not let in");
                problem
            }
            Err(wait) => {
                let seconds = wait.as_secs() + 1;
                let detail = format!("这个地址出示的密钥多次无效，请在 {seconds} 秒后再试");
                Problem::new(Code::TooManyRequests, detail).retry_after(seconds)
            }
        }
    }

    /// True if callers have to show credentials.
    pub(crate) fn requires_credentials(&self) -> bool {
        self.always || self.keyed.load(Ordering::Relaxed)
    }

    /// Principal of the request with these headers. Reads the records, so it must not be called on an async thread.
    pub(crate) fn authenticate_request(&self, headers: &HeaderMap) -> Result<Principal, Problem> {
        if !self.requires_credentials() {
            return Ok(Principal::local());
        }
        let shown = headers
            .get(header::AUTHORIZATION)
            .ok_or_else(|| Problem::new(Code::Unauthorized, "缺少请求头 `Authorization: Bearer 密钥`"))?;
        let secret = shown
            .to_str()
            .ok()
            .and_then(bearer)
            .ok_or_else(|| Problem::new(Code::Unauthorized, "请求头 Authorization 应为 `Bearer 密钥`"))?;
        self.authenticate(secret)
    }

    /// Principal of a key or a token. Reads the records.
    pub(crate) fn authenticate(&self, secret: &str) -> Result<Principal, Problem> {
        // A token has two dots, a key has none.
        if let (Some(tokens), true) = (&self.tokens, secret.contains('.')) {
            let caller = tokens.find(secret).map_err(|why| Problem::new(Code::Unauthorized, why))?;
            let known =
                caller.tenant.is_empty() || matches!(self.records.tenant(&caller.tenant), Ok(Some(_)));
            let unknown = || Problem::new(Code::Unauthorized, format!("没有租户 `{}`", caller.tenant));
            return if known { Ok(caller) } else { Err(unknown()) };
        }
        let known = match self.records.authenticate(secret, now()) {
            Err(error @ EngineError::KeyPending) => {
                return Err(Problem::new(Code::Unauthorized, error.to_string()));
            }
            known => known?,
        };
        // The log and `/readyz` report this too; a caller can learn it only here, as no key opens the other routes.
        let closed = "没有可用的密钥：原有的都已失效或吊销。请在服务器上用 zhaoren keys add 新建";
        let why = if self.is_closed() { closed } else { "密钥或令牌无效" };
        known.ok_or_else(|| Problem::new(Code::Unauthorized, why))
    }
}

/// Credentials of the scheme `Bearer`, whose name is case-insensitive.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, secret) = header.split_once(' ')?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty()).then_some(secret)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;
    use crate::config::{Layers, read};

    /// Wrong keys of one address are throttled, and other addresses are not.
    #[test]
    fn wrong_keys_are_limited_by_address() {
        let folder = tempfile::tempdir().unwrap();
        let settings = read(&Layers::default()).settings().unwrap();
        let access = Access::open(Records::open(folder.path()).unwrap(), &settings).unwrap();
        let address = |last: u8| Some(IpAddr::from([10, 0, 0, last]));
        let (at, wrong) = (Instant::now(), || Problem::new(Code::Unauthorized, "密钥或令牌无效"));
        for _ in 0..WRONG_KEYS {
            assert_eq!(access.reject(wrong(), address(1), at).code, Code::Unauthorized);
        }
        assert_eq!(access.reject(wrong(), address(1), at).code, Code::TooManyRequests);
        assert_eq!(access.reject(wrong(), address(2), at).code, Code::Unauthorized);
        assert_eq!(access.reject(wrong(), None, at).code, Code::Unauthorized);
        let other = Problem::new(Code::Internal, "");
        assert_eq!(access.reject(other, address(1), at).code, Code::Internal, "no wrong key");
    }
}
