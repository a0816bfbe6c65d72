//! How much a text looks like the Chinese of official documents.
//!
//! The measure of what is common comes free with GB 2312: its first level, rows 16 to 55, holds the 3,755
//! characters in daily use.

use std::sync::LazyLock;

use encoding_rs::GBK;

use crate::simplify::simplify_char;

/// One bit a character of U+4E00 to U+9FFF.
struct Set(Vec<u64>);

impl Set {
    fn of(holds: impl Fn(char) -> bool) -> Self {
        let mut words = vec![0_u64; 0x5200 / 64];
        for (place, c) in ('\u{4e00}'..='\u{9fff}').enumerate() {
            if let Some(word) = words.get_mut(place / 64).filter(|_| holds(c)) {
                *word |= 1 << (place % 64);
            }
        }
        Self(words)
    }

    fn holds(&self, c: char) -> bool {
        let place = u32::from(c).wrapping_sub(0x4e00) as usize;
        self.0.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
}

static COMMON: LazyLock<Set> = LazyLock::new(|| Set::of(is_first_level));
/// Traditional forms of common characters.
static TRADITIONAL: LazyLock<Set> =
    LazyLock::new(|| Set::of(|c| !is_common(c) && is_common(simplify_char(c))));

fn is_first_level(c: char) -> bool {
    let mut buffer = [0_u8; 4];
    let (bytes, _, lost) = GBK.encode(c.encode_utf8(&mut buffer));
    match (lost, bytes.as_ref()) {
        (false, &[lead, trail]) => {
            (0xb0..=0xd7).contains(&lead) && trail >= 0xa1 && !(lead == 0xd7 && trail > 0xf9)
        }
        _ => false,
    }
}

/// Whether `c` is one of the 3,755 common characters.
pub(crate) fn is_common(c: char) -> bool {
    COMMON.holds(c)
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

/// How little `c` is expected, in either script: 0 for what every text holds, 5 for what none does.
pub(crate) fn cost(c: char) -> u32 {
    match c {
        _ if is_common(c) || is_plain(c) || c.is_ascii_whitespace() => 0,
        '①'..='⑳' | '㎡' | '℃' | '×' | '±' | '≤' | '≥' | '\u{ff01}'..='\u{ff5e}' => 1,
        '\u{4e00}'..='\u{9fff}' if TRADITIONAL.holds(c) => 1,
        '\u{4e00}'..='\u{9fff}' => 4,
        _ => 5,
    }
}

/// How many neighbouring characters are looked at together, and how much they may cost.
const WINDOW: usize = 8;
const SUSPICIOUS: u32 = 14;

/// Whether somewhere in `text` neighbouring characters are so rare that they were hardly written.
pub(crate) fn is_suspicious(text: &str) -> bool {
    let mut window = [0_u32; WINDOW];
    let mut sum = 0;
    let han = text.chars().filter(|c| !c.is_ascii()).enumerate();
    for (count, c) in han {
        let new = cost(c);
        if let Some(slot) = window.get_mut(count % WINDOW) {
            sum = sum + new - *slot;
            *slot = new;
        }
        if sum >= SUSPICIOUS {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_language_from_noise() {
        assert!(
            is_common('业') && is_common('座') && !is_common('業') && !is_common('沩') && !is_common('A')
        );
        assert!(score("实施信用分级分类监管") > 0.9);
        assert!(score("嵤┬庞梅旨壏诸惐") < 0.3);
        assert!(is_suspicious("允状稳隙ǖ母咝录际跗笠担枳罡叨蛟囊淮涡越崩"));
        assert!(!is_suspicious("區政府各委、辦、局，各街道、華涇鎮，各有關單位：經區政府同意"));
        assert_eq!((cost('业'), cost('業'), cost('沩'), cost('\u{e010}')), (0, 1, 4, 5));
    }
}
