//! Knowledge about one enterprise on one day: given and derived facts through one interface.
//!
//! ```
//! use jiff::civil::date;
//! use zhaoren_policy::fact::{FactDictionary, Value};
//! use zhaoren_policy::problem::Report;
//! use zhaoren_policy::profile::Profile;
//! use zhaoren_policy::syntax;
//! use zhaoren_policy::view::View;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let dictionary = FactDictionary::built_in();
//! let node = syntax::json(
//!     r#"{"id": "样例", "facts": {"industry": "6510", "revenue": {"2025": 30000000}, "employees": 86}}"#,
//! )?;
//! let profile = Profile::read(&node, dictionary, false, &mut Report::new("profile.json")).unwrap();
//! let view = View::new(&profile, dictionary, date(2026, 7, 1));
//! // The size class (划型) is derived from industry, revenue and staff.
//! let size = view.knowledge(dictionary.get("enterprise_size").unwrap(), None);
//! assert_eq!(size.exact().map(Value::to_json), Some("小型".into()));
//! # Ok(())
//! # }
//! ```

use std::cell::RefCell;

use jiff::civil::Date;

use crate::calendar::last_fiscal_year;
use crate::derive;
use crate::fact::{Fact, FactDictionary, Knowledge, Period};
use crate::number::Number;
use crate::profile::{Profile, ProfileKey, RecordList, TagSet};

/// Profile seen on an evaluation date (判定日) through a dictionary.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Profile of the enterprise.
    pub profile: &'a Profile,
    /// Dictionary of the facts.
    pub dictionary: &'a FactDictionary,
    /// Evaluation date.
    pub as_of: Date,
    /// Last full fiscal year of the figures.
    year: i16,
    trace: Option<&'a Trace>,
    /// Enterprise, if the profile is one of its records: judgements of texts are given for it.
    owner: Option<&'a Profile>,
}

/// Record of the keys read from a profile through a view: while their values are the same, so is any result computed from the
/// view.
#[derive(Debug, Default)]
pub struct Trace(RefCell<Vec<ProfileKey>>);

impl Trace {
    /// Takes the keys read since the last call, in reading order, each once.
    pub fn take_keys(&self) -> Vec<ProfileKey> {
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
    /// View of a profile on a day.
    pub fn new(profile: &'a Profile, dictionary: &'a FactDictionary, as_of: Date) -> Self {
        Self { profile, dictionary, as_of, year: last_fiscal_year(as_of), trace: None, owner: None }
    }

    /// Same view, with every key read from the profile recorded.
    pub fn with_trace(&self, trace: &'a Trace) -> Self {
        Self { trace: Some(trace), ..*self }
    }

    /// Same enterprise after time has passed and nothing else has changed: spans count to `day`, while the last full fiscal year
    /// stays the one whose figures are known.
    pub fn later(&self, day: Date) -> Self {
        Self { as_of: day, ..*self }
    }

    /// View of another profile with the same day and years.
    pub fn for_profile<'b>(&self, profile: &'b Profile) -> View<'b>
    where
        'a: 'b,
    {
        View { profile, ..*self }
    }

    /// View of one record of a records fact with these `fields`, with the same day and years. A judgement of a text, given for the
    /// enterprise, holds for all its records.
    pub fn for_record<'b>(&self, record: &'b Profile, fields: &'b FactDictionary) -> View<'b>
    where
        'a: 'b,
    {
        View { profile: record, dictionary: fields, owner: Some(self.profile), ..*self }
    }

    /// Last full fiscal year before the evaluation date.
    pub fn last_year(&self) -> i16 {
        self.year
    }

    /// Given facts from which a fact is computed, each with its fiscal year if it is yearly: itself, or the inputs of its rule,
    /// in the order in which the rule reads them.
    pub fn inputs(&self, fact: &Fact, year: Option<i16>) -> Vec<(String, Option<i16>)> {
        if !fact.derived {
            return vec![(fact.key.clone(), year)];
        }
        derive::derive(self, &fact.key, year).read
    }

    /// Day on which a fact that depends only on time reaches `value`, everything else being unchanged; `None` for facts that time
    /// does not change.
    pub fn day_reached(&self, fact: &Fact, value: &Number) -> Option<Date> {
        derive::reached_on(self, &fact.key, value)
    }

    /// Knowledge of a fact: its current value, or that of the fiscal year `year`.
    ///
    /// A derived fact follows its rule. If the rule's inputs leave it open, a value stated in the profile is used instead.
    pub fn knowledge(&self, fact: &Fact, year: Option<i16>) -> Knowledge {
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

    /// Tags of a tags fact; `None` if unknown.
    pub fn tags(&self, key: &str) -> Option<&'a TagSet> {
        self.note_fact(key, None);
        self.profile.tags(key)
    }

    /// Records of a records fact; `None` if unknown.
    pub fn records(&self, key: &str) -> Option<&'a RecordList> {
        self.note_fact(key, None);
        self.profile.records(key)
    }

    /// Person's judgement whether a text holds; `None` if there is none.
    pub fn judgement(&self, text: &str) -> Option<bool> {
        self.note(|trace| trace.judged(text));
        self.owner.unwrap_or(self.profile).judgement(text)
    }

    /// Value of a fact stated in the profile.
    fn given(&self, fact: &Fact, year: Option<i16>) -> Knowledge {
        self.note_fact(&fact.key, year);
        match year {
            Some(year) => self.profile.yearly(&fact.key, year),
            None => self.profile.current(&fact.key),
        }
    }

    /// Records the reading of a fact. The fields of a record were read with the records.
    fn note_fact(&self, key: &str, year: Option<i16>) {
        if self.owner.is_none() {
            self.note(|trace| trace.fact(key, year));
        }
    }

    fn note(&self, note: impl FnOnce(&Trace)) {
        if let Some(trace) = self.trace {
            note(trace);
        }
    }

    /// Facts that would have to be given to settle this one: itself, or, for a derived fact, the inputs of its rule that are not
    /// exactly known. Keys, in the order in which the rule reads them.
    pub fn open_inputs(&self, fact: &Fact, year: Option<i16>) -> Vec<String> {
        if !fact.derived {
            return vec![fact.key.clone()];
        }
        let open = derive::derive(self, &fact.key, year).open;
        if open.is_empty() { vec![fact.key.clone()] } else { open }
    }

    /// Result of a rule and the value stated in the profile, if both are exact and differ.
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

/// A range equal to the dictionary's bounds counts as unknown.
fn without_bounds(known: Knowledge, fact: &Fact) -> Knowledge {
    let (low, high) = known.bounds();
    let says_nothing = |end: &Option<Number>, bound: &Option<Number>| end.is_none() || end == bound;
    match known {
        Knowledge::Within { .. } if says_nothing(&low, &fact.min) && says_nothing(&high, &fact.max) => {
            Knowledge::Unknown
        }
        known => known,
    }
}
