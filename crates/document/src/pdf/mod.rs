//! PDF files with a text layer.
//!
//! The steps: [`open`] the file, carry out the [`content`] of each page, leave out what is not [`visible`], find
//! [`tables`], [`lines`] and their reading [`order`], leave out the [`furniture`] of pages, and join lines to
//! [`paragraphs`].
//!
//! What it costs to build: PLACEHOLDER

mod color;
mod content;
mod font;
mod layers;
mod open;
mod page;
mod path;
mod program;
mod state;
mod stream;
mod text;
mod visible;

use hayro_syntax::Pdf;

use self::content::Painter;
use self::font::Fonts;
use self::layers::Layers;
use self::page::{Area, Drawing};
use self::state::{Matrix, State};
use crate::form::Form;
use crate::limits::Budget;
use crate::model::Document;
use crate::refusal::Refusal;

/// Reads a PDF file.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Refusal> {
    let pdf = open::open(bytes, budget)?;
    let drawings = draw(&pdf, budget)?;
    let document = Document::new(Form::Pdf);
    for drawing in drawings {
        let text: String = drawing.glyphs.iter().map(|glyph| glyph.character).collect();
        eprintln!("{text} {} {} {}", drawing.horizontal.len(), drawing.vertical.len(), drawing.pictures.len());
    }
    Ok(document)
}

/// Draws all pages.
fn draw(pdf: &Pdf, budget: &mut Budget) -> Result<Vec<Drawing>, Refusal> {
    let mut fonts = Fonts::new();
    let layers = Layers::of(pdf.xref());
    let mut drawings = Vec::new();
    for page in pdf.pages().iter() {
        let size = page.render_dimensions();
        let mut drawing = Drawing::new(size);
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
        visible::keep_visible(&mut drawing, budget)?;
        drawings.push(drawing);
    }
    Ok(drawings)
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
