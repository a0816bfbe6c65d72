//! Lines to paragraphs: which line goes on with the one before it.
//!
//! A line goes on where the one before it is full: what cannot be parted at the new line's beginning would not have
//! fitted. Indents, gaps, sizes and the marks of numbered provisions part paragraphs beside that.

use std::collections::BTreeMap;

use super::lines::Line;
use crate::printed::{begins_provision, ends_sentence};

/// A line with its place in the document.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) line: Line,
    /// Index of the page, from 0.
    pub(super) page: usize,
    /// Number of the flow; lines of one flow lie below each other.
    pub(super) flow: usize,
    /// The edges of its flow.
    pub(super) edges: Edges,
}

/// The edges between which lines run, and their usual distance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Edges {
    pub(super) left: f32,
    pub(super) right: f32,
    /// Distance of the baselines of two lines of one paragraph.
    pub(super) leading: f32,
    /// True if gaps stand between many of its paragraphs.
    pub(super) spaced: bool,
    /// The usual size of the text; larger lines are titles.
    pub(super) size: f32,
}

/// Lines that end together far from the margin, to make an edge there.
const ENDED: usize = 6;

impl Edges {
    /// The edges of lines that lie between the same margins, on a page of this width.
    pub(super) fn of<'l>(lines: impl IntoIterator<Item = &'l Line>, width: f32) -> Option<Self> {
        let lines: Vec<&Line> = lines.into_iter().collect();
        let enough = (lines.len() / 12).max(2);
        let mut lefts: Vec<f32> = lines.iter().map(|line| line.area.x0).collect();
        lefts.sort_by(f32::total_cmp);
        let mut rights: Vec<(f32, f32)> = lines.iter().map(|line| (line.area.x1, line.size)).collect();
        rights.sort_by(|one, other| other.0.total_cmp(&one.0));
        // The outermost place where several lines begin, or end, but for a few that stick out.
        let outliers = 1 + lines.len() / 12;
        let left = lefts
            .iter()
            .zip(lefts.iter().skip(enough - 1))
            .take(outliers)
            .find(|(one, other)| **other - **one <= 3.0)
            .map(|(left, _)| *left);
        let left = left.or_else(|| lefts.first().copied())?;
        let right = rights
            .iter()
            .zip(rights.iter().skip(enough - 1))
            .take(outliers)
            .find(|(one, other)| one.0 - other.0 <= one.1 * 1.3)
            .map(|(right, _)| *right);
        // A few short entries end together by chance: far from where the other margin would have it, it takes more.
        let ended =
            |right: f32, size: f32| rights.iter().filter(|(end, _)| right - end <= size * 1.3).count();
        let right = right
            .filter(|(right, size)| *right > width - left - size * 8.0 || ended(*right, *size) >= ENDED)
            .map(|(right, _)| right);
        // Where no lines end together, the margins are taken for equal.
        let right = right.unwrap_or_else(|| rights.first().map_or(0.0, |right| right.0).max(width - left));
        let size = usual_size(lines.iter().copied());
        let mut gaps: Vec<f32> = lines
            .windows(2)
            .filter_map(|pair| match pair {
                [one, other] => Some(other.baseline - one.baseline),
                _ => None,
            })
            .filter(|gap| *gap > 1.0)
            .collect();
        gaps.sort_by(f32::total_cmp);
        let leading = if gaps.len() >= 3 { gaps.get(gaps.len() / 4).copied()? } else { size * 1.9 };
        let wide = gaps.iter().filter(|gap| (leading * 1.2..leading * 3.0).contains(*gap)).count();
        let spaced = wide * 10 >= gaps.len().max(3);
        Some(Self { left, right, leading, spaced, size })
    }
}

/// The size of most characters.
pub(super) fn usual_size<'l>(lines: impl IntoIterator<Item = &'l Line>) -> f32 {
    let mut sizes: BTreeMap<i32, usize> = BTreeMap::new();
    for line in lines {
        *sizes.entry((line.size * 2.0) as i32).or_default() += line.characters;
    }
    sizes.into_iter().max_by_key(|(_, count)| *count).map_or(12.0, |(size, _)| size as f32 / 2.0)
}

/// The lines of each paragraph.
pub(super) fn join(lines: Vec<Placed>) -> Vec<Vec<Placed>> {
    let mut paragraphs: Vec<Vec<Placed>> = Vec::new();
    for line in lines {
        zhaoren_cancel::poll();
        match paragraphs.last_mut() {
            Some(paragraph) if goes_on(paragraph, &line) => paragraph.push(line),
            _ => paragraphs.push(vec![line]),
        }
    }
    paragraphs
}

/// True if a line goes on with a paragraph.
fn goes_on(paragraph: &[Placed], next: &Placed) -> bool {
    let (Some(first), Some(last)) = (paragraph.first(), paragraph.last()) else { return false };
    let (line, before) = (&next.line, &last.line);
    let size = line.size.max(before.size);
    if line.tabular || before.tabular {
        return false;
    }
    // Blanks at its beginning are typed for a new paragraph.
    if (line.size - before.size).abs() > size * 0.12 || line.indented {
        return false;
    }
    // The lines of a title have a distance of their own.
    let title = is_title(last) && is_title(next);
    if last.flow == next.flow {
        let gap = line.baseline - before.baseline;
        let limit = (next.edges.leading * 1.35).max(size * if title { 1.9 } else { 1.15 });
        if gap > limit || gap <= 0.0 {
            return false;
        }
    }
    if title && is_symmetric(last) && is_symmetric(next) {
        // A title over several lines, which are set to look well and need not be full.
        return paragraph.len() < 5 && !ends_sentence(&before.text) && !begins_provision(&line.text);
    }
    let full = before.area.x1 + line.unit + size * 0.3 > last.edges.right;
    if !full {
        return false;
    }
    let indent = line.area.x0 - next.edges.left;
    let before_indent = before.area.x0 - last.edges.left;
    let starts = begins_provision(&line.text);
    if indent > size * 0.9 {
        // A block that is indented as a whole, or hangs behind its number. Two first lines are indented alike as well,
        // so that the first line of a block has to reach the edge itself.
        let same = (indent - before_indent).abs() < size * 0.5;
        let reaches = before.area.x1 > last.edges.right - size * 0.6 && !ends_sentence(&before.text);
        let hangs =
            paragraph.len() == 1 && indent > before_indent + size * 0.5 && begins_provision(&first.line.text);
        return !starts && ((same && (paragraph.len() > 1 || reaches)) || hangs);
    }
    // A first line that is not indented more than the next one says nothing of where its paragraph ends; a full stop at
    // its very end does.
    let alike = !next.edges.spaced
        && paragraph.len() == 1
        && (indent - before_indent).abs() < size * 0.5
        && before.text.ends_with('。');
    !(alike || (starts && ends_sentence(&before.text)))
}

/// True if a line is as far from one edge as from the other.
fn is_symmetric(placed: &Placed) -> bool {
    let (left, right) = (placed.line.area.x0 - placed.edges.left, placed.edges.right - placed.line.area.x1);
    (left - right).abs() < placed.line.size * 1.2
}

/// True if the line is larger than the text about it.
fn is_title(placed: &Placed) -> bool {
    placed.line.size > placed.edges.size * 1.12
}
