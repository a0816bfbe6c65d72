//! Thirty short documents of our own: filters, facets, browsing, order and arbitrary queries.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use zhaoren_indexer::{
    Entry, EntryKind, FACETS, Index, IndexError, Lexicon, SearchRequest, SearchResponse, build,
};
use zhaoren_policy::calendar::parse_date;
use zhaoren_policy::clause::{Clause, ClauseKind};
use zhaoren_policy::document::{Document, DocumentKind, Level, Status};

/// Region, level, issuer and the organ's code.
const PLACES: [(&str, Level, &str, &str); 6] = [
    ("000000", Level::National, "科技部", "国科发火"),
    ("310000", Level::City, "上海市科学技术委员会", "沪科规"),
    ("310104", Level::District, "徐汇区科学技术委员会", "徐科委规"),
    ("310104013", Level::Park, "漕河泾街道办事处", "徐漕办"),
    ("110000", Level::City, "北京市发展和改革委员会", "京发改规"),
    ("440106", Level::District, "天河区工业和信息化局", "穗天工信规"),
];

/// Code and name.
type Methods = &'static [(&'static str, &'static str)];

/// Title, two provisions, support methods.
const SUBJECTS: [(&str, &str, &str, Methods); 5] = [
    (
        "专精特新企业扶持办法",
        "对首次获评专精特新中小企业的单位，给予一次性奖励。",
        "已获评重点小巨人的，奖励就高不就低。",
        &[("grant", "资金补助"), ("title", "资质认定")],
    ),
    (
        "研发费用加计扣除办事指南",
        "企业发生的研发费用，可在税前加计扣除。",
        "无需申请，年度汇算时自行判别、申报享受。",
        &[("tax", "税收优惠"), ("tax", "税收优惠")],
    ),
    (
        "普惠小微贷款贴息通知",
        "对普惠小微贷款按实际利息的一半贴息，单户封顶20万元。",
        "符合条件的企业免申即享，由银行代为办理。",
        &[("loan", "融资支持")],
    ),
    (
        "工业4.0示范工厂认定通知",
        "面向AEO企业和5G应用场景，认定智能工厂。",
        "通过PCT途径申请国际专利的，另给补助。",
        &[("title", "资质认定")],
    ),
    (
        "人工智能算力补贴若干措施",
        "企业租用智能算力训练大模型的，按合同额给予补贴。",
        "建设语料库和开源社区的，择优资助。",
        &[("grant", "资金补助")],
    ),
];

fn clauses(text: &str) -> Vec<Clause> {
    let mut clauses = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let article = format!("第{}条", clauses.len() + 1);
        let span = at..at + line.trim_end().len();
        at += line.len();
        clauses.push(Clause {
            kind: ClauseKind::Article,
            label: article.clone(),
            article,
            heading: None,
            parent: None,
            span: span.clone(),
            extent: span,
        });
    }
    clauses
}

fn world() -> Vec<Entry> {
    let mut entries = Vec::new();
    for (place, (region, level, issuer, organ)) in PLACES.iter().enumerate() {
        for (subject, (title, first, second, methods)) in SUBJECTS.iter().enumerate() {
            let year = 2020 + (place + subject) % 5;
            let text = format!("{first}\n{second}");
            entries.push(Entry {
                id: format!("p{place}-s{subject}"),
                kind: if subject == 1 { EntryKind::Item } else { EntryKind::Document },
                title: (*title).into(),
                document: Document {
                    title: (*title).into(),
                    number: Some(format!("{organ}〔{year}〕{}号", subject + 1)),
                    issuer: Some((*issuer).into()),
                    level: Some(*level),
                    region: Some((*region).into()),
                    published: parse_date(&format!("{year}-0{}-15", subject + 1)),
                    status: if subject == 4 { Status::Expired } else { Status::InForce },
                    kind: Some(if subject == 4 { DocumentKind::Measure } else { DocumentKind::Notice }),
                    ..Document::default()
                },
                clauses: clauses(&text),
                text,
                methods: methods.iter().map(|(code, name)| ((*code).into(), (*name).into())).collect(),
                delivery: None,
                tags: Vec::new(),
                aka: Vec::new(),
            });
        }
    }
    entries
}

