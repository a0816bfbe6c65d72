//! Files are read back by the readers of the project: no word is lost, hostile text is text, the same paper gives the same bytes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use zhaoren_office::{Block, Paper, Sheet, Workbook};

const HOSTILE: [&str; 6] =
    ["=cmd|' /C calc'!A0", "<w:p>&amp;\"]]>", "a\u{0}b\u{1f}c", "_x0041_", "\u{202e}倒", "𠮷野家\u{fffe}"];

fn paper() -> Paper {
    let words = |text: &str| text.to_owned();
    let mut blocks = vec![
        Block::Heading(1, words("现在可以办")),
        Block::Text(words("甲补贴")),
        Block::List(vec![words("营业执照"), words("承诺书")]),
        Block::Ticks(vec![words("上年度研发费用？")]),
        Block::Table {
            widths: vec![3, 1],
            head: vec![words("事项"), words("金额")],
            rows: vec![vec![words("乙奖励"), words("最高10万元")], vec![words("丙")]],
        },
        Block::PageBreak,
    ];
    blocks.extend(HOSTILE.map(|text| Block::Note(text.to_owned())));
    Paper { title: words("服务包"), header: words("示例"), blocks }
}

#[test]
fn a_paper_is_read_back_word_for_word() {
    let bytes = paper().docx().unwrap();
    assert_eq!(bytes, paper().docx().unwrap());
    let read = zhaoren_document::read(&bytes, &zhaoren_document::Limits::IMPORT).unwrap();
    let text = read.text();
    let text = format!("{text:?}");
    for word in [
        "服务包",
        "现在可以办",
        "甲补贴",
        "营业执照",
        "□ 上年度研发费用？",
        "乙奖励",
        "最高10万元",
        "=cmd",
        "倒",
        "𠮷野家",
    ] {
        assert!(text.contains(word), "{word} in {text}");
    }
}

#[test]
fn a_workbook_is_read_back_cell_for_cell() {
    let sheet = Sheet {
        name: "事项".to_owned(),
        head: vec![("事项".to_owned(), 30), ("金额".to_owned(), 12)],
        rows: HOSTILE.iter().map(|text| vec![(*text).to_owned(), "1".to_owned()]).collect(),
    };
    let book = Workbook { sheets: vec![sheet.clone(), sheet] };
    let bytes = book.xlsx().unwrap();
    assert_eq!(bytes, book.xlsx().unwrap());
    let read = zhaoren_document::read(&bytes, &zhaoren_document::Limits::IMPORT).unwrap();
    let text = format!("{:?}", read.text());
    for word in ["事项", "=cmd", "_x0041_", "𠮷野家"] {
        assert!(text.contains(word), "{word} in {text}");
    }
}
