//! Gates (semaphores with a bounded queue) for all computation: a limit on concurrent jobs, on waiting ones, and on
//! the time of each.
//!
//! Reads and writes have a gate each. A write may wait for a database lock up to its time limit, and waits in a slot
//! of its own gate: a locked database does not block searches.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::sync::watch;
use tokio::time::Instant;
use zhaoren_cancel::{Cancellation, Cancelled};

use crate::job::{Job, boxed};
use crate::problem::{Code, Problem};

/// Semaphore for jobs with a bounded queue.
pub(crate) struct Gate {
    slots: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
    /// Number of jobs holding a slot.
    running: Arc<AtomicUsize>,
    /// True once all jobs have to end.
    cut: watch::Receiver<bool>,
}

impl Gate {
    /// Creates a gate with `slots` slots and a queue of `max_waiting`. Jobs end when `cut` becomes true.
    pub(crate) fn new(slots: usize, max_waiting: usize, cut: watch::Receiver<bool>) -> Self {
        Self {
            slots: Arc::new(Semaphore::new(slots.max(1))),
            waiting: AtomicUsize::new(0),
            max_waiting: max_waiting.max(1),
            running: Arc::default(),
            cut,
        }
    }

    /// Number of jobs holding a slot now.
    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::Acquire)
    }

    /// Runs `job` on a blocking thread once a slot is free.
    ///
    /// The job runs under a [`Cancellation`], which is cancelled when `limit` is over, when the future is dropped
    /// because the caller disconnected, and when the server shuts down. A cancelled job ends at its next poll and
    /// releases its slot; one that never polls keeps it until it is done.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        limit: Duration,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let (job, outcome) = boxed(job);
        self.run_job(limit, job).await?;
        outcome.take()
    }

    async fn run_job(&self, limit: Duration, job: Job) -> Result<(), Problem> {
        let mut cut = self.cut.clone();
        tokio::select! {
            done = self.run_in_time(limit, job) => done,
            // The sender lives as long as the server; without it no job is cut off.
            Ok(_) = cut.wait_for(|cut| *cut) => {
                Err(Problem::new(Code::Busy, "服务正在停止").retry_after(5))
            }
        }
    }

    async fn run_in_time(&self, limit: Duration, job: Job) -> Result<(), Problem> {
        let late =
            || Problem::new(Code::Timeout, format!("{} 秒内未能完成", limit.as_secs_f32())).retry_after(5);
        let begun = Instant::now();
        let permit = {
            let _waiting = Waiting::take(&self.waiting, self.max_waiting)
                .ok_or_else(|| Problem::new(Code::Busy, "等候处理的请求过多，请稍后再试").retry_after(1))?;
            let permit = tokio::time::timeout(limit, Arc::clone(&self.slots).acquire_owned()).await;
            permit.map_err(|_| late())?.map_err(|error| Problem::internal(&error))?
        };
        let cancellation = Cancellation::new();
        let _end = EndOnDrop(cancellation.clone());
        let running = Running::new(&self.running);
        let done = tokio::task::spawn_blocking(move || {
            let _held = (permit, running);
            cancellation.run(job)
        });
        match tokio::time::timeout(limit.saturating_sub(begun.elapsed()), done).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(Cancelled))) | Err(_) => Err(late()),
            Ok(Err(error)) => Err(Problem::internal(&error)),
        }
    }
}

/// Cancels a job when it is dropped; no effect once the job has ended.
pub(crate) struct EndOnDrop(pub(crate) Cancellation);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Job holding a slot, counted until it is dropped.
struct Running(Arc<AtomicUsize>);

