//! Cooperative cancellation of a computation, and the count of its steps.
//!
//! A loop whose length depends on input calls [`poll`] once per iteration, or [`steps`] for many iterations at once. This has
//! two effects:
//!
//! - It ends the computation if its [`Cancellation`] was cancelled: the caller gave up, its time is over, or the process
//!   shuts down. The computation unwinds to [`Cancellation::run`], which returns [`Cancelled`]. Functions in between need no
//!   error for it, and incomplete values are dropped. Shared state must be consistent at every poll: hold no lock over it
//!   there.
//! - It counts. [`count`] returns the number of steps of a computation, so that a test can compare inputs of doubled
//!   size by steps instead of by time.
//!
//! Outside of [`Cancellation::run`] and [`count`], a poll has no effect. The crate reads no clock: time limits belong to the
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

/// Error of a cancelled computation, which has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl std::fmt::Display for Cancelled {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("the computation was cancelled")
    }
}

impl std::error::Error for Cancelled {}

/// Cancellation token of the computations run under it. Clones share one state.
#[derive(Clone, Debug, Default)]
pub struct Cancellation(Arc<AtomicBool>);

impl Cancellation {
    /// Token that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Token under which this thread computes, if any. A computation that moves to another thread passes it along
    /// and calls [`Cancellation::run`] there.
    pub fn current() -> Option<Self> {
        CURRENT.with(|current| current.borrow().clone())
    }

    /// Ends every computation under this token at its next poll. It cannot be undone.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True if it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Runs `work` on this thread under this token. Inside another `run`, this token replaces the outer one until `work` ends.
    ///
    /// # Errors
    /// [`Cancelled`] if `work` polled after the cancellation. A panic of `work` propagates as a panic.
    pub fn run<T>(&self, work: impl FnOnce() -> T) -> Result<T, Cancelled> {
        let _before = RestoreGuard(CURRENT.replace(Some(self.clone())));
        catch_unwind(AssertUnwindSafe(work)).map_err(|payload| match payload.downcast::<Cancelled>() {
            Ok(cancelled) => *cancelled,
            Err(panic) => resume_unwind(panic),
        })
    }
}

/// Restores the previous token on drop, also while unwinding.
struct RestoreGuard(Option<Cancellation>);

impl Drop for RestoreGuard {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Counts one step, and ends the computation if its token was cancelled.
pub fn poll() {
    steps(1);
}

/// Counts `number` steps, and ends the computation if its token was cancelled.
pub fn steps(number: u64) {
    STEPS.with(|steps| steps.set(steps.get().wrapping_add(number)));
    let cancelled = CURRENT.with(|current| current.borrow().as_ref().is_some_and(Cancellation::is_cancelled));
    // A cancellation while another panic unwinds must not become an abort.
    if cancelled && !std::thread::panicking() {
        resume_unwind(Box::new(Cancelled));
    }
}

/// Result of `work`, and the number of steps that this thread counted meanwhile.
pub fn count<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = STEPS.get();
    let result = work();
    (result, STEPS.get().wrapping_sub(before))
}
