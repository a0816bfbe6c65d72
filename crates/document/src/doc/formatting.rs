//! Properties of characters and paragraphs, from the pages of formatting that the bin tables name ([MS-DOC] 2.8.5, 2.8.6).

use std::collections::HashSet;

use super::bytes::{index_at, plc, u8_at, u16_at};
use super::fib::Fib;
use super::sprm::{DEFINE_TABLE, Property, properties};
use super::styles::Styles;
use crate::limits::Budget;
use crate::refusal::Refusal;

/// Bytes of a page of formatting.
const PAGE: usize = 512;

/// The character formatting that decides whether text is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Character {
    /// True if it was deleted with changes tracked.
    pub(crate) deleted: bool,
    /// True if it is hidden.
    pub(crate) hidden: bool,
    /// True if it is a sign of the format, such as the mark of a footnote.
    pub(crate) special: bool,
    /// The character of a symbol font that is drawn instead.
    pub(crate) symbol: Option<u16>,
}

/// The edges and merges of a table row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RowShape {
    /// Edges of the cells from left to right, in twentieths of a point.
    pub(crate) edges: Vec<i32>,
    /// The merge flags of each cell.
    pub(crate) flags: Vec<u16>,
}

/// The paragraph formatting that decides structure: tables, lists, outline.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Layout {
    /// Index of its style.
    pub(crate) style: u16,
    /// Depth of tables that it is in; 0 outside of them.
    pub(crate) depth: u32,
    /// True if it is in a table, where no depth is given.
    pub(crate) in_table: bool,
    /// True if it is the mark of a row's end.
    pub(crate) row_end: bool,
    /// True if it ends a cell of a table in a table.
    pub(crate) inner_cell: bool,
    /// List format override that numbers it, from 1; 0 for none.
    pub(crate) list: u16,
    /// Level of its number, from 0; `None` where its style says.
    pub(crate) level: Option<u8>,
    /// Outline level from 0; 9 for body text.
    pub(crate) outline: Option<u8>,
    /// The shape of the row that it ends.
    pub(crate) row: Option<RowShape>,
}

impl Layout {
    /// Changes it by one property; `data` is the stream `Data`, where long lists of properties are.
    pub(crate) fn apply(&mut self, property: Property<'_>, data: &[u8]) {
        match property.code {
            0x2416 => self.in_table = property.byte() != 0,
            0x2417 => self.row_end = property.byte() != 0,
            0x6649 => {
                self.depth =
                    index_at(property.operand, 0).and_then(|depth| u32::try_from(depth).ok()).unwrap_or(0)
            }
            0x244B => self.inner_cell = property.byte() != 0,
            0x244C => self.row_end |= property.byte() != 0,
            0x260A => self.level = Some(property.byte()),
            0x460B => self.list = property.word(),
            0x2640 => self.outline = Some(property.byte()),
            DEFINE_TABLE => self.row = row_shape(property.operand),
            // Cells from the first number to before the second are merged.
            0x5624 => {
                let [first, limit] = property.word().to_le_bytes().map(usize::from);
                for (index, flags) in self.row.iter_mut().flat_map(|row| row.flags.iter_mut()).enumerate() {
                    if index >= first && index < limit {
                        *flags = *flags & !3 | if index == first { 1 } else { 2 };
                    }
                }
            }
            0xD62B => {
                let [index, merge] = property.word().to_le_bytes();
                if let Some(flags) = self.row.as_mut().and_then(|row| row.flags.get_mut(usize::from(index))) {
                    *flags = *flags & !0x60 | u16::from(merge & 3) << 5;
                }
            }
            // The properties of long rows are kept apart.
            0x6645 | 0x6646 => {
                for inner in apart(property, data).into_iter().flat_map(properties) {
                    if !matches!(inner.code, 0x6645 | 0x6646) {
                        self.apply(inner, data);
                    }
                }
            }
            _ => {}
        }
    }

    fn finish(&mut self) {
        self.depth = if self.in_table || self.depth > 0 { self.depth.max(1) } else { 0 };
    }
}

/// The list of properties that a property of long rows names in the stream `Data`.
pub(crate) fn apart<'a>(property: Property<'_>, data: &'a [u8]) -> Option<&'a [u8]> {
    if !matches!(property.code, 0x6645 | 0x6646) {
        return None;
    }
    let at = index_at(property.operand, 0)?;
    let length = usize::from(u16_at(data, at)?);
    data.get(at.checked_add(2)?..at.checked_add(2 + length)?)
}

fn row_shape(operand: &[u8]) -> Option<RowShape> {
    let cells = usize::from(u8_at(operand, 0)?);
    let edges = (0..=cells).map(|cell| u16_at(operand, 1 + cell * 2)).collect::<Option<Vec<u16>>>()?;
    let edges = edges.into_iter().map(|edge| i32::from(edge.cast_signed())).collect();
    // 20 bytes for each cell follow; cells at the end may lack them.
    let flags =
        (0..cells).map(|cell| u16_at(operand, 1 + (cells + 1) * 2 + cell * 20).unwrap_or(0)).collect();
    Some(RowShape { edges, flags })
}

