//! From what a person types to a query.
//!
//! Nothing that can be typed is an error. Words are searched as words, and as runs of character pairs so that a
//! word cut otherwise in a text is found too. At least half of the words have to be found.

use tantivy::Term;
use tantivy::query::{BooleanQuery, BoostQuery, DisjunctionMaxQuery, Occur, PhraseQuery, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption};
use zhaoren_text::{docno, restore};

use crate::analyze::{Cutter, pairs};
use crate::lexicon::Lexicon;
use crate::schema::Fields;

/// The longest query that is read; what is beyond adds nothing to a search.
const LONGEST: usize = 400;

/// A query understood.
#[derive(Debug, Default)]
pub(crate) struct Understood {
    /// Words as cut, with what each may also stand for.
    pub(crate) words: Vec<Wanted>,
    /// Quoted phrases, which must be found.
    pub(crate) phrases: Vec<String>,
    /// Keys of 文号 in it.
    pub(crate) numbers: Vec<String>,
    /// A 机关代字 typed alone.
    pub(crate) organ: Option<String>,
    /// The clean text.
    pub(crate) text: String,
}

/// One word that is searched.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) word: String,
    /// Synonyms from the lexicon.
    pub(crate) also: Vec<String>,
}

/// Words that say how a person asks, not what about.
const ASKING: [&str; 24] = [
    "怎么",
    "怎样",
    "如何",
    "什么",
    "吗",
    "呢",
    "的",
    "了",
    "多少",
    "多少钱",
    "哪些",
    "有",
    "没有",
    "能",
    "可以",
    "还",
    "要",
    "是",
    "和",
    "请问",
    "我",
    "我们",
    "什么时候",
    "有没有",
];

/// Reads what was typed.
pub(crate) fn understand(typed: &str, cutter: &Cutter, lexicon: &Lexicon) -> Understood {
    let short: String = typed.chars().take(LONGEST).collect();
    let text = restore(short.as_bytes()).text;
    let mut understood = Understood { text: text.trim().to_owned(), ..Understood::default() };
    let mut plain = String::new();
    // 文号 first: their digits are no words.
    if let Some(number) = docno::parse(&understood.text) {
        understood.numbers.push(number.key());
        return understood;
    }
    let mut done = 0;
    for (range, number) in docno::find_all(&text) {
        plain.push_str(text.get(done..range.start).unwrap_or_default());
        plain.push(' ');
        done = range.end;
        understood.numbers.push(number.key());
    }
    plain.push_str(text.get(done..).unwrap_or_default());
    understood.organ = docno::organ_prefix(&understood.text);
    for (index, part) in plain.split(['"', '“', '”']).enumerate() {
        // Every second part stood between quotes.
        if index % 2 == 1 && !part.trim().is_empty() {
            understood.phrases.push(part.trim().to_owned());
        }
        for word in cutter.cut(part) {
            let asked = understood.words.iter().any(|wanted| wanted.word == word.text);
            if !asked && !ASKING.contains(&word.text.as_str()) {
                let also = lexicon.synonyms.iter().filter(|synonym| synonym.typed == word.text);
                let also = also.flat_map(|synonym| synonym.meant.clone()).collect();
                understood.words.push(Wanted { word: word.text, also });
            }
        }
    }
    // A query of nothing but small words is searched for those.
    if understood.words.is_empty() {
        understood.words =
            cutter.cut(&plain).into_iter().map(|word| Wanted { word: word.text, also: Vec::new() }).collect();
    }
    understood
}

impl Understood {
    /// Every text that a hit may be marked for.
    pub(crate) fn marks(&self) -> Vec<String> {
        let mut marks: Vec<String> = self.phrases.clone();
        for wanted in &self.words {
            marks.push(wanted.word.clone());
            marks.extend(wanted.also.iter().cloned());
        }
        // A single character beside whole words marks half the page and says nothing.
        if marks.iter().any(|mark| mark.chars().count() > 1) {
            marks.retain(|mark| mark.chars().count() > 1);
        }
        marks
    }

