//! PDF files with a text layer.
//!
//! The steps: [`open`] the file, carry out the [`content`] of each page, leave out what is not [`visible`], find
//! [`tables`], [`lines`] and their reading [`order`], leave out the [`furniture`] of pages, and join lines to
//! [`paragraphs`].
//!
//! What it costs to build: PLACEHOLDER

mod color;
mod content;
mod document;
mod font;
mod furniture;
mod guard;
mod layers;
mod layout;
mod lines;
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

use hayro_syntax::Pdf;

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
    let pdf = open::open(bytes, budget)?;
    let (mut sheets, hidden) = sheets(&pdf, budget)?;
    readable(&sheets)?;
    let mut furnished: Vec<furniture::Sheet<'_>> = sheets
        .iter_mut()
        .map(|sheet| furniture::Sheet { height: sheet.size.1, rows: &mut sheet.rows })
        .collect();
    furniture::remove(&mut furnished, budget)?;
    let mut document = document::write(&mut sheets, budget)?;
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
    if damaged * 10 > characters {
        return Err(Refusal::BadTextLayer(format!("{characters}个字中有{damaged}个的编码不对应任何字符")));
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
        let data = contents(page, budget)?;
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
        painter.run(&data, page.resources(), state)?;
        hidden += visible::keep_visible(&mut drawing, budget)?;
        sheets.push(Sheet::new(drawing, budget)?);
    }
    Ok((sheets, hidden))
}

/// The content of a page, which may lie in several streams.
fn contents(page: &hayro_syntax::page::Page<'_>, budget: &mut Budget) -> Result<Vec<u8>, Refusal> {
    use hayro_syntax::object::{Array, Stream};
    let dict = page.raw();
    if let Some(single) = dict.get::<Stream<'_>>("Contents") {
        return Ok(stream::unpacked(&single, budget)?.unwrap_or_default());
    }
    let mut all = Vec::new();
    for part in dict.get::<Array<'_>>("Contents").iter().flat_map(|parts| parts.iter::<Stream<'_>>()) {
        budget.step(1)?;
        all.extend(stream::unpacked(&part, budget)?.unwrap_or_default());
        all.push(b'\n');
    }
    Ok(all)
}
