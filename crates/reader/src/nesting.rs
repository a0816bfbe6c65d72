//! Nesting of labels: which open provisions a label closes.

use std::collections::BTreeSet;

use zhaoren_cancel::steps;

use crate::numbering::{Label, Style, read};

/// Styles of headings above articles, as in 一、 … 第一条 … 第二条 … 二、 …
#[derive(Debug, Default)]
pub(crate) struct Nesting {
    above: BTreeSet<Style>,
}

impl Nesting {
    /// Collects from `text` the styles of headings on a line of their own directly above an article.
    pub(crate) fn of(text: &str) -> Self {
        let mut above = BTreeSet::new();
        let mut bare: Vec<Style> = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            steps(line.len() as u64);
            match read(line) {
                Some(label) if label.style == Style::Article => above.extend(bare.drain(..)),
                Some(label) if matches!(label.style, Style::Comma | Style::Bracket) && is_bare(line) => {
                    bare.push(label.style);
                }
                _ => bare.clear(),
            }
        }
        Self { above }
    }

    /// Number of open provisions, counted from the outermost, that stay open at `label`.
    pub(crate) fn kept(&self, open: &[(Style, u64)], label: &Label) -> usize {
        let style = label.style;
        let outer = |limit: Style| open.iter().take_while(|(other, _)| *other < limit).count();
        let article = open.iter().position(|(other, _)| *other == Style::Article);
        match (style, article) {
            (Style::Carried, _) => 0,
            (Style::Annex | Style::Part | Style::Chapter | Style::Section | Style::Titled, _) => outer(style),
            (Style::Article, Some(at)) => at,
            (Style::Article, None) => open
                .iter()
                .take_while(|(other, _)| *other < Style::Article || self.above.contains(other))
                .count(),
            (_, Some(at)) => {
                let inside = open.get(at..).unwrap_or_default();
                let follows = |frames: &[(Style, u64)]| {
                    frames.iter().rposition(|&(other, number)| other == style && number + 1 == label.number)
                };
                // 二、 after an article continues the headings above it, unless it continues a list inside it.
                match follows(open.get(..at).unwrap_or_default()) {
                    Some(heading) if self.above.contains(&style) && follows(inside).is_none() => heading,
                    _ => at + inside.iter().take_while(|(other, _)| *other < style).count(),
                }
            }
            _ => outer(style),
        }
    }
}

/// True if a line is short and has no punctuation of a sentence, like a heading.
fn is_bare(line: &str) -> bool {
    line.chars().count() <= 40 && !line.contains(['。', '；', '：', ';', ':'])
}
