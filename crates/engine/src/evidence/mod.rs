//! Verification of every quote (原文), word for word, against the document it cites.
//!
//! An item is refused if its document is available and lacks one of its quotes. The positions of the other quotes are kept,
//! by item and path in the criteria, and shown with each condition of a match. Nothing is cached between openings: all
//! quotes are verified again, which detects a changed document or item.

#![expect(clippy::indexing_slicing, reason = "items are numbered, and texts read in order, in this module")]

mod attach;
mod catalogue;
mod fold;
mod given;
mod similar;
#[cfg(test)]
mod tests;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use zhaoren_matcher::Match;
use zhaoren_policy::criterion::Criterion;
use zhaoren_policy::evidence::QuoteSpan;
use zhaoren_policy::item::Item;
use zhaoren_policy::problem::{Fault, Problem, Report, Subject};
use zhaoren_registry::DocumentRecord;

pub use attach::{EvidenceProposal, ProposedQuote};
pub(crate) use catalogue::DocumentNames;
use catalogue::{candidate_paths, long_id, normalize, short_id};

use crate::error::EngineError;
use crate::evidence_paths::quote_path;
use text::Text;

/// Positions of the quotes of items.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// By item, then by the path of the criterion with the quote.
    places: BTreeMap<String, BTreeMap<String, QuoteSpan>>,
}

impl Evidence {
    /// The position of the quote for the criterion at `path` of an item: its own, or that of the nearest enclosing group.
    /// `None` if there is no quote, or its document is not available.
    pub fn span(&self, item: &str, path: &str) -> Option<&QuoteSpan> {
        nearest(self.places.get(item)?, path)
    }

    /// The positions of the quotes of an item.
    pub(crate) fn spans(&self, item: &str) -> impl Iterator<Item = &QuoteSpan> {
        self.places.get(item).into_iter().flat_map(BTreeMap::values)
    }

    /// Adds the positions to the quotes of matches.
    pub fn attach(&self, matches: &mut [Match]) {
        for one in matches.iter_mut().filter(|one| self.places.contains_key(&one.policy)) {
            for clause in &mut one.clauses {
                clause.source = self.span(&one.policy, &clause.path).cloned();
            }
        }
    }
}

/// An item whose quotes are to be verified.
#[derive(Clone, Copy)]
pub(crate) struct QuotedItem<'a> {
    /// The item.
    pub(crate) item: &'a Item,
    /// The file it was read from.
    pub(crate) file: &'a str,
    /// The line of each quote in that file, by path from the item. Empty if unknown.
    pub(crate) lines: &'a BTreeMap<String, u32>,
}

/// Result of the verification of items.
#[derive(Debug, Default)]
pub(crate) struct EvidenceCheck {
    /// Positions of the quotes.
    pub(crate) evidence: Evidence,
    /// Quotes that are not found as cited: an error if the document lacks them, a warning if another clause has them.
    pub(crate) problems: Vec<Problem>,
    /// Ids of the items refused.
    pub(crate) refused: BTreeSet<String>,
}

/// Number of documents held in memory at a time.
const AT_A_TIME: usize = 64;

