//! Outcomes of cells, kept by column: a value that is repeated is checked once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use zhaoren_policy::number::Number;
use zhaoren_policy::warning::WarningKind;

use crate::table::cell::Cell;

/// Result of reading a cell.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    /// Code of the value in the column of its slot, 0 for unknown.
    pub(super) code: u32,
    /// True if the cell rejects its row.
    pub(super) refused: bool,
    /// Faults of a refused cell, or warnings about another; `None` without any.
    pub(super) notes: Option<Notes>,
}

/// Faults or warnings, each with its kind and its words in Chinese. Shared by equal cells.
pub(super) type Notes = Arc<[(WarningKind, String)]>;

impl Outcome {
    pub(super) fn of(code: u32) -> Self {
        Self { code, ..Self::default() }
    }
}

/// Notation of a cell's value: 0111 and 111 are different codes.
#[derive(Clone, Copy)]
pub(super) enum CellForm {
    Text,
    Number,
    Day,
    List,
}

impl CellForm {
    /// Cache key of a cell.
    pub(super) fn of<'a>(cell: &'a Cell<'_>) -> Option<(Self, Cow<'a, str>)> {
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
pub(super) struct Memo {
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

    /// Code of a typed number, if it is kept.
    pub(super) fn number(&mut self, number: &Number) -> Option<u32> {
        if self.worthless() {
            return None;
        }
        self.asked += 1;
        let known = self.numbers.get(number).copied()?;
        self.found += 1;
        Some(known)
    }

    /// Keeps the code of a typed number.
    pub(super) fn keep_number(&mut self, number: Number, code: u32) {
        if !self.worthless() {
            self.numbers.insert(number, code);
        }
    }

    /// Outcome for a cell, if it is kept.
    pub(super) fn get(&mut self, form: CellForm, text: &str) -> Option<Outcome> {
        if self.worthless() {
            return None;
        }
        self.asked += 1;
        let known = self.known.get(form as usize)?.get(text)?.clone();
        self.found += 1;
        Some(known)
    }

    /// Keeps the outcome for a cell.
    pub(super) fn keep(&mut self, form: CellForm, text: &str, outcome: &Outcome) {
        if self.worthless() {
            return;
        }
        if let Some(map) = self.known.get_mut(form as usize) {
            map.insert(text.into(), outcome.clone());
        }
    }
}
