//! Ten walks, each the day of one person: three firms, three calls to a caseworker, a portal, an operator's morning, a bureau head's
//! five minutes, an analyst. Each ends with what its person wanted, seen on the page or in the files that the person looks at.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

mod pages;
mod terminal;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs the program over a data directory.
fn program(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
    command.env("NO_COLOR", "1").arg("--data").arg(data).args(arguments).output().unwrap()
}

/// Standard output of a command that succeeds.
#[track_caller]
fn said(data: &Path, arguments: &[&str]) -> String {
    let output = program(data, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// JSON answer of a command that succeeds.
#[track_caller]
fn answer(data: &Path, arguments: &[&str]) -> Value {
    let text = said(data, &[&["--json"], arguments].concat());
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text:.500}"))
}

/// Sample enterprises, which are marked as such.
const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/enterprises/samples.jsonl");
