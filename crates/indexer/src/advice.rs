//! Advice beside the hits: the catalogue has no such item, or the question depends on the enterprise.
//!
//! It is said of questions for support in plain words only, never of a search for a document, with operators or with
//! conditions. Only titles, former names and tags tell what an entry is about: a plan that mentions a subject grants nothing.

use serde::Serialize;
use zhaoren_cancel::poll;

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
    /// Words of the question that no item is about.
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

/// Number of best groups whose names are read.
const LOOKED_AT: usize = 40;
/// Minimum share of the content of a question that the name of an entry has, for the entry to be about it.
const COVERED: f32 = 0.5;
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
        let content: Vec<&QueryTerm> = understood.words.iter().filter(|term| self.is_content(term)).collect();
        if content.is_empty() {
            let asks = SELF.iter().any(|word| understood.plain.contains(word));
            return (asks && understood.known.is_empty() && length <= LONGEST_GENERAL).then(|| Advice {
                kind: AdviceKind::Profile,
                text: "这要看企业的情况：填写几项后逐项判定，列出能享受的事项".to_owned(),
                about: Vec::new(),
            });
        }
        if DOCUMENTS.iter().any(|word| understood.plain.contains(word)) {
            return None;
        }
        let subject = self.missing_subject(&understood.plain);
        let about = match subject {
            Some(subject) => vec![subject.to_owned()],
            None if !understood.known.is_empty() || self.any_covers(&content, groups) => return None,
            None => content.iter().map(|term| term.word.clone()).collect(),
        };
        let nearest = if groups.is_empty() { "" } else { "，以下是相近的" };
        // Only of a subject is it known that nothing else would be an answer; of other words what was compared is said.
        let text = match subject {
            Some(subject) => format!("本库没有“{subject}”这一事项{nearest}"),
            None => format!("本库没有名称或标签提到“{}”的事项{nearest}", about.join("、")),
        };
        Some(Advice { kind: AdviceKind::NoItem, text, about })
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
        let named = self.lexicon.subjects.iter().filter_map(|words| {
            let word =
                words.iter().filter(|word| text.contains(word.as_str())).max_by_key(|word| word.len())?;
            Some((word.as_str(), words))
        });
        let covers = |words: &[String]| {
            self.cards.iter().any(|card| {
                poll();
                words.iter().any(|word| is_named(card, word))
            })
        };
        named.into_iter().find(|(_, words)| !covers(words)).map(|(word, _)| word)
    }

    /// True if the name of one of the best entries has enough of the content.
    fn any_covers(&self, content: &[&QueryTerm], groups: &[Group]) -> bool {
        let length = |word: &str| word.chars().count() as f32;
        let all: f32 = content.iter().map(|term| length(&term.word)).sum();
        // Each word is split once, not once for each entry.
        let content: Vec<(&QueryTerm, Vec<String>)> =
            content.iter().map(|term| (*term, self.cutter.split(&term.word))).collect();
        let covers = |card: &EntryMeta| {
            let own: f32 = content
                .iter()
                .map(|(term, parts)| {
                    let forms = std::iter::once(&term.word).chain(&term.also).chain(&term.alike);
                    let whole = forms.into_iter().any(|form| is_named(card, form));
                    let part = parts.iter().filter(|part| is_named(card, part));
                    if whole { length(&term.word) } else { part.map(|part| length(part)).sum() }
                })
                .sum();
            own >= all * COVERED
        };
        groups.iter().take(LOOKED_AT).filter_map(|group| self.cards.get(group.entry)).any(|card| covers(card))
    }
}

/// True if the title, a former name or a tag of an entry has the word.
fn is_named(card: &EntryMeta, word: &str) -> bool {
    let names = std::iter::once(&card.title).chain(&card.aka).chain(&card.tags);
    let has_letters = word.contains(|c: char| c.is_ascii_alphabetic());
    names.into_iter().any(|name| name.contains(word) || has_letters && name.to_lowercase().contains(word))
}
