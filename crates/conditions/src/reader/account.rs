//! Account of a text (覆盖): what each sign was read as, and the segments and unread passages that follow from it.

use std::ops::Range;

use zhaoren_cancel::poll;

use super::Reader;
use crate::Passage;
use crate::lexicon::Meaning;
use crate::outline::{marker, trimmed};
use crate::segment::{Segment, SegmentKind, tiles};
use crate::token::{Kind, reference, tokens};

impl Reader<'_> {
    /// Notes what `range` was read as. A later note overrules an earlier one.
    pub(super) fn note(&mut self, range: Range<usize>, kind: SegmentKind) {
        for sign in self.read_as.get_mut(range).unwrap_or_default() {
            poll();
            *sign = Some(kind);
        }
    }

    /// Notes `range` as not accounted for.
    pub(super) fn leave(&mut self, range: Range<usize>) {
        let range = trimmed(&self.signs, range);
        if !range.is_empty() {
            self.note(range.clone(), SegmentKind::Unread);
            self.unread.push(range);
        }
    }

    /// Names every sign that was not noted: words and marks that join others are connectives, the rest was not read.
    pub(super) fn settle(&mut self) {
        let mut at = 0;
        while at < self.read_as.len() {
            poll();
            let begin = at;
            while self.read_as.get(at).is_some_and(Option::is_none) {
                at += 1;
            }
            if begin < at {
                self.settle_run(begin..at);
            }
            at = at.max(begin + 1);
        }
        self.settle_references();
    }

    /// Names a run of signs that were not noted.
    fn settle_run(&mut self, run: Range<usize>) {
        let mut range = trimmed(&self.signs, run.clone());
        while let Some(number) = marker(&self.signs, range.start, 0).filter(|one| one.end <= run.end) {
            poll();
            range = trimmed(&self.signs, number.end..range.end.max(number.end));
        }
        let lexicon = self.setting.lexicon;
        let joins =
            tokens(&self.signs, range.start, range.end, lexicon).iter().all(|token| match token.kind {
                Kind::Word(entry) => {
                    lexicon.meanings(entry).iter().any(|meaning| matches!(meaning, Meaning::Function(_)))
                }
                Kind::Mark(_) | Kind::Reference => true,
                Kind::Amount(_)
                | Kind::Length(_)
                | Kind::Window { .. }
                | Kind::Day { .. }
                | Kind::Year(_)
                | Kind::Grade(_)
                | Kind::Other(_) => false,
            });
        self.note(run, SegmentKind::Connective);
        if !joins {
            self.leave(range);
        }
    }

    /// Names documents outside of typed criteria.
    fn settle_references(&mut self) {
        let mut at = 0;
        while at < self.signs.len() {
            poll();
            let is_typed = self.read_as.get(at) == Some(&Some(SegmentKind::Criterion));
            let found =
                self.signs.get(at..).filter(|_| !is_typed).and_then(reference).map(|(_, length)| at + length);
            match found {
                Some(end) => {
                    self.note(at..end, SegmentKind::Reference);
                    at = end;
                }
                None => at += 1,
            }
        }
    }

    /// Segments of the source.
    pub(super) fn segments(&self) -> Vec<Segment> {
        let mut end = 0;
        let begins = self.signs.iter().zip(&self.read_as).map(|(sign, kind)| {
            // Closing quotation marks and blanks belong to what is before them, opening ones to what follows.
            let between = self.source.get(end..sign.source.start).unwrap_or_default();
            let opening = between.rfind(is_opening).filter(|at| !between.get(*at..).is_some_and(closes));
            let from = opening.map_or(sign.source.start, |at| end + at);
            end = sign.source.end;
            (from, kind.unwrap_or(SegmentKind::Connective))
        });
        let begins: Vec<(usize, SegmentKind)> = begins.collect();
        match begins.is_empty() {
            true => tiles(self.source, [(0, SegmentKind::Connective)]),
            false => tiles(self.source, begins),
        }
    }

    /// Passages not accounted for, in the order of the text; neighbours are one.
    pub(super) fn passages(&self) -> Vec<Passage> {
        let mut ranges = self.unread.clone();
        ranges.sort_by_key(|range| (range.start, range.end));
        let mut joined: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            poll();
            match joined.last_mut() {
                Some(last) if trimmed(&self.signs, last.end..range.start.max(last.end)).is_empty() => {
                    last.end = last.end.max(range.end);
                }
                _ => joined.push(range),
            }
        }
        let passage = |range: Range<usize>| {
            let bytes = self.bytes(range.clone());
            Passage { from: bytes.start, to: bytes.end, text: self.verbatim(range).to_owned() }
        };
        joined.into_iter().map(passage).collect()
    }
}

fn is_opening(c: char) -> bool {
    matches!(c, '“' | '‘' | '「' | '『')
}

fn closes(text: &str) -> bool {
    text.contains(['”', '’', '」', '』'])
}
