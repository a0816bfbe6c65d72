//! Doubts about values: what is not understood is unknown and named, by every route alike, and never a certain no.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use zhaoren_matcher::{Library, Selection, Snapshot};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;
use zhaoren_push::table::{Enterprises, Mapping, TableOptions};
use zhaoren_push::{Explain, Format, Listing, NoProgress, PushOptions, Refusals, RunReport, push};

const DAY: Date = date(2026, 7, 1);

/// Items of one leaf each, by id.
fn library(leaves: &[(&str, Json)]) -> Arc<Library> {
    let dictionary = FactDictionary::built_in();
    let items: Vec<Json> =
        leaves.iter().map(|(id, leaf)| json!({"id": id, "title": id, "criteria": leaf})).collect();
    let (items, report) = read_items(&json!(items).to_string(), "items.json", dictionary);
    assert!(report.errors() == 0, "{:?}", report.problems);
    let items = items.into_iter().map(|(item, node)| (item, node.to_json().to_string())).collect();
    Arc::new(Library::with_bodies(items, Arc::new(dictionary.clone())))
}

fn open(path: &Path, options: TableOptions) -> Enterprises {
    Enterprises::open(&[path.to_owned()], options, Arc::new(FactDictionary::built_in().clone())).unwrap()
}

/// Verdict of each enterprise on each item: 是, 否 or 未知.
type Verdicts = BTreeMap<(String, String), &'static str>;

/// Verdicts of a run over a table, its report, and its folder.
struct Pushed {
    verdicts: Verdicts,
    report: RunReport,
    folder: tempfile::TempDir,
}

impl Pushed {
    fn of(name: &str, text: &str, leaves: &[(&str, Json)], options: TableOptions) -> Self {
        Self::refusing(name, text, leaves, options, Refusals::default())
    }

    fn refusing(
        name: &str,
        text: &str,
        leaves: &[(&str, Json)],
        options: TableOptions,
        refused: Refusals,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let library = library(leaves);
        let source = open(&path, options);
        let out = folder.path().join("out");
        let options = PushOptions {
            out: out.clone(),
            as_of: DAY,
            previous: None,
            format: Format::Jsonl,
            listing: Listing { undetermined: true, ..Listing::default() },
            deadline_days: 15,
            full: false,
            opt_outs: refused,
            explain: Explain::default(),
        };
        let report = push(&source, &library, &options, &NoProgress).unwrap();
        let mut verdicts = Verdicts::new();
        for chunk in source.chunks() {
            let rows = source.read(&chunk.unwrap());
            for profile in rows.profiles() {
                if options.opt_outs.everything.contains_key(&profile.id) {
                    continue;
                }
                for (item, verdict) in single(&library, &profile) {
                    verdicts.insert((profile.id.clone(), item), verdict);
                }
            }
        }
        // Batch lists equal the results of single matches.
        let listed = std::fs::read_to_string(out.join("matches.jsonl")).unwrap();
        let listed: Verdicts = listed
            .lines()
            .map(|line| {
                let row: Json = serde_json::from_str(line).unwrap();
                let text = |key: &str| row[key].as_str().unwrap().to_owned();
                let verdict = if text("verdict") == "eligible" { "是" } else { "未知" };
                ((text("enterprise_id"), text("policy_id")), verdict)
            })
            .collect();
        let possible: Verdicts = verdicts
            .iter()
            .filter(|(_, verdict)| **verdict != "否")
            .map(|(key, v)| (key.clone(), *v))
            .collect();
        assert_eq!(listed, possible);
        Self { verdicts, report, folder }
    }

    /// Verdicts on an item, in order of enterprise.
    fn on(&self, item: &str) -> Vec<String> {
        let of = self.verdicts.iter().filter(|((_, known), _)| known == item);
        of.map(|((id, _), verdict)| format!("{id} {verdict}")).collect()
    }

    /// `warnings.csv` without header and file names.
    fn warnings(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("out/warnings.csv")).unwrap();
        let lines = text.strip_prefix("\u{feff}文件,行,企业,列,值,类别,读作\r\n").unwrap().lines();
        lines.map(|line| line.split_once(',').unwrap().1.to_owned()).collect()
    }

    fn rejects(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.folder.path().join("out/rejects.csv")).unwrap();
        text.lines().skip(1).map(|line| line.split_once(',').unwrap().1.to_owned()).collect()
    }
}

