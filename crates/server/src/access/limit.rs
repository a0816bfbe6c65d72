//! How often one caller may ask.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many callers are remembered before those who have all their room back are forgotten.
const REMEMBERED: usize = 10_000;

/// A rate for each caller: so many requests at once, and as many again over a minute.
#[derive(Debug)]
pub(crate) struct Rate {
    per_minute: u32,
    /// When each caller will have all its room back.
    free_at: Mutex<BTreeMap<String, Instant>>,
}

impl Rate {
    pub(crate) fn new(per_minute: u32) -> Self {
        Self { per_minute, free_at: Mutex::new(BTreeMap::new()) }
    }

    /// Takes one request of `caller`; the time to wait where it has none left.
    pub(crate) fn take(&self, caller: &str, now: Instant) -> Result<(), Duration> {
        if self.per_minute == 0 {
            return Ok(());
        }
        const MINUTE: Duration = Duration::from_secs(60);
        let each = MINUTE / self.per_minute;
        let mut all = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() > REMEMBERED {
            all.retain(|_, free_at| *free_at > now);
        }
        let free_at = all.get(caller).copied().unwrap_or(now).max(now) + each;
        let ahead = free_at - now;
        if ahead > MINUTE {
            return Err(ahead - MINUTE);
        }
        all.insert(caller.to_owned(), free_at);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_comes_back_with_time() {
        let (rate, now) = (Rate::new(3), Instant::now());
        for _ in 0..3 {
            assert_eq!(rate.take("a", now), Ok(()));
        }
        assert_eq!(rate.take("a", now), Err(Duration::from_secs(20)));
        assert_eq!(rate.take("b", now), Ok(()), "others are not concerned");
        assert_eq!(rate.take("a", now + Duration::from_secs(20)), Ok(()));
        assert!(rate.take("a", now + Duration::from_secs(21)).is_err());
        assert_eq!(Rate::new(0).take("a", now), Ok(()));
    }
}
