//! Phrases understood in part: which words of them are, and whether the rest is a condition at all.

use std::ops::Range;

use zhaoren_policy::calendar::SpanUnit;
use zhaoren_policy::criterion::Criterion;

use super::Reader;
use super::clause::{Phrase, is};
use crate::class::Class;
use crate::grammar::{Context, Setting, phrase};
use crate::lexicon::Meaning;
use crate::outline::{find, split};
use crate::token::{Kind, Token, tokens};

/// Classes of the words that bound a number.
pub(super) const BOUNDS: [Class; 6] =
    [Class::AtLeast, Class::AtMost, Class::MoreThan, Class::LessThan, Class::OrMore, Class::OrLess];

impl Reader<'_> {
    /// A且B or A、B of which some are understood: those that are not are left open, each by itself.
    pub(super) fn pieces(
        &mut self,
        part: Range<usize>,
        setting: Setting<'_>,
        context: &mut Context,
    ) -> Vec<Phrase> {
        if self.names_another(part.clone()) && find(&self.signs, part.clone(), "的").is_some() {
            return vec![Phrase::Open(part)];
        }
        for joint in ["且", "、"] {
            let letter = joint.chars().next().unwrap_or('且');
            let pieces = split(&self.signs, part.clone(), |c| c == letter);
            // 甲、乙等企业, 甲、乙或丙 are lists of one phrase.
            let is_listing = ["等", "或", "和", "及", "与"]
                .iter()
                .any(|word| find(&self.signs, part.clone(), word).is_some());
            if pieces.len() < 2 || (letter == '、' && is_listing) {
                continue;
            }
            let mut trial = context.clone();
            let read: Vec<Option<Vec<Criterion>>> = pieces
                .iter()
                .map(|piece| {
                    let list = tokens(&self.signs, piece.start, piece.end, setting.lexicon);
                    phrase(&list, setting, &mut trial)
                })
                .collect();
            let some_read = read.iter().flatten().any(|criteria| !criteria.is_empty());
            // 甲、乙板上市: a piece that is no demand by itself makes the whole a list of nouns.
            let demands = pieces.iter().zip(&read).all(|(piece, read)| {
                letter != '、'
                    || read.is_some()
                    || self.is_demand(piece.clone())
                    || self.bounds_a_number(piece.clone())
            });
            if some_read && demands {
                *context = trial;
                // 完成成果转化且销售收入…: what is measured is the noun before.
                let mut of_another = false;
                let mut phrases = Vec::new();
                for (piece, read) in pieces.into_iter().zip(read) {
                    match read.filter(|_| !of_another) {
                        Some(read) => phrases.push(self.quoting(read, piece)),
                        None => {
                            of_another |= self.names_another(piece.clone());
                            let described = self.described(piece.clone(), setting, &mut None);
                            match described.filter(|_| !of_another) {
                                Some((read, end)) => {
                                    phrases.push(self.quoting(read, piece.start..end));
                                    phrases.push(Phrase::Open(end..piece.end));
                                }
                                None => phrases.push(Phrase::Open(piece)),
                            }
                        }
                    }
                }
                return phrases;
            }
        }
        if let Some(read) = self.alternatives(part.clone(), setting, context) {
            return vec![read];
        }
        if let Some((read, end)) = self.described(part.clone(), setting, context) {
            return vec![self.quoting(read, part.start..end), Phrase::Open(end..part.end)];
        }
        if let Some((read, begin)) = self.of_a_kind(part.clone(), setting) {
            return vec![Phrase::Open(part.start..begin), self.quoting(read, begin..part.end)];
        }
        vec![Phrase::Open(part)]
    }

    /// X的科技型企业: X is understood, the kind of enterprise is not. Of other nouns, such as 子公司, X would not be about the enterprise.
    fn described(
        &self,
        part: Range<usize>,
        setting: Setting<'_>,
        context: &mut Context,
    ) -> Option<(Vec<Criterion>, usize)> {
        const LONGEST: usize = 30;
        let last = part.end.checked_sub(2)?;
        if let Some(split) = self.listed_kind(part.clone(), setting) {
            return Some(split);
        }
        let particle =
            part.clone().rev().find(|at| self.signs.get(*at).is_some_and(|sign| sign.c == '的'))?;
        if !["企业", "机构", "单位"].iter().any(|word| find(&self.signs, last..part.end, word).is_some())
            || !(4..=LONGEST).contains(&(part.end - particle))
        {
            return None;
        }
        let list = tokens(&self.signs, part.start, particle, setting.lexicon);
        let read = phrase(&list, setting, context).filter(|read| !read.is_empty())?;
        Some((read, particle + 1))
    }

    /// 由各区推荐的高新技术企业: the kind of enterprise is understood, what is said of it is not. A number before it may count
    /// such enterprises, and is about something else.
    fn of_a_kind(&self, part: Range<usize>, setting: Setting<'_>) -> Option<(Vec<Criterion>, usize)> {
        let particle =
            part.clone().rev().find(|at| self.signs.get(*at).is_some_and(|sign| sign.c == '的'))?;
        let begin = particle + 1;
        let before = tokens(&self.signs, part.start, particle, setting.lexicon);
        let is_counted = before.iter().any(|token| matches!(token.kind, Kind::Amount(_)));
        if begin >= part.end || begin - part.start < 4 || is_counted {
            return None;
        }
        let list = tokens(&self.signs, begin, part.end, setting.lexicon);
        let names_a_kind = list.iter().any(|token| match token.kind {
            Kind::Word(entry) => setting
                .lexicon
                .meanings(entry)
                .iter()
                .any(|meaning| matches!(meaning, Meaning::Title(_) | Meaning::Size(_))),
            _ => false,
        });
        let read = phrase(&list, setting, &mut None).filter(|read| names_a_kind && !read.is_empty())?;
        Some((read, begin))
    }

    /// 规模以上服务业企业: counted in statistics, of a kind that no fact names.
    fn listed_kind(&self, part: Range<usize>, setting: Setting<'_>) -> Option<(Vec<Criterion>, usize)> {
        let list = tokens(&self.signs, part.start, part.end, setting.lexicon);
        let counted =
            |token: &Token| match token.kind {
                Kind::Word(entry) => setting.lexicon.meanings(entry).iter().any(
                    |meaning| matches!(meaning, Meaning::Flag { leaf, .. } if leaf.fact == "in_statistics"),
                ),
                _ => false,
            };
        let place = list.iter().position(counted)?;
        let (before, behind) = (list.get(..=place)?, list.get(place + 1..)?);
        let (first, last) = (behind.first()?, behind.last()?);
        let is_noun = behind.iter().all(|token| matches!(token.kind, Kind::Word(_) | Kind::Other(_)))
            && last.to - first.from <= 8
            && find(&self.signs, last.to.checked_sub(2)?..last.to, "企业").is_some();
        let read = phrase(before, setting, &mut None).filter(|read| is_noun && !read.is_empty())?;
        Some((read, first.from))
    }

    /// True if the beginning of a sentence that is in no list of conditions speaks of another actor or of a procedure: 评审委员会由….
    pub(super) fn is_of_another_actor(&self, range: Range<usize>) -> bool {
        const HEAD: usize = 16;
        self.has(range.start..range.end.min(range.start + HEAD), "other_actor")
    }

    /// True for a fragment, for words of encouragement, and for a purpose: 为企业上市提供服务.
    pub(super) fn asks_nothing(&self, range: Range<usize>) -> bool {
        const SHORTEST: usize = 3;
        let begins = |word: &str| find(&self.signs, range.clone(), word) == Some(range.start);
        let purpose = ["提供", "支持", "打造", "发展", "推动", "贯彻", "奠定", "规范", "加强", "促进"];
        let head = range.start..range.end.min(range.start + 14);
        let of_a_body = self.cues("public_body").iter().any(|cue| {
            find(&self.signs, head.clone(), cue).is_some_and(|at| {
                let next = self.signs.get(at + cue.chars().count()).map_or('\0', |sign| sign.c);
                matches!(
                    next,
                    '应' | '可'
                        | '负'
                        | '按'
                        | '依'
                        | '会'
                        | '将'
                        | '在'
                        | '要'
                        | '自'
                        | '根'
                        | '须'
                        | '定'
                        | '组'
                        | '每'
                )
            })
        });
        range.len() < SHORTEST
            || of_a_body
            || self.cues("persons").iter().any(|cue| begins(cue))
            || self.cues("opening").iter().any(|cue| begins(cue) && !begins("支持对象"))
            || (begins("为") && purpose.iter().any(|word| find(&self.signs, range.clone(), word).is_some()))
    }

    /// True if the text begins like a demand of its own.
    pub(super) fn is_demand(&self, range: Range<usize>) -> bool {
        ["具有", "具备", "拥有", "有", "无", "未", "能", "近", "信用", "符合", "依法纳税"]
            .iter()
            .any(|word| find(&self.signs, range.clone(), word) == Some(range.start))
    }

    /// True if `range` begins with a noun and ends with a number in its bounds: 主导产品销量1万台以上.
    fn bounds_a_number(&self, range: Range<usize>) -> bool {
        let list = tokens(&self.signs, range.start, range.end, self.setting.lexicon);
        let bounded = list.iter().any(|token| BOUNDS.iter().any(|class| is(token, *class, self.setting)));
        let measured = list.iter().rev().take(3).any(|token| matches!(token.kind, Kind::Amount(_)));
        bounded && measured && !matches!(list.first().map(|token| &token.kind), Some(Kind::Amount(_)))
    }

    /// True if the text asks something of the enterprise: it begins like a demand, or bounds a number.
    pub(super) fn is_condition(&self, range: Range<usize>) -> bool {
        let setting = self.setting;
        let list = tokens(&self.signs, range.start, range.end, setting.lexicon);
        let is_measure = |token: &Token| matches!(token.kind, Kind::Amount(_) | Kind::Length(_));
        let measured = list.iter().any(is_measure);
        // Within days something is to be done: 不少于三十日, 十五个工作日内.
        let in_days = |token: &Token| match &token.kind {
            Kind::Length(span) => span.unit == SpanUnit::Days,
            _ => false,
        };
        let measured = measured && !list.iter().all(|token| in_days(token) || !is_measure(token));
        let bounded = list.iter().any(|token| {
            is(token, Class::Between, setting) || BOUNDS.iter().any(|class| is(token, *class, setting))
        });
        let begins =
            self.cues("judge").iter().any(|cue| find(&self.signs, range.clone(), cue) == Some(range.start));
        let ends =
            range.end.checked_sub(2).is_some_and(|last| find(&self.signs, last..range.end, "企业").is_some());
        // A quantity, a date or a fault that something is said of, in words that the grammar does not have.
        let negations = [Class::Not, Class::NotHappen, Class::Inexact];
        let said =
            bounded || list.iter().any(|token| negations.iter().any(|class| is(token, *class, setting)));
        let named = list.iter().any(|token| match token.kind {
            Kind::Word(entry) => setting.lexicon.meanings(entry).iter().any(|meaning| {
                matches!(
                    meaning,
                    Meaning::Quantity(_)
                        | Meaning::SinceNoun(_)
                        | Meaning::Register(_)
                        | Meaning::Event(_)
                        | Meaning::FounderNoun
                )
            }),
            _ => false,
        });
        let of_place = |token: &Token, relation: bool| match token.kind {
            Kind::Word(entry) => setting.lexicon.meanings(entry).iter().any(|meaning| match relation {
                true => matches!(meaning, Meaning::PlaceNoun(_) | Meaning::PlaceVerb(_)),
                false => matches!(meaning, Meaning::Here(_) | Meaning::Place(_)),
            }),
            _ => false,
        };
        let placed =
            list.iter().any(|token| of_place(token, true)) && list.iter().any(|token| of_place(token, false));
        begins || ends || placed || (measured && bounded) || (named && said)
    }
}
