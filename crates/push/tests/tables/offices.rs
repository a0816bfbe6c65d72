//! Tables as offices keep them: titles, header rows, merged cells, totals, several sheets, units, and files of another form than
//! their name says.

use encoding_rs::GB18030;
use zhaoren_policy::profile::Profile;
use zhaoren_push::table::TableOptions;

use super::bench::{Folder, facts, mapped, open, opened, profile};
use super::book::Put::{B, D, E, F, G, M, N, O, P, S, T, W};
use super::book::{Put, Sheet, workbook};

/// Result of reading a file: enterprises, and all remarks.
struct Read {
    profiles: Vec<Profile>,
    rejects: Vec<String>,
    /// Remarks at opening, and warnings about cells.
    said: Vec<String>,
}

fn read(name: &str, bytes: impl AsRef<[u8]>, options: TableOptions) -> Read {
    let folder = Folder::new();
    let enterprises = open(&folder.write(name, bytes), options);
    let (mut profiles, mut rejects) = (Vec::new(), Vec::new());
    let mut said = enterprises.warnings().to_vec();
    for chunk in enterprises.chunks() {
        let chunk = chunk.unwrap();
        let rows = enterprises.read(&chunk);
        assert_eq!(chunk.len() as u64, rows.accepted.len() as u64 + rows.rejected, "rows got lost");
        rejects.extend(
            rows.rejects.iter().map(|reject| format!("{} {} {}", reject.row, reject.value, reject.reason)),
        );
        let warning =
            |w: &zhaoren_push::table::Warning| format!("{} {} [{}] {}", w.row, w.column, w.value, w.reason);
        said.extend(rows.warnings.iter().map(warning));
        profiles.extend(rows.profiles());
    }
    Read { profiles, rejects, said }
}

fn plain(name: &str, bytes: impl AsRef<[u8]>) -> Read {
    read(name, bytes, TableOptions::default())
}

impl Read {
    /// Checks the facts of the enterprise with this id.
    fn is(&self, id: &str, json: &str) {
        let profile = self.profiles.iter().find(|profile| profile.id == id);
        let mut profile = profile.unwrap_or_else(|| panic!("no {id} in {:?}", self.profiles)).clone();
        profile.name = None;
        assert_eq!(profile, facts(id, json), "{:?} {:?}", self.said, self.rejects);
    }

    fn ids(&self) -> Vec<&str> {
        self.profiles.iter().map(|profile| profile.id.as_str()).collect()
    }

    /// Checks that something was said about each of these words.
    fn says(&self, words: &[&str]) {
        for word in words {
            let all = self.said.iter().chain(&self.rejects);
            assert!(all.clone().any(|line| line.contains(word)), "{word}: {:?}", all.collect::<Vec<_>>());
        }
    }
}

fn book(rows: Vec<Vec<Put>>) -> Vec<u8> {
    workbook(&[Sheet::new("表1", rows)])
}

