//! Matching engines compared with ours.
//!
//! # Three-valued answers from two-valued engines
//!
//! Every value is a range of codes, `low` to `high`, and every atom, once NOT is pushed down to the leaves, a union of
//! ranges with gaps between them. A value certainly lies in `first..=last` if `first <= low` and
//! `high <= last`; it possibly does if `first <= high` and `low <= last`. The second is the first with `low` and
//! `high` exchanged, and AND and OR preserve both. So the rules are written once, over the two numbers `low`
//! and `high` of each column, and evaluated twice: with the ends of each value in their places, which gives the
//! certain items (T), and with the ends exchanged, which gives the possible ones (P). U is P without T. This is exactly
//! Kleene's logic on two rails, as the interpreter computes it.

mod a_tree;
mod bitmaps;
mod dense;
mod interpreter;
mod mokaccino;
mod necessary;
mod text;
mod zen;

pub use a_tree::{ATreeOfAtoms, ATreeRival};
pub use bitmaps::Bitmaps;
pub use dense::DenseBitmaps;
pub use interpreter::{Interpreter, OrderedInterpreter, ParallelInterpreter};
pub use mokaccino::MokaccinoRival;
pub use zen::ZenRival;
