//! Services to a portal besides answers: a reference page, pages of other sites, the rest of an allowance, requests that
//! are sent twice, and errors that a person can read.

use std::collections::BTreeSet;

use zhaoren_engine::Role;
use zhaoren_server::openapi;

use crate::asking::{Service, settings};
use crate::openapi::operations;

const JSON: (&str, &str) = ("content-type", "application/json");
const PAGE: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

fn with(set: &[(&str, &str)]) -> Service {
    let (folder, engine) = Service::filled();
    Service::over(folder, engine, settings(set))
}

/// The page has every operation and every shape, no script but our own, and each of its links leads somewhere.
#[test]
fn reference_page_has_every_operation_and_needs_nothing_from_elsewhere() {
    let answer = Service::shared().get("/docs");
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
    let page = answer.text();
    let targets: BTreeSet<&str> =
        page.split(" id=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)).collect();
    for link in page.split("href=\"#").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)) {
        assert!(targets.contains(link), "#{link} leads nowhere");
    }
    let document = openapi::generate();
    for (_, path, operation) in operations(&document) {
        assert!(targets.contains(operation["operationId"].as_str().unwrap()), "{path}");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(targets.contains(format!("schema-{name}").as_str()), "{name}");
    }
    assert_eq!(page.matches("<script").count(), 1, "the console's own, which the page works without");
    assert!(!page.contains("src=\"http") && !page.contains("href=\"http"), "nothing from elsewhere");
    assert!(page.contains("curl -s -X POST &quot;$BASE/v1/match"), "a command for each operation");
    let tag = answer.header("etag").to_owned();
    let again = Service::shared().send("GET", "/docs", &[("if-none-match", &tag)], "");
    assert_eq!(again.status, 304);
    println!("/docs: {} kB", page.len() / 1000);
    assert!(page.len() < 800_000, "{}", page.len());
    let home = Service::shared().get("/").text();
    assert!(home.contains("href=\"/docs\""));
    let icon = Service::shared().get("/favicon.ico");
    assert_eq!((icon.status, icon.header("content-type")), (200, "image/svg+xml"));
    assert!(
        home.contains("href=\"/favicon.ico\"")
            && answer.header("content-security-policy").contains("img-src 'self'")
    );
}

#[test]
fn only_listed_sites_may_call_the_api_from_their_pages() {
    let asked = |service: &Service, origin: &str, path: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization,content-type"),
        ];
        service.send("OPTIONS", path, &headers, "")
    };
    let profile = r#"{"id":"a","facts":{"employees":5}}"#;
    // Without a list: no header, and no request that changes or computes.
    let closed = with(&[]);
    let answer = asked(&closed, "https://portal.example", "/v1/match");
    assert!(answer.status >= 400 && answer.header("access-control-allow-origin").is_empty());
    let answer = closed.send("POST", "/v1/match", &[JSON, ("origin", "https://portal.example")], profile);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, ""));
    let open = with(&[("cors", "https://portal.example, https://Other.example:8443")]);
    for origin in ["https://portal.example", "https://other.example:8443"] {
        let answer = asked(&open, origin, "/v1/match");
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, origin));
        assert!(answer.header("access-control-allow-headers").contains("authorization"));
        assert!(answer.header("access-control-allow-credentials").is_empty(), "no cookies");
        let answer = open.send("POST", "/v1/match?limit=1", &[JSON, ("origin", origin)], profile);
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, origin));
        // A page has to read why it was refused, too.
        let answer = open.send("POST", "/v1/match", &[JSON, ("origin", origin)], "{");
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (400, origin));
        assert!(answer.header("access-control-expose-headers").contains("x-request-id"));
    }
    for (origin, path) in [
        ("https://evil.example", "/v1/match"),
        ("http://portal.example", "/v1/match"),
        ("https://portal.example.evil.example", "/v1/match"),
        ("null", "/v1/match"),
        ("https://portal.example", "/match"),
        ("https://portal.example", "/sign-in"),
    ] {
        let answer = asked(&open, origin, path);
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin} {path}");
    }
    let answer = open.send("POST", "/v1/match", &[JSON, ("origin", "https://evil.example")], profile);
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, ""));
}

