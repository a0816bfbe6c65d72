//! The query language: phrases, exclusion, fields; no input is an error.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::sync::OnceLock;

use jiff::civil::date;
use proptest::prelude::*;
use zhaoren_indexer::{Entry, EntryKind, Index, Lexicon, SearchRequest, SearchResponse, build};
use zhaoren_policy::clause::{Clause, ClauseKind};
use zhaoren_policy::document::{Document, DocumentKind, Level, Status};

fn entry(id: &str, title: &str, lines: &[&str], document: Document) -> Entry {
    let text = lines.join("\n");
    let mut clauses = Vec::new();
    let mut at = 0;
    for line in lines {
        let span = at..at + line.len();
        at = span.end + 1;
        clauses.push(Clause {
            kind: ClauseKind::Article,
            label: String::new(),
            article: format!("第{}条", clauses.len() + 1),
            heading: None,
            parent: None,
            span: span.clone(),
            extent: span,
        });
    }
    Entry {
        id: id.into(),
        kind: EntryKind::Document,
        title: title.into(),
        document: Document { title: title.into(), ..document },
        text,
        clauses,
        methods: Vec::new(),
        delivery: None,
        tags: Vec::new(),
        aka: Vec::new(),
    }
}

fn world() -> Vec<Entry> {
    let of = |number: &str, issuer: &str, region: &str, level, year, kind| Document {
        number: Some(number.into()),
        issuer: Some(issuer.into()),
        region: Some(region.into()),
        level: Some(level),
        published: Some(date(year, 3, 1)),
        effective: Some(date(year, 4, 1)),
        kind: Some(kind),
        ..Document::default()
    };
    let district =
        of("徐府规发〔2024〕5号", "徐汇区人民政府", "310104", Level::District, 2024, DocumentKind::Measure);
    let city = of("沪府规〔2022〕1号", "上海市人民政府", "310000", Level::City, 2022, DocumentKind::Notice);
    let state = of("国发〔2020〕8号", "国务院", "000000", Level::National, 2020, DocumentKind::Opinion);
    let mut item =
        entry("loan-item", "算力补贴事项", &["企业可申请算力补贴，2000万元以内。"], district.clone());
    item.kind = EntryKind::Item;
    item.delivery = Some("automatic".into());
    item.methods = vec![("grant".into(), "资金补助".into())];
    vec![
        entry("power", "徐汇区算力补贴办法", &["企业购买算力给予补贴。", "贷款另行规定。"], district.clone()),
        entry("lend", "上海市贷款贴息通知", &["小微企业贷款给予贴息补贴。", "算力企业优先。"], city.clone()),
        entry(
            "old",
            "上海市算力补贴暂行办法",
            &["算力补贴按500万元封顶。"],
            Document { status: Status::Repealed, expires: Some(date(2023, 12, 31)), ..city },
        ),
        entry("state", "关于发展算力的意见", &["支持AI大模型，免费数据开放。"], state),
        item,
    ]
}

fn index() -> &'static Index {
    static INDEX: OnceLock<(tempfile::TempDir, Index)> = OnceLock::new();
    let (_, index) = INDEX.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        build(folder.path(), &world(), &Lexicon::built_in(), &|_| {}).unwrap();
        let index = Index::open(folder.path()).unwrap();
        (folder, index)
    });
    index
}

fn ask(query: &str) -> SearchResponse {
    let as_of = Some(date(2025, 1, 1));
    let request = SearchRequest { query: query.into(), limit: 20, as_of, ..SearchRequest::default() };
    index().search(&request).unwrap()
}

fn ids(query: &str) -> Vec<String> {
    let mut ids: Vec<String> = ask(query).hits.into_iter().map(|hit| hit.id).collect();
    ids.sort();
    ids
}

#[test]
fn query_language_selects_the_expected_hits() {
    for (query, expected) in [
        // phrases, with every kind of quotation mark
        ("\"算力给予补贴\"", &["power"][..]),
        ("“算力给予补贴”", &["power"]),
        ("「算力给予补贴」", &["power"]),
        ("『算力给予补贴』", &["power"]),
        ("＂算力给予补贴＂", &["power"]),
        ("\"补贴算力给予\"", &[]),
        // exclusion, wherever the word occurs in the document
        ("算力 -贷款", &["loan-item", "old", "state"]),
        ("算力 －贷款", &["loan-item", "old", "state"]),
        ("算力 −貸款 -补贴", &["state"]),
        ("算力 -\"贷款另行\"", &["lend", "loan-item", "old", "state"]),
        ("算力 -ai", &["lend", "loan-item", "old", "power"]),
        ("-算力", &[]),
        ("算力 -2000万元", &["lend", "old", "power", "state"]),
        // fields
        ("标题:补贴", &["loan-item", "old", "power"]),
        ("標題：補貼 -标题:暂行", &["loan-item", "power"]),
        ("title:算力 贷款", &["power"]),
        ("文号:国发〔2020〕8号", &["state"]),
        ("算力 文号:国发〔2020〕8号", &["state"]),
        ("算力 文号:沪府规", &["lend", "old"]),
        ("算力 发文机关:徐汇区人民政府", &["loan-item", "power"]),
        ("算力 发文机关:国务院", &["state"]),
        ("算力 地区:徐汇", &["loan-item", "power"]),
        ("算力 地区:上海市", &["lend", "loan-item", "old", "power"]),
        ("算力 地区:徐汇 地区:全国", &["lend", "loan-item", "old", "power", "state"]),
        ("算力 适用:徐汇区", &["lend", "loan-item", "old", "power", "state"]),
        ("算力 适用:浦东新区", &["lend", "old", "state"]),
        ("算力 层级:区级", &["loan-item", "power"]),
        ("算力 层级:市级,国家级", &["lend", "old", "state"]),
        ("算力 类型:办法", &["power"]),
        ("算力 类型:事项", &["loan-item"]),
        ("算力 类型:资金补助", &["loan-item"]),
        ("算力 兑现方式:免申即享", &["loan-item"]),
        ("算力 状态:已废止", &["old"]),
        ("算力 状态:有效 -地区:徐汇", &["lend", "state"]),
        ("算力 年份:2024", &["loan-item", "power"]),
        ("算力 年份:2020-2022", &["lend", "old", "state"]),
        ("算力 年份>=2022 年份<2024", &["lend", "old"]),
        ("算力 年份:2020 年份:2024", &["loan-item", "power", "state"]),
        ("算力 日期:2022-01-01..2022-12-31", &["lend", "old"]),
        ("算力 日期:2024年3月", &["loan-item", "power"]),
        ("算力 id:old", &["old"]),
        ("地区:徐汇区", &["loan-item", "power"]),
    ] {
        let mut expected: Vec<&str> = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(ids(query), expected, "{query}");
        assert!(ask(query).notes.is_empty(), "{query}: {:?}", ask(query).notes);
    }
}

