//! Sentences of a document: each clause without its label and heading, cut at the marks that end a sentence.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::clause::{Clause, ClauseKind};

use crate::plain::Plain;
use crate::vocabulary::{Section, section};

/// Sentence of a clause.
#[derive(Clone, Debug)]
pub(crate) struct Sentence {
    /// Bytes of the text, with the mark that ends it and the blanks behind.
    pub(crate) span: Range<usize>,
    /// Plain form.
    pub(crate) plain: Plain,
}

/// Clause with its sentences.
#[derive(Clone, Debug)]
pub(crate) struct Provision {
    /// Label and heading.
    pub(crate) heading: Range<usize>,
    /// Sentences in order.
    pub(crate) sentences: Vec<Sentence>,
    /// Section that it belongs to: its own heading's, or that of the nearest clause above.
    pub(crate) section: Option<Section>,
    /// True if its own heading names the section.
    pub(crate) is_section: bool,
}

/// Provisions of the clauses of a text, one for each.
pub(crate) fn provisions(text: &str, clauses: &[Clause]) -> Vec<Provision> {
    let mut found: Vec<Provision> = Vec::new();
    for clause in clauses {
        poll();
        let own = text.get(clause.span.clone()).unwrap_or_default();
        let body = clause.span.start + body(own, clause);
        let named = clause.heading.as_deref().and_then(section);
        let above = clause.parent.and_then(|parent| found.get(parent)).and_then(|parent| parent.section);
        let sentences = sentences(text.get(body..clause.span.end).unwrap_or_default(), body);
        // 申报材料：… on the line of its label is a heading too.
        let led = sentences.first().and_then(|first| lead(&first.plain.text)).and_then(section);
        found.push(Provision {
            heading: clause.span.start..body,
            sentences,
            section: named.or(led).or(above),
            is_section: named.or(led).is_some(),
        });
    }
    found
}

/// Words before the colon near the beginning of a sentence.
fn lead(text: &str) -> Option<&str> {
    let (head, _) = text.split_once('：')?;
    (head.chars().count() <= 8 && !head.contains(['，', '。'])).then_some(head)
}

/// Length of the label and heading of a clause.
fn body(own: &str, clause: &Clause) -> usize {
    if clause.kind == ClauseKind::Preamble {
        return 0;
    }
    let indent = own.len() - own.trim_start().len();
    let rest = own.get(indent..).unwrap_or_default();
    let mut at = indent + label(rest, &clause.label);
    let Some(heading) = clause.heading.as_deref() else { return at };
    let letters: Vec<char> = heading.chars().filter(|c| !c.is_whitespace()).collect();
    let mut wanted = letters.iter();
    let mut next = wanted.next();
    for (offset, c) in own.get(at..).unwrap_or_default().char_indices() {
        poll();
        match next {
            None => {
                // The mark behind a heading belongs to it.
                let marks = matches!(c, '】' | '。' | '：' | ':' | '）') || c.is_whitespace();
                if !marks {
                    at += offset;
                    return at;
                }
            }
            Some(letter) if *letter == c => next = wanted.next(),
            Some(_) if c.is_whitespace() || matches!(c, '【' | '.' | '：' | ':' | '（' | '、') => {}
            Some(_) => return at,
        }
    }
    if next.is_none() { own.len() } else { at }
}

/// Length of a printed label at the start of `rest`.
fn label(rest: &str, label: &str) -> usize {
    let Some(first) = label.chars().next() else { return 0 };
    let end_of = |marks: &[char]| {
        rest.char_indices().take(16).find(|(_, c)| marks.contains(c)).map_or(0, |(at, c)| at + c.len_utf8())
    };
    match first {
        '第' => end_of(&['条', '章', '节', '编', '款']),
        '（' | '(' => end_of(&['）', ')']),
        '【' => 0,
        '附' if rest.starts_with(label) => label.len(),
        '附' => 0,
        c if ('①'..='⑳').contains(&c) => c.len_utf8(),
        _ => end_of(&['、', '.', '．', '）', ')', ' ', '\u{3000}']),
    }
}

/// Sentences of `body`, whose first byte is byte `start` of the text.
fn sentences(body: &str, start: usize) -> Vec<Sentence> {
    let mut cuts = vec![0];
    // Characters since the last line end, and the last of them that is no blank.
    let (mut width, mut last) = (0_usize, '\n');
    let mut chars = body.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        poll();
        let end = at + c.len_utf8();
        match c {
            '\n' => {
                let ends =
                    matches!(last, '。' | '；' | '：' | ';' | ':' | '）' | ')' | '！' | '？' | '】' | '\n');
                // Lines that end with an address do not go on.
                if ends || width < 24 || last.is_ascii_alphanumeric() || last == '/' {
                    cuts.push(end);
                }
                (width, last) = (0, if ends { '\n' } else { last });
                continue;
            }
            '。' | '！' | '？' => {
                let closes =
                    chars.peek().is_some_and(|(_, next)| matches!(next, '”' | '）' | ')' | '’' | '」'));
                if !closes {
                    cuts.push(end);
                }
            }
            '”' | '）' | ')' if last == '。' => cuts.push(end),
            _ => {}
        }
        if !c.is_whitespace() {
            width += 1;
            last = c;
        }
    }
    cuts.push(body.len());
    cuts.dedup();
    let mut found: Vec<Sentence> = Vec::new();
    for pair in cuts.windows(2) {
        let [from, to] = pair else { continue };
        let words = body.get(*from..*to).unwrap_or_default();
        if words.trim().is_empty() {
            // Blanks belong to the sentence before.
            if let Some(before) = found.last_mut() {
                before.span.end = start + to;
                continue;
            }
        }
        found.push(Sentence { span: start + from..start + to, plain: Plain::of(words, start + from) });
    }
    found
}
