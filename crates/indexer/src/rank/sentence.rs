//! A whole question in two phases: `loose` finds every part with enough of its words, `second` reads the best again.

use std::collections::{BTreeMap, BTreeSet};

use tantivy::Term;

use crate::analyze::pairs;
use crate::collect::Found;
use crate::error::IndexError;
use crate::query::{Strictness, Understood, understand};
use crate::rank::loose::{LooseTerm, find, rarity};
use crate::rank::second::{ASKED, Parts, Reading, Room};
use crate::rank::{Group, standing};
use crate::search::Index;

/// A query of so many letters is a question, however few words are left of it.
const QUESTION: usize = 10;
/// How many parts are read again.
const RESCORED: usize = 500;
/// A pair of characters in the first phase, over a word.
const PAIR: f32 = 0.7;
/// A synonym, over the word typed.
const SYNONYM: f32 = 0.7;
/// A word of title or heading, of tags.
const TITLE: f32 = 1.0;
const TAG: f32 = 0.8;
/// How much each further clause of an entry that was read again adds, of its own score.
const FURTHER: f32 = 0.03;
const FURTHER_PARTS: usize = 4;
/// Past questions less like this one than that say nothing.
const UNLIKE: f32 = 0.1;

impl Index {
    /// Whether a query is ranked as a question: words alone, and more than a few keywords.
    pub(crate) fn is_question(&self, understood: &Understood) -> bool {
        let words_only = understood.phrases.is_empty()
            && understood.numbers.is_empty()
            && understood.organs.is_empty()
            && !understood.words.is_empty();
        let letters = understood.plain.chars().filter(|c| c.is_alphanumeric()).count();
        words_only && (understood.strictness() == Strictness::Sentence || letters >= QUESTION)
    }

    /// Every entry that matches a question, those that were read again with their true score and before all others.
    /// With `most`, only so many of the others.
    pub(crate) fn answers(
        &self,
        understood: &Understood,
        most: Option<usize>,
    ) -> Result<BTreeMap<usize, Group>, IndexError> {
        let searcher = self.reader.searcher();
        let (terms, needed) = self.loose_terms(understood);
        let mut found = find(&searcher, &terms, needed)?;
        let like = self.asked.like(&understood.plain);
        self.add_standing(&mut found);
        let best = |a: &Found, b: &Found| {
            b.score.total_cmp(&a.score).then((a.entry, a.part).cmp(&(b.entry, b.part)))
        };
        let kept = RESCORED + most.unwrap_or(usize::MAX - RESCORED);
        if found.len() > RESCORED {
            found.select_nth_unstable_by(RESCORED, best);
        }
        found.truncate(kept);
        let rest = found.split_off(found.len().min(RESCORED));
        let known: BTreeSet<usize> = found.iter().map(|one| one.entry).collect();
        let answered = like.iter().filter(|(entry, likeness)| **likeness > UNLIKE && !known.contains(entry));
        found.extend(answered.map(|(entry, _)| Found { entry: *entry, part: 0, score: 0.0 }));
        let mut groups = self.read_again(understood, &found, &like);
        let least = groups.values().map(|group| group.score).fold(f32::INFINITY, f32::min).clamp(0.0, 1.0);
        for one in rest {
            // Below all that was read again, in the order of the first phase.
            let score = least * one.score / (1.0 + one.score);
            let group = groups.entry(one.entry).or_insert_with(|| Group::new(one.entry));
            group.score = group.score.max(score);
            group.clauses.extend(one.part.checked_sub(1));
        }
        Ok(groups)
    }

    /// The first phase has no titles' standing in it; what is picked for the second should.
    fn add_standing(&self, found: &mut [Found]) {
        for one in found {
            one.score += STANDING * self.standings.get(one.entry).copied().unwrap_or(0.0);
        }
    }

    fn read_again(
        &self,
        understood: &Understood,
        found: &[Found],
        like: &BTreeMap<usize, f32>,
    ) -> BTreeMap<usize, Group> {
        let reading = self.reading(understood);
        let mut room = Room::default();
        let mut parts: BTreeMap<usize, Vec<(f32, usize)>> = BTreeMap::new();
        for one in found {
            let score = self.score(&reading, one, like, &mut room).sum();
            parts.entry(one.entry).or_default().push((score, one.part));
        }
        let group = |(entry, mut parts): (usize, Vec<(f32, usize)>)| {
            parts.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            let further: f32 =
                parts.iter().skip(1).take(FURTHER_PARTS).map(|(score, _)| score * FURTHER).sum();
            let score = parts.first().map_or(0.0, |(score, _)| *score) + further;
            let clauses = parts.iter().filter_map(|(_, part)| part.checked_sub(1)).collect();
            (entry, Group { entry, score, clauses })
        };
        parts.into_iter().map(group).collect()
    }

