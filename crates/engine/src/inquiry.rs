//! Search options beyond the query, and their part of the answer: sort order, and one enterprise.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use zhaoren_indexer::{Hit, SearchRequest, SearchResponse};
use zhaoren_matcher::Match;
use zhaoren_policy::criterion::describe;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, Standing, WindowView};
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;

use crate::entries::conditions;

/// A search with its sort order and its enterprise.
#[derive(Clone, Copy, Debug)]
pub struct Inquiry<'a> {
    /// The search request.
    pub request: &'a SearchRequest,
    /// Sort order.
    pub sort: Sort,
    /// Profile of the enterprise; its obtainable items come first.
    pub profile: Option<&'a Profile>,
    /// Tenant whose additions, with those of its ancestors, are searched beside the shared catalogue; empty for none.
    pub tenant: &'a str,
}

/// Sort order of hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Best answer first.
    #[default]
    Relevance,
    /// Earliest deadline first: the last day of a window that is open or still to come on the day. Hits without one come
    /// last.
    Deadline,
    /// Highest cap (封顶) first. Hits without a known cap come last.
    Amount,
    /// Latest publication first. Hits without a date come last.
    Date,
}

impl Sort {
    /// Every order with its name.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Relevance, "relevance"),
        (Self::Deadline, "deadline"),
        (Self::Amount, "amount"),
        (Self::Date, "date"),
    ];

    /// Finds an order by name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own)| *own == name).map(|(sort, _)| *sort)
    }
}

/// The answer to an inquiry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// Order of the hits; within each verdict if there is an enterprise.
    pub sort: Sort,
    /// The enterprise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enterprise: Option<Searcher>,
    /// The hits.
    #[serde(flatten)]
    pub found: SearchResponse<ItemHit>,
}

/// The enterprise of a search.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Searcher {
    /// Its id.
    pub id: String,
    /// Its name, if the profile has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Counts of all hits by the best verdict on one of their items in force.
    pub verdicts: Verdicts,
}

/// Number of hits by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdicts {
    /// 符合.
    pub eligible: usize,
    /// 待定.
    pub undetermined: usize,
    /// 不符合.
    pub ineligible: usize,
    /// Hits without a verdict: documents without items, and items not in force.
    pub none: usize,
}

/// A hit with the items it leads to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemHit {
    /// The hit.
    #[serde(flatten)]
    pub hit: Hit,
    /// The best verdict on an item in force, if there is an enterprise and such an item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// The item itself, or the items of the document, in order of id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<HitItem>,
    /// For an item, its documents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<String>,
}

/// An item that a hit leads to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum HitItem {
    /// For an enterprise: the whole match.
    Matched(Box<Match>),
    /// Without an enterprise.
    Item(ItemLine),
}

/// Summary of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemLine {
    /// Its id.
    pub policy: String,
    /// Its title.
    pub title: String,
    /// 申报期 on the day.
    pub window: WindowView,
    /// True if the item is in force on the day.
    pub in_force: bool,
    /// 支持内容 in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gives: Option<String>,
    /// Addressees: the first conditions in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_to: Option<String>,
}

impl ItemLine {
    /// Summary of an item on a day, with its standing.
    pub(crate) fn of(item: &Item, day: Date, standing: &Standing) -> Self {
        let first = conditions(&item.criteria).into_iter().take(FIRST_CONDITIONS);
        let given_to: Vec<String> =
            first.map(|condition| describe(condition, FactDictionary::built_in())).collect();
        Self {
            policy: item.id.clone(),
            title: item.title.clone(),
            window: item.window_on(day),
            in_force: standing.is_matchable,
            gives: item.benefit.amount.text.clone(),
            given_to: Some(given_to.join("；")).filter(|text| !text.is_empty()),
        }
    }
}

/// Number of conditions that tell who an item is for.
const FIRST_CONDITIONS: usize = 2;

impl HitItem {
    /// Id of the item.
    pub fn policy(&self) -> &str {
        match self {
            Self::Matched(one) => &one.policy,
            Self::Item(one) => &one.policy,
        }
    }
}
