//! Past questions (问答记录) with the entries that answered them.
//!
//! A generation built with a log keeps it, with the model learnt from it, in `asked.json`; without a log there is no
//! such file and ranking is unchanged.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tantivy::Searcher;
use tantivy::schema::IndexRecordOption;
use tantivy::{TantivyDocument, Term};

use crate::analyze::{Cutter, pairs};
use crate::entry_meta::EntryMeta;
use crate::error::IndexError;
use crate::frequency::Frequencies;
use crate::learn::{Learnt, Pair, learn};
use crate::lexicon::Lexicon;
use crate::schema::Fields;

/// Maximum number of answers kept; of a longer log the last ones are.
const LONGEST: usize = 20_000;
/// Maximum number of different words of an answer used for learning.
const WORDS: usize = 400;

/// A past question with an entry that answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweredQuestion {
    /// The question as asked.
    pub question: String,
    /// Id of the entry.
    pub entry: String,
}

impl AnsweredQuestion {
    /// Parses lines of a question, a tab and an id; also returns the numbers of malformed lines.
    pub fn read(text: &str) -> (Vec<Self>, Vec<usize>) {
        let (mut answered, mut wrong) = (Vec::new(), Vec::new());
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            match line.split_once('\t') {
                Some((question, entry)) if !question.trim().is_empty() && !entry.trim().is_empty() => {
                    answered.push(Self { question: question.trim().into(), entry: entry.trim().into() });
                }
                _ => wrong.push(number),
            }
        }
        (answered, wrong)
    }
}

/// A log with the model learnt from it, as stored in a generation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Log {
    answered: Vec<AnsweredQuestion>,
    learnt: Learnt,
}

impl Log {
    /// Learns from a log; the result is empty if no answer is in the index.
    pub(crate) fn of(
        answered: &[AnsweredQuestion],
        cards: &[Arc<EntryMeta>],
        searcher: &Searcher,
        fields: &Fields,
        cutter: &Cutter,
        lexicon: &Lexicon,
    ) -> Result<Self, IndexError> {
        let mut keys: HashMap<&str, Vec<u64>> = HashMap::new();
        for card in cards {
            keys.entry(&card.id).or_default().push(card.key);
        }
        let known = |one: &&AnsweredQuestion| keys.contains_key(one.entry.as_str());
        let mut kept: Vec<AnsweredQuestion> =
            answered.iter().rev().filter(known).take(LONGEST).cloned().collect();
        kept.reverse();
        if kept.is_empty() {
            return Ok(Self::default());
        }
        let mut clauses: BTreeMap<u64, Vec<String>> = BTreeMap::new();
        let mut learning = Vec::new();
        for one in &kept {
            let question = words(&one.question, cutter, lexicon);
            for key in keys.get(one.entry.as_str()).into_iter().flatten() {
                if !clauses.contains_key(key) {
                    let mut clause = distinct(&text(*key, searcher, fields)?, cutter);
                    clause.truncate(WORDS);
                    clauses.insert(*key, clause);
                }
                let clause = clauses.get(key).cloned().unwrap_or_default();
                learning.push(Pair { question: question.clone(), clause });
            }
        }
        let mut all = 0;
        for segment in searcher.segment_readers() {
            let index = segment.inverted_index(fields.text)?;
            let mut terms = index.terms().stream().map_err(tantivy::TantivyError::from)?;
            while terms.advance() {
                all += u64::from(terms.value().doc_freq);
            }
        }
        let counts = Frequencies::of(searcher.clone());
        let chance = |word: &str| counts.with(fields.text, word).max(1) as f64 / all.max(1) as f64;
        counts.checked(Self { learnt: learn(&learning, &chance), answered: kept })
    }
}

/// Content words of a question, each once.
fn words(question: &str, cutter: &Cutter, lexicon: &Lexicon) -> Vec<String> {
    let mut words = distinct(question, cutter);
    words.retain(|word| !lexicon.stopwords.contains(word));
    words
}

/// Words of a text, each once, in order.
fn distinct(text: &str, cutter: &Cutter) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let words = cutter.cut(text).into_iter().map(|word| word.text);
    words.filter(|word| seen.insert(word.clone())).collect()
}

/// Clean text of the entry with this key.
fn text(key: u64, searcher: &Searcher, fields: &Fields) -> tantivy::Result<String> {
    let by_key = Term::from_field_u64(fields.entry, key);
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(fields.entry)?;
        let Some(mut postings) = index.read_block_postings(&by_key, IndexRecordOption::Basic)? else {
            continue;
        };
        let store = segment.get_store_reader(1)?;
        while !postings.docs().is_empty() {
            for document in postings.docs() {
                let part: TantivyDocument = store.get(*document)?;
                if let Some(text) = part
                    .get_first(fields.stored)
                    .and_then(|text| tantivy::schema::Value::as_str(&text).map(str::to_owned))
                {
                    return Ok(text);
                }
            }
            postings.advance();
        }
    }
    Ok(String::new())
}

/// A log prepared for lookup.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueryLog {
    /// Positions of the entries that answered each question.
    entries: Vec<Vec<usize>>,
    /// Questions by mark (pair or word), with its share of the question's vector length.
    having: HashMap<String, Vec<(usize, f32)>>,
    /// Numbers of the terms that a word leads to, with their strength.
    leads: HashMap<String, Vec<(usize, f32)>>,
    /// Terms by number, in order.
    terms: Vec<String>,
}

