//! Reprints are folded into one hit, and counted once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::BTreeSet;

use zhaoren_indexer::{Entry, EntryKind, FACETS, Index, Lexicon, SearchRequest, SearchResponse, build};
use zhaoren_policy::document::{Document, Level};

/// A distinct text for every seed.
fn text(seed: u32, amount: u32) -> String {
    let mut text = String::from("为支持算力产业发展，制定本办法。");
    for at in 0..400_u32 {
        text.extend(char::from_u32(0x4e00 + (seed * 7919 + at * at * 31 + at * 17) % 3000));
    }
    text + &format!("对购买算力的企业给予{amount}万元补贴。")
}

fn entry(id: &str, region: &str, text: String) -> Entry {
    let document = Document {
        region: Some(region.to_owned()),
        level: Some(if region == "310000" { Level::City } else { Level::District }),
        ..Document::default()
    };
    Entry {
        id: id.into(),
        kind: EntryKind::Document,
        title: "算力补贴办法".into(),
        document,
        text,
        clauses: Vec::new(),
        methods: Vec::new(),
        delivery: None,
        tags: Vec::new(),
        aka: Vec::new(),
    }
}

fn world() -> Vec<Entry> {
    let mut entries = Vec::new();
    for seed in 0..20_u32 {
        for copy in 0..seed % 4 {
            let spaced = text(seed, 50).replace('，', " ， ");
            let copied = match copy {
                0 => text(seed, 50),
                1 => spaced,
                _ => format!("转载自某某网。{}", text(seed, 50)),
            };
            entries.push(entry(&format!("d{seed:02}-{copy}"), "310000", copied));
        }
        // another amount makes another edition; another region another document
        entries.push(entry(&format!("d{seed:02}-new"), "310000", text(seed, 80)));
        entries.push(entry(&format!("d{seed:02}-there"), "310104", text(seed, 50)));
    }
    entries
}

fn ask(index: &Index, request: SearchRequest) -> SearchResponse {
    index.search(&SearchRequest { query: "算力".into(), limit: 1000, ..request }).unwrap()
}

#[test]
fn copies_are_folded_counted_once_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let entries = world();
    build(folder.path(), &entries, &Lexicon::built_in(), &|_| {}).unwrap();
    let index = Index::open(folder.path()).unwrap();
    let found = ask(&index, SearchRequest::default());
    for hit in &found.hits {
        let (seed, own) = hit.id.split_at(3);
        let copies: u32 =
            if matches!(own, "-new" | "-there") { 1 } else { seed[1..].parse::<u32>().unwrap() % 4 };
        assert_eq!(hit.folded.len() as u32 + 1, copies, "{}: {:?}", hit.id, hit.folded);
        assert!(hit.folded.iter().all(|id| id.starts_with(seed)), "{}: {:?}", hit.id, hit.folded);
    }
    let named: BTreeSet<&str> =
        found.hits.iter().flat_map(|hit| hit.folded.iter().chain([&hit.id])).map(String::as_str).collect();
    assert_eq!(named.len(), entries.len(), "every one is shown or named");
    assert_eq!((found.total, found.hits.len()), (20 + 20 + 15, 20 + 20 + 15));
    let all = ask(&index, SearchRequest { list_copies: true, ..SearchRequest::default() });
    assert_eq!((all.total, all.hits.iter().all(|hit| hit.folded.is_empty())), (entries.len(), true));
    for (answer, copies) in [(&found, false), (&all, true)] {
        for key in FACETS {
            for value in &answer.facets[key] {
                let filters = vec![(key.to_owned(), value.value.clone())];
                let narrowed =
                    ask(&index, SearchRequest { filters, list_copies: copies, ..SearchRequest::default() });
                assert_eq!(narrowed.total, value.count, "{key}={}", value.value);
            }
        }
    }
    // a copy requested by its id is found by itself
    let copy = found.hits.iter().find_map(|hit| hit.folded.first()).unwrap().clone();
    let only =
        ask(&index, SearchRequest { filters: vec![("id".into(), copy.clone())], ..SearchRequest::default() });
    assert_eq!((only.total, &only.hits[0].id), (1, &copy));
}
