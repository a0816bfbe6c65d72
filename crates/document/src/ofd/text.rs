//! Text objects: where each character of a `TextCode` lies.

use super::geometry::{Area, Matrix, number};

/// The way in which the characters of a piece follow each other on the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Direction {
    /// From left to right.
    Right,
    /// Downwards, as in vertical text or text that is turned clockwise; lines follow from right to left.
    Down,
    /// From right to left, as in text upside down.
    Left,
    /// Upwards, as in text that is turned counter-clockwise; lines follow from left to right.
    Up,
}

impl Direction {
    /// A point of the page in coordinates in which this text runs to the right and lines follow downwards.
    pub(crate) fn turn(self, (x, y): (f64, f64)) -> (f64, f64) {
        match self {
            Self::Right => (x, y),
            Self::Down => (y, -x),
            Self::Left => (-x, -y),
            Self::Up => (-y, x),
        }
    }

    /// The direction of an offset, or `None` where it is oblique.
    fn of((x, y): (f64, f64)) -> Option<Self> {
        let (along, across) = (x.abs().max(y.abs()), x.abs().min(y.abs()));
        // Up to about 6°: a page that was scanned askew is still read, a watermark across the page is not.
        if across > along * 0.1 {
            return None;
        }
        Some(match (x.abs() >= y.abs(), x >= 0.0, y >= 0.0) {
            (true, true, _) => Self::Right,
            (true, false, _) => Self::Left,
            (false, _, true) => Self::Down,
            (false, _, false) => Self::Up,
        })
    }
}

/// Characters of one `TextCode` in a line, with their places.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    /// How they follow each other.
    pub(crate) direction: Direction,
    /// Each character and where it begins along the direction, in turned coordinates.
    pub(crate) glyphs: Vec<(char, f64)>,
    /// End of the last one.
    pub(crate) end: f64,
    /// The middle of the line across the direction, in turned coordinates.
    pub(crate) middle: f64,
    /// Size of the type in millimetres.
    pub(crate) size: f64,
    /// Its place on the page.
    pub(crate) area: Area,
}

impl Piece {
    /// Start of the first character.
    pub(crate) fn start(&self) -> f64 {
        self.glyphs.first().map_or(self.end, |glyph| glyph.1)
    }

    /// Its characters.
    pub(crate) fn text(&self) -> String {
        self.glyphs.iter().map(|glyph| glyph.0).collect()
    }

    /// Its parts, cut before each character that `cut` names by the place before and its own place.
    pub(crate) fn split(self, mut cut: impl FnMut(f64, f64) -> bool) -> Vec<Self> {
        let mut parts: Vec<Vec<(char, f64)>> = Vec::new();
        let mut before = None;
        for glyph in &self.glyphs {
            match parts.last_mut() {
                Some(part) if !before.is_some_and(|before| cut(before, glyph.1)) => part.push(*glyph),
                _ => parts.push(vec![*glyph]),
            }
            before = Some(glyph.1);
        }
        if parts.len() < 2 {
            return vec![self];
        }
        let size = self.size;
        let mut pieces: Vec<Self> = Vec::with_capacity(parts.len());
        let mut next_start = None;
        for glyphs in parts.into_iter().rev() {
            let last = glyphs.last().map_or(0.0, |glyph| glyph.1 + advance(glyph.0, size));
            let end = next_start.map_or(self.end, |next: f64| last.min(next));
            next_start = glyphs.first().map(|glyph| glyph.1);
            let mut piece = Self { glyphs, end, area: self.area, ..self };
            piece.area = piece.place();
            pieces.push(piece);
        }
        pieces.reverse();
        pieces
    }

