//! Questions in two phases: `retrieve` finds every part with enough of their words, `rerank` rescores the best.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyze::{WHOLE, pairs};
use crate::bm25::rarity;
use crate::corpus::Corpus;
use crate::error::IndexError;
use crate::frequency::Frequencies;
use crate::letters::letter;
use crate::query::{Strictness, Understood};
use crate::rank::rerank::{CHARACTERS_NAME, Counts, PAIRS_NAME, QueryProfile, ScoreFeatures, WORDS_NAME};
use crate::rank::retrieve::{Candidate, SECOND, WideTerm, find};
use crate::rank::steps::{Group, Why};
use crate::ranking_data::RankingData;

/// Minimum number of characters at which a query without spaces is a question, however few words remain of it.
const QUESTION: usize = 10;
/// Number of parts that are re-ranked.
pub(crate) const RESCORED: usize = 300;
/// Weight of a character pair in the first phase, relative to a word.
const PAIR: f32 = 0.75;
/// Weight of a synonym, relative to the typed word.
const SYNONYM: f32 = 0.7;
/// Weight of a word of title or heading, of tags.
const TITLE: f32 = 1.0;
const TAG: f32 = 0.8;
/// Maximum share of parts with a word or pair (or learnt word) for it to be used in the first phase.
const COMMON_WORD: f32 = 0.1;
const COMMON_PAIR: f32 = 0.02;
const COMMON_LEARNT: f32 = 0.05;
/// Number of words that past questions lead to, and the weight of each per unit of strength.
const LEARNT_WORDS: usize = 30;
const LEARNT: f32 = 0.09;
/// Weight of the similarity (0 to 1) of a past question that the entry answered.
const ASKED: f32 = 43.0;
/// Maximum number of entries found by past questions alone.
const ANSWERED: usize = 50;
/// Weight of the logarithm of the support by the same document: its first-phase scores relative to the best.
const COMPANY: f32 = 4.3;
/// Share of the score of each further re-ranked clause of an entry that is added.
const FURTHER: f32 = 0.03;
const FURTHER_PARTS: usize = 4;

impl Understood {
    /// True if it is ranked as a question: words alone, with a question mark, more than a few keywords or enough
    /// characters. A query with spaces is always keywords.
    pub(crate) fn is_question(&self) -> bool {
        let words_only = self.phrases.is_empty()
            && self.numbers.is_empty()
            && self.organs.is_empty()
            && !self.words.iter().all(|term| term.alone)
            && self.plain.split_whitespace().count() == 1;
        let letters = self.plain.chars().filter(|c| c.is_alphanumeric()).count();
        let asks = self.text.ends_with(['？', '?']);
        words_only && (asks || self.strictness() == Strictness::Sentence || letters >= QUESTION)
    }
}

impl Corpus {
    /// Entries that match a question, sorted by entry: the re-ranked ones with their final scores, all others below them.
    /// `passes` filters entries. With `best_only` the others are left out.
    pub(crate) fn answers(
        &self,
        understood: &Understood,
        passes: &dyn Fn(usize) -> bool,
        best_only: bool,
    ) -> Result<Vec<Group>, IndexError> {
        let footing = &self.footing;
        let asked = self.asked(understood)?;
        let (mut found, spread) = find(self, footing, &asked.terms)?;
        found.retain(|near| !self.is_exclusion(near.entry as usize, near.part as usize));
        if !best_only {
            // INVARIANT: a match does not depend on the filter, or a filter would give results that no facet counted.
            let rest = best(&mut found);
            found.extend(rest.into_iter().filter(|near| near.count >= asked.needed));
        }
        found.retain(|near| passes(near.entry as usize));
        let rest = best(&mut found);
        let like = self.asked.like(&understood.plain, understood.words.iter().map(|term| &term.word));
        self.add_answered(&mut found, &like, passes);
        let reading = asked.reading(understood, &spread, self.reader.searcher().num_docs() as f32, footing);
        let groups = read_again(footing, &reading, found, &like, understood.traced);
        if best_only {
            return Ok(groups);
        }
        Ok(with_rest(groups, rest, understood.traced))
    }

