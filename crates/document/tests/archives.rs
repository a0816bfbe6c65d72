//! Archives of a notice with its annexes, and OpenDocument texts.

use crate::package;

use package::{docx, lines, package};
use zhaoren_document::{Form, Limits, Origin, Refusal, read};

#[test]
fn a_notice_is_read_before_its_annexes() {
    let annex = docx("<w:p><w:r><w:t>申报表</w:t></w:r></w:p>", &[]);
    let inner = package(&[("附件2.txt", "承诺书".as_bytes()), ("图.png", b"\x89PNG\r\n\x1a\n")]);
    let bytes = package(&[
        ("附件1.docx", &annex),
        ("更多附件.zip", &inner),
        ("通知.txt", "关于申报的通知\n各区：".as_bytes()),
        ("__MACOSX/._通知.txt", b"\0\x05\x16\x07"),
        (".DS_Store", b"\0\0\0\x01Bud1"),
    ]);
    let document = read(&bytes, &Limits::IMPORT).unwrap();
    assert_eq!(document.form, Form::Zip);
    assert_eq!(
        lines(&document),
        ["关于申报的通知", "各区：", "更多附件.zip/附件2.txt", "承诺书", "附件1.docx", "申报表"]
    );
    let canonical = document.text();
    let at = canonical.text.find("申报表").unwrap();
    let place = Origin::Part { part: "word/document.xml".into(), paragraph: 1 };
    assert_eq!(
        canonical.origin(at),
        Some(&Origin::Entry { entry: "附件1.docx".into(), place: Box::new(place) })
    );
    assert_eq!(document.remarks.len(), 1, "{:?}", document.remarks);
    assert!(document.remarks[0].contains("图.png") && document.remarks[0].contains("PNG"));
}

#[test]
fn gbk_archive_names_are_decoded() {
    let bytes = package(&[("a.txt", "甲".as_bytes()), ("bbbb.txt", "乙".as_bytes())]);
    let (name, ..) = encoding_rs::GBK.encode("附件");
    let mut renamed = bytes.clone();
    for at in 0..bytes.len() - 4 {
        if &bytes[at..at + 4] == b"bbbb" {
            renamed[at..at + 4].copy_from_slice(&name);
        }
    }
    let document = read(&renamed, &Limits::IMPORT).unwrap();
    assert_eq!(lines(&document), ["甲", "附件.txt", "乙"]);
}

#[test]
fn encrypted_archives_are_refused_by_name() {
    let mut bytes = package(&[("甲.txt", "甲".as_bytes())]);
    bytes[6] |= 1;
    let directory = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    bytes[directory + 8] |= 1;
    assert_eq!(read(&bytes, &Limits::IMPORT), Err(Refusal::Encrypted));
}

#[test]
fn nested_archives_and_bombs_are_refused() {
    let mut nest = package(&[("甲.txt", "甲".as_bytes())]);
    for _ in 0..10 {
        nest = package(&[("内.zip", &nest)]);
    }
    assert!(matches!(read(&nest, &Limits::IMPORT), Err(Refusal::Bomb { .. })));
    let zeros = vec![b' '; 3 << 20];
    let one = package(&[("a.txt", &zeros)]);
    let limits = Limits { unpacked: 2 << 20, ..Limits::IMPORT };
    assert!(matches!(read(&one, &limits), Err(Refusal::Bomb { .. })));
    // A part that unfolds to more than it declares is refused as well, here by the reader of archives.
    let mut false_size = package(&[("a.txt", &zeros)]);
    for (signature, at) in [(b"PK\x03\x04", 22), (b"PK\x01\x02", 24)] {
        let head = false_size.windows(4).position(|four| four == signature).unwrap();
        false_size[head + at..head + at + 4].copy_from_slice(&9_u32.to_le_bytes());
    }
    let refused = read(&false_size, &limits);
    assert!(matches!(refused, Err(Refusal::Damaged(_) | Refusal::Bomb { .. })), "{refused:?}");
    let many = Limits { entries: 1, ..Limits::IMPORT };
    let two = package(&[("a.txt", b"a"), ("b.txt", b"b")]);
    assert!(matches!(read(&two, &many), Err(Refusal::Bomb { .. })));
    assert_eq!(read(&package(&[]), &Limits::IMPORT), Err(Refusal::Empty));
}

const NAMES: &str = "xmlns:office='o' xmlns:text='t' xmlns:table='b' xmlns:style='s' xmlns:draw='d'";

fn odt(styles: &str, body: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content {NAMES}><office:automatic-styles>{styles}</office:automatic-styles><office:body><office:text>{body}\
         </office:text></office:body></office:document-content>"
    );
    package(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", content.as_bytes())])
}

#[test]
fn an_open_document_text_has_numbers_notes_and_tables() {
    let styles = "<text:list-style style:name='L'><text:list-level-style-number text:level='1' style:num-prefix='第' style:num-suffix='条' \
        style:num-format='一, 二, 三, ...'/><text:list-level-style-number text:level='2' style:num-suffix=')' style:num-format='1'/></text:list-style>\
        <style:style style:name='H'><style:text-properties text:display='none'/></style:style>";
    let body = "<text:tracked-changes><text:p>删去</text:p></text:tracked-changes><text:h text:outline-level='1'>某办法</text:h>\
        <text:list text:style-name='L'><text:list-item><text:p>甲<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>注。</text:p>\
        </text:note-body></text:note>乙。</text:p><text:list><text:list-item><text:p>丙</text:p></text:list-item></text:list></text:list-item>\
        <text:list-item><text:p>丁<text:span text:style-name='H'>暗</text:span><text:s text:c='2'/>戊<text:line-break/>己</text:p></text:list-item></text:list>\
        <table:table><table:table-column/><table:table-row><table:table-cell table:number-columns-spanned='2'><text:p>子</text:p></table:table-cell>\
        <table:covered-table-cell/></table:table-row><table:table-row><table:table-cell><text:p>丑</text:p></table:table-cell><table:table-cell/>\
        </table:table-row></table:table>";
    let document = read(&odt(styles, body), &Limits::IMPORT).unwrap();
    assert_eq!(document.form, Form::Odt);
    assert_eq!(
        lines(&document),
        ["某办法", "第一条 甲[1]乙。", "1) 丙", "第二条 丁  戊", "己", "子|<", "丑|"]
    );
    assert_eq!(document.notes.len(), 1);
    assert_eq!(read(&odt("", "<text:p/>"), &Limits::IMPORT), Err(Refusal::Empty));
}
