//! Files and their formats: found, detected, decoded, split into chunks.

use std::path::PathBuf;

use encoding_rs::GB18030;
use zhaoren_push::table::{Enterprises, TableOptions};

use super::bench::{
    Folder, all, by_rows, dictionary, facts, open, opened, profile, profiles_of, rejects, rows_of, strict,
};

const TABLE: &str = "id,企业名称,从业人数,营业收入.2025,revenue.2024,qualifications,成立日期,registered_region,industry,is_legal_person,外资持股比例
E1,上海甲有限公司,86,30100000.55,,高新技术企业|软件企业,2019-03-12,310104,I6513,是,0.05
E2,,\"{\"\"at_least\"\":10}\",10..20,\"{\"\"at_most\"\":9}\",\"{\"\"has\"\":[\"\"软件企业\"\"],\"\"lacks\"\":[]}\",2019-01-01..2019-12-31,310104005,0111,否,1e-1
E3, 丙 ,..20,-5..,,[],,,,,
";

const LINES: &str = r#"{"id":"E1","name":"上海甲有限公司","facts":{"employees":86,"revenue":{"2025":30100000.55},"qualifications":["高新技术企业","软件企业"],"established_on":"2019-03-12","registered_region":"310104","industry":"I6513","is_legal_person":true,"foreign_share":0.05}}
{"id":"E2","facts":{"employees":{"at_least":10},"revenue":{"2025":{"at_least":10,"at_most":20},"2024":{"at_most":9}},"qualifications":{"has":["软件企业"],"lacks":[]},"established_on":{"at_least":"2019-01-01","at_most":"2019-12-31"},"registered_region":"310104005","industry":"0111","is_legal_person":false,"foreign_share":0.1}}
{"id":"E3","name":"丙","facts":{"employees":{"at_most":20},"revenue":{"2025":{"at_least":-5}},"qualifications":[]}}
"#;

fn expected() -> Vec<zhaoren_policy::profile::Profile> {
    LINES.lines().map(profile).collect()
}

#[test]
fn one_table_in_every_form() {
    assert_eq!(profiles_of("t.csv", TABLE, strict()), expected());
    assert_eq!(profiles_of("t.jsonl", LINES, strict()), expected());
    assert_eq!(profiles_of("t.ndjson", LINES, strict()), expected());
    assert_eq!(profiles_of("lines.json", LINES, strict()), expected());
    let list = format!("[\n{}\n]", LINES.trim().replace('\n', ",\n"));
    assert_eq!(profiles_of("list.json", &list, strict()), expected());
    assert_eq!(profiles_of("object.json", format!("{{\"profiles\": {list}}}"), strict()), expected());
    assert_eq!(profiles_of("one.json", LINES.lines().next().unwrap(), strict()), expected()[..1]);
    // A name without an extension.
    assert_eq!(profiles_of("table", TABLE, strict()), expected());
    assert_eq!(profiles_of("lines", LINES, strict()), expected());
    assert_eq!(profiles_of("list", &list, strict()), expected());
}

#[test]
fn every_encoding_and_delimiter() {
    let wide = |text: &str, big: bool| -> Vec<u8> {
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        text.encode_utf16().flat_map(bytes).collect()
    };
    let marked = |mark: &[u8], body: &[u8]| [mark, body].concat();
    for (file, text) in [("t.csv", TABLE), ("t.jsonl", LINES)] {
        let forms = [
            marked(b"\xef\xbb\xbf", text.as_bytes()),
            GB18030.encode(text).0.into_owned(),
            wide(text, false),
            wide(text, true),
            marked(b"\xff\xfe", &wide(text, false)),
            marked(b"\xfe\xff", &wide(text, true)),
            text.replace('\n', "\r\n").into_bytes(),
            text.trim_end().as_bytes().to_vec(),
        ];
        for (number, bytes) in forms.iter().enumerate() {
            assert_eq!(profiles_of(file, bytes, strict()), expected(), "{file} {number}");
        }
    }
    let simple = "id,name,employees,qualifications\nE1,\"甲,乙;丙\t丁\",5,软件企业|上市公司\n";
    let is = profiles_of("t.csv", simple, strict());
    assert_eq!(is[0].name.as_deref(), Some("甲,乙;丙\t丁"));
    for (file, part) in [("t.csv", "\t"), ("t.tsv", "\t"), ("t.csv", ";")] {
        let text = "id,name,employees,qualifications\nE1,\"甲,乙;丙\t丁\",5,软件企业|上市公司\n";
        let (head, row) = text.split_once('\n').unwrap();
        let row = row.replacen("E1,", &format!("E1{part}"), 1);
        let row = row.replace("\",5,", &format!("\"{part}5{part}"));
        let text = format!("{}\n{row}", head.replace(',', part));
        assert_eq!(profiles_of(file, &text, strict()), is, "{file} {part:?}");
    }
}

