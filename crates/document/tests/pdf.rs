//! PDF files: those with traps, layouts made for one question each, and bounds of the work.
#![cfg(feature = "pdf")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod index;
mod maker;

use maker::{Maker, hex, lines, rule, text};
use zhaoren_document::{Block, Document, Limits, Origin, Refusal, Role};

#[test]
fn files_are_read_as_their_index_says() {
    index::score_own("pdf.jsonl");
}

#[test]
fn files_beside_the_repository_are_read_as_their_index_says() {
    index::score_beside(|name| {
        name.ends_with(".pdf")
            && (name.starts_with("pdf-") || name.starts_with("anchor-"))
            && name != "pdf-is-html.pdf"
    });
}

fn read(file: Maker) -> Document {
    read_bytes(&file.end()).unwrap()
}

fn read_bytes(bytes: &[u8]) -> Result<Document, Refusal> {
    zhaoren_document::read(bytes, &Limits::IMPORT)
}

/// The paragraphs of the text, tables as their rows.
fn paragraphs(document: &Document) -> Vec<String> {
    document.text().text.lines().map(str::to_owned).collect()
}

/// A page of full lines of 28 characters between the margins 76 and 524, ended by `last`.
fn full_page(first: &str, last: &str) -> String {
    let full = "营业收入应当以经审计的财务报表为准申报单位对材料的真实性负责";
    let mut all = vec![first];
    all.extend(std::iter::repeat_n(full, 3));
    all.push(last);
    lines(76.0, 700.0, &all)
}

#[test]
fn a_paragraph_goes_on_over_a_page_break_and_its_page_number() {
    let mut file = Maker::new();
    for (page, (first, last)) in [
        (
            "　　第一条企业应当在本区登记注册满一年且近三年没有严重失信记录",
            "上年度营业收入不低于二千万元且研发人员占职工总数的比例不低于",
        ),
        ("百分之十五。", "　　第三条本办法自印发之日起施行。"),
    ]
    .into_iter()
    .enumerate()
    {
        let content = full_page(first, last) + &text(290.0, 40.0, 12.0, &format!("— {} —", page + 1));
        file.page(&content);
    }
    let text = read(file).text().text;
    assert!(text.contains("比例不低于百分之十五。"), "{text}");
    assert!(!text.contains('—'), "{text}");
}

#[test]
fn headers_that_alternate_are_left_out() {
    let mut file = Maker::new();
    for page in 1..=6 {
        let header = if page % 2 == 1 {
            text(400.0, 800.0, 10.0, "先进制造业篇")
        } else {
            text(76.0, 800.0, 10.0, "扶持办法汇编")
        };
        let content = header + &lines(76.0, 700.0, &["第几页的正文", &format!("只有第{page}页才有的文字。")]);
        file.page(&content);
    }
    let text = read(file).text().text;
    assert!(!text.contains("先进制造业篇") && !text.contains("扶持办法汇编"), "{text}");
    // The same line at the same place within the text is no furniture.
    assert_eq!(text.matches("第几页的正文").count(), 6, "{text}");
}

#[test]
fn short_lines_are_paragraphs_of_their_own() {
    let mut file = Maker::new();
    file.page(&lines(
        76.0,
        700.0,
        &["一、申报条件", "（一）在本区登记注册；", "（二）营业收入二千万元以上。", "二、支持标准"],
    ));
    assert_eq!(
        paragraphs(&read(file)),
        ["一、申报条件", "（一）在本区登记注册；", "（二）营业收入二千万元以上。", "二、支持标准"]
    );
}

#[test]
fn origins_lead_to_the_page_and_the_place() {
    let mut file = Maker::new();
    file.page(&lines(76.0, 700.0, &["第一页"]));
    file.page(&lines(100.0, 500.0, &["第二页的字"]));
    let document = read(file);
    let canonical = document.text();
    let at = canonical.text.find("第二页").unwrap();
    let Some(Origin::Page { page: 2, area: [left, top, right, bottom] }) = canonical.origin(at) else {
        panic!("{:?}", canonical.spans);
    };
    assert!((left - 100.0).abs() < 1.0 && (right - 180.0).abs() < 1.0, "{left} {right}");
    assert!(*top < 340.0 && *bottom > 340.0 && bottom - top < 20.0, "{top} {bottom}");
}

