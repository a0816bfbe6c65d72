//! Many quotes of one long text: the duration of an opening, and a distinct position for each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::fmt::Write;
use std::time::{Duration, Instant};

use zhaoren_engine::{Engine, MatchOptions, Silent, parse_date, read_profiles};

/// A text of `articles` articles, each with a sentence of its own.
fn rules(articles: usize) -> String {
    let mut text = "某区机器人扶持办法\n".to_owned();
    for n in 1..=articles {
        let filler =
            "本区支持企业加快技术改造，鼓励采购国产装备，落实各项扶持政策，完善公共服务平台建设。".repeat(7);
        writeln!(text, "第{n}条 编号{n}的企业应当注册成立\n一年以上，{filler}").unwrap();
    }
    text
}

#[test]
fn a_hundred_items_that_quote_one_long_text_open_fast() {
    let folder = tempfile::tempdir().unwrap();
    let text = rules(120);
    assert!(text.len() > 100_000, "{} bytes", text.len());
    let items: String = (1..=100).fold(String::new(), |mut items, n| {
        writeln!(
            items,
            "- {{id: robot-{n}, title: 题, document: {{text: rules.txt}}, criteria: {{judged: 甲, quote: 编号{n}的企业应当注册成立一年以上, \
             article: 第{n}条}}}}"
        )
        .unwrap();
        items
    });
    std::fs::write(folder.path().join("rules.txt"), &text).unwrap();
    std::fs::write(folder.path().join("items.yaml"), &items).unwrap();
    let data = folder.path().join("data");
    let (engine, _) = Engine::open(&data, &Silent).unwrap();
    let alone = time(|| drop(Engine::open(&data, &Silent).unwrap()));
    let report = engine.import(&[folder.path().join("items.yaml")], &Silent).unwrap();
    assert_eq!((report.items.new, report.problems), (100, Vec::new()));
    drop(engine);
    let mut opened = None;
    let with_quotes = time(|| opened = Some(Engine::open(&data, &Silent).unwrap().0));
    let engine = opened.unwrap();
    println!("opening without quotes {alone:?}, with 100 quotes of {} bytes {with_quotes:?}", text.len());
    let limit = if cfg!(debug_assertions) { 5_000 } else { 300 };
    assert!(
        with_quotes.saturating_sub(alone) < Duration::from_millis(limit),
        "{with_quotes:?}, {alone:?} without"
    );
    let profile = read_profiles(br#"{"id":"p","facts":{}}"#, "p.json", engine.rules().dictionary(), false)
        .profiles
        .remove(0);
    let options =
        MatchOptions { as_of: parse_date("2026-11-23").unwrap(), all: true, limit: 1_000, bundle: false };
    let (report, _) = engine.rules().match_profile(&profile, options);
    let mut seen = 0;
    for one in &report.matches {
        let Some(number) = one.policy.strip_prefix("robot-") else { continue };
        let source = one.clauses[0].source.as_ref().unwrap();
        assert_eq!(
            text.get(source.start..source.end).unwrap(),
            format!("编号{number}的企业应当注册成立\n一年以上")
        );
        seen += 1;
    }
    assert_eq!(seen, 100);
}

#[test]
fn megabyte_quotes_are_rejected_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let text = rules(1_200);
    assert!(text.len() > 1_000_000, "{} bytes", text.len());
    std::fs::write(folder.path().join("rules.txt"), &text).unwrap();
    let item = "{id: robot, title: 题, document: {text: rules.txt}, criteria: {judged: 甲, quote: 编号777的企业应当注册成立两年以上}}";
    std::fs::write(folder.path().join("items.yaml"), item).unwrap();
    let paths = [folder.path().join("items.yaml")];
    let mut loaded = None;
    let took = time(|| {
        let day = parse_date("2026-11-23").unwrap();
        loaded = Some(zhaoren_engine::load_items(&paths, zhaoren_engine::built_in_facts(), day).unwrap());
    });
    let (items, _, problems) = loaded.unwrap();
    println!("{} bytes read, and the passage most like a quote found, in {took:?}", text.len());
    assert!(items.is_empty() && problems.len() == 1);
    assert!(
        problems[0].to_string().contains("most like it is `编号777的企业应当注册成立一年以上` in `第777条`"),
        "{}",
        problems[0]
    );
    let limit = if cfg!(debug_assertions) { 60 } else { 5 };
    assert!(took < Duration::from_secs(limit), "{took:?}");
}

fn time(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}
