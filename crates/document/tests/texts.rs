//! Plain text and Markdown.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot make its input has failed")]

use crate::package;

use package::lines;
use zhaoren_document::{Block, Document, Form, Limits, Origin, Refusal, Role, read};

fn text(bytes: &[u8]) -> Document {
    read(bytes, &Limits::IMPORT).unwrap()
}

#[test]
fn markdown_marks_are_not_text() {
    let document = text(
        "# 某局关于印发办法的通知\n\n**某科规〔2025〕3号**\n\n各单位：\n\n## 某办法 ##\n\n第一条 奖励**50万元**，见下表。\n\n\
         | 类别 | 金额 |\n|------|:---:|\n| 甲 | 1 |\n| 乙 |\n\n- 甲项\n---\n第二条 完。\n"
            .as_bytes(),
    );
    assert_eq!(
        lines(&document),
        [
            "某局关于印发办法的通知",
            "某科规〔2025〕3号",
            "各单位：",
            "某办法",
            "第一条 奖励50万元，见下表。",
            "类别|金额",
            "甲|1",
            "乙|",
            "甲项",
            "第二条 完。"
        ]
    );
    assert!(matches!(&document.blocks[0], Block::Paragraph(one) if one.role == Role::Title));
    assert!(matches!(&document.blocks[3], Block::Paragraph(one) if one.role == Role::Heading(2)));
}

#[test]
fn underlined_headings_and_links_of_markdown() {
    let document =
        text("某办法\n======\n\n总则\n---\n见[申报表](./a.docx)和[网站](https://a.example/b)。\n".as_bytes());
    assert_eq!(lines(&document), ["某办法", "总则", "见申报表和网站。"]);
    assert_eq!(document.annexes, [("申报表".to_owned(), "./a.docx".to_owned())]);
    assert_eq!(document.title.as_deref(), Some("某办法"));
}

#[test]
fn stray_marks_do_not_make_markdown() {
    let document = text("第一条 按5**2计算，A|B两类；\n#注：*号为必填。\n".as_bytes());
    assert_eq!(lines(&document), ["第一条 按5**2计算，A|B两类；", "#注：*号为必填。"]);
}

#[test]
fn each_run_maps_to_its_bytes() {
    let words = "某市办法\r\n  第一条 奖励50万元。";
    let (bytes, ..) = encoding_rs::GBK.encode(words);
    let document = text(&bytes);
    let canonical = document.text();
    assert_eq!(canonical.text, "某市办法\n第一条 奖励50万元。\n");
    let Some(Origin::Bytes(place)) = canonical.origin(canonical.text.find("奖励").unwrap()) else {
        panic!("no place")
    };
    assert_eq!(encoding_rs::GBK.decode(&bytes[place.clone()]).0, "第一条 奖励50万元。");
}

#[test]
fn format_is_detected_from_content() {
    let small = Limits { file: 3, ..Limits::IMPORT };
    assert!(matches!(read(b"abcd", &small), Err(Refusal::Bomb { .. })));
    for (bytes, form) in [
        (
            &b"\xef\xbb\xbf\n <!-- a --><!DOCTYPE html><html><body><p>\xe7\x94\xb2</p></body></html>"[..],
            Form::Html,
        ),
        (b"<?xml version='1.0'?><html><body>a</body></html>", Form::Html),
        ("面积<1000平方米，收入>5万元。".as_bytes(), Form::Text),
        (b"PK is no archive", Form::Text),
        ("<p>甲</p><p class=a>乙</p>".as_bytes(), Form::Html),
        ("<面积>不足</面积>的，不予支持。".as_bytes(), Form::Text),
        ("# 甲\n\n乙".as_bytes(), Form::Markdown),
        (b"MZ is no program", Form::Text),
    ] {
        assert_eq!(text(bytes).form, form, "{}", String::from_utf8_lossy(bytes));
    }
    let utf16: Vec<u8> =
        "<html><body><p>甲乙丙丁</p></body></html>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(text(&utf16).form, Form::Html);
    assert_eq!(read(b" \r\n", &Limits::IMPORT), Err(Refusal::Empty));
    assert_eq!(read(b"", &Limits::IMPORT), Err(Refusal::Empty));
    for (bytes, word) in [
        (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], "JPEG"),
        (b"Rar!\x1a\x07\x01\0", "RAR"),
        (b"MZ\x90\0\x03\0\0\0", "程序"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=a\r\n\r\n--a\r\n", "没有网页"),
        (b"<?xml version='1.0'?><?mso-application progid='Word.Document'?><w:wordDocument/>", "Word XML"),
        (b"<?xml version='1.0'?><a>1</a>", "XML 数据"),
        (&[0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7], "不是文字"),
    ] {
        let refusal = read(bytes, &Limits::IMPORT).unwrap_err();
        assert!(refusal.to_string().contains(word), "{refusal}");
    }
}
