//! Records and withheld facts: the dictionary, profiles, criteria and their words.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use zhaoren_policy::criterion::{
    Criterion, Setting, apply_settings, describe, read_canonical, read_criterion, settable_values, tree,
    write_canonical,
};
use zhaoren_policy::fact::{FactDictionary, Knowledge};
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::{Profile, Strictness};
use zhaoren_policy::syntax;

const FACTS: &str = "
- key: loans
  name: 贷款
  type: records
  unit: 笔
  answered_by: 税务
  fields:
    - {key: amount, name: 贷款金额, type: money, min: 0}
    - {key: signed_on, name: 签订日, type: date}
    - {key: bank, name: 银行, type: text, values: [甲行, 乙行]}
    - {key: uses, name: 用途, type: tags}
- {key: revenue, name: 营业收入, type: money, period: year}
- {key: employees, name: 人数, type: integer, min: 0}
- {key: titles, name: 资质, type: tags}
";

fn dictionary() -> FactDictionary {
    let mut dictionary = FactDictionary::default();
    let report = dictionary.extend_from(FACTS, "facts.yaml");
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    dictionary
}

fn read(text: &str, strictness: Strictness) -> (Option<Profile>, Vec<String>) {
    let mut report = Report::new("p.json");
    let node = syntax::json(text).unwrap();
    let profile = Profile::read_with(&node, &dictionary(), strictness, &mut report);
    (profile, report.problems.iter().map(ToString::to_string).collect())
}

