//! The ways people ask: `tests/queries` over the built-in library, through the whole engine.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use tempfile::TempDir;
use zhaoren_engine::{Engine, SearchRequest, SearchResponse, Silent};
use zhaoren_text::simplify_char;

/// An expected item has to be among so many.
const BEST: usize = 3;

/// Of the queries of a kind, in percent, so many have to find their item there.
const BARS: [(&str, usize); 16] = [
    ("title", 100),
    ("abbreviation", 98),
    ("plain", 91),
    ("question", 94),
    ("typo", 97),
    ("pinyin", 100),
    ("initials", 100),
    ("traditional", 90),
    ("width", 100),
    ("number", 100),
    ("organ", 100),
    ("region", 100),
    ("condition", 83),
    ("amount", 100),
    ("year", 100),
    ("mixed", 100),
];

struct Golden {
    query: &'static str,
    ids: Vec<&'static str>,
    kind: &'static str,
}

fn rows(table: &'static str) -> Vec<Vec<&'static str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect()).collect()
}

fn golden() -> Vec<Golden> {
    rows(include_str!("../../../tests/queries/golden.tsv"))
        .into_iter()
        .map(|row| Golden { query: row[0], ids: row[1].split('|').collect(), kind: row[2] })
        .collect()
}

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<(Engine, TempDir)> = OnceLock::new();
    let (engine, _) = ENGINE.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        (Engine::open(folder.path(), &Silent).unwrap().0, folder)
    });
    engine
}

fn ask(query: &str, literal: &[&str]) -> SearchResponse {
    let literal = literal.iter().map(|&word| word.to_owned()).collect();
    let request = SearchRequest { query: query.to_owned(), limit: 10, literal, ..SearchRequest::default() };
    engine().search(&request).unwrap()
}

fn ids(query: &str, literal: &[&str]) -> Vec<String> {
    ask(query, literal).hits.into_iter().map(|hit| hit.id).collect()
}

/// Place of the first expected item, 10 where it is not among the ten best.
fn place(golden: &Golden, literal: &[&str]) -> usize {
    let ids = ids(golden.query, literal);
    ids.iter().position(|id| golden.ids.contains(&id.as_str())).unwrap_or(10)
}

#[test]
fn every_way_of_asking_finds_its_item() {
    let golden = golden();
    assert!(golden.len() >= 300, "{}", golden.len());
    let mut kinds: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for one in &golden {
        let place = place(one, &[]);
        let (found, all) = kinds.entry(one.kind).or_default();
        *all += 1;
        if place < BEST {
            *found += 1;
        } else {
            println!("{} ({}): {place}, got {:?}", one.query, one.kind, &ids(one.query, &[])[..]);
        }
    }
    let below: Vec<String> = kinds
        .iter()
        .inspect(|(kind, (found, all))| println!("{kind}: {found} of {all}"))
        .filter(|(kind, (found, all))| {
            let bar = BARS.iter().find(|(own, _)| own == *kind).expect("a bar for each kind").1;
            found * 100 < all * bar
        })
        .map(|(kind, (found, all))| format!("{kind}: {found} of {all}"))
        .collect();
    assert!(below.is_empty(), "{below:?}");
}

#[test]
fn every_synonym_earns_its_place() {
    let golden = golden();
    let read = |one: &Golden| -> Vec<String> {
        ask(one.query, &[]).readings.into_iter().map(|reading| reading.typed).collect()
    };
    let with: Vec<(Vec<String>, usize)> = golden.iter().map(|one| (read(one), place(one, &[]))).collect();
    let mut idle = Vec::new();
    for row in rows(include_str!("../../../index/synonyms.tsv")) {
        let typed = row[0];
        let worse = golden
            .iter()
            .zip(&with)
            .filter(|(_, (read, _))| read.iter().any(|word| word == typed))
            .any(|(one, (_, with))| place(one, &[typed]) > *with);
        if !worse {
            idle.push(typed);
        }
    }
    assert!(idle.is_empty(), "{} do nothing for any query: {idle:?}", idle.len());
}

