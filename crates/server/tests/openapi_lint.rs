//! Rules for the OpenAPI document that generators and linters of others insist on, as code, since their programs come
//! from the network.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use zhaoren_server::openapi;

use crate::asking::schema::Schemas;
use crate::openapi::{operations, resolve};

/// Faults of a document, each with its place.
struct Faults<'a> {
    document: &'a Value,
    found: Vec<String>,
}

impl Faults<'_> {
    fn check(&mut self, sound: bool, at: &str, rule: &str) {
        if !sound {
            self.found.push(format!("{at}: {rule}"));
        }
    }

    /// Every example fits its schema.
    fn examples(&mut self, holder: &Value, at: &str) {
        for (name, example) in holder["examples"].as_object().into_iter().flatten() {
            let kind = at.rsplit(' ').next().unwrap_or_default();
            // Text with a line of JSON each, or YAML: not one JSON value.
            if kind.contains("ndjson") || kind.contains("yaml") || kind.starts_with("text/") {
                continue;
            }
            let wrong = Schemas(self.document).wrong(&holder["schema"], &example["value"]);
            self.check(wrong.is_empty(), at, &format!("the example {name} does not fit: {wrong:?}"));
            self.check(example["summary"].is_string(), at, &format!("the example {name} has no summary"));
        }
    }

    fn content(&mut self, content: &Value, at: &str) {
        for (kind, content) in content.as_object().into_iter().flatten() {
            self.check(content["schema"].is_object(), at, &format!("{kind} has no schema"));
            self.examples(content, &format!("{at} {kind}"));
        }
    }

    fn operation(&mut self, name: &str, path: &str, operation: &Value) {
        for part in ["summary", "description"] {
            let words = operation[part].as_str().unwrap_or_default();
            self.check(words.chars().count() > 1, name, &format!("no {part}"));
        }
        self.check(
            operation["summary"] != operation["description"],
            name,
            "the description repeats the summary",
        );
        self.check(operation["security"].is_array(), name, "no security");
        let tagged = operation["tags"].as_array().is_some_and(|tags| tags.len() == 1);
        self.check(tagged, name, "not one tag");
        let mut in_path = BTreeSet::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let (of, place) = (parameter["name"].as_str().unwrap(), parameter["in"].as_str().unwrap());
            let at = format!("{name} {of}");
            self.check(parameter["description"].is_string(), &at, "no description");
            self.check(parameter["schema"].is_object(), &at, "no schema");
            self.examples(parameter, &at);
            if place == "path" {
                in_path.insert(of.to_owned());
                self.check(parameter["required"] == true, &at, "a part of the path that is not required");
            }
        }
        let template: BTreeSet<String> =
            path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect();
        self.check(template == in_path, name, "the path and its parameters differ");
        self.content(&operation["requestBody"]["content"], name);
        let responses = operation["responses"].as_object().unwrap();
        self.check(responses.keys().any(|status| status.starts_with('2')), name, "no answer of success");
        self.check(responses.keys().any(|status| status.starts_with('4')), name, "no 4XX");
        for (status, response) in responses {
            let response = resolve(self.document, response);
            let at = format!("{name} {status}");
            self.check(response["description"].is_string(), &at, "no description");
            self.content(&response["content"], &at);
        }
    }
}

/// References of a document, and whether each leads somewhere.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value.as_str()) {
                    ("$ref", Some(to)) => {
                        found.insert(to.to_owned());
                    }
                    ("examples", _) => {}
                    _ => references(value, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

fn latin(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn faults(document: &Value) -> Vec<String> {
    let mut faults = Faults { document, found: Vec::new() };
    let info = &document["info"];
    let title = info["title"].as_str().unwrap_or_default();
    faults.check(latin(title), "info", "generators name their package after the title");
    faults.check(info["description"].is_string(), "info", "no description");
    faults.check(info["license"]["identifier"].is_string(), "info", "no licence");
    let servers = document["servers"].as_array().cloned().unwrap_or_default();
    faults.check(!servers.is_empty(), "servers", "none");
    let none = Vec::new();
    let tags = document["tags"].as_array().unwrap_or(&none);
    let mut named = BTreeSet::new();
    for tag in tags {
        let name = tag["name"].as_str().unwrap_or_default();
        faults.check(latin(name), name, "generators make a module of a tag");
        faults.check(tag["x-displayName"].is_string(), name, "no name for people");
        faults.check(tag["description"].is_string(), name, "no description");
        faults.check(named.insert(name.to_owned()), name, "stands twice");
    }
    let mut ids = BTreeSet::new();
    for (_, path, operation) in operations(document) {
        let name = operation["operationId"].as_str().unwrap_or_default().to_owned();
        faults.check(latin(&name), &path, "no operation id");
        for tag in operation["tags"].as_array().into_iter().flatten() {
            faults.check(named.contains(tag.as_str().unwrap_or_default()), &name, "an undeclared tag");
        }
        faults.operation(&name, &path, &operation);
        faults.check(ids.insert(name.clone()), &name, "stands twice");
    }
    let empty = Map::new();
    for (name, hook) in document["webhooks"].as_object().unwrap_or(&empty) {
        let of = &hook["post"];
        faults.operation(name, "", of);
        faults.check(
            ids.insert(of["operationId"].as_str().unwrap_or_default().to_owned()),
            name,
            "stands twice",
        );
    }
    let mut referred = BTreeSet::new();
    references(document, &mut referred);
    for to in &referred {
        faults.check(document.pointer(to.trim_start_matches('#')).is_some(), to, "leads nowhere");
    }
    for part in ["schemas", "responses"] {
        for name in document["components"][part].as_object().unwrap_or(&empty).keys() {
            let used = referred.contains(&format!("#/components/{part}/{name}"));
            faults.check(used, name, "is used nowhere");
        }
    }
    faults.found
}

#[test]
fn document_follows_the_rules_of_generators_and_linters() {
    let found = faults(&openapi::generate());
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
}

/// Each rule finds what it is for.
#[test]
fn broken_documents_are_found() {
    let document = openapi::generate();
    let with = |pointer: &str, value: Value| {
        let mut broken = document.clone();
        *broken.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
        faults(&broken).join("\n")
    };
    for (pointer, value, says) in [
        ("/info/title", Value::from("政策"), "name their package"),
        ("/servers", Value::Array(Vec::new()), "servers: none"),
        ("/tags/0/name", "企业".into(), "a module of a tag"),
        ("/paths/~1v1~1match/post/description", Value::Null, "match: no description"),
        ("/paths/~1v1~1match/post/operationId", "search".into(), "search: stands twice"),
        ("/components/schemas/Match", serde_json::json!({"type": "string"}), "does not fit"),
        ("/components/responses", serde_json::json!({}), "leads nowhere"),
    ] {
        let found = with(pointer, value);
        assert!(found.contains(says), "{pointer}: {found:.300}");
    }
}
