//! The tests of `zhaoren-document`, in one binary: linking one is a fraction of linking each by itself.
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

mod index;
mod package;
mod word_file;

mod archives;
mod doc;
mod documents;
mod growth;
mod mutations;
mod ofd;
mod pages;
mod rtf;
mod texts;
mod word;
mod workbooks;
