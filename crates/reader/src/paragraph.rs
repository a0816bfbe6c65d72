//! 款: the further paragraphs of an article, told by where lines break.

use crate::nesting::Nesting;
use crate::numbering::{Label, Style, read};

/// `marks` with one more for each further paragraph of an article.
///
/// A text whose lines break inside sentences gets none, since its paragraphs cannot be told.
pub(crate) fn with_paragraphs(
    text: &str,
    marks: Vec<(usize, Label)>,
    nesting: &Nesting,
) -> Vec<(usize, Label)> {
    if is_wrapped(text) {
        return marks;
    }
    let mut found: Vec<(usize, Label)> = Vec::new();
    let mut open: Vec<(Style, u64)> = Vec::new();
    for (index, (place, label)) in marks.iter().enumerate() {
        let coming = marks.get(index + 1..).unwrap_or_default();
        open.truncate(nesting.kept(&open, label));
        open.push((label.style, label.number));
        found.push((*place, label.clone()));
        let Some(article) = open.iter().position(|(style, _)| *style == Style::Article) else { continue };
        if goes_on(open.get(article + 1..).unwrap_or_default(), coming) {
            continue;
        }
        let end = coming.first().map_or(text.len(), |(next, _)| *next);
        let mut number =
            open.get(article + 1).filter(|(style, _)| *style == Style::Paragraph).map_or(1, |f| f.1);
        for start in starts(text, place + label.length, end) {
            number += 1;
            let label = Label { style: Style::Paragraph, number, text: String::new(), length: 0 };
            open.truncate(article + 1);
            open.push((Style::Paragraph, number));
            found.push((start, label));
        }
    }
    found
}

/// Whether a list of items that is open in an article goes on below: a line before that is the item's own.
fn goes_on(items: &[(Style, u64)], coming: &[(usize, Label)]) -> bool {
    coming.iter().take_while(|(_, label)| label.style > Style::Article).any(|(_, label)| {
        items.iter().any(|&(style, number)| {
            style != Style::Paragraph && style == label.style && number + 1 == label.number
        })
    })
}

/// Where further paragraphs begin between two bytes: on lines after one that ends with a full stop.
fn starts(text: &str, from: usize, end: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut ended = false;
    let mut at = from;
    for line in text.get(from..end).unwrap_or_default().split_inclusive('\n') {
        let words = line.trim();
        if !words.is_empty() {
            if ended && at > from {
                found.push(at + line.len() - line.trim_start().len());
            }
            ended = words.trim_end_matches(['”', '）', ')', '’']).ends_with(['。', '！', '？']);
        }
        at += line.len();
    }
    found
}

/// Whether many lines break inside sentences, as in text taken from printed pages.
fn is_wrapped(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let stops = ['。', '；', '：', ';', ':', '！', '？', '”', '）', ')'];
    let broken = lines
        .windows(2)
        .filter(|pair| {
            let [before, after] = pair else { return false };
            let long = before.contains(['，', '、', '。']) || before.chars().count() >= 24;
            long && !before.ends_with(stops) && read(before).is_none() && read(after).is_none()
        })
        .count();
    broken >= 5 && broken * 10 > lines.len()
}
