//! Evaluates a formula for one enterprise: exact if everything is known, otherwise a range that contains the result of every
//! completion (补全).
//!
//! Every node except a bare quantity is 0 or more: a share of a loss is 0, not a debt. A part whose result is exact despite
//! unknowns below it has no open facts.

use std::collections::{BTreeMap, HashSet};

use zhaoren_cancel::poll;

use super::formula::{Bracket, BracketMode, Formula, Pays, Quantity, Tier};
use super::interval::Interval;
use crate::criterion::{Criterion, Leaf, Node, Take, Test, When};
use crate::fact::{Fact, FactType, Knowledge};
use crate::number::Number;
use crate::verdict::Verdict;
use crate::view::View;

/// Inputs of an evaluation.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// Known facts of the enterprise.
    pub view: View<'a>,
    /// Exact decision of a condition, over all completions. A condition that cannot be decided is [`Verdict::Undetermined`],
    /// which only widens the range.
    pub decide: &'a dyn Fn(&Criterion) -> Verdict,
    /// Quantities that no fact holds, by their name in formulas.
    pub inputs: &'a BTreeMap<String, Number>,
}

/// Reasons why a value is not exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OpenParts {
    /// Keys of open facts, in reading order.
    pub(super) facts: DistinctWords,
    /// Open inputs and judged texts, in reading order.
    pub(super) inputs: DistinctWords,
    /// True if the office may pay less (不超过).
    pub(super) discretion: bool,
}

impl OpenParts {
    fn add(&mut self, other: Self) {
        other.facts.list.into_iter().for_each(|key| self.facts.add(key));
        other.inputs.list.into_iter().for_each(|name| self.inputs.add(name));
        self.discretion |= other.discretion;
    }
}

/// Words in reading order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct DistinctWords {
    list: Vec<String>,
    seen: HashSet<String>,
}

impl DistinctWords {
    fn add(&mut self, word: String) {
        poll();
        if !self.seen.contains(&word) {
            self.seen.insert(word.clone());
            self.list.push(word);
        }
    }

    /// Words as a list.
    pub(super) fn into_list(self) -> Vec<String> {
        self.list
    }
}

/// Range of `formula`, and the reasons why it is not exact.
pub(super) fn evaluate(formula: &Formula, setting: &Setting<'_>) -> (Interval, OpenParts) {
    let (interval, open) = node(formula, setting);
    if interval.is_exact() { (interval, OpenParts::default()) } else { (interval, open) }
}

fn node(formula: &Formula, setting: &Setting<'_>) -> (Interval, OpenParts) {
    poll();
    match formula {
        Formula::Yuan(number) => (Interval::exactly(number.clone()), OpenParts::default()),
        Formula::Quantity(what) => quantity(what, setting),
        Formula::Share { rate: factor, of } | Formula::Each { yuan: factor, of } => {
            let (interval, open) = evaluate(of, setting);
            (paid(&interval).times(factor), open)
        }
        Formula::Brackets { of, mode, rows } => {
            let (interval, open) = evaluate(of, setting);
            let value = match mode {
                BracketMode::Progressive => progressive(rows, &interval),
                BracketMode::Whole => in_one_bracket(rows, &interval, counts_whole(of, setting)),
            };
            (paid(&value), open)
        }
        Formula::Case { arms, otherwise, otherwise_when } => case(arms, otherwise, otherwise_when, setting),
        Formula::Sum(of) => fold(of, setting, Interval::plus),
        Formula::Min(of) => fold(of, setting, Interval::lesser),
        Formula::Max(of) => fold(of, setting, Interval::greater),
        Formula::Difference(from, off) => {
            let ((from, mut open), (off, more)) = (evaluate(from, setting), evaluate(off, setting));
            open.add(more);
            (paid(&from.minus(&off)), open)
        }
        Formula::UpTo(of) => {
            let (interval, mut open) = evaluate(of, setting);
            open.discretion = true;
            (Interval { low: Some(Number::zero()), high: paid(&interval).high }, open)
        }
        Formula::Bounded { of, at_least, at_most } => {
            let (mut interval, open) = evaluate(of, setting);
            if let Some(low) = at_least {
                interval = interval.greater(&Interval::exactly(low.clone()));
            }
            if let Some(high) = at_most {
                interval = interval.lesser(&Interval::exactly(high.clone()));
            }
            (interval, open)
        }
    }
}

/// Interval cut to 0 or more.
pub(super) fn paid(interval: &Interval) -> Interval {
    interval.greater(&Interval::exactly(Number::zero()))
}

