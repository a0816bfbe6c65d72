//! Automatic numbers: the forms in which word processors write them (ECMA-376 part 1, 17.18.59, as Word 16 shows them).

/// A number in the form of this name; forms that are not known are shown in digits.
pub(crate) fn format(kind: &str, number: i64) -> String {
    let index = usize::try_from(number).unwrap_or(0);
    let written = match kind {
        "none" => Some(String::new()),
        "upperRoman" => roman(number),
        "lowerRoman" => roman(number).map(|roman| roman.to_lowercase()),
        "upperLetter" => letters(index),
        "lowerLetter" => letters(index).map(|letters| letters.to_lowercase()),
        "chineseCounting" | "taiwaneseCounting" | "ideographDigitalShort" => Some(short_count(number)),
        "chineseCountingThousand" | "taiwaneseCountingThousand" | "japaneseCounting" | "koreanCounting" => {
            count(number, &COMMON)
        }
        "chineseLegalSimplified" => count(number, &LEGAL),
        "ideographLegalTraditional" => count(number, &LEGAL_TRADITIONAL),
        "ideographDigital" | "japaneseDigitalTenThousand" | "taiwaneseDigital" => Some(digits(number, '〇')),
        "ideographTraditional" => nth(STEMS, index),
        "ideographZodiac" => nth(BRANCHES, index),
        "decimalEnclosedCircle" | "decimalEnclosedCircleChinese" => circled(index),
        "decimalEnclosedParen" => run_of('⑴', 20, index),
        "decimalEnclosedFullstop" => run_of('⒈', 20, index),
        "ideographEnclosedCircle" => run_of('㊀', 10, index),
        "decimalFullWidth" | "decimalFullWidth2" => Some(full_width(number)),
        "decimalZero" if (0..10).contains(&number) => Some(format!("0{number}")),
        "numberInDash" => Some(format!("- {number} -")),
        _ => None,
    };
    written.unwrap_or_else(|| number.to_string())
}

/// 天干.
pub(crate) const STEMS: &str = "甲乙丙丁戊己庚辛壬癸";
/// 地支.
pub(crate) const BRANCHES: &str = "子丑寅卯辰巳午未申酉戌亥";

/// Digits and units of a way of counting.
pub(crate) struct Counting {
    digits: [char; 10],
    units: [char; 3],
    /// True if ten is written without a one before it.
    short_ten: bool,
}

pub(crate) const COMMON: Counting = Counting {
    digits: ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'],
    units: ['十', '百', '千'],
    short_ten: true,
};
pub(crate) const LEGAL: Counting = Counting {
    digits: ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'],
    units: ['拾', '佰', '仟'],
    short_ten: false,
};
const LEGAL_TRADITIONAL: Counting = Counting {
    digits: ['零', '壹', '貳', '參', '肆', '伍', '陸', '柒', '捌', '玖'],
    units: ['拾', '佰', '仟'],
    short_ten: false,
};

/// A number below 10,000 by thousands, hundreds and tens.
fn count(number: i64, way: &Counting) -> Option<String> {
    let number = usize::try_from(number).ok().filter(|number| *number < 10_000)?;
    if number == 0 {
        return Some(way.digits.first()?.to_string());
    }
    let mut written = String::new();
    let mut skipped = false;
    for (power, unit) in
        [(1000, way.units.get(2)), (100, way.units.get(1)), (10, way.units.first()), (1, None)]
    {
        let digit = number / power % 10;
        if digit == 0 {
            skipped |= !written.is_empty();
            continue;
        }
        if std::mem::take(&mut skipped) {
            written.push(*way.digits.first()?);
        }
        let is_short = way.short_ten && power == 10 && digit == 1 && number < 20;
        if !is_short {
            written.push(*way.digits.get(digit)?);
        }
        written.extend(unit);
    }
    Some(written)
}

/// A number below 100,000,000 by ten thousands (万) and the rest; larger ones in digits.
pub(crate) fn count_to_myriads(number: u32, way: &Counting) -> String {
    if number >= 100_000_000 {
        return number.to_string();
    }
    let (high, low) = (i64::from(number / 10_000), i64::from(number % 10_000));
    if high == 0 {
        return count(low, way).unwrap_or_default();
    }
    let mut written = count(high, way).unwrap_or_default() + "万";
    if low > 0 {
        // Within a number ten is 一十.
        let long = Counting { short_ten: false, ..*way };
        if low < 1000 {
            written.extend(way.digits.first());
        }
        written.push_str(&count(low, &long).unwrap_or_default());
    }
    written
}

