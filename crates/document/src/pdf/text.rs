//! Text: the letters of a string become glyphs at their places.

use super::content::Painter;
use super::font::{Letter, TextFont};
use super::page::{Area, Direction, GLYPHS, Glyph};
use super::state::{Matrix, State};
use crate::refusal::Refusal;

/// Shows a string and moves the pen behind it.
pub(super) fn show<'a>(
    painter: &mut Painter<'a, '_>,
    state: &mut State<'a>,
    bytes: &[u8],
) -> Result<(), Refusal> {
    painter.budget.step(bytes.len() as u64)?;
    let letters = match state.font.clone() {
        Some(font) => painter.fonts.letters(&font, bytes),
        // The font is missing: the displayed characters are unknown.
        None => bytes.iter().step_by(2).map(|_| unknown()).collect(),
    };
    painter.budget.text(letters.len())?;
    if painter.drawing.glyphs.len() + letters.len() > GLYPHS {
        return Err(Refusal::over("一页的文字数", GLYPHS as u64));
    }
    let horizontal = state.font.as_deref().is_none_or(TextFont::is_horizontal);
    let size = state.font_size;
    let shown = painter.is_shown();
    let pagination = painter.marks.iter().any(|(_, pagination)| *pagination);
    for letter in letters {
        if shown {
            // Text space to the page (ISO 32000-1, 9.4.4).
            let matrix = Matrix([size * state.stretch, 0.0, 0.0, size, 0.0, state.rise])
                .then(&state.text)
                .then(&state.matrix);
            place(painter, state, &letter, &matrix, horizontal, pagination);
        }
        let space = state.character_space + if letter.blank { state.word_space } else { 0.0 };
        let by = letter.advance * size + space;
        let shift = if horizontal { Matrix::shift(by * state.stretch, 0.0) } else { Matrix::shift(0.0, by) };
        state.text = shift.then(&state.text);
    }
    Ok(())
}

fn unknown() -> Letter {
    Letter { text: "\u{FFFD}".into(), width: 1.0, advance: 1.0, shift: (0.0, 0.0), blank: false }
}

/// Ascent and descent of a line, in ems: those of Chinese fonts.
const ASCENT: f64 = 0.88;
const DESCENT: f64 = -0.12;

fn place(
    painter: &mut Painter<'_, '_>,
    state: &State<'_>,
    letter: &Letter,
    matrix: &Matrix,
    horizontal: bool,
    pagination: bool,
) {
    let page = painter.drawing.size;
    let Some(mut direction) = direction(matrix) else {
        painter.drawing.slanted = painter.drawing.slanted.saturating_add(1);
        return;
    };
    let size = matrix.across() as f32;
    let count = letter.text.chars().count().max(1) as f64;
    for (at, character) in letter.text.chars().enumerate() {
        let left = letter.shift.0 + letter.width * at as f64 / count;
        let right = left + letter.width / count;
        let bottom = letter.shift.1 + DESCENT;
        let Some(area) = matrix.area(left, bottom, right, letter.shift.1 + ASCENT) else { continue };
        let (_, y) = matrix.point(left, letter.shift.1);
        let (x, _) = matrix.point(left, letter.shift.1);
        let point = Area { x0: x as f32, y0: y as f32, x1: x as f32, y1: y as f32 };
        // Vertical writing is read as if the page were turned: columns become lines, the right one first. Its letters
        // then lie on their side, with the baseline at their left.
        if !horizontal && direction == Direction::Right {
            direction = Direction::Down;
        }
        let (area, point) = (area.turned(direction, page), point.turned(direction, page));
        let baseline = if horizontal { point.y0 } else { area.y1 - area.height() * 0.12 };
        painter.drawing.glyphs.push(Glyph {
            character,
            area,
            baseline,
            size,
            direction,
            ink: state.text_ink(),
            order: painter.order,
            pagination,
        });
        // The clip is tested in the page's own coordinates.
        let seen = area.turned_back(direction, page).center();
        if !state.clip.holds(seen) {
            painter.drawing.glyphs.pop();
        }
    }
}

/// The side that text runs to, unless it runs aslant.
fn direction(matrix: &Matrix) -> Option<Direction> {
    let [a, b, _, _, _, _] = matrix.0;
    let (along, across) = (a.abs(), b.abs());
    // Five degrees, for pages scanned askew.
    if across <= along * 0.09 && along > 0.0 {
        Some(if a > 0.0 { Direction::Right } else { Direction::Left })
    } else if along <= across * 0.09 && across > 0.0 {
        // `y` grows downwards on the page.
        Some(if b > 0.0 { Direction::Down } else { Direction::Up })
    } else {
        None
    }
}
