//! Stored data of enterprises over HTTP: its tenant, its visibility by role, and its audit.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::asking;

use asking::{Answer, Service};
use serde_json::{Value, json};
use zhaoren_engine::Role::{self, Administrator, Caseworker, Platform, Reviewer};

const US: &str = "310104";
const THEM: &str = "310115";

/// Sends requests as a role of a tenant.
struct Asking<K: Fn(&str, Role) -> String> {
    service: Service,
    key: K,
}

impl<K: Fn(&str, Role) -> String> Asking<K> {
    fn ask(&self, tenant: &str, role: Role, method: &str, path: &str, body: Value) -> Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.send(tenant, role, method, path, "application/json", &text)
    }

    fn send(&self, tenant: &str, role: Role, method: &str, path: &str, kind: &str, body: &str) -> Answer {
        let key = (self.key)(tenant, role);
        let headers = [("authorization", key.as_str()), ("content-type", kind)];
        self.service.send(method, path, &headers, body.to_owned())
    }

    fn get(&self, tenant: &str, role: Role, path: &str) -> Answer {
        self.ask(tenant, role, "GET", path, Value::Null)
    }

    /// Actions in the audit of a tenant.
    fn audited(&self, tenant: &str) -> Vec<String> {
        let lines = self.get(tenant, Reviewer, "/v1/audit?limit=1000").json();
        let text = |line: &Value| {
            format!("{} {}", line["action"].as_str().unwrap(), line["subject"].as_str().unwrap())
        };
        lines["lines"].as_array().unwrap().iter().map(text).collect()
    }
}

fn asking() -> Asking<impl Fn(&str, Role) -> String> {
    let (service, key) = Service::keyed();
    Asking { service, key }
}

const FACTS: &str = "/v1/enterprises/e1/facts?source=";

#[test]
fn facts_are_visible_by_tenant_and_class() {
    let asking = asking();
    let own = json!({"name": "甲", "facts": {"employees": 86, "revenue": {"2025": 43000000}, "established_on": "2019-03-12"}});
    let put = asking.ask(US, Caseworker, "PUT", &format!("{FACTS}own"), own);
    assert_eq!((put.status, &put.json()["changed"]), (200, &json!(4)), "{}", put.text());
    let other = json!({"id": "e1", "facts": {"employees": 90}});
    assert_eq!(asking.ask(US, Platform, "PUT", &format!("{FACTS}insurance"), other.clone()).status, 200);
    let again = asking.ask(US, Platform, "PUT", &format!("{FACTS}insurance"), other).json();
    assert_eq!(again["changed"], 0, "said again is nothing new");
    // The value of the most trusted source counts, and the others are shown.
    let trust = asking.ask(US, Administrator, "PUT", "/v1/sources/own", json!({"trust": 5}));
    assert_eq!(trust.json(), json!({"source": "own", "trust": 5}));
    assert_eq!(
        asking.get(US, Administrator, "/v1/sources").json()["sources"],
        json!([{"source": "own", "trust": 5}])
    );
    assert_eq!(asking.get(THEM, Administrator, "/v1/sources").json()["sources"], json!([]));
    let shown = asking.get(US, Caseworker, "/v1/enterprises/e1").json();
    assert_eq!((&shown["profile"]["facts"]["employees"], &shown["hidden"]), (&json!(86), &json!(0)));
    assert_eq!(shown["profile"]["facts"]["revenue"], json!({"2025": 43000000}));
    let employees =
        shown["sources"].as_array().unwrap().iter().find(|one| one["key"] == "employees").unwrap();
    assert_eq!(employees["others"], json!([{"source": "insurance", "value": 90}]));
    // A platform submits tax secrets and personal counts, and cannot read them back.
    let seen = asking.get(US, Platform, "/v1/enterprises/e1");
    assert!(
        seen.json()["hidden"].as_u64().unwrap() >= 1 && !seen.text().contains("43000000"),
        "{}",
        seen.text()
    );
    for role in [Reviewer, Administrator] {
        for path in ["/v1/enterprises", "/v1/enterprises/e1", "/v1/enterprises/e1/match"] {
            let refused = asking.get(US, role, path);
            assert_eq!((refused.status, &refused.json()["code"]), (403, &json!("forbidden")), "{path}");
        }
        assert_eq!(asking.ask(US, role, "PUT", &format!("{FACTS}own"), json!({})).status, 403);
        assert_eq!(asking.ask(US, role, "DELETE", "/v1/enterprises/e1", Value::Null).status, 403);
    }
    // No other tenant sees it, not even one above or the operator.
    for tenant in [THEM, ""] {
        assert_eq!(asking.get(tenant, Caseworker, "/v1/enterprises").json()["enterprises"], json!([]));
        assert_eq!(asking.get(tenant, Caseworker, "/v1/enterprises/e1").status, 404);
        assert_eq!(asking.get(tenant, Caseworker, "/v1/enterprises/e1/match").status, 404);
        let gone = asking.ask(tenant, Caseworker, "DELETE", "/v1/enterprises/e1", Value::Null).json();
        assert_eq!(gone, json!({"facts": 0, "receipts": 0, "messages": 0}));
    }
    assert_eq!(
        asking.get(US, Caseworker, "/v1/enterprises").json(),
        json!({"enterprises": ["e1"], "next": null})
    );
    let gone = asking.ask(US, Caseworker, "DELETE", "/v1/enterprises/e1", Value::Null).json();
    assert_eq!(gone, json!({"facts": 5, "receipts": 0, "messages": 0}));
    assert_eq!(asking.get(US, Caseworker, "/v1/enterprises/e1").status, 404);
    let audit = asking.audited(US);
    for action in ["facts.put e1", "facts.read e1", "source.trust own", "enterprise.forget e1"] {
        assert!(audit.contains(&action.to_owned()), "{action}: {audit:?}");
    }
    let foreign = asking.audited(THEM);
    assert!(!foreign.iter().any(|line| line.starts_with("facts.")), "{foreign:?}");
}

