//! Pages of the console, without a browser: access, the viewer's name, and actions that happen on request only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::asking;

use asking::{Answer, Service, settings};
use zhaoren_engine::{Outcome, Principal, Records, Role, Tenant, now, start_of};
use zhaoren_server::access::Requirement;
use zhaoren_server::console::CONSOLE_ROUTES;

pub(crate) const HOST: (&str, &str) = ("host", "zhaoren.example");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn tenant(records: &Records) {
    let tenant = Tenant {
        id: "310104".into(),
        name: "徐汇区".into(),
        level: "district".into(),
        parent: String::new(),
    };
    records.put_tenant(&Principal::local().write_context(now()), &tenant).unwrap();
}

fn key(records: &Records, tenant: &str, role: Role, name: &str) -> String {
    records.add_key(&Principal::local().write_context(now()), tenant, role, name, None).unwrap().1
}

/// Service with a key for each person and role.
pub(crate) fn with(people: &[(&str, &str, Role)]) -> (Service, Vec<String>) {
    let (folder, engine) = Service::filled();
    let records = engine.records();
    tenant(&records);
    let keys = people.iter().map(|(tenant, name, role)| key(&records, tenant, *role, name)).collect();
    (Service::over(folder, engine, settings(&[])), keys)
}

fn sign_in(service: &Service, key: &str, headers: &[(&str, &str)]) -> Answer {
    let headers: Vec<(&str, &str)> = [HOST, FORM].into_iter().chain(headers.iter().copied()).collect();
    service.send("POST", "/sign-in", &headers, format!("key={key}"))
}

/// Signs in with a key, and returns the cookie as a browser sends it back.
pub(crate) fn cookie(service: &Service, key: &str) -> String {
    let answer = sign_in(service, key, &[("origin", "http://zhaoren.example")]);
    assert_eq!((answer.status, answer.header("location")), (303, "/"), "{}", answer.text());
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[test]
fn pages_of_other_sites_cannot_sign_in_or_out() {
    let (service, keys) = with(&[("", "甲", Role::Caseworker)]);
    let key = &keys[0];
    for foreign in [
        [("origin", "http://evil.example"), ("accept", "*/*")],
        [("origin", "null"), ("accept", "*/*")],
        [("origin", "http://zhaoren.example"), ("sec-fetch-site", "cross-site")],
        [("accept", "*/*"), ("sec-fetch-site", "same-site")],
    ] {
        let answer = sign_in(&service, key, &foreign);
        assert_eq!((answer.status, answer.header("set-cookie")), (403, ""), "{foreign:?}");
    }
    let session = cookie(&service, key);
    let out = |headers: &[(&str, &str)]| {
        let headers: Vec<_> = headers.iter().copied().chain([HOST, ("cookie", &session)]).collect();
        service.send("POST", "/sign-out", &headers, "")
    };
    let there = || service.send("GET", "/match", &[HOST, ("cookie", &session)], "").status;
    assert_eq!(out(&[("origin", "http://evil.example")]).status, 403);
    assert_eq!(there(), 200, "still signed in");
    let own = [("origin", "http://zhaoren.example"), ("sec-fetch-site", "same-origin")];
    assert_eq!((sign_in(&service, key, &own).status, out(&own).status, there()), (303, 303, 303));
}

#[test]
fn session_cookie_is_http_only_and_secure() {
    let (service, keys) = with(&[("", "甲", Role::Caseworker)]);
    let said =
        |headers: &[(&str, &str)]| sign_in(&service, &keys[0], headers).header("set-cookie").to_owned();
    let plain = said(&[]);
    assert!(plain.contains("HttpOnly") && plain.contains("SameSite=Strict") && !plain.contains("Secure"));
    let secure = said(&[("origin", "https://zhaoren.example"), ("x-forwarded-proto", "https")]);
    assert!(secure.starts_with("__Host-") && secure.contains("Secure"), "{secure}");
    let pair = secure.split(';').next().unwrap();
    assert_eq!(service.send("GET", "/match", &[HOST, ("cookie", pair)], "").status, 200);
}

#[test]
fn pages_forbid_caching_and_framing() {
    let (service, keys) = with(&[("", "甲", Role::Caseworker)]);
    let cookie = cookie(&service, &keys[0]);
    for (method, path, need) in CONSOLE_ROUTES {
        let address = path.replace("{id}", "cn-srdi-sme");
        let answer = service.send(method.as_str(), &address, &[HOST, FORM, ("cookie", &cookie)], "");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{address}"
        );
        assert_eq!(answer.header("x-frame-options"), "DENY");
        // Style and script are public.
        if matches!(need, Requirement::Right(_)) && answer.header("content-type").starts_with("text/html") {
            let kept = answer.header("cache-control");
            assert!(kept.contains("no-store") || *path == "/items/{id}/check", "{method} {address}: {kept}");
        }
    }
}

#[test]
fn page_header_names_the_signed_in_user() {
    let (service, keys) = with(&[("310104", "张三", Role::Caseworker), ("", "李四", Role::Reviewer)]);
    let page = |key: &str| {
        let cookie = cookie(&service, key);
        service.send("GET", "/match", &[HOST, ("cookie", &cookie)], "").text()
    };
    let first = page(&keys[0]);
    assert!(first.contains("张三") && first.contains("帮办人员 · 徐汇区"), "{first}");
    let second = page(&keys[1]);
    assert!(second.contains("李四") && second.contains("审核人<"), "{second}");
    // The error page names the viewer too.
    let cookie = cookie(&service, &keys[0]);
    let none = service.send("GET", "/policies/none", &[HOST, ("cookie", &cookie)], "");
    assert_eq!(none.status, 404);
    assert!(none.text().contains("张三") && none.text().contains("没有这个编号"), "{}", none.text());
}

