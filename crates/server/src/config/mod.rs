//! Settings (配置): one table says what there is, what each accepts and what it is without a word from anybody.
//!
//! Four layers, a later one wins: the default, the file (TOML), the environment, the command line. Every value
//! remembers where it came from, so that what is wrong can be mended where it stands. Nothing here acts on a setting.

mod kind;
mod read;
mod table;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub use read::{Layers, SettingsSources, read};
pub use table::{Setting, TABLE};

/// What the server runs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Names under which it is reached from the same machine, beside loopback ones.
    pub hosts: Vec<String>,
    /// The folder that holds the results of `push`, one folder each.
    pub runs: Option<PathBuf>,
    /// The file of channels on which messages go out.
    pub channels: Option<PathBuf>,
    /// Limits on what is asked.
    pub limits: Limits,
    /// Bearer tokens of an identity provider.
    pub oidc: Option<Oidc>,
    /// How long requests under way may go on after the server was asked to stop.
    pub grace: Duration,
    /// How often it looks for what another process has imported.
    pub look: Duration,
    /// How logs are written.
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
    /// How long an answer may take.
    pub time: Duration,
    /// How long an import may take.
    pub import_time: Duration,
    /// How long a sender may be silent: before its request is whole, and between two parts of a body.
    pub silence: Duration,
    /// How many requests compute at the same time.
    pub working: usize,
    /// How many requests that write are done at the same time.
    pub writing: usize,
    /// How many wait for each of the two.
    pub waiting: usize,
    /// Bytes of bodies that are kept in memory, of all requests together.
    pub bodies: usize,
    /// Bytes a second at which a body has to come, once the time of a request is over.
    pub rate: usize,
    /// Sign-ins a minute of one key, and wrong keys of one address; 0 is no limit.
    pub sign_ins: u32,
    /// Sessions that one key has open at the same time.
    pub sessions: usize,
    /// Connections open at the same time.
    pub connections: usize,
    /// Requests a minute from one caller; 0 is no limit.
    pub per_minute: u32,
    /// Free bytes on the disk of the data directory below which the server is not ready.
    pub disk: usize,
}

/// Whose bearer tokens are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oidc {
    /// `iss` of the tokens.
    pub issuer: String,
    /// `aud` of the tokens.
    pub audience: String,
    /// The issuer's public keys (JWK Set) as a file.
    pub jwks: PathBuf,
    /// The claim that says the role.
    pub role_claim: String,
    /// The claim that says the tenant.
    pub tenant_claim: String,
}

/// How logs are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// `error`, `warn`, `info` or `debug`.
    pub level: String,
    /// `json`, `text`, or `auto`: text on a terminal.
    pub format: String,
}

/// Where a value was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere.
    Default,
    /// In the file, on a line.
    File(PathBuf, usize),
    /// In a variable of the environment.
    Environment(String),
    /// On the command line.
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

/// One thing wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{origin}：{key}{value}：{expected}", value = .value.as_ref().map(|value| format!(" = `{value}`")).unwrap_or_default())]
pub struct Fault {
    /// Where it was said.
    pub origin: Origin,
    /// Which setting.
    pub key: String,
    /// What was said, unless that is not the matter.
    pub value: Option<String>,
    /// What was expected.
    pub expected: String,
}
