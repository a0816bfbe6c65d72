//! Two phases for a sentence: the few hundred best by words and telling pairs, found without touching the rest,
//! are read again character by character.

use std::collections::{BTreeMap, BTreeSet};

use tantivy::Term;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};

use super::authority::{authority, stem};
use super::{Group, prior};
use crate::analyze::pairs;
use crate::error::IndexError;
use crate::forward::{GAP, codes};
use crate::query::{Strictness, Understood};
use crate::search::Index;

// Weights chosen on lay questions about statutes, on half of them.

/// How many parts the first phase hands on.
const FIRST: usize = 200;
/// A word in the title, a tag or the issuer's name.
const TITLE: f32 = 1.0;
/// A synonym, in place of the word.
const SYNONYM: f32 = 0.7;
/// A pair of characters in the first phase, and the share of parts above which it says too little for its cost.
const PAIR: f32 = 0.7;
const COMMON: f32 = 0.005;
/// Share of parts does not matter in an index of so few.
const FEW: f32 = 100.0;
/// Characters, pairs, and pairs with one character between, beside the words of the first phase.
const CHARACTERS: f32 = 0.7;
const PAIRS: f32 = 0.7;
const APART: f32 = 0.3;
/// Saturation and length, as in BM25.
const K: f32 = 1.2;
const B: f32 = 0.75;
/// How much more a law is taken for than a notice.
const AUTHORITY: f32 = 0.1;
/// How much the best of its kin adds to an article of the same text, and each of the others.
const KIN: f32 = 0.3;
const OTHER_KIN: f32 = 0.01;

/// A candidate of the first phase.
struct Candidate {
    entry: usize,
    part: usize,
    score: f32,
}

impl Index {
    /// Whether a query is a plain sentence, which two phases answer. What is typed with spaces are keywords, however
    /// many.
    pub(crate) fn in_two_phases(&self, understood: &Understood) -> bool {
        understood.strictness() == Strictness::Sentence
            && understood.plain.split_whitespace().count() == 1
            && understood.numbers.is_empty()
            && understood.phrases.is_empty()
            && understood.organs.is_empty()
    }

    /// The best entries for a sentence, best first.
    pub(crate) fn best(&self, understood: &Understood) -> Result<Vec<Group>, IndexError> {
        let reading = Reading::new(self, understood);
        let mut seen = Seen::default();
        let mut groups: BTreeMap<usize, Group> = BTreeMap::new();
        for candidate in self.candidates(understood)? {
            let score = candidate.score + reading.score(self, &candidate, &mut seen);
            let group = groups.entry(candidate.entry).or_insert_with(|| Group::new(candidate.entry));
            group.score = group.score.max(score);
            group.clauses.extend(candidate.part.checked_sub(1));
        }
        for (entry, bonus) in self.names.named(understood, &self.lexicon).beside {
            if let Some(group) = groups.get_mut(&entry) {
                group.score += bonus;
            }
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        for group in &mut groups {
            if let Some(card) = self.cards.get(group.entry) {
                group.score *= prior(card) * (1.0 + AUTHORITY * authority(&card.title));
            }
        }
        self.add_kin(&mut groups);
        self.sort(&mut groups);
        Ok(groups)
    }

    /// Adds to an article what others of the same text came to: a text that answers in many places is the one that
    /// is asked about.
    fn add_kin(&self, groups: &mut [Group]) {
        let text = |group: &Group| self.cards.get(group.entry).map_or("", |card| stem(&card.title));
        let mut kin: BTreeMap<&str, (f32, f32)> = BTreeMap::new();
        for group in groups.iter() {
            let (best, sum) = kin.entry(text(group)).or_default();
            *best = best.max(group.score);
            *sum += group.score;
        }
        for group in groups {
            if let Some((best, sum)) = kin.get(text(group)) {
                group.score += KIN * (best + OTHER_KIN * sum);
            }
        }
    }

    /// The first phase: words, and such pairs of characters as few parts have.
    fn candidates(&self, understood: &Understood) -> Result<Vec<Candidate>, IndexError> {
        let searcher = self.reader.searcher();
        let fields = &self.fields;
        let mut terms: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let mut add = |field: Field, text: &str, boost: f32| {
            let query = TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs);
            terms.push((Occur::Should, Box::new(BoostQuery::new(Box::new(query), boost))));
        };
        for wanted in &understood.words {
            add(fields.text, &wanted.word, 1.0);
            add(fields.title, &wanted.word, TITLE);
            add(fields.tags, &wanted.word, TITLE);
            for other in &wanted.also {
                add(fields.text, other, SYNONYM);
            }
        }
        let most = (COMMON * searcher.num_docs() as f32).max(FEW) as u64;
        let distinct: BTreeSet<String> =
            pairs(&understood.plain).into_iter().map(|(.., pair)| pair).collect();
        for pair in &distinct {
            if searcher.doc_freq(&Term::from_field_text(fields.pairs, pair))? <= most {
                add(fields.pairs, pair, PAIR);
            }
        }
        let found =
            searcher.search(&BooleanQuery::new(terms), &TopDocs::with_limit(FIRST).order_by_score())?;
        let mut columns = Vec::new();
        for segment in searcher.segment_readers() {
            columns.push((segment.fast_fields().u64("entry")?, segment.fast_fields().u64("part")?));
        }
        let candidate = |(score, at): (f32, tantivy::DocAddress)| {
            let (entry, part) = columns.get(at.segment_ord as usize)?;
            let entry = usize::try_from(entry.first(at.doc_id)?).ok()?;
            let part = usize::try_from(part.first(at.doc_id)?).ok()?;
            Some(Candidate { entry, part, score })
        };
        Ok(found.into_iter().filter_map(candidate).collect())
    }
}

