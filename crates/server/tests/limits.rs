//! Requests that are too large, too slow or ambiguous: each is answered in time, and others are served meanwhile.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::asking;

use std::convert::Infallible;
use std::time::Duration;

use asking::Service;
use axum::body::{Body, Bytes};
use futures_util::stream::{self, StreamExt};
use serde_json::json;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");

/// Body that begins with `begin` and never continues.
fn half_sent(begin: impl Into<Bytes>) -> Body {
    let begin = Ok::<Bytes, Infallible>(begin.into());
    Body::from_stream(stream::iter([begin]).chain(stream::pending()))
}

/// Endless body of single blanks, one every `each`.
fn dripping(each: Duration) -> Body {
    Body::from_stream(stream::unfold((), move |()| async move {
        tokio::time::sleep(each).await;
        Some((Ok::<Bytes, Infallible>(Bytes::from_static(b" ")), ()))
    }))
}

/// A form that stops is answered once its sender was idle for too long, and so is one that drips.
#[test]
fn unfinished_forms_time_out() {
    let service = Service::with(&[("limits.silence", "300ms"), ("limits.time", "1s")]);
    for path in ["/sign-in", "/match", "/pack", "/audit"] {
        let answer = service.send("POST", path, &[FORM], half_sent("k"));
        // The check of the audit reads no form.
        let expected = if path == "/audit" { 200 } else { 408 };
        assert_eq!(answer.status, expected, "{path}: {}", answer.text());
        if path != "/audit" {
            let answer = service.send("POST", path, &[FORM], dripping(Duration::from_millis(50)));
            assert_eq!(answer.status, 408, "{path}: {}", answer.text());
        }
    }
    let long = format!("key={}", "x".repeat(70 << 10));
    assert_eq!(service.send("POST", "/sign-in", &[FORM], long).status, 413, "nobody signs in with that much");
}

/// A large body that arrives a byte at a time is given up, whatever it contains.
#[test]
fn slow_bodies_are_given_up() {
    let service = Service::with(&[("limits.silence", "300ms"), ("limits.time", "600ms")]);
    for path in ["/v1/match", "/v1/import", "/v1/outcomes"] {
        let answer = service.send("POST", path, &[JSON], dripping(Duration::from_millis(20)));
        assert_eq!((answer.status, &answer.json()["code"]), (408, &json!("request-timeout")), "{path}");
    }
}

/// The memory of all bodies together is bounded; a body without room is refused with a retry delay, and
/// room is free again after the others.
#[test]
fn bodies_share_a_memory_budget() {
    let service = Service::with(&[
        ("limits.silence", "1500ms"),
        ("limits.body", "256KiB"),
        ("limits.import", "256KiB"),
        ("limits.bodies", "256KiB"),
    ]);
    let large = || Bytes::from(vec![b' '; 200 << 10]);
    std::thread::scope(|scope| {
        let (begun, has_room) = std::sync::mpsc::channel();
        // The first part has its room once the second is asked for, which never comes.
        let rest = stream::poll_fn(move |_| {
            let _ = begun.send(());
            std::task::Poll::Pending
        });
        let held = Body::from_stream(stream::iter([Ok::<Bytes, Infallible>(large())]).chain(rest));
        let held = scope.spawn(|| service.send("POST", "/v1/import", &[JSON], held));
        has_room.recv().unwrap();
        let refused = service.send("POST", "/v1/import", &[JSON], Body::from(large()));
        assert_eq!((refused.status, &refused.json()["code"]), (503, &json!("busy")), "{}", refused.text());
        assert!(!refused.header("retry-after").is_empty());
        let small = service.post("/v1/match?limit=0", r#"{"id":"a","facts":{}}"#);
        assert_eq!(small.status, 200, "{}", small.text());
        assert_eq!(held.join().unwrap().status, 408);
    });
    let answer = service.send("POST", "/v1/import", &[JSON], Body::from(large()));
    assert_eq!(answer.status, 400, "read, and no JSON: {}", answer.text());
}

/// A header with a single value may occur once.
#[test]
fn repeated_single_value_headers_are_refused() {
    let service = Service::shared();
    for name in ["host", "authorization", "content-type", "content-length", "origin"] {
        let value = if name == "content-length" { "0" } else { "localhost" };
        let answer = service.send("GET", "/healthz", &[(name, value), (name, value)], "");
        assert_eq!((answer.status, &answer.json()["code"]), (400, &json!("bad-header")), "{name}");
        assert!(answer.text().contains(name), "{}", answer.text());
    }
}

/// Wrong keys per address and minute are limited.
#[test]
fn wrong_keys_are_rate_limited() {
    let service = Service::with(&[("limits.sign_ins", "5")]);
    // Without keys every local user has full access, so no key is wrong; with one key, all others are.
    let act = zhaoren_engine::Principal::local();
    let records = service.engine.records();
    let role = zhaoren_engine::Role::Caseworker;
    let (_, good) = records.add_key(&act.write_context(zhaoren_engine::now()), "", role, "甲", None).unwrap();
    let sign_in = |key: &str| service.send("POST", "/sign-in", &[FORM], format!("key={key}")).status;
    let statuses: Vec<u16> = (0..8).map(|_| sign_in("wrong")).collect();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
    let statuses: Vec<u16> = (0..8).map(|_| sign_in(&good)).collect();
    assert_eq!(statuses, [303, 303, 303, 303, 303, 429, 429, 429], "a good key is let in all the same");
}
