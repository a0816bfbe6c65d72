//! Candidates of automatic supports (免申即享) among the stored enterprises: who is proven, and which one proof is missing for the others.
//!
//! The gate itself is `zhaoren_fulfilment::gate`; here its inputs are put together: statements with their sources and days, opt-outs,
//! and payments.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use zhaoren_fulfilment::gate::{Blocker, Candidate, Decision, Gate, GateLine, SpanFault};
use zhaoren_fulfilment::proof::{Statement, prove};
use zhaoren_fulfilment::readiness::{Readiness, ReadinessTally};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::{Report, Severity};
use zhaoren_policy::profile::{CheckedFact, HeldValue, Profile, ProfileKey, Strictness};
use zhaoren_policy::syntax::{self, Tree};
use zhaoren_registry::{FactRecord, Moment};

use crate::Date;
use crate::access::Principal;
use crate::clock::{day_of, now};
use crate::error::EngineError;
use crate::problem_words::sentence;
use crate::profiles::read_profiles;
use crate::records::Records;
use crate::rules::Rules;

/// Question for the candidates of automatic supports.
#[derive(Clone, Debug)]
pub struct AutomaticRequest<'a> {
    /// Caller, whose tenant's enterprises are decided; facts that its role does not see are unknown.
    pub who: &'a Principal,
    /// Day of the decision.
    pub as_of: Date,
    /// Day by which the money is paid.
    pub until: Date,
    /// Office that each source speaks for; a source that is not named speaks for none.
    pub offices: &'a BTreeMap<String, String>,
}

/// Candidates of all automatic items.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AutomaticReport {
    /// Day of the decision.
    pub as_of: Date,
    /// Day by which the money is paid.
    pub until: Date,
    /// Enterprises that were decided.
    pub enterprises: usize,
    /// Items, in order of id, those without a candidate included.
    pub items: Vec<AutomaticItem>,
    /// Pairs of enterprise and item that are eligible by what is known, in order of enterprise and item.
    pub lines: Vec<AutomaticLine>,
    /// Stored facts that could not be read, in words; they prove nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// Counts of one item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AutomaticItem {
    /// Id of the item.
    pub policy: String,
    /// Title.
    pub title: String,
    /// Enterprises that are proven.
    pub proven: usize,
    /// Enterprises for which exactly one proof is missing.
    pub one_missing: usize,
    /// Other enterprises that are eligible by what is known.
    pub blocked: usize,
    /// Blockers in words with the number of enterprises that each blocks, the most frequent first.
    pub blockers: Vec<(String, usize)>,
}

/// Pair of enterprise and item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AutomaticLine {
    /// Enterprise.
    pub enterprise: String,
    /// Name of the enterprise; empty if it is not stored.
    pub name: String,
    /// Id of the item.
    pub policy: String,
    /// Decision.
    #[serde(flatten)]
    pub decision: Decision,
    /// Blockers in words; empty if it is proven.
    pub text: Vec<String>,
}

/// Readiness of the catalogue for automatic delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadinessReport {
    /// Day of the decision.
    pub as_of: Date,
    /// Day by which the money is paid.
    pub until: Date,
    /// Enterprises that were decided.
    pub enterprises: usize,
    /// Titles of the items, by id.
    pub titles: BTreeMap<String, String>,
    /// Items and steps.
    #[serde(flatten)]
    pub readiness: Readiness,
    /// Stored facts that could not be read, in words; they prove nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// Greatest number of kinds of blockers named for an item.
const MAX_BLOCKERS: usize = 5;