/// Verdicts of a single match.
fn single(library: &Arc<Library>, profile: &Profile) -> Vec<(String, &'static str)> {
    let snapshot = Snapshot::compile(Arc::clone(library), DAY);
    let selection = Selection { all: true, limit: 10_000, bundle: false };
    let report = snapshot.match_profile(profile, selection).0;
    let verdict = |one: &zhaoren_matcher::Match| match serde_json::to_value(one).unwrap()["verdict"].as_str()
    {
        Some("eligible") => "是",
        Some("ineligible") => "否",
        _ => "未知",
    };
    report.matches.iter().map(|one| (one.policy.clone(), verdict(one))).collect()
}

fn plain() -> TableOptions {
    TableOptions::default()
}

fn has(fact: &str, tags: &[&str]) -> Json {
    json!({"fact": fact, "has_any": tags})
}

fn lacks(fact: &str, tags: &[&str]) -> Json {
    json!({"fact": fact, "has_none": tags})
}

fn within(code: &str) -> Json {
    json!({"fact": "registered_region", "within": [code]})
}

/// Titles in one cell, in any list and any of their usual words; an unlisted word leaves the list open.
#[test]
fn titles_in_one_cell() {
    let cells = [
        "高新技术企业、专精特新中小企业",
        "高新技术企业；专精特新中小企业",
        "高新技术企业 专精特新中小企业",
        "\"高新技术企业,专精特新中小企业\"",
        "高新技术企业|专精特新中小企业",
        "国家高新技术企业",
        "高企",
        "软件企业",
        "无",
        "某某示范企业",
        "软件企业、某某示范企业",
        "—",
    ];
    let mut table = "id,资质称号(有效期内)\n".to_owned();
    for (row, cell) in cells.iter().enumerate() {
        table.push_str(&format!("B{row:02},{cell}\n"));
    }
    let title = ["高新技术企业"];
    let leaves = [("held", has("qualifications", &title)), ("notheld", lacks("qualifications", &title))];
    let pushed = Pushed::of("t.csv", &table, &leaves, plain());
    let held = ["是", "是", "是", "是", "是", "是", "是", "否", "否", "未知", "未知", "未知"];
    let expected: Vec<String> =
        held.iter().enumerate().map(|(row, verdict)| format!("B{row:02} {verdict}")).collect();
    assert_eq!(pushed.on("held"), expected);
    let turned = |line: &String| match line.split_once(' ').unwrap() {
        (id, "是") => format!("{id} 否"),
        (id, "否") => format!("{id} 是"),
        (id, other) => format!("{id} {other}"),
    };
    assert_eq!(pushed.on("notheld"), expected.iter().map(turned).collect::<Vec<_>>());
    let head = "资质称号(有效期内)";
    assert_eq!(
        pushed.warnings(),
        [
            format!("7,B05,{head},国家高新技术企业,alias,“国家高新技术企业”读作高新技术企业"),
            format!("8,B06,{head},高企,alias,“高企”读作高新技术企业"),
            format!("11,B09,{head},某某示范企业,unknown_word,“某某示范企业”不在名单内"),
            format!("12,B10,{head},软件企业、某某示范企业,unknown_word,“某某示范企业”不在名单内"),
            format!("13,B11,{head},—,unknown_word,“—”不在名单内"),
        ]
    );
    let counts: Vec<(&str, u64)> =
        pushed.report.counts.warnings.iter().map(|(kind, count)| (kind.name(), *count)).collect();
    assert_eq!(counts, [("unknown_word", 3), ("alias", 2)]);
}

