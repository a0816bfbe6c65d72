//! From what a person types to a query.
//!
//! Nothing that can be typed is an error. Words are searched as words, as their parts, and as runs of character
//! pairs, so that a word cut otherwise in a text is found too. Few words are searched strictly, half of them
//! have to be found; a whole sentence is searched loosely, and the score sorts out what answers it.

use std::collections::BTreeSet;

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur, PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use zhaoren_text::{docno, restore_str};

use crate::analyze::{Cutter, pairs};
use crate::lexicon::Lexicon;
use crate::schema::Fields;

/// The longest query that is read, in characters; what is beyond adds nothing to a search.
const LONGEST: usize = 400;
/// Up to so many words a query is keywords; above it is a sentence.
const KEYWORDS: usize = 4;

// Weights chosen on lay questions about statutes and on searches for items; steps of a third change the nDCG@10
// of the former by less than .01.

/// A word in a title or heading, over one in the text.
const TITLE: f32 = 1.5;
/// A word of a tag or of the issuer's name.
const TAG: f32 = 0.8;
/// A word found only as a run of character pairs.
const RUN: f32 = 0.5;
/// A pair of characters of the query.
const PAIR: f32 = 0.7;
/// All parts of a long word, in place of the word.
const PARTS: f32 = 0.4;
/// A synonym, in place of the word.
const SYNONYM: f32 = 0.7;
/// A 文号 mentioned in a text.
const MENTION: f32 = 20.0;
/// How much the lesser forms of a word add to the best one.
const TIE: f32 = 0.2;

/// What a query is made against.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub(crate) fields: &'a Fields,
    pub(crate) cutter: &'a Cutter,
    /// How much it says that this word stands in this field: the logarithm of how few have it.
    pub(crate) rarity: &'a dyn Fn(Field, &str) -> f32,
}

/// A query understood.
#[derive(Debug, Default)]
pub(crate) struct Understood {
    /// Words as cut, with what each may also stand for.
    pub(crate) words: Vec<Wanted>,
    /// Quoted phrases, which must be found.
    pub(crate) phrases: Vec<String>,
    /// Keys of 文号 in it.
    pub(crate) numbers: Vec<String>,
    /// 机关代字 in it.
    pub(crate) organs: Vec<String>,
    /// The clean text.
    pub(crate) text: String,
    /// The same without 文号.
    plain: String,
}

/// One word that is searched.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) word: String,
    /// Synonyms from the lexicon.
    pub(crate) also: Vec<String>,
    /// Whether it names a place. Beside other words a place orders what they find and finds nothing itself.
    pub(crate) place: bool,
}

/// How many of the words have to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Half of the words.
    Keywords,
    /// A third of the words, pairs of characters counting as words.
    Sentence,
}

/// Reads what was typed.
pub(crate) fn understand(
    typed: &str,
    cutter: &Cutter,
    lexicon: &Lexicon,
    is_place: impl Fn(&str) -> bool,
) -> Understood {
    let short: String = typed.chars().take(LONGEST).collect();
    let text = restore_str(&short).text.trim().to_owned();
    let mut understood = Understood { text, ..Understood::default() };
    // 文号 first: their digits are no words.
    if let Some(number) = docno::parse(&understood.text) {
        understood.numbers.push(number.key());
        return understood;
    }
    let mut done = 0;
    for (range, number) in docno::find_all(&understood.text) {
        understood.plain.push_str(understood.text.get(done..range.start).unwrap_or_default());
        understood.plain.push(' ');
        done = range.end;
        understood.numbers.push(number.key());
    }
    understood.plain.push_str(understood.text.get(done..).unwrap_or_default());
    understood.organs = understood.plain.split_whitespace().filter_map(docno::organ_prefix).collect();
    understood.phrases = phrases(&understood.plain);
    let mut seen = BTreeSet::new();
    for word in cutter.cut(&understood.plain) {
        if !lexicon.stopwords.contains(&word.text) && seen.insert(word.text.clone()) {
            let also = lexicon.synonyms.iter().filter(|synonym| synonym.typed == word.text);
            let also = also.flat_map(|synonym| synonym.meant.clone()).collect();
            understood.words.push(Wanted { place: is_place(&word.text), word: word.text, also });
        }
    }
    // A query of nothing but small words is searched for those.
    if understood.words.is_empty() {
        let words = cutter.cut(&understood.plain).into_iter().filter(|word| seen.insert(word.text.clone()));
        understood.words =
            words.map(|word| Wanted { word: word.text, also: Vec::new(), place: false }).collect();
    }
    if understood.words.iter().all(|wanted| wanted.place) {
        understood.words.iter_mut().for_each(|wanted| wanted.place = false);
    }
    understood
}

