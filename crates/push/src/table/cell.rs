//! Converts a cell to the syntax tree that a profile in JSON has, so that both pass the same checks.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use zhaoren_policy::code::CodeSystem;
use zhaoren_policy::fact::{Fact, FactType};
use zhaoren_policy::syntax::{self, Node, Tree};

use super::amount::amount;
use super::day::written_date;
use super::unit::Unit;

/// Cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    /// Empty: unknown.
    Empty,
    Bool(bool),
    /// Number of an exact type, as digits.
    Number(Cow<'a, str>),
    /// Floating-point number, in its shortest digits.
    Float(String),
    Day(Date),
    /// Text, trimmed and not empty.
    Text(Cow<'a, str>),
    List(Vec<&'a str>),
    /// Records, each a list of headings with their cells; `None` for one that is null.
    Records(Vec<Option<RecordCells<'a>>>),
    /// Value that no fact can have: its text as far as it can be shown, and the reason.
    Odd {
        shown: String,
        reason: String,
    },
}

/// Cells of a record, each with the heading of its field.
pub(crate) type RecordCells<'a> = Vec<(&'a str, Cell<'a>)>;

/// From this many digits on, a float may not distinguish whole numbers that differ in the table: spreadsheets keep 15 digits.
const FLOAT_DIGITS: usize = 15;

impl<'a> Cell<'a> {
    pub(crate) fn text(text: &'a str) -> Self {
        let text = text.trim();
        if text.is_empty() { Self::Empty } else { Self::Text(Cow::Borrowed(text)) }
    }

    pub(crate) fn owned_text(text: String) -> Self {
        match text.trim() {
            "" => Self::Empty,
            trimmed if trimmed.len() == text.len() => Self::Text(Cow::Owned(text)),
            trimmed => Self::Text(Cow::Owned(trimmed.to_owned())),
        }
    }

    /// Cell of a float; NaN and infinities are odd.
    pub(crate) fn float(shortest: String, finite: bool) -> Self {
        if finite {
            Self::Float(shortest)
        } else {
            Self::Odd { shown: shortest, reason: "不是数字；不知道的值应留空".to_owned() }
        }
    }

    /// Value as shown in rejects.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Bool(flag) => flag.to_string(),
            Self::Number(text) | Self::Text(text) => text.clone().into_owned(),
            Self::Float(text) | Self::Odd { shown: text, .. } => text.clone(),
            Self::Day(day) => day.to_string(),
            Self::List(texts) => texts.join("|"),
            Self::Records(records) => format!("{} 条记录", records.len()),
        }
    }

    /// Cell as text, for ids and names.
    pub(crate) fn as_text(&self) -> Result<Option<String>, String> {
        match self {
            Self::Empty => Ok(None),
            Self::Number(text) | Self::Text(text) => Ok(Some(text.clone().into_owned())),
            Self::Float(text) => whole(text).map(Some),
            Self::Odd { reason, .. } => Err(reason.clone()),
            Self::Bool(_) | Self::Day(_) | Self::List(_) | Self::Records(_) => Err("应为文字".to_owned()),
        }
    }
}

/// Digits of a float used as text: a code or an id.
fn whole(text: &str) -> Result<String, String> {
    if text.trim_start_matches('-').len() > FLOAT_DIGITS && !text.contains('.') {
        return Err(format!("是数字单元格，超过 {FLOAT_DIGITS} 位的部分已经丢失，应把这一列存为文本"));
    }
    Ok(text.to_owned())
}

/// Words used for values in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) yes: BTreeSet<String>,
    pub(crate) no: BTreeSet<String>,
    /// Words for "unknown".
    pub(crate) empty: BTreeSet<String>,
}

/// Words for tables without a mapping.
impl Default for Words {
    fn default() -> Self {
        let set = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            yes: set(&["true", "TRUE", "True", "是", "1"]),
            no: set(&["false", "FALSE", "False", "否", "0"]),
            empty: BTreeSet::new(),
        }
    }
}