/// 是 and 否 under a heading that is another word for a fact of tags or words.
#[test]
fn answers_are_not_negated() {
    let boards = ["科创板", "创业板", "上交所主板", "深交所主板", "北交所"];
    let leaves = [
        ("listed", has("listing_boards", &boards)),
        ("unlisted", lacks("listing_boards", &boards)),
        ("traded", lacks("listing_boards", &["新三板创新层"])),
    ];
    let table = "id,上市公司\nA1,是\nA2,否\nA3,\nA4,科创板\nA5,无\n";
    let pushed = Pushed::of("t.csv", table, &leaves, plain());
    assert_eq!(pushed.on("listed"), ["A1 未知", "A2 否", "A3 未知", "A4 是", "A5 否"]);
    assert_eq!(pushed.on("unlisted"), ["A1 未知", "A2 是", "A3 未知", "A4 否", "A5 是"]);
    // An enterprise that is not listed can be traded over the counter.
    assert_eq!(pushed.on("traded"), ["A1 未知", "A2 未知", "A3 未知", "A4 是", "A5 未知"]);
    let kinds: Vec<bool> = pushed.warnings().iter().map(|line| line.contains(",yes_or_no,")).collect();
    assert_eq!(kinds, [true; 3]);
    // Under the name of the fact itself, neither answer says anything; nor does it for words.
    for (heading, fact, tag) in
        [("上市/挂牌板块", "listing_boards", "科创板"), ("qualifications", "qualifications", "软件企业")]
    {
        let leaves = [("a", has(fact, &[tag])), ("b", lacks(fact, &[tag]))];
        let pushed = Pushed::of("t.csv", &format!("id,{heading}\nA1,是\nA2,否\n"), &leaves, plain());
        assert_eq!([pushed.on("a"), pushed.on("b")], [["A1 未知", "A2 未知"], ["A1 未知", "A2 未知"]]);
        assert_eq!(pushed.warnings().len(), 2);
    }
    let state = json!({"fact": "ownership", "is": "国有控股"});
    let table = "id,国企\nA1,是\nA2,否\nA3,国有独资\nA4,民营\nA5,混合所有制\n";
    let pushed =
        Pushed::of("t.csv", table, &[("state", state.clone()), ("not", json!({"not": state}))], plain());
    assert_eq!(pushed.on("state"), ["A1 是", "A2 未知", "A3 是", "A4 否", "A5 未知"]);
    assert_eq!(pushed.on("not"), ["A1 否", "A2 未知", "A3 否", "A4 是", "A5 未知"]);
}

/// Cases T05 and T20: codes of the past and names lead to the units of today, or to a set of them.
#[test]
fn past_regions_and_names_are_read() {
    let table = "id,注册地\nG1,310108\nG2,310103\nG3,330103\nG4,310230\nG5,341400\nG6,310106\nG7,330104\n\
                 H1,青浦\nH2,上海市静安区\nH3,朝阳区\nH4,火星\nH5,闸北区\nH6,310199\n";
    let leaves = [
        ("jingan", within("310106")),
        ("huangpu", within("310101")),
        ("gongshu", within("330105")),
        ("shangcheng", within("330102")),
        ("hangzhou", within("330100")),
        ("chongming", within("310151")),
        ("hefei", within("340100")),
        ("qingpu", within("310118")),
        ("beijing", within("110000")),
        ("shanghai", within("310000")),
    ];
    let pushed = Pushed::of("t.csv", table, &leaves, plain());
    let only = |item: &str, verdict: &str| -> Vec<String> {
        let of = pushed.verdicts.iter().filter(|((_, known), v)| known == item && **v == verdict);
        of.map(|((id, _), _)| id.clone()).collect()
    };
    assert_eq!(only("jingan", "是"), ["G1", "G6", "H2", "H5"]);
    assert_eq!(only("huangpu", "是"), ["G2"]);
    assert_eq!(only("gongshu", "是"), ["G3"]);
    assert_eq!(only("chongming", "是"), ["G4"]);
    assert_eq!(only("qingpu", "是"), ["H1"]);
    // One of several: unknown between them, certain where all or none are.
    assert_eq!(only("hefei", "未知"), ["G5", "H4"]);
    assert_eq!(only("shangcheng", "未知"), ["G7", "H4"]);
    assert_eq!(only("hangzhou", "是"), ["G3", "G7"]);
    assert_eq!(only("beijing", "未知"), ["H3", "H4"]);
    assert_eq!(only("jingan", "未知"), ["H4", "H6"]);
    assert_eq!(only("shanghai", "是"), ["G1", "G2", "G4", "G6", "H1", "H2", "H5", "H6"]);
    assert_eq!(
        pushed.warnings(),
        [
            "2,G1,注册地,310108,past_code,`310108` 是旧代码，2015 年起为 310106",
            "3,G2,注册地,310103,past_code,`310103` 是旧代码，2011 年起为 310101",
            "4,G3,注册地,330103,past_code,`330103` 是旧代码，2021 年起为 330105",
            "5,G4,注册地,310230,past_code,`310230` 是旧代码，2016 年起为 310151",
            "6,G5,注册地,341400,past_code,`341400` 是旧代码，2011 年起为 340124、340181、340207、340281、340522、340523 6 个之一",
            "8,G7,注册地,330104,past_code,`330104` 是旧代码，2021 年起为 330102、330114 2 个之一",
            "9,H1,注册地,青浦,code_name,“青浦”读作 310118",
            "10,H2,注册地,上海市静安区,code_name,“上海市静安区”读作 310106",
            "11,H3,注册地,朝阳区,code_name,“朝阳区”读作 110105、220104 2 个之一",
            "12,H4,注册地,火星,unreadable,应为行政区划代码（GB/T 2260），如 310104",
            "13,H5,注册地,闸北区,code_name,“闸北区”读作 310106",
            "14,H6,注册地,310199,unknown_code,代码 `310199` 不在 GB/T 2260 中",
        ]
    );
}

