//! Search form of a text: characters that are equal under Unicode's compatibility (NFKC) are written alike.
//!
//! Clean text keeps Ⅰ, ₂, ㎡ and ①, which have a meaning; but I类 asks for Ⅰ类, and CO2 for CO₂. The search form is for
//! comparison only: the text itself is displayed, and [`search_form_with_offsets`] maps back to it.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use zhaoren_cancel::poll;

use crate::offsets::{Edit, OffsetMap};
use crate::radical::ideograph;

/// Separator (word joiner, invisible) between two numbers that only the search form makes neighbours: 10² is not 102.
const SEPARATOR: char = '\u{2060}';

/// The ASCII form of a full-width letter, digit or sign (Unicode, Halfwidth and Fullwidth Forms); any other character itself.
///
/// ```
/// assert_eq!(zhaoren_text::half_width('％'), '%');
/// assert_eq!(zhaoren_text::half_width('，'), ',');
/// assert_eq!(zhaoren_text::half_width('、'), '、');
/// ```
#[must_use]
pub fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// The text with compatibility characters replaced by their equivalents: Ⅰ by I, ₂ by 2, ㎡ by m2, × by x.
///
/// Case and script are kept. A text without such characters is borrowed; the form of a form is itself.
///
/// ```
/// use zhaoren_text::search_form;
/// assert_eq!(search_form("Ⅰ类、CO₂、100㎡"), "I类、CO2、100m2");
/// assert_eq!(search_form("10²"), "10\u{2060}2");
/// ```
#[must_use]
pub fn search_form(text: &str) -> Cow<'_, str> {
    let edits = edits(text);
    if edits.is_empty() { Cow::Borrowed(text) } else { Cow::Owned(OffsetMap::apply(text, &edits).0) }
}

/// The [`search_form`] of a text with the map back to the text; `None` if it is the text itself.
#[must_use]
pub fn search_form_with_offsets(text: &str) -> Option<(String, OffsetMap)> {
    let edits = edits(text);
    (!edits.is_empty()).then(|| OffsetMap::apply(text, &edits))
}

fn edits(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut before = (' ', Kind::Plain);
    for (at, c) in text.char_indices() {
        poll();
        if !may_fold(c) {
            // A number behind one that was written otherwise is another number.
            if before.1 != Kind::Plain && c.is_ascii_digit() && before.0.is_ascii_digit() {
                edits.push(Edit { range: at..at, text: SEPARATOR.to_string() });
            }
            before = (c, Kind::Plain);
            continue;
        }
        let Some((folded, kind)) = folded(c) else {
            before = (c, Kind::Plain);
            continue;
        };
        let mut form = String::with_capacity(folded.len() + SEPARATOR.len_utf8());
        if folded.chars().next().is_some_and(|first| parts(before, (first, kind))) {
            form.push(SEPARATOR);
        }
        form.push_str(&folded);
        before = (folded.chars().next_back().unwrap_or(' '), kind);
        edits.push(Edit { range: at..at + c.len_utf8(), text: form });
    }
    edits
}

/// Manner in which a character differs from its equivalent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Not at all, or by its width or style only.
    Plain,
    /// By its height: ², ₂.
    Raised,
    /// It is a sign of its own: ①, Ⅰ, ㎡.
    Sign,
}

/// True if two neighbours, each with the manner in which it was written, are not of one word.
fn parts(before: (char, Kind), after: (char, Kind)) -> bool {
    let digits = before.0.is_ascii_digit() && after.0.is_ascii_digit();
    let signs = before.1 == Kind::Sign && after.1 == Kind::Sign;
    let words = before.0.is_ascii_alphanumeric() && after.0.is_ascii_alphanumeric();
    (digits && before.1 != after.1) || (signs && words)
}

/// False for the characters of which Chinese texts mostly consist, without a look at the tables.
fn may_fold(c: char) -> bool {
    match c {
        '\0'..='\u{A9}' | '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{3030}' => false,
        '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7FF}' | '\u{E000}'..='\u{F8FF}' => false,
        '\u{FF00}'..='\u{FF60}' => matches!(c, '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ'),
        // Marks of trade are no letters of the name before them.
        '™' | '℠' => false,
        _ => true,
    }
}

