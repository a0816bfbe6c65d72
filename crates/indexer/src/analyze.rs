//! Chinese tokenizers: words at ordinal positions, and character pairs (bigrams).
//!
//! Positions count words, not characters, so that a phrase query finds neighbours. The parts of a long word have
//! the long word's position. All is cut in its search form: I类 is found in Ⅰ类.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use jieba_rs::Jieba;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use zhaoren_text::{search_form, search_form_with_offsets};

use crate::lexicon::Lexicon;

/// Name of the word tokenizer in an index.
pub(crate) const WORDS: &str = "zh_words";
/// Name of the tokenizer of character pairs.
pub(crate) const PAIRS: &str = "zh_pairs";

/// Word segmenter: jieba's general dictionary and the lexicon's words.
#[derive(Clone)]
pub(crate) struct Cutter {
    jieba: Arc<Jieba>,
    whole: Arc<HashSet<String>>,
}

/// One word with its byte range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Cutter {
    pub(crate) fn new(lexicon: &Lexicon) -> Self {
        let mut jieba = Jieba::new();
        for word in &lexicon.words {
            jieba.add_word(word, None, None);
        }
        let whole = lexicon.words.iter().cloned().collect();
        Self { jieba: Arc::new(jieba), whole: Arc::new(whole) }
    }

    /// Words of a text in its search form, case folded, without punctuation, with their bytes in the text itself.
    /// Adjacent Latin letters and digits are one word, whatever the dictionary says: AEO, 5G, 4.0.
    pub(crate) fn cut(&self, text: &str) -> Vec<Word> {
        let Some((form, offsets)) = search_form_with_offsets(text) else { return self.cut_form(text) };
        let mut words = self.cut_form(&form);
        for word in &mut words {
            let source = offsets.to_source(word.start..word.end);
            (word.start, word.end) = (source.start, source.end);
        }
        words
    }

    fn cut_form(&self, text: &str) -> Vec<Word> {
        let mut words = Vec::new();
        let mut done = 0;
        for latin in latin_runs(text) {
            self.cut_chinese(text, done..latin.start, &mut words);
            done = latin.end;
            let run = text.get(latin.clone()).unwrap_or_default();
            words.push(Word { text: run.to_lowercase(), start: latin.start, end: latin.end });
        }
        self.cut_chinese(text, done..text.len(), &mut words);
        words
    }

    fn cut_chinese(&self, text: &str, range: Range<usize>, words: &mut Vec<Word>) {
        self.each_chinese(text, range, &mut |word, start, end| {
            words.push(Word { text: word.to_lowercase(), start, end });
        });
    }

    /// Passes each word of a range of a text to `each`, unchanged, with its bytes.
    fn each_chinese(&self, text: &str, range: Range<usize>, each: &mut dyn FnMut(&str, usize, usize)) {
        let mut at = range.start;
        for token in self.jieba.cut(text.get(range).unwrap_or_default(), false) {
            let start = at;
            at += token.word.len();
            if token.word.chars().any(char::is_alphanumeric) {
                each(token.word, start, at);
            }
        }
    }

    /// Words of [`Cutter::cut`] before case folding. The text is a search form.
    fn each(&self, text: &str, each: &mut dyn FnMut(&str, usize, usize)) {
        let mut done = 0;
        for latin in latin_runs(text) {
            self.each_chinese(text, done..latin.start, each);
            done = latin.end;
            each(text.get(latin.clone()).unwrap_or_default(), latin.start, latin.end);
        }
        self.each_chinese(text, done..text.len(), each);
    }

    /// Shorter dictionary words inside a long one: 研发 in 研发费用. The word itself is not included.
    pub(crate) fn parts(&self, word: &str) -> Vec<String> {
        if word.is_ascii() {
            return latin_parts(word);
        }
        let chars: Vec<char> = word.chars().collect();
        let mut parts = Vec::new();
        if chars.len() > 2 {
            for size in 2..chars.len() {
                for window in chars.windows(size) {
                    let part: String = window.iter().collect();
                    if (self.whole.contains(&part) || self.jieba.has_word(&part)) && !parts.contains(&part) {
                        parts.push(part);
                    }
                }
            }
        }
        parts
    }

    /// Segmentation of a long word into shorter ones, greedily from the left, longest first: 研发费用 and 加计扣除. Single
    /// characters in between are left out; empty if no shorter word is in the dictionary.
    pub(crate) fn split(&self, word: &str) -> Vec<String> {
        let chars: Vec<char> = word.chars().collect();
        let mut parts = Vec::new();
        let mut at = 0;
        while at < chars.len() {
            let longest = (2..chars.len()).rev().find_map(|size| {
                let part: String = chars.get(at..at + size)?.iter().collect();
                (self.whole.contains(&part) || self.jieba.has_word(&part)).then_some((size, part))
            });
            at += longest.as_ref().map_or(1, |(size, _)| *size);
            parts.extend(longest.map(|(_, part)| part));
        }
        parts
    }
}

