//! Characters that must not reach a page as they are: those that control a terminal, change the text direction, or
//! are invisible.

use std::borrow::Cow;

/// Replaces such characters by readable marks, `⟦U+202E⟧`: names that look alike become distinguishable, and no text
/// is shown in reverse. Line breaks and tabs stay.
pub fn escape_invisible(page: &str) -> Cow<'_, str> {
    if !page.chars().any(is_hidden) {
        return Cow::Borrowed(page);
    }
    let mut marked = String::with_capacity(page.len() + 64);
    for c in page.chars() {
        match is_hidden(c) {
            true => marked.push_str(&format!("⟦U+{:04X}⟧", u32::from(c))),
            false => marked.push(c),
        }
    }
    Cow::Owned(marked)
}

fn is_hidden(c: char) -> bool {
    let steers = c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    let turns =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let unseen = matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    steers || turns || unseen
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Direction, control and invisible characters become visible, and nothing else changes.
    #[test]
    fn invisible_characters_are_escaped() {
        for (raw, shown) in [
            ("a\u{202e}b", "a⟦U+202E⟧b"),
            ("zwsp\u{200b}", "zwsp⟦U+200B⟧"),
            ("\u{1b}[31m\0", "⟦U+001B⟧[31m⟦U+0000⟧"),
            ("\u{9b}\u{feff}\u{2066}", "⟦U+009B⟧⟦U+FEFF⟧⟦U+2066⟧"),
            ("政策\u{3000}找人\t\r\n😀é", "政策\u{3000}找人\t\r\n😀é"),
        ] {
            assert_eq!(escape_invisible(raw), shown);
        }
    }
}
