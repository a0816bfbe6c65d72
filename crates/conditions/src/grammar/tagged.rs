//! Standards led, and tags that need a relation: awards, institutions and certificates.

use zhaoren_policy::calendar::SpanUnit;
use zhaoren_policy::criterion::{Compare, Criterion, Test, When};
use zhaoren_policy::number::Number;

use super::bound::number_test;
use super::resolve::fits;
use super::{Parser, current, leaf};
use crate::class::Class;
use crate::draft;
use crate::lexicon::Meaning;
use crate::token::{Amount, Kind};

impl Parser<'_> {
    /// 主导制定国际标准、国家标准或行业标准, 牵头制定2项以上行业标准.
    pub(super) fn standards(&mut self) -> Option<Vec<Criterion>> {
        self.five_years();
        self.skip(&[Class::Filler, Class::Have]);
        if !self.take(Class::Lead) {
            return None;
        }
        let mut bounds = self.amounts();
        self.skip(&[Class::De]);
        let listing = self.list(|parser| {
            parser.take_meaning(|meaning| match meaning {
                Meaning::Standard(fact) => Some(fact.clone()),
                _ => None,
            })
        })?;
        if bounds.is_none() {
            self.skip(&[Class::Amount, Class::Sum]);
            bounds = self.amounts();
        }
        let mut facts = listing.of;
        facts.dedup();
        let one = vec![Test::Number(Compare::AtLeast, Number::from(1))];
        let tests = match bounds {
            None => one.clone(),
            Some(bounds) => {
                let fact = facts.first()?;
                if !bounds.iter().all(|bound| fits(&bound.measure, fact, When::Current, self.setting)) {
                    return None;
                }
                bounds.iter().map(number_test).collect()
            }
        };
        // Two of any kind together are no comparison of one number; A和B may mean both.
        if facts.len() > 1 && (tests != one || listing.has_and) {
            return None;
        }
        let of = facts.iter().map(|fact| leaf(fact, When::Current, tests.clone())).collect();
        Some(vec![draft::any(of)])
    }

    fn amounts(&mut self) -> Option<Vec<super::bound::Bound<Amount>>> {
        let before = self.at;
        let bounds = self.bounds::<Amount>();
        if bounds.is_none() {
            self.at = before;
        }
        bounds
    }

    /// 近五年内: the time over which the dictionary counts standards (国科发政〔2017〕115号 第七条). Any other is not dropped.
    fn five_years(&mut self) {
        if let Some(Kind::Window { span, running: false }) = self.kind(0)
            && span.unit == SpanUnit::Years
            && span.count == 5
        {
            self.at += 1;
        }
    }

    /// 获得中国专利金奖或银奖, 通过质量管理体系认证, 建有省部级以上研发机构.
    pub(super) fn tagged(&mut self) -> Option<Vec<Criterion>> {
        let (mut have, mut never, mut both) = (false, false, false);
        loop {
            if self.take(Class::Never) {
                never = true;
            } else if self.is(0, Class::Both) && !self.is(0, Class::Each) {
                self.at += 1;
                both = true;
            } else if self.take(Class::Have) {
                have = true;
            } else if !self.take_any(&[Class::Valid, Class::Filler]) {
                break;
            }
        }
        if !(have || never) {
            return None;
        }
        let listing = self.list(|parser| {
            parser.skip(&[Class::Have, Class::Valid, Class::Filler]);
            parser.take_meaning(|meaning| match meaning {
                Meaning::Tagged { fact, tags } => Some((fact.clone(), tags.clone())),
                _ => None,
            })
        })?;
        self.skip(&[Class::TitleEnd]);
        let fact = listing.of.first()?.0.clone();
        if listing.of.iter().any(|(other, _)| *other != fact) {
            return None;
        }
        let lists: Vec<Vec<String>> = listing.of.into_iter().map(|(_, tags)| tags).collect();
        if both && !never && lists.len() > 1 {
            return Some(lists.into_iter().map(|tags| current(&fact, Test::HasAny(tags))).collect());
        }
        // A、B和C under a word of having: all of them, or any? Only 或 says it.
        if lists.len() > 1 && !listing.has_or && !never {
            return None;
        }
        let mut tags: Vec<String> = Vec::new();
        for tag in lists.into_iter().flatten() {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        Some(vec![current(&fact, if never { Test::HasNone(tags) } else { Test::HasAny(tags) })])
    }
}
