//! Full-width signs of tables in their usual width: `３，０００（％）` reads as `3,000(%)`.

use std::borrow::Cow;

use zhaoren_text::half_width;

/// Text with full-width letters, digits and signs in half width and the wide blank as a blank.
pub(crate) fn narrow(text: &str) -> Cow<'_, str> {
    let is_wide =
        |c: char| matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{3000}' | '\u{a0}' | '\u{2212}' | '\u{ffe5}');
    if !text.contains(is_wide) {
        return Cow::Borrowed(text);
    }
    let narrowed = text.chars().map(|c| match c {
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{2212}' => '-',
        '\u{ffe5}' => '¥',
        c => half_width(c),
    });
    Cow::Owned(narrowed.collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn fullwidth_characters_become_halfwidth() {
        assert_eq!(super::narrow("３，０００（％）　甲"), "3,000(%) 甲");
        assert!(matches!(super::narrow("甲，".trim_end_matches('，')), std::borrow::Cow::Borrowed(_)));
    }
}
