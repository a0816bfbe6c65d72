//! DOCX: numbers, merged cells, changes, fields and what is anchored in the text.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot make its input has failed")]

use crate::package;

use package::{docx, lines};
use zhaoren_document::{Block, Limits, Origin, Refusal, Role, read};

fn shown(body: &str, beside: &[(&str, &str)]) -> Vec<String> {
    lines(&read(&docx(body, beside), &Limits::IMPORT).unwrap())
}

fn p(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

fn numbered(list: u32, level: u32, text: &str) -> String {
    format!(
        "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{list}\"/></w:numPr></w:pPr>\
         <w:r><w:t>{text}</w:t></w:r></w:p>"
    )
}

fn level(place: u32, format: &str, pattern: &str, more: &str) -> String {
    format!(
        "<w:lvl w:ilvl=\"{place}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{format}\"/>{more}\
         <w:lvlText w:val=\"{pattern}\"/></w:lvl>"
    )
}

fn numbering(levels: &str, lists: &str) -> String {
    format!(
        "<w:numbering xmlns:w=\"w\"><w:abstractNum w:abstractNumId=\"7\">{levels}</w:abstractNum>{lists}</w:numbering>"
    )
}

const LIST: &str = "<w:num w:numId=\"1\"><w:abstractNumId w:val=\"7\"/></w:num>";

#[test]
fn deeper_levels_restart_below_each_number() {
    let levels = level(0, "chineseCounting", "%1、", "")
        + &level(1, "chineseCounting", "（%2）", "")
        + &level(2, "decimal", "%1.%2.%3", "<w:isLgl/>");
    let numbering = numbering(&levels, LIST);
    let body = [
        numbered(1, 0, "甲"),
        numbered(1, 1, "乙"),
        numbered(1, 1, "丙"),
        numbered(1, 0, "丁"),
        numbered(1, 1, "戊"),
        numbered(1, 2, "己"),
    ];
    assert_eq!(
        shown(&body.concat(), &[("word/numbering.xml", &numbering)]),
        ["一、 甲", "（一） 乙", "（二） 丙", "二、 丁", "（一） 戊", "2.1.1 己"]
    );
}

#[test]
fn lists_of_one_definition_continue_unless_restarted() {
    let lists = format!(
        "{LIST}<w:num w:numId=\"2\"><w:abstractNumId w:val=\"7\"/></w:num><w:num w:numId=\"3\"><w:abstractNumId w:val=\"7\"/>\
         <w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"5\"/></w:lvlOverride></w:num>"
    );
    let numbering = numbering(&level(0, "decimal", "%1.", "<w:suff w:val=\"nothing\"/>"), &lists);
    let body = [
        numbered(1, 0, "甲"),
        numbered(2, 0, "乙"),
        numbered(3, 0, "丙"),
        numbered(3, 0, "丁"),
        numbered(9, 0, "戊"),
    ];
    assert_eq!(
        shown(&body.concat(), &[("word/numbering.xml", &numbering)]),
        ["1.甲", "2.乙", "5.丙", "6.丁", "戊"]
    );
}

#[test]
fn a_style_gives_the_number_and_the_level() {
    let numbering = numbering(
        &(level(0, "decimal", "%1.", "")
            + &level(1, "chineseCountingThousand", "第%2条", "<w:pStyle w:val=\"tiao\"/>")),
        LIST,
    );
    let styles = "<w:styles xmlns:w=\"w\"><w:style w:styleId=\"tiao\" w:type=\"paragraph\"><w:name w:val=\"条\"/><w:pPr><w:numPr>\
        <w:numId w:val=\"1\"/></w:numPr></w:pPr></w:style><w:style w:styleId=\"sub\" w:type=\"paragraph\"><w:name w:val=\"heading 2\"/>\
        <w:basedOn w:val=\"tiao\"/></w:style><w:style w:styleId=\"loop\"><w:basedOn w:val=\"loop\"/></w:style></w:styles>";
    let styled = |style: &str, text: &str| {
        format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
    };
    let body = styled("tiao", "甲") + &styled("sub", "乙") + &styled("loop", "丙");
    let file = docx(&body, &[("word/numbering.xml", &numbering), ("word/styles.xml", styles)]);
    let document = read(&file, &Limits::IMPORT).unwrap();
    assert_eq!(lines(&document), ["第一条 甲", "第二条 乙", "丙"]);
    assert!(matches!(&document.blocks[1], Block::Paragraph(second) if second.role == Role::Heading(2)));
}

#[test]
fn paragraphs_without_an_end_continue_in_the_next() {
    let body = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>第一条 甲</w:t></w:r></w:p>".to_owned()
        + &p("乙。")
        + &p("丙");
    assert_eq!(shown(&body, &[]), ["第一条 甲乙。", "丙"]);
    let last = p("甲") + "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>乙</w:t></w:r></w:p>";
    assert_eq!(shown(&last, &[]), ["甲", "乙"]);
}

#[test]
fn fields_in_fields_show_only_their_results() {
    let mark = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let t = |text: &str| format!("<w:r><w:t>{text}</w:t></w:r>");
    let body = [
        "<w:p>".to_owned(),
        t("甲"),
        mark("begin"),
        t("IF "),
        mark("begin"),
        t("内"),
        mark("separate"),
        t("层"),
        mark("end"),
        t(" 外"),
        mark("separate"),
        t("乙"),
        mark("end"),
        t("丙"),
        mark("begin"),
        t("没有结果"),
        mark("end"),
        t("丁"),
        "</w:p>".to_owned(),
    ];
    assert_eq!(shown(&body.concat(), &[]), ["甲乙丙丁"]);
}

#[test]
fn cells_merged_down_need_the_same_columns() {
    let cell = |look: &str, text: &str| {
        format!("<w:tc><w:tcPr>{look}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>")
    };
    let row = |cells: &[String]| format!("<w:tr>{}</w:tr>", cells.concat());
    let begin = "<w:vMerge w:val=\"restart\"/>";
    let table = [
        row(&[cell(begin, "甲"), cell("<w:gridSpan w:val=\"2\"/>", "乙")]),
        row(&[cell("<w:vMerge/>", ""), cell("", "丙"), cell("", "丁")]),
        row(&[cell("<w:vMerge/><w:gridSpan w:val=\"2\"/>", "戊"), cell("", "己")]),
        row(&[cell("", "庚")]),
    ];
    let body = format!("<w:tbl>{}</w:tbl>", table.concat());
    assert_eq!(shown(&body, &[]), ["甲|乙|<", "<|丙|丁", "戊|<|己", "庚||"]);
}

#[test]
fn hidden_text_is_dropped_and_later_text_kept() {
    let styles = "<w:styles xmlns:w=\"w\"><w:style w:styleId=\"h\" w:type=\"character\"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>";
    let run = |look: &str, text: &str| format!("<w:r><w:rPr>{look}</w:rPr><w:t>{text}</w:t></w:r>");
    let body = format!(
        "<w:p>{}{}{}{}</w:p>",
        run("<w:vanish/>", "甲"),
        run("<w:rStyle w:val=\"h\"/>", "乙"),
        run("<w:rStyle w:val=\"h\"/><w:vanish w:val=\"0\"/>", "丙"),
        run("", "丁")
    );
    assert_eq!(shown(&body, &[("word/styles.xml", styles)]), ["丙丁"]);
}

#[test]
fn white_text_is_dropped_with_a_remark_unless_on_a_colour() {
    let white = |look: &str, text: &str| {
        format!("<w:r><w:rPr><w:color w:val=\"FFFFFF\"/>{look}</w:rPr><w:t>{text}</w:t></w:r>")
    };
    let shade = "<w:shd w:val=\"clear\" w:fill=\"0000FF\"/>";
    let body = format!(
        "<w:p>{}{}<w:r><w:t>丙</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p>{}</w:p></w:tc></w:tr></w:tbl>",
        white("", "甲"),
        white(shade, "乙"),
        white("", "丁")
    );
    let document = read(&docx(&body, &[]), &Limits::IMPORT).unwrap();
    assert_eq!(lines(&document), ["乙丙", "丁"]);
    assert!(document.remarks.iter().any(|remark| remark.contains("1处白底白字")), "{:?}", document.remarks);
}

#[test]
fn quotes_map_to_their_paragraph() {
    let document = read(&docx(&(p("甲") + &p("") + &p("乙丙")), &[]), &Limits::IMPORT).unwrap();
    let canonical = document.text();
    let at = canonical.text.find('丙').unwrap();
    let origin = Origin::Part { part: "word/document.xml".into(), paragraph: 3 };
    assert_eq!(canonical.origin(at), Some(&origin));
}

#[test]
fn titles_and_document_numbers_are_distinguished() {
    let centred = |text: &str| {
        format!("<w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
    };
    let body = [
        centred("云溪区人民政府文件"),
        centred("云政〔2026〕7号"),
        centred("关于支持企业"),
        centred("发展的通知"),
        p("各区："),
        centred("附表"),
    ];
    let document = read(&docx(&body.concat(), &[]), &Limits::IMPORT).unwrap();
    assert_eq!(document.title.as_deref(), Some("关于支持企业发展的通知"));
    let roles: Vec<Role> = document
        .blocks
        .iter()
        .map(|block| match block {
            Block::Paragraph(paragraph) => paragraph.role,
            Block::Table(_) => Role::ListItem,
        })
        .collect();
    assert_eq!(roles, [Role::Body, Role::Body, Role::Title, Role::Title, Role::Body, Role::Body]);
}

#[test]
fn broken_and_hostile_files_are_refused_with_the_reason() {
    let bytes = |body: &str| docx(body, &[]);
    assert_eq!(read(&bytes("<w:p/>"), &Limits::IMPORT), Err(Refusal::Empty));
    assert!(matches!(
        read(&bytes("<w:p><w:r>"), &Limits::IMPORT),
        Err(Refusal::Damaged(_) | Refusal::Truncated(_))
    ));
    let deep = "<w:sdt>".repeat(1_000);
    assert!(matches!(read(&bytes(&deep), &Limits::IMPORT), Err(Refusal::Bomb { .. })));
    // Tables in tables and boxes in boxes, as deep as the limit lets them.
    let tables =
        format!("{}{}{}", "<w:tbl><w:tr><w:tc>".repeat(80), p("甲"), "</w:tc></w:tr></w:tbl>".repeat(80));
    assert!(read(&bytes(&tables), &Limits::IMPORT).is_ok());
    let open = "<w:p><w:r><w:drawing><w:txbxContent>".repeat(60);
    let boxes = format!("{open}{}{}", p("甲"), "</w:txbxContent></w:drawing></w:r></w:p>".repeat(60));
    assert!(read(&bytes(&boxes), &Limits::IMPORT).is_ok());
    let wide = "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"2000000000\"/></w:tcPr></w:tc></w:tr></w:tbl>"
        .repeat(100);
    assert!(matches!(read(&bytes(&wide), &Limits::IMPORT), Err(Refusal::Bomb { .. })));
    let few = Limits { unpacked: 50, ..Limits::IMPORT };
    assert!(matches!(read(&bytes(&p("甲")), &few), Err(Refusal::Bomb { .. })));
    let whole = bytes(&p("甲"));
    for length in [4, 30, whole.len() / 2, whole.len() - 1] {
        assert!(read(&whole[..length], &Limits::IMPORT).is_err(), "{length}");
    }
}
