//! Proposed facts that a person accepts: the tenant's dictionary, its items, profiles and questions have them, and drafts use them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use zhaoren_engine::drafting::{FactAcceptance, FileDecisions, PartKind};
use zhaoren_engine::{
    Engine, MatchOptions, Principal, Role, Silent, Tenant, Verdict, built_in_facts, now, today,
};

/// A guide with two quantities that no built-in fact means: a current one, and one of a year.
const GUIDE: &str = "云溪区冷链物流发展扶持办法实施指南

云商务规〔2026〕5号

一、支持对象
在云溪区注册、具有独立法人资格的企业。

二、支持内容和条件
（一）冷库建设补贴。按设备投入的10%给予补贴，最高不超过100万元。申报企业应当同时符合下列条件：
1.从业人数不少于20人；
2.标准化车间面积不少于500平方米；
3.上年度展会参展费用不低于30万元。

三、附则
本办法自2026年1月1日起施行，有效期至2028年12月31日。

云溪区商务局
2026年1月1日
";

fn person(name: &str, role: Role, tenant: &str) -> Principal {
    Principal { name: name.into(), holder: name.into(), tenant: tenant.into(), role }
}

/// An engine with two districts, and a draft of the guide's item in `tenant`.
fn proposed(tenant: &str) -> (tempfile::TempDir, Engine) {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _) = Engine::open(folder.path(), &Silent).unwrap();
    let operator = person("运维", Role::Administrator, "");
    for id in ["a", "b"] {
        let row = Tenant { id: id.into(), name: id.into(), level: "district".into(), parent: String::new() };
        engine.records().put_tenant(&operator.write_context(now()), &row).unwrap();
    }
    propose(&engine, tenant);
    (folder, engine)
}

fn propose(engine: &Engine, tenant: &str) -> Vec<i64> {
    let author = person("甲", Role::Caseworker, tenant);
    let sheet = engine.read_file_sheet("指南.txt", GUIDE.as_bytes(), None, tenant).unwrap().unwrap();
    let act = author.write_context(now());
    let proposal = engine.propose_sheet(&act, &sheet, &FileDecisions::default(), "").unwrap();
    assert_eq!(proposal.drafts.len(), 1, "{:?}", proposal.problems);
    proposal.drafts
}

fn key_of(engine: &Engine, tenant: &str, name: &str) -> String {
    let facts = engine.proposed_facts(tenant).unwrap();
    facts.into_iter().find(|fact| fact.name == name).unwrap().key
}

