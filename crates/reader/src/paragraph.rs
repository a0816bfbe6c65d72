//! 款: further paragraphs of an article, recognized by line breaks.

use std::collections::BTreeMap;

use zhaoren_cancel::{poll, steps};

use crate::nesting::Nesting;
use crate::numbering::{Label, Style, read};

/// `marks` with an additional one for each further paragraph of an article.
///
/// A text with line breaks inside sentences gets none, since its paragraphs cannot be recognized.
pub(crate) fn with_paragraphs(
    text: &str,
    marks: Vec<(usize, Label)>,
    nesting: &Nesting,
) -> Vec<(usize, Label)> {
    if is_wrapped(text) {
        return marks;
    }
    let coming = Coming::of(&marks);
    let mut found: Vec<(usize, Label)> = Vec::new();
    let mut open: Vec<(Style, u64)> = Vec::new();
    for (index, (offset, label)) in marks.iter().enumerate() {
        poll();
        open.truncate(nesting.kept(&open, label));
        open.push((label.style, label.number));
        found.push((*offset, label.clone()));
        let Some(article) = open.iter().position(|(style, _)| *style == Style::Article) else { continue };
        if coming.goes_on(open.get(article + 1..).unwrap_or_default(), index) {
            continue;
        }
        let end = marks.get(index + 1).map_or(text.len(), |(next, _)| *next);
        let mut number =
            open.get(article + 1).filter(|(style, _)| *style == Style::Paragraph).map_or(1, |f| f.1);
        for start in starts(text, offset + label.length, end) {
            number += 1;
            let label = Label { style: Style::Paragraph, number, text: String::new(), length: 0 };
            open.truncate(article + 1);
            open.push((Style::Paragraph, number));
            found.push((start, label));
        }
    }
    found
}

/// Index of recurring labels, so that the continuation of a list is found without scanning all later marks.
struct Coming {
    /// Positions of the marks with a label, in order, by style and number.
    places: BTreeMap<(Style, u64), Vec<usize>>,
    /// For each mark, the next one that is an article or above articles.
    bounds: Vec<usize>,
}

impl Coming {
    fn of(marks: &[(usize, Label)]) -> Self {
        let mut places: BTreeMap<(Style, u64), Vec<usize>> = BTreeMap::new();
        for (index, (_, label)) in marks.iter().enumerate() {
            places.entry((label.style, label.number)).or_default().push(index);
        }
        let mut bounds = vec![marks.len(); marks.len()];
        let mut next = marks.len();
        for ((index, (_, label)), bound) in marks.iter().enumerate().zip(&mut bounds).rev() {
            *bound = next;
            if label.style <= Style::Article {
                next = index;
            }
        }
        Self { places, bounds }
    }

    /// True if a list of items open in an article at mark `index` continues below: a line before that belongs to the item.
    fn goes_on(&self, items: &[(Style, u64)], index: usize) -> bool {
        let bound = self.bounds.get(index).copied().unwrap_or(index);
        items.iter().filter(|(style, _)| *style != Style::Paragraph).any(|&(style, number)| {
            poll();
            self.places.get(&(style, number + 1)).is_some_and(|indices| {
                let after = indices.partition_point(|at| *at <= index);
                indices.get(after).is_some_and(|at| *at < bound)
            })
        })
    }
}

/// Starts of further paragraphs between two bytes: lines after one that ends with a full stop.
fn starts(text: &str, from: usize, end: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut ended = false;
    let mut at = from;
    for line in text.get(from..end).unwrap_or_default().split_inclusive('\n') {
        steps(line.len() as u64);
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

/// True if many lines break inside sentences, as in text extracted from printed pages.
fn is_wrapped(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let stops = ['。', '；', '：', ';', ':', '！', '？', '”', '）', ')'];
    let broken = lines
        .windows(2)
        .filter(|pair| {
            let [before, after] = pair else { return false };
            steps(before.len() as u64 + 1);
            let long = before.contains(['，', '、', '。']) || before.chars().count() >= 24;
            long && !before.ends_with(stops) && read(before).is_none() && read(after).is_none()
        })
        .count();
    broken >= 5 && broken * 10 > lines.len()
}
