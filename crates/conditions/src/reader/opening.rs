//! Begin of a list: what announces it, and whether its items are conditions, addressees of a grant, materials or sanctions.

use std::ops::Range;

use zhaoren_cancel::poll;

use super::{Mode, Reader};
use crate::outline::{find, find_any, marker, marker_behind};

/// Longest head of a list, in signs behind its last full stop, in which words that announce it are looked for.
const LONGEST_HEAD: usize = 120;

/// Begin of a list.
pub(super) struct Opening {
    /// Sentence that announces it; empty if none does.
    pub(super) head: Range<usize>,
    /// First sign of the items.
    pub(super) items: usize,
    /// True if the head says that conditions follow.
    pub(super) announced: bool,
    /// True if the sentence before grants something, to whom the items say.
    pub(super) grants: bool,
    /// True if the items are materials or sanctions.
    pub(super) left: bool,
}

impl Reader<'_> {
    /// First list of `range`: numbered, or announced by its head.
    pub(super) fn opening(&self, range: Range<usize>) -> Option<Opening> {
        let signs = &self.signs;
        if marker(signs, range.start, range.start).is_some_and(|one| one.end < range.end) {
            let empty = range.start..range.start;
            return Some(Opening {
                head: empty,
                items: range.start,
                announced: false,
                grants: false,
                left: false,
            });
        }
        let mut begin = range.start;
        for at in range.clone() {
            poll();
            let c = self.signs.get(at)?.c;
            if !matches!(c, '。' | '；' | '\n' | '：') || at + 1 >= range.end {
                continue;
            }
            let head = begin..at;
            let near = at.saturating_sub(LONGEST_HEAD).max(begin)..at;
            let announced =
                ["list_one", "list_some", "list_all"].iter().any(|class| self.has(near.clone(), class))
                    && !self.has(near.clone(), "list_not");
            let left = self.is_left(near.clone());
            let numbered = marker_behind(signs, at, &range).filter(|(_, marker)| marker.ordinal == 1);
            match (c, numbered) {
                ('：', None) if announced || left => {
                    return Some(Opening { head, items: at + 1, announced, grants: false, left });
                }
                ('：', None) => {}
                (_, Some((items, _))) if announced && c != '；' => {
                    return Some(Opening { head, items, announced, grants: false, left });
                }
                // A list that nothing announces: what is before it is a sentence of its own.
                (_, Some((items, _))) => {
                    let grants = c == '：' && self.grant(near).is_some();
                    return Some(Opening { head: items..items, items, announced: false, grants, left });
                }
                (_, None) => begin = at + 1,
            }
        }
        None
    }

    /// True if the words before a list say last that materials or sanctions follow: 符合条件的企业提交以下材料.
    fn is_left(&self, head: Range<usize>) -> bool {
        const NEAR: usize = 36;
        let last = head.end.saturating_sub(NEAR).max(head.start)..head.end;
        let Some(cue) = find_any(&self.signs, last.clone(), self.cues("list_left")) else { return false };
        let behind = cue.end..last.end;
        !["条件", "情形", "要求"].iter().any(|word| find(&self.signs, behind.clone(), word).is_some())
    }

    /// Leaves the items of `range` unread, or its first line if they have no numbers. The text behind them.
    pub(super) fn left_list(&mut self, range: Range<usize>) -> Range<usize> {
        if marker(&self.signs, range.start, range.start).is_some() {
            let (items, tail) = self.items(range, Mode::All);
            items.into_iter().for_each(|item| self.leave(item));
            return tail;
        }
        let ends = |at: &usize| self.signs.get(*at).is_some_and(|sign| matches!(sign.c, '。' | '\n'));
        let end = range.clone().find(ends).unwrap_or(range.end);
        self.leave(range.start..end);
        end..range.end
    }
}
