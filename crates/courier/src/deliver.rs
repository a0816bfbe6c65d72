//! Delivery loop: claims due messages in small batches, posts each batch concurrently and records the outcomes.

use std::time::Duration;

use zhaoren_disk::failpoint::reach;
use zhaoren_engine::{
    Attempt, AttemptCounts, Channel, Channels, EngineError, Message, Moment, Principal, Records,
    WriteContext, now, parcels,
};

use crate::CourierError;
use crate::batch::{BatchOutcome, post_batch};
use crate::circuit::{Circuit, Transition};
use crate::judge::Answer;
use crate::pace::Pace;
use crate::post::HttpSender;
use crate::stop::StopSignal;

/// Condition on which delivery ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopCondition {
    /// Ends once no message is due.
    NoneDue,
    /// Ends once no message waits, or when quiet hours begin.
    NoneWaiting,
    /// Runs until [`StopSignal::request`] is called.
    StopRequested,
}

/// Observer of delivery progress.
pub trait DeliveryObserver: Sync {
    /// Reports the recorded outcomes of one batch of a channel.
    fn on_recorded(&self, channel: &str, settled: AttemptCounts, refused: usize);
    /// Reports attempts that failed while the circuit of a channel was open and that count for no message.
    fn on_failed_probe(&self, _channel: &str) {}
    /// Reports that the circuit of a channel opened at a moment, with the error behind it; `None`: it closed.
    fn on_circuit(&self, _channel: &str, _opened: Option<(Moment, &str)>) {}
    /// Reports a database error that will be retried after a pause.
    fn on_error(&self, channel: &str, error: &EngineError);
}

/// Delivery totals of one channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryCounts {
    /// Name of the channel.
    pub channel: String,
    /// Messages accepted by their receiver.
    pub sent: u64,
    /// Failed attempts that will be retried.
    pub retried: u64,
    /// Messages given up.
    pub dead: u64,
    /// Messages held back because their enterprise opted out in the meantime.
    pub refused: u64,
    /// Error of the receiver, if delivery stopped because its circuit is open; messages wait.
    pub circuit_open: Option<String>,
    /// End of the current quiet hours, if delivery stopped because of them; messages may wait until then.
    pub quiet_until: Option<Moment>,
}

/// Delivers the messages of a set of channels.
pub struct Courier {
    records: Records,
    who: Principal,
    channels: Vec<(Channel, HttpSender)>,
}

/// Interval at which to look for messages made by other processes.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// First pause after a database error.
const RETRY_BASE: Duration = Duration::from_millis(250);
/// Attempts to record an outcome. When all fail, the message will be sent again.
const MAX_RECORD_ATTEMPTS: u32 = 6;
/// Messages claimed for each concurrent post. More of them mean fewer transactions, but a batch has to end before its lease.
const POSTS_PER_WORKER: usize = 8;
/// Length of a lease beyond the time that its messages may take.
const LEASE_MARGIN: Duration = Duration::from_secs(10);

impl Courier {
    /// Prepares delivery on these channels, on behalf of `who`.
    ///
    /// # Errors
    /// When a channel's certificates cannot be used.
    pub fn open(records: Records, channels: &Channels, who: Principal) -> Result<Self, CourierError> {
        let line = |channel: &Channel| Ok((channel.clone(), HttpSender::open(channel)?));
        let opened = channels.all.iter().map(line).collect::<Result<Vec<_>, CourierError>>()?;
        Ok(Self { records, who, channels: opened })
    }

    /// Checks that these channels can be opened.
    ///
    /// # Errors
    /// When a channel's certificates cannot be used.
    pub fn check(channels: &Channels) -> Result<(), CourierError> {
        channels.all.iter().try_for_each(|channel| HttpSender::open(channel).map(drop))
    }

