//! Signs (字符): the characters of a condition as the grammar sees them, each with its place in the text received.
//!
//! Traditional characters, width and the many forms of brackets and dashes are made one. Blanks, quotation marks and the commas
//! inside a number carry no meaning here and are left out; the place of every other character is kept.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_text::{half_width, simplify};

/// One character with the bytes of the source that it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sign {
    pub(crate) c: char,
    pub(crate) source: Range<usize>,
}

/// Signs of `text`, in order. Every character that is not a sign is a blank, a quotation mark or a comma within a number.
pub(crate) fn signs(text: &str) -> Vec<Sign> {
    let simple = simplify(text);
    let mut signs: Vec<Sign> = Vec::new();
    let mut chars = simple.text.char_indices().peekable();
    let mut before = '\n';
    while let Some((at, c)) = chars.next() {
        poll();
        let next = chars.peek().map_or('\n', |(_, next)| narrow(*next));
        let c = narrow(c);
        let in_number = c == ',' && before.is_ascii_digit() && next.is_ascii_digit();
        before = c;
        if in_number || is_silent(c) {
            continue;
        }
        let end = chars.peek().map_or(simple.text.len(), |(end, _)| *end);
        signs.push(Sign { c: punctuation(c), source: simple.offsets.to_source(at..end) });
    }
    signs
}

/// ASCII form of a full-width letter, digit or mark.
fn narrow(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\r' | '\u{2028}' | '\u{2029}' => '\n',
        _ => half_width(c).to_ascii_uppercase(),
    }
}

/// One form for each mark.
fn punctuation(c: char) -> char {
    match c {
        '(' | '[' | '【' | '﹝' => '（',
        ')' | ']' | '】' | '﹞' => '）',
        ',' | '﹐' => '，',
        ';' | '﹔' => '；',
        ':' | '∶' | '﹕' => '：',
        '－' | '–' | '—' | '―' | '─' | '~' | '～' | '〜' | '∼' => '-',
        '﹪' => '%',
        '．' => '.',
        '〈' => '《',
        '〉' => '》',
        '!' => '。',
        '⩾' | '≧' => '≥',
        '⩽' | '≦' => '≤',
        _ => c,
    }
}

/// True for blanks and quotation marks, but not for the end of a line.
fn is_silent(c: char) -> bool {
    (c.is_whitespace() && c != '\n')
        || matches!(
            c,
            '“' | '”' | '‘' | '’' | '"' | '\'' | '「' | '」' | '『' | '』' | '`' | '\u{200b}'
                ..='\u{200f}' | '\u{feff}' | '*'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        signs(text).iter().map(|sign| sign.c).collect()
    }

    #[test]
    fn one_form_for_every_spelling() {
        assert_eq!(read("營業收入　１，０００，０００ 元(含)"), "营业收入1000000元（含）");
        assert_eq!(read("专精特新“小巨人”, Ⅰ类；5％～10％"), "专精特新小巨人，Ⅰ类；5%-10%");
    }

    #[test]
    fn places_lead_back_to_the_source() {
        let text = "收入 1,000万元（含）";
        for sign in signs(text) {
            let source = text.get(sign.source.clone()).unwrap();
            assert_eq!(source.chars().count(), 1, "{source}");
        }
    }
}
