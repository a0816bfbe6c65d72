//! Formulas as a conjunction of a few clauses, each with alternatives: a form that a sieve can test bit by bit.
//!
//! Evaluated separately for "certainly holds" and "possibly holds", a formula without negation is a monotone function of its
//! atoms (Kleene), so any equivalent monotone form gives the same two bounds. Negation is pushed down to the atoms, where it is
//! the complement of the set. Remaining inexactness is described by [`Shape`].

#![expect(
    clippy::indexing_slicing,
    reason = "a formula is settled over these columns, and a negation has one part"
)]

use std::collections::BTreeMap;

use zhaoren_cancel::poll;

use super::code_set::CodeSet;
use super::columns::{Column, ColumnId};
use super::formula::{Formula, Kind};

/// Alternatives, one for each column: at least one of the columns lies in its set. An empty clause never holds.
pub(crate) type Disjunction = BTreeMap<ColumnId, CodeSet>;

/// Exactness of the two bounds over the clauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exactness {
    /// Every column occurs once: both bounds are exact.
    ReadOnce,
    /// A column occurs more than once: "certainly" and "certainly not" are right. Rows between them have to be decided exactly if
    /// such a column is unknown; if all of them are known, the remaining formula is read-once.
    RepeatedColumn,
    /// Conditions that are no clauses were left out: only "certainly not" is right.
    Partial,
}

/// Conjunction of clauses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expansion {
    /// Conditions on one column each.
    pub(crate) atoms: BTreeMap<ColumnId, CodeSet>,
    /// Clauses over several columns.
    pub(crate) clauses: Vec<Disjunction>,
    /// True if the conjunction can never hold.
    pub(crate) never: bool,
    /// Columns that occur more than once.
    pub(crate) repeated: Vec<ColumnId>,
    pub(crate) shape: Exactness,
}

/// Maximum number of clauses over several columns to expand.
const MAX_CLAUSES: usize = 16;

/// Maximum number of nodes that a formula is expanded into, for each of its own nodes. A `when` of a case is expanded twice, so
/// nested ones give four; anything beyond that is left to the diagram, which stays as small as the formula.
const MAX_GROWTH_PER_NODE: usize = 4;
/// Number of nodes that is always allowed.
const ALWAYS: usize = 256;

impl Expansion {
    /// Expands `formula`.
    pub(crate) fn of(formula: &Formula, columns: &[Column]) -> Self {
        let mut speller = ClauseExpander { columns, left: formula.nodes() * MAX_GROWTH_PER_NODE + ALWAYS };
        let normal = speller.normal(formula, false);
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
        if all.len() > MAX_CLAUSES {
            all.truncate(MAX_CLAUSES);
            partial = true;
        }
        let never = never || atoms.values().any(CodeSet::is_empty);
        let repeated: Vec<ColumnId> =
            counts.into_iter().filter(|(_, count)| *count > 1).map(|(column, _)| column).collect();
        let shape = match (partial, repeated.is_empty()) {
            (true, _) => Exactness::Partial,
            (false, false) => Exactness::RepeatedColumn,
            (false, true) => Exactness::ReadOnce,
        };
        Self { atoms, clauses: all, never, repeated, shape }
    }
}

/// Formula without negation, with nested lists flattened and the atoms of one list on one column merged.
enum Normal {
    Atom(ColumnId, CodeSet),
    /// All children; an empty list holds.
    And(Vec<Normal>),
    /// At least one child; an empty list fails.
    Or(Vec<Normal>),
    /// Any other node.
    Other,
}

/// Expands a formula within a budget.
struct ClauseExpander<'a> {
    columns: &'a [Column],
    /// Number of nodes that may still be expanded.
    left: usize,
}

