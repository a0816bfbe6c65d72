//! Columns of a page: pieces that are read one group after the other.

use super::geometry::Area;
use super::text::{Direction, Piece};

/// Pieces that are read together, from above to below.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// 0 for text over the whole width, 1 for a left column, 2 for a right one.
    pub(crate) column: u8,
    /// Its pieces.
    pub(crate) pieces: Vec<Piece>,
}

/// Rows that each column of a band has at least.
const ROWS: usize = 4;

/// The groups of a page's pieces in reading order. A page of one column is one group.
pub(crate) fn groups(pieces: Vec<Piece>, area: Area) -> Vec<Group> {
    let Some(gutter) = gutter(&pieces, area) else {
        return vec![Group { column: 0, pieces }];
    };
    let (mut across, mut aside): (Vec<Piece>, Vec<Piece>) = (Vec::new(), Vec::new());
    let mut bands: Vec<Band> = vec![Band::default()];
    let mut sorted = Vec::with_capacity(pieces.len());
    for piece in pieces {
        if piece.direction == Direction::Right { sorted.push(piece) } else { aside.push(piece) }
    }
    sorted.sort_by(|a, b| a.middle.total_cmp(&b.middle));
    for piece in sorted {
        zhaoren_cancel::poll();
        if piece.end <= gutter {
            end_across(&mut across, &mut bands);
            bands.last_mut().map(|band| &mut band.left).unwrap_or(&mut aside).push(piece);
        } else if piece.start() >= gutter {
            end_across(&mut across, &mut bands);
            bands.last_mut().map(|band| &mut band.right).unwrap_or(&mut aside).push(piece);
        } else {
            across.push(piece);
        }
    }
    end_across(&mut across, &mut bands);
    let mut groups: Vec<Group> = Vec::new();
    for band in bands {
        if band.is_columns(area) {
            add(&mut groups, 0, band.across);
            add(&mut groups, 1, band.left);
            add(&mut groups, 2, band.right);
        } else {
            add(&mut groups, 0, band.across.into_iter().chain(band.left).chain(band.right).collect());
        }
    }
    add(&mut groups, 0, aside);
    groups
}

/// Adds pieces to the last group of the same column, or as a new group.
fn add(groups: &mut Vec<Group>, column: u8, pieces: Vec<Piece>) {
    match groups.last_mut() {
        _ if pieces.is_empty() => {}
        Some(last) if last.column == 0 && column == 0 => last.pieces.extend(pieces),
        _ => groups.push(Group { column, pieces }),
    }
}

/// Begins a new band below pieces that lie across the gutter.
fn end_across(across: &mut Vec<Piece>, bands: &mut Vec<Band>) {
    if !across.is_empty() {
        bands.push(Band { across: std::mem::take(across), ..Band::default() });
    }
}

/// Pieces across the gutter, and those to its left and right down to the next ones across it.
#[derive(Default)]
struct Band {
    across: Vec<Piece>,
    left: Vec<Piece>,
    right: Vec<Piece>,
}

impl Band {
    /// True if both sides are columns: several rows that are long, with a gap between the sides.
    fn is_columns(&self, area: Area) -> bool {
        let size = self.left.iter().chain(&self.right).map(|piece| piece.size).fold(0.0, f64::max);
        let from = self.right.iter().map(Piece::start).fold(f64::INFINITY, f64::min);
        let to = self.left.iter().map(|piece| piece.end).fold(f64::NEG_INFINITY, f64::max);
        from - to > size * 0.7
            && [&self.left, &self.right].into_iter().all(|side| {
                let (rows, length) = rows(side);
                rows >= ROWS
                    && length > area.width() * 0.28 * f64::from(u32::try_from(rows).unwrap_or(u32::MAX))
            })
    }
}

/// Number of rows of sorted pieces, and the sum of the pieces' lengths.
fn rows(pieces: &[Piece]) -> (usize, f64) {
    let (mut rows, mut middle, mut length) = (0, f64::NEG_INFINITY, 0.0);
    for piece in pieces {
        if piece.middle - middle > piece.size * 0.5 {
            rows += 1;
            middle = piece.middle;
        }
        length += piece.end - piece.start();
    }
    (rows, length)
}

/// The place near the middle of the page that the fewest pieces cross, where there is enough text on both sides.
fn gutter(pieces: &[Piece], area: Area) -> Option<f64> {
    let upright = || pieces.iter().filter(|piece| piece.direction == Direction::Right);
    if upright().count() < ROWS * 2 {
        return None;
    }
    // Every second millimetre of the middle fifth of the page.
    let candidates = (0u32..=20).map(|step| area.left + area.width() * (0.4 + f64::from(step) * 0.01));
    let crossing = candidates.map(|x| {
        zhaoren_cancel::steps(pieces.len() as u64 / 16);
        (upright().filter(|piece| piece.start() < x && piece.end > x).count(), x)
    });
    // Of places that are as good the one in the middle of them.
    let crossing: Vec<(usize, f64)> = crossing.collect();
    let fewest = crossing.iter().map(|one| one.0).min()?;
    let best: Vec<f64> = crossing.iter().filter(|one| one.0 == fewest).map(|one| one.1).collect();
    best.get(best.len() / 2).copied().filter(|_| fewest * 2 < pieces.len())
}
