//! What is asked of search beside words, and what the answer says beside hits: an order, and one enterprise.

use serde::{Deserialize, Serialize};
use zhaoren_indexer::{Hit, SearchRequest, SearchResponse};
use zhaoren_matcher::Match;
use zhaoren_policy::item::WindowView;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;

/// A search, with how it is ordered and for whom.
#[derive(Clone, Copy, Debug)]
pub struct Inquiry<'a> {
    /// What is searched.
    pub request: &'a SearchRequest,
    /// What comes first.
    pub sort: Sort,
    /// For which enterprise: what it can get comes first.
    pub profile: Option<&'a Profile>,
    /// Whose additions are searched beside what all share, with those of the tenants above; empty for none.
    pub tenant: &'a str,
}

/// What comes first among hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// What answers best.
    #[default]
    Relevance,
    /// What closes next: the last day of a window that is open or to come on the day. What has none comes last.
    Deadline,
    /// The highest ceiling (封顶). What has none, or none that is known, comes last.
    Amount,
    /// What was published last. What has no such day comes last.
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

    /// The order of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own)| *own == name).map(|(sort, _)| *sort)
    }
}

/// The answer to an inquiry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The order of the hits; within a verdict, where there is an enterprise.
    pub sort: Sort,
    /// For whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enterprise: Option<Searcher>,
    /// What was found.
    #[serde(flatten)]
    pub found: SearchResponse<ItemHit>,
}

/// The enterprise that was searched for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Searcher {
    /// Its id.
    pub id: String,
    /// Its name, when the profile has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of all that was found, the hits by the best verdict on an item of theirs that is in force.
    pub verdicts: Verdicts,
}

/// How many hits have which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdicts {
    /// 符合.
    pub eligible: usize,
    /// 待定.
    pub undetermined: usize,
    /// 不符合.
    pub ineligible: usize,
    /// Nothing in force that can be had: documents without items, and what is not in force.
    pub none: usize,
}

/// A hit with the items it leads to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemHit {
    /// The hit.
    #[serde(flatten)]
    pub hit: Hit,
    /// The best verdict on an item that is in force, where there is an enterprise and such an item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// The item itself, or the items that stand in the document, in order of id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<HitItem>,
    /// For an item, the documents it stands in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<String>,
}

/// An item that a hit leads to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum HitItem {
    /// For an enterprise: all that a match says.
    Matched(Box<Match>),
    /// For nobody.
    Item(ItemLine),
}

/// An item in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemLine {
    /// Its id.
    pub policy: String,
    /// Its title.
    pub title: String,
    /// 申报期 on the day.
    pub window: WindowView,
    /// Whether it can be had at all on the day.
    pub in_force: bool,
}

impl HitItem {
    /// Id of the item.
    pub fn policy(&self) -> &str {
        match self {
            Self::Matched(one) => &one.policy,
            Self::Item(one) => &one.policy,
        }
    }
}