impl Words {
    /// True for yes, false for no, `None` for other text.
    pub(crate) fn truth(&self, text: &str) -> Option<bool> {
        if self.yes.contains(text) {
            Some(true)
        } else if self.no.contains(text) {
            Some(false)
        } else {
            None
        }
    }
}

/// Rules for reading the cells of one column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CellRules {
    pub(crate) unit: Option<Unit>,
    /// Separator of tags, besides `|`.
    pub(crate) separator: Option<String>,
    /// Replacements of values.
    pub(crate) values: BTreeMap<String, Tree>,
}

impl CellRules {
    /// True if typed numbers need no conversion: the column has no unit and no replacements.
    pub(crate) fn is_plain(&self) -> bool {
        self.unit.is_none() && self.values.is_empty()
    }

    /// Syntax tree of a cell's value of `fact`; `None` if the cell is unknown. An invalid value is passed on as it is, for the
    /// profile checks to refuse.
    ///
    /// # Errors
    /// The reason, in Chinese, why the cell can have no value of the fact.
    pub(crate) fn tree(&self, fact: &Fact, cell: &Cell<'_>, words: &Words) -> Result<Option<Tree>, String> {
        if let Cell::Text(text) | Cell::Number(text) = cell
            && let Some(value) = self.values.get(text.as_ref())
        {
            return match value {
                Tree::Null => Ok(None),
                Tree::Text(text) => Self::default().tree(fact, &Cell::text(text), words),
                other => Ok(Some(other.clone())),
            };
        }
        Ok(Some(match (fact.kind, cell) {
            (_, Cell::Empty) => return Ok(None),
            (_, Cell::Odd { reason, .. }) => return Err(reason.clone()),
            (_, Cell::Text(text)) if words.empty.contains(text.as_ref()) => return Ok(None),
            (FactType::Records, Cell::Records(all)) => records(fact, all, words),
            (FactType::Records, Cell::Text(text)) => {
                in_json(text).unwrap_or_else(|| Tree::Text(text.clone().into_owned()))
            }
            (_, Cell::Records(_)) => return Err("是记录的列表，这项指标没有记录".to_owned()),
            (FactType::Tags, Cell::List(texts)) => self.tags(texts.iter().copied()),
            (FactType::Tags, Cell::Text(text)) => self.tags_in(fact, text),
            // A heading of words over a column of truths: the reader of facts knows what its answer says.
            (FactType::Tags, Cell::Bool(flag)) => self.tags([yes_or_no(*flag)].into_iter()),
            (FactType::Text, Cell::Bool(flag)) if fact.is_closed() => Tree::Text(yes_or_no(*flag).to_owned()),
            (FactType::Boolean, Cell::Text(text) | Cell::Number(text)) => {
                words.truth(text).map_or_else(|| Tree::Text(text.clone().into_owned()), Tree::Bool)
            }
            (FactType::Boolean, Cell::Float(text)) => {
                words.truth(text).map_or_else(|| Tree::Text(text.clone()), Tree::Bool)
            }
            (kind, Cell::Text(text)) if kind.is_number() => self.number(fact, text)?,
            (kind, Cell::Number(text)) if kind.is_number() => self.bring(text),
            (kind, Cell::Float(text)) if kind.is_number() => self.bring(text),
            (FactType::Date, Cell::Text(text)) => date(text),
            (FactType::Date | FactType::Text, Cell::Day(day)) => Tree::Text(day.to_string()),
            (FactType::Date, Cell::Number(text)) => date(text),
            (FactType::Date, Cell::Float(text)) => date(text),
            (FactType::Code, Cell::Number(text)) => Tree::Text(code(fact, text)?),
            (FactType::Code, Cell::Float(text)) => Tree::Text(code(fact, &whole(text)?)?),
            (FactType::Text, Cell::Float(text)) => Tree::Text(whole(text)?),
            (_, Cell::Text(text)) => Tree::Text(text.clone().into_owned()),
            (FactType::Text, Cell::Number(text)) => Tree::Text(text.clone().into_owned()),
            (_, Cell::Number(text)) => Tree::Number(text.clone().into_owned()),
            (_, Cell::Float(text)) => Tree::Number(text.clone()),
            (_, Cell::Bool(flag)) => Tree::Bool(*flag),
            (_, Cell::Day(day)) => Tree::Text(day.to_string()),
            (_, Cell::List(texts)) => self.tags(texts.iter().copied()),
        }))
    }