    /// What the score of an entry for a question is the sum of, clause by clause (0 is the entry's own line, n + 1 its
    /// clause n), before what is named outright and before its status. `None` for keywords, and for an id that there
    /// is none of.
    pub fn score_parts(&self, query: &str, id: &str) -> Option<Vec<(usize, Parts)>> {
        let understood =
            understand(query, &self.cutter, &self.lexicon, |word| !self.names.places(word).is_empty());
        let entry = self.cards.iter().position(|card| card.id == id)?;
        let clauses = self.cards.get(entry)?.clauses.len();
        let (reading, like) = (self.reading(&understood), self.asked.like(&understood.plain));
        let mut room = Room::default();
        let part = |part| (part, self.score(&reading, &Found { entry, part, score: 0.0 }, &like, &mut room));
        self.is_question(&understood).then(|| (0..=clauses).map(part).collect())
    }

    /// A part's score, summand by summand.
    fn score(&self, reading: &Reading, one: &Found, like: &BTreeMap<usize, f32>, room: &mut Room) -> Parts {
        let Some(card) = self.cards.get(one.entry) else { return Parts::default() };
        let text = self.texts.get(one.entry);
        let text = match one.part.checked_sub(1).map(|clause| card.clauses.get(clause)) {
            Some(clause) => clause.and_then(|clause| text.get(clause.span.clone())).unwrap_or_default(),
            // Of an entry with clauses the title alone is its own.
            None if card.clauses.is_empty() => text,
            None => "",
        };
        let title = standing::document(&card.title).unwrap_or(&card.title);
        Parts {
            standing: self.standings.get(one.entry).copied().unwrap_or(0.0),
            asked: ASKED * like.get(&one.entry).copied().unwrap_or(0.0),
            ..reading.read(title, text, room)
        }
    }

    fn reading(&self, understood: &Understood) -> Reading {
        let searcher = self.reader.searcher();
        let all = searcher.num_docs() as f32;
        let weight = |field, word: &str| {
            rarity(all, searcher.doc_freq(&Term::from_field_text(field, word)).unwrap_or(0) as f32)
        };
        let mut words = Vec::new();
        for wanted in &understood.words {
            let own = weight(self.fields.text, &wanted.word);
            words.push((wanted.word.clone(), own));
            words.extend(wanted.also.iter().map(|also| (also.clone(), own * SYNONYM)));
        }
        let pair = |pair: &str| weight(self.fields.pairs, pair);
        Reading::new(&understood.plain, &words, &pair, &self.census)
    }

    /// The terms of the first phase, and how many of them have to be found: a third of the words.
    fn loose_terms(&self, understood: &Understood) -> (Vec<LooseTerm>, u16) {
        let fields = &self.fields;
        let mut terms = Vec::new();
        let mut add = |field, text: &str, weight, flat, counts| {
            terms.push(LooseTerm { field, text: text.to_owned(), weight, flat, counts });
        };
        let mut words = 0;
        for wanted in understood.words.iter() {
            words += u16::from(!wanted.place);
            add(fields.text, &wanted.word, 1.0, false, !wanted.place);
            add(fields.title, &wanted.word, TITLE, true, !wanted.place);
            add(fields.tags, &wanted.word, TAG, true, !wanted.place);
            for also in wanted.also.iter().flat_map(|also| self.cutter.cut(also)) {
                add(fields.text, &also.text, SYNONYM, false, true);
                add(fields.title, &also.text, SYNONYM, true, true);
            }
        }
        let distinct: BTreeSet<String> =
            pairs(&understood.plain).into_iter().map(|(.., pair)| pair).collect();
        for pair in distinct {
            add(fields.pairs, &pair, PAIR, false, true);
        }
        (terms, words.div_ceil(3))
    }
}

/// Standing in the first phase, over the same in the second.
const STANDING: f32 = 0.5;
