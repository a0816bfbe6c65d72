//! Any bytes as a file: its form told by content, read into the model. A first byte below 16 wraps the rest into a package of
//! that form, since a change inside a compressed part would only break its checksum.
//!
//! Whatever is read has sound tables, and a canonical text whose places are in order, on character boundaries and inside the
//! file.
#![no_main]

use std::io::{Cursor, Write};

use libfuzzer_sys::fuzz_target;
use zhaoren_document::{Block, Document, Limits, Origin};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fuzz_target!(|data: &[u8]| {
    let bytes = match data.split_first() {
        Some((form, rest)) if *form < 16 => wrapped(*form, rest),
        _ => data.to_vec(),
    };
    if let Ok(document) = zhaoren_document::read(&bytes, &Limits::IMPORT) {
        check(&document, bytes.len());
    }
});

fn check(document: &Document, length: usize) {
    document.blocks.iter().for_each(check_block);
    let canonical = document.text();
    let mut end = 0;
    for span in &canonical.spans {
        assert!(
            end <= span.range.start && span.range.start < span.range.end,
            "places overlap or run backwards"
        );
        end = span.range.end;
        assert!(canonical.text.get(span.range.clone()).is_some(), "a place cuts a character");
        if let Origin::Bytes(range) = &span.origin {
            assert!(range.start <= range.end && range.end <= length, "a place outside the file");
        }
    }
}

/// Every row of a table has as many places as the others, and no cell reaches out of it.
fn check_block(block: &Block) {
    let Block::Table(table) = block else { return };
    let columns = table.rows.first().map_or(0, Vec::len);
    for (at, row) in table.rows.iter().enumerate() {
        assert_eq!(row.len(), columns, "rows of different lengths");
        for (column, cell) in row.iter().enumerate() {
            let Some(cell) = cell else { continue };
            assert!(cell.columns >= 1 && column + cell.columns as usize <= columns, "a cell too wide");
            assert!(cell.rows >= 1 && at + cell.rows as usize <= table.rows.len(), "a cell too high");
            cell.blocks.iter().for_each(check_block);
        }
    }
}

/// A package of the form with `content` as its main part.
fn wrapped(form: u8, content: &[u8]) -> Vec<u8> {
    const WORD: &str = r#"<w:document xmlns:w="w"><w:body><w:p><w:pPr><w:pStyle w:val="a"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>a</w:t></w:r></w:p></w:body></w:document>"#;
    const PAGE: &str = r#"<ofd:Page xmlns:ofd="o"><ofd:Content><ofd:Layer><ofd:TextObject Boundary="0 0 90 9" Size="5"><ofd:TextCode X="0" Y="5">a</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>"#;
    const OFD: &str = r#"<ofd:OFD xmlns:ofd="o"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"#;
    const OFD_DOCUMENT: &str = r#"<ofd:Document xmlns:ofd="o"><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/></ofd:Pages></ofd:Document>"#;
    const BOOK: &str =
        r#"<workbook xmlns:r="r"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    const LINKS: &str = r#"<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let text = str::as_bytes;
    match form % 8 {
        0 => package(&[("word/document.xml", content)]),
        1 => package(&[("word/document.xml", text(WORD)), ("word/numbering.xml", content)]),
        2 => package(&[("word/document.xml", text(WORD)), ("word/styles.xml", content)]),
        3 => package(&[
            ("OFD.xml", text(OFD)),
            ("Doc_0/Document.xml", text(OFD_DOCUMENT)),
            ("Doc_0/Pages/Page_0/Content.xml", content),
        ]),
        4 => package(&[
            ("OFD.xml", text(OFD)),
            ("Doc_0/Document.xml", content),
            ("Doc_0/Pages/Page_0/Content.xml", text(PAGE)),
        ]),
        5 => package(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", content)]),
        6 => package(&[
            ("xl/workbook.xml", text(BOOK)),
            ("xl/_rels/workbook.xml.rels", text(LINKS)),
            ("xl/worksheets/sheet1.xml", content),
        ]),
        _ => package(&[("\u{901a}\u{77e5}.txt", content), ("b.html", content)]),
    }
}

fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, options).expect("a name");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}
