//! Messages on their way out of the house: what is to be told on which channel, what was told, what is held back and why.
//!
//! A message is made once, however often its run is taken up, because its key says what it is about and not when it was
//! made. It is sent at least once: whoever sends it takes a lease first, and one who dies between sending and noting it
//! leaves a message that is sent again under the same key. What is told and when is decided elsewhere.

mod make;
mod send;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::RegistryError;
use crate::moment::Moment;
use crate::registry::Registry;
use crate::store::{Row, Value, values};

pub use make::{MessageCounts, MessagePlan, MessageRun, NewMessage, PastMessage};
pub use send::{Attempt, ClaimedMessages, SettledCounts};

/// What a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// There is an item for this enterprise.
    Offer,
    /// What an earlier message offered no longer holds.
    Retraction,
}

/// Where a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// To be sent.
    Waiting,
    /// Taken by its receiver.
    Sent,
    /// Given up: refused by its receiver, or tried too often.
    Dead,
    /// Overtaken before it was sent.
    Withdrawn,
    /// Held back; looked at again with the next run.
    Held,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Its number.
    pub id: i64,
    /// What its receiver knows it by.
    pub key: String,
    /// Whose it is; empty for who runs the program.
    pub tenant: String,
    /// The channel that it goes out on.
    pub channel: String,
    /// Whom it is for.
    pub enterprise: String,
    /// Which item it is about.
    pub item: String,
    /// Which revision of it, by its digest.
    pub item_digest: String,
    /// What it says.
    pub kind: MessageKind,
    /// How many retractions of the same pair came before it.
    pub round: i64,
    /// What is sent, as JSON; empty where it was deleted.
    pub body: String,
    /// Where it is.
    pub state: MessageState,
    /// Why it is held back or withdrawn; empty otherwise.
    pub reason: String,
    /// How often sending it was tried since it was last let through.
    pub attempts: i64,
    /// It may have been taken although nobody noted it: its sender died, or no answer came.
    pub maybe_told: bool,
    /// Not to be sent before this moment, in milliseconds since 1970, UTC.
    pub next_at: i64,
    /// Somebody is sending it until this moment at most; 0 where nobody is.
    pub leased_until: i64,
    /// What came of the last attempt, where that failed.
    pub last_error: String,
    /// When it was made.
    pub made_at: i64,
    /// When it was last let through to be sent.
    pub queued_at: Option<i64>,
    /// When its receiver had taken it.
    pub sent_at: Option<i64>,
}

/// Which messages are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Whose, where the empty tenant is the operator's own; those of everybody where it is not given.
    pub tenant: Option<String>,
    /// In which state; in any where there is none.
    pub state: Option<MessageState>,
    /// On which channel; on any where there is none.
    pub channel: Option<String>,
    /// Only those with a greater number.
    pub after: i64,
    /// At most so many.
    pub limit: usize,
}

const KINDS: [MessageKind; 2] = [MessageKind::Offer, MessageKind::Retraction];

impl MessageKind {
    /// Its name in the records and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Offer => "offer",
            Self::Retraction => "retraction",
        }
    }

    fn read(row: &mut Row, column: usize) -> Result<Self, RegistryError> {
        let name = row.text(column)?;
        let found = KINDS.into_iter().find(|kind| kind.name() == name);
        found.ok_or(RegistryError::Shape { column, expected: "a kind of message", found: name })
    }
}

impl MessageState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Sent, Self::Dead, Self::Withdrawn, Self::Held];

    /// Its name in the records and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Dead => "dead",
            Self::Withdrawn => "withdrawn",
            Self::Held => "held",
        }
    }

    /// The state of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    fn read(row: &mut Row, column: usize) -> Result<Self, RegistryError> {
        let name = row.text(column)?;
        Self::named(&name).ok_or(RegistryError::Shape {
            column,
            expected: "a state of a message",
            found: name,
        })
    }
}

/// What [`message`] reads.
const COLUMNS: &str = "id, key, tenant, channel, enterprise, item, item_digest, kind, round, body, state, reason, \
                       attempts, next_at, leased_until, last_error, made_at, queued_at, sent_at, maybe_told";

