//! Compatibility forms (NFKC), as far as they carry no meaning.
//!
//! Full-width digits and letters, ％, compatibility ideographs and radicals become the ordinary character.
//! Meaningful forms are kept: 〔〕 of a 文号, ① of a list, full-width punctuation, the ideographic space that
//! indents a paragraph, ² of m².

use unicode_normalization::UnicodeNormalization;
use zhaoren_cancel::poll;

use super::{Finding, RepairKind};
use crate::offsets::Edit;
use crate::radical::ideograph;

pub(super) fn find(text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| folds(*c)) {
        poll();
        let folded: String = std::iter::once(ideograph(c)).nfkc().collect();
        if folded.chars().ne([c]) {
            found.push(Finding {
                edit: Edit { range: at..at + c.len_utf8(), text: folded },
                kind: RepairKind::Width,
                restored: true,
            });
        }
    }
    found
}

fn folds(c: char) -> bool {
    match c {
        '０'..='９'
        | 'Ａ'..='Ｚ'
        | 'ａ'..='ｚ'
        | '％'
        | '＋'
        | '＝'
        | '／'
        | '＠'
        | '＃'
        | '＆'
        | '＊'
        | '＿'
        | '－' => true,
        // radicals, compatibility ideographs and unit ligatures; half-width kana do not occur
        '\u{2e80}'..='\u{2fdf}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}' => true,
        '\u{a0}' | '\u{2002}' | '\u{2009}' | '\u{202f}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offsets::OffsetMap;

    #[test]
    fn only_meaningless_width_is_folded() {
        let cases = [
            ("２０２４年１月，增长３０％", "2024年1月，增长30%"),
            ("ＡＥＯ企业、ｐｃｔ", "AEO企业、pct"),
            ("⽅案⼀", "方案一"),
            ("⼾籍、居⺠、⻓期、⻔⻚⻋⻅⻢", "户籍、居民、长期、门页车见马"),
            ("\u{f9e9}", "里"),
            ("国发〔2024〕3号", "国发〔2024〕3号"),
            ("①申报②审核⑳公示", "①申报②审核⑳公示"),
            ("，。：；！？（）“”《》、…—　", "，。：；！？（）“”《》、…—　"),
            ("100㎡、m²、℃", "100㎡、m²、℃"),
        ];
        for (text, want) in cases {
            let edits: Vec<Edit> = find(text).into_iter().map(|finding| finding.edit).collect();
            assert_eq!(OffsetMap::apply(text, &edits).0, want);
        }
    }
}
