//! The outline: which provisions a text has, and how they hang together.

use std::collections::BTreeMap;
use std::ops::Range;

use zhaoren_policy::clause::{Clause, ClauseKind};

use crate::numbering::{Label, Style, read};

/// Something odd that was found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Byte of the text.
    pub place: usize,
    /// What is odd, in Chinese.
    pub text: String,
}

/// The clauses of a clean text, in reading order.
///
/// Spans neither overlap nor run backwards, and together they hold every character of the text but white space
/// before the first.
pub(crate) fn clauses(text: &str) -> (Vec<Clause>, Vec<Note>) {
    let mut notes = Vec::new();
    let marks = marks(text, &mut notes);
    let has_articles = marks.iter().filter(|(_, label)| label.style == Style::Article).count() >= 2;
    let mut builder =
        Builder { text, clauses: Vec::new(), open: Vec::new(), used: BTreeMap::new(), has_articles };
    let first = marks.first().map_or(text.len(), |(place, _)| *place);
    if text.get(..first).is_some_and(|head| !head.trim().is_empty()) {
        builder.add(0..first, None);
    }
    for (index, (place, label)) in marks.iter().enumerate() {
        let end = marks.get(index + 1).map_or(text.len(), |(next, _)| *next);
        builder.add(*place..end, Some(label));
    }
    (builder.finish(), notes)
}

/// Every place where a label stands, with the label.
fn marks(text: &str, notes: &mut Vec<Note>) -> Vec<(usize, Label)> {
    let mut marks: Vec<(usize, Label)> = Vec::new();
    let mut open: Vec<(Style, u64)> = Vec::new();
    let mut latest: BTreeMap<Style, u64> = BTreeMap::new();
    let mut before = '\n';
    let mut skip_until = 0;
    for (place, c) in text.char_indices() {
        if place < skip_until {
            before = c;
            continue;
        }
        let at_line = before == '\n';
        let at_sentence =
            matches!(before, '。' | '；' | ';' | '：' | ':' | '\u{3000}' | '\u{2003}' | ' ' | '”' | '）');
        if (at_line || at_sentence)
            && let Some(label) = text.get(place..).and_then(read)
            && follows(&label, at_line, &open, &latest, place, notes)
        {
            open.retain(|(style, _)| *style < label.style);
            open.push((label.style, label.number));
            latest.insert(label.style, label.number);
            skip_until = place + label.length;
            marks.push((place, label));
        }
        // Indentation does not end the beginning of a line.
        let indents = c.is_whitespace() && at_line && c != '\n';
        before = if indents { '\n' } else { c };
    }
    marks
}

/// Whether a label continues a list that is open, or begins one.
fn follows(
    label: &Label,
    at_line: bool,
    open: &[(Style, u64)],
    latest: &BTreeMap<Style, u64>,
    place: usize,
    notes: &mut Vec<Note>,
) -> bool {
    // Articles count through the whole document, and so may the measures of a plan: 二、 goes on with 11.
    let through = latest.get(&label.style).copied().unwrap_or(0);
    let last = match label.style {
        Style::Article => through,
        style => open.iter().find(|(other, _)| *other == style).map_or(0, |(_, number)| *number),
    };
    let next = label.number == last + 1 || (at_line && label.number == through + 1);
    let begins = label.number == 1;
    let large = label.style <= Style::Article;
    match (next || (begins && at_line), at_line) {
        (true, _) => true,
        // A gap in the numbering of whole lines: kept, since the text may be an excerpt.
        (false, true) if large || (label.number > last && label.number <= last + 3 && last > 0) => {
            notes.push(Note {
                place, text: format!("编号由{last}跳至{}（{}）", label.number, label.text)
            });
            true
        }
        _ => false,
    }
}

struct Builder<'a> {
    text: &'a str,
    clauses: Vec<Clause>,
    /// Open clauses, outermost first: their style and index.
    open: Vec<(Style, usize)>,
    used: BTreeMap<String, usize>,
    has_articles: bool,
}

impl Builder<'_> {
    fn add(&mut self, span: Range<usize>, label: Option<&Label>) {
        let own = self.text.get(span.clone()).unwrap_or_default();
        let Some(label) = label else {
            self.push(ClauseKind::Preamble, String::new(), "引言".to_owned(), None, None, span);
            return;
        };
        self.open.retain(|(style, _)| *style < label.style);
        let parent = self.open.last().map(|(_, index)| *index);
        let in_article = self.has_articles && self.open.iter().any(|(style, _)| *style == Style::Article);
        let around = parent.and_then(|index| self.clauses.get(index)).map(|clause| clause.article.clone());
        let article = cite(label, around.as_deref());
        let rest = own.get(label.length..).unwrap_or_default();
        let heading = heading(rest, label.style);
        let index = self.clauses.len();
        self.push(label.style.kind(in_article), label.text.clone(), article, heading, parent, span);
        self.open.push((label.style, index));
    }

    fn push(
        &mut self,
        kind: ClauseKind,
        label: String,
        article: String,
        heading: Option<String>,
        parent: Option<usize>,
        span: Range<usize>,
    ) {
        let count = self.used.entry(article.clone()).or_default();
        *count += 1;
        let article = if *count > 1 { format!("{article}#{count}") } else { article };
        let extent = span.clone();
        self.clauses.push(Clause { kind, label, article, heading, parent, span, extent });
    }

    fn finish(mut self) -> Vec<Clause> {
        for index in (0..self.clauses.len()).rev() {
            let Some((end, Some(parent))) =
                self.clauses.get(index).map(|clause| (clause.extent.end, clause.parent))
            else {
                continue;
            };
            if let Some(parent) = self.clauses.get_mut(parent) {
                parent.extent.end = parent.extent.end.max(end);
            }
        }
        self.clauses
    }
}

/// The full citation: 第十一条（一）, 二（七）, 五/20.
fn cite(label: &Label, around: Option<&str>) -> String {
    let own = match label.style {
        Style::Annex | Style::Part | Style::Chapter | Style::Article => return label.text.clone(),
        Style::Comma => label.text.trim_end_matches('、'),
        _ => label.text.as_str(),
    };
    match around {
        None => own.to_owned(),
        // A chapter is no part of the citation of what hangs right under it, but the section's of it is.
        Some(around)
            if around.ends_with('）') || around.ends_with('条') || own.starts_with(['（', '①', '第']) =>
        {
            format!("{around}{own}")
        }
        Some(around) => format!("{around}/{own}"),
    }
}

/// The heading's words: the rest of a short line, or the short first sentence before more text.
fn heading(rest: &str, style: Style) -> Option<String> {
    const LONGEST: usize = 40;
    let line = rest
        .trim_start_matches([' ', '\u{3000}', '\u{2003}', '\t', '.', '：', ':'])
        .split('\n')
        .next()?
        .trim();
    let short = |words: &str| (1..=LONGEST).contains(&words.chars().count());
    if let Some((first, more)) = line.split_once('。') {
        let is_heading =
            style != Style::Article && short(first) && first.chars().count() <= 24 && !more.trim().is_empty();
        return (is_heading && !first.contains('，')).then(|| first.to_owned());
    }
    let plain = !line.ends_with(['；', ';', '，', ',', '：', ':']);
    (style < Style::Digit && style != Style::Article && short(line) && plain).then(|| line.to_owned())
}
