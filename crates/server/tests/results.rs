//! Results of a match with an address, and the service pack: who sees them, what is kept, and the files that come out.

use zhaoren_engine::{Moment, Principal, Role, parse_date};

use crate::asking::{Answer, Service};
use crate::pages::{HOST, cookie, with};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const SITE: (&str, &str) = ("origin", "http://zhaoren.example");

/// Caseworkers of two tenants, and a reviewer and an administrator of the first.
fn people() -> (Service, Vec<String>) {
    let people = [
        ("310104", "甲", Role::Caseworker),
        ("310104", "乙", Role::Caseworker),
        ("310104", "丙", Role::Reviewer),
        ("", "丁", Role::Caseworker),
    ];
    let (service, keys) = with(&people);
    let cookies = keys.iter().map(|key| cookie(&service, key)).collect();
    (service, cookies)
}

fn get(service: &Service, path: &str, cookie: &str) -> Answer {
    service.send("GET", path, &[HOST, ("cookie", cookie)], "")
}

fn post(service: &Service, path: &str, cookie: &str, form: &str) -> Answer {
    service.send("POST", path, &[HOST, FORM, SITE, ("cookie", cookie)], form.to_owned())
}

/// Address of the result of a match.
fn matched(service: &Service, cookie: &str, form: &str) -> String {
    let made = post(service, "/match", cookie, form);
    assert_eq!(made.status, 303, "{}", made.text());
    made.header("location").to_owned()
}

#[test]
fn a_result_has_an_address_for_colleagues_only() {
    let (service, cookies) = people();
    let form = "id=E1&name=%E7%94%B2&fact.employees=86&fact.registered_region=310104&as_of=2026-07-01";
    let address = matched(&service, &cookies[0], form);
    assert!(address.starts_with("/match/r/") && address.len() == 9 + 32, "{address}");
    let own = get(&service, &address, &cookies[0]);
    assert_eq!(own.status, 200);
    assert!(own.text().contains("2026-07-01") && own.text().contains("E1"), "{}", own.text());
    // Reloaded, and opened by a colleague: the same page but for the name of the viewer.
    let colleague = get(&service, &address, &cookies[1]);
    assert_eq!((colleague.status, colleague.text().contains("E1")), (200, true));
    // Another role sees other facts, and another tenant nothing.
    for other in &cookies[2..] {
        let hidden = get(&service, &address, other);
        assert_eq!(hidden.status, 404);
        assert!(hidden.text().contains("已过期") && !hidden.text().contains("E1"), "{}", hidden.text());
    }
    // The address cannot change what was matched.
    let forged = get(
        &service,
        &format!("{address}?profile=%7B%22id%22:%22E9%22%7D&fact.employees=1&as_of=2020-01-01"),
        &cookies[0],
    );
    assert!(
        forged.text().contains("E1") && !forged.text().contains("E9") && forged.text().contains("2026-07-01")
    );
    assert_eq!(get(&service, "/match/r/00000000000000000000000000000000", &cookies[0]).status, 404);
}

#[test]
fn filters_and_order_need_no_script() {
    let (service, cookies) = people();
    let address = matched(&service, &cookies[0], "sample=sample-01&as_of=2026-07-01");
    let titles = |query: &str| -> Vec<String> {
        let page = get(&service, &format!("{address}{query}"), &cookies[0]).text();
        page.split("<b class=\"title\">")
            .skip(1)
            .map(|rest| rest.split("</b>").next().unwrap().to_owned())
            .collect()
    };
    let all = titles("");
    let tax = titles("?kind=tax");
    assert!(!tax.is_empty() && tax.len() < all.len(), "{} of {}", tax.len(), all.len());
    let national = titles("?level=%E5%9B%BD%E5%AE%B6%E7%BA%A7");
    assert!(!national.is_empty() && national.len() < all.len());
    let doable = titles("?doable=1");
    assert!(!doable.is_empty() && doable.len() < all.len());
    let mut sorted = titles("?sort=amount");
    assert_ne!(sorted, all);
    sorted.sort();
    let mut same = all.clone();
    same.sort();
    assert_eq!(sorted, same, "an order leaves nothing out");
    // Words that are no filter show everything that they do not name.
    assert_eq!(titles("?kind=%3Cscript%3E&sort=x&level="), all);
}

/// From an item's page the form names the item and asks only what it needs; places and industries can be picked by name.
#[test]
fn the_form_of_one_item_asks_only_what_it_needs() {
    let (service, cookies) = people();
    let all = get(&service, "/match", &cookies[0]).text();
    assert!(all.contains("<option value=\"徐汇区\">") && all.contains("<option value=\"软件开发\">"));
    let one = get(&service, "/match?policy=cn-vat-small-exempt", &cookies[0]).text();
    assert!(one.contains("看一家企业是否符合："), "{one}");
    let fields = |page: &str| page.matches("name=\"fact.").count();
    assert!(fields(&one) > 0 && fields(&one) < fields(&all) / 2, "{} of {}", fields(&one), fields(&all));
    // An item that does not exist asks everything.
    assert_eq!(fields(&get(&service, "/match?policy=none", &cookies[0]).text()), fields(&all));
    // A name that is picked is understood.
    let form = "id=E1&fact.registered_region=%E5%BE%90%E6%B1%87%E5%8C%BA&fact.industry=%E8%BD%AF%E4%BB%B6%E5%BC%80%E5%8F%91&as_of=2026-07-01";
    let page = get(&service, &matched(&service, &cookies[0], form), &cookies[0]).text();
    assert!(page.contains("310104") || page.contains("徐汇区"), "{page}");
}

