//! Facts that drafts need and the dictionary does not have: proposals that say the same are offered as one.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;
use zhaoren_cancel::poll;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_registry::Draft;

use super::propose::DraftReading;
use crate::access::Principal;
use crate::error::EngineError;
use crate::open::Engine;

/// Fact proposed by one or several drafts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposedFact {
    /// Key of the fact.
    pub key: String,
    /// Name in Chinese.
    pub name: String,
    /// Type: money, ratio, integer or decimal.
    #[serde(rename = "type")]
    pub kind: String,
    /// Unit; empty for a ratio.
    pub unit: String,
    /// `current` or `year`.
    pub period: String,
    /// Drafts that need it, in order.
    pub drafts: Vec<i64>,
    /// Sentences that need it, verbatim, each once.
    pub quotes: Vec<String>,
}

/// Most quotes kept of one fact.
const MOST_QUOTES: usize = 20;

impl Engine {
    /// Facts that the drafts of a tenant need (those of all for the empty tenant) and the dictionary lacks, each once: those that most
    /// drafts need first. Drafts that were sent back do not count.
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn proposed_facts(&self, tenant: &str) -> Result<Vec<ProposedFact>, EngineError> {
        self.facts_of_drafts(tenant, &|_| true)
    }

    /// Facts that those drafts need which a caller may read, like [`Engine::proposed_facts`].
    ///
    /// # Errors
    /// When the registry cannot be read.
    pub fn proposed_facts_for(&self, who: &Principal) -> Result<Vec<ProposedFact>, EngineError> {
        self.facts_of_drafts(&who.tenant, &|draft| who.can_read_drafts_of(&draft.tenant))
    }

    fn facts_of_drafts(
        &self,
        tenant: &str,
        chosen: &dyn Fn(&Draft) -> bool,
    ) -> Result<Vec<ProposedFact>, EngineError> {
        let rules = self.rules_for(tenant)?;
        let mut facts: BTreeMap<(String, String, String, String), ProposedFact> = BTreeMap::new();
        let drafts = self.drafts(tenant, "")?;
        let open = |draft: &&Draft| draft.has_reading && draft.state != "rejected" && chosen(draft);
        for draft in drafts.iter().filter(open) {
            poll();
            let Some(DraftReading { reading: Some(reading), .. }) = self.draft_reading(tenant, draft.id)?
            else {
                continue;
            };
            for one in &reading.proposed {
                let text = |key: &str| one.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
                let (key, kind, unit, period) = (text("key"), text("type"), text("unit"), text("period"));
                if is_known(rules.dictionary(), &key, &text("name"), (&kind, &unit, &period)) {
                    continue;
                }
                let place = (key.clone(), kind.clone(), unit.clone(), period.clone());
                let fact = facts.entry(place).or_insert_with(|| ProposedFact {
                    key,
                    name: text("name"),
                    kind,
                    unit,
                    period,
                    drafts: Vec::new(),
                    quotes: Vec::new(),
                });
                if fact.drafts.last() != Some(&draft.id) {
                    fact.drafts.push(draft.id);
                }
                let quote = text("quote");
                if fact.quotes.len() < MOST_QUOTES && !quote.is_empty() && !fact.quotes.contains(&quote) {
                    fact.quotes.push(quote);
                }
            }
        }
        let mut facts: Vec<ProposedFact> = facts.into_values().collect();
        facts.sort_by_key(|fact| std::cmp::Reverse(fact.drafts.len()));
        Ok(facts)
    }
}

/// True if the dictionary has the fact by now: under its key, or as an accepted fact of this name.
fn is_known(dictionary: &FactDictionary, key: &str, name: &str, of: (&str, &str, &str)) -> bool {
    let (kind, unit, period) = of;
    dictionary.get(key).is_some()
        || zhaoren_conditions::accepted_fact(dictionary, name, kind, unit, period).is_some()
}

impl ProposedFact {
    /// The fact as an entry of a fact dictionary, for `--facts FILE`: one YAML list item of JSON.
    pub fn dictionary_entry(&self) -> String {
        format!("- {}", Json::Object(self.entry()))
    }

    /// The fact as an entry of a fact dictionary.
    pub(super) fn entry(&self) -> serde_json::Map<String, Json> {
        let mut entry = serde_json::Map::new();
        let mut put = |key: &str, value: &str| entry.insert(key.to_owned(), value.into());
        put("key", &self.key);
        put("name", &self.name);
        put("type", &self.kind);
        put("period", &self.period);
        if !self.unit.is_empty() && self.kind != "ratio" {
            put("unit", &self.unit);
        }
        entry
    }
}
