//! Chinese full-text index of documents, items and clauses.
//!
//! [`build`] writes an immutable generation aside and publishes it; [`Index::open`] opens the current one and
//! [`Index::search`] answers. No tantivy type leaves this crate.
//!
//! ```
//! use zhaoren_indexer::{Entry, EntryKind, Index, Lexicon, SearchRequest, build};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let entry = Entry {
//!     id: "loan".into(),
//!     kind: EntryKind::Document,
//!     title: "普惠小微贷款贴息通知".into(),
//!     document: Default::default(),
//!     text: "符合条件的企业免申即享。".into(),
//!     clauses: Vec::new(),
//!     methods: vec![("loan".into(), "融资支持".into())],
//!     delivery: None,
//!     tags: Vec::new(),
//!     aka: Vec::new(),
//! };
//! build(folder.path(), &[entry], &Lexicon::built_in(), &|_| {})?;
//! let index = Index::open(folder.path())?;
//! let request = SearchRequest { query: "免申即享".into(), limit: 10, ..SearchRequest::default() };
//! assert_eq!(index.search(&request)?.hits[0].id, "loan");
//! # Ok(())
//! # }
//! ```

mod additions;
mod advice;
mod analyze;
mod authority;
mod bm25;
mod build;
mod character;
mod collect;
mod corpus;
mod correct;
mod documents;
mod duplicates;
mod entry;
mod entry_meta;
mod error;
pub mod eval;
mod exclude;
mod explain;
mod facet;
mod files;
mod frequency;
mod generation;
mod highlight;
mod hit;
mod known_items;
mod learn;
mod legal_status;
mod letters;
mod lexicon;
mod lifecycle;
mod meaning;
mod named;
mod open;
mod pointer;
mod query;
mod query_log;
mod rank;
mod ranking_data;
mod reading;
mod schema;
mod search;
mod situation;
mod sketch;
mod spelling;
mod suggest;
mod update;
mod vocabulary;

pub use advice::{Advice, AdviceKind};
pub use build::{BuildOptions, build, build_with};
pub use documents::DocumentList;
pub use entry::{Entry, EntryKind};
pub use entry_meta::FACETS;
pub use error::IndexError;
pub use explain::{ExplainedStep, ExplainedTerm, Explanation};
pub use facet::FacetValue;
pub use generation::Manifest;
pub use highlight::{Highlight, Original};
pub use hit::{Hit, HitClause};
pub use lexicon::{Lexicon, Synonym};
pub use lifecycle::{Generation, generations, roll_back, verify};
pub use meaning::{By, Meaning};
pub use open::Index;
pub use pointer::Pointer;
pub use query_log::AnsweredQuestion;
pub use rank::EXCLUSION;
pub use search::{SearchRequest, SearchResponse};
pub use situation::{Situation, SituationKind};
pub use suggest::Suggestion;
pub use update::update;
