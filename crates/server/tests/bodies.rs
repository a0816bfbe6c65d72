//! Request bodies: compressed ones, and those with items of their own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::asking;

use std::io::Write;

use asking::{Answer, Service};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn send(service: &Service, path: &str, kind: &str, encoding: &str, body: Vec<u8>) -> Answer {
    let length = body.len().to_string();
    let headers =
        [("content-type", kind), ("content-encoding", encoding), ("content-length", length.as_str())];
    service.send("POST", path, &headers, body)
}

#[test]
fn compressed_bodies_equal_plain_bodies() {
    let service = Service::shared();
    let path = "/v1/match?as_of=2026-07-01&limit=3";
    let profile = r#"{"id":"a","facts":{"registered_region":"310104","employees":86}}"#;
    let plain = service.post(path, profile);
    for encoding in ["gzip", "x-gzip", "GZIP", " gzip "] {
        let packed = send(service, path, JSON, encoding, gzip(profile.as_bytes()));
        assert_eq!((packed.status, &packed.body), (200, &plain.body), "{encoding}: {}", packed.text());
    }
    for encoding in ["identity", ""] {
        assert_eq!(send(service, path, JSON, encoding, profile.into()).body, plain.body);
    }
    let several = format!("{profile}\n").repeat(300);
    let lines = send(service, path, LINES, "gzip", gzip(several.as_bytes())).lines();
    assert_eq!((lines.len(), &lines[299]), (300, &plain.json()));
    // A body of several gzip members is read completely.
    let parts = [&several.as_bytes()[..1000], &several.as_bytes()[1000..]].map(gzip).concat();
    assert_eq!(send(service, path, LINES, "gzip", parts).lines().len(), 300);
    let text = "第一条 企业须注册成立一年以上。";
    let read = send(service, "/v1/read", "text/plain", "gzip", gzip(text.as_bytes()));
    assert_eq!(read.json()["text"], text);
}

#[test]
fn unsupported_and_broken_encodings_are_refused() {
    let service = Service::shared();
    let path = "/v1/match?limit=0";
    for encoding in ["br", "deflate", "zstd", "gzip, gzip", "gzip;q=1", "压缩"] {
        let refused = send(service, path, JSON, encoding, gzip(b"{\"id\":\"a\"}"));
        assert_eq!((refused.status, refused.header("accept-encoding")), (415, "gzip"), "{encoding}");
        let problem = refused.json();
        assert_eq!(problem["code"], "unsupported-media-type");
        assert!(problem["detail"].as_str().unwrap().contains("只接受 gzip"), "{problem}");
    }
    let mut broken = gzip(b"{\"id\":\"a\"}");
    broken.truncate(broken.len() - 4);
    for body in [b"{\"id\":\"a\"}".to_vec(), broken] {
        let refused = send(service, path, JSON, "gzip", body);
        assert_eq!(
            (refused.status, &refused.json()["code"]),
            (400, &json!("bad-content")),
            "{}",
            refused.text()
        );
    }
}

/// The limit applies to the decompressed size of a body; for a stream, to the total.
#[test]
fn decompression_bombs_are_refused() {
    let service =
        Service::with(&[("limits.body", "64KiB"), ("limits.import", "96KiB"), ("limits.line", "16KiB")]);
    let blank = format!("{{\"id\":\"a\"{}}}", " ".repeat(8 << 20));
    let packed = gzip(blank.as_bytes());
    assert!(packed.len() < 16 << 10);
    let refused = send(&service, "/v1/match?limit=0", JSON, "gzip", packed.clone());
    assert_eq!((refused.status, &refused.json()["code"]), (413, &json!("too-large")), "{}", refused.text());
    let refused = send(&service, "/v1/import", JSON, "gzip", packed.clone());
    assert_eq!((refused.status, &refused.json()["code"]), (413, &json!("too-large")));
    for body in [blank, "{}\n".repeat(1 << 21)] {
        let answers = send(&service, "/v1/match?limit=0", LINES, "gzip", gzip(body.as_bytes())).lines();
        let last = answers.last().unwrap();
        assert_eq!(last["problem"]["code"], "too-large", "{last}");
        assert!(answers.len() < 40_000, "{}", answers.len());
    }
    // An uncompressed stream has no limit on its total size.
    let plain = "{}\n".repeat(40_000);
    let answers =
        service.send("POST", "/v1/match?limit=0&bundle=false", &[("content-type", LINES)], plain).lines();
    assert_eq!(answers.len(), 40_000);
}