#[test]
fn text_under_an_area_painted_later_is_hidden() {
    let mut file = Maker::new();
    let covered = text(76.0, 700.0, 16.0, "奖励五百万元") + "0 0 0 rg 70 690 200 30 re f\n";
    file.page(&(covered + &text(76.0, 600.0, 16.0, "可见的文字")));
    let document = read(file);
    assert_eq!(paragraphs(&document), ["可见的文字"]);
    assert!(document.remarks.iter().any(|remark| remark.contains("6个看不见的字")), "{:?}", document.remarks);
}

#[test]
fn the_text_layer_of_a_scan_is_read_and_hidden_text_elsewhere_is_not() {
    let picture = "q 600 0 0 840 0 0 cm /P Do Q\n";
    let layer = "3 Tr ".to_owned()
        + &text(76.0, 700.0, 16.0, "第一条对符合条件的企业给予一次性奖励，具体标准另行制定公布。");
    let mut file = Maker::new();
    let image = file.stream(
        "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8",
        b"x",
    );
    file.page_with(&(picture.to_owned() + &layer), &format!("/XObject<</P {image} 0 R>>"), "");
    assert!(read(file).text().text.contains("一次性奖励"));
    let mut file = Maker::new();
    file.page(&(layer + "0 Tr\n" + &text(76.0, 600.0, 16.0, "可见的文字")));
    assert_eq!(paragraphs(&read(file)), ["可见的文字"]);
}

#[test]
fn a_scan_with_the_mark_of_a_program_is_a_scan() {
    let mut file = Maker::new();
    let image = file.stream(
        "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8",
        b"x",
    );
    for _ in 0..3 {
        let content =
            "q 600 0 0 840 0 0 cm /P Do Q\n".to_owned() + &text(400.0, 20.0, 9.0, "扫描全能王 创建");
        file.page_with(&content, &format!("/XObject<</P {image} 0 R>>"), "");
    }
    assert_eq!(read_bytes(&file.end()), Err(Refusal::Scan));
}

#[test]
fn layers_that_are_off_are_not_read() {
    let mut file = Maker::new();
    let off = file.object("<</Type/OCG/Name(x)>>");
    let content = "/OC /L BDC ".to_owned()
        + &text(76.0, 700.0, 16.0, "隐藏的图层")
        + "EMC\n"
        + &text(76.0, 600.0, 16.0, "可见的文字");
    file.page_with(&content, &format!("/Properties<</L {off} 0 R>>"), "");
    let bytes = file.end();
    // The layer is off only once the catalogue says so.
    assert!(read_bytes(&bytes).unwrap().text().text.contains("隐藏的图层"));
    let catalogue =
        format!("<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[{off} 0 R]/D<</OFF[{off} 0 R]>>>>>>");
    let update = format!("1 0 obj\n{catalogue}\nendobj\n");
    let mut updated = bytes.clone();
    let place = updated.len();
    updated.extend(update.into_bytes());
    let start = updated.len();
    let before = String::from_utf8_lossy(&bytes).rfind("xref\n0 ").unwrap();
    updated.extend(
        format!("xref\n1 1\n{place:010} 00000 n \ntrailer<</Size 9/Root 1 0 R/Prev {before}>>\nstartxref\n{start}\n%%EOF\n")
            .into_bytes(),
    );
    assert_eq!(paragraphs(&read_bytes(&updated).unwrap()), ["可见的文字"]);
}

#[test]
fn a_table_goes_on_over_a_page_break() {
    let mut file = Maker::new();
    let row = |y: f32, one: &str, other: &str| {
        [rule(76.0, y, 476.0, y), rule(76.0, y + 30.0, 476.0, y + 30.0)].concat()
            + &[76.0, 276.0, 476.0].map(|x| rule(x, y, x, y + 30.0)).concat()
            + &text(80.0, y + 10.0, 12.0, one)
            + &text(280.0, y + 10.0, 12.0, other)
    };
    file.page(
        &(lines(76.0, 760.0, &["附表：标准"]) + &row(130.0, "类别", "金额") + &row(100.0, "一级", "100万元")),
    );
    file.page(
        &(row(700.0, "类别", "金额")
            + &row(670.0, "二级", "50万元")
            + &lines(76.0, 600.0, &["注：按年核定。"])),
    );
    assert_eq!(
        paragraphs(&read(file)),
        ["附表：标准", "类别 | 金额", "一级 | 100万元", "二级 | 50万元", "注：按年核定。"]
    );
}

