//! Reader of a whole text: lists, sentences and phrases to criteria, with everything left over named.

mod account;
mod alternative;
mod among;
mod clause;
mod exception;
mod exempt;
mod frame;
mod joined;
mod opening;
mod part;
mod points;
mod propose;
mod tier;

pub use propose::accepted_fact;

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::criterion::{Criterion, Node};

use crate::draft;
use crate::grammar::Setting;
use crate::outline::{find, find_any, marker_behind, numbered, split, trimmed};
use crate::segment::SegmentKind;
use crate::sign::{Sign, signs};
use crate::wrap::unwrapped;
use crate::{Proposal, Reading};
use opening::Opening;

/// State of reading one text.
pub(crate) struct Reader<'a> {
    source: &'a str,
    signs: Vec<Sign>,
    setting: Setting<'a>,
    /// Reading of each sign.
    read_as: Vec<Option<SegmentKind>>,
    unread: Vec<Range<usize>>,
    proposed: Vec<Proposal>,
}

/// Deepest list within a list that is read as one.
const DEEPEST: usize = 6;

/// Longest item, on average, of a list of conditions that nothing announces.
const LONGEST_ITEM: usize = 100;

/// Most facts that one text proposes; a city's dictionary has fewer.
const MOST_PROPOSALS: usize = 400;

/// Longest text that can be a scoring table, in signs.
const LONGEST_TABLE: usize = 3000;

/// Relation of the items of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// All hold.
    All,
    /// At least so many hold.
    AtLeast(usize),
    /// None holds.
    None,
}

/// Reading of `text`.
pub(crate) fn read(text: &str, setting: Setting<'_>) -> Reading {
    let signs = unwrapped(signs(text), setting.lexicon);
    let read_as = vec![None; signs.len()];
    let mut reader =
        Reader { source: text, signs, setting, read_as, unread: Vec::new(), proposed: Vec::new() };
    let all = 0..reader.signs.len();
    let criteria = draft::all(reader.block(all, false, 0));
    reader.settle();
    let (unread, segments) = (reader.passages(), reader.segments());
    Reading { criteria, unread, proposed: reader.proposed, segments }
}

