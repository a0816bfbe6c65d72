//! Cells to profiles: what a column is about, and how a cell reads as a value of its fact.
//!
//! A row becomes the same positioned tree that a profile in JSON does and is read by the same reader, so both have the
//! same checks.

use std::collections::HashMap;

use zhaoren_policy::code::CodeSystem;
use zhaoren_policy::fact::{Fact, FactDictionary, FactType, Period};
use zhaoren_policy::number::Number;
use zhaoren_policy::problem::{Fault, Problem, Report, Severity};
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax::{Node, Tree};

use super::{Reject, Row, Rows};

/// What a column is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    Id,
    Name,
    /// A fact, or one year of a yearly fact.
    Fact {
        key: String,
        year: Option<String>,
    },
    /// Nothing that is known.
    Other,
}

/// Columns by their headers. A fact is named by its key, its name or another word for it; a year stands after a dot.
pub(crate) fn columns<'a>(
    headers: impl Iterator<Item = &'a str>,
    dictionary: &FactDictionary,
) -> Vec<Column> {
    let mut words: HashMap<&str, &Fact> = HashMap::new();
    for fact in dictionary.iter() {
        for word in fact.aliases.iter().chain([&fact.name]) {
            words.entry(word).or_insert(fact);
        }
    }
    // A key is nobody else's word.
    words.extend(dictionary.iter().map(|fact| (fact.key.as_str(), fact)));
    headers
        .map(|header| {
            let header = header.trim().trim_start_matches('\u{feff}');
            match header {
                "id" | "统一社会信用代码" => return Column::Id,
                "name" | "企业名称" => return Column::Name,
                _ => {}
            }
            let (word, year) = match header.rsplit_once('.') {
                Some((word, year)) if year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit()) => {
                    (word, Some(year.to_owned()))
                }
                _ => (header, None),
            };
            match words.get(word) {
                Some(fact) if (fact.period == Period::Year) == year.is_some() => {
                    Column::Fact { key: fact.key.clone(), year }
                }
                _ => Column::Other,
            }
        })
        .collect()
}

/// A cell as it stands in a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Empty,
    Bool(bool),
    /// A number in its shortest text.
    Number(String),
    Text(String),
    List(Vec<String>),
}

impl Cell {
    pub(crate) fn text(text: &str) -> Self {
        let text = text.trim();
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }

    fn shown(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Bool(flag) => flag.to_string(),
            Self::Number(text) | Self::Text(text) => text.clone(),
            Self::List(texts) => texts.join("|"),
        }
    }

    /// The tree of a value of `fact`; what does not fit stays as it is and is refused by the profile reader.
    fn tree(self, fact: &Fact) -> Tree {
        match (fact.kind, self) {
            (_, Self::Empty) => Tree::Null,
            (FactType::Tags, Self::List(texts)) => {
                Tree::List(texts.into_iter().map(|text| at(Tree::Text(text))).collect())
            }
            (FactType::Tags, Self::Text(text)) => {
                let tags = text.split('|').map(str::trim).filter(|tag| !tag.is_empty());
                Tree::List(tags.map(|tag| at(Tree::Text(tag.to_owned()))).collect())
            }
            (FactType::Boolean, Self::Text(text) | Self::Number(text)) => match text.as_str() {
                "true" | "TRUE" | "True" | "是" | "1" => Tree::Bool(true),
                "false" | "FALSE" | "False" | "否" | "0" => Tree::Bool(false),
                _ => Tree::Text(text),
            },
            (kind, Self::Text(text)) if kind.is_number() => number(text),
            (FactType::Code | FactType::Text | FactType::Date, Self::Number(text)) => Tree::Text(text),
            (_, Self::Bool(flag)) => Tree::Bool(flag),
            (_, Self::Number(text)) => Tree::Number(text),
            (_, Self::Text(text)) => Tree::Text(text),
            (_, Self::List(texts)) => {
                Tree::List(texts.into_iter().map(|text| at(Tree::Text(text))).collect())
            }
        }
    }
}

/// A number, or a range written as `10..20`, `10..` or `..20`.
fn number(text: String) -> Tree {
    if Number::parse(&text).is_some() {
        return Tree::Number(text);
    }
    let Some((low, high)) = text.split_once("..") else { return Tree::Text(text) };
    let fits = |end: &str| end.is_empty() || Number::parse(end).is_some();
    if !fits(low) || !fits(high) || (low.is_empty() && high.is_empty()) {
        return Tree::Text(text);
    }
    let end =
        |key: &str, end: &str| (!end.is_empty()).then(|| (key.to_owned(), at(Tree::Number(end.to_owned()))));
    Tree::Map(end("at_least", low).into_iter().chain(end("at_most", high)).collect())
}

fn at(value: Tree) -> Node {
    Node { value, line: 0 }
}

/// Reads rows of one file, each with its cells in the order of the columns.
pub(crate) struct CellReader<'a> {
    pub(crate) file: &'a str,
    pub(crate) columns: &'a [Column],
    pub(crate) headers: &'a [String],
    pub(crate) dictionary: &'a FactDictionary,
    pub(crate) strict: bool,
}

