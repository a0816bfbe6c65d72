//! Builds profiles value by value, for tables: the checks are those of [`Profile::read`].

use std::collections::BTreeMap;

use super::read::{Reader, in_bounds};
use super::{HeldValue, Holding, Profile, ProfileKey, RecordList, Strictness, TagSet};
use crate::fact::{Fact, FactDictionary, FactType, Knowledge, Value};
use crate::limits;
use crate::number::Number;
use crate::problem::Report;
use crate::syntax::Node;

/// Checked value of a fact: one value (of one year, if the fact is yearly), or its tags. It has passed the checks of a profile,
/// so it can be stored and used in many profiles.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedFact(Content);

// INVARIANT: made by `CheckedFact::read` and `CheckedFact::number` only, so the type, the bounds and the codes of the fact were
// checked.
#[derive(Clone, Debug, PartialEq)]
enum Content {
    Value(Knowledge),
    Tags(TagSet),
    Records(RecordList),
}

impl CheckedFact {
    /// Reads the value of `fact`, or of one year of it, as in a profile.
    ///
    /// `None` if it is invalid; every error and warning is in `report`, at `path`. The column has the heading `heading`, or is named
    /// after the fact.
    pub fn read(
        fact: &Fact,
        node: &Node,
        path: &str,
        dictionary: &FactDictionary,
        (strictness, heading): (Strictness, Option<&str>),
        report: &mut Report,
    ) -> Option<Self> {
        let before = report.errors();
        let mut reader =
            Reader { dictionary, strictness, report, heading, records_left: limits::MAX_RECORDS };
        let checked = match fact.kind {
            FactType::Tags => reader.tags(fact, node, path).map(Content::Tags),
            FactType::Records => reader.records(fact, node, path).map(Content::Records),
            _ => reader.known(fact, node, path).map(Content::Value),
        };
        checked.filter(|_| report.errors() == before).map(Self)
    }

    /// Value of `fact` from a number; `None` if it is not of the fact's type or out of its bounds; [`CheckedFact::read`] then
    /// gives the message.
    pub fn number(fact: &Fact, number: Number) -> Option<Self> {
        let whole = fact.kind != FactType::Integer || number.is_integer();
        let sound = fact.kind.is_number() && whole && in_bounds(fact, &number);
        sound.then_some(Self(Content::Value(Knowledge::Exactly(Value::Number(number)))))
    }

    /// Value in the form stored by profiles.
    pub fn into_value(self) -> HeldValue {
        match self.0 {
            Content::Tags(tags) => HeldValue::Tags(tags),
            Content::Records(records) => HeldValue::Records(records),
            Content::Value(known) => HeldValue::Value(known),
        }
    }
}

/// Builder of a profile.
#[derive(Clone, Debug, Default)]
pub struct ProfileBuilder {
    profile: Profile,
}

impl ProfileBuilder {
    /// Begins the profile of the enterprise `id`.
    pub fn new(id: String) -> Self {
        Self { profile: Profile { id, ..Profile::default() } }
    }

    /// Adds a value held by another profile, which has passed the checks, under a fact and its year or a judged text.
    pub fn insert(&mut self, key: &ProfileKey, value: HeldValue) {
        match key {
            ProfileKey::Fact(key, year) => self.put(key, *year, value),
            ProfileKey::Judged(text) => {
                if let HeldValue::Judged(truth) = value {
                    self.profile.judged.insert(text.clone(), truth);
                }
            }
        }
    }

    fn put(&mut self, key: &str, year: Option<i16>, value: HeldValue) {
        let facts = &mut self.profile.facts;
        let holding = match (value, year) {
            (HeldValue::Judged(_), _) => return,
            (HeldValue::Withheld(reason), year) => {
                self.profile.withheld.insert((key.to_owned(), year), reason);
                return;
            }
            (HeldValue::Records(records), _) => Holding::Records(records),
            (HeldValue::Tags(tags), _) => Holding::Tags(tags),
            (HeldValue::Value(known), None) => Holding::Current(known),
            (HeldValue::Value(known), Some(year)) => {
                if let Some(Holding::Yearly(years)) = facts.get_mut(key) {
                    years.insert(year, known);
                    return;
                }
                Holding::Yearly(BTreeMap::from([(year, known)]))
            }
        };
        facts.insert(key.to_owned(), holding);
    }

    /// Finished profile.
    pub fn build(self) -> Profile {
        self.profile
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::json;

    fn given(key: &str, text: &str, strict: bool) -> (Option<CheckedFact>, Vec<String>) {
        let dictionary = FactDictionary::built_in();
        let (fact, node) = (dictionary.get(key).unwrap(), json(text).unwrap());
        let mut report = Report::new("t");
        let given =
            CheckedFact::read(fact, &node, key, dictionary, (Strictness::of(strict), None), &mut report);
        (given, report.problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn builder_equals_json() {
        let dictionary = FactDictionary::built_in();
        let mut builder = ProfileBuilder::new("e1".to_owned());
        let values = [
            ("revenue", Some(2024), "30100000.5"),
            ("revenue", Some(2025), r#"{"at_least":1,"at_most":9}"#),
            ("employees", None, "86"),
            ("industry", None, r#""I6513""#),
            ("qualifications", None, r#"{"has":["软件企业"],"lacks":["高新技术企业"]}"#),
        ];
        for (key, year, text) in values {
            let (given, lines) = given(key, text, true);
            let given = given.unwrap_or_else(|| panic!("{lines:?}"));
            builder.insert(&ProfileKey::Fact(key.to_owned(), year), given.into_value());
        }
        let text = r#"{"id":"e1","name":"甲","facts":{"employees":86,"industry":"I6513",
            "revenue":{"2025":{"at_least":1,"at_most":9},"2024":30100000.5},
            "qualifications":{"has":["软件企业"],"lacks":["高新技术企业"]}}}"#;
        let mut report = Report::new("t");
        let read = Profile::read(&json(text).unwrap(), dictionary, true, &mut report).unwrap();
        let mut made = builder.build();
        made.name = Some("甲".to_owned());
        assert_eq!(made, read);
    }

    #[test]
    fn builder_checks_like_the_reader() {
        for (key, text, says) in [
            ("employees", "-1", "-1 is outside"),
            ("employees", "8.5", "expected an integer"),
            ("established_on", r#""2023-02-30""#, "expected a date that exists"),
            ("industry", r#""软件""#, "expected an industry code"),
            ("employees", r#"{"at_least":9,"at_most":3}"#, "holds no value"),
            ("qualifications", r#"{"has":["软件企业"],"lacks":["软件企业"]}"#, "both"),
        ] {
            let (given, lines) = given(key, text, false);
            assert!(given.is_none() && lines[0].contains(says), "{key} {text}: {lines:?}");
        }
        // Outside a controlled list: a warning, or an error with strict lists.
        let odd = r#""不存在的组织形式""#;
        assert!(given("legal_form", odd, false).0.is_some() && given("legal_form", odd, true).0.is_none());
    }
}
