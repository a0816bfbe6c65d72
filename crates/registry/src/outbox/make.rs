//! Creation of messages: the earlier messages are read, the caller decides on the new ones, and both happen in one unit of
//! work, so that concurrent callers never create a message twice.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::json;

use super::{MessageKind, MessageState};
use crate::digest::digest;
use crate::error::RegistryError;
use crate::moment::Moment;
use crate::registry::{Registry, WriteContext};
use crate::statement::placeholders;
use crate::store::{Row, Value, values};
use crate::work::Work;

/// A run as a source of messages for a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRun {
    /// The channel.
    pub channel: String,
    /// Digest of the run's manifest.
    pub run: String,
    /// Its evaluation date.
    pub as_of: String,
}

/// An earlier message, as input for the plan of new ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastMessage {
    /// Its number.
    pub id: i64,
    /// Key for its receiver.
    pub key: String,
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
    /// State.
    pub state: MessageState,
    /// Reason for holding it back or withdrawing it.
    pub reason: String,
    /// Time of its last release.
    pub queued_at: Option<i64>,
    /// End of the last lease; 0 once the sender has recorded the result.
    pub leased_until: i64,
    /// The receiver may have it: the sender died before recording the answer.
    pub maybe_told: bool,
}

/// A message to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
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
    /// Body, as JSON.
    pub body: String,
    /// Reason for holding it back; empty if it may go out.
    pub hold_reason: String,
    /// Earliest time to send.
    pub next_at: i64,
}

/// Changes to the messages of some enterprises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessagePlan {
    /// Messages to be created.
    pub new: Vec<NewMessage>,
    /// Held or withdrawn messages to be released: number, body, earliest time to send.
    pub release: Vec<(i64, String, i64)>,
    /// Held messages with a new reason: number, reason.
    pub hold: Vec<(i64, String)>,
    /// Superseded unsent messages: number, reason.
    pub withdraw: Vec<(i64, String)>,
}

/// Counts of created and changed messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MessageCounts {
    /// Offers to be sent, including released ones.
    pub offers: u64,
    /// Retractions to be sent.
    pub retractions: u64,
    /// New messages held back.
    pub held: u64,
    /// Superseded unsent messages.
    pub withdrawn: u64,
}

impl std::ops::AddAssign for MessageCounts {
    fn add_assign(&mut self, other: Self) {
        self.offers += other.offers;
        self.retractions += other.retractions;
        self.held += other.held;
        self.withdrawn += other.withdrawn;
    }
}

/// The key of a message of a tenant on a channel (idempotency key). The day is not part of it: the same content tomorrow is
/// the same message.
fn key(tenant: &str, channel: &str, new: &NewMessage) -> String {
    digest(&[
        tenant.as_bytes(),
        channel.as_bytes(),
        new.enterprise.as_bytes(),
        new.item.as_bytes(),
        new.item_digest.as_bytes(),
        new.kind.name().as_bytes(),
        new.round.to_string().as_bytes(),
    ])
}

impl Registry {
    /// Begins to make messages of a run. Returns false if the run is superseded: later runs may have led to other messages
    /// since.
    ///
    /// # Errors
    /// When the database fails, or messages were made of a run of a later day.
    pub async fn begin_messages(
        &self,
        act: &WriteContext<'_>,
        run: &MessageRun,
    ) -> Result<bool, RegistryError> {
        let mut work = self.begin_work(act).await?;
        let query = "SELECT run, as_of FROM message_run WHERE tenant = $1 AND channel = $2 ORDER BY made_at";
        let mut before = Vec::new();
        for mut row in work.read(query, values![act.tenant, &run.channel]).await? {
            before.push((row.text(0)?, row.text(1)?));
        }
        if let Some(at) = before.iter().position(|(of, _)| *of == run.run) {
            work.abandon().await?;
            return Ok(at + 1 == before.len());
        }
        let later = before.iter().map(|(_, as_of)| as_of).max().filter(|day| **day > run.as_of).cloned();
        if let Some(later) = later {
            let why = format!("的判定日 {} 早于已制作过消息的 {later}：消息须按判定日的先后制作", run.as_of);
            work.abandon().await?;
            return Err(RegistryError::InvalidState { what: "批次", id: run.run.clone(), why });
        }
        let at = work.at;
        let row = values![act.tenant, &run.channel, &run.run, &run.as_of, at];
        work.insert("message_run", &["tenant", "channel", "run", "as_of", "made_at"], vec![row]).await?;
        work.commit("messages.run", &run.channel, &json!({"run": run.run, "as_of": run.as_of})).await?;
        Ok(true)
    }

    /// Carries out the plan that `decide` returns for these enterprises on the channel of a begun run. Its arguments are
    /// the earlier messages, the pairs of enterprise and item that `payers` (tenants) have recorded as paid, and the
    /// moment.
    ///
    /// # Errors
    /// When the database fails, or another run was begun meanwhile; nothing was made then.
    pub async fn make_messages(
        &self,
        act: &WriteContext<'_>,
        run: &MessageRun,
        enterprises: &[&str],
        payers: &[String],
        decide: impl FnOnce(&[PastMessage], &BTreeSet<(String, String)>, Moment) -> MessagePlan,
    ) -> Result<MessageCounts, RegistryError> {
        let mut work = self.begin_work(act).await?;
        work.check_latest_run(run).await?;
        let past = work.past_messages(&run.channel, enterprises).await?;
        let paid = work.paid(enterprises, payers).await?;
        let plan = decide(&past, &paid, work.at);
        if plan == MessagePlan::default() {
            work.abandon().await?;
            return Ok(MessageCounts::default());
        }
        let made = work.apply_plan(&run.channel, &past, &plan).await?;
        work.commit("messages.make", &run.channel, &json!({"run": run.run, "made": made})).await?;
        Ok(made)
    }
}

