//! Snippets with marked spans.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Serialize;
use zhaoren_text::{search_form, search_form_with_offsets};

/// An excerpt of a hit with the matches in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Highlight {
    /// `title` or `text`.
    pub field: &'static str,
    /// The excerpt.
    pub text: String,
    /// Matches as byte ranges of the excerpt, in order.
    pub spans: Vec<(usize, usize)>,
    /// 条款 of the excerpt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// First match as a byte range of the entry's clean text; none for a title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<(usize, usize)>,
    /// Location of that match in the document as received. The index does not have those bytes; the caller that does sets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original: Option<Original>,
}

/// Byte range of a document as received.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Original {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Decoded text of the range.
    pub text: String,
}

/// Texts to mark: the words of a query, or their parts where no word occurs whole.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    pub(crate) words: Vec<String>,
    pub(crate) parts: Vec<String>,
}

impl Marks {
    /// Spans to mark in a title.
    pub(crate) fn spans(&self, text: &str) -> Vec<(usize, usize)> {
        let spans = |marks| joined(places(text, marks).iter().map(|place| (place.start, place.end)));
        let words = spans(&self.words);
        if words.is_empty() { spans(&self.parts) } else { words }
    }

    /// Snippet of `text` (a part of an entry's text that begins at `offset`) with the most distinct marks; of equal ones
    /// the first. `None` if no mark occurs.
    pub(crate) fn snippet(&self, text: &str, offset: usize, article: &str) -> Option<Highlight> {
        let of = |marks| snippet(text, offset, marks, article);
        of(&self.words).or_else(|| of(&self.parts))
    }
}

/// Number of characters shown before and after the first match.
const BEFORE: usize = 16;
const AFTER: usize = 56;

/// Span of a mark in a text.
struct MarkSpan {
    start: usize,
    end: usize,
    mark: usize,
}

/// Every occurrence of every mark, in order.
fn places(text: &str, marks: &[String]) -> Vec<MarkSpan> {
    let form = search_form_with_offsets(text);
    let text = fold(form.as_ref().map_or(text, |(form, _)| form));
    let mut places = Vec::new();
    for (mark, word) in marks.iter().enumerate().filter(|(_, word)| !word.is_empty()) {
        let word = fold(&search_form(word));
        let found = text.match_indices(&word);
        places.extend(found.map(|(start, word)| MarkSpan { start, end: start + word.len(), mark }));
    }
    // If the text has ㎡ for m2, the spans are mapped back to it.
    if let Some((_, offsets)) = &form {
        for place in &mut places {
            let source = offsets.to_source(place.start..place.end);
            (place.start, place.end) = (source.start, source.end);
        }
    }
    places.sort_unstable_by_key(|place| (place.start, place.end, place.mark));
    places
}

