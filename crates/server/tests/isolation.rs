//! Every route with the keys of two tenants: data of one is never visible to another, and no tenant may act on what
//! concerns all.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::asking;

use asking::{ROLES, Service, settings};
use serde_json::json;
use zhaoren_engine::{Channels, MessageSource, NewKey, Principal, Role, now, parse_date};
use zhaoren_server::access::{API_ROUTES, Requirement};
use zhaoren_server::console;

/// Scope of a route with respect to tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Independent of tenants: shared data, data of the request, or none.
    Shared,
    /// Data of the caller's own tenant.
    Own,
    /// Data of all tenants, so no tenant has access.
    Operator,
}
use Scope::{Operator, Own, Shared};

/// All routes by scope. A new route has to be classified here deliberately.
const SCOPES: &[(&str, &str, Scope)] = &[
    ("GET", "/healthz", Shared),
    ("GET", "/readyz", Shared),
    ("GET", "/openapi.json", Shared),
    ("GET", "/metrics", Operator),
    ("POST", "/v1/match", Own),
    ("POST", "/v1/questions", Own),
    ("POST", "/v1/bundle", Own),
    ("GET", "/v1/enterprises", Own),
    ("POST", "/v1/enterprises", Own),
    ("GET", "/v1/enterprises/{id}", Own),
    ("DELETE", "/v1/enterprises/{id}", Own),
    ("PUT", "/v1/enterprises/{id}/facts", Own),
    ("GET", "/v1/enterprises/{id}/match", Own),
    ("GET", "/v1/enterprises/{id}/questions", Own),
    ("GET", "/v1/enterprises/{id}/outcomes", Own),
    ("GET", "/v1/sources", Own),
    ("PUT", "/v1/sources/{id}", Own),
    ("POST", "/v1/outcomes", Own),
    ("GET", "/v1/opt-outs", Own),
    ("POST", "/v1/opt-outs", Own),
    ("DELETE", "/v1/opt-outs", Own),
    ("GET", "/v1/search", Own),
    ("POST", "/v1/search", Own),
    ("GET", "/v1/searches", Own),
    ("PUT", "/v1/searches/{id}", Own),
    ("DELETE", "/v1/searches/{id}", Own),
    ("POST", "/v1/searches/{id}/run", Own),
    ("GET", "/v1/suggest", Own),
    ("GET", "/v1/facts", Own),
    ("GET", "/v1/policies", Own),
    ("GET", "/v1/policies/{id}", Own),
    ("PUT", "/v1/policies/{id}", Own),
    ("DELETE", "/v1/policies/{id}", Own),
    ("POST", "/v1/policies/{id}/find", Own),
    ("POST", "/v1/policies/{id}/what-if", Own),
    ("GET", "/v1/changes", Own),
    ("GET", "/v1/jobs", Own),
    ("POST", "/v1/jobs", Own),
    ("GET", "/v1/jobs/{id}", Own),
    ("DELETE", "/v1/jobs/{id}", Own),
    ("GET", "/v1/runs", Own),
    ("GET", "/v1/runs/{id}", Own),
    ("GET", "/v1/runs/{id}/matches", Own),
    ("GET", "/v1/messages", Own),
    ("GET", "/v1/messages/{id}", Own),
    ("POST", "/v1/messages/{id}/retry", Own),
    ("POST", "/v1/read", Shared),
    ("POST", "/v1/check", Own),
    ("POST", "/v1/import", Own),
    ("GET", "/v1/drafts", Own),
    ("POST", "/v1/drafts", Own),
    ("POST", "/v1/drafts/read", Own),
    ("GET", "/v1/drafts/corrections", Own),
    ("GET", "/v1/drafts/facts", Own),
    ("POST", "/v1/drafts/facts/{id}", Own),
    ("GET", "/v1/drafts/{id}", Own),
    ("POST", "/v1/drafts/{id}/proposals", Own),
    ("POST", "/v1/drafts/{id}/adoption", Own),
    ("POST", "/v1/drafts/{id}/decision", Own),
    ("POST", "/v1/receipts/{id}/verify", Own),
    ("GET", "/v1/keys", Own),
    ("POST", "/v1/keys", Own),
    ("DELETE", "/v1/keys/{id}", Own),
    ("POST", "/v1/keys/{id}/confirm", Own),
    ("GET", "/v1/tenants", Own),
    ("PUT", "/v1/tenants/{id}", Operator),
    ("GET", "/v1/audit", Own),
    ("GET", "/v1/audit/head", Operator),
    ("POST", "/v1/audit/verify", Operator),
    ("GET", "/v1/index", Shared),
    ("POST", "/v1/index/verify", Operator),
    ("POST", "/v1/index/rebuild", Operator),
    ("POST", "/v1/index/rollback", Operator),
    ("GET", "/", Own),
    ("GET", "/policies/{id}", Own),
    ("GET", "/match", Own),
    ("POST", "/match", Own),
    ("GET", "/match/r/{id}", Own),
    ("GET", "/enterprises", Own),
    ("GET", "/enterprises/{id}", Own),
    ("POST", "/match/r/{id}/save", Own),
    ("POST", "/pack", Own),
    ("GET", "/runs", Own),
    ("GET", "/read", Shared),
    ("POST", "/read", Shared),
    ("POST", "/read/{id}/import", Own),
    ("GET", "/read/{id}/items/{item}", Own),
    ("POST", "/read/{id}/items/{item}", Own),
    ("GET", "/items/{id}/enterprises", Own),
    ("GET", "/runs/{id}", Own),
    ("GET", "/runs/{id}/list", Own),
    ("GET", "/runs/{id}/list.csv", Own),
    ("GET", "/runs/{id}/list.xlsx", Own),
    ("GET", "/runs/{id}/what-if", Own),
    ("GET", "/messages", Own),
    ("POST", "/messages/{id}/retry", Own),
    ("GET", "/items/{id}/edit", Own),
    ("POST", "/items/{id}/edit", Own),
    ("POST", "/items/{id}/check", Own),
    ("GET", "/items/{id}/evidence", Own),
    ("POST", "/items/{id}/evidence", Own),
    ("GET", "/reviews", Own),
    ("GET", "/reviews/{id}", Own),
    ("POST", "/reviews/{id}", Own),
    ("POST", "/reviews/{id}/proposals", Own),
    ("POST", "/reviews/{id}/facts", Own),
    ("GET", "/audit", Own),
    ("POST", "/audit", Operator),
    ("GET", "/docs", Shared),
    ("GET", "/favicon.ico", Shared),
    ("GET", "/sign-in", Shared),
    ("POST", "/sign-in", Shared),
    ("POST", "/sign-out", Shared),
];

