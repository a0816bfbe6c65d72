//! The ways people ask: what was typed, read as what the texts say. By the table of synonyms, by sound, with a
//! slip of the pen mended. What was typed is searched too; a reading is added and says what it is.

use std::ops::Range;

use serde::Serialize;
use tantivy::Term;
use tantivy::collector::Count;
use tantivy::query::PhraseQuery;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;

use crate::analyze::{Word, pairs};
use crate::pinyin::{blurred, spoken};
use crate::search::Index;
use crate::vocabulary::{Face, Known, KnownAs, Vocabulary};

/// A typed word and what it was also read as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// What was typed.
    pub typed: String,
    /// What it was also searched as.
    pub meant: String,
    /// How the one became the other.
    pub how: How,
    /// Where a synonym comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// How a typed word was read as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// By the table of synonyms.
    Synonym,
    /// As pinyin.
    Pinyin,
    /// As initials of pinyin.
    Initials,
    /// As other characters of the same sound.
    Homophone,
    /// As a slip of one character.
    Typo,
}

impl How {
    /// The Chinese shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Synonym => "同义词",
            Self::Pinyin => "拼音",
            Self::Initials => "拼音首字母",
            Self::Homophone => "同音字",
            Self::Typo => "错字",
        }
    }
}

/// A part of the query and how it is read.
#[derive(Debug)]
pub(crate) struct Span {
    pub(crate) range: Range<usize>,
    pub(crate) readings: Vec<Reading>,
}

/// So many words may make one typed form.
const MOST_WORDS: usize = 6;
/// In longer queries no slip is looked for: there are words enough.
const LONGEST: usize = 60;
/// So many readings of one typed form by sound.
const MOST_READINGS: usize = 3;
/// Letters that stand for themselves though no text has them; as initials they would stand for anything.
const LETTERS: [&str; 29] = [
    "ai", "aeo", "api", "app", "bim", "ceo", "cpa", "crm", "erp", "esg", "gdp", "gmp", "iot", "ipo", "iso",
    "it", "kpi", "led", "mes", "nft", "oa", "pct", "ppp", "rfid", "saas", "usb", "vip", "vr", "wto",
];

impl Index {
    /// How many parts of the index have this word.
    pub(crate) fn frequency(&self, word: &str) -> u64 {
        let searcher = self.reader.searcher();
        let fields = [self.fields.title, self.fields.tags, self.fields.text];
        let with = |field| searcher.doc_freq(&Term::from_field_text(field, word)).unwrap_or(0);
        fields.into_iter().map(with).sum()
    }

    /// Whether the characters of `text` stand anywhere one behind the other.
    pub(crate) fn occurs(&self, text: &str) -> bool {
        let terms: Vec<(usize, Term)> = pairs(text)
            .into_iter()
            .map(|(position, _, pair)| (position, Term::from_field_text(self.fields.pairs, &pair)))
            .collect();
        let searcher = self.reader.searcher();
        let none = |(_, term): &(usize, Term)| searcher.doc_freq(term).unwrap_or(0) == 0;
        if terms.is_empty() || terms.iter().any(none) {
            return self.frequency(text) > 0;
        }
        let found = match terms.as_slice() {
            [(_, only)] => searcher.search(&TermQuery::new(only.clone(), IndexRecordOption::Basic), &Count),
            _ => searcher.search(&PhraseQuery::new_with_offset(terms), &Count),
        };
        found.unwrap_or(0) > 0
    }

    /// The letters of a query that are read as pinyin. `literal` words are taken as they stand.
    pub(crate) fn spelt(&self, text: &str, words: &[Word], literal: &[String]) -> Vec<Span> {
        ordered(text, literal, self.letters(text, words))
    }

    /// The readings of a query that was cut into `words`. `literal` words are taken as they stand.
    pub(crate) fn readings(&self, text: &str, words: &[Word], literal: &[String]) -> Vec<Span> {
        let mut spans = Vec::new();
        self.synonyms(text, words, &mut spans);
        if text.chars().count() <= LONGEST {
            self.slips(text, words, &mut spans);
        }
        ordered(text, literal, spans)
    }

