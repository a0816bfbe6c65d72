//! Items and profiles as numbers, for every rival that wants them: facts become columns of codes, leaves become
//! atoms (原子谓词: a column lies in a union of ranges), criteria become trees of atoms without NOT.
//!
//! Values are exact until they are codes: a column is cut at every value that some leaf can tell apart, and a
//! code is the number of cuts at or below the value. What is not exactly known is the range of codes it lies in.

mod column;
mod formula;

pub use column::{Column, ColumnKey};
pub use formula::{Atom, AtomId, Formula, Lowered, Unsupported};

/// The codes in which one value of a profile lies, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Codes {
    /// Least code.
    pub low: u16,
    /// Greatest code.
    pub high: u16,
}

/// Two rails of Kleene's logic: whether a thing is certain, and whether it is possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rails(u8);

impl Rails {
    /// Holds.
    pub const HOLDS: Self = Self(3);
    /// Does not.
    pub const FAILS: Self = Self(0);

    /// Both rails; what is certain is possible.
    #[inline]
    pub fn new(certain: bool, possible: bool) -> Self {
        Self(u8::from(certain) | u8::from(possible) << 1)
    }

    /// Both hold.
    #[inline]
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// One of them holds.
    #[inline]
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it certainly holds.
    #[inline]
    pub fn is_certain(self) -> bool {
        self.0 & 1 != 0
    }

    /// Whether it possibly holds.
    #[inline]
    pub fn is_possible(self) -> bool {
        self.0 & 2 != 0
    }
}

/// How a range of an atom meets the codes of a value.
#[inline]
pub fn meet(first: u16, last: u16, codes: Codes) -> Rails {
    Rails::new((first <= codes.low) & (codes.high <= last), (first <= codes.high) & (codes.low <= last))
}