    /// Contribution of each term of a question to a re-ranked part: its feature, the term, the amount.
    pub(crate) fn question_terms(
        &self,
        understood: &Understood,
        segment: u32,
        document: u32,
    ) -> Result<Vec<(&'static str, String, f32)>, IndexError> {
        let (asked, searcher) = (self.asked(understood)?, self.reader.searcher());
        let counts = Frequencies::of(searcher.clone());
        let spread = asked.terms.iter().map(|term| counts.with(term.field, &term.text));
        let spread: Vec<u64> = counts.checked(spread.collect())?;
        let all = searcher.num_docs() as f32;
        let says = |term: usize| rarity(all, spread.get(term).copied().unwrap_or(0) as f32);
        let mut values = Vec::new();
        let Some(letters) = self.footing.letters(segment) else { return Ok(Vec::new()) };
        letters.read(document, &mut values);
        // Each term is scored alone, in the same way as all together.
        let mut room = Counts::default();
        let mut read = |query: &str, words: &[(String, f32)], pairs: &[(String, f32)]| {
            QueryProfile::new(query, words, pairs, &self.footing.census).read(&values, &mut room)
        };
        let mut terms = Vec::new();
        let alone = read(&understood.plain, &[], &[]).characters;
        for (word, term, weight) in &asked.words {
            let one = read(&understood.plain, &[(word.clone(), says(*term) * weight)], &[]);
            terms.push((WORDS_NAME, word.clone(), one.words));
            // A word of one character counts as that character.
            terms.push((CHARACTERS_NAME, word.clone(), one.characters - alone));
        }
        for (pair, term) in &asked.pairs {
            let one = read(&understood.plain, &[], &[(pair.clone(), says(*term))]);
            terms.push((PAIRS_NAME, pair.clone(), one.pairs));
        }
        let distinct: BTreeMap<u16, char> = understood.plain.chars().map(|c| (letter(c), c)).collect();
        for c in distinct.into_values() {
            terms.push((CHARACTERS_NAME, c.to_string(), read(&c.to_string(), &[], &[]).characters));
        }
        Ok(terms)
    }

    /// Adds the entries that answered the most similar questions, if words did not find them.
    fn add_answered(
        &self,
        found: &mut Vec<Candidate>,
        like: &[(usize, f32)],
        passes: &dyn Fn(usize) -> bool,
    ) {
        let known: BTreeSet<u32> =
            if like.is_empty() { BTreeSet::new() } else { found.iter().map(|near| near.entry).collect() };
        let mut answered: Vec<&(usize, f32)> = like.iter().collect();
        answered.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        for (position, _) in answered.into_iter().take(ANSWERED) {
            let entry = u32::try_from(*position).unwrap_or(u32::MAX);
            if !known.contains(&entry)
                && passes(*position)
                && let Some((segment, document)) = self.footing.head(*position)
            {
                found.push(Candidate {
                    segment,
                    document,
                    entry,
                    part: 0,
                    count: 0,
                    learnt: 0.0,
                    score: 0.0,
                });
            }
        }
    }

