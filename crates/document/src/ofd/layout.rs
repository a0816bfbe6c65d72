//! Lines of a page from its pieces of text, running lines told from text, and paragraphs from lines.

use super::geometry::Area;
use super::text::{Direction, Piece};
use crate::printed::{PageNumber, begins_provision, page_number};

/// A line of text on a page.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Number of the page, from 1.
    pub(crate) page: u32,
    /// Number of the group of the page that it is read with.
    pub(crate) group: u32,
    /// Column that it is in: 0 for the whole width, 1 for the left one, 2 for the right one.
    pub(crate) column: u8,
    /// How its characters follow each other.
    pub(crate) direction: Direction,
    /// Its characters.
    pub(crate) text: String,
    /// Its start along its direction, in turned coordinates.
    pub(crate) start: f64,
    /// Its end.
    pub(crate) end: f64,
    /// Its middle across its direction.
    pub(crate) middle: f64,
    /// Size of its type in millimetres.
    pub(crate) size: f64,
    /// Its place on the page.
    pub(crate) area: Area,
}

/// The lines of one page, those of each direction in the order in which they are read.
pub(crate) fn lines(page: u32, mut pieces: Vec<Piece>) -> Vec<Line> {
    pieces.sort_by(|a, b| a.direction.cmp(&b.direction).then(a.middle.total_cmp(&b.middle)));
    let mut rows: Vec<Vec<Piece>> = Vec::new();
    // Middle and size of the largest type in the row: a raised figure does not move it.
    let mut row = (Direction::Right, 0.0, 0.0);
    for piece in pieces {
        zhaoren_cancel::poll();
        let near = piece.middle - row.1 < 0.5 * piece.size.max(row.2);
        match rows.last_mut() {
            Some(last) if row.0 == piece.direction && near => {
                if piece.size > row.2 {
                    (row.1, row.2) = (piece.middle, piece.size);
                }
                last.push(piece);
            }
            _ => {
                row = (piece.direction, piece.middle, piece.size);
                rows.push(vec![piece]);
            }
        }
    }
    rows.into_iter().filter_map(|row| line(page, row)).collect()
}

/// A line from the pieces of a row: in order along it, a piece that is drawn twice once, blanks where gaps are.
fn line(page: u32, mut row: Vec<Piece>) -> Option<Line> {
    row.sort_by(|a, b| a.start().total_cmp(&b.start()));
    let (first, size) = (row.first()?.clone(), row.iter().map(|piece| piece.size).fold(0.0, f64::max));
    let main = row.iter().max_by(|a, b| a.size.total_cmp(&b.size))?.middle;
    let mut line = Line {
        page,
        group: 0,
        column: 0,
        direction: first.direction,
        text: String::new(),
        start: f64::INFINITY,
        end: f64::NEG_INFINITY,
        middle: main,
        size,
        area: first.area,
    };
    let mut before: Option<Piece> = None;
    for piece in row {
        if let Some(before) = &before {
            // Bold type is imitated by drawing the same again, a little aside.
            let aside = (piece.start() - before.start()).hypot(piece.middle - before.middle);
            if aside < piece.size * 0.3
                && piece.glyphs.iter().map(|g| g.0).eq(before.glyphs.iter().map(|g| g.0))
            {
                continue;
            }
            let gap = piece.start() - before.end;
            let latin = |character: Option<char>| {
                character.is_some_and(|character| character.is_ascii_alphanumeric())
            };
            let words =
                latin(line.text.chars().next_back()) && latin(piece.glyphs.first().map(|glyph| glyph.0));
            if gap > size * if words { 0.25 } else { 0.8 } && !line.text.ends_with(char::is_whitespace) {
                line.text.push(' ');
            }
        }
        line.text.push_str(&piece.text());
        line.area = line.area.union(piece.area);
        // Blanks at the ends are an indent and not where the text begins or ends.
        let inked = |glyph: &&(char, f64)| !glyph.0.is_whitespace();
        if let (Some(first), Some(last)) = (piece.glyphs.iter().find(inked), piece.glyphs.iter().rfind(inked))
        {
            line.start = line.start.min(first.1);
            let is_last = piece.glyphs.last().is_some_and(|glyph| glyph.1.total_cmp(&last.1).is_eq());
            line.end = line.end.max(if is_last {
                piece.end
            } else {
                last.1 + super::text::advance(last.0, piece.size)
            });
        }
        before = Some(piece);
    }
    (line.start.is_finite() && line.end.is_finite()).then_some(line)
}

