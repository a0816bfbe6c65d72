//! Hostile PDF files: the work is bounded by the budget and grows with the input.
#![cfg(feature = "pdf")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use crate::maker;

use maker::{Maker, read_bytes, rule, text};
use zhaoren_document::{Limits, Refusal};

#[test]
fn truncated_files_are_refused() {
    let bytes =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/pdf-ruled-table.pdf")).unwrap();
    for part in 1..40 {
        let cut = bytes.len() * part / 41;
        assert!(read_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn mutually_recursive_forms_end_by_the_budget() {
    let mut file = Maker::new();
    // Each form draws the next one ten times: 10^12 in all.
    let first = 4;
    for depth in 0..12 {
        let next = first + depth + 1;
        let dict =
            format!("/Type/XObject/Subtype/Form/BBox[0 0 600 840]/Resources<</XObject<</N {next} 0 R>>>>");
        file.stream(&dict, "/N Do ".repeat(10).as_bytes());
    }
    file.stream("/Type/XObject/Subtype/Form/BBox[0 0 600 840]", b"q Q");
    file.page_with("/N Do", &format!("/XObject<</N {first} 0 R>>"), "");
    let limits = Limits { steps: 200_000, ..Limits::IMPORT };
    assert!(matches!(zhaoren_document::read(&file.end(), &limits), Err(Refusal::Bomb { .. })));
}

#[test]
fn content_shared_by_many_pages_ends_by_the_budget() {
    let mut file = Maker::new();
    let content = file.stream("", text(76.0, 700.0, 16.0, "字").repeat(2_000).as_bytes());
    for _ in 0..500 {
        file.page_of(content, "", "");
    }
    let limits = Limits { unpacked: 4 << 20, ..Limits::IMPORT };
    assert!(matches!(zhaoren_document::read(&file.end(), &limits), Err(Refusal::Bomb { .. })));
}

/// Twice the input may take a little more than twice the steps.
#[test]
fn the_work_grows_with_the_input() {
    let file = |size: usize| {
        let mut file = Maker::new();
        for page in 0..size {
            let mut content = String::new();
            for line in 0..20 {
                let y = 780.0 - line as f32 * 36.0;
                content += &text(76.0, y, 12.0, &format!("第{page}页第{line}行对符合条件的企业给予奖励"));
                content += &rule(70.0, y - 10.0, 520.0, y - 10.0);
                content += &format!("0.9 g 400 {y} 60 12 re f 0 g\n");
            }
            file.page(&content);
        }
        file.end()
    };
    let steps = |size: usize| zhaoren_cancel::count(|| read_bytes(&file(size)).unwrap()).1;
    let (one, two) = (steps(10), steps(20));
    assert!(two < one * 5 / 2, "{one} {two}");
}

/// The work on one page grows with what it holds, also where all of it lies in one place.
#[test]
fn the_work_grows_with_a_page() {
    let crowded = |size: usize| {
        let mut file = Maker::new();
        let mut content = String::new();
        for at in 0..size {
            let x = 76.0 + (at % 40) as f32 * 10.0;
            content += &text(x, 700.0 - (at % 7) as f32 * 0.3, 12.0, "奖");
            content += &rule(x, 100.0 + (at % 90) as f32 * 7.0, x, 107.0 + (at % 90) as f32 * 7.0);
            content += &rule(76.0, 100.0 + (at % 90) as f32 * 7.0, 476.0, 100.0 + (at % 90) as f32 * 7.0);
        }
        file.page(&content);
        file.end()
    };
    let steps = |size: usize| zhaoren_cancel::count(|| read_bytes(&crowded(size))).1;
    let (one, two) = (steps(2_000), steps(4_000));
    assert!(two < one * 3, "{one} {two}");
}

#[test]
fn random_byte_changes_never_panic() {
    let bytes =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/pdf-ruled-table.pdf")).unwrap();
    let mut seed = 1_u64;
    for _ in 0..100 {
        let mut changed = bytes.clone();
        for _ in 0..4 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (seed >> 33) as usize % changed.len();
            changed[at] = (seed >> 24) as u8;
        }
        // Read or refused, without a panic.
        let _ = read_bytes(&changed);
    }
}

#[test]
fn files_of_stream_starts_end_by_the_budget() {
    let words = |count: usize| {
        let mut bytes = b"%PDF-1.7\n1 0 obj<</Type/XRef>>".to_vec();
        bytes.extend(b"stream\n".repeat(count));
        bytes.extend(b"%%EOF");
        bytes
    };
    let limits = Limits { steps: 1_000_000, ..Limits::IMPORT };
    assert!(matches!(zhaoren_document::read(&words(200_000), &limits), Err(Refusal::Bomb { .. })));
}

#[test]
fn cancelled_reads_stop() {
    let mut file = Maker::new();
    file.page(&text(76.0, 700.0, 16.0, "字"));
    let bytes = file.end();
    let cancellation = zhaoren_cancel::Cancellation::new();
    cancellation.cancel();
    assert_eq!(cancellation.run(|| read_bytes(&bytes)), Err(zhaoren_cancel::Cancelled));
}
