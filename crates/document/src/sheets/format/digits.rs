//! Digits of numbers: rounding, groups and places as a section asks for them.

use super::Token;

/// A number without sign in a section; `None` where the section cannot show it.
pub(super) fn number(section: &[Token], value: f64, negative: bool) -> Option<String> {
    let percents = section.iter().filter(|token| **token == Token::Percent).count();
    let point = section.iter().position(|token| *token == Token::Point).unwrap_or(section.len());
    let (whole, fraction) = section.split_at_checked(point)?;
    let is_digit = |token: &Token| matches!(token, Token::Digit { .. });
    let places = fraction.iter().filter(|token| is_digit(token)).count();
    let last = section.iter().rposition(is_digit);
    let thousands =
        section.iter().skip(last.map_or(0, |at| at + 1)).filter(|token| **token == Token::Comma).count();
    let groups = whole.iter().take(last.unwrap_or(0)).any(|token| *token == Token::Comma);
    if percents > 2 || thousands > 4 || places > 30 {
        return None;
    }
    if last.is_none() {
        // Words alone, such as a dash for zero.
        return Some(literals(section));
    }
    let scaled =
        scale(value, 2 * i32::try_from(percents).ok()? - 3 * i32::try_from(thousands).ok()?, places)?;
    let (digits, decimals) = scaled.split_once('.').unwrap_or((&scaled, ""));
    let is_zero = scaled.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let mut shown = String::new();
    if negative && !is_zero {
        shown.push('-');
    }
    let digits = digits.trim_start_matches('0');
    let slots = whole.iter().filter(|token| is_digit(token)).count();
    let length = digits.len();
    // Digits that have no place of their own stand before the first.
    let mut left = digits.chars();
    let mut slot = slots;
    for token in whole {
        match token {
            Token::Digit { zero } => {
                let count = if slot == slots { (length + 1).saturating_sub(slots) } else { 1 };
                let known = length >= slot;
                if known {
                    for _ in 0..count.max(1) {
                        shown.extend(left.next());
                        group(&mut shown, left.as_str().len(), groups);
                    }
                } else if *zero {
                    shown.push('0');
                    group(&mut shown, slot - 1, groups);
                }
                slot -= 1;
            }
            Token::Literal(literal) => shown.push_str(literal),
            Token::Percent => shown.push('%'),
            Token::Point | Token::Comma => {}
        }
    }
    let mut decimals = decimals.chars();
    let needed = fraction_length(fraction, decimals.as_str());
    let mut place = 0;
    for token in fraction {
        match token {
            Token::Point if needed > 0 => shown.push('.'),
            Token::Digit { .. } => {
                place += 1;
                let digit = decimals.next().unwrap_or('0');
                if place <= needed {
                    shown.push(digit);
                }
            }
            Token::Literal(literal) => shown.push_str(literal),
            Token::Percent => shown.push('%'),
            Token::Point | Token::Comma => {}
        }
    }
    Some(shown)
}

/// Puts a comma behind a digit that has `left` digits behind it.
fn group(shown: &mut String, left: usize, groups: bool) {
    if groups && left > 0 && left.is_multiple_of(3) {
        shown.push(',');
    }
}

/// How many decimals are shown: all that are no zero, and those that the section asks for.
fn fraction_length(fraction: &[Token], decimals: &str) -> usize {
    let digits = fraction.iter().filter_map(|token| match token {
        Token::Digit { zero } => Some(*zero),
        _ => None,
    });
    let asked = digits.enumerate().filter(|(_, zero)| *zero).map(|(at, _)| at + 1).last().unwrap_or(0);
    asked.max(decimals.trim_end_matches('0').len())
}

fn literals(section: &[Token]) -> String {
    let words = section.iter().map(|token| match token {
        Token::Literal(literal) => literal.as_str(),
        Token::Percent => "%",
        _ => "",
    });
    words.collect()
}

/// A number times a power of ten, rounded to so many decimals as Excel rounds: by its 15 digits, half away from zero.
fn scale(value: f64, power: i32, decimals: usize) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let (digits, exponent) = significant(value)?;
    let point = exponent + 1 + power;
    // Digits before the cut that rounds.
    let cut = point + i32::try_from(decimals).ok()?;
    if point > 40 || cut < -1 {
        return (cut < -1).then(|| plain(&[], decimals));
    }
    let cut = usize::try_from(cut).unwrap_or(0);
    let mut kept: Vec<u8> = digits.iter().copied().chain(std::iter::repeat(0)).take(cut).collect();
    let rounds = point + i32::try_from(decimals).ok()? >= 0 && digits.get(cut).is_some_and(|next| *next >= 5);
    if rounds {
        let mut at = kept.len();
        loop {
            let Some(before) = at.checked_sub(1) else {
                kept.insert(0, 1);
                break;
            };
            at = before;
            let Some(digit) = kept.get_mut(at) else { break };
            if *digit < 9 {
                *digit += 1;
                break;
            }
            *digit = 0;
        }
    }
    Some(plain(&kept, decimals))
}

/// Digits of which the last `decimals` are decimals.
fn plain(digits: &[u8], decimals: usize) -> String {
    let missing = (decimals + 1).saturating_sub(digits.len());
    let all: Vec<u8> = std::iter::repeat_n(0, missing).chain(digits.iter().copied()).collect();
    let mut written = String::new();
    for (at, digit) in all.iter().enumerate() {
        if at + decimals == all.len() && decimals > 0 {
            written.push('.');
        }
        written.push(char::from(b'0' + digit));
    }
    written
}

/// The 15 digits that a cell keeps of a number, and the power of ten of the first.
fn significant(value: f64) -> Option<(Vec<u8>, i32)> {
    let written = format!("{value:.14e}");
    let (digits, exponent) = written.split_once('e')?;
    let digits = digits.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect();
    Some((digits, exponent.parse().ok()?))
}

/// A number as a cell without format shows it, without rounding to the cell's width.
pub(super) fn general(value: f64, written: &str) -> String {
    let is_whole = !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole || !value.is_finite() || value.abs() >= 1e21 {
        return written.to_owned();
    }
    let Some((digits, exponent)) = significant(value.abs()) else { return written.to_owned() };
    if exponent < -30 {
        return written.to_owned();
    }
    let count = digits.iter().rposition(|digit| *digit != 0).map_or(1, |at| at + 1);
    let decimals = (i32::try_from(count).unwrap_or(0) - 1 - exponent).max(0);
    let decimals = usize::try_from(decimals).unwrap_or(0);
    let shown = scale(value.abs(), 0, decimals).unwrap_or_else(|| written.to_owned());
    if value < 0.0 { format!("-{shown}") } else { shown }
}