impl Reader<'_> {
    /// Text of the source behind `range`, verbatim.
    fn verbatim(&self, range: Range<usize>) -> &str {
        self.source.get(self.bytes(range)).unwrap_or_default()
    }

    fn bytes(&self, range: Range<usize>) -> Range<usize> {
        let last = range.end.checked_sub(1);
        match (self.signs.get(range.start), last.and_then(|last| self.signs.get(last))) {
            (Some(first), Some(last)) => first.source.start..last.source.end.max(first.source.start),
            _ => 0..0,
        }
    }

    fn cues(&self, class: &str) -> &'static [String] {
        self.setting.lexicon.cues(class)
    }

    fn has(&self, range: Range<usize>, class: &str) -> bool {
        find_any(&self.signs, range, self.cues(class)).is_some()
    }

    /// Text only a person can judge, with a proposal if it names a quantity. Where the dictionary has the proposed fact by now, it is
    /// the leaf.
    fn judge(&mut self, range: Range<usize>) -> Criterion {
        if let Some(proposal) = self.propose(range.clone()) {
            if let Some(leaf) = proposal.leaf_in(self.setting.dictionary) {
                self.note(range.clone(), SegmentKind::Criterion);
                let quote = Some(self.verbatim(range).to_owned());
                return Criterion { quote, ..Criterion::without_evidence(Node::Leaf(leaf)) };
            }
            if self.proposed.len() < MOST_PROPOSALS && !self.proposed.contains(&proposal) {
                self.proposed.push(proposal);
            }
        }
        self.note(range.clone(), SegmentKind::Judged);
        draft::judged(self.verbatim(range))
    }

    /// Criteria of a block that must all hold. `listed`: it is an item of a list of conditions.
    fn block(&mut self, range: Range<usize>, listed: bool, depth: usize) -> Vec<Criterion> {
        let mut rest = trimmed(&self.signs, range);
        let mut read = Vec::new();
        if depth > DEEPEST {
            self.leave(rest);
            return read;
        }
        while !rest.is_empty() {
            poll();
            if rest.len() <= LONGEST_TABLE
                && let Some(points) = self.points(rest.clone())
            {
                read.push(points);
                break;
            }
            let Some(opening) = self.opening(rest.clone()) else {
                read.extend(self.sentences(rest, listed));
                break;
            };
            read.extend(self.sentences(rest.start..opening.head.start, listed));
            let tail = self.list(&opening, rest.end, listed, depth, &mut read);
            // INVARIANT: a list takes at least its number or the mark of its head.
            let behind = trimmed(&self.signs, tail);
            if behind.start <= rest.start && !behind.is_empty() {
                self.leave(rest);
                break;
            }
            rest = behind;
        }
        read
    }

    fn sentences(&mut self, range: Range<usize>, listed: bool) -> Vec<Criterion> {
        let sentences = split(&self.signs, range, |c| matches!(c, '。' | '\n'));
        let mut read = Vec::new();
        let mut rest = sentences.iter().peekable();
        let run = sentences.iter().take_while(|sentence| self.is_step((*sentence).clone())).count();
        if run > 1
            && let Some(steps) = sentences.get(..run)
            && let (Some(first), Some(last)) = (steps.first(), steps.last())
            && let Some(case) = self.tiers(first.start..last.end, steps)
        {
            read.push(case);
            rest = sentences.get(run..).unwrap_or_default().iter().peekable();
        }
        while let Some(sentence) = rest.next() {
            let on_its_line = self.signs.get(sentence.end).is_some_and(|sign| sign.c == '\n');
            if on_its_line && rest.peek().is_some() && self.is_heading(sentence.clone()) {
                self.leave(sentence.clone());
                continue;
            }
            read.extend(self.sentence(sentence.clone(), listed));
        }
        read
    }

    /// Reads the list of `opening` within a block that ends at `end`; the text behind it.
    fn list(
        &mut self,
        opening: &Opening,
        end: usize,
        listed: bool,
        depth: usize,
        read: &mut Vec<Criterion>,
    ) -> Range<usize> {
        let head = opening.head.clone();
        if opening.left {
            self.leave(head);
            return self.left_list(trimmed(&self.signs, opening.items..end));
        }
        let mode = if opening.announced { self.mode(head.clone()) } else { Mode::All };
        read.extend(self.head(head.clone()));
        self.note(head.end..opening.items, SegmentKind::Connective);
        let (items, tail) = self.items(trimmed(&self.signs, opening.items..end), mode);
        let mode = match mode {
            Mode::All if opening.grants || self.are_alternatives(&items, opening.announced) => {
                Mode::AtLeast(1)
            }
            mode => mode,
        };
        // The items of a list of paragraphs are not conditions by their place.
        let length: usize = items.iter().map(Range::len).sum();
        let is_short = items.len() > 1 && length <= items.len() * LONGEST_ITEM;
        let listed = opening.announced || (listed && !items.is_empty()) || is_short;
        let bare = self.setting.bare;
        self.setting.bare |= mode == Mode::None;
        let items: Vec<Vec<Criterion>> = items
            .into_iter()
            .map(|item| self.block(item, listed, depth + 1))
            .filter(|item| !item.is_empty())
            .collect();
        self.setting.bare = bare;
        match mode {
            Mode::All => read.extend(items.into_iter().flatten()),
            Mode::None => {
                for item in items {
                    read.extend(draft::deny(item, self.setting.dictionary));
                }
            }
            Mode::AtLeast(1) => {
                if !items.is_empty() {
                    read.push(draft::any(items.into_iter().map(draft::all).collect()));
                }
            }
            Mode::AtLeast(count) => {
                let of = items.into_iter().map(draft::all).collect();
                read.push(Criterion::without_evidence(Node::Any { of, count }));
            }
        }
        tail
    }

    /// How many of the items have to hold, by the words before the colon.
    fn mode(&self, head: Range<usize>) -> Mode {
        let denies = [
            "不得有",
            "无下列",
            "无以下",
            "不存在",
            "没有下列",
            "没有以下",
            "不属于",
            "未发生",
            "不得存在",
            "不具有",
        ];
        let denied = denies.iter().any(|word| find(&self.signs, head.clone(), word).is_some());
        if denied || self.has(head.clone(), "deny") {
            return Mode::None;
        }
        let among = find(&self.signs, head.clone(), "中").map_or(head.start, |at| at + 1);
        for at in among..head.end {
            let count = self.signs.get(at).and_then(|sign| zhaoren_text::numeral::digit(sign.c));
            let unit = self.signs.get(at + 1).map(|sign| sign.c);
            let is_ordinal = at > 0 && self.signs.get(at - 1).is_some_and(|sign| sign.c == '第');
            if let (Some(count), Some('项' | '个' | '条'), false) = (count, unit, is_ordinal)
                && (among > head.start
                    || ["至少", "任"].iter().any(|word| find(&self.signs, head.clone(), word).is_some()))
            {
                return Mode::AtLeast(usize::try_from(count).unwrap_or(1).max(1));
            }
        }
        if find(&self.signs, head.clone(), "之二").is_some() {
            return Mode::AtLeast(2);
        }
        if self.has(head, "list_one") { Mode::AtLeast(1) } else { Mode::All }
    }

    /// Conditions in the sentence that announces a list.
    fn head(&mut self, head: Range<usize>) -> Vec<Criterion> {
        let mut rest = Vec::new();
        for part in split(&self.signs, head, |c| c == '，') {
            let announces = ["list_one", "list_some", "list_all", "deny"]
                .iter()
                .any(|class| self.has(part.clone(), class));
            if !announces {
                rest.push(part);
                continue;
            }
            self.note(part.clone(), SegmentKind::Connective);
            // 在本市注册的企业，符合…: the words before the verb are a condition of their own.
            let verbs: Vec<String> = [
                "同时符合",
                "符合",
                "同时满足",
                "满足",
                "同时具备",
                "具备",
                "应当",
                "须",
                "应",
                "有下列",
                "有以下",
            ]
            .iter()
            .map(|word| (*word).to_owned())
            .collect();
            if let Some(verb) =
                find_any(&self.signs, part.clone(), &verbs).filter(|verb| verb.start > part.start)
            {
                rest.push(part.start..verb.start);
            }
        }
        rest.into_iter().flat_map(|part| self.sentence(part, false)).collect()
    }

    /// Items behind the head, and the text behind the list.
    fn items(&self, range: Range<usize>, mode: Mode) -> (Vec<Range<usize>>, Range<usize>) {
        let mut items = numbered(&self.signs, range.clone());
        if let Some(last) = items.last_mut() {
            last.end = self.end_of_item(last.clone());
            let tail = last.end..range.end;
            return (items, tail);
        }
        let stop = range.clone().find(|at| self.signs.get(*at).is_some_and(|sign| sign.c == '。'));
        let stop = stop.unwrap_or(range.end);
        for marks in [['；', '；'], ['\n', '\n']] {
            let parts = split(&self.signs, range.start..stop, |c| marks.contains(&c));
            if parts.len() > 1 {
                return (parts, stop..range.end);
            }
        }
        let marks = if mode == Mode::All { '\n' } else { '，' };
        (split(&self.signs, range.start..stop, |c| c == marks), stop..range.end)
    }

    /// End of the last item: its first full stop or line end that neither a list within it nor another item follows.
    fn end_of_item(&self, item: Range<usize>) -> usize {
        let char_at = |at: usize| self.signs.get(at).map_or('\0', |sign| sign.c);
        item.clone()
            .find(|at| {
                poll();
                let ends = match char_at(*at) {
                    '。' => true,
                    '\n' => *at > item.start && !matches!(char_at(*at - 1), '：' | '，' | '、'),
                    _ => false,
                };
                ends && marker_behind(&self.signs, *at, &item).is_none()
            })
            .unwrap_or(item.end)
    }
}

/// Sets the quote of every leaf that has none.
fn quoted(criteria: &mut [Criterion], quote: &str) {
    for criterion in criteria {
        poll();
        match &mut criterion.node {
            Node::Leaf(_) | Node::Records(_) => {
                if criterion.quote.is_none() {
                    criterion.quote = Some(quote.to_owned());
                }
            }
            Node::All(of) | Node::Any { of, .. } => quoted(of, quote),
            Node::Not(inner) => quoted(std::slice::from_mut(&mut **inner), quote),
            Node::Case { .. } | Node::Points { .. } | Node::Judged(_) => {}
        }
    }
}
