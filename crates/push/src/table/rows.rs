//! Converts rows to columns of facts: every cell is checked as in a profile, every fault reported with its column.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use zhaoren_cancel::poll;
use zhaoren_matcher::batch::{FactColumn, FactTable};
use zhaoren_policy::fact::{Fact, FactDictionary, FactType};
use zhaoren_policy::id::{enterprise_id, visible};
use zhaoren_policy::number::Number;
use zhaoren_policy::problem::{Report, Severity};
use zhaoren_policy::profile::{CheckedFact, HeldValue, ProfileKey};
use zhaoren_policy::syntax::{Node, Tree};

use super::asides::{self, Aside};
use super::cell::{Cell, Words, at};
use super::layout::{About, Layout, Slot, TableColumn};
use super::reason::reason;
use super::{Reject, Row, Rows};

/// Access to the cells of one row.
pub(crate) trait Cells {
    /// Cell in a column of the layout.
    fn cell(&self, column: usize) -> Cell<'_>;

    /// Number in a column of the layout, if the table has exact typed numbers.
    fn number(&self, _column: usize) -> Option<Number> {
        None
    }
}

/// Result of reading a cell: the code of the value in the column of its slot, 0 for unknown, or the reasons for refusing it.
type Outcome = Result<u32, Vec<String>>;

/// Contribution of a column to a tags fact that has several columns.
enum TagsPart {
    Unknown,
    /// Complete list: possible tags that are not in it are not held.
    List(Vec<Node>),
    Some {
        has: Vec<Node>,
        lacks: Vec<Node>,
    },
    /// One tag, held or not.
    One(Node, bool),
}

/// Maximum number of faults named for one row; further ones are only counted.
pub(crate) const MOST_FAULTS: usize = 32;

/// Reader of the rows of one file.
pub(crate) struct RowReader<'a> {
    file: &'a str,
    layout: &'a Layout,
    words: &'a Words,
    dictionary: &'a FactDictionary,
    strict: bool,
    /// Fact of each slot of the layout.
    facts: Vec<Option<&'a Fact>>,
    /// Cache of the values read so far, by column.
    memos: Vec<Memo>,
    /// Facts read, by slot of the layout.
    columns: Vec<FactColumn>,
    /// Codes of tags combined from several columns, by slot and value.
    joined: HashMap<(usize, HeldValue), u32>,
    /// Codes of the current row.
    pending: Vec<u32>,
    /// Reused for each cell.
    report: Report,
}

impl<'a> RowReader<'a> {
    pub(crate) fn new(
        file: &'a str,
        layout: &'a Layout,
        words: &'a Words,
        dictionary: &'a FactDictionary,
        strict: bool,
    ) -> Self {
        let memos = layout.columns.iter().map(|_| Memo::default()).collect();
        let facts = layout.slots.iter().map(|slot| dictionary.get(&slot.key)).collect();
        let columns = layout.slots.iter().map(|_| FactColumn::default()).collect();
        let report = Report::new(file);
        Self {
            file,
            layout,
            words,
            dictionary,
            strict,
            facts,
            memos,
            columns,
            joined: HashMap::new(),
            pending: Vec::new(),
            report,
        }
    }

    /// Moves the facts of all accepted rows into `rows`.
    pub(crate) fn finish(self, rows: &mut Rows) {
        let columns = self.layout.slots.iter().zip(self.columns).filter_map(|(slot, column)| {
            let fact = self.dictionary.get(&slot.key)?;
            // Tags have no years.
            let year = slot.year.filter(|_| fact.kind != FactType::Tags);
            (!column.values.is_empty()).then(|| (ProfileKey::Fact(fact.key.clone(), year), column))
        });
        rows.table = FactTable::new(rows.sound.len(), columns.collect());
    }

