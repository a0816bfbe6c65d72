//! Sending of messages: claimed by one sender at a time, with the result recorded together with the ledger.

use std::collections::BTreeSet;

use serde_json::json;

use super::{COLUMNS, Message, MessageKind, message};
use crate::error::RegistryError;
use crate::ledger::Outcome;
use crate::moment::Moment;
use crate::registry::{Registry, WriteContext};
use crate::statement::placeholders;
use crate::store::{Value, values};
use crate::work::Work;

/// Messages that a sender has claimed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimedMessages {
    /// To be sent; no other sender can claim them until the lease ends.
    pub messages: Vec<Message>,
    /// Number of messages held back instead, because their enterprise opted out meanwhile.
    pub refused: usize,
}

/// Result of an attempt to send a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The receiver has accepted it.
    Sent,
    /// To be retried.
    Retry {
        /// Earliest time.
        at: Moment,
        /// Error.
        error: String,
        /// The receiver may have accepted it nevertheless.
        maybe_told: bool,
    },
    /// Given up.
    Dead {
        /// Error.
        error: String,
        /// The receiver may have accepted it nevertheless.
        maybe_told: bool,
    },
}

/// Counts of recorded attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AttemptCounts {
    /// Messages recorded as sent.
    pub sent: u64,
    /// Messages to be retried.
    pub retried: u64,
    /// Messages given up.
    pub dead: u64,
}

/// Messages claimed together for each one asked for, where enterprises are taken whole.
const MOST_OF_ONE: usize = 50;

impl Registry {
    /// Claims messages of the tenant and channel that are due, at most `limit`, for the sender named `lease` until `until`.
    /// Messages that an enterprise has opted out of since are held back.
    ///
    /// # Errors
    /// When the database fails; nothing was claimed then.
    pub async fn claim_messages(
        &self,
        act: &WriteContext<'_>,
        channel: &str,
        lease: &str,
        until: Moment,
        limit: usize,
    ) -> Result<ClaimedMessages, RegistryError> {
        self.claim(act, (channel, false), lease, until, limit).await
    }

    /// The same, together with all other messages that are due for the same enterprises.
    ///
    /// # Errors
    /// When the database fails; nothing was claimed then.
    pub async fn claim_enterprises(
        &self,
        act: &WriteContext<'_>,
        channel: &str,
        lease: &str,
        until: Moment,
        limit: usize,
    ) -> Result<ClaimedMessages, RegistryError> {
        self.claim(act, (channel, true), lease, until, limit).await
    }

    async fn claim(
        &self,
        act: &WriteContext<'_>,
        (channel, whole): (&str, bool),
        lease: &str,
        until: Moment,
        limit: usize,
    ) -> Result<ClaimedMessages, RegistryError> {
        let due = |what: &str, more: &str, limit: usize| {
            format!(
                "SELECT {what} FROM message WHERE state = 'waiting' AND tenant = $1 AND channel = $2 AND next_at <= $3 \
                 AND leased_until <= $3{more} ORDER BY next_at, id LIMIT {limit}"
            )
        };
        let of = || values![act.tenant, channel, act.at];
        // Most polls find no work, and must not block writers.
        if self.read(due("id", "", 1), of()).await?.is_empty() {
            return Ok(ClaimedMessages::default());
        }
        let mut work = self.begin_work(act).await?;
        let rows = work.read(due(COLUMNS, "", limit), of()).await?;
        let mut found = rows.into_iter().map(message).collect::<Result<Vec<_>, _>>()?;
        if whole && !found.is_empty() {
            let enterprises: BTreeSet<&str> = found.iter().map(|one| one.enterprise.as_str()).collect();
            let more = format!(" AND enterprise IN ({})", placeholders(4, enterprises.len()));
            let mut given = of();
            given.extend(enterprises.iter().map(|id| Value::from(*id)));
            let rows = work.read(due(COLUMNS, &more, limit.saturating_mul(MOST_OF_ONE)), given).await?;
            found = rows.into_iter().map(message).collect::<Result<Vec<_>, _>>()?;
        }
        let refused = work.refusals(&found).await?;
        let is_refused = |one: &Message| {
            let pair = |item: &str| refused.contains(&(one.enterprise.clone(), item.to_owned()));
            pair("") || pair(&one.item)
        };
        let (held, messages): (Vec<Message>, Vec<Message>) = found.into_iter().partition(is_refused);
        for one in &messages {
            // A previous sender without a recorded result may have sent it.
            let sql = "UPDATE message SET maybe_told = CASE WHEN leased_until <> 0 THEN 1 ELSE maybe_told END, \
                       lease = $1, leased_until = $2 WHERE id = $3";
            work.write(sql, values![lease, until, one.id]).await?;
        }
        for one in &held {
            let sql = "UPDATE message SET state = 'held', reason = 'refused' WHERE id = $1";
            work.write(sql, values![one.id]).await?;
        }
        if held.is_empty() {
            work.commit_lease(channel).await?;
        } else {
            work.commit("messages.hold", channel, &json!({"refused": held.len()})).await?;
        }
        Ok(ClaimedMessages { messages, refused: held.len() })
    }

