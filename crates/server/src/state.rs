//! What every request shares, and the gate through which all computing goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use zhaoren_courier::Stop;
use zhaoren_engine::Engine;

use crate::access::Access;
use crate::config::Settings;
use crate::console::Sessions;
use crate::metrics::Metrics;
use crate::problem::{Code, Problem};

/// What every request shares.
pub(crate) struct App {
    pub(crate) engine: Arc<Engine>,
    pub(crate) settings: Settings,
    pub(crate) access: Access,
    /// Who has signed in to the console.
    pub(crate) sessions: Sessions,
    pub(crate) metrics: Metrics,
    gate: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// Asked to stop: answers what is under way, and is no longer ready.
    pub(crate) stop: Stop,
    /// The last look for changes failed.
    stale: AtomicBool,
}

/// The shared state, as handlers get it.
pub(crate) type Shared = Arc<App>;

impl App {
    pub(crate) fn new(engine: Arc<Engine>, settings: Settings, access: Access) -> Self {
        let gate = Arc::new(Semaphore::new(settings.limits.working.max(1)));
        Self {
            engine,
            settings,
            access,
            sessions: Sessions::default(),
            metrics: Metrics::new(),
            gate,
            waiting: AtomicUsize::new(0),
            stop: Stop::default(),
            stale: AtomicBool::new(false),
        }
    }

    /// Computes within the time of an ordinary request.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.work_within(self.settings.limits.time, job).await
    }

    /// Computes away from the threads that serve, once there is room for it. Whoever waits too long, or finds too many
    /// waiting, is told to come again. Work that was begun is finished even when nobody waits for it any more, and
    /// keeps its place until then.
    pub(crate) async fn work_within<T: Send + 'static>(
        &self,
        limit: Duration,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let late =
            || Problem::new(Code::Timeout, format!("{} 秒内未能完成", limit.as_secs_f32())).retry_after(5);
        let begun = tokio::time::Instant::now();
        let permit = {
            let _place = Place::take(&self.waiting, self.settings.limits.waiting)
                .ok_or_else(|| Problem::new(Code::Busy, "等候处理的请求过多，请稍后再试").retry_after(1))?;
            let permit = tokio::time::timeout(limit, Arc::clone(&self.gate).acquire_owned()).await;
            permit.map_err(|_| late())?.map_err(|error| Problem::internal(&error))?
        };
        let done = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            job()
        });
        match tokio::time::timeout(limit.saturating_sub(begun.elapsed()), done).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(Problem::internal(&error)),
            Err(_) => Err(late()),
        }
    }

    /// From now on the server finishes what it has begun.
    pub(crate) fn stop(&self) {
        self.stop.ask();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.is_asked()
    }

    /// Notes whether the last look for changes failed.
    pub(crate) fn looked(&self, failed: bool) {
        self.stale.store(failed, Ordering::Relaxed);
    }

    pub(crate) fn is_stale(&self) -> bool {
        self.stale.load(Ordering::Relaxed)
    }
}

/// A place among those who wait.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, most: usize) -> Option<Self> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(waiting);
        (before < most.max(1)).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