    /// Its place on the page, from its turned coordinates.
    fn place(&self) -> Area {
        let (from, to) = (self.start().min(self.end), self.start().max(self.end));
        let (above, below) = (self.middle - self.size / 2.0, self.middle + self.size / 2.0);
        let (left, top, right, bottom) = match self.direction {
            Direction::Right => (from, above, to, below),
            Direction::Down => (-below, from, -above, to),
            Direction::Left => (-to, -below, -from, -above),
            Direction::Up => (above, -to, below, -from),
        };
        Area { left, top, right, bottom }
    }
}

/// The attributes of a text object that all its `TextCode`s share.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    /// From the object's coordinates to the page's.
    pub(crate) matrix: Matrix,
    /// Size of the type in the object's coordinates.
    pub(crate) size: f64,
    /// `ReadDirection` in degrees.
    pub(crate) reading: u16,
    /// Horizontal scale of the type.
    pub(crate) scale: f64,
}

/// One `TextCode` as it is written.
#[derive(Debug, Default)]
pub(crate) struct Code {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) delta_x: Vec<f64>,
    pub(crate) delta_y: Vec<f64>,
    pub(crate) text: String,
}

/// Offsets from character to character, at most `length`: numbers, and `g n d` for `n` times `d`.
///
/// Counts come from the file, so a count beyond the text is cut to it. What follows an entry that is no number is
/// not read; the characters there follow each other by their width.
pub(crate) fn deltas(text: &str, length: usize) -> Vec<f64> {
    let mut values = Vec::new();
    let mut tokens = text.split([' ', ',', '\t', '\n', '\r']).filter(|token| !token.is_empty());
    while values.len() < length {
        zhaoren_cancel::poll();
        let Some(token) = tokens.next() else { break };
        if token.eq_ignore_ascii_case("g") {
            let (Some(count), Some(delta)) = (tokens.next(), tokens.next().and_then(number)) else { break };
            let count = match count.parse::<u64>() {
                Ok(count) => usize::try_from(count).unwrap_or(usize::MAX),
                Err(error) if *error.kind() == std::num::IntErrorKind::PosOverflow => usize::MAX,
                Err(_) => break,
            };
            values.extend(std::iter::repeat_n(delta, count.min(length - values.len())));
        } else if let Some(delta) = number(token) {
            values.push(delta);
        } else {
            break;
        }
    }
    values
}

/// The pieces of a `TextCode`: cut where a gap is so wide that other text may lie in it. `None` where the text runs
/// obliquely, as watermarks do.
pub(crate) fn pieces(style: &Style, code: &Code) -> Option<Vec<Piece>> {
    let mut at = (code.x, code.y);
    let mut points = Vec::with_capacity(code.text.len() / 3 + 1);
    for (index, character) in code.text.chars().enumerate() {
        points.push((character, at));
        let own = advance(character, style.size) * style.scale;
        let (dx, dy) = (code.delta_x.get(index), code.delta_y.get(index));
        at = match (dx, dy) {
            (None, None) if style.reading == 90 => (at.0, at.1 + style.size),
            (None, None) if style.reading == 270 => (at.0, at.1 - style.size),
            (None, None) if style.reading == 180 => (at.0 - own, at.1),
            (None, None) => (at.0 + own, at.1),
            (dx, dy) => (at.0 + dx.copied().unwrap_or(0.0), at.1 + dy.copied().unwrap_or(0.0)),
        };
    }
    let first = points.first()?.1;
    let last = points.last()?.1;
    // One character alone has no direction but that of its object.
    let offset = if points.len() > 1 && (first.0 - last.0).hypot(first.1 - last.1) > style.size * 0.05 {
        (last.0 - first.0, last.1 - first.1)
    } else {
        match style.reading {
            90 => (0.0, 1.0),
            180 => (-1.0, 0.0),
            270 => (0.0, -1.0),
            _ => (1.0, 0.0),
        }
    };
    let origin = style.matrix.apply((0.0, 0.0));
    let vector = |point: (f64, f64)| {
        let point = style.matrix.apply(point);
        (point.0 - origin.0, point.1 - origin.1)
    };
    let direction = Direction::of(vector(offset))?;
    let up = vector((0.0, -style.size));
    let size = up.0.hypot(up.1);
    if !(size.is_finite() && size > 0.0) {
        return None;
    }
    // A baseline lies at the foot of the type; in vertical text, which stands upright, it is the side of the column.
    let upright = style.matrix.0[0].abs() >= style.matrix.0[1].abs();
    let center = match direction {
        Direction::Down | Direction::Up if upright => vector((style.size * 0.5, 0.0)),
        _ => vector((0.0, -style.size * 0.38)),
    };
    let glyphs: Vec<(char, f64)> = points
        .iter()
        .map(|(character, point)| (*character, direction.turn(style.matrix.apply(*point)).0))
        .collect();
    let base = style.matrix.apply(first);
    let middle = direction.turn((base.0 + center.0, base.1 + center.1)).1;
    let end = glyphs.last().map_or(0.0, |glyph| glyph.1 + advance(glyph.0, size));
    let mut piece = Piece {
        direction,
        glyphs,
        end,
        middle,
        size,
        area: Area { left: 0.0, top: 0.0, right: 0.0, bottom: 0.0 },
    };
    piece.area = piece.place();
    Some(piece.split(|before, at| at - before > size * 2.5 || before - at > size * 0.5))
}

