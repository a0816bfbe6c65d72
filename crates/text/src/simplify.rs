//! 繁体 to 简体 conversion, with an offset map.
//!
//! The tables are OpenCC's, through the crate that ships them. They leave 著 unchanged, since in OpenCC's own
//! spelling 着 and 著 are two characters; texts that write 著 for both (著力, 隨著) need the rule below.
//!
//! ```
//! // 著 as a particle becomes 着, in 著作 it stays.
//! assert_eq!(zhaoren_text::simplify("隨著著作權").text, "随着著作权");
//! ```

use std::sync::LazyLock;

use ferrous_opencc::OpenCC;
use ferrous_opencc::config::BuiltinConfig;

use zhaoren_cancel::{poll, steps};

use crate::offsets::{Edit, OffsetMap};

/// A text in simplified characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simplified {
    /// The text.
    pub text: String,
    /// Source offsets of the text.
    pub offsets: OffsetMap,
    /// Number of characters changed.
    pub changed: usize,
}

static TABLES: LazyLock<Option<OpenCC>> = LazyLock::new(|| OpenCC::from_config(BuiltinConfig::T2s).ok());

/// Converts traditional characters. A text without any is returned unchanged, byte for byte.
///
/// A long simplified text that contains an isolated one (答覆, a name with 昇) keeps it as the author's choice.
pub fn simplify(text: &str) -> Simplified {
    let mut edits = edits(text);
    if !is_traditional(text, edits.len()) {
        edits.retain(|edit| short_line(text, edit.range.start));
    }
    let changed = edits.len();
    if edits.is_empty() {
        return Simplified { text: text.to_owned(), offsets: OffsetMap::identity(text.len()), changed };
    }
    let (text, offsets) = OffsetMap::apply(text, &edits);
    Simplified { text, offsets, changed }
}

/// Simplified form of a character; the character itself if it has none.
pub fn simplify_char(c: char) -> char {
    let text = c.to_string();
    let mut out = convert(&text).chars().collect::<Vec<char>>().into_iter();
    match (out.next(), out.next()) {
        (Some(simple), None) => simple,
        _ => c,
    }
}

/// Maximum length in bytes of a text, or a line, that is converted whatever the share: a query, a heading.
const SHORT: usize = 120;

/// True if one character in a hundred was traditional, or the text is too short to decide.
fn is_traditional(text: &str, converted: usize) -> bool {
    text.len() <= SHORT || converted * 100 >= text.chars().count()
}

fn short_line(text: &str, offset: usize) -> bool {
    // A longer line is judged by the bytes near the character on either side, since this is called for each of its characters.
    let (head, tail) = text.as_bytes().split_at_checked(offset).unwrap_or_default();
    let before = head.iter().rev().take(SHORT + 1).position(|byte| *byte == b'\n');
    let after = tail.iter().take(SHORT + 1).position(|byte| *byte == b'\n');
    steps(1);
    before.unwrap_or(head.len()) + after.unwrap_or(tail.len()) <= SHORT
}

fn convert(text: &str) -> String {
    TABLES.as_ref().map_or_else(|| text.to_owned(), |tables| tables.convert(text))
}

/// One edit per changed character, line by line. The tables map phrases of equal length; if one does not, its line
/// is converted character by character, so that offsets stay correct.
fn edits(text: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        steps(line.len() as u64);
        let converted = convert(line);
        let even = converted.chars().count() == line.chars().count();
        let simple: Vec<char> =
            if even { converted.chars().collect() } else { line.chars().map(simplify_char).collect() };
        for ((offset, before), after) in line.char_indices().zip(simple) {
            if before != after {
                let start = at + offset;
                edits.push(Edit { range: start..start + before.len_utf8(), text: after.to_string() });
            }
        }
        at += line.len();
    }
    zhe(text, &mut edits);
    edits
}

/// Characters after or before which 著 is the 着 of 着力 even in a text that gives no other sign.
const ALWAYS_ZHE: &str = "力重手眼落装裝急火陆陸色实實想";
/// Neighbours of 著 as zhù; elsewhere in a traditional text it means 着.
const ZHU_BEFORE: &str = "显顯卓昭名原论論编編专專土译譯合拙遗遺所巨鉅撰古新旧舊较較显最";
const ZHU_AFTER: &str = "作名称稱述者录錄书書有文";

fn zhe(text: &str, edits: &mut Vec<Edit>) {
    if !text.contains('著') {
        return;
    }
    // A text is traditional if other characters of it had to be converted.
    let traditional = edits.len() * 100 > text.chars().count();
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut more = Vec::new();
    for (index, (offset, c)) in chars.iter().enumerate() {
        poll();
        if *c != '著' || edits.binary_search_by_key(offset, |edit| edit.range.start).is_ok() {
            continue;
        }
        let near = |at: Option<usize>, set: &str| {
            at.and_then(|at| chars.get(at)).is_some_and(|(_, c)| set.contains(*c))
        };
        let before = index.checked_sub(1);
        let zhu = near(before, ZHU_BEFORE) || near(Some(index + 1), ZHU_AFTER);
        let always = near(Some(index + 1), ALWAYS_ZHE) && !near(before, ZHU_BEFORE);
        if always || (traditional && !zhu) {
            more.push(Edit { range: *offset..*offset + c.len_utf8(), text: "着".to_owned() });
        }
    }
    edits.append(&mut more);
    edits.sort_by_key(|edit| edit.range.start);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_converted_by_usage() {
        let cases = [
            ("著力推進", "着力推进"),
            ("顯著提升", "显著提升"),
            ("著作權保護", "著作权保护"),
            ("乾燥設備", "干燥设备"),
            ("乾隆", "乾隆"),
            ("藉此機會", "借此机会"),
            ("憑藉優勢", "凭借优势"),
            ("狼藉", "狼藉"),
            ("裡面", "里面"),
            ("皇后", "皇后"),
            ("隨著數字化推進，著力解決", "随着数字化推进，着力解决"),
            ("發展著作權登記", "发展著作权登记"),
            ("頭髮與發展", "头发与发展"),
            ("乾淨", "干净"),
            ("幹部", "干部"),
            ("徵收與徵信", "征收与征信"),
            ("複製與重複、覆蓋", "复制与重复、覆盖"),
            ("瞭解情況", "了解情况"),
            ("後續", "后续"),
            ("隨著經濟發展", "随着经济发展"),
            ("徐匯區", "徐汇区"),
            ("專精特新", "专精特新"),
            ("免申即享", "免申即享"),
            ("知識產權證券化", "知识产权证券化"),
            ("穩崗返還", "稳岗返还"),
            ("業務系統", "业务系统"),
            ("聯繫方式", "联系方式"),
            ("裡程碑", "里程碑"),
        ];
        for (text, simple) in cases {
            assert_eq!(simplify(text).text, simple, "{text}");
        }
    }

    #[test]
    fn simplified_text_is_unchanged() {
        let text = "本市著名企业著作权显著增加，着力发展乾隆年间名著，拨乱反正。";
        let simplified = simplify(text);
        assert_eq!((simplified.text.as_str(), simplified.changed), (text, 0));
    }

    #[test]
    fn offsets_point_at_the_received_characters() {
        let text = "推進徐匯區發展";
        let simplified = simplify(text);
        let at = simplified.text.find("汇区").unwrap();
        assert_eq!(text.get(simplified.offsets.to_source(at..at + 6)), Some("匯區"));
    }
}
