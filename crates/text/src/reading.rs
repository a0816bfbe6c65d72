//! Readings (读音): pronunciation of a character, in Latin letters without tones.

use ::pinyin::ToPinyinMulti;

/// Distinct readings of a character, the most common first; empty for other than Chinese characters. ü is
/// written `v`, as in pinyin input.
///
/// ```
/// assert_eq!(zhaoren_text::readings('业'), ["ye"]);
/// assert_eq!(zhaoren_text::readings('女')[0], "nv");
/// assert!(zhaoren_text::readings('a').is_empty());
/// ```
pub fn readings(c: char) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    let Some(all) = c.to_pinyin_multi() else { return distinct };
    for reading in (0..all.count()).filter_map(|index| all.get_opt(index)) {
        let plain = reading.plain().replace('ü', "v");
        // Interjections such as 嗯 have readings without a vowel, which are not used in pinyin input.
        if plain.contains(['a', 'e', 'i', 'o', 'u', 'v']) && !distinct.contains(&plain) {
            distinct.push(plain);
        }
    }
    distinct
}
