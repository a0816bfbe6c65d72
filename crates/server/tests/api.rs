//! Behaviour common to all routes: problems, conditional requests, encodings, streams, limits.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::asking;

use std::io::Read;

use asking::Service;
use axum::body::Body;
use futures_util::stream;
use serde_json::{Value, json};

const LINES: (&str, &str) = ("content-type", "application/x-ndjson");

#[test]
fn problems_name_field_value_and_expectation() {
    let service = Service::shared();
    for (method, path, kind, body, status, code, says) in [
        ("POST", "/v1/match", "application/json", "{", 400, "malformed-json", "第 1 行第 1 列：内容不完整"),
        ("POST", "/v1/match", "application/json", "", 400, "malformed-json", "第 1 行"),
        (
            "POST",
            "/v1/match",
            "application/json",
            "{\"id\":\n  nul}",
            400,
            "malformed-json",
            "第 2 行第 6 列",
        ),
        (
            "POST",
            "/v1/match",
            "application/json",
            r#"{"id":"甲","facts":{"employees":"八十六"}}"#,
            400,
            "bad-profile",
            "企业 `甲`：指标 `employees`：得到文字 `八十六`，应为整数",
        ),
        ("POST", "/v1/match", "application/json", "[]", 200, "", ""),
        ("POST", "/v1/match", "application/json", "3", 400, "bad-profile", "应为企业画像"),
        ("POST", "/v1/match", "text/plain", "x", 415, "unsupported-media-type", "得到 `text/plain`"),
        (
            "POST",
            "/v1/match?as_of=2026-02-30",
            "application/json",
            "{}",
            400,
            "bad-parameter",
            "`as_of` 应为存在的日期",
        ),
        ("POST", "/v1/match?limit=-1", "application/json", "{}", 400, "bad-parameter", "得到 `-1`"),
        ("POST", "/v1/match?limit=1&limit=2", "application/json", "{}", 400, "bad-parameter", "只能给一次"),
        (
            "POST",
            "/v1/match?asof=2026-01-01",
            "application/json",
            "{}",
            400,
            "bad-parameter",
            "可用的有 as_of",
        ),
        ("POST", "/v1/match?all=maybe", "application/json", "{}", 400, "bad-parameter", "true 或 false"),
        ("GET", "/v1/search?q=%ff", "", "", 400, "bad-parameter", "百分号编码"),
        ("GET", "/v1/search?q=x&filter=colour", "", "", 400, "bad-parameter", "KEY=VALUE"),
        ("GET", "/v1/search?q=x&filter=colour%3Dred", "", "", 400, "bad-parameter", "colour"),
        ("GET", "/v1/search?limit=1001", "", "", 400, "bad-parameter", "0 到 1000"),
        ("GET", "/v1/policies?cursor=xyz", "", "", 400, "bad-parameter", "`next`"),
        ("GET", "/v1/policies/no-such", "", "", 404, "not-found", "`no-such`"),
        ("GET", "/nowhere", "", "", 404, "no-such-address", "没有这个地址"),
        ("DELETE", "/healthz", "", "", 405, "method-not-allowed", "不接受"),
        ("POST", "/v1/policies/no-such/find", "application/x-ndjson", "", 404, "not-found", "no-such"),
        (
            "POST",
            "/v1/policies/cn-hnte-2016/find",
            "application/json",
            "",
            415,
            "unsupported-media-type",
            "x-ndjson",
        ),
        ("POST", "/v1/read", "text/plain", "", 400, "bad-policy", "文件是空的"),
        ("POST", "/v1/read?id=../x", "text/plain", "x", 400, "bad-parameter", "不含斜线"),
        ("PUT", "/v1/policies/x", "application/json", r#"{"id":"x"}"#, 400, "bad-policy", "title"),
        ("DELETE", "/v1/policies/no-such", "", "", 404, "not-found", "no-such"),
        ("POST", "/v1/search", "application/json", "[]", 400, "bad-content", "JSON 对象"),
        ("POST", "/v1/search", "application/json", r#"{"sorting":"x"}"#, 400, "bad-parameter", "sorting"),
        ("POST", "/v1/index/rollback?generation=99", "", "", 409, "conflict", "99"),
    ] {
        let headers: Vec<(&str, &str)> =
            if kind.is_empty() { Vec::new() } else { vec![("content-type", kind)] };
        let answer = service.send(method, path, &headers, body.to_owned());
        let problem = answer.json();
        assert_eq!(answer.status, status, "{method} {path} {body}: {problem}");
        if status == 200 {
            continue;
        }
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!((&problem["status"], &problem["code"]), (&json!(status), &json!(code)), "{problem}");
        assert_eq!(problem["type"], format!("urn:zhaoren:problem:{code}"));
        assert_eq!(problem["request_id"], answer.header("x-request-id"));
        assert!(problem.to_string().contains(says), "{method} {path}: {says}: {problem}");
    }
    assert_eq!(service.send("DELETE", "/v1/policies", &[], "").header("allow"), "GET,HEAD");
    let codes: std::collections::BTreeSet<String> =
        zhaoren_server::openapi::problems().into_iter().map(|(uri, ..)| uri).collect();
    assert_eq!(codes.len(), zhaoren_server::Code::ALL.len(), "no two kinds of problem have one name");
}

#[test]
fn credit_codes_are_verified_by_their_check_digit() {
    let service = Service::shared();
    let notes = |id: &str| {
        let answer = service.post("/v1/match?limit=0&bundle=0", &json!({"id": id}).to_string()).json();
        answer["problems"].to_string()
    };
    assert_eq!(notes("91310104MA1FR000X6"), "null");
    assert!(notes("91310104MA1FR000X7").contains("统一社会信用代码的校验位应为 `6`（GB 32100）"));
    assert_eq!(notes("anything else"), "null");
}

#[test]
fn request_ids_are_kept_or_generated() {
    let service = Service::shared();
    let id = |given: &str| {
        service.send("GET", "/healthz", &[("x-request-id", given)], "").header("x-request-id").to_owned()
    };
    assert_eq!(id("portal-17"), "portal-17");
    for odd in ["", "a b", "<script>", &"x".repeat(129)] {
        assert!(id(odd) != odd && !id(odd).is_empty());
    }
    assert_ne!(id(""), id(""), "no two requests have one id");
}

#[test]
fn responses_have_security_headers() {
    let service = Service::shared();
    for path in ["/healthz", "/v1/facts", "/nowhere"] {
        let answer = service.get(path);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert!(!answer.header("cache-control").is_empty() && answer.header("server").is_empty());
    }
}

#[test]
fn unchanged_responses_give_304() {
    let service = Service::shared();
    for path in
        ["/v1/facts", "/v1/policies/cn-hnte-2016?as_of=2026-07-01", "/v1/search?q=补贴", "/openapi.json"]
    {
        let path = path.replace("补贴", "%E8%A1%A5%E8%B4%B4");
        let first = service.get(&path);
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() > 30, "a strong tag: {tag}");
        assert_eq!(service.get(&path).header("etag"), tag, "the same content has the same tag");
        let again = service.send("GET", &path, &[("if-none-match", &tag)], "");
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, tag.as_str()));
        let listed = format!("\"other\", {tag}");
        assert_eq!(service.send("GET", &path, &[("if-none-match", &listed)], "").status, 304);
        assert_eq!(service.send("GET", &path, &[("if-none-match", "\"other\"")], "").status, 200);
        // A compressed response has a tag of its own; either tag is recognised later.
        let small = service.send("GET", &path, &[("accept-encoding", "gzip")], "");
        assert_eq!(small.header("content-encoding"), "gzip");
        assert!(small.body.len() < first.body.len() && small.header("vary").contains("accept-encoding"));
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(small.body.as_slice()).read_to_end(&mut plain).unwrap();
        assert_eq!(plain, first.body);
        let other = small.header("etag").to_owned();
        assert_ne!(other, tag);
        let both = [("accept-encoding", "gzip"), ("if-none-match", other.as_str())];
        assert_eq!(service.send("GET", &path, &both, "").status, 304);
    }
    let head = service.send("HEAD", "/v1/facts", &[], "");
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[test]
fn streams_name_bad_lines_in_order() {
    let service = Service::with(&[("limits.line", "1KiB")]);
    let long = format!("{{\"id\":\"{}\"}}", "x".repeat(2000));
    let body = [
        r#"{"id":"a","facts":{"employees":5}}"#,
        "",
        "{\"id\":",
        r#"{"id":"b","facts":{"employees":"x"}}"#,
        &long,
        "   ",
        r#"{"id":"c","facts":{"nothing":1}}"#,
        r#"{"id":"d"}"#,
    ]
    .join("\n");
    let path = "/v1/match?as_of=2026-07-01&limit=1&bundle=0";
    let answer = service.send("POST", path, &[LINES], body.clone());
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"));
    let lines = answer.lines();
    let told: Vec<String> = lines
        .iter()
        .map(|line| match line.get("problem") {
            Some(problem) => format!("{}: {}", line["line"], problem["code"].as_str().unwrap()),
            None => line["id"].as_str().unwrap().to_owned(),
        })
        .collect();
    assert_eq!(told, ["a", "3: malformed-json", "4: bad-profile", "5: too-large", "c", "d"]);
    assert!(lines[2]["problem"]["errors"][0]["line"] == 4, "{}", lines[2]);
    assert!(lines[4]["problems"][0].as_str().unwrap().contains("nothing"), "{}", lines[4]);
    // The result does not depend on the division of the body into parts.
    for size in [1, 7, 64] {
        let parts: Vec<Result<Vec<u8>, std::io::Error>> =
            body.as_bytes().chunks(size).map(|part| Ok(part.to_vec())).collect();
        let cut = service.send("POST", path, &[LINES], Body::from_stream(stream::iter(parts)));
        assert_eq!(cut.text(), answer.text());
    }
    // Strict mode, on request.
    let strict = service.send("POST", &format!("{path}&strict"), &[LINES], body);
    assert_eq!(strict.lines()[4]["problem"]["code"], "bad-profile");
}

