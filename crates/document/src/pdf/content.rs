//! The content of a page: its drawing operators are carried out, and what they draw is noted.
//!
//! An own interpreter, on the operators of `hayro-syntax` and the fonts of `hayro-font`: that of `hayro-interpret`
//! cannot be stopped by a budget in the middle of a page, does not tell which font a glyph comes from, and builds the
//! decoders of all kinds of pictures, which text does not need.

use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction as Op;
use hayro_syntax::object::{Array, Dict, Name, Number, Object, Stream};
use hayro_syntax::page::Resources;

use super::color::{Space, cmyk, gray};
use super::font::Fonts;
use super::layers::Layers;
use super::page::{Drawing, Ink};
use super::path::Path;
use super::state::{Matrix, Paint, State};
use super::{stream, text};
use crate::limits::Budget;
use crate::refusal::Refusal;

/// Depth to which forms may draw forms.
const FORMS: u32 = 16;

/// States that may be saved at a time.
const STATES: usize = 512;

/// Resources for drawing a page beside its content.
pub(super) struct Painter<'a, 'b> {
    pub(super) fonts: &'b mut Fonts<'a>,
    pub(super) layers: &'b Layers,
    pub(super) budget: &'b mut Budget,
    pub(super) drawing: &'b mut Drawing,
    pub(super) order: u32,
    pub(super) depth: u32,
    /// For each marked content that is open: whether it hides what it holds, and whether it is a running header or
    /// footer.
    pub(super) marks: Vec<(bool, bool)>,
}