/// Part of every id of the first tenant, and of no other text.
const MARK: &str = "qzmarkx";
/// Contents of the first tenant's data: a title, and a number of employees.
const CONTENTS: [&str; 2] = ["青蘸墨补贴", "86713"];

/// The table of all routes.
#[test]
fn tenant_data_is_invisible_to_other_tenants() {
    for (method, path, need) in API_ROUTES.iter().chain(console::CONSOLE_ROUTES) {
        // Style and script have a digest in their address.
        if *need == Requirement::Public && path.contains('.') && *path != "/openapi.json" {
            continue;
        }
        let found = SCOPES.iter().find(|(of, at, _)| *of == method.as_str() && at == path);
        let (.., scope) = found.unwrap_or_else(|| panic!("{method} {path} has no scope: put it into SCOPES"));
        assert_eq!(matches!(need, Requirement::Operator(_)), *scope == Operator, "{method} {path}");
    }
    let (service, key) = Service::keyed();
    let send = |header: &str, method: &str, path: &str, body: &str| {
        let kind =
            if path.starts_with("/v1") { "application/json" } else { "application/x-www-form-urlencoded" };
        service.send(method, path, &[("authorization", header), ("content-type", kind)], body.to_owned())
    };
    // The first tenant has data of every kind.
    let own = |role, method: &str, path: &str, body: &str| {
        let answer = send(&key("310104", role), method, path, body);
        assert!(answer.status < 300, "{method} {path}: {} {}", answer.status, answer.text());
        answer
    };
    let item =
        |id: &str| json!({"id": id, "title": CONTENTS[0], "criteria": {"fact": "employees", "at_least": 1}});
    own(Role::Administrator, "PUT", &format!("/v1/policies/{MARK}"), &item(MARK).to_string());
    let drafts =
        own(Role::Caseworker, "POST", "/v1/drafts", &item(&format!("{MARK}-draft")).to_string()).json();
    let profile = json!({"id": MARK, "facts": {"employees": 86713}}).to_string();
    own(Role::Caseworker, "POST", &format!("/v1/enterprises?source={MARK}"), &profile);
    let receipt = own(Role::Caseworker, "POST", "/v1/match?limit=3&receipt", &profile).json();
    own(Role::Platform, "POST", "/v1/opt-outs", &json!({"enterprise": MARK}).to_string());
    let (records, local) = (service.engine.records(), Principal::local());
    let act = zhaoren_engine::WriteContext { tenant: "310104", ..local.write_context(now()) };
    let new = NewKey { tenant: "310104", role: Role::Platform, name: MARK, holder: None, expires_at: None };
    let made = records.issue_key(&act, &new).unwrap().0;
    let message = told(&service);
    let secrets = [
        message.to_string(),
        receipt["receipt"]["id"].as_str().unwrap().to_owned(),
        drafts["drafts"][0].to_string(),
        made.id.clone(),
        MARK.to_owned(),
    ];
    // Other callers: the second tenant in every role, and the roles without a tenant that may see enterprises.
    let mut others: Vec<(&str, Role)> = ROLES.into_iter().map(|role| ("310115", role)).collect();
    others.extend([("", Role::Platform), ("", Role::Caseworker)]);
    // The audit first: later it contains the requests of the others.
    let mut routes = SCOPES.to_vec();
    routes.sort_by_key(|(_, path, _)| !path.contains("audit"));
    for (method, path, scope) in &routes {
        for (tenant, role) in &others {
            let header = key(tenant, *role);
            for secret in &secrets {
                // Destructive routes are called with an id that only the first tenant knows.
                let address = path.replace("{id}", secret);
                let answer = send(&header, method, &address, "");
                let told = answer.text();
                if *scope == Operator && !tenant.is_empty() {
                    assert!(answer.status == 403, "{method} {address} {tenant} {role:?}: {}", answer.status);
                }
                // A response may repeat the requested id, but none of its content.
                let tells = |what: &str| told.contains(what) && !(path.contains("{id}") && what == MARK);
                let leaks = CONTENTS.iter().chain([&MARK]).any(|what| tells(what));
                assert!(!leaks, "{method} {address} of `{tenant}` {role:?}: {told}");
                if !path.contains("{id}") {
                    break;
                }
            }
        }
    }
    // The data of the first tenant is unchanged.
    own(Role::Caseworker, "GET", &format!("/v1/enterprises/{MARK}"), "");
    own(Role::Platform, "GET", &format!("/v1/policies/{MARK}"), "");
    own(Role::Platform, "GET", &format!("/v1/messages/{message}"), "");
    assert_eq!(
        records.keys("310104").unwrap().iter().find(|key| key.id == made.id).unwrap().revoked_at,
        None
    );
    // The operator's administrator gets the counts of all messages, but no message.
    let counted = |role: Role| send(&key("", role), "GET", "/v1/messages", "").json();
    let all = counted(Role::Administrator);
    assert_eq!((&all["counts"]["waiting"], all["messages"].as_array().unwrap().len()), (&json!(1), 0));
    assert_eq!(counted(Role::Platform)["counts"]["waiting"], 0);
    let own = send(&key("310104", Role::Platform), "GET", "/v1/messages", "").json();
    assert_eq!((&own["counts"]["waiting"], own["messages"].as_array().unwrap().len()), (&json!(1), 1));
}

