//! Converts rows to columns of facts: every cell is checked as in a profile, every fault reported with its column.

mod memo;
mod tags;

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
use zhaoren_policy::syntax::Node;
use zhaoren_policy::warning::WarningKind;

use super::asides::{self, Aside};
use super::cell::{Cell, Words, at};
use super::fact_words::About;
use super::layout::{Layout, Slot, TableColumn};
use super::reason::reason_of_record;
use super::{Reject, Row, Rows, Warning};
use memo::{CellForm, Memo, Notes, Outcome};

/// Access to the cells of one row.
pub(crate) trait Cells {
    /// Cell in a column of the layout.
    fn cell(&self, column: usize) -> Cell<'_>;

    /// Number in a column of the layout, if the table has exact typed numbers.
    fn number(&self, _column: usize) -> Option<Number> {
        None
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
                column.value_ids.push(*code);
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
}

/// Value as shown in a reject.
pub(crate) fn shortened(value: &str) -> String {
    const LONGEST: usize = 200;
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => value.get(..end).unwrap_or_default().to_owned() + "…",
        None => value.to_owned(),
    }
}
