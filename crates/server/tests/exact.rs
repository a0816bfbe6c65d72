//! An amount that no double holds: stored, shown and matched with its digits by every route.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::asking;

use asking::{Answer, Service, settings};
use serde_json::Value;
use zhaoren_engine::{Principal, Role, Silent, now};

/// The nearest doubles are …409.92 and …409.94.
const EXACT: &str = "90071992547409.93";
const JSON: (&str, &str) = ("content-type", "application/json");
const LINES: (&str, &str) = ("content-type", "application/x-ndjson");
const HOST: (&str, &str) = ("host", "zhaoren.example");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// An item that only this revenue, to the last digit, meets.
fn policies() -> String {
    let criteria = format!("{{\"fact\":\"revenue\",\"at_least\":{EXACT},\"at_most\":{EXACT}}}");
    format!("[{{\"id\":\"exact\",\"title\":\"分毫不差\",\"criteria\":{criteria}}}]")
}

fn profile(id: &str) -> String {
    format!("{{\"id\":\"{id}\",\"facts\":{{\"revenue\":{{\"2025\":{EXACT}}}}}}}")
}

/// The digits are in the answer, and no double in their place.
fn exact(answer: &Answer) -> String {
    let text = answer.text();
    assert_eq!(answer.status, 200, "{text}");
    assert!(text.contains(EXACT), "{text}");
    assert!(!text.contains("90071992547409.9,") && !text.contains("90071992547409.94"), "{text}");
    text
}

fn import(service: &Service) {
    let item = policies();
    let item = item.trim_start_matches('[').trim_end_matches(']').to_owned();
    let answer = service.send("POST", "/v1/import", &[JSON], item);
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn stored_amounts_keep_their_digits() {
    let service = Service::with(&[]);
    import(&service);
    let put = service.send("PUT", "/v1/enterprises/a/facts?source=own", &[JSON], profile("a"));
    assert_eq!(put.status, 200, "{}", put.text());
    let (b, c) = (profile("b"), profile("c"));
    let many = format!("{b}\n{c}\n");
    let saved = service.send("POST", "/v1/enterprises?source=own", &[LINES], many);
    assert_eq!(saved.status, 200, "{}", saved.text());
    // A value of another source is shown with its digits too.
    let other = profile("a").replace(EXACT, "0.10");
    assert_eq!(service.send("PUT", "/v1/enterprises/a/facts?source=b", &[JSON], other).status, 200);
    let trust = service.send("PUT", "/v1/sources/own", &[JSON], "{\"trust\":5}");
    assert_eq!(trust.status, 200, "{}", trust.text());
    let shown = exact(&service.get("/v1/enterprises/a"));
    assert!(shown.contains("0.10"), "{shown}");
    for id in ["a", "b", "c"] {
        exact(&service.get(&format!("/v1/enterprises/{id}")));
        let path = format!("/v1/enterprises/{id}/match?as_of=2026-07-01&all=true&limit=1000");
        let text = exact(&service.get(&path));
        let answer: Value = serde_json::from_str(&text).unwrap();
        let matches = answer["matches"].as_array().unwrap();
        let one = matches.iter().find(|one| one["policy"] == "exact").unwrap();
        assert_eq!(one["verdict"], "eligible", "{one}");
    }
    // The catalogue shows the threshold as it was written.
    exact(&service.get("/v1/policies/exact"));
}

#[test]
fn sent_amounts_keep_their_digits() {
    let service = Service::shared();
    let body = format!("{{\"profiles\":[{}],\"policies\":{}}}", profile("e"), policies());
    let text = exact(&service.post("/v1/match?as_of=2026-07-01", &body));
    let answer: Value = serde_json::from_str(&text).unwrap();
    let one = &answer["results"][0]["matches"][0];
    assert_eq!((&one["policy"], &one["verdict"]), (&"exact".into(), &"eligible".into()), "{one}");
    let near = body.replacen(EXACT, "90071992547409.94", 1);
    let text = service.post("/v1/match?as_of=2026-07-01&all=true", &near).text();
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(answer["results"][0]["matches"][0]["verdict"], "ineligible", "{text}");
    assert!(text.contains("90071992547409.94"), "{text}");
}

#[test]
fn console_forms_keep_all_digits() {
    let (folder, engine) = Service::filled();
    let file = folder.path().join("exact.json");
    std::fs::write(&file, policies().trim_matches(['[', ']'])).unwrap();
    let report = engine.import(&[file], &Silent).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let key =
        engine.records().add_key(&Principal::local().write_context(now()), "", Role::Caseworker, "甲", None);
    let secret = key.unwrap().1;
    let service = Service::over(folder, engine, settings(&[]));
    let bearer = format!("Bearer {secret}");
    let path = "/v1/enterprises/a/facts?source=own";
    let put = service.send("PUT", path, &[JSON, ("authorization", &bearer)], profile("a"));
    assert_eq!(put.status, 200, "{}", put.text());
    let signed = service.send(
        "POST",
        "/sign-in",
        &[HOST, FORM, ("origin", "http://zhaoren.example")],
        format!("key={secret}"),
    );
    let cookie = signed.header("set-cookie").split(';').next().unwrap().to_owned();
    let ask = |path: &str, form: &str| {
        let made = service.send("POST", path, &[HOST, FORM, ("cookie", &cookie)], form.to_owned());
        match made.status {
            303 => service.send("GET", made.header("location"), &[HOST, ("cookie", &cookie)], String::new()),
            _ => made,
        }
    };
    let looked_up = exact(&ask("/match", "lookup=a&as_of=2026-07-01&policy=exact"));
    assert!(looked_up.contains("分毫不差"), "{looked_up}");
    // The page hands the profile on, with an answer put in: its digits stay, and so does who says it.
    let pasted: String = profile("a").bytes().map(|byte| format!("%{byte:02X}")).collect();
    let again = ask("/match", &format!("profile={pasted}&stored=a&fact.employees=86&as_of=2026-07-01"));
    assert!(exact(&again).contains("own"), "{}", again.text());
    exact(&ask("/pack", &format!("profile={pasted}&as_of=2026-07-01")));
}
