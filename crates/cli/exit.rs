//! Shared by every command: its outcome, the errors that stop it, and the data directory opened with its problems printed.

use zhaoren_engine::{Engine, EngineError, Home, Problem, has_errors};

use crate::progress::Bars;

/// Outcome of a command that ran.
pub(crate) enum Outcome {
    /// Everything was done.
    Done,
    /// Parts of the input were wrong and were reported; the rest is done.
    InvalidInput,
}

/// Error that keeps a command from running.
pub(crate) type CannotRun = Box<dyn std::error::Error + Send + Sync>;

pub(crate) fn open(home: &Home) -> Result<Engine, EngineError> {
    let (engine, problems) = Engine::open(home, &Bars::new())?;
    print_problems(&problems);
    if let Some(warning) = engine.records().clock_warning(zhaoren_engine::now())? {
        tell!("{warning}");
    }
    Ok(engine)
}

/// Prints problems on stderr, one per line.
pub(crate) fn print_problems(problems: &[Problem]) {
    for problem in problems {
        tell!("{problem}");
    }
}

pub(crate) fn outcome(problems: &[Problem]) -> Outcome {
    if has_errors(problems) { Outcome::InvalidInput } else { Outcome::Done }
}