/// Parts of a Latin word: between points (4.0) and, of dimensions, between the signs of multiplication (3x5).
fn latin_parts(word: &str) -> Vec<String> {
    let measures =
        || word.split('x').all(|part| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'));
    let times = word.contains('x') && measures();
    let parts = word.split(|c| c == '.' || (times && c == 'x'));
    let mut parts: Vec<String> =
        parts.filter(|part| part.len() > 1 && *part != word).map(str::to_owned).collect();
    // The number of a measure: 100 in 100m2.
    let number = word.bytes().take_while(u8::is_ascii_digit).count();
    if number > 1 && number < word.len() && !word.contains('.') && !times {
        parts.extend(word.get(..number).map(str::to_owned));
    }
    parts.dedup();
    parts
}

/// Runs of Latin letters and digits; a point between two digits is part of the run.
fn latin_runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        let point = c == '.'
            && before.is_ascii_digit()
            && chars.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        if c.is_ascii_alphanumeric() || point {
            match runs.last_mut() {
                Some(run) if run.end == at => run.end = at + 1,
                _ => runs.push(at..at + 1),
            }
        }
        before = c;
    }
    runs
}

/// Token stream that keeps all texts in one string, so that a text of many words needs few allocations.
#[derive(Default)]
pub(crate) struct TokenList {
    texts: String,
    tokens: Vec<TokenSpan>,
    next: usize,
    current: Token,
}

/// Position of a token, in the original text and in the string of token texts.
#[derive(Clone, Copy)]
struct TokenSpan {
    from: usize,
    to: usize,
    position: usize,
    texts: (usize, usize),
}

impl TokenStream for TokenList {
    fn advance(&mut self) -> bool {
        let Some(token) = self.tokens.get(self.next) else { return false };
        self.next += 1;
        let text = self.texts.get(token.texts.0..token.texts.1).unwrap_or_default();
        self.current.text.clear();
        self.current.text.push_str(text);
        self.current.offset_from = token.from;
        self.current.offset_to = token.to;
        self.current.position = token.position;
        true
    }

    fn token(&self) -> &Token {
        &self.current
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.current
    }
}

impl TokenList {
    /// Appends a token in lower case.
    fn push(&mut self, text: &str, position: usize, from: usize, to: usize) {
        let start = self.texts.len();
        if text.chars().any(char::is_uppercase) {
            self.texts.push_str(&text.to_lowercase());
        } else {
            self.texts.push_str(text);
        }
        self.tokens.push(TokenSpan { from, to, position, texts: (start, self.texts.len()) });
    }
}

/// Maximum number of words whose parts are cached; the words of a text repeat often.
const REMEMBERED: usize = 1 << 16;

#[derive(Clone)]
pub(crate) struct WordTokenizer {
    cutter: Cutter,
    parts: HashMap<String, Vec<String>>,
}

impl WordTokenizer {
    pub(crate) fn new(cutter: Cutter) -> Self {
        Self { cutter, parts: HashMap::new() }
    }
}

impl Tokenizer for WordTokenizer {
    type TokenStream<'a> = TokenList;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TokenList {
        let Self { cutter, parts } = self;
        if parts.len() > REMEMBERED {
            parts.clear();
        }
        let mut listed = TokenList::default();
        let mut position = 0;
        cutter.each(&search_form(text), &mut |word, from, to| {
            listed.push(word, position, from, to);
            // Words of up to two characters have no parts.
            if word.len() > 2 && word.chars().nth(2).is_some() {
                if !parts.contains_key(word) {
                    parts.insert(word.to_owned(), cutter.parts(&word.to_lowercase()));
                }
                for part in parts.get(word).into_iter().flatten() {
                    listed.push(part, position, from, to);
                }
            }
            position += 1;
        });
        listed
    }
}