    /// Accepts or rejects one row.
    pub(crate) fn row(&mut self, number: u64, cells: &impl Cells, rows: &mut Rows) {
        poll();
        let layout = self.layout;
        if let Some((text, aside)) = self.aside(cells) {
            rows.rejects.push(self.reject(number, "", String::new(), &text, aside.reason().to_owned()));
            rows.rejected += 1;
            return;
        }
        let mut faults: Vec<(String, String, String)> = Vec::new();
        let id = match self.named(cells, layout.id) {
            Ok(Some(id)) => enterprise_id(&id).unwrap_or_else(|fault| {
                faults.push((self.header(layout.id), visible(&id), fault.to_string()));
                String::new()
            }),
            Ok(None) => {
                faults.push((self.header(layout.id), String::new(), "缺少企业标识（id）".to_owned()));
                String::new()
            }
            Err(fault) => {
                faults.push(fault);
                String::new()
            }
        };
        let name = match layout.name.map(|column| self.named(cells, column)) {
            Some(Ok(name)) => name,
            Some(Err(fault)) => {
                faults.push(fault);
                None
            }
            None => None,
        };
        self.pending.clear();
        for (at, slot) in layout.slots.iter().enumerate() {
            let code = match self.facts.get(at).copied().flatten() {
                None => 0,
                Some(fact) => self.slot(fact, (at, slot), cells).unwrap_or_else(|mut found| {
                    faults.append(&mut found);
                    0
                }),
            };
            self.pending.push(code);
        }
        if faults.is_empty() {
            rows.sound.push(Row { row: number, id, name });
            for (column, code) in self.columns.iter_mut().zip(&self.pending) {
                column.codes.push(*code);
            }
            return;
        }
        rows.rejected += 1;
        let more = faults.len().saturating_sub(MOST_FAULTS);
        for (column, value, reason) in faults.into_iter().take(MOST_FAULTS) {
            rows.rejects.push(self.reject(number, &id, column, &value, reason));
        }
        if more > 0 {
            let reason = format!("这一行另有 {more} 处问题未列出");
            rows.rejects.push(self.reject(number, &id, String::new(), "", reason));
        }
    }

    /// What a row is instead of an enterprise, with its first text.
    pub(crate) fn aside(&self, cells: &impl Cells) -> Option<(String, Aside)> {
        let kind = |column: usize| match cells.cell(column) {
            Cell::Text(text) => {
                let repeated = self.layout.columns.get(column).is_some_and(|column| column.header == *text);
                let kind = if repeated { Some(Aside::Header) } else { asides::kind(&text) };
                Some(kind.map(|kind| (text.into_owned(), kind)))
            }
            Cell::Empty => None,
            _ => Some(None),
        };
        if let Some(found) = kind(self.layout.id) {
            return found;
        }
        // The words of a row without an id stand in its first columns.
        const FIRST: usize = 6;
        (0..self.layout.columns.len().min(FIRST)).find_map(kind).flatten()
    }

    /// Reject of a row.
    pub(crate) fn reject(&self, row: u64, id: &str, column: String, value: &str, reason: String) -> Reject {
        Reject { file: self.file.to_owned(), row, id: id.to_owned(), column, value: shortened(value), reason }
    }

    fn header(&self, column: usize) -> String {
        self.layout.columns.get(column).map(|column| column.header.clone()).unwrap_or_default()
    }

    /// Text of the id or the name.
    fn named(&self, cells: &impl Cells, column: usize) -> Result<Option<String>, (String, String, String)> {
        let cell = cells.cell(column);
        let text = cell.as_text().map_err(|reason| (self.header(column), cell.shown(), reason))?;
        Ok(text.filter(|text| !self.words.empty.contains(text)))
    }

    fn slot(
        &mut self,
        fact: &Fact,
        (place, slot): (usize, &Slot),
        cells: &impl Cells,
    ) -> Result<u32, Vec<(String, String, String)>> {
        let layout = self.layout;
        let one = match slot.columns.as_slice() {
            [position] => layout.columns.get(*position).map(|column| (*position, column)),
            _ => None,
        };
        let Some((position, column)) = one.filter(|(_, column)| matches!(column.about, About::Fact { .. }))
        else {
            let given = self.tags(fact, slot, cells)?;
            return Ok(given.map_or(0, |given| self.add_joined(place, given)));
        };
        if fact.kind.is_number()
            && column.reading.is_plain()
            && let Some(number) = cells.number(position)
            && let Some(code) = self.number(fact, (place, position), number)
        {
            return Ok(code);
        }
        let cell = cells.cell(position);
        if cell == Cell::Empty {
            return Ok(0);
        }
        self.given(fact, (place, position), column, &cell).map_err(|reasons| {
            let shown = cell.shown();
            reasons.into_iter().map(|reason| (column.header.clone(), shown.clone(), reason)).collect()
        })
    }

