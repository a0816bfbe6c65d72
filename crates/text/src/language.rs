//! How much a text looks like the Chinese of official documents.

use encoding_rs::GBK;

/// Whether `c` is one of the 3,755 common characters: level 1 of GB 2312, ordered there by reading.
pub(crate) fn is_common(c: char) -> bool {
    let mut buffer = [0_u8; 4];
    let (bytes, _, lost) = GBK.encode(c.encode_utf8(&mut buffer));
    match (lost, bytes.as_ref()) {
        (false, &[lead, trail]) => (0xb0..=0xd7).contains(&lead) && trail >= 0xa1 && !(lead == 0xd7 && trail > 0xf9),
        _ => false,
    }
}

/// Whether `c` is punctuation, a digit or a letter that official texts use.
fn is_plain(c: char) -> bool {
    c.is_ascii_graphic() || "，。、；：？！“”‘’（）《》〈〉—…·％ \u{3000}\n〔〕【】".contains(c)
}

/// A score of 1 for a text of common characters and plain punctuation, less for rare characters, least for
/// what no text holds. The text must be simplified already.
pub(crate) fn score(text: &str) -> f64 {
    let mut total = 0.0;
    let mut count = 0.0;
    for c in text.chars() {
        count += 1.0;
        total += match c {
            _ if is_common(c) => 1.0,
            _ if is_plain(c) => 0.6,
            '\u{4e00}'..='\u{9fff}' => -0.5,
            _ => -1.5,
        };
    }
    if count == 0.0 { 0.0 } else { total / count }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_language_from_noise() {
        assert!(is_common('业') && is_common('座') && !is_common('業') && !is_common('沩') && !is_common('A'));
        assert!(score("实施信用分级分类监管") > 0.9);
        assert!(score("嵤┬庞梅旨壏诸惐") < 0.3);
    }
}
