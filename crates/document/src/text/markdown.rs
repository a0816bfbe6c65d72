//! Markdown: headings, tables, and the signs that mark words.

use std::ops::Range;

use zhaoren_cancel::poll;

use super::{Line, Source};
use crate::html::is_file;
use crate::limits::Budget;
use crate::model::{Block, Cell, Document, Paragraph, Role, Table};
use crate::refusal::Refusal;

/// True if a text is Markdown: it has a heading, a table or bold words in the way of Markdown.
pub(super) fn is_marked(text: &str, lines: &[Line]) -> bool {
    lines.iter().any(|line| {
        poll();
        let line = text.get(line.words.clone()).unwrap_or_default();
        heading(line).is_some()
            || is_rule_of_table(line)
            || is_underline(line, b'=')
            || (line.starts_with("**") && line.matches("**").count() >= 2)
    })
}

/// Reads the lines of a Markdown text.
///
/// # Errors
/// The tables exceed a limit.
pub(super) fn read(
    source: &Source<'_>,
    lines: &[Line],
    document: &mut Document,
    budget: &mut Budget,
) -> Result<(), Refusal> {
    let text_of = |line: &Line| source.text.get(line.words.clone()).unwrap_or_default();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        poll();
        let text = text_of(line);
        let ruled = lines.get(at + 1).is_some_and(|next| is_rule_of_table(text_of(next)));
        if text.contains('|') && ruled {
            let end = lines.iter().skip(at).position(|line| !text_of(line).contains('|'));
            let end = end.map_or(lines.len(), |count| at + count);
            let rows: Vec<&Line> = lines.get(at..end).unwrap_or_default().iter().collect();
            let rows = rows.into_iter().enumerate().filter(|(row, _)| *row != 1).map(|(_, line)| line);
            document.blocks.push(Block::Table(table(source, rows, budget)?));
            at = end;
            continue;
        }
        at += 1;
        let next = lines.get(at).map(text_of).unwrap_or_default();
        let underlined = if is_underline(next, b'=') {
            Some(1)
        } else {
            let is_item = text.starts_with(['-', '*', '+', '>']);
            (is_underline(next, b'-') && !text.is_empty() && !is_item).then_some(2)
        };
        if text.is_empty() || is_underline(text, b'=') || text.starts_with("```") || is_rule(text) {
            continue;
        }
        let (role, start) = match heading(text).or(underlined.map(|level| (level, 0))) {
            Some((1, start)) if document.blocks.is_empty() => (Role::Title, start),
            Some((level, start)) => (Role::Heading(level), start),
            None => match ["- ", "* ", "+ ", "> "].iter().find(|mark| text.starts_with(**mark)) {
                Some(mark) if *mark == "> " => (Role::Body, mark.len()),
                Some(mark) => (Role::ListItem, mark.len()),
                None => (Role::Body, 0),
            },
        };
        let words = line.words.start + start..line.words.end;
        let paragraph = paragraph(source, words, role, &mut document.annexes);
        if !paragraph.runs.is_empty() {
            document.blocks.push(Block::Paragraph(paragraph));
        }
    }
    Ok(())
}

/// The level of a heading, and where its words begin.
fn heading(line: &str) -> Option<(u8, usize)> {
    let words = line.trim_start_matches('#');
    let level = line.len() - words.len();
    let blank = words.len() - words.trim_start().len();
    let level = u8::try_from(level).ok().filter(|level| (1..=6).contains(level))?;
    (blank > 0).then_some((level, usize::from(level) + blank))
}

/// True if a line underlines the heading above it.
fn is_underline(line: &str, sign: u8) -> bool {
    line.len() >= 3 && line.bytes().all(|byte| byte == sign)
}

fn is_rule(line: &str) -> bool {
    line.len() >= 3 && (line.bytes().all(|byte| byte == b'-') || line.bytes().all(|byte| byte == b'*'))
}

/// True if a line parts the head of a table from its rows, such as `|---|:--:|`.
fn is_rule_of_table(line: &str) -> bool {
    line.contains("--")
        && line.contains('|')
        && line.bytes().all(|byte| matches!(byte, b'|' | b'-' | b':' | b' '))
}

/// The words of a range without signs that mark bold words, and of links only their words. Links to files are annexes.
fn paragraph(
    source: &Source<'_>,
    words: Range<usize>,
    role: Role,
    annexes: &mut Vec<(String, String)>,
) -> Paragraph {
    let text = source.text.get(words.clone()).unwrap_or_default();
    let text = text.trim_end_matches(['#', ' ']);
    let mut runs = Vec::new();
    let mut at = words.start;
    for piece in text.split("**") {
        poll();
        let mut rest = piece;
        let mut start = at;
        while let Some(link) = link(rest) {
            poll();
            runs.extend(source.run(start..start + link.before));
            let name = start + link.words.start..start + link.words.end;
            if is_file(link.address) {
                let name = source.text.get(name.clone()).unwrap_or_default().to_owned();
                annexes.push((name, link.address.to_owned()));
            }
            runs.extend(source.run(name));
            start += link.length;
            rest = rest.get(link.length..).unwrap_or_default();
        }
        runs.extend(source.run(start..start + rest.len()));
        at += piece.len() + 2;
    }
    Paragraph { role, number: None, runs }
}

/// A link in a text.
struct Link<'a> {
    /// Bytes before it.
    before: usize,
    words: Range<usize>,
    address: &'a str,
    /// Bytes up to its end.
    length: usize,
}

/// The first link `[words](address)`, or picture, of a text.
fn link(text: &str) -> Option<Link<'_>> {
    let middle = text.find("](")?;
    let (head, tail) = text.split_at_checked(middle)?;
    let open = head.rfind('[')?;
    let address = tail.get(2..)?;
    let end = address.find(')')?;
    let before = if head.get(..open)?.ends_with('!') { open - 1 } else { open };
    Some(Link {
        before,
        words: open + 1..middle,
        address: address.get(..end)?.trim(),
        length: middle + 2 + end + 1,
    })
}

fn table<'a>(
    source: &Source<'_>,
    lines: impl Iterator<Item = &'a Line>,
    budget: &mut Budget,
) -> Result<Table, Refusal> {
    let mut rows: Vec<Vec<Option<Cell>>> = Vec::new();
    for line in lines {
        let text = source.text.get(line.words.clone()).unwrap_or_default();
        let inner = text.strip_prefix('|').unwrap_or(text);
        let mut at = line.words.start + (text.len() - inner.len());
        let inner = inner.strip_suffix('|').unwrap_or(inner);
        let mut row = Vec::new();
        for piece in inner.split('|') {
            budget.step(1)?;
            let words = piece.trim_start();
            let start = at + (piece.len() - words.len());
            let words = start..start + words.trim_end().len();
            let paragraph = paragraph(source, words, Role::Body, &mut Vec::new());
            let blocks =
                if paragraph.runs.is_empty() { Vec::new() } else { vec![Block::Paragraph(paragraph)] };
            row.push(Some(Cell { blocks, columns: 1, rows: 1 }));
            at += piece.len() + 1;
        }
        rows.push(row);
    }
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    budget.cells(rows.len().saturating_mul(columns))?;
    for row in &mut rows {
        row.resize_with(columns, || Some(Cell { blocks: Vec::new(), columns: 1, rows: 1 }));
    }
    Ok(Table { rows })
}
