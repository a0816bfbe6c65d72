//! The content of one page: visible pieces of text, ruled lines and pictures.

use super::geometry::{Area, Matrix, area, number, numbers};
use super::path::{Rule, shape, thin};
use super::text::{Code, Piece, Style, deltas, pieces};
use super::xml::{Element, Token, visit};
use crate::limits::Budget;
use crate::refusal::Refusal;

/// The visible content of a page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// Its box, where the page gives one.
    pub(crate) area: Option<Area>,
    /// Pieces of text in the order of the file.
    pub(crate) pieces: Vec<Piece>,
    /// Pieces that are not seen: transparent, white on white, switched off.
    pub(crate) hidden: Vec<Piece>,
    /// Ruled lines along the axes.
    pub(crate) rules: Vec<Rule>,
    /// Areas of pictures.
    pub(crate) images: Vec<Area>,
    /// Number of drawn paths.
    pub(crate) paths: usize,
    /// Template pages that it refers to.
    pub(crate) templates: Vec<String>,
    /// Texts whose place is no number.
    pub(crate) unplaced: usize,
    /// Texts that run obliquely, as watermarks do.
    pub(crate) oblique: usize,
    /// Objects that are composed elsewhere in the package; their text is not read.
    pub(crate) composites: usize,
    /// Filled areas on which white text is seen.
    fills: Vec<Area>,
    /// Pieces in white, to be judged when all fills are known.
    white: Vec<Piece>,
}

/// Ruled lines of a page that are looked at; a page of tables has some hundreds.
const RULES: usize = 20_000;
/// Size of type (mm) where neither the text nor its boundary has one: 12 points.
const USUAL_SIZE: f64 = 4.2;
/// Filled areas and pictures of a page that are kept.
const AREAS: usize = 256;

/// Reads the content of a page.
///
/// # Errors
/// The XML is broken, or the budget is spent.
pub(crate) fn page(xml: &str, part: &str, budget: &mut Budget) -> Result<Page, Refusal> {
    let mut reading = PageParser::default();
    visit(xml, part, budget, |token, budget| match token {
        Token::Open(element) => reading.open(&element),
        Token::Text(text) => {
            reading.characters.push_str(&text);
            Ok(())
        }
        Token::Close(name) => reading.close(&name, budget),
    })?;
    Ok(reading.finish())
}

/// The object that is being read.
#[derive(Debug, Default)]
struct Object {
    boundary: Option<Area>,
    ctm: Option<[f64; 6]>,
    size: Option<f64>,
    scale: Option<f64>,
    reading: u16,
    hidden: bool,
    filled: Option<bool>,
    stroked: Option<bool>,
    white: bool,
    codes: Vec<Code>,
    code: Option<Code>,
    deltas: [Option<String>; 2],
    broken: bool,
    data: String,
}

#[derive(Default)]
struct PageParser {
    page: Page,
    object: Option<Object>,
    /// True if the colour of filling is being read, which some writers give as an element `Value`.
    fill: bool,
    /// Depth inside an element whose content is no content of the page.
    skipped: usize,
    characters: String,
}

