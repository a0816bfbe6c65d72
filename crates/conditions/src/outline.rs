//! Outline of a text: sentences, parts and list items by their marks. Nothing is lost: the spans of a split, with the marks
//! between them, are the whole again.

use std::ops::Range;

use zhaoren_cancel::{poll, steps};
use zhaoren_text::numeral::{is_numeral, parse};

use crate::sign::Sign;

/// Style of the numbers before list items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// （一）, （1）.
    Bracketed,
    /// 1., 1、, 一、.
    Pointed,
    /// 1）.
    HalfBracketed,
    /// ①.
    Circled,
}

/// Number before a list item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    pub(crate) style: Style,
    /// Arabic digits: （1） is within （一）.
    pub(crate) arabic: bool,
    pub(crate) ordinal: u64,
    /// First sign behind it.
    pub(crate) end: usize,
}

fn char_at(signs: &[Sign], at: usize) -> char {
    signs.get(at).map_or('\0', |sign| sign.c)
}

/// Spans of `range` between marks for which `is_mark` holds, marks in brackets not counted; empty spans are left out.
pub(crate) fn split(
    signs: &[Sign],
    range: Range<usize>,
    is_mark: impl Fn(char) -> bool,
) -> Vec<Range<usize>> {
    let balanced = is_balanced(signs, range.clone());
    let mut spans = Vec::new();
    let (mut begin, mut depth) = (range.start, 0_usize);
    for at in range.clone() {
        poll();
        match char_at(signs, at) {
            '（' if balanced => depth += 1,
            '）' if balanced => depth = depth.saturating_sub(1),
            c if depth == 0 && is_mark(c) => {
                spans.push(begin..at);
                begin = at + 1;
            }
            _ => {}
        }
    }
    spans.push(begin..range.end);
    spans.retain(|span| !span.is_empty());
    spans
}

