//! Decomposition of items for bitmaps: necessary atoms, and the remaining conditions.

use std::collections::BTreeMap;

use super::interpreter::Program;
use crate::atoms::{AtomId, Formula, Lowered};

/// Decomposition of all items.
pub(super) struct Necessary {
    /// Items that require an atom, by atom, ascending and once each.
    pub(super) items_of: BTreeMap<AtomId, Vec<u32>>,
    /// Items that can be true at all.
    pub(super) open: Vec<u32>,
    /// Conditions of each item beside single atoms; mostly empty.
    pub(super) rest: Program,
}

impl Necessary {
    pub(super) fn new(lowered: &Lowered) -> Self {
        let mut items_of: BTreeMap<AtomId, Vec<u32>> = BTreeMap::new();
        let mut open = Vec::new();
        let mut rest = Vec::new();
        for (item, formula) in (0..).zip(&lowered.formulas) {
            let conditions = match formula {
                Formula::All(of) => of.as_slice(),
                other => std::slice::from_ref(other),
            };
            if *formula != Formula::Fixed(false) {
                open.push(item);
            }
            let mut others = Vec::new();
            for condition in conditions {
                match condition {
                    Formula::Atom(id) => items_of.entry(*id).or_default().push(item),
                    other => others.push(other.clone()),
                }
            }
            rest.push(match others.len() {
                0 => Formula::Fixed(true),
                1 => others.remove(0),
                _ => Formula::All(others),
            });
        }
        items_of.values_mut().for_each(Vec::dedup);
        Self { items_of, open, rest: Program::new(&rest, lowered) }
    }
}
