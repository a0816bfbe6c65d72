//! Who may come in, and what each route needs. What a role may do is said by the engine; here stands which right a route asks
//! for.
//!
//! A route that is not in the table is refused, so that a new one cannot be open by oversight. Where there never was a key and there is
//! no identity provider the server listens on loopback only, and whoever is on the machine may do everything. Once there was a key
//! the end of the last one closes the server; only a deliberate act (`zhaoren keys waive`), which the audit tells of, opens it.

mod limit;
mod local;
mod oidc;
mod table;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use axum::http::{HeaderMap, header};
use zhaoren_engine::{EngineError, Home, KeyState, Principal, Records, now};

use crate::config::Settings;
use crate::problem::{Code, Problem};

pub(crate) use limit::Rate;
pub(crate) use local::{of_our_pages, of_this_machine};
pub use table::{Need, TABLE, is_route, need};

/// Why nobody could be let in.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The address can be reached from elsewhere, and there is nothing to know callers by.
    #[error(
        "监听地址 {0} 可从本机之外访问，须先用 zhaoren keys add 建立密钥，或配置 oidc；只在本机使用时请监听 127.0.0.1"
    )]
    Open(std::net::SocketAddr),
    /// The identity provider's keys cannot be read.
    #[error("{}：{why}", path.display())]
    Keys {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The records cannot be read.
    #[error(transparent)]
    Records(#[from] EngineError),
}

/// Whether a server with these settings could know its callers; asked before anything is made.
///
/// # Errors
/// When everybody could come in.
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
        // Where there are no records yet there are no keys either.
        Ok(false) | Err(EngineError::Data { .. }) => Err(AccessError::Open(settings.listen)),
        Err(error) => Err(error.into()),
    }
}

/// How callers are known.
pub struct Access {
    records: Records,
    /// Callers have to show something whatever the records say: it is no address of this machine alone, or there is an
    /// identity provider.
    always: bool,
    /// There are keys, or were.
    keyed: AtomicBool,
    /// There were keys, and none opens any more: nobody can be let in.
    closed: AtomicBool,
    tokens: Option<oidc::Tokens>,
    /// Wrong keys by address.
    wrong: Rate,
}

/// How many wrong keys of one address are answered in a minute. A secret cannot be guessed; what this keeps low is the work and
/// the log that somebody who tries makes. A good key is let in from whatever address, as many may share one behind a proxy.
const WRONG_KEYS: u32 = 20;

impl Access {
    /// What settings and records say of it.
    ///
    /// # Errors
    /// When the records cannot be read, or everybody could come in.
    pub fn open(records: Records, settings: &Settings) -> Result<Self, AccessError> {
        let inside = settings.listen.ip().is_loopback();
        let access = Self {
            records,
            always: !inside || settings.oidc.is_some(),
            keyed: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            wrong: Rate::new(WRONG_KEYS),
            tokens: settings.oidc.as_ref().map(oidc::Tokens::open).transpose()?,
        };
        access.look_again()?;
        let opens = access.keyed.load(Ordering::Relaxed) && !access.is_closed();
        if !inside && settings.oidc.is_none() && !opens {
            return Err(AccessError::Open(settings.listen));
        }
        Ok(access)
    }

    /// Looks whether there are keys now, and whether the identity provider has others.
    pub(crate) fn look_again(&self) -> Result<(), EngineError> {
        if let Some(tokens) = &self.tokens {
            tokens.look_again();
        }
        let state = self.records.key_state(now())?;
        self.keyed.store(state != KeyState::Unused, Ordering::Relaxed);
        let closed = self.tokens.is_none() && state == KeyState::Closed;
        if closed && !self.closed.swap(closed, Ordering::Relaxed) {
            tracing::error!(
                "no key opens any more: every request is refused; make one with `zhaoren keys add`"
            );
        }
        self.closed.store(closed, Ordering::Relaxed);
        Ok(())
    }

    /// Whether nobody can be let in, because every key there was has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// What a caller who was not let in is told. A wrong key leaves a line in the log with the address, never the key, and too many of
    /// one address are told to wait.
    pub(crate) fn refused(&self, problem: Problem, address: Option<IpAddr>, at: Instant) -> Problem {
        let Some(address) = address.filter(|_| problem.code == Code::Unauthorized) else { return problem };
        match self.wrong.take(&address.to_string(), at) {
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

    /// Whether callers have to show anything.
    pub(crate) fn asks(&self) -> bool {
        self.always || self.keyed.load(Ordering::Relaxed)
    }

    /// Who sent these headers. Reads the records, so it is not to be called where others are served.
    pub(crate) fn caller(&self, headers: &HeaderMap) -> Result<Principal, Problem> {
        if !self.asks() {
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
        self.known(secret)
    }

    /// Who shows a key or a token. Reads the records.
    pub(crate) fn known(&self, secret: &str) -> Result<Principal, Problem> {
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
        // Said to the operator by the log and by `/readyz`, and here, as nobody can be let in to read it elsewhere.
        let closed = "没有可用的密钥：原有的都已失效或吊销。请在服务器上用 zhaoren keys add 新建";
        let why = if self.is_closed() { closed } else { "密钥或令牌无效" };
        known.ok_or_else(|| Problem::new(Code::Unauthorized, why))
    }
}

/// The credentials of a bearer; the scheme's name has no case.
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

    /// Attack L7: wrong keys of one address are told to wait, and nobody else is.
    #[test]
    fn wrong_keys_are_limited_by_address() {
        let folder = tempfile::tempdir().unwrap();
        let settings = read(&Layers::default()).settings().unwrap();
        let access = Access::open(Records::open(folder.path()).unwrap(), &settings).unwrap();
        let address = |last: u8| Some(IpAddr::from([10, 0, 0, last]));
        let (at, wrong) = (Instant::now(), || Problem::new(Code::Unauthorized, "密钥或令牌无效"));
        for _ in 0..WRONG_KEYS {
            assert_eq!(access.refused(wrong(), address(1), at).code, Code::Unauthorized);
        }
        assert_eq!(access.refused(wrong(), address(1), at).code, Code::TooManyRequests);
        assert_eq!(access.refused(wrong(), address(2), at).code, Code::Unauthorized);
        assert_eq!(access.refused(wrong(), None, at).code, Code::Unauthorized);
        let other = Problem::new(Code::Internal, "");
        assert_eq!(access.refused(other, address(1), at).code, Code::Internal, "no wrong key");
    }
}
