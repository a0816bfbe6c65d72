//! Acceptance of a proposed fact: it enters the dictionary of the tenant, and the judged clauses of open drafts that asked for it become
//! criteria that the fact decides.

use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use zhaoren_cancel::poll;
use zhaoren_policy::criterion::{Node, read_criterion, write_canonical};
use zhaoren_policy::fact::{Fact, FactDictionary};
use zhaoren_policy::problem::Report;
use zhaoren_policy::syntax;
use zhaoren_registry::{DraftUpdate, RegistryError, WriteContext};

use super::decide::ItemDecisions;
use super::facts::ProposedFact;
use super::parts::strip_evidence;
use super::propose::{DraftReading, StoredReading};
use super::sheet::{PartKind, ReadingPart, SheetItem};
use crate::dictionaries::entry;
use crate::error::EngineError;
use crate::open::Engine;

/// Longest name of a fact, in characters.
const LONGEST_NAME: usize = 60;
/// Longest key of a fact, in bytes.
const LONGEST_KEY: usize = 60;

/// Decision of a person on a proposed fact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactAcceptance {
    /// Key of the proposal.
    pub proposal: String,
    /// Key in the dictionary; empty for that of the proposal.
    pub key: String,
    /// Name in the dictionary; empty for that of the proposal, which otherwise becomes a synonym.
    pub name: String,
    /// Holder who can answer a question about it: `enterprise`, or the name of an office; may be empty.
    pub answered_by: String,
    /// Key of a fact that was accepted before and means the same; empty for a fact of its own.
    pub same_as: String,
}

/// Fact that was accepted.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AcceptedFact {
    /// Entry in the dictionary.
    pub fact: Fact,
    /// Open drafts whose judged clauses became criteria.
    pub drafts: Vec<i64>,
    /// Open drafts that need the fact and were left as they are: a person has rewritten their conditions.
    pub unchanged: Vec<i64>,
}

impl Engine {
    /// Accepts a proposed fact for the writer's tenant, or for all with the empty tenant. From then on its items, profiles, tables and
    /// questions may use the fact, and documents are read with it. The audit keeps who accepted it and when.
    ///
    /// # Errors
    /// When no draft proposes the fact, the key is taken or has no valid form, the other fact is of another type, or the registry cannot
    /// be written.
    pub fn accept_fact(
        &self,
        act: &WriteContext<'_>,
        acceptance: &FactAcceptance,
    ) -> Result<AcceptedFact, EngineError> {
        let found = self.proposed_facts(act.tenant)?;
        let proposal = found.into_iter().find(|fact| fact.key == acceptance.proposal);
        let proposal = proposal.ok_or_else(|| {
            EngineError::from(RegistryError::NotFound {
                what: "建议指标", id: acceptance.proposal.clone()
            })
        })?;
        let mut dictionary = self.dictionary_for(act.tenant)?;
        let body = match acceptance.same_as.trim() {
            "" => new_entry(&proposal, acceptance, &dictionary)?,
            same => self.entry_with_synonym(act.tenant, &proposal, same)?,
        };
        let body = Json::Object(body).to_string();
        let own = entry(&body);
        let Some(fact) = own.iter().next().cloned() else {
            return Err(EngineError::Input(format!("指标“{}”不能写入指标字典：{body}", proposal.name)));
        };
        dictionary.add_missing(own);
        let (mut updates, mut unchanged) = (Vec::new(), Vec::new());
        for draft in &proposal.drafts {
            poll();
            let Some(found) = self.draft_reading(act.tenant, *draft)? else { continue };
            if found.draft.state != "open" {
                continue;
            }
            match updated(&found, &proposal.key, &fact, &dictionary) {
                Change::Made(update) => updates.push(update),
                Change::Unsafe => unchanged.push(*draft),
                Change::None => {}
            }
        }
        self.runtime.block_on(self.registry.accept_fact(act, &fact.key, &body, &updates))?;
        self.refresh_tenants()?;
        Ok(AcceptedFact { fact, drafts: updates.iter().map(|one| one.draft).collect(), unchanged })
    }