/// True if every bracket has its other half.
fn is_balanced(signs: &[Sign], range: Range<usize>) -> bool {
    let mut depth = 0_i64;
    for at in range {
        match char_at(signs, at) {
            '（' => depth += 1,
            '）' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// `range` without marks and line ends on either side.
pub(crate) fn trimmed(signs: &[Sign], range: Range<usize>) -> Range<usize> {
    let is_loose = |at: usize| matches!(char_at(signs, at), '，' | '、' | '；' | '：' | '。' | '\n' | '.');
    let (mut from, mut to) = (range.start, range.end);
    while from < to && is_loose(from) {
        from += 1;
    }
    while to > from && is_loose(to - 1) {
        to -= 1;
    }
    from..to
}

/// First place in `range` where `word` stands.
pub(crate) fn find(signs: &[Sign], range: Range<usize>, word: &str) -> Option<usize> {
    let mut letters = word.chars();
    let first = letters.next()?;
    let last = range.end.checked_sub(letters.clone().count() + 1)?;
    let places = signs.get(range.start..=last)?;
    steps(places.len() as u64);
    places.iter().enumerate().filter(|(_, sign)| sign.c == first).map(|(ahead, _)| range.start + ahead).find(
        |at| letters.clone().enumerate().all(|(place, letter)| char_at(signs, at + 1 + place) == letter),
    )
}

/// First place in `range` of any of `words`, the longest at that place.
pub(crate) fn find_any(signs: &[Sign], range: Range<usize>, words: &[String]) -> Option<Range<usize>> {
    // Signs of the range by their last eight bits: few words have all of theirs among them.
    let mut present = [false; 256];
    for sign in signs.get(range.clone()).unwrap_or_default() {
        mark(&mut present, sign.c);
    }
    steps(range.len() as u64);
    words
        .iter()
        .filter(|word| word.chars().all(|c| present.get(place(c)).is_some_and(|here| *here)))
        .filter_map(|word| find(signs, range.clone(), word).map(|at| at..at + word.chars().count()))
        .min_by_key(|found| (found.start, usize::MAX - found.end))
}

fn place(c: char) -> usize {
    (u32::from(c) % 256) as usize
}

fn mark(present: &mut [bool; 256], c: char) {
    if let Some(here) = present.get_mut(place(c)) {
        *here = true;
    }
}

/// Number of a list item at `at`, which is the start of its range or follows a mark.
pub(crate) fn marker(signs: &[Sign], at: usize, start: usize) -> Option<Marker> {
    let c = char_at(signs, at);
    if ('①'..='⑳').contains(&c) {
        let ordinal = u64::from(u32::from(c) - u32::from('①') + 1);
        return Some(Marker { style: Style::Circled, arabic: true, ordinal, end: at + 1 });
    }
    let behind = at.checked_sub(1).map_or('\n', |before| char_at(signs, before));
    if at > start && !matches!(behind, '：' | '；' | '。' | '\n' | '，' | '、') {
        return None;
    }
    let open = usize::from(c == '（');
    let mut end = at + open;
    let mut text = String::new();
    while end < at + open + 4 && is_numeral(char_at(signs, end)) {
        text.push(char_at(signs, end));
        end += 1;
    }
    let ordinal = parse(&text).filter(|ordinal| (1..=99).contains(ordinal))?;
    let style = match char_at(signs, end) {
        '）' if open == 1 => Style::Bracketed,
        '）' => Style::HalfBracketed,
        '、' if open == 0 => Style::Pointed,
        '.' if open == 0 && !char_at(signs, end + 1).is_ascii_digit() => Style::Pointed,
        _ => return None,
    };
    let arabic = text.starts_with(|c: char| c.is_ascii_digit());
    Some(Marker { style, arabic, ordinal, end: end + 1 })
}

/// Number of a list item behind the marks and line ends at `at`, with its place.
pub(crate) fn marker_behind(signs: &[Sign], at: usize, range: &Range<usize>) -> Option<(usize, Marker)> {
    let begin = trimmed(signs, at..range.end.min(at + 8)).start;
    let marker = marker(signs, begin, range.start).filter(|marker| marker.end <= range.end)?;
    Some((begin, marker))
}

/// Items of a numbered list that begins at the start of `range`, without their numbers; empty if there is none. A list that begins
/// anew ends the one before.
pub(crate) fn numbered(signs: &[Sign], range: Range<usize>) -> Vec<Range<usize>> {
    let Some(first) = marker(signs, range.start, range.start) else { return Vec::new() };
    let (mut items, mut begin, mut expected) = (Vec::new(), first.end, first.ordinal + 1);
    let mut end = range.end;
    for at in first.end..range.end {
        poll();
        let next = marker(signs, at, range.start)
            .filter(|next| next.style == first.style && next.arabic == first.arabic);
        match next {
            Some(next) if next.ordinal == expected => {
                items.push(begin..at);
                begin = next.end;
                expected += 1;
            }
            Some(next) if next.ordinal == 1 => {
                end = sentence_begin(signs, begin..at);
                break;
            }
            _ => {}
        }
    }
    items.push(begin.min(end)..end);
    items
}

/// Begin of the sentence that ends with `range`; its end if it has no mark.
fn sentence_begin(signs: &[Sign], range: Range<usize>) -> usize {
    let last = trimmed(signs, range.clone()).end;
    let mark = (range.start..last).rev().find(|at| matches!(char_at(signs, *at), '。' | '\n'));
    mark.map_or(range.end, |mark| mark + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::signs;

    fn read(signs: &[Sign], range: &Range<usize>) -> String {
        signs[range.clone()].iter().map(|sign| sign.c).collect()
    }

    #[test]
    fn lists_by_their_numbers() {
        let signs = signs("（一）甲；（1）乙；（二）丙1.5亿。（三）丁");
        let items = numbered(&signs, 0..signs.len());
        let texts: Vec<String> = items.iter().map(|item| read(&signs, item)).collect();
        assert_eq!(texts, ["甲；（1）乙；", "丙1.5亿。", "丁"]);
    }

    #[test]
    fn marks_in_brackets_do_not_split() {
        let signs = signs("甲（乙，丙），丁");
        let spans = split(&signs, 0..signs.len(), |c| c == '，');
        assert_eq!(spans.len(), 2);
        assert_eq!(read(&signs, &spans[0]), "甲（乙，丙）");
    }
}
