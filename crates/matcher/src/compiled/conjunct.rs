//! Formulas as a few conjunctions of atoms: what a sieve can test bit by bit.
//!
//! On two rails, "certainly holds" and "possibly holds", every formula without negation is a monotone function of
//! its atoms, so writing it as alternatives of conjunctions changes neither rail (Kleene). Negation is pushed down
//! to the atoms, where it is the complement of the set. What is left inexact is named by [`Shape`].

use std::collections::BTreeMap;

use super::code_set::CodeSet;
use super::columns::{Column, ColumnId};
use super::formula::{Formula, Kind};

/// Atoms that must all hold, one for each column.
pub(crate) type Conjunct = BTreeMap<ColumnId, CodeSet>;

/// How much the two rails over the conjunctions say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Every column stands in one place: both rails are exact.
    ReadOnce,
    /// A column stands in several places: "certainly" and "certainly not" are right, what lies between has to be
    /// decided exactly.
    Entangled,
    /// Conditions that are no conjunctions were left out: only "certainly not" is right.
    Partial,
}

/// Alternatives of conjunctions; none: never holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expansion {
    pub(crate) conjuncts: Vec<Conjunct>,
    pub(crate) shape: Shape,
}

/// More alternatives than this are not spelt out.
const MOST: usize = 8;

impl Expansion {
    /// Expands `formula`.
    pub(crate) fn of(formula: &Formula, columns: &[Column]) -> Self {
        let normal = normal(formula, false, columns);
        let mut counts = BTreeMap::new();
        normal.count(&mut counts);
        let mut partial = false;
        let conjuncts = normal.expand(&mut partial);
        let shape = match (partial, counts.values().any(|count| *count > 1)) {
            (true, _) => Shape::Partial,
            (false, true) => Shape::Entangled,
            (false, false) => Shape::ReadOnce,
        };
        Self { conjuncts, shape }
    }
}

/// A formula without negation, lists flattened and atoms of one list on one column merged.
enum Normal {
    Atom(ColumnId, CodeSet),
    /// Every one; none: holds.
    And(Vec<Normal>),
    /// At least one; none: fails.
    Or(Vec<Normal>),
    /// Something else.
    Other,
}

fn normal(formula: &Formula, negated: bool, columns: &[Column]) -> Normal {
    let each = |negated| formula.children.iter().map(move |child| normal(child, negated, columns));
    let count_of = |count: usize| {
        let of = formula.children.len();
        // Not "at least k of n hold" is "at least n - k + 1 of n fail".
        match (negated, count) {
            (false, 0) => Normal::And(Vec::new()),
            (true, 0) => Normal::Or(Vec::new()),
            (false, k) if k > of => Normal::Or(Vec::new()),
            (true, k) if k > of => Normal::And(Vec::new()),
            (false, 1) => or(each(false)),
            (false, k) if k == of => and(each(false)),
            (true, 1) => and(each(true)),
            (true, k) if k == of => or(each(true)),
            _ => Normal::Other,
        }
    };
    match &formula.kind {
        Kind::Atom((column, codes)) => {
            let last = columns.get(*column).map_or(0, |column| column.space.last());
            let codes = if negated { codes.complement(last) } else { codes.clone() };
            if codes.is_empty() {
                Normal::Or(Vec::new())
            } else if codes == CodeSet::range(0, last) {
                Normal::And(Vec::new())
            } else {
                Normal::Atom(*column, codes)
            }
        }
        Kind::All if negated => or(each(true)),
        Kind::All => and(each(false)),
        Kind::Any(count) => count_of(*count),
        Kind::Not => {
            formula.children.first().map_or(Normal::And(Vec::new()), |child| normal(child, !negated, columns))
        }
        Kind::Case => case(&formula.children, negated, columns),
        Kind::Points { .. } => Normal::Other,
    }
}

fn case(children: &[Formula], negated: bool, columns: &[Column]) -> Normal {
    match children {
        // No arm and no else: fails.
        [] => {
            if negated {
                Normal::And(Vec::new())
            } else {
                Normal::Or(Vec::new())
            }
        }
        [otherwise] => normal(otherwise, negated, columns),
        [when, then, rest @ ..] => {
            let this = [normal(when, false, columns), normal(then, negated, columns)];
            let others = [normal(when, true, columns), case(rest, negated, columns)];
            or([and(this.into_iter()), and(others.into_iter())].into_iter())
        }
    }
}