    /// Code of a cell's value, cached for equal cells.
    fn given(
        &mut self,
        fact: &Fact,
        (place, position): (usize, usize),
        column: &TableColumn,
        cell: &Cell<'_>,
    ) -> Outcome {
        let key = CellForm::of(cell);
        if let Some((said, text)) = &key
            && let Some(known) = self.memos.get_mut(position).and_then(|memo| memo.get(*said, text))
        {
            return known;
        }
        let outcome = match column.reading.tree(fact, cell, self.words) {
            Ok(Some(tree)) => self.check(fact, &at(tree)).map(|given| self.add(place, given)),
            Ok(None) => Ok(0),
            Err(reason) => Err(vec![reason]),
        };
        if let Some((said, text)) = &key
            && let Some(memo) = self.memos.get_mut(position)
        {
            memo.keep(*said, text, &outcome);
        }
        outcome
    }

    /// Code of a number; `None` if it is refused, in which case [`RowReader::given`] finds the reason.
    fn number(&mut self, fact: &Fact, (place, position): (usize, usize), number: Number) -> Option<u32> {
        if let Some(code) = self.memos.get_mut(position)?.number(&number) {
            return Some(code);
        }
        let given = CheckedFact::number(fact, number.clone())?;
        let code = self.add(place, given);
        self.memos.get_mut(position)?.keep_number(number, code);
        Some(code)
    }

    /// Adds a value to the column of a slot and returns its code.
    fn add(&mut self, place: usize, given: CheckedFact) -> u32 {
        self.columns.get_mut(place).map_or(0, |column| column.add(given.held()))
    }

    /// Like [`RowReader::add`], for tags combined from several columns, which have no cache.
    fn add_joined(&mut self, place: usize, given: CheckedFact) -> u32 {
        let Some(column) = self.columns.get_mut(place) else { return 0 };
        let held = given.held();
        match self.joined.entry((place, held.clone())) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => *new.insert(column.add(held)),
        }
    }

    fn check(&mut self, fact: &Fact, node: &Node) -> Result<CheckedFact, Vec<String>> {
        self.report.clear();
        let given = CheckedFact::read(fact, node, &fact.key, self.dictionary, self.strict, &mut self.report);
        let errors = self.report.problems.iter().filter(|problem| problem.severity == Severity::Error);
        given.ok_or_else(|| errors.map(|problem| reason(&problem.fault, Some(fact))).collect())
    }

    /// Tags fact with several columns, or with one column of 是 and 否. It is complete if one column is a list and no column is
    /// unknown: a 是/否 column covers only its own tag.
    fn tags(
        &mut self,
        fact: &Fact,
        slot: &Slot,
        cells: &impl Cells,
    ) -> Result<Option<CheckedFact>, Vec<(String, String, String)>> {
        let layout = self.layout;
        let (mut has, mut lacks): (Vec<Node>, Vec<Node>) = (Vec::new(), Vec::new());
        let (mut lists, mut complete, mut known) = (false, true, false);
        let mut faults = Vec::new();
        let columns =
            slot.columns.iter().filter_map(|position| Some((*position, layout.columns.get(*position)?)));
        for (position, column) in columns.clone() {
            let cell = cells.cell(position);
            match self.part(fact, column, &cell) {
                Ok(TagsPart::Unknown) => complete = false,
                Ok(TagsPart::List(tags)) => {
                    (lists, known) = (true, true);
                    has.extend(tags);
                }
                Ok(TagsPart::Some { has: some, lacks: others }) => {
                    (complete, known) = (false, true);
                    has.extend(some);
                    lacks.extend(others);
                }
                Ok(TagsPart::One(tag, held)) => {
                    known = true;
                    if held { has.push(tag) } else { lacks.push(tag) }
                }
                Err(reasons) => {
                    let shown = cell.shown();
                    faults.extend(reasons.into_iter().map(|why| (column.header.clone(), shown.clone(), why)));
                }
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        if !known {
            return Ok(None);
        }
        for tags in [&mut has, &mut lacks] {
            let all = std::mem::take(tags);
            all.into_iter().for_each(|tag| {
                if !tags.contains(&tag) {
                    tags.push(tag)
                }
            });
        }
        let list = at(Tree::List(has.clone()));
        let map = vec![("has".to_owned(), list.clone()), ("lacks".to_owned(), at(Tree::List(lacks)))];
        // Read as `has` and `lacks` first, so that a tag in both is refused.
        let checked = self.check(fact, &at(Tree::Map(map)));
        let checked = if complete && lists { checked.and_then(|_| self.check(fact, &list)) } else { checked };
        checked.map(Some).map_err(|reasons| {
            let headers: Vec<&str> = columns.clone().map(|(_, column)| column.header.as_str()).collect();
            let values: Vec<String> = columns.map(|(position, _)| cells.cell(position).shown()).collect();
            let named = |reason| (headers.join("、"), values.join("、"), reason);
            reasons.into_iter().map(named).collect()
        })
    }

    fn part(&mut self, fact: &Fact, column: &TableColumn, cell: &Cell<'_>) -> Result<TagsPart, Vec<String>> {
        if let About::Tag { tag, .. } = &column.about {
            let held = column.reading.truth(cell, self.words).map_err(|reason| vec![reason])?;
            return Ok(
                held.map_or(TagsPart::Unknown, |held| TagsPart::One(at(Tree::Text(tag.clone())), held))
            );
        }
        let Some(tree) = column.reading.tree(fact, cell, self.words).map_err(|reason| vec![reason])? else {
            return Ok(TagsPart::Unknown);
        };
        let node = at(tree);
        self.check(fact, &node)?;
        let list = |key: &str| match node.get(key).map(|node| &node.value) {
            Some(Tree::List(tags)) => tags.clone(),
            _ => Vec::new(),
        };
        Ok(match &node.value {
            Tree::List(tags) => TagsPart::List(tags.clone()),
            _ => TagsPart::Some { has: list("has"), lacks: list("lacks") },
        })
    }
}

/// Value as shown in a reject.
pub(crate) fn shortened(value: &str) -> String {
    const LONGEST: usize = 200;
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => value.get(..end).unwrap_or_default().to_owned() + "…",
        None => value.to_owned(),
    }
}

