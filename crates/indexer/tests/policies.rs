//! Search over real policy texts. Skips, and says so, where they are absent.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;
use zhaoren_indexer::{Entry, EntryKind, Index, Lexicon, SearchRequest, SearchResponse, build};
use zhaoren_policy::clause::{Clause, ClauseKind};
use zhaoren_policy::document::{Document, Level};
use zhaoren_text::restore_str;

fn folder() -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/policies"));
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: {} is absent", path.display());
    None
}

/// A policy with one clause a line.
fn entry(row: &Value) -> Entry {
    let field = |key: &str| row.get(key).and_then(Value::as_str).map(|text| restore_str(text).text);
    let text = field("text").unwrap_or_default();
    let mut clauses = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if !line.trim().is_empty() {
            clauses.push(Clause {
                kind: ClauseKind::Paragraph,
                label: String::new(),
                article: format!("段{}", clauses.len() + 1),
                heading: None,
                parent: None,
                span: at..at + line.len(),
                extent: at..at + line.len(),
            });
        }
        at += line.len();
    }
    let place = field("region").unwrap_or_default();
    let (region, level) = match place.as_str() {
        "上海市徐汇区" => ("310104", Level::District),
        p if p.starts_with("上海") => ("310000", Level::City),
        p if p.starts_with("北京") => ("110000", Level::City),
        p if p.starts_with("国家") => ("000000", Level::National),
        p if p.contains("广州") => ("440100", Level::City),
        _ => ("330302", Level::District),
    };
    let title = field("title").unwrap_or_default();
    Entry {
        id: field("id").unwrap_or_default(),
        kind: EntryKind::Document,
        document: Document {
            title: title.clone(),
            number: field("doc_no"),
            issuer: field("issuer"),
            level: Some(level),
            region: Some(region.into()),
            published: field("date").and_then(|day| day.parse().ok()),
            ..Document::default()
        },
        title,
        text,
        clauses,
        methods: Vec::new(),
        delivery: None,
        tags: Vec::new(),
    }
}

fn policies(folder: &PathBuf) -> Vec<Entry> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().flatten().map(|f| f.path()).collect();
    files.sort();
    let mut entries = Vec::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|end| end == "jsonl")) {
        for line in std::fs::read_to_string(file).unwrap().lines() {
            entries.push(entry(&serde_json::from_str(line).unwrap()));
        }
    }
    entries
}

fn ask(index: &Index, query: &str) -> (SearchResponse, Duration) {
    let begun = Instant::now();
    let request = SearchRequest { query: query.into(), limit: 10, ..SearchRequest::default() };
    let response = index.search(&request).unwrap();
    (response, begun.elapsed())
}

#[test]
fn real_policies_are_found() {
    let Some(folder) = folder() else { return };
    let entries = policies(&folder);
    let bytes: usize = entries.iter().map(|entry| entry.text.len()).sum();
    let root = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    build(root.path(), &entries, &Lexicon::built_in(), &|_| {}).unwrap();
    println!("{} texts, {} KB, built in {:?}", entries.len(), bytes >> 10, begun.elapsed());
    let begun = Instant::now();
    let index = Index::open(root.path()).unwrap();
    println!("{} clauses, opened in {:?}", index.manifest().clauses, begun.elapsed());

    for query in [
        "免申即享",
        "普惠小微",
        "徐汇区",
        "专精特新",
        "政策找人",
        "AI 大模型 补贴 徐汇",
        "高企怎么申请",
        "知识产权质押融资贴息",
        "京发改规",
        "穗府办规〔2024〕13号",
        "加计扣除 100%",
        "漕河泾 房租补贴",
        "外资研发中心 免税进口",
        "出口信用保险 补助",
        "AEO",
        "残保金 不到30人要交吗",
        "4.0",
        "一业一证",
    ] {
        let (response, took) = ask(&index, query);
        println!("\n{query}: {} in {took:?}", response.total);
        for hit in response.hits.iter().take(4) {
            let text = hit.highlights.iter().find(|h| h.field == "text").map(|h| h.text.replace('\n', "/"));
            println!(
                "  {:8.2} {} {} | {}",
                hit.score,
                hit.id,
                hit.title.chars().take(30).collect::<String>(),
                text.unwrap_or_default()
            );
        }
    }
}
