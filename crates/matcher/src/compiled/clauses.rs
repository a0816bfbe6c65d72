//! Formulas as a few clauses that must all hold, each with alternatives: what a sieve can test bit by bit.
//!
//! On two rails, "certainly holds" and "possibly holds", a formula without negation is a monotone function of its
//! atoms on each rail (Kleene), so any equal monotone form gives the same rails. Negation is pushed down to the
//! atoms, where it is the complement of the set. What is left inexact is named by [`Shape`].

use std::collections::BTreeMap;

use super::code_set::CodeSet;
use super::columns::{Column, ColumnId};
use super::formula::{Formula, Kind};

/// Alternatives, one for each column: at least one of the columns lies in its set. None: never holds.
pub(crate) type Clause = BTreeMap<ColumnId, CodeSet>;

/// How much the two rails over the clauses say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Every column stands in one place: both rails are exact.
    ReadOnce,
    /// A column stands in several places: "certainly" and "certainly not" are right. What lies between has to be
    /// decided exactly where such a column is open; where all of them are known, what is left is read once.
    Entangled,
    /// Conditions that are no clauses were left out: only "certainly not" is right.
    Partial,
}

/// Clauses that must all hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expansion {
    /// Conditions on one column each.
    pub(crate) atoms: BTreeMap<ColumnId, CodeSet>,
    /// Clauses over several columns.
    pub(crate) clauses: Vec<Clause>,
    /// Whether they can never hold.
    pub(crate) never: bool,
    /// The columns that stand in several places.
    pub(crate) repeated: Vec<ColumnId>,
    pub(crate) shape: Shape,
}

/// More clauses over several columns than this are not spelt out.
const MOST: usize = 16;

impl Expansion {
    /// Expands `formula`.
    pub(crate) fn of(formula: &Formula, columns: &[Column]) -> Self {
        let normal = normal(formula, false, columns);
        let mut counts = BTreeMap::new();
        normal.count(&mut counts);
        let mut partial = false;
        let mut all = normal.expand(columns, &mut partial);
        let never = all.iter().any(BTreeMap::is_empty);
        let mut atoms: BTreeMap<ColumnId, CodeSet> = BTreeMap::new();
        all.retain(|clause| {
            let single = clause.len() == 1;
            for (column, codes) in clause.iter().filter(|_| single) {
                let merged = atoms.get(column).map_or_else(|| codes.clone(), |before| before.and(codes));
                atoms.insert(*column, merged);
            }
            !single
        });
        if all.len() > MOST {
            all.truncate(MOST);
            partial = true;
        }
        let never = never || atoms.values().any(CodeSet::is_empty);
        let repeated: Vec<ColumnId> =
            counts.into_iter().filter(|(_, count)| *count > 1).map(|(column, _)| column).collect();
        let shape = match (partial, repeated.is_empty()) {
            (true, _) => Shape::Partial,
            (false, false) => Shape::Entangled,
            (false, true) => Shape::ReadOnce,
        };
        Self { atoms, clauses: all, never, repeated, shape }
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

    /// The clauses; sets `partial` where something is left out, which only ever lets more through.
    fn expand(&self, columns: &[Column], partial: &mut bool) -> Vec<Clause> {
        match self {
            Self::Atom(column, codes) => vec![Clause::from([(*column, codes.clone())])],
            Self::And(parts) => parts.iter().flat_map(|part| part.expand(columns, partial)).collect(),
            Self::Or(parts) => {
                let mut product = vec![Clause::new()];
                for part in parts {
                    let of = part.expand(columns, partial);
                    if product.len() * of.len() > MOST {
                        *partial = true;
                        return Vec::new();
                    }
                    product = product
                        .iter()
                        .flat_map(|left| of.iter().filter_map(|right| either(left, right, columns)))
                        .collect();
                }
                product
            }
            Self::Other => {
                *partial = true;
                Vec::new()
            }
        }
    }
}

/// One clause or the other; `None` when together they leave nothing out.
fn either(left: &Clause, right: &Clause, columns: &[Column]) -> Option<Clause> {
    let mut merged = left.clone();
    for (column, codes) in right {
        let codes = merged.get(column).map_or_else(|| codes.clone(), |before| before.or(codes));
        if codes == CodeSet::range(0, columns.get(*column)?.space.last()) {
            return None;
        }
        merged.insert(*column, codes);
    }
    Some(merged)
}