impl ClauseExpander<'_> {
    fn last(&self, column: ColumnId) -> u32 {
        self.columns[column].space.max_code()
    }

    fn normal(&mut self, formula: &Formula, negated: bool) -> Normal {
        poll();
        let Some(left) = self.left.checked_sub(1) else { return Normal::Other };
        self.left = left;
        match &formula.kind {
            Kind::Atom((column, codes)) => {
                let last = self.last(*column);
                let codes = if negated { codes.complement(last) } else { codes.clone() };
                if codes.is_empty() {
                    Normal::Or(Vec::new())
                } else if codes == CodeSet::range(0, last) {
                    Normal::And(Vec::new())
                } else {
                    Normal::Atom(*column, codes)
                }
            }
            Kind::All if negated => self.or(&formula.children, true),
            Kind::All => self.and(&formula.children, false),
            Kind::Any(count) => self.any(&formula.children, *count, negated),
            Kind::Not => self.normal(&formula.children[0], !negated),
            Kind::Case => self.case(&formula.children, negated),
            Kind::Points { .. } => Normal::Other,
        }
    }

    fn any(&mut self, children: &[Formula], count: usize, negated: bool) -> Normal {
        let of = children.len();
        // The negation of "at least k of n hold" is "at least n - k + 1 of n fail".
        match (negated, count) {
            (false, 0) => Normal::And(Vec::new()),
            (true, 0) => Normal::Or(Vec::new()),
            (false, k) if k > of => Normal::Or(Vec::new()),
            (true, k) if k > of => Normal::And(Vec::new()),
            (false, 1) => self.or(children, false),
            (false, k) if k == of => self.and(children, false),
            (true, 1) => self.and(children, true),
            (true, k) if k == of => self.or(children, true),
            _ => Normal::Other,
        }
    }

    fn case(&mut self, children: &[Formula], negated: bool) -> Normal {
        // From the last arm to the first, so that a case of many arms is nested no deeper than one of few.
        let (arms, otherwise) = children.as_chunks::<2>();
        let mut rest = match otherwise {
            [otherwise] => self.normal(otherwise, negated),
            // No arm left and no else: fails.
            _ if negated => Normal::And(Vec::new()),
            _ => Normal::Or(Vec::new()),
        };
        for [when, then] in arms.iter().rev() {
            let this = [self.normal(when, false), self.normal(then, negated)];
            let others = [self.normal(when, true), rest];
            let both = [self.joined(this.into(), Join::And), self.joined(others.into(), Join::And)];
            rest = self.joined(both.into(), Join::Or);
        }
        rest
    }

    fn and(&mut self, children: &[Formula], negated: bool) -> Normal {
        let parts = children.iter().map(|child| self.normal(child, negated)).collect();
        self.joined(parts, Join::And)
    }

    fn or(&mut self, children: &[Formula], negated: bool) -> Normal {
        let parts = children.iter().map(|child| self.normal(child, negated)).collect();
        self.joined(parts, Join::Or)
    }

    /// Children under one node: lists of the same kind are flattened, the atoms on one column merged in one step.
    fn joined(&self, parts: Vec<Normal>, join: Join) -> Normal {
        let mut atoms: BTreeMap<ColumnId, Vec<CodeSet>> = BTreeMap::new();
        let mut rest = Vec::new();
        let mut add = |part: Normal| match part {
            Normal::Atom(column, codes) => atoms.entry(column).or_default().push(codes),
            other => rest.push(other),
        };
        for part in parts {
            match (part, join) {
                (Normal::And(inner), Join::And) | (Normal::Or(inner), Join::Or) => {
                    inner.into_iter().for_each(&mut add);
                }
                (other, _) => add(other),
            }
        }
        let mut parts = Vec::with_capacity(atoms.len() + rest.len());
        for (column, sets) in atoms {
            poll();
            let codes = match join {
                Join::And => CodeSet::all_of(&sets, self.last(column)),
                Join::Or => CodeSet::any_of(&sets),
            };
            match join {
                Join::And if codes.is_empty() => return Normal::Or(Vec::new()),
                _ => parts.push(Normal::Atom(column, codes)),
            }
        }
        let decides = |part: &Normal| match (part, join) {
            (Normal::Or(of), Join::And) | (Normal::And(of), Join::Or) => of.is_empty(),
            _ => false,
        };
        if rest.iter().any(decides) {
            return match join {
                Join::And => Normal::Or(Vec::new()),
                Join::Or => Normal::And(Vec::new()),
            };
        }
        parts.append(&mut rest);
        match join {
            _ if parts.len() == 1 => parts.remove(0),
            Join::And => Normal::And(parts),
            Join::Or => Normal::Or(parts),
        }
    }
}

/// Connective of a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Join {
    And,
    Or,
}

impl Normal {
    /// Counts the occurrences of each column.
    fn count(&self, counts: &mut BTreeMap<ColumnId, usize>) {
        match self {
            Self::Atom(column, _) => *counts.entry(*column).or_default() += 1,
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.count(counts)),
            Self::Other => {}
        }
    }

    /// Clauses of the formula; sets `partial` if a condition is left out, which can only let more items pass.
    fn expand(&self, columns: &[Column], partial: &mut bool) -> Vec<Disjunction> {
        match self {
            Self::Atom(column, codes) => vec![Disjunction::from([(*column, codes.clone())])],
            Self::And(parts) => parts.iter().flat_map(|part| part.expand(columns, partial)).collect(),
            Self::Or(parts) => {
                let mut product = vec![Disjunction::new()];
                for part in parts {
                    poll();
                    let of = part.expand(columns, partial);
                    if let ([left], [right]) = (product.as_mut_slice(), of.as_slice()) {
                        if !widen(left, right, columns) {
                            product.clear();
                        }
                        continue;
                    }
                    if product.len() * of.len() > MAX_CLAUSES {
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

/// Disjunction of two clauses; `None` if it excludes nothing.
fn either(left: &Disjunction, right: &Disjunction, columns: &[Column]) -> Option<Disjunction> {
    let mut merged = left.clone();
    widen(&mut merged, right, columns).then_some(merged)
}

/// Adds the alternatives of another clause; false if the result excludes nothing.
fn widen(clause: &mut Disjunction, other: &Disjunction, columns: &[Column]) -> bool {
    for (column, codes) in other {
        let codes = clause.get(column).map_or_else(|| codes.clone(), |before| before.or(codes));
        if codes == CodeSet::range(0, columns[*column].space.max_code()) {
            return false;
        }
        clause.insert(*column, codes);
    }
    true
}