    /// What the table has for one word or for several that follow each other, the longest first.
    fn synonyms(&self, text: &str, words: &[Word], spans: &mut Vec<Span>) {
        let mut at = 0;
        while at < words.len() {
            let longest = (1..=MOST_WORDS).rev().find_map(|count| {
                let (range, typed) = together(text, words, at, count)?;
                let readings = self.synonym(&typed, &typed);
                (!readings.is_empty() && !taken(spans, &range)).then_some((range, readings, count))
            });
            at += longest.as_ref().map_or(1, |(.., count)| *count);
            spans.extend(longest.map(|(range, readings, _)| Span { range, readings }));
        }
    }

    /// The entries of the table for `word`, told of what was `typed`.
    fn synonym(&self, word: &str, typed: &str) -> Vec<Reading> {
        let own = self.lexicon.synonyms.iter().filter(|synonym| synonym.typed == word);
        let reading = |(meant, source): (&String, &String)| Reading {
            typed: typed.to_owned(),
            meant: meant.clone(),
            how: How::Synonym,
            source: Some(source.clone()),
        };
        own.flat_map(|synonym| synonym.meant.iter().map(|meant| (meant, &synonym.source)))
            .map(reading)
            .collect()
    }

    /// Letters that no text has, as pinyin or as initials.
    fn letters(&self, text: &str, words: &[Word]) -> Vec<Span> {
        let mut spans = Vec::new();
        let spelt = |word: &Word| {
            word.text.len() > 1
                && word.text.chars().all(|c| c.is_ascii_alphabetic())
                && !LETTERS.contains(&word.text.as_str())
                && self.lexicon.synonyms.iter().all(|synonym| synonym.typed != word.text)
                && self.frequency(&word.text) == 0
        };
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let mut done = 1;
            if spelt(word) {
                let beside = words.iter().skip(at).take(MOST_WORDS);
                let most = beside.take_while(|word| spelt(word)).count();
                let read = (1..=most).rev().find_map(|count| {
                    let last = words.get(at + count - 1)?;
                    let range = word.start..last.end;
                    let spelling: String =
                        words.iter().skip(at).take(count).map(|word| word.text.as_str()).collect();
                    let readings = self.spelling(&spelling, text.get(range.clone())?, count == 1);
                    (!readings.is_empty()).then_some((Span { range, readings }, count))
                });
                if let Some((span, count)) = read {
                    spans.push(span);
                    done = count;
                } else if let Some(pieces) = self.pieces(word) {
                    spans.extend(pieces);
                }
            }
            at += done;
        }
        spans
    }

    /// What a run of letters spells: a whole term, its initials, or the beginning of one.
    fn spelling(&self, spelling: &str, typed: &str, alone: bool) -> Vec<Reading> {
        let vocabulary = self.vocabulary();
        let mut how = How::Pinyin;
        let mut found = vocabulary.having(spelling, Face::Pinyin);
        if found.is_empty() {
            found = vocabulary.having(spelling, Face::Initials);
            found.retain(|term| term.kind != KnownAs::Word);
            how = How::Initials;
        }
        if found.is_empty() && spelling.len() > 5 {
            found = vocabulary.having(&blurred(spelling), Face::Blurred);
            how = How::Pinyin;
        }
        if found.is_empty() && spelling.len() > 5 && alone {
            let begun = vocabulary.beginning(spelling).filter(|(_, face, _)| *face == Face::Pinyin);
            found = begun.filter_map(|(.., place)| vocabulary.term(*place)).collect();
            found.sort_by_key(|term| (term.kind, term.text.chars().count()));
        }
        self.read_as(typed, &found, how)
    }

    /// A run of letters as several terms side by side: gaoxinjishuqiyebutie.
    fn pieces(&self, word: &Word) -> Option<Vec<Span>> {
        let vocabulary = self.vocabulary();
        let length = word.text.len();
        // For each end, where the last piece begins; fewer pieces are better.
        let mut best: Vec<Option<(usize, usize)>> = vec![None; length + 1];
        *best.first_mut()? = Some((0, 0));
        for start in 0..length {
            let Some((count, _)) = best.get(start).copied().flatten() else { continue };
            for end in start + 4..=length {
                let piece = word.text.get(start..end)?;
                let slot = best.get_mut(end)?;
                if slot.is_none_or(|(fewest, _)| count + 1 < fewest)
                    && !vocabulary.having(piece, Face::Pinyin).is_empty()
                {
                    *slot = Some((count + 1, start));
                }
            }
        }
        let mut spans = Vec::new();
        let mut end = length;
        while end > 0 {
            let (_, start) = best.get(end).copied().flatten()?;
            let piece = word.text.get(start..end)?;
            let readings = self.read_as(piece, &vocabulary.having(piece, Face::Pinyin), How::Pinyin);
            spans.push(Span { range: word.start + start..word.start + end, readings });
            end = start;
        }
        Some(spans)
    }

    /// Readings as these terms, and as what the table has for them.
    fn read_as(&self, typed: &str, found: &[&Known], how: How) -> Vec<Reading> {
        let mut readings = Vec::new();
        for term in found.iter().take(MOST_READINGS) {
            let meant = term.text.clone();
            readings.push(Reading { typed: typed.to_owned(), meant, how, source: None });
            readings.extend(self.synonym(&term.text, typed));
        }
        readings
    }

    /// Words that no text has so, as a term of the same sound or one character apart.
    fn slips(&self, text: &str, words: &[Word], spans: &mut Vec<Span>) {
        let vocabulary = self.vocabulary();
        let mut at = 0;
        while at < words.len() {
            let longest = (1..=MOST_WORDS).rev().find_map(|count| {
                let (range, typed) = together(text, words, at, count)?;
                let length = typed.chars().count();
                if !(2..=12).contains(&length)
                    || typed.chars().any(|c| c.is_ascii())
                    || taken(spans, &range)
                    || self.occurs(&typed)
                {
                    return None;
                }
                let own = words.iter().skip(at).take(count);
                let strange = own.clone().any(|word| self.strange(word));
                let readings = self.slip(vocabulary, &typed, strange);
                (!readings.is_empty()).then_some((Span { range, readings }, count))
            });
            at += longest.as_ref().map_or(1, |(_, count)| *count);
            spans.extend(longest.map(|(span, _)| span));
        }
    }

    /// A word that no text has, or a character left alone by the cutting.
    fn strange(&self, word: &Word) -> bool {
        word.text.chars().nth(1).is_none() && !self.lexicon.stopwords.contains(&word.text)
            || self.frequency(&word.text) == 0 && !self.lexicon.stopwords.contains(&word.text)
    }

    fn slip(&self, vocabulary: &Vocabulary, typed: &str, strange: bool) -> Vec<Reading> {
        let length = typed.chars().count();
        let mut found: Vec<&Known> = Vec::new();
        let ways = spoken(typed);
        for way in &ways {
            let alike = vocabulary.having(&way.full, Face::Pinyin);
            found.extend(alike.into_iter().filter(|term| fit(term, length) && term.text != typed));
        }
        // Four characters that sound like a term are one; fewer only where they make no sense as they stand.
        if !found.is_empty() && (strange || length > 3) {
            return self.read_as(typed, &found, How::Homophone);
        }
        if strange && length > 2 {
            for way in &ways {
                let full = blurred(&way.full);
                let alike = vocabulary.having(&full, Face::Blurred).into_iter();
                let alike = alike.chain(vocabulary.having(&full, Face::Pinyin));
                found.extend(alike.filter(|term| fit(term, length)));
            }
            if found.is_empty() {
                found = vocabulary.near(typed);
                found.truncate(1);
                return self.read_as(typed, &found, How::Typo);
            }
            return self.read_as(typed, &found, How::Homophone);
        }
        Vec::new()
    }
}

