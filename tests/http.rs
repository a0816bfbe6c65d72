//! The HTTP API of a running server, over a real socket.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::serving;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command};

use serde_json::{Value, json};
use serving::Server;

#[cfg(unix)]
fn ask_to_stop(child: &Child) {
    assert!(Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap().success());
}

/// A stream in progress at shutdown is completed; new connections are refused.
#[cfg(unix)]
#[test]
fn shutdown_finishes_running_requests() {
    let mut server = Server::start(&[]);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let part = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    let head = "POST /v1/match?as_of=2026-07-01&limit=1 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
                content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n";
    write!(stream, "{head}{}", part("{\"id\":\"a\",\"facts\":{}}\n")).unwrap();
    let mut answer = [0; 64];
    let read = stream.read(&mut answer).unwrap();
    assert!(String::from_utf8_lossy(&answer[..read]).starts_with("HTTP/1.1 200"));
    let idle = TcpStream::connect(&server.address).unwrap();
    ask_to_stop(&server.child);
    let refused = || TcpStream::connect(&server.address).is_err();
    let waited = std::time::Instant::now();
    while !refused() {
        assert!(waited.elapsed().as_secs() < 20, "still lets people in");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    for id in ["b", "c"] {
        write!(stream, "{}", part(&format!("{{\"id\":\"{id}\",\"facts\":{{}}}}\n"))).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    write!(stream, "0\r\n\r\n").unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    let ids = rest.lines().filter(|line| line.starts_with("{\"id\"")).count();
    assert!(ids >= 2 && rest.contains("{\"id\":\"c\"") && rest.ends_with("0\r\n\r\n"), "{rest}");
    assert!(server.child.wait().unwrap().success(), "ended by itself");
    drop(idle);
}

/// At shutdown the process ends soon after its grace period, even during a large import.
#[cfg(unix)]
#[test]
fn shutdown_ends_after_the_grace_period() {
    let mut server = Server::start(&["--set", "grace=300ms"]);
    let items: String = (0..60_000)
        .map(|at| format!("{{\"id\":\"i{at}\",\"title\":\"题{at}\",\"criteria\":{{\"fact\":\"employees\",\"at_least\":{at}}}}}\n"))
        .collect();
    let mut stream = TcpStream::connect(&server.address).unwrap();
    write!(
        stream,
        "POST /v1/import HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\ncontent-length: {}\r\n\r\n{items}",
        items.len()
    )
    .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    ask_to_stop(&server.child);
    let asked = std::time::Instant::now();
    while server.child.try_wait().unwrap().is_none() {
        assert!(asked.elapsed().as_secs() < 8, "the process lives on");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn silent_connections_are_closed_and_others_served() {
    let server = Server::start(&["--set", "limits.silence=400ms"]);
    let slow: Vec<TcpStream> = (0..200)
        .map(|at| {
            let mut stream = TcpStream::connect(&server.address).unwrap();
            let begun = ["", "GET /healthz HT", "POST /v1/match HTTP/1.1\r\nhost: localhost\r\n"][at % 3];
            stream.write_all(begun.as_bytes()).unwrap();
            stream
        })
        .collect();
    assert_eq!(server.ask("GET", "/healthz", "").0, 200);
    for mut stream in slow {
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        let mut rest = Vec::new();
        // End of stream or reset: the connection is closed either way.
        if let Err(error) = stream.read_to_end(&mut rest) {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "kept open: {error}");
        }
    }
    assert_eq!(server.send("POST", "/v1/match", "application/json", 100, "{\"id\"").0, 408);
    assert_eq!(server.ask("GET", "/healthz", "").0, 200);
}

#[test]
fn malformed_http_harms_no_other_connection() {
    let server = Server::start(&[]);
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20));
    let many = format!("GET /healthz HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(20_000));
    for bytes in [
        &b"\0\0\0\0\xff\xfe\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"POST /v1/match HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/match HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"POST /v1/match HTTP/1.1\r\nhost: localhost\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n",
        b"GET /v1/policies/%00%ff HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        b"GET /v1/search?q=%zz%ff&&&==&limit HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
        long.as_bytes(),
        many.as_bytes(),
    ] {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        // The server may answer before the whole request is sent.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/1.1 2") && !answer.starts_with(b"HTTP/1.1 5"), "{bytes:?}");
    }
    assert_eq!(server.ask("GET", "/readyz", "").0, 200);
}

#[test]
fn log_is_json_and_contains_no_facts() {
    let server = Server::start(&[]);
    let secret = r#"{"id":"91310104MA1FR000X6","facts":{"employees":8613,"revenue":{"2025":43217000}}}"#;
    assert_eq!(server.ask("POST", "/v1/match", secret).0, 200);
    assert_eq!(server.ask("POST", "/v1/match", &secret.replace("8613", "\"8613x\"")).0, 400);
    assert_eq!(server.ask("GET", "/v1/search?q=secretquery", "").0, 200);
    let requests = || {
        let lines = server.log.all();
        let parsed = lines.iter().map(|line| serde_json::from_str::<Value>(line).expect(line));
        parsed.filter(|line| line["message"] == "request").collect::<Vec<_>>()
    };
    let waited = std::time::Instant::now();
    while requests().len() < 3 {
        assert!(waited.elapsed().as_secs() < 20, "{:?}", server.log.all());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let first = &requests()[0];
    assert_eq!(
        (&first["route"], &first["status"], &first["method"]),
        (&json!("/v1/match"), &json!(200), &json!("POST"))
    );
    assert!(first["id"].is_string() && first["milliseconds"].is_number());
    let all = server.log.all().join("\n");
    for told in ["91310104MA1FR000X6", "8613", "43217000", "secretquery"] {
        assert!(!all.contains(told), "{told}: {all}");
    }
}

#[test]
fn settings_are_validated_and_open_access_needs_consent() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
        command
            .arg("--data")
            .arg(folder.path().join("data"))
            .args(arguments)
            .env("ZHAOREN_LIMITS_TIME", "7s");
        let output = command.output().unwrap();
        let text =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), text)
    };
    let file = folder.path().join("z.toml");
    let path = file.to_str().unwrap();
    std::fs::write(&file, "listen = \"127.0.0.1:0\"\n[limits]\ntime = \"5s\"\n").unwrap();
    assert_eq!(run(&["config", "check", "--config", path]).0, 0);
    let (_, shown) = run(&["config", "show", "--config", path, "--json", "--set", "limits.body=1MiB"]);
    let rows: Value = serde_json::from_str(&shown).unwrap();
    let row = |key: &str| rows.as_array().unwrap().iter().find(|row| row["key"] == key).unwrap().clone();
    assert_eq!(
        (&row("limits.time")["value"], &row("limits.time")["from"]),
        (&json!("7s"), &json!("环境变量 ZHAOREN_LIMITS_TIME"))
    );
    assert_eq!(row("limits.body")["from"], "参数 --set");
    assert_eq!(row("listen")["from"], format!("{path}:1"));
    std::fs::write(&file, "listen = \"0.0.0.0:0\"\n[limits]\nbody = \"much\"\n").unwrap();
    let (code, told) = run(&["config", "check", "--config", path]);
    assert_eq!(code, 1, "{told}");
    assert!(told.contains(&format!("{path}:3：limits.body = `much`：应为大小")), "{told}");
    for arguments in [
        &["serve", "--listen", "0.0.0.0:0"][..],
        &["serve", "--config", path],
        &["serve", "--listen", "here"],
    ] {
        let (code, told) = run(arguments);
        assert_eq!(code, 2, "{told}");
        assert!(!folder.path().join("data").exists(), "nothing is made before it is clear who may come in");
    }
    assert!(run(&["serve", "--listen", "0.0.0.0:0"]).1.contains("zhaoren keys add"));
}

