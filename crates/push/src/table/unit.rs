//! Units of columns (单位): 万元, 千人, %. All are powers of ten of the fact's own unit, so nothing is rounded.

use zhaoren_policy::fact::{Fact, FactType};
use zhaoren_policy::number::Number;

/// Unit of a column's numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Text of the unit as written after a number.
    pub(crate) name: String,
    /// Power of ten that converts a number to the fact's own unit.
    shift: i8,
}

/// Prefixes of units, as powers of ten.
const PREFIXES: [(&str, i8); 9] =
    [("", 0), ("十", 1), ("百", 2), ("千", 3), ("万", 4), ("十万", 5), ("百万", 6), ("千万", 7), ("亿", 8)];

/// True if a text is a prefix of units, the empty one included.
pub(crate) fn is_prefix(text: &str) -> bool {
    PREFIXES.iter().any(|(word, _)| *word == text)
}

impl Unit {
    /// Unit compatible with `fact`; `None` if it is not.
    pub(crate) fn parse(text: &str, fact: &Fact) -> Option<Self> {
        let shift = match (fact.kind, text) {
            (FactType::Ratio, "%" | "％") => -2,
            (FactType::Ratio, "‰") => -3,
            (FactType::Money | FactType::Integer | FactType::Decimal, _) => {
                let prefix = text.strip_suffix(own(fact))?;
                PREFIXES.iter().find(|(word, _)| *word == prefix)?.1
            }
            _ => return None,
        };
        Some(Self { name: text.to_owned(), shift })
    }

    /// Unit as written in headings and cells: besides the units of [`Unit::parse`] the prefix alone (4300万) and other words
    /// for the same unit (名 for 人, ㎡ for 平方米). `None` if it is not compatible with `fact`.
    pub(crate) fn in_cell(text: &str, fact: &Fact) -> Option<Self> {
        if let Some(unit) = Self::parse(text, fact) {
            return Some(unit);
        }
        if !matches!(fact.kind, FactType::Money | FactType::Integer | FactType::Decimal) {
            return None;
        }
        let own = own(fact);
        let same: &[&str] = match own {
            "元" => &["圆"],
            "人" => &["名", "个人"],
            "平方米" => &["㎡", "m²", "m2", "M2", "平米", "平方"],
            "项" => &["个", "件"],
            "件" => &["个", "项"],
            "个" => &["件", "项"],
            _ => &[],
        };
        let prefix = same.iter().find_map(|word| text.strip_suffix(word)).unwrap_or(text);
        let shift = PREFIXES.iter().find(|(word, _)| *word == prefix)?.1;
        // 十 and 百 alone are digits of a number in words.
        let is_prefix_alone = prefix == text;
        if is_prefix_alone && !matches!(prefix, "千" | "万" | "十万" | "百万" | "千万" | "亿") {
            return None;
        }
        Some(Self { name: format!("{prefix}{own}"), shift })
    }

    /// Units compatible with `fact`, for messages.
    pub(crate) fn fitting(fact: &Fact) -> String {
        match fact.kind {
            FactType::Ratio => "`%` or `‰`".to_owned(),
            FactType::Money | FactType::Integer | FactType::Decimal if !own(fact).is_empty() => {
                let unit = own(fact);
                format!("`{unit}`, `千{unit}`, `万{unit}`, `百万{unit}` or `亿{unit}`")
            }
            _ => format!("no unit: `{}` has none", fact.key),
        }
    }

    /// Number in this unit as digits in the fact's own unit. `None` if it is no number.
    pub(crate) fn to_own_unit(&self, text: &str) -> Option<String> {
        let number = Number::parse(text)?;
        let ten = Number::from(10).pow(u32::from(self.shift.unsigned_abs()));
        let scaled = if self.shift < 0 { number.checked_div(&ten)? } else { number.times(&ten) };
        // At most 28 digits after the decimal point, and three more by the shift: nothing is cut off.
        Some(scaled.to_rounded_string(31))
    }
}

fn own(fact: &Fact) -> &str {
    let usual = if fact.kind == FactType::Money { "元" } else { "" };
    fact.unit.as_deref().unwrap_or(usual)
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhaoren_policy::fact::FactDictionary;

    fn brought(key: &str, unit: &str, text: &str) -> Option<String> {
        Unit::parse(unit, FactDictionary::built_in().get(key).unwrap())?.to_own_unit(text)
    }

    #[test]
    fn amounts_are_not_rounded() {
        let is = |key, unit, text, digits: &str| {
            assert_eq!(brought(key, unit, text).as_deref(), Some(digits), "{text}{unit}");
        };
        is("revenue", "万元", "3010.05", "30100500");
        is("revenue", "亿元", "0.1", "10000000");
        is("revenue", "元", "0.01", "0.01");
        is("revenue", "百万元", "-1.5e2", "-150000000");
        is("employees", "千人", "1.2", "1200");
        is("foreign_share", "%", "33.333", "0.33333");
        is("revenue", "元", "0.1234567890123456789012345678", "0.1234567890123456789012345678");
        assert_eq!(brought("revenue", "万元", "三千"), None);
    }

    #[test]
    fn a_unit_fits_its_fact_only() {
        for (key, unit) in
            [("revenue", "%"), ("revenue", "人"), ("employees", "万元"), ("name", "元"), ("revenue", "万")]
        {
            assert_eq!(brought(key, unit, "1"), None, "{key} {unit}");
        }
    }
}
