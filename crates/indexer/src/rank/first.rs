//! The first phase of a keyword query: translation into a tantivy query.
//!
//! Words are searched as words, as their parts, and as runs of character pairs, so that a word cut differently in a
//! text is found too. A query of few words is strict: half of them must match. A whole sentence is searched loosely,
//! and the score decides.

use std::collections::BTreeSet;

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use crate::analyze::{Cutter, pairs};
use crate::character::{holding_character, single};
use crate::query::{QueryTerm, Role, Strictness, Understood};
use crate::schema::Fields;

// Weights chosen on lay questions about statutes and on searches for items; steps of a third change the nDCG@10
// of the former by less than .01.

/// Score of a part that has a character typed by itself inside a word.
const INSIDE: f32 = 1.0;
/// Weight of a word in a title or heading, relative to one in the text.
const TITLE: f32 = 1.5;
/// Weight of a word of a tag or of the issuer's name.
const TAG: f32 = 0.8;
/// Weight of a word found only as a run of character pairs.
const RUN: f32 = 0.5;
/// Weight of a character pair of the query.
const PAIR: f32 = 0.7;
/// Weight of all parts of a long word, relative to the word.
const PARTS: f32 = 0.4;
/// Weight of a synonym, relative to the word.
const SYNONYM: f32 = 0.7;
/// Weight of a 文号 mentioned in a text.
const MENTION: f32 = 20.0;
/// Share of the lower-scored forms of a word that is added to the best one (tie breaker).
const TIE: f32 = 0.2;

/// Index data needed to build a query.
#[derive(Clone, Copy)]
pub(crate) struct QueryContext<'a> {
    pub(crate) fields: &'a Fields,
    pub(crate) cutter: &'a Cutter,
    /// Weight of a word in a field: the logarithm of its inverse frequency.
    pub(crate) rarity: &'a dyn Fn(Field, &str) -> f32,
}

impl Understood {
    /// Query over entries and clauses; `None` if the query has neither words nor 文号 nor 代字.
    pub(crate) fn query(&self, strictness: Strictness, ground: QueryContext<'_>) -> Option<Box<dyn Query>> {
        let mut any: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        let others = self.pieces(ground).into_iter();
        let others = others.filter(|piece| matches!(piece.kind, PieceKind::Mention | PieceKind::Organ));
        any.extend(others.map(|piece| should(piece.query)));
        if !self.is_organ()
            && let Some(words) = self.words_query(strictness, ground)
        {
            any.push(should(words));
        }
        (!any.is_empty()).then(|| Box::new(BooleanQuery::new(any)) as Box<dyn Query>)
    }

