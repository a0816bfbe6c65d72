//! Bracketed pinyin: readings inserted after converted characters by a web proxy, 業(yè).
//!
//! A reading is removed if it is one of the character's readings and the character is common. A gloss on a rare
//! character, 亳(bó)州, is legitimate writing and is kept. A reading that does not match is marked.

use ::pinyin::ToPinyinMulti;

use zhaoren_cancel::poll;

use super::{Finding, RepairKind};
use crate::language::is_common;
use crate::offsets::Edit;
use crate::simplify::simplify_char;

/// Maximum length of a syllable: zhuāng.
const LONGEST: usize = 6;

pub(super) fn find(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut previous = None;
    for (at, c) in text.char_indices() {
        poll();
        if matches!(c, '(' | '（')
            && let Some(base) = previous
            && let Some((syllable, end)) = syllable(text, at + c.len_utf8())
        {
            let known = is_common(simplify_char(base));
            let restored = known && reads(base, syllable);
            // After a letter or an invalid byte the character itself is lost, and many could have been there.
            if restored || known || base.is_ascii_alphanumeric() || base == '?' || base == '\u{fffd}' {
                let kept = text.get(at..end).unwrap_or_default();
                let text = if restored { String::new() } else { kept.to_owned() };
                let edit = Edit { range: at..end, text };
                found.push(Finding { edit, kind: RepairKind::BracketedPinyin, restored });
            }
        }
        previous = Some(c);
    }
    found
}

/// A toned syllable that begins at `start` and is followed by a closing bracket, and its end.
pub(super) fn syllable(text: &str, start: usize) -> Option<(&str, usize)> {
    let rest = text.get(start..)?;
    let mut toned = false;
    for (count, (at, c)) in rest.char_indices().enumerate() {
        if matches!(c, ')' | '）') {
            let syllable = rest.get(..at).filter(|_| toned)?;
            return Some((syllable, start + at + c.len_utf8()));
        }
        let is_toned = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ".contains(c);
        toned |= is_toned;
        if count >= LONGEST || !(c.is_ascii_lowercase() || is_toned || c == 'ü' || c == 'ɡ') {
            return None;
        }
    }
    None
}

/// True if `syllable` is a reading of `c` or of its simplified form.
pub(super) fn reads(c: char, syllable: &str) -> bool {
    [c, simplify_char(c)].into_iter().filter_map(|c| c.to_pinyin_multi()).any(|readings| {
        (0..readings.count())
            .any(|i| readings.get_opt(i).is_some_and(|reading| reading.with_tone() == syllable))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undone(text: &str) -> String {
        let edits: Vec<Edit> = find(text).into_iter().map(|finding| finding.edit).collect();
        crate::offsets::OffsetMap::apply(text, &edits).0
    }

    #[test]
    fn only_readings_are_removed() {
        assert_eq!(
            undone("企業(yè)服務(wù)，監(jiān)管，調(diào)解，調(tiáo)整"),
            "企業服務，監管，調解，調整"
        );
        for kept in [
            "AEO(经认证)",
            "站(点)",
            "亳(bó)州",
            "企业(yè",
            "企业(ye)",
            "业(guān)",
            "方案(a)",
            "(yè)",
            "表(biao)",
        ] {
            assert_eq!(undone(kept), kept);
        }
        let marked = |text| find(text).iter().any(|finding| !finding.restored);
        assert!(marked("O(jiān)管") && marked("业(guān)") && marked("\u{fffd}(qū)"));
        assert!(!marked("亳(bó)州") && !marked("業(yè)") && !marked("AEO(经认证)"));
    }
}