impl Records {
    /// Decides every stored enterprise of the caller's tenant on the automatic items. The audit records the reading.
    ///
    /// # Errors
    /// The period from decision to payment is not one that the gate decides, or the records cannot be read.
    pub fn automatic(
        &self,
        rules: &Rules,
        request: &AutomaticRequest<'_>,
    ) -> Result<AutomaticReport, EngineError> {
        let period = (request.as_of, request.until);
        let gate = Gate::of_automatic(Arc::clone(rules.library()), period).map_err(invalid_span)?;
        let mut items: BTreeMap<String, (AutomaticItem, BTreeMap<String, usize>)> = gate
            .items()
            .map(|item| {
                let counts = AutomaticItem {
                    policy: item.id.clone(),
                    title: item.title.clone(),
                    ..AutomaticItem::default()
                };
                (item.id.clone(), (counts, BTreeMap::new()))
            })
            .collect();
        let mut report =
            AutomaticReport { as_of: request.as_of, until: request.until, ..AutomaticReport::default() };
        let (enterprises, problems) = self.decide_each(rules, request, &gate, |known, lines| {
            for line in lines {
                let text = match &line.decision {
                    Decision::Proven => Vec::new(),
                    Decision::Blocked { blockers } => blockers.iter().map(Blocker::words).collect(),
                };
                if let Some((counts, kinds)) = items.get_mut(&line.item) {
                    counts.add(kinds, &line.decision);
                }
                report.lines.push(AutomaticLine {
                    enterprise: known.id.clone(),
                    name: known.name.clone().unwrap_or_default(),
                    policy: line.item,
                    decision: line.decision,
                    text,
                });
            }
        })?;
        (report.enterprises, report.problems) = (enterprises, problems);
        report.items = items
            .into_values()
            .map(|(mut counts, kinds)| {
                let mut kinds: Vec<(String, usize)> = kinds.into_iter().collect();
                kinds.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
                kinds.truncate(MAX_BLOCKERS);
                counts.blockers = kinds;
                counts
            })
            .collect();
        let detail = json!({"enterprises": report.enterprises, "pairs": report.lines.len()});
        let act = request.who.write_context(now());
        self.block_on(self.registry.record_action(&act, "automatic", "", &detail))?;
        Ok(report)
    }

    /// Readiness of the whole catalogue for automatic delivery, whatever delivery an item claims today: which single step would
    /// release how many of the stored enterprises of the caller's tenant. The audit records the reading.
    ///
    /// # Errors
    /// As for [`Records::automatic`].
    pub fn readiness(
        &self,
        rules: &Rules,
        request: &AutomaticRequest<'_>,
    ) -> Result<ReadinessReport, EngineError> {
        let period = (request.as_of, request.until);
        let gate = Gate::new(Arc::clone(rules.library()), period, |_| true).map_err(invalid_span)?;
        let mut tally = ReadinessTally::default();
        let add = |_: &Profile, lines: Vec<GateLine>| tally.add(&lines, rules.dictionary());
        let (enterprises, problems) = self.decide_each(rules, request, &gate, add)?;
        let readiness = tally.finish();
        let titles: BTreeMap<&str, &str> =
            gate.items().map(|item| (item.id.as_str(), item.title.as_str())).collect();
        let title = |id: &str| titles.get(id).map_or_else(String::new, |title| (*title).to_owned());
        let titles = readiness.items.iter().map(|item| (item.item.clone(), title(&item.item))).collect();
        let detail = json!({"enterprises": enterprises, "readiness": true});
        let act = request.who.write_context(now());
        self.block_on(self.registry.record_action(&act, "automatic", "", &detail))?;
        let (as_of, until) = period;
        Ok(ReadinessReport { as_of, until, enterprises, titles, readiness, problems })
    }