/// The list of a run over HTTP equals the list on disk, in every format, whole or in parts.
#[test]
fn run_lists_are_streamed_line_by_line() {
    let data = tempfile::tempdir().unwrap();
    let runs = data.path().join("runs");
    let zhaoren = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
        let output = command.arg("--data").arg(data.path().join("d")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    for (name, format) in [("2026-07-01", "jsonl"), ("2026-07-02", "csv"), ("2026-07-03", "parquet")] {
        let out = runs.join(name);
        let samples = "seeds/enterprises/samples.jsonl";
        let out = out.to_str().unwrap();
        zhaoren(&[
            "push",
            samples,
            "--as-of",
            "2026-07-01",
            "--undetermined",
            // Without it a list as Parquet leaves out which facts are missing.
            "--explain",
            "--format",
            format,
            "--out",
            out,
        ]);
    }
    std::fs::create_dir(runs.join("unfinished")).unwrap();
    let set = format!("runs={}", runs.display());
    let server = Server::over(&data.path().join("d"), &["--set", &set]);
    let (status, listed) = server.ask("GET", "/v1/runs", "");
    assert_eq!((status, &listed["runs"]), (200, &json!(["2026-07-03", "2026-07-02", "2026-07-01"])));
    let on_disk = std::fs::read_to_string(runs.join("2026-07-01/matches.jsonl")).unwrap();
    for name in ["2026-07-01", "2026-07-02", "2026-07-03"] {
        let (head, body) = raw(&server, &format!("/v1/runs/{name}/matches"));
        assert!(head.contains("application/x-ndjson") && !head.contains("x-next-cursor"), "{head}");
        assert!(body == on_disk, "{name}: {body:.300} {on_disk:.300}");
        let (mut parts, mut cursor) = (String::new(), String::new());
        loop {
            let (head, body) = raw(&server, &format!("/v1/runs/{name}/matches?limit=100{cursor}"));
            parts.push_str(&body);
            match head.lines().find_map(|line| line.strip_prefix("x-next-cursor: ")) {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert!(parts == on_disk, "{name} in parts");
        let (status, run) = server.ask("GET", &format!("/v1/runs/{name}"), "");
        assert_eq!((status, &run["as_of"]), (200, &json!("2026-07-01")));
    }
    for path in ["unfinished", "none", "..", "%2e%2e", "..%2f..", "2026-07-01%2f..%2f2026-07-02"] {
        let (status, problem) = server.ask("GET", &format!("/v1/runs/{path}/matches"), "");
        assert_eq!(status, 404, "{path}: {problem}");
    }
    let (status, problem) = server.ask("GET", "/v1/runs/2026-07-01/matches?cursor=0000000000000000-5", "");
    assert_eq!((status, &problem["code"]), (409, &json!("conflict")));
}

#[cfg(unix)]
#[test]
fn stop_signal_ends_the_server_quietly() {
    let mut server = Server::start(&[]);
    assert_eq!(server.ask("GET", "/healthz", "").0, 200);
    ask_to_stop(&server.child);
    assert!(server.child.wait().unwrap().success(), "ended by itself, without a panic");
}

/// Head and body of an answer; the body is joined from its chunks.
fn raw(server: &Server, path: &str) -> (String, String) {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let (mut rest, mut body) = (&answer[end + 4..], Vec::new());
    while head.contains("transfer-encoding: chunked") && !rest.is_empty() {
        let line = rest.windows(2).position(|two| two == b"\r\n").unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..line]).unwrap(), 16).unwrap();
        body.extend_from_slice(&rest[line + 2..line + 2 + size]);
        rest = &rest[line + 4 + size..];
    }
    body.extend_from_slice(if head.contains("transfer-encoding: chunked") { &[] } else { rest });
    (head, String::from_utf8(body).unwrap())
}