/// Tokenizer of pairs of neighbouring characters, each at the position of its first character. The last character of a
/// run is a token by itself, so that every character begins one; see `character`.
#[derive(Clone)]
pub(crate) struct PairTokenizer;

impl Tokenizer for PairTokenizer {
    type TokenStream<'a> = TokenList;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TokenList {
        let mut listed = TokenList::default();
        each_pair(text, true, &mut |position, start, pair| {
            listed.push(pair, position, start, start + pair.len());
        });
        listed
    }
}

/// Character pairs of a text in its search form, each with the ordinal of its first character among all characters, and
/// its byte in that form. Punctuation ends a
/// run of pairs. Two Latin letters or digits are no pair: they are found as words, and `ai` must not match `retail`.
pub(crate) fn pairs(text: &str) -> Vec<(usize, usize, String)> {
    let mut pairs = Vec::new();
    each_pair(text, false, &mut |position, start, pair| pairs.push((position, start, pair.to_owned())));
    pairs
}

/// Mark at the end of a pair whose Latin character is a word by itself: I类 is not a part of II类, nor 5万 of 15万.
pub(crate) const WHOLE: char = '\u{1}';

/// Passes each of the [`pairs`] to `each`; with `ends` also the last character of each run, unless it is ASCII.
fn each_pair(text: &str, ends: bool, each: &mut dyn FnMut(usize, usize, &str)) {
    let form = search_form(text);
    let mut previous: Option<(usize, char)> = None;
    // Length of the Latin word up to here, with the points between its digits.
    let mut latin = 0;
    let mut position = 0;
    let mut pair = String::with_capacity(8);
    let mut chars = form.char_indices();
    while let Some((byte, c)) = chars.next() {
        let (next, after) = (chars.clone().next().map(|(_, c)| c), chars.clone().nth(1).map(|(_, c)| c));
        if !c.is_alphanumeric() {
            let point = c == '.' && latin > 0 && next.is_some_and(|next| next.is_ascii_digit());
            latin = if point { latin + 1 } else { 0 };
            if ends {
                end_run(previous, position, each);
            }
            // A gap in the positions keeps a phrase from matching across it.
            position += usize::from(previous.is_some()) + 1;
            previous = None;
            continue;
        }
        let c = if c.is_uppercase() { c.to_lowercase().next().unwrap_or(c) } else { c };
        if let Some((start, before)) = previous {
            if !(before.is_ascii() && c.is_ascii()) {
                pair.clear();
                pair.push(before);
                pair.push(c);
                if (before.is_ascii() && latin == 1) || (c.is_ascii() && is_word(next, after)) {
                    pair.push(WHOLE);
                }
                each(position, start, &pair);
            }
            position += 1;
        }
        latin = if c.is_ascii() { latin + 1 } else { 0 };
        previous = Some((byte, c));
    }
    if ends {
        end_run(previous, position, each);
    }
}

/// True if a Latin character that begins a word is the whole of it, by the two characters behind it.
fn is_word(next: Option<char>, after: Option<char>) -> bool {
    let point = next == Some('.') && after.is_some_and(|after| after.is_ascii_digit());
    !point && !next.is_some_and(|next| next.is_ascii_alphanumeric())
}

