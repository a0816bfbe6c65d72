//! Policy items (政策事项): one support that can be had, with its criteria.

pub mod amount;
mod amount_keys;
mod benefit;
mod catalogue;
mod circles;
mod read;
mod stacking;
mod window;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use benefit::{Amount, Benefit};
pub use catalogue::{check_catalogue, granting};
pub use read::{read_item, read_items};
pub use stacking::{CapPeriod, Grant, Received, Stacking, StackingRule};
pub use window::{Window, WindowState, WindowView};

use crate::criterion::Criterion;
use crate::document::Document;

/// One support item.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Unique id.
    pub id: String,
    /// 事项名称.
    pub title: String,
    /// The document it stands in.
    pub document: Document,
    /// 支持内容.
    pub benefit: Benefit,
    /// 申报期.
    pub window: Window,
    /// 兑现方式.
    pub delivery: Delivery,
    /// Themes, for search and filters.
    pub tags: Vec<String>,
    /// Items that cannot be enjoyed together with this one (不重复享受).
    pub excludes: Vec<String>,
    /// What may be had together, beyond `excludes`.
    pub stacking: Vec<StackingRule>,
    /// Titles and list entries that the item gives.
    pub grants: Vec<Grant>,
    /// 申报条件.
    pub criteria: Criterion,
    /// How far the encoding was checked.
    pub review: Option<Review>,
    /// Who the support is for.
    pub subject: Applicant,
    /// Whether the office chooses among those who qualify (择优): eligible then means "may apply".
    pub competitive: bool,
    /// Links to other items.
    pub relations: Vec<Relation>,
    /// What to know, in words: limits, stacking by object.
    pub notes: Vec<String>,
}

/// How a support is had (兑现方式).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// 申报.
    #[default]
    Apply,
    /// 免申即享.
    Automatic,
}

impl Delivery {
    /// The Chinese name shown to people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Apply => "申报",
            Self::Automatic => "免申即享",
        }
    }
}

/// Who a support is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Applicant {
    /// The enterprise itself.
    #[default]
    Enterprise,
    /// A person: never matched to enterprises.
    Person,
    /// A project of the enterprise.
    Project,
    /// The operator of an incubator or park.
    Operator,
}

/// How far a policy fact was checked against a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// `V` checked against a text, `V-page` against an official page, `K` from general knowledge, `K!`
    /// general knowledge with a doubtful figure.
    pub mark: String,
    /// Title of the text or page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What remains to be checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Review {
    /// Whether the figures were compared with a source.
    pub fn is_checked(&self) -> bool {
        self.mark.starts_with('V')
    }
}

/// A link to another item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// What the link says.
    pub kind: RelationKind,
    /// The other item.
    pub item: String,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a [`Relation`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// 先获认定: the other's title first.
    Requires,
    /// The rule of a higher level that this one carries out.
    Parent,
    /// The fund or opinion this item is part of.
    Container,
    /// 配套: paid on top of the other.
    TopUpOf,
    /// 细则.
    Implements,
    /// Next year's or the revised edition.
    Succeeds,
    /// One of the two, per object: project, loan, person.
    ChooseOne,
    /// Expressly allowed together.
    StacksWith,
}

impl RelationKind {
    pub(crate) const ALL: [(Self, &'static str); 8] = [
        (Self::Requires, "requires"),
        (Self::Parent, "parent"),
        (Self::Container, "container"),
        (Self::TopUpOf, "top_up_of"),
        (Self::Implements, "implements"),
        (Self::Succeeds, "succeeds"),
        (Self::ChooseOne, "choose_one"),
        (Self::StacksWith, "stacks_with"),
    ];
}

impl Item {
    /// Whether the item can be matched to enterprises on `day`: in force, and not for persons.
    pub fn in_force_on(&self, day: Date) -> bool {
        self.subject != Applicant::Person && self.document.in_force_on(day)
    }
}
