//! Places of a document's clauses in the file that was received: page, paragraph, cell.

use std::ops::Range;

use serde_json::{Map, Value as Json, json};
use zhaoren_document::{Canonical, Origin};

/// Where the canonical text of a document came from.
pub(crate) enum Origins<'a> {
    /// Every run with its place, from the file just read.
    Runs(&'a Canonical),
    /// The first bytes of the pages, as stored with the document.
    Pages(Vec<usize>),
}

impl Origins<'_> {
    /// The place of the first characters that `range` of the canonical text has from the file. Automatic numbers and
    /// separators come from no place, so the first run in the range is taken.
    pub(crate) fn of(&self, range: &Range<usize>) -> Option<Json> {
        match self {
            Self::Runs(canonical) => {
                let first = canonical.spans.partition_point(|span| span.range.end <= range.start);
                let span = canonical.spans.get(first).filter(|span| span.range.start < range.end)?;
                Some(described(&span.origin))
            }
            Self::Pages(starts) => {
                // The first page includes the characters before its first run.
                let page = starts.partition_point(|start| *start <= range.start).max(1);
                (!starts.is_empty()).then(|| json!({"label": page_label(page), "page": page}))
            }
        }
    }
}

/// The byte of the canonical text at which each page begins; empty for a file without pages. A page without text begins
/// where the next one does.
pub(crate) fn page_starts(canonical: &Canonical) -> Vec<usize> {
    let mut starts = Vec::new();
    for span in &canonical.spans {
        zhaoren_cancel::poll();
        let Origin::Page { page, .. } = span.origin else { continue };
        while starts.len() < page as usize {
            starts.push(span.range.start);
        }
    }
    starts
}

/// A place as JSON: `label` in Chinese, and its parts.
fn described(origin: &Origin) -> Json {
    let mut parts = Map::new();
    let mut label = String::new();
    describe(origin, &mut label, &mut parts);
    parts.insert("label".to_owned(), label.into());
    Json::Object(parts)
}

fn describe(origin: &Origin, label: &mut String, parts: &mut Map<String, Json>) {
    let mut put = |key: &str, value: Json| {
        parts.insert(key.to_owned(), value);
    };
    match origin {
        Origin::Bytes(range) => {
            put("bytes", json!([range.start, range.end]));
            label.push_str(&format!("第{}至{}字节", range.start, range.end));
        }
        Origin::Part { part, paragraph } => {
            put("part", part.as_ref().into());
            put("paragraph", (*paragraph).into());
            label.push_str(&format!("第{paragraph}段"));
        }
        Origin::Page { page, area } => {
            put("page", (*page).into());
            // Tenths of a point (0.04 mm) are finer than any glyph.
            let tenths = area.map(|side| (f64::from(side) * 10.0).round() / 10.0);
            put("area", json!(tenths));
            label.push_str(&page_label(*page as usize));
        }
        Origin::Sheet { sheet, row, column } => {
            put("sheet", sheet.as_ref().into());
            put("row", (*row).into());
            put("column", (*column).into());
            label.push_str(&format!("工作表“{sheet}”第{row}行第{column}列"));
        }
        Origin::Entry { entry, place } => {
            put("entry", entry.as_ref().into());
            label.push_str(&format!("“{entry}”"));
            describe(place, label, parts);
        }
    }
}

fn page_label(page: usize) -> String {
    format!("第{page}页")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::sync::Arc;

    use zhaoren_document::Span;

    use super::*;

    fn on_page(range: Range<usize>, page: u32) -> Span {
        Span { range, origin: Origin::Page { page, area: [1.04, 2.0, 3.0, 4.0] } }
    }

    /// A number that the form adds stands before the first run of its paragraph; a page may be empty.
    #[test]
    fn a_clause_begins_where_its_first_run_is() {
        let canonical = Canonical {
            text: String::new(),
            spans: vec![on_page(9..20, 1), on_page(21..30, 3), on_page(40..50, 3)],
        };
        assert_eq!(page_starts(&canonical), [9, 21, 21]);
        let runs = Origins::Runs(&canonical);
        let stored = Origins::Pages(page_starts(&canonical));
        for (range, page) in [(0..20, 1), (15..18, 1), (21..25, 3), (42..44, 3)] {
            let found = runs.of(&range).unwrap();
            assert_eq!((&found["page"], &found["area"][0]), (&json!(page), &json!(1.0)), "{range:?}");
            assert_eq!(stored.of(&range).unwrap()["page"], page, "{range:?}");
        }
        assert_eq!(runs.of(&(30..40)), None, "only what the form adds");
        assert_eq!(runs.of(&(50..60)), None);
        assert_eq!(Origins::Pages(Vec::new()).of(&(0..9)), None);
    }

    #[test]
    fn a_place_in_an_archive_names_both() {
        let place = Box::new(Origin::Part { part: Arc::from("word/document.xml"), paragraph: 7 });
        let found = described(&Origin::Entry { entry: Arc::from("附件1.docx"), place });
        let wanted = json!({"entry": "附件1.docx", "part": "word/document.xml", "paragraph": 7, "label": "“附件1.docx”第7段"});
        assert_eq!(found, wanted);
    }
}
