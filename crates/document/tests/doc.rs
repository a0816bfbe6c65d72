//! Word 97 documents: those with traps, and bounds of the work.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crate::index::{self, shape};
use crate::word_file;

use word_file::{Word, byte, long, row};
use zhaoren_document::{Document, Limits, Refusal};

#[test]
fn files_match_their_index() {
    index::score_own("doc.jsonl");
}

#[test]
fn official_texts_match_their_index() {
    index::score_beside(|name| matches!(name, "doc-libreoffice.doc" | "wps-libreoffice.wps"));
}

#[test]
fn prefixes_and_changed_bytes_never_panic() {
    for file in ["doc-numbering.doc", "doc-tracked.doc", "doc-notes-header.doc"] {
        index::bear_damage(file, 13);
    }
    index::bear_damage("docx-is-ole2.docx", 41);
}

#[test]
fn encrypted_documents_are_refused_by_name() {
    let mut bytes = file("doc-numbering.doc");
    let head = find(&bytes, &[0xEC, 0xA5]);
    if let Some(flags) = bytes.get_mut(head + 0x0B) {
        *flags |= 1;
    }
    assert_eq!(zhaoren_document::read(&bytes, &Limits::IMPORT), Err(Refusal::Encrypted));
}

#[test]
fn counts_beyond_the_text_are_reported_as_truncated() {
    let mut bytes = file("doc-numbering.doc");
    let count = find(&bytes, &[0xEC, 0xA5]) + 0x4C;
    bytes.splice(count..count + 4, 9_999_999u32.to_le_bytes());
    assert!(matches!(zhaoren_document::read(&bytes, &Limits::IMPORT), Err(Refusal::Truncated(_))));
}

#[test]
fn older_versions_are_named() {
    let mut bytes = file("doc-numbering.doc");
    let version = find(&bytes, &[0xEC, 0xA5]) + 2;
    bytes.splice(version..version + 2, 104u16.to_le_bytes());
    assert!(matches!(zhaoren_document::read(&bytes, &Limits::IMPORT), Err(Refusal::UnknownForm(_))));
}

/// A file of `tests/files`.
fn file(name: &str) -> Vec<u8> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    std::fs::read(folder.join(name)).expect("the file is in the repository")
}

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|window| window == wanted).expect("the bytes are in the file")
}

#[test]
fn the_same_policy_in_three_forms_gives_the_same_text() {
    let text = |name: &str| {
        let document = zhaoren_document::read(&file(name), &Limits::IMPORT).expect("the file is sound");
        document.text().text.split_whitespace().collect::<String>()
    };
    assert_eq!(text("docx-is-ole2.docx"), text("doc-is-rtf.doc"));
    assert_eq!(text("docx-is-ole2.docx"), text("ofd-policy.ofd"));
}

fn read(word: &Word) -> Document {
    zhaoren_document::read(&word.file(), &Limits::IMPORT).expect("the file is sound")
}

const IN_TABLE: [u8; 3] = [0x16, 0x24, 1];
const DELETED: [u8; 3] = [0x00, 0x08, 1];
const HIDDEN: [u8; 3] = [0x3C, 0x08, 1];
const SPECIAL: [u8; 3] = [0x55, 0x08, 1];

#[test]
fn merged_cells_are_spans_of_the_grid() {
    let mut word = Word::default();
    let cells = |word: &mut Word, texts: &[&str], end: &[u8]| {
        for text in texts {
            word.end(&format!("{text}\u{7}"), &IN_TABLE);
        }
        word.end("\u{7}", end);
    };
    cells(&mut word, &["类别", "金额"], &row(&[0, 1000, 3000], &[0x60, 0]));
    cells(&mut word, &["", "最低", "最高"], &row(&[0, 1000, 2000, 3000], &[0x20, 0, 0]));
    cells(&mut word, &["一类", "面议", ""], &row(&[0, 1000, 2000, 3000], &[0, 1, 2]));
    word.end("后文\r", &[]);
    let document = read(&word);
    assert_eq!(document.text().text, "类别 | 金额 | \n | 最低 | 最高\n一类 | 面议 | \n后文\n");
    let expected = [
        vec![Some((1, 2)), Some((2, 1)), None],
        vec![None, Some((1, 1)), Some((1, 1))],
        vec![Some((1, 1)), Some((2, 1)), None],
    ];
    assert_eq!(shape(&document), expected);
}

#[test]
fn a_table_in_a_cell_is_a_table_in_a_table() {
    let inner = |properties: Vec<u8>| [IN_TABLE.to_vec(), long(0x6649, 2), properties].concat();
    let mut word = Word::default();
    word.end("外\r", &IN_TABLE);
    word.end("内一\r", &inner(byte(0x244B, 1))).end("内二\r", &inner(byte(0x244B, 1)));
    word.end("\r", &inner(byte(0x244C, 1)));
    word.end("\u{7}", &IN_TABLE).end("右\u{7}", &IN_TABLE).end("\u{7}", &row(&[0, 1000, 2000], &[0, 0]));
    word.end("完\r", &[]);
    assert_eq!(read(&word).text().text, "外 | 右\n内一 | 内二\n\n完\n");
}