/// What stands between quotation marks, where both are there.
fn phrases(text: &str) -> Vec<String> {
    let mut phrases = Vec::new();
    let mut open: Option<(char, usize)> = None;
    for (at, c) in text.char_indices() {
        let after = at + c.len_utf8();
        match (open, c) {
            (Some((close, start)), c) if c == close => {
                let phrase = text.get(start..at).unwrap_or_default().trim();
                if phrase.chars().any(char::is_alphanumeric) {
                    phrases.push(phrase.to_owned());
                }
                open = None;
            }
            (None, '"') => open = Some(('"', after)),
            (None, '“') => open = Some(('”', after)),
            (None, '「') => open = Some(('」', after)),
            (None, '『') => open = Some(('』', after)),
            _ => {}
        }
    }
    phrases
}

impl Understood {
    /// Whether nothing at all was typed.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether it is one 机关代字 and nothing else.
    pub(crate) fn is_organ(&self) -> bool {
        self.numbers.is_empty() && self.organs.len() == 1 && self.plain.split_whitespace().count() == 1
    }

    /// How strictly it is searched.
    pub(crate) fn strictness(&self) -> Strictness {
        if self.words.iter().filter(|wanted| !wanted.place).count() <= KEYWORDS {
            Strictness::Keywords
        } else {
            Strictness::Sentence
        }
    }

    /// Parts of the words, to mark where no word stands whole.
    pub(crate) fn lesser_marks(&self, cutter: &Cutter) -> Vec<String> {
        self.words.iter().flat_map(|wanted| cutter.split(&wanted.word)).collect()
    }

    /// Every text that a hit may be marked for. A lone character marks nothing where there are words.
    pub(crate) fn marks(&self) -> Vec<String> {
        let words = self.words.iter().flat_map(|wanted| std::iter::once(&wanted.word).chain(&wanted.also));
        let marks: Vec<String> = self.phrases.iter().chain(words).cloned().collect();
        let long = |mark: &String| mark.chars().nth(1).is_some();
        if marks.iter().any(long) { marks.into_iter().filter(long).collect() } else { marks }
    }

    /// The query over entries and clauses; `None` when nothing is asked for in words.
    pub(crate) fn query(&self, strictness: Strictness, ground: Ground<'_>) -> Option<Box<dyn Query>> {
        let mut any: Vec<(Occur, Box<dyn Query>)> =
            self.numbers.iter().map(|key| should(term(ground.fields.mentions, key, MENTION))).collect();
        if self.is_organ() {
            any.extend(self.organs.iter().filter_map(|organ| pair_run(organ, ground.fields)).map(should));
        } else if let Some(words) = self.words_query(strictness, ground) {
            any.push(should(words));
        }
        (!any.is_empty()).then(|| Box::new(BooleanQuery::new(any)) as Box<dyn Query>)
    }

