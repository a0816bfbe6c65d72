//! Unknown facts of synthetic enterprises (未知): missing by holder, not only at random.
//!
//! An authority that has no record of an enterprise lacks all of its facts, the other authorities a few; for some of the missing
//! facts a range is known.

use super::dice::Dice;
use super::enterprise::SynthCell;
use super::fields::Column;
use super::marginals::{Gaps, Marginals};

/// Shares of unknown values, adjusted to the options.
#[derive(Clone, Debug)]
pub(crate) struct UnknownShares(Vec<Gaps>);

impl UnknownShares {
    /// Shares of the marginals, adjusted until `share` of the columns is unknown on average.
    pub(crate) fn new(marginals: &Marginals, columns: &[Column], share: Option<f64>) -> Self {
        let usual = &marginals.gaps;
        let Some(share) = share else { return Self(usual.clone()) };
        // Bisection between 0 (nothing unknown) and 2 (everything unknown); 1 is the marginals' share. The share grows
        // monotonically.
        let (mut low, mut high) = (0.0, 2.0);
        for _ in 0..50 {
            let middle = (low + high) / 2.0;
            if mean(&moved(usual, middle), columns) < share {
                low = middle;
            } else {
                high = middle;
            }
        }
        Self(moved(usual, if share <= 0.0 { 0.0 } else { high }))
    }

    /// Replaces cells of a row by unknown or by a range.
    pub(crate) fn conceal(&self, columns: &[Column], row: &mut [SynthCell<'_>], dice: &mut Dice) {
        for gaps in &self.0 {
            let all = dice.chance(gaps.all);
            for column in columns.iter().filter(|column| column.holder == gaps.holder) {
                let Some(cell) = row.get_mut(column.cell_index) else { continue };
                if all {
                    *cell = SynthCell::Unknown;
                } else if dice.chance(gaps.one) {
                    *cell = if dice.chance(gaps.range) { ranged(cell, dice) } else { SynthCell::Unknown };
                }
            }
        }
    }
}

fn moved(usual: &[Gaps], by: f64) -> Vec<Gaps> {
    let share = |share: f64| if by <= 1.0 { share * by } else { 1.0 - (1.0 - share) * (2.0 - by) };
    usual.iter().map(|gaps| Gaps { all: share(gaps.all), one: share(gaps.one), ..*gaps }).collect()
}

fn mean(gaps: &[Gaps], columns: &[Column]) -> f64 {
    let lacking: f64 = columns
        .iter()
        .filter_map(|column| gaps.iter().find(|gaps| gaps.holder == column.holder))
        .map(|gaps| 1.0 - (1.0 - gaps.all) * (1.0 - gaps.one))
        .sum();
    lacking / columns.len().max(1) as f64
}

/// Range that contains the value if it is a non-negative number; otherwise unknown.
fn ranged<'a>(cell: &SynthCell<'a>, dice: &mut Dice) -> SynthCell<'a> {
    let number = match cell {
        SynthCell::Whole(number) | SynthCell::Scaled(number) if *number > 0 => *number,
        _ => return SynthCell::Unknown,
    };
    let (low, high) = (number / 2, number.saturating_mul(2));
    let (low, high) = match dice.below(3) {
        0 => (Some(low), None),
        1 => (None, Some(high)),
        _ => (Some(low), Some(high)),
    };
    match cell {
        SynthCell::Whole(_) => SynthCell::WholeRange(low, high),
        _ => SynthCell::ScaledRange(low, high),
    }
}
