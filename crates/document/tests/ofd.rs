//! OFD files: those with traps, and bounds of the work.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use crate::index;

use std::io::{Cursor, Write};

use zhaoren_document::{Block, Cell, Document, Limits, Origin, Refusal, Table};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

#[test]
fn files_match_their_index() {
    index::score_own("ofd.jsonl");
}

/// A package of A4 pages with this content.
fn package(pages: &[String]) -> Vec<u8> {
    let mut list = String::new();
    let mut parts = Vec::new();
    for (number, page) in pages.iter().enumerate() {
        list.push_str(&format!("<ofd:Page ID=\"{number}\" BaseLoc=\"P/{number}.xml\"/>"));
        let content =
            format!("<ofd:Page><ofd:Content><ofd:Layer>{page}</ofd:Layer></ofd:Content></ofd:Page>");
        parts.push((format!("D/P/{number}.xml"), content));
    }
    let area = "<ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData>";
    parts.push((
        "D/Document.xml".to_owned(),
        format!("<ofd:Document>{area}<ofd:Pages>{list}</ofd:Pages></ofd:Document>"),
    ));
    let root = "<ofd:OFD><ofd:DocBody><ofd:DocRoot>D/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>";
    parts.push(("OFD.xml".to_owned(), root.to_owned()));
    zipped(&parts)
}

fn zipped(parts: &[(String, String)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(name.as_str(), SimpleFileOptions::default()).expect("a part can be begun");
        writer.write_all(content.as_bytes()).expect("a part can be written");
    }
    writer.finish().expect("the archive can be ended").into_inner()
}

/// A text object with its baseline at a place, in type of 5 mm.
fn text(x: f64, y: f64, text: &str) -> String {
    styled(x, y, text, "", "")
}

fn styled(x: f64, y: f64, text: &str, attributes: &str, colour: &str) -> String {
    format!(
        "<ofd:TextObject Boundary=\"{x} {} 150 7\" Size=\"5\"{attributes}>{colour}<ofd:TextCode X=\"0\" Y=\"5\">{text}</ofd:TextCode></ofd:TextObject>",
        y - 5.0
    )
}

/// A stroked line.
fn line(x: f64, y: f64, to_x: f64, to_y: f64) -> String {
    let (dx, dy) = (to_x - x, to_y - y);
    format!(
        "<ofd:PathObject Boundary=\"{x} {y} {dx} {dy}\"><ofd:AbbreviatedData>M 0 0 L {dx} {dy}</ofd:AbbreviatedData></ofd:PathObject>"
    )
}

fn read(pages: &[String]) -> Result<Document, Refusal> {
    zhaoren_document::read(&package(pages), &Limits::IMPORT)
}

fn shown(pages: &[String]) -> String {
    read(pages).expect("the file is sound").text().text
}

fn tables(document: &Document) -> Vec<&Table> {
    let tables = document.blocks.iter().filter_map(|block| match block {
        Block::Table(table) => Some(table),
        Block::Paragraph(_) => None,
    });
    tables.collect()
}

/// A table of two columns with rows of 10 mm from `top` on.
fn table(top: f64, rows: &[[&str; 2]]) -> String {
    let mut page = String::new();
    let mut y = top;
    for row in rows {
        page += &line(30.0, y, 150.0, y);
        for (x, words) in [32.0, 92.0].into_iter().zip(row) {
            page += &text(x, y + 7.0, words);
        }
        y += 10.0;
    }
    page += &line(30.0, y, 150.0, y);
    for x in [30.0, 90.0, 150.0] {
        page += &line(x, top, x, y);
    }
    page
}

#[test]
fn tables_continue_over_pages_with_one_header() {
    let first = text(30.0, 40.0, "附表") + &table(200.0, &[["类型", "金额"], ["整机", "300万元"]]);
    let second = table(30.0, &[["类型", "金额"], ["部件", "100万元"]]) + &text(30.0, 80.0, "说明");
    let document = read(&[first, second]).expect("the file is sound");
    assert_eq!(document.text().text, "附表\n类型 | 金额\n整机 | 300万元\n部件 | 100万元\n说明\n");
    assert_eq!(tables(&document).len(), 1);
}

