//! Messages: made of finished runs with the gates of their channel, sent by whoever carries them, and looked at.
//!
//! What of a run becomes a message is decided in `plan`, which reads nothing and knows no clock. How a message reaches its
//! receiver is known to the courier alone.

mod plan;
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value as Json;
use zhaoren_registry::{
    Attempt, ClaimedMessages, Message, MessageCounts, MessageFilter, MessageRun, MessageState, Moment,
    SettledCounts, WriteContext,
};

use crate::Date;
use crate::channels::Channel;
use crate::error::EngineError;
use crate::records::{Records, random};
use crate::written::json_value;
use plan::{Gates, plan};
pub use run::{ListedRow, RunOfMessages};

/// How many enterprises are dealt with in one unit of work.
const AT_ONCE: usize = 1_000;

/// Makes messages of the rows of a run, which come in order of enterprise.
#[derive(Debug)]
pub struct MessageMaker<'a> {
    records: &'a Records,
    act: WriteContext<'a>,
    channel: &'a Channel,
    run: &'a RunOfMessages,
    of: MessageRun,
    refused: BTreeSet<(String, String)>,
    payers: Vec<String>,
    rows: Vec<ListedRow>,
    enterprises: usize,
    made: MessageCounts,
}

/// How many messages there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageStanding {
    /// In each state.
    pub counts: BTreeMap<MessageState, i64>,
    /// Since when the one that waits longest was to be sent.
    pub oldest_unsent: Option<Moment>,
}

impl Records {
    /// Begins to make messages of a finished run for a channel; `None` where that run's turn is over: messages of another
    /// were made since.
    ///
    /// # Errors
    /// When the records cannot be written, there is no such tenant, or messages were made of a run of a later day.
    pub fn begin_messages<'a>(
        &'a self,
        act: &WriteContext<'a>,
        channel: &'a Channel,
        run: &'a RunOfMessages,
    ) -> Result<Option<MessageMaker<'a>>, EngineError> {
        // Whose they are is said by the channel, so that nobody's messages go out on another's.
        let act = WriteContext { tenant: &channel.tenant, ..*act };
        let mut payers = self.on(self.registry.lineage(&channel.tenant))?;
        payers.push(String::new());
        let of = MessageRun {
            channel: channel.name.clone(),
            run: run.digest.clone(),
            as_of: run.as_of.to_string(),
        };
        if !self.on(self.registry.begin_messages(&act, &of))? {
            return Ok(None);
        }
        let refused = self.all_opt_outs()?.into_iter().map(|one| (one.enterprise, one.item)).collect();
        let (rows, made) = (Vec::new(), MessageCounts::default());
        Ok(Some(MessageMaker {
            records: self,
            act,
            channel,
            run,
            of,
            refused,
            payers,
            rows,
            enterprises: 0,
            made,
        }))
    }

    /// Takes messages of a channel that are due at the moment of `act`, at most `most`, for the sender called `lease`. For
    /// `length` nobody else takes them.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn claim_messages(
        &self,
        act: &WriteContext<'_>,
        channel: &Channel,
        lease: &str,
        length: Duration,
        most: usize,
    ) -> Result<ClaimedMessages, EngineError> {
        let act = WriteContext { tenant: &channel.tenant, ..*act };
        let until = Moment(act.at.0.saturating_add(millis(length)));
        self.on(self.registry.claim_messages(&act, &channel.name, lease, until, most))
    }

    /// Notes what came of attempts of the sender called `lease`, and in the ledger what was told.
    ///
    /// # Errors
    /// When the records cannot be written; nothing was noted then.
    pub fn settle_messages(
        &self,
        act: &WriteContext<'_>,
        channel: &Channel,
        lease: &str,
        attempts: &[(Message, Attempt)],
    ) -> Result<SettledCounts, EngineError> {
        let act = WriteContext { tenant: &channel.tenant, ..*act };
        self.on(self.registry.settle_messages(&act, &channel.name, lease, attempts))
    }

    /// A name for a sender that no other has.
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub fn new_lease() -> Result<String, EngineError> {
        random(8)
    }

    /// When the next message of a channel may be sent, or a sender is done with one at the latest; `None` where none waits.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn next_due(&self, channel: &Channel) -> Result<Option<Moment>, EngineError> {
        self.on(self.registry.next_due(&channel.tenant, &channel.name))
    }

    /// What follows from an attempt that failed at `now`: a next one, or none. `asked` is how long the receiver asked to
    /// wait, which is honoured up to a day; `maybe_told`, whether it may have taken the message all the same.
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub fn after_failure(
        channel: &Channel,
        message: &Message,
        error: String,
        asked: Option<Duration>,
        maybe_told: bool,
        now: Moment,
    ) -> Result<Attempt, EngineError> {
        const DAY: Duration = Duration::from_secs(86_400);
        let failed = u32::try_from(message.attempts).unwrap_or(u32::MAX).saturating_add(1);
        if failed >= channel.attempts {
            return Ok(Attempt::Dead { error, maybe_told });
        }
        let mut chance = [0; 4];
        getrandom::fill(&mut chance).map_err(|error| EngineError::Random(error.to_string()))?;
        let wait = channel.wait_after(failed, u32::from_le_bytes(chance));
        let wait = wait.max(asked.unwrap_or_default().min(DAY));
        Ok(Attempt::Again {
            at: channel.open_at(Moment(now.0.saturating_add(millis(wait)))),
            error,
            maybe_told,
        })
    }

    /// Has messages tried again that were given up: those with these numbers, or all where `None` is given. Whoever acts for
    /// a tenant reaches only its own. Gives how many.
    ///
    /// # Errors
    /// When the records cannot be written, or one of them is not there or was not given up; nothing was done then.
    pub fn retry_messages(&self, act: &WriteContext<'_>, ids: Option<&[i64]>) -> Result<u64, EngineError> {
        self.on(self.registry.retry_messages(act, ids))
    }

    /// The message with this number or key among a tenant's, where the empty one is the operator's own; among all where none
    /// is given.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn message(&self, tenant: Option<&str>, id: &str) -> Result<Option<Message>, EngineError> {
        self.on(self.registry.message(tenant, id))
    }

    /// Messages in order of number.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn messages(&self, filter: &MessageFilter) -> Result<Vec<Message>, EngineError> {
        self.on(self.registry.messages(filter))
    }

    /// How many messages of a tenant there are, and how long the oldest waits; of everybody where none is given.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn message_standing(&self, tenant: Option<&str>) -> Result<MessageStanding, EngineError> {
        let counts = self.on(self.registry.message_counts(tenant))?;
        let oldest_unsent = self.on(self.registry.oldest_unsent(tenant))?.map(Moment);
        Ok(MessageStanding { counts, oldest_unsent })
    }
}

