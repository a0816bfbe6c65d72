//! Interface of a matching engine.

use crate::atoms::{Codes, Lowered};
use crate::world::World;

/// Answer for one profile: positions of items. Unordered when timed, ascending when compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Items for which the enterprise is eligible.
    pub eligible: Vec<u32>,
    /// Items whose verdict depends on unknown facts.
    pub undetermined: Vec<u32>,
}

impl Answer {
    /// Removes all items.
    pub fn clear(&mut self) {
        self.eligible.clear();
        self.undetermined.clear();
    }

    /// Sets the answer from the certain and the possible items, both ascending, the former a subset of the latter.
    pub fn set_from(&mut self, certain: &[u32], possible: &[u32]) {
        self.clear();
        self.eligible.extend_from_slice(certain);
        let mut left = certain.iter().peekable();
        for item in possible {
            if left.next_if_eq(&item).is_none() {
                self.undetermined.push(*item);
            }
        }
        assert!(left.next().is_none(), "an item that is certain but not possible");
    }
}

/// The world with the data common to all rivals: items as trees of atoms, profiles as rows of codes.
#[derive(Clone, Copy, Debug)]
pub struct Prepared<'a> {
    /// Items and profiles in the product's own form.
    pub world: &'a World,
    /// Items as trees of atoms.
    pub lowered: &'a Lowered,
    /// One row per profile, one entry per column.
    pub rows: &'a [Vec<Codes>],
}

/// An engine that matches a profile against all items.
pub trait Rival {
    /// Its name in the table.
    fn name(&self) -> &'static str;

    /// Builds its persistent state: its index of the items, and the profiles in its own form.
    fn prepare(prepared: &Prepared<'_>) -> Self
    where
        Self: Sized;

    /// Computes the answer for profile number `profile` and replaces the content of `answer`.
    fn verdicts(&mut self, profile: usize, answer: &mut Answer);

    /// Memory for the items in bytes, if known.
    fn bytes(&self) -> Option<usize> {
        None
    }

    /// True if verdicts are exact over all completions; otherwise they are Kleene's.
    fn is_exact(&self) -> bool {
        false
    }
}
