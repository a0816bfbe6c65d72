//! A city held as bitmaps of enterprises with the crate `roaring`: for every atom the enterprises that pass for certain
//! and those that can, made ready beforehand; an item is AND and OR over them.

use roaring::RoaringBitmap;

use crate::atoms::{Codes, Formula, Lowered};

/// Enterprises by atom.
#[derive(Debug)]
pub struct RoaringCity {
    /// For each atom, who passes for certain, and who can.
    atoms: Vec<(RoaringBitmap, RoaringBitmap)>,
    /// Every enterprise.
    all: RoaringBitmap,
}

impl RoaringCity {
    /// Makes the bitmaps of `rows`.
    pub fn new(lowered: &Lowered, rows: &[Vec<Codes>]) -> Self {
        let of = |wanted: fn(crate::atoms::Rails) -> bool, atom: &crate::atoms::Atom| -> RoaringBitmap {
            let passes = |row: &Vec<Codes>| wanted(atom.meet(row[usize::from(atom.column)]));
            let numbers = rows.iter().zip(0_u32..).filter(|(row, _)| passes(row));
            numbers.map(|(_, number)| number).collect()
        };
        let atoms = lowered
            .atoms
            .iter()
            .map(|atom| (of(|rails| rails.is_certain(), atom), of(|rails| rails.is_possible(), atom)))
            .collect();
        Self { atoms, all: (0..rows.len() as u32).collect() }
    }

    /// Who is certain of an item, and who possible.
    pub fn item(&self, formula: &Formula) -> (RoaringBitmap, RoaringBitmap) {
        match formula {
            Formula::Fixed(true) => (self.all.clone(), self.all.clone()),
            Formula::Fixed(false) => Default::default(),
            Formula::Atom(id) => self.atoms[*id as usize].clone(),
            Formula::Any(of) => {
                let mut either = <(RoaringBitmap, RoaringBitmap)>::default();
                for part in of {
                    match part {
                        // No copy of what stands ready.
                        Formula::Atom(id) => {
                            either.0 |= &self.atoms[*id as usize].0;
                            either.1 |= &self.atoms[*id as usize].1;
                        }
                        part => {
                            let (certain, possible) = self.item(part);
                            either.0 |= certain;
                            either.1 |= possible;
                        }
                    }
                }
                either
            }
            Formula::All(of) => {
                let Some((first, rest)) = of.split_first() else {
                    return (self.all.clone(), self.all.clone());
                };
                let mut both = self.item(first);
                for part in rest {
                    if both.1.is_empty() {
                        break;
                    }
                    match part {
                        Formula::Atom(id) => {
                            both.0 &= &self.atoms[*id as usize].0;
                            both.1 &= &self.atoms[*id as usize].1;
                        }
                        part => {
                            let (certain, possible) = self.item(part);
                            both.0 &= certain;
                            both.1 &= possible;
                        }
                    }
                }
                both
            }
        }
    }
}
