//! Parts of a document: a notice (印发通知, 令) and the measure that it carries.

use std::collections::BTreeSet;
use std::ops::Range;

use zhaoren_cancel::{poll, steps};

use crate::dates;
use crate::numbering::{Style, read};

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentPart {
    /// Its kind.
    pub kind: PartKind,
    /// Its own title.
    pub title: String,
    /// Its bytes in the text.
    pub span: Range<usize>,
}

/// Kind of a part of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// The notice or decree that issues the other part.
    Notice,
    /// The measure that is issued.
    Measure,
}

impl PartKind {
    /// Its name in data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Measure => "measure",
        }
    }
}

/// Maximum number of characters of a notice before the measure.
const LONGEST_NOTICE: usize = 20_000;

/// Most lines of the measure's title.
const MOST_TITLE_LINES: usize = 6;

/// Maximum number of characters of a title, and of names in a notice, that are examined: each name is compared with each line.
const LONGEST_TITLE: usize = 400;
const MOST_NAMES: usize = 40;

/// Fewest characters of a measure's name.
const SHORTEST_NAME: usize = 4;

/// Words with which a notice or decree issues a measure.
const ISSUING: [&str; 8] = ["印发", "公布", "发布", "转发", "颁布", "下发", "制定", "修订"];

/// The measure that a document with this title carries: its title and the byte at which that begins. `None` if the document
/// is no notice that issues one, or the measure is not in the text.
pub(crate) fn carried(title: &str, text: &str, is_decree: bool) -> Option<(String, usize)> {
    let end = text.char_indices().nth(LONGEST_NOTICE).map_or(text.len(), |(at, _)| at);
    let notice = text.get(..end)?;
    let title: String = title.chars().take(LONGEST_TITLE).collect();
    let names = names(&title, notice, is_decree);
    if names.is_empty() {
        return None;
    }
    let lines: Vec<(usize, &str)> = offsets(notice).filter(|(_, line)| !line.is_empty()).collect();
    let mut signed = false;
    let mut found: Option<(String, usize)> = None;
    let mut after_body = false;
    for (index, (at, line)) in lines.iter().enumerate() {
        poll();
        if dates::of_line(line).is_some()
            || dates::at_end(line).is_some_and(|(words, _)| crate::head::is_organ(words))
        {
            signed |= after_body;
            continue;
        }
        if after_body && let Some(title) = title_at(&lines, index, &names) {
            let listed = index
                .checked_sub(1)
                .and_then(|above| lines.get(above))
                .is_some_and(|(_, above)| is_list(above));
            if signed || !listed {
                return Some((title, *at));
            }
            found = Some((title, *at));
        }
        after_body |= line.contains(['。', '：', ':']);
        if read(line).is_some_and(|label| label.style == Style::Article) {
            break;
        }
    }
    found
}

/// Names of the measures that a notice issues, without brackets and blanks: those of its title, and those that its text says
/// it issues.
fn names(title: &str, notice: &str, is_decree: bool) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let issues = ISSUING.iter().any(|word| title.contains(word));
    if !issues && !is_decree {
        return names;
    }
    names.extend(quoted(title).map(plain));
    // 印发某办法的通知, without brackets.
    for word in ISSUING {
        if let Some((_, after)) = title.split_once(word)
            && let Some((inner, _)) = after.rsplit_once("的")
        {
            names.insert(plain(inner.trim_start_matches("关于")));
            names.insert(plain(inner));
        }
    }
    let body: String = notice.chars().take(3_000).collect();
    for sentence in body.split(['。', '\n']) {
        steps(sentence.len() as u64 + 1);
        if ["印发", "公布", "发布", "转发", "颁布", "施行"].iter().any(|word| sentence.contains(word))
        {
            names.extend(quoted(sentence).map(plain));
        }
    }
    // A notice is no measure: pages name it again above its text.
    let own = plain(title);
    let is_measure = |name: &String| {
        name.chars().count() >= SHORTEST_NAME
            && *name != own
            && !["关于印发", "关于公布", "关于发布", "关于转发"].iter().any(|word| name.contains(word))
    };
    names.into_iter().filter(is_measure).take(MOST_NAMES).collect()
}

/// Names in 《》.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('《').skip(1).filter_map(|rest| rest.rsplit_once('》').map(|(name, _)| name).or(None)).map(
        |name| {
            // 《甲〈乙〉办法》 keeps its inner name; 《甲》和《乙》 was cut at 《.
            name.split('》').next().unwrap_or(name)
        },
    )
}