    /// Query for the words alone, with 代字 treated as ordinary words.
    pub(crate) fn words_query(
        &self,
        strictness: Strictness,
        ground: QueryContext<'_>,
    ) -> Option<Box<dyn Query>> {
        let (mut words, mut all, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
        let ordering = self.ordering_pairs();
        for Piece { kind, text, query } in self.word_pieces(ground) {
            match kind {
                PieceKind::Word => words.push(should(query)),
                PieceKind::Pair if ordering.contains(&text) => all.push(should(query)),
                PieceKind::Phrase => all.push((Occur::Must, query)),
                PieceKind::Pair => pairs.push(should(query)),
                PieceKind::Place | PieceKind::Support | PieceKind::Mention | PieceKind::Organ => {
                    all.push(should(query))
                }
            }
        }
        if words.is_empty() {
            return None;
        }
        let needed = match strictness {
            Strictness::Keywords => {
                all.extend(pairs);
                words.len().div_ceil(2)
            }
            Strictness::Sentence => {
                let needed = words.len().div_ceil(3);
                words.extend(pairs);
                needed
            }
        };
        all.push((Occur::Must, Box::new(BooleanQuery::with_minimum_required_clauses(words, needed))));
        Some(Box::new(BooleanQuery::new(all)))
    }

    /// Query for words of support alone, used if no other word matches.
    pub(crate) fn support_query(&self, ground: QueryContext<'_>) -> Option<Box<dyn Query>> {
        let support = self.words.iter().filter(|term| term.role == Role::Support);
        let any: Vec<_> = support.map(|term| should(word_query(term, ground))).collect();
        (!any.is_empty()).then(|| Box::new(BooleanQuery::new(any)) as Box<dyn Query>)
    }

    /// Character pairs that occur only in words that match nothing themselves.
    fn ordering_pairs(&self) -> BTreeSet<String> {
        let of = |finds: bool| -> BTreeSet<String> {
            let words = self.words.iter().filter(|term| term.finds() == finds);
            words.flat_map(|term| pairs(&term.word)).map(|(.., pair)| pair).collect()
        };
        &of(false) - &of(true)
    }

    /// Components of [`Understood::words_query`].
    pub(crate) fn word_pieces(&self, ground: QueryContext<'_>) -> Vec<Piece> {
        let (words, others): (Vec<&QueryTerm>, Vec<&QueryTerm>) =
            self.words.iter().partition(|word| word.finds());
        let piece = |kind, text: &str, query| Piece { kind, text: text.to_owned(), query };
        let word = |kind, term: &QueryTerm| piece(kind, &term.word, word_query(term, ground));
        let mut pieces: Vec<Piece> = words.into_iter().map(|term| word(PieceKind::Word, term)).collect();
        pieces.extend(others.into_iter().map(|term| {
            let kind = if term.role == Role::Support { PieceKind::Support } else { PieceKind::Place };
            word(kind, term)
        }));
        let phrase = |text: &String| piece(PieceKind::Phrase, text, phrase_query(text, ground));
        pieces.extend(self.phrases.iter().map(phrase));
        let distinct: BTreeSet<String> = pairs(&self.plain).into_iter().map(|(.., pair)| pair).collect();
        let pair = |pair: &String| piece(PieceKind::Pair, pair, term(ground.fields.pairs, pair, PAIR));
        pieces.extend(distinct.iter().map(pair));
        pieces
    }

    /// Components of [`Understood::query`].
    pub(crate) fn pieces(&self, ground: QueryContext<'_>) -> Vec<Piece> {
        let mention = |key: &String| {
            let query = term(ground.fields.mentions, key, MENTION);
            Piece { kind: PieceKind::Mention, text: key.replace('|', " "), query }
        };
        let mut pieces: Vec<Piece> = self.numbers.iter().map(mention).collect();
        if self.is_organ() {
            pieces.extend(self.organs.iter().filter_map(|organ| {
                let query = pair_run(organ, ground.fields)?;
                Some(Piece { kind: PieceKind::Organ, text: organ.clone(), query })
            }));
        } else {
            pieces.extend(self.word_pieces(ground));
        }
        pieces
    }
}

/// A component of a query. The score of a query is the sum of the scores of its components.
pub(crate) struct Piece {
    pub(crate) kind: PieceKind,
    /// Text that it matches.
    pub(crate) text: String,
    pub(crate) query: Box<dyn Query>,
}

/// Kind of a query component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    Mention,
    Organ,
    Word,
    Place,
    Support,
    Phrase,
    Pair,
}

fn should(query: Box<dyn Query>) -> (Occur, Box<dyn Query>) {
    (Occur::Should, query)
}

fn boosted(query: Box<dyn Query>, boost: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, boost))
}

fn term(field: Field, text: &str, boost: f32) -> Box<dyn Query> {
    boosted(Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs)), boost)
}

/// Query of a word: the best of its forms, its parts and its synonyms, with a share of the others.
fn word_query(term: &QueryTerm, ground: QueryContext<'_>) -> Box<dyn Query> {
    let mut best = forms(&term.word, 1.0, ground);
    if term.alone {
        best.extend(single(&term.word).map(|c| inside(c, ground.fields)));
    }
    let parts = ground.cutter.split(&term.word);
    if parts.len() > 1 {
        let parts = parts.iter().map(|part| {
            let forms = in_fields(part, 1.0, ground);
            (Occur::Must, Box::new(DisjunctionMaxQuery::new(forms)) as Box<dyn Query>)
        });
        best.push(boosted(Box::new(BooleanQuery::new(parts.collect())), PARTS));
    }
    best.extend(term.alike.iter().flat_map(|other| forms(other, 1.0, ground)));
    // A number in another spelling is the same number, no synonym.
    let weight = if term.number { 1.0 } else { SYNONYM };
    for other in &term.also {
        match ground.cutter.cut(other).as_slice() {
            [single] => best.extend(forms(&single.text, weight, ground)),
            _ => best.push(boosted(phrase_query(other, ground), weight)),
        }
    }
    Box::new(DisjunctionMaxQuery::with_tie_breaker(best, TIE))
}

