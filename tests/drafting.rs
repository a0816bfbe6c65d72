//! Items read from a document on the command line: drafts with corrections, their score, and the impact of a new version.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::{Value, json};

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/engine/tests/drafting/guide.docx");

fn zhaoren(data: &Path, args: &[&str]) -> Output {
    Command::cargo_bin("zhaoren").unwrap().arg("--data").arg(data).args(args).output().unwrap()
}

fn answer(data: &Path, args: &[&str]) -> Value {
    let output = zhaoren(data, &[&["--json"], args].concat());
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Index of the part of an item with these words.
fn place(item: &Value, words: &str) -> usize {
    let parts = item["parts"].as_array().unwrap();
    parts.iter().position(|part| part["text"].as_str().unwrap().contains(words)).unwrap()
}

/// A guide is proposed with two corrected conditions, signed, and the corrections are scored.
#[test]
fn corrections_of_a_guide_are_scored() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let sheet = answer(&data, &["drafts", "sheet", GUIDE]);
    let item = &sheet["items"][0];
    let (people, share) = (place(item, "20人"), place(item, "5%"));
    let ratio = item["parts"][share]["canonical"].as_str().unwrap().replace("5%", "6%");
    let decisions = json!({item["id"].as_str().unwrap(): {"parts": [
        {"part": people, "do": "correct", "criteria": "从业人数不少于10人"},
        {"part": share, "do": "correct", "criteria": ratio},
    ]}});
    let file = folder.path().join("decisions.json");
    std::fs::write(&file, decisions.to_string()).unwrap();
    let propose = ["drafts", "propose", GUIDE, "--as", "张三", "--decisions", file.to_str().unwrap()];
    assert_eq!(answer(&data, &propose)["drafts"], json!([1, 2, 3]));
    let shown = String::from_utf8(zhaoren(&data, &["drafts", "show", "1"]).stdout).unwrap();
    assert!(shown.contains("更正为") && shown.contains("从业人数不少于10人"), "{shown}");
    answer(&data, &["drafts", "approve", "1", "--as", "李四"]);
    answer(&data, &["drafts", "reject", "3", "--as", "李四"]);
    let live = answer(&data, &["search", "研发投入补贴"]);
    assert!(live["hits"].as_array().unwrap().iter().any(|hit| hit["id"] == item["id"]), "{live}");

    let lines = zhaoren(&data, &["drafts", "corrections"]).stdout;
    let labels = folder.path().join("corrections.jsonl");
    std::fs::write(&labels, &lines).unwrap();
    let score = answer(&data, &["read", "--evaluate", labels.to_str().unwrap()]);
    assert_eq!(score["total"]["trees"], json!({"hits": 0, "of": 2, "share": 0.0, "low": 0.0, "high": 0.658}));
    assert_eq!(score["differences"].as_array().unwrap().len(), 2);
    let all = String::from_utf8(zhaoren(&data, &["drafts", "corrections", "--all"]).stdout).unwrap();
    assert!(all.lines().count() > 4, "with the accepted parts of the drafts that were not sent back: {all}");
    assert_eq!(answer(&data, &["audit", "verify"])["faults"], json!([]));
}

