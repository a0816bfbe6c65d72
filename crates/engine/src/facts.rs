//! Conversion of a profile into fact records, and of records into the profile that a reader may see.
//!
//! Values stay JSON text with the digits typed: an amount is exact before storage, in storage and in a match.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value as Json, json};
use zhaoren_policy::fact::{FactDictionary, FactType, Period};
use zhaoren_policy::syntax::{self, Node, Tree};
use zhaoren_registry::{FactRecord, Moment};

use crate::Date;
use crate::access::Principal;
use crate::enterprise_id::EnterpriseId;
use crate::error::EngineError;
use crate::records::Records;

/// A stored profile with the source of each part.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StoredProfile {
    /// The profile for display.
    pub profile: Json,
    /// The profile with every digit of its numbers, for matching.
    #[serde(skip)]
    pub node: Node,
    /// The source of each fact.
    pub sources: Vec<StoredFact>,
    /// Number of facts hidden from the caller's role.
    pub hidden: usize,
    /// Messages on stored facts that cannot be read; such a fact is left out, so it is unknown in a match.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// One fact of a stored profile.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StoredFact {
    /// The fact.
    pub key: String,
    /// Its fiscal year, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i64>,
    /// Source of the value in the profile: the one trusted most; of equals, the latest.
    pub source: String,
    /// Time of recording, in milliseconds since 1970, UTC.
    pub recorded_at: i64,
    /// Differing values of other sources. Nothing is overwritten silently.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherValue>,
}

/// A value of another source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OtherValue {
    /// The source.
    pub source: String,
    /// The value.
    pub value: Json,
}

impl StoredProfile {
    /// The profile as JSON text with every digit of its numbers.
    pub fn text(&self) -> String {
        self.node.json_text()
    }
}

impl Records {
    /// The stored profile of an enterprise of the caller's tenant, valid on `as_of` and as recorded at a moment, limited to
    /// the facts that the caller's role sees; `None` if nothing is stored. Hidden facts are left out, so they are unknown
    /// in a match. The audit records the read.
    ///
    /// # Errors
    /// When the records cannot be read, or the read cannot be recorded in the audit.
    pub fn stored_profile(
        &self,
        who: &Principal,
        enterprise: &str,
        as_of: Date,
        believed: Moment,
        now: Moment,
        dictionary: &FactDictionary,
    ) -> Result<Option<StoredProfile>, EngineError> {
        let id = EnterpriseId::of(enterprise);
        let enterprise = id.as_str();
        let Some(stored) = self.profile_on(who, enterprise, as_of, believed, dictionary)? else {
            return Ok(None);
        };
        self.block_on(self.registry.record_action(
            &who.write_context(now),
            "facts.read",
            enterprise,
            &json!({"hidden": stored.hidden}),
        ))?;
        Ok(Some(stored))
    }

    /// Like [`Records::stored_profile`], for callers that record the read themselves.
    pub(crate) fn profile_on(
        &self,
        who: &Principal,
        enterprise: &str,
        as_of: Date,
        believed: Moment,
        dictionary: &FactDictionary,
    ) -> Result<Option<StoredProfile>, EngineError> {
        let Some(facts) = self.visible_facts(who, enterprise, as_of, believed, dictionary)? else {
            return Ok(None);
        };
        let trusted = self.block_on(self.registry.source_trust(&who.tenant))?;
        Ok(Some(facts.profile(enterprise, &trusted, dictionary)))
    }

    /// Statements of all sources on an enterprise of the caller's tenant that are valid on `as_of`, as recorded at a moment, limited
    /// to those that the caller's role sees; `None` if nothing is stored.
    pub(crate) fn visible_facts(
        &self,
        who: &Principal,
        enterprise: &str,
        as_of: Date,
        believed: Moment,
        dictionary: &FactDictionary,
    ) -> Result<Option<VisibleFacts>, EngineError> {
        let mut facts = self.block_on(self.registry.facts_of(&who.tenant, enterprise, believed))?;
        if facts.is_empty() {
            return Ok(None);
        }
        let day = as_of.to_string();
        facts.retain(|fact| {
            (fact.valid_from.is_empty() || fact.valid_from <= day)
                && (fact.valid_until.is_empty() || day <= fact.valid_until)
                && fact.value != "null"
        });
        let valid = facts.len();
        facts.retain(|fact| {
            let privacy = dictionary.get(&fact.key).and_then(|known| known.privacy);
            // Entries outside the facts, such as a name or a judgement, have the class `Tenant`.
            who.role.can_read(if fact.section == "facts" { privacy } else { None })
        });
        Ok(Some(VisibleFacts { hidden: valid - facts.len(), facts }))
    }
}

/// Valid statements on an enterprise that a role sees.
pub(crate) struct VisibleFacts {
    pub(crate) facts: Vec<FactRecord>,
    /// Number of statements that the role does not see.
    hidden: usize,
}

