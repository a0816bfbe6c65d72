//! Proposals (建议指标): a bounded quantity that no fact of the dictionary means.

use std::ops::Range;

use zhaoren_policy::criterion::{Leaf, Test};
use zhaoren_policy::fact::{Fact, FactDictionary, Period};

use super::Reader;
use crate::class::Class;
use crate::grammar::bounded_tail;
use crate::lexicon::{Meaning, Unit};
use crate::outline::trimmed;
use crate::token::{Kind, Token, tokens};
use crate::{Proposal, ProposalPeriod, ProposalType};

/// Length in signs of the name of a proposed fact.
const NAME: Range<usize> = 2..25;

impl Reader<'_> {
    /// Fact that `range` would need, if it is the name of a quantity with a bound.
    pub(super) fn propose(&self, range: Range<usize>) -> Option<Proposal> {
        let setting = self.setting;
        let range = trimmed(&self.signs, range);
        let list = tokens(&self.signs, range.start, range.end, setting.lexicon);
        let is = |token: &Token, class: Class| match token.kind {
            Kind::Word(entry) => setting.lexicon.meanings(entry).contains(&Meaning::Function(class)),
            _ => false,
        };
        let opening = [Class::Subject, Class::Must, Class::Filler, Class::Have, Class::Among];
        let yearly = |token: &Token| {
            is(token, Class::LastYear) || matches!(token.kind, Kind::Year(_) | Kind::Window { .. })
        };
        let skipped =
            list.iter().take_while(|token| opening.iter().any(|class| is(token, *class)) || yearly(token));
        let begin = skipped.count();
        let (name_end, bounds) = (begin + 1..list.len()).find_map(|at| {
            zhaoren_cancel::poll();
            bounded_tail(list.get(at..)?, setting).map(|bounds| (at, bounds))
        })?;
        let name_tokens = list.get(begin..name_end)?;
        if name_tokens
            .iter()
            .any(|token| matches!(token.kind, Kind::Mark(_) | Kind::Amount(_) | Kind::Length(_)))
        {
            return None;
        }
        let signs = self.signs.get(name_tokens.first()?.from..name_tokens.last()?.to)?;
        let name: String = signs.iter().map(|sign| sign.c).collect();
        if !NAME.contains(&name.chars().count()) {
            return None;
        }
        let (kind, unit) = match bounds.first()?.0 {
            Unit::Yuan => (ProposalType::Money, "元"),
            Unit::Percent => (ProposalType::Ratio, ""),
            Unit::People => (ProposalType::Integer, "人"),
            Unit::Piece => (ProposalType::Integer, "个"),
            Unit::SquareMetre => (ProposalType::Decimal, "平方米"),
            Unit::Point => (ProposalType::Integer, "分"),
            Unit::Level => (ProposalType::Integer, "级"),
            Unit::Dollar => (ProposalType::Decimal, "美元"),
            Unit::Foreign => (ProposalType::Decimal, "外币"),
            Unit::None => return None,
        };
        let period = match list.iter().take(begin).any(yearly) {
            true => ProposalPeriod::Year,
            false => ProposalPeriod::Current,
        };
        let key = key(&name, kind, unit, period);
        let tests: Vec<Test> = bounds.into_iter().map(|(_, test)| test).collect();
        Some(Proposal {
            key,
            name,
            kind,
            unit: unit.to_owned(),
            period,
            tests,
            quote: self.verbatim(range).to_owned(),
        })
    }
}

/// Key of a quantity: the same name always gets the same key, and a sum, a share and a yearly value of one name get different ones.
/// The digest is FNV-1a in 32 bits.
fn key(name: &str, kind: ProposalType, unit: &str, period: ProposalPeriod) -> String {
    let (kind, period) = (kind.name(), period.name());
    let parts = [name, kind, unit, period];
    let bytes = parts.iter().flat_map(|part| part.bytes().chain(std::iter::once(0)));
    let digest = bytes.fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("proposed_{digest:08x}")
}

impl Proposal {
    /// The leaf that uses the fact, where `dictionary` has it: under this name or alias, of the same type, unit and period. Built-in
    /// facts are left to the lexicon, which knows what else their names mean.
    pub(super) fn leaf_in(&self, dictionary: &FactDictionary) -> Option<Leaf> {
        let (kind, period) = (self.kind.name(), self.period.name());
        let fact = accepted_fact(dictionary, &self.name, kind, &self.unit, period)?;
        Some(Leaf { fact: fact.key.clone(), ..self.leaf() })
    }
}

/// Fact that was added to the built-in ones under this name or alias, of this type, unit and period as a proposal names them.
pub fn accepted_fact<'d>(
    dictionary: &'d FactDictionary,
    name: &str,
    kind: &str,
    unit: &str,
    period: &str,
) -> Option<&'d Fact> {
    let built_in = FactDictionary::built_in();
    if std::ptr::eq(dictionary, built_in) {
        return None;
    }
    zhaoren_cancel::poll();
    dictionary.iter().find(|fact| {
        (fact.name == name || fact.aliases.iter().any(|alias| alias == name))
            && fact.kind.name() == kind
            && (fact.period == Period::Year) == (period == ProposalPeriod::Year.name())
            // Sums and shares have one unit each.
            && (["money", "ratio"].contains(&kind) || fact.unit.as_deref().unwrap_or_default() == unit)
            && built_in.get(&fact.key).is_none()
    })
}
