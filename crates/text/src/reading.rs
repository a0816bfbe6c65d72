//! Readings (读音): how a character is pronounced, written in Latin letters without tones.

use ::pinyin::ToPinyinMulti;

/// The distinct readings of a character, the commonest first; empty for what is no Chinese character. ü is
/// written `v`, as it is typed.
///
/// ```
/// assert_eq!(zhaoren_text::readings('业'), ["ye"]);
/// assert_eq!(zhaoren_text::readings('女')[0], "nv");
/// assert!(zhaoren_text::readings('a').is_empty());
/// ```
pub fn readings(c: char) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    let Some(all) = c.to_pinyin_multi() else { return distinct };
    for reading in (0..all.count()).filter_map(|place| all.get_opt(place)) {
        let plain = reading.plain().replace('ü', "v");
        // Interjections such as 嗯 have readings without a vowel, which nobody types.
        if plain.contains(['a', 'e', 'i', 'o', 'u', 'v']) && !distinct.contains(&plain) {
            distinct.push(plain);
        }
    }
    distinct
}
