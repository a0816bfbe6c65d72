//! PDF files: those with traps, and what is seen of a page, hidden or damaged.
#![cfg(feature = "pdf")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use crate::index;
use crate::maker;

use maker::{Maker, lines, paragraphs, read, read_bytes, text};
use zhaoren_document::{Origin, Refusal};

#[test]
fn files_match_their_index() {
    index::score_own("pdf.jsonl");
}

#[test]
fn external_files_match_their_index() {
    index::score_beside(|name| {
        name.ends_with(".pdf")
            && (name.starts_with("pdf-") || name.starts_with("anchor-"))
            && name != "pdf-is-html.pdf"
    });
}

#[test]
fn origins_give_page_and_position() {
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
fn hidden_text_is_read_only_on_scans() {
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
fn scans_with_a_program_mark_are_scans() {
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
fn hidden_layers_are_not_read() {
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
fn damaged_content_is_named() {
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
fn degenerate_character_maps_are_refused() {
    for sign in ["?", "□", " "] {
        let mut file = Maker::new();
        file.page(&lines(76.0, 700.0, &[sign.repeat(30).as_str(); 6]));
        assert!(matches!(read_bytes(&file.end()), Err(Refusal::BadTextLayer(_))), "{sign}");
    }
}

#[test]
fn doubled_bold_words_are_read_once() {
    let mut file = Maker::new();
    file.page(&(text(76.0, 700.0, 16.0, "高高兴兴") + &text(76.4, 700.0, 16.0, "高高兴兴")));
    assert_eq!(paragraphs(&read(file)), ["高高兴兴"]);
}

#[test]
fn damaged_paragraphs_are_marked_and_others_read() {
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
fn form_values_are_read_without_comments() {
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
