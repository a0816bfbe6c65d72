//! The OpenAPI document against the program: it has every route, every response has its schema, every example is
//! true.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::asking;

use std::collections::BTreeSet;

use asking::Service;
use asking::schema::Schemas;
use serde_json::{Value, json};
use zhaoren_server::access::API_ROUTES;
use zhaoren_server::openapi;

/// Operations of the document: method, path, operation.
pub(crate) fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let each = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().unwrap().clone();
        let path = path.clone();
        methods
            .into_iter()
            .map(move |(method, of)| (method.to_uppercase(), path.clone(), of))
            .collect::<Vec<_>>()
    };
    paths.iter().flat_map(each).collect()
}

#[test]
fn every_route_is_documented_and_in_the_role_table() {
    let document = openapi::generate();
    assert_eq!(document["openapi"], "3.1.0");
    no_null(&document, "");
    let schemas = document["components"]["schemas"].as_object().unwrap();
    assert!(schemas.values().all(|one| one.get("oneOf").is_none()), "shapes may overlap");
    assert!(schemas["HitItem"]["anyOf"].is_array());
    let documented: BTreeSet<(String, String)> =
        operations(&document).into_iter().map(|(method, path, _)| (method, path)).collect();
    let tabled: BTreeSet<(String, String)> =
        API_ROUTES.iter().map(|(method, path, _)| (method.to_string(), (*path).to_owned())).collect();
    assert_eq!(documented, tabled);
    assert_eq!(API_ROUTES.len(), tabled.len(), "no route stands twice in the table");
    // The public API.
    for (method, path) in [
        ("POST", "/v1/match"),
        ("GET", "/v1/search"),
        ("GET", "/v1/policies/{id}"),
        ("PUT", "/v1/policies/{id}"),
        ("DELETE", "/v1/policies/{id}"),
        ("POST", "/v1/read"),
        ("GET", "/v1/facts"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("GET", "/openapi.json"),
    ] {
        assert!(documented.contains(&(method.to_owned(), path.to_owned())), "{method} {path}");
    }
}

/// Checks that the document is nowhere null except in examples: tools fail on that.
fn no_null(value: &Value, at: &str) {
    assert!(!value.is_null(), "{at} is null");
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter().filter(|(key, _)| *key != "examples") {
                no_null(value, &format!("{at}/{key}"));
            }
        }
        Value::Array(list) => list.iter().for_each(|value| no_null(value, at)),
        _ => {}
    }
}

#[test]
fn documented_operations_accept_their_documented_parameters() {
    let service = Service::shared();
    let served = service.get("/openapi.json");
    assert_eq!((served.status, served.header("content-type")), (200, "application/json"));
    let document = served.json();
    assert_eq!(document, openapi::generate());
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap().to_owned();
        assert!(names.insert(name.clone()), "{name} stands twice");
        for part in ["summary", "responses", "security", "tags"] {
            assert!(operation.get(part).is_some(), "{name} has no {part}");
        }
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let documented: BTreeSet<String> = parameters
            .iter()
            .filter(|one| one["in"] == "query")
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect();
        let address = path.replace("{id}", "cn-hnte-2016");
        let asked = service.send(&method, &format!("{address}?no-such-parameter=1"), &[], "");
        if ["/healthz", "/readyz", "/metrics"].contains(&path.as_str()) {
            assert!(documented.is_empty() && asked.status != 404, "{name}");
            continue;
        }
        let problem = asked.json();
        assert_eq!((asked.status, &problem["code"]), (400, &json!("bad-parameter")), "{name}: {problem}");
        let expected = problem["errors"][0]["expected"].as_str().unwrap();
        let known: BTreeSet<String> = expected
            .split_once("可用的有 ")
            .map_or_else(BTreeSet::new, |(_, names)| names.split('、').map(str::to_owned).collect());
        assert_eq!(known, documented, "{name}");
    }
}

/// Validates a response against the schema of `operation`.
pub(crate) fn conforms(document: &Value, operation: &str, status: u16, kind: &str, answer: &Value) {
    let (.., of) = operations(document).into_iter().find(|(.., of)| of["operationId"] == operation).unwrap();
    let responses = &of["responses"];
    let response = resolve(document, responses.get(status.to_string()).unwrap_or(&responses["default"]));
    if response.get("content").is_none() && answer.is_null() {
        return;
    }
    let schema = &response["content"][kind]["schema"];
    assert!(schema.is_object(), "{operation} {status}: no schema for {kind}: {response}");
    let wrong = Schemas(document).wrong(schema, answer);
    assert!(wrong.is_empty(), "{operation} {status}: {wrong:#?}\n{:.1500}", answer.to_string());
}

/// Response behind a reference.
pub(crate) fn resolve<'a>(document: &'a Value, response: &'a Value) -> &'a Value {
    match response["$ref"].as_str().and_then(|of| of.strip_prefix("#/components/responses/")) {
        Some(name) => &document["components"]["responses"][name],
        None => response,
    }
}

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

