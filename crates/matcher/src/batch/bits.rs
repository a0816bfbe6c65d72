//! Sets of rows of a block as bitmaps.

#![expect(clippy::indexing_slicing, reason = "a row is one of the block")]

/// Maximum number of rows of a block: a set of them fills eight cache lines, and a few hundred sets fit the second-level cache.
pub const BLOCK_ROWS: usize = 4096;

/// Number of words of a set.
pub(crate) const WORDS: usize = BLOCK_ROWS / 64;

/// Set of rows of a block; the first row is the lowest bit.
pub type RowBits = [u64; WORDS];

/// Empty set.
pub(crate) const NONE: RowBits = [0; WORDS];

/// Set of the first `rows` rows.
pub fn first_rows(rows: usize) -> RowBits {
    std::array::from_fn(|word| match rows.saturating_sub(word * 64) {
        0 => 0,
        left @ 1..64 => (1 << left) - 1,
        _ => u64::MAX,
    })
}

/// Adds one row.
pub(crate) fn insert(set: &mut RowBits, row: usize) {
    set[row / 64] |= 1 << (row % 64);
}

/// Removes one row.
pub(crate) fn remove(set: &mut RowBits, row: usize) {
    set[row / 64] &= !(1 << (row % 64));
}

/// Adds every row of `other`.
#[inline(always)]
pub(crate) fn union_with(set: &mut RowBits, other: &RowBits) {
    for (word, other) in set.iter_mut().zip(other) {
        *word |= other;
    }
}

/// True if the set is not empty.
#[inline(always)]
pub(crate) fn any(set: &RowBits) -> bool {
    set.iter().fold(0, |all, word| all | word) != 0
}

/// Rows of a set, in order.
pub fn rows_of(set: &RowBits) -> impl Iterator<Item = usize> + '_ {
    set.iter().enumerate().filter(|(_, word)| **word != 0).flat_map(|(at, word)| {
        let mut left = *word;
        std::iter::from_fn(move || {
            let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(at * 64 + bit)
        })
    })
}
