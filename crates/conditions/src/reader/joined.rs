//! Phrases of a sentence joined: what was read, what a person judges, and what asks nothing of an enterprise.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::criterion::Criterion;

use super::Reader;
use super::clause::{Phrase, is};
use crate::class::Class;
use crate::grammar::shared;
use crate::outline::{find, trimmed};
use crate::token::tokens;

/// Most criteria of a sentence that a further one is compared with, so that it is not said twice.
const LOOK_BACK: usize = 64;

/// Beginnings behind which persons and bodies are no subject: 经主管部门推荐, 招用毕业生.
const NOT_A_SUBJECT: [&str; 24] = [
    "经", "由", "向", "报", "与", "被", "通过", "获", "取得", "在", "招用", "招录", "吸纳", "录用", "聘用",
    "安置", "为", "近", "按", "依", "已", "有", "具", "列入",
];

impl Reader<'_> {
    /// Phrases as criteria; what is open is judged by a person, or left unread if it is no condition.
    pub(super) fn joined(&mut self, found: Vec<Phrase>, range: Range<usize>, listed: bool) -> Vec<Criterion> {
        let some_read = found.iter().any(|one| matches!(one, Phrase::Read(read) if !read.is_empty()));
        // In a list of conditions, or beside one that was read, an open phrase is a condition by its place.
        let by_place = listed || some_read;
        let no_condition = self.has(range.clone(), "whole");
        let unasked = !by_place && self.has(range, "unasked");
        let mut of_another = false;
        let mut groups: Vec<Vec<Criterion>> = vec![Vec::new()];
        for one in found {
            poll();
            let criteria = match one {
                Phrase::Or => {
                    groups.push(Vec::new());
                    continue;
                }
                Phrase::Read(read) => read,
                Phrase::Open(open) => {
                    let open = trimmed(&self.signs, open);
                    of_another = self.carries(open.clone(), of_another);
                    let addressed = self.ends_as_enterprise(open.clone());
                    let is_left = (of_another || unasked || self.permits(open.clone())) && !addressed;
                    let asks = by_place
                        || (!is_left
                            && !self.is_of_another_actor(open.clone())
                            && self.is_condition(open.clone()));
                    if !no_condition && asks && !self.asks_nothing(open.clone()) {
                        vec![self.judge(open)]
                    } else {
                        self.leave(open);
                        Vec::new()
                    }
                }
            };
            for criterion in criteria {
                let is_new = |group: &&mut Vec<Criterion>| {
                    group.iter().rev().take(LOOK_BACK).all(|one| one.node != criterion.node)
                };
                if let Some(group) = groups.last_mut().filter(is_new) {
                    group.push(criterion);
                }
            }
        }
        groups.retain(|group| !group.is_empty());
        match groups.len() {
            0 => Vec::new(),
            1 => groups.pop().unwrap_or_default(),
            _ => shared(groups),
        }
    }

    /// True if `open` speaks of persons or bodies, or of those of the phrase before: 专家应当具有高级职称，从事…满八年.
    fn carries(&self, open: Range<usize>, before: bool) -> bool {
        const HEAD: usize = 12;
        let head = open.start..open.end.min(open.start + HEAD);
        let first = tokens(&self.signs, head.start, head.end, self.setting.lexicon);
        let names_enterprise = ["企业", "公司", "申报", "申请单位", "申请主体"]
            .iter()
            .any(|word| find(&self.signs, head.clone(), word).is_some());
        if names_enterprise || first.first().is_some_and(|token| is(token, Class::Subject, self.setting)) {
            return self.has(head.start..head.end.min(head.start + 4), "carried");
        }
        let by_or_to =
            NOT_A_SUBJECT.iter().any(|word| find(&self.signs, head.clone(), word) == Some(head.start));
        before || (!by_or_to && self.has(head, "carried"))
    }

    /// True for what may be done, and for what is to be done at a time: 可以申请…, 应当自…之日起….
    fn permits(&self, open: Range<usize>) -> bool {
        ["可以", "应当自", "应当及时", "应当提前", "应当向", "应当按照", "应当申请", "不得擅自"]
            .iter()
            .any(|word| find(&self.signs, open.clone(), word) == Some(open.start))
    }

    /// True if `open` says what an enterprise is, as the addressee of a grant does: 与高校共建实验室的企业.
    fn ends_as_enterprise(&self, open: Range<usize>) -> bool {
        ["的企业", "的单位", "的机构", "的公司"].iter().any(|word| {
            open.end.checked_sub(word.chars().count()).is_some_and(|begin| {
                begin >= open.start && find(&self.signs, begin..open.end, word) == Some(begin)
            })
        })
    }
}
