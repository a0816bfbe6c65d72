//! A saved search, and the result of running it again.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use zhaoren_indexer::SearchRequest;
use zhaoren_policy::verdict::Verdict;

use crate::inquiry::{Answer, Sort};

/// A saved search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedSearch {
    /// Its name.
    pub name: String,
    /// The query as typed.
    pub query: String,
    /// Filters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<(String, String)>,
    /// Sort order.
    #[serde(default)]
    pub sort: Sort,
    /// True to search the query as typed only.
    #[serde(default)]
    pub as_typed: bool,
    /// True to list every copy as a hit.
    #[serde(default)]
    pub copies: bool,
    /// The profile of its enterprise, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Tenant whose additions are searched beside the shared catalogue; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tenant: String,
    /// Time of saving, in China time.
    pub saved: String,
    /// Time of the last run.
    pub run: String,
    /// Hits of the last run, by id.
    pub(super) found: BTreeMap<String, HitState>,
}

/// State of a hit in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HitState {
    /// The first half of the entry's hash.
    pub(super) digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) verdict: Option<Verdict>,
}

impl SavedSearch {
    /// A saved search for a list. The profile is omitted: it was supplied only to run the search.
    pub fn summary(&self) -> Json {
        json!({
            "name": self.name, "query": self.query, "filters": self.filters, "sort": self.sort,
            "saved": self.saved, "run": self.run, "for_enterprise": self.profile.is_some(),
        })
    }

    /// The search request.
    pub(super) fn request(&self, limit: usize) -> SearchRequest {
        SearchRequest {
            query: self.query.clone(),
            limit,
            filters: self.filters.clone(),
            as_typed: self.as_typed,
            list_copies: self.copies,
            ..SearchRequest::default()
        }
    }

    /// The evaluation day, if the query or a filter sets one.
    pub fn as_of(&self) -> Option<Date> {
        self.request(0).day()
    }
}

/// Result of running a saved search.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SavedRun {
    /// Its name.
    pub name: String,
    /// Time of the previous run, or of saving.
    pub since: String,
    /// Ids of new hits, best first.
    pub new: Vec<String>,
    /// Ids of hits with changed text or data.
    pub changed: Vec<String>,
    /// Changed verdicts on the enterprise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<VerdictChange>,
    /// Ids of hits no longer found.
    pub gone: Vec<String>,
    /// The hits.
    #[serde(flatten)]
    pub answer: Answer,
}

/// A changed verdict on a hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictChange {
    /// Id of the hit.
    pub id: String,
    /// The verdict before; none if there was none.
    pub from: Option<Verdict>,
    /// The verdict now.
    pub to: Option<Verdict>,
}
