//! What every request shares.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use zhaoren_cancel::Cancellation;
use zhaoren_courier::Stop;
use zhaoren_engine::Engine;

use crate::access::{Access, Rate};
use crate::config::Settings;
use crate::console::Sessions;
use crate::gate::Gate;
use crate::intake::BodyMemory;
use crate::metrics::Metrics;
use crate::problem::Problem;

/// What every request shares.
pub(crate) struct App {
    pub(crate) engine: Arc<Engine>,
    pub(crate) settings: Settings,
    pub(crate) access: Access,
    /// Who has signed in to the console.
    pub(crate) sessions: Sessions,
    /// How often a key may sign in, and an address may show a wrong one.
    pub(crate) sign_ins: Rate,
    /// The memory for request bodies.
    pub(crate) room: BodyMemory,
    pub(crate) metrics: Metrics,
    reads: Gate,
    writes: Gate,
    /// Turns true when every job is to end.
    cut: watch::Sender<bool>,
    /// What the tasks that no request waits for compute under.
    pub(crate) background: Cancellation,
    /// Asked to stop: answers what is under way, and is no longer ready.
    pub(crate) stop: Stop,
    /// The last look for changes failed.
    stale: AtomicBool,
    /// Held by a request while it compares what is stored with what its caller has seen, and writes.
    pub(crate) editing: Arc<Mutex<()>>,
}

/// The shared state, as handlers get it.
pub(crate) type Shared = Arc<App>;

impl App {
    pub(crate) fn new(engine: Arc<Engine>, settings: Settings, access: Access) -> Self {
        let (cut, receive) = watch::channel(false);
        let limits = &settings.limits;
        Self {
            engine,
            access,
            sessions: Sessions::default(),
            sign_ins: Rate::new(limits.sign_ins),
            room: BodyMemory::new(limits),
            metrics: Metrics::new(),
            reads: Gate::new(limits.working, limits.waiting, receive.clone()),
            writes: Gate::new(limits.writing, limits.waiting, receive),
            cut,
            background: Cancellation::new(),
            stop: Stop::default(),
            stale: AtomicBool::new(false),
            editing: Arc::default(),
            settings,
        }
    }

    /// Computes within the time of an ordinary request. For what only reads.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.reads.run(self.settings.limits.time, job).await
    }

    /// The same within another time.
    pub(crate) async fn work_within<T: Send + 'static>(
        &self,
        limit: Duration,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.reads.run(limit, job).await
    }

    /// Computes within the time of an ordinary request. For what writes to the registry, if only a line of the audit: it may
    /// have to wait for a lock, and does so in no place of a reader.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.writes.run(self.settings.limits.time, job).await
    }

    /// The same within another time.
    pub(crate) async fn write_within<T: Send + 'static>(
        &self,
        limit: Duration,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.writes.run(limit, job).await
    }

    /// From now on the server finishes what it has begun.
    pub(crate) fn stop(&self) {
        self.stop.ask();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.is_asked()
    }

    /// Ends every job, and waits up to `limit` for that. Gives how many go on all the same, because they never poll.
    pub(crate) async fn cut_off(&self, limit: Duration) -> usize {
        self.background.cancel();
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

    /// Notes whether the last look for changes failed.
    pub(crate) fn looked(&self, failed: bool) {
        self.stale.store(failed, Ordering::Relaxed);
    }

    pub(crate) fn is_stale(&self) -> bool {
        self.stale.load(Ordering::Relaxed)
    }
}
