//! Shelf: values of pages that are kept in memory for a time, each under a random name and for one owner. They are never written to
//! disk, to the audit or to the log.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::problem::Problem;
use crate::random::random_name;

/// Time for which a value is kept after its last use: a working day.
const KEPT: Duration = Duration::from_hours(10);

/// Values kept, oldest first.
pub(super) struct Shelf<O, T> {
    all: Mutex<VecDeque<ShelfEntry<O, T>>>,
    most_values: usize,
    most_bytes: usize,
}

struct ShelfEntry<O, T> {
    token: String,
    owner: O,
    value: T,
    bytes: usize,
    at: Instant,
}

impl<O: PartialEq, T> Shelf<O, T> {
    /// Empty shelf for at most so many values, and bytes of them together. The oldest goes first.
    pub(super) fn new(most_values: usize, most_bytes: usize) -> Self {
        Self { all: Mutex::default(), most_values, most_bytes }
    }

    /// Keeps a value of so many bytes, and returns the random name under which its owner finds it.
    ///
    /// # Errors
    /// The system's random generator failed.
    pub(super) fn keep(&self, owner: O, value: T, bytes: usize) -> Result<String, Problem> {
        let token = random_name()?;
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|kept| kept.at.elapsed() < KEPT);
        let mut size: usize = all.iter().map(|kept| kept.bytes).sum::<usize>() + bytes;
        while all.len() >= self.most_values || size > self.most_bytes {
            let Some(oldest) = all.pop_front() else { break };
            size -= oldest.bytes;
        }
        all.push_back(ShelfEntry { token: token.clone(), owner, value, bytes, at: Instant::now() });
        Ok(token)
    }

    /// Takes a value off the shelf; `None` if it is gone, or belongs to another owner.
    pub(super) fn take(&self, owner: &O, token: &str) -> Option<T> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|kept| kept.at.elapsed() < KEPT);
        let at = all.iter().position(|kept| kept.token == token && kept.owner == *owner)?;
        all.remove(at).map(|kept| kept.value)
    }

    /// A value, which stays and is kept anew; `None` as for [`Shelf::take`].
    pub(super) fn get(&self, owner: &O, token: &str) -> Option<T>
    where
        T: Clone,
    {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|kept| kept.at.elapsed() < KEPT);
        let kept = all.iter_mut().find(|kept| kept.token == token && kept.owner == *owner)?;
        kept.at = Instant::now();
        Some(kept.value.clone())
    }
}
