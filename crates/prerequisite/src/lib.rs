//! Preparation of tests: [folders](copy_golden) made once for all of them, and prerequisites that are not available on
//! every machine: a database server, a browser, real texts, permission to mount.
//!
//! A test that lacks one is skipped, and that has to be visible. The test harness captures the output of `println!` and
//! `eprintln!` in a passing test, so [`skip`] bypasses it and writes to standard error. If the variable `ZHAOREN_REQUIRE`
//! names the prerequisite, or is `all`, the test fails instead: `tests/run.sh` sets it.

mod golden;

use std::io::Write;

pub use golden::copy_golden;

/// A resource of the machine that a test needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prerequisite {
    /// A PostgreSQL server, started by the test itself.
    Postgres,
    /// Chromium with its driver, and axe.
    Browser,
    /// Permission to mount a small file system.
    Mount,
    /// Real policy texts and examples beside the repository.
    Texts,
    /// Helm, or Go with sprig, to render the chart.
    Chart,
    /// systemd-analyze.
    Systemd,
    /// bash, curl, jq and openssl.
    Shell,
}

impl Prerequisite {
    /// Name in `ZHAOREN_REQUIRE`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Browser => "browser",
            Self::Mount => "mount",
            Self::Texts => "texts",
            Self::Chart => "chart",
            Self::Systemd => "systemd",
            Self::Shell => "shell",
        }
    }

    /// True if `required`, a comma-separated list, contains it.
    fn is_in(self, required: &str) -> bool {
        required.split(',').map(str::trim).any(|one| one == "all" || one == self.name())
    }
}

/// Reports on standard error that the calling test is skipped for lack of `prerequisite`.
///
/// # Panics
/// `ZHAOREN_REQUIRE` names the prerequisite: the test then fails.
#[track_caller]
#[expect(clippy::panic, reason = "a test that had to run and cannot has failed")]
pub fn skip(prerequisite: Prerequisite, why: &str) {
    let place = std::panic::Location::caller();
    let name = prerequisite.name();
    let required = std::env::var("ZHAOREN_REQUIRE").unwrap_or_default();
    assert_known(&required);
    if prerequisite.is_in(&required) {
        panic!("`{name}` is required and not there: {why}");
    }
    // The harness captures the printing macros, but not the stream itself.
    let line = format!("SKIPPED for lack of `{name}` at {}:{}: {why}\n", place.file(), place.line());
    let _ = std::io::stderr().write_all(line.as_bytes());
}

/// Panics on an unknown name in `ZHAOREN_REQUIRE`: a misspelt name would require no prerequisite.
#[track_caller]
#[expect(clippy::panic, reason = "it is a mistake in how the tests are started")]
fn assert_known(required: &str) {
    const ALL: [Prerequisite; 7] = [
        Prerequisite::Postgres,
        Prerequisite::Browser,
        Prerequisite::Mount,
        Prerequisite::Texts,
        Prerequisite::Chart,
        Prerequisite::Systemd,
        Prerequisite::Shell,
    ];
    for one in required.split(',').map(str::trim).filter(|one| !one.is_empty() && *one != "all") {
        if ALL.iter().all(|known| known.name() != one) {
            panic!("ZHAOREN_REQUIRE names `{one}`, which is no prerequisite");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_asks_for_each_and_a_list_for_what_it_names() {
        for (required, asked) in
            [("", false), ("all", true), ("postgres", true), ("browser, postgres", true), ("browser", false)]
        {
            assert_eq!(Prerequisite::Postgres.is_in(required), asked, "{required}");
        }
    }

    #[test]
    #[should_panic(expected = "no prerequisite")]
    fn a_misspelt_name_is_refused() {
        assert_known("postgres,browsr");
    }
}
