//! Batch matching (批量匹配): many enterprises against all items, with blocks of rows as columns of codes and verdicts as bits.
//!
//! A [`BatchPlan`] holds the criteria of many items as conjunctions of *literals* (`literal`), each a column in a set of codes,
//! or alternatives of such; conjunctions with a common prefix share it (`trie`). A [`Block`] holds up to [`BLOCK_ROWS`] encoded
//! enterprises. Every literal gives two sets of rows, those that certainly pass and those that can pass, so the sweep over the
//! trie is an AND of words, and a subtree is skipped as soon as no row can pass it. If a fact occurs more than once in an item,
//! the two sets are not exact; such an item keeps its decision diagram, which is walked only for the rows that the sweep leaves
//! open. Every answer equals that of [`crate::Snapshot`].

mod bits;
mod block;
mod date_drift;
mod encode;
mod facts;
mod literal;
mod plan;
mod score;
mod trie;

pub use crate::kernel::RegisterWidth;
pub use bits::{BLOCK_ROWS, RowBits, first_rows, rows_of};
pub use block::Block;
pub use date_drift::DateDrift;
pub use facts::{FactColumn, FactSource, FactTable};
pub use plan::{BatchPlan, BlockVerdicts, Scratch, VerdictSelection};
pub use score::Scorer;