/// Whether a term may be meant by so many characters that sound like it.
fn fit(term: &Known, length: usize) -> bool {
    term.kind != KnownAs::Word && term.kind != KnownAs::Document && term.text.chars().count() == length
}

/// Words that stand side by side as one text, in lower case.
fn together(text: &str, words: &[Word], at: usize, count: usize) -> Option<(Range<usize>, String)> {
    let some = words.get(at..at + count)?;
    let (first, last) = (some.first()?, some.last()?);
    let adjacent = some.windows(2).all(|two| matches!(two, [a, b] if a.end == b.start));
    let range = first.start..last.end;
    adjacent.then(|| text.get(range.clone()).map(str::to_lowercase)).flatten().map(|typed| (range, typed))
}

/// In the order of the text, without what is meant literally.
fn ordered(text: &str, literal: &[String], mut spans: Vec<Span>) -> Vec<Span> {
    let same = |typed: &str| literal.iter().any(|word| word.to_lowercase() == typed.to_lowercase());
    spans.retain(|span| text.get(span.range.clone()).is_some_and(|typed| !same(typed)));
    spans.sort_by_key(|span| span.range.start);
    spans
}

fn taken(spans: &[Span], range: &Range<usize>) -> bool {
    spans.iter().any(|span| span.range.start < range.end && range.start < span.range.end)
}
