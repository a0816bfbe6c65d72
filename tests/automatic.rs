//! `zhaoren automatic`: enterprises whose automatic supports are proven by the data of authorities, and the proof that is missing for
//! the others.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use zhaoren_engine::today;

const ITEM: &str = "id: auto-grant
title: 样例免申补贴
document: {title: 样例办法, effective: 2020-01-01}
delivery: automatic
review: {mark: V, source: 样例办法}
benefit: {kinds: [grant], amount: {text: 每家1000元}}
criteria: {all: [{fact: si_insured, at_least: 10}, {fact: abnormal_list, is: false}]}
";

struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let house = Self { folder: tempfile::tempdir().unwrap() };
        std::fs::write(house.path("item.yaml"), ITEM).unwrap();
        house.run(&["import", house.path("item.yaml").to_str().unwrap()]);
        house
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn output(&self, arguments: &[&str]) -> Output {
        let mut command = Command::cargo_bin("zhaoren").unwrap();
        command.arg("--data").arg(self.folder.path().join("data")).args(arguments).output().unwrap()
    }

    #[track_caller]
    fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Stores facts of an enterprise as statements of a source.
    fn save(&self, id: &str, facts: &str, source: &str) {
        let file: &Path = &self.path("e.json");
        std::fs::write(file, format!("{{\"id\": \"{id}\", \"name\": \"{id}公司\", \"facts\": {facts}}}"))
            .unwrap();
        self.run(&["enterprises", "save", file.to_str().unwrap(), "--source", source]);
    }

    /// Lines of the item by enterprise: the decision and the words.
    fn lines(&self, more: &[&str]) -> Vec<(String, String, String)> {
        let day = today().to_string();
        let report = self.run(&[&["--json", "automatic", "--as-of", &day, "--until", &day], more].concat());
        let report: Value = serde_json::from_str(&report).unwrap();
        let lines = report["lines"].as_array().unwrap().iter().filter(|line| line["policy"] == "auto-grant");
        let text = |line: &Value| {
            let words: Vec<&str> =
                line["text"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
            words.join("；")
        };
        let word = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
        lines.map(|line| (word(line, "enterprise"), word(line, "decision"), text(line))).collect()
    }
}

const OFFICES: [&str; 4] = ["--office", "社保接口=人社", "--office", "登记接口=市场监管"];

