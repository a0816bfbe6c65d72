//! Cancellation of a computation, and the count of its steps.
//!
//! A loop whose length depends on input calls [`poll`] once in each round, or [`steps`] for many rounds at once. That does two things:
//!
//! - It ends the computation when its [`Cancellation`] was cancelled: the caller gave up, its time is over, or the process is to
//!   stop. The computation unwinds to [`Cancellation::run`], which answers [`Cancelled`]. Functions in between need no
//!   error for it, and values that are half made are dropped. Nothing that others see may be half changed at a poll: hold
//!   no lock over shared state there.
//! - It counts. [`count`] gives the number of steps that a computation took, so that a test can compare inputs of doubled
//!   size by steps instead of by time.
//!
//! Outside of [`Cancellation::run`] and [`count`], a poll does nothing. The crate reads no clock: time limits belong to the
//! caller, who cancels.
//!
//! ```
//! use zhaoren_cancel::{Cancellation, Cancelled, count, poll};
//!
//! let sum = |numbers: &[u64]| numbers.iter().map(|number| { poll(); number }).sum::<u64>();
//!
//! let cancellation = Cancellation::new();
//! assert_eq!(cancellation.run(|| sum(&[1, 2, 3])), Ok(6));
//! assert_eq!(count(|| sum(&[1, 2, 3])), (6, 3));
//!
//! cancellation.cancel();
//! assert_eq!(cancellation.run(|| sum(&[1, 2, 3])), Err(Cancelled));
//! ```

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    static CURRENT: RefCell<Option<Cancellation>> = const { RefCell::new(None) };
    static STEPS: Cell<u64> = const { Cell::new(0) };
}

/// The end of a computation that was cancelled; it has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl std::fmt::Display for Cancelled {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("the computation was cancelled")
    }
}

impl std::error::Error for Cancelled {}

/// A switch that ends the computations run under it. Clones are the same switch.
#[derive(Clone, Debug, Default)]
pub struct Cancellation(Arc<AtomicBool>);

impl Cancellation {
    /// A switch that was not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// The switch under which this thread computes, if any. A computation that moves to another thread takes it along
    /// and calls [`Cancellation::run`] there.
    pub fn current() -> Option<Self> {
        CURRENT.with(|current| current.borrow().clone())
    }

    /// Ends every computation under this switch at its next poll. It cannot be taken back.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Runs `work` on this thread under this switch. Inside another one, this switch replaces it until `work` ends.
    ///
    /// # Errors
    /// [`Cancelled`] when `work` polled after the switch was cancelled. A panic of `work` goes on as a panic.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> Result<T, Cancelled> {
        let _before = Before(CURRENT.replace(Some(self.clone())));
        catch_unwind(AssertUnwindSafe(work)).map_err(|payload| match payload.downcast::<Cancelled>() {
            Ok(cancelled) => *cancelled,
            Err(panic) => resume_unwind(panic),
        })
    }
}

/// Puts the switch of before back, also when the computation unwinds.
struct Before(Option<Cancellation>);

impl Drop for Before {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Counts one step, and ends the computation if its switch was cancelled.
pub fn poll() {
    steps(1);
}

/// Counts `number` steps, and ends the computation if its switch was cancelled.
pub fn steps(number: u64) {
    STEPS.with(|steps| steps.set(steps.get().wrapping_add(number)));
    let cancelled = CURRENT.with(|current| current.borrow().as_ref().is_some_and(Cancellation::is_cancelled));
    // A cancellation on the way out of another must not become an abort.
    if cancelled && !std::thread::panicking() {
        resume_unwind(Box::new(Cancelled));
    }
}

/// The result of `work`, and how many steps this thread counted meanwhile.
pub fn count<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = STEPS.get();
    let result = work();
    (result, STEPS.get().wrapping_sub(before))
}
