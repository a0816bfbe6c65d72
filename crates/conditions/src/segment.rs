//! Segments (文段) of a text: every byte belongs to a criterion, a judged clause, a connective, a reference or the unread rest.

use serde_json::{Value, json};
use zhaoren_cancel::poll;

use crate::Reading;

/// Part of the text with what it was read as. The segments of a reading tile its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// First byte of the text in UTF-8.
    pub from: usize,
    /// Byte behind the last.
    pub to: usize,
    /// Number of characters, blanks not counted.
    pub characters: usize,
    /// Reading of the part.
    pub kind: SegmentKind,
}

/// Kind of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SegmentKind {
    /// Words of a typed criterion.
    Criterion,
    /// Clause that only a person can judge.
    Judged,
    /// Words and marks that join others: numbers of a list, 或, 符合以下条件, 不予支持.
    Connective,
    /// Title or number of a document, outside of a typed criterion.
    Reference,
    /// Words that are no condition, or were not understood as one.
    Unread,
}

impl SegmentKind {
    /// Name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Criterion => "criterion",
            Self::Judged => "judged",
            Self::Connective => "connective",
            Self::Reference => "reference",
            Self::Unread => "unread",
        }
    }
}

impl Segment {
    /// Segment as JSON.
    pub fn to_json(&self) -> Value {
        json!({"from": self.from, "to": self.to, "kind": self.kind.name()})
    }
}

impl Reading {
    /// Share of the characters of the text that are accounted for: in a segment other than unread. Blanks do not count; a text
    /// without characters is covered.
    pub fn coverage(&self) -> f64 {
        let (mut all, mut unread) = (0, 0);
        for segment in &self.segments {
            poll();
            all += segment.characters;
            unread += if segment.kind == SegmentKind::Unread { segment.characters } else { 0 };
        }
        if all == 0 { 1.0 } else { (all - unread) as f64 / all as f64 }
    }
}

/// The whole of `text` as unread.
pub(crate) fn unread(text: &str) -> Vec<Segment> {
    tiles(text, [(0, SegmentKind::Unread)])
}

/// Segments of `text` that begin at the places of `begins`, which ascend; the first takes everything before the second. Neighbours of
/// one kind are one segment.
pub(crate) fn tiles(text: &str, begins: impl IntoIterator<Item = (usize, SegmentKind)>) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let close = |segments: &mut Vec<Segment>, to: usize| {
        if let Some(last) = segments.last_mut() {
            last.to = to;
            let part = text.get(last.from..to).unwrap_or_default();
            last.characters = part.chars().filter(|c| !c.is_whitespace()).count();
        }
    };
    for (from, kind) in begins {
        poll();
        match segments.last() {
            Some(last) if last.kind == kind || from <= last.from => continue,
            Some(_) => close(&mut segments, from),
            None => {}
        }
        let from = if segments.is_empty() { 0 } else { from };
        segments.push(Segment { from, to: text.len(), characters: 0, kind });
    }
    close(&mut segments, text.len());
    segments.retain(|segment| segment.from < segment.to);
    segments
}
