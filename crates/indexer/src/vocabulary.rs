//! The words that a generation knows by sight and by sound: titles, tags, 文号, organs, terms of art, frequent
//! words. Made once, when something is first asked that needs them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use tantivy::schema::Field;
use zhaoren_text::docno;

use crate::entry::EntryKind;
use crate::pinyin::{blurred, spoken};
use crate::search::Index;

/// So many titles of documents are known; those of items come first.
const MOST_TITLES: usize = 50_000;
/// So many frequent words beside titles and terms of art.
const MOST_WORDS: usize = 2_000;
/// Terms of so many characters are recognized with one character wrong.
const MENDABLE: std::ops::RangeInclusive<usize> = 4..=12;

/// What a known word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownAs {
    /// The title of an item.
    Item,
    /// A term of art, or what people type for one.
    Term,
    /// A tag or the name of a support method.
    Tag,
    /// An issuing organ.
    Organ,
    /// The title of a document.
    Document,
    /// A 文号.
    Number,
    /// A frequent word.
    Word,
}

/// By which of its faces a term is found, the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Face {
    /// As written, from its start.
    Text,
    /// As written, from a word inside.
    Inside,
    /// In pinyin.
    Pinyin,
    /// By the initials of its pinyin.
    Initials,
    /// In pinyin, where zh and z, ng and n and their like are one.
    Blurred,
}

#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) text: String,
    pub(crate) kind: KnownAs,
    pub(crate) id: Option<String>,
}

/// Known words with their faces in order.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    pub(crate) terms: Vec<Known>,
    /// Face, kind of face, place among the terms; sorted.
    keys: Vec<(String, Face, u32)>,
    /// Terms of art without one of their characters.
    lacking: HashMap<String, Vec<u32>>,
}

impl Vocabulary {
    pub(crate) fn of(index: &Index) -> Self {
        let mut vocabulary = Self::default();
        let mut known: BTreeMap<String, (KnownAs, Option<String>)> = BTreeMap::new();
        let mut add = |text: &str, kind: KnownAs, id: Option<&str>| {
            let text = text.trim();
            if text.chars().nth(1).is_some() {
                let told = known.entry(text.to_owned()).or_insert((kind, id.map(str::to_owned)));
                if kind < told.0 {
                    *told = (kind, id.map(str::to_owned));
                }
            }
        };
        let mut titles = 0;
        for card in &index.cards {
            let kind = if card.kind == EntryKind::Item { KnownAs::Item } else { KnownAs::Document };
            if kind == KnownAs::Item || titles < MOST_TITLES {
                titles += usize::from(kind == KnownAs::Document);
                add(&card.title, kind, Some(&card.id));
                add(&card.document.title, KnownAs::Document, None);
            }
            card.document.number.iter().for_each(|number| add(number, KnownAs::Number, None));
            card.document.issuer.iter().for_each(|issuer| add(issuer, KnownAs::Organ, None));
            card.methods.iter().for_each(|(_, name)| add(name, KnownAs::Tag, None));
        }
        let occurs = |word: &str| index.frequency(word) > 0;
        index
            .lexicon
            .words
            .iter()
            .filter(|word| occurs(word))
            .for_each(|word| add(word, KnownAs::Term, None));
        for synonym in &index.lexicon.synonyms {
            if synonym.meant.iter().any(|meant| index.occurs(meant)) {
                add(&synonym.typed, KnownAs::Term, None);
            }
        }
        for (field, kind) in [(index.fields.tags, KnownAs::Tag), (index.fields.text, KnownAs::Word)] {
            frequent(index, field).iter().for_each(|word| add(word, kind, None));
        }
        for (text, (kind, id)) in known {
            vocabulary.add(index, Known { text, kind, id });
        }
        vocabulary.keys.sort();
        vocabulary.keys.dedup();
        vocabulary
    }

    fn add(&mut self, index: &Index, term: Known) {
        let place = u32::try_from(self.terms.len()).unwrap_or(u32::MAX);
        let face = face(&term.text);
        let mut add = |key: String, face: Face| self.keys.push((key, face, place));
        if term.kind == KnownAs::Item {
            for word in index.cutter.cut(&term.text).iter().skip(1) {
                let from = term.text.get(word.start..).map(self::face).unwrap_or_default();
                if from.chars().nth(1).is_some() {
                    add(from, Face::Inside);
                }
            }
        }
        if let (KnownAs::Number, Some(number)) = (term.kind, docno::parse(&term.text)) {
            add(self::face(&number.key()), Face::Text);
        } else {
            for way in spoken(&term.text) {
                let blurred = blurred(&way.full);
                if blurred != way.full {
                    add(blurred, Face::Blurred);
                }
                add(way.full, Face::Pinyin);
                add(way.initials, Face::Initials);
            }
        }
        let letters: Vec<char> = face.chars().collect();
        if matches!(term.kind, KnownAs::Item | KnownAs::Term) && MENDABLE.contains(&letters.len()) {
            let lacking: BTreeSet<String> = lacking(&letters).chain([face.clone()]).collect();
            for one in lacking {
                self.lacking.entry(one).or_default().push(place);
            }
        }
        self.keys.push((face, Face::Text, place));
        self.terms.push(term);
    }

