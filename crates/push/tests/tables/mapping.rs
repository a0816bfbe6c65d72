//! Foreign tables, read with a mapping.

use zhaoren_push::table::Mapping;

use super::bench::{
    Folder, all, dictionary, facts, mapped, open, opened, profile, profiles_of, rejects, rows_of,
};

const MAPPING: &str = "
columns:
  统一社会信用代码: id
  企业名称: name
  职工数: 从业人数
  年营业收入(万元): {fact: revenue, year: 2025, unit: 万元}
  上年营收: revenue.2024
  外资占比%: {fact: foreign_share, unit: '%'}
  是否高企: {tag: {qualifications: 高新技术企业}}
  是否软企: {tag: {资质: 软件企业}}
  其他资质: {fact: qualifications, separator: 、}
  成立时间: {fact: established_on}
  企业性质: legal_form
  备注: ignore
units: {上年营收: 亿元}
values:
  企业性质: {一: 有限责任公司, 二: 股份有限公司, 不详: null}
  职工数: {十人以下: {at_most: 9}, 没有: 0}
  是否软企: {已认定: true, 审核中: null}
yes: [有效]
no: [失效]
";

const HEADERS: [&str; 12] = [
    "统一社会信用代码",
    "企业名称",
    "职工数",
    "年营业收入（万元）",
    "上年营收",
    "外资占比％",
    "是否高企",
    "是否软企",
    "其他资质",
    "成立时间",
    "企业性质",
    "备注",
];

/// Table of one row in which some columns have values.
fn table(cells: &[(&str, &str)]) -> String {
    let cell = |header: &&str| {
        let value = cells.iter().find(|(name, _)| name == header).map_or("", |(_, value)| value);
        format!("\"{}\"", value.replace('"', "\"\""))
    };
    let row: Vec<String> = HEADERS.iter().map(cell).collect();
    format!("{}\nE1{}\n", HEADERS.join(","), row.join(",").strip_prefix("\"\"").unwrap())
}

fn gives(cells: &[(&str, &str)], json: &str) {
    assert_eq!(profiles_of("t.csv", table(cells), mapped(MAPPING)), [facts("E1", json)], "{cells:?}");
}

fn refused(cells: &[(&str, &str)]) -> String {
    let rows = rows_of("t.csv", table(cells), mapped(MAPPING));
    assert_eq!((rows.accepted.len(), rows.rejected), (0, 1), "{cells:?} was taken");
    rejects(&rows).join("\n")
}

#[test]
fn a_whole_row() {
    let cells = [
        ("企业名称", "甲"),
        ("职工数", "1,086"),
        ("年营业收入（万元）", "3,010.055"),
        ("上年营收", "1.2"),
        ("外资占比％", "12.5"),
        ("是否高企", "是"),
        ("是否软企", "否"),
        ("成立时间", "2019年3月12日"),
        ("企业性质", "二"),
        ("备注", "无"),
    ];
    let expected = profile(
        r#"{"id":"E1","name":"甲","facts":{"employees":1086,
            "revenue":{"2025":30100550,"2024":120000000},"foreign_share":0.125,
            "qualifications":{"has":["高新技术企业"],"lacks":["软件企业"]},
            "established_on":"2019-03-12","legal_form":"股份有限公司"}}"#,
    );
    assert_eq!(profiles_of("t.csv", table(&cells), mapped(MAPPING)), [expected]);
}

