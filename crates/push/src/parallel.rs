//! Cancellation across the threads of a parallel loop.

use std::panic::resume_unwind;

use zhaoren_cancel::{Cancellation, poll};

/// The cancellation of the thread that begins a parallel loop, to be taken along to the threads that do its work.
#[derive(Clone, Debug, Default)]
pub(crate) struct InheritedCancellation(Option<Cancellation>);

impl InheritedCancellation {
    /// That of this thread.
    pub(crate) fn current() -> Self {
        Self(Cancellation::current())
    }

    /// Does a part of the work under it. A cancelled part unwinds, and the parallel loop hands that on to the thread that began it.
    pub(crate) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        let Some(cancellation) = &self.0 else { return work() };
        let done = cancellation.run(|| {
            poll();
            work()
        });
        done.unwrap_or_else(|cancelled| resume_unwind(Box::new(cancelled)))
    }
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;
    use zhaoren_cancel::Cancelled;

    use super::*;

    #[test]
    fn other_threads_end_too() {
        let work = || {
            let carried = InheritedCancellation::current();
            (0..64_u32).into_par_iter().map(|number| carried.run(|| number)).sum::<u32>()
        };
        let cancellation = Cancellation::new();
        assert_eq!(cancellation.run(work), Ok(2016));
        cancellation.cancel();
        assert_eq!(cancellation.run(work), Err(Cancelled));
        assert_eq!(work(), 2016);
    }
}