#[test]
fn audit_chain_is_checked_on_request_only() {
    let (service, keys) = with(&[("", "甲", Role::Reviewer), ("", "乙", Role::Caseworker)]);
    let auditor = cookie(&service, &keys[0]);
    let ask = |method: &str, path: &str, cookie: &str| {
        service.send(method, path, &[HOST, FORM, ("cookie", cookie)], "")
    };
    let look = |query: &str| ask("GET", &format!("/audit{query}"), &auditor).text();
    let records = service.engine.records();
    assert!(look("").contains("尚未校验"));
    assert_eq!(records.last_check().unwrap(), None, "looking checks nothing");
    let checked = ask("POST", "/audit", &auditor);
    assert!(checked.status == 200 && checked.text().contains("链条完整"), "{}", checked.text());
    let last = records.last_check().unwrap().unwrap();
    assert_eq!((last.faults, last.lines > 3), (0, true), "{last:?}");
    assert!(look("").contains("上次校验完整"));
    assert_eq!(ask("POST", "/audit", &cookie(&service, &keys[1])).status, 403);

    // Filters narrow the list, and a page continues where the last one ended.
    let rows = |page: &str| page.matches("<tr>").count() - 1;
    let first = look("?action=audit.verify");
    assert_eq!(rows(&first), 1, "{first}");
    assert!(first.contains("甲"), "people are called by name");
    assert!(look("?from=2020-01-01&until=2020-12-31").contains("没有符合条件的记录"));
    assert!(look("?actor=nobody").contains("没有符合条件的记录"));
    let local = Principal::local();
    for n in 0..120 {
        records.opt_out(&local.write_context(now()), &format!("e{n}"), "", "").unwrap();
    }
    let first = look("?action=opt_out");
    assert_eq!(rows(&first), 100);
    let next = first.split("before=").nth(1).unwrap().split('"').next().unwrap();
    let second = look(&format!("?action=opt_out&before={next}"));
    assert_eq!(rows(&second), 20);
    assert!(second.contains("回到最新") && !second.contains("更早"));
}

/// Overview of a caseworker: the number of live items, each counted once, with the benefits received among them.
#[test]
fn overview_counts_every_item_in_force_once() {
    let (service, keys) = with(&[("", "甲", Role::Caseworker), ("", "乙", Role::Reviewer)]);
    let caseworker = Principal { role: Role::Caseworker, ..Principal::local() };
    let paid = Outcome {
        enterprise: "sample-01".into(),
        item: "cn-hnte-2016".into(),
        item_digest: String::new(),
        event: "paid".into(),
        at: start_of(zhaoren_engine::parse_date("2026-01-05").unwrap()).0,
        detail: String::new(),
    };
    service.engine.records().record_outcomes(&caseworker.write_context(now()), &[paid]).unwrap();
    let page = |key: &str| {
        let cookie = cookie(&service, key);
        let form = "sample=sample-01&as_of=2026-07-01";
        let made = service.send("POST", "/match", &[HOST, FORM, ("cookie", &cookie)], form);
        assert_eq!(made.status, 303);
        service.send("GET", made.header("location"), &[HOST, ("cookie", &cookie)], "").text()
    };
    let tiles = |page: &str| -> (usize, Vec<usize>) {
        let part = page.split("class=\"overview\"").nth(1).unwrap().split("</nav>").next().unwrap();
        let numbers = |class: &str| -> Vec<usize> {
            let begin = format!("<b class=\"{class}\">");
            part.split(&begin).skip(1).map(|rest| rest.split('<').next().unwrap().parse().unwrap()).collect()
        };
        (numbers("live")[0], numbers("number"))
    };
    let rules = service.engine.rules();
    let day = zhaoren_engine::parse_date("2026-07-01").unwrap();
    let live = rules.library().iter().filter(|item| item.in_force_on(day)).count();
    let seen = page(&keys[0]);
    let (said, counts) = tiles(&seen);
    assert_eq!((said, counts.iter().sum::<usize>(), counts[5]), (live, live, 2), "{counts:?}");
    // The sample holds two titles: one of them is in the ledger, too.
    assert!(seen.contains("已有“创新型中小企业”"));
    assert!(seen.contains("2026-01-05 已兑付"));
    // A viewer without the right to read the ledger sees a note, and the counts without it.
    let unseen = page(&keys[1]);
    let (said, counts) = tiles(&unseen);
    assert_eq!((said, counts.iter().sum::<usize>(), counts[5]), (live, live, 2));
    assert!(unseen.contains("无权查看推送台账") && !unseen.contains("2026-01-05"));
}

/// A run whose `run.json` cannot be read says so, and is no run of nothing; the others are listed all the same.
#[test]
fn unreadable_runs_are_named() {
    let runs = tempfile::tempdir().unwrap();
    let run = |name: &str, json: &str| {
        let folder = runs.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("run.json"), json).unwrap();
        std::fs::write(folder.join("_SUCCESS"), "").unwrap();
    };
    run("sound", r#"{"as_of": "2026-07-01", "counts": {"enterprises": 4711}}"#);
    run("damaged", r#"{"as_of": "2026-07-01", "counts": {"enterp"#);
    let service = Service::with(&[("runs", &runs.path().display().to_string())]);
    let list = service.get("/runs");
    assert_eq!(list.status, 200, "{}", list.text());
    let text = list.text();
    assert!(text.contains("4,711") && text.contains("批次 `damaged` 的 run.json 读不懂"), "{text}");
    // A count that the run does not have is not 0.
    assert!(text.contains("未知"), "{text}");
    let one = service.get("/runs/damaged");
    assert_eq!(one.status, 500, "{}", one.text());
    assert!(one.text().contains("run.json 读不懂"), "{}", one.text());
}