/// If the beginning is half-width, the first other character determines the encoding.
#[test]
fn encoding_is_detected_from_a_late_character() {
    let mut text = "id,name,employees\n".to_owned();
    for number in 0..9_000 {
        text += &format!("E{number},plain,{}\n", number % 7);
    }
    for shift in 0..4 {
        let text = format!("{text}E{},{},5\n", "9".repeat(shift + 5), "上海徐汇某某信息科技有限公司");
        for bytes in [text.as_bytes().to_vec(), GB18030.encode(&text).0.into_owned()] {
            let read = profiles_of("t.csv", bytes, strict());
            assert_eq!(read.last().unwrap().name.as_deref(), Some("上海徐汇某某信息科技有限公司"));
        }
    }
    // The first block may end inside a character.
    for pad in (1 << 16) - 70..(1 << 16) {
        let head = "id,name\n";
        let filler = "E".repeat(pad - head.len() - 2);
        let text = format!("{head}E,{filler}汇\n");
        let name = format!("{filler}汇");
        assert_eq!(profiles_of("t.csv", &text, strict())[0].name.as_deref(), Some(name.as_str()), "{pad}");
    }
}

/// An id with invisible characters, or without a length limit, rejects its row by name; a credit code is recognised
/// in any notation.
#[test]
fn ids_contain_no_invisible_characters() {
    let long = "E".repeat(201);
    let text = format!("id,employees\nE\u{202e}1,1\n{long},2\n91310104ma1fr000x6,3\n");
    let rows = rows_of("t.csv", &text, strict());
    assert_eq!(rows.profiles().iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["91310104MA1FR000X6"]);
    assert_eq!(rows.rejects.len(), 2);
    assert!(rows.rejects[0].reason.contains("U+202E") && rows.rejects[1].reason.contains("至多 200 个"));
}

/// An amount is the same to the last digit from CSV and from JSON.
#[test]
fn an_amount_is_the_same_from_every_form() {
    let csv = profiles_of("t.csv", "id,revenue.2025\nE,90071992547409.93\n", strict());
    let json = "{\"id\":\"E\",\"facts\":{\"revenue\":{\"2025\":90071992547409.93}}}\n";
    let lines = profiles_of("t.jsonl", json, strict());
    assert_eq!(csv, lines);
    assert!(csv[0].json_text().contains("90071992547409.93"));
}

#[test]
fn finds_files() {
    let folder = Folder::new();
    let row = |id: &str| format!("id,employees\n{id},1\n");
    folder.write("in/b.csv", row("B"));
    folder.write("in/a.csv", row("A"));
    folder.write("in/deep/c.jsonl", "{\"id\":\"C\",\"facts\":{\"employees\":1}}\n");
    folder.write("in/notes.txt", "不是表");
    folder.write("in/_SUCCESS", "");
    folder.write("in/.b.csv.crc", "x");
    folder.write("in/_temporary/d.csv", row("D"));
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.path("in"), folder.path("in/deep/up")).unwrap();
    let ids = |paths: &[PathBuf]| -> Vec<String> {
        let enterprises = Enterprises::open(paths, TableOptions::default(), dictionary()).unwrap();
        all(&enterprises).unwrap().accepted.into_iter().map(|row| row.id).collect()
    };
    assert_eq!(ids(&[folder.path("in")]), ["A", "B", "C"]);
    assert_eq!(ids(&[folder.path("in/*.csv")]), ["A", "B"]);
    assert_eq!(ids(&[folder.path("in/b.csv"), folder.path("in/a.csv")]), ["B", "A"]);
    for (path, says) in [
        ("in/x.csv", "in/x.csv：没有这个文件"),
        ("in/x*.csv", "in/x*.csv：没有符合的文件"),
        ("in/_temporary/x", "没有这个文件"),
    ] {
        let error = opened(&folder.path(path), TableOptions::default()).unwrap_err();
        assert!(error.ends_with(says), "{error}");
    }
    std::fs::create_dir(folder.path("empty")).unwrap();
    let error = opened(&folder.path("empty"), TableOptions::default()).unwrap_err();
    assert!(error.contains("empty：目录里没有企业表"), "{error}");
    folder.write("in/z.csv", "名称,人数\n甲,1\n");
    let error = opened(&folder.path("in"), TableOptions::default()).unwrap_err();
    assert!(error.contains("z.csv：没有 id 列"), "{error}");
}