impl Registry {
    /// The message with this number or key among a tenant's, where the empty one is the operator's own; among all where none
    /// is given.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn message(&self, tenant: Option<&str>, id: &str) -> Result<Option<Message>, RegistryError> {
        let query =
            format!("SELECT {COLUMNS} FROM message WHERE (id = $1 OR key = $2) AND ($4 = 1 OR tenant = $3)");
        let (all, tenant) = (i64::from(tenant.is_none()), tenant.unwrap_or_default());
        // Numbers begin at 1, so one that is none finds nothing.
        let number = id.parse().unwrap_or(0_i64);
        self.read(query, values![number, id, tenant, all]).await?.pop().map(message).transpose()
    }

    /// Messages in order of number.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn messages(&self, filter: &MessageFilter) -> Result<Vec<Message>, RegistryError> {
        let (mut given, mut more) = (values![filter.after], String::new());
        let mut only = |column: &str, value: &str| {
            given.push(Value::from(value));
            more.push_str(&format!(" AND {column} = ${}", given.len()));
        };
        if let Some(tenant) = &filter.tenant {
            only("tenant", tenant);
        }
        if let Some(state) = filter.state {
            only("state", state.name());
        }
        if let Some(channel) = &filter.channel {
            only("channel", channel);
        }
        let query =
            format!("SELECT {COLUMNS} FROM message WHERE id > $1{more} ORDER BY id LIMIT {}", filter.limit);
        self.read(query, given).await?.into_iter().map(message).collect()
    }

    /// How many messages of a tenant there are in each state; of everybody where none is given.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn message_counts(
        &self,
        tenant: Option<&str>,
    ) -> Result<BTreeMap<MessageState, i64>, RegistryError> {
        let mut counts: BTreeMap<_, _> = MessageState::ALL.into_iter().map(|state| (state, 0)).collect();
        let query = "SELECT state, COUNT(*) FROM message WHERE $2 = 1 OR tenant = $1 GROUP BY state";
        let of = values![tenant.unwrap_or_default(), i64::from(tenant.is_none())];
        for mut row in self.read(query, of).await? {
            counts.insert(MessageState::read(&mut row, 0)?, row.integer(1)?);
        }
        Ok(counts)
    }

    /// Since when the message of a tenant that waits longest was to be sent, in milliseconds since 1970, UTC; of anybody for
    /// no tenant, `None` where none waits.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn oldest_unsent(&self, tenant: Option<&str>) -> Result<Option<i64>, RegistryError> {
        let query = "SELECT MIN(queued_at) FROM message WHERE state = 'waiting' AND ($2 = 1 OR tenant = $1)";
        let of = values![tenant.unwrap_or_default(), i64::from(tenant.is_none())];
        self.read(query, of).await?.first().map_or(Ok(None), |row| row.optional(0))
    }

    /// When the next message of a tenant and channel may be taken; `None` where none waits.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn next_due(&self, tenant: &str, channel: &str) -> Result<Option<Moment>, RegistryError> {
        let query = "SELECT MIN(CASE WHEN leased_until > next_at THEN leased_until ELSE next_at END) FROM message \
                     WHERE state = 'waiting' AND tenant = $1 AND channel = $2";
        let rows = self.read(query, values![tenant, channel]).await?;
        Ok(rows.first().map_or(Ok(None), |row| row.optional(0))?.map(Moment))
    }
}

fn message(mut row: Row) -> Result<Message, RegistryError> {
    Ok(Message {
        id: row.integer(0)?,
        key: row.text(1)?,
        tenant: row.text(2)?,
        channel: row.text(3)?,
        enterprise: row.text(4)?,
        item: row.text(5)?,
        item_digest: row.text(6)?,
        kind: MessageKind::read(&mut row, 7)?,
        round: row.integer(8)?,
        body: row.text(9)?,
        state: MessageState::read(&mut row, 10)?,
        reason: row.text(11)?,
        attempts: row.integer(12)?,
        next_at: row.integer(13)?,
        leased_until: row.integer(14)?,
        last_error: row.text(15)?,
        made_at: row.integer(16)?,
        queued_at: row.optional(17)?,
        sent_at: row.optional(18)?,
        maybe_told: row.integer(19)? != 0,
    })
}

/// Places for so many values, from the one after `before` on: `$4, $5, $6`.
fn places(before: usize, count: usize) -> String {
    let marks: Vec<String> = (before + 1..=before + count).map(|at| format!("${at}")).collect();
    marks.join(", ")
}
