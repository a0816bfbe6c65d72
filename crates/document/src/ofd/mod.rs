//! OFD (Open Fixed-layout Document, GB/T 33190—2016): a ZIP package of XML pages with text at coordinates.
//!
//! The file says where characters are and nothing of lines, paragraphs or tables; those are found here from the
//! coordinates. Template pages hold what repeats on every page and are left out.

mod assemble;
mod columns;
mod geometry;
mod grid;
mod layout;
mod package;
mod page;
mod path;
mod text;
mod xml;

use geometry::Area;
use package::{Package, resolve};
use page::Page;
use xml::{Token, visit};

use crate::form::Form;
use crate::limits::Budget;
use crate::model::Document;
use crate::refusal::Refusal;

/// The box of a page for which the file gives none: A4.
const A4: Area = Area { left: 0.0, top: 0.0, right: 210.0, bottom: 297.0 };

/// Reads an OFD file.
///
/// # Errors
/// The package is broken or encrypted, exceeds a limit, or has no text to be read.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Refusal> {
    let mut package = Package::open(bytes, budget)?;
    let mut document = Document::new(Form::Ofd);
    let root = root(&mut package, &mut document, budget)?;
    let mut pages = Vec::new();
    let mut templates = Vec::new();
    for part in &root {
        let outline = outline(&mut package, part, budget)?;
        if let Some(list) = &outline.attachments {
            attachments(&mut package, list, &mut document, budget)?;
        }
        templates.extend(outline.templates);
        for page in outline.pages {
            if pages.len() >= budget.limits().pages {
                return Err(Refusal::over("页数", budget.limits().pages as u64));
            }
            if !package.has(&page) {
                return Err(Refusal::Damaged(format!("缺少第 {} 页（{page}）", pages.len() + 1)));
            }
            let xml = package.part(&page, budget)?;
            let mut content = page::page(&xml, &page, budget)?;
            content.area = content.area.or(outline.area);
            pages.push(content);
        }
    }
    check(&mut pages, &mut document)?;
    if pages.iter().all(|page| page.pieces.is_empty()) {
        // Some writers put the whole page into its template.
        for page in &mut pages {
            for id in std::mem::take(&mut page.templates) {
                let Some((_, part)) = templates.iter().find(|(template, _)| *template == id) else {
                    continue;
                };
                let xml = package.part(part, budget)?;
                let template = page::page(&xml, part, budget)?;
                page.pieces.extend(template.pieces);
                page.rules.extend(template.rules);
            }
        }
    }
    if pages.iter().all(|page| page.pieces.is_empty()) {
        return Err(without_text(&pages));
    }
    assemble::assemble(pages, &mut document, budget)?;
    if document.blocks.is_empty() {
        return Err(Refusal::Empty);
    }
    Ok(document)
}

/// Names of the document parts of the package (it may carry more than one), and what the package says of itself.
fn root(
    package: &mut Package<'_>,
    document: &mut Document,
    budget: &mut Budget,
) -> Result<Vec<String>, Refusal> {
    let xml = package.part("OFD.xml", budget)?;
    let (mut parts, mut text) = (Vec::new(), String::new());
    visit(&xml, "OFD.xml", budget, |token, _| {
        match token {
            Token::Open(_) => text.clear(),
            Token::Text(piece) => text.push_str(&piece),
            Token::Close(name) => {
                let value = std::mem::take(&mut text).trim().to_owned();
                match name.as_str() {
                    "docroot" if !value.is_empty() => parts.push(resolve("OFD.xml", &value)),
                    "title" if !value.is_empty() && document.title.is_none() => document.title = Some(value),
                    _ => {}
                }
            }
        }
        Ok(())
    })?;
    if parts.is_empty() {
        return Err(Refusal::Damaged("OFD.xml 没有指出文档".to_owned()));
    }
    Ok(parts)
}

/// The parts that a document part lists.
struct Outline {
    area: Option<Area>,
    /// Parts of the pages in order.
    pages: Vec<String>,
    /// Template pages: (id, part).
    templates: Vec<(String, String)>,
    /// Part that lists the attached files.
    attachments: Option<String>,
}