impl VisibleFacts {
    /// The profile that the statements make: of several sources on one entry, the most trusted wins.
    pub(crate) fn profile(
        self,
        enterprise: &str,
        trusted: &BTreeMap<String, i64>,
        dictionary: &FactDictionary,
    ) -> StoredProfile {
        let Self { facts, hidden } = self;
        let mut places: BTreeMap<(String, String, i64), Vec<FactRecord>> = BTreeMap::new();
        for fact in facts {
            places.entry((fact.section.clone(), fact.key.clone(), fact.year)).or_default().push(fact);
        }
        let trust = |fact: &FactRecord| trusted.get(&fact.source).copied().unwrap_or(0);
        let mut profile = Builder::of(enterprise);
        let (mut sources, mut problems) = (Vec::new(), Vec::new());
        for ((section, key, year), mut said) in places {
            said.sort_by_key(|fact| Reverse((trust(fact), fact.recorded_at, fact.source.clone())));
            let Some((first, rest)) = said.split_first() else { continue };
            let mut value =
                |fact: &FactRecord| read(enterprise, fact).map_err(|fault| problems.push(fault)).ok();
            // Another source does not replace a more trusted one that cannot be read: the fact is then unknown.
            let Some(mut node) = value(first) else { continue };
            let is_tags = dictionary.get(&key).is_some_and(|fact| fact.kind == FactType::Tags);
            let mut others = Vec::new();
            for other in rest.iter().filter(|other| other.value != first.value) {
                zhaoren_cancel::poll();
                let Some(said) = value(other) else { continue };
                // Two open lists that do not contradict each other are one: each office knows its own titles.
                if is_tags && section == "facts" && add_open_list(&mut node, &said) {
                    continue;
                }
                others.push(OtherValue { source: other.source.clone(), value: said.to_json() });
            }
            sources.push(StoredFact {
                key: key.clone(),
                year: (year != 0).then_some(year),
                source: first.source.clone(),
                recorded_at: first.recorded_at,
                others,
            });
            profile.place(&section, key, year, node);
        }
        let node = profile.node();
        StoredProfile { profile: node.to_json(), node, sources, hidden, problems }
    }
}

/// Adds an open list of tags to another: its held tags and those known to be absent. False, and nothing is added, unless both
/// are open and neither says that a tag of the other is absent or held.
fn add_open_list(list: &mut Node, more: &Node) -> bool {
    let is_open = |node: &Node| {
        let Tree::Map(entries) = &node.value else { return false };
        !entries.is_empty()
            && entries.iter().all(|(key, value)| {
                matches!(key.as_str(), "has" | "lacks") && matches!(value.value, Tree::List(_))
            })
    };
    if !is_open(list) || !is_open(more) {
        return false;
    }
    let tags = |node: &Node, side: &str| -> BTreeSet<String> {
        let Some(Tree::List(entries)) = node.get(side).map(|side| &side.value) else {
            return BTreeSet::new();
        };
        let name =
            |entry: &Node| entry.text().or_else(|| entry.get("tag").and_then(Node::text)).map(str::to_owned);
        entries.iter().filter_map(name).collect()
    };
    let (has, lacks) = (tags(list, "has"), tags(list, "lacks"));
    if !has.is_disjoint(&tags(more, "lacks")) || !lacks.is_disjoint(&tags(more, "has")) {
        return false;
    }
    let Tree::Map(entries) = &mut list.value else { return false };
    for (side, known) in [("has", &has), ("lacks", &lacks)] {
        let Some(Tree::List(added)) = more.get(side).map(|side| &side.value) else { continue };
        let is_new = |entry: &&Node| {
            let name = entry.text().or_else(|| entry.get("tag").and_then(Node::text));
            name.is_none_or(|name| !known.contains(name))
        };
        let added: Vec<Node> = added.iter().filter(is_new).cloned().collect();
        match entries.iter_mut().find(|(key, _)| key == side) {
            Some((_, Node { value: Tree::List(own), .. })) => own.extend(added),
            _ => entries.push((side.to_owned(), node(Tree::List(added)))),
        }
    }
    true
}

/// The stored value of a fact; an error message if it is no JSON.
fn read(enterprise: &str, fact: &FactRecord) -> Result<Node, String> {
    syntax::json(&fact.value).map_err(|error| {
        let year = if fact.year == 0 { String::new() } else { format!("（{} 年）", fact.year) };
        format!(
            "企业 `{enterprise}`：来源“{}”所存的 `{}`{year} 无法读取，按未知处理：{error}；重新存入这一项即可修复",
            fact.source, fact.key
        )
    })
}

