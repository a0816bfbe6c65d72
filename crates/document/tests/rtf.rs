//! RTF files: those with traps, and bounds of the work.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use crate::index::{self, shape};

use zhaoren_document::{Block, Document, Limits, Origin, Refusal};

#[test]
fn files_match_their_index() {
    index::score_own("rtf.jsonl");
}

/// The text and remarks of an RTF body.
fn read(body: &str) -> Document {
    let file =
        format!("{{\\rtf1\\ansi\\ansicpg936\\uc1{{\\fonttbl{{\\f0\\fcharset134 x;}}}}{}}}", unicode(body));
    zhaoren_document::read(file.as_bytes(), &Limits::IMPORT).expect("the file is sound")
}

/// A text with `\uN?` for what is not ASCII.
fn unicode(text: &str) -> String {
    let mut result = String::new();
    for character in text.chars() {
        if character.is_ascii() {
            result.push(character);
        } else {
            let mut buffer = [0; 2];
            for unit in character.encode_utf16(&mut buffer) {
                result.push_str(&format!("\\u{}?", unit.cast_signed()));
            }
        }
    }
    result
}

#[test]
fn merged_cells_are_spans_of_the_grid() {
    let document = read(concat!(
        "\\trowd\\clvmgf\\cellx1000\\clmgf\\cellx2000\\clmrg\\cellx3000\\intbl 类别\\cell 金额\\cell\\cell\\row\n",
        "\\trowd\\clvmrg\\cellx1000\\cellx2000\\cellx3000\\intbl\\cell 最低\\cell 最高\\cell\\row\n",
        "\\trowd\\cellx1000\\cellx3000\\intbl 一类\\cell 面议\\cell\\row\\pard 后文\\par",
    ));
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
    let document = read(concat!(
        "\\trowd\\cellx2000\\cellx4000\\pard\\intbl 外\\par\\pard\\intbl\\itap2 内一\\nestcell 内二\\nestcell",
        "{\\*\\nesttableprops\\trowd\\cellx500\\cellx900\\nestrow}{\\nonesttables\\par}",
        "\\pard\\intbl\\cell 右\\cell\\row\\pard 完\\par",
    ));
    let Some(Block::Table(outer)) = document.blocks.first() else { unreachable!("{document:?}") };
    assert_eq!(outer.rows.len(), 1);
    assert_eq!(document.text().text, "外 | 右\n内一 | 内二\n\n完\n");
}

#[test]
fn deleted_marks_join_paragraphs_and_hidden_text_is_left_out() {
    let document = read(concat!(
        "第一条 最高{\\deleted 100}{\\revised 200}万元，{\\deleted\\par}按年拨付。\\par ",
        "{\\v 内部\\par}\\v 掌握\\v0 第二条 公开。\\plain\\par",
    ));
    assert_eq!(document.text().text, "第一条 最高200万元，按年拨付。\n第二条 公开。\n");
}

#[test]
fn numbers_notes_and_boxes_stay_outside_the_sentence() {
    let document = read(concat!(
        "{\\listtext\\pard\\plain 第一条\\tab}\\ls1 营业收入{\\super\\chftn}{\\footnote\\pard\\chftn 以报表为准。}",
        "不低于100万元{\\shp{\\*\\shpinst\\shpleft1{\\sp{\\sn x}{\\sv 9}}{\\shptxt\\pard 窗口在三楼\\par}}",
        "{\\shprslt{\\*\\do{\\dptxbx{\\dptxbxtext 窗口在三楼\\par}}}}}。\\par\\pard 完\\par",
    ));
    assert_eq!(document.text().text, "第一条 营业收入[1]不低于100万元。\n窗口在三楼\n完\n[1]以报表为准。\n");
    assert!(document.remarks.is_empty(), "{:?}", document.remarks);
    let lost = read("\\pard\\ls3 落户奖励\\par\\pard 完\\par");
    assert_eq!(lost.remarks, ["有 1 段的自动编号没有存成文字，编号未读取"]);
}

