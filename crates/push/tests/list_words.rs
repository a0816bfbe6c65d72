//! Words of the list: names, titles, windows, places and gaps beside the ids, in every format; the tables and the workbook beside it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{Array, RecordBatch, StringArray};
use calamine::{Reader, Xlsx, open_workbook};
use jiff::civil::date;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value as Json, json};
use zhaoren_matcher::Library;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_push::lists::{ListFilter, csv_heading, csv_lines, find};
use zhaoren_push::table::{Enterprises, TableOptions};
use zhaoren_push::{Explain, Format, Listing, NoProgress, PushOptions, RunReport, push};

const ITEMS: &str = "
- id: grant
  title: 用工补贴
  document: {title: 某区用工办法, number: 沪某〔2026〕1号, issuer: 某区人社局, level: district}
  benefit: {kinds: [grant], amount: {max: 100000, unit: 每家}}
  window: [{opens: 2026-06-01, closes: 2026-09-30}]
  criteria:
    all:
    - {fact: employees, at_least: 10, article: 第三条（一）, quote: 从业人数在10人以上}
    - {fact: registered_region, within: ['310000']}
- id: relief
  title: 减免
  delivery: automatic
  benefit: {kinds: [tax], amount: {text: 减按50%}}
  criteria: {any: [{fact: employees, less_than: 5}, {fact: established_on, for_at_least: 3 years}, {judged: 经营稳定}]}
";

/// Two in Xuhui, one of them in a street; one in Pudong; one of unknown place with signs that XML and formulas know.
const CITY: &str = r#"{"id":"E1","name":"甲公司","facts":{"registered_region":"310104","employees":20}}
{"id":"E2","name":"=乙&<丙>_x0041_","facts":{"employees":30}}
{"id":"E3","name":"丁公司","facts":{"registered_region":"310115","established_on":"2020-01-01"}}
{"id":"E4","facts":{"registered_region":"310104003","employees":3}}
"#;

fn dictionary() -> Arc<FactDictionary> {
    Arc::new(FactDictionary::built_in().clone())
}

fn library(items: &str) -> Arc<Library> {
    let dictionary = dictionary();
    let (items, report) = read_items(items, "items.yaml", &dictionary);
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    let items = items.into_iter().map(|(item, node)| (item, node.to_json().to_string())).collect();
    Arc::new(Library::with_bodies(items, dictionary))
}

struct Night<'a> {
    out: PathBuf,
    previous: Option<&'a Path>,
    format: Format,
    explain: Explain,
}

impl Night<'_> {
    fn run(&self, city: &str) -> RunReport {
        let table = self.out.with_extension("city.jsonl");
        std::fs::write(&table, city).unwrap();
        let options = TableOptions { chunk_rows: 2, ..TableOptions::default() };
        let enterprises = Enterprises::open(&[table], options, dictionary()).unwrap();
        let options = PushOptions {
            out: self.out.clone(),
            as_of: date(2026, 7, 1),
            previous: self.previous.map(Path::to_owned),
            format: self.format,
            listing: Listing { undetermined: true, ..Listing::default() },
            deadline_days: 15,
            full: false,
            opt_outs: Default::default(),
            explain: self.explain,
        };
        push(&enterprises, &library(ITEMS), &options, &NoProgress).unwrap()
    }
}

fn rows(folder: &Path) -> Vec<Json> {
    find(folder, &ListFilter::default(), 0, 100, 100).unwrap().rows
}

fn row<'a>(rows: &'a [Json], enterprise: &str, item: &str) -> &'a Json {
    let same = |row: &&Json| row["enterprise_id"] == enterprise && row["policy_id"] == item;
    rows.iter().find(same).unwrap_or_else(|| panic!("{enterprise} {item}: {rows:?}"))
}