/// The cookie of the console does not count for a page of another site, listed or not.
#[test]
fn listed_sites_cannot_use_the_session_of_a_person() {
    let (folder, engine) = Service::filled();
    let local = zhaoren_engine::Principal::local();
    let act = local.write_context(zhaoren_engine::now());
    let (_, secret) = engine.records().add_key(&act, "", Role::Caseworker, "甲", None).unwrap();
    let service = Service::over(folder, engine, settings(&[("cors", "https://portal.example")]));
    let cookie = crate::pages::cookie(&service, &secret);
    let host = ("host", "zhaoren.example");
    let portal = ("origin", "https://portal.example");
    let body = r#"{"id":"a"}"#;
    let with_cookie = service.send("POST", "/v1/match", &[host, JSON, portal, ("cookie", &cookie)], body);
    assert_eq!(with_cookie.status, 403);
    let bearer = format!("Bearer {secret}");
    let with_key = service.send("POST", "/v1/match", &[host, JSON, portal, ("authorization", &bearer)], body);
    assert_eq!(with_key.status, 200);
}

#[test]
fn answers_tell_what_is_left_of_the_allowance() {
    let service = with(&[("limits.per_minute", "3")]);
    for left in ["2", "1", "0"] {
        let answer = service.get("/v1/suggest?q=zc");
        assert_eq!(answer.status, 200);
        assert_eq!((answer.header("ratelimit-limit"), answer.header("ratelimit-remaining")), ("3", left));
    }
    let refused = service.get("/v1/suggest?q=zc");
    assert_eq!((refused.status, refused.header("ratelimit-remaining")), (429, "0"));
    assert_eq!(refused.header("retry-after"), refused.header("ratelimit-reset"));
    assert_eq!(
        Service::shared().get("/v1/suggest?q=zc").header("ratelimit-limit"),
        "",
        "no limit, no header"
    );
}

