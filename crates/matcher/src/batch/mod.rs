//! Many enterprises against all items at once: blocks of rows as columns of codes, verdicts as bits.

use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

use crate::compiled::{Catalogue, EncodedProfile, Verdicts};

/// Enterprises encoded for one catalogue.
#[derive(Clone, Debug, Default)]
pub struct Block {
    rows: Vec<EncodedProfile>,
}

/// The verdicts of the enterprises of a block on every item.
#[derive(Clone, Debug, Default)]
pub struct BlockVerdicts {
    words: usize,
    certain: Vec<u64>,
    possible: Vec<u64>,
}

impl Block {
    /// Encodes enterprises, each seen on the catalogue's day.
    pub fn encode<'a>(catalogue: &Catalogue, views: impl IntoIterator<Item = View<'a>>) -> Self {
        Self { rows: views.into_iter().map(|view| catalogue.encode(&view)).collect() }
    }

    /// How many enterprises it holds.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Decides every item for every enterprise, exactly.
    pub fn verdicts(&self, catalogue: &Catalogue) -> BlockVerdicts {
        let words = self.len().div_ceil(64);
        let blank = vec![0_u64; words * catalogue.len()];
        let mut all = BlockVerdicts { words, certain: blank.clone(), possible: blank };
        let mut one = Verdicts::default();
        for (row, profile) in self.rows.iter().enumerate() {
            catalogue.verdicts(profile, &mut one);
            let mut set = |place: usize, certain: bool| {
                let at = place * words + row / 64;
                let bit = 1_u64 << (row % 64);
                if let Some(word) = all.possible.get_mut(at) {
                    *word |= bit;
                }
                if let Some(word) = all.certain.get_mut(at).filter(|_| certain) {
                    *word |= bit;
                }
            };
            one.eligible().for_each(|place| set(place, true));
            one.undetermined().for_each(|place| set(place, false));
        }
        all
    }
}

impl BlockVerdicts {
    /// Bits of the rows that are eligible for the item at `place`, 64 a word, first row lowest.
    pub fn certain(&self, place: usize) -> &[u64] {
        self.certain.get(place * self.words..(place + 1) * self.words).unwrap_or_default()
    }

    /// Bits of the rows that are eligible or undetermined.
    pub fn possible(&self, place: usize) -> &[u64] {
        self.possible.get(place * self.words..(place + 1) * self.words).unwrap_or_default()
    }

    /// The verdict of a row on the item at `place`.
    pub fn verdict(&self, place: usize, row: usize) -> Verdict {
        let set = |bits: &[u64]| bits.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1);
        match (set(self.certain(place)), set(self.possible(place))) {
            (true, _) => Verdict::Eligible,
            (false, true) => Verdict::Undetermined,
            (false, false) => Verdict::Ineligible,
        }
    }
}
