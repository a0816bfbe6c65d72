//! Footnotes: small lines with marks, below a short rule at the foot of a page.

use std::collections::BTreeMap;

use super::lines::{Line, Row, line};
use super::page::Rule;

/// The rows below a short rule, if they are footnotes: all smaller than the text above, the first with a mark.
///
/// They are taken from `rows`, which run from the top down on a page of this width.
pub(super) fn take(rows: &mut Vec<Row>, rules: &[Rule], width: f32) -> Vec<Line> {
    let mut sizes: BTreeMap<i32, usize> = BTreeMap::new();
    for row in rows.iter() {
        *sizes.entry((row.size * 2.0) as i32).or_default() += 1;
    }
    let Some((body, _)) = sizes.into_iter().max_by_key(|(_, count)| *count) else { return Vec::new() };
    let body = body as f32 / 2.0;
    // The lowest short rule first: there is one above the notes, and underlines elsewhere.
    for rule in rules.iter().rev().take(16) {
        let length = rule.to - rule.from;
        if !(40.0..=width * 0.5).contains(&length) || rule.from > width * 0.4 {
            continue;
        }
        let first = rows.partition_point(|row| row.baseline <= rule.at);
        let below = rows.get(first..).unwrap_or_default();
        let small = !below.is_empty() && first > 0 && below.iter().all(|row| row.size < body * 0.95);
        let marked =
            below.first().and_then(|row| line(&row.segments)).is_some_and(|line| mark(&line.text).is_some());
        if small && marked {
            return rows.split_off(first).iter().filter_map(|row| line(&row.segments)).collect();
        }
    }
    Vec::new()
}

/// The mark at the beginning of a note: ①, [1], 1, *.
pub(super) fn mark(text: &str) -> Option<&str> {
    let first = text.chars().next()?;
    let length = match first {
        '①'..='⑳' | '*' | '＊' | '†' | '❶'..='❿' => first.len_utf8(),
        '[' | '［' => {
            let (at, end) = text.char_indices().take(6).find(|(_, c)| matches!(c, ']' | '］'))?;
            at + end.len_utf8()
        }
        '0'..='9' => {
            let length = text.find(|c: char| !c.is_ascii_digit())?;
            // An amount or a date is no mark.
            if length > 2 || text.get(length..)?.starts_with(['年', '月', '日', '.', '万', '%', '元']) {
                return None;
            }
            length
        }
        _ => return None,
    };
    text.get(..length)
}

#[cfg(test)]
mod tests {
    use super::mark;

    #[test]
    fn note_marks_are_recognised() {
        assert_eq!(mark("①本条所称"), Some("①"));
        assert_eq!(mark("[12] 见"), Some("[12]"));
        assert_eq!(mark("3 指上一年度"), Some("3"));
        assert_eq!(mark("2026年3月"), None);
        assert_eq!(mark("第一条"), None);
    }
}
