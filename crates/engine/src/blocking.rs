//! The bridge from plain functions to the registry, which is asynchronous.

use std::future::Future;

use tokio::runtime::Runtime;

/// A runtime of the engine's own, on which registry calls are waited for. It has a thread of its own for the tasks that calls
/// leave behind: a unit of work that fails gives its lock back in such a task, and must not wait for the next call to do so.
#[derive(Debug)]
pub(crate) struct Blocking {
    /// Always there until the drop.
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

    /// Waits for a registry call. Not to be called from asynchronous code.
    pub(crate) fn on<F: Future>(&self, future: F) -> F::Output {
        match &self.runtime {
            Some(runtime) => runtime.block_on(future),
            // INVARIANT: `runtime` is only taken by the drop.
            None => unreachable!("the runtime lives as long as the engine"),
        }
    }
}

impl Drop for Blocking {
    /// A server drops its engine from asynchronous code, where waiting for a runtime to end would panic.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
