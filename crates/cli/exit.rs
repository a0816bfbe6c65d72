//! Shared by every command: its outcome, the errors that stop it, and the data directory opened with its problems printed.

use zhaoren_engine::{Engine, EngineError, Home, Problem, has_errors, problem_words};

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
        tell!("{}", problem_text(problem));
    }
}

/// A problem with its file and line, in Chinese, or in English for `ZHAOREN_LANG=en`.
pub(crate) fn problem_text(problem: &Problem) -> String {
    if std::env::var("ZHAOREN_LANG").is_ok_and(|language| language.starts_with("en")) {
        return problem.to_string();
    }
    let line = problem.line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("{}{line}: {}", problem.file, problem_words::sentence(problem))
}

pub(crate) fn outcome(problems: &[Problem]) -> Outcome {
    if has_errors(problems) { Outcome::InvalidInput } else { Outcome::Done }
}
