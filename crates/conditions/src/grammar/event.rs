//! Events within a window: 近三年未发生重大安全事故.

use zhaoren_policy::calendar::CalendarSpan;
use zhaoren_policy::criterion::{Criterion, Span, Test};

use super::{Parser, current};
use crate::class::Class;
use crate::draft;
use crate::lexicon::Meaning;
use crate::token::Kind;

impl Parser<'_> {
    pub(super) fn events(&mut self) -> Option<Vec<Criterion>> {
        self.skip(&[Class::Filler]);
        let span = self.window()?;
        self.skip(&[Class::Filler, Class::Subject, Class::Inside, Class::Must]);
        let denied = self.take(Class::NotHappen) || self.take(Class::Not);
        let happened = self.take(Class::Happen);
        if !(denied || happened) {
            return None;
        }
        let listing = self.list(|parser| {
            parser.skip(&[Class::Happen, Class::Filler]);
            if denied {
                parser.skip(&[Class::NotHappen]);
            }
            let event = parser.take_meaning(|meaning| match meaning {
                Meaning::Event(fact) => Some(fact.clone()),
                _ => None,
            });
            let event = event.or_else(|| parser.short_event())?;
            parser.skip(&[Class::Circumstance]);
            Some(event)
        })?;
        let elapsed = if denied { Span::AtLeast } else { Span::LessThan };
        let mut read: Vec<Criterion> = Vec::new();
        for fact in listing.of {
            let one = current(&fact, Test::Elapsed(elapsed, span));
            if !read.contains(&one) {
                read.push(one);
            }
        }
        Some(if denied { read } else { vec![draft::any(read)] })
    }

    /// 安全, 环保 or 质量 of 安全、环保、质量事故: the noun is behind the last of them.
    fn short_event(&mut self) -> Option<String> {
        const SHORT: [(&str, &str); 3] = [
            ("安全", "last_safety_accident_on"),
            ("环保", "last_env_violation_on"),
            ("质量", "last_quality_accident_on"),
        ];
        let (word, fact) = SHORT.iter().find(|(word, _)| self.is_spelled(word))?;
        let behind = self.at + word.chars().count();
        // A list of nothing but such words ends with no event.
        let names_event = self.tokens.get(behind..)?.iter().take(8).any(|token| match token.kind {
            Kind::Word(entry) => self
                .setting
                .lexicon
                .meanings(entry)
                .iter()
                .any(|meaning| matches!(meaning, Meaning::Event(_))),
            _ => false,
        });
        let is_joined = matches!(self.tokens.get(behind).map(|token| &token.kind), Some(Kind::Mark('、')));
        if !(names_event && is_joined) {
            return None;
        }
        self.at = behind;
        Some((*fact).to_owned())
    }

    /// True if the tokens here are the signs of `word`, which is no word of the lexicon.
    fn is_spelled(&self, word: &str) -> bool {
        word.chars().enumerate().all(|(ahead, c)| self.kind(ahead) == Some(&Kind::Other(c)))
    }

    /// 近三年, 三年内, 申请认定前一年内.
    fn window(&mut self) -> Option<CalendarSpan> {
        self.take(Class::In);
        if let Some(Kind::Window { span, .. }) = self.kind(0) {
            let span = *span;
            self.at += 1;
            return Some(span);
        }
        self.take(Class::Ahead);
        let Some(Kind::Length(span)) = self.kind(0) else { return None };
        let span = *span;
        self.at += 1;
        (self.take(Class::Inside) || self.take(Class::OrLess)).then_some(span)
    }
}