#[test]
fn streams_have_no_size_limit() {
    let service = Service::with(&[("limits.body", "1KiB")]);
    let rows = 3_000;
    let parts = (0..rows).map(|row| Ok::<_, std::io::Error>(format!("{{\"id\":\"e{row}\"}}\n")));
    let path = "/v1/match?as_of=2026-07-01&limit=0&bundle=0";
    let answer = service.send("POST", path, &[LINES], Body::from_stream(stream::iter(parts)));
    let lines = answer.lines();
    assert_eq!(lines.len(), rows);
    assert!(lines.iter().enumerate().all(|(row, line)| line["id"] == format!("e{row}")), "in their order");
    let large = service.post("/v1/match", &format!("{{\"id\":\"{}\"}}", "x".repeat(2000)));
    assert_eq!((large.status, &large.json()["code"]), (413, &json!("too-large")));
}

#[test]
fn silent_senders_time_out() {
    let service = Service::with(&[("limits.silence", "100ms")]);
    let silent = || {
        let part = stream::iter([Ok::<_, std::io::Error>("{\"id\":\"a\"}\n")]);
        Body::from_stream(futures_util::StreamExt::chain(part, stream::pending()))
    };
    let answer = service.send("POST", "/v1/match", &[("content-type", "application/json")], silent());
    assert_eq!((answer.status, answer.header("retry-after")), (408, "1"), "{}", answer.text());
    let lines = service.send("POST", "/v1/match?limit=0&bundle=0", &[LINES], silent()).lines();
    assert_eq!((&lines[0]["id"], &lines[1]["problem"]["code"]), (&json!("a"), &json!("request-timeout")));
}

