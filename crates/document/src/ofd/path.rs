//! Path objects: ruled lines, which make tables, and filled areas.

use super::geometry::{Area, Matrix, number};

/// A ruled line along an axis of the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rule {
    /// True if it is horizontal.
    pub(crate) horizontal: bool,
    /// Its place across its direction.
    pub(crate) at: f64,
    /// Its start along its direction.
    pub(crate) from: f64,
    /// Its end.
    pub(crate) to: f64,
}

/// The ruled lines and the extent of a path.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    /// Its straight edges along the axes.
    pub(crate) rules: Vec<Rule>,
    /// The area that its points span.
    pub(crate) area: Option<Area>,
}

/// A line up to this thickness (mm) that is filled is a ruled line.
const THIN: f64 = 1.0;

/// Reads `AbbreviatedData`: `S`/`M x y` moves, `L x y` draws a line, `Q`, `B` and `A` draw curves, `C` closes.
/// Reading ends at the first thing that is none of these.
pub(crate) fn shape(data: &str, matrix: Matrix, limit: usize) -> Shape {
    let mut shape = Shape::default();
    let mut tokens = data.split([' ', ',', '\t', '\n', '\r']).filter(|token| !token.is_empty());
    let (mut start, mut at) = ((0.0, 0.0), (0.0, 0.0));
    while let Some(token) = tokens.next() {
        zhaoren_cancel::poll();
        let (skipped, line) = match token {
            "S" | "M" => (0, false),
            "L" => (0, true),
            "Q" => (2, false),
            "B" => (4, false),
            "A" => (5, false),
            "C" => {
                shape.rules.extend(rule(at, start));
                at = start;
                continue;
            }
            _ => break,
        };
        for _ in 0..skipped {
            tokens.next();
        }
        let (Some(x), Some(y)) = (tokens.next().and_then(number), tokens.next().and_then(number)) else {
            break;
        };
        let to = matrix.apply((x, y));
        if line {
            shape.rules.extend(rule(at, to));
        } else if skipped == 0 {
            start = to;
        }
        at = to;
        let point = Area { left: to.0, top: to.1, right: to.0, bottom: to.1 };
        shape.area = Some(shape.area.map_or(point, |area| area.union(point)));
        if shape.rules.len() >= limit {
            break;
        }
    }
    shape
}

/// The ruled line that a thin filled area is.
pub(crate) fn thin(area: Area) -> Option<Rule> {
    let (x, y) = area.middle();
    if area.height() <= THIN && area.width() > THIN * 2.0 {
        Some(Rule { horizontal: true, at: y, from: area.left, to: area.right })
    } else if area.width() <= THIN && area.height() > THIN * 2.0 {
        Some(Rule { horizontal: false, at: x, from: area.top, to: area.bottom })
    } else {
        None
    }
}

fn rule(from: (f64, f64), to: (f64, f64)) -> Option<Rule> {
    let (dx, dy) = ((to.0 - from.0).abs(), (to.1 - from.1).abs());
    if dy <= 0.3 && dx > 1.0 {
        Some(Rule {
            horizontal: true,
            at: f64::midpoint(from.1, to.1),
            from: from.0.min(to.0),
            to: from.0.max(to.0),
        })
    } else if dx <= 0.3 && dy > 1.0 {
        Some(Rule {
            horizontal: false,
            at: f64::midpoint(from.0, to.0),
            from: from.1.min(to.1),
            to: from.1.max(to.1),
        })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rectangle_gives_its_four_edges() {
        let corner = Area { left: 10.0, top: 20.0, right: 0.0, bottom: 0.0 };
        let drawn = shape("M 0 0 L 30 0 L 30 8 L 0 8 C", Matrix::of(None, corner), 100);
        assert_eq!(drawn.rules.len(), 4);
        assert_eq!(drawn.area, Some(Area { left: 10.0, top: 20.0, right: 40.0, bottom: 28.0 }));
        assert_eq!(drawn.rules.first(), Some(&Rule { horizontal: true, at: 20.0, from: 10.0, to: 40.0 }));
    }

    #[test]
    fn curves_are_skipped_and_invalid_operators_end_the_path() {
        let none = Matrix::of(None, Area { left: 0.0, top: 0.0, right: 0.0, bottom: 0.0 });
        assert_eq!(shape("M 0 0 Q 1 1 5 5 L 5 50 x L 9 9", none, 100).rules.len(), 1);
        assert!(shape("L NaN 5", none, 100).rules.is_empty());
    }
}
