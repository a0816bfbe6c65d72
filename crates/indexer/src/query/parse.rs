//! The query language: "phrases", `-word` and `field:value` among plain words.
//!
//! No input is an error. Text that resembles the language and is invalid is searched as plain words, with a note.
//! Independent of the index; the fields are in `field`.

use jiff::civil::Date;
use zhaoren_text::docno;

use super::field::{Condition, Field};
use crate::entry_meta::EntryMeta;
use crate::lexicon::Lexicon;

/// A parsed query.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parsed {
    /// Words and phrases, as typed.
    pub(crate) text: String,
    /// Texts that must not occur in a hit.
    pub(crate) excluded: Vec<String>,
    /// Conditions on hits; of several on one field any is enough.
    pub(crate) conditions: Vec<Condition>,
    /// Conditions that hits must not meet.
    pub(crate) barred: Vec<Condition>,
    /// Operators of the query, as typed.
    pub(crate) rest: Vec<String>,
    /// Notes in Chinese on text that was possibly meant as an operator.
    pub(crate) notes: Vec<String>,
}

/// Maximum length of an unknown field name for which a note is given, in characters.
const LONGEST_NAME: usize = 8;
/// Maximum length of a query with fields: in a longer text a colon is punctuation.
const LONGEST_TYPED: usize = 60;

/// Parses a query. `typed` is already cleaned and simplified.
pub(crate) fn parse(typed: &str) -> Parsed {
    let mut parsed = Parsed::default();
    // A 文号 is recognized first, whatever its first characters.
    if docno::parse(typed).is_some() {
        typed.clone_into(&mut parsed.text);
        return parsed;
    }
    let mut rest = typed;
    while !rest.is_empty() {
        let word = rest.trim_start();
        if word.len() < rest.len() {
            parsed.text.push(' ');
            rest = word;
            continue;
        }
        let before = rest;
        rest = parsed.token(rest, typed);
        // INVARIANT: every step consumes at least one character.
        if rest.len() >= before.len() {
            let mut chars = before.chars();
            parsed.text.extend(chars.next());
            rest = chars.as_str();
        }
    }
    parsed.text = parsed.text.trim().to_owned();
    parsed
}

impl Parsed {
    /// True if an entry meets the conditions, without reading its text.
    pub(crate) fn passes(&self, card: &EntryMeta, day: Option<Date>, lexicon: &Lexicon) -> bool {
        let meets = |condition: &Condition| condition.meets(card, day, lexicon);
        // Of values of one field any is enough; 年份>=2022 年份<=2024 are two ends of one.
        let met = |condition: &Condition| {
            let beside =
                |other: &&Condition| other.field == condition.field && other.is_end() == condition.is_end();
            meets(condition) || (!condition.is_end() && self.conditions.iter().filter(beside).any(meets))
        };
        self.conditions.iter().all(met) && !self.barred.iter().any(meets)
    }

    /// True if the query has a condition on the legal status.
    pub(crate) fn asks_for_standing(&self) -> bool {
        self.conditions.iter().chain(&self.barred).any(|one| one.field == Field::Standing)
    }

    /// Conditions for display.
    pub(crate) fn narrowed_by(&self) -> Vec<String> {
        let conditions = self.conditions.iter().map(Condition::describe);
        let barred = self.barred.iter().map(|one| format!("排除 {}", one.describe()));
        let excluded = self.excluded.iter().map(|text| format!("不含：{text}"));
        conditions.chain(barred).chain(excluded).collect()
    }

    /// Reads one token from the beginning of `rest`; returns the remaining text.
    fn token<'a>(&mut self, rest: &'a str, typed: &str) -> &'a str {
        let denied = rest.strip_prefix(is_minus).filter(|after| after.starts_with(begins));
        let inside = denied.unwrap_or(rest);
        if let Some(after) = self.field(inside, rest, denied.is_some(), typed) {
            return after;
        }
        match denied {
            Some(inside) => {
                let (value, after) = value(inside);
                if value.chars().any(char::is_alphanumeric) {
                    self.rest.push(taken(rest, after));
                    self.excluded.push(value.to_owned());
                } else {
                    self.text.push_str(&taken(rest, after));
                }
                after
            }
            None => self.words(rest),
        }
    }

    /// Reads `field:value`; `None` if there is no such token.
    fn field<'a>(&mut self, inside: &'a str, whole: &'a str, denied: bool, typed: &str) -> Option<&'a str> {
        let at =
            inside.find(|c: char| is_colon(c) || is_comparison(c) || c.is_whitespace() || is_quote(c))?;
        let (name, behind) = inside.split_at(at);
        let sign = behind.chars().next().filter(|c| is_colon(*c) || is_comparison(*c))?;
        let after_sign = behind.strip_prefix(sign)?;
        let Some(field) = Field::named(name) else {
            self.unknown(name, sign, after_sign, typed);
            return None;
        };
        // A comparison is part of the value.
        let from = if is_comparison(sign) { behind } else { after_sign.trim_start() };
        let (value, after) = value(from);
        if value.is_empty() {
            self.notes.push(format!("“{name}{sign}”之后没有内容，按普通词检索"));
            self.text.push_str(name);
            return Some(after);
        }
        match field.read(value) {
            Ok(conditions) => {
                self.rest.push(taken(whole, after));
                if denied { &mut self.barred } else { &mut self.conditions }.extend(conditions);
            }
            Err(wanted) => {
                self.notes.push(format!("“{name}”应为{wanted}，“{value}”不是，按普通词检索"));
                self.text.push_str(value);
            }
        }
        Some(after)
    }

    /// Adds a note on an unknown field name.
    fn unknown(&mut self, name: &str, sign: char, value: &str, typed: &str) {
        let is_name = (1..=LONGEST_NAME).contains(&name.chars().count())
            && name.chars().all(char::is_alphabetic)
            && matches!(sign, ':' | '：');
        let is_value = value.starts_with(|c: char| c.is_alphanumeric() || is_quote(c));
        if is_name && is_value && typed.chars().count() <= LONGEST_TYPED {
            self.notes.push(format!("没有字段“{name}”，按普通词检索；可用的字段有{}", Field::known()));
        }
    }

    /// Copies plain text up to the next white space outside quotation marks.
    fn words<'a>(&mut self, mut rest: &'a str) -> &'a str {
        while let Some(c) = rest.chars().next().filter(|c| !c.is_whitespace()) {
            let after = rest.strip_prefix(c).unwrap_or_default();
            match closing(c) {
                None => {
                    self.text.push(c);
                    rest = after;
                }
                Some(close) => match after.split_once(close) {
                    Some((phrase, behind)) => {
                        if phrase.chars().any(char::is_alphanumeric) {
                            self.text.push_str(&format!("“{}”", phrase.trim()));
                        }
                        rest = behind;
                    }
                    None => {
                        self.note_once("引号不成对，按普通词检索");
                        self.text.push(' ');
                        rest = after;
                    }
                },
            }
        }
        rest
    }

    fn note_once(&mut self, note: &str) {
        if !self.notes.iter().any(|other| other == note) {
            self.notes.push(note.to_owned());
        }
    }
}

