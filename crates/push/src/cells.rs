//! Cells of CSV that a spreadsheet opens: what is foreign text in them runs as no formula.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return for a formula. Such a cell gets an
//! apostrophe before it, as does one that has apostrophes before such a character already: so the one that was added can be taken
//! away again, whatever the text was. Numbers that the program writes itself need none of this.

use std::borrow::Cow;

/// Whether a spreadsheet would take `text` for a formula, apostrophes before it left aside.
fn begins_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A foreign text as it is written into a cell.
pub(crate) fn defused(text: &str) -> Cow<'_, str> {
    if begins_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text of a cell that [`defused`] wrote.
pub(crate) fn received(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| begins_formula(text)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attack S-csv, review D12: formulas become text, and every text comes back as it was.
    #[test]
    fn formulas_become_text_and_come_back() {
        for formula in ["=HYPERLINK(\"http://x\")", "+1", "-5", "@SUM(1)", "\t=1", "\r=1", "'=1", "''-1"] {
            assert_eq!(defused(formula), format!("'{formula}"));
            assert_eq!(received(&defused(formula)), formula);
        }
        for plain in ["", "甲", "5", "'甲", "'", "a=b", " =1"] {
            assert_eq!(defused(plain), plain);
            assert_eq!(received(&defused(plain)), plain);
        }
    }
}
