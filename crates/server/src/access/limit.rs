//! Rate limit per caller.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Number of callers remembered before those with a full allowance are forgotten.
const MAX_CALLERS: usize = 10_000;

/// Rate limit per caller: a burst of one minute's allowance, refilled over a minute.
#[derive(Debug)]
pub(crate) struct Rate {
    per_minute: u32,
    /// Time at which each caller's allowance is full again.
    free_at: Mutex<BTreeMap<String, Instant>>,
}

impl Rate {
    pub(crate) fn new(per_minute: u32) -> Self {
        Self { per_minute, free_at: Mutex::new(BTreeMap::new()) }
    }

    /// Takes one request of `caller`; returns the time to wait if its allowance is used up.
    pub(crate) fn take(&self, caller: &str, now: Instant) -> Result<(), Duration> {
        self.take_one(caller, now).map(drop)
    }

    /// Like [`Rate::take`]; returns what is left of the allowance, or `None` without a limit.
    pub(crate) fn take_one(&self, caller: &str, now: Instant) -> Result<Option<Allowance>, Duration> {
        if self.per_minute == 0 {
            return Ok(None);
        }
        const MINUTE: Duration = Duration::from_secs(60);
        let each = MINUTE / self.per_minute;
        let mut all = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > MAX_CALLERS {
            all.retain(|_, free_at| *free_at > now);
        }
        let free_at = all.get(caller).copied().unwrap_or(now).max(now) + each;
        let ahead = free_at - now;
        if ahead > MINUTE {
            return Err(ahead - MINUTE);
        }
        all.insert(caller.to_owned(), free_at);
        let left = (MINUTE - ahead).as_nanos() / each.as_nanos().max(1);
        let remaining = u32::try_from(left).unwrap_or(self.per_minute).min(self.per_minute);
        Ok(Some(Allowance { limit: self.per_minute, remaining, reset: ahead.as_secs() + 1 }))
    }

    /// Allowance of a caller who has used it up and may ask again after `wait`.
    pub(crate) fn exhausted(&self, wait: Duration) -> Allowance {
        Allowance { limit: self.per_minute, remaining: 0, reset: wait.as_secs() + 1 }
    }
}

/// Allowance of a caller after a request, for the headers of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Requests per minute.
    pub(crate) limit: u32,
    /// Requests that may follow at once.
    pub(crate) remaining: u32,
    /// Seconds until the allowance is full again, or until the next request if it is used up.
    pub(crate) reset: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allowance_is_refilled_over_time() {
        let (rate, now) = (Rate::new(3), Instant::now());
        for left in [2, 1, 0] {
            let reset = 20 * (3 - u64::from(left)) + 1;
            assert_eq!(rate.take_one("a", now), Ok(Some(Allowance { limit: 3, remaining: left, reset })));
        }
        assert_eq!(rate.take("a", now), Err(Duration::from_secs(20)));
        assert_eq!(rate.take("b", now), Ok(()), "others are not concerned");
        assert_eq!(rate.take("a", now + Duration::from_secs(20)), Ok(()));
        assert!(rate.take("a", now + Duration::from_secs(21)).is_err());
        assert_eq!(Rate::new(0).take_one("a", now), Ok(None));
    }
}
