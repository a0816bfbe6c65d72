//! Search end to end: at the terminal and over a socket, with the same answers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::serving;

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use serving::Server;

const PROFILE: &str =
    r#"{"id": "e-1", "name": "示例", "facts": {"employees": 86, "registered_region": "310104"}}"#;

fn run(data: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zhaoren"))
        .arg("--data")
        .arg(data)
        .args(args)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn enterprise_searches_agree_at_terminal_and_http() {
    let server = Server::start(&[]);
    let data = &server.data;
    let file = data.join("profile.json");
    std::fs::write(&file, PROFILE).unwrap();
    let file = file.to_str().unwrap();
    for (query, sort) in
        [("高新技术企业", "relevance"), ("补贴 -贷款", "amount"), ("年份:2020-2024 企业", "deadline")]
    {
        let arguments = [
            "search",
            "--json",
            query,
            "--profile",
            file,
            "--as-of",
            "2026-05-01",
            "--sort",
            sort,
            "--limit",
            "5",
        ];
        let mut at_terminal = json_of(&run(data, &arguments));
        let profile: Value = serde_json::from_str(PROFILE).unwrap();
        let body = json!({"q": query, "profile": profile, "as_of": "2026-05-01", "sort": sort, "limit": 5});
        let (status, mut answer) = server.ask("POST", "/v1/search", &body.to_string());
        assert_eq!(status, 200, "{answer}");
        // problems of the profile are written to another stream at the terminal
        for answer in [&mut at_terminal, &mut answer] {
            answer.as_object_mut().unwrap().remove("problems");
        }
        assert_eq!(at_terminal, answer, "{query}");
        assert_eq!((&answer["as_of"], &answer["enterprise"]["id"]), (&json!("2026-05-01"), &json!("e-1")));
        let items = answer["hits"].as_array().unwrap().iter().filter(|hit| hit["kind"] == "item");
        for hit in items {
            let item = &hit["items"][0];
            assert_eq!(item["policy"], hit["id"]);
            assert_eq!(item["verdict"], hit["verdict"]);
            assert!(
                item["window"]["state"].is_string()
                    && item["clauses"].is_array()
                    && item["missing"].is_array()
            );
        }
    }
    let shown = run(data, &["search", "高新技术企业", "--profile", file]);
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.contains("为 示例 检索") && shown.contains("待补"), "{shown}");
}

#[test]
fn hyphens_exclude_words_at_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let total = |args: &[&str]| {
        json_of(&run(data, &[&["search", "--json"], args].concat()))["total"].as_u64().unwrap()
    };
    let (all, without) = (total(&["补贴"]), total(&["补贴", "-贷款"]));
    assert!(without < all && without > 0, "{without} of {all}");
    assert_eq!(total(&["补贴 -贷款"]), without);
    assert_eq!(total(&["补贴", "-贷款", "--limit", "1"]), without);
    assert_eq!(total(&["补贴", "－贷款"]), without);
    let odd = run(data, &["search", "“补贴", "地区:火星", "AND", "(", "\\", "*"]);
    let odd = String::from_utf8(odd.stdout).unwrap();
    assert!(odd.contains("注意 引号不成对，按普通词检索") && odd.contains("“火星”不是"), "{odd}");
    for args in [&["--sort", "best"][..], &["--profile", "nowhere.json"], &["--enterprise", "e-1"]] {
        assert_eq!(run(data, &[&["search", "补贴"], args].concat()).status.code(), Some(2), "{args:?}");
    }
}

