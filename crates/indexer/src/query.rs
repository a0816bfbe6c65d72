//! Query understanding: words, phrases, 文号, 代字 and regions in the typed text.
//!
//! No input is an error. Matching and scoring are in `rank`.

mod field;
mod numbers;
mod parse;

use std::collections::BTreeSet;

use zhaoren_text::{docno, restore_str, search_form};

use crate::analyze::Cutter;
use crate::character::single;
use crate::known_items::KnownItems;
use crate::lexicon::Lexicon;
use numbers::{NumberForms, numbers};
pub(crate) use parse::{Parsed, parse};

/// Maximum length of a query in characters; the rest is ignored.
pub(crate) const LONGEST: usize = 400;
/// Maximum number of words of a keyword query; a longer one is a sentence.
const KEYWORDS: usize = 4;

/// An analysed query.
#[derive(Debug, Default)]
pub(crate) struct Understood {
    /// Words as cut, with their synonyms.
    pub(crate) words: Vec<QueryTerm>,
    /// Quoted phrases, which must occur.
    pub(crate) phrases: Vec<String>,
    /// Keys of the 文号 in it.
    pub(crate) numbers: Vec<String>,
    /// The 文号, if the query is nothing else.
    pub(crate) number: Option<docno::DocumentNumber>,
    /// Items known to be about it beyond its words.
    pub(crate) known: KnownItems,
    /// 机关代字 in it.
    pub(crate) organs: Vec<String>,
    /// The clean text.
    pub(crate) text: String,
    /// The clean text without 文号.
    pub(crate) plain: String,
    /// True if the steps of every score are recorded.
    pub(crate) traced: bool,
}

/// One search word.
#[derive(Debug)]
pub(crate) struct QueryTerm {
    pub(crate) word: String,
    /// Synonyms from the lexicon.
    pub(crate) also: Vec<String>,
    /// Other words that are read like it, of a word typed in 拼音; each counts as much as the word.
    pub(crate) alike: Vec<String>,
    /// True if the synonyms are other spellings of a number.
    pub(crate) number: bool,
    /// Role of the word in the query.
    pub(crate) role: Role,
    /// True for one character typed by itself, which is searched inside words too.
    pub(crate) alone: bool,
}

/// Role of a word in a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Matches entries that contain it.
    Finds,
    /// Names a region. Beside other words a region orders their results and matches nothing itself.
    Place,
    /// Denotes support itself, and orders likewise: 机器人补贴 is about robots.
    Support,
}

impl QueryTerm {
    /// True if it matches entries, rather than order the matches of other words.
    pub(crate) fn finds(&self) -> bool {
        self.role == Role::Finds
    }
}

/// Minimum number of words that must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Half of the words.
    Keywords,
    /// A third of the words, pairs of characters counting as words.
    Sentence,
}

/// Analyses the typed text.
pub(crate) fn understand(
    typed: &str,
    cutter: &Cutter,
    lexicon: &Lexicon,
    is_place: impl Fn(&str) -> bool,
) -> Understood {
    let short: String = typed.chars().take(LONGEST).collect();
    let text = search_form(restore_str(&short).text.trim()).into_owned();
    let mut understood = Understood { text, ..Understood::default() };
    // 文号 first: their digits are no words.
    if let Some(number) = docno::parse(without_request(&understood.text)) {
        understood.numbers.push(number.key());
        understood.number = Some(number);
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
    let typed_alone: BTreeSet<char> =
        understood.plain.split(|c: char| !c.is_alphanumeric()).filter_map(single).collect();
    let alone = |word: &str| single(word).is_some_and(|c| typed_alone.contains(&c));
    let mut seen = BTreeSet::new();
    let numbers = numbers(&understood.plain);
    for mut word in cutter.cut(&understood.plain) {
        let inside = |one: &&NumberForms| one.range.start <= word.start && word.start < one.range.end;
        if let Some(NumberForms { range, also }) = numbers.iter().find(inside) {
            // A number is one word, however it is cut.
            let text = understood.plain.get(range.clone()).unwrap_or_default();
            if word.start == range.start && seen.insert(text.to_owned()) {
                let (word, also) = (text.to_owned(), also.clone());
                let role = Role::Finds;
                let alike = Vec::new();
                understood.words.push(QueryTerm { word, also, alike, number: true, role, alone: false });
            }
            // 百万元 is one dictionary word; its remainder after the number is a word too, unless it is 元 alone.
            word.text = understood.plain.get(range.end..word.end).unwrap_or_default().to_owned();
            if word.text.chars().nth(1).is_none() {
                continue;
            }
        }
        if !lexicon.stopwords.contains(&word.text) && seen.insert(word.text.clone()) {
            let also = lexicon.synonyms.iter().filter(|synonym| synonym.typed == word.text);
            let also = also.flat_map(|synonym| synonym.meant.clone()).collect();
            let role = if is_place(&word.text) {
                Role::Place
            } else if lexicon.support.contains(&word.text) {
                Role::Support
            } else {
                Role::Finds
            };
            let alone = alone(&word.text);
            let (word, alike) = (word.text, Vec::new());
            understood.words.push(QueryTerm { word, also, alike, number: false, role, alone });
        }
    }
    // A query of stop words only is searched for those.
    if understood.words.is_empty() {
        let words = cutter.cut(&understood.plain).into_iter().filter(|word| seen.insert(word.text.clone()));
        understood.words = words
            .map(|word| {
                let (also, alike, alone) = (Vec::new(), Vec::new(), alone(&word.text));
                QueryTerm { word: word.text, also, alike, number: false, role: Role::Finds, alone }
            })
            .collect();
    }
    understood.let_some_word_match();
    understood
}

/// Words that ask for a document, behind its 文号.
const REQUESTS: [&str; 12] = [
    "是什么文件",
    "是什么",
    "的全文",
    "全文",
    "的原文",
    "原文",
    "的内容",
    "内容",
    "这个文件",
    "文件",
    "还有效吗",
    "吗",
];

/// The text without a request behind it: 国科发火2016 32号是什么.
fn without_request(text: &str) -> &str {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '?' | '？'));
    let rest = REQUESTS.iter().find_map(|request| text.strip_suffix(request)).unwrap_or(text).trim_end();
    if docno::parse(rest).is_some() { rest } else { text }
}

