//! Asked to stop: heard at once by whoever waits.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Whether somebody was asked to stop.
#[derive(Debug, Default)]
pub struct Stop {
    asked: Mutex<bool>,
    heard: Condvar,
}

impl Stop {
    /// Asks to stop. What was begun is finished.
    pub fn ask(&self) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.heard.notify_all();
    }

    /// Whether it was asked.
    pub fn is_asked(&self) -> bool {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits so long, or until it is asked to stop.
    pub fn wait(&self, length: Duration) {
        let end = Instant::now() + length;
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        while !*asked {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            (asked, _) = self.heard.wait_timeout(asked, left).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