#[test]
fn reads_standard_input() {
    for text in [TABLE.as_bytes(), LINES.as_bytes()] {
        let mut stdin = text;
        let enterprises = Enterprises::open_with(&["-".into()], strict(), dictionary(), &mut stdin).unwrap();
        assert_eq!(enterprises.inputs()[0].name, "-");
        assert_eq!(enterprises.inputs()[0].bytes, text.len() as u64);
        let rows = all(&enterprises).unwrap();
        assert_eq!(rows.profiles(), expected());
        enterprises.unchanged().unwrap();
    }
    let mut stdin = "id,employees\nE1,甲\n".as_bytes();
    let enterprises = Enterprises::open_with(&["-".into()], strict(), dictionary(), &mut stdin).unwrap();
    assert_eq!(all(&enterprises).unwrap().rejects[0].file, "-");
    let mut stdin = "name,employees\nE1,甲\n".as_bytes();
    let error = Enterprises::open_with(&["-".into()], strict(), dictionary(), &mut stdin).unwrap_err();
    assert_eq!(
        error.to_string(),
        "-：没有 id 列（或“统一社会信用代码”），无法识别企业；表头读作 2 列：“name”、“employees”"
    );
}

#[test]
fn chunks_are_of_one_file_and_in_order() {
    let folder = Folder::new();
    let text = |from: usize, to: usize| {
        let rows: String = (from..to).map(|n| format!("E{n:03},{n}\n")).collect();
        format!("id,employees\n{rows}")
    };
    let lines = |from: usize, to: usize| -> String {
        (from..to).map(|n| format!("{{\"id\":\"E{n:03}\",\"facts\":{{\"employees\":{n}}}}}\n")).collect()
    };
    folder.write("in/a.csv", text(0, 25));
    folder.write("in/b.csv", text(25, 25));
    folder.write("in/c.jsonl", lines(25, 33));
    folder.write("in/d.json", format!("[{}]", lines(33, 50).trim().replace('\n', ",\n")));
    for (size, lengths) in [(10, vec![10, 10, 5, 8, 10, 7]), (1, vec![1; 50]), (100, vec![25, 8, 17])] {
        let enterprises = open(&folder.path("in"), by_rows(size));
        let chunks: Vec<_> = enterprises.chunks().map(Result::unwrap).collect();
        assert_eq!(chunks.iter().map(zhaoren_push::table::Chunk::len).collect::<Vec<_>>(), lengths);
        let read: Vec<_> = chunks.iter().map(|chunk| enterprises.read(chunk)).collect();
        let ids: Vec<String> =
            read.iter().flat_map(|rows| &rows.accepted).map(|row| row.id.clone()).collect();
        assert_eq!(ids, (0..50).map(|n| format!("E{n:03}")).collect::<Vec<_>>());
        // Each row names its file and its position there.
        let last = read.last().unwrap();
        assert_eq!((last.file, last.accepted.last().unwrap().row), (3, 17));
        assert_eq!((read[0].file, read[0].accepted[0].row), (0, 2));
    }
}

#[test]
fn unused_columns_are_reported_once() {
    let folder = Folder::new();
    folder.write("in/a.csv", "id,employees,备注,revenue,employees.2025,\nE1,1,x,,,\n");
    folder.write("in/b.csv", "id,employees,备注,\nE2,1,y,\n");
    let enterprises = open(&folder.path("in"), TableOptions::default());
    let warnings: Vec<&str> =
        enterprises.warnings().iter().map(|line| line.rsplit_once("：").unwrap().1).collect();
    assert_eq!(
        warnings,
        [
            "列“备注”不是已知的指标，未使用",
            "列“revenue”是按年度的指标，列名要带年度，如 revenue.2025，未使用",
            "列“employees.2025”不是按年度的指标，列名不应带年度，未使用",
        ]
    );
    assert_eq!(all(&enterprises).unwrap().accepted.len(), 2);
    let error = opened(&folder.path("in"), strict()).unwrap_err();
    assert!(error.contains("a.csv：列“备注”不是已知的指标"), "{error}");
    // Facts of a profile in JSON pass the same checks.
    let line = "{\"id\":\"E1\",\"facts\":{\"employes\":3}}";
    assert_eq!(rows_of("t.jsonl", line, TableOptions::default()).accepted.len(), 1);
    assert_eq!(
        rejects(&rows_of("t.jsonl", line, strict())),
        ["1 facts.employes [3] 没有“employes”这项指标，是否为“employees”"]
    );
}