/// Stored facts are matched like facts of a request, as far as the caller may see them.
#[test]
fn stored_enterprises_match_like_sent_ones() {
    let asking = asking();
    let profile = json!({"id": "e1", "name": "甲", "facts": {"registered_region": "310104", "industry": "I6513",
        "established_on": "2019-03-12", "employees": 86, "revenue": {"2024": 30100000, "2025": 43000000}}});
    let saved = asking.ask(US, Caseworker, "PUT", &format!("{FACTS}own"), profile.clone());
    assert_eq!(saved.status, 200, "{}", saved.text());
    let refusal = json!({"enterprise": "e1", "item": "cn-hnte-2016", "reason": "已办"});
    assert_eq!(asking.ask(US, Caseworker, "POST", "/v1/opt-outs", refusal).status, 200);
    let query = "as_of=2026-07-01&limit=1000&all";
    let stored = asking.get(US, Caseworker, &format!("/v1/enterprises/e1/match?{query}"));
    let sent = asking.ask(US, Caseworker, "POST", &format!("/v1/match?{query}"), profile);
    assert!(stored.json()["opted_out"][0]["item"] == "cn-hnte-2016", "{:.300}", stored.text());
    assert_eq!(stored.json(), sent.json());
    let seen = asking.get(US, Platform, &format!("/v1/enterprises/e1/match?{query}")).json();
    assert_ne!(seen["matches"], sent.json()["matches"]);
    assert!(seen["problems"].to_string().contains("不在可见范围内"), "{}", seen["problems"]);
    let early = asking.get(US, Caseworker, "/v1/enterprises/e1/match?believed=2020-01-01");
    assert_eq!(early.status, 404, "nothing was believed of it then");
}

#[test]
fn enterprises_are_saved_in_bulk_and_listed_in_pages() {
    let asking = asking();
    let lines = "{\"id\":\"c\",\"facts\":{\"employees\":1}}\n{\"id\":\"a\",\"facts\":{\"employees\":\"x\"}}\n{\"id\":\"b\",\"facts\":{}}\n{\"id\":\"d\",\"facts\":{\"employees\":2}}\n";
    let path = "/v1/enterprises?source=own";
    let saved = asking.send(US, Platform, "POST", path, "application/x-ndjson", lines).json();
    assert_eq!(
        saved["saved"],
        json!([{"id": "c", "changed": 1}, {"id": "b", "changed": 0}, {"id": "d", "changed": 1}])
    );
    assert_eq!(
        (&saved["problems"][0]["line"], &saved["problems"][0]["enterprise"]),
        (&json!(2), &json!("a"))
    );
    let first = asking.get(US, Caseworker, "/v1/enterprises?limit=1").json();
    assert_eq!(first["enterprises"], json!(["c"]));
    let next = first["next"].as_str().unwrap();
    let second = asking.get(US, Caseworker, &format!("/v1/enterprises?limit=1&cursor={next}")).json();
    assert_eq!(second, json!({"enterprises": ["d"], "next": null}));
    // Errors name the parameter, the member, the days.
    let wrong = |path: &str, body: Value| {
        let answer = asking.ask(US, Platform, "PUT", path, body);
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
        answer.json()
    };
    assert_eq!(wrong("/v1/enterprises/e1/facts", json!({"facts": {}}))["errors"][0]["parameter"], "source");
    assert_eq!(wrong(&format!("{FACTS}own"), json!({"id": "e2", "facts": {}}))["errors"][0]["field"], "id");
    let several = json!({"profiles": [{"id": "e2", "facts": {"employees": 3}}]});
    assert_eq!(wrong(&format!("{FACTS}own"), several)["errors"][0]["field"], "profiles");
    let days =
        wrong(&format!("{FACTS}own&from=2026-02-01&until=2026-01-31"), json!({"facts": {"employees": 3}}));
    assert!(days["detail"].as_str().unwrap().contains("2026-01-31"), "{days}");
    assert_eq!(asking.get(US, Caseworker, "/v1/enterprises/e2").status, 404);
    let none = asking.send(
        US,
        Platform,
        "POST",
        path,
        "application/x-ndjson",
        "{\"id\":\"a\",\"facts\":{\"employees\":\"x\"}}\n",
    );
    assert_eq!((none.status, &none.json()["code"]), (400, &json!("bad-profile")));
}

