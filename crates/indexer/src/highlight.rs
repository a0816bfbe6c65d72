//! Snippets with marked spans.

use std::ops::Range;

use serde::Serialize;

/// A piece of a hit with what matched in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Highlight {
    /// `title` or `text`.
    pub field: &'static str,
    /// The piece.
    pub text: String,
    /// Bytes of the piece that matched, in order.
    pub spans: Vec<(usize, usize)>,
    /// 条款 that the piece stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// Bytes of the entry's clean text that matched first; none for a title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<(usize, usize)>,
    /// Where that stands in what was received. The index does not have the bytes; whoever has fills this in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
}

/// A place in the bytes of a document as received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Original {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// What stands there, decoded.
    pub text: String,
}

/// How many characters around the first match a snippet shows.
const AROUND: usize = 48;

/// The places of all `marks` in `text`, joined where they touch, in order. Case does not matter.
pub(crate) fn spans(text: &str, marks: &[String]) -> Vec<(usize, usize)> {
    let (folded, places) = fold(text);
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for mark in marks.iter().filter(|mark| !mark.is_empty()) {
        let mark: Vec<char> = mark.chars().map(lower).collect();
        for (at, window) in folded.windows(mark.len()).enumerate() {
            if window == mark.as_slice() {
                let start = places.get(at).copied().unwrap_or(0);
                let end = places.get(at + mark.len()).copied().unwrap_or(text.len());
                spans.push((start, end));
            }
        }
    }
    spans.sort_unstable();
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (start, end) in spans {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

fn fold(text: &str) -> (Vec<char>, Vec<usize>) {
    text.char_indices().map(|(place, c)| (lower(c), place)).unzip()
}

/// A snippet of `text` (a part of an entry's text that begins at `offset`) around its first match.
pub(crate) fn snippet(text: &str, offset: usize, marks: &[String], article: &str) -> Option<Highlight> {
    let spans = spans(text, marks);
    let &(first, first_end) = spans.first()?;
    let piece = around(text, first..first_end);
    let inside = spans
        .iter()
        .filter(|(start, end)| piece.start <= *start && *end <= piece.end)
        .map(|(start, end)| (start - piece.start, end - piece.start))
        .collect();
    Some(Highlight {
        field: "text",
        text: text.get(piece).unwrap_or_default().to_owned(),
        spans: inside,
        article: Some(article.to_owned()).filter(|article| !article.is_empty()),
        source: Some((offset + first, offset + first_end)),
        original: None,
    })
}

/// So many characters before and after a span, on character boundaries.
fn around(text: &str, span: Range<usize>) -> Range<usize> {
    let before = text.get(..span.start).unwrap_or_default();
    let start = before.char_indices().rev().nth(AROUND / 3).map_or(0, |(place, _)| place);
    let after = text.get(span.end..).unwrap_or_default();
    let end = after.char_indices().nth(AROUND).map_or(text.len(), |(place, _)| span.end + place);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_and_joined() {
        let marks = ["政策".to_owned(), "策找人".to_owned(), "aeo".to_owned()];
        assert_eq!(spans("实现“政策找人”，AEO", &marks), [(9, 21), (27, 30)]);
        assert!(spans("", &marks).is_empty());
    }

    #[test]
    fn snippets_stand_on_characters() {
        let text = "甲".repeat(100) + "政策找人" + &"乙".repeat(100);
        let highlight = snippet(&text, 1000, &["政策找人".to_owned()], "一/7.").unwrap();
        let (start, end) = highlight.spans[0];
        assert_eq!(highlight.text.get(start..end), Some("政策找人"));
        assert_eq!(highlight.source, Some((1300, 1312)));
        assert!(highlight.text.chars().count() < 80);
    }
}
