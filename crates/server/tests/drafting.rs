//! The walk of a caseworker and a colleague: a guide is dropped, two conditions are corrected, the colleague signs, and the
//! enterprises that qualify are found.

use zhaoren_engine::{Principal, Role, built_in_facts, now};

use crate::asking::{Answer, Service};
use crate::documents::{FORM, form};
use crate::pages::{HOST, cookie, with};

const GUIDE: &str = include_str!("../../engine/tests/drafting/guide.txt");

fn get(service: &Service, cookie: &str, path: &str) -> Answer {
    service.send("GET", path, &[HOST, ("cookie", cookie)], "")
}

fn post(service: &Service, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let kind = ("content-type", "application/x-www-form-urlencoded");
    service.send("POST", path, &[HOST, kind, ("cookie", cookie)], body)
}

/// Text of the text area of a part that has these words.
fn area(page: &str, words: &str) -> (String, String) {
    let piece = page
        .split("<textarea id=\"text-")
        .find(|piece| piece.split("</textarea>").next().unwrap().contains(words));
    let piece = piece.unwrap_or_else(|| panic!("{words} in {page}"));
    let index = piece.split('"').next().unwrap().to_owned();
    let text = piece.split("</textarea>").next().unwrap().rsplit('>').next().unwrap();
    (index, text.replace("&quot;", "\""))
}

#[test]
fn a_guide_becomes_a_live_item_after_two_corrections_and_a_signature() {
    let (service, keys) = with(&[
        ("", "甲", Role::Caseworker),
        ("", "乙", Role::Reviewer),
        ("", "丙", Role::Caseworker),
        ("310104", "丁", Role::Reviewer),
    ]);
    let [author, reviewer, other, stranger] = [0, 1, 2, 3].map(|index| cookie(&service, &keys[index]));
    let facts = |people: i64| {
        format!(
            "{{\"id\": \"E{people}\", \"name\": \"企业{people}\", \"facts\": {{\"registered_region\": \"430603\", \"tax_region\": \"430603\", \
             \"is_legal_person\": true, \"qualifications\": [\"高新技术企业\"], \"revenue\": {{\"2025\": 30000000}}, \
             \"rd_expense\": {{\"2025\": 3000000}}, \"employees\": {people}}}}}"
        )
    };
    let records = service.engine.records();
    let local = Principal::local();
    for people in [5, 12, 30] {
        let body = facts(people);
        let saved = records
            .save_profiles(
                &local.write_context(now()),
                body.as_bytes(),
                "p.json",
                "填报",
                (None, None),
                built_in_facts(),
            )
            .unwrap();
        assert_eq!(saved.saved.len(), 1, "{:?}", saved.problems);
    }

    let headers = [HOST, ("cookie", author.as_str()), ("content-type", FORM)];
    let read = service.send("POST", "/read", &headers, form(&[("扶持办法.txt", GUIDE.into())])).text();
    assert!(read.contains("读出的事项（3）") && read.contains("研发投入补贴"), "{read}");
    let address = read.split("href=\"").find(|piece| piece.contains("/items/0")).unwrap();
    let address = address.split('"').next().unwrap().to_owned();
    assert_eq!(get(&service, &other, &address).status, 404, "another key has not sent the file");
    assert_eq!(get(&service, &author, &address.replace("/0", "/9")).status, 404);
    let page = get(&service, &author, &address).text();
    for words in ["2000万元", "最高", "2026-03-01", "id=\"at-0\"", "href=\"#part-0\"", "申报期", "提交复核"]
    {
        assert!(page.contains(words), "{words} in {page}");
    }
    let (people, text) = area(&page, "从业人数");
    let (share, ratio) = area(&page, "5%");
    let (people_text, share_text) = (format!("text-{people}"), format!("text-{share}"));
    // A condition that cannot be read is named in its place, and what was typed stays.
    let typed = "从业人数不少于很多人";
    let wrong = post(&service, &author, &address, &[(people_text.as_str(), typed), ("do", "propose")]).text();
    assert!(
        wrong.contains("有 1 处要改") && wrong.contains(typed) && wrong.contains("aria-invalid"),
        "{wrong}"
    );
    let broken = post(&service, &author, &address, &[("body", "{"), ("do", "propose")]).text();
    assert!(broken.contains("有 1 处要改"), "{broken}");
    let (fewer, higher) = (text.replace("20", "10"), ratio.replace("5%", "6%"));
    assert_ne!((&fewer, &higher), (&text, &ratio));
    let mut fields = vec![
        (people_text.as_str(), fewer.as_str()),
        (share_text.as_str(), higher.as_str()),
        ("reason", "按新办法"),
    ];
    fields.push(("do", "check"));
    let checked = post(&service, &author, &address, &fields).text();
    assert!(checked.contains("没有错误，可以提交"), "{checked}");
    *fields.last_mut().unwrap() = ("do", "propose");
    let proposed = post(&service, &author, &address, &fields);
    assert_eq!(
        (proposed.status, proposed.header("location")),
        (303, "/reviews?said=proposed"),
        "{}",
        proposed.text()
    );

    let list = get(&service, &reviewer, "/reviews").text();
    assert!(list.contains("对照原文复核") && list.contains("/reviews/1"), "{list}");
    assert_eq!(get(&service, &stranger, "/reviews/1").status, 404);
    let own = get(&service, &author, "/reviews/1").text();
    assert!(own.contains("须由另一人复核") && !own.contains("value=\"approve\""), "{own}");
    let beside = get(&service, &reviewer, "/reviews/1").text();
    for words in ["更正", "<del>", "<ins>", "认可", "云溪区促进软件产业发展扶持办法", "value=\"approve\""]
    {
        assert!(beside.contains(words), "{words} in {beside}");
    }
    let signed = post(&service, &reviewer, "/reviews/1", &[("do", "approve"), ("note", "与原文一致")]);
    assert_eq!(signed.status, 303, "{}", signed.text());
    let after = get(&service, &reviewer, signed.header("location")).text();
    let link = after.split("href=\"").find(|piece| piece.contains("/enterprises\"")).unwrap();
    let link = link.split('"').next().unwrap();
    let found = get(&service, &author, link).text();
    assert!(found.contains("企业12") && found.contains("企业30") && !found.contains("企业5"), "{found}");
    let unseen = get(&service, &reviewer, link).text();
    assert!(unseen.contains("无权查看") && !unseen.contains("企业12"), "{unseen}");

    // The same file again: the conditions that the live item has are folded away.
    let again = service.send("POST", "/read", &headers, form(&[("扶持办法.txt", GUIDE.into())])).text();
    let address = again.split("href=\"").find(|piece| piece.contains("/items/0")).unwrap();
    let page = get(&service, &author, address.split('"').next().unwrap()).text();
    assert!(page.contains("与现行事项相同的条件（2）") && page.contains("现行条件中不再有的（2）"), "{page}");
}

