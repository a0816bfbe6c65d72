//! Search over real policy texts. Skipped, with a message, if they are absent.

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
    zhaoren_prerequisite::skip(zhaoren_prerequisite::Prerequisite::Texts, &path.display().to_string());
    None
}

/// A policy with one clause per line.
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
        aka: Vec::new(),
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

    // The query occurs in every one of the best hits, in the title or in a marked snippet.
    for query in ["免申即享", "普惠小微", "专精特新", "政策找人", "AEO", "一业一证", "加计扣除"]
    {
        let (response, took) = ask(&index, query);
        println!("{query}: {} in {took:?}", response.total);
        assert!(response.total >= 3, "{query}");
        for hit in response.hits.iter().take(3) {
            let marked = hit.highlights.iter().any(|highlight| highlight.text.contains(query));
            assert!(marked, "{query}: {} {:?}", hit.title, hit.highlights);
        }
    }
    let first = |query: &str| -> Vec<String> {
        let (response, took) = ask(&index, query);
        println!("{query}: {} in {took:?}", response.total);
        response.hits.into_iter().map(|hit| hit.id).collect()
    };
    let (district, traditional) = (first("徐汇区"), first("徐匯區"));
    assert_eq!(district, traditional);
    assert!(district[..5].iter().all(|id| id.starts_with("xuhui")), "{district:?}");
    assert_eq!(first("AI 大模型 补贴 徐汇")[0], "xuhui-04");
    for number in ["穗府办规〔2024〕13号", "穗府办规[2024]13", "穗府辦規（2024）13號"] {
        assert_eq!(first(number)[0], "gz-01", "{number}");
    }
    assert!(first("京发改规").iter().all(|id| id.starts_with("bjcy")));
    assert_eq!(first("漕河泾 房租补贴")[0], "reg-0018");
    assert_eq!(first("知识产权质押融资贴息")[0], "bjcy2024-049");
    // 14.0 and the list number 4. are no matches
    for hit in ask(&index, "4.0").0.hits {
        let entry = entries.iter().find(|entry| entry.id == hit.id).unwrap();
        let whole = |(at, _): (usize, &str)| !entry.text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        assert!(entry.text.match_indices("4.0").any(whole), "{}", hit.id);
    }
}