/// A line that is not JSON loses its own enterprise only, and is reported.
#[test]
fn malformed_lines_lose_no_other_line() {
    let asking = asking();
    let lines = "{\"id\":\"c\",\"facts\":{\"employees\":1}}\n{\"id\":\"a\",\"facts\":\n{\"id\":\"d\",\"facts\":{\"employees\":2}}\n";
    let path = "/v1/enterprises?source=own";
    let saved = asking.send(US, Platform, "POST", path, "application/x-ndjson", lines).json();
    assert_eq!(saved["saved"], json!([{"id": "c", "changed": 1}, {"id": "d", "changed": 1}]));
    assert_eq!((saved["problems"].as_array().unwrap().len(), &saved["problems"][0]["line"]), (1, &json!(2)));
}

/// An amount that no double represents is compared as written, whether stored or sent.
#[test]
fn stored_amounts_are_matched_exactly() {
    let asking = asking();
    // One fen above the nearest double.
    let facts = "{\"facts\":{\"revenue\":{\"2025\":90071992547409.93}}}";
    let put = asking.send(US, Platform, "PUT", &format!("{FACTS}own"), "application/json", facts);
    assert_eq!(put.status, 200, "{}", put.text());
    let sent = facts.replacen('{', "{\"id\":\"e1\",", 1);
    let query = "as_of=2026-07-01&limit=1000&all";
    let stored = asking.get(US, Caseworker, &format!("/v1/enterprises/e1/match?{query}"));
    let sent = asking.send(US, Caseworker, "POST", &format!("/v1/match?{query}"), "application/json", &sent);
    assert_eq!(stored.json(), sent.json());
}

