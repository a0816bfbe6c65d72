//! 统一社会信用代码, the eighteen-character identifier of an organisation (GB 32100-2015).

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
    fn known_codes() {
        for good in ["91350100M000100Y43", "91512081MA62K0260E", "91310104MA1FR000X6"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert_eq!(check("91350100M000100Y4Z"), Err(UsccFault::Form));
        assert_eq!(check("91310104MA1FR0001X"), Err(UsccFault::Check { expected: 'F' }));
        assert_eq!(check("9131"), Err(UsccFault::Form));
        assert_eq!(check("九一三一"), Err(UsccFault::Form));
    }
}
