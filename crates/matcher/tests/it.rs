//! The tests of `zhaoren-matcher`, in one binary: linking one is a fraction of linking each by itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says what it saw"
)]

mod world;

mod advice;
mod amounts;
mod bundle;
mod compiled;
mod contract;
mod exact;
mod golden;
mod golden_amounts;
mod growth;
mod interview;
mod nearest;
mod notes;
mod questions;
mod records;
mod shapes;
mod snapshot;
