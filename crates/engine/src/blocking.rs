//! Bridge from synchronous functions to the registry, which is asynchronous.

use std::future::Future;
use std::pin::{Pin, pin};

use tokio::runtime::Runtime;

/// A runtime that blocks on registry calls. It has a thread of its own for the tasks that calls leave behind: a failed
/// transaction releases its lock in such a task, and must not wait for the next call to do so.
#[derive(Debug)]
pub(crate) struct Blocking {
    /// `Some` until the drop.
    runtime: Option<Runtime>,
}

impl Blocking {
    pub(crate) fn new() -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("registry")
            .enable_all()
            .build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    /// Blocks on a registry call. Not to be called from asynchronous code.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut output = None;
        self.run(pin!(async { output = Some(future.await) }));
        // INVARIANT: `run` returns after the task has ended, and its last step sets the output.
        output.unwrap_or_else(|| unreachable!("a task that has ended has an output"))
    }

    /// Blocks on a task. It is not generic: otherwise each of some hundred calls compiles the runtime's loop once more.
    fn run(&self, task: Pin<&mut dyn Future<Output = ()>>) {
        match &self.runtime {
            Some(runtime) => runtime.block_on(task),
            // INVARIANT: `runtime` is only taken by the drop.
            None => unreachable!("the runtime lives as long as the engine"),
        }
    }
}

impl Drop for Blocking {
    /// A server drops its engine from asynchronous code, where blocking on the end of a runtime would panic.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
