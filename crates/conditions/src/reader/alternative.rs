//! A或B of which one is understood: any of the two, with the other judged.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::criterion::Criterion;

use super::clause::{Phrase, is};
use super::part::BOUNDS;
use super::{Reader, quoted};
use crate::draft;
use crate::grammar::{Context, Setting, phrase, shared};
use crate::lexicon::Unit;
use crate::outline::{find, find_any, split, trimmed};
use crate::segment::SegmentKind;
use crate::token::{Kind, tokens};

/// Most alternatives of one phrase.
const MOST: usize = 4;

/// Words that deny all of what follows: 未发生A或B is neither, not one of two.
const DENIALS: [&str; 10] = ["未", "无", "没有", "不存在", "不属于", "不得", "不是", "不在", "非", "除"];

/// Nouns that add nothing to what is said of the enterprise before them.
const PLAIN_NOUNS: [&str; 6] = ["企业", "单位", "机构", "公司", "主体", "组织"];

/// Ends of nouns that may be who is supported.
const ACTORS: [&str; 22] = [
    "企业",
    "单位",
    "机构",
    "公司",
    "主体",
    "组织",
    "中心",
    "合作社",
    "个体户",
    "工商户",
    "院所",
    "院校",
    "学校",
    "园",
    "商",
    "店",
    "者",
    "厂",
    "场",
    "所",
    "院",
    "协会",
];

impl Reader<'_> {
    /// Alternatives of `part`, some of which are understood. `None` where a word before or behind them may be about all of them.
    pub(super) fn alternatives(
        &mut self,
        part: Range<usize>,
        setting: Setting<'_>,
        context: &mut Context,
    ) -> Option<Phrase> {
        let pieces: Vec<Range<usize>> = split(&self.signs, part.clone(), |c| c == '或')
            .into_iter()
            .map(|piece| self.without_second_sign(piece))
            .collect();
        let too_many = pieces.len() < 2 || pieces.len() > MOST;
        if too_many || self.has(part.clone(), "whole") || self.has(part.clone(), "never") {
            return None;
        }
        let mut trial = context.clone();
        let mut read: Vec<Option<Vec<Criterion>>> = Vec::new();
        for piece in &pieces {
            poll();
            let list = tokens(&self.signs, piece.start, piece.end, setting.lexicon);
            read.push(phrase(&list, setting, &mut trial));
        }
        let is_empty = |one: &Option<Vec<Criterion>>| one.as_ref().is_some_and(Vec::is_empty);
        if read.iter().any(is_empty) || read.iter().all(Option::is_none) {
            return None;
        }
        let by_itself = pieces
            .iter()
            .zip(&read)
            .all(|(piece, read)| read.is_some() || self.stands_by_itself(piece.clone()));
        let denials = DENIALS.map(str::to_owned);
        let first = pieces.first()?.clone();
        // 未被列入A或B: the denial is of both, unless it is of a bound: 不得低于.
        if !by_itself || find_any(&self.signs, first, &denials).is_some() {
            return None;
        }
        *context = trial;
        self.note(part, SegmentKind::Connective);
        let mut of: Vec<Vec<Criterion>> = Vec::new();
        for (piece, read) in pieces.into_iter().zip(read) {
            of.push(match read {
                Some(mut read) => {
                    self.note(piece.clone(), SegmentKind::Criterion);
                    quoted(&mut read, self.verbatim(piece));
                    read
                }
                None => vec![self.judge(piece)],
            });
        }
        Some(Phrase::Read(match of.iter().all(|one| one.len() == 1) {
            true => vec![draft::any(of.into_iter().map(draft::all).collect())],
            false => shared(of),
        }))
    }

    /// `piece` behind 或, without the second sign of 或者 and 或是.
    fn without_second_sign(&self, piece: Range<usize>) -> Range<usize> {
        let begins = |word: &str| find(&self.signs, piece.clone(), word) == Some(piece.start);
        let behind_or = piece
            .start
            .checked_sub(1)
            .is_some_and(|at| self.signs.get(at).is_some_and(|sign| sign.c == '或'));
        match behind_or && (begins("者") || begins("是")) {
            true => trimmed(&self.signs, piece.start + 1..piece.end),
            false => piece,
        }
    }

    /// True if `piece`, which is not understood, is a demand with its own verb, and no noun ends it that may be the noun of all.
    fn stands_by_itself(&self, piece: Range<usize>) -> bool {
        const SHORTEST: usize = 4;
        let verbs = [
            "具有",
            "具备",
            "拥有",
            "获得",
            "取得",
            "获",
            "承担",
            "参与",
            "主持",
            "牵头",
            "建有",
            "建成",
            "设有",
            "从事",
            "经",
            "被",
            "通过",
            "完成",
            "入选",
            "入围",
            "列入",
            "纳入",
            "属于",
            "为",
            "在",
            "与",
            "由",
            "拟",
            "已",
            "曾",
            "近",
            "连续",
            "上年度",
            "上一年度",
            "年",
            "累计",
            "开展",
            "实现",
            "产品",
            "技术",
            "主导",
            "掌握",
            "能",
            "符合",
            "承接",
            "引进",
            "成立",
            "设立",
            "投资",
        ];
        let begins = verbs.iter().any(|verb| find(&self.signs, piece.clone(), verb) == Some(piece.start));
        let particle = piece.clone().rev().find(|at| self.signs.get(*at).is_some_and(|sign| sign.c == '的'));
        let plain = particle.is_none_or(|particle| {
            let noun = particle + 1..piece.end;
            noun.is_empty() || self.is_one_of(noun.clone(), &PLAIN_NOUNS) || self.is_an_object(noun)
        });
        piece.len() >= SHORTEST
            && begins
            && plain
            && !self.is_half_bounded(piece.clone())
            && !self.asks_nothing(piece)
    }

    /// True if `piece` has a measure without a bound: of 3件或者…10件以上 the bound may be of both.
    fn is_half_bounded(&self, piece: Range<usize>) -> bool {
        let setting = self.setting;
        let list = tokens(&self.signs, piece.start, piece.end, setting.lexicon);
        // 前三 is a rank and no measure.
        let measured = list.iter().any(|token| match &token.kind {
            Kind::Amount(amount) => amount.unit != Unit::None || amount.multiplier > 1,
            kind => matches!(kind, Kind::Length(_)),
        });
        measured && !list.iter().any(|token| BOUNDS.iter().any(|class| is(token, *class, setting)))
    }

    /// True if `noun` is nothing that could ask for support, so that 的 before it is part of what the verb asks.
    fn is_an_object(&self, noun: Range<usize>) -> bool {
        let ends_with = |word: &str| {
            noun.end.checked_sub(word.chars().count()).is_some_and(|begin| {
                begin >= noun.start && find(&self.signs, begin..noun.end, word) == Some(begin)
            })
        };
        let is_actor = ACTORS.iter().any(|word| ends_with(word));
        !is_actor && !self.cues("other_subject").iter().any(|cue| ends_with(cue))
    }

    fn is_one_of(&self, range: Range<usize>, words: &[&str]) -> bool {
        words.iter().any(|word| {
            word.chars().count() == range.len() && find(&self.signs, range.clone(), word) == Some(range.start)
        })
    }
}
