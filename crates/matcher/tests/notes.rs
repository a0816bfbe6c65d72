//! Statements of a match beside its verdict: words of the amount, of the window and of the standing, notes, and what to ask.

use std::sync::Arc;

use jiff::civil::{Date, date};
use serde_json::{Value as Json, json};
use zhaoren_matcher::{Library, MatchReport, Selection, Snapshot};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;

const DAY: Date = date(2026, 11, 30);

fn snapshot(yaml: &str) -> Snapshot {
    let dictionary = FactDictionary::built_in();
    let (items, report) = read_items(yaml, "notes.yaml", dictionary);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    // As stored: the successor is found in the text of the items.
    let items = items.into_iter().map(|(item, node)| (item, node.to_json().to_string())).collect();
    Snapshot::compile(Arc::new(Library::with_bodies(items, Arc::new(dictionary.clone()))), DAY)
}

fn profile(facts: &Json) -> Profile {
    let text = json!({"id": "e", "facts": facts}).to_string();
    let mut report = Report::new("e");
    Profile::read(&syntax::json(&text).unwrap(), FactDictionary::built_in(), true, &mut report).unwrap()
}

fn matched(yaml: &str, facts: &Json, all: bool) -> MatchReport {
    let selection = Selection { all, limit: 20, bundle: true };
    snapshot(yaml).match_profile(&profile(facts), selection).0
}

/// Three rules with one open fact each, two of them the same fact.
const REFUNDS: &str = "
- id: a
  title: 返还
  benefit: {kinds: [refund], amount: {times: yearly, formula: {ceiling: {share: 0.6, of: {input: 上年度实缴失业保险费, unit: 元}}}}}
- id: b
  title: 补助
  benefit: {kinds: [grant], amount: {max: 900000, formula: {share: 0.1, of: {fact: unemployment_insurance_paid}}}}
- id: c
  title: 减免
  benefit: {kinds: [levy_relief], amount: {times: yearly, formula: {fact: disability_levy_due}}}
- id: d
  title: 称号
  benefit: {kinds: [title]}
";

fn amounts(report: &MatchReport) -> Vec<(&str, &str, bool)> {
    let mut amounts: Vec<_> = report
        .matches
        .iter()
        .map(|one| (one.policy.as_str(), one.amount.text.as_str(), one.amount.known))
        .collect();
    amounts.sort_unstable();
    amounts
}

#[test]
fn where_nothing_is_known_the_rule_is_said() {
    let report = matched(REFUNDS, &json!({}), false);
    assert_eq!(
        amounts(&report),
        [
            ("a", "返还不超过上年度实缴失业保险费的60%", false),
            ("b", "补助上年度实缴失业保险费的10%（最高90万元）", false),
            ("c", "减免上年度应缴残疾人就业保障金", false),
            ("d", "非资金", false),
        ]
    );
    let bundle = report.bundle.unwrap();
    assert_eq!(
        bundle.text,
        "首年合计 其中 1 项合计不超过90万元，另有 2 项按规则计算（按已知金额已证明最优）"
    );
    let asks: Vec<_> = bundle
        .amounts
        .iter()
        .map(|one| (one.fact.as_str(), one.items.join(""), one.completes.join("")))
        .collect();
    assert_eq!(
        asks,
        [
            ("unemployment_insurance_paid", "ab".into(), "ab".into()),
            ("disability_levy_due", "c".into(), "c".into())
        ]
    );
}

#[test]
fn an_input_that_names_a_fact_is_given_like_any_fact() {
    let paid = |value: Json| json!({"unemployment_insurance_paid": {"2025": value}});
    let exact = matched(REFUNDS, &paid(json!(100_005.5)), false);
    assert_eq!(
        amounts(&exact)[..2],
        [("a", "每年不超过6.0004万元", true), ("b", "约1.0001万元", true)],
        "角 and 分 are rounded so that the words stay true"
    );
    let range = matched(REFUNDS, &paid(json!({"at_least": 50_000, "at_most": 200_000})), false);
    assert_eq!(amounts(&range)[..2], [("a", "每年不超过12万元", true), ("b", "5000元至2万元", true)]);
    let asks = &range.matches.iter().find(|one| one.policy == "b").unwrap().amount.open_facts;
    assert_eq!((asks[0].name.as_str(), asks[0].unit.as_deref()), ("实缴失业保险费", Some("元")));
    // A quantity that is withheld is not asked for.
    let withheld = matched(REFUNDS, &json!({"unemployment_insurance_paid": {"withheld": "不便提供"}}), false);
    let asks: Vec<_> = withheld.bundle.unwrap().amounts.into_iter().map(|one| one.fact).collect();
    assert_eq!(asks, ["disability_levy_due"]);
}

