//! Walks at the terminal and over HTTP.

use serde_json::{Value, json};

use crate::serving::{self, Server};

use super::{SAMPLES, answer, program, said};

/// A new notice came in as a Word file: read, proposed by one person, signed by another, found by a search, and its enterprises named.
#[test]
fn a_notice_comes_in() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/crates/engine/tests/drafting/guide.docx");
    assert!(said(&data, &["read", guide]).contains("研发投入补贴"));
    let proposed = answer(&data, &["drafts", "propose", guide, "--as", "张三"]);
    let drafts = proposed["drafts"].as_array().unwrap().len();
    assert!(drafts >= 1, "{proposed}");
    let own = program(&data, &["drafts", "approve", "1", "--as", "张三"]);
    assert!(!own.status.success(), "the author cannot sign");
    said(&data, &["drafts", "approve", "1", "--as", "李四"]);
    let found = answer(&data, &["search", "研发投入补贴"]);
    let id = found["hits"][0]["id"].as_str().unwrap().to_owned();
    assert!(found["hits"][0]["title"].as_str().unwrap().contains("研发投入补贴"), "{found}");
    let who = answer(&data, &["find", &id, SAMPLES, "--as-of", "2026-07-01"]);
    let count = |key: &str| who[key].as_u64().unwrap();
    assert_eq!(
        count("eligible") + count("undetermined") + count("ineligible"),
        count("enterprises"),
        "{who}"
    );
    assert_eq!(answer(&data, &["audit", "verify"])["faults"], json!([]));
}

