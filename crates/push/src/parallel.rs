//! Propagates cancellation to the threads of a parallel loop.

use std::panic::resume_unwind;

use zhaoren_cancel::{Cancellation, poll};

/// Cancellation of the thread that starts a parallel loop, passed on to its worker threads.
#[derive(Clone, Debug, Default)]
pub(crate) struct InheritedCancellation(Option<Cancellation>);

impl InheritedCancellation {
    /// Cancellation of the current thread.
    pub(crate) fn current() -> Self {
        Self(Cancellation::current())
    }

    /// Runs a part of the work under this cancellation. A cancelled part unwinds, and the parallel loop propagates that to the
    /// starting thread.
    pub(crate) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        let Some(cancellation) = &self.0 else { return work() };
        let result = cancellation.run(|| {
            poll();
            work()
        });
        result.unwrap_or_else(|cancelled| resume_unwind(Box::new(cancelled)))
    }
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;
    use zhaoren_cancel::Cancelled;

    use super::*;

    #[test]
    fn cancellation_reaches_other_threads() {
        let work = || {
            let cancellation = InheritedCancellation::current();
            (0..64_u32).into_par_iter().map(|number| cancellation.run(|| number)).sum::<u32>()
        };
        let cancellation = Cancellation::new();
        assert_eq!(cancellation.run(work), Ok(2016));
        cancellation.cancel();
        assert_eq!(cancellation.run(work), Err(Cancelled));
        assert_eq!(work(), 2016);
    }
}
