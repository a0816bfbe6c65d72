//! Points, boxes and transformations of a page, in millimetres from its upper left corner.

/// Largest coordinate that is taken for one; no page is a kilometre wide.
const LARGEST: f64 = 1_000_000.0;

/// A rectangle with its sides in page coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Area {
    /// The smallest area that holds both.
    pub(crate) fn union(self, other: Self) -> Self {
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// True if a point lies in it.
    pub(crate) fn holds(self, (x, y): (f64, f64)) -> bool {
        x >= self.left && x <= self.right && y >= self.top && y <= self.bottom
    }

    /// The point in its middle.
    pub(crate) fn middle(self) -> (f64, f64) {
        (f64::midpoint(self.left, self.right), f64::midpoint(self.top, self.bottom))
    }

    /// Its width.
    pub(crate) fn width(self) -> f64 {
        self.right - self.left
    }

    /// Its height.
    pub(crate) fn height(self) -> f64 {
        self.bottom - self.top
    }

    /// Left, top, right and bottom in points (1/72 inch).
    #[expect(
        clippy::cast_possible_truncation,
        reason = "coordinates are bounded, and a place on a page needs no more"
    )]
    pub(crate) fn points(self) -> [f32; 4] {
        [self.left, self.top, self.right, self.bottom].map(|side| (side * 72.0 / 25.4) as f32)
    }
}

/// The transformation from an object's own coordinates to the page's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Matrix(pub(crate) [f64; 6]);

impl Matrix {
    /// The transformation of an object: its CTM, then the corner of its boundary.
    pub(crate) fn of(ctm: Option<[f64; 6]>, boundary: Area) -> Self {
        let [a, b, c, d, e, f] = ctm.unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        Self([a, b, c, d, e + boundary.left, f + boundary.top])
    }

    /// A point of the object on the page.
    pub(crate) fn apply(self, (x, y): (f64, f64)) -> (f64, f64) {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }
}

/// A finite coordinate.
pub(crate) fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && number.abs() <= LARGEST)
}

/// `N` finite coordinates between blanks or commas; further ones are not read.
pub(crate) fn numbers<const N: usize>(text: &str) -> Option<[f64; N]> {
    let mut values = [0.0; N];
    let mut tokens = text.split([' ', ',', '\t', '\n', '\r']).filter(|token| !token.is_empty());
    for value in &mut values {
        *value = number(tokens.next()?)?;
    }
    Some(values)
}

/// An area given as `x y width height`.
pub(crate) fn area(text: &str) -> Option<Area> {
    let [x, y, width, height] = numbers::<4>(text)?;
    Some(Area { left: x, top: y, right: x + width, bottom: y + height })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_numbers_give_no_area() {
        assert_eq!(area("1 2 3 4"), Some(Area { left: 1.0, top: 2.0, right: 4.0, bottom: 6.0 }));
        assert_eq!(area("NaN inf 1e400 8"), None);
        assert_eq!(area("1 2 3"), None);
    }

    #[test]
    fn a_point_is_scaled_turned_and_moved() {
        let corner = Area { left: 20.0, top: 140.0, right: 28.0, bottom: 220.0 };
        let turned = Matrix::of(Some([0.0, 1.0, -1.0, 0.0, 6.0, 0.0]), corner);
        assert_eq!(turned.apply((10.0, 0.0)), (26.0, 150.0));
    }
}
