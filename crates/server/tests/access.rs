//! Authentication and authorization over HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::asking;

use asking::{ROLES, Service, settings};
use serde_json::{Value, json};
use zhaoren_engine::{Home, Principal, Role, now, start_of};
use zhaoren_server::access::{API_ROUTES, Access, Requirement, check};

#[test]
fn routes_accept_exactly_the_roles_of_the_table() {
    let (service, key) = Service::keyed();
    for (method, path, need) in API_ROUTES {
        let address = path.replace("{id}", "none");
        for role in ROLES {
            let answer = service.send(method.as_str(), &address, &[("authorization", &key("", role))], "");
            let may = match need {
                Requirement::Public | Requirement::Authenticated => true,
                Requirement::Right(right) => role.has_right(*right),
                Requirement::Operator(right) => right.is_none_or(|right| role.has_right(right)),
            };
            assert_eq!(answer.status != 403, may, "{method} {path} {}: {}", role.name(), answer.text());
            assert_ne!(answer.status, 401, "{method} {path} {}", role.name());
        }
        for wrong in ["", "Bearer", "Bearer ", "Bearer x", "Bearer zhr_00", "Basic a2V5IG9mIHBsYXRmb3Jt"] {
            let headers: Vec<(&str, &str)> =
                if wrong.is_empty() { Vec::new() } else { vec![("authorization", wrong)] };
            let answer = service.send(method.as_str(), &address, &headers, "");
            let open = *need == Requirement::Public;
            assert_eq!(answer.status != 401, open, "{method} {path} `{wrong}`: {}", answer.text());
            if !open {
                assert_eq!(answer.json()["code"], "unauthorized");
                assert!(answer.header("www-authenticate").starts_with("Bearer"));
            }
        }
    }
    // A key in the query string gives no access.
    let secret = key("", Role::Administrator).replace("Bearer ", "");
    assert_eq!(service.get(&format!("/v1/facts?key={secret}")).status, 401);
    assert_eq!(service.get("/nowhere").status, 404);
    let lower = key("", Role::Platform).replace("Bearer", "bearer");
    let header = ("authorization", lower.as_str());
    assert_eq!(service.send("GET", "/v1/facts", &[header], "").status, 200, "the scheme has no case");
    assert_eq!(service.send("DELETE", "/v1/facts", &[header], "").status, 405);
}

#[test]
fn revoked_and_expired_keys_are_refused() {
    let (folder, engine) = Service::filled();
    let records = engine.records();
    let local = Principal::local();
    let act = local.write_context(now());
    let (key, secret) = records.add_key(&act, "", Role::Platform, "a", None).unwrap();
    let yesterday = start_of(zhaoren_engine::parse_date("2020-01-01").unwrap());
    let (_, over) = records.add_key(&act, "", Role::Platform, "b", Some(yesterday)).unwrap();
    let (_, other) = records.add_key(&act, "", Role::Platform, "c", None).unwrap();
    let service = Service::over(folder, engine, settings(&[]));
    let status = |secret: &str| {
        service.send("GET", "/v1/facts", &[("authorization", &format!("Bearer {secret}"))], "").status
    };
    assert_eq!((status(&secret), status(&over), status(&other)), (200, 401, 200));
    records.revoke_key(&local.write_context(now()), &key.id).unwrap();
    assert_eq!((status(&secret), status(&other)), (401, 200));
}

