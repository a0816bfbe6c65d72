//! Stored facts of enterprises: saved with who said them, put together into a profile again for whoever may see them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use zhaoren_policy::fact::{FactDictionary, Period};
use zhaoren_policy::problem::Problem;
use zhaoren_registry::{Act, Deleted, EVENTS, FactRecord, Moment, OptOut, Outcome, PushRun};

use crate::Date;
use crate::access::{Principal, Right};
use crate::error::EngineError;
use crate::overview::Had;
use crate::profiles::read_profiles;
use crate::records::Records;
use crate::saved;
use crate::source::has_errors;

/// What became of saving profiles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedProfiles {
    /// The enterprises, each with how many facts are new or changed.
    pub saved: Vec<(String, usize)>,
    /// What is wrong with the others, and what is odd.
    pub problems: Vec<Problem>,
}

/// A stored profile, and where each part of it comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StoredProfile {
    /// The profile, as it can be matched.
    pub profile: Json,
    /// Who says what of it.
    pub sources: Vec<Sourced>,
    /// How many facts there are that the role of whoever asked does not see.
    pub hidden: usize,
}

/// One fact of a stored profile.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sourced {
    /// The fact.
    pub key: String,
    /// Its fiscal year, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i64>,
    /// Who says what stands in the profile: the one who is trusted most, of equals the last.
    pub source: String,
    /// Since when it is believed, in milliseconds since 1970, UTC.
    pub recorded_at: i64,
    /// What others say, where it is something else. Nothing is overwritten unseen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Other>,
}

/// What another source says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Other {
    /// Who.
    pub source: String,
    /// What.
    pub value: Json,
}

impl Records {
    /// Saves profiles (JSON or JSON Lines) as what `source` says, valid on the days from `valid.0` to `valid.1`, an empty end
    /// being open. What a profile leaves out stays as the source said it before; `null` takes it back. Values are checked as
    /// for a match; an error refuses its enterprise.
    ///
    /// # Errors
    /// When the records cannot be written, or there is no day on which it would hold.
    pub fn save_profiles(
        &self,
        act: &Act<'_>,
        bytes: &[u8],
        name: &str,
        source: &str,
        valid: (Option<Date>, Option<Date>),
        dictionary: &FactDictionary,
    ) -> Result<SavedProfiles, EngineError> {
        if let (Some(from), Some(until)) = valid
            && until < from
        {
            return Err(EngineError::NeverValid { from, until });
        }
        let read = read_profiles(bytes, name, dictionary, false);
        let sound: BTreeSet<&str> = read.profiles.iter().map(|profile| profile.id.as_str()).collect();
        let mut saved = SavedProfiles { problems: read.problems, ..SavedProfiles::default() };
        let text = zhaoren_text::decode(bytes).text;
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let template = FactRecord {
            section: String::new(),
            key: String::new(),
            year: 0,
            source: source.to_owned(),
            value: String::new(),
            valid_from: day(valid.0),
            valid_until: day(valid.1),
            recorded_at: 0,
        };
        for value in serde_json::Deserializer::from_str(&text).into_iter::<Json>().map_while(Result::ok) {
            for profile in each(value) {
                let id = profile.get("id").and_then(Json::as_str).unwrap_or_default().to_owned();
                if !sound.contains(id.as_str()) {
                    continue;
                }
                let facts = flatten(profile, &template, dictionary);
                let changed = self.on(self.registry.put_facts(act, &id, &facts))?;
                saved.saved.push((id, changed));
            }
        }
        if saved.saved.is_empty() && !has_errors(&saved.problems) {
            let fault = zhaoren_policy::problem::Fault::Other("the file holds no profile".to_owned());
            let mut report = zhaoren_policy::problem::Report::new(name);
            report.error(0, "", fault);
            saved.problems.extend(report.problems);
        }
        Ok(saved)
    }