impl Running {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::AcqRel);
        Self(Arc::clone(count))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Position in the queue.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn take(waiting: &'a AtomicUsize, most: usize) -> Option<Self> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(waiting);
        (before < most).then_some(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]
    use std::sync::mpsc;

    use super::*;

    const SHORT: Duration = Duration::from_millis(50);
    const LONG: Duration = Duration::from_secs(30);

    /// Job that polls and never ends by itself; it reports when it begins and ends.
    fn endless() -> (impl FnOnce() + Send, mpsc::Receiver<&'static str>) {
        let (tell, events) = mpsc::channel();
        struct Ended(mpsc::Sender<&'static str>);
        impl Drop for Ended {
            fn drop(&mut self) {
                let _ = self.0.send("ended");
            }
        }
        let job = move || {
            tell.send("began").unwrap();
            let _ended = Ended(tell);
            while std::hint::black_box(true) {
                zhaoren_cancel::poll();
                std::thread::yield_now();
            }
        };
        (job, events)
    }

    fn gate(slots: usize) -> (Arc<Gate>, watch::Sender<bool>) {
        let (cut, receive) = watch::channel(false);
        (Arc::new(Gate::new(slots, 4, receive)), cut)
    }

    async fn next(events: &mpsc::Receiver<&'static str>) -> &'static str {
        let end = Instant::now() + LONG;
        loop {
            match events.try_recv() {
                Ok(word) => return word,
                Err(_) if Instant::now() < end => tokio::time::sleep(Duration::from_millis(2)).await,
                Err(error) => panic!("{error}"),
            }
        }
    }

    async fn empty(gate: &Gate) {
        let end = Instant::now() + LONG;
        while gate.running() > 0 {
            assert!(Instant::now() < end, "the place was not given back");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// A job past its time limit ends, and its slot is free at once.
    #[tokio::test(flavor = "multi_thread")]
    async fn jobs_past_their_time_limit_end() {
        let (gate, _cut) = gate(1);
        let (job, events) = endless();
        assert_eq!(gate.run(SHORT, job).await.unwrap_err().code, Code::Timeout);
        assert_eq!((next(&events).await, next(&events).await), ("began", "ended"));
        empty(&gate).await;
        assert_eq!(gate.run(LONG, || 7).await.unwrap(), 7);
    }

    /// A disconnected caller ends its job.
    #[tokio::test(flavor = "multi_thread")]
    async fn jobs_of_disconnected_callers_end() {
        let (gate, _cut) = gate(1);
        let (job, events) = endless();
        let request = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.run(LONG, job).await }
        });
        assert_eq!(next(&events).await, "began");
        request.abort();
        assert_eq!(next(&events).await, "ended");
        empty(&gate).await;
    }

    /// Once the grace period is over, running and waiting jobs are answered and end.
    #[tokio::test(flavor = "multi_thread")]
    async fn jobs_end_after_the_grace_period() {
        let (gate, cut) = gate(1);
        let ((job, events), (second, _)) = (endless(), endless());
        let ask = |job| {
            let gate = Arc::clone(&gate);
            tokio::spawn(async move { gate.run(LONG, job).await })
        };
        let first = ask(Box::new(job) as Box<dyn FnOnce() + Send>);
        assert_eq!(next(&events).await, "began");
        let second = ask(Box::new(second));
        cut.send_replace(true);
        for request in [first, second] {
            assert_eq!(request.await.unwrap().unwrap_err().code, Code::Busy);
        }
        assert_eq!(next(&events).await, "ended");
        empty(&gate).await;
    }

    /// A job that never polls is answered in time; it keeps its slot, and waiting jobs are refused in
    /// time.
    #[tokio::test(flavor = "multi_thread")]
    async fn jobs_that_never_poll_keep_their_slot_and_block_no_caller() {
        let (gate, _cut) = gate(1);
        let (let_go, wait) = mpsc::channel::<()>();
        let stubborn = move || {
            let _ = wait.recv();
        };
        assert_eq!(gate.run(SHORT, stubborn).await.unwrap_err().code, Code::Timeout);
        assert_eq!(gate.running(), 1);
        assert_eq!(gate.run(SHORT, || ()).await.unwrap_err().code, Code::Timeout);
        drop(let_go);
        empty(&gate).await;
    }
}
