//! Stop signal that wakes all waiting threads at once.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Request to stop, shared between threads.
#[derive(Debug, Default)]
pub struct StopSignal {
    requested: Mutex<bool>,
    wakeup: Condvar,
}

impl StopSignal {
    /// Requests a stop. Work that was begun is finished.
    pub fn request(&self) {
        *self.requested.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.wakeup.notify_all();
    }

    /// True once a stop was requested.
    pub fn is_requested(&self) -> bool {
        *self.requested.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `length`, or until a stop is requested.
    pub fn wait(&self, length: Duration) {
        let end = Instant::now() + length;
        let mut requested = self.requested.lock().unwrap_or_else(PoisonError::into_inner);
        while !*requested {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            (requested, _) =
                self.wakeup.wait_timeout(requested, left).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
