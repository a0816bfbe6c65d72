//! Authority: query-independent weight of a document (static rank).
//!
//! An article indexed as its own entry belongs to the document that its title names before 第…条. A code of many
//! articles answers more questions than a notice of three; a document cited by name between 《》 more than an uncited
//! one; a law more than its implementing rules. All of it is counted in the index or read from titles; no document is
//! named here.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::error::DataCorruption;
use tantivy::{Searcher, TantivyError};
use zhaoren_policy::document::Level;

use crate::entry::EntryKind;
use crate::entry_meta::EntryMeta;
use crate::schema::Fields;

// Weights fitted with those of the second phase, in units of the weight of characters there.

/// Weight of the natural logarithm of the number of articles (plus one).
const SIZE: f32 = 2.5;
/// Weight of the natural logarithm of the number of citations (plus one).
const CITED: f32 = 2.3;
/// Weight of a law, of a court's interpretation of one, of a regulation.
const LAW: f32 = 11.3;
const INTERPRETATION: f32 = 12.3;
const REGULATION: f32 = 7.3;
/// Weight of a national document of another kind, and of an item, the usual object of a search.
const NATIONAL: f32 = 2.5;
const ITEM: f32 = 20.0;

/// Documents and their weights.
#[derive(Debug, Default)]
pub(crate) struct Authorities {
    /// Document of each entry, by entry position.
    documents: Vec<u32>,
    /// Weight by document.
    weights: Vec<f32>,
}

impl Authorities {
    /// Computes sizes from the entry metadata and citations from the index.
    pub(crate) fn of(
        cards: &[Arc<EntryMeta>],
        searcher: &Searcher,
        fields: &Fields,
    ) -> tantivy::Result<Self> {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let (mut documents, mut sizes, mut names) = (Vec::with_capacity(cards.len()), Vec::new(), Vec::new());
        for card in cards {
            let name = document(&card.title).unwrap_or(&card.title);
            let number = *numbers.entry(name).or_insert_with(|| {
                sizes.push(0.0_f32);
                names.push((name, &**card));
                u32::try_from(sizes.len() - 1).unwrap_or(u32::MAX)
            });
            if let Some(size) = sizes.get_mut(number as usize) {
                *size += card.clauses.len().max(1) as f32;
            }
            documents.push(number);
        }
        let cited = cited(&names, searcher, fields)?;
        let weight = |((size, (name, card)), cited): ((f32, (&str, &EntryMeta)), f32)| {
            if card.kind == EntryKind::Item {
                return ITEM;
            }
            let national = if card.document.level == Some(Level::National) { NATIONAL } else { 0.0 };
            SIZE * (1.0 + size).ln() + CITED * (1.0 + cited).ln() + rank(name).max(national)
        };
        let weights = sizes.into_iter().zip(names).zip(cited).map(weight).collect();
        Ok(Self { documents, weights })
    }

    /// Number of the document that an entry belongs to.
    pub(crate) fn document(&self, entry: usize) -> u32 {
        self.documents.get(entry).copied().unwrap_or(u32::MAX)
    }

    /// Weight of the entry's document.
    pub(crate) fn weight(&self, entry: usize) -> f32 {
        self.weights.get(self.document(entry) as usize).copied().unwrap_or(0.0)
    }
}

/// Number of parts that cite each of these documents.
fn cited(names: &[(&str, &EntryMeta)], searcher: &Searcher, fields: &Fields) -> tantivy::Result<Vec<f32>> {
    let mut counts = vec![0.0; names.len()];
    let positions: HashMap<&str, usize> =
        names.iter().enumerate().map(|(position, (name, _))| (bare(name), position)).collect();
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(fields.cites)?;
        let mut terms = index.terms().stream()?;
        while terms.advance() {
            let name = std::str::from_utf8(terms.key()).map_err(|error| {
                TantivyError::DataCorruption(DataCorruption::comment_only(format!(
                    "field `cites`: a term is no text: {error}"
                )))
            })?;
            if let Some(count) = positions.get(name).and_then(|position| counts.get_mut(*position)) {
                *count += terms.value().doc_freq as f32;
            }
        }
    }
    Ok(counts)
}

/// Names that a text cites between 《》, in the form that [`cited`] looks up, each once.
pub(crate) fn cites(text: &str) -> Vec<&str> {
    let names =
        text.split('《').skip(1).filter_map(|after| after.split_once('》')).map(|(name, _)| bare(name));
    let mut names: Vec<&str> =
        names.filter(|name| !name.is_empty() && name.chars().count() <= LONGEST_NAME).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Maximum length of a name between 《》, in characters.
const LONGEST_NAME: usize = 60;

/// Document named by the title of an article: the text before the last 第…条.
pub(crate) fn document(title: &str) -> Option<&str> {
    let (document, label) = title.rsplit_once('第')?;
    let (number, after) = label.split_once('条')?;
    let digit = |c: char| c.is_ascii_digit() || "零〇一二三四五六七八九十百千".contains(c);
    let is_number = |text: &str| !text.is_empty() && text.chars().all(digit);
    let after = after.strip_prefix('之').map_or(after.is_empty(), is_number);
    (is_number(number) && after && !document.is_empty()).then_some(document)
}

/// Name of a document as cited, without the name of the state.
fn bare(name: &str) -> &str {
    name.strip_prefix("中华人民共和国").unwrap_or(name)
}

/// Weight of a document's rank among norms (立法法), by its name.
fn rank(name: &str) -> f32 {
    let name = name.split(['（', '(']).next().unwrap_or(name);
    if name.contains("解释") {
        INTERPRETATION
    } else if name.ends_with("法典") || (name.ends_with('法') && !name.ends_with("办法")) {
        LAW
    } else if name.ends_with("条例") || name.ends_with("规定") {
        REGULATION
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn articles_name_their_document() {
        for (title, expected) in [
            ("某某法第十二条", Some("某某法")),
            ("某某法第十二条之一", Some("某某法")),
            ("某某条例第3条", Some("某某条例")),
            ("第三条", None),
            ("关于第三条道路的通知", None),
            ("某某办法", None),
        ] {
            assert_eq!(document(title), expected, "{title}");
        }
    }

    #[test]
    fn laws_rank_before_regulations_and_notices() {
        let ranks = ["甲法（2020年修正）", "甲条例", "甲办法"].map(rank);
        assert!(ranks.is_sorted_by(|a, b| a > b), "{ranks:?}");
        assert_eq!(rank("某法典"), rank("某法"));
    }

    #[test]
    fn citations_are_named_once_and_bare() {
        let text = "依照《中华人民共和国甲法》和《乙条例》，《甲法》另有规定的除外。《";
        assert_eq!(cites(text), ["乙条例", "甲法"]);
    }
}