#[test]
fn a_request_sent_twice_with_one_key_is_carried_out_once() {
    let service = with(&[]);
    let key = ("idempotency-key", "5f1c8d2e-0001");
    let body = r#"{"enterprise":"91310104MA1FR000X6","item":"","reason":"不再接收"}"#;
    let send =
        |path: &str, key: (&str, &str), body: &str| service.send("POST", path, &[JSON, key], body.to_owned());
    let first = send("/v1/opt-outs", key, body);
    assert_eq!((first.status, first.header("idempotency-replayed")), (200, ""), "{}", first.text());
    let second = send("/v1/opt-outs", key, body);
    assert_eq!((second.status, second.header("idempotency-replayed")), (200, "true"));
    assert_eq!(
        (second.body, second.headers["content-type"].clone()),
        (first.body, first.headers["content-type"].clone())
    );
    for (path, body) in [("/v1/opt-outs", r#"{"enterprise":"b","item":""}"#), ("/v1/outcomes", body)] {
        let other = send(path, key, body);
        assert_eq!((other.status, &other.json()["code"]), (422, &"idempotency-key-reused".into()), "{path}");
    }
    // A refusal has changed nothing: the corrected content may have the same key.
    let key = ("idempotency-key", "5f1c8d2e-0002");
    assert_eq!(send("/v1/opt-outs", key, "{}").status, 400);
    assert_eq!(send("/v1/opt-outs", key, body).status, 200);
    for wrong in ["", "\"\"", &"x".repeat(201)] {
        let answer = send("/v1/opt-outs", ("idempotency-key", wrong), body);
        assert_eq!((answer.status, &answer.json()["code"]), (400, &"bad-header".into()), "{wrong}");
    }
    // Elsewhere the header has no effect.
    let matched = send("/v1/match", ("idempotency-key", "5f1c8d2e-0001"), r#"{"id":"a"}"#);
    assert_eq!((matched.status, matched.header("idempotency-replayed")), (200, ""));
}

/// The secret of a key is answered again after a broken connection, and to its creator only.
#[test]
fn idempotency_keys_belong_to_their_caller() {
    let (service, of) = Service::keyed();
    let new = r#"{"role":"caseworker","name":"portal","holder":"乙"}"#;
    let add = |who: &str| {
        let headers = [("host", "zhaoren.example"), JSON, ("idempotency-key", "k-1"), ("authorization", who)];
        service.send("POST", "/v1/keys", &headers, new)
    };
    let (first, second) = (of("310104", Role::Administrator), of("310115", Role::Administrator));
    let (one, again, other) = (add(&first), add(&first), add(&second));
    assert_eq!((one.status, again.status, other.status), (200, 200, 200), "{}", one.text());
    assert_eq!(one.json()["secret"], again.json()["secret"]);
    assert_ne!(one.json()["secret"], other.json()["secret"]);
}

#[test]
fn browsers_get_errors_as_pages_and_programs_as_problems() {
    let service = Service::shared();
    for path in ["/no-such-page", "/v1/no-such-address", "/v1/policies/no-such", "/v1/search?limit=x"] {
        let page = service.send("GET", path, &[PAGE], "");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
        assert!(page.status >= 400 && page.text().contains("<h1>"), "{path}");
        assert!(page.text().contains(page.header("x-request-id")), "{path}: the id to ask with");
        assert!(page.header("content-security-policy").contains("style-src 'self'"));
        let problem = service.send("GET", path, &[("accept", "*/*")], "");
        assert_eq!(
            (problem.status, problem.header("content-type")),
            (page.status, "application/problem+json")
        );
    }
    // 403 says whose right it is.
    let (service, of) = Service::keyed();
    let who = of("310104", Role::Platform);
    let refused = |accept: (&str, &str)| {
        let headers = [("host", "zhaoren.example"), accept, ("authorization", who.as_str())];
        service.send("GET", "/v1/audit", &headers, "")
    };
    let (page, problem) = (refused(PAGE), refused(("accept", "application/json")));
    assert_eq!((page.status, problem.status), (403, 403));
    let says = "可以使用的有：审核人、管理员";
    assert!(page.text().contains(says), "{}", page.text());
    assert!(problem.json()["detail"].as_str().unwrap().contains(says), "{}", problem.text());
}

/// The light answer has the same verdicts; the facts that it names come with their names.
#[test]
fn answers_can_be_light_and_name_their_facts() {
    let service = Service::shared();
    let profile = r#"{"id":"a","facts":{"registered_region":"310104","employees":86}}"#;
    let ask = |query: &str| {
        service.post(&format!("/v1/match?as_of=2026-07-01&limit=50&bundle=false{query}"), profile)
    };
    let (whole, light) = (ask(""), ask("&explain=false&facts=true"));
    let (all, some) = (whole.json(), light.json());
    let document = openapi::generate();
    crate::openapi::conforms(&document, "match", 200, "application/json", &some);
    let verdicts = |of: &serde_json::Value| -> Vec<(String, String)> {
        let each = |one: &serde_json::Value| (one["policy"].to_string(), one["verdict"].to_string());
        of["matches"].as_array().unwrap().iter().map(each).collect()
    };
    assert_eq!(verdicts(&all), verdicts(&some));
    assert!(all.get("facts").is_none() && !all["matches"][0]["clauses"].as_array().unwrap().is_empty());
    let mut missing = 0;
    for one in some["matches"].as_array().unwrap() {
        assert!(
            one["clauses"].as_array().unwrap().is_empty() && one["nearest"].as_array().unwrap().is_empty()
        );
        for key in one["missing"].as_array().unwrap() {
            let fact = &some["facts"][key.as_str().unwrap()];
            // A text without an entry in the dictionary is a judged one.
            assert!(fact.is_null() || fact["name"].is_string(), "{key}");
            missing += usize::from(fact["name"].is_string());
        }
    }
    assert!(missing > 20, "{missing}");
    println!("match: {} kB, light {} kB", whole.body.len() / 1000, light.body.len() / 1000);
    let asked = service.post("/v1/questions?as_of=2026-07-01&limit=3&facts=true", profile).json();
    crate::openapi::conforms(&document, "questions", 200, "application/json", &asked);
    for question in asked["questions"].as_array().unwrap() {
        let key = question["fact"].as_str().unwrap();
        assert_eq!(asked["facts"][key]["name"], question["name"], "{key}");
    }
    assert_eq!(service.post("/v1/questions?explain=false", profile).status, 400, "nothing to leave out");
}

/// Stored enterprises are asked for what was not stored.
#[test]
fn stored_enterprises_have_questions() {
    let service = with(&[]);
    let path = "/v1/enterprises/e1/facts?source=own";
    let body = r#"{"name":"甲","facts":{"registered_region":"310104","employees":86}}"#;
    assert_eq!(service.send("PUT", path, &[JSON], body).status, 200);
    let asked = service.get("/v1/enterprises/e1/questions?as_of=2026-07-01&limit=5&facts=true").json();
    crate::openapi::conforms(&openapi::generate(), "enterpriseQuestions", 200, "application/json", &asked);
    let questions = asked["questions"].as_array().unwrap();
    assert_eq!(questions.len(), 5, "{asked}");
    assert!(questions.iter().all(|one| one["fact"] != "employees"), "known already");
    let body = r#"{"id":"e1","facts":{"registered_region":"310104","employees":86}}"#;
    let given = service.post("/v1/questions?as_of=2026-07-01&limit=5", body).json();
    assert_eq!(asked["questions"], given["questions"], "the same question gets the same answer");
    assert_eq!(service.get("/v1/enterprises/nobody/questions").status, 404);
}

/// Each filter gives what a reader of the whole catalogue would pick, page by page.
#[test]
fn the_catalogue_can_be_filtered() {
    let service = Service::shared();
    let pages = |query: &str, limit: usize| {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page =
                service.get(&format!("/v1/policies?as_of=2026-07-01&limit={limit}{query}{cursor}")).json();
            let policies = page["policies"].as_array().unwrap_or_else(|| panic!("{page}")).clone();
            assert!(policies.len() <= limit);
            found.extend(policies);
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return found,
            }
        }
    };
    let all = pages("", 1000);
    let has = |list: &serde_json::Value, word: &str| list.as_array().unwrap().iter().any(|one| one == word);
    type Pick<'a> = Box<dyn Fn(&serde_json::Value) -> bool + 'a>;
    let filters: Vec<(&str, Pick<'_>)> = vec![
        ("&level=national", Box::new(|one| one["document"]["level"] == "national")),
        (
            "&region=310000",
            Box::new(|one| one["document"]["region"].as_str().is_some_and(|code| code.starts_with("31"))),
        ),
        ("&kind=tax", Box::new(|one| has(&one["benefit"]["kinds"], "tax"))),
        ("&delivery=automatic", Box::new(|one| one["delivery"] == "automatic")),
        ("&in_force=true", Box::new(|one| one["in_force"] == true)),
        ("&in_force=false", Box::new(|one| one["in_force"] == false)),
        ("&window=unknown", Box::new(|one| one["window"]["state"] == "unknown")),
        (
            "&level=national&kind=tax&in_force=true",
            Box::new(|one| {
                one["document"]["level"] == "national"
                    && has(&one["benefit"]["kinds"], "tax")
                    && one["in_force"] == true
            }),
        ),
    ];
    for (query, picks) in filters {
        let expected: Vec<_> = all.iter().filter(|one| picks(one)).cloned().collect();
        for limit in [1, 7, 1000] {
            assert_eq!(pages(query, limit), expected, "{query} by {limit}");
        }
        assert!(!expected.is_empty() || query.contains("false"), "{query} finds nothing");
    }
    for wrong in ["level=provincial", "window=now", "delivery=x", "region=31", "in_force=maybe"] {
        assert_eq!(service.get(&format!("/v1/policies?{wrong}")).status, 400, "{wrong}");
    }
}
