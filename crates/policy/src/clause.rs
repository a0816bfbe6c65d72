//! Clauses (条款): the numbered provisions of a document, the unit of search and of evidence.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Kind of a provision, by its numbering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClauseKind {
    /// Text before the first numbered provision (引言), or a document without numbering.
    Preamble,
    /// 编.
    Part,
    /// 章.
    Chapter,
    /// 节.
    Section,
    /// 条.
    Article,
    /// 款: an unnumbered paragraph of an article.
    Paragraph,
    /// 项: （一）under an article.
    Subparagraph,
    /// 目: 1. or （1） under a 项.
    Point,
    /// A numbered heading of a document without articles: 一、 （一） 1. （1）.
    Heading,
    /// 附件.
    Annex,
    /// 落款: issuer and date at the end.
    Signature,
}

/// Clause: a provision with its printed label, its parent in the outline, and its span in the text.
///
/// Clauses of a document form a list in reading order; `parent` is an index into that list and is always smaller than the
/// clause's own index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// Kind, by its numbering.
    pub kind: ClauseKind,
    /// Printed label, normalised: `第十一条`, `（一）`, `二、`, `3.`; empty for 款 and preamble.
    pub label: String,
    /// Full citation from the top: `第十一条（一）`, `二（七）`, `五/20.`. Unique within a document.
    pub article: String,
    /// Heading without the label, if it has one: 总则, 市场准入.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// Index of the parent clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<usize>,
    /// Byte span in the document's clean text of the clause's own text: its label, heading and text up to its first child. Spans
    /// of a document neither overlap nor run backwards.
    pub span: Range<usize>,
    /// Byte span including all clauses below it.
    pub extent: Range<usize>,
}
