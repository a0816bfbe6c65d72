//! Search over a small collection of our own texts.
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

use proptest::prelude::*;
use zhaoren_indexer::{
    Entry, EntryKind, FACETS, Index, IndexError, Lexicon, SearchRequest, SearchResponse, build,
};
use zhaoren_policy::calendar::parse_date;
use zhaoren_policy::clause::{Clause, ClauseKind};
use zhaoren_policy::document::{Document, DocumentKind, Level, Status};

/// A document whose clauses are its lines.
fn entry(id: &str, title: &str, number: &str, region: &str, year: u16, lines: &[&str]) -> Entry {
    let text = lines.join("\n");
    let mut clauses = Vec::new();
    let mut at = 0;
    for (index, line) in lines.iter().enumerate() {
        let span = at..at + line.len();
        clauses.push(Clause {
            kind: ClauseKind::Article,
            label: format!("第{index}条"),
            article: format!("第{index}条"),
            heading: None,
            parent: None,
            span: span.clone(),
            extent: span,
        });
        at += line.len() + 1;
    }
    Entry {
        id: id.into(),
        kind: EntryKind::Document,
        title: title.into(),
        document: Document {
            title: title.into(),
            number: (!number.is_empty()).then(|| number.into()),
            issuer: Some(if region == "310104" { "徐汇区人民政府办公室" } else { "上海市人民政府" }.into()),
            level: Some(if region == "310104" { Level::District } else { Level::City }),
            region: Some(region.into()),
            published: parse_date(&format!("{year}-03-01")),
            kind: Some(DocumentKind::Measure),
            ..Document::default()
        },
        text,
        clauses,
        methods: vec![("grant".into(), "资金补助".into())],
        delivery: None,
        tags: Vec::new(),
        aka: Vec::new(),
    }
}

fn world() -> Vec<Entry> {
    let mut plan = entry(
        "plan",
        "徐汇区营商环境行动方案",
        "",
        "310104",
        2024,
        &[
            "做好减税降费政策精准推送和宣传辅导，实现“政策找人”。",
            "完善“免申即享”制度保障，推进行政给付、资金补贴免申即享。",
            "推动普惠小微贷款增量扩面，提高企业融资对接效率。",
        ],
    );
    plan.document.kind = Some(DocumentKind::Plan);
    let mut draft = entry(
        "draft",
        "徐汇区人工智能若干意见（征求意见稿）",
        "",
        "310104",
        2024,
        &["企业购买算力，给予补贴。"],
    );
    draft.document.status = Status::Draft;
    let mut item = entry(
        "cn-hnte",
        "高新技术企业认定",
        "国科发火〔2016〕32号",
        "000000",
        2016,
        &["企业申请认定时须注册成立一年以上。"],
    );
    item.kind = EntryKind::Item;
    item.document.level = Some(Level::National);
    item.methods = vec![("title".into(), "资质认定".into())];
    vec![
        plan,
        draft,
        item,
        entry(
            "srdi",
            "上海市专精特新中小企业认定办法",
            "沪经信规范〔2022〕8号",
            "310000",
            2022,
            &["专精特新企业申报，参照国科发火〔2016〕32号执行。"],
        ),
        entry(
            "fee",
            "上海市市区两级收费清单",
            "沪府规〔2023〕1号",
            "310000",
            2023,
            &["减税与降费，政策与找人分别办理。", "知识产权质押融资给予贴息。"],
        ),
    ]
}

fn index(folder: &Path) -> Index {
    build(folder, &world(), &Lexicon::built_in(), &|_| {}).unwrap();
    Index::open(folder).unwrap()
}

fn ask(index: &Index, query: &str) -> SearchResponse {
    filtered(index, query, &[])
}

fn filtered(index: &Index, query: &str, filters: &[(&str, &str)]) -> SearchResponse {
    let filters = filters.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    index
        .search(&SearchRequest { query: query.to_owned(), limit: 20, filters, ..SearchRequest::default() })
        .unwrap()
}

fn first(index: &Index, query: &str) -> String {
    ask(index, query).hits.first().map(|hit| hit.id.clone()).unwrap_or_default()
}