/// 一 to 九十九 by tens, more digit by digit.
fn short_count(number: i64) -> String {
    let small = (1..100).contains(&number);
    small.then(|| count(number, &COMMON)).flatten().unwrap_or_else(|| digits(number, '○'))
}

/// A number digit by digit.
pub(crate) fn digits(number: i64, zero: char) -> String {
    let digit = |c: char| match c.to_digit(10) {
        Some(0) => zero,
        Some(digit) => COMMON.digits.get(digit as usize).copied().unwrap_or(c),
        None => c,
    };
    number.to_string().chars().map(digit).collect()
}

pub(crate) fn full_width(number: i64) -> String {
    let wide = |c: char| match c.to_digit(10) {
        Some(digit) => char::from_u32('０' as u32 + digit).unwrap_or(c),
        None => c,
    };
    number.to_string().chars().map(wide).collect()
}

/// ① to ⑳, ㉑ to ㉟, ㊱ to ㊿.
fn circled(index: usize) -> Option<String> {
    match index {
        0 => Some('⓪'.to_string()),
        1..=20 => run_of('①', 20, index),
        21..=35 => run_of('㉑', 15, index - 20),
        _ => run_of('㊱', 15, index.checked_sub(35)?),
    }
}

/// The `index`th of `length` characters that follow each other from `first`.
pub(crate) fn run_of(first: char, length: usize, index: usize) -> Option<String> {
    let offset = index.checked_sub(1).filter(|offset| *offset < length)?;
    char::from_u32(first as u32 + u32::try_from(offset).ok()?).map(String::from)
}

pub(crate) fn nth(signs: &str, index: usize) -> Option<String> {
    signs.chars().nth(index.checked_sub(1)?).map(String::from)
}

/// A to Z, then AA to ZZ and so on, the same letter repeated.
pub(crate) fn letters(index: usize) -> Option<String> {
    let index = index.checked_sub(1).filter(|index| *index < 26 * 30)?;
    let letter = char::from(b'A' + u8::try_from(index % 26).ok()?);
    Some(std::iter::repeat_n(letter, index / 26 + 1).collect())
}

pub(crate) fn roman(number: i64) -> Option<String> {
    const SIGNS: [(i64, &str); 13] = [
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
    let mut left = Some(number).filter(|number| (1..4000).contains(number))?;
    let mut written = String::new();
    for (value, sign) in SIGNS {
        while left >= value {
            written.push_str(sign);
            left -= value;
        }
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn number_formats_follow_word() {
        for (kind, number, written) in [
            ("decimal", 12, "12"),
            ("chineseCounting", 10, "十"),
            ("chineseCounting", 21, "二十一"),
            ("chineseCounting", 100, "一○○"),
            ("chineseCountingThousand", 10, "十"),
            ("chineseCountingThousand", 19, "十九"),
            ("chineseCountingThousand", 100, "一百"),
            ("chineseCountingThousand", 101, "一百零一"),
            ("chineseCountingThousand", 110, "一百一十"),
            ("chineseCountingThousand", 1001, "一千零一"),
            ("chineseLegalSimplified", 10, "壹拾"),
            ("ideographDigital", 10, "一〇"),
            ("ideographDigital", 11, "一一"),
            ("decimalEnclosedCircle", 20, "⑳"),
            ("decimalEnclosedCircle", 21, "㉑"),
            ("decimalEnclosedCircle", 51, "51"),
            ("upperRoman", 4, "IV"),
            ("lowerLetter", 27, "aa"),
            ("ideographTraditional", 3, "丙"),
            ("decimalFullWidth", 10, "１０"),
            ("decimalZero", 7, "07"),
            ("decimalZero", 10, "10"),
            ("decimal", -3, "-3"),
            ("upperRoman", i64::MAX, "9223372036854775807"),
        ] {
            assert_eq!(super::format(kind, number), written, "{kind} {number}");
        }
        assert_eq!(format("bullet", 3), "3");
    }
}