#[test]
fn invalid_syntax_is_searched_as_words_with_a_note() {
    for (query, plain) in [
        ("算力\" 补贴", "算力 补贴"),
        ("“算力 补贴", "算力 补贴"),
        ("地区:火星 算力", "火星 算力"),
        ("年份:去年 算力", "去年 算力"),
        ("状态:挺好 算力", "挺好 算力"),
        ("标题: ", "标题"),
        ("标题:\"\" 算力", "标题 算力"),
        ("-标题:！ 算力", "算力"),
    ] {
        let (answer, expected) = (ask(query), ask(plain));
        assert_eq!(answer.notes.len(), 1, "{query}: {:?}", answer.notes);
        assert!(answer.notes[0].contains("按普通词检索"), "{query}: {:?}", answer.notes);
        let scored = |answer: SearchResponse| -> Vec<(String, f32)> {
            answer.hits.into_iter().map(|hit| (hit.id, hit.score)).collect()
        };
        assert_eq!(scored(answer), scored(expected), "{query}");
    }
    assert!(ask("备注:算力").notes[0].contains("没有字段“备注”"));
    for query in
        ["https://a.cn/b?c=d", "10:30", "A-B -", "算力 - 补贴", "（一）申报条件：", "a=b", "::", "-", "="]
    {
        assert!(ask(query).notes.is_empty(), "{query}: {:?}", ask(query).notes);
    }
}

#[test]
fn answers_show_the_interpreted_query() {
    let answer = ask("算力 -贷款 地区:徐汇 -状态:废止 年份:2024");
    assert_eq!(answer.narrowed_by, ["地区：徐汇", "日期：2024", "排除 状态：废止", "不含：贷款"]);
    assert_eq!(answer.query, "算力 -贷款 地区:徐汇 -状态:废止 年份:2024");
    // a typing error is corrected in the words only
    let answer = ask("算力捕贴 -贷款");
    if let Some(meant) = answer.did_you_mean {
        assert!(meant.ends_with("-贷款"), "{meant}");
    }
}

#[test]
fn numbers_in_words_equal_digits() {
    for (query, id) in [("两千万", "loan-item"), ("五百万元封顶", "old"), ("5百万", "old")] {
        let answer = ask(query);
        assert_eq!(
            answer.hits.first().map(|hit| hit.id.as_str()),
            Some(id),
            "{query} {:?}",
            answer.understood
        );
        assert_eq!(answer.understood[0].by.name(), "数字写法", "{query}");
    }
    // a phrase with digits matches exactly
    assert_eq!(ids("“2000万元以内”"), ["loan-item"]);
    assert!(ids("“3000万元”").is_empty() && ids("“000万元”").is_empty());
}

/// Fragments of the language and of malformed input.
fn pieces() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "算力",
        "补贴",
        " ",
        "　",
        "-",
        "－",
        "\"",
        "“",
        "”",
        "「",
        "」",
        ":",
        "：",
        "=",
        ">=",
        "<",
        "标题",
        "文号",
        "地区",
        "年份",
        "日期",
        "状态",
        "类型",
        "level",
        "徐汇",
        "2024",
        "2022-2024",
        "..",
        "〔2020〕8号",
        "国发",
        "(",
        ")",
        "AND",
        "*",
        "~2",
        "^",
        "\\",
        "[",
        "TO",
        "]",
        "\u{0}",
        "😀",
        "，",
        "|",
        "不含",
        "二〇二四年",
        "00",
        "é",
        "\u{3000}-",
    ]);
    prop::collection::vec(bits, 0..12).prop_map(|bits| bits.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_query_is_an_error(query in prop_oneof![pieces(), "\\PC{0,60}", any::<String>()]) {
        let answer = ask(&query);
        prop_assert!(answer.total >= answer.hits.len());
        for hit in &answer.hits {
            for highlight in &hit.highlights {
                for &(start, end) in &highlight.spans {
                    prop_assert!(highlight.text.get(start..end).is_some());
                }
            }
        }
    }

    /// The results with an exclusion are the results without it, minus the entries that contain the words.
    #[test]
    fn exclusion_only_removes_hits(word in prop::sample::select(vec!["贷款", "补贴", "免费", "AI", "暂行", "500万元"])) {
        let all = ids("算力");
        let texts = world();
        let holds = |id: &String| {
            let entry = texts.iter().find(|entry| entry.id == *id).unwrap();
            entry.title.contains(word) || entry.text.contains(word)
        };
        let left: Vec<String> = all.into_iter().filter(|id| !holds(id)).collect();
        prop_assert_eq!(ids(&format!("算力 -{word}")), left);
    }
}
