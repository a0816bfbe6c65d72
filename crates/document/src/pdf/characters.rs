//! Characters of strings, by their bytes and by what fonts are named.

use encoding_rs::{GB18030, GBK};

/// The text of codes in UTF-16.
pub(super) fn utf16(bytes: &[u8]) -> Option<String> {
    let units: Vec<u16> = bytes
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |unit, byte| (unit << 8) | u16::from(*byte)))
        .collect();
    String::from_utf16(&units).ok()
}

/// The text of codes in GB 18030.
pub(super) fn gb18030(bytes: &[u8]) -> Option<String> {
    GB18030.decode_without_bom_handling_and_without_replacement(bytes).map(std::borrow::Cow::into_owned)
}

/// True if a string is Chinese in GBK by its bytes: at least two characters, all of GB 2312, beside ASCII.
pub(super) fn is_gbk(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut count = 0;
    while let Some((first, after)) = rest.split_first() {
        if *first < 0x80 {
            rest = after;
            continue;
        }
        let Some((second, after)) = after.split_first() else { return false };
        if !(0xA1..=0xF7).contains(first) || *second < 0xA1 {
            return false;
        }
        count += 1;
        rest = after;
    }
    count >= 2
}

/// True if a font's name is Chinese, in GBK, in UTF-8 or by its usual Latin spelling.
pub(super) fn names_chinese(name: &[u8]) -> bool {
    let (text, _, damaged) = GBK.decode(name);
    if !name.is_ascii() && (!damaged || std::str::from_utf8(name).is_ok()) {
        return text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    }
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    [
        "simsun",
        "simhei",
        "simfang",
        "simkai",
        "fangsong",
        "kaiti",
        "gb2312",
        "gbk",
        "stsong",
        "stheiti",
        "stkaiti",
        "stfangsong",
        "msyh",
        "yahei",
        "fzxbsj",
        "fzfs",
        "fzkt",
        "fzht",
    ]
    .iter()
    .any(|known| name.contains(known))
}

/// True if a font's name is one of ornaments.
pub(super) fn names_symbols(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    ["wingdings", "symbol", "dingbats", "webdings"].iter().any(|known| name.contains(known))
}

/// The usual marks of the fonts Symbol and Wingdings, which writers put into the private use area.
pub(super) fn symbol(character: char) -> char {
    match character {
        '\u{F0B7}' | '\u{F06C}' | '\u{F09F}' => '•',
        '\u{F06E}' | '\u{F0A7}' => '▪',
        '\u{F075}' => '◆',
        '\u{F0D8}' => '➢',
        '\u{F0FC}' => '✓',
        '\u{F0A8}' | '\u{F06F}' => '□',
        '\u{F0FE}' => '☑',
        '\u{F0E0}' => '→',
        '\u{F02D}' => '-',
        _ => character,
    }
}

/// The characters that one is made of: letters of a ligature, none for one that shows nothing and takes no place.
pub(super) fn spelt(character: char) -> impl Iterator<Item = char> {
    let letters = match character {
        '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' => Some(""),
        'ﬀ' => Some("ff"),
        'ﬁ' => Some("fi"),
        'ﬂ' => Some("fl"),
        'ﬃ' => Some("ffi"),
        'ﬄ' => Some("ffl"),
        'ﬅ' | 'ﬆ' => Some("st"),
        _ => None,
    };
    let single = letters.is_none().then(|| sound(character));
    letters.unwrap_or_default().chars().chain(single)
}

/// The character, or U+FFFD for one without a meaning of its own: private use, control, unassigned for ever.
pub(super) fn sound(character: char) -> char {
    match character {
        '\t' | '\r' | '\n' => ' ',
        // A hyphen that is seen: strings hold no breaks of words.
        '\u{AD}' => '-',
        '\u{0}'..='\u{1F}'
        | '\u{7F}'..='\u{9F}'
        | '\u{E000}'..='\u{F8FF}'
        | '\u{FFF0}'..='\u{FFFF}'
        | '\u{F0000}'..='\u{10FFFF}' => '\u{FFFD}',
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_font_names_are_recognised() {
        assert!(names_chinese(b"\xB7\xC2\xCB\xCE"));
        assert!(names_chinese("仿宋".as_bytes()));
        assert!(names_chinese(b"FangSong_GB2312"));
        assert!(!names_chinese(b"Helvetica"));
    }

    #[test]
    fn gbk_strings_are_recognised() {
        assert!(is_gbk(b"\xD3\xAA\xD2\xB5 2000"));
        assert!(!is_gbk(b"caf\xE9"));
        assert!(!is_gbk(b"na\xEFve"));
    }

    #[test]
    fn private_use_characters_are_not_text() {
        assert_eq!(sound('\u{E123}'), '\u{FFFD}');
        assert_eq!(sound('\u{F0B7}'), '\u{FFFD}');
        assert_eq!(symbol('\u{F0B7}'), '•');
        assert_eq!(sound('一'), '一');
    }
}
