//! Channels (渠道): destinations of messages, read from a data file. A channel has one receiver and one tenant.
//!
//! Secrets are in files of their own. None is ever shown, logged or named in an error, and an address may contain none.

mod read;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use zhaoren_registry::Moment;

/// Usable channels.
#[derive(Clone, Debug, Default)]
pub struct Channels {
    /// In the order of the file.
    pub all: Vec<Channel>,
}

/// A channel.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// Tenant whose messages it carries; empty for the operator.
    pub tenant: String,
    /// Address of the POST requests.
    pub url: String,
    /// Signing keys. Several during a key rotation.
    pub secrets: Vec<Secret>,
    /// Cap on offers per enterprise.
    pub cap: Option<Cap>,
    /// Time of day without sending.
    pub quiet: Option<QuietHours>,
    /// Number of attempts before a message is given up.
    pub attempts: u32,
    /// Upper bound of the wait after the first failure; it doubles with each further one.
    pub backoff: Duration,
    /// Upper bound of the wait between two attempts.
    pub max_backoff: Duration,
    /// Timeout of a request.
    pub timeout: Duration,
    /// Most concurrent requests.
    pub concurrency: usize,
    /// One request for each enterprise with all that is due, in place of one for each message.
    pub merge: bool,
    /// Offers of undetermined items too; otherwise only of those for which an enterprise is eligible.
    pub undetermined: bool,
    /// The only trusted certificate authorities, in place of the system's: file and text (PEM).
    pub ca_bundle: Option<(PathBuf, Vec<u8>)>,
}

/// A signing key.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Bytes of the key.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Cap on offers to one enterprise within a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// Number of offers.
    pub offers: usize,
    /// Length of the period in days of 24 hours.
    pub days: u32,
}

/// A period of every day, in China time, without sending. It may span midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// First minute of the day within the period.
    pub from: u32,
    /// First minute of the day after the period.
    pub until: u32,
}

const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;
const CHINA: i64 = 8 * 60 * MINUTE;

impl QuietHours {
    /// End of the quiet period that contains `now`; `now` itself outside of it.
    pub fn next_open(self, now: Moment) -> Moment {
        let (from, until) = (i64::from(self.from) * MINUTE, i64::from(self.until) * MINUTE);
        let of_day = (now.0 + CHINA).rem_euclid(DAY);
        let since = (of_day - from).rem_euclid(DAY);
        let length = (until - from).rem_euclid(DAY);
        if since < length { Moment(now.0 + length - since) } else { now }
    }
}

impl Channel {
    /// Earliest time to send, not before `now`.
    pub fn earliest_send(&self, now: Moment) -> Moment {
        self.quiet.map_or(now, |quiet| quiet.next_open(now))
    }

    /// Wait after this number of failed attempts: a random part, `chance` of 2³², of a span that doubles each time, so that
    /// messages that failed together are not retried together (exponential backoff with full jitter).
    pub fn retry_delay(&self, attempts: u32, chance: u32) -> Duration {
        let doubled = 1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        let span = self.backoff.saturating_mul(doubled).min(self.max_backoff);
        let millis = u128::from(chance) * span.as_millis() / u128::from(u32::MAX);
        Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
    }
}

impl Channels {
    /// Reads a channel file and the files it names, which are resolved relative to it.
    ///
    /// # Errors
    /// Every fault, with file and line.
    pub fn open(path: &Path) -> Result<Self, Vec<ChannelFault>> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let expected = format!("读不了：{error}");
            vec![ChannelFault { path: path.to_owned(), line: 1, key: "文件".to_owned(), expected }]
        })?;
        read::read(path, &text)
    }

    /// Finds a channel by name.
    pub fn find(&self, name: &str) -> Option<&Channel> {
        self.all.iter().find(|channel| channel.name == name)
    }

    /// Names of all channels, for the error on a misspelt one.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.all.iter().map(|channel| channel.name.as_str()).collect();
        names.join("、")
    }
}

/// A fault of a channel file. The faulty value is not repeated: it may be a misplaced secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}：{key}：{expected}", path.display())]
pub struct ChannelFault {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// Path of the faulty key: `channel.portal.url`.
    pub key: String,
    /// Expected value.
    pub expected: String,
}
