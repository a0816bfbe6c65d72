//! Messages that are due, taken in small lots, posted at the same time, and what came of them noted.

use std::time::Duration;

use zhaoren_engine::{
    Attempt, Channel, Channels, EngineError, Message, Moment, Principal, Records, SettledCounts,
    WriteContext, now,
};

use crate::CourierError;
use crate::judge::Answer;
use crate::post::Post;
use crate::stop::Stop;

/// How long to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// As long as something is due.
    NothingIsDue,
    /// As long as something waits, but for quiet hours.
    NothingWaits,
    /// Until asked to stop.
    AskedToStop,
}

/// Somebody who hears what happens.
pub trait Watch: Sync {
    /// So much was noted of one lot of a channel.
    fn settled(&self, channel: &str, settled: SettledCounts, refused: usize);
    /// The records failed; it goes on after a while.
    fn failed(&self, channel: &str, error: &EngineError);
}

/// What carrying the messages of a channel came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryCounts {
    /// The channel.
    pub channel: String,
    /// Messages that were taken by their receiver.
    pub sent: u64,
    /// Attempts that failed and are made again.
    pub again: u64,
    /// Messages that were given up.
    pub dead: u64,
    /// Messages that were held back, because their enterprise refused meanwhile.
    pub refused: u64,
    /// It is quiet, and some may wait for this moment.
    pub quiet_until: Option<Moment>,
}

/// Carries messages of some channels.
pub struct Courier {
    records: Records,
    who: Principal,
    lines: Vec<(Channel, Post)>,
}

/// How often to look for what others have made.
const LOOK: Duration = Duration::from_secs(2);
/// How long to wait when the records fail, at first.
const PATIENCE: Duration = Duration::from_millis(250);
/// How often what was sent is tried to be noted. After that it will be sent again.
const TRIES: u32 = 6;
/// What a lease is longer than the time that its messages may take.
const MARGIN: Duration = Duration::from_secs(10);

impl Courier {
    /// Makes ready to carry messages of these channels, as done by `who`.
    ///
    /// # Errors
    /// When a channel's certificates cannot be used.
    pub fn open(records: Records, channels: &Channels, who: Principal) -> Result<Self, CourierError> {
        let line = |channel: &Channel| Ok((channel.clone(), Post::open(channel)?));
        let lines = channels.all.iter().map(line).collect::<Result<Vec<_>, CourierError>>()?;
        Ok(Self { records, who, lines })
    }

    /// Whether these channels could be used.
    ///
    /// # Errors
    /// When a channel's certificates cannot be.
    pub fn check(channels: &Channels) -> Result<(), CourierError> {
        channels.all.iter().try_for_each(|channel| Post::open(channel).map(drop))
    }

    /// Carries messages of all channels at the same time, each at its own pace. What was begun is finished, also when it is
    /// asked to stop.
    ///
    /// # Errors
    /// When the records fail and nobody wants to wait for them: `until` is not [`Until::AskedToStop`].
    pub fn carry(
        &self,
        until: Until,
        stop: &Stop,
        watch: &dyn Watch,
    ) -> Result<Vec<DeliveryCounts>, CourierError> {
        std::thread::scope(|scope| {
            let lines: Vec<_> = self
                .lines
                .iter()
                .map(|(channel, post)| {
                    scope.spawn(move || {
                        ChannelWorker { courier: self, channel, post, stop, watch, until }.carry()
                    })
                })
                .collect();
            let gone = |_| EngineError::Run("发送线程中断".to_owned());
            lines.into_iter().map(|line| Ok(line.join().map_err(gone)??)).collect()
        })
    }

    fn act(&self) -> WriteContext<'_> {
        self.who.act(now())
    }
}

/// One channel being carried.
#[derive(Clone, Copy)]
struct ChannelWorker<'a> {
    courier: &'a Courier,
    channel: &'a Channel,
    post: &'a Post,
    stop: &'a Stop,
    watch: &'a dyn Watch,
    until: Until,
}

