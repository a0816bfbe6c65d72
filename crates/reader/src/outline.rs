//! Outline: the provisions of a text and their hierarchy.

use std::collections::BTreeMap;
use std::ops::Range;

use zhaoren_cancel::{poll, steps};
use zhaoren_policy::clause::{Clause, ClauseKind};

use crate::annex::without_lists;
use crate::citation::{NOTICE, cite, heading};
use crate::nesting::Nesting;
use crate::numbering::{Label, Style, read, titled};
use crate::paragraph::with_paragraphs;

/// An irregularity found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Byte offset in the text.
    pub place: usize,
    /// Description in Chinese.
    pub text: String,
}

/// Maximum number of clauses of an outline. The longest laws have some thousands; a text with more is of no use by clause,
/// and each clause takes many times the memory of its text.
pub const MOST_CLAUSES: usize = 10_000;

/// Maximum number of notes on the structure of a text.
pub const MOST_NOTES: usize = 1_000;

/// Clauses of a clean text, in reading order.
///
/// Spans neither overlap nor go backwards, and together they cover every character of the text except white space
/// before the first.
///
/// There are at most [`MOST_CLAUSES`]; the last of them covers the text of those left out, whose number is returned.
///
/// `carried` is the byte at which a measure begins that the document carries: its provisions are numbered anew.
pub(crate) fn clauses(text: &str, carried: Option<usize>) -> (Vec<Clause>, Vec<Note>, usize) {
    let mut notes = Vec::new();
    let nesting = Nesting::of(text);
    let marks = without_lists(text, marks(text, &nesting, carried, &mut notes));
    // Marks are in text order.
    notes.retain(|note| marks.binary_search_by_key(&note.place, |(offset, _)| *offset).is_ok());
    let marks = with_paragraphs(text, with_measure(text, marks, carried), &nesting);
    let first = marks.first().map_or(text.len(), |(offset, _)| *offset);
    let has_preamble = text.get(..first).is_some_and(|head| !head.trim().is_empty());
    let mut marks = marks;
    let left_out = marks.len().saturating_sub(MOST_CLAUSES - usize::from(has_preamble));
    marks.truncate(marks.len() - left_out);
    let build = |prefix: Option<usize>| {
        Builder::new(text, &nesting, &marks, prefix).built(first, has_preamble, &marks)
    };
    let (mut clauses, mut more) = build(None);
    let repeats = |(clause, at): (&Clause, usize)| clause.span.start >= at && clause.article.contains('#');
    if let Some(at) = carried
        && clauses.iter().zip(std::iter::repeat(at)).any(repeats)
    {
        // The notice has the same labels as the measure, which is the one that is cited.
        (clauses, more) = build(Some(at));
    }
    notes.append(&mut more);
    if notes.len() > MOST_NOTES {
        let more = notes.len() - MOST_NOTES;
        notes.truncate(MOST_NOTES);
        notes.push(Note { place: text.len(), text: format!("另有{more}处疑问未列出") });
    }
    if left_out > 0 {
        let offset = clauses.last().map_or(0, |clause| clause.span.start);
        let text = format!("条款超过{MOST_CLAUSES}条，其后{left_out}条并入最后一条，未分开列出");
        notes.push(Note { place: offset, text });
    }
    (clauses, notes, left_out)
}

/// Labels of the text, with their byte offsets.
fn marks(
    text: &str,
    nesting: &Nesting,
    carried: Option<usize>,
    notes: &mut Vec<Note>,
) -> Vec<(usize, Label)> {
    let mut marks: Vec<(usize, Label)> = Vec::new();
    let mut open: Vec<(Style, u64)> = Vec::new();
    let mut latest: BTreeMap<Style, u64> = BTreeMap::new();
    let mut before = '\n';
    // The character directly before, inside an indentation too.
    let mut last = '\n';
    let mut skip_until = 0;
    let first = text.len() - text.trim_start().len();
    // True if there is only white space since the last label.
    let mut blank = true;
    for (offset, c) in text.char_indices() {
        poll();
        let line_begins = std::mem::replace(&mut last, c) == '\n';
        if carried == Some(offset) {
            open.clear();
            latest.clear();
        }
        if offset < skip_until {
            before = c;
            continue;
        }
        let at_line = before == '\n';
        let at_sentence =
            matches!(before, '。' | '；' | ';' | '：' | ':' | '\u{3000}' | '\u{2003}' | ' ' | '”' | '）');
        let rest = text.get(offset..).unwrap_or_default();
        // 总则 on the line below 第一章 is the heading of that chapter.
        let divides = blank && marks.last().is_some_and(|(_, last)| last.style <= Style::Section);
        // Once per line: further on in its indentation it would be the same line.
        let heads = (line_begins && !divides).then(|| titled(rest)).flatten();
        let here = Here { text, place: offset, is_first: offset <= first };
        blank &= c.is_whitespace();
        if (at_line || at_sentence)
            && let Some(label) = heads.or_else(|| read(rest))
            && follows(&label, at_line, &open, &latest, here, notes)
        {
            open.truncate(nesting.kept(&open, &label));
            open.push((label.style, label.number));
            latest.insert(label.style, label.number);
            skip_until = offset + label.length;
            blank = true;
            marks.push((offset, label));
        }
        // Indentation belongs to the beginning of a line.
        let indents = c.is_whitespace() && at_line && c != '\n';
        before = if indents { '\n' } else { c };
    }
    marks
}

