//! Places of a document's clauses in the file that was received: page, paragraph, cell.

use std::ops::Range;

use serde_json::{Map, Value as Json, json};
use zhaoren_document::{Canonical, Origin};

/// Most places that are stored with a document of which each is a pair of ranges. The longest pages have some thousands.
const MOST_PLACES: usize = 20_000;

/// Origin of the canonical text of a document: locations in its file.
pub(crate) enum Origins<'a> {
    /// Every run with its place, from the file just read.
    Runs(&'a Canonical),
    /// The places stored with the document.
    Stored(StoredPlaces),
}

/// Places of a document that are stored with it: those of its form.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StoredPlaces {
    /// The byte of the canonical text at which each page begins.
    pages: Vec<usize>,
    /// Name of the main part of a package, and the byte at which each of its paragraphs begins.
    paragraphs: Option<(String, Vec<usize>)>,
    /// For each piece of a text form, its first byte in the canonical text, and its bytes in the file.
    bytes: Vec<[usize; 3]>,
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
            Self::Stored(places) => places.of(range),
        }
    }
}

impl StoredPlaces {
    /// The places of a canonical text.
    pub(crate) fn of_text(canonical: &Canonical) -> Self {
        let mut locations = Self { pages: page_starts(canonical), ..Self::default() };
        let mut end = 0;
        for span in &canonical.spans {
            zhaoren_cancel::poll();
            match &span.origin {
                Origin::Part { part, paragraph } => {
                    // A paragraph begins with its automatic number, behind the end of the line or cell before it.
                    let gap = canonical.text.get(end..span.range.start).unwrap_or_default();
                    let start = gap.rfind(['\n', '|']).map_or(end, |at| end + at + 1);
                    let (main, starts) =
                        locations.paragraphs.get_or_insert_with(|| (part.to_string(), Vec::new()));
                    // A paragraph number beyond the length of the text in bytes is invalid.
                    while main.as_str() == &**part && starts.len() < (*paragraph as usize).min(span.range.end)
                    {
                        starts.push(start);
                    }
                }
                Origin::Bytes(range) if locations.bytes.len() < MOST_PLACES => {
                    locations.bytes.push([span.range.start, range.start, range.end]);
                }
                _ => {}
            }
            end = span.range.end;
        }
        locations
    }

    /// Adds them to the description of a file.
    pub(crate) fn describe(self, file: &mut Map<String, Json>) {
        if !self.pages.is_empty() {
            file.insert(PAGES.to_owned(), self.pages.into());
        }
        if let Some((part, starts)) = self.paragraphs {
            file.insert(PARAGRAPHS.to_owned(), json!({"part": part, "starts": starts}));
        }
        if !self.bytes.is_empty() {
            file.insert(BYTES.to_owned(), json!(self.bytes));
        }
    }

    /// Reads them from the description of a file; entries of another shape were not written by this program and are ignored.
    pub(crate) fn in_description(file: &Json) -> Self {
        let numbers = |list: &Json| -> Vec<usize> {
            let list = list.as_array().into_iter().flatten();
            list.filter_map(|number| usize::try_from(number.as_u64()?).ok()).collect()
        };
        let paragraphs = file.get(PARAGRAPHS).and_then(|stored| {
            Some((stored.get("part")?.as_str()?.to_owned(), numbers(stored.get("starts")?)))
        });
        let bytes = file.get(BYTES).and_then(Json::as_array).into_iter().flatten();
        Self {
            pages: file.get(PAGES).map(numbers).unwrap_or_default(),
            paragraphs,
            bytes: bytes.filter_map(|piece| numbers(piece).try_into().ok()).collect(),
        }
    }

    /// The description of a file without the places, which are for programs.
    pub(crate) fn remove(file: &mut Map<String, Json>) {
        for key in [PAGES, PARAGRAPHS, BYTES] {
            file.remove(key);
        }
    }