    pub(crate) fn term(&self, place: u32) -> Option<&Known> {
        self.terms.get(place as usize)
    }

    /// Keys that begin so.
    pub(crate) fn beginning(&self, prefix: &str) -> impl Iterator<Item = &(String, Face, u32)> {
        let from = self.keys.partition_point(|(key, ..)| key.as_str() < prefix);
        self.keys.iter().skip(from).take_while(move |(key, ..)| key.starts_with(prefix))
    }

    /// Terms that have exactly this face; the kinds told first come first.
    pub(crate) fn having(&self, key: &str, face: Face) -> Vec<&Known> {
        let same = self.beginning(key).take_while(|(own, ..)| own == key).filter(|(_, own, _)| *own == face);
        let mut found: Vec<&Known> = same.filter_map(|(.., place)| self.term(*place)).collect();
        found.sort_by_key(|term| (term.kind != KnownAs::Term, term.kind, term.text.chars().count()));
        found
    }

    /// Terms of art that `typed` is with one character wrong, missing, too many, or two in the wrong order.
    pub(crate) fn near(&self, typed: &str) -> Vec<&Known> {
        let letters: Vec<char> = typed.chars().collect();
        let mut places: BTreeSet<u32> = self.lacking.get(typed).into_iter().flatten().copied().collect();
        places.extend(lacking(&letters).filter_map(|one| self.lacking.get(&one)).flatten());
        let near = |term: &&Known| one_apart(&letters, &face(&term.text).chars().collect::<Vec<char>>());
        let mut found: Vec<&Known> =
            places.iter().filter_map(|place| self.term(*place)).filter(near).collect();
        found.sort_by_key(|term| {
            (term.kind != KnownAs::Term, term.text.chars().count().abs_diff(letters.len()))
        });
        found
    }
}

/// A text by its letters and digits alone, in lower case.
pub(crate) fn face(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A text without each of its characters in turn.
fn lacking(letters: &[char]) -> impl Iterator<Item = String> + '_ {
    (0..letters.len()).map(|left_out| {
        letters.iter().enumerate().filter(|(place, _)| *place != left_out).map(|(_, c)| *c).collect()
    })
}

/// Whether one character changed, added, left out, or two neighbours exchanged make one text the other.
fn one_apart(a: &[char], b: &[char]) -> bool {
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default());
    match (a, b) {
        ([], []) => false,
        ([_, a @ ..], _) if a == b => true,
        (_, [_, b @ ..]) if a == b => true,
        ([_, a_rest @ ..], [_, b_rest @ ..]) if a_rest == b_rest => true,
        ([a1, a2, a_rest @ ..], [b1, b2, b_rest @ ..]) => a1 == b2 && a2 == b1 && a_rest == b_rest,
        _ => false,
    }
}

/// The most frequent Chinese words of a field, in an order that is the same everywhere.
fn frequent(index: &Index, field: Field) -> Vec<String> {
    let mut words: BTreeMap<String, u32> = BTreeMap::new();
    for segment in index.reader.searcher().segment_readers() {
        let Ok(inverted) = segment.inverted_index(field) else { continue };
        let Ok(mut stream) = inverted.terms().stream() else { continue };
        while stream.advance() {
            if let Ok(word) = std::str::from_utf8(stream.key())
                && word.chars().nth(1).is_some()
                && word.chars().all(|c| c.is_alphabetic() && !c.is_ascii())
                && !index.lexicon.stopwords.contains(word)
            {
                *words.entry(word.to_owned()).or_default() += stream.value().doc_freq;
            }
        }
    }
    let mut words: Vec<(String, u32)> = words.into_iter().collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    words.truncate(MOST_WORDS);
    words.into_iter().map(|(word, _)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_told_from_two() {
        let apart =
            |a: &str, b: &str| one_apart(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        for slip in ["专精新特", "专精特性", "专精特", "专精特新新"] {
            assert!(apart(slip, "专精特新"), "{slip}");
        }
        for other in ["专精特新", "精专新特", "专精", "小巨人企业"] {
            assert!(!apart(other, "专精特新"), "{other}");
        }
    }
}