#[test]
fn items_of_a_tenant_are_private() {
    let (service, key) = Service::keyed();
    let ask = |tenant: &str, role: Role, method: &str, path: &str, body: &str| {
        let key = key(tenant, role);
        let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
        service.send(method, path, &headers, body.to_owned())
    };
    let item = json!({"id": "own", "title": "本区事项", "criteria": {"fact": "employees", "at_least": 1}})
        .to_string();
    let put = ask("310104", Role::Administrator, "PUT", "/v1/policies/own", &item);
    assert_eq!(put.status, 201, "{}", put.text());
    let matched = |tenant: &str| {
        let body = r#"{"id":"a","facts":{"employees":5}}"#;
        let answer = ask(tenant, Role::Caseworker, "POST", "/v1/match?limit=1000", body).json();
        answer["matches"].as_array().unwrap().iter().any(|one: &Value| one["policy"] == "own")
    };
    assert_eq!((matched("310104"), matched("310115"), matched("")), (true, false, false));
    let shown = |tenant: &str| ask(tenant, Role::Caseworker, "GET", "/v1/policies/own", "").status;
    assert_eq!((shown("310104"), shown("310115"), shown("")), (200, 404, 404));
    let listed = |tenant: &str| {
        ask(tenant, Role::Platform, "GET", "/v1/policies?limit=1000", "").text().contains("\"own\"")
    };
    assert_eq!((listed("310104"), listed("310115")), (true, false));
    // Search finds an item for its own tenant, and leaves no trace of it for others.
    let search = "/v1/search?limit=1000&q=%E6%9C%AC%E5%8C%BA%E4%BA%8B%E9%A1%B9";
    let profile = r#"{"q":"本区事项","limit":1000,"profile":{"id":"a","facts":{"employees":5}}}"#;
    let ways = [
        ("GET", search, ""),
        ("POST", "/v1/search", profile),
        ("GET", "/v1/suggest?limit=50&q=%E6%9C%AC%E5%8C%BA", ""),
        ("GET", "/v1/changes?limit=1000", ""),
        ("GET", "/?q=%E6%9C%AC%E5%8C%BA%E4%BA%8B%E9%A1%B9", ""),
    ];
    for (method, path, body) in ways {
        let sees = |tenant: &str| {
            let answer = ask(tenant, Role::Caseworker, method, path, body);
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
            let text = answer.text();
            (text.contains("\"own\"") || text.contains("/policies/own?"), answer)
        };
        let (own, others) = (sees("310104"), ["310115", ""].map(sees));
        assert_eq!((own.0, others.each_ref().map(|one| one.0)), (true, [false; 2]), "{method} {path}");
        // Responses for different tenants differ in their tags.
        let tag = own.1.header("etag").to_owned();
        for (other, key) in others.iter().zip([key("310115", Role::Caseworker), key("", Role::Caseworker)]) {
            let headers = [("authorization", key.as_str()), ("if-none-match", tag.as_str())];
            assert!(tag.is_empty() || other.1.header("etag") != tag, "{path}");
            if method == "GET" {
                assert_eq!(service.send(method, path, &headers, "").status, 200, "{path}");
            }
        }
    }
    let verdict = ask("310104", Role::Caseworker, "POST", "/v1/search", profile).json();
    let hit = verdict["hits"].as_array().unwrap().iter().find(|hit| hit["id"] == "own").unwrap();
    assert_eq!((&hit["verdict"], &hit["items"][0]["verdict"]), (&json!("eligible"), &json!("eligible")));
    let home = |tenant: &str| {
        let page = ask(tenant, Role::Caseworker, "GET", "/", "").text();
        page.replace(|c: char| !c.is_ascii_digit() && c != ' ', " ")
    };
    assert_ne!(home("310104"), home("310115"), "one more item");
    let swaps = ask("", Role::Administrator, "GET", "/metrics", "").text();
    assert!(swaps.contains("zhaoren_swaps_total 1\n"), "{swaps}");
    // Another tenant can neither change nor delete it: the same id is free for an item of its own.
    let other = ask("310115", Role::Administrator, "PUT", "/v1/policies/own", &item.replace("本区", "他区"));
    assert_eq!(other.status, 201, "nothing tells that another has it: {}", other.text());
    assert!(
        shown("310104") == 200
            && !ask("310104", Role::Platform, "GET", "/v1/policies/own", "").text().contains("他区")
    );
    assert_eq!(ask("310115", Role::Administrator, "DELETE", "/v1/policies/own", "").status, 204);
    assert_eq!((shown("310115"), matched("310104"), matched("310115")), (404, true, false));
    assert_eq!(ask("310115", Role::Administrator, "DELETE", "/v1/policies/own", "").status, 404);
    // A tenant cannot take an id of the shared catalogue.
    let taken = item.replace("\"own\"", "\"cn-hnte-2016\"");
    let taken = ask("310104", Role::Administrator, "PUT", "/v1/policies/cn-hnte-2016", &taken);
    assert_eq!(taken.status, 409, "{}", taken.text());
    assert_eq!(ask("310104", Role::Administrator, "DELETE", "/v1/policies/cn-hnte-2016", "").status, 404);
    assert_eq!(ask("310104", Role::Administrator, "DELETE", "/v1/policies/own", "").status, 204);
    assert!(!matched("310104"));
    // Documents are shared, so a tenant cannot import them.
    let text = json!({"id": "d", "title": "文件", "text": "第一条 甲。"}).to_string();
    let report = ask("310104", Role::Administrator, "POST", "/v1/import", &text).json();
    assert_eq!(report["documents"]["new"], 0, "{report}");
    assert!(report["problems"].to_string().contains('d'));
}