#[test]
fn only_what_authorities_have_stated_is_proven() {
    let house = House::new();
    let whole = r#"{"si_insured": 12, "abnormal_list": false}"#;
    // Both registers say it.
    house.save("E1", r#"{"si_insured": 12}"#, "社保接口");
    house.save("E1", r#"{"abnormal_list": false}"#, "登记接口");
    // The enterprise alone says one of the two.
    house.save("E2", r#"{"si_insured": 12}"#, "企业填报");
    house.save("E2", r#"{"abnormal_list": false}"#, "登记接口");
    // The enterprise says another number than the register.
    house.save("E3", r#"{"si_insured": 12}"#, "社保接口");
    house.save("E3", whole.replace("12", "15").as_str(), "企业填报");
    house.save("E3", r#"{"abnormal_list": false}"#, "登记接口");
    // Not eligible, and open: no candidates.
    house.save("E4", r#"{"si_insured": 9, "abnormal_list": false}"#, "社保接口");
    house.save("E5", r#"{"si_insured": 12}"#, "社保接口");
    let lines = house.lines(&OFFICES);
    let [(e1, d1, w1), (e2, d2, w2), (e3, d3, w3)] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((e1.as_str(), d1.as_str(), w1.as_str()), ("E1", "proven", ""));
    assert_eq!((e2.as_str(), d2.as_str()), ("E2", "blocked"));
    assert!(w2.contains("社保参保人数") && w2.contains("企业填报") && w2.contains("人社"), "{w2}");
    assert_eq!((e3.as_str(), d3.as_str()), ("E3", "blocked"));
    assert!(w3.contains("不一致"), "{w3}");
    // A source that speaks for no office proves nothing.
    assert!(house.lines(&[]).iter().all(|(_, decision, _)| decision == "blocked"));
    // For people: counts of the item, the enterprise that is proven, and the one missing proof.
    let day = today().to_string();
    let text = house.run(&[&["automatic", "--as-of", &day, "--until", &day], &OFFICES[..]].concat());
    for word in ["样例免申补贴", "可免申 1 家", "只差一项证明 2 家", "✓ E1 E1公司", "待企业确认意愿"]
    {
        assert!(text.contains(word), "{word} in {text}");
    }
}

#[test]
fn readiness_names_the_step_that_releases_items_and_taking_it_releases_them() {
    let house = House::new();
    // Items that are applied for today are judged too.
    let applied = ITEM.replace("auto-grant", "applied-grant").replace("delivery: automatic\n", "");
    std::fs::write(house.path("applied.yaml"), applied).unwrap();
    house.run(&["import", house.path("applied.yaml").to_str().unwrap()]);
    for id in ["E1", "E2"] {
        house.save(id, r#"{"si_insured": 12}"#, "企业填报");
        house.save(id, r#"{"abnormal_list": false}"#, "登记接口");
    }
    let day = today().to_string();
    let of_day = ["automatic", "--readiness", "--as-of", &day, "--until", &day];
    let registry = ["--office", "登记接口=市场监管"];
    let report: Value =
        serde_json::from_str(&house.run(&[&["--json"], &of_day[..], &registry].concat())).unwrap();
    let step = &report["steps"][0];
    assert_eq!((&step["step"], &step["office"]), (&"connect".into(), &"人社".into()), "{report}");
    assert_eq!((&step["enterprises"], &step["pairs"]), (&2.into(), &4.into()));
    assert_eq!(step["new_items"], serde_json::json!(["applied-grant", "auto-grant"]));
    let text = house.run(&[&of_day[..], &registry].concat());
    assert!(text.contains("接入人社的数据：新增 2 项事项、2 家企业可免申（4 家次）"), "{text}");
    // The step is taken: the office confirms what the enterprises said.
    for id in ["E1", "E2"] {
        house.save(id, r#"{"si_insured": 12}"#, "社保接口");
    }
    let after: Value =
        serde_json::from_str(&house.run(&[&["--json"], &of_day[..], &OFFICES].concat())).unwrap();
    let proven = |id: &str| {
        let items = after["items"].as_array().unwrap();
        items.iter().find(|item| item["item"] == id).unwrap()["proven"].clone()
    };
    assert_eq!((proven("applied-grant"), proven("auto-grant")), (2.into(), 2.into()));
    assert!(after["steps"].as_array().unwrap().is_empty(), "{after}");
}

#[test]
fn declined_and_paid_supports_and_other_days_are_blocked_or_refused() {
    let house = House::new();
    house.save("E1", r#"{"si_insured": 12, "abnormal_list": false}"#, "总库");
    let offices = ["--office", "总库=人社"];
    // The register of one office proves nothing that another office holds.
    let lines = house.lines(&offices);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].2.contains("经营异常名录") && !lines[0].2.contains("社保参保人数"), "{lines:?}");
    house.run(&["opt-outs", "add", "E1", "--item", "auto-grant"]);
    assert!(house.lines(&offices)[0].2.contains("已表示不享受"), "{:?}", house.lines(&offices));
    // Nothing is proven before it was recorded, and a payment lies at most a month ahead.
    let refused = |as_of: &str, until: &str| {
        let output = house.output(&["automatic", "--as-of", as_of, "--until", until]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(refused("2026-07-02", "2026-07-01").contains("不早于"));
    assert!(refused("2026-07-01", "2026-09-01").contains("31 天"));
    let unknown = house.output(&["automatic", "--as-of", "2098-01-01"]);
    assert!(
        String::from_utf8_lossy(&unknown.stderr).contains("2098 年的放假安排"),
        "a year without holidays is named"
    );
    let wrong = house.output(&["automatic", "--office", "人社"]);
    assert_eq!(wrong.status.code(), Some(2));
}