#[test]
fn a_page_of_merged_cells_goes_on_with_the_columns_of_the_table() {
    let mut file = Maker::new();
    let side = |x: f32, from: f32, to: f32| rule(x, from, x, to);
    let across = |y: f32| rule(76.0, y, 476.0, y);
    file.page(
        &([160.0, 130.0, 100.0].map(across).concat()
            + &[76.0, 276.0, 376.0, 476.0].map(|x| side(x, 160.0, 100.0)).concat()
            + &text(80.0, 140.0, 12.0, "类别")
            + &text(280.0, 140.0, 12.0, "首次")
            + &text(380.0, 140.0, 12.0, "再次")
            + &text(80.0, 110.0, 12.0, "一级")
            + &text(280.0, 110.0, 12.0, "20")
            + &text(380.0, 110.0, 12.0, "10")),
    );
    file.page(
        &([700.0, 670.0].map(across).concat()
            + &[76.0, 276.0, 476.0].map(|x| side(x, 700.0, 670.0)).concat()
            + &text(80.0, 680.0, 12.0, "合计")
            + &text(280.0, 680.0, 12.0, "不超过100")),
    );
    let document = read(file);
    let [Block::Table(table)] = document.blocks.as_slice() else { panic!("{:?}", document.blocks) };
    let spans: Vec<_> = table.rows[2].iter().map(|cell| cell.as_ref().map(|cell| cell.columns)).collect();
    assert_eq!(spans, [Some(1), Some(2), None]);
}

#[test]
fn a_row_that_is_cut_by_the_end_of_a_page_is_one() {
    let mut file = Maker::new();
    let sides = |from: f32, to: f32| [76.0, 276.0, 476.0].map(|x| rule(x, from, x, to)).concat();
    let across = |y: f32| rule(76.0, y, 476.0, y);
    // No line closes the table at the foot of the first page, nor opens it at the head of the second one.
    file.page(
        &(across(160.0)
            + &across(130.0)
            + &sides(160.0, 60.0)
            + &text(80.0, 140.0, 12.0, "类别")
            + &text(280.0, 140.0, 12.0, "条件")
            + &text(80.0, 110.0, 12.0, "一级")
            + &text(280.0, 110.0, 12.0, "在本区登记满一年，")
            + &text(280.0, 80.0, 12.0, "营业收入")),
    );
    file.page(
        &(across(700.0)
            + &across(670.0)
            + &sides(780.0, 670.0)
            + &text(280.0, 750.0, 12.0, "二千万元以上。")
            + &text(80.0, 680.0, 12.0, "二级")
            + &text(280.0, 680.0, 12.0, "无")),
    );
    assert_eq!(
        paragraphs(&read(file)),
        ["类别 | 条件", "一级 | 在本区登记满一年，营业收入二千万元以上。", "二级 | 无"]
    );
}

#[test]
fn text_turned_on_an_upright_page_is_read_along_its_lines() {
    let mut file = Maker::new();
    // A landscape table on an upright page: lines run up the page.
    let turned =
        |x: f32, y: f32, words: &str| format!("BT /F 14 Tf 0 1 -1 0 {x} {y} Tm {} Tj ET\n", hex(words));
    let content = turned(100.0, 100.0, "第一行的字")
        + &turned(130.0, 100.0, "甲")
        + &turned(130.0, 300.0, "乙")
        + &[115.0, 140.0].map(|x| rule(x, 90.0, x, 400.0)).concat()
        + &[90.0, 250.0, 400.0].map(|y| rule(115.0, y, 140.0, y)).concat();
    file.page(&content);
    assert_eq!(paragraphs(&read(file)), ["第一行的字", "甲 | 乙"]);
}

#[test]
fn a_table_without_lines_is_named() {
    let mut file = Maker::new();
    let mut content = lines(76.0, 760.0, &["奖励标准如下："]);
    for (row, (one, other)) in
        [("类别", "金额"), ("一级", "100万元"), ("二级", "50万元"), ("三级", "20万元")].iter().enumerate()
    {
        let y = 700.0 - row as f32 * 28.0;
        content += &(text(100.0, y, 14.0, one) + &text(300.0, y, 14.0, other));
    }
    file.page(&content);
    let document = read(file);
    assert_eq!(paragraphs(&document)[1..], ["类别 金额", "一级 100万元", "二级 50万元", "三级 20万元"]);
    assert!(
        document.remarks.iter().any(|remark| remark.contains("不带框线的表格")),
        "{:?}",
        document.remarks
    );
}

