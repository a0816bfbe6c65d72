//! Who may come in, and what each route needs. What a role may do is said by the engine; here stands which right a route asks
//! for.
//!
//! A route that is not in the table is refused, so that a new one cannot be open by oversight. Where there are neither keys nor an
//! identity provider the server listens on loopback only, and whoever is on the machine may do everything.

mod limit;
mod local;
mod oidc;
mod table;

use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::{HeaderMap, header};
use zhaoren_engine::{EngineError, Home, Principal, Records, now};

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
    /// There are keys.
    keyed: AtomicBool,
    tokens: Option<oidc::Tokens>,
}

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
            tokens: settings.oidc.as_ref().map(oidc::Tokens::open).transpose()?,
        };
        access.look_again()?;
        if !inside && settings.oidc.is_none() && !access.keyed.load(Ordering::Relaxed) {
            return Err(AccessError::Open(settings.listen));
        }
        Ok(access)
    }

    /// Looks whether there are keys now, and whether the identity provider has others.
    pub(crate) fn look_again(&self) -> Result<(), EngineError> {
        if let Some(tokens) = &self.tokens {
            tokens.look_again();
        }
        self.keyed.store(self.records.has_keys(now())?, Ordering::Relaxed);
        Ok(())
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
        let known = self.records.authenticate(secret, now())?;
        known.ok_or_else(|| Problem::new(Code::Unauthorized, "密钥或令牌无效"))
    }
}

/// The credentials of a bearer; the scheme's name has no case.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, secret) = header.split_once(' ')?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty()).then_some(secret)
}