/// A place that several have the name of, beside the columns that say where it lies.
#[test]
fn places_with_their_parents() {
    let table = "id,所在省份,城市,注册地\nA,北京,,朝阳区\nB,吉林省,长春市,朝阳区\nC,,,朝阳区\nD,上海,上海市,青浦\nE,广东,广州,朝阳区\n";
    let leaves =
        [("beijing", within("110105")), ("changchun", within("220104")), ("qingpu", within("310118"))];
    let pushed = Pushed::of("t.csv", table, &leaves, plain());
    assert_eq!(pushed.on("beijing"), ["A 是", "B 否", "C 未知", "D 否", "E 未知"]);
    assert_eq!(pushed.on("changchun"), ["A 否", "B 是", "C 未知", "D 否", "E 未知"]);
    assert_eq!(pushed.on("qingpu"), ["A 否", "B 否", "C 否", "D 是", "E 否"]);
}

/// Industry codes of the edition of 2011.
#[test]
fn industries_of_the_past() {
    let leaf = |code: &str| json!({"fact": "industry", "within": [code]});
    let leaves = [("software", leaf("651")), ("apps", leaf("6513")), ("steel", leaf("C31"))];
    let pushed =
        Pushed::of("t.csv", "id,industry\nA,6510\nB,软件开发\nC,6513应用软件开发\n", &leaves, plain());
    assert_eq!(pushed.on("software"), ["A 是", "B 是", "C 是"]);
    assert_eq!(pushed.on("apps"), ["A 未知", "B 否", "C 是"]);
    assert_eq!(pushed.on("steel"), ["A 否", "B 否", "C 否"]);
}

/// Cases T08 and T10: a credit code is one in every spelling; one that a spreadsheet cut is no id; one that fails its check is
/// named.
#[test]
fn one_code_in_every_spelling() {
    let leaves = [("e", json!({"fact": "employees", "at_least": 10}))];
    let spellings = [
        "91310104ma1fr000x6",
        "９１３１０１０４ＭＡ１ＦＲ０００Ｘ６",
        "91310104 MA1FR000X6",
        "'91310104MA1FR000X6",
        "=\"91310104MA1FR000X6\"",
        "91310104\u{200b}MA1FR000X6\u{feff}",
    ];
    for spelling in spellings {
        let quoted = spelling.replace('"', "\"\"");
        let table = format!("统一社会信用代码,企业名称,从业人数\n\"{quoted}\",甲,86\n");
        let mut refused = Refusals::default();
        refused.everything.insert("91310104MA1FR000X6".to_owned(), "企业拒绝推送".to_owned());
        let pushed = Pushed::refusing("t.csv", &table, &leaves, plain(), refused);
        assert_eq!((pushed.report.counts.held_back, pushed.report.counts.eligible), (1, 0), "{spelling}");
        let line = json!({"id": spelling, "facts": {"employees": 86}}).to_string();
        let pushed = Pushed::of("t.jsonl", &line, &leaves, plain());
        assert_eq!(pushed.on("e"), ["91310104MA1FR000X6 是"], "{spelling}");
        assert_eq!(pushed.warnings(), Vec::<String>::new());
    }
    let table = "统一社会信用代码,企业名称,从业人数\n91310104MA1FR000X6,甲,86\n914401010525651000,乙,86\n\
                 9131O104MA1FR000X6,丙,86\n91310104MA1FR000X7,丁,86\n9.13101E+17,戊,86\n";
    let pushed = Pushed::of("t.csv", table, &leaves, plain());
    let rejects = pushed.rejects();
    assert_eq!(rejects.len(), 2);
    for (reject, code) in rejects.iter().zip(["914401010525651000", "9.13101E+17"]) {
        assert!(reject.contains(code) && reject.contains("被表格软件当作数字截断"), "{reject}");
    }
    let warnings = pushed.warnings();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].contains("credit_code") && warnings[0].contains("第 5 位是字母 O"), "{warnings:?}");
    assert!(warnings[1].contains("校验位应为 `6`"), "{warnings:?}");
}