/// A query as characters and pairs of them, each with how much it says.
struct Reading {
    /// Position among the query's characters, from 1, by character.
    place: Vec<u8>,
    size: usize,
    characters: Vec<f32>,
    /// Position among the query's pairs, from 1, by place of the first and place of the second character.
    pair: Vec<u8>,
    pairs: Vec<f32>,
    average: f32,
}

impl Reading {
    fn new(index: &Index, understood: &Understood) -> Self {
        let searcher = index.reader.searcher();
        let parts = searcher.num_docs() as f32;
        let rarity = |with: f32| {
            if with > 0.0 { (1.0 + (parts - with + 0.5).max(0.0) / (with + 0.5)).ln() } else { 0.0 }
        };
        let mut asked = Vec::new();
        codes(&understood.plain, &mut asked);
        let mut place = vec![0_u8; 1 << 16];
        let mut characters = vec![0.0];
        for code in asked.iter().filter(|code| **code != GAP) {
            if let Some(own) = place.get_mut(usize::from(*code))
                && *own == 0
                && let Ok(next) = u8::try_from(characters.len())
            {
                *own = next;
                characters.push(rarity(index.forward.spread(*code) as f32));
            }
        }
        let size = characters.len();
        let mut pair = vec![0_u8; size * size];
        let mut pairs = vec![0.0];
        for two in asked.windows(2) {
            let [a, b] = two else { continue };
            let at = |code: u16| place.get(usize::from(code)).map_or(0, |place| usize::from(*place));
            if let (1.., 1..) = (at(*a), at(*b))
                && let Some(own) = pair.get_mut(at(*a) * size + at(*b))
                && *own == 0
                && let Ok(next) = u8::try_from(pairs.len())
            {
                let text: String =
                    [*a, *b].iter().filter_map(|code| char::from_u32(u32::from(*code))).collect();
                let term = Term::from_field_text(index.fields.pairs, &text);
                *own = next;
                pairs.push(rarity(searcher.doc_freq(&term).unwrap_or(0) as f32));
            }
        }
        Self { place, size, characters, pair, pairs, average: index.forward.average().max(1.0) }
    }

    /// How well a part answers: its characters and pairs, and pairs with one character between.
    fn score(&self, index: &Index, candidate: &Candidate, seen: &mut Seen) -> f32 {
        seen.clear(self.characters.len(), self.pairs.len());
        let (mut length, mut before, mut long_before) = (0_u32, 0, 0);
        for code in index.forward.part(candidate.entry, candidate.part) {
            length += 1;
            let place = self.place.get(usize::from(code)).map_or(0, |place| usize::from(*place));
            if place > 0 {
                add(&mut seen.characters, place);
                if before > 0 {
                    add(&mut seen.pairs, self.pair_of(before, place));
                }
                if long_before > 0 {
                    add(&mut seen.apart, self.pair_of(long_before, place));
                }
            }
            long_before = before;
            before = place;
        }
        let norm = K * (1.0 - B + B * length as f32 / self.average);
        let sum = |says: &[f32], seen: &[u16]| -> f32 {
            let each = says.iter().zip(seen).filter(|(_, often)| **often > 0);
            each.map(|(says, often)| says * (1.0 + K) * f32::from(*often) / (f32::from(*often) + norm)).sum()
        };
        CHARACTERS * sum(&self.characters, &seen.characters)
            + PAIRS * sum(&self.pairs, &seen.pairs)
            + APART * sum(&self.pairs, &seen.apart)
    }

    /// Position of a pair among the query's, 0 for one that it does not have.
    fn pair_of(&self, first: usize, second: usize) -> usize {
        self.pair.get(first * self.size + second).map_or(0, |pair| usize::from(*pair))
    }
}

/// How often a part has each character and pair of the query. At 0 is what the query does not have.
#[derive(Default)]
struct Seen {
    characters: Vec<u16>,
    pairs: Vec<u16>,
    apart: Vec<u16>,
}

impl Seen {
    fn clear(&mut self, characters: usize, pairs: usize) {
        for (counts, size) in
            [(&mut self.characters, characters), (&mut self.pairs, pairs), (&mut self.apart, pairs)]
        {
            counts.clear();
            counts.resize(size, 0);
        }
    }
}

fn add(counts: &mut [u16], place: usize) {
    if let Some(count) = counts.get_mut(place) {
        *count = count.saturating_add(1);
    }
}
