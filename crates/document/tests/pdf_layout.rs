//! The layout of PDF pages: paragraphs, columns, tables, furniture and notes, each by a page made for the question.
#![cfg(feature = "pdf")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use crate::maker;

use maker::{Maker, hex, lines, paragraphs, read, rule, text};
use zhaoren_document::{Block, Origin, Role};

/// A page of full lines of 28 characters between the margins 76 and 524, ended by `last`.
fn full_page(first: &str, last: &str) -> String {
    let full = "营业收入应当以经审计的财务报表为准申报单位对材料的真实性负责";
    let mut all = vec![first];
    all.extend(std::iter::repeat_n(full, 3));
    all.push(last);
    lines(76.0, 700.0, &all)
}

#[test]
fn paragraphs_continue_over_page_breaks() {
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
fn alternating_headers_are_dropped() {
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
fn tables_continue_over_page_breaks() {
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
fn pages_of_merged_cells_keep_the_table_columns() {
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
fn rows_cut_by_a_page_end_are_joined() {
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
fn rotated_text_is_read_along_its_lines() {
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
fn tables_without_lines_are_named() {
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
fn last_page_of_column_text_is_read_in_columns() {
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
fn superscripts_stay_in_their_line() {
    let mut file = Maker::new();
    let content = text(76.0, 700.0, 16.0, "每1000m")
        + &text(136.0, 706.0, 8.0, "2")
        + &text(140.5, 700.0, 16.0, "补贴30元");
    file.page(&content);
    assert_eq!(paragraphs(&read(file)), ["每1000m2补贴30元"]);
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
fn footnotes_do_not_split_paragraphs() {
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
fn vertical_text_is_read_from_the_right() {
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
fn rotated_pages_are_read_as_displayed() {
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