/// A profile as one record per entry. The profile was read without an error before.
pub(crate) fn records(profile: &Node, template: &FactRecord, dictionary: &FactDictionary) -> Vec<FactRecord> {
    let Tree::Map(entries) = &profile.value else { return Vec::new() };
    let record = |section: &str, key: &str, year: i64, value: &Node| FactRecord {
        section: section.to_owned(),
        key: key.to_owned(),
        year,
        value: value.json_text(),
        ..template.clone()
    };
    let mut facts = Vec::new();
    for (key, value) in entries {
        match (key.as_str(), &value.value) {
            ("id", _) => {}
            ("facts", Tree::Map(held)) => {
                for (key, value) in held {
                    let yearly = dictionary.get(key).is_some_and(|fact| fact.period == Period::Year);
                    match &value.value {
                        Tree::Map(years) if yearly && !is_withheld(value) => {
                            for (year, value) in years {
                                // A profile with an invalid year was refused.
                                let Ok(year) = year.parse() else { continue };
                                facts.push(record("facts", key, year, value));
                            }
                        }
                        _ => facts.push(record("facts", key, 0, value)),
                    }
                }
            }
            ("judged", Tree::Map(held)) => {
                facts.extend(held.iter().map(|(text, truth)| record("judged", text, 0, truth)));
            }
            _ => facts.push(record("about", key, 0, value)),
        }
    }
    facts
}

/// True for a fact that is withheld as a whole: `{"withheld": "reason"}`.
fn is_withheld(value: &Node) -> bool {
    matches!(&value.value, Tree::Map(entries) if entries.len() == 1) && value.get("withheld").is_some()
}

/// A profile under construction.
struct Builder {
    entries: Vec<(String, Node)>,
}

impl Builder {
    fn of(enterprise: &str) -> Self {
        Self { entries: vec![("id".to_owned(), node(Tree::Text(enterprise.to_owned())))] }
    }

    /// Adds one entry. Entries come in order of section, key and year, so only the last map grows.
    fn place(&mut self, section: &str, key: String, year: i64, value: Node) {
        if section == "about" {
            self.entries.push((key, value));
            return;
        }
        let Some(held) = map_in(&mut self.entries, section) else { return };
        if year == 0 {
            held.push((key, value));
        } else if let Some(years) = map_in(held, &key) {
            // A year that was given counts, where another source withholds the whole fact.
            years.retain(|(key, _)| key != "withheld");
            years.push((year.to_string(), value));
        }
    }

    fn node(self) -> Node {
        node(Tree::Map(self.entries))
    }
}

/// The map under the last key of `entries` if that is `key`, else a new one. `None` if another value is there: a fact that
/// was stored both with years and without.
fn map_in<'a>(entries: &'a mut Vec<(String, Node)>, key: &str) -> Option<&'a mut Vec<(String, Node)>> {
    if entries.last().is_none_or(|(last, _)| last != key) {
        entries.push((key.to_owned(), node(Tree::Map(Vec::new()))));
    }
    match entries.last_mut() {
        Some((_, Node { value: Tree::Map(held), .. })) => Some(held),
        _ => None,
    }
}

fn node(value: Tree) -> Node {
    Node { value, line: 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> FactRecord {
        FactRecord {
            section: String::new(),
            key: String::new(),
            year: 0,
            source: "企业填报".to_owned(),
            value: String::new(),
            valid_from: String::new(),
            valid_until: String::new(),
            recorded_at: 0,
        }
    }

    #[test]
    fn open_lists_of_two_sources_are_one_unless_they_contradict() {
        let add = |a: &str, b: &str| {
            let (mut list, more) = (syntax::json(a).unwrap(), syntax::json(b).unwrap());
            add_open_list(&mut list, &more).then(|| list.json_text())
        };
        assert_eq!(
            add(r#"{"has":["甲"],"lacks":["丙"]}"#, r#"{"has":["乙",{"tag":"甲","until":"2027-01-01"}]}"#)
                .as_deref(),
            Some(r#"{"has":["甲","乙"],"lacks":["丙"]}"#)
        );
        assert_eq!(
            add(r#"{"has":["甲"]}"#, r#"{"has":[],"lacks":["乙"]}"#).as_deref(),
            Some(r#"{"has":["甲"],"lacks":["乙"]}"#)
        );
        assert_eq!(add(r#"{"has":["甲"]}"#, r#"{"has":[],"lacks":["甲"]}"#), None);
        assert_eq!(add(r#"{"has":[],"lacks":["乙"]}"#, r#"{"has":["乙"]}"#), None);
        // A complete list says that there is nothing else.
        assert_eq!(add(r#"["甲"]"#, r#"{"has":["乙"]}"#), None);
        assert_eq!(add(r#"{"withheld":"保密"}"#, r#"{"has":["乙"]}"#), None);
    }

    /// A profile stored and read again is unchanged, to the last digit.
    #[test]
    fn profiles_round_trip_through_stored_facts() {
        let text = r#"{"id":"e","name":"甲","facts":{"employees":80,"loans":[{"amount":0.10}],"rd_expense":{"withheld":"保密"},"revenue":{"2024":0.10,"2025":90071992547409.93}},"judged":{"好":true}}"#;
        let dictionary = FactDictionary::built_in();
        let records = records(&syntax::json(text).unwrap(), &template(), dictionary);
        assert_eq!(records.len(), 7);
        let mut profile = Builder::of("e");
        for fact in records {
            let node = read("e", &fact).unwrap();
            profile.place(&fact.section, fact.key, fact.year, node);
        }
        assert_eq!(profile.node().json_text(), text);
    }
}