    /// The stored profile of an enterprise of whoever asks, of what holds on `as_of` and was believed at a moment, as far as
    /// their role sees it; `None` where nothing is stored. What they do not see is left out, so it is unknown in a match.
    /// That it was read stands in the audit.
    ///
    /// # Errors
    /// When the records cannot be read, or what was read cannot be noted.
    pub fn stored_profile(
        &self,
        who: &Principal,
        enterprise: &str,
        as_of: Date,
        believed: Moment,
        now: Moment,
        dictionary: &FactDictionary,
    ) -> Result<Option<StoredProfile>, EngineError> {
        let facts = self.on(self.registry.facts_of(&who.tenant, enterprise, believed))?;
        if facts.is_empty() {
            return Ok(None);
        }
        let trusted = self.on(self.registry.trusted(&who.tenant))?;
        let day = as_of.to_string();
        let holds = |fact: &FactRecord| {
            (fact.valid_from.is_empty() || fact.valid_from <= day)
                && (fact.valid_until.is_empty() || day <= fact.valid_until)
                && fact.value != "null"
        };
        let mut places: BTreeMap<(String, String, i64), Vec<FactRecord>> = BTreeMap::new();
        let mut hidden = 0;
        for fact in facts.into_iter().filter(holds) {
            let privacy = dictionary.get(&fact.key).and_then(|known| known.privacy);
            // What stands outside of the facts, such as a name or a judgement, is the tenant's.
            if !who.role.sees(if fact.section == "facts" { privacy } else { None }) {
                hidden += 1;
                continue;
            }
            places.entry((fact.section.clone(), fact.key.clone(), fact.year)).or_default().push(fact);
        }
        let trust = |fact: &FactRecord| trusted.get(&fact.source).copied().unwrap_or(0);
        let mut profile = Map::from_iter([("id".to_owned(), Json::from(enterprise))]);
        let mut sources = Vec::new();
        for ((section, key, year), mut said) in places {
            said.sort_by_key(|fact| std::cmp::Reverse((trust(fact), fact.recorded_at, fact.source.clone())));
            let Some((first, rest)) = said.split_first() else { continue };
            let others = rest.iter().filter(|other| other.value != first.value).map(|other| Other {
                source: other.source.clone(),
                value: serde_json::from_str(&other.value).unwrap_or_default(),
            });
            sources.push(Sourced {
                key: key.clone(),
                year: (year != 0).then_some(year),
                source: first.source.clone(),
                recorded_at: first.recorded_at,
                others: others.collect(),
            });
            place(&mut profile, &section, key, year, serde_json::from_str(&first.value).unwrap_or_default());
        }
        self.on(self.registry.note(&who.act(now), "facts.read", enterprise, &json!({"hidden": hidden})))?;
        Ok(Some(StoredProfile { profile: Json::Object(profile), sources, hidden }))
    }

    /// The enterprises of a tenant of which anything is stored, in order.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn enterprises(&self, tenant: &str) -> Result<Vec<String>, EngineError> {
        self.enterprises_after(tenant, "", usize::MAX)
    }

    /// The same, page by page: at most `limit` of those that come after an id.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn enterprises_after(
        &self,
        tenant: &str,
        after: &str,
        limit: usize,
    ) -> Result<Vec<String>, EngineError> {
        self.on(self.registry.enterprises(tenant, after, i64::try_from(limit).unwrap_or(i64::MAX)))
    }

    /// How far a tenant trusts its sources, by name; one that is not there counts as 0.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn sources(&self, tenant: &str) -> Result<BTreeMap<String, i64>, EngineError> {
        self.on(self.registry.trusted(tenant))
    }

    /// Says how far a tenant trusts a source: the greatest number wins.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn trust(&self, act: &Act<'_>, source: &str, trust: i64) -> Result<(), EngineError> {
        self.on(self.registry.trust(act, source, trust))
    }

    /// Deletes what is stored of an enterprise: facts in all their revisions, receipts, messages that were not told, and the
    /// bodies of those that were. Ledger and audit hold no facts and stay. Gives how many of each there were.
    ///
    /// # Errors
    /// When the records cannot be written; nothing was deleted then.
    pub fn forget(&self, act: &Act<'_>, enterprise: &str) -> Result<Deleted, EngineError> {
        saved::forget(&self.data, act.tenant, enterprise)?;
        self.on(self.registry.forget(act, enterprise))
    }

    /// Deletes what is only kept for looking back further than `before`: facts superseded and receipts issued before it, and of
    /// messages made or told before it what is not needed to know that they were told. Where `really` is not set, only counts.
    ///
    /// # Errors
    /// When the records cannot be written; nothing was deleted then.
    pub fn retain(&self, act: &Act<'_>, before: Moment, really: bool) -> Result<Deleted, EngineError> {
        self.on(self.registry.retain(act, before, really))
    }

    /// Notes that an enterprise does not want to be written to: of one item, or of anything where `item` is empty.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn opt_out(&self, act: &Act<'_>, enterprise: &str, item: &str, why: &str) -> Result<(), EngineError> {
        self.on(self.registry.opt_out(act, enterprise, item, why))
    }

    /// Notes that an enterprise wants to be written to again.
    ///
    /// # Errors
    /// When the records cannot be written, or it had not opted out.
    pub fn opt_in(&self, act: &Act<'_>, enterprise: &str, item: &str) -> Result<(), EngineError> {
        self.on(self.registry.opt_in(act, enterprise, item))
    }

    /// Who does not want to be written to, as told to a tenant, to one above it, or to all; in order of enterprise and item.
    ///
    /// # Errors
    /// When the records cannot be read, or there is no such tenant.
    pub fn opt_outs(&self, tenant: &str) -> Result<Vec<OptOut>, EngineError> {
        let lineage = self.on(self.registry.lineage(tenant))?;
        self.on(self.registry.opt_outs(&lineage))
    }

    /// Who does not want to be written to, as told to anybody; in order of enterprise and item.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn all_opt_outs(&self) -> Result<Vec<OptOut>, EngineError> {
        let tenants: Vec<String> = self.tenants()?.into_iter().map(|tenant| tenant.id).collect();
        self.on(self.registry.opt_outs(&tenants))
    }

    /// Writes events of the ledger down; told twice they count once. Gives how many were new.
    ///
    /// # Errors
    /// When the records cannot be written, or an event is none of [`Records::events`].
    pub fn record_outcomes(&self, act: &Act<'_>, outcomes: &[Outcome]) -> Result<usize, EngineError> {
        self.on(self.registry.record_outcomes(act, outcomes))
    }

    /// The events that the ledger knows, in their order.
    pub fn events() -> &'static [&'static str] {
        &EVENTS
    }

    /// What became of pushes to an enterprise of a tenant.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn outcomes_of(&self, tenant: &str, enterprise: &str) -> Result<Vec<Outcome>, EngineError> {
        self.on(self.registry.outcomes_of(tenant, enterprise))
    }

    /// What an enterprise of whoever asks has had by the end of `as_of`; `None` where they may not see that.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub fn had(&self, who: &Principal, enterprise: &str, as_of: Date) -> Result<Option<Had>, EngineError> {
        if !who.may(Right::ReadOutcomes) {
            return Ok(None);
        }
        Ok(Some(Had::by(as_of, &self.outcomes_of(&who.tenant, enterprise)?)))
    }

    /// Writes a nightly run down; gives its number.
    ///
    /// # Errors
    /// When the records cannot be written.
    pub fn record_push(&self, act: &Act<'_>, run: &PushRun) -> Result<i64, EngineError> {
        self.on(self.registry.record_push(act, run))
    }
}

