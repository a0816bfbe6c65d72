//! Settings (配置): one table defines each setting, its accepted values and its default.
//!
//! Four layers, a later one wins: the default, the file (TOML), the environment, the command line. Every value keeps
//! its origin, so that an error names the line or variable to correct. Nothing here acts on a setting.

mod kind;
mod read;
mod table;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use zhaoren_courier::ModelSettings;

pub use read::{Layers, SettingsSources, read};
pub use table::{SETTINGS, Setting};

/// Settings of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Listening address.
    pub listen: SocketAddr,
    /// Host names of this machine that are accepted besides loopback names.
    pub hosts: Vec<String>,
    /// Origins of other sites whose pages may call the API (CORS).
    pub cors: Vec<String>,
    /// Directory with the results of `push`, one subdirectory each.
    pub runs: Option<PathBuf>,
    /// File of the channels for outgoing messages.
    pub channels: Option<PathBuf>,
    /// Limits on requests.
    pub limits: Limits,
    /// Identity provider whose bearer tokens are accepted.
    pub oidc: Option<Oidc>,
    /// Language model that proposes conditions on demand; `None` where none is configured.
    pub proposer: Option<ModelSettings>,
    /// Grace period: time for requests under way after a stop request.
    pub grace: Duration,
    /// Interval of the checks for imports by other processes.
    pub look: Duration,
    /// Log settings.
    pub log: Log,
}

/// Limits on size, time and number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request body.
    pub body: usize,
    /// Bytes of the body of an import.
    pub import: usize,
    /// Bytes of one line of a stream.
    pub line: usize,
    /// Time limit of a request.
    pub time: Duration,
    /// Time limit of an import.
    pub import_time: Duration,
    /// Idle time allowed to a sender: before its request head is complete, and between two parts of a body.
    pub silence: Duration,
    /// Requests computed concurrently.
    pub working: usize,
    /// Writing requests handled concurrently.
    pub writing: usize,
    /// Queue length of each of the two.
    pub waiting: usize,
    /// Bytes of bodies kept in memory, for all requests together.
    pub bodies: usize,
    /// Minimum rate of a body in bytes per second, once the time limit of a request is over.
    pub rate: usize,
    /// Sign-ins per minute of one key, and wrong keys of one address; 0 is no limit.
    pub sign_ins: u32,
    /// Concurrent sessions of one key.
    pub sessions: usize,
    /// Concurrent connections.
    pub connections: usize,
    /// Requests per minute of one caller; 0 is no limit.
    pub per_minute: u32,
    /// Free bytes on the disk of the data directory below which the server is not ready.
    pub disk: usize,
}

/// Identity provider whose bearer tokens are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oidc {
    /// `iss` of the tokens.
    pub issuer: String,
    /// `aud` of the tokens.
    pub audience: String,
    /// File of the issuer's public keys (JWK Set).
    pub jwks: PathBuf,
    /// Claim with the role.
    pub role_claim: String,
    /// Claim with the tenant.
    pub tenant_claim: String,
}

/// Log settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// `error`, `warn`, `info` or `debug`.
    pub level: String,
    /// `json`, `text`, or `auto`: text on a terminal.
    pub format: String,
}

/// Origin of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built-in default.
    Default,
    /// File and line.
    File(PathBuf, usize),
    /// Environment variable.
    Environment(String),
    /// Command-line flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("默认值"),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => write!(f, "环境变量 {name}"),
            Self::Flag(name) => write!(f, "参数 {name}"),
        }
    }
}

/// Error in the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{origin}：{key}{value}：{expected}", value = .value.as_ref().map(|value| format!(" = `{value}`")).unwrap_or_default())]
pub struct Fault {
    /// Origin of the value.
    pub origin: Origin,
    /// Key of the setting.
    pub key: String,
    /// Value, unless the error does not concern it.
    pub value: Option<String>,
    /// Description of the accepted values.
    pub expected: String,
}
