//! Pages of the catalogue: the guide of an item, sentences found for its conditions, and words that differ from their rule.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use zhaoren_engine::{Principal, Role, now};

use crate::pages::{HOST, cookie, with};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const ORIGIN: (&str, &str) = ("origin", "http://zhaoren.example");

#[test]
fn guides_are_on_the_page_and_in_the_answer_and_absence_is_named() {
    let (service, keys) = with(&[("", "甲", Role::Caseworker)]);
    let session = cookie(&service, &keys[0]);
    let page = |id: &str| {
        let answer = service.send("GET", &format!("/policies/{id}"), &[HOST, ("cookie", &session)], "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.text()
    };
    let text = page("cn-hnte-2016");
    for words in ["怎么办", "高新技术企业认定管理工作网", "http://www.innocom.gov.cn/", "（待核）", "说明"]
    {
        assert!(text.contains(words), "{words}");
    }
    assert!(page("xh-ai-2024-rd").contains("申报入口未收录"));
    let bearer = format!("Bearer {}", keys[0]);
    let answer = service.send("GET", "/v1/policies/cn-srdi-sme", &[("authorization", &bearer)], "").json();
    assert_eq!(answer["guide"]["where"]["link"], "https://zjtx.miit.gov.cn/");
    assert_eq!(answer["guide"]["office"]["review"]["mark"], "K");
}

/// The sample district is marked on its pages.
#[test]
fn pages_of_the_sample_district_say_so() {
    let (service, keys) = with(&[("", "甲", Role::Caseworker)]);
    service.engine.import_sample_district(&Principal::local(), &zhaoren_engine::Silent).unwrap();
    let session = cookie(&service, &keys[0]);
    for id in ["sample-startup-rent", "sample-08-rent"] {
        let answer = service.send("GET", &format!("/policies/{id}"), &[HOST, ("cookie", &session)], "");
        assert!(answer.text().contains("地方、机关和政策都是虚构的"), "{id}: {}", answer.text());
    }
}

#[test]
fn sentences_found_are_proposed_by_one_person_and_approved_by_another() {
    let people = [("", "甲", Role::Reviewer), ("", "乙", Role::Reviewer)];
    let (service, keys) = with(&people);
    let item = "id: drone\ntitle: 无人机补贴\ndocument: {title: 样例区无人机办法, number: 样科规〔2026〕9号}\n\
                criteria: {all: [{fact: established_on, for_at_least: 2 years}, {fact: rd_intensity, at_least: 0.05}]}\n";
    let text = "样例区无人机办法\n样科规〔2026〕9号\n\n第一条 申请企业应当符合下列条件：\n（一）成立满2年；\n\
                （二）上年度研发费用占营业收入的比例不低于5%。\n\n第二条 本办法自2026年1月1日起施行。\n";
    let files = [("drone.yaml", item), ("drone-rules.txt", text)];
    let files = files.map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec()));
    service.engine.receive(&files, &Principal::local()).unwrap();
    let [author, reviewer] = [&keys[0], &keys[1]].map(|key| cookie(&service, key));
    let shown = service.send("GET", "/items/drone/evidence", &[HOST, ("cookie", &author)], "").text();
    assert!(shown.contains("成立满2年") && shown.contains("第一条（二）"), "{shown}");
    let sent = service.send("POST", "/items/drone/evidence", &[HOST, FORM, ORIGIN, ("cookie", &author)], "");
    assert_eq!(sent.status, 303, "{}", sent.text());
    let draft = service.engine.drafts("", "open").unwrap().remove(0).id;
    let approve = |session: &str| {
        let headers = [HOST, FORM, ORIGIN, ("cookie", session)];
        service.send("POST", &format!("/reviews/{draft}"), &headers, "do=approve&note=").status
    };
    assert_eq!(approve(&author), 409, "the author cannot confirm alone");
    assert_eq!(approve(&reviewer), 303);
    let whole = service.engine.policy("drone").unwrap().unwrap();
    assert!(whole["conditions"].as_array().unwrap().iter().all(|one| one["quote"].is_string()), "{whole}");
    let none = service.send("GET", "/items/drone/evidence", &[HOST, ("cookie", &author)], "").text();
    assert!(none.contains("没有找到"), "{none}");
}

/// A reviewer sees the words and the rule beside each other, with the reason; without one nothing can be proposed.
#[test]
fn differences_between_words_and_rule_are_shown_in_review() {
    let (service, keys) = with(&[("", "乙", Role::Reviewer)]);
    let local = Principal::local();
    let item = |more: &str| {
        format!(
            "id: worded\ntitle: 题\n{more}criteria: {{fact: established_on, for_at_least: 366 days, text: 注册成立满365天}}\n"
        )
    };
    let act = local.write_context(now());
    let refused = service.engine.propose(&act, "worded.yaml", item("").as_bytes(), "").unwrap();
    assert!(
        refused.drafts.is_empty() && refused.problems.iter().any(|one| one.to_string().contains("不一致"))
    );
    let accepted = "acknowledged: [{words: 注册成立满365天, rule: 成立满366天, reason: 闰年按366天计}]\n";
    let proposed = service.engine.propose(&act, "worded.yaml", item(accepted).as_bytes(), "").unwrap();
    assert_eq!(proposed.drafts.len(), 1, "{:?}", proposed.problems);
    let session = cookie(&service, &keys[0]);
    let page = service.send("GET", "/reviews", &[HOST, ("cookie", &session)], "").text();
    for words in ["文字与条件不一致 1 处", "【365天】", "【366天】", "闰年按366天计"] {
        assert!(page.contains(words), "{words}: {page}");
    }
}

/// The editor refuses a number that the quoted sentence contradicts, unless its author says why.
#[test]
fn the_editor_refuses_a_rule_that_its_quote_contradicts() {
    let (service, keys) = with(&[("", "甲", Role::Reviewer)]);
    let text = "样例补贴办法\n样科规〔2026〕8号\n\n第一条 申请企业从业人数不少于20人。\n";
    let item = "id: staffed\ntitle: 样例补贴\ndocument: {title: 样例补贴办法, number: 样科规〔2026〕8号}\n\
                criteria: {all: [{fact: employees, at_least: 20, quote: 从业人数不少于20人}]}\n";
    let files = [("staffed.yaml", item), ("staffed-rules.txt", text)];
    let files = files.map(|(name, content)| (name.to_owned(), content.as_bytes().to_vec()));
    service.engine.receive(&files, &Principal::local()).unwrap();
    let session = cookie(&service, &keys[0]);
    let whole = service.engine.policy("staffed").unwrap().unwrap();
    let typed = whole["criteria_text"].as_str().unwrap().replacen("20", "10", 1);
    let send = |more: &[(&str, &str)]| {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("text", &typed).append_pair("do", "propose").extend_pairs(more);
        let headers = [HOST, FORM, ORIGIN, ("cookie", session.as_str())];
        service.send("POST", "/items/staffed/edit", &headers, form.finish())
    };
    let refused = send(&[("reason", "已改")]);
    assert_eq!(refused.status, 200);
    assert!(refused.text().contains("不一致") && refused.text().contains("20人"), "{}", refused.text());
    assert_eq!(send(&[("accept", "yes")]).status, 200, "a reason is needed");
    let accepted = send(&[("accept", "yes"), ("reason", "已改为10人")]);
    assert_eq!(accepted.status, 303, "{}", accepted.text());
    let page = service.send("GET", "/reviews", &[HOST, ("cookie", &session)], "").text();
    assert!(page.contains("文字与条件不一致 1 处") && page.contains("已改为10人"), "{page}");
}
