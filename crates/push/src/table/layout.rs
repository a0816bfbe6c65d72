//! Layout of a table: the meaning of its columns, found from their headers.

use std::collections::HashMap;

use zhaoren_policy::code::CodeSystem;
use zhaoren_policy::fact::{FactDictionary, FactType};

use super::cell::CellRules;
use super::fact_words::{About, FactWords, folded};
use super::head;
use super::heading::{Heading, parts, unit_of};
use super::mapping::Mapping;
use super::unit::Unit;

/// Column of a table.
#[derive(Clone, Debug)]
pub(crate) struct TableColumn {
    /// Header as written.
    pub(crate) header: String,
    pub(crate) about: About,
    pub(crate) reading: CellRules,
    /// True if other columns may contribute to the same fact: the tags fact of a table with a mapping.
    shared: bool,
}

/// Fact, or one year of it, with its columns; only a tags fact can have several.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) key: String,
    pub(crate) year: Option<i16>,
    pub(crate) columns: Vec<usize>,
}

/// Columns of a table, by meaning.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) columns: Vec<TableColumn>,
    /// Column of the id. Without a separate id column it is that of 统一社会信用代码, which is a fact as well.
    pub(crate) id: usize,
    pub(crate) name: Option<usize>,
    pub(crate) slots: Vec<Slot>,
    /// Columns that say in which province and city a place lies that another column names; they are no facts.
    pub(crate) parents: Vec<usize>,
}

/// Unused column: its header, and the reason.
pub(crate) type Unused = (String, String);

impl Layout {
    /// Identifies columns by their headers; a mapping takes precedence over the names of facts.
    ///
    /// # Errors
    /// In Chinese: the id column is missing, or two columns have the same meaning.
    pub(crate) fn new(
        headers: Vec<String>,
        dictionary: &FactDictionary,
        mapping: Option<&Mapping>,
    ) -> Result<(Self, Vec<Unused>), String> {
        let words = FactWords::new(dictionary);
        let mut unused = Vec::new();
        let exact = exact_slots(&headers, &words, mapping);
        let columns: Vec<TableColumn> = headers
            .into_iter()
            .map(|header| {
                let (about, reading) = match mapping.and_then(|mapping| mapping.target(&header)) {
                    Some(target) => target.column(),
                    None => match words.heading(&header).and_then(|heading| match words.about(&header) {
                        Ok(_) => Ok(heading),
                        Err(_) => once(heading, &exact),
                    }) {
                        Ok(heading) => {
                            (heading.about, CellRules { unit: heading.unit, ..CellRules::default() })
                        }
                        Err(why) => {
                            unused.push((header.clone(), format!("列“{header}”{why}，未使用")));
                            (About::Unused, CellRules::default())
                        }
                    },
                };
                let reading = complete(reading, &header, &about, &words, mapping);
                let shared = match &about {
                    About::Tag { .. } => true,
                    About::Fact { key, .. } => {
                        let tags = dictionary.get(key).is_some_and(|fact| fact.kind == FactType::Tags);
                        tags && mapping.is_some()
                    }
                    _ => false,
                };
                TableColumn { header, about, reading, shared }
            })
            .collect();
        if let Some(mapping) = mapping {
            for header in mapping.missing(columns.iter().map(|column| column.header.as_str())) {
                unused.push((header.to_owned(), format!("文件里没有映射中的列“{header}”")));
            }
        }
        let mut layout = Self::of(columns)?;
        let is_region = |slot: &Slot| {
            dictionary.get(&slot.key).is_some_and(|fact| fact.codes == Some(CodeSystem::Region))
        };
        if layout.slots.iter().any(is_region) {
            let parent = |(position, column): (usize, &TableColumn)| {
                (column.about == About::Unused && is_parent(&column.header)).then_some(position)
            };
            layout.parents = layout.columns.iter().enumerate().filter_map(parent).collect();
        }
        Ok((layout, unused))
    }

    /// Layout that gives no column a meaning, for a look at a table.
    pub(crate) fn raw(headers: Vec<String>) -> Self {
        let column = |header| TableColumn {
            header,
            about: About::Unused,
            reading: CellRules::default(),
            shared: false,
        };
        Self { columns: headers.into_iter().map(column).collect(), ..Self::default() }
    }

