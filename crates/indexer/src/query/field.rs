//! Fields of the query language: `标题:…`, `年份:2022-2024`, `地区:徐汇区`, by colloquial names and by the keys of
//! `--filter`.

use jiff::civil::{Date, date};
use zhaoren_policy::document::Level;
use zhaoren_text::{docno, numeral, search_form};

use crate::entry_meta::{EntryMeta, regions};
use crate::legal_status::LegalStatus;
use crate::lexicon::Lexicon;

/// A field of the query language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    Title,
    Number,
    Issuer,
    Region,
    Covers,
    Level,
    Kind,
    Method,
    Delivery,
    Standing,
    Status,
    Published,
    Effective,
    Expires,
    Id,
}

/// Names of every field, the display name first.
const NAMES: [(Field, &[&str]); 15] = [
    (Field::Title, &["标题", "题目", "名称", "title"]),
    (Field::Number, &["文号", "发文字号", "number"]),
    (Field::Issuer, &["发文机关", "发文单位", "发布机构", "机关", "issuer"]),
    (Field::Region, &["地区", "区域", "地方", "region"]),
    (Field::Covers, &["适用", "适用地区", "覆盖", "covers"]),
    (Field::Level, &["层级", "级别", "level"]),
    (Field::Kind, &["类型", "文种", "种类", "kind"]),
    (Field::Method, &["支持方式", "方式", "method"]),
    (Field::Delivery, &["兑现方式", "delivery"]),
    (Field::Standing, &["状态", "效力", "时效", "standing"]),
    (Field::Status, &["status"]),
    (Field::Published, &["日期", "年份", "年度", "年", "公布日期", "发布日期", "date", "year"]),
    (Field::Effective, &["施行", "施行日期", "生效", "effective"]),
    (Field::Expires, &["有效期至", "到期", "失效日期", "expires"]),
    (Field::Id, &["编号", "id"]),
];

impl Field {
    /// Field with this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        NAMES.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(field, _)| *field)
    }

    /// List of the field names, for messages.
    pub(crate) fn known() -> String {
        let shown = NAMES.iter().filter(|(field, _)| *field != Self::Status);
        shown.filter_map(|(_, names)| names.first().copied()).collect::<Vec<_>>().join("、")
    }

    fn shown(self) -> &'static str {
        NAMES.iter().find(|(field, _)| *field == self).and_then(|(_, names)| names.first()).unwrap_or(&"")
    }

    /// Alternative conditions for `value`, or a description of the expected values.
    pub(crate) fn read(self, value: &str) -> Result<Vec<Condition>, &'static str> {
        let whole = [Self::Title, Self::Number, Self::Published, Self::Effective, Self::Expires];
        let parts: Vec<&str> = if whole.contains(&self) {
            vec![value.trim()]
        } else {
            value.split([',', '，', '、', '|', '｜']).map(str::trim).filter(|part| !part.is_empty()).collect()
        };
        if parts.is_empty() {
            return Err("有内容的文字");
        }
        parts.into_iter().map(|part| self.one(part)).collect()
    }

    fn one(self, value: &str) -> Result<Condition, &'static str> {
        let shown = value.to_owned();
        let wanted = match self {
            Self::Title | Self::Issuer => {
                let letters = letters(value);
                if letters.is_empty() {
                    return Err("有内容的文字");
                }
                FieldMatch::Letters(letters)
            }
            Self::Number => match docno::parse(value) {
                Some(number) => FieldMatch::Letters(number.key()),
                None if letters(value).is_empty() => return Err("文号或其中一段"),
                None => FieldMatch::Part(letters(value)),
            },
            Self::Region | Self::Covers if regions(value).is_empty() => return Err("区划代码或名称"),
            Self::Level => FieldMatch::OneOf(levels(value).ok_or("国家级、省级、市级、区级或园区级")?),
            Self::Kind | Self::Method | Self::Delivery | Self::Id | Self::Status => {
                FieldMatch::OneOf(vec![value.to_owned()])
            }
            Self::Region | Self::Covers => FieldMatch::OneOf(vec![value.to_owned()]),
            Self::Standing => {
                let standing =
                    LegalStatus::named(value).ok_or("现行有效、尚未施行、征求意见、已期满或已废止")?;
                FieldMatch::OneOf(vec![standing.key().to_owned()])
            }
            Self::Published | Self::Effective | Self::Expires => {
                let (from, to) = span(value)
                    .ok_or("年份、日期或起止，如 2024、2022-2024、2024-01-01..2024-06-30、>=2023")?;
                FieldMatch::Days(from, to)
            }
        };
        Ok(Condition { field: self, wanted, shown })
    }
}

/// A condition on a hit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    pub(crate) field: Field,
    wanted: FieldMatch,
    /// The value as typed.
    shown: String,
}