    /// Records the results of attempts of the sender named `lease`. Sent messages are recorded in the ledger by the same
    /// unit of work, so that neither exists without the other. A failed attempt counts only while its sender holds the
    /// lease.
    ///
    /// # Errors
    /// When the database fails; nothing was recorded then.
    pub async fn record_attempts(
        &self,
        act: &WriteContext<'_>,
        channel: &str,
        lease: &str,
        attempts: &[(Message, Attempt)],
    ) -> Result<AttemptCounts, RegistryError> {
        if attempts.is_empty() {
            return Ok(AttemptCounts::default());
        }
        let mut work = self.begin_work(act).await?;
        let mut settled = AttemptCounts::default();
        let mut offers = Vec::new();
        for (one, attempt) in attempts {
            if *attempt == Attempt::Sent {
                let changed = work.mark_sent(one).await?;
                settled.sent += changed;
                if changed > 0 && one.kind == MessageKind::Offer {
                    offers.push(pushed(one, work.at));
                }
            } else {
                let changed = work.mark_failed(one, attempt, lease).await?;
                let dead = matches!(attempt, Attempt::Dead { .. });
                *(if dead { &mut settled.dead } else { &mut settled.retried }) += changed;
            }
        }
        if settled == AttemptCounts::default() {
            work.abandon().await?;
            return Ok(settled);
        }
        work.write_outcomes(&offers).await?;
        let detail = json!({"sent": settled.sent, "again": settled.retried, "dead": settled.dead});
        work.commit("messages.send", channel, &detail).await?;
        Ok(settled)
    }

    /// Frees messages that the sender named `lease` has claimed and not sent, for any sender. Those that have lost the lease stay as
    /// they are.
    ///
    /// # Errors
    /// When the database fails; none was freed then.
    pub async fn release_messages(
        &self,
        act: &WriteContext<'_>,
        channel: &str,
        lease: &str,
        messages: &[Message],
    ) -> Result<(), RegistryError> {
        let mut work = self.begin_work(act).await?;
        for one in messages {
            let sql = "UPDATE message SET lease = '', leased_until = 0 WHERE id = $1 AND state = 'waiting' AND lease = $2";
            work.write(sql, values![one.id, lease]).await?;
        }
        work.commit_lease(channel).await
    }

    /// Records in the audit that sending on a channel was suspended because its receiver failed with `error`, or that it goes on
    /// (`None`).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record_circuit(
        &self,
        act: &WriteContext<'_>,
        channel: &str,
        error: Option<&str>,
    ) -> Result<(), RegistryError> {
        let work = self.begin_work(act).await?;
        match error {
            Some(error) => work.commit("channel.suspend", channel, &json!({"error": error})).await,
            None => work.commit("channel.resume", channel, &serde_json::Value::Null).await,
        }
    }

    /// Number of messages that wait on a channel of a tenant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn waiting_messages(&self, tenant: &str, channel: &str) -> Result<i64, RegistryError> {
        let query = "SELECT COUNT(*) FROM message WHERE state = 'waiting' AND tenant = $1 AND channel = $2";
        let rows = self.read(query, values![tenant, channel]).await?.pop();
        rows.map_or(Ok(0), |row| row.integer(0))
    }

    /// Retries messages that were given up: those with these numbers, or all of the tenant for `None`; of all tenants for
    /// the empty one. Returns their number.
    ///
    /// # Errors
    /// When the database fails, or one of them is absent or was not given up; nothing was done then.
    pub async fn retry_messages(
        &self,
        act: &WriteContext<'_>,
        ids: Option<&[i64]>,
    ) -> Result<u64, RegistryError> {
        let mut work = self.begin_work(act).await?;
        let (at, tenant) = (work.at, act.tenant);
        let sql = "UPDATE message SET state = 'waiting', attempts = 0, next_at = $1, queued_at = $1, leased_until = 0 \
                   WHERE state = 'dead' AND ($2 = '' OR tenant = $2)";
        let mut count = 0;
        match ids {
            None => count = work.write(sql, values![at, tenant]).await?,
            Some(ids) => {
                for id in ids {
                    if work.write(format!("{sql} AND id = $3"), values![at, tenant, *id]).await? == 0 {
                        let error = work.cannot_retry(*id).await?;
                        work.abandon().await?;
                        return Err(error);
                    }
                    count += 1;
                }
            }
        }
        if count == 0 {
            work.abandon().await?;
            return Ok(0);
        }
        work.commit("messages.retry", "", &json!({"messages": count})).await?;
        Ok(count)
    }
}