/// Notation of a cell's value: 0111 and 111 are different codes.
#[derive(Clone, Copy)]
enum CellForm {
    Text,
    Number,
    Day,
    List,
}

impl CellForm {
    /// Cache key of a cell.
    fn of<'a>(cell: &'a Cell<'_>) -> Option<(Self, Cow<'a, str>)> {
        Some(match cell {
            Cell::Text(text) => (Self::Text, Cow::Borrowed(text.as_ref())),
            Cell::Number(text) => (Self::Number, Cow::Borrowed(text.as_ref())),
            Cell::Day(day) => (Self::Day, Cow::Owned(day.to_string())),
            // Unit separator: a character that no table uses.
            Cell::List(texts) => (Self::List, Cow::Owned(texts.join("\u{1f}"))),
            Cell::Empty | Cell::Bool(_) | Cell::Float(_) | Cell::Odd { .. } => return None,
        })
    }
}

/// Cache of a column's values. A column with few repeated values is not cached.
#[derive(Default)]
struct Memo {
    /// Outcomes by notation and text of the cell.
    known: [HashMap<Box<str>, Outcome>; 4],
    /// Codes of typed numbers.
    numbers: HashMap<Number, u32>,
    asked: u32,
    found: u32,
}

impl Memo {
    /// Number of cells after which the use of the cache is reviewed.
    const TRIAL: u32 = 512;

    fn worthless(&self) -> bool {
        self.asked > Self::TRIAL && self.found < self.asked / 4
    }

    fn number(&mut self, number: &Number) -> Option<u32> {
        if self.worthless() {
            return None;
        }
        self.asked += 1;
        let known = self.numbers.get(number).copied()?;
        self.found += 1;
        Some(known)
    }

    fn keep_number(&mut self, number: Number, code: u32) {
        if !self.worthless() {
            self.numbers.insert(number, code);
        }
    }

    fn get(&mut self, said: CellForm, text: &str) -> Option<Outcome> {
        if self.worthless() {
            return None;
        }
        self.asked += 1;
        let known = self.known.get(said as usize)?.get(text)?.clone();
        self.found += 1;
        Some(known)
    }

    fn keep(&mut self, said: CellForm, text: &str, outcome: &Outcome) {
        if self.worthless() {
            return;
        }
        if let Some(map) = self.known.get_mut(said as usize) {
            map.insert(text.into(), outcome.clone());
        }
    }
}
