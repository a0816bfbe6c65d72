//! The domain of `zhaoren`: facts, profiles, documents, items, criteria, verdicts, calendar rules and
//! derived facts.

pub mod clause;
pub mod document;
