//! Chinese tokenizers: words at ordinal positions, and character pairs (bigrams).
//!
//! Positions count words, not characters, so that a phrase query finds neighbours. The parts of a long word have
//! the long word's position.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use jieba_rs::Jieba;
use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

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

    /// Words of a text, case folded, without punctuation. Adjacent Latin letters and digits are one word, whatever the
    /// dictionary says: AEO, 5G, 4.0.
    pub(crate) fn cut(&self, text: &str) -> Vec<Word> {
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

    /// Words of [`Cutter::cut`] before case folding.
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
            return word
                .split('.')
                .filter(|part| part.len() > 1 && *part != word)
                .map(str::to_owned)
                .collect();
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
        let Some(place) = self.tokens.get(self.next) else { return false };
        self.next += 1;
        let text = self.texts.get(place.texts.0..place.texts.1).unwrap_or_default();
        self.current.text.clear();
        self.current.text.push_str(text);
        self.current.offset_from = place.from;
        self.current.offset_to = place.to;
        self.current.position = place.position;
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
        cutter.each(text, &mut |word, from, to| {
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

/// Tokenizer of pairs of neighbouring characters, each at the position of its first character.
#[derive(Clone)]
pub(crate) struct PairTokenizer;

impl Tokenizer for PairTokenizer {
    type TokenStream<'a> = TokenList;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> TokenList {
        let mut listed = TokenList::default();
        each_pair(text, &mut |position, start, pair| listed.push(pair, position, start, start + pair.len()));
        listed
    }
}

/// Character pairs, each with the ordinal of its first character among all characters, and its byte. Punctuation ends a
/// run of pairs. Two Latin letters or digits are no pair: they are found as words, and `ai` must not match `retail`.
pub(crate) fn pairs(text: &str) -> Vec<(usize, usize, String)> {
    let mut pairs = Vec::new();
    each_pair(text, &mut |position, start, pair| pairs.push((position, start, pair.to_owned())));
    pairs
}

/// Passes each of the [`pairs`] to `each`.
fn each_pair(text: &str, each: &mut dyn FnMut(usize, usize, &str)) {
    let mut previous: Option<(usize, char)> = None;
    let mut position = 0;
    let mut pair = String::with_capacity(8);
    for (byte, c) in text.char_indices() {
        if !c.is_alphanumeric() {
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
                each(position, start, &pair);
            }
            position += 1;
        }
        previous = Some((byte, c));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        Cutter::new(&Lexicon::built_in()).cut(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn terms_of_art_stay_whole() {
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
    fn latin_and_digits_stay_whole() {
        let text = "AEO企业、5G和工业4.0，按2.5%计；PCT/TOD 1.申报Web3.0a";
        let latin: Vec<String> = cut(text).into_iter().filter(|word| word.is_ascii()).collect();
        assert_eq!(latin, ["aeo", "5g", "4.0", "2.5", "pct", "tod", "1", "web3.0a"]);
    }

    #[test]
    fn words_point_at_their_bytes() {
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
    fn pairs_do_not_run_over_punctuation() {
        let texts: Vec<String> = pairs("甲乙，丙丁A1").into_iter().map(|(.., text)| text).collect();
        assert_eq!(texts, ["甲乙", "丙丁", "丁a"]);
        assert!(pairs("，。").is_empty() && pairs("甲").is_empty());
    }
}