#[test]
fn a_header_below_title_and_remark() {
    let sheet = Sheet::new(
        "名单",
        vec![
            vec![T("2025年度某区重点企业情况表")],
            vec![T("填报单位：某区经信局"), O, T("单位：人")],
            vec![T("统一社会信用代码"), T("企业名称"), T("从业人数")],
            vec![T("T1"), T("甲"), N(86.0)],
        ],
    );
    let found = plain("t.xlsx", workbook(&[sheet.merged(&["A1:C1"])]));
    found.is("T1", r#"{"employees":86,"uscc":"T1"}"#);
    found.says(&["第 3 行", "2 行是标题"]);
    let text = "某区重点企业情况表,,\n填报单位：某区经信局,,\nid,企业名称,从业人数\nT1,甲,86\n";
    for (name, bytes) in [("t.csv", text.as_bytes().to_vec()), ("t.xls", GB18030.encode(text).0.into_owned())]
    {
        let found = plain(name, bytes);
        found.is("T1", r#"{"employees":86}"#);
        found.says(&["第 3 行"]);
    }
    // A title without delimiters.
    let found = plain("t.csv", "某区重点企业情况表\nid|企业名称|从业人数\nT1|甲|86\n");
    found.is("T1", r#"{"employees":86}"#);
}

#[test]
fn header_rows_with_merged_cells_make_one_heading() {
    let rows = vec![
        vec![T("统一社会信用代码"), T("企业名称"), T("营业收入（万元）"), O, T("从业人数")],
        vec![O, O, N(2024.0), N(2025.0)],
        vec![T("T1"), T("甲"), N(3010.0), N(4300.0), N(86.0)],
    ];
    let merges = ["A1:A2", "B1:B2", "C1:D1", "E1:E2"];
    let expected = r#"{"employees":86,"revenue":{"2024":30100000,"2025":43000000},"uscc":"T1"}"#;
    for merges in [&merges[..], &[]] {
        let found = plain("t.xlsx", workbook(&[Sheet::new("表", rows.clone()).merged(merges)]));
        found.is("T1", expected);
        assert!(found.rejects.is_empty());
        found.says(&["第 1 至 2 行"]);
    }
    // A mapping names such a column by its one heading.
    let mapping =
        "columns:\n  统一社会信用代码: id\n  营业收入（万元） 2025: {fact: revenue, year: 2025, unit: 元}\n";
    let found = read("t.xlsx", workbook(&[Sheet::new("表", rows).merged(&merges)]), mapped(mapping));
    found.is("T1", r#"{"employees":86,"revenue":{"2024":30100000,"2025":4300}}"#);
}

#[test]
fn three_header_rows_with_groups_of_years() {
    let sheet = Sheet::new(
        "表",
        vec![
            vec![T("某市企业名录")],
            vec![T("基本情况"), O, T("2024年"), O, T("2025年")],
            vec![
                T("统一社会信用代码"),
                T("企业名称"),
                T("营业收入\n（万元）"),
                T("净利润（万元）"),
                T("营业收入\n（万元）"),
                T("净利润（万元）"),
            ],
            vec![T("T1"), T("甲"), N(1.0), N(2.0), N(3.0), N(4.0)],
        ],
    );
    let found = plain("t.xlsx", workbook(&[sheet.merged(&["A1:F1", "A2:B2", "C2:D2", "E2:F2"])]));
    found.is(
        "T1",
        r#"{"net_profit":{"2024":20000,"2025":40000},"revenue":{"2024":10000,"2025":30000},"uscc":"T1"}"#,
    );
}

#[test]
fn merged_data_cells_hold_for_all_their_rows() {
    let row = |id, region| vec![T(id), T("甲"), region, N(5.0)];
    let sheet = Sheet::new(
        "表",
        vec![
            vec![T("统一社会信用代码"), T("企业名称"), T("注册地"), T("从业人数")],
            row("M1", T("310104")),
            row("M2", O),
            row("M3", O),
        ],
    );
    let found = plain("t.xlsx", workbook(&[sheet.merged(&["C2:C4", "A1:A1"])]));
    for id in ["M1", "M2", "M3"] {
        found.is(id, &format!(r#"{{"employees":5,"registered_region":"310104","uscc":"{id}"}}"#));
    }
    found.says(&["1 处合并单元格", "2 个单元格"]);
}

#[test]
fn sheets_with_the_same_header_are_read_and_others_named() {
    let header = || vec![T("统一社会信用代码"), T("从业人数")];
    let list = |name, ids: &[&'static str]| {
        let rows = ids.iter().map(|id| vec![T(id), N(20.0)]);
        Sheet::new(name, std::iter::once(header()).chain(rows).collect())
    };
    let mut options = Sheet::new("选项", vec![vec![T("是")], vec![T("否")]]);
    options.hidden = true;
    let notes = Sheet::new("填表说明", vec![vec![T("请按要求填写")]]);
    let other = Sheet::new("联系人", vec![vec![T("统一社会信用代码"), T("电话")], vec![T("A1"), N(1.0)]]);
    let empty = Sheet::new("Sheet3", Vec::new());
    let mut turned = list("园区", &[]);
    turned.rows = vec![vec![T("从业人数"), T("统一社会信用代码")], vec![N(7.0), T("C1")]];
    let sheets = [notes, list("规上", &["A1"]), options, list("规下", &["B1", "合计"]), other, empty, turned];
    let found = plain("t.xlsx", workbook(&sheets));
    assert_eq!(found.ids(), ["A1", "B1", "C1"]);
    found.is("C1", r#"{"employees":7,"uscc":"C1"}"#);
    found.says(&[
        "3 张工作表：规上、规下、园区",
        "“填表说明”没有读取",
        "“联系人”没有读取",
        "隐藏的工作表没有读取：选项",
    ]);
    assert_eq!(found.rejects, ["3 合计 是合计行，不是企业，没有读取"]);
    // Rows of a sheet are named with it.
    let folder = Folder::new();
    let enterprises = open(&folder.write("t.xlsx", workbook(&sheets)), TableOptions::default());
    let rejects: Vec<String> = enterprises
        .chunks()
        .flat_map(|chunk| enterprises.read(&chunk.unwrap()).rejects)
        .map(|reject| reject.file)
        .collect();
    assert!(rejects.iter().all(|file| file.ends_with("t.xlsx（规下）")), "{rejects:?}");
}

#[test]
fn hidden_rows_are_read_and_reported() {
    let mut sheet =
        Sheet::new("表", vec![vec![T("id"), T("从业人数")], vec![T("A"), N(1.0)], vec![T("B"), N(2.0)]]);
    sheet.hidden_rows = vec![3];
    let found = plain("t.xlsx", workbook(&[sheet]));
    assert_eq!(found.ids(), ["A", "B"]);
    found.says(&["有 1 行被隐藏"]);
}

#[test]
fn totals_remarks_and_signatures_are_not_enterprises() {
    let found = plain(
        "t.xlsx",
        book(vec![
            vec![T("序号"), T("统一社会信用代码"), T("企业名称"), T("从业人数")],
            vec![T("一、规上企业")],
            vec![N(1.0), T("91310104MA1FR000X6"), T("甲"), N(86.0)],
            vec![T("序号"), T("统一社会信用代码"), T("企业名称"), T("从业人数")],
            vec![N(2.0), T("B2"), T("合计网络公司"), N(8.0)],
            vec![O, T("合 计"), T("2家"), N(94.0)],
            vec![T("注：数据截至2025年底")],
            vec![T("填表人：张三"), O, T("审核人：李四")],
        ]),
    );
    assert_eq!(found.ids(), ["91310104MA1FR000X6", "B2"]);
    assert_eq!(
        found.rejects,
        [
            "2 一、规上企业 是分节标题行，不是企业，没有读取",
            "4 统一社会信用代码 是重复的表头，不是企业，没有读取",
            "6 合 计 是合计行，不是企业，没有读取",
            "7 注：数据截至2025年底 是说明行，不是企业，没有读取",
            "8 填表人：张三 是填表签署行，不是企业，没有读取",
        ]
    );
    let found =
        plain("t.csv", "id,企业名称,从业人数\nA,甲,86\n合计,1家,86\n注：数据截至2025年底\n制表：张三\n");
    assert_eq!((found.ids(), found.rejects.len()), (vec!["A"], 3));
}

#[test]
fn number_formats_are_applied() {
    let mapping =
        r#"columns: {统一社会信用代码: id, 研发占比（%）: {fact: rd_to_sales, unit: "%", year: 2025}}"#;
    let table = || {
        let row = |id, cell| vec![T(id), cell];
        book(vec![
            vec![T("统一社会信用代码"), T("研发占比（%）")],
            row("P1", N(3.5)),
            row("P2", P(0.035)),
            row("P3", T("3.5%")),
            row("P4", T("３．５％")),
            row("P5", P(0.0)),
        ])
    };
    let found = read("t.xlsx", table(), mapped(mapping));
    for id in ["P1", "P2", "P3", "P4"] {
        found.is(id, r#"{"rd_to_sales":{"2025":0.035}}"#);
    }
    found.is("P5", r#"{"rd_to_sales":{"2025":0}}"#);
    // A unit that the format adds is one of the cell; a scale is not guessed.
    let found = plain(
        "t.xlsx",
        book(vec![
            vec![T("id"), T("注册资本（元）"), T("成立日期")],
            vec![T("A"), W(1500.0), D(45047.0)],
            vec![T("B"), N(1500.0), M(45047.0)],
            vec![T("C"), T("1,500 万元"), N(45047.0)],
            vec![T("D"), N(2.0), T("2023年5月1日")],
        ]),
    );
    found.is("A", r#"{"established_on":"2023-05-01","registered_capital":15000000}"#);
    found.is(
        "B",
        r#"{"established_on":{"at_least":"2023-05-01","at_most":"2023-05-31"},"registered_capital":1500}"#,
    );
    found.is("C", r#"{"established_on":"2023-05-01","registered_capital":15000000}"#);
    found.is("D", r#"{"established_on":"2023-05-01","registered_capital":2}"#);
    let scaled = plain("t.xlsx", book(vec![vec![T("id"), T("注册资本")], vec![T("A"), S(123_000.0)]]));
    scaled.says(&["无法确定以哪个为准"]);
}

#[test]
fn formulas_without_a_result_and_errors_are_named() {
    let found = plain(
        "t.xlsx",
        book(vec![
            vec![T("id"), T("从业人数"), T("独立法人资格")],
            vec![T("A"), F("5+7"), B(true)],
            vec![T("B"), G("5+7", 12.0), B(false)],
            vec![T("C"), E("#N/A"), O],
        ]),
    );
    found.is("B", r#"{"employees":12,"is_legal_person":false}"#);
    found.says(&["公式没有计算结果", "公式错误"]);
}

#[test]
fn units_of_the_heading_and_of_the_cell() {
    let found = plain(
        "t.csv",
        "id,注册资金（万元）,从业人数（人）,外资持股比例（%）,2025年度营业收入/亿元\n\
         A,50,86,3.5,0.3\n\
         B,50(万元人民币),８６人,3.5%,3000万元\n\
         C,500000元,\"３，０００\",0.5‰,\"3,000万\"\n",
    );
    let expected = |employees, share: &str| {
        format!(
            r#"{{"employees":{employees},"foreign_share":{share},"registered_capital":500000,"revenue":{{"2025":30000000}}}}"#
        )
    };
    found.is("A", &expected(86, "0.035"));
    found.is("B", &expected(86, "0.035"));
    found.is("C", &expected(3000, "0.0005"));
    assert!(found.rejects.is_empty() && found.said.is_empty(), "{:?}", found.said);
    let foreign = plain("t.csv", "id,注册资金\nA,30(万美元)\nB,500万人民币\n");
    foreign.is("B", r#"{"registered_capital":5000000}"#);
    foreign.says(&["外币"]);
    // A heading whose unit does not fit is not used, and said.
    let found = plain("t.csv", "id,注册资金（万美元）,从业人数（万元）\nA,50,86\n");
    found.is("A", "{}");
    found.says(&["外币", "不是“从业人数”的单位"]);
    // A mapping that names the fact leaves the unit to the heading.
    let found = read(
        "t.csv",
        "代码,注册资金（万元）\nA,50\n",
        mapped("columns: {代码: id, 注册资金（万元）: registered_capital}"),
    );
    found.is("A", r#"{"registered_capital":500000}"#);
}

#[test]
fn dates_need_no_mapping() {
    let text =
        "id,成立日期\nD1,2023/5/1\nD2,2023年5月1日\nD3,2023.5.1\nD4,20230501\nD5,45047\nD6,2023年5月\n";
    let found = plain("t.csv", text);
    for id in ["D1", "D2", "D3", "D4", "D5"] {
        found.is(id, r#"{"established_on":"2023-05-01"}"#);
    }
    let range = facts("D6", r#"{"established_on":{"at_least":"2023-05-01","at_most":"2023-05-31"}}"#);
    assert_eq!(found.profiles.last(), Some(&range));
}

#[test]
fn format_is_detected_from_content() {
    let expected = [profile(r#"{"id":"F1","name":"甲、乙","facts":{"employees":12}}"#)];
    let is = |name: &str, bytes: &[u8]| assert_eq!(plain(name, bytes).profiles, expected, "{name} {bytes:?}");
    let tabbed = "id\tname\t从业人数\nF1\t甲、乙\t12\n";
    is("t.xls", tabbed.as_bytes());
    is("t.xls", &GB18030.encode(tabbed).0);
    is("t.xlsx", &tabbed.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    let page = "<html><head><meta charset=\"utf-8\"></head><body><table border=1><tr><td colspan=3>名单</td></tr>\
        <tr><th>id</th><th>name</th><th>从业人数</th></tr><tr><td>F1</td><td>甲、乙</td><td> 12 </td></tr></table></body></html>";
    is("t.xls", page.as_bytes());
    is("t.csv", page.as_bytes());
    let wide = page.replace("utf-8", "gb2312");
    is("t.xls", &GB18030.encode(&wide).0);
    let sheet = book(vec![vec![T("id"), T("name"), T("从业人数")], vec![T("F1"), T("甲、乙"), N(12.0)]]);
    for name in ["t.xlsx", "t.xls", "t.et", "t.csv", "t.json", "t"] {
        is(name, &sheet);
    }
    for part in ["|", ";", "，", "；", ","] {
        let text = "id,name,从业人数\nF1,甲、乙,12\n".replace(',', part);
        is("t.csv", text.as_bytes());
        is("t.csv", &GB18030.encode(&text).0);
        is("t.csv", &text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>());
        is("t.csv", format!("\u{feff}sep={part}\r\n{text}").as_bytes());
    }
    // A sign in quotes is no delimiter.
    let found = plain("t.csv", "id，name，从业人数\nF1，\"甲，乙\"，12\n");
    assert_eq!(found.profiles[0].name.as_deref(), Some("甲，乙"));
}

#[test]
fn unrecognised_headers_are_shown_as_split() {
    let folder = Folder::new();
    let error =
        |name: &str, bytes: &[u8]| opened(&folder.write(name, bytes), TableOptions::default()).unwrap_err();
    let said = error("t.csv", "编码^名称^人数\nA^甲^12\n".as_bytes());
    assert!(said.contains("读作 1 列：“编码^名称^人数”"), "{said}");
    let said = error("t.xlsx", &book(vec![vec![T("甲"), T("乙")], vec![T("1"), T("2")]]));
    assert!(said.contains("工作表“表1”没有 id 列") && said.contains("“甲”、“乙”"), "{said}");
    let said = error("t.xlsx", b"PK\x03\x04 cut off");
    assert!(said.contains("t.xlsx") && said.contains("不完整"), "{said}");
    let text = workbook(&[]);
    let said = error("t.xlsx", &text[..text.len() / 2]);
    assert!(said.contains("不完整"), "{said}");
}

/// A part that unfolds to one byte more than a table may is refused before it is unpacked. Parts that declare less than
/// they unfold to are among the tests of `zhaoren-document`.
#[test]
fn decompression_bombs_are_refused() {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"<workbook>").unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    let limit = zhaoren_document::Limits::TABLE.unpacked;
    let said = |size: u64, bytes: &mut [u8]| {
        // The unpacked size as the entry's own header and the directory declare it.
        for (signature, at) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
            let head = bytes.windows(4).position(|four| four == signature).unwrap();
            bytes[head + at..head + at + 4].copy_from_slice(&u32::try_from(size).unwrap().to_le_bytes());
        }
        let folder = Folder::new();
        opened(&folder.write("t.xlsx", &*bytes), TableOptions::default()).unwrap_err()
    };
    assert!(said(limit + 1, &mut bytes).contains("超过上限"));
    assert!(
        !said(limit, &mut bytes).contains("超过上限"),
        "what may be unpacked is not refused for its size"
    );
}
