//! Failpoints: named steps between two states on disk, at which a test kills the process.
//!
//! A kill by the clock mostly falls into computation, and misses the states that matter on a machine of another speed. A
//! failpoint falls where it is meant to. Builds without debug assertions, and so every release, contain none.

/// Environment variable that names the failpoint: `index-renamed` for the first pass of it, `index-renamed:3` for the third.
#[cfg(debug_assertions)]
pub const VARIABLE: &str = "ZHAOREN_FAILPOINT";

/// Kills this process as `kill -9` does, if [`VARIABLE`] names this pass of the step.
#[cfg(debug_assertions)]
pub fn reach(step: &str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static PLAN: OnceLock<Option<(String, u64)>> = OnceLock::new();
    static PASSES: AtomicU64 = AtomicU64::new(0);
    let plan = PLAN.get_or_init(|| std::env::var(VARIABLE).ok().map(|text| plan(&text)));
    let Some((name, pass)) = plan else { return };
    if name == step && PASSES.fetch_add(1, Ordering::SeqCst) + 1 == *pass {
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        // Not reached where signals work.
        std::process::abort();
    }
}

/// Does nothing: builds without debug assertions have no failpoints.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn reach(_: &str) {}

/// Name and pass of a failpoint as written in [`VARIABLE`].
#[cfg(debug_assertions)]
fn plan(text: &str) -> (String, u64) {
    match text.split_once(':').and_then(|(name, pass)| Some((name, pass.parse().ok()?))) {
        Some((name, pass)) => (name.to_owned(), pass),
        None => (text.to_owned(), 1),
    }
}

#[cfg(all(test, debug_assertions))]
mod tests {
    use super::*;

    #[test]
    fn plans_name_a_step_and_a_pass() {
        assert_eq!(plan("index-renamed"), ("index-renamed".to_owned(), 1));
        assert_eq!(plan("index-renamed:3"), ("index-renamed".to_owned(), 3));
    }

    /// Without the variable a step is passed.
    #[test]
    fn steps_are_passed_without_a_plan() {
        assert!(std::env::var_os(VARIABLE).is_none());
        reach("index-renamed");
    }
}