impl Work<'_> {
    async fn check_latest_run(&mut self, run: &MessageRun) -> Result<(), RegistryError> {
        let query =
            "SELECT run FROM message_run WHERE tenant = $1 AND channel = $2 ORDER BY made_at DESC LIMIT 1";
        let tenant = self.act.tenant;
        let last = self.read(query, values![tenant, &run.channel]).await?.pop();
        if last.map(|mut row| row.text(0)).transpose()?.as_ref() == Some(&run.run) {
            return Ok(());
        }
        let why = "在制作消息的途中，这个渠道开始了另一批".to_owned();
        Err(RegistryError::InvalidState { what: "批次", id: run.run.clone(), why })
    }

    async fn past_messages(
        &mut self,
        channel: &str,
        enterprises: &[&str],
    ) -> Result<Vec<PastMessage>, RegistryError> {
        let mut given = values![self.act.tenant, channel];
        given.extend(enterprises.iter().map(|id| Value::from(*id)));
        let query = format!(
            "SELECT id, key, enterprise, item, item_digest, kind, round, state, reason, queued_at, leased_until, maybe_told \
             FROM message WHERE tenant = $1 AND channel = $2 AND enterprise IN ({}) ORDER BY id",
            placeholders(3, enterprises.len())
        );
        self.read(query, given).await?.into_iter().map(past).collect()
    }

    /// The pairs of enterprise and item that one of the tenants has recorded as paid.
    async fn paid(
        &mut self,
        enterprises: &[&str],
        payers: &[String],
    ) -> Result<BTreeSet<(String, String)>, RegistryError> {
        let mut given: Vec<Value> = payers.iter().map(Value::from).collect();
        given.extend(enterprises.iter().map(|id| Value::from(*id)));
        let query = format!(
            "SELECT DISTINCT enterprise, item FROM outcome WHERE event = 'paid' AND tenant IN ({}) \
             AND enterprise IN ({})",
            placeholders(1, payers.len()),
            placeholders(payers.len() + 1, enterprises.len())
        );
        let pair = |mut row: Row| Ok((row.text(0)?, row.text(1)?));
        self.read(query, given).await?.into_iter().map(pair).collect()
    }

    async fn apply_plan(
        &mut self,
        channel: &str,
        past: &[PastMessage],
        plan: &MessagePlan,
    ) -> Result<MessageCounts, RegistryError> {
        let (at, tenant) = (self.at, self.act.tenant);
        let mut made = MessageCounts::default();
        let offers = past.iter().filter(|one| one.kind == MessageKind::Offer).map(|one| one.id);
        let offers: BTreeSet<i64> = offers.collect();
        for (id, body, next_at) in &plan.release {
            let sql = "UPDATE message SET state = 'waiting', reason = '', body = $1, attempts = 0, next_at = $2, \
                       queued_at = $3, last_error = '' WHERE id = $4 AND state IN ('held', 'withdrawn')";
            let changed = self.write(sql, values![body, *next_at, at, *id]).await?;
            *(if offers.contains(id) { &mut made.offers } else { &mut made.retractions }) += changed;
        }
        for (id, reason) in &plan.hold {
            let sql = "UPDATE message SET reason = $1, state = 'held' WHERE id = $2 AND state IN ('held', 'withdrawn')";
            self.write(sql, values![reason, *id]).await?;
        }
        for (id, reason) in &plan.withdraw {
            let sql = "UPDATE message SET state = 'withdrawn', reason = $1 WHERE id = $2 \
                       AND state IN ('waiting', 'held', 'dead')";
            made.withdrawn += self.write(sql, values![reason, *id]).await?;
        }
        let next = self.next_id("message").await?;
        let row = |(id, one): (i64, &NewMessage)| {
            let held = !one.hold_reason.is_empty();
            values![
                id,
                &key(tenant, channel, one),
                tenant,
                channel,
                &one.enterprise,
                &one.item,
                &one.item_digest,
                one.kind.name(),
                one.round,
                &one.body,
                if held { MessageState::Held.name() } else { MessageState::Waiting.name() },
                &one.hold_reason,
                0,
                one.next_at,
                "",
                0,
                "",
                at,
                (!held).then_some(at),
                None::<i64>
            ]
        };
        for one in &plan.new {
            let count = match (one.hold_reason.is_empty(), one.kind) {
                (false, _) => &mut made.held,
                (true, MessageKind::Offer) => &mut made.offers,
                (true, MessageKind::Retraction) => &mut made.retractions,
            };
            *count += 1;
        }
        self.insert("message", &NEW, (next..).zip(&plan.new).map(row).collect()).await?;
        Ok(made)
    }
}

/// The columns of a new message.
const NEW: [&str; 20] = [
    "id",
    "key",
    "tenant",
    "channel",
    "enterprise",
    "item",
    "item_digest",
    "kind",
    "round",
    "body",
    "state",
    "reason",
    "attempts",
    "next_at",
    "lease",
    "leased_until",
    "last_error",
    "made_at",
    "queued_at",
    "sent_at",
];

fn past(mut row: Row) -> Result<PastMessage, RegistryError> {
    Ok(PastMessage {
        id: row.integer(0)?,
        key: row.text(1)?,
        enterprise: row.text(2)?,
        item: row.text(3)?,
        item_digest: row.text(4)?,
        kind: MessageKind::read(&mut row, 5)?,
        round: row.integer(6)?,
        state: MessageState::read(&mut row, 7)?,
        reason: row.text(8)?,
        queued_at: row.optional(9)?,
        leased_until: row.integer(10)?,
        maybe_told: row.integer(11)? != 0,
    })
}
