//! Amounts (支持标准) of a grant: a grammar of its own, from a grant's sentences to the typed formula of an item.
//!
//! A sentence is cut into its parts (between commas). A part pays (给予, 奖励, 按…的30%), caps (单个企业最高…), repeats (连续三年)
//! or only qualifies. Parts that pay on different conditions are tiers.

mod base;
mod cap;
mod formula;
mod list;
mod part;
mod scan;
mod term;
mod unit;
mod when;

use std::ops::Range;

use serde_json::Value;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::number::Number;

use crate::plain::Plain;

pub(crate) use part::pays;
pub(crate) use scan::{Unit, sums};

/// Amount of a grant.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Amount {
    /// `benefit.amount` without its `text`.
    pub(crate) value: Value,
    /// Passages it was read from.
    pub(crate) spans: Vec<Range<usize>>,
    /// True if a sum of money of a paying part is in no formula.
    pub(crate) is_incomplete: bool,
    /// True if it gives a sum or a rate.
    pub(crate) is_stated: bool,
}

/// Reads the amount of a grant from its sentences.
pub(crate) fn read(sentences: &[&Plain], dictionary: &FactDictionary) -> Amount {
    let parts: Vec<part::PhraseReading> =
        sentences.iter().flat_map(|sentence| part::parts(sentence)).collect();
    formula::build(&parts, dictionary)
}

/// JSON of a number as formulas have it.
fn json(number: &Number) -> Value {
    number.to_json()
}