#[test]
fn answers_equal_the_command_line() {
    let server = Server::start(&[]);
    assert_eq!(server.ask("GET", "/healthz", ""), (200, json!({"status": "ok"})));

    // one profile, several profiles, and the same query at the command line
    let profile =
        json!({"id": "p", "facts": {"registered_region": "310104", "qualifications": ["高新技术企业"]}});
    let (status, one) = server.ask("POST", "/v1/match?as_of=2026-11-23&limit=5", &profile.to_string());
    assert_eq!((status, &one["id"], &one["as_of"]), (200, &json!("p"), &json!("2026-11-23")));
    assert_eq!(one["matches"].as_array().unwrap().len(), 5);
    let file = &server.data.join("p.json");
    std::fs::write(file, profile.to_string()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_zhaoren"))
        .arg("--data")
        .arg(&server.data)
        .args(["--json", "match", file.to_str().unwrap(), "--as-of", "2026-11-23", "--limit", "5"])
        .output()
        .unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap(), one);
    // the overview of the same, with one item received before
    let had =
        json!({"enterprise": "p", "item": "cn-hnte-2016", "event": "paid", "at": "2026-05-01"}).to_string();
    let events = &server.data.join("events.jsonl");
    std::fs::write(events, had).unwrap();
    let at_terminal = |arguments: &[&str]| -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
        let output = command.arg("--data").arg(&server.data).arg("--json").args(arguments).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    at_terminal(&["outcomes", "record", events.to_str().unwrap()]);
    let path = "/v1/match?as_of=2026-11-23&limit=0&overview=true";
    let (status, glance) = server.ask("POST", path, &profile.to_string());
    let told = at_terminal(&[
        "match",
        file.to_str().unwrap(),
        "--as-of",
        "2026-11-23",
        "--limit",
        "0",
        "--overview",
    ]);
    assert_eq!((status, &glance), (200, &told));
    let counts = glance["overview"].as_object().unwrap();
    let sum: u64 =
        counts.iter().filter(|(key, _)| *key != "live").map(|(_, count)| count.as_u64().unwrap()).sum();
    assert_eq!((&counts["live"], &counts["enjoyed"]), (&json!(sum), &json!(1)), "{glance}");
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
    // the same search, for a region and a day, at the command line
    let (status, here) =
        server.ask("GET", "/v1/search?q=%E8%A1%A5%E8%B4%B4&for_region=310104&as_of=2026-07-01", "");
    let output = Command::new(env!("CARGO_BIN_EXE_zhaoren"))
        .arg("--data")
        .arg(&server.data)
        .args(["--json", "search", "补贴", "--for-region", "310104", "--as-of", "2026-07-01"])
        .output()
        .unwrap();
    assert_eq!((status, &serde_json::from_slice::<Value>(&output.stdout).unwrap()), (200, &here));
    assert!(here["total"].as_u64().unwrap() > 0);
    // and all other queries that both support
    let told = |arguments: &[&str]| -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
        let output = command.arg("--data").arg(&server.data).arg("--json").args(arguments).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let text = &server.data.join("request.txt");
    std::fs::copy("seeds/documents/xuhui-2024-business-environment-plan.txt", text).unwrap();
    let mut read = told(&["read", text.to_str().unwrap()]);
    read["source"] = "request.txt".into();
    let sent = std::fs::read_to_string(text).unwrap();
    assert_eq!(server.send("POST", "/v1/read", "text/plain", sent.len(), &sent), (200, read));
    assert_eq!(server.ask("GET", "/v1/facts", ""), (200, told(&["facts"])));
    assert_eq!(server.ask("GET", "/v1/suggest?q=gaox", ""), (200, told(&["suggest", "gaox"])));
    assert_eq!(server.ask("GET", "/v1/index", ""), (200, told(&["index", "list"])));
    let day = ["--as-of", "2026-11-23"];
    let questions = server.ask("POST", "/v1/questions?as_of=2026-11-23", &profile.to_string());
    assert_eq!(questions, (200, told(&[&["ask", file.to_str().unwrap()][..], &day].concat())));
    // inline items, some of them invalid
    let items = json!([{"id": "few", "title": "甲", "criteria": {"fact": "employees", "at_least": 10}},
        {"id": "odd", "title": "乙", "criteria": {"fact": "employes", "at_least": 10}},
        {"id": "told", "title": "丙", "document": {"title": "不在这里的办法"},
         "criteria": {"fact": "established_on", "for_at_least": "1 years", "quote": "成立一年以上。"}}]);
    std::fs::write(server.data.join("items.json"), items.to_string()).unwrap();
    let mut asked = profile.clone();
    asked["policies"] = items;
    let (status, mut answer) = server.ask("POST", "/v1/match?as_of=2026-11-23", &asked.to_string());
    let problems = answer.as_object_mut().unwrap().remove("problems").unwrap();
    assert_eq!((status, problems.as_array().unwrap().len()), (200, 1), "{problems}");
    let policies = server.data.join("items.json");
    let own = ["match", file.to_str().unwrap(), "--policies", policies.to_str().unwrap()];
    assert_eq!(answer, told(&[&own[..], &day].concat()));
    assert_eq!(answer["matches"].as_array().unwrap().len(), 2);
    let samples = "seeds/enterprises/samples.jsonl";
    let lines = std::fs::read_to_string(samples).unwrap();
    let found = server.send(
        "POST",
        "/v1/policies/cn-hnte-2016/find?as_of=2026-11-23",
        "application/x-ndjson",
        lines.len(),
        &lines,
    );
    assert_eq!(found, (200, told(&[&["find", "cn-hnte-2016", samples][..], &day].concat())));
    let (status, item) = server.ask("GET", "/v1/policies/cn-hnte-2016", "");
    assert_eq!((status, &item["title"]), (200, &json!("高新技术企业认定")));
    assert!(item["criteria"].is_object() && !item["conditions"].as_array().unwrap().is_empty());
    let (status, document) = server.ask("GET", "/v1/policies/xuhui-2024-business-environment-plan", "");
    assert_eq!((status, &document["can_grant"]), (200, &json!(false)));
    assert!(document["repairs"].as_array().unwrap().iter().any(|repair| repair["restored"] == json!(false)));
}

