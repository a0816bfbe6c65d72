//! Size classes before an industry: 中小工业企业, 大型批发企业.

use zhaoren_policy::criterion::{Criterion, Test};
use zhaoren_policy::fact::Value;

use super::{Parser, current};
use crate::class::Class;
use crate::lexicon::Meaning;
use crate::token::Kind;

impl Parser<'_> {
    /// The size counts only with an industry behind it that is one of enterprises: 中小制造业 by itself names a part of an economy.
    pub(super) fn size_of_industry(&mut self) -> Option<Vec<Criterion>> {
        self.skip(&[Class::Have, Class::Must, Class::Filler]);
        let listing = self.list(|parser| {
            parser.take_meaning(|meaning| match meaning {
                Meaning::SizePrefix(values) => Some(values.clone()),
                _ => None,
            })
        })?;
        if listing.has_and {
            return None;
        }
        let mut values: Vec<String> = Vec::new();
        for value in listing.of.into_iter().flatten() {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let behind = self.at;
        let industry = self.industry()?;
        let named = self.names_enterprises(behind);
        let values = values.into_iter().map(Value::Text).collect();
        named.then(|| {
            let mut read = vec![current("enterprise_size", Test::OneOf(values))];
            read.extend(industry);
            read
        })
    }

    /// True if the last word read since `begin` ends with 企业.
    fn names_enterprises(&self, begin: usize) -> bool {
        let read = self.tokens.get(begin..self.at).unwrap_or_default();
        read.last().is_some_and(|token| match token.kind {
            Kind::Word(entry) => self.setting.lexicon.word(entry).ends_with("企业"),
            _ => false,
        })
    }
}
