//! Exact three-valued verdicts of policy items over enterprise profiles.
//!
//! Nothing here does I/O or reads a clock; the evaluation date is an argument. No model, score or default
//! decides a verdict: [`compiled`] criteria do, and tests compare them with [`mod@reference`].
//!
//! ```
//! use std::sync::Arc;
//!
//! use jiff::civil::date;
//! use zhaoren_matcher::{Library, Selection, Snapshot};
//! use zhaoren_policy::fact::FactDictionary;
//! use zhaoren_policy::item::read_items;
//! use zhaoren_policy::profile::Profile;
//! use zhaoren_policy::verdict::Verdict;
//!
//! let dictionary = FactDictionary::built_in();
//! let item = "
//! id: sample
//! title: 示例
//! document: {title: 示例办法}
//! benefit: {kinds: [grant], amount: {text: 一次性奖励}}
//! criteria: {fact: employees, at_least: 10}
//! ";
//! let (items, _) = read_items(item, "sample.yaml", dictionary);
//! let items = items.into_iter().map(|(item, _)| item).collect();
//! let library = Arc::new(Library::new(items, Arc::new(dictionary.clone())));
//! let snapshot = Snapshot::compile(library, date(2026, 7, 1));
//!
//! // Nothing is known of this enterprise, so nothing is certain.
//! let all = Selection { all: true, limit: 10, bundle: false };
//! let (report, _) = snapshot.match_profile(&Profile::default(), all);
//! assert_eq!(report.matches[0].verdict, Verdict::Undetermined);
//! assert_eq!(report.matches[0].missing, ["employees"]);
//! ```

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
mod records;
pub mod reference;
mod report;
mod score;
mod slot;
mod snapshot;
mod stored;
mod worth;

pub use clause::ClauseReport;
pub use glance::ItemSummary;
pub use library::Library;
pub use missing::WithheldFact;
pub use nearest::Change;
pub use questions::{OfficeFact, Question, QuestionPlan};
pub use report::{
    DocumentLine, ItemWithoutVerdict, Match, MatchReport, Selection, clause_states, match_item,
};
pub use snapshot::Snapshot;
pub use stored::StoredError;
