//! Evidence (依据): where the quote (原文) behind a criterion stands in its document.
//!
//! Pure data. Finding a quote in a text is the engine's work.

use serde::{Deserialize, Serialize};

/// The place of a quote that was found, word for word, in a document.
///
/// The bytes received are what a reader is shown; the same span in the clean text is for programs that work on that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteSpan {
    /// Id of the document.
    pub document: String,
    /// Full citation of the innermost clause (条款) that holds the whole quote: `第十一条（一）`. None where the text has no clauses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// Labels of that clause and those above it, outermost first: `第三章`, `第十一条`, `（一）`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
    /// First byte of the document as received.
    pub start: usize,
    /// Byte of the document as received after the last.
    pub end: usize,
    /// First byte of the clean text.
    pub text_start: usize,
    /// Byte of the clean text after the last.
    pub text_end: usize,
}

/// The part of a document that is most like a quote that it does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// What stands there, on one line.
    pub text: String,
    /// Full citation of the clause it begins in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// First byte of the document as received.
    pub start: usize,
    /// Byte of the document as received after the last.
    pub end: usize,
}

impl std::fmt::Display for Passage {
    /// `text` in `第十一条`, bytes 120 to 165.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`", self.text)?;
        if let Some(article) = &self.article {
            write!(f, " in `{article}`")?;
        }
        write!(f, ", bytes {} to {}", self.start, self.end)
    }
}
