//! The console end to end in a real browser: typing, clicking, and an accessibility check.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise"
)]

use crate::browser;
use crate::serving;

use std::path::Path;
use std::process::Command;

use browser::Browser;
use serving::Server;

fn zhaoren(data: &Path, arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_zhaoren")).arg("--data").arg(data).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn has(browser: &Browser, words: &[&str]) {
    for word in words {
        browser.wait_for(&format!(
            "return document.body.innerText.includes({})",
            serde_json::Value::from(*word)
        ));
    }
}

#[track_caller]
fn no_obstacles(browser: &Browser, page: &str) {
    let found = browser.obstacles();
    assert!(found.is_empty(), "{page}: {found:#?}");
}

#[test]
fn caseworkers_can_search_read_and_match() {
    let Some(browser) = Browser::open(1280, 1000) else { return };
    let data = serving::filled();
    let server = Server::over(data.path(), &[]);

    browser.go(&server.at("/"));
    has(&browser, &["惠企政策检索", "政策事项", "主题：", "招人", "今天", "新近发布"]);
    no_obstacles(&browser, "home");
    // Suggestions appear during typing, and can be chosen by keyboard alone.
    browser.enter("#q", "zjtx");
    browser.wait_for("return document.querySelectorAll('#suggestions li').length > 0");
    no_obstacles(&browser, "suggestions");
    browser.enter("#q", "\u{e015}\u{e007}");
    browser.wait_for("return location.pathname !== '/' || location.search.includes('q=')");

    browser.go(&server.at("/?q=研发费用"));
    has(&browser, &["研发费用100%加计扣除", "缩小范围", "现行有效"]);
    assert!(browser.run("return document.querySelectorAll('.hits mark').length").as_u64().unwrap() > 3);
    no_obstacles(&browser, "search");
    browser.picture("search");
    // A facet filters to the number it shows.
    let said = browser.run(
        "const a = [...document.querySelectorAll('.facets a')].find(a => a.textContent.includes('市级')); \
         const n = a.querySelector('.count').textContent; a.click(); return n",
    );
    browser.wait_for("return location.search.includes('level')");
    has(&browser, &[&format!("共 {} 条", said.as_str().unwrap())]);

    browser.go(&server.at("/policies/cn-srdi-sme"));
    has(&browser, &["专精特新中小企业认定", "申报条件", "上年度研发费用不低于100万元"]);
    no_obstacles(&browser, "policy");
    browser.picture("policy");

    browser.go(&server.at("/match"));
    no_obstacles(&browser, "form");
    browser.click("form.row button");
    has(&browser, &["示例企业", "符合（", "待定（", "不符合（", "最优组合", "接着问", "只差一点"]);
    // Every number links to the rows it counts.
    browser.run("document.querySelector('.tiles a[href=\"#ineligible\"]').click()");
    browser.wait_for("return document.querySelector('#ineligible').checkVisibility()");
    no_obstacles(&browser, "match");
    browser.picture("match");
    // An answer updates the verdicts at once: one open item is settled.
    let open = "return document.querySelectorAll('.match .label.open').length";
    let before = browser.run(open).as_u64().unwrap();
    browser.run(
        "const f = document.querySelector('.questions form'); \
         for (const s of f.querySelectorAll('select')) s.value = [...s.options].at(-1).value; \
         for (const i of f.querySelectorAll('input:not([type=hidden])')) i.value = '0'; \
         f.requestSubmit()",
    );
    browser.wait_for(&format!("return document.querySelector('.tiles') && ({}) < {before}", &open[7..]));
    browser.click("form[action='/pack'] button");
    has(&browser, &["惠企政策服务包", "现在可以享受或申报"]);
    no_obstacles(&browser, "pack");
    browser.picture("pack");
}

