//! The graphics state: where and how something is drawn.

use std::rc::Rc;

use super::color::Space;
use super::font::TextFont;
use super::page::{Area, Ink};

/// A transformation of the plane: `x' = a x + c y + e`, `y' = b x + d y + f`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Matrix(pub(super) [f64; 6]);

impl Matrix {
    pub(super) const IDENTITY: Self = Self([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);

    pub(super) fn shift(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, 0.0, 1.0, x, y])
    }

    /// This transformation, and then the other.
    pub(super) fn then(&self, other: &Self) -> Self {
        let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (self.0, other.0);
        Self([
            a * g + b * i,
            a * h + b * j,
            c * g + d * i,
            c * h + d * j,
            e * g + f * i + k,
            e * h + f * j + l,
        ])
    }

    pub(super) fn point(&self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    /// The length of a step along y.
    pub(super) fn across(&self) -> f64 {
        self.0[2].hypot(self.0[3])
    }

    /// The smallest area that holds a rectangle after this transformation.
    pub(super) fn area(&self, x0: f64, y0: f64, x1: f64, y1: f64) -> Option<Area> {
        Area::around([self.point(x0, y0), self.point(x1, y0), self.point(x1, y1), self.point(x0, y1)])
    }

    /// True if sides along the axes stay along the axes.
    pub(super) fn is_upright(&self) -> bool {
        let [a, b, c, d, _, _] = self.0.map(f64::abs);
        (b + c) < 0.001 * (a + d) || (a + d) < 0.001 * (b + c)
    }
}

/// A colour with its space and its opacity.
#[derive(Clone, Debug)]
pub(super) struct Paint {
    pub(super) space: Space,
    pub(super) ink: Ink,
    pub(super) alpha: f32,
}

/// The state that `q` saves and `Q` restores.
#[derive(Clone)]
pub(super) struct State<'a> {
    pub(super) matrix: Matrix,
    /// Area inside of the clipping paths, by their outermost points.
    pub(super) clip: Area,
    pub(super) fill: Paint,
    pub(super) stroke: Paint,
    pub(super) line_width: f64,
    /// True if colours are blended with the content below, other than by opacity.
    pub(super) blended: bool,
    pub(super) font: Option<Rc<TextFont<'a>>>,
    pub(super) font_size: f64,
    pub(super) character_space: f64,
    pub(super) word_space: f64,
    /// 1 for 100 %.
    pub(super) stretch: f64,
    pub(super) leading: f64,
    pub(super) rise: f64,
    pub(super) mode: i64,
    pub(super) text: Matrix,
    pub(super) line: Matrix,
}

impl State<'_> {
    pub(super) fn new(matrix: Matrix, clip: Area) -> Self {
        let black = Paint { space: Space::Gray, ink: Ink::Color([0.0; 3]), alpha: 1.0 };
        Self {
            matrix,
            clip,
            fill: black.clone(),
            stroke: black,
            line_width: 1.0,
            blended: false,
            font: None,
            font_size: 0.0,
            character_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
            mode: 0,
            text: Matrix::IDENTITY,
            line: Matrix::IDENTITY,
        }
    }

    /// How text is painted now (ISO 32000-1, 9.3.6).
    pub(super) fn text_ink(&self) -> Ink {
        let paint = match self.mode {
            3 | 7 => return Ink::None,
            1 | 5 => &self.stroke,
            // Hollow letters: white, with a line around them.
            2 | 6 if self.fill.ink == Ink::Color([1.0; 3]) => &self.stroke,
            _ => &self.fill,
        };
        if paint.alpha < 0.05 { Ink::None } else { paint.ink }
    }

    /// Begins the next line of text.
    pub(super) fn next_line(&mut self, x: f64, y: f64) {
        self.line = Matrix::shift(x, y).then(&self.line);
        self.text = self.line;
    }

    /// Moves the pen within a line, by thousandths of an em.
    pub(super) fn adjust(&mut self, amount: f64) {
        let by = -amount / 1000.0 * self.font_size;
        let vertical = self.font.as_ref().is_some_and(|font| !font.is_horizontal());
        let shift = if vertical { Matrix::shift(0.0, by) } else { Matrix::shift(by * self.stretch, 0.0) };
        self.text = shift.then(&self.text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transformations_apply_in_order() {
        let turned = Matrix([0.0, 1.0, -1.0, 0.0, 0.0, 0.0]);
        assert_eq!(Matrix::shift(1.0, 0.0).then(&turned).point(0.0, 0.0), (0.0, 1.0));
        assert_eq!(turned.then(&Matrix::shift(1.0, 0.0)).point(0.0, 0.0), (1.0, 0.0));
        assert!(turned.is_upright());
        assert!(!Matrix([1.0, 1.0, -1.0, 1.0, 0.0, 0.0]).is_upright());
    }
}
