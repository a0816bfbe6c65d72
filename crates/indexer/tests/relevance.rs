//! Relevance on lay questions about statute articles (STARD), if they are available.
//!
//! Slow, so run by hand: `cargo test -p zhaoren-indexer --test relevance -- --ignored --nocapture`, after
//! unpacking `articles.jsonl.gz` to the path in `ZHAOREN_ARTICLES`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde_json::Value;
use zhaoren_indexer::{Entry, EntryKind, Index, Lexicon, SearchRequest, build};
use zhaoren_policy::document::Document;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/retrieval");

fn rows(text: &str) -> Vec<Value> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn entry(row: &Value) -> Entry {
    let field = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    Entry {
        id: row["id"].to_string(),
        kind: EntryKind::Document,
        title: field("name"),
        document: Document { title: field("name"), ..Document::default() },
        text: field("content"),
        clauses: Vec::new(),
        methods: Vec::new(),
        delivery: None,
        tags: Vec::new(),
        aka: Vec::new(),
    }
}

#[test]
#[ignore = "takes minutes"]
fn everyday_questions_find_their_articles() {
    let articles = std::env::var_os("ZHAOREN_ARTICLES").expect("ZHAOREN_ARTICLES names a file of articles");
    let entries: Vec<Entry> = rows(&std::fs::read_to_string(articles).unwrap()).iter().map(entry).collect();
    let queries = rows(&std::fs::read_to_string(format!("{FOLDER}/queries.jsonl")).unwrap());
    let mut judged: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in std::fs::read_to_string(format!("{FOLDER}/qrels.tsv")).unwrap().lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        judged.entry(cells[0].into()).or_default().insert(cells[2].into());
    }
    // With `ZHAOREN_KEPT` the index is kept at that path, and the next run only searches.
    let kept = std::env::var_os("ZHAOREN_KEPT").map(std::path::PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let root = kept.as_deref().unwrap_or(folder.path());
    let begun = Instant::now();
    if !root.join("CURRENT").exists() {
        build(root, &entries, &Lexicon::built_in(), &|_| {}).unwrap();
    }
    println!("{} articles built in {:?}", entries.len(), begun.elapsed());
    let index = Index::open(root).unwrap();
    let (mut at10, mut at100, mut gain, mut count, mut times) = (0.0, 0.0, 0.0, 0.0, Vec::new());
    for query in &queries {
        let Some(right) = judged.get(&query["id"].to_string()) else { continue };
        let text = query["query"].as_str().unwrap_or_default().to_owned();
        let begun = Instant::now();
        let request = SearchRequest { query: text, limit: 100, ..SearchRequest::default() };
        let hits = index.search(&request).unwrap().hits;
        times.push(begun.elapsed());
        let places: Vec<usize> = hits
            .iter()
            .enumerate()
            .filter(|(_, hit)| right.contains(&hit.id))
            .map(|(place, _)| place)
            .collect();
        let total = right.len() as f64;
        at10 += places.iter().filter(|&&place| place < 10).count() as f64 / total;
        at100 += places.len() as f64 / total;
        let discount = |place: usize| 1.0 / (place as f64 + 2.0).log2();
        let best: f64 = (0..right.len().min(10)).map(discount).sum();
        gain += places.iter().filter(|&&place| place < 10).map(|&place| discount(place)).sum::<f64>() / best;
        count += 1.0;
    }
    times.sort_unstable();
    println!(
        "{count} questions: R@10 {:.3}, R@100 {:.3}, nDCG@10 {:.3}; p50 {:?}, p99 {:?}",
        at10 / count,
        at100 / count,
        gain / count,
        times[times.len() / 2],
        times[times.len() * 99 / 100]
    );
    // words alone reach .353 on this set
    assert!(gain / count > 0.36);
}
