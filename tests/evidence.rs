//! Quotes end to end: located in the source text, shown with their bytes, rejected when the text changes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::serving;

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

const RULES: &str = "某区机器人扶持办法\n某府规〔2025〕3号\n\n第一条 为促进发展，制定本办法。\n\n第二条 申请企业应当符合下列条件：\n（一）在本区注册；\n\
    （二）注册成立\n一年以上；\n（三）近三年研发费用不低于５０万元。\n\n第三条 本办法自发布之日起施行。\n";

/// Two items based on the rules and an independent one, in one file.
const ITEMS: &str = "\
- id: robot-subsidy
  title: 机器人补贴
  document: {title: 某区机器人扶持办法, text: rules.txt}
  criteria:
    all:
      - fact: established_on
        for_at_least: 12 months
        quote: 注册成立一年以上
        article: 第二条（二）
      - quote: 近三年研发费用不低于50万元
        article: 第二条（三）
        any:
          - {fact: rd_expense, at_least: 500000}
          - {judged: 研发费用经核定}
- id: robot-zone
  title: 机器人专区
  document: {number: '某府规[2025]3'}
  criteria: {judged: 在本区註冊, quote: 在本区註冊；, article: 第三条}
- {id: robot-free, title: 机器人服务, criteria: {judged: 有需求}}
";

fn zhaoren(data: &Path, args: &[&str]) -> Output {
    Command::cargo_bin("zhaoren").unwrap().arg("--json").arg("--data").arg(data).args(args).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", stderr(output)))
}

/// A folder with a text, items that quote it, and a profile.
struct Case {
    folder: TempDir,
    data: TempDir,
}

impl Case {
    fn new(text: &str, items: &str) -> Self {
        let case = Self { folder: tempfile::tempdir().unwrap(), data: serving::filled() };
        case.write("rules.txt", text);
        case.write("items.yaml", items);
        case.write(".profile.json", r#"{"id": "p", "facts": {}}"#);
        case
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn run(&self, args: &[&str]) -> Output {
        zhaoren(self.data.path(), args)
    }

    fn import(&self, name: &str) -> Output {
        self.run(&["import", &self.path(name)])
    }

    /// Matches of the items whose id begins with `robot`.
    fn robots(&self, policies: Option<&str>) -> (Vec<Value>, Output) {
        let path = policies.map(|name| self.path(name));
        self.matches(&path.as_deref().map_or(vec![], |path| vec!["--policies", path]))
    }

    /// The same matches with an additional fact definition, so that the items are loaded again.
    fn robots_with_a_fact(&self) -> (Vec<Value>, Output) {
        self.write(".facts.yaml", "- {key: robots, name: 机器人台数, type: integer}\n");
        self.matches(&["--facts", &self.path(".facts.yaml")])
    }

    fn matches(&self, more: &[&str]) -> (Vec<Value>, Output) {
        let profile = self.path(".profile.json");
        let mut args = vec!["match", &profile, "--all", "--limit", "1000", "--as-of", "2026-11-23"];
        args.extend(more);
        let output = self.run(&args);
        let mut matches: Vec<Value> = json(&output)["matches"].as_array().unwrap().clone();
        matches.retain(|one| one["policy"].as_str().unwrap().starts_with("robot"));
        matches.sort_by_key(|one| one["policy"].as_str().unwrap().to_owned());
        (matches, output)
    }
}

fn ids(matches: &[Value]) -> Vec<&str> {
    matches.iter().map(|one| one["policy"].as_str().unwrap()).collect()
}

/// Part of `text` at the location that a clause gives for its quote.
fn received<'a>(text: &'a str, clause: &Value) -> &'a str {
    let at = |key: &str| usize::try_from(clause["source"][key].as_u64().unwrap()).unwrap();
    &text[at("start")..at("end")]
}

