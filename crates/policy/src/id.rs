//! Ids of items, documents, enterprises and tenants: permitted texts, and detection of ids that look the same.
//!
//! An id is printed in lists, messages and terminals, and people compare ids by eye. So it contains no invisible characters and
//! none that move the surrounding text, and one set never contains two ids that look the same.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use crate::code::uscc;
use crate::limits;

/// Reason why a text cannot be an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdFault {
    /// It has no visible character.
    #[error("标识是空的")]
    Empty,
    /// It has more characters than [`limits::MAX_ID_LENGTH`].
    #[error("标识有 {0} 个字符，至多 {max} 个", max = limits::MAX_ID_LENGTH)]
    TooLong(usize),
    /// A character that no id may contain.
    #[error("标识的第 {position} 个字符 U+{code:04X} 是{kind}，不能用", code = u32::from(*character))]
    Character {
        /// The character.
        character: char,
        /// Position of the character, from 1.
        position: usize,
        /// Kind of character, in Chinese.
        kind: &'static str,
    },
    /// Number that a spreadsheet made of a 统一社会信用代码: the code cannot be recovered from it.
    #[error("`{0}` 是被表格软件当作数字截断的统一社会信用代码，后几位已经丢失，应从原始数据取文本")]
    Cut(String),
    /// Another id looks the same ([`fold_id`]).
    #[error("标识 `{id}` 与已有的 `{other}` 看起来相同（只差大小写、全角半角或空白）")]
    LooksLike {
        /// The refused id.
        id: String,
        /// The id that was added before.
        other: String,
    },
}

/// Checks that `id` can be the id of an item, a document, an enterprise or a tenant.
///
/// # Errors
/// The first fault found: too long, a forbidden character (a control character, an invisible one such as those of zero width or
/// of writing direction, one of private use, one that Unicode does not define), or no visible character.
pub fn check_id(id: &str) -> Result<(), IdFault> {
    // A character takes at most four bytes, so a long text need not be counted.
    let long = id.len() > 4 * limits::MAX_ID_LENGTH || id.chars().count() > limits::MAX_ID_LENGTH;
    if long {
        return Err(IdFault::TooLong(id.chars().count()));
    }
    for (index, character) in id.chars().enumerate() {
        if let Some(kind) = refused(character) {
            return Err(IdFault::Character { character, position: index + 1, kind });
        }
    }
    if id.chars().all(char::is_whitespace) { Err(IdFault::Empty) } else { Ok(()) }
}

/// Id of an enterprise: a 统一社会信用代码 in its canonical form ([`uscc::canonical`]), and any other text without blanks at its ends.
///
/// # Errors
/// [`IdFault::Cut`] for a code that a spreadsheet cut; those of [`check_id`] for a text that is no code.
pub fn enterprise_id(text: &str) -> Result<String, IdFault> {
    if uscc::is_cut(text) {
        return Err(IdFault::Cut(escape_invisible(text)));
    }
    if let Some(code) = uscc::canonical(text) {
        return Ok(code);
    }
    let text = text.trim();
    check_id(text).map(|()| text.to_owned())
}

/// Form in which ids that look the same are equal: compatibility forms and widths (NFKC), case, runs of blanks of any kind, and
/// invisible characters do not count.
pub fn fold_id(id: &str) -> String {
    let mut folded = String::with_capacity(id.len());
    for letter in id.nfkc().flat_map(char::to_lowercase).nfkc().filter(|letter| !invisible(*letter)) {
        if !is_blank(letter) {
            folded.push(letter);
        } else if !folded.is_empty() && !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded.truncate(folded.trim_end_matches(' ').len());
    folded
}

/// Set of ids, none of which look the same.
#[derive(Clone, Debug, Default)]
pub struct IdSet {
    /// Ids by their folded form.
    ids: HashMap<String, String>,
}

impl IdSet {
    /// Adds an id; false if the set already has it.
    ///
    /// # Errors
    /// [`IdFault::LooksLike`] if the set has another id that looks the same. The id is not added then.
    pub fn add(&mut self, id: &str) -> Result<bool, IdFault> {
        match self.ids.entry(fold_id(id)) {
            Entry::Vacant(free) => {
                free.insert(id.to_owned());
                Ok(true)
            }
            Entry::Occupied(taken) if taken.get() == id => Ok(false),
            Entry::Occupied(taken) => {
                Err(IdFault::LooksLike { id: escape_invisible(id), other: escape_invisible(taken.get()) })
            }
        }
    }
}

/// `text` for a message: characters forbidden in ids are written as `\u{202e}`, and an excessive length is cut.
pub fn escape_invisible(text: &str) -> String {
    let mut out = String::new();
    for (index, letter) in text.chars().enumerate() {
        if index == limits::MAX_ID_LENGTH {
            out.push('…');
            break;
        }
        match refused(letter) {
            Some(_) => out.extend(letter.escape_unicode()),
            None => out.push(letter),
        }
    }
    out
}

/// Kind of a character that no id may contain; `None` if it is allowed.
fn refused(letter: char) -> Option<&'static str> {
    match letter.general_category() {
        _ if letter.is_ascii_graphic() || letter == ' ' => None,
        GeneralCategory::Control => Some("控制字符"),
        GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => Some("换行符"),
        GeneralCategory::PrivateUse => Some("私用区字符"),
        GeneralCategory::Unassigned | GeneralCategory::Surrogate => Some("未定义的字符"),
        _ if invisible(letter) => Some("看不见的字符（零宽、方向控制或填充）"),
        _ => None,
    }
}

