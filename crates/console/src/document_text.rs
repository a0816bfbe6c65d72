//! Text of a document with the role of each passage, and the parts of one item marked in it.

use maud::{Markup, html};
use zhaoren_engine::drafting::{PartKind, ReadingPart, SheetSegment};

/// Characters of a document that are shown around the parts of an item.
const MOST_OF_TEXT: usize = 120_000;

/// Part of an item to mark in the text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marked<'a> {
    /// Index of the part in its item.
    pub(crate) index: usize,
    /// The part.
    pub(crate) part: &'a ReadingPart,
}

/// Name of a role of a passage; `None` for one that needs no name beside its words.
fn role_name(role: &str) -> Option<&'static str> {
    Some(match role {
        "grant" => "支持内容",
        "condition" => "条件",
        "stacking" => "叠加",
        "window" => "申报期",
        "materials" => "材料",
        "procedure" => "程序",
        "validity" => "效力",
        "purpose" => "依据",
        "encouragement" => "倡导",
        "sanction" => "监督",
        "definition" => "定义",
        "unread" => "未读",
        _ => return None,
    })
}

/// The text, with a name before each passage that has a role, and with the marked parts. Unread text is named as such.
pub(crate) fn document_text(text: &str, segments: &[SheetSegment], marks: &[Marked<'_>]) -> Markup {
    let end = text.char_indices().nth(MOST_OF_TEXT).map_or(text.len(), |(at, _)| at);
    let whole = [SheetSegment { from: 0, to: text.len(), role: "" }];
    let segments = if segments.is_empty() { whole.as_slice() } else { segments };
    let mut marks: Vec<Marked<'_>> =
        marks.iter().copied().filter(|mark| mark.part.from < mark.part.to).collect();
    marks.sort_by_key(|mark| mark.part.from);
    html! {
        div.text.read tabindex="0" role="region" aria-label="文件全文" {
            @for segment in segments.iter().filter(|segment| segment.from < end) {
                @let words = text.get(segment.from..segment.to.min(end)).unwrap_or_default();
                @if !words.trim().is_empty() {
                    @if let Some(name) = role_name(segment.role) {
                        span class=(if segment.role == "unread" { "tag no" } else { "tag" }) { (name) }
                    }
                    (passage(words, segment.from, &marks))
                } @else { (words) }
            }
            @if end < text.len() { p.hint { "其余文字未显示。" } }
        }
    }
}

/// Words of a passage that begins at byte `from`, with the parts that begin in it. A part that goes on in the next passage is marked
/// there again, without an address of its own.
fn passage(words: &str, from: usize, marks: &[Marked<'_>]) -> Markup {
    let end = from + words.len();
    let mut at = from;
    let mut pieces: Vec<(Option<Marked<'_>>, &str, bool)> = Vec::new();
    let first = marks.partition_point(|mark| mark.part.from < from).saturating_sub(1);
    let cut = |begin: usize, end: usize| words.get(begin.checked_sub(from)?..end.checked_sub(from)?);
    for mark in marks.iter().skip(first).take_while(|mark| mark.part.from < end) {
        zhaoren_cancel::poll();
        let (begin, stop) = (mark.part.from.max(at), mark.part.to.min(end));
        if begin >= stop {
            continue;
        }
        pieces.extend(cut(at, begin).map(|words| (None, words, false)));
        pieces.extend(cut(begin, stop).map(|words| (Some(*mark), words, begin == mark.part.from)));
        at = stop;
    }
    pieces.extend(cut(at, end).map(|words| (None, words, false)));
    html! {
        @for (mark, words, is_first) in pieces {
            @match mark {
                None => { (words) },
                Some(mark) => {
                    mark.part id=[is_first.then(|| format!("at-{}", mark.index))] {
                        @if is_first {
                            a class={ "tag " (tone(mark.part.kind)) } href={ "#part-" (mark.index) } { (mark.index + 1) " " (mark.part.kind.title()) }
                        }
                        (words)
                    }
                },
            }
        }
    }
}

/// Class of a kind of part; its name is always shown with it.
pub(crate) fn tone(kind: PartKind) -> &'static str {
    match kind {
        PartKind::Criterion => "yes",
        PartKind::Judged => "had",
        PartKind::Reference => "open",
        PartKind::Unread => "no",
    }
}
