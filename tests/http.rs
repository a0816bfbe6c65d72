//! The HTTP API of a running server, asked over a real socket.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

mod serving;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};

use serde_json::{Value, json};
use tempfile::TempDir;

#[cfg(unix)]
#[test]
fn stops_quietly_when_asked_to() {
    let mut server = Server::start();
    assert_eq!(server.ask("GET", "/healthz", "").0, 200);
    let asked = Command::new("kill").arg("-TERM").arg(server.child.id().to_string()).status().unwrap();
    assert!(asked.success());
    assert!(server.child.wait().unwrap().success(), "ended by itself, without a panic");
}

/// A server on a port of its own, stopped when dropped.
struct Server {
    child: Child,
    address: String,
    data: TempDir,
}

impl Server {
    fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let (child, address) = serving::serve(data.path());
        Self { child, address, data }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        self.claim(method, path, body.len(), body)
    }

    /// Asks with a body that is said to be `length` bytes long.
    fn claim(&self, method: &str, path: &str, length: usize, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            length
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split_whitespace().nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn answers_as_the_command_line_does() {
    let server = Server::start();
    assert_eq!(server.ask("GET", "/healthz", ""), (200, json!({"status": "ok"})));

    // one profile, several profiles, and the same question to the command line
    let profile =
        json!({"id": "p", "facts": {"registered_region": "310104", "qualifications": ["高新技术企业"]}});
    let (status, one) = server.ask("POST", "/v1/match?as_of=2026-11-23&limit=5", &profile.to_string());
    assert_eq!((status, &one["id"], &one["as_of"]), (200, &json!("p"), &json!("2026-11-23")));
    assert_eq!(one["matches"].as_array().unwrap().len(), 5);
    let file = server.data.path().join("p.json");
    std::fs::write(&file, profile.to_string()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_zhaoren"))
        .arg("--data")
        .arg(server.data.path())
        .args(["--json", "match", file.to_str().unwrap(), "--as-of", "2026-11-23", "--limit", "5"])
        .output()
        .unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), one);
    let several = json!({"profiles": [profile, {"id": "bad", "facts": {"employees": "x"}}]});
    let (status, answer) = server.ask("POST", "/v1/match?as_of=2026-11-23", &several.to_string());
    assert_eq!((status, answer["results"].as_array().unwrap().len()), (200, 1));
    assert!(
        answer["problems"][0].as_str().unwrap().contains("enterprise `bad`: fact `employees`"),
        "{answer}"
    );

    let (status, found) =
        server.ask("GET", "/v1/search?q=%E6%94%BF%E7%AD%96%E6%89%BE%E4%BA%BA&filter=kind%3Dplan", "");
    assert_eq!((status, &found["hits"][0]["clauses"][0]["article"]), (200, &json!("一/7.")));
    // the same search, for a place and a day, to the command line
    let (status, here) =
        server.ask("GET", "/v1/search?q=%E8%A1%A5%E8%B4%B4&for_region=310104&as_of=2026-07-01", "");
    let output = Command::new(env!("CARGO_BIN_EXE_zhaoren"))
        .arg("--data")
        .arg(server.data.path())
        .args(["--json", "search", "补贴", "--for-region", "310104", "--as-of", "2026-07-01"])
        .output()
        .unwrap();
    assert_eq!((status, &serde_json::from_slice::<Value>(&output.stdout).unwrap()), (200, &here));
    assert!(here["total"].as_u64().unwrap() > 0);
    let (status, item) = server.ask("GET", "/v1/policies/cn-hnte-2016", "");
    assert_eq!((status, &item["title"]), (200, &json!("高新技术企业认定")));
    assert!(item["criteria"].is_object() && !item["conditions"].as_array().unwrap().is_empty());
    let (status, document) = server.ask("GET", "/v1/policies/xuhui-2024-business-environment-plan", "");
    assert_eq!((status, &document["can_grant"]), (200, &json!(false)));
    assert!(document["repairs"].as_array().unwrap().iter().any(|repair| repair["restored"] == json!(false)));
}

