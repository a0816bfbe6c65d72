//! Rows to profiles: every cell checked as in a profile, every fault named with its column.

use std::collections::HashMap;

use zhaoren_policy::fact::{Fact, FactDictionary};
use zhaoren_policy::problem::{Report, Severity};
use zhaoren_policy::profile::{Given, ProfileBuilder};
use zhaoren_policy::syntax::{Node, Tree};

use super::cell::{Cell, Words, at};
use super::layout::{About, Layout, Slot, TableColumn};
use super::reason::reason;
use super::{Reject, Row, Rows};

/// The cells of one row.
pub(crate) trait Cells {
    /// The cell in a column of the layout.
    fn cell(&self, column: usize) -> Cell<'_>;
}

/// What a cell gives of its fact: nothing, a value, or the reasons why it cannot.
type Outcome = Result<Option<Given>, Vec<String>>;

/// What a column gives of a tags fact that several columns feed.
enum Part {
    Unknown,
    /// A whole list: of what it could hold, what is not in it is not held.
    List(Vec<Node>),
    Some {
        has: Vec<Node>,
        lacks: Vec<Node>,
    },
    /// One tag, held or not.
    One(Node, bool),
}

/// Reads the rows of one file.
pub(crate) struct RowReader<'a> {
    file: &'a str,
    layout: &'a Layout,
    words: &'a Words,
    dictionary: &'a FactDictionary,
    strict: bool,
    /// What was read in each column already.
    memos: Vec<Memo>,
    /// Used again for each cell.
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
        Self { file, layout, words, dictionary, strict, memos, report: Report::new(file) }
    }

    /// Takes one row up into `rows`, as a profile or as rejected.
    pub(crate) fn row(&mut self, number: u64, cells: &impl Cells, rows: &mut Rows) {
        let layout = self.layout;
        let mut faults: Vec<(String, String, String)> = Vec::new();
        let id = match self.named(cells, layout.id) {
            Ok(Some(id)) => id,
            Ok(None) => {
                faults.push((self.header(layout.id), String::new(), "缺少企业标识（id）".to_owned()));
                String::new()
            }
            Err(fault) => {
                faults.push(fault);
                String::new()
            }
        };
        let mut builder = ProfileBuilder::new(id.clone());
        match layout.name.map(|column| self.named(cells, column)) {
            Some(Ok(Some(name))) => builder.name(name),
            Some(Err(fault)) => faults.push(fault),
            Some(Ok(None)) | None => {}
        }
        for slot in &layout.slots {
            let Some(fact) = self.dictionary.get(&slot.key) else { continue };
            match self.slot(fact, slot, cells) {
                Ok(Some(given)) => builder.set(fact, slot.year, given),
                Ok(None) => {}
                Err(mut found) => faults.append(&mut found),
            }
        }
        if faults.is_empty() {
            rows.sound.push(Row { row: number, profile: builder.finish() });
            return;
        }
        rows.rejected += 1;
        for (column, value, reason) in faults {
            rows.rejects.push(self.reject(number, &id, column, &value, reason));
        }
    }

    /// What a row is rejected with.
    pub(crate) fn reject(&self, row: u64, id: &str, column: String, value: &str, reason: String) -> Reject {
        Reject { file: self.file.to_owned(), row, id: id.to_owned(), column, value: shortened(value), reason }
    }

    fn header(&self, column: usize) -> String {
        self.layout.columns.get(column).map(|column| column.header.clone()).unwrap_or_default()
    }

    /// The text of the id or the name.
    fn named(&self, cells: &impl Cells, column: usize) -> Result<Option<String>, (String, String, String)> {
        let cell = cells.cell(column);
        let text = cell.as_text().map_err(|reason| (self.header(column), cell.shown(), reason))?;
        Ok(text.filter(|text| !self.words.empty.contains(text)))
    }

    fn slot(
        &mut self,
        fact: &Fact,
        slot: &Slot,
        cells: &impl Cells,
    ) -> Result<Option<Given>, Vec<(String, String, String)>> {
        let layout = self.layout;
        let one = match slot.columns.as_slice() {
            [position] => layout.columns.get(*position).map(|column| (*position, column)),
            _ => None,
        };
        let Some((position, column)) = one.filter(|(_, column)| matches!(column.about, About::Fact { .. }))
        else {
            return self.tags(fact, slot, cells);
        };
        let cell = cells.cell(position);
        if cell == Cell::Empty {
            return Ok(None);
        }
        self.given(fact, position, column, &cell).map_err(|reasons| {
            let shown = cell.shown();
            reasons.into_iter().map(|reason| (column.header.clone(), shown.clone(), reason)).collect()
        })
    }

    /// What a cell says, remembered for the next cell that says the same.
    fn given(&mut self, fact: &Fact, position: usize, column: &TableColumn, cell: &Cell<'_>) -> Outcome {
        let key = match cell {
            Cell::Text(text) => Some((text.as_ref(), false)),
            Cell::Number(text) => Some((text.as_ref(), true)),
            _ => None,
        };
        if let Some((text, typed)) = key
            && let Some(known) = self.memos.get_mut(position).and_then(|memo| memo.get(text, typed))
        {
            return known;
        }
        let outcome = match column.reading.tree(fact, cell, self.words) {
            Ok(Some(tree)) => self.check(fact, &at(tree)).map(Some),
            Ok(None) => Ok(None),
            Err(reason) => Err(vec![reason]),
        };
        if let Some((text, typed)) = key
            && let Some(memo) = self.memos.get_mut(position)
        {
            memo.keep(text, typed, &outcome);
        }
        outcome
    }

    fn check(&mut self, fact: &Fact, node: &Node) -> Result<Given, Vec<String>> {
        self.report.problems.clear();
        let given = Given::read(fact, node, &fact.key, self.dictionary, self.strict, &mut self.report);
        let errors = self.report.problems.iter().filter(|problem| problem.severity == Severity::Error);
        given.ok_or_else(|| errors.map(|problem| reason(&problem.fault, Some(fact))).collect())
    }

    /// A tags fact that several columns feed, or one column of 是 and 否. It is complete where a list feeds it and no
    /// column is unknown: a column speaks for its own tags.
    fn tags(
        &mut self,
        fact: &Fact,
        slot: &Slot,
        cells: &impl Cells,
    ) -> Result<Option<Given>, Vec<(String, String, String)>> {
        let layout = self.layout;
        let (mut has, mut lacks): (Vec<Node>, Vec<Node>) = (Vec::new(), Vec::new());
        let (mut lists, mut complete, mut known) = (false, true, false);
        let mut faults = Vec::new();
        let columns =
            slot.columns.iter().filter_map(|position| Some((*position, layout.columns.get(*position)?)));
        for (position, column) in columns.clone() {
            let cell = cells.cell(position);
            match self.part(fact, column, &cell) {
                Ok(Part::Unknown) => complete = false,
                Ok(Part::List(tags)) => {
                    (lists, known) = (true, true);
                    has.extend(tags);
                }
                Ok(Part::Some { has: some, lacks: others }) => {
                    (complete, known) = (false, true);
                    has.extend(some);
                    lacks.extend(others);
                }
                Ok(Part::One(tag, held)) => {
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

    fn part(&mut self, fact: &Fact, column: &TableColumn, cell: &Cell<'_>) -> Result<Part, Vec<String>> {
        if let About::Tag { tag, .. } = &column.about {
            let held = column.reading.truth(cell, self.words).map_err(|reason| vec![reason])?;
            return Ok(held.map_or(Part::Unknown, |held| Part::One(at(Tree::Text(tag.clone())), held)));
        }
        let Some(tree) = column.reading.tree(fact, cell, self.words).map_err(|reason| vec![reason])? else {
            return Ok(Part::Unknown);
        };
        let node = at(tree);
        self.check(fact, &node)?;
        let list = |key: &str| match node.get(key).map(|node| &node.value) {
            Some(Tree::List(tags)) => tags.clone(),
            _ => Vec::new(),
        };
        Ok(match &node.value {
            Tree::List(tags) => Part::List(tags.clone()),
            _ => Part::Some { has: list("has"), lacks: list("lacks") },
        })
    }
}

/// A value as a reject shows it.
pub(crate) fn shortened(value: &str) -> String {
    const LONGEST: usize = 200;
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => value.get(..end).unwrap_or_default().to_owned() + "…",
        None => value.to_owned(),
    }
}

/// Values of a column that were read already. A column whose values hardly repeat is not remembered.
#[derive(Default)]
struct Memo {
    /// By the text of the cell, apart for text and typed numbers: 0111 and 111 are not the same code.
    text: HashMap<Box<str>, Outcome>,
    typed: HashMap<Box<str>, Outcome>,
    asked: u32,
    found: u32,
}

impl Memo {
    /// After so many cells a column is judged.
    const TRIAL: u32 = 512;

    fn worthless(&self) -> bool {
        self.asked > Self::TRIAL && self.found < self.asked / 4
    }

    fn get(&mut self, text: &str, typed: bool) -> Option<Outcome> {
        if self.worthless() {
            return None;
        }
        self.asked += 1;
        let known = if typed { self.typed.get(text) } else { self.text.get(text) }?.clone();
        self.found += 1;
        Some(known)
    }

    fn keep(&mut self, text: &str, typed: bool, outcome: &Outcome) {
        if self.worthless() {
            return;
        }
        let map = if typed { &mut self.typed } else { &mut self.text };
        map.insert(text.into(), outcome.clone());
    }
}