#[test]
fn wrong_requests_give_a_problem_with_a_reason() {
    let server = Server::start(&[]);
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
    let (status, problem) = server.send("POST", "/v1/match", "application/json", 17 << 20, "");
    assert_eq!((status, &problem["title"]), (413, &json!("请求内容过大")));
    assert_eq!(server.ask("GET", "/v1/search?q=", "").0, 200);
    assert_eq!(server.ask("GET", "/v1/search", "").0, 200);
}

/// Another process imports while requests are running: none fails, and the new item is matched without a restart.
#[test]
fn imports_are_loaded_without_a_failed_request() {
    let server = Server::start(&[]);
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
        .arg(&server.data)
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
fn questions_are_returned() {
    let server = Server::start(&[]);
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

/// The console shows a tenant only its own audit records, as `/v1/audit` does.
#[test]
fn audit_lines_of_other_tenants_are_hidden() {
    let data = tempfile::tempdir().unwrap();
    let zhaoren = |arguments: &[&str]| -> Value {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
        let output = command.arg("--data").arg(data.path()).arg("--json").args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    };
    let key = |tenant: &str| {
        let mut arguments = vec!["keys", "add", "--name", "审核", "--holder", "审核", "--role", "reviewer"];
        if !tenant.is_empty() {
            zhaoren(&["tenants", "add", tenant, "--name", tenant, "--level", "district"]);
            arguments.extend(["--tenant", tenant]);
        }
        let said = zhaoren(&arguments);
        let text = |at: &str| {
            said.pointer(at).and_then(Value::as_str).unwrap_or_else(|| panic!("{said}")).to_owned()
        };
        (text("/key/id"), text("/secret"))
    };
    let (all, east, west) = (key(""), key("east"), key("west"));
    let server = Server::over(data.path(), &[]);
    let audit = |secret: &str| -> String {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        let head = format!("authorization: Bearer {secret}\r\nconnection: close");
        write!(stream, "GET /audit HTTP/1.1\r\nhost: localhost\r\n{head}\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
    };
    let own = audit(&east.1);
    assert!(own.contains(&east.0) && !own.contains(&west.0) && !own.contains(&all.0), "{own}");
    let whole = audit(&all.1);
    assert!(whole.contains(&east.0) && whole.contains(&west.0) && whole.contains(&all.0));
}