/// The ledger event for a sent offer. The message is part of it: an item offered again is a second event.
fn pushed(one: &Message, at: Moment) -> Outcome {
    Outcome {
        enterprise: one.enterprise.clone(),
        item: one.item.clone(),
        item_digest: one.item_digest.clone(),
        event: "pushed".to_owned(),
        at: at.0,
        detail: json!({"channel": one.channel, "message": one.key}).to_string(),
    }
}

impl Work<'_> {
    /// Enterprise and item of every opt-out of these enterprises, recorded by any tenant; an empty item means all items.
    async fn refusals(&mut self, messages: &[Message]) -> Result<BTreeSet<(String, String)>, RegistryError> {
        if messages.is_empty() {
            return Ok(BTreeSet::new());
        }
        let query = format!(
            "SELECT enterprise, item FROM opt_out WHERE withdrawn_at IS NULL AND enterprise IN ({})",
            placeholders(1, messages.len())
        );
        let of = messages.iter().map(|one| Value::from(&one.enterprise)).collect();
        self.read(query, of).await?.into_iter().map(|mut row| Ok((row.text(0)?, row.text(1)?))).collect()
    }

    /// Records a message as sent, even without the lease: it was delivered, also if it was withdrawn while in flight. A
    /// message already recorded stays unchanged.
    async fn mark_sent(&mut self, one: &Message) -> Result<u64, RegistryError> {
        let at = self.at;
        let sql = "UPDATE message SET state = 'sent', reason = '', sent_at = $1, attempts = attempts + 1, lease = '', \
                   leased_until = 0, last_error = '' WHERE id = $2 AND state <> 'sent'";
        self.write(sql, values![at, one.id]).await
    }

    async fn mark_failed(
        &mut self,
        one: &Message,
        attempt: &Attempt,
        lease: &str,
    ) -> Result<u64, RegistryError> {
        let (state, at, error, maybe_told) = match attempt {
            Attempt::Retry { at, error, maybe_told } => ("waiting", *at, error.as_str(), *maybe_told),
            Attempt::Dead { error, maybe_told } => ("dead", self.at, error.as_str(), *maybe_told),
            Attempt::Sent => return Ok(0),
        };
        let sql = "UPDATE message SET state = $1, next_at = $2, last_error = $3, attempts = attempts + 1, lease = '', \
                   leased_until = 0, maybe_told = CASE WHEN $4 = 1 THEN 1 ELSE maybe_told END \
                   WHERE id = $5 AND state = 'waiting' AND lease = $6";
        self.write(sql, values![state, at, error, i64::from(maybe_told), one.id, lease]).await
    }

    async fn cannot_retry(&mut self, id: i64) -> Result<RegistryError, RegistryError> {
        let tenant = self.act.tenant;
        let query = "SELECT state FROM message WHERE id = $1 AND ($2 = '' OR tenant = $2)";
        let Some(mut row) = self.read(query, values![id, tenant]).await?.pop() else {
            return Ok(RegistryError::NotFound { what: "消息", id: id.to_string() });
        };
        let why = format!("的状态是 {}，只有 dead 的可以重发", row.text(0)?);
        Ok(RegistryError::InvalidState { what: "消息", id: id.to_string(), why })
    }
}
