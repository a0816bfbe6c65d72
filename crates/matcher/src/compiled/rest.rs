//! Clauses without a bitmap in the sieve, evaluated one by one for the few items that remain.

#![expect(clippy::indexing_slicing, reason = "positions are given out where the clauses are laid end to end")]

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::clauses::Disjunction;
use super::code_set::CodeSet;
use super::columns::{Column, ColumnId, Encoded};

/// Condition on one column.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Atom {
    column: ColumnId,
    codes: CodeSet,
    /// Outcome for an unknown value: whether it certainly holds, and whether it can hold.
    unknown: (bool, bool),
}

/// Clauses of many items, concatenated.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct RemainingClauses {
    atoms: Vec<Atom>,
    /// Atoms of each clause, one clause after another.
    alternatives: Vec<u32>,
    /// End of each clause in `alternatives`.
    clauses: Vec<u32>,
    /// End of each item in `clauses`.
    items: Vec<u32>,
}

impl RemainingClauses {
    /// Clauses of items in their order.
    pub(crate) fn new<'a>(items: impl Iterator<Item = &'a [Disjunction]>, columns: &[Column]) -> Self {
        let mut rest = Self::default();
        let mut known: HashMap<(ColumnId, &CodeSet), u32> = HashMap::new();
        for clauses in items {
            for clause in clauses {
                for (column, codes) in clause {
                    let next = position(rest.atoms.len());
                    let id = *known.entry((*column, codes)).or_insert_with(|| {
                        let free = &columns[*column].free;
                        rest.atoms.push(Atom {
                            column: *column,
                            codes: codes.clone(),
                            unknown: (free.is_subset(codes), free.intersects(codes)),
                        });
                        next
                    });
                    rest.alternatives.push(id);
                }
                rest.clauses.push(position(rest.alternatives.len()));
            }
            rest.items.push(position(rest.clauses.len()));
        }
        rest
    }

    /// True if every clause of an item certainly holds, and whether every one can hold.
    pub(crate) fn bounds(&self, item: usize, seen: &[Encoded]) -> (bool, bool) {
        let (mut certain, mut possible) = (true, true);
        let (from, until) = span(&self.items, item);
        for clause in from..until {
            let (from, until) = span(&self.clauses, clause);
            let (mut must, mut can) = (false, false);
            for atom in &self.alternatives[from..until] {
                let atom = &self.atoms[*atom as usize];
                let (certainly, possibly) = match &seen[atom.column] {
                    Encoded::Exactly(code) => {
                        let holds = atom.codes.contains(*code);
                        (holds, holds)
                    }
                    Encoded::Among(codes) => (codes.is_subset(&atom.codes), codes.intersects(&atom.codes)),
                    Encoded::Unknown => atom.unknown,
                };
                must |= certainly;
                can |= possibly;
                if must {
                    break;
                }
            }
            certain &= must;
            possible &= can;
            if !possible {
                break;
            }
        }
        (certain, possible)
    }
}

fn position(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Start and end of a part, from the ends of all parts.
fn span(ends: &[u32], at: usize) -> (usize, usize) {
    let end = |at: usize| ends[at] as usize;
    (at.checked_sub(1).map_or(0, end), end(at))
}
