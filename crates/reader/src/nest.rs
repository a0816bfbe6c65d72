//! Which possible labels are labels, and what hangs under what.
//!
//! A label continues a list only when its number follows. Nesting goes by what a document itself showed
//! first, then by custom: 一、 （一） 1. （1） ①.

use std::collections::{BTreeMap, BTreeSet};

use crate::candidate::{Candidate, Place};
use crate::label::Style;
use crate::note::{Note, NoteKind};

/// A provision that is open: what comes next may hang under it.
#[derive(Clone, Debug)]
struct Frame {
    style: Style,
    number: u32,
    /// Index of its clause; the caller's number.
    clause: usize,
}

/// Where a label was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seat {
    /// Clause it hangs under.
    pub(crate) parent: Option<usize>,
    /// How many items of the same article it lies below; 0 outside of articles.
    pub(crate) depth: usize,
}

/// The open provisions of a document, and what was learnt of its numbering.
#[derive(Debug, Default)]
pub(crate) struct Nest {
    stack: Vec<Frame>,
    /// Last number of each style since the last annex.
    counters: BTreeMap<Style, u32>,
    /// Pairs (outer, inner) of item styles as the document nested them.
    nested: BTreeSet<(Style, Style)>,
}

/// What the caller knows about a candidate's surroundings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around {
    /// Number of the next candidate of the same style.
    pub(crate) next: Option<u32>,
    /// Whether the last label is a bare heading: nothing but a short line stands since.
    pub(crate) after_heading: bool,
    /// Whether the last label is a 章 or 节 on the same line, without a stop since.
    pub(crate) after_division: bool,
}

impl Nest {
    /// Whether `candidate` is a label here; a note when its number is odd.
    pub(crate) fn admits(&self, candidate: &Candidate, around: Around) -> Option<Option<Note>> {
        let label = &candidate.label;
        if candidate.cited && !(candidate.place == Place::Line && self.follows(label.style, label.number)) {
            return None;
        }
        if candidate.cited && label.style <= Style::Article {
            return None;
        }
        if matches!(label.style, Style::Annex | Style::Titled) {
            return Some(None);
        }
        let strong = candidate.place == Place::Line;
        let follows = self.follows(label.style, label.number);
        let begins = label.number == 1 && self.may_begin(candidate, around);
        let admitted = match candidate.place {
            Place::Glued => around.after_division && (follows || begins),
            Place::Gap | Place::Stop | Place::Wrapped => follows || begins,
            Place::Line => follows || begins || self.bears_oddity(candidate, around),
        };
        if !admitted {
            return None;
        }
        Some(if follows || begins || !strong { None } else { self.oddity(candidate) })
    }

    /// Whether `number` is the next one of an open or earlier list of `style`.
    fn follows(&self, style: Style, number: u32) -> bool {
        let inserted = style == Style::Article && self.last(style) == Some(number);
        self.last(style).is_some_and(|last| last + 1 == number)
            || self.counters.get(&style).is_some_and(|last| last + 1 == number)
            || (inserted && number > 1)
    }

    /// The last number of `style`: of the open list, else of the document.
    fn last(&self, style: Style) -> Option<u32> {
        self.position(style)
            .and_then(|at| self.stack.get(at))
            .map(|frame| frame.number)
            .or_else(|| self.counters.get(&style).copied())
    }

    /// Whether number 1 may begin a list here: inside a line a second item must be in sight.
    fn may_begin(&self, candidate: &Candidate, around: Around) -> bool {
        match candidate.place {
            Place::Line | Place::Glued => true,
            _ if candidate.label.style <= Style::Article => true,
            Place::Wrapped => around.next == Some(2),
            Place::Stop => around.next == Some(2) && (candidate.label.style != Style::Han || candidate.opened),
            Place::Gap => around.next == Some(2),
        }
    }

    /// Whether a number out of sequence at the beginning of a line is a label all the same.
    fn bears_oddity(&self, candidate: &Candidate, around: Around) -> bool {
        let label = &candidate.label;
        let goes_on = around.next == Some(label.number + 1);
        let near = self.last(label.style).is_some_and(|last| {
            last == label.number || (label.number > last && label.number - last <= 2)
        });
        match label.style {
            Style::ArabicHalf => false,
            Style::Arabic | Style::ArabicBracket | Style::Circled => goes_on || near,
            _ => true,
        }
    }

    fn oddity(&self, candidate: &Candidate) -> Option<Note> {
        let label = &candidate.label;
        let expected = self.last(label.style).map_or(1, |last| last + 1);
        let text = label.text.clone();
        let kind = match label.number {
            // The same number again: the citation repeats and says so itself.
            n if n + 1 == expected => return None,
            n if n < expected => NoteKind::OutOfOrder { label: text, expected },
            _ => NoteKind::Skipped { label: text, expected },
        };
        Some(Note { place: candidate.at..candidate.at + label.length, kind })
    }

