//! Lines and white space of a Chinese text, by byte.
//!
//! Knows nothing of labels. A line here is what stands between two line breaks, trimmed, never empty.

use std::ops::Range;

/// Whether `c` is white space or one of the invisible marks that web pages leave behind.
pub(crate) fn blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{200c}' | '\u{200d}')
}

/// Whether `c` ends a line.
pub(crate) fn breaks(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether `c` is white space inside a line.
pub(crate) fn space(c: char) -> bool {
    blank(c) && !breaks(c)
}

/// Whether `c` ends a sentence or opens a list.
pub(crate) fn stop(c: char) -> bool {
    matches!(c, '。' | '；' | '：' | '！' | '？' | ';' | ':' | '!' | '?' | '…')
}

/// Whether `c` closes a quotation or a bracket.
pub(crate) fn closing(c: char) -> bool {
    matches!(c, '”' | '’' | '）' | ')' | '》' | '】' | '」' | '』' | '〕' | ']')
}

/// The part of `text` from byte `at`, empty when `at` is no place of it.
pub(crate) fn from(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or("")
}

/// The part of `text` before byte `at`, empty when `at` is no place of it.
pub(crate) fn before(text: &str, at: usize) -> &str {
    text.get(..at).unwrap_or("")
}

/// The words of `span`, empty when it is no place of `text`.
pub(crate) fn words(text: &str, span: Range<usize>) -> &str {
    text.get(span).unwrap_or("")
}

/// `span` without the white space at both ends.
pub(crate) fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let inner = words(text, span.clone());
    let left = inner.trim_start_matches(blank);
    let start = span.start + (inner.len() - left.len());
    start..start + left.trim_end_matches(blank).len()
}

/// Spans of all lines of `text` that hold anything, trimmed, in order.
pub(crate) fn lines(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices().filter(|&(_, c)| breaks(c)).chain([(text.len(), '\n')]) {
        let span = trimmed(text, start..at);
        if !span.is_empty() {
            found.push(span);
        }
        start = at + if at < text.len() { c.len_utf8() } else { 0 };
    }
    found
}

/// `text` without any white space.
pub(crate) fn squeezed(text: &str) -> String {
    text.chars().filter(|&c| !blank(c)).collect()
}

/// How many bytes at the beginning of `text` spell `wanted`, white space on either side set apart.
/// `None` when they do not.
pub(crate) fn spelled(text: &str, wanted: &str) -> Option<usize> {
    let mut rest = text.char_indices().filter(|&(_, c)| !blank(c));
    let mut end = 0;
    for want in wanted.chars().filter(|&c| !blank(c)) {
        let (at, c) = rest.next()?;
        if fold(c) != fold(want) {
            return None;
        }
        end = at + c.len_utf8();
    }
    (end > 0).then_some(end)
}

/// One form for characters that pages print in two.
fn fold(c: char) -> char {
    match c {
        '(' => '（',
        ')' => '）',
        ',' => '，',
        '"' | '“' | '”' => '”',
        '～' | '—' | '–' | '－' => '-',
        other => other,
    }
}

/// Whether a line ends like a finished sentence or list item.
pub(crate) fn finished(line: &str) -> bool {
    let mut back = line.chars().rev().filter(|&c| !blank(c)).peekable();
    while back.peek().is_some_and(|&c| matches!(c, '”' | '’' | '」')) {
        back.next();
    }
    back.next().is_some_and(|c| stop(c) || matches!(c, '）' | ')'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_never_empty() {
        let text = "\u{3000}一\r\n\n  二 \u{a0}三\u{2028}\t";
        let found: Vec<&str> = lines(text).into_iter().map(|span| words(text, span)).collect();
        assert_eq!(found, ["一", "二 \u{a0}三"]);
    }

    #[test]
    fn spelling_does_not_mind_white_space() {
        assert_eq!(spelled("关于 \n 印发(试行)的", "关于印发（试行）"), Some("关于 \n 印发(试行)".len()));
        assert_eq!(spelled("关于", "关于印发"), None);
        assert_eq!(spelled("关于", ""), None);
    }
}