/// The width of a character in type of a size: that of a Chinese font, where half the signs are square.
pub(crate) fn advance(character: char, size: f64) -> f64 {
    if character.is_ascii() { size / 2.0 } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeat_counts_are_limited_to_the_text() {
        assert_eq!(deltas("g 2000000000 5", 3), [5.0, 5.0, 5.0]);
        assert_eq!(deltas("g 99999999999999999999 2", 2), [2.0, 2.0]);
        assert_eq!(deltas("2 g 2 5 1", 9), [2.0, 5.0, 5.0, 1.0]);
        assert_eq!(deltas("1 g -1 5 3", 9), [1.0]);
        assert_eq!(deltas("1 g 2", 9), [1.0]);
        assert_eq!(deltas("g 3 1e308", 9), [] as [f64; 0]);
    }

    fn style(ctm: Option<[f64; 6]>, reading: u16) -> Style {
        let boundary = Area { left: 10.0, top: 20.0, right: 50.0, bottom: 30.0 };
        Style { matrix: Matrix::of(ctm, boundary), size: 5.0, reading, scale: 1.0 }
    }

    #[test]
    fn a_wide_gap_cuts_a_piece() {
        let code = Code { text: "签发人".to_owned(), delta_x: vec![5.0, 40.0], y: 5.0, ..Code::default() };
        let pieces = pieces(&style(None, 0), &code).unwrap_or_default();
        let texts: Vec<(String, f64, f64)> =
            pieces.iter().map(|piece| (piece.text(), piece.start(), piece.end)).collect();
        assert_eq!(texts, [("签发".to_owned(), 10.0, 20.0), ("人".to_owned(), 55.0, 60.0)]);
    }

    #[test]
    fn text_is_rotated_by_reading_direction_and_matrix() {
        let code = Code { text: "竖排".to_owned(), delta_y: vec![5.0], y: 5.0, ..Code::default() };
        let down = pieces(&style(None, 90), &code).unwrap_or_default();
        assert_eq!(down.first().map(|piece| piece.direction), Some(Direction::Down));
        let code = Code { text: "侧边".to_owned(), delta_x: vec![5.0], ..Code::default() };
        let turned = pieces(&style(Some([0.0, 1.0, -1.0, 0.0, 6.0, 0.0]), 0), &code).unwrap_or_default();
        assert_eq!(turned.first().map(|piece| piece.direction), Some(Direction::Down));
        let oblique = pieces(&style(Some([0.7, 0.7, -0.7, 0.7, 0.0, 0.0]), 0), &code);
        assert!(oblique.is_none(), "a watermark across the page is no line of text");
    }
}