#[test]
fn cells_without_a_separating_line_are_merged() {
    let mut page: String = [100.0, 110.0, 130.0].map(|y| line(30.0, y, 150.0, y)).concat();
    page += &[30.0, 150.0].map(|x| line(x, 100.0, x, 130.0)).concat();
    page += &line(90.0, 110.0, 90.0, 130.0);
    page += &text(32.0, 107.0, "支持标准");
    // One object over both cells, as some writers place a whole row.
    page += "<ofd:TextObject Boundary=\"32 112 110 7\" Size=\"5\"><ofd:TextCode X=\"0\" Y=\"5\" DeltaX=\"5 58 5\">整机三百</ofd:TextCode></ofd:TextObject>";
    page += &text(95.0, 126.0, "万元");
    let document = read(&[page]).expect("the file is sound");
    let tables = tables(&document);
    let spans = |cell: &Option<Cell>| cell.as_ref().map(|cell| (cell.columns, cell.rows));
    let shape: Vec<Vec<_>> =
        tables.iter().flat_map(|table| &table.rows).map(|row| row.iter().map(spans).collect()).collect();
    assert_eq!(shape, [vec![Some((2, 1)), None], vec![Some((1, 1)), Some((1, 1))]]);
    assert_eq!(document.text().text, "支持标准 | \n整机 | 三百万元\n");
}

#[test]
fn running_headers_outside_templates_are_dropped() {
    let page = |number: u32| {
        let head = styled(70.0, 18.0, "云溪区人民政府公报", "", "");
        head + &text(30.0, 60.0, &format!("第{number}条 内容。"))
            + &text(100.0, 285.0, &format!("- {number} -"))
    };
    assert_eq!(shown(&[page(1), page(2), page(3)]), "第1条 内容。\n第2条 内容。\n第3条 内容。\n");
}

#[test]
fn lone_numbers_are_page_numbers_only_in_sequence() {
    let page = |number: u32, amount: &str| {
        text(30.0, 60.0, "内容。") + &text(30.0, 278.0, amount) + &text(100.0, 287.0, &number.to_string())
    };
    assert_eq!(shown(&[page(5, "300"), page(6, "450")]), "内容。\n300\n内容。\n450\n");
}

#[test]
fn lists_of_names_are_not_joined() {
    let names = ["云溪区智能传感科技有限公司", "云溪区精密仪器制造有限公司", "云溪区高新材料股份有限公司"];
    let lines = names.iter().zip(0..).map(|(name, line)| text(30.0, 60.0 + f64::from(line) * 9.0, name));
    assert_eq!(shown(&[lines.collect()]), names.map(|name| format!("{name}\n")).concat());
}

#[test]
fn headers_of_two_pages_are_recognised_by_smaller_type() {
    let page = |words: &str| {
        let head = text(70.0, 18.0, "云溪区公报").replace("Size=\"5\"", "Size=\"3.5\"");
        head + &text(30.0, 25.0, "同样的开头。") + &text(40.0, 60.0, words) + &text(40.0, 80.0, words)
    };
    assert_eq!(shown(&[page("甲。"), page("乙。")]), "同样的开头。\n甲。\n甲。\n同样的开头。\n乙。\n乙。\n");
}

#[test]
fn hidden_text_is_read_only_over_a_page_image() {
    let clear = |y: f64, words: &str| styled(30.0, y, words, " Alpha=\"0\"", "");
    let picture = "<ofd:ImageObject Boundary=\"0 0 210 297\" ResourceID=\"1\"/>".to_owned();
    assert_eq!(shown(&[picture.clone() + &clear(40.0, "识别出的文字")]), "识别出的文字\n");
    assert_eq!(read(&[clear(40.0, "暗字")]), Err(Refusal::Empty));
    assert_eq!(read(std::slice::from_ref(&picture)), Err(Refusal::Scan));
    let mixed = read(&[text(30.0, 40.0, "正文"), picture]).expect("one page has text");
    assert_eq!(mixed.remarks, ["第 2 页只有图片，没有文字，未读取"]);
}

