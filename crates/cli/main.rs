//! `zhaoren`: the command line. Arguments, progress, tables and exit codes; no rules.

mod args;
mod audit;
mod backup;
mod commands;
mod drafts;
mod enterprises;
mod eval;
mod find;
mod index;
mod keys;
mod matching;
mod messages;
mod progress;
mod push;
mod reading;
mod receipts;
mod render;
mod render_search;
mod search;
mod serve;
mod synth;
mod what_if;

use std::process::ExitCode;

use clap::Parser;

/// What a command that ran came to.
pub(crate) enum Outcome {
    /// Everything was done.
    Done,
    /// Something in the input was wrong; it was named, and the rest is done.
    InputWrong,
}

fn main() -> ExitCode {
    let cli = args::Cli::parse_from(args::spelt(std::env::args_os()));
    match commands::run(cli) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::InputWrong) => ExitCode::from(1),
        // Whoever reads has seen enough: `zhaoren search … | head`.
        Err(error) if is_closed_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("zhaoren: {error}");
            ExitCode::from(2)
        }
    }
}

fn is_closed_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}