impl<'a> Painter<'a, '_> {
    /// Carries out the operators of a stream.
    pub(super) fn run(
        &mut self,
        data: &[u8],
        resources: &Resources<'a>,
        mut state: State<'a>,
    ) -> Result<(), Refusal> {
        let mut saved: Vec<State<'a>> = Vec::new();
        let mut path = Path::default();
        let mut operators = TypedIter::new(data);
        let marks = self.marks.len();
        while let Some(operator) = operators.next() {
            self.budget.step(1)?;
            self.order = self.order.saturating_add(1);
            match operator {
                Op::SaveState(_) if saved.len() < STATES => saved.push(state.clone()),
                Op::RestoreState(_) => state = saved.pop().unwrap_or(state),
                Op::XObject(object) => {
                    if let Some(object) = resources.get_x_object(object.0) {
                        self.object(&object, resources, &state)?;
                    }
                }
                Op::InlineImage(_) => self.picture(&state),
                Op::TextFont(font) => {
                    state.font_size = font.1.as_f64();
                    state.font = match resources.get_font(font.0) {
                        Some(dict) => self.fonts.get(&dict, self.budget)?,
                        None => None,
                    };
                }
                Op::ShowText(shown) => self.show(&mut state, shown.0.as_bytes())?,
                Op::NextLineAndShowText(shown) => {
                    state.next_line(0.0, -state.leading);
                    self.show(&mut state, shown.0.as_bytes())?;
                }
                Op::ShowTextWithParameters(shown) => {
                    state.word_space = shown.0.as_f64();
                    state.character_space = shown.1.as_f64();
                    state.next_line(0.0, -state.leading);
                    self.show(&mut state, shown.2.as_bytes())?;
                }
                Op::ShowTexts(shown) => {
                    for part in shown.0.iter::<Object<'_>>() {
                        match part {
                            Object::Number(amount) => state.adjust(amount.as_f64()),
                            Object::String(bytes) => self.show(&mut state, bytes.as_bytes())?,
                            _ => {}
                        }
                    }
                }
                Op::SetGraphicsState(named) => {
                    if let Some(dict) = resources.get_ext_g_state(named.0) {
                        self.extended(&dict, &mut state)?;
                    }
                }
                Op::BeginMarkedContent(_) => self.mark(false, false),
                Op::BeginMarkedContentWithProperties(mark) => self.begin_mark(mark.0, mark.1, resources),
                Op::EndMarkedContent(_) if self.marks.len() > marks => {
                    self.marks.pop();
                }
                Op::Shading(_) => {
                    // A gradient fills what the clip leaves.
                    let area = state.clip;
                    if self.is_shown() && self.drawing.fills.len() < super::page::MARKS {
                        let fill = super::page::Fill { area, color: None, solid: false, order: self.order };
                        self.drawing.fills.push(fill);
                    }
                }
                operator => {
                    if !colored(&operator, resources, &mut state) && !set(&operator, &mut state) {
                        self.draw(&operator, &mut path, &mut state);
                    }
                }
            }
        }
        self.marks.truncate(marks);
        Ok(())
    }

    pub(super) fn is_shown(&self) -> bool {
        !self.marks.iter().any(|(hides, _)| *hides)
    }

    fn mark(&mut self, hides: bool, pagination: bool) {
        if self.marks.len() < STATES {
            self.marks.push((hides, pagination));
        }
    }

    fn begin_mark(&mut self, tag: &Name<'_>, properties: &Object<'_>, resources: &Resources<'_>) {
        let dict = match properties {
            Object::Dict(dict) => Some(dict.clone()),
            Object::Name(name) => resources.properties.get::<Dict<'_>>(name.as_ref()),
            _ => None,
        };
        let hides = match properties {
            Object::Name(name) if tag.as_ref() == b"OC" => {
                self.layers.hides(&resources.properties, name.as_ref())
            }
            _ => false,
        };
        let pagination = tag.as_ref() == b"Artifact"
            && dict
                .and_then(|dict| dict.get::<Name<'_>>("Type"))
                .is_some_and(|kind| kind.as_ref() == b"Pagination");
        self.mark(hides, pagination);
    }

    /// A form, whose content is drawn in its place, or a picture.
    fn object(
        &mut self,
        object: &Stream<'a>,
        resources: &Resources<'a>,
        state: &State<'a>,
    ) -> Result<(), Refusal> {
        let dict = object.dict();
        if self.layers.hides(dict, b"OC") {
            return Ok(());
        }
        match dict.get::<Name<'_>>("Subtype").as_ref().map(AsRef::as_ref) {
            Some(b"Image") => self.picture(state),
            Some(b"Form") => self.form(object, resources, state.clone())?,
            _ => {}
        }
        Ok(())
    }

    pub(super) fn form(
        &mut self,
        form: &Stream<'a>,
        resources: &Resources<'a>,
        mut state: State<'a>,
    ) -> Result<(), Refusal> {
        if self.depth >= FORMS {
            return Ok(());
        }
        let dict = form.dict();
        if let Some(matrix) = dict.get::<[f64; 6]>("Matrix") {
            state.matrix = Matrix(matrix).then(&state.matrix);
        }
        if let Some([x0, y0, x1, y1]) = dict.get::<[f64; 4]>("BBox")
            && let Some(area) = state.matrix.area(x0, y0, x1, y1)
        {
            state.clip = state.clip.intersection(&area);
        }
        let Some(content) = stream::unpacked(form, self.budget)? else {
            self.drawing.broken = true;
            return Ok(());
        };
        self.drawing.broken |= !content.whole;
        let own = dict.get::<Dict<'a>>("Resources").map(Resources::new);
        self.depth += 1;
        let result = self.run(&content.data, own.as_ref().unwrap_or(resources), state);
        self.depth -= 1;
        result
    }

    fn picture(&mut self, state: &State<'_>) {
        let Some(area) = state.matrix.area(0.0, 0.0, 1.0, 1.0) else { return };
        let area = area.intersection(&state.clip);
        // Some writers draw rules and dots as pictures of one point.
        if self.is_shown()
            && area.width() > 8.0
            && area.height() > 8.0
            && self.drawing.pictures.len() < super::page::MARKS
        {
            self.drawing.pictures.push(area);
        }
    }

    fn show(&mut self, state: &mut State<'a>, bytes: &[u8]) -> Result<(), Refusal> {
        text::show(self, state, bytes)
    }

    fn extended(&mut self, dict: &Dict<'a>, state: &mut State<'a>) -> Result<(), Refusal> {
        if let Some(alpha) = dict.get::<f32>("ca") {
            state.fill.alpha = alpha;
        }
        if let Some(alpha) = dict.get::<f32>("CA") {
            state.stroke.alpha = alpha;
        }
        if let Some(width) = dict.get::<f64>("LW") {
            state.line_width = width;
        }
        if let Some(mode) = dict.get::<Name<'_>>("BM") {
            state.blended = !matches!(mode.as_ref(), b"Normal" | b"Compatible");
        }
        if let Some(font) = dict.get::<Array<'a>>("Font") {
            let mut parts = font.iter::<Object<'a>>();
            if let (Some(Object::Dict(font)), Some(Object::Number(size))) = (parts.next(), parts.next()) {
                state.font = self.fonts.get(&font, self.budget)?;
                state.font_size = size.as_f64();
            }
        }
        Ok(())
    }

    /// Operators of paths.
    fn draw(&mut self, operator: &Op<'_, '_>, path: &mut Path, state: &mut State<'_>) {
        let at = |x: &Number, y: &Number| state.matrix.point(x.as_f64(), y.as_f64());
        match operator {
            Op::MoveTo(to) => path.move_to(at(&to.0, &to.1)),
            Op::LineTo(to) => path.line_to(at(&to.0, &to.1)),
            Op::CubicTo(to) => path.curve_to(&[at(&to.0, &to.1), at(&to.2, &to.3), at(&to.4, &to.5)]),
            Op::CubicStartTo(to) => path.curve_to(&[at(&to.0, &to.1), at(&to.2, &to.3)]),
            Op::CubicEndTo(to) => path.curve_to(&[at(&to.0, &to.1), at(&to.2, &to.3)]),
            Op::ClosePath(_) => path.close(),
            Op::RectPath(area) => {
                let [x, y, width, height] = [&area.0, &area.1, &area.2, &area.3].map(Number::as_f64);
                path.rectangle(&state.matrix, x, y, width, height);
            }
            Op::ClipNonZero(_) | Op::ClipEvenOdd(_) => path.clips = true,
            _ => {
                let (closes, fills, strokes) = match operator {
                    Op::StrokePath(_) => (false, false, true),
                    Op::CloseAndStrokePath(_) => (true, false, true),
                    Op::FillPathNonZero(_) | Op::FillPathNonZeroCompatibility(_) | Op::FillPathEvenOdd(_) => {
                        (false, true, false)
                    }
                    Op::FillAndStrokeNonZero(_) | Op::FillAndStrokeEvenOdd(_) => (false, true, true),
                    Op::CloseFillAndStrokeNonZero(_) | Op::CloseFillAndStrokeEvenOdd(_) => (true, true, true),
                    Op::EndPath(_) => (false, false, false),
                    _ => return,
                };
                if closes {
                    path.close();
                }
                let shown = self.is_shown();
                path.paint(state, fills && shown, strokes && shown, self.drawing, self.order);
            }
        }
    }
}