/// Texts between quotation marks, if both marks are present.
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
    /// Lets words of support match where there are no other words; failing those, the regions.
    pub(crate) fn let_some_word_match(&mut self) {
        for role in [Role::Support, Role::Place] {
            if !self.words.iter().any(QueryTerm::finds) {
                let of_role = self.words.iter_mut().filter(|term| term.role == role);
                of_role.for_each(|term| term.role = Role::Finds);
            }
        }
    }

    /// True if the query is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// True if the query is a single 机关代字.
    pub(crate) fn is_organ(&self) -> bool {
        self.numbers.is_empty() && self.organs.len() == 1 && self.plain.split_whitespace().count() == 1
    }

    /// Strictness of the search.
    pub(crate) fn strictness(&self) -> Strictness {
        if self.words.iter().filter(|term| term.role != Role::Place).count() <= KEYWORDS {
            Strictness::Keywords
        } else {
            Strictness::Sentence
        }
    }

    /// Parts of the words, to be marked if no word occurs whole.
    pub(crate) fn lesser_marks(&self, cutter: &Cutter) -> Vec<String> {
        self.words.iter().flat_map(|term| cutter.split(&term.word)).collect()
    }

    /// All texts to mark in a hit. A single character is marked only if there are no longer words.
    pub(crate) fn marks(&self) -> Vec<String> {
        let words = self
            .words
            .iter()
            .flat_map(|term| std::iter::once(&term.word).chain(&term.alike).chain(&term.also));
        let marks: Vec<String> = self.phrases.iter().chain(words).cloned().collect();
        let long = |mark: &String| mark.chars().nth(1).is_some();
        if marks.iter().any(long) { marks.into_iter().filter(long).collect() } else { marks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Understood {
        let lexicon = Lexicon::built_in();
        understand(typed, &Cutter::new(&lexicon), &lexicon, |word| word.starts_with("徐汇"))
    }

    fn words(typed: &str) -> Vec<String> {
        read(typed).words.into_iter().map(|term| term.word).collect()
    }

    #[test]
    fn function_words_are_dropped_unless_alone() {
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
    fn regions_beside_words_only_affect_order() {
        let places =
            |typed: &str| -> Vec<bool> { read(typed).words.iter().map(|word| word.finds()).collect() };
        assert_eq!(places("徐汇 补贴"), [false, true]);
        assert_eq!(places("徐汇区"), [true]);
    }

    #[test]
    fn support_words_beside_others_only_affect_order() {
        let finds = |typed: &str| -> Vec<(String, bool)> {
            read(typed).words.iter().map(|word| (word.word.clone(), word.finds())).collect()
        };
        let owned = |of: &[(&str, bool)]| -> Vec<(String, bool)> {
            of.iter().map(|(word, finds)| ((*word).to_owned(), *finds)).collect()
        };
        assert_eq!(finds("机器人补贴"), owned(&[("机器人", true), ("补贴", false)]));
        assert_eq!(finds("补贴 奖励"), owned(&[("补贴", true), ("奖励", true)]));
        assert_eq!(finds("徐汇 补贴"), owned(&[("徐汇", false), ("补贴", true)]));
    }

    #[test]
    fn numbers_and_organs_are_distinguished_from_words() {
        let number = read("国科发火[2016]32");
        assert!(number.words.is_empty() && number.numbers.len() == 1);
        let both = read("国科发火〔2016〕32号 研发费用");
        assert_eq!((both.numbers.len(), both.words.len()), (1, 1));
        assert!(read("徐府办规").is_organ() && !read("沪科规 高企").is_organ() && !read("徐汇区").is_organ());
        assert_eq!(read("沪科规 高企").organs, ["沪科规"]);
    }
}