    /// Delivers the messages of all channels concurrently, each at its own pace. A batch that was begun is finished,
    /// also after a request to stop.
    ///
    /// # Errors
    /// Database error, unless `until` is [`StopCondition::StopRequested`], which retries.
    pub fn deliver(
        &self,
        until: StopCondition,
        stop: &StopSignal,
        watch: &dyn DeliveryObserver,
    ) -> Result<Vec<DeliveryCounts>, CourierError> {
        std::thread::scope(|scope| {
            let workers: Vec<_> = self
                .channels
                .iter()
                .map(|(channel, post)| {
                    scope.spawn(move || {
                        ChannelWorker { courier: self, channel, post, stop, watch, until }.run(
                            &mut ReceiverState {
                                circuit: Circuit::default(),
                                pace: Pace::new(channel.concurrency),
                            },
                        )
                    })
                })
                .collect();
            let gone = |_| EngineError::Run("发送线程中断".to_owned());
            workers.into_iter().map(|worker| Ok(worker.join().map_err(gone)??)).collect()
        })
    }

    fn act(&self) -> WriteContext<'_> {
        self.who.write_context(now())
    }
}

/// Knowledge of a receiver, gained by sending to it.
struct ReceiverState {
    circuit: Circuit,
    pace: Pace,
}

/// Delivery worker of one channel.
#[derive(Clone, Copy)]
struct ChannelWorker<'a> {
    courier: &'a Courier,
    channel: &'a Channel,
    post: &'a HttpSender,
    stop: &'a StopSignal,
    watch: &'a dyn DeliveryObserver,
    until: StopCondition,
}

