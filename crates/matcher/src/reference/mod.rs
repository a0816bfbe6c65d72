//! The reference matcher: the plain reading of what a verdict means, slow and obviously right.
//!
//! A profile and a criteria tree become a tree over the *unknowns* only (`ground`). Each unknown has
//! finitely many *regions*: values within one region are told apart by no leaf. Choosing a region for every
//! unknown is a completion (补全). `possible` finds whether some completion holds and whether some
//! completion fails, which is the verdict.
//!
//! It decides nothing outside tests and benches: the [compiled](crate::compiled) matcher is held against it.

mod ground;
mod possible;
mod regions;
mod sums;

use ground::Grounded;
use possible::{Budget, Reach};

use jiff::civil::Date;
use zhaoren_policy::criterion::Criterion;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

/// Why no verdict could be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// The unknowns are so entangled that the budget of steps ran out. No verdict is guessed.
    #[error("criteria too entangled to decide: more than {0} steps")]
    Budget(u64),
}

/// How many steps one decision may take before it gives up with [`DecideError::Budget`].
pub const MAX_STEPS: u64 = 5_000_000;

/// Decides `criteria` for what `view` knows, exactly over all completions.
///
/// # Errors
/// [`DecideError::Budget`] when that takes more than [`MAX_STEPS`] steps.
pub fn decide(criteria: &Criterion, view: &View<'_>) -> Result<Verdict, DecideError> {
    let grounded = Grounded::new(criteria, view);
    let mut budget = Budget::new(MAX_STEPS);
    Ok(grounded.reach(&mut budget)?.verdict())
}

/// Decides `criteria` by trying every completion one after another: the definition, without any shortcut.
///
/// `None` when there are more than `limit` completions. For checking [`decide`].
pub fn decide_by_enumeration(criteria: &Criterion, view: &View<'_>, limit: u64) -> Option<Verdict> {
    Grounded::new(criteria, view).enumerate(limit).map(Reach::verdict)
}

/// The day on which everything is judged, for the parts of this module.
fn as_of(view: &View<'_>) -> Date {
    view.as_of
}