/// Passes the last character of a run by itself.
fn end_run(last: Option<(usize, char)>, position: usize, each: &mut dyn FnMut(usize, usize, &str)) {
    if let Some((start, c)) = last.filter(|(_, c)| !c.is_ascii()) {
        each(position, start, c.encode_utf8(&mut [0; 4]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        Cutter::new(&Lexicon::built_in()).cut(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn technical_terms_are_not_split() {
        let text = "推进专精特新小巨人企业政策免申即享，实现政策找人，推动普惠小微贷款增量扩面";
        let words = cut(text);
        for word in ["专精特新", "小巨人", "免申即享", "政策找人", "普惠小微"] {
            assert!(words.contains(&word.to_owned()), "{word} in {words:?}");
        }
        for place in
            ["华泾镇", "漕河泾", "天平路街道", "徐汇区", "高新技术企业", "加计扣除", "惠企政策一窗通"]
        {
            assert_eq!(cut(place), [place]);
        }
    }

    #[test]
    fn long_words_split_into_words() {
        let cutter = Cutter::new(&Lexicon::built_in());
        assert_eq!(cutter.split("研发费用加计扣除"), ["研发费用", "加计扣除"]);
        assert_eq!(cutter.split("企业"), Vec::<String>::new());
        assert_eq!(cutter.split("4.0"), Vec::<String>::new());
    }

    #[test]
    fn latin_words_and_digits_are_not_split() {
        let text = "AEO企业、5G和工业4.0，按2.5%计；PCT/TOD 1.申报Web3.0a";
        let latin: Vec<String> = cut(text).into_iter().filter(|word| word.is_ascii()).collect();
        assert_eq!(latin, ["aeo", "5g", "4.0", "2.5", "pct", "tod", "1", "web3.0a"]);
    }

    #[test]
    fn words_have_their_byte_offsets() {
        let text = "（一）AEO高级认证企业，补贴12.5万元";
        for word in Cutter::new(&Lexicon::built_in()).cut(text) {
            assert_eq!(text.get(word.start..word.end).map(str::to_lowercase), Some(word.text));
        }
    }

    #[test]
    fn positions_are_ordinal() {
        let mut tokenizer = WordTokenizer::new(Cutter::new(&Lexicon::built_in()));
        let mut stream = tokenizer.token_stream("知识产权质押融资，AEO企业");
        let mut seen = Vec::new();
        while stream.advance() {
            seen.push((stream.token().position, stream.token().text.clone()));
        }
        let whole: Vec<usize> = seen.iter().map(|(position, _)| *position).collect();
        assert!(whole.windows(2).all(|w| w[1] == w[0] || w[1] == w[0] + 1), "{seen:?}");
        assert!(seen.contains(&(0, "质押融资".into())), "{seen:?}");
        assert!(seen.iter().any(|(_, text)| text == "aeo"), "{seen:?}");
    }

    #[test]
    fn pairs_do_not_cross_punctuation() {
        let texts: Vec<String> = pairs("甲乙，丙丁A1").into_iter().map(|(.., text)| text).collect();
        assert_eq!(texts, ["甲乙", "丙丁", "丁a"]);
        for (text, expected) in [
            ("I类", &["i类\u{1}"][..]),
            ("Ⅱ类", &["i类"]),
            ("约15万", &["约1", "5万"]),
            ("5万", &["5万\u{1}"]),
            ("2.5万", &["5万"]),
            ("甲2.5", &["甲2"]),
            ("甲2.", &["甲2\u{1}"]),
            ("甲b乙", &["甲b\u{1}", "b乙\u{1}"]),
        ] {
            let texts: Vec<String> = pairs(text).into_iter().map(|(.., text)| text).collect();
            assert_eq!(texts, expected, "{text}");
        }
        assert!(pairs("，。").is_empty() && pairs("甲").is_empty());
        assert_eq!(pairs("甲Ⅰ乙").len(), 2);
    }

    #[test]
    fn every_character_begins_a_token_of_pairs() {
        let mut stream = PairTokenizer.token_stream("蝴蝶、茶A，X甲B");
        let mut seen = Vec::new();
        while stream.advance() {
            seen.push((stream.token().text.clone(), stream.token().position));
        }
        let owned = |of: &[(&str, usize)]| -> Vec<(String, usize)> {
            of.iter().map(|(text, at)| ((*text).to_owned(), *at)).collect()
        };
        assert_eq!(
            seen,
            owned(&[("蝴蝶", 0), ("蝶", 1), ("茶a\u{1}", 3), ("x甲\u{1}", 6), ("甲b\u{1}", 7)]),
            "a Latin letter at the end is a word"
        );
    }

    #[test]
    fn compatible_characters_are_tokenized_alike() {
        for (text, other) in [
            ("Ⅰ类医疗器械", "I类医疗器械"),
            ("CO₂减排", "CO2减排"),
            ("100㎡厂房", "100m2厂房"),
            ("３×５㎞", "3x5km"),
            ("25℃", "25°C"),
        ] {
            assert_eq!(cut(text), cut(other), "{text}");
        }
        let text = "减排CO₂，100㎡";
        let words = Cutter::new(&Lexicon::built_in()).cut(text);
        let own: Vec<&str> = words.iter().filter_map(|word| text.get(word.start..word.end)).collect();
        assert_eq!(own, ["减排", "CO₂", "100㎡"]);
        let parts = |word| Cutter::new(&Lexicon::built_in()).parts(word);
        assert_eq!(parts("100x50"), ["100", "50"]);
        assert_eq!(parts("100m2"), ["100"]);
        assert_eq!(parts("5g"), Vec::<String>::new());
    }
}