fn fold(
    of: &[Formula],
    setting: &Setting<'_>,
    join: fn(&Interval, &Interval) -> Interval,
) -> (Interval, OpenParts) {
    let mut open = OpenParts::default();
    let mut value: Option<Interval> = None;
    for formula in of {
        let (interval, more) = evaluate(formula, setting);
        open.add(more);
        value = Some(value.map_or_else(|| interval.clone(), |value| join(&value, &interval)));
    }
    (value.unwrap_or_else(|| Interval::exactly(Number::zero())), open)
}

/// Hull of every arm that some completion reaches.
fn case(
    arms: &[Tier],
    otherwise: &Formula,
    otherwise_when: &Criterion,
    setting: &Setting<'_>,
) -> (Interval, OpenParts) {
    let mut open = OpenParts::default();
    let mut value: Option<Interval> = None;
    let branches = arms.iter().map(|arm| (&arm.selected, &arm.then)).chain([(otherwise_when, otherwise)]);
    for (condition, formula) in branches {
        let verdict = (setting.decide)(condition);
        if verdict == Verdict::Ineligible {
            continue;
        }
        let (interval, more) = evaluate(formula, setting);
        open.add(more);
        value = Some(value.map_or_else(|| interval.clone(), |value| value.hull(&interval)));
        if verdict == Verdict::Eligible {
            break;
        }
        note_condition(condition, setting, &mut open);
    }
    // No arm is reachable only if `decide` contradicts itself: the result is then the interval without bounds.
    (value.unwrap_or_default(), open)
}

/// Adds the unknown facts of a condition.
fn note_condition(condition: &Criterion, setting: &Setting<'_>, open: &mut OpenParts) {
    condition.walk(&mut |_, criterion| match &criterion.node {
        Node::Judged(text) if setting.view.judgement(text).is_none() => {
            open.inputs.add(text.clone());
        }
        Node::Leaf(leaf) => note_leaf(leaf, setting, open),
        Node::Records(leaf) if (setting.decide)(criterion) == Verdict::Undetermined => {
            open.facts.add(leaf.measure.records.clone());
        }
        _ => {}
    });
}

fn note_leaf(leaf: &Leaf, setting: &Setting<'_>, open: &mut OpenParts) {
    let Some(fact) = setting.view.dictionary.get(&leaf.fact) else { return };
    if fact.kind == FactType::Tags {
        let set = setting.view.tags(&fact.key);
        let holds = |tag: &String| set.and_then(|set| set.holds(tag, setting.view.as_of)).is_some();
        let known = leaf.tests.iter().all(|test| match test {
            Test::HasAny(tags) | Test::HasAll(tags) | Test::HasNone(tags) => tags.iter().all(holds),
            _ => true,
        });
        if !known {
            open.facts.add(fact.key.clone());
        }
        return;
    }
    for (year, known) in values(fact, leaf.when, &setting.view) {
        note_fact(fact, year, &known, setting, open);
    }
}

fn note_fact(fact: &Fact, year: Option<i16>, known: &Knowledge, setting: &Setting<'_>, open: &mut OpenParts) {
    if known.exact().is_none() {
        setting.view.open_inputs(fact, year).into_iter().for_each(|key| open.facts.add(key));
    }
}

/// Known values of a fact selected by `when`, first year first.
fn values(fact: &Fact, when: When, view: &View<'_>) -> Vec<(Option<i16>, Knowledge)> {
    let years: Vec<Option<i16>> = match when {
        When::Current => vec![None],
        When::LastYear => vec![Some(view.last_year())],
        When::Year(year) => vec![Some(year)],
        When::Years(aggregate) => {
            let end = aggregate.end.unwrap_or_else(|| view.last_year());
            (0..i16::from(aggregate.years)).rev().map(|back| Some(end - back)).collect()
        }
    };
    years.into_iter().map(|year| (year, view.knowledge(fact, year))).collect()
}

fn quantity(what: &Quantity, setting: &Setting<'_>) -> (Interval, OpenParts) {
    let mut open = OpenParts::default();
    let interval = match what {
        Quantity::Input { name } => match setting.inputs.get(name) {
            Some(number) => Interval::exactly(number.clone()),
            None => {
                open.inputs.add(name.clone());
                Interval { low: Some(Number::zero()), high: None }
            }
        },
        Quantity::Fact { key, when } => {
            // INVARIANT: a loaded formula only names facts of the dictionary it was loaded with.
            let Some(fact) = setting.view.dictionary.get(key) else { return (Interval::default(), open) };
            let mut years = Vec::new();
            for (year, known) in values(fact, *when, &setting.view) {
                note_fact(fact, year, &known, setting, &mut open);
                years.push(Interval::of(&known, fact.min.as_ref(), fact.max.as_ref()));
            }
            over_years(*when, years)
        }
    };
    (interval, open)
}