/// Equivalent of a character, if that has letters or digits and is not the character itself.
fn folded(c: char) -> Option<(String, Kind)> {
    let meant = ideograph(c);
    if meant != c {
        return Some((meant.to_string(), Kind::Plain));
    }
    let folded = match c {
        '×' => "x".to_owned(),
        '№' => "No.".to_owned(),
        _ => std::iter::once(c).nfkc().collect(),
    };
    let differs = folded.chars().ne([c]) && folded.chars().any(char::is_alphanumeric);
    differs.then(|| (folded, kind(c)))
}

fn kind(c: char) -> Kind {
    match c {
        '×' | '\u{FF00}'..='\u{FFEF}' | '\u{1D400}'..='\u{1D7FF}' => Kind::Plain,
        '²' | '³' | '¹' | 'ª' | 'º' | '\u{2070}'..='\u{209F}' | '\u{1D2C}'..='\u{1D6A}' => Kind::Raised,
        _ if c.is_alphabetic() && !is_sign(c) => Kind::Plain,
        _ => Kind::Sign,
    }
}

/// True for letters that are signs: Roman numerals and letters in circles.
fn is_sign(c: char) -> bool {
    matches!(c, '\u{2160}'..='\u{2188}' | '\u{24B6}'..='\u{24E9}' | '\u{3200}'..='\u{33FF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn equivalent_letters_have_one_form() {
        for (text, form) in [
            ("Ⅰ类、Ⅱ类、ⅲ类", "I类、II类、iii类"),
            ("CO₂减排、SO₂、PM₂.₅、H₂O", "CO2减排、SO2、PM2.5、H2O"),
            ("100㎡、5㎏、3㎞²、20℃", "100m2、5kg、3km2、20°C"),
            ("m²、10²、10₂5", "m2、10\u{2060}2、10\u{2060}2\u{2060}5"),
            ("①申报②审核", "1申报2审核"),
            ("第3①2", "第3\u{2060}1\u{2060}2"),
            ("①②", "1\u{2060}2"),
            ("C₁₀", "C10"),
            ("３×５、Ａ×Ｂ", "3x5、AxB"),
            ("№5 华为™", "No.5 华为™"),
            ("⼾⽅\u{f9e9}", "户方里"),
            ("3½", "3\u{2060}1⁄2"),
            ("5G、C++、PM2.5，一二。“”《》（一）", "5G、C++、PM2.5，一二。“”《》（一）"),
        ] {
            assert_eq!(search_form(text), form, "{text}");
        }
        assert!(matches!(search_form("申报条件（一）5G"), Cow::Borrowed(_)));
    }

    #[test]
    fn offsets_map_back_to_the_text() {
        let text = "减排CO₂，占地100㎡。";
        let (form, map) = search_form_with_offsets(text).unwrap();
        for (word, expected) in [("CO2", "CO₂"), ("100m2", "100㎡"), ("m", "㎡"), ("减排", "减排")] {
            let at = form.find(word).unwrap();
            assert_eq!(text.get(map.to_source(at..at + word.len())), Some(expected), "{word}");
        }
        assert!(search_form_with_offsets("减排").is_none());
    }

    proptest! {
        #[test]
        fn search_form_is_idempotent(text in "[①-⑳Ⅰ-ⅹ²³¹₀-₉㎀-㏟０-９ａ-ｚ×№½℃a-z0-9一-十⼀-⿕\u{2E80}-\u{2EF3} ，]{0,24}") {
            let form = search_form(&text).into_owned();
            prop_assert_eq!(search_form(&form), form.as_str());
        }

        #[test]
        fn any_text_has_a_search_form(text in any::<String>()) {
            let form = search_form(&text).into_owned();
            if let Some((other, map)) = search_form_with_offsets(&text) {
                prop_assert_eq!(&other, &form);
                prop_assert!(text.get(map.to_source(0..form.len())).is_some());
            }
        }
    }
}
