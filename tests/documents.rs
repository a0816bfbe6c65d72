//! Files of published forms at the terminal: `zhaoren read` and `zhaoren import`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::serving;

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use serde_json::{Value, json};

fn file(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/document/tests/files");
    folder.join(name).display().to_string()
}

fn run(args: &[&str]) -> Output {
    Command::cargo_bin("zhaoren").unwrap().args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn files_are_read_with_their_form_and_positions() {
    let (docx, scan) = (file("docx-number-kinds.docx"), file("pdf-scan.pdf"));
    let read = run(&["read", &docx]);
    let shown = text(&read.stdout);
    assert!(read.status.success(), "{}", text(&read.stderr));
    for words in ["云溪区智能传感产业奖补细则", "格式 DOCX", "第一条", "段]"] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    let shown: Value =
        serde_json::from_slice(&run(&["read", &file("pdf-redhead.pdf"), "--json"]).stdout).unwrap();
    assert_eq!(shown["file"]["form"], "pdf");
    assert_eq!(shown["clauses"][0]["origin"]["label"], "第1页");
    // A readable file is imported although another one cannot be read.
    let both = run(&["read", &docx, &scan]);
    assert_eq!(both.status.code(), Some(1));
    let errors = text(&both.stderr);
    assert!(errors.contains("pdf-scan.pdf") && errors.contains("扫描件"), "{errors}");
    assert!(text(&both.stdout).contains("格式 DOCX"));
    assert_eq!(run(&["read", &scan]).status.code(), Some(2));
}

#[test]
fn folders_are_imported_and_refused_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "docx-number-kinds.docx",
        "ofd-policy.ofd",
        "pdf-redhead.pdf",
        "pdf-scan.pdf",
        "pdf-encrypted-user.pdf",
    ] {
        std::fs::copy(file(name), folder.path().join(name)).unwrap();
    }
    let data = serving::filled();
    let data = data.path().to_str().unwrap();
    let import = run(&["--data", data, "import", folder.path().to_str().unwrap(), "--json"]);
    let errors = text(&import.stderr);
    assert_eq!(import.status.code(), Some(1), "{errors}");
    let report: Value = serde_json::from_slice(&import.stdout).unwrap();
    assert_eq!(report["documents"], json!({"new": 3, "changed": 0, "kept": 0}), "{errors}");
    for words in ["pdf-scan.pdf", "扫描件", "pdf-encrypted-user.pdf", "已加密"] {
        assert!(errors.contains(words), "{words} in {errors}");
    }
    let found = run(&["--data", data, "search", "云政规〔2026〕7号", "--json", "--limit", "9"]);
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    let ids: Vec<&str> =
        found["hits"].as_array().unwrap().iter().filter_map(|hit| hit["id"].as_str()).collect();
    assert!(ids.contains(&"ofd-policy") || ids.contains(&"pdf-redhead"), "{ids:?}");
}

/// A text that is received, the name of its file, and what has to be read of it.
struct Reading<'a> {
    name: &'a str,
    content: String,
    /// Values of `document`, by key.
    facts: &'a [(&'a str, &'a str)],
    /// Articles in order; empty where they are not the point.
    articles: &'a [&'a str],
    /// Words that the clauses may not hold.
    lacks: &'a [&'a str],
}