#[test]
fn reasons_lead_to_the_bytes_of_their_sentences() {
    let case = Case::new(RULES, ITEMS);
    let imported = case.import("");
    assert!(imported.status.success(), "{}", stderr(&imported));
    let warned =
        "事项 `robot-zone`：`criteria.quote`：提示：原文“在本区註冊；”在文件 `rules` 的 `第二条（一）`";
    assert!(stderr(&imported).contains(&format!("items.yaml:18: {warned}")), "{}", stderr(&imported));
    for policies in [None, Some("")] {
        let (matches, output) = case.robots(policies);
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(ids(&matches), ["robot-free", "robot-subsidy", "robot-zone"]);
        assert!(matches[0]["clauses"][0].get("source").is_none(), "no document, no place");
        let clauses = matches[1]["clauses"].as_array().unwrap();
        assert_eq!(received(RULES, &clauses[0]), "注册成立\n一年以上");
        let source = &clauses[0]["source"];
        assert_eq!((&source["document"], &source["article"]), (&"rules".into(), &"第二条（二）".into()));
        assert_eq!(source["path"], serde_json::json!(["第二条", "（二）"]));
        for clause in &clauses[1..] {
            assert_eq!(clause["quote"], "近三年研发费用不低于50万元");
            assert_eq!(
                received(RULES, clause),
                "近三年研发费用不低于５０万元",
                "inherited with the quote: {clause}"
            );
        }
        assert_eq!(clauses.len(), 4);
        assert_eq!(received(RULES, &matches[2]["clauses"][0]), "在本区注册；");
    }
}

#[test]
fn item_files_import_the_texts_they_name() {
    let case = Case::new(RULES, ITEMS);
    let imported = case.import("items.yaml");
    assert!(imported.status.success(), "{}", stderr(&imported));
    assert_eq!(json(&imported)["documents"]["new"], 1);
    std::fs::remove_file(case.folder.path().join("rules.txt")).unwrap();
    let (matches, _) = case.robots(None);
    assert_eq!(received(RULES, &matches[1]["clauses"][0]), "注册成立\n一年以上", "kept as received");
    let (matches, output) = case.robots(Some("items.yaml"));
    assert!(output.status.success() && matches.len() == 3, "without its text there is nothing to look in");
    assert!(stderr(&output).contains("items.yaml:3: 事项 `robot-subsidy`：`document.text`：提示："));
    assert!(matches[1]["clauses"][0].get("source").is_none());
}

#[test]
fn changed_characters_refuse_the_item_until_repaired() {
    let case = Case::new(RULES, ITEMS);
    let changed = RULES.replace("一年以上", "二年以上");
    let both =
        "文件 `rules` 中没有原文“注册成立一年以上”；最接近的是“注册成立二年以上”（第二条（二）），原文字节 ";
    // imported together with its text
    case.write("rules.txt", &changed);
    let (matches, output) = case.robots(Some("items.yaml"));
    assert_eq!((output.status.code(), ids(&matches)), (Some(1), vec!["robot-free", "robot-zone"]));
    assert!(
        stderr(&output)
            .contains(&format!("items.yaml:8: 事项 `robot-subsidy`：`criteria.all[0].quote`：{both}")),
        "{}",
        stderr(&output)
    );
    let imported = case.import("");
    assert_eq!((imported.status.code(), &json(&imported)["items"]["new"]), (Some(1), &2.into()));
    assert!(stderr(&imported).contains(both), "{}", stderr(&imported));
    assert_eq!(ids(&case.robots(None).0), ["robot-free", "robot-zone"]);
    // corrected
    case.write("rules.txt", RULES);
    assert!(case.import("").status.success());
    assert_eq!(case.robots(None).0.len(), 3);
    // changed under an existing item: reported once by the import and whenever the item is left out
    case.write("rules.txt", &changed);
    let imported = case.import("rules.txt");
    assert_eq!(imported.status.code(), Some(1));
    assert!(
        stderr(&imported).contains(both) && json(&imported)["documents"]["changed"] == 1,
        "{}",
        stderr(&imported)
    );
    for facts in [false, true] {
        let (matches, output) = if facts { case.robots_with_a_fact() } else { case.robots(None) };
        assert_eq!((output.status.code(), ids(&matches)), (Some(1), vec!["robot-free", "robot-zone"]));
        assert_eq!(stderr(&output).matches(both).count(), 1, "{}", stderr(&output));
    }
    // an item that agrees with the changed text
    let agreeing = ITEMS.replace("注册成立一年以上", "注册成立二年以上").replace("12 months", "24 months");
    case.write("items.yaml", &agreeing);
    assert!(case.import("items.yaml").status.success());
    let (matches, _) = case.robots(None);
    assert_eq!(received(&changed, &matches[1]["clauses"][0]), "注册成立\n二年以上");
    // and the original text makes it invalid again
    case.write("rules.txt", RULES);
    assert_eq!(case.import("rules.txt").status.code(), Some(1));
    assert_eq!(ids(&case.robots(None).0), ["robot-free", "robot-zone"]);
}