/// Values by ranges of bytes of the stream `WordDocument`.
#[derive(Debug)]
pub(crate) struct Ranges<T> {
    ranges: Vec<(usize, usize, T)>,
}

impl<T> Ranges<T> {
    /// The value at a byte, with the range that it holds for.
    pub(crate) fn get(&self, at: usize) -> Option<(&T, std::ops::Range<usize>)> {
        let after = self.ranges.partition_point(|range| range.0 <= at);
        let (from, to, value) = self.ranges.get(after.checked_sub(1)?)?;
        (at < *to).then_some((value, *from..*to))
    }
}

/// The properties of characters.
///
/// # Errors
/// The budget is spent.
pub(crate) fn characters(
    stream: &[u8],
    table: &[u8],
    fib: &Fib,
    styles: &Styles,
    budget: &mut Budget,
) -> Result<Ranges<Character>, Refusal> {
    let mut ranges = Vec::new();
    for page in pages(stream, fib.characters.of(table), budget)? {
        for (run, from, to, count) in runs(page) {
            budget.step(1)?;
            let offset = usize::from(u8_at(page, (count + 1) * 4 + run).unwrap_or(0)) * 2;
            let length = usize::from(u8_at(page, offset).unwrap_or(0));
            let list = if offset == 0 {
                &[][..]
            } else {
                page.get(offset + 1..offset + 1 + length).unwrap_or_default()
            };
            let value = character(list, styles);
            if value != Character::default() {
                ranges.push((from, to, value));
            }
        }
    }
    ranges.sort_by_key(|range| range.0);
    Ok(Ranges { ranges })
}

fn character(list: &[u8], styles: &Styles) -> Character {
    let mut value = Character::default();
    for property in properties(list) {
        match property.code {
            0x0800 => value.deleted = property.byte() != 0,
            0x4A30 => value.hidden = styles.hides(property.word()),
            // 0x80 is "as the style", 0x81 its opposite.
            0x083C => {
                value.hidden = match property.byte() {
                    0x80 => value.hidden,
                    0x81 => !value.hidden,
                    byte => byte != 0,
                }
            }
            0x0855 => value.special = property.byte() != 0,
            0x6A09 => value.symbol = u16_at(property.operand, 2),
            _ => {}
        }
    }
    value
}

/// The properties of paragraphs.
///
/// # Errors
/// The budget is spent.
pub(crate) fn paragraphs(
    stream: &[u8],
    table: &[u8],
    data: &[u8],
    fib: &Fib,
    styles: &Styles,
    budget: &mut Budget,
) -> Result<Ranges<Layout>, Refusal> {
    let mut ranges = Vec::new();
    for page in pages(stream, fib.paragraphs.of(table), budget)? {
        for (run, from, to, count) in runs(page) {
            budget.step(4)?;
            // 13 bytes for each paragraph; the first is the place of its properties.
            let offset = usize::from(u8_at(page, (count + 1) * 4 + run * 13).unwrap_or(0)) * 2;
            let (start, length) = match u8_at(page, offset) {
                _ if offset == 0 => (0, 0),
                Some(0) => (offset + 2, usize::from(u8_at(page, offset + 1).unwrap_or(0)) * 2),
                Some(half) => (offset + 1, usize::from(half) * 2 - 1),
                None => (0, 0),
            };
            let list = page.get(start..start + length).unwrap_or_default();
            let style = u16_at(list, 0).unwrap_or(0);
            let mut layout = styles.layout(style);
            for property in properties(list.get(2..).unwrap_or_default()) {
                // Many paragraphs may name the same long list.
                budget.step(1 + apart(property, data).map_or(0, <[u8]>::len) as u64 / 4)?;
                layout.apply(property, data);
            }
            layout.finish();
            ranges.push((from, to, layout));
        }
    }
    ranges.sort_by_key(|range| range.0);
    Ok(Ranges { ranges })
}

/// The pages that a bin table names, each once: a table that names a page again would only repeat it.
fn pages<'a>(stream: &'a [u8], table: &[u8], budget: &mut Budget) -> Result<Vec<&'a [u8]>, Refusal> {
    let (mut pages, mut seen) = (Vec::new(), HashSet::new());
    for (_, _, number) in plc(table, 4) {
        budget.step(1)?;
        let number = index_at(number, 0).unwrap_or(0) & 0x3F_FFFF;
        if seen.insert(number) {
            let page = stream.get(number * PAGE..(number + 1) * PAGE);
            pages.push(page.ok_or_else(|| Refusal::Truncated("格式信息所在的数据不全".to_owned()))?);
        }
    }
    Ok(pages)
}

/// The runs of a page: number, first byte, byte after the last, and how many there are.
fn runs(page: &[u8]) -> impl Iterator<Item = (usize, usize, usize, usize)> {
    let count = usize::from(u8_at(page, PAGE - 1).unwrap_or(0));
    (0..count).filter_map(move |run| {
        let (from, to) = (index_at(page, run * 4)?, index_at(page, run * 4 + 4)?);
        (from < to).then_some((run, from, to, count))
    })
}
