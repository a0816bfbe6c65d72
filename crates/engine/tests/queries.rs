//! Our own queries over the built-in library (`tests/queries/golden.tsv`): the expected hit is among the first three, every
//! synonym is useful, and variants of one query find the same.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use zhaoren_engine::{By, Engine, SearchRequest, SearchResponse, Silent};

/// Number of queries of each kind that find the expected hit: the level reached. It may grow.
const BARS: [(&str, usize); 16] = [
    ("abbreviation", 53),
    ("amount", 17),
    ("colloquial", 73),
    ("condition", 14),
    ("homophone", 28),
    ("initials", 15),
    ("name", 46),
    ("number", 25),
    ("organ", 18),
    ("question", 27),
    ("reading", 26),
    ("region", 15),
    ("traditional", 17),
    ("typo", 18),
    ("width", 10),
    ("year", 10),
];

/// Queries without the expected hit among the first three, and the reasons for leaving them.
const MISSED: [(&str, &str); 1] = [(
    "研发费用占比5% 高企",
    "the threshold is worded otherwise (总额占…比例), and the title stands in another part than the ratio",
)];

/// Synonyms that former names of the built-in items have made idle for these; texts of documents have no such names.
const NAMES: [&str; 10] =
    ["高企", "科小", "文创", "文创资金", "技改", "芯片", "创业贷", "免税", "补助", "小微"];

struct Question {
    typed: &'static str,
    expected: Vec<&'static str>,
    kind: &'static str,
}

fn golden() -> Vec<Question> {
    let table = include_str!("../../../tests/queries/golden.tsv");
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [typed, expected, kind] = cells[..] else { panic!("`{line}` has not three cells") };
        Question { typed, expected: expected.split('|').collect(), kind }
    })
    .collect()
}

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<(tempfile::TempDir, Engine)> = OnceLock::new();
    let (_, engine) = ENGINE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let (engine, problems) = Engine::open(folder.path(), &Silent).unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        (folder, engine)
    });
    engine
}

fn ask(query: &str, without: &[&str]) -> SearchResponse {
    let without = without.iter().map(|&word| word.to_owned()).collect();
    let request = SearchRequest {
        query: query.into(),
        limit: 20,
        without_synonyms: without,
        ..SearchRequest::default()
    };
    engine().search(&request).unwrap()
}

fn top(answer: &SearchResponse, count: usize) -> Vec<&str> {
    answer.hits.iter().take(count).map(|hit| hit.id.as_str()).collect()
}

/// Rank of the first expected hit; far behind if there is none.
fn rank(answer: &SearchResponse, expected: &[&str]) -> usize {
    answer.hits.iter().position(|hit| expected.contains(&hit.id.as_str())).map_or(1000, |at| at + 1)
}

#[test]
fn each_question_finds_its_item() {
    let mut kinds: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    let mut missed: BTreeSet<&str> = BTreeSet::new();
    for question in golden() {
        let answer = ask(question.typed, &[]);
        let rank = rank(&answer, &question.expected);
        let (first, found, all) = kinds.entry(question.kind).or_default();
        *all += 1;
        *first += usize::from(rank == 1);
        *found += usize::from(rank <= 3);
        if rank > 3 {
            missed.insert(question.typed);
            println!("  {} [{}] {}: {:?}", question.kind, rank, question.typed, top(&answer, 3));
        }
    }
    let (mut first, mut found, mut all) = (0, 0, 0);
    for (kind, (one, three, of)) in &kinds {
        println!("{kind:>14}: {three} of {of} among the first three, {one} first");
        (first, found, all) = (first + one, found + three, all + of);
    }
    println!("{:>14}: {found} of {all} among the first three, {first} first", "all");
    assert!(all >= 300, "{all} questions");
    assert_eq!(missed, MISSED.iter().map(|(typed, _)| *typed).collect(), "each is listed with its reason");
    for (kind, bar) in BARS {
        assert!(kinds[kind].1 >= bar, "{kind}: {} of at least {bar}", kinds[kind].1);
    }
    assert_eq!(kinds.keys().copied().collect::<BTreeSet<_>>(), BARS.iter().map(|(kind, _)| *kind).collect());
}

/// A synonym is useless if no query finds less well without it.
#[test]
fn every_synonym_improves_a_query() {
    let mut served: BTreeMap<String, bool> = BTreeMap::new();
    for question in golden() {
        // By words alone: an item known by its situation is found with and without a synonym.
        let answer = ask(question.typed, &[""]);
        let with = rank(&answer, &question.expected);
        for meaning in answer.understood.iter().filter(|meaning| meaning.by == By::Synonym) {
            let without = rank(&ask(question.typed, &[&meaning.typed]), &question.expected);
            *served.entry(meaning.typed.clone()).or_default() |= without > with;
        }
    }
    let synonyms = zhaoren_indexer::Lexicon::built_in().synonyms;
    let idle: BTreeSet<&str> = synonyms
        .iter()
        .map(|synonym| synonym.typed.as_str())
        .filter(|typed| !served.get(*typed).copied().unwrap_or_default())
        .collect();
    assert_eq!(idle, BTreeSet::from(NAMES), "of {} these serve no question", synonyms.len());
}

#[test]
fn variants_of_a_question_find_the_same() {
    for variants in [
        ["专精特新", "專精特新", "zhuanjingtexin", "zjtx", "ｚｊｔｘ"],
        ["高新技术企业", "高新技術企業", "gaoxin jishu qiye", "gxjsqy", "ＧＸＪＳＱＹ"],
        ["首台套", "首臺套", "shoutaitao", "SHOUTAITAO", "shou tai tao"],
        ["技术合同", "技術合同", "jishu hetong", "jishuhetong", "ｊｉｓｈｕ hetong"],
        ["加计扣除", "加計扣除", "jiaji kouchu", "jjkc", "　加计扣除　"],
        ["稳岗返还", "穩崗返還", "wengang fanhuan", "wgfh", "“稳岗返还"],
        ["信用修复", "信用修復", "xinyong xiufu", "xyxf", "xinyongxiufu"],
        ["AEO高级认证", "ＡＥＯ高級認證", "aeo高级认证", "Aeo高級認证", "ａｅｏ高级认证"],
    ] {
        let first = ask(variants[0], &[]);
        assert!(first.total > 0, "{}", variants[0]);
        for other in &variants[1..] {
            assert_eq!(top(&ask(other, &[]), 3), top(&first, 3), "{other}");
        }
    }
}