/// True for an invisible character that is no blank: formats such as zero width and writing direction, joiners, fillers and
/// variation selectors.
pub(crate) fn invisible(letter: char) -> bool {
    letter.general_category() == GeneralCategory::Format
        || matches!(letter,
            '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2065}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Invisible characters, and those that move the surrounding text, are no part of an id.
    #[test]
    fn invisible_characters_are_refused() {
        let refused = [
            '\0',
            '\u{1b}',
            '\n',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{202e}',
            '\u{2028}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{fe0f}',
            '\u{3164}',
            '\u{115f}',
            '\u{2800}',
            '\u{e000}',
            '\u{e0041}',
            '\u{e0100}',
            '\u{fffe}',
            '\u{378}',
            '\u{f0000}',
            '\u{61c}',
        ];
        for letter in refused {
            match check_id(&format!("甲{letter}b")) {
                Err(IdFault::Character { character, position: 2, .. }) => assert_eq!(character, letter),
                other => panic!("U+{:04X}: {other:?}", u32::from(letter)),
            }
            assert!(
                escape_invisible(&format!("甲{letter}b")).starts_with("甲\\u{"),
                "U+{:04X}",
                u32::from(letter)
            );
        }
        let fault = check_id("a\u{202e}b").unwrap_err().to_string();
        assert_eq!(fault, "标识的第 2 个字符 U+202E 是看不见的字符（零宽、方向控制或填充），不能用");
        assert_eq!(check_id(" \u{3000}"), Err(IdFault::Empty));
        assert_eq!(check_id(""), Err(IdFault::Empty));
        let longest = "长".repeat(limits::MAX_ID_LENGTH);
        assert_eq!(check_id(&longest), Ok(()));
        assert_eq!(check_id(&format!("{longest}长")), Err(IdFault::TooLong(201)));
        for good in [
            "cn-hnte-2016",
            "91310104MA1FR000X6",
            "国科发火〔2016〕32号",
            "a b",
            "ａ／b",
            "é",
            "é",
            "𠮷野",
            "№3",
        ] {
            assert_eq!(check_id(good), Ok(()), "{good}");
        }
    }

    /// Ids that look the same have the same folded form.
    #[test]
    fn lookalike_ids_are_refused() {
        for (a, b) in [
            ("zwsp", "zwsp\u{200b}"),
            ("ABC", "abc"),
            ("ＡＢＣ－１", "abc-1"),
            ("a b", " a\u{a0}\u{3000} b "),
            ("é", "e\u{301}"),
            ("ﬁn", "FIN"),
            ("①", "1"),
        ] {
            assert_eq!(fold_id(a), fold_id(b), "{a} {b}");
            assert_eq!(fold_id(&fold_id(a)), fold_id(a));
            let mut ids = IdSet::default();
            assert_eq!(ids.add(a), Ok(true));
            assert_eq!(ids.add(a), Ok(false));
            let fault = ids.add(b).unwrap_err();
            assert!(matches!(fault, IdFault::LooksLike { .. }), "{fault}");
        }
        assert_ne!(fold_id("ab"), fold_id("a b"));
        assert_ne!(fold_id("甲"), fold_id("乙"));
    }

    #[test]
    fn credit_codes_are_normalized() {
        let code = "91310104MA1FR000X6";
        for written in [
            "91310104ma1fr000x6",
            "９１３１０１０４ＭＡ１ＦＲ０００Ｘ６",
            " 91310104 MA1FR000X6 ",
            "'91310104MA1FR000X6",
            "\u{feff}91310104\u{200b}MA1FR000X6",
            "=\"91310104MA1FR000X6\"",
            "“91310104MA1FR000X6”",
            "91310104MA1FR000X6\t",
        ] {
            assert_eq!(enterprise_id(written).as_deref(), Ok(code), "{written:?}");
        }
        // So is a code that fails its check: there are real ones.
        assert_eq!(enterprise_id("91310104ma1fr0001x").as_deref(), Ok("91310104MA1FR0001X"));
        assert_eq!(enterprise_id(" e 1 ").as_deref(), Ok("e 1"));
        for cut in ["914401010525651000", "9.13E+17"] {
            assert!(matches!(enterprise_id(cut), Err(IdFault::Cut(_))), "{cut}");
        }
        assert!(enterprise_id("e\u{200b}1").is_err());
        assert_eq!(enterprise_id("E1").as_deref(), Ok("E1"));
    }
}
