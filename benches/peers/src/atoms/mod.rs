//! Numeric form of items and profiles, for every rival that can use it: facts become columns of codes, leaves become
//! atoms (原子谓词: a column lies in a union of ranges), criteria become trees of atoms without NOT.
//!
//! The encoding is exact: a column is cut at every value that some leaf distinguishes, and a code is the number of
//! cuts at or below the value. A value that is not exactly known is the range of its possible codes.

mod column;
mod formula;

pub use column::{Column, ColumnKey};
pub use formula::{Atom, AtomId, Formula, Lowered, Unsupported};

/// Range of codes of one value of a profile, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Codes {
    /// Smallest code.
    pub low: u16,
    /// Largest code.
    pub high: u16,
}

/// Two-rail encoding of Kleene's three-valued logic: certain, possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rails(u8);

impl Rails {
    /// True.
    pub const HOLDS: Self = Self(3);
    /// False.
    pub const FAILS: Self = Self(0);

    /// Combines both rails; a certain result is possible.
    #[inline]
    pub fn new(certain: bool, possible: bool) -> Self {
        Self(u8::from(certain) | u8::from(possible) << 1)
    }

    /// Conjunction.
    #[inline]
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Disjunction.
    #[inline]
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True if it is certainly true.
    #[inline]
    pub fn is_certain(self) -> bool {
        self.0 & 1 != 0
    }

    /// True if it is possibly true.
    #[inline]
    pub fn is_possible(self) -> bool {
        self.0 & 2 != 0
    }
}

/// Result of comparing a range of an atom with the codes of a value.
#[inline]
pub fn meet(first: u16, last: u16, codes: Codes) -> Rails {
    Rails::new((first <= codes.low) & (codes.high <= last), (first <= codes.high) & (codes.low <= last))
}