/// The same over the API: a sheet, drafts with decisions, a draft with its reading, and corrections.
#[test]
fn drafts_are_read_over_the_api() {
    let (folder, engine) = Service::filled();
    let service = Service::over(folder, engine, crate::asking::settings(&[]));
    let document = service.get("/openapi.json").json();
    let send = |path: &str, files: &[(&str, Vec<u8>)]| {
        service.send("POST", path, &[("content-type", FORM)], form(files))
    };
    let only = send("/v1/drafts/read", &[("办法.txt", GUIDE.into())]);
    assert_eq!(only.status, 200, "{}", only.text());
    crate::openapi::conforms(&document, "readItems", 200, "application/json", &only.json());
    let only = only.json();
    assert_eq!(
        (only["drafts"].clone(), only["sheet"]["items"].as_array().unwrap().len()),
        (serde_json::json!([]), 3)
    );
    let item = &only["sheet"]["items"][0];
    let part = item["parts"]
        .as_array()
        .unwrap()
        .iter()
        .position(|part| part["construction"] == "employees")
        .unwrap();
    let decide = |part: usize, name: &str| {
        let one = serde_json::json!({"part": part, "do": name, "criteria": "从业人数不少于10人"});
        let mut all = serde_json::Map::new();
        for (index, other) in only["sheet"]["items"].as_array().unwrap().iter().enumerate() {
            let own = if index == 0 {
                serde_json::json!({"parts": [one]})
            } else {
                serde_json::json!({"skip": true})
            };
            all.insert(other["id"].as_str().unwrap().to_owned(), own);
        }
        serde_json::Value::Object(all).to_string().into_bytes()
    };
    let wrong = send(
        "/v1/drafts/read?propose=true",
        &[("办法.txt", GUIDE.into()), ("decisions.json", decide(99, "correct"))],
    );
    assert!(wrong.status == 400 && wrong.text().contains("只有"), "{}", wrong.text());
    let made = send(
        "/v1/drafts/read?propose=true&reason=x",
        &[("办法.txt", GUIDE.into()), ("decisions.json", decide(part, "correct"))],
    );
    assert_eq!(made.json()["drafts"], serde_json::json!([1]), "{}", made.text());
    let draft = service.get("/v1/drafts/1").json();
    crate::openapi::conforms(&document, "draft", 200, "application/json", &draft);
    assert_eq!(
        draft["reading"]["decisions"][part],
        serde_json::json!({"do": "correct", "criteria": "从业人数不少于10人"})
    );
    assert_eq!(service.get("/v1/drafts/2").status, 404);
    let corrections = service.get("/v1/drafts/corrections").json();
    crate::openapi::conforms(&document, "corrections", 200, "application/json", &corrections);
    assert_eq!(corrections["corrections"].as_array().unwrap().len(), 1);
    assert_eq!(corrections["corrections"][0]["criteria"]["at_least"], 10);
    assert_eq!(
        service.get("/v1/drafts/corrections?all=true").json()["corrections"].as_array().unwrap().len(),
        4
    );
}

