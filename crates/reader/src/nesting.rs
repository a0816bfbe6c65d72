//! What a label closes: how much of the open provisions stays open when it comes.

use std::collections::BTreeSet;

use zhaoren_cancel::steps;

use crate::numbering::{Label, Style, read};

/// Styles of headings that stand above articles, as in 一、 … 第一条 … 第二条 … 二、 …
#[derive(Debug, Default)]
pub(crate) struct Nesting {
    above: BTreeSet<Style>,
}

impl Nesting {
    /// Learns from `text` which headings stand on a line of their own right above an article.
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

    /// How many of the open provisions, outermost first, stay open when `label` comes.
    pub(crate) fn kept(&self, open: &[(Style, u64)], label: &Label) -> usize {
        let style = label.style;
        let outer = |limit: Style| open.iter().take_while(|(other, _)| *other < limit).count();
        let article = open.iter().position(|(other, _)| *other == Style::Article);
        match (style, article) {
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
                // 二、 after an article goes on with the heading above it, unless it is an item inside.
                match follows(open.get(..at).unwrap_or_default()) {
                    Some(heading) if self.above.contains(&style) && follows(inside).is_none() => heading,
                    _ => at + inside.iter().take_while(|(other, _)| *other < style).count(),
                }
            }
            _ => outer(style),
        }
    }
}

/// Whether a line is short and has no stop, as headings are.
fn is_bare(line: &str) -> bool {
    line.chars().count() <= 40 && !line.contains(['。', '；', '：', ';', ':'])
}
