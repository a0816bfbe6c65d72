//! Scoring tables (评分表) within a text: items with their points, and the total that has to be reached.
//!
//! A score that refers to a table elsewhere is no table: it is judged, with its reference.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::criterion::{Compare, Criterion, Node, Score, Test};
use zhaoren_policy::number::Number;

use super::{Reader, quoted};
use crate::draft;
use crate::grammar::{bounded_tail, phrase};
use crate::lexicon::Unit;
use crate::outline::{find, numbered, split, trimmed};
use crate::segment::SegmentKind;
use crate::token::{Kind, Token, tokens};

/// Item of a table.
struct Row {
    /// Condition.
    when: Range<usize>,
    /// Points, if it holds.
    score: Number,
}

impl Reader<'_> {
    /// Table of `range`, if it is one: a head with a colon, two or more items that each end with points, and one total.
    pub(super) fn points(&mut self, range: Range<usize>) -> Option<Criterion> {
        let named = ["总分", "得分", "评分", "分值"]
            .iter()
            .any(|word| find(&self.signs, range.clone(), word).is_some());
        if !named {
            return None;
        }
        let colon = find(&self.signs, range.clone(), "：")?;
        let (items, tail) = self.rows(trimmed(&self.signs, colon + 1..range.end));
        let rows: Vec<Row> = items.into_iter().map(|item| self.row(item)).collect::<Option<_>>()?;
        if rows.len() < 2 {
            return None;
        }
        let total = match (self.total(range.start..colon), self.total(tail.clone())) {
            (Some(total), None) | (None, Some(total)) => total,
            _ => return None,
        };
        self.note(range.start..colon + 1, SegmentKind::Criterion);
        self.note(tail, SegmentKind::Criterion);
        let scores = rows.into_iter().map(|row| {
            let setting = self.setting;
            let list = tokens(&self.signs, row.when.start, row.when.end, setting.lexicon);
            let when = match phrase(&list, setting, &mut None).filter(|read| !read.is_empty()) {
                Some(mut read) => {
                    self.note(row.when.clone(), SegmentKind::Criterion);
                    quoted(&mut read, self.verbatim(row.when));
                    draft::all(read)
                }
                None => self.judge(row.when),
            };
            Score { when, score: row.score }
        });
        let scores = scores.collect();
        let mut points = Criterion::without_evidence(Node::Points { scores, at_least: total });
        points.quote = Some(self.verbatim(range).to_owned());
        Some(points)
    }

    /// Items behind the colon, and the text behind them.
    fn rows(&self, range: Range<usize>) -> (Vec<Range<usize>>, Range<usize>) {
        let stop = range.clone().find(|at| self.signs.get(*at).is_some_and(|sign| sign.c == '。'));
        let stop = stop.unwrap_or(range.end);
        let table = range.start..stop;
        let items = numbered(&self.signs, table.clone());
        let items = match items.len() {
            0 => split(&self.signs, table, |c| matches!(c, '；' | '\n')),
            _ => items,
        };
        (items.into_iter().map(|item| trimmed(&self.signs, item)).collect(), stop..range.end)
    }

    /// 上年度营业收入5000万元以上，30分; 研发人员占比20%以上得20分.
    fn row(&self, item: Range<usize>) -> Option<Row> {
        let list = tokens(&self.signs, item.start, item.end, self.setting.lexicon);
        let (last, before) = list.split_last()?;
        let (last, before) = match last.kind {
            Kind::Mark('）') => before.split_last()?,
            _ => (last, before),
        };
        let Kind::Amount(amount) = &last.kind else { return None };
        if amount.unit != Unit::Point {
            return None;
        }
        let joins = |token: &&Token| {
            matches!(
                token.kind,
                Kind::Mark('，' | '：' | '（' | '-') | Kind::Other('得' | '计' | '加' | '记')
            )
        };
        let joints = before.iter().rev().take_while(joins).count();
        let when = before.get(..before.len() - joints)?;
        Some(Row { when: when.first()?.from..when.last()?.to, score: amount.value.clone() })
    }

    /// 总分不低于60分, 得分50分以上: the only number of points in `range`, with its bound.
    fn total(&self, range: Range<usize>) -> Option<Number> {
        let list = tokens(&self.signs, range.start, range.end, self.setting.lexicon);
        let is_points =
            |token: &&Token| matches!(&token.kind, Kind::Amount(amount) if amount.unit == Unit::Point);
        if list.iter().filter(is_points).count() != 1 {
            return None;
        }
        let place = list.iter().position(|token| is_points(&token))?;
        for begin in place.saturating_sub(3)..=place {
            for end in (place + 1..=(place + 3).min(list.len())).rev() {
                poll();
                let bounds = list.get(begin..end).and_then(|part| bounded_tail(part, self.setting));
                match bounds.as_deref() {
                    Some([(Unit::Point, Test::Number(Compare::AtLeast, total))]) => {
                        return Some(total.clone());
                    }
                    // Points are whole: more than 70 is 71.
                    Some([(Unit::Point, Test::Number(Compare::MoreThan, total))]) if total.is_integer() => {
                        return Some(total.plus(&Number::from(1)));
                    }
                    _ => {}
                }
            }
        }
        None
    }
}
