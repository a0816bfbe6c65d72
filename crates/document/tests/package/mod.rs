//! Packages that tests write: ZIP archives of a few parts.

#![expect(clippy::unwrap_used, reason = "a test that cannot make its input has failed")]

use std::io::{Cursor, Write};

use zhaoren_document::{Block, Document, Paragraph};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// An archive of these parts, by name and content.
pub(crate) fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in parts {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A DOCX file with this body and these parts beside it.
#[allow(dead_code, reason = "not every test that writes packages writes this one")]
pub(crate) fn docx(body: &str, beside: &[(&str, &str)]) -> Vec<u8> {
    let document = format!("<w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    let mut parts: Vec<(&str, &[u8])> = vec![("word/document.xml", document.as_bytes())];
    parts.extend(beside.iter().map(|(name, content)| (*name, content.as_bytes())));
    package(&parts)
}

/// The text of a paragraph with its number.
pub(crate) fn line(paragraph: &Paragraph) -> String {
    let runs: String = paragraph.runs.iter().map(|run| run.text.as_str()).collect();
    paragraph.number.clone().unwrap_or_default() + &runs
}

/// Lines of a document; a table's rows as in the canonical text.
#[allow(dead_code, reason = "not every test that writes packages looks at lines")]
pub(crate) fn lines(document: &Document) -> Vec<String> {
    let mut lines = Vec::new();
    for block in &document.blocks {
        match block {
            Block::Paragraph(paragraph) => lines.push(line(paragraph)),
            Block::Table(table) => lines.extend(table.rows.iter().map(|row| {
                let cell = |cell: &Option<zhaoren_document::Cell>| match cell {
                    None => "<".to_owned(),
                    Some(cell) => cell
                        .blocks
                        .iter()
                        .map(|block| match block {
                            Block::Paragraph(paragraph) => line(paragraph),
                            Block::Table(_) => "[]".to_owned(),
                        })
                        .collect::<Vec<_>>()
                        .join("/"),
                };
                row.iter().map(cell).collect::<Vec<_>>().join("|")
            })),
        }
    }
    lines
}