struct Opened {
    index: Index,
    _folder: tempfile::TempDir,
}

fn opened() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    build(folder.path(), &world(), &Lexicon::built_in(), &|_| {}).unwrap();
    Opened { index: Index::open(folder.path()).unwrap(), _folder: folder }
}

impl Opened {
    fn ask(&self, query: &str, filters: &[(&str, &str)]) -> SearchResponse {
        let filters = filters.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let request =
            SearchRequest { query: query.to_owned(), limit: 100, filters, ..SearchRequest::default() };
        self.index.search(&request).unwrap()
    }

    fn ids(&self, query: &str) -> Vec<String> {
        self.ask(query, &[]).hits.into_iter().map(|hit| hit.id).collect()
    }
}

#[test]
fn empty_queries_list_everything() {
    let opened = opened();
    let all = opened.ask("", &[]);
    assert_eq!(all.total, 30);
    assert_eq!(opened.ask("  \u{3000}", &[]).total, 30);
    assert_eq!(opened.ask("", &[("region", "徐汇区")]).total, 10, "the district and its street");
    assert_eq!(opened.ask("？！", &[]).total, 0, "marks alone find nothing");
    // in force before expired, and ties newest first
    let documents: Vec<_> = all.hits.iter().filter(|hit| hit.kind == EntryKind::Document).collect();
    let first_expired = documents.iter().position(|hit| hit.status == Status::Expired).unwrap();
    assert!(documents[first_expired..].iter().all(|hit| hit.status == Status::Expired));
    assert!(documents[..first_expired].windows(2).all(|two| two[0].published >= two[1].published));
}

#[test]
fn facet_counts_equal_filtered_hits() {
    let opened = opened();
    for (query, filters) in [
        ("", vec![]),
        ("企业", vec![]),
        ("上海 补贴", vec![]),
        ("企业", vec![("level", "区县级")]),
        ("贷款 专利 奖励", vec![("year", "2021"), ("year", "2023")]),
        ("", vec![("method", "grant"), ("region", "上海市")]),
    ] {
        let response = opened.ask(query, &filters);
        assert!(response.total > 0, "{query} {filters:?}");
        // two filters on one key mean either, so only unused keys are narrowed further
        for key in FACETS.into_iter().filter(|key| filters.iter().all(|(other, _)| other != key)) {
            for value in &response.facets[key] {
                for shown in [&value.value, &value.name] {
                    let mut narrowed = filters.clone();
                    narrowed.push((key, shown.as_str()));
                    let total = opened.ask(query, &narrowed).total;
                    assert_eq!(total, value.count, "{query} {narrowed:?}");
                }
            }
        }
    }
    let methods = &opened.ask("加计扣除", &[]).facets["method"];
    let tax = methods.iter().find(|value| value.value == "tax").unwrap();
    assert_eq!(tax.count, 6, "a method said twice counts once");
}

#[test]
fn filters_take_codes_and_names() {
    let opened = opened();
    for (code, name) in [
        (("level", "national"), ("level", "国家级")),
        (("region", "310104"), ("region", "徐汇区")),
        (("kind", "item"), ("kind", "政策事项")),
        (("kind", "notice"), ("kind", "通知公告")),
        (("method", "loan"), ("method", "融资支持")),
        (("status", "expired"), ("status", "已期满")),
        (("year", "2024"), ("year", "2024年")),
    ] {
        let ids = |filter| -> Vec<String> {
            opened.ask("企业", &[filter]).hits.into_iter().map(|hit| hit.id).collect()
        };
        assert_eq!(ids(code), ids(name));
        assert!(!ids(code).is_empty() && ids(code).len() < opened.ids("企业").len(), "{code:?}");
    }
    assert_eq!(opened.ask("企业", &[("id", "p2-s0")]).total, 1);
    assert_eq!(opened.ask("企业", &[("region", "99")]).total, 0);
    let unknown =
        SearchRequest { filters: vec![("colour".into(), "红".into())], ..SearchRequest::default() };
    let error = opened.index.search(&unknown).unwrap_err();
    assert!(matches!(&error, IndexError::UnknownFilter { key, .. } if key == "colour"));
    let said = error.to_string();
    assert!(FACETS.iter().chain(&["id", "colour"]).all(|key| said.contains(key)), "{said}");
}

