//! Ages and dates: 成立满三年, 2023年1月1日以后注册, 近三年新设立, 正常经营1年以上.

use jiff::civil::Date;
use zhaoren_policy::calendar::CalendarSpan;
use zhaoren_policy::criterion::{Criterion, DateCompare, Span, Test, When};
use zhaoren_policy::fact::Value;

use super::bound::span_test;
use super::{Parser, current, leaf};
use crate::class::Class;
use crate::lexicon::Meaning;
use crate::token::Kind;

impl Parser<'_> {
    pub(super) fn since(&mut self) -> Option<Vec<Criterion>> {
        let before = self.at;
        if let Some(read) = self.date_first() {
            return Some(read);
        }
        self.at = before;
        if let Some(read) = self.window_first() {
            return Some(read);
        }
        self.at = before;
        self.skip(&[Class::Filler]);
        let running = self.take_meaning(|meaning| match meaning {
            Meaning::SinceRunning(fact) => Some(fact.clone()),
            _ => None,
        });
        if let Some(fact) = running {
            return self.going_concern(&fact, before);
        }
        let fact = self.since_word()?;
        let tests = self.age().or_else(|| self.date_behind())?;
        Some(vec![leaf(&fact, When::Current, tests)])
    }

    fn since_word(&mut self) -> Option<String> {
        let noun = self.take_meaning(|meaning| match meaning {
            Meaning::SinceNoun(fact) => Some(fact.clone()),
            _ => None,
        });
        noun.or_else(|| self.since_verb())
    }

    fn since_verb(&mut self) -> Option<String> {
        self.take_meaning(|meaning| match meaning {
            Meaning::SinceVerb(fact) => Some(fact.clone()),
            _ => None,
        })
    }

    /// True if the token before is a verb at the beginning of something; its fact.
    pub(super) fn verb_behind(&self) -> Option<String> {
        let token = self.tokens.get(self.at.checked_sub(1)?)?;
        let Kind::Word(entry) = token.kind else { return None };
        self.setting.lexicon.meanings(entry).iter().find_map(|meaning| match meaning {
            Meaning::SinceVerb(fact) => Some(fact.clone()),
            _ => None,
        })
    }

    /// Bounds of a length of time.
    pub(super) fn age(&mut self) -> Option<Vec<Test>> {
        let before = self.at;
        let bounds = self.bounds::<CalendarSpan>();
        match bounds {
            // 三年: without a word of comparison nothing is known.
            Some(bounds) => Some(bounds.iter().map(span_test).collect()),
            None => {
                self.at = before;
                None
            }
        }
    }

    /// 正常经营1年以上: since when, and that it still does.
    fn going_concern(&mut self, fact: &str, begin: usize) -> Option<Vec<Criterion>> {
        let tests = self.age()?;
        let mut read = vec![leaf(fact, When::Current, tests)];
        let says_normal = self.tokens.get(begin..self.at).unwrap_or_default().iter().any(|token| {
            let Kind::Word(entry) = token.kind else { return false };
            self.setting.lexicon.meanings(entry).iter().any(
                |meaning| matches!(meaning, Meaning::Flag { leaf, .. } if leaf.fact == "registration_status"),
            )
        });
        if says_normal {
            let open = Value::Text("存续(在营)".to_owned());
            read.push(current("registration_status", Test::OneOf(vec![open])));
        }
        Some(read)
    }

    // ---- dates

    /// 于2020年1月1日之后, 在2023年6月30日以前.
    fn date_behind(&mut self) -> Option<Vec<Test>> {
        self.skip(&[Class::Must, Class::Have, Class::Filler, Class::In]);
        self.compared_date().or_else(|| self.date())
    }

    /// 不早于2022年1月1日, 早于2023年: the comparison before the date.
    fn compared_date(&mut self) -> Option<Vec<Test>> {
        const WORDS: [(&[&str], DateCompare); 4] = [
            (&["不早于"], DateCompare::OnOrAfter),
            (&["不晚于", "不迟于"], DateCompare::OnOrBefore),
            (&["早于"], DateCompare::Before),
            (&["晚于", "迟于"], DateCompare::After),
        ];
        let (_, compare) = WORDS.iter().find(|(words, _)| self.is_word(words))?;
        let (first, last) = match self.kind(1)? {
            Kind::Day { day, month_only: false } => (*day, *day),
            Kind::Day { day, month_only: true } => (*day, day.last_of_month()),
            Kind::Year(year) => (Date::new(*year, 1, 1).ok()?, Date::new(*year, 12, 31).ok()?),
            _ => return None,
        };
        self.at += 2;
        let day = match compare {
            DateCompare::OnOrAfter | DateCompare::Before => first,
            DateCompare::OnOrBefore | DateCompare::After => last,
        };
        Some(vec![Test::Date(*compare, day)])
    }

    /// One date with its direction, or a period between two.
    fn date(&mut self) -> Option<Vec<Test>> {
        let before = self.at;
        self.skip(&[Class::From, Class::In]);
        let year = match self.kind(0)? {
            Kind::Year(year) => Some(*year),
            _ => None,
        };
        if let Some(year) = year {
            self.at += 1;
            if (self.is(0, Class::To) || self.kind(0) == Some(&Kind::Mark('-')))
                && let Some(Kind::Year(last)) = self.kind(1)
            {
                let (first, last) = (Date::new(year, 1, 1).ok()?, Date::new(*last, 12, 31).ok()?);
                self.at += 2;
                self.skip(&[Class::Period, Class::Inside]);
                let from = Test::Date(DateCompare::OnOrAfter, first);
                return (first < last).then(|| vec![from, Test::Date(DateCompare::OnOrBefore, last)]);
            }
            return self.year_date(year).or_else(|| {
                self.at = before;
                None
            });
        }
        let (first, month_only) = self.day()?;
        let included = self.included();
        if self.is(0, Class::To) || self.kind(0) == Some(&Kind::Mark('-')) {
            self.at += 1;
            let (last, last_month_only) = self.day()?;
            self.included();
            let last = if last_month_only { last.last_of_month() } else { last };
            self.skip(&[Class::Period, Class::Inside]);
            return Some(vec![
                Test::Date(DateCompare::OnOrAfter, first),
                Test::Date(DateCompare::OnOrBefore, last),
            ]);
        }
        let compare = self.direction_of_date(included)?;
        let day = match compare {
            DateCompare::OnOrAfter | DateCompare::Before => first,
            DateCompare::OnOrBefore if month_only => first.last_of_month(),
            // 2024年6月以后: before or after its first day is not said.
            DateCompare::After if month_only => return None,
            _ => first,
        };
        self.skip(&[Class::Period]);
        Some(vec![Test::Date(compare, day)])
    }

    fn day(&mut self) -> Option<(Date, bool)> {
        let Some(Kind::Day { day, month_only }) = self.kind(0) else { return None };
        let found = (*day, *month_only);
        self.at += 1;
        Some(found)
    }

    fn included(&mut self) -> Option<bool> {
        if self.take(Class::Inclusive) {
            return Some(true);
        }
        self.take(Class::Exclusive).then_some(false)
    }

    fn direction_of_date(&mut self, bracket: Option<bool>) -> Option<DateCompare> {
        let compare = if self.take(Class::OnOrAfter) {
            DateCompare::OnOrAfter
        } else if self.take(Class::OnOrBefore) {
            DateCompare::OnOrBefore
        } else if self.take(Class::After) {
            DateCompare::After
        } else if self.take(Class::Before) {
            DateCompare::Before
        } else {
            return None;
        };
        let bracket = bracket.or_else(|| self.included());
        Some(match (compare, bracket) {
            (DateCompare::After, Some(true)) => DateCompare::OnOrAfter,
            (DateCompare::Before, Some(true)) => DateCompare::OnOrBefore,
            (DateCompare::OnOrAfter, Some(false)) => DateCompare::After,
            (DateCompare::OnOrBefore, Some(false)) => DateCompare::Before,
            (plain, _) => plain,
        })
    }

    /// 2024年以来, 2024年成立: by its first and last day.
    fn year_date(&mut self, year: i16) -> Option<Vec<Test>> {
        let (first, last) = (Date::new(year, 1, 1).ok()?, Date::new(year, 12, 31).ok()?);
        if self.take(Class::OnOrAfter) {
            return Some(vec![Test::Date(DateCompare::OnOrAfter, first)]);
        }
        let other = [Class::After, Class::Before, Class::OnOrBefore, Class::To, Class::Inclusive];
        if other.iter().any(|class| self.is(0, *class)) {
            return None;
        }
        self.skip(&[Class::Period]);
        Some(vec![Test::Date(DateCompare::OnOrAfter, first), Test::Date(DateCompare::OnOrBefore, last)])
    }

    /// 2023年1月1日后在本区注册成立, 自2024年7月1日起新迁入本区.
    fn date_first(&mut self) -> Option<Vec<Criterion>> {
        let tests = self.date()?;
        self.mark('，');
        self.skip(&[Class::De, Class::Filler, Class::Subject]);
        self.verb_with_place(tests)
    }

    /// 近三年内新注册成立.
    fn window_first(&mut self) -> Option<Vec<Criterion>> {
        let Some(Kind::Window { span, running: false }) = self.kind(0) else { return None };
        let tests = vec![Test::Elapsed(Span::AtMost, *span)];
        self.at += 1;
        self.skip(&[Class::De, Class::Filler]);
        self.verb_with_place(tests)
    }

    /// Verb that `tests` are about, with the place where it happened if one is named.
    fn verb_with_place(&mut self, tests: Vec<Test>) -> Option<Vec<Criterion>> {
        let before = self.at;
        if let Some(mut read) = self.place() {
            if let Some(fact) = self.verb_behind() {
                read.insert(0, leaf(&fact, When::Current, tests));
                return Some(read);
            }
            return None;
        }
        self.at = before;
        let fact = self.since_verb()?;
        // 新迁入 followed by a length of time is an age of its own.
        let length_follows = matches!(self.kind(0), Some(Kind::Length(_)));
        (!length_follows).then(|| vec![leaf(&fact, When::Current, tests)])
    }
}
