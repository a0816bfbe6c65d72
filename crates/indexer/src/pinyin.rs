//! How Chinese is read aloud: syllables without tones, and initials. Knows no words and no index.

use ::pinyin::ToPinyinMulti;

/// So many readings of one character are tried, the usual one first.
const READINGS: usize = 3;
/// So many readings of a whole text are kept.
const COMBINATIONS: usize = 8;

/// One way in which a text is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spoken {
    /// All syllables: gaoxinjishuqiye.
    pub(crate) full: String,
    /// Their first letters: gxjsqy.
    pub(crate) initials: String,
}

/// The ways in which `text` may be read. Letters and digits stand for themselves; what cannot be spoken is left
/// out. The usual reading comes first.
pub(crate) fn spoken(text: &str) -> Vec<Spoken> {
    let mut ways = vec![Spoken { full: String::new(), initials: String::new() }];
    for c in text.chars().filter(|c| c.is_alphanumeric()) {
        let syllables = syllables(c);
        let mut longer = Vec::with_capacity(ways.len());
        // Whole texts by syllable, so that the usual reading of all characters stays the first.
        for syllable in &syllables {
            for way in &ways {
                let mut way = way.clone();
                way.full.push_str(syllable);
                way.initials.extend(syllable.chars().take(1));
                if !longer.contains(&way) {
                    longer.push(way);
                }
            }
        }
        longer.truncate(COMBINATIONS);
        ways = longer;
    }
    ways
}

/// The readings of a character without tones; a character that has none is its own.
fn syllables(c: char) -> Vec<String> {
    let mut syllables: Vec<String> = Vec::new();
    if let Some(readings) = c.to_pinyin_multi() {
        for reading in (0..readings.count()).filter_map(|place| readings.get_opt(place)).take(READINGS) {
            let plain: String = reading.with_tone().chars().map(toneless).collect();
            if !syllables.contains(&plain) {
                syllables.push(plain);
            }
        }
    }
    if syllables.is_empty() {
        syllables.push(c.to_lowercase().collect());
    }
    syllables
}

/// A letter without its tone, as it is typed: ü is v.
fn toneless(c: char) -> char {
    match c {
        'ā' | 'á' | 'ǎ' | 'à' => 'a',
        'ē' | 'é' | 'ě' | 'è' | 'ê' => 'e',
        'ī' | 'í' | 'ǐ' | 'ì' => 'i',
        'ō' | 'ó' | 'ǒ' | 'ò' => 'o',
        'ū' | 'ú' | 'ǔ' | 'ù' => 'u',
        'ü' | 'ǖ' | 'ǘ' | 'ǚ' | 'ǜ' => 'v',
        'ń' | 'ň' | 'ǹ' => 'n',
        'ḿ' => 'm',
        other => other,
    }
}

/// A reading in which what many do not tell apart is one: zh and z, ch and c, sh and s, ng and n.
pub(crate) fn blurred(full: &str) -> String {
    full.replace("zh", "z").replace("ch", "c").replace("sh", "s").replace("ng", "n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_in_their_usual_way_first() {
        let first = |text: &str| spoken(text).into_iter().next().map(|way| (way.full, way.initials));
        assert_eq!(first("高新技术企业"), Some(("gaoxinjishuqiye".into(), "gxjsqy".into())));
        assert_eq!(first("AEO认证"), Some(("aeorenzheng".into(), "aeorz".into())));
        assert_eq!(first("首台（套）"), Some(("shoutaitao".into(), "stt".into())));
        assert_eq!(first("绿色").map(|(full, _)| full).as_deref(), Some("lvse"));
    }

    #[test]
    fn other_readings_are_kept_within_bounds() {
        assert!(spoken("重点").iter().any(|way| way.full == "zhongdian"));
        assert!(spoken("返还").iter().any(|way| way.full == "fanhuan"));
        assert!(spoken(&"长行重还调".repeat(20)).len() <= COMBINATIONS);
        assert_eq!(blurred("zhengshouchang"), "zensoucan");
    }
}