/// Each format has the same rows and words; the words are those of the item, of the place and of what is missing.
#[test]
fn every_format_has_the_same_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut all = Vec::new();
    for format in [Format::Jsonl, Format::Parquet, Format::Csv, Format::Xlsx] {
        let out = folder.path().join(format.extension());
        let report = Night { out: out.clone(), previous: None, format, explain: Explain::Full }.run(CITY);
        assert_eq!((report.counts.new, report.counts.new_undetermined), (7, 4), "{report:?}");
        all.push(rows(&out));
    }
    assert!(all.iter().all(|rows| *rows == all[0]), "{all:?}");
    let rows = &all[0];
    let expected = json!({
        "enterprise_id": "E1", "policy_id": "grant", "verdict": "eligible", "change": "new",
        "cause": null, "detail": null, "enterprise_name": "甲公司", "title": "用工补贴", "level": "区县级",
        "verdict_name": "符合", "amount": "每家最高10万元", "window": "申报中，截至2026-09-30", "region": "上海市徐汇区",
        "street": null, "missing": null, "cause_name": null, "clause": null, "missing_facts": [], "failing_facts": [],
    });
    let mut found = row(rows, "E1", "grant").clone();
    found.as_object_mut().unwrap().remove("score");
    assert_eq!(found, expected);
    let open = row(rows, "E2", "grant");
    assert_eq!(
        (&open["verdict_name"], &open["missing"], &open["region"]),
        (&json!("待定"), &json!("注册地"), &Json::Null)
    );
    assert_eq!(open["missing_facts"], json!(["registered_region"]));
    let relief = row(rows, "E2", "relief");
    assert_eq!(
        (&relief["missing"], &relief["window"], &relief["failing_facts"]),
        (&json!("成立日期；另有1项待人工认定"), &json!("自动享受，无需申报"), &json!(["employees"]))
    );
    let street = row(rows, "E4", "relief");
    assert_eq!((&street["region"], &street["enterprise_name"]), (&json!("上海市徐汇区"), &Json::Null));
    assert_eq!(street["street"], json!("天平路街道"));
}

/// A changed verdict names the condition with its article, and its cause in Chinese.
#[test]
fn a_cause_names_its_condition() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("1"), folder.path().join("2"));
    let night = |out: &Path, previous| Night {
        out: out.to_owned(),
        previous,
        format: Format::Parquet,
        explain: Explain::Missing,
    };
    night(&first, None).run(CITY);
    let now = CITY.replace("\"employees\":20", "\"employees\":7");
    night(&second, Some(&first)).run(&now);
    let rows = rows(&second);
    let gone = row(&rows, "E1", "grant");
    let word = |key: &str| gone[key].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        ["change", "verdict_name", "cause_name", "clause", "enterprise_name"].map(word),
        ["gone", "不符合", "指标有变", "第三条（一）：从业人数不低于10人", "甲公司"]
    );
    assert!(gone.get("failing_facts").is_none());
    let csv = String::from_utf8([csv_heading(), csv_lines(&rows).unwrap()].concat()).unwrap();
    let line = csv.lines().find(|line| line.contains("第三条（一）")).unwrap();
    assert!(
        line.starts_with("甲公司,E1,用工补贴,区县级,不符合,每家最高10万元,") && line.contains(",移出,"),
        "{csv}"
    );
    assert!(csv.contains("'=乙&<丙>_x0041_,E2"), "{csv}");
    let only = ListFilter { verdict: "undetermined".into(), change: "kept".into(), ..ListFilter::default() };
    let kept = find(&second, &only, 0, 100, 100).unwrap().rows;
    assert!(
        !kept.is_empty()
            && kept.iter().all(|row| row["verdict"] == "undetermined" && row["change"] == "kept")
    );
}

fn table(path: &Path) -> (RecordBatch, Vec<(String, String)>) {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let metadata = builder.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
    let metadata = metadata.into_iter().map(|one| (one.key, one.value.unwrap_or_default())).collect();
    (builder.build().unwrap().next().unwrap().unwrap(), metadata)
}