fn over_years(when: When, years: Vec<Interval>) -> Interval {
    let count = i64::try_from(years.len()).ok().map(Number::from);
    let take = match when {
        When::Years(aggregate) => aggregate.take,
        _ => Take::Sum,
    };
    let join = match take {
        Take::Min => Interval::lesser,
        Take::Max => Interval::greater,
        _ => Interval::plus,
    };
    // Without any year the result is the interval without bounds.
    let joined = years.into_iter().reduce(|a, b| join(&a, &b)).unwrap_or_default();
    match (take, count) {
        (Take::Average, Some(count)) if count.is_positive() => {
            let share = Number::from(1).checked_div(&count).unwrap_or_else(Number::zero);
            joined.map(|end| end.times(&share))
        }
        (Take::Average, _) => Interval::default(),
        _ => joined,
    }
}

/// True if a quantity only takes whole numbers, so that an exclusive row end has a last value before it.
fn counts_whole(of: &Formula, setting: &Setting<'_>) -> bool {
    let Formula::Quantity(Quantity::Fact { key, when }) = of else { return false };
    let average = matches!(when, When::Years(aggregate) if aggregate.take == Take::Average);
    !average && setting.view.dictionary.get(key).is_some_and(|fact| fact.kind == FactType::Integer)
}

/// Slices at their own rates: an increasing function, applied to both bounds.
fn progressive(rows: &[Bracket], interval: &Interval) -> Interval {
    let at = |value: Option<&Number>| {
        let mut sum = Number::zero();
        let mut start = Number::zero();
        for row in rows {
            let Pays::Rate(rate) = &row.pays else { continue };
            let top = match (value, &row.end) {
                (Some(value), Some(end)) => Some(value.min(end)),
                (value, end) => value.or(end.as_ref()),
            };
            match top {
                Some(top) if *top > start => sum = sum.plus(&top.minus(&start).times(rate)),
                None if rate.is_positive() => return None,
                _ => {}
            }
            if let Some(end) = &row.end {
                start = end.clone();
            }
        }
        Some(sum)
    };
    let low = interval.low.as_ref().map_or(Some(Number::zero()), |low| at(Some(low)));
    Interval { low, high: at(interval.high.as_ref()) }
}

/// Row that contains the quantity: the hull over every row that can contain it.
fn in_one_bracket(rows: &[Bracket], interval: &Interval, integers: bool) -> Interval {
    let mut value: Option<Interval> = None;
    let mut start: Option<(Number, bool)> = None;
    for row in rows {
        let end = row.end.clone().map(|end| (end, row.inclusive));
        if let Some(inside) = meet(interval, start.as_ref(), end.as_ref(), integers) {
            let gives = match &row.pays {
                Pays::Yuan(yuan) => Interval::exactly(yuan.clone()),
                Pays::Rate(rate) => inside.times(rate),
            };
            value = Some(value.map_or_else(|| gives.clone(), |value| value.hull(&gives)));
        }
        start = row.end.clone().map(|end| (end, !row.inclusive));
    }
    // If no row can contain the quantity, the result is the interval without bounds.
    value.unwrap_or_default()
}

/// Part of `interval` between two bounds, each with its inclusive flag; `None` if it is empty.
fn meet(
    interval: &Interval,
    start: Option<&(Number, bool)>,
    end: Option<&(Number, bool)>,
    integers: bool,
) -> Option<Interval> {
    let one = Number::from(1);
    let first = start.map(|(at, belongs)| match (integers, belongs) {
        (true, true) => (at.ceil(), true),
        (true, false) => (at.floor().plus(&one), true),
        (false, belongs) => (at.clone(), *belongs),
    });
    let last = end.map(|(at, belongs)| match (integers, belongs) {
        (true, true) => (at.floor(), true),
        (true, false) => (at.ceil().minus(&one), true),
        (false, belongs) => (at.clone(), *belongs),
    });
    let low = match (&interval.low, &first) {
        (Some(low), Some((at, _))) => Some(low.max(at).clone()),
        (low, first) => low.clone().or_else(|| first.as_ref().map(|(at, _)| at.clone())),
    };
    let high = match (&interval.high, &last) {
        (Some(high), Some((at, _))) => Some(high.min(at).clone()),
        (high, last) => high.clone().or_else(|| last.as_ref().map(|(at, _)| at.clone())),
    };
    let empty = match (&low, &high) {
        (Some(low), Some(high)) if low == high => {
            first.is_some_and(|(at, belongs)| at == *low && !belongs)
                || last.is_some_and(|(at, belongs)| at == *high && !belongs)
        }
        (Some(low), Some(high)) => low > high,
        _ => false,
    };
    (!empty).then_some(Interval { low, high })
}