#[test]
fn numbers_in_any_form_come_first() {
    let opened = opened();
    for typed in [
        "沪科规〔2022〕2号",
        "沪科规[2022]2号",
        "沪科规(2022)2",
        "滬科規（２０２２）第 2 號",
        "沪科规【2022】2号",
        "文号：沪科规〔2022〕2号",
    ] {
        assert_eq!(opened.ids(typed).first().map(String::as_str), Some("p1-s1"), "{typed}");
    }
    assert_eq!(opened.ids("沪科规〔2022〕2号 加计扣除")[0], "p1-s1");
    assert_eq!(opened.ids("沪科规〔2099〕99号"), Vec::<String>::new());
}

#[test]
fn organ_codes_find_their_documents() {
    let opened = opened();
    let ids = opened.ids("京发改规");
    assert!(ids.len() == 5 && ids.iter().all(|id| id.starts_with("p4")), "{ids:?}");
    assert_eq!(opened.ids("京發改規"), ids);
    // an incomplete 文号, alone and with a subject
    assert!(opened.ids("沪科规")[..5].iter().all(|id| id.starts_with("p1")));
    assert_eq!(opened.ids("沪科规 加计扣除")[0], "p1-s1");
    // an organ's code without documents is no error
    opened.ask("徐府办规", &[]);
    opened.ask("某某办规", &[]);
}

#[test]
fn regions_find_their_documents() {
    let opened = opened();
    for typed in ["徐汇区 算力", "徐匯區 算力", "徐汇 算力", "算力补贴 徐汇"] {
        assert_eq!(opened.ids(typed)[0], "p2-s4", "{typed}");
    }
    let alone = opened.ids("徐汇区");
    assert!(alone.len() >= 10 && alone[..5].iter().all(|id| id.starts_with("p2")), "{alone:?}");
    assert_eq!(opened.ids("北京 加计扣除")[0], "p4-s1");
}

#[test]
fn words_find_their_synonyms() {
    let opened = opened();
    for (typed, subject) in [
        ("AEO", "s3"),
        ("aeo", "s3"),
        ("4.0", "s3"),
        ("5g", "s3"),
        ("pct", "s3"),
        ("加计", "s1"),
        ("小巨人", "s0"),
        ("免申即享", "s2"),
        ("租算力有补贴吗", "s4"),
        ("贷款利息能不能补贴一点", "s2"),
        ("我们是专精特新企业，今年还能拿到奖励吗？", "s0"),
        ("研发费用税前扣除", "s1"),
        ("“智能算力”", "s4"),
    ] {
        let ids = opened.ids(typed);
        assert!(ids.first().is_some_and(|id| id.ends_with(subject)), "{typed}: {ids:?}");
    }
    // letters inside longer words are no hits
    assert_eq!(opened.ids("EO"), Vec::<String>::new());
}

#[test]
fn pages_follow_each_other() {
    let opened = opened();
    let all = opened.ids("企业 补贴");
    let mut paged = Vec::new();
    for offset in (0..all.len() + 7).step_by(7) {
        let request =
            SearchRequest { query: "企业 补贴".into(), limit: 7, offset, ..SearchRequest::default() };
        let page = opened.index.search(&request).unwrap();
        assert_eq!(page.total, all.len());
        paged.extend(page.hits.into_iter().map(|hit| hit.id));
    }
    assert_eq!(paged, all);
}

#[test]
fn the_same_entries_give_the_same_answers() {
    let (one, two) = (opened(), opened());
    for query in ["", "企业", "徐汇 算力", "小微企业贷款有没有贴息", "京发改规"] {
        assert_eq!(one.ask(query, &[]), two.ask(query, &[]), "{query}");
    }
}

