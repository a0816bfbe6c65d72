//! One data directory opened: the use cases joined up.
//!
//! Documents and items come in through [`Engine::import`], are kept in the registry as received, and are read,
//! repaired and outlined into the search index. Matching works on the items held in memory. What a caller gets
//! is plain data; the command line and the HTTP API only render it.

mod blocking;
mod clock;
mod entries;
mod error;
mod evidence;
mod import;
mod open;
mod policies;
mod policy;
mod profiles;
mod progress;
mod search;
mod source;

use jiff::civil::Date;
use zhaoren_matcher::{Selection, Undecided};
use zhaoren_policy::profile::Profile;

pub use clock::today;
pub use error::EngineError;
pub use evidence::Evidence;
pub use import::ImportReport;
pub use open::Engine;
pub use policies::load_items;
pub use profiles::{ReadProfiles, disagreements, read_profiles};
pub use progress::{Progress, Silent, Stage};
pub use source::{Given, GivenDocument, GivenItem, file_problem, has_errors};
pub use zhaoren_indexer::{FacetValue, Highlight, Hit, Original, SearchRequest, SearchResponse};
pub use zhaoren_matcher::{ClauseReport, Match, MatchReport};
pub use zhaoren_policy::calendar::parse_date;
pub use zhaoren_policy::evidence::{Passage, Place};
pub use zhaoren_policy::fact::FactDictionary;
pub use zhaoren_policy::item::{Item, WindowView};
pub use zhaoren_policy::problem::{Problem, Severity};
pub use zhaoren_policy::verdict::{ClauseState, Verdict};
pub use zhaoren_registry::Written;

/// How to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchOptions {
    /// 判定日.
    pub as_of: Date,
    /// Keep the ineligible and what is not in force.
    pub all: bool,
    /// How many matches at most.
    pub limit: usize,
}

/// The dictionary that ships with the program.
pub fn built_in_facts() -> &'static FactDictionary {
    FactDictionary::built_in()
}

/// Matches one profile against `items`; what could not be decided is in the second part.
pub fn match_profile(
    profile: &Profile,
    items: &[Item],
    dictionary: &FactDictionary,
    options: MatchOptions,
) -> (MatchReport, Vec<Undecided>) {
    let selection = Selection { all: options.all, limit: options.limit };
    zhaoren_matcher::match_profile(profile, items, dictionary, options.as_of, selection)
}

/// A value of a match in words: 4300万元, 2019年3月12日, 未知.
pub fn show_value(fact: &zhaoren_policy::fact::Fact, value: &serde_json::Value) -> String {
    zhaoren_policy::criterion::describe_json(fact, value)
}