    /// Search terms of a question.
    fn asked(&self, understood: &Understood) -> Result<QuestionTerms, IndexError> {
        let fields = &self.fields;
        let mut terms = QuestionTerms::default();
        let mut words = 0;
        for term in &understood.words {
            words += u32::from(term.finds());
            terms.words.push((term.word.clone(), terms.terms.len(), 1.0));
            for (field, weight, flat) in
                [(fields.text, 1.0, false), (fields.title, TITLE, true), (fields.tags, TAG, true)]
            {
                terms.terms.push(WideTerm {
                    field,
                    text: term.word.clone(),
                    weight,
                    flat,
                    counts: term.finds(),
                    learnt: false,
                    common: COMMON_WORD,
                });
            }
            // A number in another spelling is the same number, no synonym.
            let synonym = if term.number { 1.0 } else { SYNONYM };
            for (also, weight) in
                term.also.iter().map(|also| (also, synonym)).chain(term.alike.iter().map(|also| (also, 1.0)))
            {
                terms.words.push((also.clone(), terms.terms.len(), weight));
                for word in self.cutter.cut(also) {
                    for (field, flat) in [(fields.text, false), (fields.title, true)] {
                        let text = word.text.clone();
                        terms.terms.push(WideTerm {
                            field,
                            text,
                            weight,
                            flat,
                            counts: true,
                            learnt: false,
                            common: COMMON_WORD,
                        });
                    }
                }
            }
        }
        let distinct: BTreeSet<String> =
            pairs(&understood.plain).into_iter().map(|(.., pair)| pair).collect();
        for text in distinct {
            terms.pairs.push((text.trim_end_matches(WHOLE).to_owned(), terms.terms.len()));
            let (field, weight) = (fields.pairs, PAIR);
            terms.terms.push(WideTerm {
                field,
                text,
                weight,
                flat: false,
                counts: true,
                learnt: false,
                common: COMMON_PAIR,
            });
        }
        let searcher = self.reader.searcher();
        let all = searcher.num_docs() as f32;
        let counts = Frequencies::of(searcher);
        let says = |word: &str| rarity(all, counts.with(fields.text, word) as f32);
        for (text, sure) in
            self.asked.leads(understood.words.iter().map(|term| &term.word), LEARNT_WORDS, &says)
        {
            terms.terms.push(WideTerm {
                field: fields.text,
                text: text.to_owned(),
                weight: sure * LEARNT * SECOND,
                flat: false,
                counts: false,
                learnt: true,
                common: COMMON_LEARNT,
            });
        }
        terms.needed = words.div_ceil(3);
        counts.checked(terms)
    }
}

/// Search terms of a question for both phases.
#[derive(Default)]
struct QuestionTerms {
    terms: Vec<WideTerm>,
    /// Words with the index of the term that holds their document frequency, and their weight.
    words: Vec<(String, usize, f32)>,
    pairs: Vec<(String, usize)>,
    /// Minimum number of matching terms for a part that is not re-ranked: a third of the words.
    needed: u32,
}

impl QuestionTerms {
    fn reading(
        &self,
        understood: &Understood,
        spread: &[u64],
        all: f32,
        footing: &RankingData,
    ) -> QueryProfile {
        let says = |term: usize| rarity(all, spread.get(term).copied().unwrap_or(0) as f32);
        let words: Vec<(String, f32)> =
            self.words.iter().map(|(word, term, weight)| (word.clone(), says(*term) * weight)).collect();
        let pairs: Vec<(String, f32)> =
            self.pairs.iter().map(|(pair, term)| (pair.clone(), says(*term))).collect();
        QueryProfile::new(&understood.plain, &words, &pairs, &footing.census)
    }
}

/// Keeps the best, unordered, and returns the others.
fn best(found: &mut Vec<Candidate>) -> Vec<Candidate> {
    if found.len() > RESCORED {
        found.select_nth_unstable_by(RESCORED, better);
    }
    found.split_off(found.len().min(RESCORED))
}

/// Order by score, best first; ties by entry, so that it is the same on every machine.
fn better(a: &Candidate, b: &Candidate) -> std::cmp::Ordering {
    b.score.total_cmp(&a.score).then((a.entry, a.part).cmp(&(b.entry, b.part)))
}

