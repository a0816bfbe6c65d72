//! Profiles (企业画像): what is known about one enterprise.

mod build;
mod change;
mod read;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::fact::Knowledge;

pub use build::{CheckedFact, ProfileBuilder};
pub(crate) use read::value_of;

/// One enterprise's facts, as far as they are known.
///
/// Its `serde` form is for the program's own files; what people write is read by [`Profile::read`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// 统一社会信用代码, or any id the caller uses.
    pub id: String,
    /// 企业名称.
    pub name: Option<String>,
    facts: BTreeMap<String, Holding>,
    judged: BTreeMap<String, bool>,
}

/// What a profile holds under one key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Holding {
    Current(Knowledge),
    Yearly(BTreeMap<i16, Knowledge>),
    Tags(TagSet),
}

/// Under what a profile holds something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ProfileKey {
    /// A fact, or one fiscal year of a yearly fact.
    Fact(String, Option<i16>),
    /// A judged text.
    Judged(String),
}

/// One thing that a profile holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProfileEntry<'a> {
    /// What is known of a fact, or of one year of it.
    Value(&'a Knowledge),
    /// Tags.
    Tags(&'a TagSet),
    /// What a person said of a judged text.
    Judged(bool),
}

impl ProfileEntry<'_> {
    /// The same as a value of its own.
    pub fn to_owned(self) -> HeldValue {
        match self {
            Self::Value(known) => HeldValue::Value(known.clone()),
            Self::Tags(tags) => HeldValue::Tags(tags.clone()),
            Self::Judged(truth) => HeldValue::Judged(truth),
        }
    }
}

/// One thing that some profile holds, by itself: as [`Held`], for the program's own files.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HeldValue {
    /// What is known of a fact, or of one year of it.
    Value(Knowledge),
    /// Tags.
    Tags(TagSet),
    /// What a person said of a judged text.
    Judged(bool),
}

/// What is known of a tags fact.
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
    /// Whether `day` is one of those on which the tag is held.
    fn covers(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

impl TagSet {
    /// Whether `tag` is held on `day`; `None` when that is unknown.
    ///
    /// A dated tag is held on its first and last day and between, and known not to be on other days.
    pub fn holds(&self, tag: &str, day: Date) -> Option<bool> {
        let mut dated = false;
        for held in self.held.iter().filter(|held| held.tag == tag) {
            if held.covers(day) {
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

    /// The tags held on `day`, in the order given.
    pub fn held_on(&self, day: Date) -> Vec<&str> {
        let mut tags: Vec<&str> = Vec::new();
        let mut seen = BTreeSet::new();
        for held in &self.held {
            if held.covers(day) && seen.insert(held.tag.as_str()) {
                tags.push(&held.tag);
            }
        }
        tags
    }

    /// Whether every tag not held is known to be absent.
    pub fn is_complete(&self) -> bool {
        self.lacks.is_none()
    }
}

impl Profile {
    /// Everything it holds, the parts of its keys with it: the fact and its year, or the judged text. Every other key
    /// reads as unknown.
    pub fn held(&self) -> impl Iterator<Item = (&str, Option<i16>, ProfileEntry<'_>)> {
        let facts = self.facts.iter().flat_map(|(key, holding)| {
            let (one, years) = match holding {
                Holding::Current(known) => (Some(ProfileEntry::Value(known)), None),
                Holding::Tags(tags) => (Some(ProfileEntry::Tags(tags)), None),
                Holding::Yearly(years) => (None, Some(years)),
            };
            let years = years.into_iter().flatten();
            let years =
                years.map(move |(year, known)| (key.as_str(), Some(*year), ProfileEntry::Value(known)));
            one.map(|held| (key.as_str(), None, held)).into_iter().chain(years)
        });
        facts.chain(
            self.judged.iter().map(|(text, truth)| (text.as_str(), None, ProfileEntry::Judged(*truth))),
        )
    }

    /// What is given of a fact with one value.
    pub fn current(&self, key: &str) -> Knowledge {
        match self.facts.get(key) {
            Some(Holding::Current(known)) => known.clone(),
            _ => Knowledge::Unknown,
        }
    }

    /// What is given of a yearly fact for `year`.
    pub fn yearly(&self, key: &str, year: i16) -> Knowledge {
        match self.facts.get(key) {
            Some(Holding::Yearly(years)) => years.get(&year).cloned().unwrap_or_default(),
            _ => Knowledge::Unknown,
        }
    }

    /// What is given of a tags fact; `None` when nothing is.
    pub fn tags(&self, key: &str) -> Option<&TagSet> {
        match self.facts.get(key) {
            Some(Holding::Tags(tags)) => Some(tags),
            _ => None,
        }
    }

    /// Whether a person has said that a judged text holds.
    pub fn judged(&self, text: &str) -> Option<bool> {
        self.judged.get(text).copied()
    }
}
