//! Compiled matcher: criteria as decision diagrams, exact over all completions in one walk.
//!
//! Criteria become a formula over *columns* (`columns`), whose values become codes (`space`), and the formula becomes a diagram
//! (`diagram`). The encoded values of an enterprise restrict the diagram (`residual`): the outcome of every part, the unknowns
//! that can still change it, and the changes that would be needed are read from the remaining diagram.
//!
//! The answers are those of [`crate::reference`]; tests compare the two on random worlds.

mod catalogue;
mod clauses;
mod code_set;
mod columns;
mod diagram;
mod formula;
mod plan;
mod residual;
mod rest;
mod sieve;
mod space;
mod walk;

pub(crate) use catalogue::{CatalogueHead, DiagramFallback, expand, ranks};
pub use catalogue::{CompiledItems, EncodedProfile, NotCompiled, Verdicts};
pub(crate) use clauses::Disjunction;
pub(crate) use code_set::CodeSet;
pub(crate) use columns::{Collector, Column, ColumnId, Encoded};
pub use diagram::{BuildSteps, MAX_BUILD_STEPS, MAX_LEVELS, OverBudget};
pub(crate) use diagram::{Diagram, FAILS, HOLDS, Level, NodeId, Roots, Store};
pub use formula::EvaluationDay;
pub(crate) use formula::draft;
pub use plan::Plan;
pub(crate) use residual::Residual;
pub(crate) use space::{End, Space, first_false_day};
pub(crate) use walk::{EncodedRef, Walker};