fn facts_of(engine: &Engine, draft: i64) -> Vec<String> {
    let found = engine.draft_reading("", draft).unwrap().unwrap();
    let body: Value = serde_json::from_str(&found.draft.body).unwrap();
    let all = body["criteria"]["all"].as_array().unwrap();
    all.iter()
        .map(|one| one.get("fact").or(one.get("judged")).unwrap().as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn an_accepted_fact_makes_a_judged_clause_a_criterion() {
    let (_folder, engine) = proposed("");
    assert!(facts_of(&engine, 1).contains(&"标准化车间面积不少于500平方米".to_owned()));
    let reviewer = person("乙", Role::Reviewer, "");
    let acceptance = FactAcceptance {
        proposal: key_of(&engine, "", "标准化车间面积"),
        key: "workshop_area".into(),
        name: "标准车间面积".into(),
        answered_by: "enterprise".into(),
        ..FactAcceptance::default()
    };
    let accepted = engine.accept_fact(&reviewer.write_context(now()), &acceptance).unwrap();
    assert_eq!((accepted.fact.key.as_str(), accepted.drafts), ("workshop_area", vec![1]));
    assert_eq!(accepted.fact.aliases, ["标准化车间面积"]);
    assert!(facts_of(&engine, 1).contains(&"workshop_area".to_owned()));
    let reading = engine.draft_reading("", 1).unwrap().unwrap().reading.unwrap();
    let part = reading.parts.iter().find(|part| part.text.contains("500平方米")).unwrap();
    assert_eq!((part.kind, part.canonical.as_str()), (PartKind::Criterion, "标准车间面积不低于500平方米"));
    assert_eq!(part.criteria["quote"], "标准化车间面积不少于500平方米");
    assert!(part.doubts.is_empty(), "{:?}", part.doubts);
    let left: Vec<String> = engine.proposed_facts("").unwrap().into_iter().map(|fact| fact.name).collect();
    assert_eq!(left, ["展会参展费用"]);
    // The other one is yearly; it keeps the key of its proposal.
    let yearly =
        FactAcceptance { proposal: key_of(&engine, "", "展会参展费用"), ..FactAcceptance::default() };
    let yearly = engine.accept_fact(&reviewer.write_context(now()), &yearly).unwrap().fact;
    assert!(yearly.key.starts_with("proposed_") && engine.proposed_facts("").unwrap().is_empty());

    // The draft is signed by a second person; item, profile, questions and verdict use both facts.
    let (draft, problems) = engine.decide(&reviewer.write_context(now()), 1, true, "", &Silent).unwrap();
    let item = draft.unwrap().item;
    assert!(problems.iter().all(|one| !one.to_string().contains("workshop_area")), "{problems:?}");
    let rules = engine.rules();
    assert!(rules.item(&item).is_some() && rules.dictionary().get(&yearly.key).is_some());
    let year = (today().year() - 1).to_string();
    let verdict = |area: Value, fees: i64| {
        let profile = json!({"id": "e", "facts": {
            "registered_region": "430603", "is_legal_person": true, "employees": 30,
            "workshop_area": area, yearly.key.clone(): {year.clone(): fees},
        }});
        let text = profile.to_string();
        let read = zhaoren_engine::read_profiles(text.as_bytes(), "e.json", rules.dictionary(), true);
        assert!(read.problems.is_empty(), "{:?}", read.problems);
        let options = MatchOptions { as_of: today(), all: true, limit: 2_000, bundle: false };
        let (report, _) = rules.match_profile(&read.profiles[0], options);
        report.matches.into_iter().find(|one| one.policy == item).map(|one| one.verdict)
    };
    assert_eq!(verdict(json!(500), 300_000), Some(Verdict::Eligible));
    assert_eq!(verdict(json!(499), 300_000), Some(Verdict::Ineligible));
    assert_eq!(verdict(Value::Null, 300_000), Some(Verdict::Undetermined));
    assert_eq!(verdict(json!(500), 299_999), Some(Verdict::Ineligible));

    // A later document, and another opening of the same data, know the facts.
    let sheet = engine.read_file_sheet("指南.txt", GUIDE.as_bytes(), None, "").unwrap().unwrap();
    assert!(
        sheet.items[0].parts.iter().all(|part| part.kind == PartKind::Criterion),
        "{:#?}",
        sheet.to_json()
    );
    assert!(sheet.items[0].proposed.is_empty());
}

#[test]
fn facts_belong_to_the_tenant_that_accepted_them() {
    let (folder, engine) = proposed("a");
    let key = key_of(&engine, "a", "标准化车间面积");
    let reviewer = person("乙", Role::Reviewer, "a");
    let acceptance = FactAcceptance { proposal: key.clone(), ..FactAcceptance::default() };
    // Before, the dictionary of the tenant is cached.
    assert!(engine.rules_for("a").unwrap().dictionary().get(&key).is_none());
    engine.accept_fact(&reviewer.write_context(now()), &acceptance).unwrap();
    let has =
        |engine: &Engine, tenant: &str| engine.rules_for(tenant).unwrap().dictionary().get(&key).is_some();
    assert_eq!((has(&engine, "a"), has(&engine, "b"), has(&engine, "")), (true, false, false));
    assert!(built_in_facts().get(&key).is_none());
    let again = engine.accept_fact(&reviewer.write_context(now()), &acceptance).unwrap_err();
    assert!(again.to_string().contains("没有建议指标"), "{again}");
    // The other tenant's draft still needs it; an item of the first may use it.
    propose(&engine, "b");
    assert_eq!(key_of(&engine, "b", "标准化车间面积"), key);
    let item =
        json!({"id": "own", "title": "甲区的事项", "criteria": {"fact": key, "at_least": 5}}).to_string();
    let own = person("丙", Role::Caseworker, "a");
    let proposal = engine.propose(&own.write_context(now()), "own.json", item.as_bytes(), "").unwrap();
    assert_eq!(proposal.drafts.len(), 1, "{:?}", proposal.problems);
    let other = person("丙", Role::Caseworker, "b");
    let refused = engine.propose(&other.write_context(now()), "own.json", item.as_bytes(), "").unwrap();
    assert!(refused.drafts.is_empty() && !refused.problems.is_empty());
    engine.decide(&reviewer.write_context(now()), proposal.drafts[0], true, "", &Silent).unwrap();
    assert!(engine.rules_for("a").unwrap().item("own").is_some());
    drop(engine);
    let (engine, problems) = Engine::open(folder.path(), &Silent).unwrap();
    assert_eq!((has(&engine, "a"), problems.len()), (true, 0));
    assert!(engine.rules_for("a").unwrap().item("own").is_some());
}

#[test]
fn proposals_that_say_the_same_become_one_fact() {
    let (_folder, engine) = proposed("");
    let reviewer = person("乙", Role::Reviewer, "");
    let accept = |acceptance: &FactAcceptance| engine.accept_fact(&reviewer.write_context(now()), acceptance);
    let area = key_of(&engine, "", "标准化车间面积");
    let fees = key_of(&engine, "", "展会参展费用");
    for (wrong, word) in [
        (FactAcceptance { proposal: "none".into(), ..FactAcceptance::default() }, "没有建议指标"),
        (
            FactAcceptance { proposal: area.clone(), key: "employees".into(), ..FactAcceptance::default() },
            "已有",
        ),
        (
            FactAcceptance { proposal: area.clone(), key: "面积".into(), ..FactAcceptance::default() },
            "小写字母",
        ),
        (FactAcceptance { proposal: area.clone(), name: "名".repeat(61), ..FactAcceptance::default() }, "60"),
        (
            FactAcceptance {
                proposal: area.clone(),
                same_as: "employees".into(),
                ..FactAcceptance::default()
            },
            "已采纳的指标",
        ),
    ] {
        let error = accept(&wrong).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    accept(&FactAcceptance { proposal: area.clone(), ..FactAcceptance::default() }).unwrap();
    let error =
        accept(&FactAcceptance { proposal: fees, same_as: area.clone(), ..FactAcceptance::default() });
    assert!(error.unwrap_err().to_string().contains("不能合为一个"));
    // Another document has another name for the same.
    let other = GUIDE.replace("标准化车间面积", "标准厂房面积").replace("5号", "6号").replace("冷链", "仓储");
    let author = person("甲", Role::Caseworker, "");
    let sheet = engine.read_file_sheet("另一份.txt", other.as_bytes(), None, "").unwrap().unwrap();
    let act = author.write_context(now());
    let drafts = engine.propose_sheet(&act, &sheet, &FileDecisions::default(), "").unwrap().drafts;
    let same = key_of(&engine, "", "标准厂房面积");
    let accepted =
        accept(&FactAcceptance { proposal: same, same_as: area.clone(), ..FactAcceptance::default() })
            .unwrap();
    assert_eq!((accepted.fact.key.as_str(), &accepted.drafts), (area.as_str(), &drafts));
    assert!(facts_of(&engine, drafts[0]).contains(&area));
    assert_eq!(accepted.fact.aliases, ["标准厂房面积"]);
}
