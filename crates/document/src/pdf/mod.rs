//! PDF files with a text layer.
//!
//! The steps: [`open`] the file, carry out the [`content`] of each page, leave out what is not [`visible`], find
//! [`tables`], [`lines`] and their reading [`order`], leave out the [`furniture`] of pages, and join lines to
//! [`paragraphs`].
//!
//! Parsing is done by `hayro-syntax` and fonts by `hayro-font`, the parts of `hayro-interpret` that text needs. What
//! the feature costs to build: 43 crates beside the 27 that the crate has without it (`hayro-interpret` would bring 67),
//! about 45 seconds of one core for a development build from nothing.

mod annotations;
mod cells;
mod characters;
mod color;
mod content;
mod document;
mod font;
mod furniture;
mod guard;
mod layers;
mod layout;
mod lines;
mod notes;
mod open;
mod order;
mod page;
mod paragraphs;
mod path;
mod program;
mod state;
mod stream;
mod tables;
mod text;
mod visible;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Stream};
use hayro_syntax::page::Page;
use zhaoren_cancel::Cancellation;

use self::content::Painter;
use self::font::Fonts;
use self::layers::Layers;
use self::layout::Sheet;
use self::page::Drawing;
use self::state::{Matrix, State};
use crate::limits::Budget;
use crate::model::Document;
use crate::refusal::Refusal;

/// Filled figures from which on a page without text is taken for one whose letters are outlines.
const OUTLINES: u32 = 100;

/// Reads a PDF file.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Refusal> {
    // The crates that parse PDF and fonts are not ours; a file that breaks one of them is damaged. A cancelled
    // computation unwinds as well, and goes on doing so.
    catch_unwind(AssertUnwindSafe(|| read_pages(bytes, budget))).unwrap_or_else(|panic| {
        if Cancellation::current().is_some_and(|cancellation| cancellation.is_cancelled()) {
            resume_unwind(panic)
        }
        Err(Refusal::Damaged("PDF 的内部结构有误".to_owned()))
    })
}

fn read_pages(bytes: &[u8], budget: &mut Budget) -> Result<Document, Refusal> {
    let pdf = open::open(bytes, budget)?;
    let (mut sheets, hidden) = sheets(&pdf, budget)?;
    readable(&sheets)?;
    let mut furnished: Vec<furniture::Sheet<'_>> = sheets
        .iter_mut()
        .map(|sheet| furniture::Sheet { height: sheet.size.1, rows: &mut sheet.rows })
        .collect();
    furniture::remove(&mut furnished, budget)?;
    let mut document = document::write(&mut sheets, budget)?;
    let counted = open::page_count(&pdf).unwrap_or_default();
    if counted > sheets.len() {
        document.remarks.push(format!("文件称有{counted}页，只找到{}页，读出的可能不全", sheets.len()));
    }
    if hidden > 0 {
        document
            .remarks
            .push(format!("有{hidden}个看不见的字（与底色相同、无色、被遮住或在页面之外），未读入"));
    }
    Ok(document)
}

/// Refuses a file whose text cannot be had.
fn readable(sheets: &[Sheet]) -> Result<(), Refusal> {
    let characters: usize = sheets.iter().map(|sheet| sheet.characters).sum();
    let damaged: usize = sheets.iter().map(|sheet| sheet.damaged).sum();
    // A line of the program that scanned, on each page, makes no text of a scan.
    let scanned = sheets.iter().filter(|sheet| sheet.pictured > 0.5).count();
    if scanned > 0 && characters < scanned * 24 && scanned * 2 > sheets.len() {
        return Err(Refusal::Scan);
    }
    if damaged * 10 > characters {
        return Err(Refusal::BadTextLayer(format!(
            "{}个字中有{damaged}个的编码不对应任何字符",
            characters.max(damaged)
        )));
    }
    if characters == 0 {
        if sheets.iter().any(|sheet| sheet.outlines > OUTLINES) {
            return Err(Refusal::BadTextLayer("文字已转成图形轮廓".to_owned()));
        }
        return Err(if sheets.iter().any(|sheet| sheet.pictured > 0.1) {
            Refusal::Scan
        } else {
            Refusal::Empty
        });
    }
    Ok(())
}

/// Draws all pages and finds their rows and tables. Gives the number of hidden characters as well.
fn sheets(pdf: &Pdf, budget: &mut Budget) -> Result<(Vec<Sheet>, usize), Refusal> {
    let mut fonts = Fonts::new();
    let layers = Layers::of(pdf.xref());
    let mut sheets = Vec::new();
    let mut hidden = 0;
    for page in pdf.pages().iter() {
        budget.step(100)?;
        let mut drawing = Drawing::new(page.render_dimensions());
        let data = contents(page, &mut drawing, budget)?;
        let state = State::new(Matrix(page.initial_transform(true).as_coeffs()), drawing.area());
        let mut painter = Painter {
            fonts: &mut fonts,
            layers: &layers,
            budget,
            drawing: &mut drawing,
            order: 0,
            depth: 0,
            marks: Vec::new(),
        };
        painter.run(&data, page.resources(), state.clone())?;
        annotations::draw(&mut painter, page, &state)?;
        let visibility = visible::keep_visible(&mut drawing, budget)?;
        hidden += visibility.hidden;
        let mut sheet = Sheet::new(drawing, budget)?;
        sheet.recognized = visibility.recognized;
        sheets.push(sheet);
    }
    Ok((sheets, hidden))
}

/// The content of a page, which may lie in several streams.
fn contents(page: &Page<'_>, drawing: &mut Drawing, budget: &mut Budget) -> Result<Vec<u8>, Refusal> {
    let dict = page.raw();
    let mut parts: Vec<Stream<'_>> = Vec::new();
    if let Some(single) = dict.get::<Stream<'_>>("Contents") {
        parts.push(single);
    } else if let Some(several) = dict.get::<Array<'_>>("Contents") {
        parts.extend(several.iter::<Stream<'_>>());
    } else {
        // No content is an empty page; a content that is not there is damage.
        drawing.broken |= dict.contains_key("Contents");
    }
    let mut all = Vec::new();
    for part in parts {
        budget.step(1)?;
        match stream::unpacked(&part, budget)? {
            Some(content) => {
                drawing.broken |= !content.whole;
                all.extend(content.data);
            }
            None => drawing.broken = true,
        }
        // A word ends with its stream.
        all.push(b'\n');
    }
    Ok(all)
}
