//! Policy items (政策事项): a single support with its criteria.
//!
//! ```
//! use zhaoren_policy::fact::FactDictionary;
//! use zhaoren_policy::item::read_items;
//!
//! let text = "
//! id: sample
//! title: 示例
//! document: {title: 示例办法}
//! benefit: {kinds: [grant], amount: {text: 一次性奖励}}
//! criteria: {fact: employes, at_least: 10}
//! ";
//! let (items, report) = read_items(text, "sample.yaml", FactDictionary::built_in());
//! // The misspelt fact is named with its line; the item is left out.
//! assert!(items.is_empty());
//! assert_eq!(report.problems[0].line, Some(6));
//! ```

mod acknowledgement;
pub mod amount;
mod amount_keys;
mod benefit;
mod catalogue;
mod cycles;
mod guide;
mod held;
mod read;
mod stacking;
mod standing;
mod succession;
mod window;
mod window_keys;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use acknowledgement::Acknowledgement;
pub use benefit::{Amount, Benefit};
pub use catalogue::{check_catalogue, grant_index};
pub use guide::{ApplicationChannel, CHANNEL_UNKNOWN, Guide, GuideEntry, GuideLine, Material};
pub use held::{Holding, HoldingState};
pub use read::{read_item, read_items};
pub use stacking::{CapPeriod, Grant, Received, Stacking, StackingRule};
pub use standing::Standing;
pub use succession::Succession;
pub use window::{Window, WindowBasis, WindowState, WindowView, YearDay, YearlyPeriod};

use crate::criterion::Criterion;
use crate::document::Document;

/// Support item.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// Unique id.
    pub id: String,
    /// 事项名称.
    pub title: String,
    /// Document that contains the item.
    pub document: Document,
    /// 支持内容.
    pub benefit: Benefit,
    /// 申报期.
    pub window: Window,
    /// 兑现方式.
    pub delivery: Delivery,
    /// Themes, for search and filters.
    pub tags: Vec<String>,
    /// Former and popular names (别称): 稳岗补贴 of 失业保险稳岗返还. They are searched like the title.
    pub aka: Vec<String>,
    /// Items that exclude this one (不重复享受).
    pub excludes: Vec<String>,
    /// Further rules on combining it with other items.
    pub stacking: Vec<StackingRule>,
    /// Titles and list entries that the item grants.
    pub grants: Vec<Grant>,
    /// 申报条件.
    pub criteria: Criterion,
    /// Review of the encoding (审核).
    pub review: Option<Review>,
    /// Kind of applicant.
    pub subject: Applicant,
    /// True if the office selects among the qualified applicants (择优): eligible then means "may apply".
    pub competitive: bool,
    /// Links to other items.
    pub relations: Vec<Relation>,
    /// Notes in words: limits, stacking by object.
    pub notes: Vec<String>,
    /// 办事指南; `None` if nothing of it is known.
    pub guide: Option<Guide>,
    /// Differences between the words of a criterion and its rule that were accepted.
    pub acknowledged: Vec<Acknowledgement>,
}

/// Delivery of a support (兑现方式).
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
    /// Chinese name for display.
    pub fn name(self) -> &'static str {
        match self {
            Self::Apply => "申报",
            Self::Automatic => "免申即享",
        }
    }
}

/// Kind of applicant of a support.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Applicant {
    /// Enterprise itself.
    #[default]
    Enterprise,
    /// Person: never matched to enterprises.
    Person,
    /// Project of the enterprise.
    Project,
    /// Operator of an incubator or park.
    Operator,
}

/// Result of checking a policy fact against a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// `V` checked against a text, `V-page` against an official page, `K` from general knowledge, `K!` general knowledge with a
    /// doubtful figure.
    pub mark: String,
    /// Title of the text or page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Points that remain to be checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Review {
    /// True if the figures were compared with a source.
    pub fn is_checked(&self) -> bool {
        self.mark.starts_with('V')
    }
}

/// Link to another item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// Kind of the link.
    pub kind: RelationKind,
    /// Id of the other item.
    pub item: String,
    /// Note in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Kind of a [`Relation`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// 先获认定: the other item's title is required first.
    Requires,
    /// 上位政策: the other item is the superior rule that this item carries out.
    Parent,
    /// The fund or opinion that this item is part of.
    Container,
    /// 配套: paid on top of the other item.
    TopUpOf,
    /// 细则: this item is the detailed rule of the other.
    Implements,
    /// The following year's or a revised edition: it retires the other item from its own first day on.
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
    /// True if the item can be matched to enterprises on `day`: in force, and not for persons.
    pub fn in_force_on(&self, day: Date) -> bool {
        self.subject != Applicant::Person && self.document.in_force_on(day)
    }

    /// True if the item belongs to the sample district (示例区): a made-up place below [`SAMPLE_REGION`], and no real policy.
    pub fn is_sample(&self) -> bool {
        self.document.region.as_deref().is_some_and(|region| region.starts_with(SAMPLE_REGION))
    }
}

/// First digits of the codes of made-up places; GB/T 2260 does not assign them.
pub const SAMPLE_REGION: &str = "98";
