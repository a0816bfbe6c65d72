//! State shared by all requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use zhaoren_cancel::Cancellation;
use zhaoren_courier::{ModelClient, StopSignal};
use zhaoren_engine::Engine;

use crate::access::{Access, Rate};
use crate::config::Settings;
use crate::console::{Results, Sessions, Uploads};
use crate::gate::Gate;
use crate::intake::BodyMemory;
use crate::layers::idempotency::Answers;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::push_jobs::PushJobs;
use crate::suspended::SuspendedChannels;

/// State shared by all requests.
pub(crate) struct App {
    pub(crate) engine: Arc<Engine>,
    pub(crate) settings: Settings,
    pub(crate) access: Access,
    /// Sessions of the console.
    pub(crate) sessions: Sessions,
    /// Files read on a page of the console, for an import.
    pub(crate) uploads: Uploads,
    /// Profiles matched on a page of the console.
    pub(crate) results: Results,
    /// Jobs under way.
    pub(crate) jobs: PushJobs,
    /// Language model that is asked on demand.
    pub(crate) proposer: Option<ModelClient>,
    /// Limit on sign-ins per key, and on wrong keys per address.
    pub(crate) sign_ins: Rate,
    /// Answers to requests with an idempotency key.
    pub(crate) answers: Answers,
    /// Memory budget for request bodies.
    pub(crate) body_memory: BodyMemory,
    pub(crate) metrics: Metrics,
    /// Channels whose receiver fails.
    pub(crate) suspended: SuspendedChannels,
    reads: Gate,
    writes: Gate,
    /// Becomes true when all jobs have to end.
    cut: watch::Sender<bool>,
    /// Cancellation of the background tasks.
    pub(crate) background: Cancellation,
    /// Stop signal: requests under way are finished, and the server is no longer ready.
    pub(crate) stop: StopSignal,
    /// True if the last check for changes failed.
    stale: AtomicBool,
}

/// Shared state, as handlers receive it.
pub(crate) type Shared = Arc<App>;

impl App {
    pub(crate) fn new(engine: Arc<Engine>, settings: Settings, access: Access) -> Self {
        let (cut, receive) = watch::channel(false);
        // The settings were checked before; a key file that vanished since leaves the server without its model.
        let proposer = crate::proposing::check(&settings).unwrap_or_else(|error| {
            tracing::error!(%error, "the language model cannot be asked");
            None
        });
        let limits = &settings.limits;
        Self {
            proposer,
            engine,
            access,
            sessions: Sessions::default(),
            uploads: Uploads::default(),
            results: Results::default(),
            jobs: PushJobs::default(),
            sign_ins: Rate::new(limits.sign_ins),
            answers: Answers::default(),
            body_memory: BodyMemory::new(limits),
            metrics: Metrics::new(),
            suspended: SuspendedChannels::default(),
            reads: Gate::new(limits.working, limits.waiting, receive.clone()),
            writes: Gate::new(limits.writing, limits.waiting, receive),
            cut,
            background: Cancellation::new(),
            stop: StopSignal::default(),
            stale: AtomicBool::new(false),
            settings,
        }
    }

    /// Runs a read-only job within the time limit of a request.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.reads.run(self.settings.limits.time, job).await
    }

    /// Like [`App::read`], with another time limit.
    pub(crate) async fn read_within<T: Send + 'static>(
        &self,
        limit: Duration,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.reads.run(limit, job).await
    }

    /// Runs a job that writes to the registry, if only a line of the audit, within the time limit of a request: it
    /// may have to wait for a lock, and must not occupy a slot of the readers meanwhile.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.writes.run(self.settings.limits.time, job).await
    }

    /// Like [`App::write`], with another time limit.
    pub(crate) async fn write_within<T: Send + 'static>(
        &self,
        limit: Duration,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.writes.run(limit, job).await
    }

    /// Begins the shutdown: requests under way are finished.
    pub(crate) fn stop(&self) {
        self.stop.request();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.is_requested()
    }

    /// Cancels all jobs, and waits up to `limit` for their end. Returns the number of jobs still running, because
    /// they never poll.
    pub(crate) async fn cancel_jobs(&self, limit: Duration) -> usize {
        self.background.cancel();
        self.jobs.stop();
        self.cut.send_replace(true);
        let end = Instant::now() + limit;
        loop {
            let left = self.reads.running() + self.writes.running();
            if left == 0 || Instant::now() > end {
                return left;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Records whether the last check for changes failed.
    pub(crate) fn set_stale(&self, failed: bool) {
        self.stale.store(failed, Ordering::Relaxed);
    }

    pub(crate) fn is_stale(&self) -> bool {
        self.stale.load(Ordering::Relaxed)
    }
}
