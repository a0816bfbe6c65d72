//! Office Open XML texts (ECMA-376, DOCX): what a person sees who opens the file, with all changes accepted.

mod body;
mod numbering;
mod runs;
mod styles;
mod tables;

use std::collections::HashMap;
use std::sync::Arc;

use self::body::Body;
use self::numbering::Numbering;
use self::styles::Styles;
use crate::form::Form;
use crate::limits::Budget;
use crate::model::{Block, Document, Note, Paragraph};
use crate::package::Package;
use crate::refusal::Refusal;
use crate::xml::{self, Element, MarkupReader, Step};

/// Reads a DOCX file.
///
/// # Errors
/// It is broken, holds pictures of pages only, holds no word, or exceeds a limit.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Refusal> {
    let mut package = Package::open(bytes, budget)?;
    let main = main_part(&mut package, budget)?;
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let beside = |name: &str| if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let styles = match package.markup(&beside("styles.xml"), budget)? {
        Some(bytes) => Styles::read(&xml::decoded("styles.xml", &bytes)?, budget)?,
        None => Styles::default(),
    };
    let numbering = match package.markup(&beside("numbering.xml"), budget)? {
        Some(bytes) => Numbering::read(&xml::decoded("numbering.xml", &bytes)?, &styles, budget)?,
        None => Numbering::default(),
    };
    let Some(bytes) = package.markup(&main, budget)? else {
        return Err(Refusal::Damaged("没有正文部件".to_owned()));
    };
    let mut document = Document::new(Form::Docx);
    let mut body = Body::new(&styles, &numbering, Arc::from(main.as_str()));
    document.blocks = story(&xml::decoded(&main, &bytes)?, &main, &mut body, budget)?;
    let (footnotes, endnotes) = (std::mem::take(&mut body.footnotes), std::mem::take(&mut body.endnotes));
    for (name, element, ids, format) in [
        ("footnotes.xml", "footnote", footnotes, "decimal"),
        ("endnotes.xml", "endnote", endnotes, "lowerRoman"),
    ] {
        if ids.is_empty() {
            continue;
        }
        let name = beside(name);
        let Some(bytes) = package.markup(&name, budget)? else {
            document.remarks.push("文中有注释标记，但文件中没有注释内容".to_owned());
            continue;
        };
        let mut notes = notes(&xml::decoded(&name, &bytes)?, &name, element, &mut body, budget)?;
        for (at, id) in ids.iter().enumerate() {
            if let Some(paragraphs) = notes.remove(id) {
                document.notes.push(Note { mark: runs::mark(format, at + 1), paragraphs });
            }
        }
    }
    finish(document, &body, &package)
}

/// Refuses a document without words, and adds remarks on parts that are not read.
fn finish(mut document: Document, body: &Body<'_>, package: &Package<'_>) -> Result<Document, Refusal> {
    let has_pictures = body.pictures > 0 || package.names().iter().any(|name| name.contains("/media/"));
    if document.blocks.is_empty() && document.notes.is_empty() {
        return Err(if has_pictures { Refusal::Scan } else { Refusal::Empty });
    }
    document.title = document.leading_title();
    if body.pictures > 0 {
        document.remarks.push(format!("正文中有{}幅图片，图片中的文字没有读取", body.pictures));
    }
    if body.white > 0 {
        document.remarks.push(format!("有{}处白底白字，看不见，没有读取", body.white));
    }
    if body.embedded > 0 {
        document.remarks.push(format!("正文中嵌入了{}个其他文档，其内容没有读取", body.embedded));
    }
    Ok(document)
}

