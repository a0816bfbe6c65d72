//! Automatic numbers in the formats of Word (`MSONFC`, [MS-OSHARED] 2.2.1.3).

use crate::number::{
    BRANCHES, COMMON, LEGAL, STEMS, count_to_myriads, digits, full_width, letters, nth, roman, run_of,
};

/// A number as it is seen; `None` for bullets and formats without signs.
///
/// Formats that no Chinese document has are written in Arabic digits.
pub(crate) fn numeral(format: u8, number: u32) -> Option<String> {
    let plain = || number.to_string();
    let (whole, index) = (i64::from(number), number as usize);
    Some(match format {
        0x17 | 0xFF => return None,
        1 => roman(whole).unwrap_or_else(plain),
        2 => roman(whole).unwrap_or_else(plain).to_lowercase(),
        3 | 4 if number == 0 => String::new(),
        3 => letters(index).unwrap_or_else(plain),
        4 => letters(index).unwrap_or_else(plain).to_lowercase(),
        // Digit for digit: 二〇.
        0x0A | 0x24 => digits(whole, '〇'),
        // Counted: 二十.
        0x0B | 0x21 | 0x23 | 0x25 | 0x27 | 0x28 => count_to_myriads(number, &COMMON),
        0x0D | 0x0E | 0x13 => full_width(whole),
        0x10 | 0x11 | 0x22 | 0x26 => count_to_myriads(number, &LEGAL),
        0x12 | 0x1C => run_of('①', 20, index).unwrap_or_else(plain),
        0x16 if number < 10 => format!("0{number}"),
        0x1A => run_of('⒈', 20, index).unwrap_or_else(plain),
        0x1B => run_of('⑴', 20, index).unwrap_or_else(plain),
        0x1D => run_of('㊀', 10, index).unwrap_or_else(plain),
        0x1E => nth(STEMS, index).unwrap_or_else(plain),
        0x1F => nth(BRANCHES, index).unwrap_or_else(plain),
        0x39 => format!("- {number} -"),
        _ => plain(),
    })
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