#[derive(Clone, Debug, PartialEq)]
enum FieldMatch {
    /// Characters that occur in it, adjacent; or the key of a 文号.
    Letters(String),
    /// Substring of a 文号.
    Part(String),
    /// Filter values, any of which is enough.
    OneOf(Vec<String>),
    /// Range of days, both ends included; a missing end is open.
    Days(Option<Date>, Option<Date>),
}

impl Condition {
    /// Condition for display: 标题：补贴.
    pub(crate) fn describe(&self) -> String {
        format!("{}：{}", self.field.shown(), self.shown)
    }

    /// True if it is one end of a range of days.
    pub(crate) fn is_end(&self) -> bool {
        matches!(self.wanted, FieldMatch::Days(None, _) | FieldMatch::Days(_, None))
    }

    /// Text to mark in a title.
    pub(crate) fn mark(&self) -> Option<&str> {
        (self.field == Field::Title).then_some(self.shown.as_str())
    }

    /// True if an entry meets it. `day` is the date of the legal status.
    pub(crate) fn meets(&self, card: &EntryMeta, day: Option<Date>, lexicon: &Lexicon) -> bool {
        let document = &card.document;
        let within = |day: Option<Date>| match (&self.wanted, day) {
            (FieldMatch::Days(from, to), Some(day)) => {
                from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to)
            }
            _ => false,
        };
        match (self.field, &self.wanted) {
            (Field::Title, FieldMatch::Letters(wanted)) => letters(&card.title).contains(wanted.as_str()),
            (Field::Issuer, FieldMatch::Letters(wanted)) => {
                document.issuer.as_deref().is_some_and(|issuer| {
                    let own = letters(issuer);
                    let organ = lexicon.organs.iter().filter(|(code, _)| letters(code) == *wanted);
                    own.contains(wanted.as_str())
                        || organ.into_iter().any(|(_, organ)| own.contains(&letters(organ)))
                })
            }
            (Field::Number, FieldMatch::Letters(key)) => {
                document.number.as_deref().and_then(docno::parse).is_some_and(|number| number.key() == *key)
            }
            (Field::Number, FieldMatch::Part(part)) => {
                document.number.as_deref().is_some_and(|number| letters(number).contains(part.as_str()))
            }
            (Field::Published, _) => within(document.published),
            (Field::Effective, _) => within(document.effective),
            (Field::Expires, _) => within(document.expires),
            (field, FieldMatch::OneOf(values)) => values.iter().any(|value| {
                field.filters().iter().any(|key| card.passes(key, value, day)) || field.like(card, value)
            }),
            _ => false,
        }
    }
}

impl Field {
    /// Filter keys whose values the field accepts.
    fn filters(self) -> &'static [&'static str] {
        match self {
            Self::Region => &["region"],
            Self::Covers => &["covers"],
            Self::Level => &["level"],
            Self::Kind => &["kind", "method"],
            Self::Method => &["method"],
            Self::Standing => &["standing"],
            Self::Status => &["status"],
            Self::Id => &["id"],
            _ => &[],
        }
    }

    /// True if a value is a shortened form of the full name: 办法 for 办法措施, 免申即享.
    fn like(self, card: &EntryMeta, value: &str) -> bool {
        match self {
            Self::Kind | Self::Method => {
                let keys = self.filters().iter();
                let own = keys.flat_map(|key| card.facet(key, None)).map(|(_, name)| name);
                value.chars().nth(1).is_some() && own.into_iter().any(|name| name.contains(value))
            }
            Self::Delivery => {
                let name = match card.delivery.as_deref() {
                    Some("automatic") => "免申即享",
                    Some(_) => "申报",
                    None => return false,
                };
                name == value || card.delivery.as_deref() == Some(value)
            }
            _ => false,
        }
    }
}