fn check(response: &SearchResponse, world: &[Entry]) {
    assert_eq!(response.hits.len(), response.total.min(100));
    assert!(response.hits.windows(2).all(|two| two[0].score >= two[1].score));
    for hit in &response.hits {
        let entry = world.iter().find(|entry| entry.id == hit.id).unwrap();
        assert!(hit.score.is_finite() && hit.clauses.len() <= 3);
        for clause in &hit.clauses {
            assert!(entry.text.get(clause.span.0..clause.span.1).is_some());
        }
        for highlight in &hit.highlights {
            assert!(!highlight.spans.is_empty());
            for (start, end) in &highlight.spans {
                assert!(highlight.text.get(*start..*end).is_some_and(|marked| !marked.is_empty()));
            }
            if let Some((start, end)) = highlight.source {
                let (first, last) = highlight.spans[0];
                assert_eq!(entry.text.get(start..end), highlight.text.get(first..last));
            }
        }
    }
}

fn answered(opened: &Opened, query: &str, world: &[Entry]) -> Result<(), TestCaseError> {
    check(&opened.ask(query, &[]), world);
    Ok(())
}

fn many(cases: u32) -> TestRunner {
    TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() })
}

#[test]
fn any_query_is_answered() {
    let (opened, world) = (opened(), world());
    many(300).run(&"\\PC{0,60}", |query| answered(&opened, &query, &world)).unwrap();
    // composed of fragments with a meaning in the language
    let pieces = prop::sample::select(vec![
        "企业",
        "补贴",
        "徐汇",
        "徐匯區",
        "\"",
        "“",
        "”",
        "〔2022〕",
        "2号",
        "沪科规",
        "4.0",
        "AEO",
        " ",
        "，",
        "怎么",
        "的",
        "小巨人",
        "😀",
        "(",
        "*",
        "\\",
        "国科发火〔2020〕1号",
        "\n",
        "İ",
        "\u{0}",
    ]);
    let queries = prop::collection::vec(pieces, 0..12).prop_map(|pieces| pieces.concat());
    many(300).run(&queries, |query| answered(&opened, &query, &world)).unwrap();
    for query in ["政策".repeat(5000), "\"".repeat(10_000), "😀".repeat(10_000), "补贴 ".repeat(3000)] {
        check(&opened.ask(&query, &[]), &world);
    }
}

#[test]
fn highlights_contain_a_query_word() {
    let (opened, world) = (opened(), world());
    for query in ["算力", "贷款贴息", "专精特新 奖励", "aeo", "加计扣除"] {
        let response = opened.ask(query, &[]);
        check(&response, &world);
        let words: Vec<&str> = query.split(' ').collect();
        for highlight in response.hits.iter().flat_map(|hit| &hit.highlights) {
            for (start, end) in &highlight.spans {
                let marked = highlight.text.get(*start..*end).unwrap().to_lowercase();
                assert!(words.iter().any(|word| marked.contains(word) || word.contains(&marked)), "{marked}");
            }
        }
        assert!(response.hits[0].highlights.iter().any(|highlight| highlight.field == "text"));
    }
}

#[test]
fn script_makes_no_difference() {
    let opened = opened();
    for (simple, traditional) in [
        ("专精特新企业奖励", "專精特新企業獎勵"),
        ("贷款贴息怎么申请", "貸款貼息怎麼申請"),
        ("徐汇 算力补贴", "徐匯 算力補貼"),
        ("研发费用加计扣除", "研發費用加計扣除"),
        ("“智能算力”", "「智能算力」"),
        ("工业4.0", "工業４.０"),
        ("沪科规", "滬科規"),
    ] {
        let (mut one, mut two) = (opened.ask(simple, &[]), opened.ask(traditional, &[]));
        (one.query, two.query) = (String::new(), String::new());
        assert_eq!(one, two, "{simple}");
        assert!(one.total > 0, "{simple}");
    }
}