/// Carries out an operator of colour; false for any other.
fn colored(operator: &Op<'_, '_>, resources: &Resources<'_>, state: &mut State<'_>) -> bool {
    let device = |paint: &mut Paint, space: Space, ink: [f32; 3]| {
        paint.space = space;
        paint.ink = Ink::Color(ink);
    };
    let chosen = |paint: &mut Paint, parts: &[Number]| {
        let parts: Vec<f32> = parts.iter().map(Number::as_f32).collect();
        paint.ink = paint.space.color(&parts);
    };
    let space = |paint: &mut Paint, name: &Name<'_>| {
        paint.space = Space::named(name, resources);
        paint.ink = paint.space.first();
    };
    match operator {
        Op::NonStrokeColorDeviceGray(to) => device(&mut state.fill, Space::Gray, gray(to.0.as_f32())),
        Op::StrokeColorDeviceGray(to) => device(&mut state.stroke, Space::Gray, gray(to.0.as_f32())),
        Op::NonStrokeColorDeviceRgb(to) => {
            device(&mut state.fill, Space::Rgb, [to.0.as_f32(), to.1.as_f32(), to.2.as_f32()]);
        }
        Op::StrokeColorDeviceRgb(to) => {
            device(&mut state.stroke, Space::Rgb, [to.0.as_f32(), to.1.as_f32(), to.2.as_f32()]);
        }
        Op::NonStrokeColorCmyk(to) => {
            let color = cmyk(to.0.as_f32(), to.1.as_f32(), to.2.as_f32(), to.3.as_f32());
            device(&mut state.fill, Space::Cmyk, color);
        }
        Op::StrokeColorCmyk(to) => {
            let color = cmyk(to.0.as_f32(), to.1.as_f32(), to.2.as_f32(), to.3.as_f32());
            device(&mut state.stroke, Space::Cmyk, color);
        }
        Op::ColorSpaceNonStroke(named) => space(&mut state.fill, named.0),
        Op::ColorSpaceStroke(named) => space(&mut state.stroke, named.0),
        Op::NonStrokeColor(to) => chosen(&mut state.fill, &to.0),
        Op::StrokeColor(to) => chosen(&mut state.stroke, &to.0),
        Op::NonStrokeColorNamed(to) => chosen(&mut state.fill, &to.0),
        Op::StrokeColorNamed(to) => chosen(&mut state.stroke, &to.0),
        _ => return false,
    }
    true
}

/// Carries out an operator that sets a part of the state; false for any other.
fn set(operator: &Op<'_, '_>, state: &mut State<'_>) -> bool {
    match operator {
        Op::Transform(by) => {
            let by = [&by.0, &by.1, &by.2, &by.3, &by.4, &by.5].map(Number::as_f64);
            state.matrix = Matrix(by).then(&state.matrix);
        }
        Op::LineWidth(to) => state.line_width = to.0.as_f64(),
        Op::CharacterSpacing(to) => state.character_space = to.0.as_f64(),
        Op::WordSpacing(to) => state.word_space = to.0.as_f64(),
        Op::HorizontalScaling(to) => state.stretch = to.0.as_f64() / 100.0,
        Op::TextLeading(to) => state.leading = to.0.as_f64(),
        Op::TextRise(to) => state.rise = to.0.as_f64(),
        Op::TextRenderingMode(to) => state.mode = to.0.as_i64(),
        Op::BeginText(_) => (state.text, state.line) = (Matrix::IDENTITY, Matrix::IDENTITY),
        Op::NextLine(by) => state.next_line(by.0.as_f64(), by.1.as_f64()),
        Op::NextLineAndSetLeading(by) => {
            state.leading = -by.1.as_f64();
            state.next_line(by.0.as_f64(), by.1.as_f64());
        }
        Op::NextLineUsingLeading(_) => state.next_line(0.0, -state.leading),
        Op::SetTextMatrix(to) => {
            let to = Matrix([&to.0, &to.1, &to.2, &to.3, &to.4, &to.5].map(Number::as_f64));
            (state.text, state.line) = (to, to);
        }
        _ => return false,
    }
    true
}