/// For each line, whether it is no text of the document: a page number, or a line that runs on at the head or foot of
/// the pages. `boxes` are the boxes of the pages, from page 1.
pub(crate) fn running(lines: &[Line], boxes: &[Area]) -> Vec<bool> {
    let outer = |line: &Line| {
        let area = usize::try_from(line.page).ok().and_then(|page| boxes.get(page.checked_sub(1)?));
        area.is_some_and(|area| {
            let (y, height) = (line.area.middle().1 - area.top, area.height());
            y < height * 0.1 || y > height * 0.88
        })
    };
    // Lines with the same words, figures aside, at the same height.
    let key = |line: &Line| {
        let words: String = line.text.chars().filter(|c| !c.is_whitespace() && !c.is_numeric()).collect();
        (words, place_of(line.area.top))
    };
    let mut counts: std::collections::HashMap<(String, i64), (u32, usize)> = std::collections::HashMap::new();
    for line in lines.iter().filter(|line| outer(line)) {
        zhaoren_cancel::poll();
        let count = counts.entry(key(line)).or_insert((0, 0));
        if count.0 != line.page {
            *count = (line.page, count.1 + 1);
        }
    }
    // A number alone is that of the page only where it counts with the pages.
    let offset = |line: &Line, number: u32| i64::from(number) - i64::from(line.page);
    let mut offsets: std::collections::HashMap<i64, usize> = std::collections::HashMap::new();
    for line in lines.iter().filter(|line| outer(line)) {
        if let Some(PageNumber::Bare(number)) = page_number(&line.text) {
            *offsets.entry(offset(line, number)).or_default() += 1;
        }
    }
    let is_number = |line: &Line| match page_number(&line.text) {
        Some(PageNumber::Marked) => true,
        Some(PageNumber::Bare(number)) => {
            let offset = offset(line, number);
            offset == 0 || offsets.get(&offset).is_some_and(|count| *count > 1)
        }
        None => false,
    };
    let pages = boxes.len();
    let body = median_size(lines.iter());
    let runs_on = |line: &Line| {
        let count = counts.get(&key(line)).map_or(0, |count| count.1);
        // Two pages may begin with the same words by chance, but not in smaller type than the text.
        count >= 3 && count * 3 >= pages || pages == 2 && count == 2 && line.size < body * 0.95
    };
    lines.iter().map(|line| outer(line) && (is_number(line) || runs_on(line))).collect()
}

/// The size of type that half of the lines do not exceed.
fn median_size<'a>(lines: impl Iterator<Item = &'a Line>) -> f64 {
    let mut sizes: Vec<f64> = lines.map(|line| line.size).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len() / 2).copied().unwrap_or(1.0)
}

/// The height of a line on its page, to 2 mm.
#[expect(clippy::cast_possible_truncation, reason = "coordinates are bounded")]
fn place_of(y: f64) -> i64 {
    (y / 2.0).round() as i64
}

/// The left and right margins of a text: where the lines of most paragraphs begin and end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Margins {
    left: f64,
    right: f64,
    /// True if paragraphs begin with an indent, as those of official documents do.
    indented: bool,
}

impl Margins {
    /// The margins of lines of one direction.
    pub(crate) fn of<'a>(lines: impl Iterator<Item = &'a Line> + Clone) -> Self {
        let size = median_size(lines.clone());
        let mut starts: Vec<f64> = lines.clone().map(|line| line.start).collect();
        starts.sort_by(f64::total_cmp);
        // The leftmost place at which two lines begin: one line alone may hang out.
        let left = starts
            .iter()
            .zip(starts.iter().skip(1))
            .find(|(a, b)| *b - *a < size * 0.5)
            .map(|(a, _)| *a)
            .or(starts.first().copied())
            .unwrap_or(0.0);
        let indents = starts.iter().filter(|start| (1.4..2.7).contains(&((*start - left) / size))).count();
        let mut ends: Vec<f64> = lines.map(|line| line.end).collect();
        ends.sort_by(f64::total_cmp);
        // Full lines end close together, others anywhere: the place with most ends within one and a half characters.
        let (mut best, mut from) = ((0, 0.0), 0);
        for (to, end) in ends.iter().enumerate() {
            while ends.get(from).is_some_and(|first| *first < *end - size * 1.5) {
                from += 1;
            }
            if to - from + 1 >= best.0 {
                best = (to - from + 1, *end);
            }
        }
        Self { left, right: best.1, indented: indents * 16 >= starts.len() }
    }

    /// True if a line in these margins continues the paragraph of the line before it, which has margins of its own in
    /// another column.
    pub(crate) fn continues(self, before: &Line, margins: Self, line: &Line) -> bool {
        let size = before.size.max(line.size);
        let same_type = before.direction == line.direction && (before.size - line.size).abs() < size * 0.12;
        // Without indents a list of names looks like a paragraph: its lines have to be as long as lines of text are.
        let least = match (before.direction, before.column, margins.indented) {
            (Direction::Right, 0, true) => 14.0,
            (Direction::Right, 0, false) => 22.0,
            // Columns are narrow, and so is text at the side.
            (Direction::Right, _, _) => 9.0,
            _ => 4.0,
        };
        let short = before.size * if margins.indented { 2.4 } else { 1.2 };
        let full = before.end > margins.right - short && before.end - margins.left > before.size * least;
        let flush = line.start < self.left + line.size * 0.8;
        let pitch = line.middle - before.middle;
        let elsewhere = before.page != line.page || before.column != line.column && line.column == 2;
        let near = elsewhere || (pitch > 0.0 && pitch < size * 2.6);
        let ended =
            before.text.trim_end().ends_with(['。', '；', '：', '！', '？']) && begins_provision(&line.text);
        same_type && full && flush && near && !ended
    }
}