/// Value at the beginning, and the remaining text: between quotation marks, or up to white space.
fn value(text: &str) -> (&str, &str) {
    if let Some((close, after)) = text.chars().next().and_then(|c| Some((closing(c)?, text.strip_prefix(c)?)))
        && let Some((value, behind)) = after.split_once(close)
    {
        return (value.trim(), behind);
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (value, behind) = text.split_at(end);
    (value.trim_matches(is_quote), behind)
}

/// The consumed beginning of `whole`, of which `after` remains.
fn taken(whole: &str, after: &str) -> String {
    whole.strip_suffix(after).unwrap_or(whole).trim().to_owned()
}

/// Closing counterpart of a quotation mark.
fn closing(c: char) -> Option<char> {
    Some(match c {
        '"' => '"',
        '＂' => '＂',
        '“' | '”' | '„' => '”',
        '「' => '」',
        '『' => '』',
        '﹁' => '﹂',
        '〝' => '〞',
        _ => return None,
    })
}

fn is_quote(c: char) -> bool {
    closing(c).is_some() || matches!(c, '」' | '』' | '﹂' | '〞')
}

fn is_minus(c: char) -> bool {
    matches!(c, '-' | '－' | '−' | '﹣')
}

fn is_colon(c: char) -> bool {
    matches!(c, ':' | '：' | '﹕' | '=' | '＝')
}

fn is_comparison(c: char) -> bool {
    matches!(c, '<' | '>' | '≤' | '≥' | '＜' | '＞')
}

/// True if an excluded text can begin with this character.
fn begins(c: char) -> bool {
    c.is_alphanumeric() || closing(c).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> (String, Vec<String>, usize, usize) {
        let parsed = parse(typed);
        (parsed.text, parsed.excluded, parsed.conditions.len() + parsed.barred.len(), parsed.notes.len())
    }

    #[test]
    fn operators_are_distinguished_from_words() {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        for (typed, text, excluded, conditions, notes) in [
            ("算力 补贴", "算力 补贴", &[][..], 0, 0),
            ("补贴 -贷款", "补贴", &["贷款"], 0, 0),
            ("补贴 －\"贴息 贷款\" 企业", "补贴  企业", &["贴息 贷款"], 0, 0),
            ("B2B-平台 2024-2026", "B2B-平台 2024-2026", &[], 0, 0),
            ("补贴 - 贷款 --x -", "补贴 - 贷款 --x -", &[], 0, 0),
            ("＂政策 找人＂", "“政策 找人”", &[], 0, 0),
            ("「政策 找人」和“免申”", "“政策 找人”和“免申”", &[], 0, 0),
            ("政策\" 找人", "政策  找人", &[], 0, 1),
            ("标题:补贴 企业", "企业", &[], 1, 0),
            ("标题： 补贴", "", &[], 1, 0),
            ("企业 -状态：已废止", "企业", &[], 1, 0),
            ("年份>=2024 补贴", "补贴", &[], 1, 0),
            ("地区:火星 补贴", "火星 补贴", &[], 0, 1),
            ("备注:补贴", "备注:补贴", &[], 0, 1),
            ("标题:", "标题", &[], 0, 1),
            ("https://a.b/c?d=e 10:30", "https://a.b/c?d=e 10:30", &[], 0, 0),
            ("文号：国科发火〔2016〕32号", "文号：国科发火〔2016〕32号", &[], 0, 0),
        ] {
            assert_eq!(read(typed), (text.to_owned(), owned(excluded), conditions, notes), "{typed}");
        }
    }
}
