//! Outbox: messages to be sent per channel, sent, or held back with a reason.
//!
//! A message is created once, however often its run is repeated, because its key depends on its content and not on the
//! time. It is delivered at least once: a sender takes a lease first, and if it dies between sending and recording the
//! result, the message is sent again under the same key. The content and the time of messages are decided elsewhere.

mod make;
mod send;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::error::RegistryError;
use crate::moment::Moment;
use crate::registry::Registry;
use crate::store::{Row, Value, values};

pub use make::{MessageCounts, MessagePlan, MessageRun, NewMessage, PastMessage};
pub use send::{Attempt, AttemptCounts, ClaimedMessages};

/// Kind of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Offers an item to the enterprise.
    Offer,
    /// Retracts an earlier offer.
    Retraction,
}

/// State of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// To be sent.
    Waiting,
    /// Accepted by its receiver.
    Sent,
    /// Given up: refused by its receiver, or out of attempts.
    Dead,
    /// Superseded before it was sent.
    Withdrawn,
    /// Held back; reconsidered in the next run.
    Held,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Its number.
    pub id: i64,
    /// Key for its receiver.
    pub key: String,
    /// Tenant; empty for the operator.
    pub tenant: String,
    /// Channel.
    pub channel: String,
    /// Enterprise.
    pub enterprise: String,
    /// Item.
    pub item: String,
    /// Digest of the item's revision.
    pub item_digest: String,
    /// Kind.
    pub kind: MessageKind,
    /// Number of retractions of the same pair before it.
    pub round: i64,
    /// Body, as JSON; empty if it was deleted.
    pub body: String,
    /// State.
    pub state: MessageState,
    /// Reason for holding it back or withdrawing it; empty otherwise.
    pub reason: String,
    /// Number of attempts since its last release.
    pub attempts: i64,
    /// The receiver may have it: its sender died before recording the result, or no answer arrived.
    pub maybe_told: bool,
    /// Earliest time to send, in milliseconds since 1970, UTC.
    pub next_at: i64,
    /// End of the current lease; 0 without one.
    pub leased_until: i64,
    /// Error of the last attempt, if it failed.
    pub last_error: String,
    /// Time of creation.
    pub made_at: i64,
    /// Time of its last release.
    pub queued_at: Option<i64>,
    /// Time of acceptance by its receiver.
    pub sent_at: Option<i64>,
}

/// Filter of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// Tenant; the empty one is the operator, and `None` matches all.
    pub tenant: Option<String>,
    /// State; `None` matches any.
    pub state: Option<MessageState>,
    /// Channel; `None` matches any.
    pub channel: Option<String>,
    /// Only messages with a greater number.
    pub after: i64,
    /// Maximum number.
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
        found.ok_or(RegistryError::UnexpectedValue { column, expected: "a kind of message", found: name })
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

    /// Finds a state by name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    fn read(row: &mut Row, column: usize) -> Result<Self, RegistryError> {
        let name = row.text(column)?;
        Self::from_name(&name).ok_or(RegistryError::UnexpectedValue {
            column,
            expected: "a state of a message",
            found: name,
        })
    }
}

/// Columns of the query for [`message`].
const COLUMNS: &str = "id, key, tenant, channel, enterprise, item, item_digest, kind, round, body, state, reason, \
                       attempts, next_at, leased_until, last_error, made_at, queued_at, sent_at, maybe_told";

impl Registry {
    /// Finds a message of a tenant by number or key; the empty tenant is the operator, and `None` searches all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn message(&self, tenant: Option<&str>, id: &str) -> Result<Option<Message>, RegistryError> {
        let query =
            format!("SELECT {COLUMNS} FROM message WHERE (id = $1 OR key = $2) AND ($4 = 1 OR tenant = $3)");
        let (all, tenant) = (i64::from(tenant.is_none()), tenant.unwrap_or_default());
        // Numbers begin at 1, so 0 for a text that is no number finds nothing.
        let number = id.parse().unwrap_or(0_i64);
        self.read(query, values![number, id, tenant, all]).await?.pop().map(message).transpose()
    }

    /// Messages in order of number.
    ///
    /// # Errors
    /// When the database fails.
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

    /// Number of messages of a tenant in each state; of all tenants for `None`.
    ///
    /// # Errors
    /// When the database fails.
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

    /// Release time of the tenant's waiting message that was released first, in milliseconds since 1970, UTC; `None` as
    /// tenant covers all, and the result is `None` if none is waiting.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn oldest_unsent(&self, tenant: Option<&str>) -> Result<Option<i64>, RegistryError> {
        let query = "SELECT MIN(queued_at) FROM message WHERE state = 'waiting' AND ($2 = 1 OR tenant = $1)";
        let of = values![tenant.unwrap_or_default(), i64::from(tenant.is_none())];
        self.read(query, of).await?.first().map_or(Ok(None), |row| row.optional(0))
    }

    /// Time at which the next message of a tenant and channel can be claimed; `None` if none is waiting.
    ///
    /// # Errors
    /// When the database fails.
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
