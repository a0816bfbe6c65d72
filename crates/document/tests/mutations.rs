//! Files that were damaged on their way: whatever is read or refused, nothing panics and no limit is exceeded.

#![allow(clippy::unwrap_used, reason = "a test that cannot make its input has failed")]

use std::path::Path;

use zhaoren_document::{Limits, read};

/// Mutations of each file.
const EACH: u64 = 25;

/// A sequence that looks random and is the same in each run (splitmix64).
struct Sequence(u64);

impl Sequence {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or(0)
    }
}

/// One change of a file: bytes set, cut out, doubled, or the end cut off.
fn mutated(bytes: &[u8], sequence: &mut Sequence) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=sequence.below(4) {
        let at = sequence.below(bytes.len());
        let length = sequence.below(16).min(bytes.len() - at);
        match sequence.below(5) {
            0 => bytes.truncate(at),
            1 => {
                bytes.drain(at..at + length);
            }
            2 => {
                let part: Vec<u8> = bytes.iter().skip(at).take(length).copied().collect();
                bytes.splice(at..at, part);
            }
            _ => {
                let value =
                    [0, 0xff, 0x7f, b'<', b'&', b'"', b'9'].get(sequence.below(7)).copied().unwrap_or(1);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = value;
                }
            }
        }
    }
    bytes
}

#[test]
fn damaged_files_are_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    let mut names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let limits =
        Limits { unpacked: 4 << 20, characters: 200_000, cells: 20_000, steps: 2_000_000, ..Limits::IMPORT };
    for (at, name) in names.iter().enumerate() {
        let bytes = std::fs::read(name).unwrap();
        let mut sequence = Sequence(at as u64);
        for _ in 0..EACH {
            let bytes = mutated(&bytes, &mut sequence);
            if let Ok(document) = read(&bytes, &limits) {
                let canonical = document.text();
                assert!(!canonical.text.is_empty(), "{}", name.display());
                assert!(canonical.spans.is_sorted_by(|one, next| one.range.end <= next.range.start));
                assert!(canonical.spans.iter().all(|span| canonical.text.get(span.range.clone()).is_some()));
            }
        }
    }
}

/// Damage inside a package: its parts are changed, not the archive around them.
#[test]
fn damaged_parts_are_read_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    let limits =
        Limits { unpacked: 4 << 20, characters: 200_000, cells: 20_000, steps: 2_000_000, ..Limits::IMPORT };
    for name in [
        "docx-number-kinds.docx",
        "docx-tables.docx",
        "docx-tracked.docx",
        "xlsx-handmade.xlsx",
        "xlsx-policy-list.xlsx",
    ] {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let parts = parts(&bytes);
        let mut sequence = Sequence(7);
        for _ in 0..EACH * 3 {
            let hit = sequence.below(parts.len());
            let parts: Vec<(&str, Vec<u8>)> = parts
                .iter()
                .enumerate()
                .map(|(at, (name, part))| {
                    let part = if at == hit { mutated(part, &mut sequence) } else { part.clone() };
                    (name.as_str(), part)
                })
                .collect();
            let borrowed: Vec<(&str, &[u8])> =
                parts.iter().map(|(name, part)| (*name, part.as_slice())).collect();
            let _ = read(&package::package(&borrowed), &limits);
        }
    }
}

use crate::package;

fn parts(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut entry = archive.by_index(at).unwrap();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut content).unwrap();
            (entry.name().unwrap().into_owned(), content)
        })
        .collect()
}
