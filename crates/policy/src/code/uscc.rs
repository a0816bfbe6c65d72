//! 统一社会信用代码, the eighteen-character identifier of an organisation (GB 32100-2015).

use unicode_normalization::UnicodeNormalization;

/// Fault of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsccFault {
    /// It does not have eighteen characters of the permitted set.
    #[error("expected 18 characters of 0-9 and A-Z without I, O, S, V, Z")]
    Form,
    /// The ninth to seventeenth characters, an organisation code, fail their own check (GB 11714).
    #[error("characters 9 to 17 fail the organisation code's check (GB 11714)")]
    Organisation,
    /// The last character is not the check character of the others.
    #[error("check character should be `{expected}`")]
    Check {
        /// Check character of the first seventeen.
        expected: char,
    },
}

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Checks form and both check characters. Real codes exist that fail a check: warn, do not refuse.
///
/// # Errors
/// The first fault found: form, then the last character, then the organisation code.
pub fn check(code: &str) -> Result<(), UsccFault> {
    let values = values(code).filter(|values| values.len() == 18).ok_or(UsccFault::Form)?;
    let expected = last_character(&values);
    if !code.ends_with(expected) {
        return Err(UsccFault::Check { expected });
    }
    let organisation = code.get(8..16).and_then(organisation_check);
    if code.chars().nth(16) == organisation { Ok(()) } else { Err(UsccFault::Organisation) }
}

/// Code that begins with these sixteen characters, with both check characters; `None` if they are not sixteen of the permitted
/// set.
pub fn complete(begin: &str) -> Option<String> {
    let mut code = begin.get(..16).filter(|text| text.len() == begin.len())?.to_owned();
    code.push(organisation_check(code.get(8..)?)?);
    let last = last_character(&values(&code)?);
    code.push(last);
    Some(code)
}

/// Character of a value from 0 to 30.
pub fn character(value: usize) -> Option<char> {
    ALPHABET.get(value).copied().map(char::from)
}

/// Canonical form of a text that has the form of a code, whether or not its checks pass: eighteen half-width capitals and digits.
/// Case, width, blanks, invisible signs, quotes, apostrophes and the `="…"` of spreadsheets do not count. `None` for any other
/// text.
///
/// The letters I, O, S, V and Z, which no code has, are kept: a code that is misspelt with them stays another code.
pub fn canonical(text: &str) -> Option<String> {
    /// Bytes of the longest notation of a code that is looked at.
    const LONGEST: usize = 800;
    if is_form(text.as_bytes()) {
        return Some(text.to_owned());
    }
    // A text far longer than a code is none, whatever signs surround it.
    if text.len() < 18 || text.len() > LONGEST {
        return None;
    }
    let skipped = |letter: &char| {
        letter.is_whitespace()
            || matches!(letter, '\'' | '’' | '‘' | '`' | '"' | '“' | '”')
            || crate::id::invisible(*letter)
    };
    let code: String = text.nfkc().filter(|letter| !skipped(letter)).flat_map(char::to_uppercase).collect();
    let code = code.strip_prefix('=').unwrap_or(&code);
    is_form(code.as_bytes()).then(|| code.to_owned())
}

/// True for eighteen capitals and digits whose third to eighth, the place of registration, are digits or letters that are taken
/// for digits.
fn is_form(code: &[u8]) -> bool {
    code.len() == 18
        && code.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && code.iter().take(2).all(|byte| byte.is_ascii_digit() || b"ANY".contains(byte))
        && code.iter().skip(2).take(6).all(|byte| byte.is_ascii_digit() || matches!(byte, b'O' | b'I'))
}

