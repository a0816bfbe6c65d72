//! Chinese full-text index of documents, items and clauses.
//!
//! [`build`] writes an immutable generation aside and publishes it; [`Index::open`] opens the current one and
//! [`Index::search`] answers. No type of the engine underneath leaves this crate.

mod analyze;
mod build;
mod collect;
mod entry;
mod error;
mod facet;
mod generation;
mod highlight;
mod lexicon;
mod named;
mod query;
mod schema;
mod search;

pub use build::build;
pub use entry::{Entry, EntryKind, FACETS};
pub use error::IndexError;
pub use facet::FacetValue;
pub use generation::Manifest;
pub use highlight::{Highlight, Original};
pub use lexicon::{Lexicon, Synonym};
pub use search::{Hit, HitClause, Index, SearchRequest, SearchResponse};
