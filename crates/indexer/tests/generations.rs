//! Generations are published as a whole, never changed, and survive a killed build.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::Path;

use zhaoren_indexer::{Entry, EntryKind, Index, IndexError, Lexicon, build};
use zhaoren_policy::document::Document;

fn entries(count: usize) -> Vec<Entry> {
    (0..count)
        .map(|place| Entry {
            id: format!("d{place}"),
            kind: EntryKind::Document,
            title: format!("第{place}号扶持办法"),
            document: Document::default(),
            text: "对符合条件的企业给予奖励。".into(),
            clauses: Vec::new(),
            methods: Vec::new(),
            delivery: None,
            tags: Vec::new(),
            aka: Vec::new(),
        })
        .collect()
}

fn publish(root: &Path, count: usize) -> std::path::PathBuf {
    build(root, &entries(count), &Lexicon::built_in(), &|_| {}).unwrap()
}

fn held(root: &Path) -> usize {
    Index::open(root).unwrap().manifest().entries
}

#[test]
fn leftovers_of_a_killed_build_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    assert!(matches!(Index::open(root), Err(IndexError::NotBuilt(_))));
    let first = publish(root, 3);
    // killed while writing aside
    let aside = root.join("generation/.building");
    std::fs::create_dir(&aside).unwrap();
    std::fs::write(aside.join("half"), "half").unwrap();
    assert_eq!(held(root), 3);
    // killed between the rename and the pointer
    let unnamed = root.join("generation/000007");
    std::fs::create_dir(&unnamed).unwrap();
    std::fs::write(unnamed.join("cards.jsonl"), "{}").unwrap();
    assert_eq!(held(root), 3);
    let second = publish(root, 2);
    assert!(!aside.exists() && !unnamed.exists(), "both are removed");
    assert!(first.exists() && second.exists(), "the one that was in use is kept");
    assert_eq!(held(root), 2);
    let third = publish(root, 4);
    assert!(!first.exists() && second.exists() && third.exists(), "one before is kept");
    assert_eq!(held(root), 4);
    assert_eq!(std::fs::read_dir(root.join("generation")).unwrap().flatten().count(), 3, "two and the lock");
}

#[test]
fn a_reader_keeps_its_generation_while_others_are_published() {
    let folder = tempfile::tempdir().unwrap();
    publish(folder.path(), 3);
    let index = Index::open(folder.path()).unwrap();
    for count in [1, 2, 5] {
        publish(folder.path(), count);
    }
    let request = zhaoren_indexer::SearchRequest { query: "奖励".into(), limit: 10, ..Default::default() };
    assert_eq!(index.search(&request).unwrap().total, 3);
}

#[test]
fn builders_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for count in 1..=4 {
            let root = folder.path();
            scope.spawn(move || publish(root, count));
        }
    });
    assert!((1..=4).contains(&held(folder.path())));
}

#[test]
fn changed_bytes_are_detected() {
    let folder = tempfile::tempdir().unwrap();
    let path = publish(folder.path(), 3);
    for entry in std::fs::read_dir(&path).unwrap().flatten() {
        let whole = std::fs::read(entry.path()).unwrap();
        let mut damaged = whole.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        std::fs::write(entry.path(), &damaged).unwrap();
        assert!(Index::open(folder.path()).is_err(), "{}", entry.path().display());
        std::fs::write(entry.path(), &whole).unwrap();
    }
    assert_eq!(held(folder.path()), 3);
    std::fs::write(folder.path().join("CURRENT"), "../elsewhere\n").unwrap();
    assert!(matches!(Index::open(folder.path()), Err(IndexError::Incompatible { .. })));
}

#[test]
fn generations_keep_their_own_lexicon() {
    let folder = tempfile::tempdir().unwrap();
    let mut own = Lexicon::built_in();
    own.words = vec!["扶持办".into()];
    build(folder.path(), &entries(2), &own, &|_| {}).unwrap();
    let manifest = Index::open(folder.path()).unwrap().manifest().clone();
    assert_eq!(manifest.lexicon, own.digest());
    assert_ne!(manifest.lexicon, Lexicon::built_in().digest());
}

#[test]
fn progress_counts_entries() {
    let folder = tempfile::tempdir().unwrap();
    let heard = std::cell::RefCell::new(Vec::new());
    build(folder.path(), &entries(3), &Lexicon::built_in(), &|done| heard.borrow_mut().push(done)).unwrap();
    assert_eq!(*heard.borrow(), [1, 2, 3]);
}