    /// The query over entries and clauses; `None` when nothing is asked for in words.
    pub(crate) fn query(&self, fields: &Fields, cutter: &Cutter) -> Option<Box<dyn Query>> {
        let mut must: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for phrase in &self.phrases {
            must.push((Occur::Must, phrase_query(phrase, fields, cutter)?));
        }
        let words: Vec<(Occur, Box<dyn Query>)> =
            self.words.iter().map(|wanted| (Occur::Should, word_query(wanted, fields, cutter))).collect();
        if !words.is_empty() {
            let needed = words.len().div_ceil(2);
            must.push((Occur::Must, Box::new(BooleanQuery::with_minimum_required_clauses(words, needed))));
        }
        let mentions: Vec<(Occur, Box<dyn Query>)> =
            self.numbers.iter().map(|key| (Occur::Should, term(fields.mentions, key, 20.0))).collect();
        match (must.is_empty(), mentions.is_empty()) {
            (true, true) => None,
            (true, false) => Some(Box::new(BooleanQuery::new(mentions))),
            (false, true) => Some(Box::new(BooleanQuery::new(must))),
            (false, false) => {
                let words: Box<dyn Query> = Box::new(BooleanQuery::new(must));
                let mut any = mentions;
                any.push((Occur::Should, words));
                Some(Box::new(BooleanQuery::new(any)))
            }
        }
    }
}

fn term(field: Field, text: &str, boost: f32) -> Box<dyn Query> {
    let query = TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::WithFreqs);
    Box::new(BoostQuery::new(Box::new(query), boost))
}

/// A word: best of title, text and runs of pairs, its synonyms a little below.
fn word_query(wanted: &Wanted, fields: &Fields, cutter: &Cutter) -> Box<dyn Query> {
    let mut best = word_forms(&wanted.word, 1.0, fields);
    for other in &wanted.also {
        match cutter.cut(other).as_slice() {
            [single] => best.extend(word_forms(&single.text, 0.7, fields)),
            _ => best.extend(
                pair_run(other, fields).map(|run| Box::new(BoostQuery::new(run, 0.7)) as Box<dyn Query>),
            ),
        }
    }
    Box::new(DisjunctionMaxQuery::with_tie_breaker(best, 0.2))
}

/// The ways in which one word is found.
fn word_forms(word: &str, weight: f32, fields: &Fields) -> Vec<Box<dyn Query>> {
    let mut forms = vec![term(fields.title, word, 3.0 * weight), term(fields.text, word, weight)];
    forms.extend(
        pair_run(word, fields).map(|run| Box::new(BoostQuery::new(run, 0.5 * weight)) as Box<dyn Query>),
    );
    forms
}

/// The pairs of a word one behind the other: finds it wherever it stands, however it was cut.
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

/// A quoted phrase: its words in order in title or text, or its characters in order.
fn phrase_query(phrase: &str, fields: &Fields, cutter: &Cutter) -> Option<Box<dyn Query>> {
    let words = cutter.cut(phrase);
    let mut any: Vec<(Occur, Box<dyn Query>)> = Vec::new();
    for field in [fields.title, fields.text] {
        let terms: Vec<Term> = words.iter().map(|word| Term::from_field_text(field, &word.text)).collect();
        match terms.as_slice() {
            [] => {}
            [single] => any.push((
                Occur::Should,
                Box::new(TermQuery::new(single.clone(), IndexRecordOption::WithFreqs)),
            )),
            _ => any.push((Occur::Should, Box::new(PhraseQuery::new(terms)))),
        }
    }
    if let Some(run) = pair_run(phrase, fields) {
        any.push((Occur::Should, run));
    }
    (!any.is_empty()).then(|| Box::new(BooleanQuery::new(any)) as Box<dyn Query>)
}
