//! The tests of the program as a whole, in one binary: linking one is a fraction of linking each by itself.
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

mod browser;
mod serving;

mod automatic;
mod cli;
mod conditions;
mod console;
mod deploy;
mod disk;
mod documents;
mod drafting;
mod enterprises;
mod eval_search;
mod evidence;
mod examples;
mod http;
mod index;
mod kill;
mod licences;
mod map;
mod messages;
mod pages;
mod push;
mod receipts;
mod receivers;
mod records;
mod searching;
mod synth;
mod tidy;
mod tutorials;
mod upgrade;
mod walks;