/// A fact that the dictionary lacks is accepted on the page of the draft by a reviewer, and over the API: the condition is decided then.
#[test]
fn proposed_facts_are_accepted_on_the_page_and_over_the_api() {
    let guide = GUIDE.replace(
        "3.从业人数不少于20人",
        "3.从业人数不少于20人；\n4.标准化车间面积不少于500平方米；\n5.上年度展会参展费用不低于30万元",
    );
    let (service, keys) = with(&[("", "甲", Role::Caseworker), ("", "乙", Role::Reviewer)]);
    let [author, reviewer] = [0, 1].map(|index| cookie(&service, &keys[index]));
    let act =
        Principal { name: "甲".into(), holder: "甲".into(), tenant: String::new(), role: Role::Caseworker };
    let sheet = service.engine.read_file_sheet("办法.txt", guide.as_bytes(), None, "").unwrap().unwrap();
    let decisions = zhaoren_engine::drafting::FileDecisions::default();
    service.engine.propose_sheet(&act.write_context(now()), &sheet, &decisions, "").unwrap();
    let page = get(&service, &reviewer, "/reviews/1").text();
    assert!(page.contains("需要的新指标（2）") && page.contains("采纳为指标"), "{page}");
    let own = get(&service, &author, "/reviews/1").text();
    assert!(own.contains("需要的新指标（2）") && !own.contains("采纳为指标"), "{own}");
    let facts = service.engine.proposed_facts("").unwrap();
    let key = |name: &str| facts.iter().find(|fact| fact.name == name).unwrap().key.clone();
    let (area, fees) = (key("标准化车间面积"), key("展会参展费用"));
    let fields = [("proposal", area.as_str()), ("key", "workshop_area"), ("name", "标准化车间面积")];
    assert_eq!(post(&service, &author, "/reviews/1/facts", &fields).status, 403, "not a caseworker");
    let wrong = [("proposal", area.as_str()), ("key", "面积")];
    let wrong = post(&service, &reviewer, "/reviews/1/facts", &wrong);
    assert!(wrong.status == 400 && wrong.text().contains("小写字母"), "{} {}", wrong.status, wrong.text());
    let done = post(&service, &reviewer, "/reviews/1/facts", &fields);
    assert_eq!((done.status, done.header("location")), (303, "/reviews/1"), "{}", done.text());
    let page = get(&service, &reviewer, "/reviews/1").text();
    assert!(page.contains("需要的新指标（1）") && page.contains("标准化车间面积不低于500平方米"), "{page}");

    let document = service.get("/openapi.json").json();
    let header = |key: &str| format!("Bearer {key}");
    let (by_author, by_reviewer) = (header(&keys[0]), header(&keys[1]));
    let ask = |method: &str, path: &str, key: &str, body: &str| {
        let headers = [("authorization", key), ("content-type", "application/json")];
        service.send(method, path, &headers, body.to_owned())
    };
    let listed = ask("GET", "/v1/drafts/facts", &by_author, "");
    crate::openapi::conforms(&document, "proposedFacts", 200, "application/json", &listed.json());
    assert_eq!(listed.json()["facts"][0]["key"], fees.as_str());
    let path = format!("/v1/drafts/facts/{fees}");
    assert_eq!(ask("POST", &path, &by_author, "{}").status, 403);
    assert_eq!(ask("POST", "/v1/drafts/facts/none", &by_reviewer, "{}").status, 404);
    let accepted = ask("POST", &path, &by_reviewer, "{\"name\": \"参展费用\"}");
    assert_eq!(accepted.status, 200, "{}", accepted.text());
    crate::openapi::conforms(&document, "acceptFact", 200, "application/json", &accepted.json());
    assert_eq!(accepted.json()["drafts"], serde_json::json!([1]));
    let known = ask("GET", "/v1/facts", &by_author, "").text();
    assert!(known.contains("workshop_area") && known.contains("参展费用"));
}

/// A stub of a model server that answers every question alike.
fn model(answer: &'static str) -> String {
    use std::io::{BufRead, BufReader, Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).unwrap() <= 2 {
                    break;
                }
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            reader.read_exact(&mut vec![0; length]).unwrap();
            let body = serde_json::json!({"choices": [{"message": {"content": answer}}]}).to_string();
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).unwrap();
        }
    });
    url
}