    fn of(columns: Vec<TableColumn>) -> Result<Self, String> {
        let mut layout = Self::default();
        let (mut id, mut name, mut company) = (None, None, None);
        for (position, column) in columns.iter().enumerate() {
            let (key, year) = match &column.about {
                About::Unused => continue,
                About::Id if id.is_none() => {
                    id = Some(position);
                    continue;
                }
                About::Name if name.is_none() => {
                    name = Some(position);
                    continue;
                }
                About::Id | About::Name => return Err(twice(&columns, position)),
                About::Tag { key, .. } => (key, None),
                About::Fact { key, year } => (key, *year),
            };
            if key == "name" {
                company = Some(position);
            }
            match layout.slots.iter_mut().find(|slot| slot.key == *key && slot.year == year) {
                Some(slot) => {
                    if !column.shared {
                        return Err(twice(&columns, position));
                    }
                    slot.columns.push(position);
                }
                None => layout.slots.push(Slot { key: key.clone(), year, columns: vec![position] }),
            }
        }
        // 企业名称 is the name if no other column is, 统一社会信用代码 is the id.
        if name.is_none() && company.is_some() {
            name = company;
            layout.slots.retain(|slot| slot.key != "name");
        }
        let code = || layout.slots.iter().find(|slot| slot.key == "uscc")?.columns.first().copied();
        let Some(id) = id.or_else(code) else {
            let headers: Vec<String> = columns.iter().map(|column| column.header.clone()).collect();
            return Err(format!(
                "没有 id 列（或“统一社会信用代码”），无法识别企业；表头读作 {} 列：{}",
                headers.len(),
                head::shown(&headers)
            ));
        };
        Ok(Self { id, name, columns, ..layout })
    }

    /// Indices of the columns that are read.
    pub(crate) fn used(&self) -> Vec<usize> {
        let used = |position: &usize| {
            *position == self.id
                || Some(*position) == self.name
                || self.parents.contains(position)
                || self.slots.iter().any(|slot| slot.columns.contains(position))
        };
        (0..self.columns.len()).filter(used).collect()
    }
}

/// True for a heading such as 所在省份 or 城市: what a place lies in.
fn is_parent(header: &str) -> bool {
    let heading = folded(header);
    let bare = ["所在", "所属", "注册", "企业"].iter().find_map(|begin| heading.strip_prefix(begin));
    matches!(
        bare.unwrap_or(&heading),
        "省" | "省份" | "省市" | "市" | "城市" | "地市" | "地级市" | "省（市）" | "省(市)" | "省/市"
    )
}

fn twice(columns: &[TableColumn], position: usize) -> String {
    let at = |position: usize| columns.get(position).map_or("", |column| column.header.as_str());
    let about = columns.get(position).map(|column| &column.about);
    let first = columns.iter().position(|column| match (&column.about, about) {
        (About::Tag { key, .. } | About::Fact { key, year: None }, Some(About::Fact { key: other, .. })) => {
            key == other
        }
        (one, other) => Some(one) == other,
    });
    format!(
        "第 {} 列“{}”与第 {} 列“{}”说的是同一项，只能有一列",
        position + 1,
        at(position),
        first.unwrap_or_default() + 1,
        at(first.unwrap_or_default())
    )
}

/// Adds the mapping's separate entries (units, values) to a column.
fn complete(
    reading: CellRules,
    header: &str,
    about: &About,
    words: &FactWords<'_>,
    mapping: Option<&Mapping>,
) -> CellRules {
    let Some(mapping) = mapping else { return reading };
    let fact = match about {
        About::Fact { key, .. } => words.dictionary.get(key),
        _ => None,
    };
    let unit = fact.and_then(|fact| Unit::parse(mapping.unit(header)?, fact));
    // The mapping may leave to the heading what the heading says: 注册资金（万元）: registered_capital.
    let stated = || unit_of(fact?, &parts(header)).ok().flatten();
    CellRules { unit: reading.unit.or(unit).or_else(stated), values: mapping.values(header), ..reading }
}

/// Facts, with their years, that headers name exactly or a mapping names, each with the header.
fn exact_slots(
    headers: &[String],
    words: &FactWords<'_>,
    mapping: Option<&Mapping>,
) -> HashMap<(String, Option<i16>), String> {
    let mut exact = HashMap::new();
    for header in headers {
        let about = match mapping.and_then(|mapping| mapping.target(header)) {
            Some(target) => Ok(target.column().0),
            None => words.about(header),
        };
        if let Ok(About::Fact { key, year }) = about {
            exact.entry((key, year)).or_insert_with(|| header.clone());
        }
    }
    exact
}

/// Heading unless another column is named after the same fact exactly.
fn once(heading: Heading, exact: &HashMap<(String, Option<i16>), String>) -> Result<Heading, String> {
    let other = match &heading.about {
        About::Fact { key, year } => exact.get(&(key.clone(), *year)),
        _ => None,
    };
    match other {
        Some(other) => Err(format!("与列“{other}”说的是同一项")),
        None => Ok(heading),
    }
}
