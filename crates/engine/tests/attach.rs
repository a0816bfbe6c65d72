//! Evidence that attaches itself: a text with the 文号 of an item is imported, its sentences are proposed, and one confirmation
//! writes them into the item.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use zhaoren_engine::{Engine, Principal, Silent, has_errors};

/// Conditions without quotes, under a made-up 文号.
const ITEM: &str = "\
id: drone
title: 无人机企业补贴
document: {title: 样例区无人机产业扶持办法, number: 样科规〔2026〕9号, region: \"980101\"}
notes: [样例]
criteria:
  all:
    - {fact: registered_region, within: [\"980101\"], article: 第二条（一）}
    - {fact: established_on, for_at_least: 2 years}
    - any:
        - {fact: revenue, at_least: 10000000}
        - {fact: qualifications, has_any: [高新技术企业]}
    - {fact: rd_intensity, at_least: 0.05}
    - {fact: employees, at_least: 20}
";

/// A text that states four of the five conditions, and the staff with another number.
const TEXT: &str = "样例区无人机产业扶持办法\n样科规〔2026〕9号\n\n\
    第一条 为支持无人机产业，制定本办法。\n\n\
    第二条 申请企业应当同时符合下列条件：\n（一）在示例区注册；\n（二）成立满2年；\n\
    （三）上年度营业收入不低于1000万元，或者为高新技术企业；\n（四）上年度研发费用占营业收入的比例不低于5%；\n\
    （五）从业人数不少于30人。\n\n第三条 本办法自2026年1月1日起施行。\n";

fn receive(engine: &Engine, name: &str, content: &str) {
    let report =
        engine.receive(&[(name.to_owned(), content.as_bytes().to_vec())], &Principal::local()).unwrap();
    let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    assert!(!has_errors(&report.problems), "{}", problems.join("\n"));
}

#[test]
fn sentences_of_an_imported_text_are_proposed_and_confirmed_once() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    receive(&engine, "drone.yaml", ITEM);
    assert!(engine.propose_evidence("drone", "").unwrap().is_empty(), "no text yet");
    receive(&engine, "样例区无人机产业扶持办法.txt", TEXT);

    let proposals = engine.propose_evidence("drone", "").unwrap();
    assert_eq!(proposals.len(), 1);
    let proposal = &proposals[0];
    let found: Vec<(&str, &str, &str)> = proposal
        .found
        .iter()
        .map(|one| (one.path.as_str(), one.article.as_str(), one.quote.as_str()))
        .collect();
    let paths: Vec<(&str, &str)> = found.iter().map(|(path, article, _)| (*path, *article)).collect();
    let expected = [
        ("all[0]", "第二条（一）"),
        ("all[1]", "第二条（二）"),
        ("all[2].any[0]", "第二条（三）"),
        ("all[2].any[1]", "第二条（三）"),
        ("all[3]", "第二条（四）"),
    ];
    assert_eq!(paths, expected, "{found:?}");
    for (_, _, quote) in &found {
        assert!(TEXT.contains(quote), "{quote}");
    }
    // Twenty is not thirty: the sentence about the staff states another condition.
    assert_eq!(proposal.open, ["从业人数不低于20人"]);

    let report = engine.confirm_evidence(&Principal::local(), proposal).unwrap();
    assert_eq!(report.items.changed, 1, "{:?}", report.problems);
    let rules = engine.rules();
    for (path, article) in expected {
        let span = rules.evidence().span("drone", path).unwrap_or_else(|| panic!("{path} has no evidence"));
        assert_eq!(span.article.as_deref(), Some(article));
    }
    let whole = engine.policy("drone").unwrap().unwrap();
    assert_eq!(whole["notes"][0], "样例", "other fields are unchanged");
    // A confirmed sentence is not proposed again.
    assert!(engine.propose_evidence("drone", "").unwrap().is_empty());
}

/// Words that contradict a rule are named by import, check and review, and refused until they are acknowledged.
#[test]
fn words_that_contradict_the_rule_are_refused_until_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    let item = |more: &str| {
        format!(
            "id: worded\ntitle: 题\n{more}criteria: {{fact: established_on, for_at_least: 366 days, text: 注册成立满365天}}\n"
        )
    };
    let sent = |text: &str| [("worded.yaml".to_owned(), text.as_bytes().to_vec())];
    let report = engine.receive(&sent(&item("")), &Principal::local()).unwrap();
    let problem =
        report.problems.iter().map(ToString::to_string).find(|text| text.contains("不一致")).unwrap();
    assert!(problem.contains("“365天”") && problem.contains("“366天”"), "{problem}");
    assert!(problem.contains("worded.yaml:3") && problem.contains("criteria.text"), "{problem}");
    assert_eq!((report.items.new, engine.rules().item("worded").is_none()), (0, true));
    let checked = engine.check("worded.yaml", item("").as_bytes(), zhaoren_engine::today(), "").unwrap();
    assert!(has_errors(&checked.problems) && checked.items.len() == 1);

    let accepted = "acknowledged: [{words: 注册成立满365天, rule: 成立满366天, reason: 闰年按366天计}]\n";
    let report = engine.receive(&sent(&item(accepted)), &Principal::local()).unwrap();
    assert_eq!(report.items.new, 1, "{:?}", report.problems);
    // It holds for these words and this rule only.
    let other = item(accepted).replace("366 days", "400 days");
    let report = engine.receive(&sent(&other), &Principal::local()).unwrap();
    assert!(has_errors(&report.problems) && report.items.changed == 0);
}

/// The words of every shipped item agree with their rules.
#[test]
fn words_of_the_shipped_items_agree_with_their_rules() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(&folder.path().join("data"), &Silent).unwrap();
    let rules = engine.rules();
    let mut found = Vec::new();
    for item in rules.library().iter() {
        for one in zhaoren_engine::wording_differences(item, rules.dictionary()) {
            if one.reason.is_none() {
                found.push(format!("{} {}: {}", item.id, one.conflict.path, one.conflict));
            }
        }
    }
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
}