fn and(parts: impl Iterator<Item = Normal>) -> Normal {
    let mut atoms: BTreeMap<ColumnId, CodeSet> = BTreeMap::new();
    let mut rest = Vec::new();
    let mut add = |part: Normal, rest: &mut Vec<Normal>| match part {
        Normal::Atom(column, codes) => {
            let merged = match atoms.get(&column) {
                Some(before) => before.and(&codes),
                None => codes,
            };
            atoms.insert(column, merged);
        }
        other => rest.push(other),
    };
    for part in parts {
        match part {
            Normal::And(inner) => inner.into_iter().for_each(|part| add(part, &mut rest)),
            other => add(other, &mut rest),
        }
    }
    let never = |part: &Normal| matches!(part, Normal::Or(of) if of.is_empty());
    if atoms.values().any(CodeSet::is_empty) || rest.iter().any(never) {
        return Normal::Or(Vec::new());
    }
    let mut parts: Vec<Normal> =
        atoms.into_iter().map(|(column, codes)| Normal::Atom(column, codes)).collect();
    parts.extend(rest);
    if parts.len() == 1 { parts.pop().unwrap_or(Normal::Other) } else { Normal::And(parts) }
}

fn or(parts: impl Iterator<Item = Normal>) -> Normal {
    let mut atoms: BTreeMap<ColumnId, CodeSet> = BTreeMap::new();
    let mut rest = Vec::new();
    let mut add = |part: Normal, rest: &mut Vec<Normal>| match part {
        Normal::Atom(column, codes) => {
            let merged = match atoms.get(&column) {
                Some(before) => before.or(&codes),
                None => codes,
            };
            atoms.insert(column, merged);
        }
        other => rest.push(other),
    };
    for part in parts {
        match part {
            Normal::Or(inner) => inner.into_iter().for_each(|part| add(part, &mut rest)),
            other => add(other, &mut rest),
        }
    }
    if rest.iter().any(|part| matches!(part, Normal::And(of) if of.is_empty())) {
        return Normal::And(Vec::new());
    }
    let mut parts: Vec<Normal> =
        atoms.into_iter().map(|(column, codes)| Normal::Atom(column, codes)).collect();
    parts.extend(rest);
    if parts.len() == 1 { parts.pop().unwrap_or(Normal::Other) } else { Normal::Or(parts) }
}

impl Normal {
    /// In how many places each column stands.
    fn count(&self, counts: &mut BTreeMap<ColumnId, usize>) {
        match self {
            Self::Atom(column, _) => *counts.entry(*column).or_default() += 1,
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.count(counts)),
            Self::Other => {}
        }
    }

    /// The alternatives; sets `partial` where something is left out, which only ever lets more through.
    fn expand(&self, partial: &mut bool) -> Vec<Conjunct> {
        match self {
            Self::Atom(column, codes) => vec![Conjunct::from([(*column, codes.clone())])],
            Self::Or(parts) => {
                let mut all: Vec<Conjunct> = Vec::new();
                for part in parts {
                    all.extend(part.expand(partial));
                    if all.len() > MOST {
                        *partial = true;
                        return vec![Conjunct::new()];
                    }
                }
                all
            }
            Self::And(parts) => {
                let mut expanded: Vec<Vec<Conjunct>> =
                    parts.iter().map(|part| part.expand(partial)).collect();
                // The plain ones first, so that what is left out is what is widest.
                expanded.sort_by_key(Vec::len);
                let mut product = vec![Conjunct::new()];
                for alternatives in expanded {
                    if product.len() * alternatives.len() > MOST {
                        *partial = true;
                        continue;
                    }
                    product = product
                        .iter()
                        .flat_map(|left| alternatives.iter().filter_map(|right| both(left, right)))
                        .collect();
                }
                product
            }
            Self::Other => {
                *partial = true;
                vec![Conjunct::new()]
            }
        }
    }
}

/// Both conjunctions; `None` when they contradict each other.
fn both(left: &Conjunct, right: &Conjunct) -> Option<Conjunct> {
    let mut merged = left.clone();
    for (column, codes) in right {
        let codes = match merged.get(column) {
            Some(before) => before.and(codes),
            None => codes.clone(),
        };
        if codes.is_empty() {
            return None;
        }
        merged.insert(*column, codes);
    }
    Some(merged)
}
