//! CSV cells that are safe to open in a spreadsheet: foreign text never runs as a formula.
//!
//! A spreadsheet treats a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return as a formula. Such a cell is
//! prefixed with an apostrophe, and so is a cell that already has apostrophes before such a character: the added apostrophe can
//! then be removed again, whatever the text was. A number with a sign is no formula and needs no prefix.

use std::borrow::Cow;

/// True if a spreadsheet would treat `text`, without its leading apostrophes, as a formula.
fn begins_formula(text: &str) -> bool {
    let text = text.trim_start_matches('\'');
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text)
}

/// True for a number with a sign, which a spreadsheet takes for a number: -5, +1.5.
fn is_number(text: &str) -> bool {
    let bare = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = bare.split_once('.').unwrap_or((bare, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && digits(fraction)
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
        for formula in [
            "=HYPERLINK(\"http://x\")",
            "+1+1",
            "-5%",
            "-",
            "--5",
            "@SUM(1)",
            "\t=1",
            "\r=1",
            "'=1",
            "''-1+2",
        ] {
            assert_eq!(escape_formula(formula), format!("'{formula}"));
            assert_eq!(unescape_formula(&escape_formula(formula)), formula);
        }
        for plain in ["", "甲", "5", "-5", "+1", "-5.25", "'-5", "''-1", "'甲", "'", "a=b", " =1"] {
            assert_eq!(escape_formula(plain), plain);
            assert_eq!(unescape_formula(&escape_formula(plain)), plain);
        }
    }
}