    /// Closes what `candidate` ends, opens it as clause `clause` and says where it hangs.
    pub(crate) fn seat(&mut self, candidate: &Candidate, around: Around, clause: usize) -> Seat {
        let (style, number) = (candidate.label.style, candidate.label.number);
        match style {
            Style::Annex => {
                self.stack.clear();
                self.counters.clear();
            }
            Style::Part | Style::Chapter | Style::Section | Style::Titled => self.close_division(style),
            Style::Article => self.close_for_article(around),
            _ => self.close_for_item(candidate),
        }
        for frame in self.stack.iter().filter(|frame| frame.style.is_item() && style.is_item()) {
            self.nested.insert((frame.style, style));
        }
        let seat = Seat { parent: self.top(), depth: self.depth() };
        self.stack.push(Frame { style, number, clause });
        self.counters.insert(style, number);
        seat
    }

    /// Clause that is open innermost.
    pub(crate) fn top(&self) -> Option<usize> {
        self.stack.last().map(|frame| frame.clause)
    }

    /// Clause of the open article with its number of open items.
    pub(crate) fn article(&self) -> Option<usize> {
        self.article_at().and_then(|at| self.stack.get(at)).map(|frame| frame.clause)
    }

    /// Whether `candidate` would go on with an item list that is open in the article.
    pub(crate) fn continues_item(&self, candidate: &Candidate) -> bool {
        let scope = self.article_at().map_or(0, |at| at + 1);
        self.stack
            .iter()
            .skip(scope)
            .any(|frame| frame.style == candidate.label.style && frame.number + 1 == candidate.label.number)
    }

    /// Opens an unnumbered paragraph of the open article; items hang under it from now on.
    pub(crate) fn open_paragraph(&mut self, clause: usize) {
        if let Some(at) = self.article_at() {
            self.stack.truncate(at + 1);
            if let Some(article) = self.stack.last_mut() {
                // The frame stays an article; new items see the paragraph as their parent.
                article.clause = clause;
            }
        }
    }

    fn depth(&self) -> usize {
        self.article_at().map_or(0, |at| self.stack.len() - at)
    }

    fn article_at(&self) -> Option<usize> {
        self.stack.iter().rposition(|frame| frame.style == Style::Article)
    }

    fn position(&self, style: Style) -> Option<usize> {
        self.stack.iter().rposition(|frame| frame.style == style)
    }

    fn close_division(&mut self, style: Style) {
        let keep = |frame: &Frame| match style {
            Style::Part | Style::Titled => frame.style == Style::Annex,
            Style::Chapter => frame.style <= Style::Part,
            _ => frame.style <= Style::Chapter,
        };
        let kept = self.stack.iter().take_while(|frame| keep(frame)).count();
        self.stack.truncate(kept);
        self.counters.remove(&Style::Section);
    }

    /// An article follows its sibling; else it hangs under a bare heading, a 章 or nothing.
    fn close_for_article(&mut self, around: Around) {
        if let Some(at) = self.article_at() {
            self.stack.truncate(at);
        } else if !around.after_heading {
            let kept = self.stack.iter().take_while(|frame| frame.style <= Style::Titled).count();
            self.stack.truncate(kept);
        }
    }

    fn close_for_item(&mut self, candidate: &Candidate) {
        let (style, number) = (candidate.label.style, candidate.label.number);
        let article = self.article_at();
        let scope = article.map_or(0, |at| at + 1);
        match self.position(style) {
            Some(at) if at >= scope => return self.stack.truncate(at),
            // 第二条 under （一）, then （二）: the heading above the article goes on.
            Some(at) if self.stack.get(at).is_some_and(|f| f.number + 1 == number && number > 1) => {
                return self.stack.truncate(at);
            }
            _ => {}
        }
        while self.stack.len() > scope {
            let Some(top) = self.stack.last().map(|frame| frame.style) else { return };
            if !top.is_item() || !self.ends(candidate, top) {
                return;
            }
            self.stack.pop();
        }
    }

    /// Whether a label of a new list closes the open item of style `top` instead of hanging under it.
    fn ends(&self, candidate: &Candidate, top: Style) -> bool {
        let style = candidate.label.style;
        let (inner, outer) = (self.nested.contains(&(top, style)), self.nested.contains(&(style, top)));
        match (inner, outer) {
            (true, false) => false,
            (false, true) => true,
            _ if style == Style::Han => true,
            // A colon opens a list whatever its numbers look like.
            (false, false) if candidate.opened && candidate.label.number == 1 => false,
            _ => style < top,
        }
    }
}
