//! Profiles (企业画像): the knowledge about one enterprise.
//!
//! ```
//! use jiff::civil::date;
//! use zhaoren_policy::fact::FactDictionary;
//! use zhaoren_policy::problem::Report;
//! use zhaoren_policy::profile::Profile;
//! use zhaoren_policy::syntax;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let node = syntax::json(r#"{"id": "样例", "facts": {"qualifications": ["高新技术企业"]}}"#)?;
//! let mut report = Report::new("profile.json");
//! let profile = Profile::read(&node, FactDictionary::built_in(), false, &mut report).unwrap();
//! let held = profile.tags("qualifications").unwrap();
//! assert_eq!(held.holds("高新技术企业", date(2026, 7, 1)), Some(true));
//! // A list is complete: what it does not name is not held.
//! assert_eq!(held.holds("专精特新中小企业", date(2026, 7, 1)), Some(false));
//! # Ok(())
//! # }
//! ```

mod build;
mod change;
mod form;
mod read;
mod records;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::fact::Knowledge;
use crate::syntax::{Node, Tree};

pub use build::{CheckedFact, ProfileBuilder};
pub use read::Strictness;
pub(crate) use read::value_of;
pub use records::RecordList;

/// Known facts of one enterprise.
///
/// Its `serde` form is for the program's own files; files written by people are read by [`Profile::read`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Profile {
    /// 统一社会信用代码, or any other id of the caller.
    pub id: String,
    /// 企业名称.
    pub name: Option<String>,
    facts: BTreeMap<String, Holding>,
    judged: BTreeMap<String, bool>,
    /// Facts that a register refuses to give, each with its year (`None`: the whole fact) and the reason.
    // Left out if there is none: receipts of earlier versions keep their digest.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "form::withheld")]
    withheld: BTreeMap<(String, Option<i16>), String>,
}

/// Content of a profile under one key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Holding {
    Current(Knowledge),
    Yearly(BTreeMap<i16, Knowledge>),
    Tags(TagSet),
    Records(RecordList),
}

/// Key of a profile entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ProfileKey {
    /// Fact, or one fiscal year of a yearly fact.
    Fact(String, Option<i16>),
    /// Judged text.
    Judged(String),
}

