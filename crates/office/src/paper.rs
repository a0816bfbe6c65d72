//! Word document (WordprocessingML, ECMA-376 part 1, chapter 17).

use std::fmt::Write as _;

use crate::OfficeError;
use crate::package::{Package, RELATIONSHIPS};
use crate::xml::{push_text, text};

const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
/// Width between the margins of an A4 page, in twentieths of a point.
const TEXT_WIDTH: u32 = 9_638;

/// Paper with a header and numbered pages, A4.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paper {
    /// Title, above everything.
    pub title: String,
    /// Line at the head of every page.
    pub header: String,
    /// Content.
    pub blocks: Vec<Block>,
}

/// Part of a paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// Heading of a level, 1 to 3.
    Heading(u8, String),
    /// Paragraph.
    Text(String),
    /// Paragraph in small grey letters.
    Note(String),
    /// List with a bullet for each entry.
    List(Vec<String>),
    /// List with a box to tick for each entry.
    Ticks(Vec<String>),
    /// Table: widths of the columns as parts of a whole, headings, rows. A row has as many cells as there are headings.
    Table {
        /// Widths.
        widths: Vec<u32>,
        /// Headings.
        head: Vec<String>,
        /// Rows.
        rows: Vec<Vec<String>>,
    },
    /// Rest of the paper on a new page.
    PageBreak,
}

impl Paper {
    /// The paper as a DOCX file.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn docx(&self) -> Result<Vec<u8>, OfficeError> {
        let mut package = Package::new("word/document.xml")?;
        package.part("word/document.xml", content_type("document.main"), &self.body())?;
        package.relationships(
            "word/_rels/document.xml.rels",
            &[("styles", "styles.xml"), ("header", "header1.xml"), ("footer", "footer1.xml")],
        )?;
        package.part("word/styles.xml", content_type("styles"), STYLES)?;
        let header = format!(
            "<w:hdr xmlns:w=\"{MAIN}\"><w:p><w:pPr><w:pStyle w:val=\"Note\"/><w:jc w:val=\"right\"/></w:pPr>{}</w:p></w:hdr>",
            run(&self.header)
        );
        package.part("word/header1.xml", content_type("header"), &header)?;
        let footer = format!(
            "<w:ftr xmlns:w=\"{MAIN}\"><w:p><w:pPr><w:pStyle w:val=\"Note\"/><w:jc w:val=\"center\"/></w:pPr>{}{}{}{}{}</w:p></w:ftr>",
            run("第 "),
            field("PAGE"),
            run(" 页，共 "),
            field("NUMPAGES"),
            run(" 页")
        );
        package.part("word/footer1.xml", content_type("footer"), &footer)?;
        package.finish()
    }

    fn body(&self) -> String {
        let mut out = format!("<w:document xmlns:w=\"{MAIN}\" xmlns:r=\"{RELATIONSHIPS}\"><w:body>");
        out.push_str(&paragraph("Title", &self.title));
        for block in &self.blocks {
            zhaoren_cancel::poll();
            block.write(&mut out);
        }
        out.push_str(
            "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"r2\"/><w:footerReference w:type=\"default\" r:id=\"r3\"/>\
             <w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1134\" w:right=\"1134\" w:bottom=\"1134\" w:left=\"1134\" \
             w:header=\"567\" w:footer=\"567\" w:gutter=\"0\"/></w:sectPr></w:body></w:document>",
        );
        out
    }
}

impl Block {
    fn write(&self, out: &mut String) {
        match self {
            Self::Heading(level, text) => {
                out.push_str(&paragraph(
                    match level {
                        0 | 1 => "Heading1",
                        2 => "Heading2",
                        _ => "Heading3",
                    },
                    text,
                ));
            }
            Self::Text(text) => out.push_str(&paragraph("Normal", text)),
            Self::Note(text) => out.push_str(&paragraph("Note", text)),
            Self::List(entries) => {
                entries.iter().for_each(|entry| out.push_str(&paragraph("Entry", &format!("· {entry}"))));
            }
            Self::Ticks(entries) => {
                entries.iter().for_each(|entry| out.push_str(&paragraph("Entry", &format!("□ {entry}"))));
            }
            Self::Table { widths, head, rows } => table(out, widths, head, rows),
            Self::PageBreak => out.push_str("<w:p><w:r><w:br w:type=\"page\"/></w:r></w:p>"),
        }
    }
}

/// Content type of a part.
fn content_type(part: &str) -> &'static str {
    match part {
        "document.main" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        "styles" => "application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml",
        "header" => "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml",
        _ => "application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml",
    }
}

fn run(words: &str) -> String {
    format!("<w:r><w:t xml:space=\"preserve\">{}</w:t></w:r>", text(words))
}

/// Number that the word processor fills in.
fn field(name: &str) -> String {
    format!(
        "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>{name}</w:instrText></w:r>\
         <w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
    )
}

fn paragraph(style: &str, words: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>{}</w:p>", run(words))
}