#[test]
fn white_text_is_read_on_a_background() {
    let white = "<ofd:FillColor Value=\"255 255 255\"/>";
    let band = "<ofd:PathObject Boundary=\"20 30 170 20\" Fill=\"true\" Stroke=\"false\"><ofd:FillColor Value=\"200 0 0\"/><ofd:AbbreviatedData>M 0 0 L 170 0 L 170 20 L 0 20 C</ofd:AbbreviatedData></ofd:PathObject>";
    let page = band.to_owned()
        + &styled(30.0, 42.0, "红底白字", "", white)
        + &styled(30.0, 100.0, "白底白字", "", white);
    assert_eq!(shown(&[page]), "红底白字\n");
}

#[test]
fn repeated_covered_and_clipped_text_is_dropped() {
    let mut page = text(30.0, 40.0, "加粗的标题") + &text(30.3, 40.0, "加粗的标题");
    page += "<ofd:TextObject Boundary=\"40 60 100 100\" Size=\"9\" CTM=\"0.7 0.7 -0.7 0.7 0 0\"><ofd:TextCode X=\"0\" Y=\"9\">内部传阅</ofd:TextCode></ofd:TextObject>";
    page += "<ofd:TextObject Boundary=\"30 75 100 7\" Size=\"5\"><ofd:FillColor><ofd:Pattern><ofd:CellContent><ofd:TextObject Boundary=\"0 0 9 9\" Size=\"5\"><ofd:TextCode X=\"0\" Y=\"5\">底纹</ofd:TextCode></ofd:TextObject></ofd:CellContent></ofd:Pattern></ofd:FillColor><ofd:TextCode X=\"0\" Y=\"5\">正文&lt;1&gt;&#x3002;</ofd:TextCode></ofd:TextObject>";
    assert_eq!(shown(&[page]), "加粗的标题\n正文<1>。\n");
}

#[test]
fn sentences_continue_over_pages_beside_margin_text() {
    let side = "<ofd:TextObject Boundary=\"10 100 8 80\" Size=\"5\" CTM=\"0 1 -1 0 6 0\"><ofd:TextCode X=\"0\" Y=\"0\">装订线</ofd:TextCode></ofd:TextObject>";
    let full = "一二三四五六七八九十".repeat(3);
    let first =
        text(40.0, 40.0, &full.chars().skip(2).collect::<String>()) + &text(30.0, 260.0, &full) + side;
    let second = text(30.0, 40.0, "末尾。") + &text(40.0, 50.0, "另一段") + &text(30.0, 90.0, &full);
    let shown = shown(&[first, second]);
    assert!(shown.contains("九十末尾。\n"), "{shown}");
    assert!(shown.contains("\n装订线\n"), "{shown}");
}

#[test]
fn columns_are_read_in_sequence() {
    let row = "一二三四五六七八九十一二三四五";
    let mut page = styled(60.0, 40.0, "云溪区公报关于两栏排版的说明", "", "");
    for line in 0..6 {
        let (y, words) = (60.0 + f64::from(line) * 8.0, |side: &str| format!("{side}{line}{row}"));
        let (left, right) = (if line == 0 { 30.0 } else { 20.0 }, 110.0);
        let cut = |text: String, count: usize| text.chars().take(count).collect::<String>();
        page += &text(left, y, &cut(words("左"), if line == 0 { 14 } else { 16 }));
        page += &text(right, y, &if line == 5 { "右完。".to_owned() } else { cut(words("右"), 16) });
    }
    let shown = shown(&[page]);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 2, "{shown}");
    assert!(lines.last().is_some_and(|line| line.starts_with("左0") && line.ends_with("右完。")), "{shown}");
    let order = ["左0", "左1", "左5", "右0", "右4", "右完"].map(|mark| shown.find(mark));
    assert!(order.is_sorted() && order.iter().all(Option::is_some), "{shown}");
}