/// The name of the main part, as the package's relationships give it.
fn main_part(package: &mut Package<'_>, budget: &mut Budget) -> Result<String, Refusal> {
    const USUAL: &str = "word/document.xml";
    if package.has(USUAL) {
        return Ok(USUAL.to_owned());
    }
    let Some(bytes) = package.markup("_rels/.rels", budget)? else { return Ok(USUAL.to_owned()) };
    let text = xml::decoded("_rels/.rels", &bytes)?;
    let mut part = MarkupReader::new("_rels/.rels", &text);
    loop {
        match part.step(budget)? {
            Step::Start(element)
                if element.attribute("Type").is_some_and(|kind| kind.ends_with("/officeDocument")) =>
            {
                let target = element.attribute("Target").unwrap_or(USUAL);
                return Ok(target.trim_start_matches('/').to_owned());
            }
            Step::Over => return Ok(USUAL.to_owned()),
            _ => {}
        }
    }
}

/// The blocks of the main part, one element of the body after the other.
fn story(text: &str, name: &str, body: &mut Body<'_>, budget: &mut Budget) -> Result<Vec<Block>, Refusal> {
    let mut part = MarkupReader::new(name, text);
    let mut blocks = Vec::new();
    loop {
        match part.step(budget)? {
            Step::Start(element) => match &*element.name {
                "p" | "tbl" => {
                    let element = part.whole(element, is_left_out, budget)?;
                    body.block(&element, &mut blocks, budget)?;
                }
                "document" | "body" | "sdt" | "sdtContent" | "ins" | "moveTo" | "customXml" | "smartTag"
                | "AlternateContent" | "Choice" => {}
                // A page with a background.
                "background" => {
                    body.has_ground = true;
                    part.pass(budget)?;
                }
                "altChunk" => {
                    body.embedded += 1;
                    part.pass(budget)?;
                }
                _ => part.pass(budget)?,
            },
            Step::Over => break,
            Step::End | Step::Text(_) => {}
        }
    }
    body.end(&mut blocks);
    Ok(blocks)
}

/// The paragraphs of each note of a part, by its identifier.
fn notes(
    text: &str,
    name: &str,
    element: &str,
    body: &mut Body<'_>,
    budget: &mut Budget,
) -> Result<HashMap<String, Vec<Paragraph>>, Refusal> {
    let mut part = MarkupReader::new(name, text);
    let mut notes = HashMap::new();
    body.enter(Arc::from(name));
    loop {
        match part.step(budget)? {
            Step::Start(start) if &*start.name == element => {
                let note = part.whole(start, is_left_out, budget)?;
                if note.attribute("type").is_some_and(|kind| kind != "normal") {
                    continue;
                }
                let mut blocks = Vec::new();
                body.blocks(&note, &mut blocks, budget)?;
                body.end(&mut blocks);
                let paragraphs = blocks.into_iter().filter_map(|block| match block {
                    Block::Paragraph(paragraph) => Some(paragraph),
                    Block::Table(_) => None,
                });
                notes.insert(note.attribute("id").unwrap_or_default().to_owned(), paragraphs.collect());
            }
            Step::Over => return Ok(notes),
            _ => {}
        }
    }
}

/// True if an element says nothing of the text; its content is not held.
fn is_left_out(name: &str) -> bool {
    matches!(
        name,
        "rFonts"
            | "sz"
            | "szCs"
            | "lang"
            | "bdr"
            | "spacing"
            | "ind"
            | "tabs"
            | "tblBorders"
            | "tcBorders"
            | "tblGrid"
            | "tblLook"
            | "tcW"
            | "tblW"
            | "tblCellMar"
            | "tcMar"
            | "bookmarkStart"
            | "bookmarkEnd"
            | "proofErr"
            | "lastRenderedPageBreak"
            | "commentRangeStart"
            | "commentRangeEnd"
            | "commentReference"
            | "annotationRef"
            | "rPrChange"
            | "pPrChange"
            | "tblPrChange"
            | "tcPrChange"
            | "trPrChange"
            | "tblGridChange"
            | "sectPr"
            | "numberingChange"
            | "instrText"
            | "delText"
            | "delInstrText"
            | "spPr"
            | "bodyPr"
            | "sdtPr"
            | "sdtEndPr"
    )
}

/// The number that an attribute `val` of an element in another gives.
fn number(element: &Element, name: &str) -> Option<i64> {
    element.value(name)?.trim().parse().ok()
}
