//! Bitmaps over items with the crate `roaring`: the strongest baseline.
//!
//! For every code of every column one bitmap holds the items that a value of that code excludes, because a
//! necessary atom of the item fails there. A profile takes the union over its columns; the few items left
//! are evaluated by their conditions that are no single atom. A value known only as a range excludes the items that
//! all of its codes exclude, and makes certain those that none of them excludes.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::interpreter::Program;
use super::necessary::Necessary;
use crate::atoms::{Codes, Lowered, Rails};
use crate::rival::{Answer, Prepared, Rival};

/// Rival of this module.
#[derive(Clone, Debug)]
pub struct Bitmaps {
    lowered: Lowered,
    columns: Vec<ColumnMaps>,
    /// Items that can be true at all.
    open: RoaringBitmap,
    /// Conditions of each item beside single atoms; mostly empty.
    rest: Program,
    rows: Vec<Vec<Codes>>,
}

#[derive(Clone, Debug, Default)]
struct ColumnMaps {
    /// Items excluded, by code.
    ruled_out: Vec<RoaringBitmap>,
    /// Items with a condition on the column: none of them is certain if its value is unknown.
    named: RoaringBitmap,
    /// Atoms on the column with the items that require them, for values known as a range.
    atoms: Vec<(u32, RoaringBitmap)>,
}

impl Rival for Bitmaps {
    fn name(&self) -> &'static str {
        "roaring bitmaps"
    }

    fn prepare(prepared: &Prepared<'_>) -> Self {
        let lowered = prepared.lowered.clone();
        let Necessary { items_of, open, rest } = Necessary::new(&lowered);
        let columns = column_maps(&lowered, items_of);
        let open = RoaringBitmap::from_sorted_iter(open).unwrap();
        Self { lowered, columns, open, rest, rows: prepared.rows.to_vec() }
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        answer.clear();
        let row = &self.rows[profile];
        let mut ruled_out = RoaringBitmap::new();
        let mut uncertain = RoaringBitmap::new();
        for ((maps, column), codes) in self.columns.iter().zip(&self.lowered.columns).zip(row) {
            if codes.low == codes.high {
                ruled_out |= &maps.ruled_out[usize::from(codes.low)];
            } else if *codes == column.free {
                uncertain |= &maps.named;
            } else {
                for (id, items) in &maps.atoms {
                    let rails = self.lowered.atoms[*id as usize].meet(*codes);
                    if !rails.is_possible() {
                        ruled_out |= items;
                    } else if !rails.is_certain() {
                        uncertain |= items;
                    }
                }
            }
        }
        let possible = &self.open - &ruled_out;
        uncertain &= &possible;
        let mut uncertain = uncertain.iter().peekable();
        for item in &possible {
            let atoms = Rails::new(uncertain.next_if_eq(&item).is_none(), true);
            let rails = atoms.and(self.rest.item(item as usize, row));
            if rails.is_certain() {
                answer.eligible.push(item);
            } else if rails.is_possible() {
                answer.undetermined.push(item);
            }
        }
    }

    fn bytes(&self) -> Option<usize> {
        let maps = self.columns.iter().flat_map(|column| {
            column.ruled_out.iter().chain([&column.named]).chain(column.atoms.iter().map(|(_, items)| items))
        });
        Some(maps.map(RoaringBitmap::serialized_size).sum::<usize>() + self.rest.bytes())
    }
}

fn column_maps(lowered: &Lowered, items_of: BTreeMap<u32, Vec<u32>>) -> Vec<ColumnMaps> {
    let mut columns: Vec<ColumnMaps> = lowered
        .columns
        .iter()
        .map(|column| ColumnMaps {
            ruled_out: vec![RoaringBitmap::new(); column.codes()],
            ..Default::default()
        })
        .collect();
    for (id, items) in items_of {
        let atom = &lowered.atoms[id as usize];
        let maps = &mut columns[usize::from(atom.column)];
        let items = RoaringBitmap::from_sorted_iter(items).unwrap();
        for (code, ruled_out) in (0..).zip(&mut maps.ruled_out) {
            if !atom.meet(Codes { low: code, high: code }).is_possible() {
                *ruled_out |= &items;
            }
        }
        maps.named |= &items;
        maps.atoms.push((id, items));
    }
    for map in columns.iter_mut().flat_map(|column| column.ruled_out.iter_mut().chain([&mut column.named])) {
        map.optimize();
    }
    columns
}