/// Lower-case letters and digits only, in their search form.
fn letters(text: &str) -> String {
    search_form(text).to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Levels with this colloquial name.
fn levels(value: &str) -> Option<Vec<String>> {
    let level = match value.to_lowercase().as_str() {
        "国家" | "国家级" | "全国" | "中央" | "national" => Level::National,
        "省" | "省级" | "自治区" | "province" => Level::Province,
        "市" | "市级" | "地市级" | "city" => Level::City,
        "区" | "县" | "区级" | "县级" | "区县" | "区县级" | "district" => Level::District,
        "园区" | "街镇" | "园区级" | "街镇级" | "园区街镇级" | "街道" | "镇" | "park" => {
            Level::Park
        }
        _ => return None,
    };
    Some(vec![level.name().to_owned()])
}

/// Days denoted by a text: a year, a month, a day, or a range of them.
fn span(text: &str) -> Option<(Option<Date>, Option<Date>)> {
    let text = text.trim();
    for (sign, first, own) in [(">=", true, true), ("≥", true, true), ("<=", false, true), ("≤", false, true)]
        .into_iter()
        .chain([(">", true, false), ("＞", true, false), ("<", false, false), ("＜", false, false)])
    {
        if let Some(rest) = text.strip_prefix(sign) {
            let (from, to) = period(rest.strip_prefix(['=', '＝']).unwrap_or(rest))?;
            let own = own || rest.starts_with(['=', '＝']);
            return Some(match (first, own) {
                (true, true) => (Some(from), None),
                (true, false) => (Some(to.tomorrow().ok()?), None),
                (false, true) => (None, Some(to)),
                (false, false) => (None, Some(from.yesterday().ok()?)),
            });
        }
    }
    for end in ["以来", "以后", "之后", "至今", "起", "后"] {
        if let Some(rest) = text.strip_suffix(end) {
            return period(rest).map(|(from, _)| (Some(from), None));
        }
    }
    for end in ["以前", "之前", "前"] {
        if let Some(rest) = text.strip_suffix(end) {
            return Some((None, Some(period(rest)?.0.yesterday().ok()?)));
        }
    }
    // A hyphen separates a year from its month as well as from another year.
    ["..", "~", "～", "至", "到", "—", "–"]
        .iter()
        .find_map(|sign| between(text, sign))
        .or_else(|| period(text).map(|(from, to)| (Some(from), Some(to))))
        .or_else(|| between(text, "-"))
}

/// Range between two periods; one of them may be missing.
fn between(text: &str, sign: &str) -> Option<(Option<Date>, Option<Date>)> {
    let (from, to) = text.split_once(sign)?;
    let (from, to) = (from.trim(), to.trim_start_matches(sign).trim());
    let first = if from.is_empty() { None } else { Some(period(from)?.0) };
    let last = if to.is_empty() { None } else { Some(period(to)?.1) };
    match (first, last) {
        (None, None) => None,
        // 2024-2020: the range is the same either way.
        (Some(_), Some(end)) if first > Some(end) => Some((Some(period(to)?.0), Some(period(from)?.1))),
        span => Some(span),
    }
}

/// The first and the last day of a year, a month or a day.
fn period(text: &str) -> Option<(Date, Date)> {
    let parts: Vec<&str> = text
        .trim()
        .split(['-', '/', '.', '年', '月', '日', '号'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let number = |text: &str| numeral::parse(text).and_then(|number| i16::try_from(number).ok());
    let small = |text: &str| number(text).and_then(|number| i8::try_from(number).ok());
    match parts.as_slice() {
        [whole] if whole.len() == 8 && whole.bytes().all(|b| b.is_ascii_digit()) => {
            let (year, month, day) =
                (number(whole.get(..4)?)?, small(whole.get(4..6)?)?, small(whole.get(6..)?)?);
            Date::new(year, month, day).ok().map(|day| (day, day))
        }
        [year] => {
            let year = number(year).filter(|year| (1900..=2200).contains(year))?;
            Some((date(year, 1, 1), date(year, 12, 31)))
        }
        [year, month] => {
            let first =
                Date::new(number(year).filter(|year| (1900..=2200).contains(year))?, small(month)?, 1)
                    .ok()?;
            Some((first, first.last_of_month()))
        }
        [year, month, day] => {
            let day = Date::new(number(year)?, small(month)?, small(day)?).ok()?;
            Some((day, day))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_days() {
        let day = |year, month, day| Some(date(year, month, day));
        for (text, expected) in [
            ("2024", Some((day(2024, 1, 1), day(2024, 12, 31)))),
            ("2024年", Some((day(2024, 1, 1), day(2024, 12, 31)))),
            ("二〇二四年", Some((day(2024, 1, 1), day(2024, 12, 31)))),
            ("2024-02", Some((day(2024, 2, 1), day(2024, 2, 29)))),
            ("2024年3月1日", Some((day(2024, 3, 1), day(2024, 3, 1)))),
            ("20240301", Some((day(2024, 3, 1), day(2024, 3, 1)))),
            ("2022-2024", Some((day(2022, 1, 1), day(2024, 12, 31)))),
            ("2022..2024-06-30", Some((day(2022, 1, 1), day(2024, 6, 30)))),
            ("2024-2022", Some((day(2022, 1, 1), day(2024, 12, 31)))),
            ("2022年至2024年", Some((day(2022, 1, 1), day(2024, 12, 31)))),
            ("2022..", Some((day(2022, 1, 1), None))),
            ("..2022", Some((None, day(2022, 12, 31)))),
            (">=2023", Some((day(2023, 1, 1), None))),
            (">2023", Some((day(2024, 1, 1), None))),
            ("<2023-05-01", Some((None, day(2023, 4, 30)))),
            ("2023年以来", Some((day(2023, 1, 1), None))),
            ("2023年以前", Some((None, day(2022, 12, 31)))),
            ("2024-02-30", None),
            ("去年", None),
            ("..", None),
            ("-", None),
            ("13", None),
            ("", None),
        ] {
            assert_eq!(span(text), expected, "{text}");
        }
    }

    #[test]
    fn field_names_are_unique() {
        let mut names: Vec<&str> = NAMES.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert_eq!(Field::named("标题"), Some(Field::Title));
        assert_eq!(Field::named("Region"), Some(Field::Region));
        assert_eq!(Field::named("备注"), None);
    }
}