fn joined(spans: impl Iterator<Item = (usize, usize)>) -> Vec<(usize, usize)> {
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (start, end) in spans {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

/// Lower case, character by character.
fn fold(text: &str) -> String {
    let lower = |c: char| {
        let mut lower = c.to_lowercase();
        // INVARIANT: every character keeps its length, so that positions in the folded text are positions in the text.
        match (lower.next(), lower.next()) {
            (Some(one), None) if one.len_utf8() == c.len_utf8() => one,
            _ => c,
        }
    };
    text.chars().map(lower).collect()
}

fn snippet(text: &str, offset: usize, marks: &[String], article: &str) -> Option<Highlight> {
    let places = places(text, marks);
    let mut best: Option<(usize, Range<usize>)> = None;
    for first in &places {
        let piece = around(text, first.start..first.end);
        let inside = places.iter().filter(|place| first.start <= place.start && place.end <= piece.end);
        let distinct = inside.map(|place| place.mark).collect::<BTreeSet<_>>().len();
        if best.as_ref().is_none_or(|(most, _)| distinct > *most) {
            best = Some((distinct, piece));
        }
        if distinct == marks.len() || places.len() > MANY {
            break;
        }
    }
    let (_, piece) = best?;
    let inside = places.iter().filter(|place| piece.start <= place.start && place.end <= piece.end);
    let spans = joined(inside.map(|place| (place.start, place.end)));
    let &(first, first_end) = spans.first()?;
    Some(Highlight {
        field: "text",
        spans: spans.iter().map(|(start, end)| (start - piece.start, end - piece.start)).collect(),
        text: text.get(piece).unwrap_or_default().to_owned(),
        article: Some(article.to_owned()).filter(|article| !article.is_empty()),
        source: Some((offset + first, offset + first_end)),
        original: None,
    })
}

/// Maximum number of matches that are compared; beyond it the first is used, since comparing all would take long.
const MANY: usize = 2_000;

/// A span extended by `BEFORE` and `AFTER` characters, without white space at the ends.
fn around(text: &str, span: Range<usize>) -> Range<usize> {
    let before = text.get(..span.start).unwrap_or_default();
    let start = before.char_indices().rev().nth(BEFORE - 1).map_or(0, |(place, _)| place);
    let after = text.get(span.end..).unwrap_or_default();
    let end = after.char_indices().nth(AFTER).map_or(text.len(), |(place, _)| span.end + place);
    let piece = text.get(start..end).unwrap_or_default();
    let trimmed = piece.trim_start();
    let start = end - trimmed.len();
    start..start + trimmed.trim_end().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(text: &str, words: &[String]) -> Vec<(usize, usize)> {
        Marks { words: words.to_vec(), parts: Vec::new() }.spans(text)
    }

    #[test]
    fn marks_are_found_and_joined() {
        let marks = ["政策".to_owned(), "策找人".to_owned(), "aeo".to_owned()];
        assert_eq!(spans("实现“政策找人”，AEO", &marks), [(9, 21), (27, 30)]);
        assert!(spans("", &marks).is_empty());
    }

    #[test]
    fn snippets_end_at_character_boundaries() {
        let text = "甲".repeat(100) + "政策找人" + &"乙".repeat(100);
        let highlight = snippet(&text, 1000, &["政策找人".to_owned()], "一/7.").unwrap();
        let (start, end) = highlight.spans[0];
        assert_eq!(highlight.text.get(start..end), Some("政策找人"));
        assert_eq!(highlight.source, Some((1300, 1312)));
        assert!(highlight.text.chars().count() < 80);
    }

    #[test]
    fn snippets_show_the_densest_highlights() {
        let text = format!("补贴。{}\n  算力补贴按合同额给予。\n{}", "甲".repeat(200), "乙".repeat(200));
        let marks = ["算力".to_owned(), "补贴".to_owned()];
        let highlight = snippet(&text, 0, &marks, "").unwrap();
        assert!(highlight.text.contains("算力补贴按合同额给予。"), "{highlight:?}");
        let (start, end) = highlight.spans[0];
        assert_eq!(highlight.text.get(start..end), Some("算力补贴"));
        let (start, end) = highlight.source.unwrap();
        assert_eq!(text.get(start..end), Some("算力补贴"));
    }

    #[test]
    fn folding_keeps_every_offset() {
        for text in ["ABC", "İstanbul", "ẞ中ＡÉ", "Ω政策"] {
            assert_eq!(fold(text).len(), text.len());
        }
        assert_eq!(spans("İAEO", &["aeo".to_owned()]), [(2, 5)]);
    }

    #[test]
    fn equivalent_letters_are_highlighted_in_place() {
        let text = "占地100㎡，减排CO₂、Ⅰ类器械";
        for (mark, expected) in
            [("100m2", "100㎡"), ("co2", "CO₂"), ("I类", "Ⅰ类"), ("Ⅰ类器", "Ⅰ类器"), ("减排", "减排")]
        {
            let found = spans(text, &[mark.to_owned()]);
            let own: Vec<&str> = found.iter().filter_map(|(start, end)| text.get(*start..*end)).collect();
            assert_eq!(own, [expected], "{mark}");
        }
        let highlight = snippet(text, 10, &["co2".to_owned()], "").unwrap();
        assert_eq!(highlight.source, text.find("CO₂").map(|at| (10 + at, 10 + at + "CO₂".len())));
    }
}
