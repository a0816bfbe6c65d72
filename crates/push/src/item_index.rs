//! Position of an item in the library of a run.

/// Index of an item in its library. Indices are in order of id; those of two libraries are not comparable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ItemIndex(u32);

impl ItemIndex {
    /// Number of bits of an index; the rest of a word is left for flags.
    const BITS: u32 = u32::BITS - 1;

    /// Index of the item at a position. One beyond every library stands for a position that does not fit.
    pub(crate) fn of(position: usize) -> Self {
        Self(u32::try_from(position).unwrap_or(u32::MAX).min((1 << Self::BITS) - 1))
    }

    /// Position in the library.
    pub(crate) fn position(self) -> usize {
        self.0 as usize
    }

    /// The index with a flag in the lowest bit.
    pub(crate) fn with_flag(self, flag: bool) -> u32 {
        self.0 << 1 | u32::from(flag)
    }

    /// Index and flag of [`Self::with_flag`].
    pub(crate) fn split_flag(word: u32) -> (Self, bool) {
        (Self(word >> 1), word & 1 == 1)
    }
}
