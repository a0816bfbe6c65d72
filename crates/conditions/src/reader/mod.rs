//! Reader of a whole text: lists, sentences and phrases to criteria, with everything left over named.

mod clause;
mod exempt;
mod propose;
mod tier;

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::criterion::{Criterion, Node};

use crate::draft;
use crate::grammar::Setting;
use crate::outline::{find, find_any, numbered, split, trimmed};
use crate::sign::{Sign, signs};
use crate::{Passage, Proposal};

/// State of reading one text.
pub(crate) struct Reader<'a> {
    source: &'a str,
    signs: Vec<Sign>,
    setting: Setting<'a>,
    unread: Vec<Range<usize>>,
    proposed: Vec<Proposal>,
}

/// Deepest list within a list that is read as one.
const DEEPEST: usize = 6;

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

/// Criteria of `text` with its unread passages and the proposals for new facts.
pub(crate) fn read(text: &str, setting: Setting<'_>) -> (Criterion, Vec<Passage>, Vec<Proposal>) {
    let mut reader =
        Reader { source: text, signs: signs(text), setting, unread: Vec::new(), proposed: Vec::new() };
    let all = 0..reader.signs.len();
    let read = reader.block(all, false, 0);
    let unread = reader.passages();
    (draft::all(read), unread, reader.proposed)
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

    /// Notes `range` as not accounted for.
    fn leave(&mut self, range: Range<usize>) {
        let range = trimmed(&self.signs, range);
        if !range.is_empty() {
            self.unread.push(range);
        }
    }

    /// Passages not accounted for, in the order of the text; neighbours are one.
    fn passages(&self) -> Vec<Passage> {
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

    /// Text only a person can judge, with a proposal if it names a quantity.
    fn judge(&mut self, range: Range<usize>) -> Criterion {
        if let Some(proposal) = self.propose(range.clone())
            && !self.proposed.contains(&proposal)
        {
            self.proposed.push(proposal);
        }
        draft::judged(self.verbatim(range))
    }

    /// Criteria of a block that must all hold. `listed`: it is an item of a list of conditions.
    fn block(&mut self, range: Range<usize>, listed: bool, depth: usize) -> Vec<Criterion> {
        poll();
        let range = trimmed(&self.signs, range);
        if range.is_empty() {
            return Vec::new();
        }
        if depth > DEEPEST {
            self.leave(range);
            return Vec::new();
        }
        if let Some(colon) = self.opening_of_list(range.clone()) {
            return self.list(range, colon, listed, depth);
        }
        let items = numbered(&self.signs, range.clone());
        if items.is_empty() {
            let sentences = split(&self.signs, range, |c| matches!(c, '。' | '\n'));
            return sentences.into_iter().flat_map(|sentence| self.sentence(sentence, listed)).collect();
        }
        let listed = listed || items.len() > 1;
        items.into_iter().flat_map(|item| self.block(item, listed, depth + 1)).collect()
    }

    /// Colon of the first sentence that announces a list of conditions.
    fn opening_of_list(&self, range: Range<usize>) -> Option<usize> {
        let mut begin = range.start;
        for at in range.clone() {
            poll();
            match self.signs.get(at)?.c {
                '。' | '；' | '\n' => begin = at + 1,
                '：' if at + 1 < range.end => {
                    let announces =
                        ["list_one", "list_some", "list_all"].iter().any(|class| self.has(begin..at, class));
                    if announces {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    fn list(&mut self, range: Range<usize>, colon: usize, listed: bool, depth: usize) -> Vec<Criterion> {
        let begin = (range.start..colon)
            .rev()
            .find(|at| self.signs.get(*at).is_some_and(|sign| matches!(sign.c, '。' | '；' | '\n')))
            .map_or(range.start, |at| at + 1);
        let mut read = self.block(range.start..begin, listed, depth + 1);
        let mode = self.mode(begin..colon);
        read.extend(self.head(begin..colon));
        let (items, tail) = self.items(trimmed(&self.signs, colon + 1..range.end), mode);
        let items: Vec<Vec<Criterion>> = items
            .into_iter()
            .map(|item| self.block(item, true, depth + 1))
            .filter(|item| !item.is_empty())
            .collect();
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
        read.extend(self.block(tail, listed, depth + 1));
        read
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
                && (among > head.start || find(&self.signs, head.clone(), "至少").is_some())
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

    /// Items behind the colon, and the text behind the list.
    fn items(&self, range: Range<usize>, mode: Mode) -> (Vec<Range<usize>>, Range<usize>) {
        let end = range.end..range.end;
        let mut items = numbered(&self.signs, range.clone());
        if let Some(last) = items.last_mut() {
            if mode == Mode::All {
                return (items, end);
            }
            // Text after the full stop of the last alternative is no part of it.
            let stop = last.clone().find(|at| self.signs.get(*at).is_some_and(|sign| sign.c == '。'));
            let tail = stop.map_or(end, |stop| stop + 1..last.end);
            last.end = last.end.min(tail.start);
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