fn outline(package: &mut Package<'_>, part: &str, budget: &mut Budget) -> Result<Outline, Refusal> {
    let xml = package.part(part, budget)?;
    let mut outline = Outline { area: None, pages: Vec::new(), templates: Vec::new(), attachments: None };
    let (mut text, mut in_pages) = (String::new(), false);
    visit(&xml, part, budget, |token, _| {
        match token {
            Token::Open(element) => {
                text.clear();
                let place = element.attribute("baseloc").map(|place| resolve(part, place));
                match (element.name.as_str(), place) {
                    ("pages", _) => in_pages = true,
                    ("page", Some(place)) if in_pages => outline.pages.push(place),
                    ("templatepage", Some(place)) => {
                        outline
                            .templates
                            .push((element.attribute("id").unwrap_or_default().to_owned(), place));
                    }
                    _ => {}
                }
            }
            Token::Text(piece) => text.push_str(&piece),
            Token::Close(name) => match name.as_str() {
                "physicalbox" => outline.area = geometry::area(&text).or(outline.area),
                "pages" => in_pages = false,
                "attachments" if !text.trim().is_empty() => outline.attachments = Some(resolve(part, &text)),
                _ => {}
            },
        }
        Ok(())
    })?;
    Ok(outline)
}

/// Adds the files that are attached to a document. A list that cannot be read is named; the pages are sound without it.
fn attachments(
    package: &mut Package<'_>,
    list: &str,
    document: &mut Document,
    budget: &mut Budget,
) -> Result<(), Refusal> {
    let xml = match package.part(list, budget) {
        Ok(xml) => xml,
        Err(refusal @ Refusal::Bomb { .. }) => return Err(refusal),
        Err(_) => {
            document.remarks.push("附件列表无法读取".to_owned());
            return Ok(());
        }
    };
    let (mut text, mut name) = (String::new(), String::new());
    let (limit, annexes) = (budget.limits().entries, &mut document.annexes);
    let outcome = visit(&xml, list, budget, |token, _| {
        match token {
            Token::Open(element) => {
                text.clear();
                if let Some(given) = element.attribute("name") {
                    given.clone_into(&mut name);
                }
            }
            Token::Text(piece) => text.push_str(&piece),
            Token::Close(closed) => {
                if closed == "fileloc" && annexes.len() < limit {
                    annexes.push((std::mem::take(&mut name), resolve(list, &text)));
                }
            }
        }
        Ok(())
    });
    match outcome {
        Err(refusal @ Refusal::Bomb { .. }) => Err(refusal),
        Err(_) => {
            document.remarks.push("附件列表无法读取".to_owned());
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Determines the visible pieces, and adds remarks on content that is not read.
fn check(pages: &mut [Page], document: &mut Document) -> Result<(), Refusal> {
    let (mut characters, mut unknown) = (0usize, 0usize);
    for (index, page) in pages.iter_mut().enumerate() {
        zhaoren_cancel::poll();
        let area = *page.area.get_or_insert(A4);
        // Where most of the text lies outside, it is the box that is wrong.
        let inside = page.pieces.iter().filter(|piece| area.holds(piece.area.middle())).count();
        if inside * 2 >= page.pieces.len() {
            page.pieces.retain(|piece| area.holds(piece.area.middle()));
        }
        // Hidden text over a picture of the page is the text recognized in the picture.
        let paper = area.width() * area.height();
        let pictured = page.images.iter().any(|image| image.width() * image.height() >= paper * 0.7);
        if page.pieces.is_empty() && pictured {
            page.pieces = std::mem::take(&mut page.hidden);
        }
        let number = index + 1;
        if page.unplaced > 0 {
            let count = page.unplaced;
            document.remarks.push(format!("第 {number} 页有 {count} 处文字的坐标不是有效数值，未读取"));
        }
        if page.oblique > 0 {
            document.remarks.push(format!("第 {number} 页有斜排的文字（如水印），未读取"));
        }
        if page.composites > 0 && !page.pieces.is_empty() {
            document.remarks.push(format!("第 {number} 页有复合图元，其中如有文字，未读取"));
        }
        if page.pieces.is_empty() && pictured {
            document.remarks.push(format!("第 {number} 页只有图片，没有文字，未读取"));
        }
        for (character, _) in page.pieces.iter().flat_map(|piece| &piece.glyphs) {
            characters += 1;
            let private = ('\u{e000}'..='\u{f8ff}').contains(character);
            unknown += usize::from(private || *character == char::REPLACEMENT_CHARACTER);
        }
    }
    if unknown * 3 > characters {
        return Err(Refusal::BadTextLayer("文字编码是私有的".to_owned()));
    }
    Ok(())
}

/// Why a file without pieces of text has none.
fn without_text(pages: &[Page]) -> Refusal {
    if pages.iter().any(|page| !page.images.is_empty()) {
        Refusal::Scan
    } else if pages.iter().any(|page| page.unplaced > 0) {
        Refusal::Damaged("文字的坐标不是有效数值".to_owned())
    } else if pages.iter().map(|page| page.paths).sum::<usize>() > 200
        || pages.iter().any(|page| page.composites > 0)
    {
        Refusal::BadTextLayer("文字已转成图形".to_owned())
    } else {
        Refusal::Empty
    }
}