/// A cell that cannot be read costs the fact, and only with `--reject-rows` the row.
#[test]
fn bad_cells_leave_the_row_usable() {
    let leaves = [
        ("staff", json!({"fact": "employees", "at_least": 10})),
        ("few", json!({"fact": "employees", "less_than": 10})),
        ("old", json!({"fact": "established_on", "on_or_before": "2023-06-30"})),
    ];
    let table = "id,从业人数,成立日期\nD1,86,2020-01-01\nD2,八十六,2020-01-01\nD3,86,开业当天\n,5,\n";
    let pushed = Pushed::of("t.csv", table, &leaves, plain());
    assert_eq!(pushed.on("staff"), ["D1 是", "D2 未知", "D3 是"]);
    assert_eq!(pushed.on("few"), ["D1 否", "D2 未知", "D3 否"]);
    assert_eq!(pushed.on("old"), ["D1 是", "D2 是", "D3 未知"]);
    let counts = &pushed.report.counts;
    assert_eq!((counts.rows, counts.enterprises, counts.rejected), (4, 3, 1));
    assert_eq!(
        pushed.warnings(),
        [
            "3,D2,从业人数,八十六,unreadable,应为整数",
            "4,D3,成立日期,开业当天,unreadable,\"应为存在的日期，如 2024-02-29\""
        ]
        .map(|line| line.replace('"', ""))
    );
    let rejecting = TableOptions { reject_rows: true, ..plain() };
    let pushed = Pushed::of("t.csv", table, &leaves, rejecting.clone());
    assert_eq!(pushed.on("staff"), ["D1 是"]);
    assert_eq!(pushed.report.counts.rejected, 3);
    let lines = "{\"id\":\"D1\",\"facts\":{\"employees\":\"八十六\",\"abnormal_list\":false}}\n{\"id\":5}\n";
    let pushed = Pushed::of("t.jsonl", lines, &leaves, plain());
    assert_eq!(pushed.on("staff"), ["D1 未知"]);
    assert_eq!((pushed.warnings().len(), pushed.report.counts.rejected), (1, 1));
    let pushed = Pushed::of("t.jsonl", lines, &leaves, rejecting);
    assert_eq!(pushed.report.counts.rejected, 2);
}

/// Kinds, paths and values of the warnings of a profile in JSON.
fn profile_warnings(text: &str) -> Vec<(String, &'static str)> {
    let mut report = Report::new("p");
    let node = syntax::json(text).unwrap();
    Profile::read(&node, FactDictionary::built_in(), false, &mut report).unwrap();
    report.problems.iter().map(|one| (one.path.clone(), one.fault.kind().name())).collect()
}

/// A line of JSON in a table has the warnings of the same profile in a match.
#[test]
fn json_lines_have_the_warnings_of_a_match() {
    let line = r#"{"id":"91310104MA1FR000X7","facts":{"qualifications":["高企","某企"],"registered_region":"310108","ownership":"是","foo":1}}"#;
    let pushed = Pushed::of("t.jsonl", line, &[("n", lacks("qualifications", &["高新技术企业"]))], plain());
    assert_eq!(pushed.on("n"), ["91310104MA1FR000X7 否"]);
    let own: Vec<(String, String)> = pushed
        .warnings()
        .iter()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[2].to_owned(), cells[4].to_owned())
        })
        .collect();
    let expected = [
        ("id", "credit_code"),
        ("facts.qualifications[0]", "alias"),
        ("facts.qualifications[1]", "unknown_word"),
        ("facts.registered_region", "past_code"),
        ("facts.ownership", "yes_or_no"),
        ("facts.foo", "unknown_fact"),
    ];
    assert_eq!(own, expected.map(|(path, kind)| (path.to_owned(), kind.to_owned())));
    let single = profile_warnings(line);
    let single: Vec<(&str, &str)> = single.iter().map(|(path, kind)| (path.as_str(), *kind)).collect();
    let same = expected.map(|(path, kind)| (if path == "facts.foo" { "facts" } else { path }, kind));
    assert_eq!(single, same);
}

