//! The tests of `zhaoren-server`, in one binary: linking one is a fraction of linking each by itself.
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

mod asking;

mod access;
mod api;
mod bodies;
mod catalogue_pages;
mod documents;
mod drafting;
mod exact;
mod isolation;
mod jobs;
mod limits;
mod messages;
mod oidc;
mod openapi;
mod openapi_lint;
mod pages;
mod portal;
mod records;
mod results;