/// The profiles in a value: one, a list, or `{"profiles": […]}`.
fn each(value: Json) -> Vec<Json> {
    match value {
        Json::Array(list) => list,
        Json::Object(mut map) => match map.remove("profiles") {
            Some(Json::Array(list)) => list,
            Some(other) => {
                map.insert("profiles".to_owned(), other);
                vec![Json::Object(map)]
            }
            None => vec![Json::Object(map)],
        },
        other => vec![other],
    }
}

/// A profile as one record for each thing that it says.
fn flatten(profile: Json, template: &FactRecord, dictionary: &FactDictionary) -> Vec<FactRecord> {
    let Json::Object(map) = profile else { return Vec::new() };
    let record = |section: &str, key: String, year: i64, value: &Json| FactRecord {
        section: section.to_owned(),
        key,
        year,
        value: value.to_string(),
        ..template.clone()
    };
    let mut facts = Vec::new();
    for (key, value) in map {
        match (key.as_str(), value) {
            ("id", _) => {}
            ("facts", Json::Object(held)) => {
                for (key, value) in held {
                    let yearly = dictionary.get(&key).is_some_and(|fact| fact.period == Period::Year);
                    match value {
                        Json::Object(years) if yearly => {
                            for (year, value) in years {
                                // A year that is none was refused with its profile.
                                let Ok(year) = year.parse() else { continue };
                                facts.push(record("facts", key.clone(), year, &value));
                            }
                        }
                        value => facts.push(record("facts", key, 0, &value)),
                    }
                }
            }
            ("judged", Json::Object(held)) => {
                facts.extend(held.into_iter().map(|(text, truth)| record("judged", text, 0, &truth)));
            }
            (_, value) => facts.push(record("about", key, 0, &value)),
        }
    }
    facts
}

/// Puts one thing where a profile has it.
fn place(profile: &mut Map<String, Json>, section: &str, key: String, year: i64, value: Json) {
    if section == "about" {
        profile.insert(key, value);
        return;
    }
    let Some(held) = profile.entry(section).or_insert_with(|| json!({})).as_object_mut() else { return };
    if year == 0 {
        held.insert(key, value);
    } else if let Some(years) = held.entry(key).or_insert_with(|| json!({})).as_object_mut() {
        years.insert(year.to_string(), value);
    }
}