/// Creates a message of the first tenant; returns its number.
fn told(service: &Service) -> i64 {
    let folder = service.folder.path();
    std::fs::write(folder.join("secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let file = folder.join("channels.toml");
    let text =
        "[channel.district]\nurl = \"http://127.0.0.1:1/\"\nsecret_file = \"secret\"\ntenant = \"310104\"\n";
    std::fs::write(&file, text).unwrap();
    let channels = Channels::open(&file).unwrap();
    let items = [(MARK.to_owned(), format!("{{\"id\":\"{MARK}\",\"title\":\"{}\"}}", CONTENTS[0]))];
    let run = MessageSource::new(b"m", parse_date("2026-07-01").unwrap(), &items).unwrap();
    let (records, who) = (service.engine.records(), Principal::local());
    let channel = channels.find("district").unwrap();
    let mut maker = records.begin_messages(&who.write_context(now()), channel, &run).unwrap().unwrap();
    let row = json!({"enterprise_id": format!("{MARK}-2"), "policy_id": MARK, "verdict": "eligible", "score": 0.5, "change": "new"});
    maker.push_line(&row.to_string()).unwrap();
    maker.finish().unwrap();
    records.messages(&zhaoren_engine::MessageFilter { limit: 9, ..Default::default() }).unwrap()[0].id
}

/// A server without keys requires them at once when another process creates the first, and the end of
/// the last one closes it, until the holder of the data directory waives keys.
#[test]
fn revoking_the_last_key_closes_the_server() {
    let (folder, engine) = Service::filled();
    let service = Service::over(folder, engine, settings(&[]));
    let (records, local) = (service.engine.records(), Principal::local());
    assert_eq!(service.get("/v1/keys").status, 200, "never a key: the machine's own");
    let (key, secret) =
        records.add_key(&local.write_context(now()), "", Role::Administrator, "甲", None).unwrap();
    // Another process created it, without notice to this server.
    assert_eq!(service.get("/v1/keys").status, 401);
    let header = format!("Bearer {secret}");
    let revoke = format!("/v1/keys/{}", key.id);
    assert_eq!(service.send("DELETE", &revoke, &[("authorization", &header)], "").status, 200);
    let closed = service.send("GET", "/v1/keys", &[("authorization", &header)], "");
    assert_eq!(closed.status, 401);
    assert!(closed.text().contains("keys add"), "{}", closed.text());
    for host in ["localhost", "127.0.0.1:8080"] {
        assert_eq!(service.send("GET", "/v1/keys", &[("host", host)], "").status, 401, "{host}");
    }
    let new = json!({"role": "administrator", "name": "a", "holder": "a"}).to_string();
    assert_eq!(service.post("/v1/keys", &new).status, 401);
    let ready = service.get("/readyz");
    assert_eq!((ready.status, &ready.json()["checks"]["keys"]["ok"]), (503, &json!(false)));
    records.waive_keys(&local.write_context(now())).unwrap();
    assert_eq!(service.get("/v1/keys").status, 200);
    assert_eq!(service.get("/readyz").status, 200);
}