/// True for a text that a spreadsheet made of a code by taking it for a number: eighteen digits of which the last three became
/// zeros, or `9.13101E+17`. The code cannot be recovered from it.
pub fn is_cut(text: &str) -> bool {
    if let Some(code) = canonical(text) {
        return code.ends_with("000")
            && code.bytes().all(|byte| byte.is_ascii_digit())
            && check(&code).is_err();
    }
    let text = text.trim();
    let Some((digits, "17")) =
        text.split_once(['E', 'e']).map(|(digits, power)| (digits, power.trim_start_matches('+')))
    else {
        return false;
    };
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// Doubt, in Chinese, about a text in the form of a code ([`canonical`]); `None` for a good code and for any other text.
pub fn doubt(code: &str) -> Option<String> {
    if !is_form(code.as_bytes()) {
        return None;
    }
    let foreign = |(place, letter): (usize, char)| {
        let meant = match letter {
            'O' => "，应为数字 0",
            'I' => "，应为数字 1",
            'S' | 'V' | 'Z' => "",
            _ => return None,
        };
        Some(format!(
            "统一社会信用代码第 {} 位是字母 {letter}，代码中没有这个字母{meant}（GB 32100）",
            place + 1
        ))
    };
    if let Some(doubt) = code.chars().enumerate().find_map(foreign) {
        return Some(doubt);
    }
    match check(code) {
        Err(UsccFault::Check { expected }) => {
            Some(format!("统一社会信用代码的校验位应为 `{expected}`（GB 32100）"))
        }
        Err(UsccFault::Organisation) => {
            Some("统一社会信用代码第 9 至 17 位的组织机构代码校验不符（GB 11714）".to_owned())
        }
        Ok(()) | Err(UsccFault::Form) => None,
    }
}

fn values(code: &str) -> Option<Vec<usize>> {
    code.bytes().map(|byte| ALPHABET.iter().position(|&c| c == byte)).collect()
}

/// W_i = 3^(i-1) mod 31; C18 = (31 - sum C_i W_i mod 31) mod 31.
fn last_character(values: &[usize]) -> char {
    let mut weight = 1;
    let mut sum = 0;
    for value in values.iter().take(17) {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    character((31 - sum % 31) % 31).unwrap_or('0')
}

/// GB 11714: weights 3, 7, 9, 10, 5, 8, 4, 2 over A = 10 … Z = 35; 11 - sum mod 11; 10 is X, 11 is 0.
fn organisation_check(code: &str) -> Option<char> {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: Option<u32> =
        code.chars().zip(WEIGHTS).map(|(c, weight)| c.to_digit(36).map(|value| value * weight)).sum();
    match 11 - sum? % 11 {
        10 => Some('X'),
        11 => Some('0'),
        digit => char::from_digit(digit, 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_codes_are_accepted() {
        for good in ["91350100M000100Y43", "91512081MA62K0260E", "91310104MA1FR000X6"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert_eq!(check("91350100M000100Y4Z"), Err(UsccFault::Form));
        assert_eq!(check("91310104MA1FR0001X"), Err(UsccFault::Check { expected: 'F' }));
        assert_eq!(check("9131"), Err(UsccFault::Form));
        assert_eq!(check("九一三一"), Err(UsccFault::Form));
    }

    /// A code that a spreadsheet took for a number is reported, and so is one with a letter that no code has.
    #[test]
    fn damaged_codes_are_rejected() {
        for cut in
            ["914401010525651000", "９１４４０１０１０５２５６５１０００", "9.1440101052565E+17", "9.14e17"]
        {
            assert!(is_cut(cut), "{cut}");
        }
        for whole in
            ["91310104MA1FR000X6", "911101080828414000X", "9.1E+16", "E17", "e1", "914401010525651001"]
        {
            assert!(!is_cut(whole), "{whole}");
        }
        assert_eq!(canonical("9131o104ma1fr000x6").as_deref(), Some("9131O104MA1FR000X6"));
        assert!(
            doubt("9131O104MA1FR000X6").unwrap().contains("第 5 位是字母 O，代码中没有这个字母，应为数字 0")
        );
        assert!(doubt("91310104MA1FR000X7").unwrap().contains("校验位应为 `6`"));
        for other in ["e1", "abcdefghijklmnopqr", "123456-78901234567", "91310104MA1FR000X6"] {
            assert_eq!(doubt(other), None, "{other}");
        }
        assert_eq!(canonical("abcdefghijklmnopqr"), None);
    }
}