#[test]
fn caseworker_queries_find_their_documents() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    for (query, id) in [
        ("政策找人", "plan"),
        ("免申即享", "plan"),
        ("普惠小微", "plan"),
        ("高企", "cn-hnte"),
        ("专精特新怎么申报", "srdi"),
        ("知识产权质押", "fee"),
        ("质押融资贴息", "fee"),
        ("国科发火[2016]32号", "cn-hnte"),
        ("国科发火（2016）32", "cn-hnte"),
        ("國科發火〔2016〕32號", "cn-hnte"),
        ("沪府规", "fee"),
        ("沪府规〔2023〕1号", "fee"),
        ("算力", "draft"),
    ] {
        assert_eq!(first(&index, query), id, "{query}");
    }
    // the document with the number is first, documents that mention it follow
    let ids: Vec<String> = ask(&index, "国科发火〔2016〕32号").hits.into_iter().map(|hit| hit.id).collect();
    assert_eq!(ids, ["cn-hnte", "srdi"]);
    // no document has this organ's number, but the organ issued two
    let ids: Vec<String> = ask(&index, "徐府办规").hits.into_iter().map(|hit| hit.id).collect();
    assert!(ids.contains(&"plan".to_owned()) && !ids.contains(&"fee".to_owned()), "{ids:?}");
    let ids: Vec<String> = ask(&index, "徐汇区").hits.into_iter().map(|hit| hit.id).collect();
    assert!(ids[..2].contains(&"plan".to_owned()) && ids[..2].contains(&"draft".to_owned()), "{ids:?}");
}

#[test]
fn traditional_and_simplified_are_the_same_question() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    for (simple, traditional) in [
        ("徐汇区", "徐匯區"),
        ("普惠小微", "普惠小微"),
        ("专精特新", "專精特新"),
        ("知识产权", "知識產權"),
        ("减税降费", "減稅降費"),
    ] {
        let ids = |query: &str| -> Vec<(String, u32)> {
            ask(&index, query).hits.into_iter().map(|hit| (hit.id, hit.score.to_bits())).collect()
        };
        assert_eq!(ids(simple), ids(traditional), "{simple}");
        assert!(!ids(simple).is_empty(), "{simple}");
    }
}

#[test]
fn phrases_are_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    let ids =
        |query: &str| -> Vec<String> { ask(&index, query).hits.into_iter().map(|hit| hit.id).collect() };
    assert_eq!(ids("\"政策精准推送\""), ["plan"]);
    assert_eq!(ids("“资金补贴免申即享”"), ["plan"]);
    assert_eq!(ids("\"推送精准政策\""), Vec::<String>::new());
}

#[test]
fn highlights_point_into_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    let world = world();
    for query in ["政策找人", "免申即享", "专精特新", "贴息", "AEO 算力"] {
        for hit in ask(&index, query).hits {
            for highlight in hit.highlights {
                for (start, end) in highlight.spans {
                    assert!(highlight.text.get(start..end).is_some());
                }
                if let Some((start, end)) = highlight.source {
                    let text = &world.iter().find(|entry| entry.id == hit.id).unwrap().text;
                    let marked = text.get(start..end).unwrap();
                    assert!(query.contains(marked), "{query}: {marked}");
                }
            }
        }
    }
    assert_eq!(ask(&index, "政策找人").hits[0].clauses[0].article, "第0条");
}

#[test]
fn facet_counts_match_the_filter() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    for query in ["企业", "徐汇区", "政策"] {
        let response = ask(&index, query);
        assert!(response.total > 0);
        for key in FACETS {
            for value in &response.facets[key] {
                assert_eq!(
                    filtered(&index, query, &[(key, &value.value)]).total,
                    value.count,
                    "{query} {key}={}",
                    value.value
                );
                assert!(filtered(&index, query, &[(key, &value.name)]).total >= value.count);
            }
        }
    }
    assert_eq!(
        filtered(&index, "企业", &[("region", "上海市")]).total,
        filtered(&index, "企业", &[("region", "310000")]).total
    );
    assert_eq!(filtered(&index, "企业", &[("year", "2016"), ("year", "2022")]).total, 2);
    assert_eq!(filtered(&index, "企业", &[("year", "2016"), ("level", "city")]).total, 0);
    let unknown = SearchRequest {
        query: "企业".into(),
        limit: 1,
        filters: vec![("colour".into(), "红".into())],
        ..SearchRequest::default()
    };
    assert!(matches!(index.search(&unknown), Err(IndexError::UnknownFilter { .. })));
}

#[test]
fn empty_queries_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    let index = index(folder.path());
    let long = "政策".repeat(5000);
    for query in [
        "",
        " ",
        "\"",
        "“”",
        "((",
        "a:b AND",
        "+-*/",
        "😀",
        "\u{0}\u{1}",
        "〔〕",
        "的",
        &long,
        "政策\" 找人",
        "title:企业^2~",
    ] {
        ask(&index, query);
    }
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    runner
        .run(&"\\PC{0,40}", |query| {
            ask(&index, &query);
            Ok(())
        })
        .unwrap();
}