/// Position of a label in a text.
#[derive(Clone, Copy)]
struct Here<'a> {
    text: &'a str,
    place: usize,
    /// True if only white space precedes it.
    is_first: bool,
}

/// True if a label continues an open list, or begins one.
fn follows(
    label: &Label,
    at_line: bool,
    open: &[(Style, u64)],
    latest: &BTreeMap<Style, u64>,
    here: Here<'_>,
    notes: &mut Vec<Note>,
) -> bool {
    let Here { text, place, .. } = here;
    if label.style == Style::Titled {
        return true;
    }
    // Articles are numbered through the whole document, and so may be the measures of a plan: 二、 continues with 11.
    let through = latest.get(&label.style).copied().unwrap_or(0);
    let last = match label.style {
        Style::Article => through,
        style => open.iter().find(|(other, _)| *other == style).map_or(0, |(_, number)| *number),
    };
    let inserted = label.style == Style::Article && label.text.contains('之') && label.number == last;
    let next = label.number == last + 1 || (at_line && label.number == through + 1) || inserted;
    let begins = label.number == 1;
    // Inside a line, （一） in the text of 2. is not a heading above it.
    let upwards = open.last().is_some_and(|(innermost, _)| label.style < *innermost)
        && label.style > Style::Article
        && !open.iter().any(|&(style, number)| style == label.style && number + 1 == label.number);
    if !at_line && (upwards || label.style == Style::Article && is_cited(text, place)) {
        return false;
    }
    let large = label.style <= Style::Article;
    match (next || (begins && at_line), at_line) {
        // A line that continues the sentence of the line above begins no new list.
        (_, true) if !next && !large && latest.contains_key(&label.style) && goes_on(text, place) => false,
        (true, _) => true,
        // A gap in the numbering at the start of a line is accepted, since the text may be an excerpt.
        (false, true)
            if large
                || ((last..=last + 3).contains(&label.number) && last > 0 && !goes_on(text, place))
                || (last == 0 && begins_late(here, label)) =>
        {
            notes.push(Note {
                place, text: format!("编号由{last}跳至{}（{}）", label.number, label.text)
            });
            true
        }
        _ => false,
    }
}

/// True if the words before byte `offset` of its line cite another document: 《甲》, 《甲》（某府规〔2017〕1号）, 根据.
fn is_cited(text: &str, offset: usize) -> bool {
    let before = text.get(..offset).unwrap_or_default();
    let start = before.char_indices().rev().take(120).find(|(_, c)| *c == '\n').map_or(0, |(at, _)| at + 1);
    let line = before.get(start..).unwrap_or_default();
    let tail: Vec<char> = line.chars().rev().take(120).collect();
    steps(tail.len() as u64);
    let line: String = tail.into_iter().rev().collect();
    let words = line.trim_end();
    let citing =
        ["根据", "依据", "按照", "依照", "参照", "适用", "违反", "符合", "见", "及", "和", "、", "与", "》"];
    if citing.iter().any(|word| words.ends_with(word)) {
        return true;
    }
    let open = words.strip_suffix(['）', ')']).and_then(|inner| inner.rfind(['（', '(']));
    open.and_then(|at| words.split_at_checked(at)).is_some_and(|(name, bracket)| {
        name.trim_end().ends_with(['》', '”'])
            || bracket.contains('号') && bracket.contains(['〔', '[', '［', '第'])
    })
}

/// True if the line above byte `offset` ends inside a sentence.
fn goes_on(text: &str, offset: usize) -> bool {
    let above =
        text.get(..offset).and_then(|before| before.trim_end().rsplit('\n').next()).unwrap_or_default();
    steps(above.len() as u64);
    let above = above.trim();
    let ends = ['。', '；', '：', ';', ':', '！', '？', '”', '）', ')', '》'];
    above.contains(['，', '。'])
        && above.chars().count() >= 12
        && !above.ends_with(ends)
        && read(above).is_none()
}

