//! Letters set apart by blanks, as text comes out of PDF and of headlines: 某 市 科 技 局.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use zhaoren_cancel::steps;

use super::{Finding, RepairKind};
use crate::offsets::Edit;

/// Fewest words of a line that is set apart, and fewest different letters among them: a row of 是 and 否 has two.
const FEWEST_WORDS: usize = 6;
const FEWEST_LETTERS: usize = 4;

/// Chinese characters and punctuation.
const WIDE: [RangeInclusive<char>; 4] =
    ['\u{4e00}'..='\u{9fff}', '\u{3400}'..='\u{4dbf}', '\u{3001}'..='\u{303f}', '\u{ff00}'..='\u{ffef}'];

pub(super) fn find(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        steps(line.len() as u64);
        if is_set_apart(line) {
            let mut before: Option<char> = None;
            let mut letters = line.char_indices().peekable();
            while let Some((offset, c)) = letters.next() {
                // Several blanks separate words here too.
                let single = c == ' ' && before.is_some_and(|c| c != ' ');
                if single
                    && let Some((_, next)) = letters.peek()
                    && (before.is_some_and(is_wide) || is_wide(*next))
                    && *next != ' '
                {
                    let range = at + offset..at + offset + 1;
                    found.push(Finding {
                        edit: Edit { range, text: String::new() },
                        kind: RepairKind::SpacedLetters,
                        restored: true,
                    });
                }
                before = Some(c);
            }
        }
        at += line.len();
    }
    found
}

fn is_wide(c: char) -> bool {
    WIDE.iter().any(|range| range.contains(&c)) || matches!(c, '“' | '”' | '‘' | '’' | '…' | '—')
}

/// True if most words of a line, separated by single blanks, are single Chinese characters.
fn is_set_apart(line: &str) -> bool {
    let (mut words, mut single, mut figures) = (0_usize, 0_usize, 0_usize);
    let mut letters = BTreeSet::new();
    for word in line.split([' ', '\n', '\r']).filter(|word| !word.is_empty()) {
        words += 1;
        // 〔2025〕 and 7 have no letters to be set apart.
        figures += usize::from(!word.chars().any(char::is_alphabetic));
        let mut chars = word.chars();
        // A stop has no blank before it in some texts.
        if let (Some(first), rest) = (chars.next(), chars.as_str())
            && is_wide(first)
            && first.is_alphabetic()
            && (rest.is_empty()
                || rest.chars().count() == 1 && rest.chars().all(|c| is_wide(c) && !c.is_alphabetic()))
        {
            single += 1;
            if letters.len() < FEWEST_LETTERS {
                letters.insert(first);
            }
        }
    }
    words >= FEWEST_WORDS
        && figures * 2 < words
        && single * 10 >= (words - figures) * 8
        && letters.len() >= FEWEST_LETTERS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offsets::OffsetMap;

    #[test]
    fn spaced_letters_are_joined() {
        let cases = [
            ("云 溪 市 科 技 局 关 于 种 子 企 业 的 通 知\n", "云溪市科技局关于种子企业的通知\n"),
            ("云 科 规 〔2025〕 7 号", "云科规〔2025〕7号"),
            ("第 一 条  对 种 子 企 业 给 予 补 贴。", "第一条  对种子企业给予补贴。"),
            ("是 否 是 否 是 否 是 否", "是 否 是 否 是 否 是 否"),
            ("总 则", "总 则"),
            ("1 甲 2 乙 3 丙 4 丁", "1 甲 2 乙 3 丙 4 丁"),
            ("类别 奖励 首次 复审 高新 企业 备注", "类别 奖励 首次 复审 高新 企业 备注"),
            ("We give 5 to each of the firms", "We give 5 to each of the firms"),
        ];
        for (text, want) in cases {
            let edits: Vec<Edit> = find(text).into_iter().map(|finding| finding.edit).collect();
            assert_eq!(OffsetMap::apply(text, &edits).0, want);
        }
    }
}