impl ChannelWorker<'_> {
    fn run(self, receiver: &mut ReceiverState) -> Result<DeliveryCounts, EngineError> {
        let mut counts = DeliveryCounts { channel: self.channel.name.clone(), ..DeliveryCounts::default() };
        let lease = Records::new_lease()?;
        while !self.stop.is_requested() {
            match self.deliver_batch(&lease, receiver, &mut counts) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) if self.until == StopCondition::StopRequested => {
                    self.watch.on_error(&self.channel.name, &error);
                    self.stop.wait(POLL_INTERVAL);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(counts)
    }

    /// Delivers one batch, or waits for one; returns whether to continue.
    fn deliver_batch(
        self,
        lease: &str,
        receiver: &mut ReceiverState,
        counts: &mut DeliveryCounts,
    ) -> Result<bool, EngineError> {
        let (channel, records) = (self.channel, &self.courier.records);
        let moment = now();
        let open = channel.earliest_send(moment);
        if open > moment {
            return Ok(self.wait_quiet_hours(open, counts));
        }
        let length = channel.timeout * 2 + LEASE_MARGIN;
        let probing = receiver.circuit.is_open();
        let limit = if probing { 1 } else { receiver.pace.posts() * POSTS_PER_WORKER };
        let claimed = records.claim_messages(&self.courier.act(), channel, lease, length, limit)?;
        counts.refused += u64::try_from(claimed.refused).unwrap_or(0);
        if claimed.messages.is_empty() {
            if claimed.refused > 0 {
                self.watch.on_recorded(&channel.name, AttemptCounts::default(), claimed.refused);
                return Ok(true);
            }
            return self.wait_for_messages();
        }
        reach("messages-claimed");
        let to = (channel, self.post, self.stop);
        let parcels = parcels(channel, claimed.messages, now());
        let posted = post_batch(to, parcels, receiver.pace.posts(), &mut receiver.circuit);
        reach("messages-posted");
        receiver.pace.adapt(posted.took.clone());
        // A receiver's `retry-after` applies to the whole channel, not to one message.
        let retry_after = posted.answers.iter().filter_map(|(_, answer)| match answer {
            Answer::Failed { wait, .. } => *wait,
            _ => None,
        });
        let retry_after = retry_after.max().unwrap_or_default();
        let error = posted.answers.iter().rev().find_map(|(_, answer)| match answer {
            Answer::Failed { error, .. } => Some(error.clone()),
            _ => None,
        });
        let settled = self.settle(lease, posted, probing, claimed.refused)?;
        reach("messages-recorded");
        counts.sent += settled.sent;
        counts.retried += settled.retried;
        counts.dead += settled.dead;
        let mut pause = retry_after.min(Duration::from_secs(600));
        if receiver.circuit.is_open() {
            // A command that waits for the last message does not wait for a receiver that stays down.
            let given_up = receiver.circuit.failed_probes() >= channel.attempts;
            if self.until == StopCondition::NoneDue || (self.until == StopCondition::NoneWaiting && given_up)
            {
                counts.circuit_open = error;
                return Ok(false);
            }
            pause = pause.max(receiver.circuit.pause(channel, Records::chance()?));
        }
        if pause.is_zero() {
            return Ok(true);
        }
        if self.until == StopCondition::NoneDue {
            return Ok(false);
        }
        self.stop.wait(pause);
        Ok(true)
    }

    /// Records a batch: its attempts, the transitions of the circuit; messages that were not posted are free again.
    fn settle(
        self,
        lease: &str,
        posted: BatchOutcome,
        probing: bool,
        refused: usize,
    ) -> Result<AttemptCounts, EngineError> {
        let (channel, records) = (self.channel, &self.courier.records);
        let mut unsent = posted.unsent;
        let mut attempts = Vec::with_capacity(posted.answers.len());
        for (message, answer) in posted.answers {
            // A probe that could not connect does not count as an attempt of its message.
            if probing && answer.is_unreached() {
                self.watch.on_failed_probe(&channel.name);
                unsent.push(message);
            } else {
                attempts.push(self.attempt(message, answer)?);
            }
        }
        let settled = self.record_attempts(lease, &attempts)?;
        if !unsent.is_empty() {
            records.release_messages(&self.courier.act(), channel, lease, &unsent)?;
        }
        for (transition, error) in &posted.transitions {
            let moment = now();
            let opened = (*transition == Transition::Opened).then_some((moment, error.as_str()));
            records.record_circuit(&self.courier.act(), channel, opened.map(|(_, error)| error))?;
            self.watch.on_circuit(&channel.name, opened);
        }
        if settled != AttemptCounts::default() || refused > 0 {
            self.watch.on_recorded(&channel.name, settled, refused);
        }
        Ok(settled)
    }

    fn wait_quiet_hours(self, open: Moment, counts: &mut DeliveryCounts) -> bool {
        if self.until != StopCondition::StopRequested {
            counts.quiet_until = Some(open);
            return false;
        }
        self.stop.wait(POLL_INTERVAL);
        true
    }

    fn wait_for_messages(self) -> Result<bool, EngineError> {
        match self.until {
            StopCondition::NoneDue => return Ok(false),
            StopCondition::StopRequested => self.stop.wait(POLL_INTERVAL),
            StopCondition::NoneWaiting => {
                let Some(next) = self.courier.records.next_due(self.channel)? else { return Ok(false) };
                let left = u64::try_from(next.0.saturating_sub(now().0)).unwrap_or(0);
                // Look earlier than that: another process may withdraw or finish the message.
                self.stop.wait(Duration::from_millis(left.max(1)).min(POLL_INTERVAL));
            }
        }
        Ok(true)
    }

    fn attempt(self, one: Message, answer: Answer) -> Result<(Message, Attempt), EngineError> {
        let attempt = match answer {
            Answer::Accepted => Attempt::Sent,
            Answer::Refused(error) => Attempt::Dead { error, maybe_told: false },
            Answer::Failed { error, wait, maybe_told, .. } => {
                Records::after_failure(self.channel, &one, error, wait, maybe_told, now())?
            }
        };
        Ok((one, attempt))
    }

    /// Records the outcomes of a batch. The messages have been sent already, so a temporary database error is
    /// retried.
    fn record_attempts(
        self,
        lease: &str,
        attempts: &[(Message, Attempt)],
    ) -> Result<AttemptCounts, EngineError> {
        let mut tries = 0;
        loop {
            let settled =
                self.courier.records.record_attempts(&self.courier.act(), self.channel, lease, attempts);
            match settled {
                Err(error) if tries + 1 < MAX_RECORD_ATTEMPTS => {
                    self.watch.on_error(&self.channel.name, &error);
                    std::thread::sleep(RETRY_BASE * 2_u32.pow(tries));
                    tries += 1;
                }
                other => return other,
            }
        }
    }
}