impl MessageMaker<'_> {
    /// Takes the next row of the list, as a line of JSON.
    ///
    /// # Errors
    /// When it is no such row, or the records cannot be written.
    pub fn line(&mut self, line: &str) -> Result<(), EngineError> {
        let row: ListedRow = serde_json::from_str(line)
            .map_err(|error| EngineError::Run(format!("名单中有一行读不懂：{error}")))?;
        let same = self.rows.last().is_some_and(|last| last.enterprise_id == row.enterprise_id);
        if !same {
            if self.enterprises == AT_ONCE {
                self.make()?;
            }
            self.enterprises += 1;
        }
        self.rows.push(row);
        Ok(())
    }

    /// Makes what is left, and tells what all came to.
    ///
    /// # Errors
    /// When the records cannot be written. What was made by then stays, and making it of the same run again goes on.
    pub fn finish(mut self) -> Result<MessageCounts, EngineError> {
        self.make()?;
        Ok(self.made)
    }

    fn make(&mut self) -> Result<(), EngineError> {
        let rows = std::mem::take(&mut self.rows);
        self.enterprises = 0;
        let mut ids: Vec<&str> = rows.iter().map(|row| row.enterprise_id.as_str()).collect();
        ids.dedup();
        if ids.is_empty() {
            return Ok(());
        }
        let (channel, run, refused) = (self.channel, self.run, &self.refused);
        let made =
            self.records.registry.make_messages(&self.act, &self.of, &ids, &self.payers, |past, paid, at| {
                plan(&Gates { channel, run, refused, paid, at }, &rows, past)
            });
        self.made += self.records.on(made)?;
        Ok(())
    }
}

impl RunOfMessages {
    /// The evaluation date.
    pub fn as_of(&self) -> Date {
        self.as_of
    }
}

/// A message as it is shown: with what was sent as JSON, `null` where that was deleted.
pub fn message_json(message: &Message) -> Json {
    let mut shown = json_value(message);
    if let Some(body) = shown.get_mut("body") {
        *body = match message.body.as_str() {
            "" => Json::Null,
            // What cannot be read is shown as it is, and not as if it had been deleted.
            text => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        };
    }
    shown
}

/// Why a message is held back or was withdrawn, for people.
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