fn texts(batch: &RecordBatch, column: &str) -> Vec<String> {
    let column = batch.column_by_name(column).unwrap().as_any().downcast_ref::<StringArray>().unwrap();
    (0..column.len())
        .map(|row| if column.is_null(row) { String::new() } else { column.value(row).to_owned() })
        .collect()
}

/// Items and their conditions lie beside the list, and each Parquet file says which run it is of.
#[test]
fn items_and_clauses_lie_beside_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let night =
        Night { out: out.clone(), previous: None, format: Format::Parquet, explain: Explain::Nothing };
    let report = night.run(CITY);
    let (items, _) = table(&out.join("items.parquet"));
    assert_eq!(texts(&items, "policy_id"), ["grant", "relief"]);
    assert_eq!(texts(&items, "issuer"), ["某区人社局", ""]);
    assert_eq!(texts(&items, "kind_names"), ["资金补助", "税收优惠"]);
    let (clauses, _) = table(&out.join("clauses.parquet"));
    assert_eq!(
        texts(&clauses, "clause"),
        ["all[0]", "all[1]", "", "any[0]", "any[1]", "any[2]"],
        "a group of alternatives is a line of its own"
    );
    assert_eq!(texts(&clauses, "quote")[0], "从业人数在10人以上");
    assert_eq!(texts(&clauses, "fact")[..2], ["employees", "registered_region"]);
    for name in ["matches.parquet", "items.parquet", "clauses.parquet"] {
        let (_, metadata) = table(&out.join(name));
        let value =
            |key: &str| metadata.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
        assert_eq!(value("zhaoren.as_of"), Some("2026-07-01"), "{name}: {metadata:?}");
        assert_eq!(value("zhaoren.items_sha256"), Some(report.items_sha256.as_str()));
        assert_eq!(value("zhaoren.version"), Some(report.version));
    }
    assert!(rows(&out).iter().all(|row| row["missing"].is_null()), "nothing was explained");
}

/// The workbook has a sheet for each district, with every row once, and a spreadsheet reads the texts as they are.
#[test]
fn a_workbook_has_a_sheet_for_each_district() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = |name: &str| {
        let out = folder.path().join(name);
        let night =
            Night { out: out.clone(), previous: None, format: Format::Xlsx, explain: Explain::Missing };
        night.run(CITY);
        let left: Vec<_> = std::fs::read_dir(&out).unwrap().map(|one| one.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().contains("sheet")), "{left:?}");
        std::fs::read(out.join("matches.xlsx")).unwrap()
    };
    assert_eq!(bytes("a"), bytes("b"), "the same rows give the same bytes");
    let mut book: Xlsx<_> = open_workbook(folder.path().join("a/matches.xlsx")).unwrap();
    assert_eq!(book.sheet_names(), ["汇总", "区域未知", "徐汇区", "浦东新区"]);
    let sheet = |book: &mut Xlsx<_>, name: &str| -> Vec<Vec<String>> {
        let range = book.worksheet_range(name).unwrap();
        range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
    };
    let xuhui = sheet(&mut book, "徐汇区");
    assert_eq!(xuhui[0][..8], ["企业名称", "企业标识", "事项", "层级", "判定", "支持金额", "申报期", "还缺"]);
    let first = &xuhui[1];
    assert_eq!(first[..5], ["甲公司", "E1", "用工补贴", "区县级", "符合"]);
    let unknown = sheet(&mut book, "区域未知");
    assert_eq!(unknown[1][0], "=乙&<丙>_x0041_");
    let summary = sheet(&mut book, "汇总");
    let counts: Vec<f64> = summary[1..].iter().map(|row| row[1].parse().unwrap()).collect();
    assert_eq!(counts.iter().sum::<f64>(), 7.0, "{summary:?}");
    assert_eq!(rows(&folder.path().join("a")).len(), 7);
}
