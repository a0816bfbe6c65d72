//! A document's text, prepared for the search of quotes.

use std::ops::Range;
use std::sync::Arc;

use zhaoren_policy::clause::Clause;
use zhaoren_policy::evidence::{Passage, QuoteSpan};
use zhaoren_policy::problem::Fault;
use zhaoren_registry::DocumentRecord;
use zhaoren_text::restore_str;

use super::fold::FoldedText;
use super::similar::most_similar;
use crate::error::EngineError;
use crate::read_documents::ReadDocument;

/// A document restored, outlined and folded.
pub(super) struct Text {
    id: String,
    read: Arc<ReadDocument>,
    clauses: Vec<Clause>,
    folded: FoldedText,
}

/// A quote found in a text.
#[derive(Debug)]
pub(super) struct FoundQuote {
    /// Position.
    pub(super) span: QuoteSpan,
    /// True if it is outside the cited clause, although the document has one with that label.
    pub(super) outside_citation: bool,
}

impl Text {
    /// Reads a document as received.
    ///
    /// # Errors
    /// The stored metadata of the document is malformed.
    pub(super) fn read(record: &DocumentRecord) -> Result<Self, EngineError> {
        let read = ReadDocument::of(record);
        let clauses = read.outline(record)?.clauses.clone();
        let folded = FoldedText::new(&read.restored.text);
        Ok(Self { id: record.id.clone(), read, clauses, folded })
    }

    /// Finds `quote`: the first occurrence inside the clause that `article` cites, else the first of all.
    pub(super) fn find(&self, quote: &str, article: Option<&str>) -> Option<FoundQuote> {
        let cited = self.cited_spans(article);
        let inside = |place: &Range<usize>| {
            cited.iter().any(|extent| extent.start <= place.start && place.end <= extent.end)
        };
        let mut first = None;
        for part in search_forms(quote) {
            for span in self.folded.find_all(&part) {
                if inside(&span) {
                    return Some(FoundQuote { span: self.quote_span(span), outside_citation: false });
                }
                first = first.or(Some(span));
                if cited.is_empty() {
                    break;
                }
            }
        }
        first.map(|span| FoundQuote { span: self.quote_span(span), outside_citation: !cited.is_empty() })
    }

    /// The fault for a quote that is not found.
    pub(super) fn not_found(&self, quote: &str) -> Fault {
        if quote.trim().is_empty() {
            let expected = format!("a sentence of document `{}`", self.id);
            return Fault::Expected { got: "an empty quote".to_owned(), expected };
        }
        let (quote, document) = (quote.to_owned(), self.id.clone());
        Fault::QuoteNotFound { like: self.most_similar(&quote), quote, document }
    }

    /// The passage most like a quote that is not found.
    fn most_similar(&self, quote: &str) -> Option<Passage> {
        let part: Vec<char> = search_forms(quote).into_iter().next()?.chars().collect();
        let text: Vec<char> = self.folded.text.chars().collect();
        let span = self.folded.original_span(most_similar(&part, &text)?)?;
        let received = self.read.restored.offsets.to_source(span.clone());
        let lines = self.read.restored.text.get(span.clone())?.lines().map(str::trim);
        Some(Passage {
            text: lines.collect(),
            article: self.clause_at(span.start).map(|clause| clause.article.clone()),
            start: received.start,
            end: received.end,
        })
    }

    fn quote_span(&self, span: Range<usize>) -> QuoteSpan {
        let mut clause = self.clause_at(span.start);
        // A quote that spans several provisions belongs to the clause that contains them all.
        let mut around = clause;
        while let Some(inner) = around.filter(|inner| inner.extent.end < span.end) {
            around = self.parent(inner);
        }
        clause = around.or(clause);
        let mut path: Vec<String> = std::iter::successors(clause, |inner| self.parent(inner))
            .map(|clause| if clause.label.is_empty() { &clause.article } else { &clause.label })
            .cloned()
            .collect();
        path.reverse();
        let received = self.read.restored.offsets.to_source(span.clone());
        QuoteSpan {
            document: self.id.clone(),
            article: clause.map(|clause| clause.article.clone()),
            path,
            start: received.start,
            end: received.end,
            text_start: span.start,
            text_end: span.end,
        }
    }

    /// The innermost clause at a byte of the clean text.
    fn clause_at(&self, byte: usize) -> Option<&Clause> {
        let after = self.clauses.partition_point(|clause| clause.span.start <= byte);
        self.clauses.get(after.checked_sub(1)?)
    }

    fn parent(&self, clause: &Clause) -> Option<&Clause> {
        self.clauses.get(clause.parent?)
    }

    /// The extents of the clauses that `article` cites; several if a label is repeated.
    fn cited_spans(&self, article: Option<&str>) -> Vec<Range<usize>> {
        let Some(wanted) = article.map(citation).filter(|wanted| !wanted.is_empty()) else {
            return Vec::new();
        };
        // The outline marks a repeated label with a # and its count.
        let label = |clause: &Clause| citation(clause.article.split('#').next().unwrap_or_default());
        let cited = self.clauses.iter().filter(|clause| label(clause) == wanted);
        cited.map(|clause| clause.extent.clone()).collect()
    }
}

/// A citation in the form of the outline: 第十一条第（一）项 becomes 第十一条（一）.
fn citation(article: &str) -> String {
    FoldedText::new(article).text.replace("第(", "(").replace(")项", ")")
}

/// The forms of a quote to search for: repaired in the same way as the document, and unchanged. A quote of white space only
/// has none.
fn search_forms(quote: &str) -> Vec<String> {
    let restored = FoldedText::new(&restore_str(quote).text).text;
    let given = FoldedText::new(quote).text;
    let mut forms = vec![restored, given];
    forms.dedup();
    forms.retain(|form| !form.is_empty());
    forms
}