#[test]
fn the_id_and_the_name() {
    // The credit code is the id if there is no other, and remains a fact.
    let read = profiles_of("t.csv", "统一社会信用代码,企业名称\n91310104MA1FR000X6,甲\n", strict());
    assert_eq!(read[0].name.as_deref(), Some("甲"));
    assert_eq!(
        read,
        [profile(r#"{"id":"91310104MA1FR000X6","name":"甲","facts":{"uscc":"91310104MA1FR000X6"}}"#)]
    );
    let read = profiles_of("t.csv", "uscc,id,name,单位名称\nX,E1,甲,乙\n", strict());
    assert_eq!(read, [profile(r#"{"id":"E1","name":"甲","facts":{"uscc":"X","name":"乙"}}"#)]);
    let rows = rows_of("t.csv", "id,employees\n ,5\nE2,甲\n", strict());
    assert_eq!(rejects(&rows), ["2 id [] 缺少企业标识（id）", "3 employees [甲] 应为整数"]);
    assert_eq!(rows.rejects[1].id, "E2");
    for (headers, says) in [
        ("id,id", "第 2 列“id”与第 1 列“id”说的是同一项，只能有一列"),
        ("id,employees,从业人数", "第 3 列“从业人数”与第 2 列“employees”说的是同一项，只能有一列"),
        ("id,x,revenue.2025,营业收入.2025", "第 4 列“营业收入.2025”与第 3 列“revenue.2025”说的是同一项"),
        ("id,qualifications,资质", "第 3 列“资质”与第 2 列“qualifications”说的是同一项"),
        ("employees,name", "没有 id 列"),
    ] {
        let folder = Folder::new();
        let error = opened(&folder.write("t.csv", headers), TableOptions::default()).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
    // Other columns may repeat, and years may differ.
    let text = "id,备注,备注,revenue.2024,revenue.2025\nE1,x,y,1,2\n";
    assert_eq!(
        profiles_of("t.csv", text, TableOptions::default()),
        [facts("E1", r#"{"revenue":{"2024":1,"2025":2}}"#)]
    );
}

#[test]
fn empty_files_have_no_rows() {
    for (name, text, warned) in [
        ("t.csv", "", true),
        ("t.csv", "\n\n", true),
        ("t.csv", "\u{feff}", true),
        ("t.csv", "id,employees\n", false),
        ("t.csv", "id,employees", false),
        ("t.jsonl", "", false),
        ("t.jsonl", "\n \n", false),
        ("t.json", "[]", false),
        ("t.json", "{\"profiles\":[]}", false),
    ] {
        let folder = Folder::new();
        let enterprises = open(&folder.write(name, text), strict());
        assert_eq!(all(&enterprises).unwrap(), zhaoren_push::table::Rows::default(), "{name} {text:?}");
        assert_eq!(!enterprises.warnings().is_empty(), warned, "{name} {text:?}");
    }
    for name in ["t.parquet", "t.xlsx", "t.json"] {
        let folder = Folder::new();
        let path = folder.write(name, "");
        let error = opened(&path, strict()).and_then(|opened| all(&opened).map(|_| ())).unwrap_err();
        assert!(error.contains(name), "{error}");
    }
    let folder = Folder::new();
    let error = opened(&folder.write("t.bin", [0, 1, 2, 0, 0, 0, 9]), strict()).unwrap_err();
    assert!(error.contains("不是文本文件，也不是认得的表格"), "{error}");
}

#[test]
fn the_same_bytes_have_the_same_digest() {
    let folder = Folder::new();
    let enterprises = open(&folder.write("t.csv", "id\nE1\n"), strict());
    let input = &enterprises.inputs()[0];
    assert_eq!(input.bytes, 6);
    assert_eq!(input.sha256, "9c18b270f03ac9acdc6dedffc559e61de51dd425a6e40a0de3358609364da230");
}