impl ChannelWorker<'_> {
    fn carry(self) -> Result<DeliveryCounts, EngineError> {
        let mut carried = DeliveryCounts { channel: self.channel.name.clone(), ..DeliveryCounts::default() };
        let lease = Records::new_lease()?;
        while !self.stop.is_asked() {
            match self.lot(&lease, &mut carried) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) if self.until == Until::AskedToStop => {
                    self.watch.failed(&self.channel.name, &error);
                    self.stop.wait(LOOK);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(carried)
    }

    /// Carries one lot, or waits for one; gives whether to go on.
    fn lot(self, lease: &str, carried: &mut DeliveryCounts) -> Result<bool, EngineError> {
        let (channel, records) = (self.channel, &self.courier.records);
        let moment = now();
        let open = channel.open_at(moment);
        if open > moment {
            return Ok(self.quiet(open, carried));
        }
        let length = channel.timeout * 2 + MARGIN;
        let claimed =
            records.claim_messages(&self.courier.act(), channel, lease, length, channel.concurrency)?;
        carried.refused += u64::try_from(claimed.refused).unwrap_or(0);
        if claimed.messages.is_empty() {
            if claimed.refused > 0 {
                self.watch.settled(&channel.name, SettledCounts::default(), claimed.refused);
                return Ok(true);
            }
            return self.nothing_due();
        }
        let answers = self.post_all(claimed.messages);
        // A receiver that asks to wait means everything, not one message.
        let asked = answers.iter().filter_map(|(_, answer)| match answer {
            Answer::Failed { wait, .. } => *wait,
            _ => None,
        });
        let asked = asked.max().unwrap_or_default();
        let attempts = answers.into_iter().map(|(one, answer)| self.attempt(one, answer));
        let attempts = attempts.collect::<Result<Vec<_>, _>>()?;
        let settled = self.settle(lease, &attempts)?;
        self.watch.settled(&channel.name, settled, claimed.refused);
        carried.sent += settled.sent;
        carried.again += settled.again;
        carried.dead += settled.dead;
        if asked.is_zero() {
            return Ok(true);
        }
        if self.until == Until::NothingIsDue {
            return Ok(false);
        }
        self.stop.wait(asked.min(Duration::from_secs(600)));
        Ok(true)
    }

    fn quiet(self, open: Moment, carried: &mut DeliveryCounts) -> bool {
        if self.until != Until::AskedToStop {
            carried.quiet_until = Some(open);
            return false;
        }
        self.stop.wait(LOOK);
        true
    }

    fn nothing_due(self) -> Result<bool, EngineError> {
        match self.until {
            Until::NothingIsDue => return Ok(false),
            Until::AskedToStop => self.stop.wait(LOOK),
            Until::NothingWaits => {
                let Some(next) = self.courier.records.next_due(self.channel)? else { return Ok(false) };
                let left = u64::try_from(next.0.saturating_sub(now().0)).unwrap_or(0);
                // Another process may withdraw it, or be done with it.
                self.stop.wait(Duration::from_millis(left.max(1)).min(LOOK));
            }
        }
        Ok(true)
    }

    /// Posts messages, all at the same time.
    fn post_all(self, messages: Vec<Message>) -> Vec<(Message, Answer)> {
        std::thread::scope(|scope| {
            let posts: Vec<_> =
                messages.iter().map(|one| scope.spawn(|| self.post.post(self.channel, one))).collect();
            let broken =
                |_| Answer::Failed { error: "发送线程中断".to_owned(), wait: None, maybe_told: true };
            let answers: Vec<Answer> =
                posts.into_iter().map(|post| post.join().unwrap_or_else(broken)).collect();
            messages.iter().cloned().zip(answers).collect()
        })
    }

    fn attempt(self, one: Message, answer: Answer) -> Result<(Message, Attempt), EngineError> {
        let attempt = match answer {
            Answer::Taken => Attempt::Sent,
            Answer::Refused(error) => Attempt::Dead { error, maybe_told: false },
            Answer::Failed { error, wait, maybe_told } => {
                Records::after_failure(self.channel, &one, error, wait, maybe_told, now())?
            }
        };
        Ok((one, attempt))
    }

    /// Notes what came of a lot. It is out of the house, so a database that fails for a moment is waited for.
    fn settle(self, lease: &str, attempts: &[(Message, Attempt)]) -> Result<SettledCounts, EngineError> {
        let mut tries = 0;
        loop {
            let settled =
                self.courier.records.settle_messages(&self.courier.act(), self.channel, lease, attempts);
            match settled {
                Err(error) if tries + 1 < TRIES => {
                    self.watch.failed(&self.channel.name, &error);
                    std::thread::sleep(PATIENCE * 2_u32.pow(tries));
                    tries += 1;
                }
                other => return other,
            }
        }
    }
}
