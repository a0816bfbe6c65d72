//! Reference matcher: a direct implementation of the definition of a verdict, slow and simple.
//!
//! A profile and a criteria tree become a tree over the *unknowns* only (`ground`). Each unknown has finitely many *regions*: no
//! leaf distinguishes the values within one region. Choosing a region for every unknown is a completion (补全). `possible`
//! determines whether some completion holds and whether some completion fails, which is the verdict.
//!
//! A condition on records is one unknown, too: each record is decided by itself (`records`), and the count or sum is any number
//! between the least and the greatest that the records can give.
//!
//! It is used in tests and benches only, to check the [compiled](crate::compiled) matcher.

mod ground;
mod possible;
mod records;
mod regions;
mod sums;

use ground::Grounded;
use possible::{Budget, PossibleOutcomes};

use jiff::civil::Date;
use zhaoren_policy::criterion::Criterion;
use zhaoren_policy::verdict::Verdict;
use zhaoren_policy::view::View;

/// Reason why no verdict could be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecideError {
    /// The unknowns are so entangled that the budget of steps ran out. No verdict is guessed.
    #[error("criteria too entangled to decide: more than {0} steps")]
    Budget(u64),
}

/// Maximum number of steps of one decision; beyond it, it ends with [`DecideError::Budget`].
pub const MAX_STEPS: u64 = 5_000_000;

/// Decides `criteria` from the facts known to `view`, exactly over all completions.
///
/// # Errors
/// [`DecideError::Budget`] if that takes more than [`MAX_STEPS`] steps.
pub fn decide(criteria: &Criterion, view: &View<'_>) -> Result<Verdict, DecideError> {
    let grounded = Grounded::new(criteria, view)?;
    let mut budget = Budget::new(MAX_STEPS);
    Ok(grounded.possible_outcomes(&mut budget)?.verdict())
}

/// Decides `criteria` by trying every completion one after another: the definition, without any shortcut.
///
/// `None` if there are more than `limit` completions. Used to check [`decide`].
pub fn decide_by_enumeration(criteria: &Criterion, view: &View<'_>, limit: u64) -> Option<Verdict> {
    Grounded::new(criteria, view).ok()?.enumerate(limit).map(PossibleOutcomes::verdict)
}

/// Evaluation date, for the submodules.
fn as_of(view: &View<'_>) -> Date {
    view.as_of
}
