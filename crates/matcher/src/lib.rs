//! Exact three-valued verdicts of policy items over enterprise profiles.
//!
//! Nothing here does I/O or reads a clock; the evaluation date is an argument. No model, score or default
//! decides a verdict: [`compiled`] criteria do, and tests compare them with [`mod@reference`].

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod batch;
pub mod bundle;
pub mod check;
mod clause;
pub mod compiled;
mod glance;
mod kernel;
mod library;
mod missing;
mod nearest;
mod questions;
pub mod reference;
mod report;
mod score;
mod slot;
mod snapshot;
mod stored;
mod worth;

pub use clause::ClauseReport;
pub use glance::Glance;
pub use library::Library;
pub use nearest::Change;
pub use questions::{Question, QuestionPlan};
pub use report::{DocumentLine, Match, MatchReport, Selection, UndecidedItem, clause_states, match_item};
pub use snapshot::Snapshot;
pub use stored::StoredError;
