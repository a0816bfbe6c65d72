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
#[cfg(feature = "pdf")]
mod maker;
mod package;
mod word_file;

mod archives;
mod doc;
mod documents;
mod growth;
mod mutations;
mod ofd;
mod pages;
#[cfg(feature = "pdf")]
mod pdf;
#[cfg(feature = "pdf")]
mod pdf_layout;
#[cfg(feature = "pdf")]
mod pdf_limits;
mod rtf;
mod texts;
mod word;
mod workbooks;
