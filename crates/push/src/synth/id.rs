//! Ids of synthetic enterprises (合成统一社会信用代码): well-formed, and nobody's.
//!
//! The form is that of GB 32100-2015, with both check characters, so that whatever checks ids can be tried on them. The
//! six digits of the registrar's division are `000000`: GB/T 2260 has no province `00`, and the national registrar
//! writes `100000`, so no registrar has ever given such an id. An id depends on the enterprise's number alone, not on
//! the seed: two cities have the same ids, with other enterprises behind them.

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// 91: an enterprise registered by the market regulator; 000000: no division that there is.
const HEAD: &[u8; 8] = b"91000000";

/// The id of enterprise number `n`; `n` is below 31 to the power 8.
pub fn id_of(n: u64) -> String {
    let mut code = [b'0'; 18];
    for (place, letter) in code.iter_mut().zip(HEAD) {
        *place = *letter;
    }
    let mut rest = n;
    for place in code.iter_mut().skip(8).take(8).rev() {
        *place = letter(rest % 31);
        rest /= 31;
    }
    let organisation = organisation_check(code.get(8..16).unwrap_or_default());
    if let Some(place) = code.get_mut(16) {
        *place = organisation;
    }
    let check = check_character(code.get(..17).unwrap_or_default());
    if let Some(place) = code.get_mut(17) {
        *place = check;
    }
    code.iter().map(|&letter| char::from(letter)).collect()
}

fn letter(value: u64) -> u8 {
    usize::try_from(value).ok().and_then(|at| ALPHABET.get(at)).copied().unwrap_or(b'0')
}

/// GB 11714: weights 3, 7, 9, 10, 5, 8, 4, 2 over A = 10 … Z = 35; 11 less the sum modulo 11; 10 is X, 11 is 0.
fn organisation_check(code: &[u8]) -> u8 {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let value = |letter: u8| char::from(letter).to_digit(36).unwrap_or(0);
    let sum: u32 = code.iter().zip(WEIGHTS).map(|(&letter, weight)| value(letter) * weight).sum();
    match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        digit => letter(u64::from(digit)),
    }
}

/// GB 32100: weights 3 to the power of the place modulo 31; 31 less the sum modulo 31; 31 is 0.
fn check_character(code: &[u8]) -> u8 {
    let mut weight = 1;
    let mut sum = 0;
    for byte in code {
        sum += weight * ALPHABET.iter().position(|letter| letter == byte).unwrap_or(0) as u64;
        weight = weight * 3 % 31;
    }
    letter((31 - sum % 31) % 31)
}