/// An amended guide: conditions changed, who gains and loses, and what refers to the item.
#[test]
fn impact_of_an_amendment() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let item = |people: u32, max: u32| {
        json!([
            {"id": "a", "title": "甲补贴", "document": {"title": "甲办法"}, "benefit": {"kinds": ["grant"], "amount": {"max": max}},
             "criteria": {"all": [{"fact": "employees", "at_least": people}, {"fact": "registered_region", "within": ["310104"]}]}},
        ])
        .to_string()
    };
    let (old, new) = (write("old.json", &item(20, 100_000)), write("new.json", &item(10, 200_000)));
    let dependent =
        json!([{"id": "b", "title": "乙细则", "relations": [{"kind": "parent", "item": "a"}]}]).to_string();
    let dependents = write("b.json", &dependent);
    let interpretation =
        write("解读.txt", "《甲办法》政策解读\n\n一、问：何人可以申请？\n答：在本区注册的企业。\n");
    zhaoren(&data, &["import", &old, &dependents, &interpretation]);
    let enterprise = |id: &str, people: u32, region: &str| {
        json!({"id": id, "facts": {"employees": people, "registered_region": region}}).to_string()
    };
    let rows =
        [enterprise("e1", 15, "310104"), enterprise("e2", 30, "310104"), enterprise("e3", 15, "310115")];
    let table = write("e.jsonl", &rows.join("\n"));
    let report = answer(&data, &["impact", &old, &new, &table, "--as-of", "2026-07-01"]);
    let changed = &report["items"][0];
    assert_eq!(
        (&changed["change"], &changed["gained_ids"], &changed["lost"]),
        (&json!("changed"), &json!(["e1"]), &json!(0))
    );
    assert_eq!((&changed["before"]["eligible"], &changed["after"]["eligible"]), (&json!(1), &json!(2)));
    assert_eq!(changed["criteria"]["changed"].as_array().unwrap().len(), 1, "{changed}");
    assert_eq!(changed["criteria"]["kept"].as_array().unwrap().len(), 1);
    assert_eq!(changed["fields"][0]["field"], "支持内容");
    let hangs: Vec<(&str, &str)> = report["dependents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["kind"].as_str().unwrap(), one["on"].as_str().unwrap()))
        .collect();
    assert_eq!(hangs, [("interpretation", "甲办法"), ("parent", "a")]);
    // The item of the catalogue, the other way round, in words.
    let back = zhaoren(&data, &["impact", "a", &new, &table]);
    assert!(String::from_utf8_lossy(&back.stdout).contains("新符合 1，不再符合 0"));
    // A repealed item: all that qualified lose; an unchanged one is not listed.
    let gone =
        write("gone.json", &json!([{"id": "c", "title": "丙"}, {"id": "d", "title": "丁"}]).to_string());
    let removed = answer(&data, &["impact", &old, &gone, &table]);
    let kinds: Vec<&Value> = removed["items"].as_array().unwrap().iter().map(|one| &one["change"]).collect();
    assert_eq!(kinds, ["removed", "new", "new"]);
    assert_eq!(removed["items"][0]["lost_ids"], json!(["e2"]));
    assert_eq!(answer(&data, &["impact", &old, &old, &table])["items"], json!([]));
    // Documents: the guide against a stricter edition of it.
    let guide = std::fs::read_to_string(GUIDE.replace(".docx", ".txt")).unwrap();
    let stricter = write("新指南.txt", &guide.replace("20人", "50人"));
    let documents = answer(&data, &["impact", GUIDE, &stricter, &table]);
    for item in documents["items"].as_array().unwrap() {
        assert_eq!(
            item["criteria"]["changed"],
            json!([["从业人数不低于20人", "从业人数不低于50人"]]),
            "{item}"
        );
    }
    assert!(documents["items"][0]["title"] == "研发投入补贴", "{documents}");
    assert_eq!(zhaoren(&data, &["impact", "no-such-item", &new, &table]).status.code(), Some(2));
}

/// A quantity that no fact means is proposed once for all drafts that need it, as an entry that the dictionary takes.
#[test]
fn proposals_that_say_the_same_are_offered_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let guide = std::fs::read_to_string(GUIDE.replace(".docx", ".txt")).unwrap();
    let path = folder.path().join("guide.txt");
    let text = guide.replace("3.从业人数不少于20人。", "3.上年度服务中小企业数量不少于200家。");
    std::fs::write(&path, text).unwrap();
    answer(&data, &["drafts", "propose", path.to_str().unwrap(), "--as", "张三"]);
    let facts = answer(&data, &["drafts", "facts"]);
    let facts = facts.as_array().unwrap();
    assert_eq!(facts.len(), 1, "{facts:?}");
    assert_eq!((&facts[0]["type"], facts[0]["quotes"].as_array().unwrap().len()), (&json!("integer"), 1));
    let entries = String::from_utf8(zhaoren(&data, &["drafts", "facts", "--dictionary"]).stdout).unwrap();
    let dictionary = folder.path().join("facts.yaml");
    std::fs::write(&dictionary, entries).unwrap();
    let key = facts[0]["key"].as_str().unwrap();
    let profile = folder.path().join("e.json");
    std::fs::write(&profile, json!({"id": "e", "facts": {key: {"2025": 300}}}).to_string()).unwrap();
    let matched = zhaoren(
        &data,
        &[
            "match",
            profile.to_str().unwrap(),
            "--facts",
            dictionary.to_str().unwrap(),
            "--as-of",
            "2026-07-01",
        ],
    );
    let told = String::from_utf8_lossy(&matched.stderr).into_owned();
    assert!(matched.status.success() && !told.contains(key), "{told}");
}

