//! Circuit breaker of a channel: after some failures in a row nothing is sent but one probe at a time, with growing pauses.
//!
//! A receiver that is down fails every message alike. Without a breaker each of them is tried as often as the channel allows, and
//! each attempt is recorded. The breaker reads no clock: the caller waits.

use std::time::Duration;

use zhaoren_engine::Channel;

/// Failures in a row after which the circuit opens.
pub(crate) const THRESHOLD: u32 = 5;

/// Circuit of one channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Circuit {
    /// Failed attempts since the last answer that was no failure.
    failures: u32,
    /// Failed probes since it opened; `None` while it is closed.
    probes: Option<u32>,
}

/// Transition of a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transition {
    /// It opened: nothing is sent but probes.
    Opened,
    /// It closed: the receiver answers again.
    Closed,
}

impl Circuit {
    /// True if only probes may be sent.
    pub(crate) fn is_open(&self) -> bool {
        self.probes.is_some()
    }

    /// Number of failed probes since it opened.
    pub(crate) fn failed_probes(&self) -> u32 {
        self.probes.unwrap_or(0)
    }

    /// Counts an attempt; `probing` is true for one that was begun while the circuit was open. An answer closes the circuit, whether it
    /// accepts the message or refuses it.
    pub(crate) fn record(&mut self, failed: bool, probing: bool) -> Option<Transition> {
        if !failed {
            self.failures = 0;
            return self.probes.take().map(|_| Transition::Closed);
        }
        self.failures = self.failures.saturating_add(1);
        match &mut self.probes {
            Some(probes) => {
                // Attempts that were under way when it opened are no probes.
                *probes = probes.saturating_add(u32::from(probing));
                None
            }
            None if self.failures >= THRESHOLD => {
                self.probes = Some(0);
                Some(Transition::Opened)
            }
            None => None,
        }
    }

    /// Pause before the next probe: the channel's retry delay after that many failed probes. Half of it is fixed and half is random, so
    /// that it is never 0. `chance` is a uniform random `u32`.
    pub(crate) fn pause(&self, channel: &Channel, chance: u32) -> Duration {
        let attempts = self.failed_probes().saturating_add(1);
        let longest = channel.retry_delay(attempts, u32::MAX);
        longest / 2 + channel.retry_delay(attempts, chance) / 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_closes_with_one_answer() {
        let mut circuit = Circuit::default();
        for _ in 0..10 {
            for _ in 1..THRESHOLD {
                assert_eq!(circuit.record(true, false), None);
            }
            assert_eq!(circuit.record(false, false), None, "the count begins again");
        }
        for _ in 1..THRESHOLD {
            circuit.record(true, false);
        }
        assert_eq!(circuit.record(true, false), Some(Transition::Opened));
        assert_eq!((circuit.record(true, false), circuit.record(true, true)), (None, None));
        assert_eq!((circuit.is_open(), circuit.failed_probes()), (true, 1));
        assert_eq!(circuit.record(false, true), Some(Transition::Closed));
        assert_eq!(circuit, Circuit::default());
    }
}
