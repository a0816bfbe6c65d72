//! Blocks: enterprises encoded for a plan, column by column.

#![expect(
    clippy::indexing_slicing,
    reason = "a block has a lane for each column of its plan and a state for each row"
)]

use zhaoren_policy::view::View;

use super::bits::BLOCK_ROWS;
use crate::compiled::{CodeSet, Column, ColumnId, Encoded, EncodedRef};

/// Up to [`BLOCK_ROWS`] enterprises as codes. A block belongs to the plan that encoded it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    rows: usize,
    lanes: Vec<Lane>,
}

/// Column of a block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lane {
    /// State of each row: a code; from one past the last code on, an index into `partial`; or [`Lane::UNKNOWN`].
    pub(crate) states: Vec<u32>,
    /// Code sets of partially known rows.
    pub(crate) partial: Vec<CodeSet>,
    /// Number of codes of the column.
    pub(crate) codes: u32,
}

impl Block {
    /// Encodes enterprises through `columns`; those beyond [`BLOCK_ROWS`] stay in `views`.
    pub(crate) fn encode<'a>(columns: &[Column], views: &mut impl Iterator<Item = View<'a>>) -> Self {
        let mut block = Self { rows: 0, lanes: columns.iter().map(Lane::of).collect() };
        for view in views.take(BLOCK_ROWS) {
            zhaoren_cancel::poll();
            for (lane, column) in block.lanes.iter_mut().zip(columns) {
                lane.push(column.encode(&view));
            }
            block.rows += 1;
        }
        block
    }

    /// Block of lanes that each have `rows` rows.
    pub(crate) fn of(rows: usize, lanes: Vec<Lane>) -> Self {
        Self { rows, lanes }
    }

    /// Number of enterprises.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// True if the block has no enterprise.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    pub(crate) fn lane(&self, column: ColumnId) -> &Lane {
        &self.lanes[column]
    }

    /// Encoded value of one row in one column.
    pub(crate) fn encoded_at(&self, column: ColumnId, row: usize) -> EncodedRef<'_> {
        let lane = self.lane(column);
        let state = lane.states[row];
        if state == Lane::UNKNOWN {
            return EncodedRef::Unknown;
        }
        if state < lane.codes {
            return EncodedRef::Exactly(state);
        }
        EncodedRef::Among(&lane.partial[(state - lane.codes) as usize])
    }
}

impl Lane {
    /// State of an unknown value. Partial states lie below it, counted from `codes`.
    pub(crate) const UNKNOWN: u32 = u32::MAX;

    /// Lane without rows.
    pub(crate) fn of(column: &Column) -> Self {
        Self { codes: column.space.max_code().saturating_add(1), ..Self::default() }
    }

    pub(crate) fn push(&mut self, seen: Encoded) {
        let state = self.state(&seen);
        self.states.push(state);
    }

    /// State of `seen` in this lane; a new partial value is added.
    pub(crate) fn state(&mut self, seen: &Encoded) -> u32 {
        match seen {
            Encoded::Exactly(code) => *code,
            Encoded::Unknown => Self::UNKNOWN,
            Encoded::Among(codes) => {
                let known = self.partial.iter().position(|before| before == codes);
                let at = known.unwrap_or_else(|| {
                    self.partial.push(codes.clone());
                    self.partial.len() - 1
                });
                self.codes.saturating_add(u32::try_from(at).unwrap_or(u32::MAX))
            }
        }
    }
}