/// True if a list whose beginning is missing continues below: 四、 alone suffices, 4. needs its 5.
fn begins_late(Here { text, place, is_first }: Here<'_>, label: &Label) -> bool {
    if matches!(label.style, Style::Comma | Style::Bracket) {
        return true;
    }
    // The first line may have the number of the document in a collection: 13. or 4. 某局关于……
    let line = text.get(place + label.length..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let first = is_first && (line.trim().is_empty() || line.contains("关于") || line.contains("印发"));
    let below = text.get(place..).unwrap_or_default().lines().skip(1).take(60);
    !first
        && below
            .inspect(|line| steps(line.len() as u64))
            .filter_map(|line| read(line.trim_start()))
            .any(|next| next.style == label.style && next.number == label.number + 1)
}

/// `marks` with one for the measure at byte `carried`, if its title would otherwise belong to a provision of the notice.
fn with_measure(text: &str, mut marks: Vec<(usize, Label)>, carried: Option<usize>) -> Vec<(usize, Label)> {
    let Some(at) = carried else { return marks };
    let after = marks.partition_point(|(offset, _)| *offset < at);
    let above = after.checked_sub(1).and_then(|index| marks.get(index));
    // 附件 above the title of the measure has its own clause.
    let below_annex = above.is_some_and(|(offset, label)| {
        label.style == Style::Annex
            && text.get(offset + label.length..at).is_some_and(|gap| gap.chars().count() <= 4)
    });
    let labelled = marks.get(after).is_some_and(|(offset, _)| *offset == at);
    if above.is_some() && !below_annex && !labelled {
        marks.insert(after, (at, Label { style: Style::Carried, number: 0, text: String::new(), length: 0 }));
    }
    marks
}

struct Builder<'a> {
    text: &'a str,
    nesting: &'a Nesting,
    /// Byte before which provisions are cited as those of the notice.
    notice: usize,
    clauses: Vec<Clause>,
    /// Open provisions, outermost first: style and number.
    open: Vec<(Style, u64)>,
    /// Indices of their clauses.
    indices: Vec<usize>,
    used: BTreeMap<String, usize>,
    has_articles: bool,
    notes: Vec<Note>,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, nesting: &'a Nesting, marks: &[(usize, Label)], notice: Option<usize>) -> Self {
        Self {
            text,
            nesting,
            notice: notice.unwrap_or(0),
            clauses: Vec::new(),
            open: Vec::new(),
            indices: Vec::new(),
            used: BTreeMap::new(),
            has_articles: marks.iter().filter(|(_, label)| label.style == Style::Article).count() >= 2,
            notes: Vec::new(),
        }
    }

    /// The clauses of all marks, the first of which is at byte `first`.
    fn built(
        mut self,
        first: usize,
        has_preamble: bool,
        marks: &[(usize, Label)],
    ) -> (Vec<Clause>, Vec<Note>) {
        if has_preamble {
            self.add(0..first, None, false);
        }
        for (index, (offset, label)) in marks.iter().enumerate() {
            let end = marks.get(index + 1).map_or(self.text.len(), |(next, _)| *next);
            let parted = marks.get(index + 1).is_some_and(|(_, next)| next.style > label.style);
            self.add(*offset..end, Some(label), parted);
        }
        self.finish()
    }

    fn add(&mut self, span: Range<usize>, label: Option<&Label>, parted: bool) {
        steps(span.len() as u64);
        let own = self.text.get(span.clone()).unwrap_or_default();
        let Some(label) = label else {
            self.push(ClauseKind::Preamble, String::new(), "引言".to_owned(), None, None, span);
            return;
        };
        let kept = self.nesting.kept(&self.open, label);
        self.open.truncate(kept);
        self.indices.truncate(kept);
        let parent = self.indices.last().copied();
        let in_article = self.has_articles && self.open.iter().any(|(style, _)| *style == Style::Article);
        let around = parent
            .and_then(|index| self.clauses.get(index))
            .filter(|clause| clause.kind != ClauseKind::Preamble)
            .map(|clause| clause.article.clone());
        let mut article = cite(label, around.as_deref());
        if span.start < self.notice && !article.starts_with(NOTICE) {
            article.insert_str(0, NOTICE);
        }
        let rest = own.get(label.length..).unwrap_or_default();
        let heading = heading(rest, label, parted);
        let index = self.clauses.len();
        self.push(label.style.kind(in_article), label.text.clone(), article, heading, parent, span);
        self.open.push((label.style, label.number));
        self.indices.push(index);
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
        let article = if *count > 1 {
            self.notes.push(Note { place: span.start, text: format!("条款“{article}”重复出现") });
            format!("{article}#{count}")
        } else {
            article
        };
        let extent = span.clone();
        self.clauses.push(Clause { kind, label, article, heading, parent, span, extent });
    }

    fn finish(mut self) -> (Vec<Clause>, Vec<Note>) {
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
        (self.clauses, self.notes)
    }
}
