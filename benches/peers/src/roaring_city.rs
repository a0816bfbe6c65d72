//! A city as bitmaps of enterprises with the crate `roaring`: for every atom the enterprises that certainly pass
//! and those that possibly do, computed beforehand; an item is AND and OR over them.

use std::borrow::Cow;

use roaring::RoaringBitmap;

use crate::atoms::{Atom, Codes, Formula, Lowered, Rails};

/// Enterprises by atom.
#[derive(Debug)]
pub struct RoaringCity {
    /// For each atom, the enterprises that certainly pass, and those that possibly do.
    atoms: Vec<(RoaringBitmap, RoaringBitmap)>,
    /// All enterprises.
    all: RoaringBitmap,
}

impl RoaringCity {
    /// Builds the bitmaps of `rows`.
    pub fn new(lowered: &Lowered, rows: &[Vec<Codes>]) -> Self {
        let of = |wanted: fn(Rails) -> bool, atom: &Atom| -> RoaringBitmap {
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

    /// Enterprises certain of an item, and those possible.
    pub fn item(&self, formula: &Formula) -> (RoaringBitmap, RoaringBitmap) {
        self.sets(formula).into_owned()
    }

    /// The same sets, borrowed if already computed.
    fn sets(&self, formula: &Formula) -> Cow<'_, (RoaringBitmap, RoaringBitmap)> {
        Cow::Owned(match formula {
            Formula::Atom(id) => return Cow::Borrowed(&self.atoms[*id as usize]),
            Formula::Fixed(true) => (self.all.clone(), self.all.clone()),
            Formula::Fixed(false) => Default::default(),
            Formula::Any(of) => {
                let mut either = <(RoaringBitmap, RoaringBitmap)>::default();
                for part in of {
                    let sets = self.sets(part);
                    either.0 |= &sets.0;
                    either.1 |= &sets.1;
                }
                either
            }
            Formula::All(of) => {
                let Some((first, rest)) = of.split_first() else {
                    return Cow::Owned((self.all.clone(), self.all.clone()));
                };
                let mut both = self.item(first);
                for part in rest {
                    if both.1.is_empty() {
                        break;
                    }
                    let sets = self.sets(part);
                    both.0 &= &sets.0;
                    both.1 &= &sets.1;
                }
                both
            }
        })
    }
}