#[test]
fn implicit_numbers_are_counted() {
    let level = |format: u8, text: &str| {
        format!(
            "{{\\listlevel\\levelnfc{format}\\levelstartat1\\levelfollow2{{\\leveltext{text};}}{{\\levelnumbers\\'01;}}}}"
        )
    };
    let levels = level(39, "\\'03第\\'00条") + &level(39, "\\'03（\\'01）") + &level(23, "\\'01\\u-3913 ?");
    let tables = format!(
        "{{\\*\\listtable{{\\list{levels}\\listid77}}}}{{\\*\\listoverridetable{{\\listoverride\\listid77\\listoverridecount0\\ls2}}}}"
    );
    let paragraph = |level: u8, text: &str| format!("\\pard\\ls2\\ilvl{level} {text}\\par");
    let body = [(0, "甲"), (1, "乙"), (1, "丙"), (2, "丁"), (0, "戊"), (1, "己")]
        .map(|(level, text)| paragraph(level, text));
    let document = read(&(tables + &body.concat()));
    assert_eq!(document.text().text, "第一条 甲\n（一） 乙\n（二） 丙\n丁\n第二条 戊\n（一） 己\n");
    assert!(document.remarks.is_empty(), "{:?}", document.remarks);
}

#[test]
fn fallbacks_of_every_length_are_skipped() {
    let document = zhaoren_document::read(
        b"{\\rtf1\\uc2\\u31532\\'b5\\'da{\\uc0\\u19968}\\u26465??\\uc1 \\u-10176?\\u-9060?x\\par}",
        &Limits::IMPORT,
    );
    assert_eq!(document.map(|document| document.text().text), Ok("第一条𠂜x\n".to_owned()));
}

#[test]
fn locations_give_the_bytes() {
    let file = b"{\\rtf1\\ansicpg936 ABC\\par \\'b5\\'da 2\\par}";
    let document = zhaoren_document::read(file, &Limits::IMPORT).expect("the file is sound");
    let text = document.text();
    let at = text.text.find('第').expect("it was read");
    let Some(Origin::Bytes(range)) = text.origin(at) else { unreachable!("{text:?}") };
    assert_eq!(file.get(range.clone()), Some(&b"\\'b5\\'da 2"[..]));
}

#[test]
fn refusals_state_their_reason() {
    let read = |text: &str| {
        zhaoren_document::read(text.as_bytes(), &Limits::IMPORT).map(|document| document.text().text)
    };
    assert!(matches!(read("{\\rtf1 第一条"), Err(Refusal::Truncated(_))));
    assert_eq!(read("{\\rtf1\\pard\\par}"), Err(Refusal::Empty));
    assert_eq!(read("{\\rtf1{\\pict\\wmetafile8 0100}\\par}"), Err(Refusal::Scan));
    let deep = format!("{{\\rtf1{}x", "{".repeat(1_000_000));
    assert!(matches!(read(&deep), Err(Refusal::Bomb { .. })));
}

#[test]
fn prefixes_and_changed_bytes_never_panic() {
    index::bear_damage("rtf-gbk-hex.rtf", 2);
}

#[test]
fn work_grows_with_the_text() {
    let unit = "\\pard\\'b5\\'da 1 {\\v x}\\u31532?\\par\\trowd\\cellx9\\cellx99\\intbl a\\cell b\\cell\\row";
    index::grow(|count| format!("{{\\rtf1\\ansicpg936 {}}}", unit.repeat(count)).into_bytes());
    index::grow(|count| {
        format!("{{\\rtf1 {}x{}}}", "{\\b ".repeat(count / 10), "}".repeat(count / 10)).into_bytes()
    });
    index::grow(|count| format!("{{\\rtf1 {}x\\par}}", "\\u31532?".repeat(count)).into_bytes());
}
