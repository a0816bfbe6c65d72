//! Evidence that attaches itself: the sentences of an imported document that state the conditions of an item.
//!
//! A sentence states a condition if the reader makes the same leaf of it: same fact, same selection, same operator and value. A
//! proposal is only listed; a person confirms the set of an item once, and it becomes a revision like any other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use zhaoren_cancel::poll;
use zhaoren_conditions::criteria_json;
use zhaoren_policy::clause::ClauseKind;
use zhaoren_policy::code::{Code, CodeSystem};
use zhaoren_policy::criterion::{Criterion, Leaf, Node, describe};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::Item;
use zhaoren_registry::{DocumentRecord, Moment};

use super::DocumentNames;
use crate::access::Principal;
use crate::error::EngineError;
use crate::import::ImportReport;
use crate::open::Engine;
use crate::read_documents::ReadDocument;

/// Sentences found for the conditions of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceProposal {
    /// Id of the item.
    pub item: String,
    /// Title of the item.
    pub title: String,
    /// Id of the document.
    pub document: String,
    /// Sentences found, in the order of the conditions.
    pub found: Vec<ProposedQuote>,
    /// Conditions without a quote for which no sentence was found, in words.
    pub open: Vec<String>,
}

/// Sentence proposed as the quote of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposedQuote {
    /// Path of the condition in the criteria.
    pub path: String,
    /// Condition in words.
    pub rule: String,
    /// Sentence, verbatim.
    pub quote: String,
    /// Full citation of its clause; empty in a text without clauses.
    pub article: String,
    /// Citation that the item has, if it names another clause: a reason to look twice.
    pub cited: Option<String>,
}

impl EvidenceProposal {
    /// The proposal as JSON.
    pub fn to_json(&self) -> Json {
        let found: Vec<Json> = self
            .found
            .iter()
            .map(|one| {
                json!({"path": one.path, "rule": one.rule, "quote": one.quote, "article": one.article, "cited": one.cited})
            })
            .collect();
        json!({"item": self.item, "title": self.title, "document": self.document, "found": found, "open": self.open})
    }
}

/// Leaf that a sentence of a document states.
struct StatedLeaf {
    leaf: Leaf,
    quote: String,
    article: String,
}

impl Engine {
    /// Proposals for the items of a tenant's catalogue whose document was imported, in order of id: for one item, or for all
    /// with an empty `item`. An item for which nothing was found is left out.
    ///
    /// # Errors
    /// When the registry fails, or there is no such tenant.
    pub fn propose_evidence(&self, item: &str, tenant: &str) -> Result<Vec<EvidenceProposal>, EngineError> {
        let (state, rules) = (self.state(), self.rules_for(tenant)?);
        let mut names = DocumentNames::default();
        for (id, document) in state.index.documents() {
            names.add(id, None);
            names.add_names(id, document);
        }
        // Items of one document follow each other or not: it is read once.
        let mut read: BTreeMap<String, Vec<StatedLeaf>> = BTreeMap::new();
        let mut proposals = Vec::new();
        for one in rules.library().iter().filter(|one| item.is_empty() || one.id == item) {
            poll();
            let wanted = unquoted(&one.criteria);
            if wanted.is_empty() {
                continue;
            }
            let mut best: Option<EvidenceProposal> = None;
            for id in names.candidates(one, "") {
                if !read.contains_key(&id) {
                    let Some(record) = self.stored(&id)? else { continue };
                    read.insert(id.clone(), stated_leaves(&record, rules.dictionary())?);
                }
                let Some(stated) = read.get(&id) else { continue };
                let proposal = propose(one, &wanted, &id, stated, rules.dictionary());
                if best.as_ref().is_none_or(|best| proposal.found.len() > best.found.len()) {
                    best = Some(proposal);
                }
            }
            proposals.extend(best.filter(|best| !best.found.is_empty()));
        }
        Ok(proposals)
    }

    /// Writes the sentences of a proposal into its item on behalf of `by`, who confirms them. Other fields of the item are
    /// unchanged. The quotes are verified like those of an import.
    ///
    /// # Errors
    /// When there is no such item, or the registry or the index cannot be written.
    pub fn confirm_evidence(
        &self,
        by: &Principal,
        proposal: &EvidenceProposal,
    ) -> Result<ImportReport, EngineError> {
        match self.with_evidence(proposal, &by.tenant)? {
            Some(body) => self.receive(&[(format!("{}.json", proposal.item), body)], by),
            None => Ok(ImportReport::default()),
        }
    }