/// Minimum similarity of a past question.
const UNLIKE: f32 = 0.1;

impl QueryLog {
    pub(crate) fn of(log: Log, cards: &[Arc<EntryMeta>], cutter: &Cutter, lexicon: &Lexicon) -> Self {
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, card) in cards.iter().enumerate() {
            places.entry(&card.id).or_default().push(place);
        }
        let mut by_question: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for one in &log.answered {
            let places = places.get(one.entry.as_str()).into_iter().flatten();
            by_question.entry(&one.question).or_default().extend(places);
        }
        let marks: Vec<Vec<String>> =
            by_question.keys().map(|question| marks(question, &words(question, cutter, lexicon))).collect();
        let mut with: HashMap<&String, usize> = HashMap::new();
        for mark in marks.iter().flatten() {
            *with.entry(mark).or_default() += 1;
        }
        let weight = |mark: &String| weight(marks.len(), with.get(mark).copied().unwrap_or(0));
        let mut asked = Self::default();
        for (number, of) in marks.iter().enumerate() {
            let length =
                of.iter().map(|mark| weight(mark).powi(2)).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            for mark in of {
                asked.having.entry(mark.clone()).or_default().push((number, weight(mark) / length));
            }
        }
        asked.entries = by_question.into_values().collect();
        let terms: BTreeSet<&String> = log.learnt.values().flatten().map(|(term, _)| term).collect();
        asked.terms = terms.into_iter().cloned().collect();
        for (word, leads) in &log.learnt {
            let numbered =
                |(term, sure): &(String, f32)| Some((asked.terms.binary_search(term).ok()?, *sure));
            let leads = leads.iter().filter_map(numbered).collect();
            asked.leads.insert(word.clone(), leads);
        }
        asked
    }

    /// The same log for an index with other entry positions.
    pub(crate) fn moved(&self, new_position: impl Fn(usize) -> Option<usize>) -> Self {
        let moved = |positions: &Vec<usize>| positions.iter().filter_map(|old| new_position(*old)).collect();
        Self { entries: self.entries.iter().map(moved).collect(), ..self.clone() }
    }

    /// Entries that answered a similar question, in order, with the similarity (cosine, at most 1). `words` are those of
    /// the question.
    pub(crate) fn like<'a>(
        &self,
        question: &str,
        words: impl Iterator<Item = &'a String>,
    ) -> Vec<(usize, f32)> {
        if self.entries.is_empty() {
            return Vec::new();
        }
        let words: Vec<String> = words.cloned().collect();
        let (mut near, mut length) = (vec![0.0_f32; self.entries.len()], 0.0_f32);
        for mark in marks(question, &words) {
            let with = self.having.get(&mark);
            let weight = weight(self.entries.len(), with.map_or(0, Vec::len));
            length += weight.powi(2);
            for (number, share) in with.into_iter().flatten() {
                if let Some(sum) = near.get_mut(*number) {
                    *sum += weight * share;
                }
            }
        }
        let length = length.sqrt().max(f32::MIN_POSITIVE);
        let mut entries: BTreeMap<usize, f32> = BTreeMap::new();
        for (product, of) in
            near.into_iter().zip(&self.entries).filter(|(product, _)| product / length > UNLIKE)
        {
            for entry in of {
                let best = entries.entry(*entry).or_default();
                *best = best.max(product / length);
            }
        }
        entries.into_iter().collect()
    }

    /// Terms that the words of a question lead to, strongest first, at most `limit`. `says` gives the weight of a word.
    pub(crate) fn leads<'a>(
        &self,
        words: impl Iterator<Item = &'a String>,
        limit: usize,
        says: &dyn Fn(&str) -> f32,
    ) -> Vec<(&str, f32)> {
        let mut leads: Vec<(usize, f32)> = Vec::new();
        for word in words {
            if let Some(known) = self.leads.get(word) {
                let says = says(word);
                leads.extend(known.iter().map(|(term, sure)| (*term, sure * says)));
            }
        }
        leads.sort_by_key(|(term, _)| *term);
        let sum = |of: &[(usize, f32)]| Some((of.first()?.0, of.iter().map(|(_, sure)| sure).sum::<f32>()));
        let mut leads: Vec<(usize, f32)> = leads.chunk_by(|a, b| a.0 == b.0).filter_map(sum).collect();
        leads.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        leads.truncate(limit);
        leads.into_iter().filter_map(|(term, sure)| Some((self.terms.get(term)?.as_str(), sure))).collect()
    }
}

/// Inverse document frequency of a mark that `with` of `all` questions have.
fn weight(all: usize, with: usize) -> f32 {
    (1.0 + all as f32 / (with as f32 + 0.5)).ln()
}

/// Marks by which questions are compared: character pairs and words, each once.
fn marks(question: &str, words: &[String]) -> Vec<String> {
    let mut marks: Vec<String> = pairs(question).into_iter().map(|(.., pair)| pair).collect();
    marks.extend(words.iter().map(|word| format!("\0{word}")));
    marks.sort_unstable();
    marks.dedup();
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_log_lines_are_named() {
        let (log, wrong) =
            AnsweredQuestion::read("房租太贵有补贴吗\trent\n没有制表符\n招人有钱拿吗\tjobs\n\n\tx\n");
        assert_eq!((log.len(), wrong), (2, vec![2, 5]));
    }
}
