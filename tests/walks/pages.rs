//! Walks through the pages, in a real browser.

use std::path::Path;

use serde_json::Value;

use crate::browser::Browser;
use crate::serving::{self, Server};

use super::{SAMPLES, said};

#[track_caller]
fn sees(browser: &Browser, words: &[&str]) {
    for word in words {
        browser.wait_for(&format!("return document.body.innerText.includes({})", Value::from(*word)));
    }
}

/// Follows the first link with these words.
#[track_caller]
fn follow(browser: &Browser, words: &str) {
    let link = format!(
        "return [...document.querySelectorAll('main a')].find(a => a.textContent.includes({}))?.href ?? ''",
        Value::from(words)
    );
    let address = browser.run(&link);
    let address = address.as_str().unwrap();
    assert!(!address.is_empty(), "no link `{words}` in\n{}", browser.text());
    browser.go(address);
}

/// Titles of the first hits.
fn hits(browser: &Browser, count: usize) -> Vec<String> {
    let script = format!(
        "return [...document.querySelectorAll('.hits h2, .hits h3')].slice(0, {count}).map(h => h.innerText)"
    );
    browser.run(&script).as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// Sets a field of the form by its name.
fn fill(browser: &Browser, name: &str, value: &str) {
    let set = format!(
        "const f = document.querySelector('[name={}]'); f.value = {}; return f.value",
        Value::from(name),
        Value::from(value)
    );
    assert_eq!(browser.run(&set), value, "{name}");
}

/// The owner of a restaurant with a phone searches with a plain question, opens one answer, says what is on the licence, and learns of a tax relief:
/// what it gives, and that nothing has to be applied for.
#[test]
fn the_owner_of_a_restaurant() {
    let Some(browser) = Browser::open(390, 844) else { return };
    let data = serving::filled();
    let server = Server::over(data.path(), &[]);
    browser.go(&server.at("/?q=餐饮店有什么补贴"));
    let first = hits(&browser, 5);
    assert!(first.iter().any(|title| title.contains("六税两费")), "{first:?}");
    follow(&browser, "六税两费");
    sees(&browser, &["申报条件", "看一家企业是否符合"]);
    follow(&browser, "看一家企业是否符合");
    sees(&browser, &["只问这一事项要用到的情况"]);
    let asked = browser.run("return document.querySelectorAll('form[action=\"/match\"] .field').length");
    assert!(asked.as_u64().unwrap() < 30, "{asked} fields for one item");
    fill(&browser, "name", "样例面馆");
    fill(&browser, "fact.legal_form", "个体工商户");
    browser.run("document.querySelector('#f-as-of').value = '2026-07-01'");
    browser.click("section[aria-label='填写'] button[type=submit]");
    sees(&browser, &["您问的事项", "样例面馆"]);
    let verdict = browser.run("return document.querySelector('.asked .match summary').innerText");
    assert!(verdict.as_str().unwrap().contains("符合"), "{verdict}");
    sees(&browser, &["自动享受，无需申报"]);
    let wide = browser.run("return document.documentElement.scrollWidth <= innerWidth + 1");
    assert_eq!(wide, true, "the page fits the phone");
}

/// A software firm that holds 高新技术企业 sees first what it can have now, is not told to apply for the title that it has, and takes a
/// page to its director: with the titles that it holds, and who is to be asked.
#[test]
fn a_high_tech_firm() {
    let Some(browser) = Browser::open(1280, 1000) else { return };
    let data = serving::filled();
    let server = Server::over(data.path(), &[]);
    browser.go(&server.at("/match"));
    browser.run("document.querySelector('#s-as-of').value = '2026-07-01'; document.querySelector('#sample').value = 'sample-01'");
    browser.click("section[aria-label='样例企业'] button");
    sees(&browser, &["符合（", "接着问"]);
    let order = browser.run(
        "const at = s => document.body.innerHTML.indexOf(s); return at('id=\"eligible\"') < at('接着问') && at('id=\"eligible\"') > 0",
    );
    assert_eq!(order, true, "what the firm can have stands before the questions");
    let address = browser.run("return location.href").as_str().unwrap().to_owned();
    assert!(address.contains("/match/r/"), "{address}");
    browser.go(&address);
    let eligible = browser.run("return document.querySelector('#eligible').innerText");
    assert!(!eligible.as_str().unwrap().contains("高新技术企业认定"), "{eligible}");
    let held = browser.run("return document.body.textContent.includes('已有“高新技术企业”')");
    assert_eq!(held, true, "the title that the firm holds is named with its end");
    browser.click("form[action='/pack'] button");
    sees(&browser, &["惠企政策服务包", "现在可以享受或申报", "找谁", "需要带什么", "已有或已享受"]);
    // One item more in the table, one line more for the director: the first page holds the table alone.
    let rows = browser.run("return document.querySelector('.pack-table').rows.length");
    assert!((2..=15).contains(&rows.as_u64().unwrap()), "{rows} rows");
}

/// A new firm answers an interview round by round and has its most promising items settled after at most five.
#[test]
fn a_firm_that_was_just_founded() {
    let Some(browser) = Browser::open(1280, 1000) else { return };
    let data = serving::filled();
    let server = Server::over(data.path(), &[]);
    browser.go(&server.at("/match"));
    for (name, value) in [
        ("name", "样例新公司"),
        ("id", "样例-新"),
        ("fact.registered_region", "徐汇区"),
        ("fact.industry", "软件开发"),
        ("fact.established_on", "2026-03-02"),
        ("fact.employees", "8"),
    ] {
        fill(&browser, name, value);
    }
    browser.run("document.querySelector('#f-as-of').value = '2026-07-01'");
    browser.click("section[aria-label='填写'] button[type=submit]");
    sees(&browser, &["样例新公司", "接着问"]);
    let open = "return [...document.querySelectorAll('.tiles .open .number, .tiles .near .number')].reduce((n, e) => n + Number(e.innerText), 0)";
    let before = browser.run(open).as_u64().unwrap();
    for _ in 0..5 {
        if browser.run("return !document.querySelector('.questions')") == true {
            break;
        }
        browser.run(
            "window.before = true; const f = document.querySelector('.questions form'); \
             for (const s of f.querySelectorAll('select')) s.value = s.querySelector('option[value=false]') ? 'false' : s.options[1].value; \
             for (const i of f.querySelectorAll('input:not([type=hidden]):not([type=checkbox])')) i.value = i.type === 'date' ? '2026-03-02' : '1'; \
             const rest = f.querySelector('input[name=rest]'); if (rest) rest.checked = true; f.requestSubmit()",
        );
        browser.wait_for("return !window.before && document.readyState === 'complete'");
        sees(&browser, &["样例新公司"]);
    }
    let after = browser.run(open).as_u64().unwrap();
    assert!(after * 2 < before, "{before} items were open, {after} are after five rounds");
    // The page shows all that is known by now.
    sees(&browser, &["已知情况"]);
    let kept = browser.run("return document.body.textContent.includes('软件开发')");
    assert_eq!(kept, true);
}

/// A call: when does the 稳岗补贴 of this year come? The caseworker finds it under its old name and reads out the condition and the office.
#[test]
fn a_call_about_a_refund() {
    let Some(browser) = Browser::open(1366, 768) else { return };
    let data = serving::filled();
    let server = Server::over(data.path(), &[]);
    browser.go(&server.at("/?q=稳岗补贴今年什么时候发"));
    let first = hits(&browser, 1);
    assert!(first[0].contains("稳岗"), "{first:?}");
    follow(&browser, &first[0]);
    sees(&browser, &["申报条件", "申报期", "申报入口", "返还"]);
    follow(&browser, "看一家企业是否符合");
    sees(&browser, &["看一家企业是否符合："]);
}

/// A call: the company stands in the list of abnormal operations. The answer is the repair; and what the catalogue lacks is said.
#[test]
fn a_call_about_an_entry_in_a_list() {
    let Some(browser) = Browser::open(1366, 768) else { return };
    let data = serving::filled();
    let server = Server::over(data.path(), &[]);
    browser.go(&server.at("/?q=公司被列入经营异常名录怎么办"));
    let first = hits(&browser, 1);
    assert!(first[0].contains("修复"), "{first:?}");
    browser.go(&server.at("/?q=绿色工厂"));
    sees(&browser, &["本库没有"]);
    browser.go(&server.at("/?q=我们公司能拿什么补贴"));
    // A question that depends on the firm is answered by a way to say more of it.
    let way = browser.run("return [...document.querySelectorAll('main a')].some(a => a.getAttribute('href').startsWith('/match'))");
    assert_eq!(way, true, "{}", browser.text());
}

/// The head of the bureau has five minutes: last night's run, who drops out of one item where, and what another threshold would change.
#[test]
fn the_head_of_a_bureau() {
    let Some(browser) = Browser::open(1366, 768) else { return };
    let (data, runs) = (serving::filled(), tempfile::tempdir().unwrap());
    let out = runs.path().join("night-1");
    said(
        data.path(),
        &["push", SAMPLES, "--as-of", "2026-07-01", "--undetermined", "--out", out.to_str().unwrap()],
    );
    let server = Server::over(data.path(), &["--set", &format!("runs={}", runs.path().display())]);
    browser.go(&server.at("/runs"));
    sees(&browser, &["night-1"]);
    browser.click("tbody a");
    sees(&browser, &["企业", "符合", "其中待定", "漏斗"]);
    browser.run("document.querySelector('#item').value = 'cn-srdi-sme'");
    browser.click("form.row button");
    sees(&browser, &["专精特新中小企业认定", "仅此不符"]);
    follow(&browser, "政策沙盘");
    browser.run(
        "const i = [...document.querySelectorAll('input')].find(i => i.name.startsWith('try.') && i.closest('tr').textContent.includes('研发费用不低于100万元')); \
         i.value = '50万元'; document.querySelector('main form button').click()",
    );
    sees(&browser, &["上年度研发费用不低于50万元", "原为"]);
    browser.go(&server.at("/runs/night-1/list?item=cn-srdi-sme"));
    sees(&browser, &["名单", "专精特新中小企业认定"]);
    assert!(Path::new(&out).join("items.parquet").is_file());
}
