//! Converts rows to columns of facts: every cell is checked as in a profile, every fault reported with its column.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use zhaoren_cancel::poll;
use zhaoren_matcher::batch::{FactColumn, FactTable};
use zhaoren_policy::code::reading::{self, ReadBy};
use zhaoren_policy::code::{CodeSystem, uscc};
use zhaoren_policy::fact::{Fact, FactDictionary, FactType, Knowledge};
use zhaoren_policy::id::{enterprise_id, escape_invisible};
use zhaoren_policy::number::Number;
use zhaoren_policy::problem::{Problem, Report, Severity};
use zhaoren_policy::profile::{CheckedFact, HeldValue, ProfileKey, Strictness};
use zhaoren_policy::syntax::{Node, Tree};
use zhaoren_policy::warning::WarningKind;

use super::asides::{self, Aside};
use super::cell::{Cell, Words, at};
use super::layout::{About, Layout, Slot, TableColumn};
use super::reason::reason_of_record;
use super::{Reject, Row, Rows, Warning};

/// Access to the cells of one row.
pub(crate) trait Cells {
    /// Cell in a column of the layout.
    fn cell(&self, column: usize) -> Cell<'_>;

    /// Number in a column of the layout, if the table has exact typed numbers.
    fn number(&self, _column: usize) -> Option<Number> {
        None
    }
}

/// Result of reading a cell.
#[derive(Clone, Debug, Default)]
struct Outcome {
    /// Code of the value in the column of its slot, 0 for unknown.
    code: u32,
    /// True if the cell rejects its row.
    refused: bool,
    /// Faults of a refused cell, or warnings about another; `None` without any.
    notes: Option<Notes>,
}

/// Faults or warnings, each with its kind and its words in Chinese. Shared by equal cells.
type Notes = Arc<[(WarningKind, String)]>;

impl Outcome {
    fn of(code: u32) -> Self {
        Self { code, ..Self::default() }
    }
}

/// Value of a fact with the notes about it.
struct Checked {
    given: Option<CheckedFact>,
    refused: bool,
    notes: Vec<(WarningKind, String)>,
}

/// Notes about the cells of one column in the current row.
struct Doubt {
    column: String,
    value: String,
    refused: bool,
    notes: Notes,
}

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
    strictness: Strictness,
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
    /// Notes about its cells.
    doubts: Vec<Doubt>,
    /// Reused for each cell.
    report: Report,
}