/// The author cannot approve an item, and an item without approval is matched with no enterprise.
#[test]
fn items_take_effect_after_a_second_person_approves() {
    let (service, key) = Service::keyed();
    let ask = |role: Role, method: &str, path: &str, body: &Value| {
        let key = key("", role);
        let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
        service.send(method, path, &headers, body.to_string())
    };
    let item =
        json!({"id": "proposed", "title": "提出的事项", "criteria": {"fact": "employees", "at_least": 1}});
    let there = || ask(Role::Platform, "GET", "/v1/policies/proposed", &json!(null)).status == 200;
    let proposed =
        ask(Role::Caseworker, "POST", "/v1/drafts?reason=%E6%8C%89%E6%96%B0%E5%8A%9E%E6%B3%95", &item).json();
    let id = proposed["drafts"][0].as_i64().unwrap();
    assert!(!there());
    let listed = ask(Role::Reviewer, "GET", "/v1/drafts?state=open", &json!(null)).json();
    assert_eq!((&listed["drafts"][0]["id"], &listed["drafts"][0]["body"]), (&json!(id), &item));
    assert_eq!(listed["drafts"][0]["reason"], "按新办法");
    let path = format!("/v1/drafts/{id}/decision");
    assert_eq!(ask(Role::Caseworker, "POST", &path, &json!({"approve": true})).status, 403);
    assert_eq!(ask(Role::Reviewer, "POST", &path, &json!({"aprove": true})).status, 400);
    let decided = ask(Role::Reviewer, "POST", &path, &json!({"approve": true, "note": "核对过"}));
    assert_eq!((decided.status, &decided.json()["state"]), (200, &json!("approved")), "{}", decided.text());
    assert!(there());
    let listed = ask(Role::Caseworker, "GET", "/v1/drafts?state=approved", &json!(null)).json();
    assert_eq!(listed["drafts"][0]["note"], "核对过", "whoever proposed it sees what was said of it");
    assert_eq!(ask(Role::Reviewer, "POST", &path, &json!({"approve": false})).status, 409, "decided already");
    // A reviewer cannot decide on an own draft.
    let own = ask(
        Role::Reviewer,
        "POST",
        "/v1/drafts",
        &json!({"id": "own", "title": "甲", "criteria": {"all": []}}),
    );
    let id = own.json()["drafts"][0].as_i64().unwrap();
    let own = ask(Role::Reviewer, "POST", &format!("/v1/drafts/{id}/decision"), &json!({"approve": true}));
    assert_eq!(own.status, 409, "{}", own.text());
    let audit = ask(Role::Reviewer, "GET", "/v1/audit?limit=1000", &json!(null)).text();
    assert!(audit.contains("draft.review"), "{audit}");
}

/// A report can be replayed to the same bytes, and the answer contains no facts.
#[test]
fn receipts_are_stored_and_verified() {
    let (service, key) = Service::keyed();
    let ask = |tenant: &str, path: &str, body: &str| {
        let key = key(tenant, Role::Caseworker);
        let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
        service.send("POST", path, &headers, body.to_owned())
    };
    let profile = r#"{"id":"a","facts":{"employees":86713}}"#;
    let answer = ask("310104", "/v1/match?as_of=2026-07-01&limit=3&receipt", profile).json();
    let id = answer["receipt"]["id"].as_str().unwrap().to_owned();
    let replay = ask("310104", &format!("/v1/receipts/{id}/verify"), "");
    assert_eq!((replay.status, &replay.json()["same"]), (200, &json!(true)), "{}", replay.text());
    assert!(!replay.text().contains("86713"));
    assert_eq!(ask("310115", &format!("/v1/receipts/{id}/verify"), "").status, 404, "another's");
    assert_eq!(ask("310104", "/v1/match?limit=1", profile).json().get("receipt"), None);
}

#[test]
fn servers_without_keys_listen_locally_only() {
    let (folder, engine) = Service::filled();
    let home = Home::new(folder.path(), None);
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let settings = settings(&[("listen", address)]);
        assert!(check(&settings, &home).is_ok() && Access::open(engine.records(), &settings).is_ok());
    }
    let nowhere = folder.path().join("nowhere");
    for address in ["0.0.0.0:8080", "[::]:8080", "10.0.0.1:8080"] {
        let settings = settings(&[("listen", address)]);
        for error in [
            check(&settings, &home).unwrap_err(),
            check(&settings, &Home::new(&nowhere, None)).unwrap_err(),
            Access::open(engine.records(), &settings).err().unwrap(),
        ] {
            let error = error.to_string();
            assert!(error.contains(address) && error.contains("keys add"), "{error}");
        }
        assert!(!nowhere.exists(), "nothing is made by looking");
    }
    let local = Principal::local();
    let (key, _) =
        engine.records().add_key(&local.write_context(now()), "", Role::Platform, "a", None).unwrap();
    let outside = settings(&[("listen", "0.0.0.0:8080")]);
    assert!(check(&outside, &home).is_ok());
    let service = Service::over(folder, engine, outside);
    assert_eq!(service.get("/v1/facts").status, 401);
    // Without its last key the server is closed, not open.
    service.engine.records().revoke_key(&local.write_context(now()), &key.id).unwrap();
    assert_eq!(service.get("/v1/facts").status, 401);
}