#[test]
fn attached_files_are_named() {
    let document = "<ofd:Document><ofd:Pages><ofd:Page BaseLoc=\"P.xml\"/></ofd:Pages><ofd:Attachments>A/List.xml</ofd:Attachments></ofd:Document>";
    let list = "<ofd:Attachments><ofd:Attachment ID=\"1\" Name=\"申报表\"><ofd:FileLoc>申报表.docx</ofd:FileLoc></ofd:Attachment></ofd:Attachments>";
    let root = "<ofd:OFD><ofd:DocBody><ofd:DocRoot>D/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>";
    let page = format!("<ofd:Page>{}</ofd:Page>", text(30.0, 40.0, "正文"));
    let parts =
        [("OFD.xml", root), ("D/Document.xml", document), ("D/P.xml", page.as_str()), ("D/A/List.xml", list)];
    let parts = parts.map(|(name, content)| (name.to_owned(), content.to_owned()));
    let read = |parts: &[(String, String)]| {
        zhaoren_document::read(&zipped(parts), &Limits::IMPORT).expect("it is sound")
    };
    assert_eq!(read(&parts).annexes, [("申报表".to_owned(), "D/A/申报表.docx".to_owned())]);
    let (without, _) = parts.split_at(3);
    assert_eq!(read(without).remarks, ["附件列表无法读取"]);
}

#[test]
fn locations_give_the_page() {
    let document = read(&[text(30.0, 40.0, "甲"), text(30.0, 40.0, "乙")]).expect("the file is sound");
    let canonical = document.text();
    let at = canonical.text.find('乙').expect("it was read");
    let Some(Origin::Page { page, area }) = canonical.origin(at) else { unreachable!("{canonical:?}") };
    assert_eq!(*page, 2);
    let [left, top, right, bottom] = *area;
    assert!((left - 85.0).abs() < 1.0 && (right - left - 14.2).abs() < 1.0, "{area:?}");
    assert!(top > 90.0 && bottom < 120.0 && top < bottom, "{area:?}");
}

#[test]
fn refusals_state_their_reason() {
    let bytes = package(&[text(30.0, 40.0, "正文")]);
    let limited = |limits: Limits| zhaoren_document::read(&bytes, &limits);
    assert!(matches!(limited(Limits { unpacked: 100, ..Limits::IMPORT }), Err(Refusal::Bomb { .. })));
    assert!(matches!(limited(Limits { entries: 2, ..Limits::IMPORT }), Err(Refusal::Bomb { .. })));
    assert!(matches!(limited(Limits { pages: 0, ..Limits::IMPORT }), Err(Refusal::Bomb { .. })));
    let half = bytes.get(..bytes.len() / 2).unwrap_or_default();
    assert!(matches!(
        zhaoren_document::read(half, &Limits::IMPORT),
        Err(Refusal::Truncated(_) | Refusal::UnknownForm(_))
    ));
    let deep = "<ofd:PageBlock>".repeat(400) + &text(30.0, 40.0, "深") + &"</ofd:PageBlock>".repeat(400);
    assert!(matches!(read(&[deep]), Err(Refusal::Bomb { .. })));
    assert!(matches!(
        read(&["<ofd:PageBlock>".to_owned()]),
        Err(Refusal::Damaged(_) | Refusal::Truncated(_))
    ));
    let sealed =
        [("OFD.xml", "x"), ("Encryptions.xml", "x")].map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(zhaoren_document::read(&zipped(&sealed), &Limits::IMPORT), Err(Refusal::Encrypted));
}

#[test]
fn prefixes_and_changed_bytes_never_panic() {
    index::bear_damage("ofd-traps.ofd", 7);
    index::bear_damage("ofd-bomb-counts.ofd", 7);
}

#[test]
fn changed_page_bytes_never_panic() {
    let page = table(100.0, &[["类型", "金额"], ["整机", "300万元"]]) + &text(30.0, 40.0, "正文");
    let bytes = page.as_bytes();
    for at in 0..bytes.len() {
        for value in [b'9', b'<'] {
            let mut changed = bytes.to_vec();
            if let Some(byte) = changed.get_mut(at) {
                *byte = value;
            }
            let _ = read(&[String::from_utf8_lossy(&changed).into_owned()]);
        }
    }
}

#[test]
fn work_grows_with_the_text() {
    let lines = |count: usize| {
        (0..u32::try_from(count).unwrap_or(0))
            .map(|line| text(30.0, 20.0 + f64::from(line) / 10.0, "第一条 内容"))
            .collect::<String>()
    };
    index::grow(|count| package(&[lines(count)]));
    index::grow(|count| package(&vec![text(30.0, 40.0, "第一条 内容"); count / 2]));
    let rows = |count: usize| vec![["类型", "金额"]; count / 40];
    index::grow(|count| package(&[table(10.0, &rows(count))]));
}