/// A fact that the dictionary lacks is accepted on the command line: profiles, tables and questions use it from then on, and the audit
/// says who accepted it.
#[test]
fn an_accepted_fact_is_used_by_profiles_and_tables() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let guide = include_str!("../crates/engine/tests/drafting/unread.txt")
        .replace("2.在编人手不低于20人的优先。", "2.标准化车间面积不少于500平方米。");
    let guide = write("指南.txt", &guide);
    assert_eq!(answer(&data, &["drafts", "propose", &guide, "--as", "张三"])["drafts"], json!([1]));
    let facts = answer(&data, &["drafts", "facts"]);
    let key = facts[0]["key"].as_str().unwrap();
    let accept = ["drafts", "accept-fact", key, "--as", "李四", "--key", "workshop_area"];
    assert_eq!(answer(&data, &accept)["drafts"], json!([1]));
    assert!(!zhaoren(&data, &accept).status.success(), "there is no such proposal any more");
    let approved = answer(&data, &["drafts", "approve", "1", "--as", "王五"]);
    let item = approved["item"].as_str().unwrap();
    let known = String::from_utf8(zhaoren(&data, &["facts"]).stdout).unwrap();
    assert!(known.contains("workshop_area"), "{known}");

    let fact = |area: &str| {
        format!("{{\"registered_region\": \"430603\", \"is_legal_person\": true, \"employees\": 9{area}}}")
    };
    let profile =
        |name: &str, area: &str| write(name, &format!("{{\"id\": \"e\", \"facts\": {}}}", fact(area)));
    let verdict = |profile: &str| {
        let report = answer(&data, &["match", profile, "--all", "--limit", "1000"]);
        let found = report["matches"].as_array().unwrap().iter().find(|one| one["title"] == "场地补贴");
        found.map(|one| one["verdict"].as_str().unwrap().to_owned())
    };
    assert_eq!(verdict(&profile("yes.json", ", \"workshop_area\": 500")).as_deref(), Some("eligible"));
    assert_eq!(verdict(&profile("no.json", ", \"workshop_area\": 499.5")).as_deref(), Some("ineligible"));
    let open = profile("open.json", "");
    assert_eq!(verdict(&open).as_deref(), Some("undetermined"));
    let plan = answer(&data, &["ask", &open, "--limit", "500"]);
    let asked = plan["questions"].as_array().unwrap().iter().any(|one| one["fact"] == "workshop_area");
    assert!(asked, "{plan}");
    let saved = zhaoren(
        &data,
        &["enterprises", "save", &profile("yes.json", ", \"workshop_area\": 500"), "--source", "填报"],
    );
    assert!(saved.status.success(), "{}", String::from_utf8_lossy(&saved.stderr));
    let table = write(
        "e.csv",
        "id,从业人数,标准化车间面积（平方米）,注册地,独立法人资格\na,9,600,430603,是\nb,9,20,430603,是\n",
    );
    let out = folder.path().join("list");
    let pushed = zhaoren(&data, &["push", &table, "--out", out.to_str().unwrap(), "--format", "csv"]);
    assert!(pushed.status.success(), "{}", String::from_utf8_lossy(&pushed.stderr));
    let rows = std::fs::read_to_string(out.join("matches.csv")).unwrap();
    assert!(rows.contains(&format!("a,{item},eligible")) && !rows.contains(&format!("b,{item}")), "{rows}");
    let audit = String::from_utf8(zhaoren(&data, &["audit", "list"]).stdout).unwrap();
    assert!(audit.contains("fact.accept") && audit.contains("李四"), "{audit}");
}

/// Tags of live items by another taxonomy: shown as a difference, and proposed for a review.
#[test]
fn a_new_taxonomy_retags_with_a_difference() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let taxonomy = folder.path().join("tags.yaml");
    let text = "version: 7\ntags:\n- {dimension: theme, tag: 罕见主题, words: [专精特新]}\n";
    std::fs::write(&taxonomy, text).unwrap();
    let file = taxonomy.to_str().unwrap();
    let shown = answer(&data, &["drafts", "retag", "--taxonomy", file]);
    let changes = shown["changes"].as_array().unwrap();
    assert!(!changes.is_empty() && shown["drafts"] == json!([]), "{shown}");
    assert_eq!(changes[0]["added"][0], json!({"tag": "罕见主题", "dimension": "theme", "word": "专精特新"}));
    let proposed = answer(&data, &["drafts", "retag", "--taxonomy", file, "--as", "张三"]);
    assert_eq!(proposed["drafts"].as_array().unwrap().len(), changes.len(), "{proposed}");
    answer(&data, &["drafts", "approve", "1", "--as", "李四"]);
    let left = answer(&data, &["drafts", "retag", "--taxonomy", file]);
    assert_eq!(left["changes"].as_array().unwrap().len(), changes.len() - 1);
    std::fs::write(&taxonomy, "version: 0\n").unwrap();
    assert!(!zhaoren(&data, &["drafts", "retag", "--taxonomy", file]).status.success());
}
