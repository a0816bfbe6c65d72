//! What is known of one enterprise on one day: given facts and derived ones, under one face.

use std::cell::RefCell;

use jiff::civil::Date;

use crate::calendar::last_fiscal_year;
use crate::derive;
use crate::fact::{Fact, FactDictionary, Knowledge, Period};
use crate::number::Number;
use crate::profile::{Profile, ProfileKey, TagSet};

/// A profile seen on an evaluation date (判定日) through a dictionary.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The enterprise.
    pub profile: &'a Profile,
    /// The facts there are.
    pub dictionary: &'a FactDictionary,
    /// The evaluation date.
    pub as_of: Date,
    /// The last full fiscal year that facts are read of.
    year: i16,
    trace: Option<&'a Trace>,
}

/// A record of what is read of a profile through a view: as long as these keys hold the same, whatever was computed
/// from the view comes out the same.
#[derive(Debug, Default)]
pub struct Trace(RefCell<Vec<ProfileKey>>);

impl Trace {
    /// Takes what was read since the last time: keys in reading order, each once.
    pub fn take(&self) -> Vec<ProfileKey> {
        self.0.take()
    }

    fn fact(&self, key: &str, year: Option<i16>) {
        let mut read = self.0.borrow_mut();
        let is = |known: &ProfileKey| matches!(known, ProfileKey::Fact(k, y) if k == key && *y == year);
        if !read.iter().any(is) {
            read.push(ProfileKey::Fact(key.to_owned(), year));
        }
    }

    fn judged(&self, text: &str) {
        let mut read = self.0.borrow_mut();
        if !read.iter().any(|known| matches!(known, ProfileKey::Judged(t) if t == text)) {
            read.push(ProfileKey::Judged(text.to_owned()));
        }
    }
}

impl<'a> View<'a> {
    /// A profile on a day.
    pub fn new(profile: &'a Profile, dictionary: &'a FactDictionary, as_of: Date) -> Self {
        Self { profile, dictionary, as_of, year: last_fiscal_year(as_of), trace: None }
    }

    /// The same view, with everything that is read of the profile noted.
    pub fn traced(&self, trace: &'a Trace) -> Self {
        Self { trace: Some(trace), ..*self }
    }

    /// The same enterprise once time has passed and nothing else: spans count to `day`, while the last full
    /// fiscal year stays the one whose figures are known.
    pub fn later(&self, day: Date) -> Self {
        Self { as_of: day, ..*self }
    }

    /// The same day and years over another profile.
    pub fn of<'b>(&self, profile: &'b Profile) -> View<'b>
    where
        'a: 'b,
    {
        View { profile, dictionary: self.dictionary, as_of: self.as_of, year: self.year, trace: self.trace }
    }

    /// The last full fiscal year before the evaluation date.
    pub fn last_year(&self) -> i16 {
        self.year
    }

    /// The given facts that a fact is computed from, each with its fiscal year where it has years: itself, or the
    /// inputs of its rule, in the order in which the rule reads them.
    pub fn inputs(&self, fact: &Fact, year: Option<i16>) -> Vec<(String, Option<i16>)> {
        if !fact.derived {
            return vec![(fact.key.clone(), year)];
        }
        derive::derive(self, &fact.key, year).read
    }

    /// The day on which a fact that only time moves comes to `value`, everything else staying as it is; `None`
    /// for facts that time does not move.
    pub fn reached_on(&self, fact: &Fact, value: &Number) -> Option<Date> {
        derive::reached_on(self, &fact.key, value)
    }

    /// What is known of a fact: its value now, or of the fiscal year `year`.
    ///
    /// A derived fact follows its rule. Where the rule's inputs leave it open, a value that the profile
    /// states for it is taken instead.
    pub fn known(&self, fact: &Fact, year: Option<i16>) -> Knowledge {
        let given = self.given(fact, year);
        if !fact.derived {
            return given;
        }
        let derived = without_bounds(derive::value(self, &fact.key, year), fact);
        match (&derived, &given) {
            (Knowledge::Exactly(_), _) | (_, Knowledge::Unknown) => derived,
            _ => given,
        }
    }

    /// What is known of a tags fact; `None` when nothing is.
    pub fn tags(&self, key: &str) -> Option<&'a TagSet> {
        self.note(|trace| trace.fact(key, None));
        self.profile.tags(key)
    }

    /// Whether a person has said that a judged text holds.
    pub fn judged(&self, text: &str) -> Option<bool> {
        self.note(|trace| trace.judged(text));
        self.profile.judged(text)
    }

    /// What the profile itself says of a fact.
    fn given(&self, fact: &Fact, year: Option<i16>) -> Knowledge {
        self.note(|trace| trace.fact(&fact.key, year));
        match year {
            Some(year) => self.profile.yearly(&fact.key, year),
            None => self.profile.current(&fact.key),
        }
    }

    fn note(&self, note: impl FnOnce(&Trace)) {
        if let Some(trace) = self.trace {
            note(trace);
        }
    }

    /// The facts that would have to be given to settle this one: itself, or, for a derived fact, those
    /// inputs of its rule that are not exactly known. Keys, in the order in which the rule reads them.
    pub fn open_inputs(&self, fact: &Fact, year: Option<i16>) -> Vec<String> {
        if !fact.derived {
            return vec![fact.key.clone()];
        }
        let open = derive::derive(self, &fact.key, year).open;
        if open.is_empty() { vec![fact.key.clone()] } else { open }
    }

    /// What a rule's result says against what the profile states, where both are exact and differ.
    pub fn disagreement(&self, fact: &Fact) -> Option<(Knowledge, Knowledge)> {
        if !fact.derived {
            return None;
        }
        let year = (fact.period == Period::Year).then(|| self.last_year());
        let given = self.given(fact, year);
        let derived = derive::value(self, &fact.key, year);
        match (given.exact(), derived.exact()) {
            (Some(a), Some(b)) if a != b => Some((given, derived)),
            _ => None,
        }
    }
}

/// A range that says no more than the dictionary's bounds is no knowledge.
fn without_bounds(known: Knowledge, fact: &Fact) -> Knowledge {
    let (low, high) = known.ends();
    let says_nothing = |end: &Option<Number>, bound: &Option<Number>| end.is_none() || end == bound;
    match known {
        Knowledge::Within { .. } if says_nothing(&low, &fact.min) && says_nothing(&high, &fact.max) => {
            Knowledge::Unknown
        }
        known => known,
    }
}
