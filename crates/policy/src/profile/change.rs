//! Modified profiles: the effect of an answer, or a required change.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{HeldTag, Holding, Profile, TagSet};
use crate::fact::Knowledge;

impl Profile {
    /// Profile with another value of a fact: the current one, or that of the fiscal year `year`. [`Knowledge::Unknown`] removes
    /// it.
    pub fn with_value(mut self, key: &str, year: Option<i16>, known: Knowledge) -> Self {
        self.withheld.remove(&(key.to_owned(), year));
        match year {
            None => {
                self.facts.insert(key.to_owned(), Holding::Current(known));
            }
            Some(year) => match self.facts.get_mut(key) {
                Some(Holding::Yearly(years)) => {
                    years.insert(year, known);
                }
                _ => {
                    self.facts.insert(key.to_owned(), Holding::Yearly(BTreeMap::from([(year, known)])));
                }
            },
        }
        self
    }

    /// Profile with a tag held, or known not to be held, replacing earlier knowledge.
    pub fn with_tag(mut self, key: &str, tag: &str, has_tag: bool) -> Self {
        let unknown = || TagSet { held: Vec::new(), lacks: Some(BTreeSet::new()) };
        let mut set = match self.facts.remove(key) {
            Some(Holding::Tags(set)) => set,
            _ => unknown(),
        };
        set.held.retain(|other| other.tag != tag);
        if let Some(lacks) = &mut set.lacks {
            lacks.remove(tag);
            if !has_tag {
                lacks.insert(tag.to_owned());
            }
        }
        if has_tag {
            set.held.push(HeldTag { tag: tag.to_owned(), from: None, until: None });
        }
        self.facts.insert(key.to_owned(), Holding::Tags(set));
        self
    }

    /// Profile with a person's judgement of a text.
    pub fn with_judgement(mut self, text: &str, truth: bool) -> Self {
        self.judged.insert(text.to_owned(), truth);
        self
    }
}

impl TagSet {
    /// Last day of the uninterrupted time on which a tag is held that includes `day`; `None` if it is not held then, or has no end.
    pub fn held_until(&self, tag: &str, day: Date) -> Option<Date> {
        let mut times: Vec<(Date, Option<Date>)> = self
            .held
            .iter()
            .filter(|held| held.tag == tag)
            .map(|held| (held.from.unwrap_or(Date::MIN), held.until))
            .collect();
        times.sort_unstable();
        let mut last: Option<Date> = None;
        for (from, until) in times {
            // Entries that follow each other are one time.
            let joins = last.unwrap_or(day).tomorrow().map_or(true, |next| from <= next);
            let covers = last.map_or(from <= day, |_| joins) && until.is_none_or(|until| until >= day);
            if covers {
                last = Some(last.map_or(until?, |last| until.map_or(last, |until| last.max(until))));
                // An open end.
                until?;
            }
        }
        last
    }

    /// Days on which the possession of a tag changes by itself: the first day it is held, and the first day after its end.
    pub fn change_days(&self, tag: &str) -> Vec<Date> {
        let mut days: Vec<Date> = self
            .held
            .iter()
            .filter(|held| held.tag == tag)
            .flat_map(|held| [held.from, held.until.and_then(|last| last.tomorrow().ok())])
            .flatten()
            .collect();
        days.sort();
        days.dedup();
        days
    }
}