impl CellReader<'_> {
    /// Takes one row up into `rows`.
    pub(crate) fn row(&self, number: u64, cells: impl Iterator<Item = Cell>, rows: &mut Rows) {
        let (mut id, mut name) = (Cell::Empty, Cell::Empty);
        let mut facts: Vec<(String, Node)> = Vec::with_capacity(self.columns.len());
        // What stands in the cell that a problem is about.
        let mut shown: Vec<(usize, String)> = Vec::new();
        for (position, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
            if cell == Cell::Empty {
                continue;
            }
            match column {
                Column::Id => id = cell,
                Column::Name => name = cell,
                Column::Other => {}
                Column::Fact { key, year } => {
                    let Some(fact) = self.dictionary.get(key) else { continue };
                    shown.push((position, cell.shown()));
                    let node = at(cell.tree(fact));
                    match year {
                        None => facts.push((key.clone(), node)),
                        Some(year) => match facts.iter_mut().find(|(known, _)| known == key) {
                            Some((_, Node { value: Tree::Map(years), .. })) => {
                                years.push((year.clone(), node))
                            }
                            _ => facts.push((key.clone(), at(Tree::Map(vec![(year.clone(), node)])))),
                        },
                    }
                }
            }
        }
        let id = id.shown();
        if id.is_empty() {
            self.reject(number, &id, ("id", String::new(), "缺少企业标识（id）".to_owned()), rows);
            rows.rejected += 1;
            return;
        }
        let profile = at(Tree::Map(vec![
            ("id".to_owned(), at(Tree::Text(id.clone()))),
            ("name".to_owned(), at(if name == Cell::Empty { Tree::Null } else { Tree::Text(name.shown()) })),
            ("facts".to_owned(), at(Tree::Map(facts))),
        ]));
        let mut report = Report::new(self.file);
        match Profile::read(&profile, self.dictionary, self.strict, &mut report) {
            Some(profile) => rows.sound.push(Row { row: number, profile }),
            None => {
                rows.rejected += 1;
                for problem in report.problems.iter().filter(|one| one.severity == Severity::Error) {
                    self.name(number, &id, problem, &shown, rows);
                }
            }
        }
    }

    fn name(&self, row: u64, id: &str, problem: &Problem, shown: &[(usize, String)], rows: &mut Rows) {
        let about = |column: &Column| match column {
            Column::Fact { key, year: None } => problem
                .path
                .strip_prefix("facts.")
                .is_some_and(|path| path.split(['.', '[']).next() == Some(key)),
            Column::Fact { key, year: Some(year) } => {
                problem.path.strip_prefix("facts.").and_then(|path| path.split_once('.')).is_some_and(
                    |(known, rest)| known == key && rest.split('.').next() == Some(year.as_str()),
                )
            }
            _ => false,
        };
        let position = self.columns.iter().position(about);
        let header = position.and_then(|position| self.headers.get(position));
        let column = header.map_or(problem.path.as_str(), String::as_str);
        let value = shown.iter().find(|(at, _)| Some(*at) == position).map(|(_, value)| value.clone());
        let key = problem.path.strip_prefix("facts.").and_then(|path| path.split(['.', '[']).next());
        let fact = key.and_then(|key| self.dictionary.get(key));
        let reason = reason(&problem.fault, fact);
        self.reject(row, id, (column, value.unwrap_or_default(), reason), rows);
    }

    pub(crate) fn reject(
        &self,
        row: u64,
        id: &str,
        (column, value, reason): (&str, String, String),
        rows: &mut Rows,
    ) {
        rows.rejects.push(Reject {
            file: self.file.to_owned(),
            row,
            id: id.to_owned(),
            column: column.to_owned(),
            value,
            reason,
        });
    }
}

/// What is wrong, for the person who keeps the table.
pub(crate) fn reason(fault: &Fault, fact: Option<&Fact>) -> String {
    match fault {
        Fault::Expected { .. } => format!("应为{}", fact.map_or("符合格式的值", expected)),
        Fault::OutOfBounds { value, .. } => {
            let end = |end: &Option<Number>| end.as_ref().map_or("不限".to_owned(), ToString::to_string);
            let (low, high) = fact.map_or((String::new(), String::new()), |f| (end(&f.min), end(&f.max)));
            format!("{value} 超出范围，应在 {low} 与 {high} 之间")
        }
        Fault::EmptyRange { low, high } => format!("区间从 {low} 到 {high} 不含任何值"),
        Fault::UnknownValue { value, suggestion, .. } => {
            let suggestion = suggestion.as_ref().map(|word| format!("，是否为“{word}”")).unwrap_or_default();
            format!("“{value}”不在名单内{suggestion}")
        }
        Fault::UnknownFact { key, .. } => format!("没有“{key}”这项指标"),
        Fault::MissingKey(key) => format!("缺少 {key}"),
        Fault::Syntax(message) => format!("不是完整的 JSON：{message}"),
        other => other.to_string(),
    }
}

fn expected(fact: &Fact) -> &'static str {
    match fact.kind {
        FactType::Boolean => "是或否（true、false、1、0）",
        FactType::Integer => "整数",
        FactType::Decimal => "数字",
        FactType::Money => "以元为单位的金额（数字）",
        FactType::Ratio => "比例（数字，5% 写作 0.05）",
        FactType::Date => "存在的日期，如 2024-02-29",
        FactType::Code => match fact.codes {
            Some(CodeSystem::Industry) => "行业代码（GB/T 4754-2017），如 6513",
            _ => "行政区划代码（GB/T 2260），如 310104",
        },
        FactType::Tags => "以 | 分隔的称号",
        FactType::Text => "文字",
    }
}