/// Items in a body replace those of the catalogue, and are checked as on the command line.
#[test]
fn items_in_the_body_replace_the_catalogue() {
    let service = Service::shared();
    let item = |id: &str, least: i64| json!({"id": id, "title": id, "criteria": {"fact": "employees", "at_least": least}});
    let profile = json!({"id": "e", "facts": {"employees": 86}});
    let matched = |answer: &Value| -> Vec<String> {
        let each =
            |one: &Value| format!("{} {}", one["policy"].as_str().unwrap(), one["verdict"].as_str().unwrap());
        answer["matches"].as_array().unwrap().iter().map(each).collect()
    };
    let several = json!({"profiles": [profile], "policies": [item("few", 10), item("many", 100)]});
    let answer = service.post("/v1/match?as_of=2026-07-01&all", &several.to_string()).json();
    assert_eq!(matched(&answer["results"][0]), ["few eligible", "many ineligible"]);
    assert!(answer.get("problems").is_none(), "{answer}");
    let mut one = profile.clone();
    one["policies"] = json!([item("few", 10)]);
    assert_eq!(matched(&service.post("/v1/match", &one.to_string()).json()), ["few eligible"]);
    // Errors in an item are reported, and the others are matched; if none is left, the request fails.
    one["policies"] = json!([item("few", 10), {"id": "odd", "title": "odd", "criteria": {"fact": "employes", "at_least": 1}},
        {"id": "never", "title": "never", "criteria": {"all": [{"fact": "employees", "at_least": 9}, {"fact": "employees", "at_most": 3}]}}]);
    let answer = service.post("/v1/match?all", &one.to_string()).json();
    assert_eq!(matched(&answer), ["few eligible", "never ineligible"]);
    let problems = answer["problems"].to_string();
    assert!(problems.contains("employes") && problems.contains("`never`"), "{problems}");
    one["policies"] = json!([{"id": "odd"}]);
    let refused = service.post("/v1/match", &one.to_string());
    assert_eq!((refused.status, &refused.json()["code"]), (400, &json!("bad-policy")), "{}", refused.text());
    one["policies"] = json!("few");
    assert_eq!(service.post("/v1/match", &one.to_string()).json()["code"], "bad-policy");
    // A quote is searched in the documents of the body, and in no file of the server.
    let quoting = |quote: &str| {
        json!({"id": quote, "title": "题", "document": {"title": "办法", "text": "/etc/passwd"},
            "criteria": {"fact": "established_on", "for_at_least": "12 months", "quote": quote}})
    };
    let text = json!({"id": "办法", "title": "办法", "text": "第一条 企业须注册成立一年以上。"});
    one["policies"] = json!([text, quoting("企业须注册成立一年以上。"), quoting("企业须注册成立两年以上。")]);
    let answer = service.post("/v1/match?as_of=2026-07-01", &one.to_string()).json();
    assert_eq!(matched(&answer), ["企业须注册成立一年以上。 undetermined"]);
    assert!(answer["problems"].to_string().contains("企业须注册成立两年以上。"), "{}", answer["problems"]);
    assert!(answer["matches"][0]["clauses"][0]["source"].is_object(), "{answer}");
    // Questions and bundles use them too; receipts and past records exist for the catalogue only.
    let asked = json!({"id": "e", "policies": [item("few", 10)]});
    assert_eq!(service.post("/v1/questions", &asked.to_string()).json()["questions"][0]["fact"], "employees");
    assert_eq!(service.post("/v1/bundle", &asked.to_string()).status, 200);
    for parameter in ["receipt", "believed=2026-01-01"] {
        let refused = service.post(&format!("/v1/match?{parameter}"), &asked.to_string());
        assert_eq!((refused.status, &refused.json()["code"]), (400, &json!("bad-parameter")));
    }
}