fn criterion(text: &str) -> Result<Criterion, String> {
    let mut report = Report::new("i.yaml");
    let node = syntax::yaml(text).unwrap().remove(0);
    let read = read_criterion(&node, "criteria", &dictionary(), &mut report);
    read.ok_or_else(|| report.problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

#[test]
fn faults_of_fields_are_named() {
    let cases = [
        ("- {key: a, type: records}", "`fields` is missing"),
        ("- {key: a, type: records, fields: []}", "1 to 64 fields"),
        ("- {key: a, type: records, fields: 5}", "a list of facts"),
        ("- {key: a, type: records, period: year, fields: [{key: x, type: text}]}", "not one per year"),
        ("- {key: a, type: integer, fields: [{key: x, type: text}]}", "only a fact of type records"),
        ("- {key: a, type: records, fields: [{key: x, type: money, period: year}]}", "one value in a record"),
        ("- {key: a, type: records, fields: [{key: x, type: text, derived: true}]}", "not derived"),
        ("- {key: a, type: records, fields: [{key: x, type: records}]}", "no list of records itself"),
        ("- {key: a, type: records, fields: [{key: x, type: text}, {key: x, type: date}]}", "there twice"),
        ("- {key: a, type: records, fields: [{key: uscc, type: text}]}", "names the enterprise"),
        ("- {key: a, type: records, fields: [{key: x, type: whole}]}", "expected one of boolean"),
    ];
    for (text, says) in cases {
        let mut dictionary = FactDictionary::default();
        let report = dictionary.extend_from(text, "f.yaml");
        let lines: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        assert!(lines.iter().any(|line| line.contains(says)), "{text}: {lines:?}");
        assert!(dictionary.get("a").is_none(), "{text}");
    }
}

#[test]
fn a_dictionary_with_records_is_shown_and_read_again() {
    let shown = serde_json::to_string(&dictionary().iter().collect::<Vec<_>>()).unwrap();
    let mut again = FactDictionary::default();
    let report = again.extend_from(&shown, "again.json");
    assert!(report.problems.is_empty(), "{:?}\n{shown}", report.problems);
    assert_eq!(again, dictionary());
    assert_eq!(dictionary().get("loans").unwrap().answered_by.as_deref(), Some("税务"));
}

#[test]
fn profiles_with_records_round_trip() {
    let text = r#"{"id":"e1","facts":{"loans":[
        {"amount":1000000,"signed_on":"2025-03-01","uses":["设备"]},
        {"amount":{"at_least":5},"bank":{"withheld":"银行保密"}}, {}],
        "revenue":{"2024":5,"2025":{"withheld":"税务不提供"}}, "employees":{"withheld":"未授权"}}}"#;
    let (profile, lines) = read(text, Strictness::Strict);
    let profile = profile.unwrap_or_else(|| panic!("{lines:?}"));
    let loans = profile.records("loans").unwrap();
    assert!(loans.is_complete());
    assert_eq!(loans.records().len(), 3);
    assert_eq!(loans.records()[1].current("bank"), Knowledge::Unknown);
    assert_eq!(loans.records()[1].withheld("bank", None), Some("银行保密"));
    assert_eq!(profile.withheld("employees", None), Some("未授权"));
    assert_eq!(profile.withheld("revenue", Some(2025)), Some("税务不提供"));
    assert_eq!(profile.withheld("revenue", Some(2024)), None);
    assert_eq!(profile.current("employees"), Knowledge::Unknown);
    assert_eq!(read(&profile.json_text(), Strictness::Strict).0.as_ref(), Some(&profile));

    // The program's own form is JSON in receipts; one without withheld facts has no trace of them.
    let own = serde_json::to_string(&profile).unwrap();
    assert_eq!(serde_json::from_str::<Profile>(&own).unwrap(), profile);
    let plain = read(r#"{"id":"e1","facts":{"revenue":{"2024":5}}}"#, Strictness::Strict).0.unwrap();
    assert!(!serde_json::to_string(&plain).unwrap().contains("withheld"));

    let open =
        read(r#"{"id":"e1","facts":{"loans":{"known":[{"amount":1}]}}}"#, Strictness::Strict).0.unwrap();
    assert!(!open.records("loans").unwrap().is_complete());
    assert_eq!(read(&open.json_text(), Strictness::Strict).0, Some(open));
    let none = read(r#"{"id":"e1","facts":{"loans":null}}"#, Strictness::Strict).0.unwrap();
    assert!(none.records("loans").is_none());
}

#[test]
fn faults_of_records_are_named_with_their_place() {
    let cases = [
        (r#"[{"amount":"多"}]"#, "fact `loans[0].amount`: got text `多`, expected an amount"),
        (r#"[{}, {"amount":-1}]"#, "fact `loans[1].amount`: -1 is outside"),
        (r#"[5]"#, "fact `loans[0]`: got number `5`, expected a record"),
        (r#"{"some":[]}"#, "a list of records"),
        (r#"5"#, "a list of records"),
    ];
    for (value, says) in cases {
        let (profile, lines) =
            read(&format!(r#"{{"id":"e1","facts":{{"loans":{value}}}}}"#), Strictness::Normal);
        assert!(profile.is_none() && lines[0].contains(says), "{value}: {lines:?}");
    }
    // Tolerantly, a broken field is unknown, and a broken record leaves the list open.
    let tolerant = |value: &str| {
        let (profile, lines) =
            read(&format!(r#"{{"id":"e1","facts":{{"loans":{value}}}}}"#), Strictness::Tolerant);
        assert!(!lines.is_empty());
        profile.unwrap()
    };
    let broken = tolerant(r#"[{"amount":"多"},{"amount":3}]"#);
    let loans = broken.records("loans").unwrap();
    assert!(loans.is_complete() && loans.records().len() == 2);
    assert_eq!(loans.records()[0].current("amount"), Knowledge::Unknown);
    let lost = tolerant(r#"[5,{"amount":3}]"#);
    let loans = lost.records("loans").unwrap();
    assert!(!loans.is_complete() && loans.records().len() == 1);
    assert!(tolerant("5").records("loans").is_none());
    // A field that no dictionary has is a warning, and an error with strict reading.
    let odd = r#"{"id":"e1","facts":{"loans":[{"amuont":3}]}}"#;
    let (profile, lines) = read(odd, Strictness::Normal);
    assert!(profile.is_some() && lines[0].contains("did you mean `amount`?"), "{lines:?}");
    assert!(read(odd, Strictness::Strict).0.is_none());
}

#[test]
fn records_and_withheld_facts_have_limits_and_forms() {
    let many = format!(r#"{{"id":"e1","facts":{{"loans":[{}{{}}]}}}}"#, "{},".repeat(20_000));
    let (profile, lines) = read(&many, Strictness::Normal);
    assert!(profile.is_none() && lines[0].contains("at most 20000 records"), "{lines:?}");
    let (profile, lines) = read(r#"{"id":"e1","facts":{"employees":{"withheld":5}}}"#, Strictness::Normal);
    assert!(profile.is_none() && lines[0].contains("the reason as text"), "{lines:?}");
    let whole = read(r#"{"id":"e1","facts":{"revenue":{"withheld":"保密"}}}"#, Strictness::Strict).0.unwrap();
    assert_eq!(whole.withheld("revenue", Some(2025)), Some("保密"));
    assert_eq!(whole.all_withheld().count(), 1);
    let answered = whole.with_value("employees", None, Knowledge::Unknown);
    assert_eq!(answered.all_withheld().count(), 1);
}

#[test]
fn nodes_on_records_are_read_or_named() {
    for text in [
        "{some: loans}",
        "{some: loans, where: {fact: amount, at_least: 5}, count: 2, quote: 甲}",
        "{total: loans, of: amount, at_least: 5, at_most: 9}",
        "{total: loans, of: amount, where: {any: [{fact: bank, is: 甲行}, {judged: 好}]}, more_than: 5}",
    ] {
        let read = criterion(text).unwrap();
        let again = criterion(&tree(&read).json_text()).unwrap();
        assert_eq!(again, read, "{text}");
        let (canonical, report) = read_canonical(&write_canonical(&read, &dictionary()), "", &dictionary());
        assert_eq!(canonical, Some(read), "{text} {:?}", report.problems);
    }
    for (text, says) in [
        ("{some: loan}", "unknown fact `loan`, did you mean `loans`?"),
        ("{some: employees}", "a records fact, `employees` is integer"),
        (
            "{some: loans, where: {fact: employees, at_least: 1}}",
            "at `criteria.where`: unknown fact `employees`",
        ),
        ("{some: loans, where: {some: loans}}", "unknown fact `loans`"),
        ("{some: loans, count: -1}", "a whole number, 0 or more"),
        ("{some: loans, at_least: 1}", "unknown key `at_least`"),
        ("{total: loans, at_least: 1}", "`of` is missing"),
        ("{total: loans, of: bank, at_least: 1}", "with numbers: `amount`"),
        ("{total: loans, of: amount}", "an operator for the sum"),
        ("{total: loans, of: amount, has_any: [a]}", "operator `has_any` does not fit"),
        ("{fact: loans, at_least: 1}", "none: ask `{some: …}`"),
        ("{some: loans, total: loans, of: amount, at_least: 1}", "exactly one of"),
    ] {
        let error = criterion(text).unwrap_err();
        assert!(error.contains(says), "{text}\n{error}");
    }
}

#[test]
fn words_of_nodes_on_records() {
    let cases = [
        ("{some: loans, count: 2}", "贷款至少2笔", "贷款至少2笔\n"),
        (
            "{some: loans, where: {fact: amount, at_least: 1000000}}",
            "贷款中至少1笔满足（贷款金额不低于100万元）",
            "贷款中至少1笔满足下列条件：\n    一、贷款金额不低于100万元\n",
        ),
        (
            "{total: loans, of: amount, at_least: 5000000}",
            "贷款的贷款金额合计不低于500万元",
            "贷款中贷款金额合计不低于500万元\n",
        ),
        (
            "{total: loans, of: amount, where: {fact: bank, is: 甲行}, more_than: 0, at_most: 90000}",
            "贷款中满足（银行为甲行）的贷款金额合计超过0元且不超过9万元",
            "贷款中满足下列条件的贷款金额合计超过0元，且不超过9万元：\n    一、银行为“甲行”\n",
        ),
    ];
    for (text, described, canonical) in cases {
        let read = criterion(text).unwrap();
        assert_eq!(describe(&read, &dictionary()), described);
        assert_eq!(write_canonical(&read, &dictionary()), canonical);
    }
    // As a caseworker types it: other words for the same, several conditions on one record.
    let typed = "贷款中至少两笔符合下列条件：\n  贷款金额100万元以上\n  银行为“甲行”\n";
    let all =
        "{some: loans, count: 2, where: {all: [{fact: amount, at_least: 1000000}, {fact: bank, is: 甲行}]}}";
    assert_eq!(read_canonical(typed, "", &dictionary()).0, Some(criterion(all).unwrap()));
    for (typed, says) in [
        ("贷款中至少1笔满足下列条件：", "下面至少一条条件"),
        ("贷款至少1笔\n  贷款金额100万元以上", "对每一条记录的条件写"),
        ("贷款不低于3", "none: ask"),
        ("贷款中至少1笔满足下列条件：\n  人数不低于3", "能读懂的条件"),
    ] {
        let (read, report) = read_canonical(typed, "", &dictionary());
        let lines: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        assert!(read.is_none() && lines.iter().any(|line| line.contains(says)), "{typed}: {lines:?}");
    }
}

#[test]
fn thresholds_inside_and_outside_can_be_set() {
    let text = "all: [{total: loans, of: amount, where: {fact: amount, at_least: 5}, at_least: 9}, {some: loans, count: 2}]";
    let (read, dictionary) = (criterion(text).unwrap(), dictionary());
    let paths: Vec<String> = settable_values(&read, &dictionary).into_iter().map(|one| one.path).collect();
    assert_eq!(paths, ["all[0].at_least", "all[0].where.at_least", "all[1].count"]);
    let set = |text: &str| {
        let settings = [Setting::parse(text).unwrap()];
        apply_settings(&read, &settings, &dictionary, &mut Report::new("")).map(|one| tree(&one).json_text())
    };
    assert!(set("all[0].where.at_least=3万元").unwrap().contains("30000"));
    assert!(set("all[0].at_least=2万元").unwrap().contains("20000"));
    assert!(set("all[1]=7").unwrap().contains("\"count\":7"));
    assert!(set("all[0].where=null").is_some());
    assert!(set("all[0].of=bank").is_none());
}
