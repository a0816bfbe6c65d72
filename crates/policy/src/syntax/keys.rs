//! The keys of one map, to find a repeated one.

use std::collections::HashSet;

use super::Node;

/// Up to so many keys are compared one by one, which is quicker than hashing them.
const FEW: usize = 16;

/// The keys of a map that is being read, where they are many.
#[derive(Default)]
pub(super) struct Keys(HashSet<String>);

impl Keys {
    /// Adds a key behind those of `entries`, all of which were added before; false where it is one of them.
    ///
    /// Takes the same time however many there are.
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