/// A model is asked on demand, what it says is marked, and it counts only after its adoption; without a model nothing is asked.
#[test]
fn a_model_proposes_and_the_author_adopts() {
    const OPEN: &str = include_str!("../../engine/tests/drafting/unread.txt");
    let url = model(r#"{"criteria": "从业人数不少于20人", "quote": "在编人手不低于20人的优先"}"#);
    let without = Service::with(&[]);
    let service = Service::with(&[("proposer.url", url.as_str()), ("proposer.model", "stub")]);
    let document = service.get("/openapi.json").json();
    for one in [&without, &service] {
        let file = form(&[("指南.txt", OPEN.into())]);
        let proposed = one.send("POST", "/v1/drafts/read?propose=true", &[("content-type", FORM)], file);
        assert_eq!(proposed.json()["drafts"], serde_json::json!([1]), "{}", proposed.text());
    }
    let refused = without.send("POST", "/v1/drafts/1/proposals", &[], "");
    assert!(refused.status == 409 && refused.text().contains("proposer.url"), "{}", refused.text());
    let page = without.send("GET", "/reviews/1", &[], "").text();
    assert!(!page.contains("请模型试读"), "{page}");

    let page = service.send("GET", "/reviews/1", &[], "").text();
    assert!(page.contains("请模型试读其余 1 处") && !page.contains("采纳这一条"), "{page}");
    let asked = service.send("POST", "/v1/drafts/1/proposals", &[], "");
    assert_eq!((asked.status, asked.json()["proposed"].as_i64()), (200, Some(1)), "{}", asked.text());
    crate::openapi::conforms(&document, "askModel", 200, "application/json", &asked.json());
    let shown = service.get("/v1/drafts/1").json();
    crate::openapi::conforms(&document, "draft", 200, "application/json", &shown);
    let parts = shown["reading"]["parts"].as_array().unwrap();
    let part = parts.iter().position(|part| part["machine"].is_object()).unwrap();
    assert_eq!(parts[part]["machine"]["model"], "stub");
    assert!(!shown["body"]["criteria"].to_string().contains("\"at_least\":20"), "{shown}");
    let page = service.send("GET", "/reviews/1", &[], "").text();
    assert!(page.contains("由模型提出") && page.contains("采纳这一条"), "{page}");

    let adopt = |part: usize| {
        let body = serde_json::json!({"part": part}).to_string();
        service.send("POST", "/v1/drafts/1/adoption", &[("content-type", "application/json")], body)
    };
    assert_eq!(adopt(99).status, 409);
    let adopted = adopt(part);
    assert_eq!(adopted.status, 200, "{}", adopted.text());
    crate::openapi::conforms(&document, "adoptProposal", 200, "application/json", &adopted.json());
    let shown = service.get("/v1/drafts/1").json();
    assert!(shown["body"]["criteria"].to_string().contains("\"at_least\":20"), "{shown}");
    assert!(shown["body"]["notes"].to_string().contains("由模型提出（stub）"), "{shown}");
}

/// Facts and corrections of a tenant's drafts are read by its own callers and by reviewers of all, not by other callers without a tenant.
#[test]
fn facts_and_corrections_of_a_tenant_stay_with_it() {
    let guide = GUIDE.replace("3.从业人数不少于20人", "3.标准化车间面积不少于500平方米");
    let (service, keys) =
        with(&[("310104", "甲", Role::Caseworker), ("", "丙", Role::Caseworker), ("", "丁", Role::Reviewer)]);
    let tenant = "310104".to_owned();
    let who = Principal { name: "甲".into(), holder: "甲".into(), tenant, role: Role::Caseworker };
    let sheet =
        service.engine.read_file_sheet("办法.txt", guide.as_bytes(), None, &who.tenant).unwrap().unwrap();
    let decisions = zhaoren_engine::drafting::FileDecisions::default();
    let proposal = service.engine.propose_sheet(&who.write_context(now()), &sheet, &decisions, "").unwrap();
    assert!(!proposal.drafts.is_empty(), "{:?}", proposal.problems);
    let sees = |key: &str, path: &str| {
        let header = format!("Bearer {key}");
        let answer = service.send("GET", path, &[("authorization", header.as_str())], "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text().contains("标准化车间面积")
    };
    for path in ["/v1/drafts/facts", "/v1/drafts/corrections?all=true"] {
        let seen: Vec<bool> = keys.iter().map(|key| sees(key, path)).collect();
        assert_eq!(seen, [true, false, true], "{path}");
    }
}