    /// Decides every stored enterprise of the caller's tenant by `gate`, and hands its known profile and its decisions to `each`, in
    /// order of id. Returns the number of enterprises and what could not be read, in words.
    fn decide_each(
        &self,
        rules: &Rules,
        request: &AutomaticRequest<'_>,
        gate: &Gate,
        mut each: impl FnMut(&Profile, Vec<GateLine>),
    ) -> Result<(usize, Vec<String>), EngineError> {
        let mut received: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (enterprise, item, _) in self.payments_given_once(gate.items(), request.as_of)? {
            received.entry(enterprise).or_default().insert(item);
        }
        let mut declined: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for one in self.all_opt_outs()? {
            declined.entry(one.enterprise).or_default().insert(one.item);
        }
        let (mut enterprises, mut problems, none) = (0, Vec::new(), BTreeSet::new());
        let trusted = self.block_on(self.registry.source_trust(&request.who.tenant))?;
        let dictionary = rules.dictionary();
        for id in self.enterprises(&request.who.tenant)? {
            zhaoren_cancel::poll();
            let Some(facts) = self.visible_facts(request.who, &id, request.as_of, Moment::NOW, dictionary)?
            else {
                continue;
            };
            enterprises += 1;
            let statements: Vec<Statement> =
                facts.facts.iter().filter_map(|fact| statement(fact, request.offices, dictionary)).collect();
            let stored = facts.profile(&id, &trusted, dictionary);
            problems.extend(stored.problems.iter().cloned());
            let read = read_profiles(stored.text().as_bytes(), &id, dictionary, false);
            let errors = read.problems.iter().filter(|one| one.severity == Severity::Error);
            problems.extend(errors.map(sentence));
            let Some(known) = read.profiles.into_iter().next() else { continue };
            let period = (request.as_of, request.until);
            let proof = prove(&id, &statements, dictionary, period);
            let candidate = Candidate {
                known: &known,
                proof: &proof,
                declined: declined.get(&id).unwrap_or(&none),
                received: received.get(&id).unwrap_or(&none),
            };
            each(&known, gate.decide(candidate));
        }
        Ok((enterprises, problems))
    }
}

impl AutomaticItem {
    fn add(&mut self, kinds: &mut BTreeMap<String, usize>, decision: &Decision) {
        let Decision::Blocked { blockers } = decision else {
            self.proven += 1;
            return;
        };
        match blockers.as_slice() {
            [Blocker::Proof { .. }] => self.one_missing += 1,
            _ => self.blocked += 1,
        }
        for blocker in blockers {
            // The same fact from different sources is one blocker.
            let kind = match blocker {
                Blocker::Proof { entry, .. } => format!("缺少证明：{}", entry.name),
                other => other.words(),
            };
            *kinds.entry(kind).or_default() += 1;
        }
    }
}

fn invalid_span(fault: SpanFault) -> EngineError {
    EngineError::Input(fault.to_string())
}

/// A stored fact as a statement; `None` for entries outside the facts, and for values that cannot be read, which prove nothing.
fn statement(
    fact: &FactRecord,
    offices: &BTreeMap<String, String>,
    dictionary: &FactDictionary,
) -> Option<Statement> {
    let node = syntax::json(&fact.value).ok()?;
    let (key, value) = match fact.section.as_str() {
        "judged" => {
            let Tree::Bool(truth) = node.value else { return None };
            (ProfileKey::Judged(fact.key.clone()), HeldValue::Judged(truth))
        }
        "facts" => {
            let entry = dictionary.get(&fact.key)?;
            let year = if fact.year == 0 { None } else { Some(i16::try_from(fact.year).ok()?) };
            let value = match node.get("withheld").and_then(|reason| reason.text()) {
                Some(reason) => HeldValue::Withheld(reason.to_owned()),
                None => {
                    let mut report = Report::new("");
                    let strictness = (Strictness::of(false), None);
                    CheckedFact::read(entry, &node, &fact.key, dictionary, strictness, &mut report)?
                        .into_value()
                }
            };
            (ProfileKey::Fact(fact.key.clone(), year), value)
        }
        _ => return None,
    };
    Some(Statement {
        key,
        source: fact.source.clone(),
        office: offices.get(&fact.source).cloned(),
        stated_on: day_of(Moment(fact.recorded_at)),
        valid_until: fact.valid_until.parse().ok(),
        value,
    })
}