    /// An item of the registry with the sentences of a proposal: input for [`Engine::propose`] where a second person confirms.
    /// `None` if this tenant has no such item.
    ///
    /// # Errors
    /// When the registry cannot be read, or there is no such tenant.
    pub fn with_evidence(
        &self,
        proposal: &EvidenceProposal,
        tenant: &str,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        let rules = self.rules_for(tenant)?;
        let Some(item) = rules.item(&proposal.item) else { return Ok(None) };
        let lineage = self.runtime.block_on(self.registry.lineage(tenant))?;
        let record = self.runtime.block_on(self.registry.item(&proposal.item, Moment::NOW, &lineage))?;
        let Some(record) = record else { return Ok(None) };
        let mut body: Json = serde_json::from_str(&record.body).map_err(|error| EngineError::Unreadable {
            what: "政策事项",
            id: proposal.item.clone(),
            why: error.to_string(),
        })?;
        let mut criteria = criteria_json(&item.criteria);
        for one in &proposal.found {
            let Some(place) = at_path(&mut criteria, &one.path).and_then(Json::as_object_mut) else {
                continue;
            };
            place.insert("quote".to_owned(), one.quote.clone().into());
            if !one.article.is_empty() && one.cited.is_none() {
                place.insert("article".to_owned(), one.article.clone().into());
            }
        }
        if let Some(body) = body.as_object_mut() {
            body.insert("criteria".to_owned(), criteria);
        }
        Ok(Some(body.to_string().into_bytes()))
    }
}

/// Leaves of `criteria` for which neither they nor an enclosing criterion have a quote, each with its path.
fn unquoted(criteria: &Criterion) -> Vec<(String, &Criterion)> {
    let mut quoted: BTreeSet<String> = BTreeSet::new();
    let mut found = Vec::new();
    criteria.walk(&mut |path, criterion| {
        let enclosing = path.rsplit_once('.').map_or("", |(around, _)| around);
        let has = criterion.quote.is_some()
            || quoted.contains(enclosing)
            || (!path.is_empty() && quoted.contains(""));
        if has {
            quoted.insert(path.to_owned());
        } else if matches!(criterion.node, Node::Leaf(_)) {
            found.push((path.to_owned(), criterion));
        }
    });
    found
}

/// The sentences of one document for the conditions of one item. A sentence in the clause that the item cites is preferred to
/// one elsewhere.
fn propose(
    item: &Item,
    wanted: &[(String, &Criterion)],
    document: &str,
    stated: &[StatedLeaf],
    dictionary: &FactDictionary,
) -> EvidenceProposal {
    let mut proposal = EvidenceProposal {
        item: item.id.clone(),
        title: item.title.clone(),
        document: document.to_owned(),
        found: Vec::new(),
        open: Vec::new(),
    };
    for (path, criterion) in wanted {
        poll();
        let Node::Leaf(leaf) = &criterion.node else { continue };
        let rule = describe(&criterion.bare(), dictionary);
        let cited = criterion.article.as_deref();
        let is_cited = |one: &&StatedLeaf| cited.is_some_and(|cited| one.article == cited);
        let same = || stated.iter().filter(|one| one.leaf == *leaf);
        match same().find(is_cited).or_else(|| same().next()) {
            Some(one) => proposal.found.push(ProposedQuote {
                path: path.clone(),
                rule,
                quote: one.quote.clone(),
                article: one.article.clone(),
                cited: cited.filter(|cited| *cited != one.article).map(str::to_owned),
            }),
            None => proposal.open.push(rule),
        }
    }
    proposal
}

/// Every leaf that the reader makes of the clauses of a document, in reading order.
fn stated_leaves(
    record: &DocumentRecord,
    dictionary: &FactDictionary,
) -> Result<Vec<StatedLeaf>, EngineError> {
    let read = ReadDocument::of(record);
    let outline = read.outline(record)?;
    let text = &read.restored.text;
    let region = outline.document.region.as_deref().and_then(|code| Code::parse(code, CodeSystem::Region));
    let mut stated = Vec::new();
    for clause in &outline.clauses {
        poll();
        if matches!(clause.kind, ClauseKind::Signature) {
            continue;
        }
        let Some(words) = text.get(clause.span.clone()) else { continue };
        let words = words.trim();
        let words = words.strip_prefix(clause.label.as_str()).unwrap_or(words).trim_start();
        let reading = zhaoren_conditions::read(words, region.as_ref(), dictionary);
        reading.criteria.walk(&mut |_, criterion| {
            let (Node::Leaf(leaf), Some(quote)) = (&criterion.node, &criterion.quote) else { return };
            stated.push(StatedLeaf {
                leaf: leaf.clone(),
                quote: quote.clone(),
                article: clause.article.clone(),
            });
        });
    }
    Ok(stated)
}

/// The value at a path of criteria in JSON: `all[0].any[1]`, `not`, `case[0].when`.
fn at_path<'a>(criteria: &'a mut Json, path: &str) -> Option<&'a mut Json> {
    let mut place = criteria;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let (key, index) = match step.split_once('[') {
            Some((key, index)) => (key, Some(index.trim_end_matches(']').parse::<usize>().ok()?)),
            None => (step, None),
        };
        place = place.get_mut(key)?;
        if let Some(index) = index {
            place = place.get_mut(index)?;
        }
    }
    Some(place)
}
