//! Channels (渠道): where messages go out, as a file of data says. A channel has one receiver and one tenant.
//!
//! Secrets stand in files of their own. None is ever shown, logged or named in an error, and none may stand in an address.

mod read;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use zhaoren_registry::Moment;

/// Channels that can be used.
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
    /// Whose messages go there; empty for who runs the program.
    pub tenant: String,
    /// Where they are posted to.
    pub url: String,
    /// What they are signed with. Several while one is exchanged for another.
    pub secrets: Vec<Secret>,
    /// How many offers an enterprise gets at most, within how many days.
    pub cap: Option<Cap>,
    /// When nothing is sent.
    pub quiet: Option<Quiet>,
    /// How often sending is tried before a message is given up.
    pub attempts: u32,
    /// How long after the first failure it is tried again, at most; twice as long after each further one.
    pub backoff: Duration,
    /// How long it waits at the longest between two attempts.
    pub longest: Duration,
    /// How long the receiver may take.
    pub timeout: Duration,
    /// How many are sent at the same time.
    pub concurrency: usize,
    /// The only authorities whose certificates are trusted, in place of the system's: the file, and its text (PEM).
    pub authorities: Option<(PathBuf, Vec<u8>)>,
}

/// A key of signatures.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Its bytes, for signing.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// At most so many offers an enterprise in so many days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// How many.
    pub offers: usize,
    /// In how many days, of 24 hours each.
    pub days: u32,
}

/// A part of every day, by China time, in which nothing is sent. It may go over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quiet {
    /// From this minute of the day on.
    pub from: u32,
    /// Before this minute of the day.
    pub until: u32,
}

const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;
const CHINA: i64 = 8 * 60 * MINUTE;

impl Quiet {
    /// When messages may go out again, where it is quiet at `now`; `now` itself where it is not.
    pub fn over(self, now: Moment) -> Moment {
        let (from, until) = (i64::from(self.from) * MINUTE, i64::from(self.until) * MINUTE);
        let of_day = (now.0 + CHINA).rem_euclid(DAY);
        let since = (of_day - from).rem_euclid(DAY);
        let length = (until - from).rem_euclid(DAY);
        if since < length { Moment(now.0 + length - since) } else { now }
    }
}

impl Channel {
    /// When messages may go out, at `now` at the earliest.
    pub fn open_at(&self, now: Moment) -> Moment {
        self.quiet.map_or(now, |quiet| quiet.over(now))
    }

    /// How long to wait after so many failed attempts: a random part, `chance` of 2³², of a span that doubles each time. So
    /// what failed together is not tried again together.
    pub fn wait_after(&self, attempts: u32, chance: u32) -> Duration {
        let doubled = 1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        let span = self.backoff.saturating_mul(doubled).min(self.longest);
        let millis = u128::from(chance) * span.as_millis() / u128::from(u32::MAX);
        Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
    }
}

impl Channels {
    /// Reads a file of channels and the files that it names, which are looked for beside it.
    ///
    /// # Errors
    /// Everything that is wrong, with file and line.
    pub fn open(path: &Path) -> Result<Self, Vec<ChannelFault>> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            let expected = format!("读不了：{error}");
            vec![ChannelFault { path: path.to_owned(), line: 1, key: "文件".to_owned(), expected }]
        })?;
        read::read(path, &text)
    }

    /// The channel of this name.
    pub fn named(&self, name: &str) -> Option<&Channel> {
        self.all.iter().find(|channel| channel.name == name)
    }

    /// The names of all, for those who misspell one.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.all.iter().map(|channel| channel.name.as_str()).collect();
        names.join("、")
    }
}

/// One thing wrong with a file of channels. What was written there is not repeated: it may be a secret in the wrong place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}：{key}：{expected}", path.display())]
pub struct ChannelFault {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong: `channel.portal.url`.
    pub key: String,
    /// What was expected.
    pub expected: String,
}