/// Re-ranks parts and groups them by entry, sorted by entry.
fn read_again(
    footing: &RankingData,
    reading: &QueryProfile,
    mut found: Vec<Candidate>,
    like: &[(usize, f32)],
    traced: bool,
) -> Vec<Group> {
    // Floating-point sums depend on their order, which must not depend on how the index was built.
    found.sort_unstable_by_key(|near| (near.entry, near.part));
    let company = DocumentSupport::of(footing, &found);
    let (mut counts, mut values) = (Counts::default(), Vec::new());
    let mut groups = Vec::with_capacity(found.len());
    let mut parts: Vec<(f32, u32)> = Vec::new();
    for of_entry in found.chunk_by(|a, b| a.entry == b.entry) {
        let Some(entry) = of_entry.first().map(|near| near.entry as usize) else { continue };
        let authority = footing.authorities.weight(entry);
        let company = COMPANY * (1.0 + company.with(footing.authorities.document(entry))).ln();
        let like =
            like.binary_search_by_key(&entry, |(place, _)| *place).ok().and_then(|place| like.get(place));
        let asked = ASKED * like.map_or(0.0, |(_, like)| *like);
        parts.clear();
        let mut read = |near: &Candidate| {
            footing.letters(near.segment)?.read(near.document, &mut values);
            let learnt = near.learnt;
            Some(ScoreFeatures { authority, company, asked, learnt, ..reading.read(&values, &mut counts) })
        };
        for near in of_entry {
            parts.extend(read(near).map(|summands| (summands.sum(), near.part)));
        }
        parts.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut group = Group::new(entry, traced);
        let best = parts.first().copied().unwrap_or_default();
        if traced {
            let summands = of_entry.iter().find(|near| near.part == best.1).and_then(&mut read);
            for (name, value) in summands.unwrap_or_default().each() {
                group.add(value, || Why::Summand(name, best.1 as usize));
            }
        } else {
            group.score = best.0;
        }
        let others = parts.iter().skip(1).take(FURTHER_PARTS);
        let further: f32 = others.clone().map(|(score, _)| score * FURTHER).sum();
        group.add(further, || Why::Shares(FURTHER, others.map(|(_, part)| *part as usize).collect()));
        group.clauses = parts.iter().filter_map(|(_, part)| Some(part.checked_sub(1)? as usize)).collect();
        groups.push(group);
    }
    groups
}

/// First-phase support of each document: the sum of its scores relative to the best.
struct DocumentSupport(Vec<(u32, f32)>);

impl DocumentSupport {
    fn of(footing: &RankingData, found: &[Candidate]) -> Self {
        let best = found.iter().map(|near| near.score).fold(f32::MIN_POSITIVE, f32::max);
        let document = |near: &Candidate| footing.authorities.document(near.entry as usize);
        let mut shares: Vec<(u32, f32)> =
            found.iter().map(|near| (document(near), near.score / best)).collect();
        shares.sort_by_key(|(document, _)| *document);
        let sum = |of: &[(u32, f32)]| Some((of.first()?.0, of.iter().map(|(_, share)| share).sum()));
        Self(shares.chunk_by(|a, b| a.0 == b.0).filter_map(sum).collect())
    }

    fn with(&self, document: u32) -> f32 {
        let place = self.0.binary_search_by_key(&document, |(document, _)| *document);
        place.ok().and_then(|place| self.0.get(place)).map_or(0.0, |(_, sum)| *sum)
    }
}

/// Re-ranked groups with all others below them, in the order of the first phase.
fn with_rest(groups: Vec<Group>, mut rest: Vec<Candidate>, traced: bool) -> Vec<Group> {
    rest.sort_unstable_by(better);
    let least = groups.iter().map(|group| group.score).fold(f32::INFINITY, f32::min);
    let mut all: BTreeMap<usize, (bool, Group)> =
        groups.into_iter().map(|group| (group.entry, (true, group))).collect();
    for near in rest {
        let entry = near.entry as usize;
        let (read, group) = all.entry(entry).or_insert_with(|| (false, Group::new(entry, traced)));
        if !*read {
            group.raise(least * near.score / (1.0 + near.score), Why::FirstPhase);
        }
        group.clauses.extend(near.part.checked_sub(1).map(|clause| clause as usize));
    }
    all.into_values().map(|(_, group)| group).collect()
}
