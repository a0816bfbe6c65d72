//! What every way of matching has to do.

use crate::atoms::{Codes, Lowered};
use crate::world::World;

/// The answer for one profile: positions of items. In any order when it is timed, ascending when it is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Items it is eligible for.
    pub eligible: Vec<u32>,
    /// Items for which its unknowns leave the verdict open.
    pub undetermined: Vec<u32>,
}

impl Answer {
    /// No item.
    pub fn clear(&mut self) {
        self.eligible.clear();
        self.undetermined.clear();
    }

    /// From the certain and the possible items, both ascending, certain ones among the possible.
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

/// The world with everything that rivals share: items as trees of atoms, profiles as rows of codes.
#[derive(Clone, Copy, Debug)]
pub struct Prepared<'a> {
    /// Items and profiles as the product has them.
    pub world: &'a World,
    /// Items as trees of atoms.
    pub lowered: &'a Lowered,
    /// One row per profile, one entry per column.
    pub rows: &'a [Vec<Codes>],
}

/// One way of matching a profile against all items.
pub trait Rival {
    /// Its name in the table.
    fn name(&self) -> &'static str;

    /// Builds what it keeps between profiles: its index of the items, and the profiles in its own form.
    fn prepare(prepared: &Prepared<'_>) -> Self
    where
        Self: Sized;

    /// The answer for profile number `profile`; what `answer` held before is gone.
    fn verdicts(&mut self, profile: usize, answer: &mut Answer);

    /// Bytes kept for the items, where that can be told.
    fn bytes(&self) -> Option<usize> {
        None
    }

    /// Whether verdicts are exact over all completions; otherwise they are Kleene's.
    fn is_exact(&self) -> bool {
        false
    }
}