#[test]
fn a_bundle_without_amounts_says_what_would_make_one_known() {
    let only = |keep: &str| {
        let items: Vec<&str> =
            REFUNDS.split("\n- ").filter(|item| item.starts_with(&format!("id: {keep}"))).collect();
        matched(&format!("- {}", items[0]), &json!({}), false).bundle.unwrap().text
    };
    assert_eq!(only("a"), "补充实缴失业保险费后可算出金额");
    assert_eq!(only("d"), "没有金额已知的事项");
    let two = REFUNDS.replace("max: 900000, ", "");
    assert_eq!(
        matched(&two, &json!({}), false).bundle.unwrap().text,
        "只要补充实缴失业保险费，就可算出 2 项的金额；还可补充应缴残疾人就业保障金"
    );
}

#[test]
fn amounts_are_asked_behind_the_conditions() {
    let items = format!(
        "{REFUNDS}
- id: e
  title: 已截止
  window: [{{opens: 2026-01-01, closes: 2026-02-01}}]
  benefit: {{kinds: [grant], amount: {{formula: {{fact: credit_loan_interest}}}}}}
- id: f
  title: 待定
  benefit: {{kinds: [grant], amount: {{formula: {{fact: credit_loan_interest}}}}}}
  criteria: {{fact: employees, at_least: 10}}
"
    );
    let plan = snapshot(&items).questions(&profile(&json!({})), 10);
    let verdicts: Vec<&str> = plan.questions.iter().map(|one| one.fact.as_str()).collect();
    assert_eq!(verdicts, ["employees"]);
    let asked: Vec<_> = plan.amounts.iter().map(|one| (one.text.as_str(), one.items.join(""))).collect();
    assert_eq!(
        asked,
        [
            ("2025年的实缴失业保险费是多少（元）？", "ab".to_owned()),
            ("信用贷款利息是多少（元）？", "f".to_owned()),
            ("2025年的应缴残疾人就业保障金是多少（元）？", "c".to_owned()),
        ],
        "an item whose window is over is not asked about"
    );
}

#[test]
fn windows_standings_and_notes_are_part_of_a_match() {
    let report = matched(
        "
- {id: a, title: 未公布}
- {id: b, title: 自动, delivery: automatic}
- {id: c, title: 旧, notes: [与同类资金不重复享受], review: {mark: K, note: 现行效力待核}}
- {id: d, title: 新, document: {title: 新, effective: 2026-05-01}, relations: [{kind: succeeds, item: c}]}
- {id: e, title: 稿, document: {title: 稿, status: draft}, relations: [{kind: succeeds, item: d}]}
- {id: f, title: 每年, window: {yearly: [{opens: 11-15, closes: 02-28}]}}
",
        &json!({}),
        true,
    );
    let of = |id: &str| report.matches.iter().find(|one| one.policy == id).unwrap();
    assert_eq!(of("a").window.text, "申报时间未公布");
    assert_eq!(of("b").window.text, "自动享受，无需申报");
    assert_eq!(of("f").window.text, "申报中，截至 2027-02-28（还有 90 天）");
    let old = of("c");
    assert_eq!((old.in_force, old.standing.text.as_str()), (false, "自 2026-05-01 起由 d 替代"));
    assert_eq!(old.notes, ["与同类资金不重复享受"]);
    assert_eq!(old.review.as_ref().unwrap().note.as_deref(), Some("现行效力待核"));
    assert!(of("d").in_force, "a draft replaces nothing");
    assert!(of("e").standing.text.starts_with("征求意见稿"));
    let json = serde_json::to_value(of("a")).unwrap();
    assert_eq!((&json["window"]["state"], &json["window"]["basis"]), (&json!("open"), &json!("unpublished")));
    assert_eq!(json["standing"], json!({"in_force": true, "text": "现行有效"}));
}
