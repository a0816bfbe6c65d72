//! Which glyphs are seen. Hidden text (white on white, without ink, off the page, under a filled area) is left out, so
//! that nothing becomes a criterion that no person sees.

use super::color::differ;
use super::page::{Drawing, Glyph, Ink, Rgb};
use crate::limits::Budget;
use crate::refusal::Refusal;

/// Share of the page that pictures have to cover for text without ink to be the text layer of a scan.
const SCANNED: f32 = 0.7;

/// Size under which text is a trick, in points.
const TINY: f32 = 1.0;

/// Cells of the grid by which the fills about a place are found, along each axis.
const CELLS: usize = 24;

/// Glyphs of a page by visibility.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Visibility {
    /// Hidden characters, blanks not counted.
    pub(super) hidden: usize,
    /// True if the text is the layer of a scan: what a program recognized in the picture.
    pub(super) recognized: bool,
}

/// Removes the glyphs that are not seen, and those drawn twice for a bold face.
pub(super) fn keep_visible(drawing: &mut Drawing, budget: &mut Budget) -> Result<Visibility, Refusal> {
    let scanned = drawing.pictured() >= SCANNED;
    let page = drawing.area();
    let grid = Grid::new(drawing, budget)?;
    let mut hidden = 0;
    let mut kept = Vec::with_capacity(drawing.glyphs.len());
    for glyph in std::mem::take(&mut drawing.glyphs) {
        let center = glyph.area.turned_back(glyph.direction, drawing.size).center();
        let seen = glyph.size >= TINY
            && page.holds(center)
            && inked(&glyph, center, scanned, drawing, &grid, budget)?;
        if seen {
            kept.push(glyph);
        } else if !glyph.character.is_whitespace() {
            hidden += 1;
        }
    }
    let layer = kept.iter().filter(|glyph| glyph.ink == Ink::None).count();
    let recognized = layer * 2 > kept.len();
    drawing.glyphs = once(kept);
    Ok(Visibility { hidden, recognized })
}

/// True if a glyph contrasts with the content below it and is not painted over.
fn inked(
    glyph: &Glyph,
    point: (f32, f32),
    scanned: bool,
    drawing: &Drawing,
    grid: &Grid,
    budget: &mut Budget,
) -> Result<bool, Refusal> {
    let ink = match glyph.ink {
        Ink::None => return Ok(scanned),
        Ink::Color(color) => Some(color),
        Ink::Pattern => None,
    };
    // Text under the picture of a scan is its text layer as well.
    let on_picture = drawing.pictures.iter().take(64).any(|picture| picture.holds(point));
    let mut below: Vec<Option<Rgb>> = Vec::new();
    let mut grounded = false;
    let fills = grid.about(point);
    budget.step(fills.len() as u64)?;
    for fill in fills.iter().rev().filter_map(|at| drawing.fills.get(*at as usize)) {
        if !fill.area.holds(point) {
            continue;
        }
        if fill.order > glyph.order {
            let covers = fill.area.width() >= glyph.size * 0.5 && fill.area.height() >= glyph.size * 0.5;
            if fill.solid && covers {
                return Ok(false);
            }
        } else {
            below.push(fill.color);
            grounded = fill.solid;
            if grounded {
                break;
            }
        }
    }
    let Some(ink) = ink else { return Ok(true) };
    if on_picture {
        return Ok(true);
    }
    if !grounded {
        // The page itself is white. It may be seen below a half transparent or rounded area.
        below.push(Some([1.0; 3]));
    }
    Ok(below.iter().any(|color| color.is_none_or(|color| differ(ink, color))))
}

/// The fills about each part of the page.
struct Grid {
    size: (f32, f32),
    cells: Vec<Vec<u32>>,
}

impl Grid {
    fn new(drawing: &Drawing, budget: &mut Budget) -> Result<Self, Refusal> {
        let mut grid = Self { size: drawing.size, cells: vec![Vec::new(); CELLS * CELLS] };
        for (at, fill) in drawing.fills.iter().enumerate() {
            let area = fill.area;
            // Smaller than a glyph: no background.
            if area.width() < 3.0 || area.height() < 3.0 {
                continue;
            }
            let (left, top) = grid.cell((area.x0, area.y0));
            let (right, bottom) = grid.cell((area.x1, area.y1));
            budget.step(((right - left + 1) * (bottom - top + 1)) as u64)?;
            for row in top..=bottom {
                for column in left..=right {
                    if let Some(cell) = grid.cells.get_mut(row * CELLS + column) {
                        cell.push(at as u32);
                    }
                }
            }
        }
        Ok(grid)
    }

    fn cell(&self, (x, y): (f32, f32)) -> (usize, usize) {
        let part =
            |at: f32, size: f32| ((at / size.max(1.0) * CELLS as f32).max(0.0) as usize).min(CELLS - 1);
        (part(x, self.size.0), part(y, self.size.1))
    }

    fn about(&self, point: (f32, f32)) -> &[u32] {
        let (column, row) = self.cell(point);
        self.cells.get(row * CELLS + column).map_or(&[], Vec::as_slice)
    }
}

/// The glyphs without those drawn a second time in the same place, slightly moved, which makes a bold face.
fn once(glyphs: Vec<Glyph>) -> Vec<Glyph> {
    use std::collections::HashMap;
    let mut seen: HashMap<(char, i32, i32), Vec<(f32, f32)>> = HashMap::new();
    glyphs
        .into_iter()
        .filter(|glyph| {
            zhaoren_cancel::poll();
            if glyph.character.is_whitespace() {
                return true;
            }
            let reach = (glyph.size * 0.2).max(0.3);
            let (x, y) = (glyph.area.x0, glyph.baseline);
            // Cells of 4 points, and the neighbours that a moved copy may fall into.
            let cell = |at: f32| (at / 4.0).floor() as i32;
            for dx in [cell(x - reach), cell(x + reach)] {
                for dy in [cell(y - reach), cell(y + reach)] {
                    let near = seen.get(&(glyph.character, dx, dy)).into_iter().flatten();
                    // A text drawn thousands of times in one place is not looked through to the end.
                    for (kx, ky) in near.take(16) {
                        if (kx - x).abs() < reach && (ky - y).abs() < reach {
                            return false;
                        }
                    }
                }
            }
            seen.entry((glyph.character, cell(x), cell(y))).or_default().push((x, y));
            true
        })
        .collect()
}
