//! Progress of a run, for display.

/// Receiver of a run's progress.
pub trait Progress: Sync {
    /// This many more rows are read, and decided in a run.
    fn rows_done(&self, rows: u64);
    /// The writing phase begins, over this many enterprises.
    fn writing(&self, enterprises: u64);
    /// This many more enterprises are written.
    fn written(&self, done: u64);
}

/// Ignores all progress.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn rows_done(&self, _: u64) {}
    fn writing(&self, _: u64) {}
    fn written(&self, _: u64) {}
}
