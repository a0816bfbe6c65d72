//! Paths: the rectangles and straight lines in them, which are rules, backgrounds and clips.

use super::page::{Area, Drawing, Fill, Ink, MARKS, Rule};
use super::state::{Matrix, Paint, State};

/// Thickness up to which a filled bar is a ruled line, in points.
const BAR: f32 = 3.0;

/// Points that are kept of a path; more are a drawing.
const POINTS: usize = 20_000;

/// A path under construction, in the coordinates of the page.
#[derive(Debug, Default)]
pub(super) struct Path {
    rectangles: Vec<Area>,
    /// Straight lines along an axis.
    lines: Vec<((f64, f64), (f64, f64))>,
    /// Figures that are no rectangles.
    figures: Vec<Area>,
    /// Points of the current figure; with a curve it has only its outermost points.
    current: Vec<(f64, f64)>,
    curved: bool,
    /// How the path is to clip what follows.
    pub(super) clips: bool,
}

impl Path {
    pub(super) fn move_to(&mut self, point: (f64, f64)) {
        self.end_figure();
        self.current.push(point);
    }

    pub(super) fn line_to(&mut self, point: (f64, f64)) {
        if let Some(last) = self.current.last()
            && self.lines.len() < POINTS
        {
            self.lines.push((*last, point));
        }
        if self.current.len() < POINTS {
            self.current.push(point);
        }
    }

    pub(super) fn curve_to(&mut self, points: &[(f64, f64)]) {
        self.curved = true;
        if self.current.len() < POINTS {
            self.current.extend_from_slice(points);
        }
    }

    pub(super) fn close(&mut self) {
        if let Some(first) = self.current.first().copied()
            && self.current.last() != Some(&first)
        {
            self.line_to(first);
        }
    }

    pub(super) fn rectangle(&mut self, matrix: &Matrix, x: f64, y: f64, width: f64, height: f64) {
        self.end_figure();
        let Some(area) = matrix.area(x, y, x + width, y + height) else { return };
        let kept = if matrix.is_upright() { &mut self.rectangles } else { &mut self.figures };
        if kept.len() < POINTS {
            kept.push(area);
        }
    }

    /// Ends the current figure: a rectangle by its four corners is one however it was drawn.
    fn end_figure(&mut self) {
        let points = std::mem::take(&mut self.current);
        let curved = std::mem::take(&mut self.curved);
        if points.len() < 2 {
            return;
        }
        let Some(area) = Area::around(points.iter().copied()) else { return };
        let corners = [(area.x0, area.y0), (area.x1, area.y0), (area.x1, area.y1), (area.x0, area.y1)];
        let cornered = points.len() <= 6
            && points.iter().all(|(x, y)| {
                corners.iter().any(|(cx, cy)| (*x as f32 - cx).abs() < 0.1 && (*y as f32 - cy).abs() < 0.1)
            });
        if !curved && points.len() >= 4 && cornered {
            self.rectangles.push(area);
        } else if self.figures.len() < POINTS {
            self.figures.push(area);
        }
    }

    fn all(&self) -> Option<Area> {
        self.rectangles.iter().chain(&self.figures).copied().reduce(|one, other| one.union(&other))
    }

    /// Paints the path and begins a new one.
    pub(super) fn paint(
        &mut self,
        state: &mut State<'_>,
        fills: bool,
        strokes: bool,
        drawing: &mut Drawing,
        order: u32,
    ) {
        self.end_figure();
        if fills && seen(&state.fill) {
            self.fill(state, drawing, order);
        }
        if strokes && seen(&state.stroke) {
            self.stroke(state, drawing);
        }
        // Without a path nothing is clipped.
        if self.clips
            && let Some(area) = self.all()
        {
            state.clip = state.clip.intersection(&area);
        }
        *self = Self::default();
    }

    fn fill(&self, state: &State<'_>, drawing: &mut Drawing, order: u32) {
        let color = match state.fill.ink {
            Ink::Color(color) => Some(color),
            _ => None,
        };
        for (area, exact) in self
            .rectangles
            .iter()
            .map(|area| (area, true))
            .chain(self.figures.iter().map(|area| (area, false)))
        {
            zhaoren_cancel::poll();
            let area = area.intersection(&state.clip);
            let (width, height) = (area.width(), area.height());
            if exact && width.min(height) <= BAR {
                let white = color == Some([1.0; 3]);
                if !white {
                    rule(&area, drawing);
                }
                continue;
            }
            if !exact {
                drawing.outlines = drawing.outlines.saturating_add(1);
            }
            if drawing.fills.len() < MARKS {
                let solid = exact && color.is_some() && state.fill.alpha > 0.99 && !state.blended;
                drawing.fills.push(Fill { area, color, solid, order });
            }
        }
    }

    fn stroke(&self, state: &State<'_>, drawing: &mut Drawing) {
        if state.stroke.ink == Ink::Color([1.0; 3]) {
            return;
        }
        // A line as thick as a bar is a filled area.
        let half = (state.line_width * state.matrix.across() / 2.0) as f32;
        if half * 2.0 > BAR * 2.0 {
            return;
        }
        for area in &self.rectangles {
            zhaoren_cancel::poll();
            for (x0, y0, x1, y1) in [
                (area.x0, area.y0, area.x1, area.y0),
                (area.x0, area.y1, area.x1, area.y1),
                (area.x0, area.y0, area.x0, area.y1),
                (area.x1, area.y0, area.x1, area.y1),
            ] {
                rule(&Area { x0, y0, x1, y1 }.intersection(&state.clip), drawing);
            }
        }
        for (from, to) in &self.lines {
            zhaoren_cancel::poll();
            let Some(area) = Area::around([*from, *to]) else { continue };
            let cut = area.intersection(&state.clip);
            // Outside of the clip the intersection has no length either way.
            if cut.width().max(cut.height()) > 0.0 && state.clip.holds(cut.center()) {
                rule(&cut, drawing);
            }
        }
    }
}

fn seen(paint: &Paint) -> bool {
    paint.alpha >= 0.05 && paint.ink != Ink::None
}

/// Keeps an area that is a line along an axis.
fn rule(area: &Area, drawing: &mut Drawing) {
    let (width, height) = (area.width(), area.height());
    let (x, y) = area.center();
    if height <= BAR && width >= 2.0 && width > height {
        if drawing.horizontal.len() < MARKS {
            drawing.horizontal.push(Rule { at: y, from: area.x0, to: area.x1 });
        }
    } else if width <= BAR && height >= 2.0 && drawing.vertical.len() < MARKS {
        drawing.vertical.push(Rule { at: x, from: area.y0, to: area.y1 });
    }
}