#[test]
fn wrong_bodies_give_a_problem_with_a_reason() {
    let server = Server::start(&[]);
    for (path, body, says) in [
        ("/v1/search", "", "JSON"),
        ("/v1/search", "[]", "JSON"),
        ("/v1/search", r#"{"q": "补贴", "sorting": "x"}"#, "sorting"),
        ("/v1/search", r#"{"q": ["补贴"]}"#, "`q`"),
        ("/v1/search", r#"{"q": "补贴", "sort": "best"}"#, "relevance"),
        ("/v1/search", r#"{"q": "补贴", "limit": -1}"#, "limit"),
        ("/v1/search", r#"{"q": "补贴", "as_of": "2026-02-30"}"#, "as_of"),
        ("/v1/search", r#"{"q": "补贴", "filter": {"colour": "red"}}"#, "colour"),
        ("/v1/search", r#"{"q": "补贴", "filter": {"standing": "red"}}"#, "standing"),
        ("/v1/search", r#"{"q": "补贴", "profile": {"id": "e", "facts": {"employees": "x"}}}"#, "employees"),
        ("/v1/search", r#"{"q": "补贴", "profile": [{"id": "e"}, {"id": "f"}]}"#, "一家"),
        ("/v1/search?colour=red", "{}", "colour"),
    ] {
        let (status, answer) = server.ask("POST", path, body);
        assert_eq!((status, answer.to_string().contains(says)), (400, true), "{body}: {answer}");
    }
    for body in ["{}", r#"{"q": null, "profile": null}"#, r#"{"filter": {"level": ["city", "district"]}}"#] {
        let (status, answer) = server.ask("POST", "/v1/search", body);
        assert_eq!((status, answer["total"].as_u64().unwrap() > 0), (200, true), "{body}: {answer}");
    }
    let (status, answer) = server.ask("GET", "/v1/search?q=%22%E8%A1%A5%E8%B4%B4&sort=date", "");
    assert_eq!((status, &answer["sort"]), (200, &json!("date")));
    assert!(answer["notes"][0].as_str().unwrap().contains("引号不成对"));
}

#[test]
fn searches_are_saved_run_listed_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let say = |args: &[&str]| {
        let output = run(data, args);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    assert_eq!(say(&["search", "list"]).1, "还没有已存的检索；search save 名称 检索词 保存一个\n");
    let (code, out, _) =
        say(&["search", "save", "贴息", "贴息", "-贷款", "--filter", "kind=item", "--sort", "date"]);
    assert_eq!((code, out.as_str()), (Some(0), "已保存检索“贴息”\n"));
    assert!(say(&["search", "save", "贴息", "贴息 -贷款"]).1.contains("已替换"));
    let listed = json_of(&run(data, &["search", "list", "--json"]));
    assert_eq!((&listed[0]["name"], &listed[0]["query"]), (&json!("贴息"), &json!("贴息 -贷款")));
    let once = json_of(&run(data, &["search", "run", "贴息", "--json"]));
    assert_eq!((&once["new"], &once["gone"]), (&json!([]), &json!([])));
    assert_eq!(once["total"], json_of(&run(data, &["search", "贴息", "-贷款", "--json"]))["total"]);
    let (code, out, err) = say(&["search", "run", "贴息", "没有的"]);
    assert!(
        code == Some(1) && out.contains("新增 0，变更 0，消失 0") && err.contains("没有名为“没有的”"),
        "{out}{err}"
    );
    assert_eq!(say(&["search", "remove", "贴息"]).1, "已删除检索 贴息\n");
    assert_eq!(say(&["search", "remove", "贴息"]).0, Some(1));
    // command names are still search words inside a query
    let (code, out, _) = say(&["search", "补贴", "list"]);
    assert!(code == Some(0) && out.starts_with("“补贴 list”"), "{out}");
    assert!(say(&["search", "--", "list"]).1.starts_with("“list”"));
}

#[test]
fn texts_are_found_as_they_were_typed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    serving::fill(&data);
    let texts = folder.path().join("texts");
    std::fs::create_dir(&texts).unwrap();
    for (name, text) in [
        ("a02.txt", "关于旅游景点评级的通知\n本市旅游景点评级工作，A级景点给予奖励。\n"),
        ("a03.txt", "关于经典诵读活动的通知\n经典诵读活动面向全市开展。\n"),
        ("a11.txt", "关于蝴蝶养殖户补贴的通知\n蝴蝶养殖户每户补贴。蝶恋花景区。无人机飞行。\n"),
        (
            "a13.txt",
            "关于C++与5G及3D打印、PM2.5治理的通知\n支持C++开发、5G应用、3D打印、PM2.5监测、CO₂减排、Ⅰ类医疗器械。\n",
        ),
        (
            "d707.txt",
            "中华人民共和国国务院令\n第707号\n现公布修订后的《中华人民共和国个人所得税法实施条例》，自2019年1月1日起施行。\n\
             总理 某某\n2018年12月18日\n",
        ),
        (
            "w1.txt",
            "加快推进工业经济高质量发展若干政策\n为贯徹落实新发展理念，结合省“5+4”稳进提质政策体系相关内容，特制订如下政策。\n\
             一、推进未来工厂建设，给予100万元奖励。\n",
        ),
    ] {
        std::fs::write(texts.join(name), text).unwrap();
    }
    let imported = run(&data, &["import", texts.to_str().unwrap()]);
    assert!(imported.status.success(), "{imported:?}");
    for (query, expected) in [
        ("蝶", "a11"),
        ("“I类”", "a13"),
        ("CO2减排", "a13"),
        ("5+4稳进提质", "w1"),
        ("国令第707号", "d707"),
        ("国务院令第707号", "d707"),
        ("令707号", "d707"),
    ] {
        let answer = json_of(&run(&data, &["search", "--json", query]));
        let first = answer["hits"][0]["id"].as_str().unwrap_or_default();
        assert!(first.contains(expected), "{query}: {answer}");
    }
    let answer = json_of(&run(&data, &["search", "--json", "CO2减排"]));
    let original = &answer["hits"][0]["highlights"][0]["original"]["text"];
    assert!(original.as_str().is_some_and(|text| text.contains("CO₂")), "{answer}");
    let answer = json_of(&run(&data, &["search", "--json", "jingdian"]));
    let meant = answer["understood"][0]["meant"].as_array().unwrap();
    assert!(meant.contains(&json!("景点")) && meant.contains(&json!("经典")), "{answer}");
    let answer = json_of(&run(&data, &["search", "--json", "一点五亿元"]));
    assert_eq!(answer["understood"][0]["meant"], json!(["1.5亿元", "1.5亿"]));
}