#[test]
fn content_that_is_damaged_is_named() {
    use std::io::Write as _;
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(lines(76.0, 700.0, &["一、总则"; 20]).as_bytes()).unwrap();
    let packed = packer.finish().unwrap();
    let mut file = Maker::new();
    let content = file.stream("/Filter/FlateDecode", &packed[..packed.len() - 20]);
    file.page_of(content, "", "");
    let document = read(file);
    assert!(
        document.remarks.iter().any(|remark| remark.contains("第1页的内容有损坏")),
        "{:?}",
        document.remarks
    );
}

#[test]
fn the_end_of_a_text_in_columns_is_read_in_columns() {
    let mut file = Maker::new();
    let column = |x: f32, y: f32, from: usize, count: usize| -> String {
        (from..from + count)
            .map(|at| {
                text(
                    x,
                    y - (at - from) as f32 * 16.0,
                    10.0,
                    &format!("第{at:02}行的文字充满整个栏目的宽度一直到头为止"),
                )
            })
            .collect()
    };
    file.page(&(column(60.0, 760.0, 10, 20) + &column(320.0, 760.0, 30, 20)));
    file.page(&(column(60.0, 760.0, 50, 2) + &column(320.0, 760.0, 52, 2)));
    let text = read(file).text().text;
    let places: Vec<_> = (10..54).map(|at| text.find(&format!("第{at}行")).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
}

#[test]
fn a_map_that_leads_all_codes_to_one_sign_is_refused() {
    for sign in ["?", "□", " "] {
        let mut file = Maker::new();
        file.page(&lines(76.0, 700.0, &[sign.repeat(30).as_str(); 6]));
        assert!(matches!(read_bytes(&file.end()), Err(Refusal::BadTextLayer(_))), "{sign}");
    }
}

#[test]
fn superscripts_stand_in_their_line() {
    let mut file = Maker::new();
    let content = text(76.0, 700.0, 16.0, "每1000m")
        + &text(136.0, 706.0, 8.0, "2")
        + &text(140.5, 700.0, 16.0, "补贴30元");
    file.page(&content);
    assert_eq!(paragraphs(&read(file)), ["每1000m2补贴30元"]);
}

#[test]
fn a_word_drawn_twice_for_a_bold_face_is_read_once() {
    let mut file = Maker::new();
    file.page(&(text(76.0, 700.0, 16.0, "高高兴兴") + &text(76.4, 700.0, 16.0, "高高兴兴")));
    assert_eq!(paragraphs(&read(file)), ["高高兴兴"]);
}

#[test]
fn a_damaged_paragraph_is_marked_and_the_others_are_read() {
    let mut file = Maker::new();
    let sound = "企业应当如实申报，不得弄虚作假，违者三年内不得申报。";
    let sound = &format!("　　{sound}");
    let content = lines(76.0, 700.0, &[sound, sound, "　　奖励\u{E001}\u{E002}\u{E003}万元。", sound, sound]);
    file.page(&content);
    let document = read(file);
    assert_eq!(
        paragraphs(&document),
        [sound.trim(), sound.trim(), "〔此段文字无法读取〕", sound.trim(), sound.trim()]
    );
    assert!(
        document.remarks.iter().any(|remark| remark.contains("第1页有1段文字")),
        "{:?}",
        document.remarks
    );
}

#[test]
fn a_title_over_two_lines_is_one() {
    let mut file = Maker::new();
    let content = text(124.0, 740.0, 22.0, "云溪区人民政府关于印发促进智能传")
        + &text(190.0, 708.0, 22.0, "感产业发展措施的通知")
        + &lines(
            76.0,
            640.0,
            &[
                "　　为培育智能传感产业引导企业加大投入结合本区实际制定措",
                "施并请各单位遵照执行，有关部门应当按照各自的职责落实好。",
            ],
        );
    file.page(&content);
    let document = read(file);
    assert_eq!(document.title.as_deref(), Some("云溪区人民政府关于印发促进智能传感产业发展措施的通知"));
    let Block::Paragraph(title) = &document.blocks[0] else { panic!("{:?}", document.blocks) };
    assert_eq!(title.role, Role::Title);
}

#[test]
fn footnotes_are_notes_and_part_no_paragraph() {
    let mut file = Maker::new();
    let first = full_page(
        "　　第一条企业应当在本区登记注册满一年且近三年没有严重失信",
        "上一年度的营业收入①不低于二千万元且研发人员占职工总数的比例",
    );
    let note = rule(76.0, 120.0, 226.0, 120.0)
        + &text(76.0, 100.0, 10.0, "① 指经审计的数。")
        + &text(290.0, 40.0, 10.0, "1");
    file.page(&(first + &note));
    file.page(&full_page("不低于百分之十五。", "　　第三条本办法自印发之日起施行。"));
    let document = read(file);
    assert!(document.text().text.contains("比例不低于百分之十五。"), "{}", document.text().text);
    assert_eq!(document.notes[0].mark, "①");
    assert_eq!(document.notes[0].paragraphs[0].runs[0].text, "指经审计的数。");
}

#[test]
fn the_values_of_form_fields_are_read_and_comments_are_not() {
    let mut file = Maker::new();
    let mut field = |kind: &str, flags: u32, words: &str, y: f32| {
        let dict = "/Type/XObject/Subtype/Form/BBox[0 0 300 20]/Resources<</Font<</F 3 0 R>>>>";
        let form = file.stream(dict, text(2.0, 5.0, 12.0, words).as_bytes());
        file.object(format!(
            "<</Subtype/{kind}/F {flags}/Rect[76 {y} 376 {}]/AP<</N {form} 0 R>>>>",
            y + 20.0
        ))
    };
    let value = field("Widget", 4, "某某有限公司", 600.0);
    let hidden = field("Widget", 2, "隐藏的值", 560.0);
    let comment = field("Text", 4, "批注的字", 520.0);
    let content = text(76.0, 700.0, 12.0, "企业名称：");
    file.page_with(&content, "", &format!("/Annots[{value} 0 R {hidden} 0 R {comment} 0 R]"));
    assert_eq!(paragraphs(&read(file)), ["企业名称：", "某某有限公司"]);
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let bytes =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/pdf-ruled-table.pdf")).unwrap();
    for part in 1..40 {
        let cut = bytes.len() * part / 41;
        assert!(read_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn forms_that_draw_each_other_end_by_the_budget() {
    let mut file = Maker::new();
    // Each form draws the next one ten times: 10^12 in all.
    let first = 4;
    for depth in 0..12 {
        let next = first + depth + 1;
        let dict =
            format!("/Type/XObject/Subtype/Form/BBox[0 0 600 840]/Resources<</XObject<</N {next} 0 R>>>>");
        file.stream(&dict, "/N Do ".repeat(10).as_bytes());
    }
    file.stream("/Type/XObject/Subtype/Form/BBox[0 0 600 840]", b"q Q");
    file.page_with("/N Do", &format!("/XObject<</N {first} 0 R>>"), "");
    let limits = Limits { steps: 200_000, ..Limits::IMPORT };
    assert!(matches!(zhaoren_document::read(&file.end(), &limits), Err(Refusal::Bomb { .. })));
}

#[test]
fn a_content_shared_by_many_pages_ends_by_the_budget() {
    let mut file = Maker::new();
    let content = file.stream("", text(76.0, 700.0, 16.0, "字").repeat(2_000).as_bytes());
    for _ in 0..500 {
        file.page_of(content, "", "");
    }
    let limits = Limits { unpacked: 4 << 20, ..Limits::IMPORT };
    assert!(matches!(zhaoren_document::read(&file.end(), &limits), Err(Refusal::Bomb { .. })));
}

/// Twice the input may take a little more than twice the steps.
#[test]
fn the_work_grows_with_the_input() {
    let file = |size: usize| {
        let mut file = Maker::new();
        for page in 0..size {
            let mut content = String::new();
            for line in 0..20 {
                let y = 780.0 - line as f32 * 36.0;
                content += &text(76.0, y, 12.0, &format!("第{page}页第{line}行对符合条件的企业给予奖励"));
                content += &rule(70.0, y - 10.0, 520.0, y - 10.0);
                content += &format!("0.9 g 400 {y} 60 12 re f 0 g\n");
            }
            file.page(&content);
        }
        file.end()
    };
    let steps = |size: usize| zhaoren_cancel::count(|| read_bytes(&file(size)).unwrap()).1;
    let (one, two) = (steps(10), steps(20));
    assert!(two < one * 5 / 2, "{one} {two}");
}

/// The work on one page grows with what it holds, also where all of it lies in one place.
#[test]
fn the_work_grows_with_a_page() {
    let crowded = |size: usize| {
        let mut file = Maker::new();
        let mut content = String::new();
        for at in 0..size {
            let x = 76.0 + (at % 40) as f32 * 10.0;
            content += &text(x, 700.0 - (at % 7) as f32 * 0.3, 12.0, "奖");
            content += &rule(x, 100.0 + (at % 90) as f32 * 7.0, x, 107.0 + (at % 90) as f32 * 7.0);
            content += &rule(76.0, 100.0 + (at % 90) as f32 * 7.0, 476.0, 100.0 + (at % 90) as f32 * 7.0);
        }
        file.page(&content);
        file.end()
    };
    let steps = |size: usize| zhaoren_cancel::count(|| read_bytes(&crowded(size))).1;
    let (one, two) = (steps(2_000), steps(4_000));
    assert!(two < one * 3, "{one} {two}");
}

#[test]
fn bytes_at_random_places_do_no_harm() {
    let bytes =
        std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/files/pdf-ruled-table.pdf")).unwrap();
    let mut seed = 1_u64;
    for _ in 0..100 {
        let mut changed = bytes.clone();
        for _ in 0..4 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (seed >> 33) as usize % changed.len();
            changed[at] = (seed >> 24) as u8;
        }
        // Read or refused, without a panic.
        let _ = read_bytes(&changed);
    }
}

#[test]
fn a_file_of_nothing_but_beginnings_of_streams_ends_by_the_budget() {
    let words = |count: usize| {
        let mut bytes = b"%PDF-1.7\n1 0 obj<</Type/XRef>>".to_vec();
        bytes.extend(b"stream\n".repeat(count));
        bytes.extend(b"%%EOF");
        bytes
    };
    let limits = Limits { steps: 1_000_000, ..Limits::IMPORT };
    assert!(matches!(zhaoren_document::read(&words(200_000), &limits), Err(Refusal::Bomb { .. })));
}

#[test]
fn a_cancelled_reading_ends() {
    let mut file = Maker::new();
    file.page(&text(76.0, 700.0, 16.0, "字"));
    let bytes = file.end();
    let cancellation = zhaoren_cancel::Cancellation::new();
    cancellation.cancel();
    assert_eq!(cancellation.run(|| read_bytes(&bytes)), Err(zhaoren_cancel::Cancelled));
}

#[test]
fn vertical_writing_is_read_from_the_right() {
    let mut file = Maker::new();
    let font = file.object(
        "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-V/DescendantFonts[<</Type/Font/Subtype\
         /CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/DW 1000\
         /FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 4>>>>]>>",
    );
    let column = |x: f32, words: &str| format!("BT /V gs 1 0 0 1 {x} 780 Tm {} Tj ET\n", hex(words));
    let content = column(470.0, "第二行") + &column(500.0, "第一行的字");
    file.page_with(&content, &format!("/ExtGState<</V<</Font[{font} 0 R 16]>>>>"), "");
    assert_eq!(paragraphs(&read(file)), ["第一行的字", "第二行"]);
}

#[test]
fn pages_turned_either_way_are_read_as_they_are_seen() {
    for turn in [0, 90, 180, 270] {
        let mut file = Maker::new();
        // Drawn so that it is upright on the turned page.
        let placed = |x: f32, y: f32, words: &str| {
            let (a, b, c, d, e, f) = match turn {
                90 => (0, 1, -1, 0, 600.0 - y, x),
                180 => (-1, 0, 0, -1, 600.0 - x, 840.0 - y),
                270 => (0, -1, 1, 0, y, 840.0 - x),
                _ => (1, 0, 0, 1, x, y),
            };
            format!("BT /F 16 Tf {a} {b} {c} {d} {e} {f} Tm {} Tj ET\n", hex(words))
        };
        file.page_with(
            &(placed(80.0, 400.0, "第二行。") + &placed(80.0, 440.0, "第一行。")),
            "",
            &format!("/Rotate {turn}"),
        );
        let document = read(file);
        assert_eq!(paragraphs(&document), ["第一行。", "第二行。"], "{turn}");
        let Some(Origin::Page { area: [left, ..], .. }) =
            document.text().spans.first().map(|span| span.origin.clone())
        else {
            panic!("no origin");
        };
        assert!((left - 80.0).abs() < 1.0, "{turn}: {left}");
    }
}
