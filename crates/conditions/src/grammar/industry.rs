//! Industries and favoured fields: 主营业务属于软件和信息技术服务业, 从事集成电路、人工智能领域.

use zhaoren_policy::code::Code;
use zhaoren_policy::criterion::{Criterion, Test};

use super::{Parser, current};
use crate::class::Class;
use crate::draft;
use crate::lexicon::Meaning;
use crate::token::Kind;

/// Industry of the standard, or a favoured field of a place.
enum Business {
    Codes(Vec<Code>),
    Tags(Vec<String>),
}

impl Parser<'_> {
    /// True if the word here names enterprises of an industry: 零售企业.
    fn ends_as_enterprise(&self) -> bool {
        const ENTERPRISES: [&str; 6] =
            ["批发企业", "零售企业", "住宿企业", "餐饮企业", "住宿餐饮企业", "住宿和餐饮企业"];
        self.is_word(&ENTERPRISES)
    }

    /// True if the word here is a quantity that begins with 企业.
    fn quantity_of_enterprise(&self) -> bool {
        let Some(Kind::Word(entry)) = self.kind(0) else { return false };
        let lexicon = self.setting.lexicon;
        lexicon.word(*entry).starts_with("企业")
            && lexicon.meanings(*entry).iter().any(|meaning| matches!(meaning, Meaning::Quantity(_)))
    }

    pub(super) fn industry(&mut self) -> Option<Vec<Criterion>> {
        let begin = self.at;
        let (mut engaged, mut denied) = (false, false);
        loop {
            if self.take(Class::Never) || self.take(Class::Not) {
                denied = true;
            } else if self.take(Class::Engage) {
                engaged = true;
            } else if !self.take_any(&[Class::Must, Class::Filler]) {
                break;
            }
        }
        // 属于《…分类》中的制造业.
        if engaged && self.kind(0) == Some(&Kind::Reference) {
            self.at += 1;
            self.skip(&[Class::Indicators, Class::De]);
        }
        let mut named = false;
        let listing = self.list(|parser| {
            named |= parser.ends_as_enterprise();
            parser.take_meaning(|meaning| match meaning {
                Meaning::Industry(codes) => Some(Business::Codes(codes.clone())),
                Meaning::Field(tags) => Some(Business::Tags(tags.clone())),
                _ => None,
            })
        })?;
        // 制造业企业员工人数: the noun of the enterprise is in the word of the quantity.
        let in_quantity = self.quantity_of_enterprise();
        let ended = self.skip(&[Class::IndustryEnd]) || in_quantity;
        let (mut codes, mut tags) = (Vec::new(), Vec::new());
        for business in listing.of {
            match business {
                Business::Codes(more) => codes.extend(more),
                Business::Tags(more) => tags.extend(more),
            }
        }
        // A bare name of an industry says nothing of the enterprise, unless it is all that is said.
        let alone = begin == 0 && self.at == self.tokens.len() && tags.is_empty();
        if !(engaged || denied || ended || named || alone) || !(codes.is_empty() || tags.is_empty()) {
            return None;
        }
        let read = if tags.is_empty() {
            current("industry", Test::Within(codes))
        } else {
            current("local_industries", Test::HasAny(tags))
        };
        Some(if denied { draft::deny(vec![read], self.setting.dictionary) } else { vec![read] })
    }
}