/// Query of a character wherever it is.
fn inside(c: char, fields: &Fields) -> Box<dyn Query> {
    Box::new(ConstScoreQuery::new(holding_character(c, fields), INSIDE))
}

/// Forms in which a word is matched.
fn forms(word: &str, weight: f32, ground: QueryContext<'_>) -> Vec<Box<dyn Query>> {
    let mut forms = in_fields(word, weight, ground);
    // Of 100万 only the last digit has a pair, which any 0万 has too.
    let is_amount = word.chars().take(2).filter(char::is_ascii_digit).count() == 2;
    let run = pair_run(word, ground.fields).filter(|_| !is_amount);
    forms.extend(run.map(|run| boosted(run, RUN * weight)));
    forms
}

/// Queries of a word in title, tags and text.
fn in_fields(word: &str, weight: f32, ground: QueryContext<'_>) -> Vec<Box<dyn Query>> {
    let Fields { title, tags, text, .. } = *ground.fields;
    // Most parts of the index are clauses and have no title. By their average length every title would be far too
    // long, so titles and tags are scored by rarity alone, without length normalization.
    let flat = |field: Field, boost: f32| -> Box<dyn Query> {
        let score = (ground.rarity)(field, word) * boost * weight;
        Box::new(ConstScoreQuery::new(term(field, word, 1.0), score))
    };
    vec![flat(title, TITLE), flat(tags, TAG), term(text, word, weight)]
}

/// Phrase query of a word's character pairs: matches the word wherever it occurs, however it was cut. `None` for text
/// without pairs: one character, or Latin letters.
pub(super) fn pair_run(word: &str, fields: &Fields) -> Option<Box<dyn Query>> {
    let pairs = pairs(word);
    let first = pairs.first().map_or(0, |(position, ..)| *position);
    let terms: Vec<(usize, Term)> = pairs
        .into_iter()
        .map(|(position, _, pair)| (position - first, Term::from_field_text(fields.pairs, &pair)))
        .collect();
    match terms.as_slice() {
        [] => None,
        [(_, single)] => Some(Box::new(TermQuery::new(single.clone(), IndexRecordOption::WithFreqs))),
        _ => Some(Box::new(PhraseQuery::new_with_offset(terms))),
    }
}

/// Query of a phrase: its words in order in title, tags or text, or its characters in order.
fn phrase_query(phrase: &str, ground: QueryContext<'_>) -> Box<dyn Query> {
    let Fields { title, tags, text, .. } = *ground.fields;
    let words = ground.cutter.cut(phrase);
    let mut any: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    for (field, boost) in [(title, TITLE), (tags, TAG), (text, 1.0)] {
        let terms: Vec<Term> = words.iter().map(|word| Term::from_field_text(field, &word.text)).collect();
        let query: Box<dyn Query> = match terms.as_slice() {
            [] => continue,
            [single] => Box::new(TermQuery::new(single.clone(), IndexRecordOption::WithFreqs)),
            _ => Box::new(PhraseQuery::new(terms)),
        };
        let rarity: f32 = words.iter().map(|word| (ground.rarity)(field, &word.text)).sum();
        any.push(should(if field == text {
            query
        } else {
            Box::new(ConstScoreQuery::new(query, rarity * boost))
        }));
    }
    // There are no pairs of Latin neighbours: by pairs alone 2000万元 would match any 0万元.
    any.extend(single(phrase).map(|c| should(inside(c, ground.fields))));
    let latin = |window: &[u8]| window.iter().all(u8::is_ascii_alphanumeric);
    if !phrase.as_bytes().windows(2).any(latin) {
        any.extend(pair_run(phrase, ground.fields).map(should));
    }
    Box::new(BooleanQuery::new(any))
}
