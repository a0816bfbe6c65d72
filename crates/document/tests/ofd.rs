//! OFD files: those with traps, and bounds of the work.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod scoring;

#[test]
fn files_are_read_as_their_index_says() {
    scoring::score_own("ofd.jsonl");
}