    /// Boolean of a cell of 是 or 否; `None` if the cell is unknown.
    ///
    /// # Errors
    /// The expected content, in Chinese.
    pub(crate) fn truth(&self, cell: &Cell<'_>, words: &Words) -> Result<Option<bool>, String> {
        let text = match cell {
            Cell::Empty => return Ok(None),
            Cell::Bool(flag) => return Ok(Some(*flag)),
            Cell::Odd { reason, .. } => return Err(reason.clone()),
            Cell::Text(text) | Cell::Number(text) => text.as_ref(),
            Cell::Float(text) => text,
            Cell::Day(_) | Cell::List(_) | Cell::Records(_) => "",
        };
        match self.values.get(text) {
            Some(Tree::Null) => return Ok(None),
            Some(Tree::Bool(flag)) => return Ok(Some(*flag)),
            Some(Tree::Text(text)) if words.truth(text).is_some() => return Ok(words.truth(text)),
            _ if words.empty.contains(text) => return Ok(None),
            _ => {}
        }
        words.truth(text).map(Some).ok_or_else(|| {
            let some =
                |words: &BTreeSet<String>| words.iter().take(4).cloned().collect::<Vec<_>>().join("、");
            format!("应为是（{}）或否（{}）", some(&words.yes), some(&words.no))
        })
    }

    fn tags_in(&self, fact: &Fact, text: &str) -> Tree {
        if let Some(tree) = in_json(text) {
            return tree;
        }
        let list = match &self.separator {
            Some(separator) => self.tags(text.split('|').flat_map(|part| part.split(separator.as_str()))),
            None => self.tags(fact.words_in(text).into_iter()),
        };
        match list {
            // Separators alone name no tag, but do not say that there is none either.
            Tree::List(tags) if tags.is_empty() => Tree::Text(text.to_owned()),
            list => list,
        }
    }

    fn tags<'a>(&self, texts: impl Iterator<Item = &'a str>) -> Tree {
        let tags = texts.map(str::trim).filter(|tag| !tag.is_empty());
        let named = |tag: &str| self.values.get(tag).cloned().unwrap_or_else(|| Tree::Text(tag.to_owned()));
        Tree::List(tags.map(named).filter(|tag| *tag != Tree::Null).map(at).collect())
    }

    /// Number or range: `{"at_least": 10}`, `10..20`, `10..`, `..20`. A number may carry its unit.
    fn number(&self, fact: &Fact, text: &str) -> Result<Tree, String> {
        if let Some(digits) = amount(text, fact, self.unit.as_ref())? {
            return Ok(Tree::Number(digits));
        }
        if let Some(Tree::Map(ends)) = in_json(text) {
            let end = |(key, node): (String, Node)| match node.value {
                Tree::Number(digits) => (key, at(self.bring(&digits))),
                _ => (key, node),
            };
            return Ok(Tree::Map(ends.into_iter().map(end).collect()));
        }
        Ok(range(text, |end| amount(end, fact, self.unit.as_ref()).ok().flatten().map(Tree::Number)))
    }

    fn bring(&self, digits: &str) -> Tree {
        match &self.unit {
            Some(unit) => {
                unit.to_own_unit(digits).map_or_else(|| Tree::Text(digits.to_owned()), Tree::Number)
            }
            None => Tree::Number(digits.to_owned()),
        }
    }
}