#[test]
fn quotes_are_found_in_damaged_and_traditional_texts() {
    for (text, expected) in [
        (RULES.replace("注册", "注(zhù)册"), "注(zhù)册成立\n一年以上"),
        (RULES.replace("注册", "註冊").replace("条", "條").replace("发", "發"), "註冊成立\n一年以上"),
        (RULES.replace('\n', "\r\n"), "注册成立\r\n一年以上"),
        (RULES.replace("注册成立\n一年", "注册 成立\u{3000}一\n年"), "注册 成立\u{3000}一\n年以上"),
    ] {
        let case = Case::new(&text, ITEMS);
        let (matches, output) = case.robots(Some("items.yaml"));
        assert_eq!(received(&text, &matches[1]["clauses"][0]), expected, "{}", stderr(&output));
        assert!(case.import("").status.success());
        assert_eq!(received(&text, &case.robots(None).0[1]["clauses"][0]), expected);
    }
}

#[test]
fn texts_of_the_same_name_are_distinguished() {
    let case = Case::new(RULES, ITEMS);
    std::fs::create_dir_all(case.folder.path().join("other")).unwrap();
    case.write("other/rules.txt", "第一条 机器人企业给予奖励。");
    case.write(
        "other/items.yaml",
        "{id: robot-other, title: 奖励, document: {text: rules.txt}, criteria: {judged: 甲, quote: 机器人企业给予奖励}}",
    );
    assert!(case.import("items.yaml").status.success());
    let imported = case.import("other/items.yaml");
    assert!(imported.status.success(), "{}", stderr(&imported));
    let (matches, _) = case.robots(None);
    assert_eq!(ids(&matches), ["robot-free", "robot-other", "robot-subsidy", "robot-zone"]);
    assert_eq!(received("第一条 机器人企业给予奖励。", &matches[1]["clauses"][0]), "机器人企业给予奖励");
    assert_ne!(matches[1]["clauses"][0]["source"]["document"], "rules");
    assert_eq!(matches[2]["clauses"][0]["source"]["document"], "rules");
}

#[test]
fn unsatisfiable_criteria_are_named_before_matching() {
    let impossible = "- {id: robot-never, title: 甲, excludes: [cn-hnte-2016, robot-gone], criteria: {all: [{fact: employees, less_than: 3}, \
         {fact: employees, more_than: 5}]}}\n";
    let case = Case::new(RULES, impossible);
    let (matches, output) = case.robots(Some("items.yaml"));
    assert!(output.status.success() && matches.len() == 1, "a warning only");
    let said = stderr(&output);
    assert!(said.contains("事项 `robot-never`：提示： `criteria`不可能满足："), "{said}");
    assert!(said.contains("没有事项 `robot-gone`") && !said.contains("cn-hnte-2016"), "{said}");
    let imported = stderr(&case.import("items.yaml"));
    for line in said.lines() {
        assert!(imported.contains(line), "an import says the same: {line}\n{imported}");
    }
}
