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
            })?;
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
