//! Paragraphs of plain text: lines that were cut at a fixed width are joined again.

use std::ops::Range;

use zhaoren_cancel::poll;

use super::Line;

/// Lines from which a fixed width can be told.
const ENOUGH: usize = 6;
/// Columns that a wide sign, or a number that is not cut, can leave free at the end of a full line.
const FREE: usize = 3;
/// The widest page of fixed width, in columns.
const WIDEST: usize = 160;

/// The narrowest page whose lines are cut without indents, in columns; shorter lines are items of a list.
const NARROWEST: usize = 30;

/// The columns that a character takes on a page of fixed width.
pub(super) fn columns(c: char) -> usize {
    match c {
        '\0'..='\u{2ff}' => 1,
        '\u{200b}' | '\u{feff}' => 0,
        _ => 2,
    }
}

/// The paragraphs of a text, each as ranges that follow each other. Blank lines end a paragraph.
pub(super) fn paragraphs(text: &str, lines: &[Line]) -> Vec<Vec<Range<usize>>> {
    let width = width(text, lines);
    let mut paragraphs: Vec<Vec<Range<usize>>> = Vec::new();
    let mut is_open = false;
    for line in lines {
        poll();
        if line.words.is_empty() {
            is_open = false;
            continue;
        }
        let full = width.is_some_and(|width| columns_of(text, line) + FREE >= width);
        match paragraphs.last_mut().filter(|_| is_open && line.indent == 0) {
            Some(paragraph) => paragraph.push(line.words.clone()),
            None => paragraphs.push(vec![line.words.clone()]),
        }
        is_open = full;
    }
    paragraphs
}

fn columns_of(text: &str, line: &Line) -> usize {
    line.indent + text.get(line.words.clone()).unwrap_or_default().chars().map(columns).sum::<usize>()
}

/// The width at which lines were cut; `None` where they end as their paragraphs do.
///
/// Lines were cut where most of them end at the same width, and those that are indented are followed by some that are not; or,
/// where none is indented, nearly all that are followed by another end at that width in the middle of a sentence.
fn width(text: &str, lines: &[Line]) -> Option<usize> {
    let full: Vec<&Line> = lines.iter().filter(|line| !line.words.is_empty()).collect();
    let widths: Vec<usize> = full.iter().map(|line| columns_of(text, line)).collect();
    let widest = widths.iter().copied().max()?;
    if full.len() < ENOUGH || widest > WIDEST {
        return None;
    }
    let at_edge = widths.iter().filter(|width| **width + FREE >= widest).count();
    let indented = full.iter().filter(|line| line.indent > 0).count();
    if at_edge * 2 >= full.len() && indented > 0 && indented < full.len() {
        return Some(widest);
    }
    let followed = lines
        .iter()
        .zip(lines.iter().skip(1))
        .filter(|(line, next)| !line.words.is_empty() && !next.words.is_empty());
    let (mut count, mut cut) = (0, 0);
    for (line, _) in followed {
        poll();
        count += 1;
        let ends =
            text.get(line.words.clone()).unwrap_or_default().ends_with(['。', '；', '：', '！', ';', ':']);
        cut += usize::from(!ends && columns_of(text, line) + FREE >= widest);
    }
    (indented == 0 && count >= ENOUGH && cut * 5 >= count * 4 && widest >= NARROWEST).then_some(widest)
}

#[cfg(test)]
mod tests {
    use super::super::lines;
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let joined =
            |ranges: Vec<Range<usize>>| ranges.into_iter().filter_map(|range| text.get(range)).collect();
        paragraphs(text, &lines(text)).into_iter().map(joined).collect()
    }

    #[test]
    fn lines_cut_at_a_width_are_joined() {
        let text = "    甲乙丙丁戊己庚辛\n壬癸子丑寅卯辰巳午未\n申酉。\n    甲乙丙丁戊己庚辛\n壬癸子丑寅卯辰巳午未\n申酉戌亥。\n";
        assert_eq!(
            read(text),
            ["甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉。", "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥。"]
        );
    }

    #[test]
    fn unindented_lines_are_joined_within_sentences() {
        let line = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉\n";
        let text = format!("{}完。\n\n{}完。\n\n{}完。\n", line.repeat(4), line.repeat(4), line.repeat(4));
        assert_eq!(read(&text).len(), 3);
        let names = format!("{line}\n").repeat(12);
        assert_eq!(read(&names).len(), 12);
    }

    #[test]
    fn lines_of_one_length_are_paragraphs() {
        let list = "1.甲乙丙\n2.甲乙丙\n3.甲乙丙\n4.甲乙丙\n5.甲乙丙\n6.甲乙丙\n7.甲乙丙";
        assert_eq!(read(list).len(), 7);
    }

    #[test]
    fn every_line_end_ends_a_paragraph() {
        assert_eq!(
            read("甲\u{b}乙\u{c}丙\u{85}丁\u{2028}戊\r\n己\r庚"),
            ["甲", "乙", "丙", "丁", "戊", "己", "庚"]
        );
    }
}