#[test]
fn invalid_input_is_answered_with_its_faults() {
    let Some(browser) = Browser::open(1280, 1000) else { return };
    let data = serving::filled();
    let server = Server::over(data.path(), &[]);
    browser.go(&server.at("/policies/none"));
    has(&browser, &["没有这个编号"]);
    browser.go(&server.at("/?q=<script>alert(1)</script>\"'&filter=nonsense&sort=x&offset=-1"));
    assert_eq!(browser.run("return document.querySelectorAll('main script').length"), 0);
    browser.go(&server.at("/match"));
    browser.enter("#profile", "{\"id\": \"E1\", \"facts\": {\"employees\": \"很多\"}}");
    browser.click("section[aria-label='粘贴'] button");
    has(&browser, &["画像有误", "employees", "很多"]);
    no_obstacles(&browser, "faults");
    // The pasted text is still there.
    assert!(
        browser.run("return document.querySelector('#profile').value").as_str().unwrap().contains("很多")
    );
}

#[test]
fn run_page_shows_the_funnel_of_conditions() {
    let Some(browser) = Browser::open(1280, 1000) else { return };
    let (data, runs) = (serving::filled(), tempfile::tempdir().unwrap());
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/enterprises/samples.jsonl");
    let out_folder = runs.path().join("night-1");
    let out = &out_folder;
    let arguments =
        ["push", samples, "--as-of", "2026-07-01", "--undetermined", "--out", out.to_str().unwrap()];
    zhaoren(data.path(), &arguments);
    let said = zhaoren(
        data.path(),
        &["--json", "find", "cn-srdi-sme", out.to_str().unwrap(), "--as-of", "2026-07-01"],
    );
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["enterprises"], 12);
    let server = Server::over(data.path(), &["--set", &format!("runs={}", runs.path().display())]);
    browser.go(&server.at("/runs"));
    has(&browser, &["night-1", "2026-07-01"]);
    no_obstacles(&browser, "runs");
    browser.click("tbody a");
    has(&browser, &["批次 night-1", "漏斗"]);
    browser.run("document.querySelector('#item').value = 'cn-srdi-sme'");
    browser.click("form.row button");
    has(&browser, &["专精特新中小企业认定", "上年度研发费用不低于100万元", "仅此不符"]);
    let out = browser.run("return [...document.querySelectorAll('.counts .no dd')].at(-1).textContent");
    assert_eq!(out.as_str().unwrap(), said["ineligible"].to_string());
    no_obstacles(&browser, "funnel");
    browser.picture("funnel");
    // The effect of a threshold before it is published.
    let to_sandbox =
        "return [...document.querySelectorAll('a')].find(a => a.textContent.includes('政策沙盘')).href";
    browser.go(browser.run(to_sandbox).as_str().unwrap());
    has(&browser, &["政策沙盘", "专精特新中小企业认定", "现行", "取消", "不进名单"]);
    no_obstacles(&browser, "sandbox");
    let field = "[...document.querySelectorAll('input')].find(i => i.name.startsWith('try.') && i.closest('tr').textContent.includes('研发费用不低于100万元'))";
    browser.run(&format!("{field}.value = '50万元, 200万元'"));
    browser.run("document.querySelector('main form button').click()");
    has(&browser, &["上年度研发费用不低于50万元", "上年度研发费用不低于200万元", "原为"]);
    assert_eq!(browser.run("return document.querySelectorAll('table')[0].tBodies[0].rows.length"), 3);
    browser.picture("sandbox");
    browser.run(&format!("{field}.value = '很多'"));
    browser.run("document.querySelector('main form button').click()");
    has(&browser, &["应为数"]);
    assert_eq!(browser.run(&format!("return {field}.value")), "很多");
    no_obstacles(&browser, "sandbox with a fault");
    // The path from an item to the qualifying enterprises, and on to the rows.
    browser.go(&server.at("/policies/cn-srdi-sme"));
    let ways =
        "return [...document.querySelectorAll('a')].find(a => a.textContent.includes('哪些企业符合')).href";
    browser.go(browser.run(ways).as_str().unwrap());
    has(&browser, &["批次 night-1", "仅此不符"]);
    let rows = "return document.querySelectorAll('tbody tr').length";
    browser.go(&server.at("/runs/night-1/list?item=cn-srdi-sme"));
    has(&browser, &["名单", "专精特新中小企业认定"]);
    no_obstacles(&browser, "rows");
    // Items that an enterprise has already are not listed.
    let held = std::fs::read_to_string(out_folder.join("held.csv")).unwrap();
    let held = held.lines().filter(|line| line.contains(",cn-srdi-sme,")).count() as u64;
    let listed = said["eligible"].as_u64().unwrap() + said["undetermined"].as_u64().unwrap() - held;
    assert_eq!(browser.run(rows), listed);
    browser.go(&server.at("/runs/night-1/list?enterprise=sample-01&item=cn-srdi-sme"));
    assert_eq!(browser.run(rows), 1);
    browser.go(&server.at("/runs/night-1/list"));
    assert_eq!(browser.run(rows), 100);
    browser.click("a[rel=next]");
    assert_eq!(browser.run(rows), 100);
    has(&browser, &["回到开头"]);
    browser.go(&server.at("/runs/night-1/list?enterprise=nobody"));
    has(&browser, &["没有符合的行"]);
    no_obstacles(&browser, "no rows");
}

