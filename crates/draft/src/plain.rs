//! Plain form of a sentence: half width, without blanks and without commas in numbers, and the way back to the bytes of the text.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_text::half_width;

/// Sentence in plain form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plain {
    /// Plain text.
    pub(crate) text: String,
    /// Bytes of the source for each byte of the plain text.
    source: Vec<Range<usize>>,
}

impl Plain {
    /// Plain form of `source`, whose first byte is byte `start` of the text.
    pub(crate) fn of(source: &str, start: usize) -> Self {
        let mut plain = Self::default();
        let mut chars = source.char_indices().peekable();
        let mut before = '\n';
        while let Some((at, c)) = chars.next() {
            poll();
            let next = chars.peek().map_or('\n', |(_, next)| half_width(*next));
            let c = half_width(c);
            let in_number = matches!(c, ',' | '，')
                && before.is_ascii_digit()
                && is_group(source.get(at..).unwrap_or_default());
            let in_ratio = c == ':' && before.is_ascii_digit() && next.is_ascii_digit();
            before = c;
            if c.is_whitespace() || is_silent(c) || in_number {
                continue;
            }
            let c = if in_ratio { ':' } else { one_form(c) };
            let end = chars.peek().map_or(source.len(), |(end, _)| *end);
            let length = plain.text.len() + c.len_utf8();
            plain.text.push(c);
            plain.source.resize(length, start + at..start + end);
        }
        plain
    }

    /// Bytes of the source for a range of bytes of the plain text.
    pub(crate) fn span(&self, range: Range<usize>) -> Range<usize> {
        let first = self.source.get(range.start).or(self.source.last());
        let last = range.end.checked_sub(1).and_then(|last| self.source.get(last));
        match (first, last) {
            (Some(first), Some(last)) if last.end >= first.start => first.start..last.end,
            (Some(first), _) => first.start..first.start,
            _ => 0..0,
        }
    }

    /// True if any of `words` is in the text.
    pub(crate) fn has(&self, words: &[&str]) -> bool {
        has(&self.text, words)
    }
}

/// True if a comma and exactly three digits begin `rest`.
fn is_group(rest: &str) -> bool {
    let mut chars = rest.chars().skip(1).map(half_width);
    let three = (0..3).all(|_| chars.next().is_some_and(|c| c.is_ascii_digit()));
    three && !chars.next().is_some_and(|c| c.is_ascii_digit())
}

/// True if any of `words` is in `text`.
pub(crate) fn has(text: &str, words: &[&str]) -> bool {
    poll();
    words.iter().any(|word| text.contains(word))
}

/// First of `words` in `text`, the longest at its place.
pub(crate) fn first(text: &str, words: &[&str]) -> Option<Range<usize>> {
    poll();
    words
        .iter()
        .filter_map(|word| text.find(word).map(|at| at..at + word.len()))
        .min_by_key(|found| (found.start, usize::MAX - found.end))
}

/// Last of `words` in `text`.
pub(crate) fn last(text: &str, words: &[&str]) -> Option<Range<usize>> {
    poll();
    words
        .iter()
        .filter_map(|word| text.rfind(word).map(|at| at..at + word.len()))
        .max_by_key(|found| (found.end, found.end - found.start))
}

/// `text` without the brackets in it and their words.
pub(crate) fn without_brackets(text: &str) -> String {
    let mut depth = 0_usize;
    let kept = text.chars().filter(|c| {
        poll();
        match c {
            '（' => depth += 1,
            '）' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    });
    kept.collect()
}

/// Text of a range of bytes; empty if it is none.
pub(crate) fn part(text: &str, range: Range<usize>) -> &str {
    text.get(range).unwrap_or_default()
}

/// One form for each mark.
fn one_form(c: char) -> char {
    match c {
        ',' | '﹐' => '，',
        ';' => '；',
        ':' | '∶' => '：',
        '(' | '[' | '﹝' | '［' => '（',
        ')' | ']' | '﹞' | '］' => '）',
        '～' | '~' | '－' | '–' | '—' | '―' | '─' | '〜' => '-',
        '﹪' => '%',
        '〈' => '《',
        '〉' => '》',
        _ => c,
    }
}

/// True for quotation marks and signs without width.
fn is_silent(c: char) -> bool {
    matches!(c, '“' | '”' | '"' | '‘' | '’' | '\'' | '「' | '」' | '\u{200b}'..='\u{200f}' | '\u{feff}' | '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_and_the_way_back() {
        let source = "最高 １,５００万元（含）";
        let plain = Plain::of(source, 10);
        assert_eq!(plain.text, "最高1500万元（含）");
        let at = plain.text.find("1500").unwrap();
        let span = plain.span(at..at + 4);
        assert_eq!(source.get(span.start - 10..span.end - 10), Some("１,５００"));
        assert_eq!(Plain::of("按1：1配套：甲", 0).text, "按1:1配套：甲");
        assert_eq!(Plain::of("5,8,12月", 0).text, "5，8，12月");
    }
}
