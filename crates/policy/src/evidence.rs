//! Evidence (依据): the position in a document of the quote (原文) behind a criterion.
//!
//! Pure data. The engine finds the quotes in the texts.

use serde::{Deserialize, Serialize};

/// Position of a quote that was found, word for word, in a document.
///
/// Display uses the span in the bytes received; programs that work on the clean text use the span there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuoteSpan {
    /// Id of the document.
    pub document: String,
    /// Full citation of the innermost clause (条款) that contains the whole quote: `第十一条（一）`. `None` if the text has no clauses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// Labels of that clause and its ancestors, outermost first: `第三章`, `第十一条`, `（一）`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
    /// First byte in the document as received.
    pub start: usize,
    /// End byte (exclusive) in the document as received.
    pub end: usize,
    /// First byte in the clean text.
    pub text_start: usize,
    /// End byte (exclusive) in the clean text.
    pub text_end: usize,
}

/// Passage of a document that is most similar to a quote that the document does not contain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// Text of the passage, on one line.
    pub text: String,
    /// Full citation of the clause in which it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// First byte in the document as received.
    pub start: usize,
    /// End byte (exclusive) in the document as received.
    pub end: usize,
}

impl std::fmt::Display for Passage {
    /// Formats `text` in `第十一条`, bytes 120 to 165.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`", self.text)?;
        if let Some(article) = &self.article {
            write!(f, " in `{article}`")?;
        }
        write!(f, ", bytes {} to {}", self.start, self.end)
    }
}
