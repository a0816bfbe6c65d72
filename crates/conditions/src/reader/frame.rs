//! Frame of a sentence: labels before a colon, headings, definitions, and subjects other than the enterprise.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::criterion::{Criterion, Node, Test};

use super::Reader;
use super::clause::Phrase;
use crate::class::Class;
use crate::grammar::phrase;
use crate::lexicon::{Meaning, Unit};
use crate::outline::{find, find_any, marker, split, trimmed};
use crate::segment::SegmentKind;
use crate::token::{Kind, Token, tokens};

/// Longest label before a colon, in signs.
const LONGEST_LABEL: usize = 40;

/// Longest noun of another subject, in signs.
const LONGEST_NOUN: usize = 20;

/// Longest heading in brackets, in signs.
const LONGEST_HEADING: usize = 16;

impl Reader<'_> {
    /// `range` without the number of a list item, the label of its article (第三条) and a heading in brackets.
    pub(super) fn without_label(&self, range: Range<usize>) -> Range<usize> {
        let mut range = trimmed(&self.signs, range);
        if let Some(number) =
            marker(&self.signs, range.start, range.start).filter(|number| number.end < range.end)
        {
            range = trimmed(&self.signs, number.end..range.end);
        }
        let char_at = |at: usize| self.signs.get(at).map_or('\0', |sign| sign.c);
        let mut labelled = false;
        let end = (range.start + 1..range.end.min(range.start + 9))
            .find(|at| !zhaoren_text::numeral::is_numeral(char_at(*at)));
        if let Some(end) = end
            && char_at(range.start) == '第'
            && end > range.start + 1
            && char_at(end) == '条'
        {
            range = trimmed(&self.signs, end + 1..range.end);
            labelled = true;
        }
        let close =
            (range.start..range.end.min(range.start + LONGEST_HEADING)).find(|at| char_at(*at) == '）');
        match close {
            Some(close) if labelled && char_at(range.start) == '（' && close + 1 < range.end => {
                trimmed(&self.signs, close + 1..range.end)
            }
            _ => range,
        }
    }

    /// Begin of the clause that defines a word, if `range` has one: 在孵企业指…, 本办法所称企业是指….
    pub(super) fn definition(&self, range: Range<usize>) -> Option<usize> {
        let char_at = |at: usize| self.signs.get(at).map_or('\0', |sign| sign.c);
        let verb = range.clone().find(|at| {
            poll();
            let behind = at.checked_sub(1).map_or('\0', char_at);
            let is_verb = char_at(*at) == '指' && *at > range.start;
            // Not 指标, 指导, 指南, 指定, 指数 and the like.
            let is_word = matches!(
                char_at(*at + 1),
                '标' | '导' | '南' | '定' | '数' | '引' | '挥' | '示' | '派' | '出'
            );
            let names = matches!(
                behind,
                '是' | '即'
                    | '系'
                    | '业'
                    | '构'
                    | '位'
                    | '目'
                    | '员'
                    | '房'
                    | '体'
                    | '台'
                    | '区'
                    | '度'
                    | '额'
                    | '入'
                    | '品'
                    | '资'
                    | '人'
                    | '上'
            );
            is_verb && !is_word && names
        })?;
        let mark = (range.start..verb).rev().find(|at| matches!(char_at(*at), '，' | '；' | '。' | '：'));
        Some(mark.map_or(range.start, |mark| mark + 1))
    }

    /// Label before a colon and the text behind it: 批发业：上一年度销售收入5亿元以上.
    pub(super) fn label(&self, range: Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
        let label = split(&self.signs, range.clone(), |c| c == '：').into_iter().next()?;
        let label = trimmed(&self.signs, label);
        let rest = trimmed(&self.signs, label.end.min(range.end)..range.end);
        let is_label = label.start == range.start
            && !label.is_empty()
            && label.len() <= LONGEST_LABEL
            && !rest.is_empty()
            && self.signs.get(label.end).is_some_and(|sign| sign.c == '：');
        is_label.then_some((label, rest))
    }

    /// Conditions of a label and of what it labels; `None` if there is no label.
    pub(super) fn labelled(&mut self, range: Range<usize>, listed: bool) -> Option<Vec<Criterion>> {
        let (label, rest) = self.label(range.clone())?;
        let setting = self.setting;
        if self.has(label.clone(), "whole")
            || self.has(label.clone(), "from")
            || self.has(label.clone(), "label_left")
        {
            self.leave(range);
            return Some(Vec::new());
        }
        let list = tokens(&self.signs, label.start, label.end, setting.lexicon);
        let read = phrase(&list, setting, &mut None).filter(|read| !read.is_empty());
        let mut criteria = match read {
            Some(read) => match self.quoting(read, label) {
                Phrase::Read(read) => read,
                Phrase::Open(_) | Phrase::Or => Vec::new(),
            },
            None if self.names_a_kind(label.clone()) => vec![self.judge(label)],
            None => {
                self.leave(label);
                Vec::new()
            }
        };
        let behind = self.unlabelled(rest, listed);
        // A label by itself asks nothing.
        if behind.is_empty() {
            criteria.clear();
        }
        criteria.extend(behind);
        Some(criteria)
    }

    /// True if `range` ends like a kind of enterprise: 其他先进制造业, 非总部型企业.
    fn names_a_kind(&self, range: Range<usize>) -> bool {
        let Some(last) = range.end.checked_sub(2) else { return false };
        ["企业", "机构", "公司", "行业", "产业", "造业", "务业", "流业"]
            .iter()
            .any(|word| find(&self.signs, last.max(range.start)..range.end, word).is_some())
    }

    /// True if `range` names what is no enterprise, so that quantities behind it are not the enterprise's: a project, a fund, a person.
    pub(super) fn names_another(&self, range: Range<usize>) -> bool {
        let mut range = trimmed(&self.signs, range);
        let ends_with = |range: &Range<usize>, c: char| {
            !range.is_empty() && self.signs.get(range.end - 1).is_some_and(|sign| sign.c == c)
        };
        while ends_with(&range, '的') || ends_with(&range, '并') || ends_with(&range, '后') {
            range.end -= 1;
        }
        // 工业类项目（不含采矿）: the noun is before the bracket.
        if ends_with(&range, '）')
            && let Some(open) =
                range.clone().rev().find(|at| self.signs.get(*at).is_some_and(|sign| sign.c == '（'))
        {
            range.end = open;
        }
        let noun = self
            .cues("other_subject")
            .iter()
            .filter_map(|cue| {
                let begin = range.end.checked_sub(cue.chars().count())?;
                (begin >= range.start && find(&self.signs, begin..range.end, cue) == Some(begin))
                    .then_some(begin)
            })
            .min();
        let Some(noun) = noun else { return false };
        // …的园区 says whose the quantities are; 有实际经营活动 is a demand of its own.
        let attributive = find(&self.signs, noun.saturating_sub(4).max(range.start)..noun, "的").is_some();
        attributive || (!self.is_demand(range.clone()) && range.len() <= LONGEST_NOUN)
    }

    /// `list` without its brackets that only explain a word: （指上一会计年度的收入，下同）. `None` if there is none.
    pub(super) fn without_explanation(&self, list: &[Token]) -> Option<Vec<Token>> {
        let mut short: Vec<Token> = Vec::new();
        let (mut at, mut found) = (0, false);
        while let Some(token) = list.get(at) {
            poll();
            at += 1;
            let explains = |token: &Token| {
                let next = self.signs.get(token.from + 1).map_or('\0', |sign| sign.c);
                matches!(token.kind, Kind::Mark('（')) && matches!(next, '指' | '即' | '系')
            };
            let close = list.get(at..).unwrap_or_default();
            let close = close.iter().position(|token| matches!(token.kind, Kind::Mark('）')));
            match close {
                Some(close) if explains(token) => {
                    at += close + 1;
                    found = true;
                }
                _ => short.push(token.clone()),
            }
        }
        found.then_some(short)
    }

    /// True if a measured phrase begins with what is no enterprise: 项目总投资不低于2000万元. What follows is measured of the same thing.
    pub(super) fn begins_with_another(&self, range: Range<usize>) -> bool {
        let range = trimmed(&self.signs, range);
        let list = tokens(&self.signs, range.start, range.end, self.setting.lexicon);
        let is_measured = list.iter().any(|token| matches!(token.kind, Kind::Amount(_) | Kind::Length(_)));
        let begins = |cue: &String| {
            let behind = self.signs.get(range.start + cue.chars().count()).map_or('\0', |sign| sign.c);
            // 项目单位 and 项目申报单位 are the enterprise.
            find(&self.signs, range.clone(), cue) == Some(range.start)
                && !matches!(behind, '单' | '申' | '承')
        };
        is_measured && self.cues("other_subject").iter().any(begins)
    }

    /// Opens what was read of an addressee whose noun is no enterprise: 场地面积3万平方米以上，入驻企业不少于10家的园区.
    pub(super) fn of_its_noun(&self, found: &mut [Phrase], parts: &[Range<usize>]) {
        let Some((Phrase::Open(last), before)) = found.split_last_mut() else { return };
        if !self.names_another(last.clone()) {
            return;
        }
        for (phrase, part) in before.iter_mut().zip(parts) {
            let is_measured = |read: &Vec<Criterion>| {
                read.iter().any(|one| {
                    matches!(&one.node, Node::Leaf(leaf)
                        if leaf.tests.iter().all(|test| matches!(test, Test::Number(..))))
                })
            };
            if matches!(phrase, Phrase::Read(read) if is_measured(read)) {
                *phrase = Phrase::Open(part.clone());
            }
        }
    }

    /// True if the items of a list that does not say so are alternatives: one for every kind of enterprise, or one for every grant.
    pub(super) fn are_alternatives(&self, items: &[Range<usize>], announced: bool) -> bool {
        let first_sentence = |item: &Range<usize>| {
            let end = item.clone().find(|at| self.signs.get(*at).is_some_and(|sign| sign.c == '。'));
            item.start..end.unwrap_or(item.end)
        };
        let of_a_kind = items.iter().filter(|item| {
            poll();
            self.label(first_sentence(item)).is_some_and(|(label, _)| self.names_industry(label))
        });
        if items.len() > 1 && of_a_kind.count() > 1 {
            return true;
        }
        let granting = items.iter().filter(|item| self.grant(first_sentence(item)).is_some()).count();
        !announced && granting > 1
    }

    /// True if `range` is the name of an industry, or ends like a kind of enterprise.
    fn names_industry(&self, range: Range<usize>) -> bool {
        let list = tokens(&self.signs, range.start, range.end, self.setting.lexicon);
        let is_industry = |token: &crate::token::Token| match token.kind {
            Kind::Word(entry) => self
                .setting
                .lexicon
                .meanings(entry)
                .iter()
                .any(|meaning| matches!(meaning, Meaning::Industry(_) | Meaning::Field(_))),
            _ => false,
        };
        list.first().is_some_and(is_industry) || self.names_a_kind(range)
    }

    /// True if `range` is nothing but the name of a title or an industry: on a line of its own it is a heading.
    pub(super) fn is_heading(&self, range: Range<usize>) -> bool {
        let range = self.without_label(range);
        let list = tokens(&self.signs, range.start, range.end, self.setting.lexicon);
        let named = |token: &crate::token::Token| match token.kind {
            Kind::Word(entry) => self.setting.lexicon.meanings(entry).iter().any(|meaning| {
                matches!(
                    meaning,
                    Meaning::Title(_)
                        | Meaning::Industry(_)
                        | Meaning::Field(_)
                        | Meaning::Size(_)
                        | Meaning::Function(Class::TitleEnd | Class::IndustryEnd | Class::Among)
                )
            }),
            Kind::Mark('，') => true,
            _ => false,
        };
        !list.is_empty() && list.iter().all(named)
    }

    /// True if `part`, behind a part that grants, is one more amount: 木偶剧项目不超过100万元.
    pub(super) fn is_amount(&self, part: Range<usize>) -> bool {
        let list = tokens(&self.signs, part.start, part.end, self.setting.lexicon);
        let has_amount =
            list.iter().any(|token| matches!(&token.kind, Kind::Amount(amount) if amount.unit == Unit::Yuan));
        let words = ["不超过", "最高", "封顶", "按照", "标准"].map(str::to_owned);
        has_amount && find_any(&self.signs, part, &words).is_some()
    }

    /// Of steps whose first is judged, the others are as well if they bound what it names: 在我区纳税300万元的…；纳税500万元的….
    pub(super) fn steps(&mut self, steps: &mut [Vec<Criterion>]) {
        let mut named: Vec<String> = Vec::new();
        for step in steps {
            poll();
            for criterion in step {
                match &criterion.node {
                    Node::Judged(text) => {
                        let signs = crate::sign::signs(text);
                        let lexicon = self.setting.lexicon;
                        for token in tokens(&signs, 0, signs.len(), lexicon) {
                            let Kind::Word(entry) = token.kind else { continue };
                            for meaning in lexicon.meanings(entry) {
                                match meaning {
                                    Meaning::Quantity(fact) => named.push(fact.clone()),
                                    Meaning::PlaceVerb(facts)
                                        if facts.iter().any(|fact| fact == "tax_region") =>
                                    {
                                        named.push("taxes_paid".to_owned());
                                    }
                                    _ => {}
                                }
                            }
                        }
                    }
                    Node::Leaf(leaf)
                        if named.contains(&leaf.fact)
                            && leaf.tests.iter().all(|test| matches!(test, Test::Number(..))) =>
                    {
                        if let Some(quote) = criterion.quote.clone() {
                            self.unread_leaf(&quote);
                            criterion.node = Node::Judged(quote);
                            criterion.quote = None;
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Notes the signs of `quote`, which was read, as judged.
    fn unread_leaf(&mut self, quote: &str) {
        let Some(from) = self.source.find(quote) else { return };
        let to = from + quote.len();
        let begin = self.signs.partition_point(|sign| sign.source.start < from);
        let end = self.signs.partition_point(|sign| sign.source.start < to);
        self.note(begin..end, SegmentKind::Judged);
    }
}
