//! Messages: created from finished runs, filtered by the gates of their channel, delivered by the courier, and inspected.
//!
//! `plan` decides which rows of a run become messages; it performs no I/O and reads no clock. Delivery to the receiver is
//! the courier's part.

mod parcel;
mod plan;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value as Json;
use zhaoren_registry::{
    Attempt, AttemptCounts, ClaimedMessages, Message, MessageCounts, MessageFilter, MessageRun, MessageState,
    Moment, WriteContext,
};

use crate::Date;
use crate::channels::Channel;
use crate::error::EngineError;
use crate::keys::random;
use crate::records::Records;
use crate::written::json_value;
pub use parcel::{Parcel, parcels};
use plan::{PlanContext, plan};
pub use run::{ListedRow, MessageSource};

/// Number of enterprises per transaction.
const ENTERPRISES_PER_TRANSACTION: usize = 1_000;

/// Builder of messages from the rows of a run, which come in order of enterprise.
#[derive(Debug)]
pub struct MessageBuilder<'a> {
    records: &'a Records,
    act: WriteContext<'a>,
    channel: &'a Channel,
    run: &'a MessageSource,
    message_run: MessageRun,
    refused: BTreeSet<(String, String)>,
    payers: Vec<String>,
    rows: Vec<ListedRow>,
    enterprises: usize,
    counts: MessageCounts,
}

/// Number of messages, and the due time of the message that waits longest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageStats {
    /// Count by state.
    pub counts: BTreeMap<MessageState, i64>,
    /// Due time of the unsent message that waits longest.
    pub oldest_unsent: Option<Moment>,
}

impl Records {
    /// Begins to make messages of a finished run for a channel; `None` if the run is superseded: messages of another run
    /// were made since.
    ///
    /// # Errors
    /// When the records cannot be written, there is no such tenant, or messages were made of a run of a later day.
    pub fn begin_messages<'a>(
        &'a self,
        act: &WriteContext<'a>,
        channel: &'a Channel,
        run: &'a MessageSource,
    ) -> Result<Option<MessageBuilder<'a>>, EngineError> {
        // The channel determines the tenant, so that messages of one tenant never go out on the channel of another.
        let act = WriteContext { tenant: &channel.tenant, ..*act };
        let mut payers = self.block_on(self.registry.lineage(&channel.tenant))?;
        payers.push(String::new());
        let message_run = MessageRun {
            channel: channel.name.clone(),
            run: run.digest.clone(),
            as_of: run.as_of.to_string(),
        };
        if !self.block_on(self.registry.begin_messages(&act, &message_run))? {
            return Ok(None);
        }
        let refused = self.all_opt_outs()?.into_iter().map(|one| (one.enterprise, one.item)).collect();
        let (rows, counts) = (Vec::new(), MessageCounts::default());
        Ok(Some(MessageBuilder {
            records: self,
            act,
            channel,
            run,
            message_run,
            refused,
            payers,
            rows,
            enterprises: 0,
            counts,
        }))
    }

    /// Claims messages of a channel that are due at the moment of `act`, at most `limit`, for the sender named `lease`. No
    /// other sender can claim them for `length`.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn claim_messages(
        &self,
        act: &WriteContext<'_>,
        channel: &Channel,
        lease: &str,
        length: Duration,
        limit: usize,
    ) -> Result<ClaimedMessages, EngineError> {
        let act = WriteContext { tenant: &channel.tenant, ..*act };
        let until = Moment(act.at.0.saturating_add(millis(length)));
        if channel.merge {
            return self.block_on(self.registry.claim_enterprises(&act, &channel.name, lease, until, limit));
        }
        self.block_on(self.registry.claim_messages(&act, &channel.name, lease, until, limit))
    }

    /// Records the results of attempts of the sender named `lease`, and the deliveries in the ledger.
    ///
    /// # Errors
    /// When the records cannot be written; nothing was recorded then.
    pub fn record_attempts(
        &self,
        act: &WriteContext<'_>,
        channel: &Channel,
        lease: &str,
        attempts: &[(Message, Attempt)],
    ) -> Result<AttemptCounts, EngineError> {
        let act = WriteContext { tenant: &channel.tenant, ..*act };
        self.block_on(self.registry.record_attempts(&act, &channel.name, lease, attempts))
    }

    /// Frees messages that the sender named `lease` has claimed and not sent.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn release_messages(
        &self,
        act: &WriteContext<'_>,
        channel: &Channel,
        lease: &str,
        messages: &[Message],
    ) -> Result<(), EngineError> {
        let act = WriteContext { tenant: &channel.tenant, ..*act };
        self.block_on(self.registry.release_messages(&act, &channel.name, lease, messages))
    }

    /// Records that sending on a channel was suspended because of `error`, or that it goes on (`None`).
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn record_circuit(
        &self,
        act: &WriteContext<'_>,
        channel: &Channel,
        error: Option<&str>,
    ) -> Result<(), EngineError> {
        let act = WriteContext { tenant: &channel.tenant, ..*act };
        self.block_on(self.registry.record_circuit(&act, &channel.name, error))
    }

    /// Number of messages that wait on a channel of a tenant.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn waiting_messages(&self, tenant: &str, channel: &str) -> Result<i64, EngineError> {
        self.block_on(self.registry.waiting_messages(tenant, channel))
    }

    /// A random part of 2³², for pauses that should differ.
    ///
    /// # Errors
    /// When the system supplies no random numbers.
    pub fn chance() -> Result<u32, EngineError> {
        let mut chance = [0; 4];
        getrandom::fill(&mut chance).map_err(|error| EngineError::Random(error.to_string()))?;
        Ok(u32::from_le_bytes(chance))
    }

    /// A unique name for a sender.
    ///
    /// # Errors
    /// When the system supplies no random numbers.
    pub fn new_lease() -> Result<String, EngineError> {
        random(8)
    }

    /// Time at which the next message of a channel becomes due or a lease ends; `None` if no message is waiting.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn next_due(&self, channel: &Channel) -> Result<Option<Moment>, EngineError> {
        self.block_on(self.registry.next_due(&channel.tenant, &channel.name))
    }

    /// Decides on the next attempt after a failure at `now`. `requested_wait` is the wait that the receiver requested, which is
    /// honoured up to a day; `maybe_told` is true if the receiver may have accepted the message nevertheless.
    ///
    /// # Errors
    /// When the system supplies no random numbers.
    pub fn after_failure(
        channel: &Channel,
        message: &Message,
        error: String,
        requested_wait: Option<Duration>,
        maybe_told: bool,
        now: Moment,
    ) -> Result<Attempt, EngineError> {
        const DAY: Duration = Duration::from_secs(86_400);
        let failed = u32::try_from(message.attempts).unwrap_or(u32::MAX).saturating_add(1);
        if failed >= channel.attempts {
            return Ok(Attempt::Dead { error, maybe_told });
        }
        let wait = channel.retry_delay(failed, Self::chance()?);
        let wait = wait.max(requested_wait.unwrap_or_default().min(DAY));
        Ok(Attempt::Retry {
            at: channel.earliest_send(Moment(now.0.saturating_add(millis(wait)))),
            error,
            maybe_told,
        })
    }

    /// Retries messages that were given up: those with these numbers, or all for `None`. A caller of a tenant reaches only
    /// its own. Returns their number.
    ///
    /// # Errors
    /// When the records cannot be written, or one of them is absent or was not given up; nothing was done then.
    pub fn retry_messages(&self, act: &WriteContext<'_>, ids: Option<&[i64]>) -> Result<u64, EngineError> {
        self.block_on(self.registry.retry_messages(act, ids))
    }

    /// Finds a message of a tenant by number or key; the empty tenant is the operator, and `None` searches all.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn message(&self, tenant: Option<&str>, id: &str) -> Result<Option<Message>, EngineError> {
        self.block_on(self.registry.message(tenant, id))
    }

    /// Messages in order of number.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn messages(&self, filter: &MessageFilter) -> Result<Vec<Message>, EngineError> {
        self.block_on(self.registry.messages(filter))
    }

    /// Message counts of a tenant, and the due time of the message that waits longest; of all tenants for `None`.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn message_stats(&self, tenant: Option<&str>) -> Result<MessageStats, EngineError> {
        let counts = self.block_on(self.registry.message_counts(tenant))?;
        let oldest_unsent = self.block_on(self.registry.oldest_unsent(tenant))?.map(Moment);
        Ok(MessageStats { counts, oldest_unsent })
    }
}