#[test]
fn answers_are_kept_in_the_file_by_those_who_may() {
    let (service, cookies) = people();
    let address = matched(&service, &cookies[0], "id=E1&fact.employees=86&as_of=2026-07-01");
    let page = get(&service, &address, &cookies[0]).text();
    assert!(page.contains("保存到企业档案"));
    let saved = post(&service, &format!("{address}/save"), &cookies[0], "source=%E7%AA%97%E5%8F%A3");
    assert_eq!(saved.status, 303, "{}", saved.text());
    let page = get(&service, saved.header("location"), &cookies[0]).text();
    assert!(page.contains("已保存到企业档案，新增或更新 1 项"), "{page}");
    let who = Principal { tenant: "310104".to_owned(), role: Role::Caseworker, ..Principal::local() };
    let dictionary = service.engine.rules();
    let day = parse_date("2026-07-01").unwrap();
    let stored = service
        .engine
        .records()
        .stored_profile(&who, "E1", day, Moment::NOW, zhaoren_engine::now(), dictionary.dictionary())
        .unwrap()
        .unwrap();
    assert_eq!(
        (stored.profile["facts"]["employees"].as_u64(), stored.sources[0].source.as_str()),
        (Some(86), "窗口")
    );
    // Found by its id from now on, and the result of another tenant cannot be saved.
    assert!(
        get(&service, &matched(&service, &cookies[1], "lookup=E1&as_of=2026-07-01"), &cookies[1])
            .text()
            .contains("86")
    );
    assert_eq!(post(&service, &format!("{address}/save"), &cookies[3], "source=x").status, 404);
    let reviewer = matched(&service, &cookies[2], "id=E1&fact.employees=86&as_of=2026-07-01");
    assert!(!get(&service, &reviewer, &cookies[2]).text().contains("保存到企业档案"));
    assert_eq!(post(&service, &format!("{reviewer}/save"), &cookies[2], "source=x").status, 403);
}

#[test]
fn the_pack_is_a_page_a_word_document_and_a_workbook() {
    let (service, cookies) = people();
    let form = "sample=sample-01&as_of=2026-07-01";
    let page = post(&service, "/pack", &cookies[0], form);
    let text = page.text();
    assert_eq!(page.status, 200);
    assert!(
        text.contains("现在可以享受或申报")
            && text.contains("怎么办")
            && !text.contains("<h2>已知情况与来源")
    );
    // A script to read out or to copy: every item of the first page, and no fact that was not asked for.
    let script = text.split("id=\"script\"").nth(1).unwrap().split("</textarea>").next().unwrap();
    let titles = text.split("<th scope=\"row\">").skip(1).map(|rest| rest.split('<').next().unwrap());
    assert!(titles.clone().count() > 2 && titles.clone().all(|title| script.contains(title)), "{script}");
    assert!(script.contains("以主管部门审核为准"));
    let first = text.split("各事项的依据与条件").next().unwrap();
    assert!(
        first.contains("已有") || !first.contains("高新技术企业认定</th>"),
        "a title that is held is not offered"
    );
    let facts = post(&service, "/pack", &cookies[0], &format!("{form}&chosen=1&with=facts")).text();
    assert!(facts.contains("<h2>已知情况与来源") && !facts.contains("各事项的依据与条件"));
    for (format, kind) in [("docx", "wordprocessingml"), ("xlsx", "spreadsheetml")] {
        let form = format!("{form}&format={format}&chosen=1&with=details&with=facts");
        let file = post(&service, "/pack", &cookies[0], &form);
        assert_eq!(file.status, 200);
        assert!(file.header("content-type").contains(kind) && file.header("cache-control") == "no-store");
        assert_eq!(
            file.header("content-disposition"),
            format!("attachment; filename=\"sample-01-2026-07-01.{format}\"")
        );
        assert!(file.body.starts_with(b"PK"), "{format}");
        assert_eq!(
            file.body,
            post(&service, "/pack", &cookies[0], &form).body,
            "the same pack gives the same bytes"
        );
    }
}

/// Stored enterprises are found by a part of their name, and what is on file is shown with its source; only to those who may.
#[test]
fn enterprises_are_found_by_name() {
    let (service, cookies) = people();
    let who = Principal { tenant: "310104".to_owned(), role: Role::Caseworker, ..Principal::local() };
    let profile =
        r#"{"id": "E<7>", "name": "云溪软件", "facts": {"employees": 86, "revenue": {"2025": 4300000}}}"#;
    let (records, rules) = (service.engine.records(), service.engine.rules());
    let act = who.write_context(zhaoren_engine::now());
    records
        .save_profiles(&act, profile.as_bytes(), "画像", "社保", (None, None), rules.dictionary())
        .unwrap();
    records.opt_out(&act, "E<7>", "", "不要打扰").unwrap();
    let found = get(&service, "/enterprises?q=%E4%BA%91%E6%BA%AA", &cookies[0]);
    assert_eq!(found.status, 200);
    assert!(
        found.text().contains("云溪软件") && found.text().contains("/enterprises/E%3C7%3E"),
        "{}",
        found.text()
    );
    assert!(get(&service, "/enterprises?q=%E6%97%A0", &cookies[0]).text().contains("没有名称或编号含"));
    let file = get(&service, "/enterprises/E%3C7%3E", &cookies[0]).text();
    for word in ["云溪软件", "从业人数", "86", "社保", "2025", "不要打扰", "全部事项", "E&lt;7&gt;"]
    {
        assert!(file.contains(word), "{word} in {file}");
    }
    // Another tenant has no such enterprise; a reviewer may not read facts.
    assert!(!get(&service, "/enterprises", &cookies[3]).text().contains("云溪软件"));
    assert_eq!(get(&service, "/enterprises/E%3C7%3E", &cookies[3]).status, 404);
    assert_eq!(get(&service, "/enterprises", &cookies[2]).status, 403);
}
