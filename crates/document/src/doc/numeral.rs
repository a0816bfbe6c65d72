//! Automatic numbers in the formats of Word (`MSONFC`, [MS-OSHARED] 2.2.1.3).

const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
const LEGAL: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
const STEMS: &str = "甲乙丙丁戊己庚辛壬癸";
const BRANCHES: &str = "子丑寅卯辰巳午未申酉戌亥";

/// A number as it is seen; `None` for bullets and formats without signs.
///
/// Formats that no Chinese document has are written in Arabic digits.
pub(crate) fn numeral(format: u8, number: u32) -> Option<String> {
    let plain = || number.to_string();
    Some(match format {
        0x17 | 0xFF => return None,
        1 => roman(number),
        2 => roman(number).to_lowercase(),
        3 => letters(number, 'A'),
        4 => letters(number, 'a'),
        // Digit for digit: 二〇.
        0x0A | 0x24 => plain().bytes().map(|digit| digit_of(digit, &DIGITS)).collect(),
        // Counted: 二十.
        0x0B | 0x21 | 0x23 | 0x25 | 0x27 | 0x28 => counted(number, &DIGITS, ['十', '百', '千', '万'], '零'),
        0x0D | 0x0E | 0x13 => plain().chars().map(full_width).collect(),
        0x10 | 0x11 | 0x22 | 0x26 => counted(number, &LEGAL, ['拾', '佰', '仟', '万'], '零'),
        0x12 | 0x1C => enclosed(number, '①', 20).unwrap_or_else(plain),
        0x16 if number < 10 => format!("0{number}"),
        0x1A => enclosed(number, '⒈', 20).unwrap_or_else(plain),
        0x1B => enclosed(number, '⑴', 20).unwrap_or_else(plain),
        0x1D => enclosed(number, '㊀', 10).unwrap_or_else(plain),
        0x1E => nth(STEMS, number).unwrap_or_else(plain),
        0x1F => nth(BRANCHES, number).unwrap_or_else(plain),
        0x39 => format!("- {number} -"),
        _ => plain(),
    })
}

fn digit_of(digit: u8, digits: &[char; 10]) -> char {
    digits.get(usize::from(digit.wrapping_sub(b'0'))).copied().unwrap_or('?')
}

fn full_width(digit: char) -> char {
    char::from_u32(u32::from(digit) - u32::from('0') + u32::from('０')).unwrap_or(digit)
}

fn enclosed(number: u32, first: char, last: u32) -> Option<String> {
    (1..=last)
        .contains(&number)
        .then(|| char::from_u32(u32::from(first) + number - 1))
        .flatten()
        .map(String::from)
}

fn nth(signs: &str, number: u32) -> Option<String> {
    signs.chars().nth(usize::try_from(number.checked_sub(1)?).ok()?).map(String::from)
}

/// A number in words, to 99,999,999; 10 to 19 begin with 十 where digits are not the legal ones.
fn counted(number: u32, digits: &[char; 10], units: [char; 4], zero: char) -> String {
    let digit = |value: u32| digits.get(value as usize).copied().unwrap_or('?');
    if number == 0 {
        return zero.to_string();
    }
    if number >= 100_000_000 {
        return number.to_string();
    }
    let [ten, hundred, thousand, myriad] = units;
    let below = |mut rest: u32, text: &mut String, mut gap: bool| {
        for (value, unit) in [(1000, Some(thousand)), (100, Some(hundred)), (10, Some(ten)), (1, None)] {
            let count = rest / value;
            rest %= value;
            if count == 0 {
                gap |= !text.is_empty();
                continue;
            }
            if gap {
                text.push(zero);
            }
            gap = false;
            text.push(digit(count));
            text.extend(unit);
        }
    };
    let mut text = String::new();
    let (high, low) = (number / 10_000, number % 10_000);
    if high > 0 {
        below(high, &mut text, false);
        text.push(myriad);
    }
    if low > 0 {
        below(low, &mut text, false);
    }
    match text.strip_prefix("一十") {
        Some(rest) => format!("十{rest}"),
        None => text,
    }
}

/// A, B … Z, AA, BB …
fn letters(number: u32, first: char) -> String {
    let Some(index) = number.checked_sub(1) else { return String::new() };
    let letter = char::from_u32(u32::from(first) + index % 26).unwrap_or(first);
    // Word repeats the letter; a number that would repeat it without end is written in digits.
    let times = index / 26 + 1;
    if times > 30 { number.to_string() } else { std::iter::repeat_n(letter, times as usize).collect() }
}

fn roman(number: u32) -> String {
    if number == 0 || number >= 4000 {
        return number.to_string();
    }
    let signs = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let (mut text, mut rest) = (String::new(), number);
    for (value, sign) in signs {
        while rest >= value {
            text.push_str(sign);
            rest -= value;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_word_writes_them() {
        let cases = [
            (0x27, 1, "一"),
            (0x27, 10, "十"),
            (0x27, 12, "十二"),
            (0x27, 20, "二十"),
            (0x27, 105, "一百零五"),
            (0x27, 110, "一百一十"),
            (0x27, 1010, "一千零一十"),
            (0x27, 20_005, "二万零五"),
            (0x0A, 20, "二〇"),
            (0x26, 12, "壹拾贰"),
            (0x0E, 12, "１２"),
            (0x12, 3, "③"),
            (0x12, 21, "21"),
            (0x1E, 2, "乙"),
            (1, 14, "XIV"),
            (4, 28, "bb"),
            (0x16, 7, "07"),
            (0, 3, "3"),
        ];
        for (format, number, text) in cases {
            assert_eq!(numeral(format, number).as_deref(), Some(text), "{format} {number}");
        }
        assert_eq!(numeral(0x17, 1), None);
        assert_eq!(numeral(4, u32::MAX).as_deref(), Some("4294967295"));
    }
}