    /// Entry of a fact that the tenant accepted before, with the name of the proposal as a synonym.
    fn entry_with_synonym(
        &self,
        tenant: &str,
        proposal: &ProposedFact,
        key: &str,
    ) -> Result<Map<String, Json>, EngineError> {
        let lineage = if tenant.is_empty() {
            Vec::new()
        } else {
            self.runtime.block_on(self.registry.lineage(tenant))?
        };
        let accepted = self.runtime.block_on(self.registry.tenant_facts(&lineage))?;
        let before = accepted.into_iter().find(|one| one.key == key && one.tenant == tenant);
        let before = before.ok_or_else(|| {
            EngineError::from(RegistryError::NotFound { what: "已采纳的指标", id: key.to_owned() })
        })?;
        let unreadable = |why: String| EngineError::Unreadable { what: "指标", id: key.to_owned(), why };
        let mut body: Map<String, Json> =
            serde_json::from_str(&before.body).map_err(|error| unreadable(error.to_string()))?;
        let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default();
        let same = text("type") == proposal.kind
            && text("period") == proposal.period
            && (proposal.kind == "ratio" || text("unit") == proposal.unit);
        if !same {
            let why = format!("指标 `{key}` 与“{}”的类型、单位或年度不同，不能合为一个", proposal.name);
            return Err(EngineError::Input(why));
        }
        let aliases = body.entry("aliases").or_insert_with(|| json!([]));
        if let Some(aliases) = aliases.as_array_mut() {
            aliases.push(proposal.name.clone().into());
        }
        Ok(body)
    }
}

/// Entry of a new fact.
fn new_entry(
    proposal: &ProposedFact,
    acceptance: &FactAcceptance,
    dictionary: &FactDictionary,
) -> Result<Map<String, Json>, EngineError> {
    let or = |given: &str, otherwise: &str| match given.trim() {
        "" => otherwise.to_owned(),
        given => given.to_owned(),
    };
    let (key, name) = (or(&acceptance.key, &proposal.key), or(&acceptance.name, &proposal.name));
    let is_key = key.len() <= LONGEST_KEY
        && key.starts_with(|c: char| c.is_ascii_lowercase())
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !is_key {
        let why =
            format!("指标的键 `{key}` 应为小写字母、数字与下划线，以字母开头，不超过 {LONGEST_KEY} 个字符");
        return Err(EngineError::Input(why));
    }
    if dictionary.get(&key).is_some() {
        return Err(EngineError::Input(format!("指标字典里已有 `{key}`，请换一个键，或用 same_as 合为一个")));
    }
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(EngineError::Input(format!("指标的名称应不超过 {LONGEST_NAME} 个字，不含控制字符")));
    }
    let mut body = proposal.entry();
    body.insert("key".to_owned(), key.into());
    if name != proposal.name {
        body.insert("aliases".to_owned(), json!([proposal.name]));
    }
    body.insert("name".to_owned(), name.into());
    let answered_by = acceptance.answered_by.trim();
    if !answered_by.is_empty() {
        body.insert("answered_by".to_owned(), answered_by.into());
    }
    Ok(body)
}

/// Change that a new fact makes to a draft.
enum Change {
    /// Judged clauses became criteria.
    Made(DraftUpdate),
    /// It has no judged clause that asks for the fact.
    None,
    /// Its conditions are no longer those of its reading.
    Unsafe,
}

/// Draft with its judged clauses that ask for the proposal of `key` as criteria on `fact`.
fn updated(found: &DraftReading, key: &str, fact: &Fact, dictionary: &FactDictionary) -> Change {
    let Some(before) = &found.reading else { return Change::None };
    let (asked, proposed): (Vec<&Json>, Vec<&Json>) =
        before.proposed.iter().partition(|one| one.get("key").and_then(Json::as_str) == Some(key));
    let leaves: Vec<(String, Json)> = asked.iter().filter_map(|one| leaf(one, fact)).collect();
    let mut parts = before.parts.clone();
    let mut changed = false;
    for part in &mut parts {
        poll();
        changed |= with_leaves(part, &leaves, dictionary);
    }
    if !changed {
        return Change::None;
    }
    let proposed = proposed.into_iter().cloned().collect();
    let reading = StoredReading { parts, proposed, ..before.clone() };
    rewritten(found, before, &reading, dictionary).map_or(Change::Unsafe, Change::Made)
}