impl<'a> RowReader<'a> {
    pub(crate) fn new(
        file: &'a str,
        layout: &'a Layout,
        words: &'a Words,
        dictionary: &'a FactDictionary,
        strictness: Strictness,
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
            strictness,
            facts,
            memos,
            columns,
            joined: HashMap::new(),
            pending: Vec::new(),
            doubts: Vec::new(),
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
        rows.table = FactTable::new(rows.accepted.len(), columns.collect());
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
        self.doubts.clear();
        let mut faults: Vec<(String, String, String)> = Vec::new();
        let id = match self.named(cells, layout.id) {
            Ok(Some(id)) => enterprise_id(&id).unwrap_or_else(|fault| {
                faults.push((self.header(layout.id), escape_invisible(&id), fault.to_string()));
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
        let name = layout.name.map(|column| (column, self.named(cells, column)));
        let name = match name {
            Some((_, Ok(name))) => name,
            Some((column, Err(fault))) => {
                let notes = Arc::from([(WarningKind::Unreadable, fault.2)]);
                self.doubt(self.header(column), fault.1, self.refuses(), notes);
                None
            }
            None => None,
        };
        self.pending.clear();
        for (at, slot) in layout.slots.iter().enumerate() {
            let code = match self.facts.get(at).copied().flatten() {
                None => 0,
                Some(fact) => self.slot(fact, (at, slot), cells),
            };
            self.pending.push(code);
        }
        let refused = self.doubts.iter().filter(|doubt| doubt.refused).flat_map(|doubt| {
            doubt.notes.iter().map(|(_, reason)| (doubt.column.clone(), doubt.value.clone(), reason.clone()))
        });
        faults.extend(refused);
        if faults.is_empty() {
            self.warn(number, &id, rows);
            rows.accepted.push(Row { row: number, id, name });
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

    /// Kind of a row that is no enterprise, with its first text.
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
        // The words of a row without an id are in its first columns.
        const FIRST: usize = 6;
        (0..self.layout.columns.len().min(FIRST)).find_map(kind).flatten()
    }

    /// Reject of a row.
    pub(crate) fn reject(&self, row: u64, id: &str, column: String, value: &str, reason: String) -> Reject {
        Reject { file: self.file.to_owned(), row, id: id.to_owned(), column, value: shortened(value), reason }
    }

    /// Adds the warnings about an accepted row.
    fn warn(&self, row: u64, id: &str, rows: &mut Rows) {
        let warning = |column: &str, value: &str, kind: WarningKind, reason: &str| Warning {
            file: self.file.to_owned(),
            row,
            id: id.to_owned(),
            column: column.to_owned(),
            value: shortened(value),
            kind,
            reason: reason.to_owned(),
        };
        // A code in the column of a fact is checked there.
        let is_fact = self.layout.slots.iter().any(|slot| slot.columns.contains(&self.layout.id));
        if !is_fact && let Some(doubt) = uscc::doubt(id) {
            let kind = WarningKind::CreditCode;
            rows.warn(kind, || warning(&self.header(self.layout.id), id, kind, &doubt));
        }
        for doubt in &self.doubts {
            for (kind, reason) in doubt.notes.iter() {
                rows.warn(*kind, || warning(&doubt.column, &doubt.value, *kind, reason));
            }
        }
    }

    /// True if a value that cannot be read rejects its row.
    fn refuses(&self) -> bool {
        self.strictness != Strictness::Tolerant
    }

    fn doubt(&mut self, column: String, value: String, refused: bool, notes: Notes) {
        self.doubts.push(Doubt { column, value, refused, notes });
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

    /// Code of a slot's value; notes about its cells are added to those of the row.
    fn slot(&mut self, fact: &Fact, (index, slot): (usize, &Slot), cells: &impl Cells) -> u32 {
        let layout = self.layout;
        let one = match slot.columns.as_slice() {
            [position] => layout.columns.get(*position).map(|column| (*position, column)),
            _ => None,
        };
        let Some((position, column)) = one.filter(|(_, column)| matches!(column.about, About::Fact { .. }))
        else {
            let given = self.tags(fact, slot, cells);
            return given.map_or(0, |given| self.add_joined(index, given));
        };
        if fact.kind.is_number()
            && column.reading.is_plain()
            && let Some(number) = cells.number(position)
            && let Some(code) = self.number(fact, (index, position), number)
        {
            return code;
        }
        let cell = cells.cell(position);
        if cell == Cell::Empty {
            return 0;
        }
        let within = if layout.parents.is_empty() { None } else { self.within(fact, &cell, cells) };
        let cell = within.unwrap_or(cell);
        let outcome = self.given(fact, (index, position), column, &cell);
        if let Some(notes) = outcome.notes {
            self.doubt(column.header.clone(), cell.shown(), outcome.refused, notes);
        }
        outcome.code
    }

    /// Name of a place with what it lies in by the columns for that, if only together they are understood, or more exactly:
    /// 朝阳区 in 北京.
    fn within(&self, fact: &Fact, cell: &Cell<'_>, cells: &impl Cells) -> Option<Cell<'static>> {
        let Cell::Text(text) = cell else { return None };
        if fact.codes != Some(CodeSystem::Region) {
            return None;
        }
        let alone = reading::read(text, CodeSystem::Region);
        if alone.as_ref().is_some_and(|alone| alone.by != ReadBy::Name || alone.codes.len() == 1) {
            return None;
        }
        let parents = self.layout.parents.iter().map(|position| cells.cell(*position).shown());
        let whole: String = parents.chain([text.clone().into_owned()]).collect();
        let whole_reading = reading::read(&whole, CodeSystem::Region)?;
        (whole_reading.codes.len() <= alone.map_or(usize::MAX, |alone| alone.codes.len()))
            .then(|| Cell::owned_text(whole))
    }

    /// Outcome of a cell's value, cached for equal cells.
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
            Ok(Some(tree)) => {
                let checked = self.check(fact, &at(tree), &column.header);
                let code = checked.given.map_or(0, |given| self.add(place, given));
                let notes = (!checked.notes.is_empty()).then(|| Arc::from(checked.notes));
                Outcome { code, refused: checked.refused, notes }
            }
            Ok(None) => Outcome::of(0),
            Err(reason) => Outcome {
                code: 0,
                refused: self.refuses(),
                notes: Some(Arc::from([(WarningKind::Unreadable, reason)])),
            },
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
    fn add(&mut self, index: usize, given: CheckedFact) -> u32 {
        let held = given.into_value();
        // A fact stated to be unknown is like an empty cell.
        if held == HeldValue::Value(Knowledge::Unknown) {
            return 0;
        }
        self.columns.get_mut(index).map_or(0, |column| column.add(held))
    }

    /// Like [`RowReader::add`], for tags combined from several columns, which have no cache.
    fn add_joined(&mut self, index: usize, given: CheckedFact) -> u32 {
        let Some(column) = self.columns.get_mut(index) else { return 0 };
        let held = given.into_value();
        match self.joined.entry((index, held.clone())) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => *new.insert(column.add(held)),
        }
    }

    fn check(&mut self, fact: &Fact, node: &Node, heading: &str) -> Checked {
        self.report.clear();
        let how = (self.strictness, Some(heading));
        let given = CheckedFact::read(fact, node, &fact.key, self.dictionary, how, &mut self.report);
        let refused = self.report.errors() > 0;
        // A refused cell is named by its errors alone.
        let about = |problem: &&Problem| !refused || problem.severity == Severity::Error;
        let note = |problem: &Problem| (problem.fault.kind(), reason_of_record(problem, &problem.path, fact));
        let notes = self.report.problems.iter().filter(about).map(note).collect();
        Checked { given: given.filter(|_| !refused), refused, notes }
    }

    /// Tags fact with several columns, or with one column of 是 and 否. It is complete if one column is a list and no column is
    /// unknown: a 是/否 column covers only its own tag.
    fn tags(&mut self, fact: &Fact, slot: &Slot, cells: &impl Cells) -> Option<CheckedFact> {
        let layout = self.layout;
        let (mut has, mut lacks): (Vec<Node>, Vec<Node>) = (Vec::new(), Vec::new());
        let (mut lists, mut complete, mut known, mut sound) = (false, true, false, true);
        let columns =
            slot.columns.iter().filter_map(|position| Some((*position, layout.columns.get(*position)?)));
        for (position, column) in columns.clone() {
            let cell = cells.cell(position);
            let (part, notes, refused) = self.part(fact, column, &cell);
            if !notes.is_empty() {
                self.doubt(column.header.clone(), cell.shown(), refused, Arc::from(notes));
            }
            sound &= !refused;
            match part {
                TagsPart::Unknown => complete = false,
                TagsPart::List(tags) => {
                    (lists, known) = (true, true);
                    has.extend(tags);
                }
                TagsPart::Some { has: some, lacks: others } => {
                    (complete, known) = (false, true);
                    has.extend(some);
                    lacks.extend(others);
                }
                TagsPart::One(tag, held) => {
                    known = true;
                    if held { has.push(tag) } else { lacks.push(tag) }
                }
            }
        }
        if !sound || !known {
            return None;
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
        // Read as `has` and `lacks` first, so that a tag in both is refused. Words were noted with their column.
        let mut checked = self.check(fact, &at(Tree::Map(map)), "");
        checked.notes.retain(|(kind, _)| *kind == WarningKind::Unreadable || checked.refused);
        if !checked.notes.is_empty() {
            let headers: Vec<&str> = columns.clone().map(|(_, column)| column.header.as_str()).collect();
            let values: Vec<String> = columns.map(|(position, _)| cells.cell(position).shown()).collect();
            self.doubt(headers.join("、"), values.join("、"), checked.refused, Arc::from(checked.notes));
        }
        let given = checked.given?;
        if complete && lists { self.check(fact, &list, "").given } else { Some(given) }
    }

    /// Contribution of a column to a tags fact with several columns, with the notes about its cell, and true if it is refused.
    fn part(
        &mut self,
        fact: &Fact,
        column: &TableColumn,
        cell: &Cell<'_>,
    ) -> (TagsPart, Vec<(WarningKind, String)>, bool) {
        let unreadable =
            |why: String| (TagsPart::Unknown, vec![(WarningKind::Unreadable, why)], self.refuses());
        if let About::Tag { tag, .. } = &column.about {
            let part = match column.reading.truth(cell, self.words) {
                Err(reason) => return unreadable(reason),
                Ok(None) => TagsPart::Unknown,
                Ok(Some(held)) => TagsPart::One(at(Tree::Text(tag.clone())), held),
            };
            return (part, Vec::new(), false);
        }
        let tree = match column.reading.tree(fact, cell, self.words) {
            Err(reason) => return unreadable(reason),
            Ok(None) => return (TagsPart::Unknown, Vec::new(), false),
            Ok(Some(tree)) => tree,
        };
        let checked = self.check(fact, &at(tree), &column.header);
        let part = checked.given.map_or(TagsPart::Unknown, |given| match given.into_value() {
            HeldValue::Tags(tags) => {
                let (has, lacks) = tags.nodes();
                match lacks {
                    None => TagsPart::List(has),
                    Some(lacks) => TagsPart::Some { has, lacks },
                }
            }
            _ => TagsPart::Unknown,
        });
        (part, checked.notes, checked.refused)
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
            Cell::Empty | Cell::Bool(_) | Cell::Float(_) | Cell::Records(_) | Cell::Odd { .. } => {
                return None;
            }
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

    fn get(&mut self, form: CellForm, text: &str) -> Option<Outcome> {
        if self.worthless() {
            return None;
        }
        self.asked += 1;
        let known = self.known.get(form as usize)?.get(text)?.clone();
        self.found += 1;
        Some(known)
    }

    fn keep(&mut self, form: CellForm, text: &str, outcome: &Outcome) {
        if self.worthless() {
            return;
        }
        if let Some(map) = self.known.get_mut(form as usize) {
            map.insert(text.into(), outcome.clone());
        }
    }
}
