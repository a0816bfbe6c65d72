//! Many enterprises against all items at once (批量匹配): blocks of rows as columns of codes, verdicts as bits.
//!
//! A [`BatchPlan`] holds the criteria of many items as conjunctions of *literals* (`literal`), each a column in a set of
//! codes, or alternatives of such; conjunctions that begin alike share their beginning (`trie`). A [`Block`] holds up to
//! [`BLOCK_ROWS`] enterprises, encoded. Every literal is two sets of rows, those that pass for certain and those that
//! can, so that the sweep over the trie is AND over words, and what can no longer pass is cut off with all that hangs
//! on it. Where a fact stands in several places of an item two sets are not exact; those items carry their diagram,
//! and just the rows that the sweep leaves open are walked in it. Every answer equals [`crate::Snapshot`]'s.

mod bits;
mod block;
mod date_drift;
mod encode;
mod facts;
mod literal;
mod plan;
mod score;
mod trie;

pub use crate::kernel::Width;
pub use bits::{BLOCK_ROWS, RowBits, first, rows_of};
pub use block::Block;
pub use date_drift::DateDrift;
pub use facts::{FactColumn, FactRows, FactTable};
pub use plan::{BatchPlan, BlockVerdicts, Scratch, VerdictSelection};
pub use score::Scorer;
