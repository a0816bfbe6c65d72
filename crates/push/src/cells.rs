//! CSV cells that are safe to open in a spreadsheet: foreign text never runs as a formula.
//!
//! A spreadsheet treats a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return as a formula. Such a cell is
//! prefixed with an apostrophe, and so is a cell that already has apostrophes before such a character: the added apostrophe can
//! then be removed again, whatever the text was. Numbers written by the program itself need no prefix.

use std::borrow::Cow;

/// True if a spreadsheet would treat `text`, without its leading apostrophes, as a formula.
fn begins_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Foreign text in the form that is safe in a cell.
pub(crate) fn escape_formula(text: &str) -> Cow<'_, str> {
    if begins_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Original text of a cell written by [`escape_formula`].
pub(crate) fn unescape_formula(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| begins_formula(text)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Formulas become text, and every text is read back unchanged.
    #[test]
    fn escaped_formulas_round_trip() {
        for formula in ["=HYPERLINK(\"http://x\")", "+1", "-5", "@SUM(1)", "\t=1", "\r=1", "'=1", "''-1"] {
            assert_eq!(escape_formula(formula), format!("'{formula}"));
            assert_eq!(unescape_formula(&escape_formula(formula)), formula);
        }
        for plain in ["", "甲", "5", "'甲", "'", "a=b", " =1"] {
            assert_eq!(escape_formula(plain), plain);
            assert_eq!(unescape_formula(&escape_formula(plain)), plain);
        }
    }
}
