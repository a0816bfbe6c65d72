//! The guard over decoded text: what can be repaired mechanically is repaired and counted; text that cannot be what is
//! seen makes its paragraph unreadable.

use encoding_rs::GBK;

use super::lines::is_ideograph;

/// Changes that the guard made to the text of a document.
#[derive(Debug, Default)]
pub(super) struct Repairs {
    /// Letters that were the bytes of Chinese characters.
    pub(super) letters: usize,
    /// Marks before items that are in no character set.
    pub(super) bullets: usize,
}

/// The text as it is meant; `None` where it cannot be told.
pub(super) fn repaired(text: &str, repairs: &mut Repairs) -> Option<String> {
    let mut folded = text.to_owned();
    if let Some(rest) = folded.strip_prefix('\u{FFFD}')
        && rest.chars().any(|c| !c.is_whitespace())
        && !rest.starts_with('\u{FFFD}')
        && !rest.starts_with(|c: char| c.is_ascii_digit())
    {
        // A mark before an item, in a font of ornaments. Before a digit it could be a sign of the number.
        folded = rest.trim_start().to_owned();
        repairs.bullets += 1;
    }
    let sound = folded.trim_end_matches('\u{FFFD}').len();
    if sound < folded.len() && folded.get(..sound).is_some_and(|text| text.ends_with('。')) {
        // A mark behind the end of a sentence, such as the code of a blank in the writer's own fonts.
        folded.truncate(sound);
        repairs.bullets += 1;
    }
    if folded.chars().any(is_latin_1) {
        folded = letters(&folded, repairs)?;
    }
    (!folded.contains('\u{FFFD}') && !has_foreign_beside_digit(&folded)).then_some(folded)
}

/// The character meant by a glyph that writers of PDF take for another one, as both look alike.
pub(super) fn ideograph(character: char) -> char {
    match character {
        // Fonts of simplified Chinese (read from the tables of Noto Sans and Serif CJK SC) draw both by one glyph.
        '㬵' => '胶',
        '〜' => '～',
        '∕' => '／',
        '\u{2329}' => '〈',
        '\u{232A}' => '〉',
        _ => zhaoren_text::ideograph(character),
    }
}

fn is_latin_1(character: char) -> bool {
    ('\u{80}'..='\u{FF}').contains(&character)
}

/// Letters in a row that cannot be a word of a Chinese text.
const LETTERS: usize = 4;

/// Runs of Latin-1 that decode whole as GBK or UTF-8, decoded; `None` for a long run that does not.
fn letters(text: &str, repairs: &mut Repairs) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut out = String::new();
    for run in characters.chunk_by(|one, other| is_latin_1(*one) == is_latin_1(*other)) {
        let foreign = run.first().is_some_and(|c| is_latin_1(*c));
        if !foreign || run.len() < LETTERS {
            out.extend(run);
            continue;
        }
        // Signs such as ·· or ×÷ are no letters.
        if run.iter().all(|c| !c.is_alphabetic()) {
            out.extend(run);
            continue;
        }
        let bytes: Vec<u8> = run.iter().filter_map(|c| u8::try_from(u32::from(*c)).ok()).collect();
        let decoded = String::from_utf8(bytes.clone()).ok().or_else(|| {
            GBK.decode_without_bom_handling_and_without_replacement(&bytes).map(std::borrow::Cow::into_owned)
        })?;
        if !decoded.chars().all(|c| {
            is_ideograph(c)
                || matches!(c, '\u{3000}'..='\u{303F}' | '\u{FF00}'..='\u{FFEF}' | '“' | '”' | '·')
        }) {
            return None;
        }
        repairs.letters += decoded.chars().count();
        out.push_str(&decoded);
    }
    Some(out)
}

/// True if a digit stands beside a character that Chinese official texts do not have: the sign of codes that were
/// decoded by the wrong table, where the digit may be as wrong as its neighbour.
fn has_foreign_beside_digit(text: &str) -> bool {
    let mut previous = ' ';
    for character in text.chars() {
        let digit = |c: char| c.is_ascii_digit();
        if (digit(previous) && is_foreign(character)) || (digit(character) && is_foreign(previous)) {
            return true;
        }
        previous = character;
    }
    false
}

/// True if the character is of no script or set of signs that Chinese official texts use.
fn is_foreign(character: char) -> bool {
    !matches!(
        character,
        '\u{20}'..='\u{17F}'
            | '\u{1CD}'..='\u{1DC}'
            | '\u{2C6}'..='\u{2DD}'
            | '\u{370}'..='\u{45F}'
            | '\u{2000}'..='\u{27BF}'
            | '\u{2E80}'..='\u{30FF}'
            | '\u{3100}'..='\u{312F}'
            | '\u{31C0}'..='\u{9FFF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{FE10}'..='\u{FE6F}'
            | '\u{FF00}'..='\u{FFEF}'
            | '\u{1F100}'..='\u{1F2FF}'
            | '\u{20000}'..='\u{3FFFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repaired(text: &str) -> Option<String> {
        super::repaired(text, &mut Repairs::default())
    }

    #[test]
    fn bytes_displayed_as_letters_are_decoded() {
        assert_eq!(repaired("ÓªÒµÊÕÈë2000").as_deref(), Some("营业收入2000"));
        assert_eq!(repaired("éÿÿÿàü"), None);
        assert_eq!(repaired("5×10·3±2").as_deref(), Some("5×10·3±2"));
    }

    #[test]
    fn damage_makes_a_text_unreadable() {
        assert_eq!(repaired("注册资本\u{FFFD}00万元"), None);
        assert_eq!(repaired("注册资本5ƃ0万元"), None);
        assert_eq!(repaired("\u{FFFD} 提交材料").as_deref(), Some("提交材料"));
        assert_eq!(repaired("\u{FFFD}5万元"), None);
        assert_eq!(repaired("提交材料。\u{FFFD}\u{FFFD}").as_deref(), Some("提交材料。"));
        assert_eq!(repaired("不超过\u{FFFD}"), None);
    }
}