/// The developer of a portal has the document of the API alone: a firm is matched, asked one question and matched again; its facts are
/// stored, and the page behind a row has a guide and a basis.
#[test]
fn the_developer_of_a_portal() {
    let data = serving::filled();
    let server = Server::over(data.path(), &[]);
    let (status, document) = server.ask("GET", "/openapi.json", "");
    assert_eq!(status, 200);
    let has = |path: &str, method: &str| document["paths"][path][method]["operationId"].is_string();
    for (path, method) in [
        ("/v1/match", "post"),
        ("/v1/questions", "post"),
        ("/v1/enterprises/{id}/facts", "put"),
        ("/v1/enterprises/{id}/match", "get"),
        ("/v1/policies/{id}", "get"),
        ("/v1/changes", "get"),
    ] {
        assert!(has(path, method), "{method} {path}");
    }
    let mut profile = json!({"id": "portal-1", "name": "样例", "facts": {"registered_region": "310104", "industry": "6513", "employees": 20}});
    let light = "/v1/match?as_of=2026-07-01&explain=false&bundle=false&limit=10&facts=true";
    let (status, first) = server.ask("POST", light, &profile.to_string());
    assert_eq!((status, first["matches"].as_array().unwrap().len()), (200, 10), "{first}");
    // Words for a screen stand beside each key: names, units and choices of the facts that are missing.
    let missing =
        first["matches"].as_array().unwrap().iter().find_map(|one| one["missing"][0].as_str()).unwrap();
    let named = first["facts"].as_array().map_or_else(
        || first["facts"].get(missing).is_some(),
        |facts| facts.iter().any(|fact| fact["key"] == missing),
    );
    assert!(named, "{missing} has no name in {}", first["facts"]);
    let (status, plan) = server.ask("POST", "/v1/questions?as_of=2026-07-01&limit=1", &profile.to_string());
    assert_eq!(status, 200);
    let before = plan["undetermined"].as_u64().unwrap();
    let question = &plan["questions"][0];
    let key = question["fact"].as_str().unwrap();
    profile["facts"][key] = match (question["tags"].as_array(), question["years"].as_array()) {
        (Some(_), _) => json!([]),
        (_, Some(years)) => json!({ years[0].to_string(): 1_000_000 }),
        _ => json!(false),
    };
    let (_, plan) = server.ask("POST", "/v1/questions?as_of=2026-07-01&limit=1", &profile.to_string());
    assert!(plan["undetermined"].as_u64().unwrap() <= before, "{key}: {plan}");
    let put = server.ask("PUT", "/v1/enterprises/portal-1/facts?source=portal", &profile.to_string());
    assert_eq!(put.0, 200, "{}", put.1);
    let (status, stored) = server.ask("GET", "/v1/enterprises/portal-1/match?as_of=2026-07-01&limit=3", "");
    assert_eq!(status, 200);
    let policy = stored["matches"][0]["policy"].as_str().unwrap();
    let (status, page) = server.ask("GET", &format!("/v1/policies/{policy}"), "");
    assert_eq!(status, 200);
    assert!(page["item"]["title"].is_string() || page["title"].is_string(), "{page}");
    // A slip is answered with the field and what was expected.
    let (status, problem) = server.ask("POST", "/v1/match", r#"{"id": "x", "facts": {"employees": "很多"}}"#);
    assert_eq!(status, 400);
    assert!(problem.to_string().contains("employees") && problem.to_string().contains("很多"), "{problem}");
}

/// The morning of an operator: two nights, what changed and why, messages for a receiver that is down, a backup that can be opened.
#[test]
fn the_morning_of_an_operator() {
    let (data, work) = (serving::filled(), tempfile::tempdir().unwrap());
    let at = |name: &str| work.path().join(name).display().to_string();
    let first = std::fs::read_to_string(SAMPLES).unwrap();
    std::fs::write(at("今日.jsonl"), &first).unwrap();
    said(data.path(), &["push", &at("今日.jsonl"), "--as-of", "2026-06-30", "--out", &at("night-1")]);
    // One enterprise has grown out of the small ones overnight.
    let mut lines: Vec<Value> = first.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines[2]["facts"]["employees"] = json!(5_000);
    let changed: Vec<String> = lines.iter().map(Value::to_string).collect();
    std::fs::write(at("今日.jsonl"), changed.join("\n")).unwrap();
    let night = said(
        data.path(),
        &[
            "push",
            &at("今日.jsonl"),
            "--as-of",
            "2026-07-01",
            "--previous",
            &at("night-1"),
            "--out",
            &at("night-2"),
            "--record",
        ],
    );
    assert!(night.contains("企业已有的事项不列入名单"), "{night}");
    let run: Value = serde_json::from_str(&std::fs::read_to_string(at("night-2/run.json")).unwrap()).unwrap();
    let counts = &run["counts"];
    assert_eq!(counts["enterprises"], 12);
    assert!(counts["causes"].as_object().unwrap().keys().all(|cause| cause != "several"), "{counts}");
    // The receiver is down: sending stops after a few attempts, says so, and nothing is lost.
    std::fs::write(at("secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let channel = "[channel.portal]\nurl = \"http://127.0.0.1:9/\"\nsecret_file = \"secret\"\nattempts = 2\nbackoff = \"5ms\"\n";
    std::fs::write(at("channels.toml"), channel).unwrap();
    let channels = at("channels.toml");
    let messages = |arguments: &[&str]| {
        program(data.path(), &[&["messages", "--channels", &channels], arguments].concat())
    };
    assert!(messages(&["make", &at("night-2"), "--channel", "portal"]).status.success());
    let sent = messages(&["send"]);
    let words = format!("{}{}", String::from_utf8_lossy(&sent.stdout), String::from_utf8_lossy(&sent.stderr));
    assert!(words.contains("接收方不可用") && words.contains("放弃 0 条"), "{words}");
    let waiting = messages(&["list", "--state", "waiting"]);
    assert!(String::from_utf8_lossy(&waiting.stdout).lines().count() > 10, "nothing is lost");
    let audit = answer(data.path(), &["audit", "verify"]);
    assert_eq!(audit["faults"], json!([]));
    said(data.path(), &["backup", &at("备份")]);
    let restored = work.path().join("restored");
    said(&restored, &["restore", &at("备份")]);
    assert!(said(&restored, &["search", "研发费用"]).contains("研发费用100%加计扣除"));
}

/// An analyst has the table of a bureau: its headings are understood, doubtful cells are named, the list is read in a spreadsheet, and who
/// qualifies for one item adds up.
#[test]
fn an_analyst() {
    let (data, work) = (serving::filled(), tempfile::tempdir().unwrap());
    let at = |name: &str| work.path().join(name).display().to_string();
    let table = "某区企业名单,,,,\n统一社会信用代码,企业名称,注册地,从业人数（人）,2025年营业收入（万元）\n\
                 91310104MA1FR000X6,样例甲,徐汇区,12,4300\n样例-2,样例乙,上海市徐汇区,约60,1.2亿\n合计,,,72,\n";
    std::fs::write(at("名单.csv"), table).unwrap();
    let mapped = program(data.path(), &["map", &at("名单.csv")]);
    let report = String::from_utf8_lossy(&mapped.stderr).into_owned();
    assert!(report.contains("企业标识") && report.contains("营业收入"), "{report}");
    let pushed = program(
        data.path(),
        &[
            "push",
            &at("名单.csv"),
            "--as-of",
            "2026-07-01",
            "--undetermined",
            "--format",
            "xlsx",
            "--out",
            &at("out"),
        ],
    );
    let words =
        format!("{}{}", String::from_utf8_lossy(&pushed.stdout), String::from_utf8_lossy(&pushed.stderr));
    let run: Value =
        serde_json::from_str(&std::fs::read_to_string(at("out/run.json")).expect(&words)).unwrap();
    assert_eq!(run["counts"]["enterprises"], 2, "the sum is no enterprise: {words}");
    let workbook = std::fs::read(at("out/matches.xlsx")).unwrap();
    let read = zhaoren_document::read(&workbook, &zhaoren_document::Limits::IMPORT).unwrap();
    let text = format!("{:?}", read.text());
    assert!(text.contains("样例甲") && text.contains("徐汇区") && text.contains("申报期"), "{text:.400}");
    for name in ["items.parquet", "clauses.parquet", "matches.parquet"] {
        assert!(work.path().join("out").join(name).is_file(), "{name}");
    }
    let found = answer(data.path(), &["find", "cn-vat-small-exempt", &at("out"), "--as-of", "2026-07-01"]);
    let count = |key: &str| found[key].as_u64().unwrap();
    assert_eq!(count("eligible") + count("undetermined") + count("ineligible"), 2, "{found}");
    let what_if = answer(data.path(), &["what-if", "cn-srdi-sme", SAMPLES, "--as-of", "2026-07-01"]);
    assert!(what_if.is_object(), "{what_if}");
}
