//! Messages over HTTP: each tenant sees its own, and messages given up can be retried.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::asking;

use std::time::Duration;

use asking::schema::Schemas;
use asking::{Service, settings};
use serde_json::Value;
use zhaoren_engine::{Attempt, Channels, MessageSource, Principal, Records, Role, Tenant, now, parse_date};
use zhaoren_server::openapi;

/// Channels without tenant, and of a district.
fn channels(folder: &std::path::Path) -> Channels {
    std::fs::write(folder.join("secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let one = |name: &str, tenant: &str| {
        format!(
            "[channel.{name}]\nurl = \"http://127.0.0.1:1/\"\nsecret_file = \"secret\"\ntenant = \"{tenant}\"\n"
        )
    };
    let file = folder.join("channels.toml");
    std::fs::write(&file, one("all", "") + &one("district", "310104")).unwrap();
    Channels::open(&file).unwrap()
}

fn make(records: &Records, channels: &Channels, channel: &str, enterprises: &[&str]) {
    let items =
        [("cn-hnte-2016".to_owned(), r#"{"id":"cn-hnte-2016","title":"高新技术企业认定"}"#.to_owned())];
    let run = MessageSource::new(b"m", parse_date("2026-07-01").unwrap(), &items).unwrap();
    let (who, channel) = (Principal::local(), channels.find(channel).unwrap());
    let mut maker = records.begin_messages(&who.write_context(now()), channel, &run).unwrap().unwrap();
    for enterprise in enterprises {
        let row = r#"{"enterprise_id":"ID","policy_id":"cn-hnte-2016","verdict":"eligible","score":0.5,"change":"new"}"#;
        maker.push_line(&row.replace("ID", enterprise)).unwrap();
    }
    maker.finish().unwrap();
}

fn give_up(records: &Records, channels: &Channels, channel: &str) {
    let (who, channel) = (Principal::local(), channels.find(channel).unwrap());
    let taken =
        records.claim_messages(&who.write_context(now()), channel, "me", Duration::from_secs(60), 1).unwrap();
    let dead = Attempt::Dead { error: "HTTP 410".into(), maybe_told: false };
    let attempts: Vec<_> = taken.messages.into_iter().map(|one| (one, dead.clone())).collect();
    assert_eq!(records.record_attempts(&who.write_context(now()), channel, "me", &attempts).unwrap().dead, 1);
}

#[test]
fn tenants_list_their_messages_and_retry_failed_ones() {
    let (folder, engine) = Service::filled();
    let (records, local) = (engine.records(), Principal::local());
    let act = local.write_context(now());
    let (id, level) = ("310104".to_owned(), "district".to_owned());
    let tenant = Tenant { id: id.clone(), name: id, level, parent: String::new() };
    records.put_tenant(&act, &tenant).unwrap();
    let key = |tenant: &str, role| records.add_key(&act, tenant, role, "test", None).unwrap().1;
    let (whole, own) = (key("", Role::Platform), key("310104", Role::Platform));
    let caseworker = key("310104", Role::Caseworker);
    let channels = channels(folder.path());
    make(&records, &channels, "all", &["a", "b", "c"]);
    make(&records, &channels, "district", &["a"]);
    give_up(&records, &channels, "all");
    give_up(&records, &channels, "district");
    let service = Service::over(folder, engine, settings(&[]));
    let ask = |method: &str, path: &str, key: &str| {
        service.send(method, path, &[("authorization", format!("Bearer {key}").as_str())], "")
    };
    let document = openapi::generate();
    let conforms = |name: &str, answer: &Value| {
        let schema = serde_json::json!({"$ref": format!("#/components/schemas/{name}")});
        let wrong = Schemas(&document).wrong(&schema, answer);
        assert!(wrong.is_empty(), "{wrong:#?}\n{answer}");
    };
    let ids = |page: &Value| {
        let all = page["messages"].as_array().unwrap();
        all.iter().map(|one| one["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };

    let page = ask("GET", "/v1/messages?limit=2", &whole).json();
    conforms("MessagePage", &page);
    assert_eq!((ids(&page), page["next"].as_str()), (vec![1, 2], Some("2")));
    let rest = ask("GET", "/v1/messages?limit=2&cursor=2", &whole).json();
    assert_eq!((ids(&rest), &rest["next"]), (vec![3], &Value::Null));
    assert_eq!(ids(&ask("GET", "/v1/messages?state=dead", &whole).json()), [1], "the district's is its own");
    assert_eq!(ask("GET", "/v1/messages/4", &whole).status, 404);
    assert_eq!(ask("POST", "/v1/messages/4/retry", &whole).status, 404);
    assert_eq!(ids(&ask("GET", "/v1/messages?channel=all&state=waiting", &whole).json()), [2, 3]);
    assert_eq!(ids(&ask("GET", "/v1/messages", &own).json()), [4]);
    assert_eq!(ids(&ask("GET", "/v1/messages?channel=all", &own).json()), [0_i64; 0]);
    assert_eq!(ask("GET", "/v1/messages?state=lost", &own).status, 400);
    assert_eq!(ask("GET", "/v1/messages?cursor=-1", &own).status, 400);
    assert_eq!(ask("GET", "/v1/messages", &caseworker).status, 403);

    let one = ask("GET", "/v1/messages/4", &own).json();
    conforms("Message", &one);
    assert_eq!(one["body"]["data"]["title"], "高新技术企业认定");
    assert_eq!((&one["state"], &one["last_error"]), (&"dead".into(), &"HTTP 410".into()));
    let by_key = ask("GET", &format!("/v1/messages/{}", one["key"].as_str().unwrap()), &own).json();
    assert_eq!(by_key, one);
    assert_eq!(ask("GET", "/v1/messages/1", &own).status, 404, "another's");
    assert_eq!(ask("POST", "/v1/messages/1/retry", &own).status, 404);
    assert_eq!(ask("POST", "/v1/messages/2/retry", &whole).status, 409, "it was not given up");
    let again = ask("POST", "/v1/messages/4/retry", &own);
    assert_eq!((again.status, &again.json()["state"]), (200, &"waiting".into()));
    conforms("Message", &again.json());

    let metrics = ask("GET", "/metrics", &whole).text();
    for line in [
        "zhaoren_messages{state=\"waiting\"} 3",
        "zhaoren_messages{state=\"dead\"} 1",
        "zhaoren_messages{state=\"held\"} 0",
        "zhaoren_oldest_unsent_seconds ",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}
