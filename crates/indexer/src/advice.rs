//! Advice beside the hits: the catalogue has no such item, or the question depends on the enterprise.
//!
//! It is said of questions for support in plain words only, never of a search for a document, with operators or with
//! conditions. Only titles, former names and tags tell what an entry is about: a plan that mentions a subject grants nothing.
//! A denial that is wrong does more harm than silence, and words of another register (多请了人 for 扩岗) occur in no item: so only
//! a subject of the lexicon that no entry is about is said to be lacking.

use std::cell::OnceCell;
use std::ops::Range;

use serde::Serialize;
use zhaoren_cancel::poll;

use crate::analyze::Word;
use crate::corpus::Corpus;
use crate::entry_meta::EntryMeta;
use crate::query::{Parsed, QueryTerm, Role, Understood};
use crate::rank::steps::Group;

/// Advice beside the hits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// Kind.
    pub kind: AdviceKind,
    /// The advice in Chinese.
    pub text: String,
    /// The subject of the question that no item is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<String>,
}

/// Kind of [`Advice`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AdviceKind {
    /// The catalogue has no such item; the hits are the nearest ones (相近).
    NoItem,
    /// The answer depends on the enterprise: match its profile.
    Profile,
}

/// Words for the asker: a question of these and generic words is about the enterprise in general.
const SELF: [&str; 16] = [
    "我",
    "咱",
    "公司",
    "企业",
    "单位",
    "哪些",
    "什么",
    "啥",
    "可以",
    "能",
    "有没有",
    "厂",
    "帮",
    "店",
    "推荐",
    "适合",
];
/// Maximum length of a question in general, in characters, and of one that is said to be about no item.
const LONGEST_GENERAL: usize = 30;
const LONGEST: usize = 60;
/// Words of a search for a document rather than for support.
const DOCUMENTS: [&str; 14] = [
    "办法",
    "方案",
    "条例",
    "规定",
    "细则",
    "通知",
    "公告",
    "意见",
    "文件",
    "解读",
    "计划",
    "若干措施",
    "指南",
    "全文",
];

/// Words for a firm behind its trade, and verbs before it.
const FIRMS: [&str; 11] =
    ["公司", "企业", "店", "厂", "机构", "商家", "平台", "行业", "工作室", "基地", "的公司"];
const DOING: [&str; 6] = ["做", "搞", "开", "干", "从事", "经营"];

impl Corpus {
    /// Advice on a question with its ranked groups.
    pub(crate) fn advice(
        &self,
        parsed: &Parsed,
        understood: &Understood,
        groups: &[Group],
    ) -> Option<Advice> {
        let is_plain = parsed.rest.is_empty()
            && understood.phrases.is_empty()
            && understood.numbers.is_empty()
            && understood.organs.is_empty()
            && understood.plain.chars().any(char::is_alphabetic)
            && self.names.has_items();
        let length = understood.plain.chars().count();
        if !is_plain || length > LONGEST {
            return None;
        }
        let subject = self.missing_subject(&understood.plain);
        if subject.is_none() && !understood.words.iter().any(|term| self.is_content(term)) {
            let asks = SELF.iter().any(|word| understood.plain.contains(word));
            let is_general = asks && understood.known.is_empty() && length <= LONGEST_GENERAL;
            return is_general.then(|| Advice {
                kind: AdviceKind::Profile,
                text: "这要看企业的情况：填写几项后逐项判定，列出能享受的事项".to_owned(),
                about: Vec::new(),
            });
        }
        let subject = subject.filter(|_| !DOCUMENTS.iter().any(|word| understood.plain.contains(word)))?;
        if understood.known.has_subject_beside(subject) {
            // The other subject is that of the question, and this one may say who asks.
            return None;
        }
        let nearest = if groups.is_empty() { "" } else { "，以下是相近的" };
        let text = format!("本库没有“{subject}”这一事项{nearest}");
        Some(Advice { kind: AdviceKind::NoItem, text, about: vec![subject.to_owned()] })
    }

    /// True if the word says what the question is about.
    fn is_content(&self, term: &QueryTerm) -> bool {
        term.role == Role::Finds
            && !term.number
            && !self.is_generic(&term.word)
            && !self.lexicon.everyday.contains(&term.word)
            && !self.lexicon.stopwords.contains(&term.word)
            && self.names.places(&term.word).is_empty()
    }

    /// The subject of the lexicon that is in the question and that no entry is about.
    fn missing_subject(&self, text: &str) -> Option<&str> {
        let text = text.to_lowercase();
        let words = OnceCell::new();
        let is_matter = |word: &str| {
            let words = words.get_or_init(|| self.cutter.cut(&text));
            text.match_indices(word).any(|(start, _)| {
                let end = start + word.len();
                !is_split(start..end, words) && !is_trade(&text, start..end)
            })
        };
        let named = self.lexicon.subjects.iter().filter_map(|words| {
            poll();
            let word =
                words.iter().filter(|word| text.contains(word.as_str())).max_by_key(|word| word.len())?;
            is_matter(word).then_some((word.as_str(), words))
        });
        let covers = |words: &[String]| {
            self.cards.iter().any(|card| {
                poll();
                words.iter().any(|word| is_named(card, word))
            })
        };
        named.into_iter().find(|(_, words)| !covers(words)).map(|(word, _)| word)
    }
}

/// True if a range of a text crosses the border of one of its words: 用电 in 信用电子.
fn is_split(range: Range<usize>, words: &[Word]) -> bool {
    let crosses = |word: &Word| {
        (word.start < range.start && range.start < word.end && word.end < range.end)
            || (range.start < word.start && word.start < range.end && range.end < word.end)
    };
    words.iter().any(crosses)
}

/// True if a subject says what the firm does, and not what it asks about: 电商企业, 我是做养殖的.
fn is_trade(text: &str, range: Range<usize>) -> bool {
    let before = text.get(..range.start).unwrap_or_default();
    let behind = text.get(range.end..).unwrap_or_default();
    let is_done = DOING.iter().any(|verb| before.ends_with(verb));
    FIRMS.iter().any(|firm| behind.starts_with(firm)) || (is_done && behind.starts_with('的'))
}

/// True if the title, a former name or a tag of an entry has the word.
fn is_named(card: &EntryMeta, word: &str) -> bool {
    let names = std::iter::once(&card.title).chain(&card.aka).chain(&card.tags);
    let has_letters = word.contains(|c: char| c.is_ascii_alphabetic());
    names.into_iter().any(|name| name.contains(word) || has_letters && name.to_lowercase().contains(word))
}