/// Records as a profile gives them. A cell that no value can come from is passed on as its text, for the profile checks to refuse.
fn records(fact: &Fact, all: &[Option<RecordCells<'_>>], words: &Words) -> Tree {
    let field = |heading: &str| {
        let named =
            |field: &&Fact| field.name == heading || field.aliases.iter().any(|alias| alias == heading);
        fact.fields.get(heading).or_else(|| fact.fields.iter().find(named))
    };
    let one = |record: &Option<RecordCells<'_>>| {
        zhaoren_cancel::poll();
        let Some(cells) = record else { return at(Tree::Null) };
        let mut entries = Vec::new();
        for (heading, cell) in cells.iter().filter(|(_, cell)| *cell != Cell::Empty) {
            let Some(field) = field(heading) else {
                entries.push(((*heading).to_owned(), at(Tree::Text(cell.shown()))));
                continue;
            };
            match CellRules::default().tree(field, cell, words) {
                Ok(None) => {}
                Ok(Some(tree)) => entries.push((field.key.clone(), at(tree))),
                Err(_) => entries.push((field.key.clone(), at(Tree::Text(cell.shown())))),
            }
        }
        at(Tree::Map(entries))
    };
    Tree::List(all.iter().map(one).collect())
}

fn yes_or_no(flag: bool) -> &'static str {
    if flag { "是" } else { "否" }
}

/// Parsed text of a JSON object or list.
fn in_json(text: &str) -> Option<Tree> {
    let tree = text.starts_with(['{', '[']).then(|| syntax::json(text).ok())??.value;
    Some(tree)
}

/// Range `10..20`; a missing bound is open. Other text stays text.
fn range(text: &str, end: impl Fn(&str) -> Option<Tree>) -> Tree {
    let as_it_is = || Tree::Text(text.to_owned());
    let Some((low, high)) = text.split_once("..") else { return as_it_is() };
    let (low, high) = (low.trim(), high.trim());
    let mut ends = Vec::new();
    for (key, text) in [("at_least", low), ("at_most", high)] {
        if text.is_empty() {
            continue;
        }
        let Some(tree) = end(text) else { return as_it_is() };
        ends.push((key.to_owned(), at(tree)));
    }
    if ends.is_empty() { as_it_is() } else { Tree::Map(ends) }
}

/// Day, or range where only the month is known, of a written date.
fn date(text: &str) -> Tree {
    if let Some(day) = in_json(text) {
        return day;
    }
    let day = |day: Date| Tree::Text(day.to_string());
    if let Some((low, high)) = text.split_once("..") {
        let ends = [("at_least", low, false), ("at_most", high, true)].map(|(key, end, last)| {
            let days = written_date(end);
            let tree = days
                .map_or_else(|| Tree::Text(end.trim().to_owned()), |(a, b)| day(if last { b } else { a }));
            (!end.trim().is_empty()).then(|| (key.to_owned(), at(tree)))
        });
        let ends: Vec<(String, Node)> = ends.into_iter().flatten().collect();
        return if ends.is_empty() { Tree::Text(text.to_owned()) } else { Tree::Map(ends) };
    }
    match written_date(text) {
        Some((low, high)) if low == high => day(low),
        Some((low, high)) => {
            Tree::Map(vec![("at_least".to_owned(), at(day(low))), ("at_most".to_owned(), at(day(high)))])
        }
        None => Tree::Text(text.to_owned()),
    }
}

/// Code that was stored as a number.
fn code(fact: &Fact, digits: &str) -> Result<String, String> {
    // 0111 (稻谷种植) stored as 111 reads as another group: a number below 1000 cannot be trusted.
    if fact.codes == Some(CodeSystem::Industry) && digits.len() < 4 {
        return Err("行业代码存为数字会丢失前面的 0，应把这一列存为文本".to_owned());
    }
    Ok(digits.to_owned())
}

/// Node of a table value: it has no line of its own.
pub(crate) fn at(value: Tree) -> Node {
    Node { value, line: 0 }
}
