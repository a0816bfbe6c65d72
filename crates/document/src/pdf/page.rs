//! Drawing of a page: glyphs, ruled lines, filled areas and pictures, in points from its upper left corner.

/// A rectangle with its sides along the axes; `y` grows downwards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) x0: f32,
    pub(super) y0: f32,
    pub(super) x1: f32,
    pub(super) y1: f32,
}

impl Area {
    /// The smallest area that holds all points, or `None` without a finite point.
    pub(super) fn around(points: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let mut area: Option<Self> = None;
        for (x, y) in points {
            let (x, y) = (x as f32, y as f32);
            if !x.is_finite() || !y.is_finite() {
                continue;
            }
            let point = Self { x0: x, y0: y, x1: x, y1: y };
            area = Some(area.map_or(point, |area| area.union(&point)));
        }
        area
    }

    pub(super) fn width(&self) -> f32 {
        self.x1 - self.x0
    }

    pub(super) fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    /// The point in its middle.
    pub(super) fn center(&self) -> (f32, f32) {
        (f32::midpoint(self.x0, self.x1), f32::midpoint(self.y0, self.y1))
    }

    pub(super) fn holds(&self, (x, y): (f32, f32)) -> bool {
        self.x0 <= x && x <= self.x1 && self.y0 <= y && y <= self.y1
    }

    /// The smallest area that holds both.
    pub(super) fn union(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// Intersection; of no size if they do not meet.
    pub(super) fn intersection(&self, other: &Self) -> Self {
        let (x0, y0) = (self.x0.max(other.x0), self.y0.max(other.y0));
        Self { x0, y0, x1: self.x1.min(other.x1).max(x0), y1: self.y1.min(other.y1).max(y0) }
    }

    /// The area turned by quarter turns about the corner of a page of this size, so that what ran down or up runs
    /// to the right.
    pub(super) fn turned(&self, direction: Direction, (width, height): (f32, f32)) -> Self {
        match direction {
            Direction::Right => *self,
            Direction::Down => Self { x0: self.y0, y0: width - self.x1, x1: self.y1, y1: width - self.x0 },
            Direction::Left => {
                Self { x0: width - self.x1, y0: height - self.y1, x1: width - self.x0, y1: height - self.y0 }
            }
            Direction::Up => Self { x0: height - self.y1, y0: self.x0, x1: height - self.y0, y1: self.x1 },
        }
    }

    /// The area as it was before [`Area::turned`] on a page of this size.
    pub(super) fn turned_back(&self, direction: Direction, (width, height): (f32, f32)) -> Self {
        match direction {
            Direction::Right => *self,
            Direction::Down => Self { x0: width - self.y1, y0: self.x0, x1: width - self.y0, y1: self.x1 },
            Direction::Left => self.turned(Direction::Left, (width, height)),
            Direction::Up => Self { x0: self.y0, y0: height - self.x1, x1: self.y1, y1: height - self.x0 },
        }
    }
}

/// The side of the page that a line of text runs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// As usual.
    Right,
    /// Turned by 90°, or written vertically.
    Down,
    /// Upside down.
    Left,
    /// Turned by 270°.
    Up,
}

/// A colour as red, green and blue from 0 to 1.
pub(super) type Rgb = [f32; 3];

/// How a glyph is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ink {
    /// With one colour.
    Color(Rgb),
    /// With a pattern, a gradient, or a colour that is not worked out.
    Pattern,
    /// Not at all (text rendering modes 3 and 7): the text layer of a scan, or hidden text.
    None,
}

/// A character at its place.
#[derive(Clone, Debug)]
pub(super) struct Glyph {
    /// The character; U+FFFD where its code leads to none.
    pub(super) character: char,
    /// From the ascent to the descent, over the width of the advance.
    pub(super) area: Area,
    /// Height of the baseline, after [`Area::turned`].
    pub(super) baseline: f32,
    /// Size of the font, in points.
    pub(super) size: f32,
    pub(super) direction: Direction,
    pub(super) ink: Ink,
    /// Number of the drawing operation on the page.
    pub(super) order: u32,
    /// True if the file marks it as part of a running header or footer.
    pub(super) pagination: bool,
}

/// A filled area.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fill {
    pub(super) area: Area,
    /// `None` for a pattern or a gradient.
    pub(super) color: Option<Rgb>,
    /// True if the area is filled to its corners and hides all below it.
    pub(super) solid: bool,
    pub(super) order: u32,
}

/// A ruled line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rule {
    /// Its place across: `y` of a horizontal line, `x` of a vertical one.
    pub(super) at: f32,
    /// Where it begins and ends along the other axis.
    pub(super) from: f32,
    pub(super) to: f32,
}

/// All that a page draws, as far as text and tables need it.
#[derive(Debug)]
pub(super) struct Drawing {
    /// Width and height of the page as it is seen.
    pub(super) size: (f32, f32),
    pub(super) glyphs: Vec<Glyph>,
    pub(super) fills: Vec<Fill>,
    pub(super) horizontal: Vec<Rule>,
    pub(super) vertical: Vec<Rule>,
    pub(super) pictures: Vec<Area>,
    /// Filled paths that are no rectangles; a page of many, and without glyphs, has its text as outlines.
    pub(super) outlines: u32,
    /// True if a part of the content is damaged, so that what it draws may not be all.
    pub(super) broken: bool,
    /// Glyphs set aslant, such as a watermark; they are left out.
    pub(super) slanted: u32,
}

/// Glyphs that a page may hold. A sheet of a newspaper has some ten thousand.
pub(super) const GLYPHS: usize = 400_000;

/// Marks of one kind that are kept of a page; a drawing of more is a map or a plan, and no table of text.
pub(super) const MARKS: usize = 50_000;

impl Drawing {
    pub(super) fn new(size: (f32, f32)) -> Self {
        Self {
            size,
            glyphs: Vec::new(),
            fills: Vec::new(),
            horizontal: Vec::new(),
            vertical: Vec::new(),
            pictures: Vec::new(),
            outlines: 0,
            broken: false,
            slanted: 0,
        }
    }

    /// The page's whole area.
    pub(super) fn area(&self) -> Area {
        Area { x0: 0.0, y0: 0.0, x1: self.size.0, y1: self.size.1 }
    }

    /// Share of the page that its pictures cover, counted as if none overlapped, at most 1.
    pub(super) fn pictured(&self) -> f32 {
        let page = self.area();
        let all = (page.width() * page.height()).max(1.0);
        let covered: f32 = self
            .pictures
            .iter()
            .map(|picture| picture.intersection(&page))
            .map(|picture| picture.width() * picture.height())
            .sum();
        (covered / all).min(1.0)
    }
}