/// Verifies every quote of `items`. `fetch` returns a document of the catalogue by id.
///
/// An item without quotes, or whose document is not in the catalogue, is valid and has no positions.
pub(crate) fn verify(
    items: &[QuotedItem<'_>],
    catalogue: &DocumentNames,
    mut fetch: impl FnMut(&str) -> Result<Option<DocumentRecord>, EngineError>,
) -> Result<EvidenceCheck, EngineError> {
    let mut by_documents: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (index, one) in items.iter().enumerate().filter(|(_, one)| has_quotes(one.item)) {
        let candidates = catalogue.candidates(one.item, one.file);
        if !candidates.is_empty() {
            by_documents.entry(candidates).or_default().push(index);
        }
    }
    let groups: Vec<(Vec<String>, Vec<usize>)> = by_documents.into_iter().collect();
    let mut outcomes: Vec<(usize, Outcome)> = Vec::new();
    for some in groups.chunks(AT_A_TIME) {
        let mut work = Vec::new();
        for (ids, indices) in some {
            let records: Result<Vec<_>, _> = ids.iter().map(|id| fetch(id)).collect();
            work.push((records?.into_iter().flatten().collect::<Vec<_>>(), indices));
        }
        let found: Vec<Vec<(usize, Outcome)>> = work
            .par_iter()
            .map(|(records, indices)| group(records, indices, items))
            .collect::<Result<_, _>>()?;
        outcomes.extend(found.into_iter().flatten());
    }
    outcomes.sort_by_key(|(index, _)| *index);
    Ok(gather(items, outcomes))
}

/// True if any criterion of an item has a quote.
pub(crate) fn has_quotes(item: &Item) -> bool {
    let mut bears = false;
    item.criteria.walk_all(&mut |_, criterion| bears |= criterion.quote.is_some());
    bears
}

/// Result for the quotes of one item in one document.
#[derive(Default)]
struct Outcome {
    places: BTreeMap<String, QuoteSpan>,
    errors: Vec<(String, Fault)>,
    warnings: Vec<(String, Fault)>,
}

/// Verifies items that share candidate documents. The first candidate that contains all quotes of an item is chosen.
fn group(
    records: &[DocumentRecord],
    indices: &[usize],
    items: &[QuotedItem<'_>],
) -> Result<Vec<(usize, Outcome)>, EngineError> {
    let mut texts: Vec<Text> = records.iter().take(1).map(Text::read).collect::<Result<_, _>>()?;
    let mut outcomes = Vec::new();
    for index in indices {
        let one = &items[*index];
        let mut outcome = None;
        for (which, record) in records.iter().enumerate() {
            if which == texts.len() {
                texts.push(Text::read(record)?);
            }
            let text = &texts[which];
            let found = verify_criteria(&one.item.criteria, text);
            if found.errors.is_empty() {
                outcome = Some(found);
                break;
            }
            outcome = outcome.or(Some(found));
        }
        outcomes.extend(outcome.map(|outcome| (*index, outcome)));
    }
    Ok(outcomes)
}

/// Verifies every quote of `criteria` in `text`.
fn verify_criteria(criteria: &Criterion, text: &Text) -> Outcome {
    let mut outcome = Outcome::default();
    let mut articles: BTreeMap<String, &str> = BTreeMap::new();
    criteria.walk_all(&mut |path, criterion| {
        articles.extend(criterion.article.as_deref().map(|article| (path.to_owned(), article)));
        let Some(quote) = &criterion.quote else { return };
        let cited = nearest(&articles, path).copied();
        let at = quote_path(path);
        match text.find(quote, cited) {
            Some(found) => {
                if let (true, Some(cited), Some(stands)) =
                    (found.outside_citation, cited, &found.span.article)
                {
                    let (document, cited) = (found.span.document.clone(), cited.to_owned());
                    let fault = Fault::QuoteElsewhere {
                        quote: quote.clone(),
                        document,
                        cited,
                        found: stands.clone(),
                    };
                    outcome.warnings.push((at, fault));
                }
                outcome.places.insert(path.to_owned(), found.span);
            }
            None => outcome.errors.push((at, text.not_found(quote))),
        }
    });
    outcome
}

/// The value at a path of criteria, or at the nearest enclosing group: quotes and citations are inherited.
fn nearest<'a, V>(by_path: &'a BTreeMap<String, V>, path: &str) -> Option<&'a V> {
    let around = |path: &str| path.rsplit_once('.').map_or(String::new(), |(around, _)| around.to_owned());
    let mut path = path.to_owned();
    loop {
        match by_path.get(&path) {
            Some(value) => return Some(value),
            None if path.is_empty() => return None,
            None => path = around(&path),
        }
    }
}

/// Sorts the outcomes into positions and problems.
fn gather(items: &[QuotedItem<'_>], outcomes: Vec<(usize, Outcome)>) -> EvidenceCheck {
    let mut verified = EvidenceCheck::default();
    for (index, outcome) in outcomes {
        let one = &items[index];
        let id = &one.item.id;
        let mut report = Report::new(one.file);
        report.set_subject(Some(Subject::Item(id.clone())));
        let line = |path: &str| one.lines.get(path).copied().unwrap_or(0);
        if outcome.errors.is_empty() {
            for (path, fault) in outcome.warnings {
                report.warn(line(&path), &path, fault);
            }
            verified.evidence.places.insert(id.clone(), outcome.places);
        } else {
            for (path, fault) in outcome.errors {
                report.error(line(&path), &path, fault);
            }
            verified.refused.insert(id.clone());
        }
        verified.problems.extend(report.problems);
    }
    verified
}
