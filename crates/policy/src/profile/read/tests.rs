//! Tests of the reading of profiles.

use super::*;
use crate::syntax::json;
use jiff::civil::date;

fn read(text: &str, strict: bool) -> (Option<Profile>, Vec<String>) {
    let mut report = Report::new("p.json");
    let profile = Profile::read(&json(text).unwrap(), FactDictionary::built_in(), strict, &mut report);
    (profile, report.problems.iter().map(ToString::to_string).collect())
}

fn refused(facts: &str) -> String {
    let (profile, lines) = read(&format!(r#"{{"id":"e1","facts":{facts}}}"#), false);
    assert!(profile.is_none(), "{facts} was accepted: {lines:?}");
    lines.join("\n")
}

#[test]
fn reads_every_form_of_value() {
    let (profile, lines) = read(
        r#"{"id":"e1","name":"甲","extra":{"kept":1},"facts":{
            "registered_region":"310104","industry":"I6513","established_on":"2019-03-12",
            "employees":{"at_least":80},"revenue":{"2024":30100000,"2025":{"at_least":1,"at_most":9}},
            "qualifications":[{"tag":"高新技术企业","from":"2023-01-01","until":"2025-12-31"},"软件企业"],
            "emerging_fields":{"has":["新材料"],"lacks":["生物"]},"taxes_paid":null},
           "judged":{"具有较强的创新能力":true}}"#,
        true,
    );
    assert_eq!(lines, Vec::<String>::new());
    let profile = profile.unwrap();
    assert_eq!(profile.yearly("revenue", 2024).number(), Number::parse("30100000").as_ref());
    assert_eq!(profile.yearly("revenue", 2023), Knowledge::Unknown);
    let titles = profile.tags("qualifications").unwrap();
    assert_eq!(titles.holds("高新技术企业", date(2025, 12, 31)), Some(true));
    assert_eq!(titles.holds("高新技术企业", date(2026, 1, 1)), Some(false));
    assert_eq!(titles.holds("科技型中小企业", date(2026, 1, 1)), Some(false));
    let fields = profile.tags("emerging_fields").unwrap();
    assert_eq!(fields.holds("生物", date(2026, 1, 1)), Some(false));
    assert_eq!(fields.holds("新能源", date(2026, 1, 1)), None);
    assert_eq!(profile.judgement("具有较强的创新能力"), Some(true));
    assert!(profile.tags("parks").is_none());
}

#[test]
fn refuses_wrong_types_and_names_them() {
    assert_eq!(
        refused(r#"{"employees":"八十六"}"#),
        "p.json:1: enterprise `e1`: fact `employees`: got text `八十六`, expected an integer"
    );
    assert!(refused(r#"{"employees":86.5}"#).contains("got number `86.5`, expected an integer"));
    assert!(refused(r#"{"employees":-1}"#).contains("-1 is outside 0 and above"));
    assert!(refused(r#"{"established_on":"2023-02-30"}"#).contains("expected a date that exists"));
    assert!(refused(r#"{"revenue":5}"#).contains("one value per fiscal year"));
    assert!(refused(r#"{"revenue":{"25":5}}"#).contains("a year of four digits"));
    assert!(
        refused(r#"{"employees":{"at_least":9,"at_most":3}}"#).contains("range from 9 to 3 holds no value")
    );
    assert!(refused(r#"{"employees":{"over":9}}"#).contains("unknown key `over`"));
    assert!(refused(r#"{"industry":"软件"}"#).contains("expected an industry code"));
    assert!(refused(r#"{"qualifications":{"has":["软件企业"],"lacks":["软件企业"]}}"#).contains("both"));
    assert!(refused(r#"{"qualifications":"软件企业"}"#).contains("a list of tags"));
    assert!(refused(r#"{"abnormal_list":0}"#).contains("expected true or false"));
}

/// An id with invisible characters is refused, naming character and position; so is one that looks like another
/// of the file. A credit code is recognised in any notation.
#[test]
fn indistinguishable_ids_are_refused() {
    let (profile, lines) = read("{\"id\":\"e\\u202e1\"}", false);
    assert!(profile.is_none());
    assert_eq!(
        lines,
        [
            "p.json:1: enterprise `e\\u{202e}1`: at `id`: 标识的第 2 个字符 U+202E 是看不见的字符（零宽、方向控制或填充），不能用"
        ]
    );
    let mut report = Report::new("p.jsonl");
    let mut ids = |id: &str| {
        let node = json(&format!("{{\"id\":\"{id}\"}}")).unwrap();
        Profile::read(&node, FactDictionary::built_in(), false, &mut report).map(|profile| profile.id)
    };
    assert_eq!(ids("e1").as_deref(), Some("e1"));
    assert_eq!(ids("e1").as_deref(), Some("e1"));
    assert_eq!(ids("Ｅ1"), None);
    assert_eq!(ids("91310104ma1fr000x6").as_deref(), Some("91310104MA1FR000X6"));
    assert_eq!(ids("9131 0104 MA1F R000 X6").as_deref(), Some("91310104MA1FR000X6"));
    let lines: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "p.jsonl:1: enterprise `Ｅ1`: at `id`: 标识 `Ｅ1` 与已有的 `e1` 看起来相同（只差大小写、全角半角或空白）"
        ]
    );
    assert!(
        read(&format!("{{\"id\":\"{}\"}}", "长".repeat(8_000)), false).1[0]
            .contains("8000 个字符，至多 200 个")
    );
}

#[test]
fn an_unknown_fact_is_a_warning_unless_strict() {
    let text = r#"{"id":"e1","facts":{"employes":3}}"#;
    let (profile, lines) = read(text, false);
    assert!(profile.is_some());
    assert!(lines[0].contains("warning: unknown fact `employes`, did you mean `employees`?"), "{lines:?}");
    assert!(read(text, true).0.is_none());
    assert!(read(r#"{"facts":{}}"#, false).1[0].contains("`id` is missing"));
    assert!(read("[1]", false).0.is_none());
}
