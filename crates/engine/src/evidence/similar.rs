//! Approximate search: the part of a long text that is most like a short one.
//!
//! First the window that shares most bigrams with the short text, in one pass; then, around it, the substring with the
//! least edit distance.

use std::collections::HashMap;
use std::ops::Range;

use zhaoren_cancel::{poll, steps};

/// Longer parts are not aligned: the window is close enough, and alignment takes quadratic time.
const MAX_ALIGNED_LENGTH: usize = 1_000;
/// Costs of substitution and of deletion or insertion: two substitutions cost less than a deletion with an insertion, so
/// that the substring found is as long as the text searched for.
const SUBSTITUTION_COST: u32 = 4;
const GAP_COST: u32 = 5;

/// The characters of `text` that are most like `part`; none if they share no bigram.
pub(crate) fn most_similar(part: &[char], text: &[char]) -> Option<Range<usize>> {
    let window = window(part, text)?;
    if part.len() > MAX_ALIGNED_LENGTH {
        return Some(window);
    }
    let around = window.start.saturating_sub(part.len())..text.len().min(window.end + part.len());
    let found = align(part, text.get(around.clone())?);
    Some(around.start + found.start..around.start + found.end).filter(|found| !found.is_empty())
}

/// The first of the windows as long as `part` that share most bigrams with it.
fn window(part: &[char], text: &[char]) -> Option<Range<usize>> {
    let mut ids: HashMap<(char, char), usize> = HashMap::new();
    let mut counts = Vec::new();
    for pair in pairs(part) {
        let next = ids.len();
        let id = *ids.entry(pair).or_insert(next);
        if id == counts.len() {
            counts.push(Count::default());
        }
        if let Some(count) = counts.get_mut(id) {
            count.in_part += 1;
        }
    }
    let width = part.len().checked_sub(1).filter(|width| *width > 0)?;
    let found: Vec<Option<usize>> = pairs(text).map(|pair| ids.get(&pair).copied()).collect();
    let (mut shared, mut best, mut start) = (0_usize, 0, 0);
    for (place, entering) in found.iter().enumerate() {
        poll();
        if let Some(count) = entering.and_then(|id| counts.get_mut(id)) {
            shared += usize::from(count.in_window < count.in_part);
            count.in_window += 1;
        }
        let leaving = place.checked_sub(width).and_then(|place| found.get(place).copied().flatten());
        if let Some(count) = leaving.and_then(|id| counts.get_mut(id)) {
            count.in_window -= 1;
            shared -= usize::from(count.in_window < count.in_part);
        }
        if shared > best {
            (best, start) = (shared, (place + 1).saturating_sub(width));
        }
    }
    (best > 0).then(|| start..text.len().min(start + part.len()))
}

/// Frequency of a bigram in the part and in the window.
#[derive(Clone, Copy, Default)]
struct Count {
    in_part: usize,
    in_window: usize,
}

fn pairs(text: &[char]) -> impl Iterator<Item = (char, char)> + '_ {
    text.iter().copied().zip(text.iter().skip(1).copied())
}

/// The substring of `text` with the least edit distance to `part`; the first of equals.
fn align(part: &[char], text: &[char]) -> Range<usize> {
    // A cell holds the cost so far and the start of the substring; starting anywhere costs nothing.
    let mut row: Vec<(u32, usize)> = (0..=text.len()).map(|start| (0, start)).collect();
    for wanted in part {
        steps(row.len() as u64);
        let mut diagonal = row.first().copied().unwrap_or_default();
        let mut left = (diagonal.0 + GAP_COST, diagonal.1);
        let mut next = Vec::with_capacity(row.len());
        next.push(left);
        for (found, up) in text.iter().zip(row.iter().skip(1)) {
            let same = (diagonal.0 + if found == wanted { 0 } else { SUBSTITUTION_COST }, diagonal.1);
            left = [same, (up.0 + GAP_COST, up.1), (left.0 + GAP_COST, left.1)]
                .into_iter()
                .min_by_key(|cell| cell.0)
                .unwrap_or(same);
            diagonal = *up;
            next.push(left);
        }
        row = next;
    }
    let best = row.iter().enumerate().min_by_key(|(_, cell)| cell.0);
    best.map_or(0..0, |(end, (_, start))| *start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(part: &str, text: &str) -> Option<String> {
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        let (part, text) = (chars(part), chars(text));
        most_similar(&part, &text).map(|range| text[range].iter().collect())
    }

    #[test]
    fn most_similar_sentence_is_found() {
        let text = "第一条企业应当在本市注册。第二条企业须注册成立一年以上,近一年无违法。第三条给予奖励。";
        let cases = [
            ("企业须注册成立两年以上", Some("企业须注册成立一年以上")),
            ("两业须注册成立一年以上", Some("企业须注册成立一年以上")),
            ("企业须注册成立一年以下", Some("企业须注册成立一年以上")),
            ("企业必须注册成立一年以上", Some("企业须注册成立一年以上")),
            ("企业须成立一年以上", Some("企业须注册成立一年以上")),
            ("给予资金奖励", Some("给予奖励")),
            ("xyz", None),
            ("奖", None),
            ("", None),
        ];
        for (part, expected) in cases {
            assert_eq!(found(part, text).as_deref(), expected, "{part}");
        }
        assert_eq!(found("注册成立", ""), None);
        assert_eq!(found("注册成立一年以上的企业", "注册成立").as_deref(), Some("注册成立"));
    }

    #[test]
    fn long_texts_are_searched_in_linear_time() {
        let part = "申请人应当具备独立法人资格且信用良好".repeat(20);
        let steps = |times: usize| {
            let filler = "本市支持中小企业高质量发展的若干政策措施实施细则".repeat(times);
            let text = format!("{filler}{}{filler}", part.replacen("独立", "单独", 1));
            let (found, steps) = zhaoren_cancel::count(|| found(&part, &text));
            assert_eq!(found, Some(part.replacen("独立", "单独", 1)));
            assert!(steps >= text.chars().count() as u64 / 2, "{steps} steps are no measure");
            steps
        };
        // The alignment takes the same steps whatever the length of the text.
        let (few, once, twice) = (steps(100), steps(5_000), steps(10_000));
        assert!((twice - few) * 10 <= (once - few) * 22, "{few}, {once}, {twice} steps");
    }
}