#[test]
fn what_is_wrong_is_a_problem_that_says_so() {
    let server = Server::start();
    for (method, path, body, status, says) in [
        ("POST", "/v1/match", "{", 400, "not well-formed"),
        ("POST", "/v1/match", "", 400, "not well-formed"),
        ("POST", "/v1/match", r#"{"id":"p","facts":{"employees":"x"}}"#, 400, "expected an integer"),
        ("POST", "/v1/match?as_of=2026-02-30", r#"{"id":"p"}"#, 400, "as_of"),
        ("POST", "/v1/match?limit=-1", r#"{"id":"p"}"#, 400, "limit"),
        ("POST", "/v1/match?asof=2026-01-01", r#"{"id":"p"}"#, 400, "asof"),
        ("GET", "/v1/search?q=x&filter=colour%3Dred", "", 400, "colour"),
        ("GET", "/v1/policies/no-such", "", 404, "no-such"),
        ("GET", "/nowhere", "", 404, "没有这个地址"),
        ("DELETE", "/healthz", "", 405, "不接受"),
    ] {
        let (got, problem) = server.ask(method, path, body);
        assert_eq!(got, status, "{method} {path}: {problem}");
        assert_eq!(problem["status"], status);
        assert!(
            problem["title"].is_string() && problem.to_string().contains(says),
            "{method} {path}: {problem}"
        );
    }
    let (status, problem) = server.claim("POST", "/v1/match", 17 << 20, "");
    assert_eq!((status, &problem["title"]), (413, &json!("请求内容过大")));
    assert_eq!(server.ask("GET", "/v1/search?q=", "").0, 200);
    assert_eq!(server.ask("GET", "/v1/search", "").0, 200);
}

/// Another process imports while requests go on: none fails, and the new item is matched without a restart.
#[test]
fn an_import_is_taken_up_without_a_failed_request() {
    let server = Server::start();
    let folder = tempfile::tempdir().unwrap();
    let item = folder.path().join("new.json");
    let new = json!({"id": "new-item", "title": "新事项", "criteria": {"fact": "employees", "at_least": 1}});
    std::fs::write(&item, new.to_string()).unwrap();
    let profile = r#"{"id":"a","facts":{"employees":5}}"#;
    let has_new =
        |body: &Value| body["matches"].as_array().unwrap().iter().any(|found| found["policy"] == "new-item");
    assert!(!has_new(&server.ask("POST", "/v1/match?limit=200", profile).1));
    let import = Command::new(env!("CARGO_BIN_EXE_zhaoren"))
        .arg("--data")
        .arg(server.data.path())
        .arg("import")
        .arg(&item)
        .output()
        .unwrap();
    assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
    let started = std::time::Instant::now();
    let mut asked = 0;
    loop {
        let (status, body) = server.ask("POST", "/v1/match?limit=200", profile);
        assert_eq!(status, 200, "{body}");
        assert_eq!(server.ask("GET", "/v1/search?q=高新技术企业", "").0, 200);
        asked += 1;
        if has_new(&body) {
            break;
        }
        assert!(started.elapsed().as_secs() < 60, "not taken up after {asked} requests");
    }
    assert!(asked > 1, "the old rules answered until the new ones stood");
}

#[test]
fn says_what_to_ask() {
    let server = Server::start();
    let (status, plan) =
        server.ask("POST", "/v1/questions?as_of=2026-11-23&limit=3", r#"{"id":"a","facts":{}}"#);
    assert_eq!(status, 200);
    assert_eq!(plan["questions"].as_array().unwrap().len(), 3);
    assert!(plan["undetermined"].as_u64().unwrap() >= plan["waiting"].as_u64().unwrap());
    let first = &plan["questions"][0];
    assert!(first["text"].as_str().unwrap().ends_with('？') && first["touches"].as_u64().unwrap() > 0);
    let (status, several) = server.ask(
        "POST",
        "/v1/questions",
        r#"{"profiles":[{"id":"a","facts":{}},{"id":"b","facts":{"employees":"x"}}]}"#,
    );
    assert_eq!((status, several["results"].as_array().unwrap().len()), (200, 1));
    assert!(several["problems"][0].as_str().unwrap().contains("employees"));
    assert_eq!(server.ask("POST", "/v1/questions?limi=3", "{}").0, 400);
}
