//! Jobs without their type: what runs them on other threads is compiled once, and not for each kind of result.
//!
//! A future that waits for a blocking thread pulls in much of the task machinery of `tokio`, and the routes have some
//! sixty jobs.

use std::sync::{Arc, Mutex, PoisonError};

use crate::problem::Problem;

/// A job that leaves its result in an [`Outcome`].
pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// The result of a job that has run.
pub(crate) struct Outcome<T>(Arc<Mutex<Option<T>>>);

impl<T> Outcome<T> {
    /// Takes the result.
    ///
    /// # Errors
    /// The job has not run to its end.
    pub(crate) fn take(self) -> Result<T, Problem> {
        let result = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        result.ok_or_else(|| Problem::internal(&"a job ended without its result"))
    }
}

/// A job and its outcome. A result that is not taken is dropped with the outcome.
pub(crate) fn boxed<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> (Job, Outcome<T>) {
    let result = Arc::new(Mutex::new(None));
    let outcome = Outcome(Arc::clone(&result));
    let job = move || {
        let done = job();
        *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
    };
    (Box::new(job), outcome)
}

/// Runs a job on a blocking thread, without limits.
///
/// # Errors
/// The job panicked.
pub(crate) async fn run_blocking(job: Job) -> Result<(), Problem> {
    tokio::task::spawn_blocking(job).await.map_err(|error| Problem::internal(&error))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn outcomes_are_there_once_the_job_has_run() {
        let (job, outcome) = boxed(|| 7);
        job();
        assert_eq!(outcome.take().unwrap(), 7);
        assert!(boxed(|| 7).1.take().is_err());
    }
}