#[test]
fn long_rows_keep_their_own_shape() {
    let apart = row(&[0, 1000, 3000], &[0, 0]);
    let mut word = Word::default();
    word.data = [&u16::try_from(apart.len()).expect("it is short").to_le_bytes()[..], &apart].concat();
    word.end("甲\u{7}", &IN_TABLE).end("乙\u{7}", &IN_TABLE).end("\u{7}", &long(0x6646, 0));
    word.end("丙\u{7}", &IN_TABLE).end("丁\u{7}", &IN_TABLE).end("戊\u{7}", &IN_TABLE);
    word.end("\u{7}", &row(&[0, 1000, 2000, 3000], &[0, 0, 0]));
    let document = read(&word);
    assert_eq!(shape(&document), [vec![Some((1, 1)), Some((2, 1)), None], vec![Some((1, 1)); 3]]);
}

#[test]
fn deleted_and_hidden_text_is_dropped_and_paragraphs_are_joined() {
    let mut word = Word::default();
    word.run("第一条 最高", &[])
        .run("100", &DELETED)
        .run("200万元，", &[])
        .run("\r", &DELETED)
        .paragraph(&[]);
    word.end("按年拨付。\r", &[]);
    word.run("内部掌握", &HIDDEN).end("第二条 公开。\r", &[]);
    word.run("废止的行\u{7}", &DELETED).paragraph(&IN_TABLE).end("\u{7}", &row(&[0, 1000], &[0]));
    word.end("留下的行\u{7}", &IN_TABLE).end("\u{7}", &row(&[0, 1000], &[0]));
    assert_eq!(read(&word).text().text, "第一条 最高200万元，按年拨付。\n第二条 公开。\n留下的行\n");
}

#[test]
fn fields_and_special_characters_are_read_as_displayed() {
    let mut word = Word::default();
    word.end("见\u{13} HYPERLINK \"x\" \u{14}附件\u{15}。\u{13}eq \\o\\ac(○,2)\u{15}一\u{b}二\u{1e}三\u{1f}四\u{a0}五\r", &[]);
    word.run("(", &[SPECIAL.to_vec(), long(0x6A09, 0xF0FE_0000)].concat()).end("已选(未选)\r", &[]);
    word.run("(", &[SPECIAL.to_vec(), long(0x6A09, 0xF021_0000)].concat()).end("标记\r", &[]);
    let document = read(&word);
    assert_eq!(document.text().text, "见附件。②一\n二-三四 五\n☑已选(未选)\n标记\n");
    assert_eq!(document.remarks, ["有 1 个符号字体的字符无法识别，未读取"]);
}

#[test]
fn notes_and_boxes_are_kept_without_headers_and_comments() {
    let mut word = Word::default();
    word.run("营业收入", &[]).run("\u{2}", &SPECIAL).run("不低于100万元", &[]).run("\u{2}", &DELETED);
    word.run("\u{2}\u{2}", &SPECIAL).end("。\r", &[]);
    let parts = [
        "\u{2} 以报表为准。\r\u{2}已删。\r\u{2}第二注。\r",
        "页眉\r",
        "批注\r",
        "\u{2}尾注。\r",
        "窗口在三楼\r",
    ];
    for (part, count) in parts.into_iter().zip(0..) {
        let from = word.len();
        word.end(part, &[]);
        word.after[count] = word.len() - from;
    }
    let plc = |places: &[u32], data: &[u16]| {
        let places = places.iter().flat_map(|place| place.to_le_bytes());
        places.chain(data.iter().flat_map(|data| data.to_le_bytes())).collect::<Vec<u8>>()
    };
    word.places = vec![
        (2, plc(&[4, 13, 14, 99], &[1, 1, 1])),
        (3, plc(&[0, 9, 14, 20, 20], &[])),
        (46, plc(&[15, 99], &[1])),
        (47, plc(&[0, 5, 5], &[])),
    ];
    let document = read(&word);
    let text = "营业收入[1]不低于100万元[2][i]。\n窗口在三楼\n[1]以报表为准。\n[2]第二注。\n[i]尾注。\n";
    assert_eq!(document.text().text, text, "{:?}", document.notes);
    assert_eq!(document.remarks, ["有文本框找不到所在的段落，其文字列在正文之后"]);
}

#[test]
fn text_boxes_follow_their_anchor_paragraph() {
    let mut word = Word::default();
    word.end("甲\u{8}\u{8}乙\r", &[]).end("正文\r", &[]);
    let from = word.len();
    word.end("云溪区文件\r", &[]).end("第二框\r", &[]).end("\r", &[]);
    word.after[4] = word.len() - from;
    let shape = |id: u32| [&id.to_le_bytes()[..], &[0; 22]].concat();
    let text = |id: u32| [&[0; 14][..], &id.to_le_bytes(), &[0; 4]].concat();
    let numbers =
        |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    // The shapes lie in another order than their texts; the last text is empty.
    word.places = vec![
        (40, [numbers(&[1, 2, 9]), shape(1026), shape(1025)].concat()),
        (56, [numbers(&[0, 6, 10, 11]), text(1025), text(1026), text(0)].concat()),
    ];
    let document = read(&word);
    assert_eq!(document.text().text, "甲乙\n第二框\n云溪区文件\n正文\n");
    assert!(document.remarks.is_empty(), "{:?}", document.remarks);
}

#[test]
fn work_grows_with_the_text() {
    index::grow(|count| {
        let mut word = Word::default();
        for _ in 0..count / 20 {
            word.run("第一条 ", &[]).run("暗字", &HIDDEN).end("内容。\r", &[]);
            word.end("甲\u{7}", &IN_TABLE).end("\u{7}", &row(&[0, 1000], &[0]));
        }
        word.file()
    });
}
