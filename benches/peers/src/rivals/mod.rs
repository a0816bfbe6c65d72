//! The ways of matching that ours is held against.
//!
//! # How two-valued engines answer a three-valued question
//!
//! Every value is a range of codes, `low` to `high`, and every atom, once NOT is pushed to the leaves, a union of
//! ranges with gaps between them. A value certainly lies in `first..=last` when `first <= low` and
//! `high <= last`; it possibly does when `first <= high` and `low <= last`. The second is the first with `low` and
//! `high` exchanged, and AND and OR keep both orders. So the rules are written once, over the two numbers `low`
//! and `high` of each column, and asked twice: with the ends of each value in their places, which gives what is
//! certain (T), and with the ends exchanged, which gives what is possible (P). U is P without T. That is exactly
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