/// Entry of a profile, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProfileEntry<'a> {
    /// Knowledge of a fact, or of one year of it.
    Value(&'a Knowledge),
    /// Tags.
    Tags(&'a TagSet),
    /// Person's judgement of a text.
    Judged(bool),
    /// Records.
    Records(&'a RecordList),
    /// Reason why the fact, or one year of it, is withheld: it is unknown, and is not asked for.
    Withheld(&'a str),
}

impl ProfileEntry<'_> {
    /// Owned copy.
    pub fn to_owned(self) -> HeldValue {
        match self {
            Self::Value(known) => HeldValue::Value(known.clone()),
            Self::Tags(tags) => HeldValue::Tags(tags.clone()),
            Self::Judged(truth) => HeldValue::Judged(truth),
            Self::Records(records) => HeldValue::Records(records.clone()),
            Self::Withheld(reason) => HeldValue::Withheld(reason.to_owned()),
        }
    }
}

/// Entry of a profile, owned: as [`ProfileEntry`], for the program's own files.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HeldValue {
    /// Knowledge of a fact, or of one year of it.
    Value(Knowledge),
    /// Tags.
    Tags(TagSet),
    /// Person's judgement of a text.
    Judged(bool),
    /// Records.
    Records(RecordList),
    /// Reason why the fact is withheld.
    Withheld(String),
}

/// Knowledge of a tags fact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TagSet {
    held: Vec<HeldTag>,
    /// `None`: the list is complete, every other tag is known to be absent.
    lacks: Option<BTreeSet<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct HeldTag {
    tag: String,
    from: Option<Date>,
    until: Option<Date>,
}

impl HeldTag {
    /// True if the tag is held on `day`.
    fn covers(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

impl TagSet {
    /// True if `tag` is held on `day`; `None` if that is unknown.
    ///
    /// A dated tag is held on its first and last day and between, and known not to be held on other days.
    pub fn holds(&self, tag: &str, day: Date) -> Option<bool> {
        let mut dated = false;
        for tag_entry in self.held.iter().filter(|tag_entry| tag_entry.tag == tag) {
            if tag_entry.covers(day) {
                return Some(true);
            }
            dated = true;
        }
        match &self.lacks {
            _ if dated => Some(false),
            None => Some(false),
            Some(lacks) => lacks.contains(tag).then_some(false),
        }
    }

    /// Tags held on `day`, in the order given.
    pub fn tags_on(&self, day: Date) -> Vec<&str> {
        let mut tags: Vec<&str> = Vec::new();
        let mut seen = BTreeSet::new();
        for held in &self.held {
            if held.covers(day) && seen.insert(held.tag.as_str()) {
                tags.push(&held.tag);
            }
        }
        tags
    }

    /// Held tags, and the tags known to be absent (`None`: all others), as nodes of a profile in JSON.
    pub fn nodes(&self) -> (Vec<Node>, Option<Vec<Node>>) {
        let node = |value: Tree| Node { value, line: 0 };
        let text = |text: &str| node(Tree::Text(text.to_owned()));
        let held = |held: &HeldTag| {
            if held.from.is_none() && held.until.is_none() {
                return text(&held.tag);
            }
            let ends = [("from", held.from), ("until", held.until)];
            let ends =
                ends.into_iter().filter_map(|(key, day)| Some((key.to_owned(), text(&day?.to_string()))));
            node(Tree::Map(std::iter::once(("tag".to_owned(), text(&held.tag))).chain(ends).collect()))
        };
        let lacks = self.lacks.as_ref().map(|lacks| lacks.iter().map(|tag| text(tag)).collect());
        (self.held.iter().map(held).collect(), lacks)
    }

    /// True if every tag not held is known to be absent.
    pub fn is_complete(&self) -> bool {
        self.lacks.is_none()
    }
}

impl Profile {
    /// All entries with the parts of their keys: the fact and its year, or the judged text. Every other key is unknown.
    pub fn entries(&self) -> impl Iterator<Item = (&str, Option<i16>, ProfileEntry<'_>)> {
        let facts = self.facts.iter().flat_map(|(key, holding)| {
            let (one, years) = match holding {
                Holding::Current(known) => (Some(ProfileEntry::Value(known)), None),
                Holding::Tags(tags) => (Some(ProfileEntry::Tags(tags)), None),
                Holding::Records(records) => (Some(ProfileEntry::Records(records)), None),
                Holding::Yearly(years) => (None, Some(years)),
            };
            let years = years.into_iter().flatten();
            let years =
                years.map(move |(year, known)| (key.as_str(), Some(*year), ProfileEntry::Value(known)));
            one.map(|value| (key.as_str(), None, value)).into_iter().chain(years)
        });
        let withheld = self
            .withheld
            .iter()
            .map(|((key, year), reason)| (key.as_str(), *year, ProfileEntry::Withheld(reason)));
        facts.chain(withheld).chain(
            self.judged.iter().map(|(text, truth)| (text.as_str(), None, ProfileEntry::Judged(*truth))),
        )
    }

    /// Given value of a fact with one value.
    pub fn current(&self, key: &str) -> Knowledge {
        match self.facts.get(key) {
            Some(Holding::Current(known)) => known.clone(),
            _ => Knowledge::Unknown,
        }
    }

    /// Given value of a yearly fact for `year`.
    pub fn yearly(&self, key: &str, year: i16) -> Knowledge {
        match self.facts.get(key) {
            Some(Holding::Yearly(years)) => years.get(&year).cloned().unwrap_or_default(),
            _ => Knowledge::Unknown,
        }
    }

    /// Given tags of a tags fact; `None` if none are given.
    pub fn tags(&self, key: &str) -> Option<&TagSet> {
        match self.facts.get(key) {
            Some(Holding::Tags(tags)) => Some(tags),
            _ => None,
        }
    }

    /// Given records of a records fact; `None` if none are given.
    pub fn records(&self, key: &str) -> Option<&RecordList> {
        match self.facts.get(key) {
            Some(Holding::Records(records)) => Some(records),
            _ => None,
        }
    }

    /// Reason why a fact, or the fiscal year `year` of it, is withheld; `None` if it is not.
    pub fn withheld(&self, key: &str, year: Option<i16>) -> Option<&str> {
        if self.withheld.is_empty() {
            return None;
        }
        let of = |year| self.withheld.get(&(key.to_owned(), year)).map(String::as_str);
        of(None).or_else(|| year.and_then(|year| of(Some(year))))
    }

    /// All facts that are withheld: key, fiscal year and reason, in order.
    pub fn all_withheld(&self) -> impl Iterator<Item = (&str, Option<i16>, &str)> {
        self.withheld.iter().map(|((key, year), reason)| (key.as_str(), *year, reason.as_str()))
    }

    /// Person's judgement whether a text holds; `None` if there is none.
    pub fn judgement(&self, text: &str) -> Option<bool> {
        self.judged.get(text).copied()
    }
}
