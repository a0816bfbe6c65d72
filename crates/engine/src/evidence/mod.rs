//! Every quote (原文) looked for, word for word, in the document it is said to come from.
//!
//! An item whose document is at hand and does not hold one of its quotes is refused. Where the quotes of the others
//! stand is kept, by item and path in the criteria, and shown with each condition of a match. Nothing is remembered
//! between openings: a changed document or item is found out because all are looked at again.

#![expect(clippy::indexing_slicing, reason = "items are numbered, and texts read in order, in this module")]

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

pub(crate) use catalogue::DocumentNames;
use catalogue::{long_id, normal, places, short_id};
pub(crate) use given::TEXT;

use crate::error::EngineError;
use text::Text;

/// Where the quotes of items stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// By item, then by the path of the criterion that bears the quote.
    places: BTreeMap<String, BTreeMap<String, QuoteSpan>>,
}

impl Evidence {
    /// The place of the quote that the criterion at `path` of an item shows: its own, or that of the nearest group
    /// around it. `None` where it has none, or its document is not at hand.
    pub fn place(&self, item: &str, path: &str) -> Option<&QuoteSpan> {
        nearest(self.places.get(item)?, path)
    }

    /// Where the quotes of an item stand.
    pub(crate) fn places(&self, item: &str) -> impl Iterator<Item = &QuoteSpan> {
        self.places.get(item).into_iter().flat_map(BTreeMap::values)
    }

    /// Writes the places beside the quotes of matches.
    pub fn attach(&self, matches: &mut [Match]) {
        for one in matches.iter_mut().filter(|one| self.places.contains_key(&one.policy)) {
            for clause in &mut one.clauses {
                clause.source = self.place(&one.policy, &clause.path).cloned();
            }
        }
    }
}

/// An item whose quotes are to be looked for.
#[derive(Clone, Copy)]
pub(crate) struct QuotedItem<'a> {
    /// The item.
    pub(crate) item: &'a Item,
    /// The file it was read from.
    pub(crate) file: &'a str,
    /// The line of each quote in that file, by path from the item. Empty where not known.
    pub(crate) lines: &'a BTreeMap<String, u32>,
}

/// Where the quote of the criterion at `path` stands in its item, as problems write it: `criteria.all[0].quote`.
pub(crate) fn quote_path(path: &str) -> String {
    if path.is_empty() { "criteria.quote".to_owned() } else { format!("criteria.{path}.quote") }
}

/// What became of some items.
#[derive(Debug, Default)]
pub(crate) struct Verified {
    /// Where their quotes stand.
    pub(crate) evidence: Evidence,
    /// Quotes that are not where they should be: an error where a document does not hold them, a warning where another
    /// clause does.
    pub(crate) problems: Vec<Problem>,
    /// Ids of the items refused.
    pub(crate) refused: BTreeSet<String>,
}

/// How many documents are held in memory at a time.
const AT_A_TIME: usize = 64;

/// Looks for every quote of `items`. `fetch` gives a document of the catalogue by its id.
///
/// An item that bears no quote, or whose document is not in the catalogue, is sound and has no places.
pub(crate) fn verify(
    items: &[QuotedItem<'_>],
    catalogue: &DocumentNames,
    mut fetch: impl FnMut(&str) -> Result<Option<DocumentRecord>, EngineError>,
) -> Result<Verified, EngineError> {
    let mut by_documents: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (index, one) in items.iter().enumerate().filter(|(_, one)| bears_quotes(one.item)) {
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

/// Whether any criterion of an item bears a quote.
pub(crate) fn bears_quotes(item: &Item) -> bool {
    let mut bears = false;
    item.criteria.walk(&mut |_, criterion| bears |= criterion.quote.is_some());
    bears
}

/// What was found of one item's quotes in one document.
#[derive(Default)]
struct Outcome {
    places: BTreeMap<String, QuoteSpan>,
    wrong: Vec<(String, Fault)>,
    elsewhere: Vec<(String, Fault)>,
}

/// The items that may stand in the same documents. Of several, the first that holds all of an item's quotes is meant.
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
            let found = look(&one.item.criteria, text);
            if found.wrong.is_empty() {
                outcome = Some(found);
                break;
            }
            outcome = outcome.or(Some(found));
        }
        outcomes.extend(outcome.map(|outcome| (*index, outcome)));
    }
    Ok(outcomes)
}

/// Looks for every quote of `criteria` in `text`.
fn look(criteria: &Criterion, text: &Text) -> Outcome {
    let mut outcome = Outcome::default();
    let mut articles: BTreeMap<String, &str> = BTreeMap::new();
    criteria.walk(&mut |path, criterion| {
        articles.extend(criterion.article.as_deref().map(|article| (path.to_owned(), article)));
        let Some(quote) = &criterion.quote else { return };
        let cited = nearest(&articles, path).copied();
        let at = quote_path(path);
        match text.find(quote, cited) {
            Some(found) => {
                if let (true, Some(cited), Some(stands)) = (found.elsewhere, cited, &found.place.article) {
                    let (document, cited) = (found.place.document.clone(), cited.to_owned());
                    let fault = Fault::QuoteElsewhere {
                        quote: quote.clone(),
                        document,
                        cited,
                        found: stands.clone(),
                    };
                    outcome.elsewhere.push((at, fault));
                }
                outcome.places.insert(path.to_owned(), found.place);
            }
            None => outcome.wrong.push((at, text.not_found(quote))),
        }
    });
    outcome
}

/// What stands at a path of criteria, or else at the nearest group around it: so quotes and citations are inherited.
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

/// Sorts the outcomes into places and problems.
fn gather(items: &[QuotedItem<'_>], outcomes: Vec<(usize, Outcome)>) -> Verified {
    let mut verified = Verified::default();
    for (index, outcome) in outcomes {
        let one = &items[index];
        let id = &one.item.id;
        let mut report = Report::new(one.file);
        report.about(Some(Subject::Item(id.clone())));
        let line = |path: &str| one.lines.get(path).copied().unwrap_or(0);
        if outcome.wrong.is_empty() {
            for (path, fault) in outcome.elsewhere {
                report.warn(line(&path), &path, fault);
            }
            verified.evidence.places.insert(id.clone(), outcome.places);
        } else {
            for (path, fault) in outcome.wrong {
                report.error(line(&path), &path, fault);
            }
            verified.refused.insert(id.clone());
        }
        verified.problems.extend(report.problems);
    }
    verified
}