impl MessageBuilder<'_> {
    /// Adds the next row of the list, a line of JSON.
    ///
    /// # Errors
    /// When the row is malformed, or the records cannot be written.
    pub fn push_line(&mut self, line: &str) -> Result<(), EngineError> {
        let row: ListedRow = serde_json::from_str(line)
            .map_err(|error| EngineError::Run(format!("名单中有一行读不懂：{error}")))?;
        let same = self.rows.last().is_some_and(|last| last.enterprise_id == row.enterprise_id);
        if !same {
            if self.enterprises == ENTERPRISES_PER_TRANSACTION {
                self.flush()?;
            }
            self.enterprises += 1;
        }
        self.rows.push(row);
        Ok(())
    }

    /// Writes the remaining messages, and returns the total counts.
    ///
    /// # Errors
    /// When the records cannot be written. Messages written by then stay, and a repeated call for the same run continues.
    pub fn finish(mut self) -> Result<MessageCounts, EngineError> {
        self.flush()?;
        Ok(self.counts)
    }

    fn flush(&mut self) -> Result<(), EngineError> {
        let rows = std::mem::take(&mut self.rows);
        self.enterprises = 0;
        let mut ids: Vec<&str> = rows.iter().map(|row| row.enterprise_id.as_str()).collect();
        ids.dedup();
        if ids.is_empty() {
            return Ok(());
        }
        let (channel, run, refused) = (self.channel, self.run, &self.refused);
        let made = self.records.registry.make_messages(
            &self.act,
            &self.message_run,
            &ids,
            &self.payers,
            |past, paid, at| plan(&PlanContext { channel, run, refused, paid, at }, &rows, past),
        );
        self.counts += self.records.block_on(made)?;
        Ok(())
    }
}

impl MessageSource {
    /// The evaluation date.
    pub fn as_of(&self) -> Date {
        self.as_of
    }
}

/// A message for display, with its body as JSON; `null` if the body was deleted.
pub fn message_json(message: &Message) -> Json {
    let mut shown = json_value(message);
    if let Some(body) = shown.get_mut("body") {
        *body = match message.body.as_str() {
            "" => Json::Null,
            // An unreadable body is shown as text, not as deleted.
            text => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        };
    }
    shown
}

/// The reason for holding back or withdrawing a message, for people.
pub fn message_reason(reason: &str) -> &str {
    match reason {
        "refused" => "企业拒绝推送",
        "enjoyed" => "一次性事项，已兑付",
        "cap" => "已达渠道的条数上限",
        "gone" => "名单中已移出",
        "revised" => "事项已改版",
        "listed_again" => "名单中又列入",
        other => other,
    }
}

fn millis(length: Duration) -> i64 {
    i64::try_from(length.as_millis()).unwrap_or(i64::MAX)
}