#[test]
fn pages_of_other_sites_cannot_act_for_the_local_user() {
    let service = Service::with(&[("hosts", "zhaoren.internal")]);
    let body = r#"{"id":"a"}"#;
    let post = |headers: &[(&str, &str)]| {
        let headers: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
        service.send("POST", "/v1/match?limit=0", &headers, body)
    };
    assert_eq!(post(&[]).status, 200);
    assert_eq!(post(&[("host", "127.0.0.1:8080"), ("origin", "http://127.0.0.1:8080")]).status, 200);
    assert_eq!(post(&[("host", "zhaoren.internal")]).status, 200);
    // Requests from a page of another site, and under a foreign name that resolves to this machine.
    let foreign = post(&[("host", "127.0.0.1:8080"), ("origin", "http://evil.example")]);
    assert_eq!((foreign.status, &foreign.json()["code"]), (403, &json!("forbidden")));
    assert_eq!(post(&[("origin", "null")]).status, 403);
    let rebound = post(&[("host", "evil.example:8080")]);
    assert_eq!((rebound.status, &rebound.json()["code"]), (421, &json!("misdirected")));
}

#[test]
fn tenant_administrators_manage_only_their_keys() {
    let (service, key) = Service::keyed();
    let (all, own) = (key("", Role::Administrator), key("310104", Role::Administrator));
    let send = |who: &str, method: &str, path: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        service.send(method, path, &[("authorization", who), ("content-type", "application/json")], body)
    };
    let keys =
        |who: &str| send(who, "GET", "/v1/keys", Value::Null).json()["keys"].as_array().unwrap().clone();
    assert_eq!(keys(&all).len(), 12);
    assert!(keys(&own).len() == 4 && keys(&own).iter().all(|key| key["tenant"] == "310104"));
    assert!(keys(&all).iter().all(|key| key.get("digest").is_none()));

    let added =
        send(&own, "POST", "/v1/keys", json!({"role": "caseworker", "name": "窗口", "holder": "李四"}))
            .json();
    assert_eq!(added["key"]["tenant"], "310104");
    let bearer = format!("Bearer {}", added["secret"].as_str().unwrap());
    assert_eq!(service.send("GET", "/v1/facts", &[("authorization", &bearer)], "").status, 200);
    let elsewhere = json!({"role": "caseworker", "name": "窗口", "holder": "李四", "tenant": "310115"});
    assert_eq!(send(&own, "POST", "/v1/keys", elsewhere.clone()).status, 403);
    assert_eq!(
        send(
            &own,
            "POST",
            "/v1/keys",
            json!({"role": "administrator", "name": "a", "holder": "a", "tenant": ""})
        )
        .status,
        403
    );
    assert_eq!(send(&all, "POST", "/v1/keys", elsewhere).status, 200);

    let foreign = keys(&all).into_iter().find(|key| key["tenant"] == "310115").unwrap();
    let foreign = format!("/v1/keys/{}", foreign["id"].as_str().unwrap());
    assert_eq!(send(&own, "DELETE", &foreign, Value::Null).status, 404);
    let id = added["key"]["id"].as_str().unwrap();
    assert_eq!(send(&own, "DELETE", &format!("/v1/keys/{id}"), Value::Null).status, 200);
    assert_eq!(service.send("GET", "/v1/facts", &[("authorization", &bearer)], "").status, 401);

    let named = json!({"name": "徐汇区", "level": "district"});
    assert_eq!(send(&own, "PUT", "/v1/tenants/310104", named.clone()).status, 403);
    assert_eq!(send(&all, "PUT", "/v1/tenants/a%20b", named.clone()).json()["code"], "bad-content");
    assert_eq!(send(&all, "PUT", "/v1/tenants/310104", named).status, 200);
    let park = json!({"name": "园区", "level": "park", "parent": "310104"});
    assert_eq!(send(&all, "PUT", "/v1/tenants/park", park).status, 200);
    let seen = |who: &str| -> Vec<String> {
        let tenants = send(who, "GET", "/v1/tenants", Value::Null).json();
        tenants["tenants"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(seen(&own), ["310104", "park"]);
    assert_eq!(seen(&all), ["310104", "310115", "park"]);
}

#[test]
fn first_key_requires_authentication_at_once() {
    let service = Service::with(&[]);
    let head = [("content-type", "application/json")];
    let first = json!({"role": "administrator", "name": "运维", "holder": "张三"}).to_string();
    let added = service.send("POST", "/v1/keys", &head, first).json();
    assert_eq!(service.get("/v1/facts").status, 401);
    let bearer = format!("Bearer {}", added["secret"].as_str().unwrap());
    assert_eq!(service.send("GET", "/v1/facts", &[("authorization", &bearer)], "").status, 200);
}