fn table(out: &mut String, widths: &[u32], head: &[String], rows: &[Vec<String>]) {
    let whole: u32 = widths.iter().sum::<u32>().max(1);
    let width = |at: usize| widths.get(at).map_or(1_000, |part| TEXT_WIDTH * part / whole);
    out.push_str("<w:tbl><w:tblPr><w:tblStyle w:val=\"Grid\"/><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>");
    for at in 0..head.len() {
        let _ = write!(out, "<w:gridCol w:w=\"{}\"/>", width(at));
    }
    out.push_str("</w:tblGrid>");
    let cells = |out: &mut String, cells: &[String], style: &str| {
        for at in 0..head.len() {
            let _ = write!(
                out,
                "<w:tc><w:tcPr><w:tcW w:w=\"{}\" w:type=\"dxa\"/></w:tcPr><w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>\
                 <w:r><w:t xml:space=\"preserve\">",
                width(at)
            );
            push_text(out, cells.get(at).map_or("", String::as_str));
            out.push_str("</w:t></w:r></w:p></w:tc>");
        }
    };
    // The headings are repeated on every page.
    out.push_str("<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>");
    cells(out, head, "CellHead");
    out.push_str("</w:tr>");
    for row in rows {
        zhaoren_cancel::poll();
        out.push_str("<w:tr><w:trPr><w:cantSplit/></w:trPr>");
        cells(out, row, "Cell");
        out.push_str("</w:tr>");
    }
    // A table is followed by a paragraph, or Word joins it to the next one.
    out.push_str("</w:tbl><w:p><w:pPr><w:pStyle w:val=\"Note\"/></w:pPr></w:p>");
}

/// Styles: 宋体 for the text, 黑体 for headings, black on white.
const STYLES: &str = concat!(
    "<w:styles xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">",
    "<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"宋体\"/>",
    "<w:sz w:val=\"21\"/><w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault></w:docDefaults>",
    "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:pPr><w:spacing w:after=\"60\" w:line=\"300\" w:lineRule=\"auto\"/></w:pPr></w:style>",
    "<w:style w:type=\"paragraph\" w:styleId=\"Title\"><w:name w:val=\"Title\"/><w:basedOn w:val=\"Normal\"/><w:pPr><w:jc w:val=\"center\"/><w:spacing w:after=\"120\"/></w:pPr><w:rPr><w:rFonts w:eastAsia=\"黑体\"/><w:b/><w:sz w:val=\"36\"/></w:rPr></w:style>",
    "<w:style w:type=\"paragraph\" w:styleId=\"Heading1\"><w:name w:val=\"heading 1\"/><w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:pPr><w:keepNext/><w:spacing w:before=\"180\"/><w:outlineLvl w:val=\"0\"/></w:pPr><w:rPr><w:rFonts w:eastAsia=\"黑体\"/><w:b/><w:sz w:val=\"28\"/></w:rPr></w:style>",
    "<w:style w:type=\"paragraph\" w:styleId=\"Heading2\"><w:name w:val=\"heading 2\"/><w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:pPr><w:keepNext/><w:spacing w:before=\"120\"/><w:outlineLvl w:val=\"1\"/></w:pPr><w:rPr><w:rFonts w:eastAsia=\"黑体\"/><w:b/><w:sz w:val=\"24\"/></w:rPr></w:style>",
    "<w:style w:type=\"paragraph\" w:styleId=\"Heading3\"><w:name w:val=\"heading 3\"/><w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:pPr><w:keepNext/><w:outlineLvl w:val=\"2\"/></w:pPr><w:rPr><w:b/></w:rPr></w:style>",
    "<w:style w:type=\"paragraph\" w:styleId=\"Note\"><w:name w:val=\"Note\"/><w:basedOn w:val=\"Normal\"/><w:rPr><w:color w:val=\"595959\"/><w:sz w:val=\"18\"/></w:rPr></w:style>",
    "<w:style w:type=\"paragraph\" w:styleId=\"Entry\"><w:name w:val=\"Entry\"/><w:basedOn w:val=\"Normal\"/><w:pPr><w:ind w:left=\"420\" w:hanging=\"420\"/></w:pPr></w:style>",
    "<w:style w:type=\"paragraph\" w:styleId=\"Cell\"><w:name w:val=\"Cell\"/><w:basedOn w:val=\"Normal\"/><w:pPr><w:spacing w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/></w:pPr><w:rPr><w:sz w:val=\"18\"/></w:rPr></w:style>",
    "<w:style w:type=\"paragraph\" w:styleId=\"CellHead\"><w:name w:val=\"Cell Head\"/><w:basedOn w:val=\"Cell\"/><w:rPr><w:b/></w:rPr></w:style>",
    "<w:style w:type=\"table\" w:styleId=\"Grid\"><w:name w:val=\"Table Grid\"/><w:tblPr><w:tblBorders>",
    "<w:top w:val=\"single\" w:sz=\"4\"/><w:left w:val=\"single\" w:sz=\"4\"/><w:bottom w:val=\"single\" w:sz=\"4\"/><w:right w:val=\"single\" w:sz=\"4\"/>",
    "<w:insideH w:val=\"single\" w:sz=\"4\"/><w:insideV w:val=\"single\" w:sz=\"4\"/></w:tblBorders></w:tblPr></w:style></w:styles>"
);