/// Undelivered messages are listed, and can be retried by hand.
#[test]
fn messages_can_be_listed_and_retried() {
    let Some(browser) = Browser::open(1280, 900) else { return };
    let (data, work) = (serving::filled(), tempfile::tempdir().unwrap());
    let at = |name: &str| work.path().join(name).display().to_string();
    std::fs::write(at("e.jsonl"), "{\"id\": \"sample-01\", \"facts\": {\"employees\": 50}}\n").unwrap();
    std::fs::write(at("item.yaml"), "id: own\ntitle: 样例事项\ncriteria: {fact: employees, at_least: 10}\n")
        .unwrap();
    // the discard port is closed
    let channel = "[channel.portal]\nurl = \"http://127.0.0.1:9/\"\nsecret_file = \"secret\"\nattempts = 1\n";
    std::fs::write(at("channels.toml"), channel).unwrap();
    std::fs::write(at("secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    zhaoren(data.path(), &["import", &at("item.yaml")]);
    zhaoren(data.path(), &["push", &at("e.jsonl"), "--as-of", "2026-07-01", "--out", &at("night-1")]);
    let channels = at("channels.toml");
    zhaoren(
        data.path(),
        &["messages", "--channels", &channels, "make", &at("night-1"), "--channel", "portal"],
    );
    let server = Server::over(data.path(), &["--set", &format!("runs={}", work.path().display())]);
    browser.go(&server.at("/runs"));
    browser.click("main p a");
    has(&browser, &["消息", "待发（1）", "sample-01", "样例事项", "起可发"]);
    no_obstacles(&browser, "messages that wait");
    let mut send = std::process::Command::new(env!("CARGO_BIN_EXE_zhaoren"));
    send.arg("--data").arg(data.path()).args(["messages", "--channels", &channels, "send"]);
    assert_eq!(send.output().unwrap().status.code(), Some(1));
    browser.go(&server.at("/messages?state=dead"));
    has(&browser, &["已放弃（1）", "连接被拒绝"]);
    no_obstacles(&browser, "messages given up");
    browser.picture("messages");
    browser.click("td form button");
    has(&browser, &["已重新排队", "待发（1）", "已放弃（0）"]);
    browser.go(&server.at("/messages?state=sent"));
    has(&browser, &["没有消息"]);
    no_obstacles(&browser, "no messages");
}

/// A file is chosen, read and imported without the page's script.
#[test]
fn a_file_is_read_and_imported() {
    let Some(browser) = Browser::open(1280, 1000) else { return };
    let data = serving::filled();
    let server = Server::over(data.path(), &[]);
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/document/tests/files");
    browser.go(&server.at("/"));
    browser.click("nav a[href='/read']");
    no_obstacles(&browser, "file form");
    browser.enter("#file", files.join("pdf-redhead.pdf").to_str().unwrap());
    browser.click("main form button");
    has(&browser, &["云溪区", "文号", "第1页", "第一条", "pdf-redhead.pdf（PDF）", "编号"]);
    no_obstacles(&browser, "file");
    browser.picture("file");
    browser.click("form[action$='/import'] button");
    has(&browser, &["已导入"]);
    no_obstacles(&browser, "imported file");
    browser.click("main [role=status] a");
    has(&browser, &["云溪区", "第一条"]);
    // A file that cannot be read is refused with its reason.
    browser.go(&server.at("/read"));
    browser.enter("#file", files.join("pdf-scan.pdf").to_str().unwrap());
    browser.click("main form button");
    has(&browser, &["读不了：pdf-scan.pdf", "扫描件"]);
    no_obstacles(&browser, "refused file");
}

/// A caseworker drops a guide, corrects two conditions and proposes the item; a colleague signs beside the document; the
/// enterprises that qualify are found. The steps of the caseworker are counted: they are what a review of an item costs.
#[test]
fn a_guide_is_reviewed_by_two_persons() {
    let Some(browser) = Browser::open(1280, 1000) else { return };
    let data = tempfile::tempdir().unwrap();
    let key = |role: &str, name: &str| {
        let made = zhaoren(
            data.path(),
            &["--json", "keys", "add", "--name", name, "--holder", name, "--role", role],
        );
        serde_json::from_str::<serde_json::Value>(&made).unwrap()["secret"].as_str().unwrap().to_owned()
    };
    let (author, second) = (key("caseworker", "甲"), key("reviewer", "乙"));
    let profile = data.path().join("e.json");
    let facts = r#"{"registered_region": "430603", "tax_region": "430603", "is_legal_person": true, "qualifications": ["高新技术企业"],
        "revenue": {"2024": 30000000, "2025": 30000000}, "rd_expense": {"2024": 3000000, "2025": 3000000}, "employees": 12}"#;
    std::fs::write(&profile, format!(r#"{{"id": "E12", "name": "云溪软件", "facts": {facts}}}"#)).unwrap();
    zhaoren(data.path(), &["enterprises", "save", profile.to_str().unwrap(), "--source", "填报"]);
    let server = Server::over(data.path(), &[]);
    let sign_in = |key: &str| {
        browser.go(&server.at("/sign-in"));
        browser.enter("#key", key);
        browser.click("main form button");
    };
    sign_in(&author);
    has(&browser, &["甲"]);
    let begun = std::time::Instant::now();
    let mut steps = 0;
    let mut step = |take: &dyn Fn()| {
        take();
        steps += 1;
    };
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/engine/tests/drafting/guide.docx");
    browser.go(&server.at("/read"));
    step(&|| browser.enter("#file", guide.to_str().unwrap()));
    step(&|| browser.click("main form button"));
    has(&browser, &["读出的事项（3）", "研发投入补贴"]);
    no_obstacles(&browser, "items of a file");
    browser.picture("items");
    step(&|| browser.click(".items a"));
    has(&browser, &["审核事项：研发投入补贴", "申报期", "按研发费用的10%给予补贴"]);
    no_obstacles(&browser, "item beside its document");
    browser.picture("item");
    let place = |words: &str| {
        let script = format!(
            "return [...document.querySelectorAll('fieldset.part')].find(f => f.innerText.includes({})).id.slice(5)",
            serde_json::Value::from(words)
        );
        browser.run(&script).as_str().unwrap().to_owned()
    };
    let correct = |part: &str, from: &str, to: &str| {
        let was = browser.run(&format!("return document.querySelector('#text-{part}').value"));
        let text = was.as_str().unwrap().replace(from, to);
        browser.run(&format!(
            "document.querySelector('#text-{part}').value = {}",
            serde_json::Value::from(text)
        ));
    };
    let (people, share) = (place("从业人数"), place("5%"));
    // A slip is named in its place, and nothing that was typed is lost.
    correct(&people, "20", "很多");
    step(&|| browser.click("button[value=propose]"));
    has(&browser, &["有 1 处要改"]);
    no_obstacles(&browser, "item with a fault");
    browser.picture("item-fault");
    step(&|| correct(&people, "很多", "10"));
    step(&|| correct(&share, "5%", "6%"));
    browser.enter("#reason", "按新办法");
    step(&|| browser.click("button[value=propose]"));
    has(&browser, &["等待另一人复核", "对照原文复核"]);
    println!(
        "a reviewer's walk of one item: {steps} steps, {} ms with the browser",
        begun.elapsed().as_millis()
    );
    assert!(steps <= 8, "{steps} steps");
    browser.click("form.viewer button");

    sign_in(&second);
    browser.go(&server.at("/reviews"));
    browser.click(".draft a.button");
    has(&browser, &["复核：", "更正", "认可", "从业人数不低于10人"]);
    no_obstacles(&browser, "draft beside its document");
    browser.picture("draft");
    browser.enter("form.row input[name=note]", "与原文一致");
    browser.click("button[value=approve]");
    has(&browser, &["已通过并生效", "哪些企业符合"]);
    browser.click("form.viewer button");
    sign_in(&author);
    browser.go(&server.at("/reviews"));
    browser.click(".decided a[href$='/enterprises']");
    has(&browser, &["哪些企业符合", "云溪软件"]);
    no_obstacles(&browser, "who qualifies");
    browser.picture("qualify");
}

#[test]
fn pages_fit_a_phone_screen() {
    let Some(browser) = Browser::open(500, 900) else { return };
    let data = serving::filled();
    let server = Server::over(data.path(), &[]);
    for path in
        ["/", "/?q=研发费用", "/policies/cn-srdi-sme", "/match", "/read", "/reviews", "/audit", "/runs"]
    {
        browser.go(&server.at(path));
        let wider =
            browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert_eq!(wider, 0, "{path} is wider than the window");
    }
    browser.go(&server.at("/match"));
    browser.click("section[aria-label='样例企业'] button");
    let wider =
        browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assert_eq!(wider, 0, "an overview is wider than the window");
    no_obstacles(&browser, "telephone");
    browser.picture("telephone");
}

/// The complete workflow: a document and an item are imported, one person changes a condition, another approves it, and the
/// enterprise sees the change. Each signs in with a key.
#[test]
fn changed_conditions_are_reviewed_and_shown() {
    let Some(browser) = Browser::open(1280, 1000) else { return };
    let data = serving::filled();
    let text = "关于样例补贴的通知\n第一条 从业人数不少于20人的企业，可以申请样例补贴。\n";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("doc.txt"), text).unwrap();
    let item = "id: sample-grant\ntitle: 样例补贴\ndocument: {title: 关于样例补贴的通知, text: doc.txt}\n\
                criteria:\n  all:\n    - {fact: employees, at_least: 20, quote: 从业人数不少于20人的企业, article: 第一条}\n";
    std::fs::write(folder.path().join("item.yaml"), item).unwrap();
    zhaoren(data.path(), &["import", folder.path().to_str().unwrap()]);
    let samples = concat!(env!("CARGO_MANIFEST_DIR"), "/seeds/enterprises/samples.jsonl");
    zhaoren(data.path(), &["enterprises", "save", samples, "--source", "样例"]);
    let key = |name: &str, role: &str| -> String {
        let said = zhaoren(
            data.path(),
            &["--json", "keys", "add", "--name", name, "--holder", name, "--role", role],
        );
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        said["secret"].as_str().unwrap_or_else(|| panic!("{said}")).to_owned()
    };
    let (author, second) = (key("甲", "caseworker"), key("乙", "reviewer"));
    let server = Server::over(data.path(), &[]);
    let sign_in = |key: &str| {
        browser.go(&server.at("/sign-in"));
        browser.enter("#key", key);
        browser.click("form.narrow button");
    };
    let verdict = |employees: &str| -> String {
        browser.go(&server.at("/match?policy=sample-grant"));
        browser.enter("#profile", &format!("{{\"id\": \"E1\", \"facts\": {{\"employees\": {employees}}}}}"));
        browser.click("section[aria-label='粘贴'] button");
        browser.run("return document.querySelector('.asked .label').textContent").as_str().unwrap().to_owned()
    };

    browser.go(&server.at("/match"));
    has(&browser, &["登录"]);
    no_obstacles(&browser, "sign in");
    sign_in("no such key");
    has(&browser, &["密钥不对"]);
    sign_in(&author);
    assert!(verdict("12").contains("不符合"));
    // Stored facts can be looked up by a key with that permission.
    let look_up = |id: &str| {
        browser.go(&server.at("/match"));
        browser.enter("#lookup", id);
        browser.click("section[aria-label='查找'] button");
    };
    look_up("nobody");
    has(&browser, &["没有存过企业"]);
    browser.go(&server.at("/enterprises?q=sample"));
    has(&browser, &["企业档案", "sample-03"]);
    no_obstacles(&browser, "enterprises");
    browser.click("tbody th a");
    has(&browser, &["已知情况与来源", "样例"]);
    no_obstacles(&browser, "file of an enterprise");
    browser.go(&server.at("/match"));
    look_up("sample-03");
    has(&browser, &["sample-03", "符合（"]);
    // The pack contains known facts with their source; an answer given here has its source too.
    browser.run(
        "const i = document.querySelector('.questions input:not([type=hidden]), .questions select'); \
         i.value = i.tagName === 'SELECT' ? [...i.options].at(-1).value : '1'; i.form.requestSubmit()",
    );
    browser.wait_for(
        "return document.readyState === 'complete' && !!document.querySelector('form[action=\"/pack\"]')",
    );
    browser.click("form[action='/pack'] button");
    has(&browser, &["惠企政策服务包"]);
    browser.run("document.querySelector('input[name=with][value=facts]').checked = true");
    browser.click("form.choices button:not([name])");
    has(&browser, &["已知情况与来源", "样例", "本次提供"]);
    no_obstacles(&browser, "pack of a stored enterprise");
    browser.go(&server.at("/items/sample-grant/edit"));
    has(&browser, &["修改条件", "从业人数不少于20人的企业，可以申请样例补贴"]);
    no_obstacles(&browser, "edit");
    let set = |text: &str| {
        let script = format!(
            "const t = document.querySelector('#text'); t.value = {}; t.dispatchEvent(new Event('input'))",
            serde_json::Value::from(text)
        );
        browser.run(&script);
    };
    let was = browser.run("return document.querySelector('#text').value");
    let was = was.as_str().unwrap();
    set(&was.replace("20", "很多"));
    browser.wait_for("return document.querySelector('#faults').innerText.includes('处读不懂')");
    set(&was.replacen("20", "10", 1));
    // The quoted sentence still says twenty.
    browser.wait_for("return document.querySelector('#faults').innerText.includes('不一致')");
    browser.enter("#reason", "原文第一条已改为10人");
    browser.run("document.querySelector('#accept').click()");
    browser.picture("edit");
    browser.click("button[value=propose]");
    has(&browser, &["等待另一人复核", "须由另一人复核", "提出理由：原文第一条已改为10人"]);
    assert!(verdict("12").contains("不符合"), "nothing counts before it is signed off");
    browser.click("form.viewer button");

    sign_in(&second);
    browser.go(&server.at("/reviews"));
    has(&browser, &["样例补贴", "甲", "原文第一条已改为10人"]);
    no_obstacles(&browser, "review");
    browser.picture("review");
    browser.enter(".draft input[name=note]", "与原文一致");
    browser.click("button[value=approve]");
    has(&browser, &["已通过并生效", "最近的结论", "审核意见：与原文一致"]);
    no_obstacles(&browser, "decided");
    assert!(verdict("12").contains("符合") && !verdict("12").contains("不符合"));
    browser.go(&server.at("/policies/sample-grant"));
    has(&browser, &["第 2 版"]);

    // The audit records who did each step, and can be verified on request.
    browser.go(&server.at("/audit"));
    has(&browser, &["尚未校验", "提出修改", "审核修改"]);
    no_obstacles(&browser, "audit");
    browser.click(".checked button");
    has(&browser, &["链条完整", "刚刚校验"]);
    no_obstacles(&browser, "checked");
    browser.picture("audit");
    browser.run("document.querySelector('#action').value = 'draft.review'");
    browser.click(".filter button");
    assert_eq!(browser.run("return document.querySelectorAll('tbody tr').length"), 1);
    browser.run("document.querySelector('#until').value = '2020-01-01'");
    browser.click(".filter button");
    has(&browser, &["没有符合条件的记录"]);
    no_obstacles(&browser, "no lines");
}
