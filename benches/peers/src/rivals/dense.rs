//! The same bitmaps, uncompressed: the performance of bitmaps that are small enough for it.

use super::interpreter::Program;
use super::necessary::Necessary;
use crate::atoms::{Atom, Codes, Column, Rails};
use crate::rival::{Answer, Prepared, Rival};

/// Uncompressed twin of [`super::Bitmaps`].
#[derive(Clone, Debug)]
pub struct DenseBitmaps {
    columns: Vec<ColumnMaps>,
    /// Items that can be true at all.
    open: Map,
    rest: Program,
    rows: Vec<Vec<Codes>>,
    possible: Map,
    uncertain: Map,
}

/// One bit per item.
type Map = Vec<u64>;

#[derive(Clone, Debug)]
struct ColumnMaps {
    free: Codes,
    /// Items excluded, by code.
    ruled_out: Vec<Map>,
    /// Items with a condition on the column.
    named: Map,
    /// Atoms on the column with the items that require them, for values known as a range.
    atoms: Vec<(Atom, Vec<u32>)>,
}

impl Rival for DenseBitmaps {
    fn name(&self) -> &'static str {
        "dense bitmaps"
    }

    fn prepare(prepared: &Prepared<'_>) -> Self {
        let lowered = prepared.lowered;
        let Necessary { items_of, open, rest } = Necessary::new(lowered);
        let empty: Map = vec![0; lowered.formulas.len().div_ceil(64)];
        let mut columns: Vec<ColumnMaps> =
            lowered.columns.iter().map(|column| empty_column(column, &empty)).collect();
        for (id, items) in items_of {
            let atom = &lowered.atoms[id as usize];
            let maps = &mut columns[usize::from(atom.column)];
            for (code, ruled_out) in (0..).zip(&mut maps.ruled_out) {
                if !atom.meet(Codes { low: code, high: code }).is_possible() {
                    set(ruled_out, &items);
                }
            }
            set(&mut maps.named, &items);
            maps.atoms.push((atom.clone(), items));
        }
        let mut all = empty.clone();
        set(&mut all, &open);
        let (possible, uncertain) = (empty.clone(), empty);
        Self { columns, open: all, rest, rows: prepared.rows.to_vec(), possible, uncertain }
    }

    fn verdicts(&mut self, profile: usize, answer: &mut Answer) {
        answer.clear();
        let Self { columns, open, rest, rows, possible, uncertain } = self;
        let row = &rows[profile];
        possible.copy_from_slice(open);
        uncertain.fill(0);
        for (maps, codes) in columns.iter().zip(row) {
            if codes.low == codes.high {
                let ruled_out = &maps.ruled_out[usize::from(codes.low)];
                possible.iter_mut().zip(ruled_out).for_each(|(word, out)| *word &= !out);
            } else if *codes == maps.free {
                uncertain.iter_mut().zip(&maps.named).for_each(|(word, named)| *word |= named);
            } else {
                known_as_range(maps, *codes, possible, uncertain);
            }
        }
        for (position, (word, uncertain)) in possible.iter().zip(uncertain.iter()).enumerate() {
            let mut left = *word;
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                let item = position * 64 + bit as usize;
                let rails = Rails::new(uncertain >> bit & 1 == 0, true).and(rest.item(item, row));
                if rails.is_certain() {
                    answer.eligible.push(item as u32);
                } else if rails.is_possible() {
                    answer.undetermined.push(item as u32);
                }
            }
        }
    }

    fn bytes(&self) -> Option<usize> {
        let maps = self.columns.iter().map(|column| column.ruled_out.len() + 1).sum::<usize>();
        Some(maps * size_of_val(self.open.as_slice()) + self.rest.bytes())
    }
}

fn empty_column(column: &Column, empty: &Map) -> ColumnMaps {
    ColumnMaps {
        free: column.free,
        ruled_out: vec![empty.clone(); column.codes()],
        named: empty.clone(),
        atoms: Vec::new(),
    }
}

fn known_as_range(maps: &ColumnMaps, codes: Codes, possible: &mut Map, uncertain: &mut Map) {
    for (atom, items) in &maps.atoms {
        let rails = atom.meet(codes);
        if !rails.is_possible() {
            items.iter().for_each(|item| possible[*item as usize / 64] &= !(1 << (item % 64)));
        } else if !rails.is_certain() {
            set(uncertain, items);
        }
    }
}

fn set(map: &mut Map, items: &[u32]) {
    for item in items {
        map[*item as usize / 64] |= 1 << (item % 64);
    }
}
