//! Exact three-valued verdicts of policy items over enterprise profiles.
//!
//! Nothing here does I/O or reads a clock; the evaluation date is an argument. No model, score or default
//! decides a verdict: [`mod@reference`] does, from criteria and facts alone.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod bundle;
pub mod check;
mod clause;
pub mod reference;
mod report;
mod score;

pub use clause::ClauseReport;
pub use report::{DocumentLine, Match, MatchReport, Selection, Undecided, match_item, match_profile};