#[test]
fn outcomes_are_stored_once_and_visible_to_their_tenant() {
    let asking = asking();
    let lines = "{\"enterprise\":\"e1\",\"item\":\"i\",\"event\":\"pushed\",\"at\":\"2026-07-01\"}\n{\"enterprise\":\"e1\",\"item\":\"i\",\"event\":\"loved\"}\n{\"enterprise\":\"e1\",\"item\":\"i\",\"event\":\"paid\",\"at\":\"tomorrow\"}\n{\"enterprise\":\"e1\"\n";
    let told = |tenant: &str| {
        asking.send(tenant, Platform, "POST", "/v1/outcomes", "application/x-ndjson", lines).json()
    };
    let first = told(US);
    assert_eq!((&first["read"], &first["new"]), (&json!(1), &json!(1)));
    let wrong: Vec<(Value, Value)> = first["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["line"].clone(), one["field"].clone()))
        .collect();
    assert_eq!(wrong, [(json!(2), json!("event")), (json!(3), json!("at")), (json!(4), Value::Null)]);
    assert_eq!(told(US)["new"], 0, "the same event");
    let list = json!({"outcomes": [{"enterprise": "e1", "item": "i", "event": "viewed"}, {"enterprise": "e1", "event": "viewed"}]});
    let more = asking.ask(US, Caseworker, "POST", "/v1/outcomes", list).json();
    assert_eq!((&more["new"], &more["problems"][0]["field"]), (&json!(1), &json!("outcomes[1].item")));
    let all = asking.ask(
        US,
        Caseworker,
        "POST",
        "/v1/outcomes",
        json!({"enterprise": "e1", "item": "i", "event": "x", "more": 1}),
    );
    assert_eq!((all.status, &all.json()["errors"][0]["field"]), (400, &json!("more")));
    let events = |tenant: &str, role| {
        let found = asking.get(tenant, role, "/v1/enterprises/e1/outcomes").json();
        found["outcomes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["event"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(events(US, Administrator), ["pushed", "viewed"]);
    assert!(events(THEM, Administrator).is_empty() && events("", Administrator).is_empty());
    assert_eq!(told(THEM)["new"], 1, "another's ledger");
    assert_eq!(asking.get(US, Reviewer, "/v1/enterprises/e1/outcomes").status, 403);
    assert_eq!(asking.ask(US, Administrator, "POST", "/v1/outcomes", json!([])).status, 403);
    assert!(asking.audited(US).contains(&"outcomes ".to_owned()));
}

#[test]
fn opt_outs_are_recorded_and_withdrawn_by_the_same_tenant() {
    let asking = asking();
    let add = |tenant: &str, body: Value| asking.ask(tenant, Caseworker, "POST", "/v1/opt-outs", body);
    let noted = add(US, json!({"enterprise": "e1", "reason": "不再接收"})).json();
    assert_eq!(
        (&noted["enterprise"], &noted["item"], &noted["reason"]),
        (&json!("e1"), &json!(""), &json!("不再接收"))
    );
    assert_eq!(
        add(US, json!({"enterprise": "e1", "reason": "另一个"})).json()["reason"],
        "不再接收",
        "said twice it counts once"
    );
    for body in [
        json!({"enterprise": "e1", "item": "i"}),
        json!({"enterprise": "e2", "item": "i"}),
        json!({"enterprise": "e3"}),
    ] {
        assert_eq!(add(US, body).status, 200);
    }
    for (body, field) in [
        (json!({}), "enterprise"),
        (json!({"enterprise": 3}), "enterprise"),
        (json!({"enterprise": "e", "itme": "i"}), "itme"),
    ] {
        let wrong = add(US, body);
        assert_eq!((wrong.status, &wrong.json()["errors"][0]["field"]), (400, &json!(field)));
    }
    let page =
        |tenant: &str, query: &str| asking.get(tenant, Platform, &format!("/v1/opt-outs{query}")).json();
    let pairs = |page: &Value| -> Vec<String> {
        page["opt_outs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| format!("{}/{}", one["enterprise"].as_str().unwrap(), one["item"].as_str().unwrap()))
            .collect()
    };
    assert_eq!(pairs(&page(US, "")), ["e1/", "e1/i", "e2/i", "e3/"]);
    assert!(pairs(&page(THEM, "")).is_empty() && pairs(&page("", "")).is_empty());
    assert_eq!(pairs(&page(US, "?enterprise=e2")), ["e2/i"]);
    let first = page(US, "?limit=1");
    assert_eq!(pairs(&first), ["e1/", "e1/i"], "an enterprise is not torn apart");
    let rest = page(US, &format!("?limit=5&cursor={}", first["next"].as_str().unwrap()));
    assert_eq!((pairs(&rest), &rest["next"]), (vec!["e2/i".to_owned(), "e3/".to_owned()], &Value::Null));
    let remove = |tenant: &str, query: &str| {
        asking.ask(tenant, Caseworker, "DELETE", &format!("/v1/opt-outs{query}"), Value::Null).status
    };
    assert_eq!(remove(US, ""), 400);
    assert_eq!(remove(THEM, "?enterprise=e1"), 404, "told to somebody else");
    assert_eq!(remove(US, "?enterprise=e1&item=j"), 404);
    assert_eq!((remove(US, "?enterprise=e1&item=i"), remove(US, "?enterprise=e1")), (204, 204));
    assert_eq!(remove(US, "?enterprise=e1"), 404);
    assert_eq!(pairs(&page(US, "")), ["e2/i", "e3/"]);
    assert_eq!(asking.get(US, Reviewer, "/v1/opt-outs").status, 403);
    let audit = asking.audited(US);
    assert!(audit.contains(&"opt_out e1".to_owned()) && audit.contains(&"opt_in e1".to_owned()), "{audit:?}");
}

/// A saved search is visible to its owner only, and finds the items of the owner's tenant.
#[test]
fn saved_searches_belong_to_their_owner() {
    let asking = asking();
    let item = json!({"id": "own", "title": "量子补助", "criteria": {"fact": "employees", "at_least": 10}});
    assert_eq!(asking.ask(US, Administrator, "PUT", "/v1/policies/own", item.clone()).status, 201);
    let wanted = json!({"q": "“量子补助”", "filter": {"kind": "item"}, "profile": {"id": "e1", "facts": {"employees": 86}}});
    let path = "/v1/searches/%E9%87%8F%E5%AD%90"; // 量子
    let save = |tenant: &str, role| asking.ask(tenant, role, "PUT", path, wanted.clone());
    let saved = save(US, Caseworker);
    assert_eq!(
        (saved.status, saved.json()),
        (200, json!({"name": "量子", "replaced": false})),
        "{}",
        saved.text()
    );
    assert_eq!(save(US, Caseworker).json()["replaced"], true);
    let listed = |tenant: &str, role| asking.get(tenant, role, "/v1/searches").json()["searches"].clone();
    let own = listed(US, Caseworker);
    assert_eq!(
        (own.as_array().unwrap().len(), &own[0]["query"], &own[0]["for_enterprise"]),
        (1, &json!("“量子补助”"), &json!(true))
    );
    assert!(!own.to_string().contains("86"), "{own}");
    let run = |tenant: &str, role| asking.ask(tenant, role, "POST", &format!("{path}/run"), Value::Null);
    let remove = |tenant: &str, role| asking.ask(tenant, role, "DELETE", path, Value::Null).status;
    for (tenant, role) in [
        (US, Platform),
        (US, Administrator),
        (US, Reviewer),
        (THEM, Caseworker),
        ("", Caseworker),
        ("", Administrator),
    ] {
        assert_eq!(listed(tenant, role), json!([]), "{tenant} {}", role.name());
        assert_eq!((run(tenant, role).status, remove(tenant, role)), (404, 404));
    }
    let first = run(US, Caseworker).json();
    assert_eq!(
        (&first["total"], &first["new"], &first["verdicts"]),
        (&json!(1), &json!([]), &Value::Null),
        "{first}"
    );
    // A search of the same name in another tenant finds that tenant's items.
    assert_eq!(save(THEM, Caseworker).json()["replaced"], false);
    assert_eq!(run(THEM, Caseworker).json()["total"], 0);
    let mut stricter = item;
    stricter["criteria"]["at_least"] = json!(1000);
    assert_eq!(asking.ask(US, Administrator, "PUT", "/v1/policies/own", stricter).status, 200);
    let second = run(US, Caseworker).json();
    assert_eq!(
        (&second["changed"], &second["verdicts"][0]["to"]),
        (&json!(["own"]), &json!("ineligible")),
        "{second}"
    );
    // The search contains facts of an enterprise, and is deleted with them; another tenant's stays.
    assert_eq!(asking.ask(US, Platform, "DELETE", "/v1/enterprises/e1", Value::Null).status, 200);
    assert_eq!((listed(US, Caseworker), listed(THEM, Caseworker).as_array().unwrap().len()), (json!([]), 1));
    assert_eq!(remove(THEM, Caseworker), 204);
    assert!(asking.audited(US).contains(&"search.save 量子".to_owned()));
    assert!(asking.audited(THEM).contains(&"search.remove 量子".to_owned()));
    // Errors are reported, and an owner has at most a hundred searches.
    let wrong = asking.ask(US, Caseworker, "PUT", path, json!({"q": "x", "sort": "size"}));
    assert_eq!((wrong.status, &wrong.json()["errors"][0]["parameter"]), (400, &json!("sort")));
    assert_eq!(
        asking
            .ask(US, Caseworker, "PUT", &format!("/v1/searches/{}", "a".repeat(65)), json!({"q": "x"}))
            .status,
        400
    );
    let statuses: Vec<u16> = (0..101)
        .map(|n| {
            asking
                .ask(US, Caseworker, "PUT", &format!("/v1/searches/s{n}"), json!({"q": "“量子补助”"}))
                .status
        })
        .collect();
    assert!(statuses[..100].iter().all(|status| *status == 200) && statuses[100] == 409, "{statuses:?}");
    assert_eq!(listed(US, Caseworker).as_array().unwrap().len(), 100);
}

/// Without keys every local user sees what the command line shows.
#[test]
fn everything_is_visible_without_keys() {
    let service = Service::with(&[]);
    let body = r#"{"facts":{"employees":86,"revenue":{"2025":43000000}}}"#;
    let headers = [("content-type", "application/json")];
    assert_eq!(service.send("PUT", &format!("{FACTS}own"), &headers, body).status, 200);
    let shown = service.get("/v1/enterprises/e1").json();
    assert_eq!(
        (&shown["hidden"], &shown["profile"]["facts"]["revenue"]["2025"]),
        (&json!(0), &json!(43000000))
    );
}
