//! Folding for the comparison of quotes and documents: differences that printing or typing may cause are removed.
//!
//! White space and line breaks are removed, full width becomes half width, and traditional characters become simplified
//! ones. Nothing else is equal: not 〔 and [, not “ and ", not 一年 and 1年.

use std::collections::HashMap;
use std::ops::Range;

use zhaoren_text::{half_width, simplify_char};

/// A folded text with an offset map of its characters.
#[derive(Clone, Debug, Default)]
pub(crate) struct FoldedText {
    /// The text.
    pub(crate) text: String,
    /// One per character.
    marks: Vec<Mark>,
}

/// Offsets of a character in the folded text and in the original.
#[derive(Clone, Debug)]
struct Mark {
    at: usize,
    from: Range<usize>,
}

impl FoldedText {
    /// Folds `text`.
    pub(crate) fn new(text: &str) -> Self {
        let mut folded = Self::default();
        // The conversion tables are slow, and a document repeats the same characters.
        let mut known: HashMap<char, char> = HashMap::new();
        for (start, c) in text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            let narrow = narrow(c);
            let one = if narrow < '\u{2e80}' {
                narrow
            } else {
                *known.entry(narrow).or_insert_with(|| simplify_char(narrow))
            };
            folded.marks.push(Mark { at: folded.text.len(), from: start..start + c.len_utf8() });
            folded.text.push(one);
        }
        folded
    }

    /// Every occurrence of `part`, which is already folded, as bytes of the original text.
    pub(crate) fn find_all<'a>(&'a self, part: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        let mut from = 0;
        std::iter::from_fn(move || {
            let at = from + self.text.get(from..).filter(|_| !part.is_empty())?.find(part)?;
            let span = self.original_span(self.character(at)..self.character(at + part.len()))?;
            // The next may overlap this one.
            from = self.marks.get(self.character(at) + 1).map_or(self.text.len(), |mark| mark.at);
            Some(span)
        })
    }

    /// The bytes of the original text that produced these characters.
    pub(crate) fn original_span(&self, characters: Range<usize>) -> Option<Range<usize>> {
        let first = self.marks.get(characters.start)?;
        let last = self.marks.get(characters.end.checked_sub(1)?)?;
        Some(first.from.start..last.from.end)
    }

    /// The index of the character that begins at a byte.
    fn character(&self, at: usize) -> usize {
        self.marks.partition_point(|mark| mark.at < at)
    }
}

/// The ordinary form of a full-width or half-width character (Unicode, Halfwidth and Fullwidth Forms).
fn narrow(c: char) -> char {
    match c {
        '｡' => '。',
        '｢' => '「',
        '｣' => '」',
        '､' => '、',
        '￥' => '¥',
        _ => half_width(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(text: &str) -> String {
        FoldedText::new(text).text
    }

    #[test]
    fn folding_removes_only_printing_differences() {
        let alike = [
            ("成立 一年\n　以上", "成立一年以上"),
            ("（一）增长３０％，", "(一)增长30%,"),
            ("企業註冊", "企业注册"),
            ("￥100", "¥100"),
        ];
        for (one, other) in alike {
            assert_eq!(fold(one), fold(other));
        }
        for (one, other) in
            [("〔2016〕", "[2016]"), ("“甲”", "\"甲\""), ("一年", "1年"), ("以上", "以下"), ("、", "，")]
        {
            assert_ne!(fold(one), fold(other));
        }
    }

    #[test]
    fn spans_refer_to_the_original_text() {
        let text = "甲 乙\n甲　乙甲";
        let folded = FoldedText::new(text);
        let found =
            |part: &str| folded.find_all(part).filter_map(|place| text.get(place)).collect::<Vec<_>>();
        assert_eq!(found("甲乙"), ["甲 乙", "甲　乙"]);
        assert_eq!(found("甲乙甲"), ["甲 乙\n甲", "甲　乙甲"], "places may overlap");
        assert!(found("丙").is_empty() && found("").is_empty());
    }
}