    fn of(&self, range: &Range<usize>) -> Option<Json> {
        // Text before the first run of the first page belongs to the first page.
        let number = |starts: &[usize]| starts.partition_point(|start| *start <= range.start).max(1);
        if !self.pages.is_empty() {
            let page = number(&self.pages);
            return Some(json!({"label": page_label(page), "page": page}));
        }
        if let Some((part, starts)) = self.paragraphs.as_ref().filter(|(_, starts)| !starts.is_empty()) {
            let paragraph = u32::try_from(number(starts)).ok()?;
            return Some(described(&Origin::Part { part: part.as_str().into(), paragraph }));
        }
        let after = self.bytes.partition_point(|[start, ..]| *start <= range.start);
        // A separator belongs to no piece: the next one is the first in the range.
        let within = after.checked_sub(1).and_then(|at| self.bytes.get(at));
        let next = self.bytes.get(after).filter(|[start, ..]| *start < range.end);
        let piece = within.or(next)?;
        Some(described(&Origin::Bytes(piece[1]..piece[2])))
    }
}

/// Keys of the places in the description of a file.
const PAGES: &str = "pages";
const PARAGRAPHS: &str = "paragraphs";
const BYTES: &str = "bytes";

/// The byte of the canonical text at which each page begins; empty for a file without pages. A page without text begins
/// where the next one does.
fn page_starts(canonical: &Canonical) -> Vec<usize> {
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

    /// An automatic number precedes the first run of its paragraph; a page may be empty.
    #[test]
    fn clauses_begin_at_their_first_run() {
        let canonical = Canonical {
            text: String::new(),
            spans: vec![on_page(9..20, 1), on_page(21..30, 3), on_page(40..50, 3)],
        };
        assert_eq!(page_starts(&canonical), [9, 21, 21]);
        let runs = Origins::Runs(&canonical);
        let stored = Origins::Stored(StoredPlaces::of_text(&canonical));
        for (range, page) in [(0..20, 1), (15..18, 1), (21..25, 3), (42..44, 3)] {
            let found = runs.of(&range).unwrap();
            assert_eq!((&found["page"], &found["area"][0]), (&json!(page), &json!(1.0)), "{range:?}");
            assert_eq!(stored.of(&range).unwrap()["page"], page, "{range:?}");
        }
        assert_eq!(runs.of(&(30..40)), None, "only what the form adds");
        assert_eq!(runs.of(&(50..60)), None);
        assert_eq!(Origins::Stored(StoredPlaces::default()).of(&(0..9)), None);
    }

    #[test]
    fn archive_locations_name_archive_and_file() {
        let place = Box::new(Origin::Part { part: Arc::from("word/document.xml"), paragraph: 7 });
        let found = described(&Origin::Entry { entry: Arc::from("附件1.docx"), place });
        let wanted = json!({"entry": "附件1.docx", "part": "word/document.xml", "paragraph": 7, "label": "“附件1.docx”第7段"});
        assert_eq!(found, wanted);
    }

    /// Of a stored document the paragraph of a clause is known too, that of one with an automatic number included.
    #[test]
    fn stored_locations_match_the_file() {
        let part = |range: Range<usize>, paragraph| Span {
            range,
            origin: Origin::Part { part: Arc::from("word/document.xml"), paragraph },
        };
        let text = "甲\n第一条乙\n丙 | 丁\n".to_owned();
        let canonical =
            Canonical { text, spans: vec![part(0..3, 1), part(13..16, 3), part(17..20, 4), part(23..26, 5)] };
        let mut file = Map::new();
        StoredPlaces::of_text(&canonical).describe(&mut file);
        let file = Json::Object(file);
        let stored = Origins::Stored(StoredPlaces::in_description(&file));
        for (range, paragraph) in [(0..3, 1), (4..16, 3), (17..20, 4), (23..26, 5)] {
            assert_eq!(stored.of(&range), Origins::Runs(&canonical).of(&range), "{range:?}");
            assert_eq!(stored.of(&range).unwrap()["paragraph"], paragraph, "{range:?}");
        }
        let bytes = |range: Range<usize>, at: usize| Span { range, origin: Origin::Bytes(at..at + 9) };
        let canonical = Canonical { text: String::new(), spans: vec![bytes(0..9, 40), bytes(10..19, 90)] };
        let mut file = Map::new();
        StoredPlaces::of_text(&canonical).describe(&mut file);
        let stored = Origins::Stored(StoredPlaces::in_description(&Json::Object(file.clone())));
        assert_eq!(stored.of(&(10..12)).unwrap()["bytes"], json!([90, 99]));
        StoredPlaces::remove(&mut file);
        assert!(file.is_empty());
    }
}