#[test]
fn answers_have_the_documented_shape() {
    let service = Service::shared();
    let document = openapi::generate();
    let samples = std::fs::read_to_string("../../seeds/enterprises/samples.jsonl").unwrap();
    let lines = ("content-type", "application/x-ndjson");
    for (operation, path) in [
        ("match", "/v1/match?as_of=2026-07-01&all&limit=1000"),
        ("questions", "/v1/questions?as_of=2026-07-01"),
        ("bundle", "/v1/bundle?as_of=2026-07-01"),
    ] {
        let answer = service.send("POST", path, &[lines], samples.clone());
        assert_eq!(answer.header("content-type"), "application/x-ndjson");
        let answers = answer.lines();
        assert_eq!(answers.len(), samples.lines().count());
        for answer in &answers {
            assert!(answer.get("problem").is_none(), "{answer}");
            conforms(&document, operation, 200, "application/x-ndjson", answer);
        }
        let several = format!("{{\"profiles\": [{}]}}", samples.lines().collect::<Vec<_>>().join(","));
        let answer = service.post(path, &several).json();
        conforms(&document, operation, 200, JSON, &answer);
        // One by one, all at once, and as a stream: the same result.
        let without = |mut one: Value| {
            one.as_object_mut().unwrap().remove("problems");
            one
        };
        let streamed: Vec<Value> = answers.into_iter().map(without).collect();
        assert_eq!(answer["results"].as_array().unwrap(), &streamed);
        let first = service.post(path, samples.lines().next().unwrap()).json();
        assert_eq!(without(first), streamed[0]);
    }
    let found =
        service.send("POST", "/v1/policies/cn-hnte-2016/find?as_of=2026-07-01", &[lines], samples.clone());
    conforms(&document, "find", 200, JSON, &found.json());
    assert_eq!(found.json()["enterprises"], samples.lines().count());
    let path = "/v1/policies/cn-hnte-2016/what-if?as_of=2026-07-01";
    let tried = service.send("POST", path, &[lines], format!("{samples}\n{{\"id\":3}}\n")).json();
    conforms(&document, "whatIf", 200, JSON, &tried);
    assert_eq!((&tried["base"]["funnel"], &tried["rejected"]), (&found.json()["funnel"], &1.into()));
    for query in ["政策找人", "zjtx", "国科发火[2016]32号", "bu tie"] {
        let path = format!("/v1/search?q={}", encode(query));
        conforms(&document, "search", 200, JSON, &service.get(&path).json());
        let path = format!("/v1/suggest?q={}", encode(query));
        conforms(&document, "suggest", 200, JSON, &service.get(&path).json());
    }
    let profile: Value = serde_json::from_str(samples.lines().next().unwrap()).unwrap();
    for sort in ["relevance", "deadline", "amount", "date"] {
        let body = json!({"q": "企业 补贴", "profile": profile, "sort": sort, "limit": 20, "filter": {"level": ["city", "district"]}});
        let answer = service.post("/v1/search", &body.to_string());
        conforms(&document, "searchFor", 200, JSON, &answer.json());
    }
    conforms(&document, "audit", 200, JSON, &service.get("/v1/audit").json());
    conforms(&document, "auditHead", 200, JSON, &service.get("/v1/audit/head").json());
    conforms(&document, "verifyAudit", 200, JSON, &service.post("/v1/audit/verify", "").json());
    conforms(&document, "changes", 200, JSON, &service.get("/v1/changes?limit=3").json());
    conforms(&document, "runs", 200, JSON, &service.get("/v1/runs").json());
    conforms(&document, "facts", 200, JSON, &service.get("/v1/facts").json());
    conforms(&document, "alive", 200, JSON, &service.get("/healthz").json());
    conforms(&document, "ready", 200, JSON, &service.get("/readyz").json());
    conforms(&document, "index", 200, JSON, &service.get("/v1/index").json());
    conforms(&document, "verifyIndex", 200, JSON, &service.post("/v1/index/verify", "").json());
    let text = std::fs::read("../../seeds/documents/xuhui-2024-business-environment-plan.txt").unwrap();
    let read = service.send("POST", "/v1/read", &[("content-type", "text/plain")], text);
    conforms(&document, "read", 200, JSON, &read.json());
    // Every item, page by page, and each by itself.
    let (mut cursor, mut seen) = (String::new(), Vec::new());
    loop {
        let page = service.get(&format!("/v1/policies?limit=30{cursor}")).json();
        conforms(&document, "policies", 200, JSON, &page);
        seen.extend(
            page["policies"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), service.engine.rules().library().len());
    assert!(seen.is_sorted());
    seen.push("xuhui-2024-business-environment-plan".to_owned());
    for id in &seen {
        conforms(&document, "policy", 200, JSON, &service.get(&format!("/v1/policies/{id}")).json());
    }
    // Problems.
    for (operation, method, path, body) in [
        ("match", "POST", "/v1/match", "{"),
        ("match", "POST", "/v1/match", r#"{"id":"p","facts":{"employees":"x","industry":3,"nothing":1}}"#),
        ("search", "GET", "/v1/search?limit=x", ""),
        ("policy", "GET", "/v1/policies/none", ""),
    ] {
        let answer = service.send(method, path, &[("content-type", JSON)], body.to_owned());
        assert_eq!(answer.header("content-type"), PROBLEM);
        conforms(&document, operation, answer.status, PROBLEM, &answer.json());
    }
}

/// Stored data is returned in the documented shape too, with all members.
#[test]
fn stored_data_have_the_documented_shape() {
    let service = Service::with(&[]);
    let document = openapi::generate();
    for (source, employees) in [("a", 86), ("b", 90)] {
        let body = json!({"name": "甲", "facts": {"employees": employees, "revenue": {"2025": 43000000}}, "judged": {"较强": true}});
        let path = format!("/v1/enterprises/e1/facts?source={source}");
        let headers = [("content-type", JSON)];
        conforms(
            &document,
            "putFacts",
            200,
            JSON,
            &service.send("PUT", &path, &headers, body.to_string()).json(),
        );
    }
    let refusal = json!({"enterprise": "e1", "item": "cn-hnte-2016"});
    conforms(&document, "optOut", 200, JSON, &service.post("/v1/opt-outs", &refusal.to_string()).json());
    let wanted = json!({"q": "补贴", "filter": {"level": "city"}, "sort": "deadline",
        "profile": {"id": "e1", "facts": {"employees": 86}}});
    let headers = [("content-type", JSON)];
    assert_eq!(service.send("PUT", "/v1/searches/s", &headers, wanted.to_string()).status, 200);
    conforms(&document, "searches", 200, JSON, &service.get("/v1/searches").json());
    conforms(&document, "runSearch", 200, JSON, &service.post("/v1/searches/s/run?limit=5", "").json());
    let event =
        json!({"enterprise": "e1", "item": "cn-hnte-2016", "event": "decided", "detail": {"result": "通过"}});
    conforms(
        &document,
        "recordOutcomes",
        200,
        JSON,
        &service.post("/v1/outcomes", &event.to_string()).json(),
    );
    for (operation, path) in [
        ("enterprises", "/v1/enterprises"),
        ("enterprise", "/v1/enterprises/e1"),
        ("matchEnterprise", "/v1/enterprises/e1/match?as_of=2026-07-01&all"),
        ("outcomes", "/v1/enterprises/e1/outcomes"),
        ("optOuts", "/v1/opt-outs"),
    ] {
        let answer = service.get(path).json();
        assert!(answer.to_string().contains("e1"), "{operation}: {answer}");
        conforms(&document, operation, 200, JSON, &answer);
    }
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Sends every example and compares the response, in the order of the file. With `WRITE_EXAMPLES` set they are
/// rewritten.
#[test]
fn documented_examples_are_valid() {
    let document = openapi::generate();
    let write = std::env::var_os("WRITE_EXAMPLES").is_some();
    let mut without = Vec::new();
    for (method, path, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        let mut examples = openapi::examples(name);
        if examples.is_empty() {
            without.push(name.to_owned());
            continue;
        }
        let service = Service::with(&[]);
        for (key, example) in &mut examples {
            let mut address = path.replace("{id}", example["path"]["id"].as_str().unwrap_or_default());
            for (at, (parameter, value)) in example["query"].as_object().into_iter().flatten().enumerate() {
                address.push(if at == 0 { '?' } else { '&' });
                address.push_str(&format!("{parameter}={}", encode(value.as_str().unwrap())));
            }
            let body = match &example["body"] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                body => body.to_string(),
            };
            let kind = example["content_type"].as_str().unwrap_or(JSON).to_owned();
            let headers: Vec<(&str, &str)> =
                if body.is_empty() { Vec::new() } else { vec![("content-type", kind.as_str())] };
            let answer = service.send(&method, &address, &headers, body.clone());
            let of = answer.header("content-type").to_owned();
            let got = match of.as_str() {
                "application/x-ndjson" => answer.text().into(),
                "" => Value::Null,
                _ => {
                    let mut got = answer.json();
                    if let Some(got) = got.as_object_mut() {
                        // Members that differ from one request to the next.
                        got.remove("instance");
                        got.remove("request_id");
                    }
                    conforms(&document, name, answer.status, &of, &got);
                    got
                }
            };
            if write {
                example["status"] = answer.status.into();
                example["answer"] = got;
            } else {
                assert_eq!(
                    (&example["status"], &example["answer"]),
                    (&answer.status.into(), &got),
                    "{name}/{key}"
                );
            }
        }
        if write {
            let text = format!("{:#}\n", Value::Object(examples));
            std::fs::write(format!("src/openapi/examples/{name}.json"), text).unwrap();
        }
    }
    // Operations without examples: their responses depend on the machine or the moment, or are long without
    // parameters.
    let may = [
        "audit",
        "auditHead",
        "verifyAudit",
        "changes",
        "facts",
        "index",
        "jobs",
        "submitJob",
        "job",
        "cancelJob",
        "metrics",
        "openapi",
        "ready",
        "rebuildIndex",
        "rollBackIndex",
        "run",
        "runMatches",
        "verifyIndex",
    ];
    without.retain(|name| !may.contains(&name.as_str()));
    assert!(without.is_empty(), "no example of {without:?}");
}