#[test]
fn overload_is_answered_with_retry_after() {
    let service = Service::with(&[("limits.working", "1"), ("limits.waiting", "1"), ("limits.time", "20s")]);
    let body = std::fs::read_to_string("../../seeds/enterprises/samples.jsonl").unwrap();
    let body = format!("{{\"profiles\":[{}]}}", body.lines().collect::<Vec<_>>().join(","));
    let answers: Vec<(u16, String)> = std::thread::scope(|scope| {
        let ask = || {
            let answer = service.post("/v1/match?all&limit=1000", &body);
            (answer.status, answer.header("retry-after").to_owned())
        };
        let threads: Vec<_> = (0..12).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(answers.iter().any(|(status, _)| *status == 200), "{answers:?}");
    assert!(answers.iter().any(|(status, after)| *status == 503 && after == "1"), "{answers:?}");
    let late = Service::with(&[("limits.time", "1ms")]);
    let answer = late.post("/v1/match?all&limit=1000", &body);
    assert_eq!((answer.status, &answer.json()["code"]), (503, &json!("timeout")));
    assert!(!answer.header("retry-after").is_empty());
}

#[test]
fn requests_are_rate_limited_per_caller() {
    let service = Service::with(&[("limits.per_minute", "3")]);
    let statuses: Vec<u16> = (0..5).map(|_| service.get("/v1/facts").status).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    let refused = service.get("/v1/facts");
    assert_eq!(refused.header("retry-after").parse::<u64>().unwrap().clamp(1, 21), 20, "{}", refused.text());
    assert_eq!(service.get("/healthz").status, 200, "what an orchestrator asks is not counted");
}

#[test]
fn readiness_names_failed_checks() {
    let service = Service::with(&[]);
    let ready = service.get("/readyz");
    assert_eq!((ready.status, &ready.json()["status"]), (200, &json!("ready")));
    for check in ["registry", "index", "rules", "disk", "serving"] {
        assert_eq!(ready.json()["checks"][check]["ok"], true, "{check}");
    }
    let full = Service::with(&[("limits.disk", "1000000GiB")]);
    let answer = full.get("/readyz");
    assert_eq!((answer.status, &answer.json()["checks"]["disk"]["ok"]), (503, &json!(false)));
    assert_eq!(full.get("/healthz").status, 200, "it lives all the same");
}

#[test]
fn metrics_count_by_route_and_contain_no_facts() {
    let service = Service::with(&[]);
    service.post("/v1/match?limit=5", r#"{"id":"secret-enterprise","facts":{"employees":5}}"#);
    service.get("/v1/policies/cn-hnte-2016");
    service.get("/nowhere/secret-address");
    // An import through the service itself counts once; one without changes does not count.
    let item = json!({"id": "counted", "title": "新", "criteria": {"fact": "employees", "at_least": 1}});
    for _ in 0..2 {
        assert_eq!(service.post("/v1/import", &item.to_string()).status, 200);
    }
    service.engine.refresh().unwrap();
    let answer = service.get("/metrics");
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    let text = answer.text();
    for line in [
        "zhaoren_swaps_total 1\n",
        r#"zhaoren_http_requests_total{route="/v1/match",method="POST",status="200"} 1"#,
        r#"zhaoren_http_requests_total{route="/v1/policies/{id}",method="GET",status="200"} 1"#,
        r#"zhaoren_http_requests_total{route="other",method="GET",status="404"} 1"#,
        r#"zhaoren_http_request_seconds_count{route="/v1/match",method="POST"} 1"#,
        "zhaoren_index_generation 2",
        "zhaoren_index_in_step 1",
        "zhaoren_verdicts_total{verdict=\"undetermined\"}",
        "zhaoren_build_info{version=",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("secret") && !text.contains("cn-hnte"), "{text}");
}

#[test]
fn stored_items_are_matched_at_once() {
    let service = Service::with(&[]);
    let json_type = ("content-type", "application/json");
    let put = |id: &str, headers: &[(&str, &str)], least: u32| {
        let item = json!({"id": "new-item", "title": "新事项", "criteria": {"fact": "employees", "at_least": least}});
        let headers: Vec<_> = headers.iter().copied().chain([json_type]).collect();
        service.send("PUT", &format!("/v1/policies/{id}"), &headers, item.to_string())
    };
    let verdict = || {
        let answer = service.post("/v1/match?limit=1000&all", r#"{"id":"a","facts":{"employees":5}}"#).json();
        let found =
            answer["matches"].as_array().unwrap().iter().find(|one| one["policy"] == "new-item").cloned();
        found.map(|found| found["verdict"].as_str().unwrap().to_owned())
    };
    assert_eq!(put("other", &[], 1).status, 400);
    assert_eq!(verdict(), None);
    let first = put("new-item", &[("if-none-match", "*")], 1);
    assert_eq!((first.status, &first.json()["written"]), (201, &json!("new")));
    assert_eq!(verdict().as_deref(), Some("eligible"));
    assert_eq!(put("new-item", &[("if-none-match", "*")], 2).status, 412);
    let same = put("new-item", &[], 1);
    assert_eq!((same.status, &same.json()["written"]), (200, &json!("kept")));
    // The write succeeds only if the content has not changed in the meantime.
    let tag = service.get("/v1/policies/new-item").header("etag").to_owned();
    assert_eq!(put("new-item", &[("if-match", "\"other\"")], 9).status, 412);
    let changed = put("new-item", &[("if-match", &tag)], 9);
    assert_eq!((changed.status, &changed.json()["written"]), (200, &json!("changed")), "{}", changed.text());
    assert_eq!(verdict().as_deref(), Some("ineligible"));
    assert_eq!(put("new-item", &[("if-match", &tag)], 3).status, 412);
    let yaml = "id: new-item\ntitle: 新事项\ncriteria: |\n  从业人数不低于4人\n";
    let put = service.send("PUT", "/v1/policies/new-item", &[("content-type", "application/yaml")], yaml);
    assert_eq!((put.status, verdict().as_deref()), (200, Some("eligible")), "{}", put.text());
    // The index has it too.
    let first =
        || service.get("/v1/search?q=%E6%96%B0%E4%BA%8B%E9%A1%B9&limit=1").json()["hits"][0]["id"].clone();
    assert_eq!(first(), "new-item");
    let tag = service.get("/v1/policies/new-item").header("etag").to_owned();
    let gone =
        |headers: &[(&str, &str)]| service.send("DELETE", "/v1/policies/new-item?why=x", headers, "").status;
    assert_eq!(gone(&[("if-match", "\"other\"")]), 412);
    assert_eq!(gone(&[("if-match", &tag)]), 204);
    assert_eq!((verdict(), service.get("/v1/policies/new-item").status), (None, 404));
    assert_ne!(first(), "new-item");
    assert_eq!(gone(&[]), 404);
}

/// Of editors with the same revision exactly one writes; a tag of another day is equally valid.
#[test]
fn exactly_one_editor_with_the_same_tag_succeeds() {
    let service = Service::with(&[]);
    let put = |least: usize, headers: &[(&str, &str)]| {
        let item =
            json!({"id": "edited", "title": "题", "criteria": {"fact": "employees", "at_least": least}});
        let headers: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
        service.send("PUT", "/v1/policies/edited", &headers, item.to_string()).status
    };
    assert_eq!(put(1, &[]), 201);
    for round in 0..4 {
        let path = ["/v1/policies/edited", "/v1/policies/edited?as_of=2020-02-29"][round % 2];
        let tag = service.get(path).header("etag").to_owned();
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let (put, tag) = (&put, tag.as_str());
            let editors: Vec<_> = (0..4)
                .map(|editor| scope.spawn(move || put(10 + 10 * round + editor, &[("if-match", tag)])))
                .collect();
            editors.into_iter().map(|editor| editor.join().unwrap()).collect()
        });
        let wrote = statuses.iter().filter(|status| **status == 200).count();
        let refused = statuses.iter().filter(|status| **status == 412).count();
        assert_eq!((wrote, refused), (1, 3), "{statuses:?}");
    }
}

#[test]
fn imports_accept_valid_items_and_read_no_server_file() {
    let service = Service::with(&[]);
    let here = service.folder.path().join("secret.txt");
    std::fs::write(&here, "第一条 不可外传。").unwrap();
    let item = json!({
        "id": "reads-files", "title": "甲", "document": {"title": "乙", "text": here},
        "criteria": {"fact": "employees", "at_least": 1, "quote": "不可外传", "article": "第一条"},
    });
    let lines = format!("{item}\n{}\n{{\n", json!({"id": "good", "title": "丙", "criteria": {"all": []}}));
    let report = service.send("POST", "/v1/import", &[LINES], lines).json();
    assert_eq!(report["items"]["new"], 2, "{report}");
    assert!(report["problems"].to_string().contains("import.jsonl:3"), "{report}");
    let shown = service.get("/v1/policies/reads-files").json();
    assert_eq!(shown["conditions"][0]["source"], Value::Null, "the file was not looked at: {shown}");
    assert_eq!(service.get("/v1/policies/good").status, 200);
    assert_eq!(service.get("/v1/policies/secret").status, 404);
    let text = "关于示例的通知\n示例发〔2026〕1号\n第一条 为示例制定本通知。\n";
    let report = service
        .send("POST", "/v1/import?id=%E7%A4%BA%E4%BE%8B", &[("content-type", "text/plain")], text)
        .json();
    assert_eq!(report["documents"]["new"], 1, "{report}");
    assert_eq!(
        service.get("/v1/policies/%E7%A4%BA%E4%BE%8B").json()["text"].as_str().unwrap().lines().count(),
        3
    );
    assert_eq!(
        service.send("POST", "/v1/import", &[("content-type", "text/plain")], text).status,
        400,
        "no id"
    );
}

#[test]
fn rules_and_index_are_replaced_under_load() {
    let service = Service::with(&[]);
    let stop = std::sync::atomic::AtomicBool::new(false);
    let asked = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let ask = || {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                let matched = service.post("/v1/match?limit=3", r#"{"id":"a","facts":{"employees":5}}"#);
                assert_eq!(matched.status, 200, "{}", matched.text());
                let found = service.get("/v1/search?q=%E8%A1%A5%E8%B4%B4");
                assert_eq!(found.status, 200, "{}", found.text());
                asked.fetch_add(2, std::sync::atomic::Ordering::Relaxed);
            }
        };
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(ask)).collect();
        for round in 0..6 {
            let item = json!({"id": format!("i{round}"), "title": "新", "criteria": {"fact": "employees", "at_least": 1}});
            assert_eq!(service.post("/v1/import", &item.to_string()).status, 200);
            let (path, expected) = match round {
                2 => ("/v1/index/rollback", 200),
                4 => ("/v1/index/rebuild", 200),
                _ => continue,
            };
            let answer = service.post(path, "");
            assert_eq!(answer.status, expected, "{}", answer.text());
        }
        // The last index answers as well.
        let before = asked.load(std::sync::atomic::Ordering::Relaxed);
        while asked.load(std::sync::atomic::Ordering::Relaxed) < before + 20
            && threads.iter().all(|thread| !thread.is_finished())
        {
            std::thread::yield_now();
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    let list: Value = service.get("/v1/index").json();
    assert_eq!(list["in_step"], true);
}

#[test]
fn change_feed_is_ordered_and_complete_without_repeats() {
    let service = Service::with(&[]);
    let page = |after: &str, limit: usize| {
        let after = if after.is_empty() { String::new() } else { format!("&after={after}") };
        let page = service.get(&format!("/v1/changes?limit={limit}{after}")).json();
        let next = page["next"].as_str().unwrap().to_owned();
        (page["changes"].as_array().unwrap().clone(), next)
    };
    let read = |mut after: String, limit: usize| {
        let mut all = Vec::new();
        loop {
            let (changes, next) = page(&after, limit);
            if changes.is_empty() {
                return (all, next);
            }
            all.extend(changes);
            after = next;
        }
    };
    let (all, end) = read(String::new(), 7);
    assert_eq!(all, read(String::new(), 1000).0, "whatever the size of a page");
    let known = service.engine.rules().library().len() + 1;
    assert_eq!(all.len(), known, "what ships with the program is in it");
    assert_eq!(page(&end, 10), (Vec::new(), end.clone()), "the end stays where it is");
    let put = |id: &str, least: u32| {
        let item = json!({"id": id, "title": "新", "criteria": {"fact": "employees", "at_least": least}});
        let headers = [("content-type", "application/json")];
        assert!(service.send("PUT", &format!("/v1/policies/{id}"), &headers, item.to_string()).status < 300);
    };
    put("b", 1);
    put("a", 1);
    put("b", 2);
    put("b", 2);
    assert_eq!(service.send("DELETE", "/v1/policies/a", &[], "").status, 204);
    let told: Vec<String> = read(end, 2)
        .0
        .iter()
        .map(|one| {
            format!("{} {} {}", one["id"].as_str().unwrap(), one["revision"], one["change"].as_str().unwrap())
        })
        .collect();
    assert_eq!(told, ["b 1 new", "a 1 new", "b 2 changed", "a 1 withdrawn"]);
    for wrong in ["x", "31", "2f"] {
        assert_eq!(service.get(&format!("/v1/changes?after={wrong}")).status, 400, "{wrong}");
    }
}

#[test]
fn files_are_read_and_imported_from_a_form() {
    let service = Service::with(&[("limits.body", "10KiB")]);
    let form = |files: &[(&str, &str)]| {
        let part = |(name, text): &(&str, &str)| {
            format!(
                "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n"
            )
        };
        files.iter().map(part).collect::<String>() + "--b--\r\n"
    };
    let send = |path: &str, body: String| {
        service.send("POST", path, &[("content-type", "multipart/form-data; boundary=b")], body)
    };
    let text = "关于示例的通知\n示例发〔2026〕1号\n第一条 为示例制定本通知。\n";
    let read = send("/v1/read", form(&[("../../通知.txt", text)]));
    assert_eq!((read.status, &read.json()["id"]), (200, &json!("通知")), "{}", read.text());
    assert_eq!(read.json()["document"]["number"], "示例发〔2026〕1号");
    let item = r#"{"id":"from-form","title":"甲","criteria":{"all":[]}}"#;
    let report =
        send("/v1/import", form(&[("通知.txt", text), ("items.json", item), ("x.exe", "MZ")])).json();
    assert_eq!((&report["documents"]["new"], &report["items"]["new"]), (&json!(1), &json!(1)), "{report}");
    assert!(report["problems"].to_string().contains("x.exe"), "{report}");
    for (body, code) in [
        ("no form".to_owned(), "bad-content"),
        (form(&[]), "bad-content"),
        (form(&[("a.txt", text), ("b.txt", text)]), "bad-content"),
        (form(&[("a.txt", &"甲".repeat(10_000))]), "too-large"),
    ] {
        assert_eq!(send("/v1/read", body).json()["code"], code);
    }
    let plain = service.send("POST", "/v1/read", &[("content-type", "application/octet-stream")], text);
    assert_eq!(plain.json()["document"]["number"], "示例发〔2026〕1号");
}
