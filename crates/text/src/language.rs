//! Plausibility of a text as Chinese of official documents.
//!
//! Frequency is taken from GB 2312: its first level, rows 16 to 55, contains the 3,755 characters in daily use.

use std::sync::LazyLock;

use encoding_rs::GBK;

use crate::simplify::simplify_char;

/// Bit set over U+4E00 to U+9FFF.
struct Set(Vec<u64>);

impl Set {
    fn of(characters: impl Iterator<Item = char>) -> Self {
        let mut words = vec![0_u64; 0x5200 / 64];
        for c in characters {
            let index = u32::from(c).wrapping_sub(0x4e00) as usize;
            if let Some(word) = words.get_mut(index / 64) {
                *word |= 1 << (index % 64);
            }
        }
        Self(words)
    }

    fn holds(&self, c: char) -> bool {
        let index = u32::from(c).wrapping_sub(0x4e00) as usize;
        self.0.get(index / 64).is_some_and(|word| word >> (index % 64) & 1 == 1)
    }
}

/// Rows 16 to 55, decoded from their GBK bytes. The other direction, encoding every character to see where it falls, takes
/// encoding_rs a linear search each: 40 % of the time of a short command.
static COMMON: LazyLock<Set> = LazyLock::new(|| {
    let codes = (0xb0..=0xd7_u8).flat_map(|lead| (0xa1..=0xfe_u8).map(move |trail| [lead, trail]));
    // The last five places of row 55 are empty.
    let bytes: Vec<u8> = codes.filter(|code| *code < [0xd7, 0xfa]).flatten().collect();
    Set::of(GBK.decode(&bytes).0.chars())
});
/// Traditional forms of common characters.
static TRADITIONAL: LazyLock<Set> = LazyLock::new(|| {
    Set::of(('\u{4e00}'..='\u{9fff}').filter(|c| !is_common(*c) && is_common(simplify_char(*c))))
});

/// True if `c` is one of the 3,755 common characters.
pub(crate) fn is_common(c: char) -> bool {
    COMMON.holds(c)
}

/// True if `c` is punctuation, a digit or a letter used in official texts.
fn is_plain(c: char) -> bool {
    c.is_ascii_graphic() || "，。、；：？！“”‘’（）《》〈〉—…·％ \u{3000}\n〔〕【】".contains(c)
}

/// Plausibility of a simplified text: 1 for common characters and ordinary punctuation only, lower for rare characters,
/// lowest for characters that no text contains.
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

/// Improbability of `c`, in either script: 0 for characters of every text, 5 for those of none.
pub(crate) fn cost(c: char) -> u32 {
    match c {
        _ if is_common(c) || is_plain(c) || c.is_ascii_whitespace() => 0,
        '①'..='⑳' | '㎡' | '℃' | '×' | '±' | '≤' | '≥' | '\u{ff01}'..='\u{ff5e}' => 1,
        '\u{4e00}'..='\u{9fff}' if TRADITIONAL.holds(c) => 1,
        '\u{4e00}'..='\u{9fff}' => 4,
        _ => 5,
    }
}

/// Number of neighbouring characters examined together, and the maximum sum of their costs.
const WINDOW: usize = 8;
const SUSPICIOUS: u32 = 14;

/// True if `text` contains neighbouring characters that are too rare to be genuine.
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
    fn language_is_distinguished_from_noise() {
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
