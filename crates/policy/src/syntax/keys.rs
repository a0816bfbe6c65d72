//! Keys of one map, to detect a repeated one.

use std::collections::HashSet;

use super::Node;

/// Up to this many keys are compared one by one, which is faster than hashing them.
const FEW: usize = 16;

/// Keys of the current map, if they are many.
#[derive(Default)]
pub(super) struct Keys(HashSet<String>);

impl Keys {
    /// Adds a key after those of `entries`, all of which were added before; false if it is one of them.
    ///
    /// Takes amortised constant time.
    pub(super) fn add(&mut self, key: &str, entries: &[(String, Node)]) -> bool {
        if entries.len() < FEW {
            return entries.iter().all(|(other, _)| other != key);
        }
        if self.0.is_empty() {
            self.0.extend(entries.iter().map(|(other, _)| other.clone()));
        }
        self.0.insert(key.to_owned())
    }
}