/// Reads the files in one call, and checks each.
fn check(readings: &[Reading<'_>]) {
    let folder = tempfile::tempdir().unwrap();
    let mut args = vec!["read".to_owned(), "--json".to_owned()];
    for reading in readings {
        let path = folder.path().join(reading.name);
        std::fs::write(&path, &reading.content).unwrap();
        args.push(path.display().to_string());
    }
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let output = run(&args);
    let shown: Vec<Value> = serde_json::Deserializer::from_slice(&output.stdout)
        .into_iter::<Value>()
        .map(|one| one.unwrap())
        .collect();
    assert_eq!(shown.len(), readings.len(), "{}", text(&output.stderr));
    for (found, reading) in shown.iter().zip(readings) {
        for (key, wanted) in reading.facts {
            assert_eq!(found["document"][*key], *wanted, "{key} of {}: {found}", reading.name);
        }
        let clauses = found["clauses"].as_array().unwrap();
        if !reading.articles.is_empty() {
            let articles: Vec<&str> =
                clauses.iter().map(|clause| clause["article"].as_str().unwrap()).collect();
            assert_eq!(articles, reading.articles, "{}", reading.name);
        }
        for word in reading.lacks {
            let text = found["text"].as_str().unwrap();
            assert!(!text.contains(word), "{word} in {}: {text}", reading.name);
        }
    }
}

/// R01, R03, R10, R15, R19, R20: facts of a document, wherever they are and however they are typed.
#[test]
fn facts_are_found_wherever_they_are() {
    let body: String =
        (1..=70).map(|n| format!("（{n}）支持企业技术改造，优化服务流程，加快项目落地见效。\n")).collect();
    let centred = |line: &str| format!("<p style=\"text-align:center\"><span>{line}</span></p>");
    let signed = |term: &str| {
        format!(
            "云溪区人民政府关于促进传感产业发展的若干意见\n云政规〔2021〕5号\n各镇街：\n现提出如下意见。\n{body}本意见自发布之日起施行，{term}。\n\
             云溪区人民政府\n二O二一年四月十二日\n"
        )
    };
    let ends = [
        ("试行两年", "2023-04-11"),
        ("有效期3年", "2024-04-11"),
        ("执行期限延长至2025年6月30日", "2025-06-30"),
    ];
    let long: Vec<[(&str, &str); 4]> = ends
        .iter()
        .map(|(_, last)| {
            [
                ("published", "2021-04-12"),
                ("effective", "2021-04-12"),
                ("expires", *last),
                ("number", "云政规〔2021〕5号"),
            ]
        })
        .collect();
    let mut readings = vec![
        Reading {
            name: "lines.html",
            content: format!(
                "<html><head><meta charset=\"utf-8\"></head><body>{}{}{}{}<p>各镇人民政府、街道办事处：</p><p>为发展产业，提出以下意见：</p><p>一、扩大规模</p>\
                 <p style=\"text-align:right\">云溪区人民政府办公室 &nbsp;</p><p style=\"text-align:right\">2026年1月22日 &nbsp;</p></body></html>",
                centred("云溪区人民政府办公室关于发挥产业基金"),
                centred("引导作用切实支持小微企业和"),
                centred("传感产业发展的指导意见"),
                centred("云政办发〔2026〕6号"),
            ),
            facts: &[
                (
                    "title",
                    "云溪区人民政府办公室关于发挥产业基金引导作用切实支持小微企业和传感产业发展的指导意见",
                ),
                ("kind", "opinion"),
                ("number", "云政办发〔2026〕6号"),
                ("issuer", "云溪区人民政府办公室"),
                ("published", "2026-01-22"),
            ],
            articles: &[],
            lacks: &[],
        },
        Reading {
            name: "marked.md",
            content: "# 云溪区科技局关于印发《云溪区科技企业扶持办法》的通知\n\n**云科规〔2026〕3-1号**\n\n各有关单位：\n\n现印发给你们。\n\n云溪区科技局\n\n\
                      2026年3月18日\n\n## 云溪区科技企业扶持办法\n\n第一条 为支持企业，制定本办法。\n\n第二条 本办法自2026年5月1日至2028年4月30日施行。\n"
                .to_owned(),
            facts: &[
                ("title", "云溪区科技局关于印发《云溪区科技企业扶持办法》的通知"),
                ("number", "云科规〔2026〕3-1号"),
                ("issuer", "云溪区科技局"),
                ("published", "2026-03-18"),
                ("effective", "2026-05-01"),
                ("expires", "2028-04-30"),
            ],
            articles: &["引言", "第一条", "第二条"],
            lacks: &["#", "**"],
        },
        Reading {
            name: "apart.txt",
            content: "云 溪 区 科 技 局 关 于 支 持 种 子 企 业 的 通 知\n云 科 规 〔2026〕 7 号\n第 一 条 对 种 子 企 业 给 予 补 贴。\n".to_owned(),
            facts: &[("title", "云溪区科技局关于支持种子企业的通知"), ("number", "云科规〔2026〕7号"), ("issuer", "云溪区科技局")],
            articles: &["引言", "第一条"],
            lacks: &["种 子"],
        },
        Reading {
            name: "breaks.txt",
            content: "云溪区科技局关于种子企业的通知\u{b}云科规〔2026〕3号\u{2028}各有关单位：\u{c}第一条 为支持企业，制定本办法。".to_owned(),
            facts: &[("title", "云溪区科技局关于种子企业的通知"), ("number", "云科规〔2026〕3号")],
            articles: &["引言", "第一条"],
            lacks: &["\u{b}", "\u{2028}"],
        },
        Reading {
            name: "decree.txt",
            content: "云溪市人民政府令\n第707号\n《云溪市传感条例》已经通过，现予公布，自2026年5月1日起施行。\n市长 张三\n2026年2月18日\n云溪市传感条例\n第一条 为发展产业，制定本条例。\n第二条 本市企业适用本条例。".to_owned(),
            facts: &[("title", "云溪市传感条例"),
                ("kind", "regulation"),
                ("number", "云溪市人民政府令第707号"), ("issuer", "云溪市人民政府"), ("published", "2026-02-18")],
            articles: &["引言", "第一条", "第二条"],
            lacks: &[],
        },
    ];
    let names = ["long-0.txt", "long-1.txt", "long-2.txt"];
    for (((term, _), facts), name) in ends.iter().zip(&long).zip(names) {
        readings.push(Reading { name, content: signed(term), facts, articles: &[], lacks: &[] });
    }
    check(&readings);
}

/// R04, R06, R18: what surrounds a text on a page, and what its page hides, is no text.
#[test]
fn a_page_gives_its_document_and_nothing_else() {
    let head = "<html><head><meta charset=\"utf-8\"><title>通知公告</title>";
    let title = "云溪区人民政府关于暂时调整实施《传感产业条例》有关规定的决定";
    check(&[
        Reading {
            name: "table.html",
            content: format!(
                "{head}</head><body><table><tbody><tr><td><b>索 引 号：</b></td><td>000014349/2026-00222</td><td><b>主题分类：</b></td><td>工业</td></tr>\
                 <tr><td><b>发文机关：</b></td><td>云溪区人民政府</td><td><b>成文日期：</b></td><td>2025年12月21日</td></tr>\
                 <tr><td><b>标　　题：</b></td><td colspan=\"3\">{title}</td></tr><tr><td><b>发文字号：</b></td><td>云政发〔2025〕43号</td><td><b>发布日期：</b>\
                 </td><td>2025年12月29日</td></tr></tbody></table><p style=\"text-align:center\">{title}</p><p style=\"text-align:center\">云政发〔2025〕43号</p>\
                 <p>各镇街：</p><p>区人民政府决定暂时调整实施有关规定。</p><p style=\"text-align:right\">云溪区人民政府</p>\
                 <p style=\"text-align:right\">2025年12月21日</p><div>扫一扫在手机打开当前页</div></body></html>"
            ),
            facts: &[
                ("title", title),
                ("issuer", "云溪区人民政府"),
                ("published", "2025-12-21"),
                ("number", "云政发〔2025〕43号"),
            ],
            articles: &[],
            lacks: &["索引号", "扫一扫"],
        },
        Reading {
            name: "site.html",
            content: format!(
                "{head}<meta name=\"ArticleTitle\" content=\"关于开展2026年度传感企业培育工作的通知\"><meta name=\"PubDate\" content=\"2026-03-14 16:00\">\
                 <meta name=\"ContentSource\" content=\"云溪区经济和信息化局\"></head><body><div class=\"nav\"><ul><li><a href=\"/\">首页</a></li>\
                 <li><a href=\"/jg\">机构设置</a></li></ul></div><div>您当前的位置：<a href=\"/\">首页</a> &gt; <a href=\"/tz\">通知公告</a></div>\
                 <div>【字体：<a>大</a> <a>中</a> <a>小</a>】 <a>打印</a></div><p style=\"text-align:center\">关于开展2026年度传感企业培育工作的通知</p><p>各镇街：</p>\
                 <p>现将有关事项通知如下。</p><p>一、申报条件</p><p>成立满三年以上；</p><p style=\"text-align:right\">云溪区经济和信息化局</p>\
                 <p style=\"text-align:right\">2026年3月12日</p><div>分享到：<a>微信</a></div><h3>相关链接</h3><ul><li><a>关于公布2025年度名单的通知</a></li></ul>\
                 <div>网站标识码：3709000001</div></body></html>"
            ),
            facts: &[
                ("title", "关于开展2026年度传感企业培育工作的通知"),
                ("kind", "notice"),
                ("issuer", "云溪区经济和信息化局"),
                ("published", "2026-03-12"),
            ],
            articles: &["引言", "一"],
            lacks: &["机构设置", "分享到", "相关链接", "标识码", "打印"],
        },
        Reading {
            name: "hidden.html",
            content: format!(
                "{head}</head><body><h1>云溪区扶持办法</h1><p>第一条 奖励50万元。</p><div style=\"display:none\">第二条 奖励500万元。</div>\
                 <p hidden>第五条 隐藏</p><select><option>第六条 选项</option></select><textarea>第七条 输入</textarea></body></html>"
            ),
            facts: &[("title", "云溪区扶持办法")],
            articles: &["引言", "第一条"],
            lacks: &["500万元", "隐藏", "选项", "输入"],
        },
    ]);
}

/// R08: a provision that is only cited is no heading.
#[test]
fn a_cited_provision_is_no_heading() {
    check(&[Reading {
        name: "guide.txt",
        content: "关于申报入库奖励的办事指南\n一、政策依据\n1.《云溪区科技创新办法》（云府规〔2026〕1号）第一条。\n2.《云溪区科技创新办法实施细则》（试行） 第三条、第四条。\n\
                  3.依据《云溪区人才办法》第二条\n二、申请条件\n1.申报单位在本区注册。\n三、奖励标准\n一次性给予20万元。"
            .to_owned(),
        facts: &[("kind", "guide")],
        articles: &["引言", "一", "一/1.", "一/2.", "一/3.", "二", "二/1.", "三"],
        lacks: &[],
    }]);
}

/// The notice that issues a measure, and the measure: two parts of one document, each with its own numbers.
#[test]
fn a_notice_and_its_measure_are_two_parts() {
    let notice = "云溪区科技局关于印发《云溪区扶持办法（试行）》的通知\n云科规〔2026〕9号\n各单位：\n现将《云溪区扶持办法（试行）》印发给你们，请遵照执行。\n一、加强领导。\n二、抓好落实。\n\
                  云溪区科技局\n2026年3月1日\n云溪区扶持办法\n（试行）\n";
    let folder = tempfile::tempdir().unwrap();
    let read = |body: &str| -> Value {
        let path = folder.path().join("a.txt");
        std::fs::write(&path, format!("{notice}{body}")).unwrap();
        serde_json::from_slice(&run(&["read", "--json", path.to_str().unwrap()]).stdout).unwrap()
    };
    let articles = |found: &Value| -> Vec<String> {
        found["clauses"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["article"].as_str().unwrap().to_owned())
            .collect()
    };
    let found = read("第一条 为支持企业，制定本办法。\n第二条 奖励10万元。\n");
    assert_eq!(found["document"]["title"], "云溪区科技局关于印发《云溪区扶持办法（试行）》的通知");
    assert_eq!(found["document"]["published"], "2026-03-01");
    assert_eq!(found["parts"][0]["kind"], "notice");
    assert_eq!(found["parts"][1]["title"], "云溪区扶持办法（试行）");
    assert_eq!(articles(&found), ["引言", "一", "二", "正文", "第一条", "第二条"]);
    assert_eq!(found["notes"], json!([]), "the numbers of the measure begin anew");
    // Where both have the same labels, those of the measure are the ones that are cited.
    let found = read("一、对象\n本区企业。\n二、标准\n奖励10万元。\n");
    assert_eq!(articles(&found), ["引言", "通知/一", "通知/二", "正文", "一", "二"]);
    let shown = text(&run(&["read", folder.path().join("a.txt").to_str().unwrap()]).stdout);
    for words in [
        "文号 云科规〔2026〕9号",
        "成文日期 2026-03-01",
        "所附文件：云溪区扶持办法（试行）",
        "未读到：施行日期",
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
}

/// R12: a text that was decoded wrongly before it came is decoded again, and what is lost is named.
#[test]
fn a_text_decoded_wrongly_is_repaired_or_named() {
    let wrong = |text: &str| -> String { text.bytes().map(char::from).collect() };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.txt");
    let title = "云溪区科技局关于印发扶持办法的通知";
    let mut ruined = wrong("第二条 奖励标准另行制定并公布实施");
    ruined = ruined.chars().enumerate().filter(|(at, _)| *at != 12).map(|(_, c)| c).collect();
    std::fs::write(&path, format!("{}\n第一条 为支持企业，制定本办法。\n{ruined}\n", wrong(title))).unwrap();
    let output = run(&["read", "--json", path.to_str().unwrap()]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["document"]["title"], title);
    let repairs = found["repairs"].as_array().unwrap();
    let kinds: Vec<(&str, bool)> = repairs
        .iter()
        .map(|one| (one["kind"].as_str().unwrap(), one["restored"].as_bool().unwrap()))
        .collect();
    assert!(
        kinds.contains(&("wrong_decoding", true)) && kinds.contains(&("wrong_decoding", false)),
        "{kinds:?}"
    );
    let data = serving::filled();
    let import = run(&["--data", data.path().to_str().unwrap(), "import", path.to_str().unwrap()]);
    assert!(
        text(&import.stderr).contains("wrong_decoding") || text(&import.stderr).contains("误解码"),
        "{}",
        text(&import.stderr)
    );
}

/// R17: markup in the text of JSON Lines is neither shown nor searched.
#[test]
fn markup_in_json_lines_is_no_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let line = json!({"id": "j1", "title": "云溪区扶持办法", "text": "<p>云溪区扶持办法</p><p>第一条&nbsp;奖励50万元。</p>"});
    std::fs::write(&path, line.to_string()).unwrap();
    let data = folder.path().join("data");
    serving::fill(&data);
    let data = data.to_str().unwrap();
    assert!(run(&["--data", data, "import", path.to_str().unwrap()]).status.success());
    let found = text(&run(&["--data", data, "search", "奖励50万元", "--json"]).stdout);
    assert!(found.contains("j1") && !found.contains("<p>") && !found.contains("nbsp"), "{found}");
}

/// R21: which number belongs to which heading of a table can be told.
#[test]
fn a_table_keeps_its_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.html");
    std::fs::write(
        &path,
        "<html><head><meta charset=\"utf-8\"></head><body><h1>云溪区奖励标准</h1><p>第一条 奖励标准见下表：</p><table border=1><tr><th rowspan=2>类别</th>\
         <th colspan=2>奖励金额（万元）</th></tr><tr><th>首次</th><th>复审</th></tr><tr><td>专精特新企业</td><td>20</td><td>10</td></tr></table></body></html>",
    )
    .unwrap();
    let found: Value =
        serde_json::from_slice(&run(&["read", "--json", path.to_str().unwrap()]).stdout).unwrap();
    let rows: Vec<Vec<&str>> = found["text"]
        .as_str()
        .unwrap()
        .lines()
        .filter(|line| line.contains('|'))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    let column = |name: &str| rows.iter().find_map(|row| row.iter().position(|cell| *cell == name)).unwrap();
    let last = rows.last().unwrap();
    assert_eq!((last[column("首次")], last[column("复审")]), ("20", "10"), "{rows:?}");
}