impl PageParser {
    #[expect(clippy::unnecessary_wraps, reason = "one signature for the tokens of a part")]
    fn open(&mut self, element: &Element) -> Result<(), Refusal> {
        self.characters.clear();
        if self.skipped > 0 {
            self.skipped += 1;
            return Ok(());
        }
        match element.name.as_str() {
            "clips" | "pattern" | "axialshd" | "radialshd" | "gouraudshd" | "lagouraudshd"
            | "cgtransform" | "actions" | "border" => self.skipped = 1,
            "template" => self.page.templates.extend(element.attribute("templateid").map(str::to_owned)),
            "textobject" | "pathobject" => self.object = Some(object(element)),
            "imageobject" => {
                if let Some(area) = element.attribute("boundary").and_then(area)
                    && self.page.images.len() < AREAS
                {
                    self.page.images.push(area);
                }
            }
            "compositeobject" => self.page.composites += 1,
            "fillcolor" => {
                self.fill = true;
                if let Some(object) = &mut self.object {
                    object.hidden |= transparent(element);
                    object.white |= element.attribute("value").is_some_and(is_white);
                }
            }
            "textcode" => {
                if let Some(object) = &mut self.object {
                    // A place that is not given is that of the code before; for the first one it is the corner.
                    let before = object.codes.last().map_or((0.0, 0.0), |code| (code.x, code.y));
                    let place = |name: &str, before: f64| match element.attribute(name) {
                        None => Some(before),
                        Some(text) => number(text),
                    };
                    let (x, y) = (place("x", before.0), place("y", before.1));
                    object.broken |= x.is_none() || y.is_none();
                    let (x, y) = (x.unwrap_or_default(), y.unwrap_or_default());
                    object.code = Some(Code { x, y, ..Code::default() });
                    object.deltas =
                        ["deltax", "deltay"].map(|name| element.attribute(name).map(str::to_owned));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str, budget: &mut Budget) -> Result<(), Refusal> {
        if self.skipped > 0 {
            self.skipped -= 1;
            self.characters.clear();
            return Ok(());
        }
        let characters = std::mem::take(&mut self.characters);
        match name {
            "physicalbox" => self.page.area = area(&characters).or(self.page.area),
            "fillcolor" => self.fill = false,
            "value" if self.fill => {
                if let Some(object) = &mut self.object {
                    object.white |= is_white(&characters);
                }
            }
            "textcode" => {
                if let Some(object) = &mut self.object
                    && let Some(mut code) = object.code.take()
                {
                    code.text = characters.trim_matches(['\n', '\r', '\t']).to_owned();
                    let length = code.text.chars().count();
                    budget.text(length)?;
                    budget.step(length as u64 / 8 + 4)?;
                    let [x, y] = std::mem::take(&mut object.deltas);
                    code.delta_x = x.map(|text| deltas(&text, length)).unwrap_or_default();
                    code.delta_y = y.map(|text| deltas(&text, length)).unwrap_or_default();
                    object.codes.push(code);
                }
            }
            "abbreviateddata" => {
                if let Some(object) = &mut self.object {
                    object.data = characters;
                }
            }
            "textobject" => {
                if let Some(object) = self.object.take() {
                    self.text(&object);
                }
            }
            "pathobject" => {
                if let Some(object) = self.object.take() {
                    self.path(&object);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, object: &Object) {
        if object.codes.iter().all(|code| code.text.trim().is_empty()) {
            return;
        }
        let Some(boundary) = object.boundary.filter(|_| !object.broken) else {
            self.page.unplaced += 1;
            return;
        };
        let style = Style {
            matrix: Matrix::of(object.ctm, boundary),
            size: object
                .size
                .unwrap_or_else(|| if boundary.height() > 0.0 { boundary.height() } else { USUAL_SIZE }),
            reading: object.reading,
            scale: object.scale.unwrap_or(1.0),
        };
        let unpainted = object.filled == Some(false) && object.stroked != Some(true);
        let target = if object.hidden || unpainted {
            &mut self.page.hidden
        } else if object.white && object.stroked != Some(true) {
            &mut self.page.white
        } else {
            &mut self.page.pieces
        };
        for code in &object.codes {
            match pieces(&style, code) {
                Some(pieces) => target.extend(pieces),
                // Such text is a watermark: it is seen behind the text and is no part of it.
                None => self.page.oblique += usize::from(!code.text.trim().is_empty()),
            }
        }
    }

    fn path(&mut self, object: &Object) {
        self.page.paths += 1;
        let Some(boundary) = object.boundary else { return };
        if object.hidden || self.page.rules.len() >= RULES {
            return;
        }
        let drawn = shape(&object.data, Matrix::of(object.ctm, boundary), RULES - self.page.rules.len());
        // A path is stroked and not filled unless it says otherwise.
        if object.stroked != Some(false) {
            self.page.rules.extend(drawn.rules);
        }
        if object.filled == Some(true)
            && !object.white
            && let Some(area) = drawn.area
        {
            self.page.rules.extend(thin(area));
            if self.page.fills.len() < AREAS {
                self.page.fills.push(area);
            }
        }
    }

    fn finish(self) -> Page {
        let mut page = self.page;
        for piece in std::mem::take(&mut page.white) {
            zhaoren_cancel::poll();
            let middle = piece.area.middle();
            let seen = page.fills.iter().chain(&page.images).any(|area| area.holds(middle));
            if seen { page.pieces.push(piece) } else { page.hidden.push(piece) }
        }
        page
    }
}

fn object(element: &Element) -> Object {
    let flag = |name: &str| element.attribute(name).map(|_| !element.denies(name));
    let ctm = element.attribute("ctm");
    let matrix = ctm.and_then(numbers::<6>);
    let degrees = |name: &str| element.attribute(name).and_then(number).unwrap_or(0.0).rem_euclid(360.0);
    let reading = degrees("readdirection");
    Object {
        boundary: element.attribute("boundary").and_then(area),
        broken: ctm.is_some() && matrix.is_none(),
        ctm: matrix,
        size: element.attribute("size").and_then(number).filter(|size| *size > 0.0),
        scale: element.attribute("hscale").and_then(number).filter(|scale| *scale > 0.0),
        reading: [90, 180, 270]
            .into_iter()
            .find(|angle| (reading - f64::from(*angle)).abs() < 45.0)
            .unwrap_or(0),
        hidden: element.denies("visible") || transparent(element),
        filled: flag("fill"),
        stroked: flag("stroke"),
        ..Object::default()
    }
}

/// True if an object or a colour is fully transparent.
fn transparent(element: &Element) -> bool {
    element.attribute("alpha").and_then(number).is_some_and(|alpha| alpha <= 0.0)
}

/// True if a colour of three channels is white, or so near it that it is not seen on paper.
fn is_white(value: &str) -> bool {
    let mut channels = 0;
    for token in value.split([' ', ',']).filter(|token| !token.is_empty()) {
        let level = match token.strip_prefix('#') {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => token.parse().ok(),
        };
        if level.is_none_or(|level| level < 250) {
            return false;
        }
        channels += 1;
    }
    channels == 3
}
