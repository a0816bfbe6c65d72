//! Running headers, footers and page numbers: lines in the same place on several pages, and page numbers.

use std::collections::HashMap;

use super::lines::{Row, line};
use crate::limits::Budget;
use crate::printed::page_number;
use crate::refusal::Refusal;

/// The rows of a page, with its height.
pub(super) struct Sheet<'r> {
    pub(super) rows: &'r mut Vec<Row>,
    pub(super) height: f32,
}

/// Rows that are looked at from either end of a page.
const ROWS: usize = 4;

/// Share of the page's height at its top and at its bottom where furniture stands.
const MARGIN: f32 = 0.14;

/// A row near an edge of its page.
struct Candidate {
    page: usize,
    /// Place in the page's rows.
    row: usize,
    /// Distance from the nearer edge; negative at the bottom.
    place: f32,
    /// The text without blanks and without the page number at either end.
    text: String,
    number: bool,
    /// True if the file itself marks it as furniture.
    marked: bool,
}

/// Removes the furniture from the rows of all pages.
pub(super) fn remove(sheets: &mut [Sheet<'_>], budget: &mut Budget) -> Result<(), Refusal> {
    let mut candidates = Vec::new();
    for (page, sheet) in sheets.iter().enumerate() {
        budget.step(1)?;
        collect(page, sheet, &mut candidates);
    }
    let mut pages: HashMap<(bool, &str), Vec<(usize, f32)>> = HashMap::new();
    for candidate in &candidates {
        let key = (candidate.place < 0.0, candidate.text.as_str());
        pages.entry(key).or_default().push((candidate.page, candidate.place));
    }
    let mut removed: Vec<(usize, usize)> = Vec::new();
    for candidate in &candidates {
        let known =
            pages.get(&(candidate.place < 0.0, candidate.text.as_str())).map_or(&[][..], Vec::as_slice);
        budget.step(1)?;
        let repeated = !candidate.text.is_empty() && repeated(candidate, known, sheets.len());
        if candidate.number || candidate.marked || repeated {
            removed.push((candidate.page, candidate.row));
        }
    }
    removed.sort_unstable();
    // Furniture is what lies outside of all text: a row with text between it and the edge stays.
    for (page, sheet) in sheets.iter_mut().enumerate() {
        let from = removed.partition_point(|(at, _)| *at < page);
        let to = removed.partition_point(|(at, _)| *at <= page);
        let rows: Vec<usize> =
            removed.get(from..to).unwrap_or_default().iter().map(|(_, row)| *row).collect();
        let length = sheet.rows.len();
        let head = (0..length).take_while(|row| rows.contains(row)).count();
        let foot = (0..length).rev().take_while(|row| rows.contains(row)).count();
        if head + foot >= length {
            sheet.rows.clear();
        } else {
            sheet.rows.truncate(length - foot);
            sheet.rows.drain(..head);
        }
    }
    Ok(())
}

fn collect(page: usize, sheet: &Sheet<'_>, candidates: &mut Vec<Candidate>) {
    let length = sheet.rows.len();
    for (row, content) in sheet.rows.iter().enumerate() {
        if row >= ROWS && row + ROWS < length {
            continue;
        }
        let Some(found) = line(&content.segments) else { continue };
        let top = found.area.y1 < sheet.height * MARGIN;
        let bottom = found.area.y0 > sheet.height * (1.0 - MARGIN);
        if !top && !bottom {
            continue;
        }
        let whole: String = found.text.chars().filter(|c| !c.is_whitespace()).collect();
        let place = if top { found.area.y0 } else { found.area.y1 - sheet.height };
        let marked = content.segments.iter().all(|segment| segment.pagination);
        let number = page_number(&whole).is_some() && isolated(sheet, row, bottom);
        candidates.push(Candidate { page, row, place, text: core(&whole), number, marked });
    }
}

/// True if a text at the same place of pages enough makes this one furniture. On alternating pages a header stands on
/// every second one.
fn repeated(candidate: &Candidate, known: &[(usize, f32)], pages: usize) -> bool {
    // Annexes begin pages with the like of 附件2; that is text.
    if candidate.text.starts_with("附件") || candidate.text.starts_with("附表") {
        return false;
    }
    let near = known.iter().take(5_000).filter(|(_, place)| (place - candidate.place).abs() < 6.0).count();
    match pages {
        0..=1 => false,
        2 => near == 2,
        3 => near >= 2,
        _ => near >= 3 || near * 3 >= pages,
    }
}

/// The text without a page number and its ornament at either end.
fn core(text: &str) -> String {
    let mark =
        |c: char| c.is_ascii_digit() || matches!(c, '-' | '—' | '–' | '－' | '·' | '|' | '/' | '０'..='９');
    text.trim_matches(mark).to_owned()
}

/// True if a row stands apart from the text: a gap of more than a line to the row inside of it.
fn isolated(sheet: &Sheet<'_>, row: usize, bottom: bool) -> bool {
    let inner = if bottom { row.checked_sub(1) } else { Some(row + 1) };
    let (Some(own), Some(inner)) = (sheet.rows.get(row), inner.and_then(|inner| sheet.rows.get(inner)))
    else {
        // Nothing else on the page: a number alone at its edge.
        return true;
    };
    (own.baseline - inner.baseline).abs() > own.size.max(inner.size) * 1.3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_compare_without_page_numbers() {
        assert_eq!(core("3云溪区政策汇编"), core("云溪区政策汇编—4—"));
    }
}