#[test]
fn units_are_exact() {
    gives(&[("年营业收入（万元）", "0.0001")], r#"{"revenue":{"2025":1}}"#);
    gives(&[("年营业收入（万元）", "3010.055万元")], r#"{"revenue":{"2025":30100550}}"#);
    gives(&[("年营业收入（万元）", "1..2")], r#"{"revenue":{"2025":{"at_least":10000,"at_most":20000}}}"#);
    gives(&[("年营业收入（万元）", r#"{"at_least": 1.5}"#)], r#"{"revenue":{"2025":{"at_least":15000}}}"#);
    gives(&[("上年营收", "0.00000001")], r#"{"revenue":{"2024":1}}"#);
    gives(&[("外资占比％", "12.5%")], r#"{"foreign_share":0.125}"#);
    gives(&[("年营业收入（万元）", "3亿元")], r#"{"revenue":{"2025":300000000}}"#);
    for (value, shown) in [("3亿吨", "3亿吨"), ("12,34", "12,34"), ("三千", "三千"), ("1 2", "1 2")] {
        assert_eq!(
            refused(&[("年营业收入（万元）", value)]),
            format!("2 年营业收入（万元） [{shown}] 应为以元为单位的金额（数字）")
        );
    }
    assert!(refused(&[("外资占比％", "120")]).contains("1.2 超出范围，应在 0 与 1 之间"));
    // Typed numbers have the column's unit too.
    let json = r#"{"columns":{"营收":{"fact":"revenue","year":2025,"unit":"万元"}}}"#;
    let mapping = Mapping::read(json, "m.json", &dictionary()).unwrap();
    let options =
        zhaoren_push::table::TableOptions { mapping: Some(mapping), reject_rows: true, ..Default::default() };
    let folder = Folder::new();
    let id: arrow_array::ArrayRef = std::sync::Arc::new(arrow_array::StringArray::from(vec!["E1", "E2"]));
    let value = std::sync::Arc::new(arrow_array::Float64Array::from(vec![0.3, f64::NAN]));
    let path = super::arrow_types::parquet(&folder, vec![("id", id), ("营收", value)], 9);
    let rows = all(&open(&path, options)).unwrap();
    assert_eq!(rows.profiles()[0], facts("E1", r#"{"revenue":{"2025":3000}}"#));
    assert_eq!(rejects(&rows), ["2 营收 [NaN] 不是数字；不知道的值应留空"]);
}

#[test]
fn values_words_and_dates() {
    gives(&[("企业性质", "一")], r#"{"legal_form":"有限责任公司"}"#);
    gives(&[("企业性质", "不详")], "{}");
    gives(&[("企业性质", "合伙企业")], r#"{"legal_form":"合伙企业"}"#);
    gives(&[("职工数", "十人以下")], r#"{"employees":{"at_most":9}}"#);
    gives(&[("职工数", "没有")], r#"{"employees":0}"#);
    for empty in ["-", "无数据", "NULL", "\\N", " ", "N/A"] {
        gives(&[("职工数", empty), ("成立时间", empty), ("是否高企", empty), ("其他资质", empty)], "{}");
    }
    for date in ["2019/3/12", "2019.3.12", "20190312", "2019-03-12", "2019年03月12日", "2019/3/12 0:00:00"]
    {
        gives(&[("成立时间", date)], r#"{"established_on":"2019-03-12"}"#);
    }
    gives(
        &[("成立时间", "2019/1/1..2019/12/31")],
        r#"{"established_on":{"at_least":"2019-01-01","at_most":"2019-12-31"}}"#,
    );
    gives(
        &[("成立时间", "2019年3月")],
        r#"{"established_on":{"at_least":"2019-03-01","at_most":"2019-03-31"}}"#,
    );
    for date in ["2019-02-30", "2019", "12/3/2019", "2019年初"] {
        assert!(refused(&[("成立时间", date)]).contains("应为存在的日期"), "{date}");
    }
    // Default words for a mapping without its own, which replace them otherwise.
    let text = "id,employees,name\nE1,无数据,-\nE2,没填,-\n";
    let rows = rows_of("t.csv", text, mapped("empty: [没填]"));
    assert_eq!(rejects(&rows), ["2 employees [无数据] 应为整数"]);
    assert_eq!(rows.accepted[0].name.as_deref(), Some("-"));
    assert_eq!(rows_of("t.csv", text, mapped("{}")).profiles()[0], facts("E1", "{}"));
}

#[test]
fn tags_from_several_columns() {
    let tags = |cells: &[(&str, &str)], json: &str| gives(cells, &format!(r#"{{"qualifications":{json}}}"#));
    for yes in ["是", "Y", "1", "√", "yes", "TRUE", "有效"] {
        tags(&[("是否高企", yes)], r#"{"has":["高新技术企业"],"lacks":[]}"#);
    }
    for no in ["否", "N", "0", "×", "no", "FALSE", "失效"] {
        tags(&[("是否高企", no)], r#"{"has":[],"lacks":["高新技术企业"]}"#);
    }
    tags(&[("是否软企", "已认定")], r#"{"has":["软件企业"],"lacks":[]}"#);
    gives(&[("是否软企", "审核中")], "{}");
    // A list alone is complete only if no other column is unknown: an empty one says nothing about its tag.
    tags(
        &[("其他资质", "上市公司、独角兽企业|软件企业")],
        r#"{"has":["上市公司","独角兽企业","软件企业"],"lacks":[]}"#,
    );
    tags(
        &[("其他资质", "上市公司"), ("是否高企", "是"), ("是否软企", "否")],
        r#"["高新技术企业","上市公司"]"#,
    );
    tags(&[("其他资质", "高新技术企业"), ("是否高企", "是"), ("是否软企", "否")], r#"["高新技术企业"]"#);
    tags(
        &[("其他资质", "上市公司"), ("是否高企", "是"), ("是否软企", "-")],
        r#"{"has":["高新技术企业","上市公司"],"lacks":[]}"#,
    );
    tags(
        &[("其他资质", r#"{"has":["上市公司"],"lacks":["独角兽企业"]}"#), ("是否高企", "否")],
        r#"{"has":["上市公司"],"lacks":["高新技术企业","独角兽企业"]}"#,
    );
    assert_eq!(
        refused(&[("其他资质", "软件企业"), ("是否高企", "是"), ("是否软企", "否")]),
        "2 是否高企、是否软企、其他资质 [是、否、软件企业] “软件企业”既说有，又说没有"
    );
    let said = refused(&[("是否高企", "可能"), ("是否软企", "?")]);
    assert!(said.contains("是否高企 [可能] 应为是（") && said.contains("是否软企 [?] 应为是（"), "{said}");
}

#[test]
fn the_mapping_is_an_input() {
    let folder = Folder::new();
    let path = folder.write("t.csv", "id\nE1\n");
    let inputs = |text| open(&path, mapped(text)).inputs().to_vec();
    let [one, other] = [inputs("{}"), inputs("empty: []")];
    assert_eq!(
        (one[0].name.as_str(), one[1].name.as_str(), one.len()),
        (path.to_str().unwrap(), "m.yaml", 2)
    );
    assert!(one[0] == other[0] && one[1] != other[1]);
}

#[test]
fn missing_columns_are_named() {
    let folder = Folder::new();
    let path = folder.write("t.csv", "id,职工数\nE1,5\n");
    let mapping = "columns: {职工数: employees, 人数: employees, 名: name}\nvalues: {性质: {一: 二}}";
    let enterprises = open(&path, mapped(mapping));
    assert_eq!(enterprises.warnings().len(), 3);
    assert!(
        enterprises.warnings()[0].ends_with("文件里没有映射中的列“人数”"),
        "{:?}",
        enterprises.warnings()
    );
    let mut options = mapped(mapping);
    options.strict = true;
    assert!(opened(&path, options).unwrap_err().contains("没有映射中的列“人数”"));
    // Two columns for one fact.
    let path = folder.write("t.csv", "id,职工数,人数\nE1,5,6\n");
    let error = opened(&path, mapped(mapping)).unwrap_err();
    assert!(error.contains("第 3 列“人数”与第 2 列“职工数”说的是同一项"), "{error}");
}

fn wrong(text: &str) -> Vec<String> {
    let problems = Mapping::read(text, "m.yaml", &dictionary()).expect_err(text);
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn mapping_errors_name_their_line() {
    let said = wrong(
        "columns:
  a: employes
  b: {fact: revenue, unit: 万元}
  c: {fact: employees, year: 2025}
  d: {fact: revenue, year: 25}
  e: {fact: revenue, year: 2025, unit: 人}
  f: {tag: {qualifications: 高新企业}}
  g: {tag: {employees: 高新技术企业}}
  h: {tag: [高新技术企业]}
  i: {fact: employees, unti: 人}
  j: [1]
  k: {fact: employees, separator: 、}
units: {z: 万元, c2: 元}
values: [1]
yes: [好, 坏]
no: [坏]
empty: 无
colums: {}
",
    );
    let expect = [
        "m.yaml:2: at `columns.a`: unknown fact `employes`, did you mean `employees`?",
        "m.yaml:3: at `columns.b`: `revenue`是按年度的指标，列名要带年度，如 revenue.2025",
        "m.yaml:4: at `columns.c`: got a year for `employees`, expected no year: it has one value",
        "m.yaml:5: at `columns.d`: got number `25`, expected a year of four digits",
        "m.yaml:6: at `columns.e`: got text `人`, expected `元`, `千元`, `万元`, `百万元` or `亿元`",
        "m.yaml:7: at `columns.f`: `高新企业` is not in the list of `qualifications`, did you mean `高新技术企业`?",
        "m.yaml:8: at `columns.g`: got fact `employees` of type integer, expected a fact of type tags",
        "m.yaml:9: at `columns.h`: got a map with `tag`, expected one tag of one fact",
        "m.yaml:10: at `columns.i`: unknown key `unti`, expected one of `fact`",
        "m.yaml:11: at `columns.j`: got a list of 1, expected `id`, `name`",
        "m.yaml:12: at `columns.k`: got text `、`, expected what parts tags",
        "m.yaml:14: at `values`: got a list of 1, expected a map from headers",
        "m.yaml:17: at `empty`: got text `无`, expected a list of words",
        "m.yaml:18: unknown key `colums`",
        "m.yaml:13: at `units.z`: column `z` is not known",
        "m.yaml:13: at `units.c2`: column `c2` is not known",
        "m.yaml:1: at `yes`: `坏` is in both `yes` and `no`",
    ];
    assert_eq!(said.len(), expect.len(), "{said:#?}");
    for (said, expect) in said.iter().zip(expect) {
        assert!(said.starts_with(expect), "{said}\n{expect}");
    }
    assert!(wrong("columns: [")[0].starts_with("m.yaml:"));
    assert!(wrong("")[0].contains("one map with `columns`"));
    assert!(wrong("[1]")[0].contains("m.yaml:1: got a list of 1"));
    assert!(wrong("columns: {甲(万): employees, 甲（万）: revenue.2025}")[0].contains("was already used"));
}