/// Draft with the conditions of `after` instead of those of `before`; `None` if its conditions are not those of `before`, or if those of
/// `after` cannot be read.
pub(super) fn rewritten(
    found: &DraftReading,
    before: &StoredReading,
    after: &StoredReading,
    dictionary: &FactDictionary,
) -> Option<DraftUpdate> {
    let mut body: Map<String, Json> = serde_json::from_str(&found.draft.body).ok()?;
    let criteria = body.remove("criteria")?;
    let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let mut item = SheetItem {
        id: text("id"),
        title: text("title"),
        article: None,
        parts: before.parts.clone(),
        figures: Vec::new(),
        proposed: Vec::new(),
        doubts: Vec::new(),
        body,
    };
    let decisions =
        |of: &StoredReading| ItemDecisions { parts: of.decisions.clone(), ..ItemDecisions::default() };
    let as_decided = item.decide(&decisions(before), &before.region, dictionary).ok()?;
    if as_decided.body.get("criteria") != Some(&criteria) {
        return None;
    }
    item.parts.clone_from(&after.parts);
    let decided = item.decide(&decisions(after), &before.region, dictionary).ok()?;
    Some(DraftUpdate {
        draft: found.draft.id,
        before: found.draft.body.clone(),
        body: Json::Object(decided.body).to_string(),
        reading: serde_json::to_string(after).ok()?,
    })
}

/// Judged clause of a proposal, and the leaf on `fact` that replaces it.
fn leaf(proposal: &Json, fact: &Fact) -> Option<(String, Json)> {
    let quote = proposal.get("quote")?.as_str()?;
    let mut leaf = proposal.get("leaf")?.as_object()?.clone();
    leaf.insert("fact".to_owned(), fact.key.clone().into());
    leaf.insert("quote".to_owned(), quote.into());
    Some((bare(quote).to_owned(), Json::Object(leaf)))
}

/// Words of a clause without the marks around it.
fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric() && c != '%' && c != '％')
}

/// Replaces judged clauses of a part; false if it has none of them, or if the result is no criterion.
fn with_leaves(part: &mut ReadingPart, leaves: &[(String, Json)], dictionary: &FactDictionary) -> bool {
    let mut criteria = part.criteria.clone();
    if !replace(&mut criteria, leaves) {
        return false;
    }
    let mut report = Report::new("");
    let read = syntax::json(&criteria.to_string()).ok();
    let Some(mut read) = read.and_then(|node| read_criterion(&node, "", dictionary, &mut report)) else {
        return false;
    };
    if report.errors() > 0 {
        return false;
    }
    strip_evidence(&mut read);
    let (mut first, mut has_judged) = (None, false);
    read.walk(&mut |_, one| match &one.node {
        Node::Leaf(leaf) => first = first.take().or_else(|| Some(leaf.fact.clone())),
        Node::Judged(_) => has_judged = true,
        _ => {}
    });
    part.canonical = write_canonical(&read, dictionary).trim_end().to_owned();
    part.criteria = criteria;
    part.kind = PartKind::Criterion;
    part.construction = first.unwrap_or_else(|| part.kind.name().to_owned());
    part.doubts.retain(|doubt| !doubt.starts_with("需要指标"));
    if !has_judged {
        part.doubts.retain(|doubt| doubt != "部分由人工认定");
    }
    true
}

/// Replaces every judged clause of `value` that a leaf stands for; true if there was one.
fn replace(value: &mut Json, leaves: &[(String, Json)]) -> bool {
    poll();
    let clause = value.get("judged").and_then(Json::as_str).map(bare);
    if let Some(clause) = clause {
        let Some((_, leaf)) = leaves.iter().find(|(quote, _)| quote == clause) else { return false };
        *value = leaf.clone();
        return true;
    }
    let mut found = false;
    match value {
        Json::Object(map) => map.values_mut().for_each(|one| found |= replace(one, leaves)),
        Json::Array(list) => list.iter_mut().for_each(|one| found |= replace(one, leaves)),
        _ => {}
    }
    found
}