    /// The query for the words alone, as for any that are no 机关代字.
    pub(crate) fn words_query(&self, strictness: Strictness, ground: Ground<'_>) -> Option<Box<dyn Query>> {
        let (places, words): (Vec<&Wanted>, Vec<&Wanted>) = self.words.iter().partition(|word| word.place);
        if words.is_empty() {
            return None;
        }
        let query = |wanted: &Wanted| should(word_query(wanted, ground));
        let mut words: Vec<(Occur, Box<dyn Query>)> = words.into_iter().map(query).collect();
        let mut all: Vec<(Occur, Box<dyn Query>)> = places.into_iter().map(query).collect();
        all.extend(self.phrases.iter().map(|phrase| (Occur::Must, phrase_query(phrase, ground))));
        let distinct: BTreeSet<String> = pairs(&self.plain).into_iter().map(|(.., pair)| pair).collect();
        let pairs = distinct.iter().map(|pair| should(term(ground.fields.pairs, pair, PAIR)));
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

/// A word: the best of its forms, its parts and its synonyms, the others adding a little.
fn word_query(wanted: &Wanted, ground: Ground<'_>) -> Box<dyn Query> {
    let mut best = forms(&wanted.word, 1.0, ground);
    let parts = ground.cutter.split(&wanted.word);
    if parts.len() > 1 {
        let parts = parts.iter().map(|part| {
            let forms = in_fields(part, 1.0, ground);
            (Occur::Must, Box::new(DisjunctionMaxQuery::new(forms)) as Box<dyn Query>)
        });
        best.push(boosted(Box::new(BooleanQuery::new(parts.collect())), PARTS));
    }
    for other in &wanted.also {
        match ground.cutter.cut(other).as_slice() {
            [single] => best.extend(forms(&single.text, SYNONYM, ground)),
            _ => best.push(boosted(phrase_query(other, ground), SYNONYM)),
        }
    }
    Box::new(DisjunctionMaxQuery::with_tie_breaker(best, TIE))
}

/// The ways in which one word is found.
fn forms(word: &str, weight: f32, ground: Ground<'_>) -> Vec<Box<dyn Query>> {
    let mut forms = in_fields(word, weight, ground);
    forms.extend(pair_run(word, ground.fields).map(|run| boosted(run, RUN * weight)));
    forms
}

/// A word in title, tags or text.
fn in_fields(word: &str, weight: f32, ground: Ground<'_>) -> Vec<Box<dyn Query>> {
    let Fields { title, tags, text, .. } = *ground.fields;
    // Most parts of the index are clauses and have no title. By their average length every title would be far too
    // long, so titles and tags are not scored by length but by rarity alone.
    let flat = |field: Field, boost: f32| -> Box<dyn Query> {
        let score = (ground.rarity)(field, word) * boost * weight;
        Box::new(ConstScoreQuery::new(term(field, word, 1.0), score))
    };
    vec![flat(title, TITLE), flat(tags, TAG), term(text, word, weight)]
}

/// The pairs of a word one behind the other: finds it wherever it stands, however it was cut. `None` for what
/// has no pairs: one character, or Latin letters.
fn pair_run(word: &str, fields: &Fields) -> Option<Box<dyn Query>> {
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

/// A phrase: its words in order in title, tags or text, or its characters in order.
fn phrase_query(phrase: &str, ground: Ground<'_>) -> Box<dyn Query> {
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
    any.extend(pair_run(phrase, ground.fields).map(should));
    Box::new(BooleanQuery::new(any))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Understood {
        let lexicon = Lexicon::built_in();
        understand(typed, &Cutter::new(&lexicon), &lexicon, |word| word.starts_with("徐汇"))
    }

    fn words(typed: &str) -> Vec<String> {
        read(typed).words.into_iter().map(|wanted| wanted.word).collect()
    }

    #[test]
    fn small_words_are_left_out_unless_alone() {
        assert_eq!(words("高企怎么申请"), ["高企", "申请"]);
        assert_eq!(words("請問專精特新有沒有補貼"), ["专精特新", "补贴"]);
        assert_eq!(words("怎么"), ["怎么"]);
        assert_eq!(words("企业 企业"), ["企业"]);
        assert!(words("！？").is_empty());
    }

    #[test]
    fn quotation_marks_come_in_pairs() {
        for (typed, expected) in [
            ("\"政策找人\" 徐汇", vec!["政策找人"]),
            ("“政策找人”和“免申即享”", vec!["政策找人", "免申即享"]),
            ("「政策找人」", vec!["政策找人"]),
            ("政策\"找人", vec![]),
            ("”政策“", vec![]),
            ("\"！\" 政策", vec![]),
        ] {
            assert_eq!(read(typed).phrases, expected, "{typed}");
        }
    }

    #[test]
    fn a_place_beside_words_only_orders() {
        let places = |typed: &str| -> Vec<bool> { read(typed).words.iter().map(|word| word.place).collect() };
        assert_eq!(places("徐汇 补贴"), [true, false]);
        assert_eq!(places("徐汇区"), [false]);
    }

    #[test]
    fn numbers_and_organs_are_told_from_words() {
        let number = read("国科发火[2016]32");
        assert!(number.words.is_empty() && number.numbers.len() == 1);
        let both = read("国科发火〔2016〕32号 研发费用");
        assert_eq!((both.numbers.len(), both.words.len()), (1, 1));
        assert!(read("徐府办规").is_organ() && !read("沪科规 高企").is_organ() && !read("徐汇区").is_organ());
        assert_eq!(read("沪科规 高企").organs, ["沪科规"]);
    }
}
