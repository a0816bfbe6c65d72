//! `zhaoren`: the command line. Arguments, progress, tables and exit codes; no rules.

#[macro_use]
mod terminal;

mod args;
mod audit;
mod automatic;
mod backup;
mod commands;
mod demo;
mod drafted;
mod drafts;
mod enterprises;
mod eval;
mod evidence;
mod exit;
mod find;
mod impact;
mod index;
mod keys;
mod manual;
mod map;
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

use exit::Outcome;

fn main() -> ExitCode {
    // Data of enterprises must not be readable by other users of the machine, whatever the umask was.
    zhaoren_disk::restrict_umask();
    let cli = match args::Cli::try_parse_from(args::escape_leading_hyphen(std::env::args_os())) {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            // The message repeats the arguments, which may contain hostile file names.
            tell!("{}", error.render().to_string().trim_end());
            return ExitCode::from(2);
        }
        Err(help) => help.exit(),
    };
    match commands::run(cli) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::InvalidInput) => ExitCode::from(1),
        // The reader closed the pipe on purpose: `zhaoren search … | head`.
        Err(error) if is_closed_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            tell!("zhaoren: {error}");
            ExitCode::from(2)
        }
    }
}

/// True if an error or one of its sources is a closed pipe.
fn is_closed_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    let closed = std::io::ErrorKind::BrokenPipe;
    std::iter::successors(Some(error), |error| error.source()).any(|error| {
        let of_io = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let of_json = error.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        of_io.or(of_json) == Some(closed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A closed pipe is found anywhere in the chain of sources.
    #[test]
    fn a_closed_pipe_is_found_below_other_errors() {
        #[derive(Debug)]
        struct Outer(std::io::Error);
        impl std::fmt::Display for Outer {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("outer")
            }
        }
        impl std::error::Error for Outer {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                Some(&self.0)
            }
        }
        let io = |kind| std::io::Error::from(kind);
        assert!(is_closed_pipe(&io(std::io::ErrorKind::BrokenPipe)));
        assert!(is_closed_pipe(&Outer(io(std::io::ErrorKind::BrokenPipe))));
        assert!(!is_closed_pipe(&Outer(io(std::io::ErrorKind::NotFound))));
    }
}
