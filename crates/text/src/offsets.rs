//! Offset maps: from positions in a text to positions in its source.
//!
//! Every step that changes a text returns a map from its output to its input. Maps compose, so that a highlight
//! in the clean text is located in the bytes received.

use std::ops::Range;

use zhaoren_cancel::poll;

/// Map from each part of an output to its bytes in the source.
///
/// Total over the output: every range has a source range, the smallest that covers it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetMap {
    /// Segments in order, without gaps in the output; sources are monotonic.
    segments: Vec<Segment>,
}

/// A run of output that maps uniformly, or one replaced part.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Segment {
    out: Range<usize>,
    source: Range<usize>,
    /// Bytes of output and of source per step; `None`: the segment maps only as a whole.
    step: Option<(usize, usize)>,
}

/// One segment in one direction of mapping.
struct Face {
    from: Range<usize>,
    to: Range<usize>,
    step: Option<(usize, usize)>,
}

impl Segment {
    fn backward(&self) -> Face {
        Face { from: self.out.clone(), to: self.source.clone(), step: self.step }
    }

    fn forward(&self) -> Face {
        Face {
            from: self.source.clone(),
            to: self.out.clone(),
            step: self.step.map(|(out, source)| (source, out)),
        }
    }
}

/// A replacement of a part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Byte range of the text.
    pub range: Range<usize>,
    /// The replacement.
    pub text: String,
}

impl OffsetMap {
    /// Identity map of a text of `length` bytes.
    pub fn identity(length: usize) -> Self {
        let mut map = Self::default();
        map.push(length, length, Some((1, 1)));
        map
    }

    /// Applies `edits`, in order and not overlapping, to `text`. Edits that are out of order, or not on character
    /// boundaries, are ignored.
    pub fn apply(text: &str, edits: &[Edit]) -> (String, Self) {
        let mut out = String::with_capacity(text.len());
        let mut map = Self::default();
        let mut done = 0;
        for edit in edits {
            let Some(kept) =
                text.get(done..edit.range.start).filter(|_| text.is_char_boundary(edit.range.end))
            else {
                continue;
            };
            out.push_str(kept);
            map.push(kept.len(), kept.len(), Some((1, 1)));
            out.push_str(&edit.text);
            let taken = edit.range.len();
            let even = edit.text.len() == taken
                && edit.text.chars().map(char::len_utf8).eq(text
                    .get(edit.range.clone())
                    .unwrap_or_default()
                    .chars()
                    .map(char::len_utf8));
            map.push(edit.text.len(), taken, even.then_some((1, 1)));
            done = edit.range.end;
        }
        let rest = text.get(done..).unwrap_or_default();
        out.push_str(rest);
        map.push(rest.len(), rest.len(), Some((1, 1)));
        (out, map)
    }

    /// Appends a part. Adjacent parts with the same step are joined.
    pub(crate) fn push(&mut self, out: usize, source: usize, step: Option<(usize, usize)>) {
        if out == 0 && source == 0 {
            return;
        }
        let (out_at, source_at) = self.end();
        if let Some(last) = self.segments.last_mut().filter(|last| step.is_some() && last.step == step) {
            last.out.end += out;
            last.source.end += source;
            return;
        }
        self.segments.push(Segment {
            out: out_at..out_at + out,
            source: source_at..source_at + source,
            step,
        });
    }

    fn end(&self) -> (usize, usize) {
        self.segments.last().map_or((0, 0), |last| (last.out.end, last.source.end))
    }

    /// Source bytes of `range` of the output.
    ///
    /// An empty range gives an empty one, at the corresponding position.
    pub fn to_source(&self, range: Range<usize>) -> Range<usize> {
        self.translate(range, Segment::backward)
    }

    /// Output bytes of `range` of the source.
    pub fn to_output(&self, range: Range<usize>) -> Range<usize> {
        self.translate(range, Segment::forward)
    }

    fn translate(&self, range: Range<usize>, face: fn(&Segment) -> Face) -> Range<usize> {
        let (from_end, to_end) =
            self.segments.last().map_or((0, 0), |last| (face(last).from.end, face(last).to.end));
        if range.start >= from_end {
            return to_end..to_end;
        }
        if range.is_empty() {
            let start = self.translate(range.start..range.start + 1, face).start;
            return start..start;
        }
        let (mut low, mut high) = (None, 0);
        let first = self.segments.partition_point(|segment| face(segment).from.end <= range.start);
        for segment in self.segments.iter().skip(first) {
            poll();
            let Face { from, to, step } = face(segment);
            if from.start >= range.end {
                break;
            }
            let (start, end) = match step {
                None => (to.start, to.end),
                Some((unit, other)) => {
                    let start = range.start.saturating_sub(from.start) / unit * other;
                    let end = (range.end.min(from.end) - from.start).div_ceil(unit) * other;
                    (to.start + start, to.start + end)
                }
            };
            // An inserted or removed part has no bytes on one side; it still gives the position.
            low = Some(low.map_or(start, |low: usize| low.min(start)));
            high = high.max(end);
        }
        let low = low.unwrap_or(to_end);
        low..high.max(low)
    }

