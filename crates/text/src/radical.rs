//! Radicals and compatibility ideographs: the character that each of them represents in a Chinese text.

/// The ideograph that a radical or a compatibility ideograph represents; any other character unchanged.
///
/// U+2F00 to U+2FD5 and U+F900 to U+FAFF by Unicode's compatibility decomposition; of the radicals' supplement (U+2E80 to
/// U+2FDF), which has none, those that are characters of their own (Unicode, EquivalentUnifiedIdeograph).
///
/// ```
/// use zhaoren_text::ideograph;
/// assert_eq!("⼾⺠⻋⽅".chars().map(ideograph).collect::<String>(), "户民车方");
/// assert_eq!(ideograph('户'), '户');
/// ```
#[must_use]
pub fn ideograph(character: char) -> char {
    match character {
        // Unicode gives the old forms of these; fonts of simplified Chinese (read from the tables of Noto Sans and
        // Serif CJK SC) draw the new ones by the same glyph.
        '⼾' => '户',
        '⾭' => '青',
        '\u{2F00}'..='\u{2FD5}' | '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}' => {
            let mut result = None;
            unicode_normalization::char::decompose_compatible(character, |c| {
                result = Some(result.map_or(c, |_| character));
            });
            result.unwrap_or(character)
        }
        '⺁' => '厂',
        '⺎' => '兀',
        '⺐' => '尢',
        '⺒' => '巳',
        '⺓' => '幺',
        '⺕' => '彐',
        '⺦' => '丬',
        '⺨' => '犭',
        '⺭' => '礻',
        '⺺' => '肀',
        '⻂' => '衤',
        '⻪' => '黾',
        '⺅' => '亻',
        '⺉' => '刂',
        '⺖' => '忄',
        '⺘' => '扌',
        '⺙' => '攵',
        '⺟' => '母',
        '⺠' => '民',
        '⺡' => '氵',
        '⺣' => '灬',
        '⺫' => '罒',
        '⺮' => '竹',
        '⺰' => '纟',
        '⺹' => '耂',
        '⺼' => '肉',
        '⺾' | '⺿' | '⻀' => '艹',
        '⻁' => '虎',
        '⻄' => '西',
        '⻅' => '见',
        '⻆' => '角',
        '⻈' => '讠',
        '⻉' => '贝',
        '⻊' => '足',
        '⻋' => '车',
        '⻌' => '辶',
        '⻏' | '⻖' => '阝',
        '⻐' => '钅',
        '⻑' => '長',
        '⻓' => '长',
        '⻔' => '门',
        '⻗' => '雨',
        '⻘' => '青',
        '⻙' => '韦',
        '⻚' => '页',
        '⻛' => '风',
        '⻜' => '飞',
        '⻝' => '食',
        '⻠' => '饣',
        '⻢' => '马',
        '⻣' => '骨',
        '⻤' => '鬼',
        '⻥' => '鱼',
        '⻦' => '鸟',
        '⻧' => '卤',
        '⻨' => '麦',
        '⻩' => '黄',
        '⻬' => '齐',
        '⻮' => '齿',
        '⻰' => '龙',
        '⻳' => '龟',
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn radicals_become_characters() {
        let meant: String = "某市⼈⺠政府⽀持⺠营企业⻓期⻋间⼾⻔⻚⻅⻢".chars().map(ideograph).collect();
        assert_eq!(meant, "某市人民政府支持民营企业长期车间户门页见马");
        assert_eq!("\u{f9e9}\u{fa00}a，〇".chars().map(ideograph).collect::<String>(), "里切a，〇");
    }

    #[test]
    fn every_radical_is_one_character() {
        for c in '\u{2E80}'..='\u{2FDF}' {
            let meant = ideograph(c);
            assert_eq!(ideograph(meant), meant, "{c}");
            assert!(meant != c || !('\u{2F00}'..='\u{2FD5}').contains(&c), "{c}");
        }
    }
}