/// Warnings beyond the limit are counted, and the file says how many it does not list.
#[test]
fn excess_warnings_are_counted() {
    let mut table = "id,qualifications\n".to_owned();
    for row in 0..6_000 {
        table.push_str(&format!("E{row},词{row}\n"));
    }
    let pushed = Pushed::of("t.csv", &table, &[("n", lacks("qualifications", &["高新技术企业"]))], plain());
    let warnings = pushed.warnings();
    assert_eq!(warnings.len() as u64, zhaoren_push::table::LISTED_WARNINGS + 1);
    assert_eq!(warnings.last().unwrap(), "0,,,,unlisted,另有 4000 处未列出");
    assert_eq!(pushed.report.counts.warnings.values().sum::<u64>(), 6_000);
}

/// Words that mean nothing to the vocabularies.
fn rubbish() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "乱码",
        "是",
        "否",
        "？",
        "A-1",
        "高新",
        "√",
        "—",
        "待定",
        "小巨人",
        "0",
        "某某企业（试点）",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Rubbish beside known words gives no verdict that is certain unless it was certain before, by any route.
    #[test]
    fn garbage_makes_no_verdict_certain(
        titles in prop::collection::vec(prop::sample::select(vec!["高新技术企业", "软件企业", "高企", "瞪羚"]), 0..3),
        words in prop::collection::vec(rubbish(), 1..3),
        status in prop::option::of(rubbish()),
    ) {
        let leaves = [
            ("any", has("qualifications", &["高新技术企业"])),
            ("none", lacks("qualifications", &["高新技术企业", "瞪羚企业"])),
            ("all", json!({"fact": "qualifications", "has_all": ["高新技术企业", "软件企业"]})),
            ("open", json!({"fact": "registration_status", "is": "存续(在营)"})),
            ("shut", json!({"fact": "registration_status", "one_of": ["注销", "吊销"]})),
        ];
        let library = library(&leaves);
        let clean: Vec<&str> = titles.clone();
        let mut dirty: Vec<String> = titles.iter().map(|title| (*title).to_owned()).collect();
        dirty.extend(words);
        let profile = |tags: &[String], status: Option<&String>| {
            let facts = json!({"qualifications": tags, "registration_status": status});
            json!({"id": "E1", "facts": facts}).to_string()
        };
        let read = |text: &str| {
            let mut report = Report::new("p");
            Profile::read(&syntax::json(text).unwrap(), FactDictionary::built_in(), false, &mut report).unwrap()
        };
        let clean: Vec<String> = clean.into_iter().map(str::to_owned).collect();
        let before: BTreeMap<String, &str> = single(&library, &read(&profile(&clean, None))).into_iter().collect();
        let text = profile(&dirty, status.as_ref());
        let after = single(&library, &read(&text));
        for (item, verdict) in &after {
            prop_assert!(*verdict == "未知" || before[item] == *verdict, "{item}: {} → {verdict}: {text}", before[item]);
        }
        // The same facts as a line of JSON and as cells of a table.
        let line = Pushed::of("t.jsonl", &text, &leaves, plain());
        let cells = format!("id,资质称号(有效期内),登记状态\nE1,{},{}\n", dirty.join("|"), status.clone().unwrap_or_default());
        let table = Pushed::of("t.csv", &cells, &leaves, plain());
        prop_assert_eq!(&line.verdicts, &table.verdicts);
        prop_assert_eq!(&line.report.counts.warnings, &table.report.counts.warnings);
        let kinds: Vec<&str> = profile_warnings(&text).into_iter().map(|(_, kind)| kind).collect();
        prop_assert_eq!(kinds.len() as u64, line.report.counts.warnings.values().sum::<u64>());
        let after: Verdicts = after.into_iter().map(|(item, verdict)| (("E1".to_owned(), item), verdict)).collect();
        prop_assert_eq!(&line.verdicts, &after);
    }
}

/// The mapping's own words come before the vocabulary, and a mapped column asks under its own heading.
#[test]
fn mapped_headings_are_used_alone() {
    let mapping = "columns:\n  代码: id\n  是否上市: listing_boards\n  荣誉: qualifications\nvalues:\n  荣誉: {省高企: 高新技术企业}\n";
    let mapping = Mapping::read(mapping, "m.yaml", FactDictionary::built_in()).unwrap();
    let options = TableOptions { mapping: Some(mapping), ..plain() };
    let leaves =
        [("star", lacks("listing_boards", &["科创板"])), ("held", has("qualifications", &["高新技术企业"]))];
    let pushed =
        Pushed::of("t.csv", "代码,是否上市,荣誉\nA,否,省高企、软件企业\nB,是,无\n", &leaves, options);
    assert_eq!(pushed.on("star"), ["A 是", "B 未知"]);
    assert_eq!(pushed.on("held"), ["A 是", "B 否"]);
}
