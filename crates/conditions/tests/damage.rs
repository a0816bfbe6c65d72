//! Properties over any text: the loaders accept what is read, spans are verbatim, the time is bounded, nothing panics.

use proptest::prelude::*;
use zhaoren_conditions::{Reading, SegmentKind, criteria_json, read};
use zhaoren_policy::criterion::{Criterion, Node, read_criterion};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::Report;
use zhaoren_policy::syntax::json;

use super::{reading, region};

const SENTENCES: [&str; 3] = [
    include_str!("labels/built-on.jsonl"),
    include_str!("labels/held-aside.jsonl"),
    "{\"text\": \"（一）①1.、，；：。或且不低于以上（含）%万元年\"}",
];

fn texts() -> Vec<String> {
    SENTENCES
        .iter()
        .flat_map(|lines| lines.lines())
        .filter_map(|line| json(line).ok()?.get("text")?.text().map(str::to_owned))
        .collect()
}

/// Checks every promise about a reading of `text`.
fn check(text: &str) {
    let (reading, steps) = zhaoren_cancel::count(|| read(text, Some(&region()), FactDictionary::built_in()));
    assert!(steps < 2_000_000, "{steps} steps for {} bytes", text.len());
    for passage in &reading.unread {
        assert_eq!(text.get(passage.from..passage.to), Some(passage.text.as_str()));
    }
    reading.criteria.walk(&mut |_, one: &Criterion| {
        let verbatim = match &one.node {
            Node::Judged(text) => Some(text),
            _ => one.quote.as_ref(),
        };
        assert!(verbatim.is_none_or(|quote| text.contains(quote.as_str())), "{verbatim:?}\n{text}");
    });
    tiles(text, &reading);
    let written = criteria_json(&reading.criteria).to_string();
    let mut report = Report::new("reading");
    let again = read_criterion(&json(&written).unwrap(), "criteria", FactDictionary::built_in(), &mut report);
    assert_eq!(again.as_ref(), Some(&reading.criteria), "{written}\n{:?}", report.problems);
}

/// Checks that the segments of `reading` tile `text`, and that its unread passages, judged clauses and leaves are in segments of
/// their kind.
fn tiles(text: &str, reading: &Reading) {
    let mut end = 0;
    for segment in &reading.segments {
        assert_eq!(segment.from, end, "{text}");
        assert!(text.get(segment.from..segment.to).is_some_and(|part| !part.is_empty()), "{text}");
        end = segment.to;
    }
    assert_eq!(end, text.len(), "{text}");
    let has = |kind| reading.segments.iter().any(|segment| segment.kind == kind);
    for passage in &reading.unread {
        for segment in &reading.segments {
            let apart = segment.to <= passage.from || segment.from >= passage.to;
            let foreign = matches!(segment.kind, SegmentKind::Criterion | SegmentKind::Judged);
            assert!(apart || !foreign, "{segment:?} in {passage:?}\n{text}");
        }
    }
    let (mut leaves, mut judged) = (false, false);
    reading.criteria.walk(&mut |_, one: &Criterion| match &one.node {
        Node::Leaf(_) => leaves = true,
        Node::Judged(_) => judged = true,
        _ => {}
    });
    assert!(!leaves || has(SegmentKind::Criterion), "{text}\n{:?}", reading.segments);
    assert!(!judged || has(SegmentKind::Judged) || has(SegmentKind::Reference), "{text}");
    let coverage = reading.coverage();
    assert!((0.0..=1.0).contains(&coverage), "{coverage}");
    assert!(coverage < 1.0 || reading.unread.is_empty() || has(SegmentKind::Reference), "{text}");
}

#[test]
fn every_label_keeps_the_promises() {
    texts().iter().for_each(|text| check(text));
}

#[test]
fn time_grows_with_the_text() {
    let cost = |copies: usize| {
        let text = "（一）上年度营业收入不低于1000万元或在本市注册，且信用良好；".repeat(copies);
        zhaoren_cancel::count(|| reading(&text)).1
    };
    let (small, large) = (cost(40), cost(160));
    assert!(large < small * 6, "{small} steps, then {large}");
}

#[test]
fn time_grows_with_the_unread_phrases_of_one_sentence() {
    let pieces: [fn(usize) -> String; 5] = [
        |at| format!("具有第{at}类良好前景，"),
        |at| format!("指标{at}不低于{at}台，"),
        |at| format!("获得第{at}届称号或参与第{at}次评选，"),
        |at| format!("主导产品{at}销量1万台以上、拥有第{at}号车间，"),
        |at| format!("由第{at}街道推荐的企业且场地{at}平方米，"),
    ];
    for piece in pieces {
        let cost = |count: usize| {
            let text: String = (0..count).map(piece).collect();
            zhaoren_cancel::count(|| reading(&text)).1
        };
        let (small, large) = (cost(500), cost(2000));
        assert!(large < small * 6, "{small} steps, then {large}: {}", piece(1));
    }
}

#[test]
fn one_phrase_without_an_end_is_bounded() {
    for text in [
        "上年度".repeat(5000),
        "（".repeat(5000),
        "1".repeat(9000),
        "或".repeat(9000),
        "在本市注册、".repeat(3000),
    ] {
        let (_, steps) = zhaoren_cancel::count(|| reading(&text));
        assert!(steps < 40_000_000, "{steps} steps for {}", &text[..12]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_sentences(picks in proptest::collection::vec((0usize..1000, 0usize..60, 0usize..60), 1..4)) {
        let texts = texts();
        let mut damaged = String::new();
        for (pick, from, length) in picks {
            let text: Vec<char> = texts[pick % texts.len()].chars().collect();
            let from = from.min(text.len());
            damaged.extend(&text[from..(from + length).min(text.len())]);
        }
        check(&damaged);
    }

    #[test]
    fn any_text(text in "[企业上年度营收入不低于万元以上且或、，；：。（）一二三1-9%《》\n a-z]{0,80}") {
        check(&text);
    }
}
