//! Tiling of a text by role, and the share of it that was read.

use std::ops::Range;

use zhaoren_cancel::poll;
use zhaoren_policy::clause::ClauseKind;

use crate::model::{Coverage, DraftItem, Role, Segment};
use crate::split::Splitter;

/// Segments of a text: their spans joined together are the text again.
pub(crate) fn segments(text: &str, splitter: &Splitter<'_>) -> Vec<Segment> {
    let mut found: Vec<Segment> = Vec::new();
    let mut end = 0;
    let mut push = |span: Range<usize>, role: Role, clause: Option<usize>| {
        // Spans of clauses neither overlap nor run backwards.
        let span = span.start.max(end)..span.end.max(end);
        if span.is_empty() {
            return;
        }
        if span.start > end {
            found.push(Segment { span: end..span.start, role: Role::Heading, clause: None });
        }
        end = span.end;
        match found.last_mut() {
            Some(last) if last.role == role && last.clause == clause => last.span.end = span.end,
            _ => found.push(Segment { span, role, clause }),
        }
    };
    for (index, (provision, clause)) in splitter.provisions.iter().zip(splitter.clauses).enumerate() {
        poll();
        push(provision.heading.clone(), Role::Heading, Some(index));
        for (at, sentence) in provision.sentences.iter().enumerate() {
            let role =
                splitter.roles.get(index).and_then(|roles| roles.get(at)).copied().unwrap_or(Role::Unread);
            let is_head = clause.kind == ClauseKind::Signature
                || clause.kind == ClauseKind::Preamble && sentence.plain.text.chars().count() <= 60;
            let role = if role == Role::Unread && is_head { Role::Head } else { role };
            push(sentence.span.clone(), role, Some(index));
        }
    }
    if end < text.len() {
        found.push(Segment { span: end..text.len(), role: Role::Heading, clause: None });
    }
    found
}

/// Characters of the text, and those that were read.
pub(crate) fn coverage(text: &str, segments: &[Segment], items: &[DraftItem]) -> Coverage {
    let count = |span: &Range<usize>| {
        text.get(span.clone())
            .unwrap_or_default()
            .chars()
            .inspect(|_| poll())
            .filter(|c| !c.is_whitespace())
            .count()
    };
    let mut unread: Vec<Range<usize>> =
        segments.iter().filter(|one| one.role == Role::Unread).map(|one| one.span.clone()).collect();
    unread.extend(items.iter().flat_map(|item| item.unread.iter().map(|one| one.span.clone())));
    unread.sort_by_key(|span| (span.start, span.end));
    let (mut left, mut end) = (0, 0);
    for span in unread {
        let start = span.start.max(end);
        if start < span.end {
            left += count(&(start..span.end));
            end = span.end;
        }
    }
    let characters = count(&(0..text.len()));
    Coverage { characters, read: characters.saturating_sub(left) }
}
