//! Lines and their nesting: a line with deeper indentation belongs to the line above it.

use zhaoren_cancel::steps;

/// Line with the entries that belong to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    /// 1-based line number.
    pub(super) line: u32,
    /// Text without indentation and number.
    pub(super) head: String,
    pub(super) below: Vec<Entry>,
}

/// Maximum depth of nesting.
pub(super) const MOST_DEPTH: usize = 64;

/// Lines of a text as a tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Outline {
    /// Entries at the outermost level.
    pub(super) entries: Vec<Entry>,
    /// First line that is nested too deep.
    pub(super) too_deep: Option<u32>,
    /// Lines whose indentation uses different blanks from the line above, so that neither is deeper.
    pub(super) uneven: Vec<u32>,
}

/// Outline of `text`, which begins on line `first`. Empty lines are skipped.
pub(super) fn outline(text: &str, first: u32) -> Outline {
    let mut found = Outline::default();
    // Open line at each depth, with its indentation.
    let mut open: Vec<(String, Entry)> = Vec::new();
    for (number, line) in (first..).zip(text.lines()) {
        steps(line.len() as u64 + 1);
        let head = line.trim_matches(char::is_whitespace);
        if head.is_empty() {
            continue;
        }
        let indent: String = line.chars().take_while(|letter| letter.is_whitespace()).map(blank).collect();
        let even = |other: &str| indent.starts_with(other) || other.starts_with(indent.as_str());
        if open.iter().any(|(other, _)| !even(other)) {
            found.uneven.push(number);
        }
        while open.last().is_some_and(|(other, _)| width(other) >= width(&indent)) {
            close(&mut open, &mut found.entries);
        }
        if open.len() == MOST_DEPTH {
            found.too_deep.get_or_insert(number);
            continue;
        }
        open.push((indent, Entry { line: number, head: without_number(head).to_owned(), below: Vec::new() }));
    }
    while !open.is_empty() {
        close(&mut open, &mut found.entries);
    }
    found
}

fn close(open: &mut Vec<(String, Entry)>, roots: &mut Vec<Entry>) {
    let Some((_, entry)) = open.pop() else { return };
    match open.last_mut() {
        Some((_, parent)) => parent.below.push(entry),
        None => roots.push(entry),
    }
}

fn width(indent: &str) -> usize {
    indent.chars().map(|blank| if blank == '\t' { 4 } else { 1 }).sum()
}

/// An ideographic space is as wide as two; the width of a tab is unknown.
fn blank(space: char) -> &'static str {
    match space {
        '\t' => "\t",
        '\u{3000}' => "  ",
        _ => " ",
    }
}

const DIGITS: &str = "一二三四五六七八九十百";

/// Line without one leading number: 一、 （一） 1. （1）.
fn without_number(head: &str) -> &str {
    let is_number =
        |letter: char| letter.is_ascii_digit() || ('０'..='９').contains(&letter) || DIGITS.contains(letter);
    let (opened, rest) = match head.strip_prefix('（').or_else(|| head.strip_prefix('(')) {
        Some(rest) => (true, rest),
        None => (false, head),
    };
    let after = rest.trim_start_matches(is_number);
    let digits = rest.chars().take_while(|letter| is_number(*letter)).count();
    // Four digits are a year: 2023、2024年度.
    if digits == 0 || digits > 3 {
        return head;
    }
    let closing: &[char] = if opened { &['）', ')'] } else { &['、', '．'] };
    let stripped = after.strip_prefix(closing).or_else(|| {
        // 1.5 is not a leading number.
        let rest = after.strip_prefix('.').filter(|_| !opened)?;
        (!rest.starts_with(|letter: char| letter.is_ascii_digit())).then_some(rest)
    });
    stripped.map_or(head, str::trim_start)
}

/// Number for the entry at index `position` (from 0) and `depth`.
pub(super) fn number(depth: usize, position: usize) -> String {
    match depth {
        0 => format!("{}、", chinese(position + 1)),
        1 => format!("（{}）", chinese(position + 1)),
        2 => format!("{}. ", position + 1),
        _ => format!("（{}）", position + 1),
    }
}

/// 一 to 九十九, then digits.
fn chinese(number: usize) -> String {
    let digit = |at: usize| DIGITS.chars().nth(at - 1).map(String::from).unwrap_or_default();
    match (number / 10, number % 10) {
        (0, ones) => digit(ones),
        (tens, ones) if tens < 10 => {
            let front = if tens == 1 { String::new() } else { digit(tens) };
            format!("{front}十{}", if ones == 0 { String::new() } else { digit(ones) })
        }
        _ => number.to_string(),
    }
}