    /// Composition with the map of a further step, whose source is this map's output.
    pub fn then(&self, next: &OffsetMap) -> OffsetMap {
        let mut map = OffsetMap::default();
        for segment in &next.segments {
            match segment.step {
                Some((1, 1)) => self.cut(&segment.source, &mut map),
                _ => {
                    let source = self.to_source(segment.source.clone());
                    let at = map.skip_to(source.start);
                    map.push(segment.out.len(), source.end.max(at) - at, None);
                }
            }
        }
        map
    }

    /// Skips the source up to `source_end`, which has no output. Returns the end of the source.
    fn skip_to(&mut self, source_end: usize) -> usize {
        let at = self.end().1;
        self.push(0, source_end.saturating_sub(at), None);
        at.max(source_end)
    }

    /// Appends this map's segments within `range` of its output to `map`.
    fn cut(&self, range: &Range<usize>, map: &mut OffsetMap) {
        let first = self.segments.partition_point(|segment| segment.out.end <= range.start);
        for segment in self.segments.iter().skip(first) {
            if segment.out.start >= range.end {
                break;
            }
            let out = segment.out.start.max(range.start)..segment.out.end.min(range.end);
            if out.is_empty() {
                continue;
            }
            let source = self.to_source(out.clone());
            let at = map.skip_to(source.start);
            // Only whole steps keep their step; a divided one maps as a whole.
            let step = segment
                .step
                .filter(|(unit, _)| out.len() % unit == 0 && (out.start - segment.out.start) % unit == 0);
            let step = step.filter(|_| source.start == at);
            map.push(out.len(), source.end.max(at) - at, step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edit(range: Range<usize>, text: &str) -> Edit {
        Edit { range, text: text.to_owned() }
    }

    #[test]
    fn edits_map_back() {
        let text = "业(yè)务，办理";
        let (out, map) = OffsetMap::apply(text, &[edit(3..8, "")]);
        assert_eq!(out, "业务，办理");
        assert_eq!(map.to_source(0..3), 0..3);
        assert_eq!(map.to_source(3..6), 8..11);
        assert_eq!(map.to_source(0..6), 0..11);
        assert_eq!(map.to_output(8..11), 3..6);
        assert_eq!(map.to_source(100..200), text.len()..text.len());
    }

    #[test]
    fn replacements_map_as_a_whole() {
        let (out, map) = OffsetMap::apply("abXYcd", &[edit(2..4, "1234")]);
        assert_eq!(out, "ab1234cd");
        assert_eq!(map.to_source(3..4), 2..4);
        assert_eq!(map.to_source(1..3), 1..4);
        assert_eq!(map.to_source(6..8), 4..6);
    }

    fn edits(text: &str, cuts: &[(usize, usize, String)]) -> Vec<Edit> {
        let bounds: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
        let mut edits: Vec<Edit> = Vec::new();
        let mut at = 0;
        for (skip, take, with) in cuts {
            let start = at + skip;
            let end = start + take;
            if end >= bounds.len() {
                break;
            }
            edits.push(edit(bounds[start]..bounds[end], with));
            at = end;
        }
        edits
    }

    proptest! {
        #[test]
        fn kept_characters_map_to_themselves(
            text in "[a-c中文字〔（]{0,30}",
            first in prop::collection::vec((0..4_usize, 0..3_usize, "[x-z汉]{0,3}"), 0..5),
            second in prop::collection::vec((0..4_usize, 0..3_usize, "[1-3]{0,3}"), 0..5),
        ) {
            let (middle, one) = OffsetMap::apply(&text, &edits(&text, &first));
            let (last, two) = OffsetMap::apply(&middle, &edits(&middle, &second));
            let both = one.then(&two);
            let mut before = 0;
            for (at, c) in last.char_indices() {
                let source = both.to_source(at..at + c.len_utf8());
                prop_assert!(source.start >= before && source.end <= text.len(), "{source:?} {before}");
                before = source.start;
                // a character of the source's own alphabet never comes from an edit, so it was kept
                if "abc中文字〔（".contains(c) {
                    prop_assert!(text.get(source).is_some_and(|part| part.chars().eq([c])));
                }
            }
            prop_assert_eq!(OffsetMap::identity(text.len()).then(&one).to_source(0..middle.len()), one.to_source(0..middle.len()));
        }
    }
}