#[test]
fn traditional_and_wide_forms_ask_the_same() {
    // A traditional form for each character that has one.
    let traditional: BTreeMap<char, char> =
        ('\u{4e00}'..='\u{9fff}').map(|c| (simplify_char(c), c)).filter(|(simple, c)| simple != c).collect();
    for one in golden() {
        let best = |query: &str| ids(query, &[]).into_iter().take(BEST).collect::<Vec<_>>();
        let wide = |c: char| match c {
            ' ' => '\u{3000}',
            '!'..='~' => char::from_u32(c as u32 + 0xfee0).unwrap(),
            other => other,
        };
        let expected = best(one.query);
        let wide: String = one.query.chars().map(wide).collect();
        assert_eq!(best(&wide), expected, "{wide}");
        let other: String = one.query.chars().map(|c| *traditional.get(&c).unwrap_or(&c)).collect();
        if zhaoren_text::simplify(&other).text == zhaoren_text::simplify(one.query).text {
            assert_eq!(best(&other), expected, "{other}");
        }
    }
}

#[test]
fn the_same_question_in_other_letters_has_the_same_answer() {
    let mut wrong = Vec::new();
    for row in rows(include_str!("../../../tests/queries/variants.tsv")) {
        let best = |query: &str| ids(query, &[]).into_iter().take(BEST).collect::<Vec<_>>();
        let (left, right) = (best(row[0]), best(row[1]));
        if left != right || left.is_empty() {
            wrong.push(format!("{} {left:?} / {} {right:?}", row[0], row[1]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_right_is_left_alone() {
    let mut wrong = Vec::new();
    for row in rows(include_str!("../../../tests/queries/guards.tsv")) {
        let readings = ask(row[0], &[]).readings;
        let changed: Vec<_> =
            readings.iter().filter(|reading| row[1..].contains(&reading.typed.as_str())).collect();
        if !changed.is_empty() {
            wrong.push(format!("{}: {changed:?}", row[0]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_hit_through_a_reading_says_so() {
    let hit = ask("高企认定", &[]).hits.into_iter().find(|hit| hit.id == "cn-hnte-2016").unwrap();
    assert!(hit.via.iter().any(|via| via.typed == "高企" && via.meant == "高新技术企业"), "{:?}", hit.via);
    assert!(hit.via.iter().all(|via| via.source.is_some()));
    let response = ask("高兴技术企业", &[]);
    assert_eq!(response.query, "高兴技术企业", "what was typed is not replaced");
    assert_eq!(response.did_you_mean.as_deref(), Some("高新技术企业"));
    assert!(response.hits[0].via.iter().any(|via| via.how.name() == "同音字"), "{:?}", response.hits[0].via);
    assert_eq!(ask("zjtx", &[]).did_you_mean.as_deref(), Some("专精特新"));
    assert_eq!(ask("高新技术企业", &[]).did_you_mean, None);
    assert!(ask("高企", &["高企"]).readings.is_empty(), "what is meant literally is not read otherwise");
}

#[test]
fn nothing_found_is_explained() {
    let nothing = ask("犇骉鱻", &[]);
    let why = nothing.nothing.expect("an explanation");
    assert!(why.reason.contains("犇") && !why.offers.is_empty(), "{why:?}");
    for offer in &why.offers {
        assert!(ask(offer, &[]).total > 0, "{offer}");
    }
    let filtered = SearchRequest {
        query: "高新技术企业".into(),
        limit: 1,
        filters: vec![("year".into(), "1950".into())],
        ..SearchRequest::default()
    };
    let why = engine().search(&filtered).unwrap().nothing.expect("an explanation");
    assert!(why.without_filters > 0 && why.reason.contains("筛选"), "{why:?}");
    assert!(ask("国科发火〔1999〕9999号", &[]).nothing.is_some_and(|why| why.reason.contains("文号")));
}

#[test]
fn suggestions_come_in_characters_pinyin_and_initials() {
    let first = |typed: &str| engine().suggest(typed, 10).into_iter().map(|one| one.text).collect::<Vec<_>>();
    for (typed, expected) in [
        ("高新技术", "高新技术企业认定"),
        ("专精特", "专精特新中小企业认定"),
        ("專精特", "专精特新中小企业认定"),
        ("zhuanjing", "专精特新中小企业认定"),
        ("zjtx", "专精特新"),
        ("jiaji", "加计扣除"),
        ("国科发火2016", "国科发火〔2016〕32号"),
        ("国科发火〔2016", "国科发火〔2016〕32号"),
        ("扩岗", "一次性扩岗补助"),
        ("高兴技术", "高新技术企业认定"),
        ("上海市科学", "上海市科学技术委员会"),
        ("ＡＥＯ", "海关AEO高级认证"),
    ] {
        let found = first(typed);
        assert!(found.iter().any(|text| text == expected), "{typed}: {found:?}");
    }
    assert!(first("").is_empty() && first("！？").is_empty() && first("犇骉").is_empty());
    assert_eq!(engine().suggest("高", 3).len(), 3);
}