/// A name for comparison: without blanks, quotation marks and a bracket at its end.
fn plain(name: &str) -> String {
    let name: String = name
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '《' | '》' | '〈' | '〉' | '*' | '#' | '“' | '”'))
        .collect();
    match name.char_indices().rev().find(|(_, c)| matches!(c, '（' | '(')) {
        Some((at, _)) if name.ends_with(['）', ')']) => name.get(..at).unwrap_or_default().to_owned(),
        _ => name,
    }
}

/// The title of a measure that begins at a line: that line and those that continue it are one of the names.
fn title_at(lines: &[(usize, &str)], index: usize, names: &BTreeSet<String>) -> Option<String> {
    let mut title = String::new();
    for (count, (_, line)) in lines.get(index..)?.iter().enumerate().take(MOST_TITLE_LINES) {
        if line.chars().nth(80).is_some() || line.contains(['。', '；', '，']) {
            return None;
        }
        title.push_str(line);
        let name = plain(&title);
        // The organ may precede the name in the notice, or in the measure, on the same line.
        let longer = |other: &str| {
            count == 0
                && other.chars().count() >= 8
                && name.ends_with(other)
                && !ISSUING.iter().any(|word| name.contains(word))
        };
        let same = |other: &String| {
            *other == name || (name.chars().count() >= 8 && other.ends_with(&name)) || longer(other)
        };
        if names.iter().any(same) {
            let behind = lines.get(index + count + 1).map(|(_, next)| *next);
            if let Some(next) = behind.filter(|next| is_bracket(next)) {
                title.push_str(next);
            }
            return Some(title.trim_matches(['《', '》', '#', '*', ' ']).to_owned());
        }
    }
    None
}

/// True for （试行） on a line of its own.
fn is_bracket(line: &str) -> bool {
    line.starts_with(['（', '('])
        && line.ends_with(['）', ')'])
        && line.chars().count() <= 12
        && dates::of_line(line).is_none()
}

/// True for a line that lists annexes, the next of which may be on the line below.
fn is_list(line: &str) -> bool {
    line.starts_with("附件") && line.ends_with(['：', ':']) || line.starts_with("附：")
}

/// The lines of a text without the blanks around them, with the bytes at which they begin.
fn offsets(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        steps(line.len() as u64);
        let start = at + line.len() - line.trim_start().len();
        at += line.len();
        (start, line.trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_carries_a_measure() {
        let title = "云溪区科技局关于印发《云溪区科技扶持办法（试行）》的通知";
        let cases = [
            (
                "各单位：\n现将《云溪区科技扶持办法（试行）》印发给你们。\n云溪区科技局\n2026年3月1日\n云溪区科技扶持办法（试行）\n第一条 甲。",
                Some("云溪区科技扶持办法（试行）"),
            ),
            (
                "各单位：\n现印发给你们。\n附件：\n云溪区科技扶持办法\n云溪区科技局\n2026年3月1日\n云溪区科技\n扶持办法\n（试行）\n第一条 甲。",
                Some("云溪区科技扶持办法（试行）"),
            ),
            (
                "【解读】《云溪区科技局关于印发《云溪区科技扶持办法（试行）》的通知》解读\n当前位置：通知\n云溪区科技局关于印发《云溪区科技扶持办法（试行）》的通知\n各单位：\n现印发。\n\
                 云溪区科技局\n2026年3月1日\n云溪区科技扶持办法（试行）\n第一条 甲。",
                Some("云溪区科技扶持办法（试行）"),
            ),
            ("各单位：\n现印发给你们。\n科技扶持办法\n第一条 甲。", None),
            ("云溪区科技扶持办法\n第一条 甲。", None),
        ];
        for (text, expected) in cases {
            let found = carried(title, text, false);
            assert_eq!(found.as_ref().map(|(title, _)| title.as_str()), expected, "{text}");
            if let Some((_, at)) = found {
                assert!(text.get(at..).is_some_and(|rest| rest.starts_with("云溪区科技")), "{text}");
            }
        }
        let decree = "现公布《云溪市传感条例》，自2026年5月1日起施行。\n市长 某某\n2026年3月1日\n云溪市传感条例\n第一条 甲。";
        assert_eq!(
            carried("云溪市人民政府令", decree, true).map(|(title, _)| title).as_deref(),
            Some("云溪市传感条例")
        );
        assert_eq!(carried("关于申报项目的通知", decree, false), None);
    }
}
