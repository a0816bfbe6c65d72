//! Numbers with their unit in the cell: `50(万元人民币)`, `4300万`, `３，０００`, `3.5%`, `86人`.

use zhaoren_policy::fact::{Fact, FactType};
use zhaoren_policy::number::Number;

use super::unit::Unit;
use super::width::narrow;

/// Words that make an amount one of foreign money.
const FOREIGN: [&str; 26] = [
    "美元",
    "美金",
    "欧元",
    "港元",
    "港币",
    "港幣",
    "日元",
    "日圆",
    "英镑",
    "韩元",
    "新加坡元",
    "新元",
    "澳元",
    "加元",
    "加拿大元",
    "瑞士法郎",
    "法郎",
    "台币",
    "台幣",
    "澳门元",
    "澳门币",
    "卢布",
    "USD",
    "EUR",
    "HKD",
    "JPY",
];

/// Word of a foreign currency in a text.
pub(crate) fn foreign_currency(text: &str) -> Option<&'static str> {
    FOREIGN.into_iter().find(|word| text.contains(word))
}

/// Digits, in the fact's own unit, of a number that a cell holds as text. A unit in the cell takes precedence over that of the
/// column. `None` for a text that is no number.
///
/// # Errors
/// In Chinese: the amount is one of foreign money, whose rate the table does not give.
pub(crate) fn amount(text: &str, fact: &Fact, column: Option<&Unit>) -> Result<Option<String>, String> {
    if text.len() > LONGEST {
        return Ok(None);
    }
    let narrowed = narrow(text);
    let text = narrowed.trim().trim_start_matches(['¥', '￥']);
    let text = text.strip_prefix("人民币").unwrap_or(text).trim_start();
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '+' | '-');
    let mut end = text.find(|c| !is_number(c)).unwrap_or(text.len());
    // An exponent: 1e-1, 3.5E+07.
    if let Some(rest) = text.get(end..).and_then(|rest| rest.strip_prefix(['e', 'E'])) {
        let signed = rest.strip_prefix(['+', '-']).unwrap_or(rest);
        let digits = signed.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            end += 1 + rest.len() - signed.len() + digits;
        }
    }
    let (digits, unit) = text.split_at_checked(end).unwrap_or((text, ""));
    let Some(digits) = without_groups(digits).filter(|digits| Number::parse(digits).is_some()) else {
        return Ok(None);
    };
    if fact.kind == FactType::Money
        && fact.unit.as_deref().is_none_or(|own| own == "元")
        && let Some(currency) = foreign_currency(unit)
    {
        return Err(format!("是外币（{currency}），表中没有汇率，无法折算成人民币"));
    }
    let unit = bare_unit(unit, fact);
    if unit.is_empty() {
        return Ok(match column {
            Some(column) => column.to_own_unit(&digits),
            None => Some(digits),
        });
    }
    Ok(Unit::in_cell(&unit, fact).and_then(|unit| unit.to_own_unit(&digits)))
}

/// Maximum length of a number with its unit, in bytes.
const LONGEST: usize = 120;

/// Text behind a number without brackets, blanks, and the currency that all money has.
fn bare_unit(text: &str, fact: &Fact) -> String {
    let mut unit: String =
        text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '(' | ')' | '[' | ']')).collect();
    if fact.kind == FactType::Money {
        for word in ["人民币", "RMB", "CNY"] {
            unit = unit.replace(word, "");
        }
        // 伍拾万元整 and 50万元整: the end mark of an amount.
        if let Some(whole) = unit.strip_suffix('整') {
            unit.truncate(whole.len());
        }
    }
    unit
}

/// `1,234,567.8` without its commas; `None` if they do not separate groups of three.
fn without_groups(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(a, b)| (a, Some(b)));
    let mut groups = whole.split(',');
    let first = groups.next()?.trim_start_matches(['-', '+']);
    let sound = (1..=3).contains(&first.len())
        && groups.all(|group| group.len() == 3)
        && !fraction.is_some_and(|f| f.contains(','));
    sound.then(|| text.replace(',', ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhaoren_policy::fact::FactDictionary;

    fn read(key: &str, unit: Option<&str>, text: &str) -> Result<Option<String>, String> {
        let fact = FactDictionary::built_in().get(key).unwrap();
        let unit = unit.map(|unit| Unit::parse(unit, fact).unwrap());
        amount(text, fact, unit.as_ref())
    }

    #[test]
    fn groups_of_digits() {
        for (text, digits) in
            [("1,234", "1234"), ("1,234,567.80", "1234567.80"), ("-12,345", "-12345"), ("1000", "1000")]
        {
            assert_eq!(without_groups(text).as_deref(), Some(digits));
        }
        for text in ["1,23", "1234,567", ",123", "1.234,567", "12,3456"] {
            assert_eq!(without_groups(text), None, "{text}");
        }
    }

    #[test]
    fn a_unit_in_the_cell_takes_precedence() {
        let wan = Some("万元");
        for (key, unit, text, digits) in [
            ("registered_capital", wan, "50(万元人民币)", "500000"),
            ("registered_capital", None, "50（万元人民币）", "500000"),
            ("registered_capital", wan, "500万人民币", "5000000"),
            ("registered_capital", wan, "500", "5000000"),
            ("registered_capital", wan, "500元", "500"),
            ("registered_capital", None, "￥５００．５万元整", "5005000"),
            ("registered_capital", None, "人民币1,000 万元", "10000000"),
            ("registered_capital", None, "0.1亿", "10000000"),
            ("registered_capital", None, "4300万", "43000000"),
            ("registered_capital", wan, "４３００", "43000000"),
            ("employees", None, "３，０００", "3000"),
            ("employees", None, "86人", "86"),
            ("employees", None, "86 名", "86"),
            ("employees", None, "1.2万人", "12000"),
            ("foreign_share", Some("%"), "3.5", "0.035"),
            ("foreign_share", Some("%"), "3.5%", "0.035"),
            ("foreign_share", None, "３．５％", "0.035"),
            ("foreign_share", None, "0.035", "0.035"),
            ("revenue", None, "3.5E+07", "3.5E+07"),
            ("revenue", wan, "-1.5e2", "-1500000"),
        ] {
            assert_eq!(read(key, unit, text), Ok(Some(digits.to_owned())), "{key} {unit:?} {text}");
        }
        for (key, text) in [
            ("employees", "50万元"),
            ("employees", "3%"),
            ("revenue", "约50万元"),
            ("revenue", "50-100万元"),
            ("revenue", "50万吨"),
            ("revenue", "万元"),
            ("revenue", ""),
            ("revenue", "1e"),
            ("revenue", "50万元以上"),
            ("foreign_share", "3.5元"),
        ] {
            assert_eq!(read(key, None, text), Ok(None), "{key} {text}");
        }
        for text in ["30(万美元)", "30万港币", "30 USD"] {
            assert!(read("registered_capital", None, text).unwrap_err().contains("外币"), "{text}");
        }
    }
}
