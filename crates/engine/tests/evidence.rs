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

/// A folder with one text, and items that quote a sentence of it each.
fn quoting(items: usize, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let items: String = (1..=items).fold(String::new(), |mut items, n| {
        writeln!(
            items,
            "- {{id: robot-{n}, title: 题, document: {{text: rules.txt}}, criteria: {{judged: 甲, quote: 编号{n}的企业应当注册成立一年以上, \
             article: 第{n}条}}}}"
        )
        .unwrap();
        items
    });
    std::fs::write(folder.path().join("rules.txt"), text).unwrap();
    std::fs::write(folder.path().join("items.yaml"), &items).unwrap();
    folder
}

/// The text is read once, not once for each quote.
#[test]
fn a_hundred_items_that_quote_one_long_text_open_fast() {
    let text = rules(120);
    assert!(text.len() > 100_000, "{} bytes", text.len());
    let opened = |items: usize| {
        let folder = quoting(items, &text);
        let data = folder.path().join("data");
        let (engine, _) = Engine::open(&data, &Silent).unwrap();
        let report = engine.import(&[folder.path().join("items.yaml")], &Silent).unwrap();
        assert_eq!((report.items.new, report.problems), (items, Vec::new()));
        drop(engine);
        let ((engine, _), steps) = zhaoren_cancel::count(|| Engine::open(&data, &Silent).unwrap());
        (engine, steps)
    };
    let (few, many) = (opened(50).1, opened(100));
    let characters = text.chars().count() as u64;
    println!("opening takes {few} steps with 50 quotes, {} with 100, {characters} characters", many.1);
    assert!(few > 0 && (many.1 - few) / 50 < characters / 10, "{few} steps, then {}", many.1);
    let engine = many.0;
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

/// A quote that is not in the text, in twice the text, takes about twice the steps until what is most like it is found.
#[test]
fn megabyte_quotes_are_rejected_in_time() {
    let rejected = |articles: usize| {
        let folder = tempfile::tempdir().unwrap();
        let text = rules(articles);
        std::fs::write(folder.path().join("rules.txt"), &text).unwrap();
        let item = "{id: robot, title: 题, document: {text: rules.txt}, criteria: {judged: 甲, quote: 编号577的企业应当注册成立两年以上}}";
        std::fs::write(folder.path().join("items.yaml"), item).unwrap();
        let paths = [folder.path().join("items.yaml")];
        let day = parse_date("2026-11-23").unwrap();
        let ((items, _, problems), steps) = zhaoren_cancel::count(|| {
            zhaoren_engine::load_items(&paths, zhaoren_engine::built_in_facts(), day).unwrap()
        });
        assert!(items.is_empty() && problems.len() == 1);
        assert!(
            problems[0]
                .to_string()
                .contains("most like it is `编号577的企业应当注册成立一年以上` in `第577条`"),
            "{}",
            problems[0]
        );
        (text, steps)
    };
    let (once, twice) = (rejected(600), rejected(1_200));
    assert!(twice.0.len() > 1_000_000, "{} bytes", twice.0.len());
    println!("{} steps for {} bytes, {} for {}", once.1, once.0.len(), twice.1, twice.0.len());
    assert!(once.1 >= once.0.chars().count() as u64, "{} steps are no measure", once.1);
    assert!(twice.1 * 10 <= once.1 * 22, "{} steps, then {}", once.1, twice.1);
}
