//! Automatic numbers of paragraphs: list formats, their overrides and the counters ([MS-DOC] 2.9.150, 2.9.131).

use std::collections::{HashMap, HashSet};

use super::bytes::{index_at, u8_at, u16_at, u32_at};
use super::fib::Fib;
use super::numeral::numeral;
use crate::limits::Budget;
use crate::refusal::Refusal;

/// Levels of a list.
const LEVELS: usize = 9;

/// One level of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Level {
    /// Its first number.
    pub(crate) start: u32,
    /// The format of its number (`MSONFC`).
    pub(crate) format: u8,
    /// True if all numbers in it are written in Arabic digits.
    pub(crate) legal: bool,
    /// Levels above it after which it begins again; `None` for all.
    pub(crate) restart: Option<u8>,
    /// True if a tab or a blank follows.
    pub(crate) followed: bool,
    /// Its text; characters below [`LEVELS`] are placeholders for the number of that level.
    pub(crate) text: Vec<u16>,
}

/// A list format.
#[derive(Debug, Default)]
pub(crate) struct List {
    /// Its levels from the highest.
    pub(crate) levels: Vec<Level>,
    /// Styles that are numbered at each level.
    styles: Vec<u16>,
}

/// A list format override.
#[derive(Debug)]
pub(crate) struct Override {
    /// Identifier of its list.
    pub(crate) list: u32,
    /// For each level a new start and a new level.
    pub(crate) levels: HashMap<u8, (Option<u32>, Option<Level>)>,
}

/// The list formats of a document and where their counters are.
#[derive(Debug)]
pub(crate) struct Lists {
    lists: HashMap<u32, List>,
    overrides: Vec<Override>,
    counters: HashMap<u32, [Option<u32>; LEVELS]>,
    /// Overrides of a start that were used.
    started: HashSet<(u16, u8)>,
}

impl Lists {
    /// Lists by their identifier, and overrides by their number from 1.
    pub(crate) fn new(lists: HashMap<u32, List>, overrides: Vec<Override>) -> Self {
        Self { lists, overrides, counters: HashMap::new(), started: HashSet::new() }
    }

    /// True if an override (from 1) leads to a list.
    pub(crate) fn knows(&self, list: u16) -> bool {
        let change = usize::from(list).checked_sub(1).and_then(|at| self.overrides.get(at));
        change.is_some_and(|change| self.lists.contains_key(&change.list))
    }

    /// Reads the list formats and their overrides. What is broken gives no numbers.
    ///
    /// # Errors
    /// The budget is spent.
    pub(crate) fn read(table: &[u8], fib: &Fib, budget: &mut Budget) -> Result<Self, Refusal> {
        Ok(Self {
            lists: read_lists(
                table.get(fib.lists.at..).filter(|_| fib.lists.length > 0).unwrap_or_default(),
                budget,
            )?,
            overrides: read_overrides(fib.overrides.of(table), budget)?,
            counters: HashMap::new(),
            started: HashSet::new(),
        })
    }

    /// The number of the next paragraph of an override (from 1) at a level; `None` for bullets and no number.
    pub(crate) fn next(&mut self, list: u16, level: Option<u8>, style: u16) -> Option<String> {
        let change = self.overrides.get(usize::from(list.checked_sub(1)?))?;
        let format = self.lists.get(&change.list)?;
        let by_style =
            || format.styles.iter().position(|linked| *linked == style).and_then(|at| u8::try_from(at).ok());
        let level = level.or_else(by_style).unwrap_or(0).min(8);
        let at = |level: u8| {
            let own = change.levels.get(&level).and_then(|(_, level)| level.as_ref());
            own.or_else(|| format.levels.get(usize::from(level))).or(format.levels.first())
        };
        let own = at(level)?;
        let counters = self.counters.entry(change.list).or_default();
        let start = change.levels.get(&level).and_then(|(start, _)| *start);
        let counter = counters.get_mut(usize::from(level))?;
        *counter = Some(match (start, *counter) {
            (Some(start), _) if self.started.insert((list, level)) => start,
            (_, Some(number)) => number.saturating_add(1),
            (_, None) => own.start,
        });
        for below in level + 1..9 {
            let keeps = at(below).and_then(|format| format.restart).is_some_and(|limit| level >= limit);
            if let Some(counter) = counters.get_mut(usize::from(below)).filter(|_| !keeps) {
                *counter = None;
            }
        }
        let mut text = Vec::new();
        for unit in &own.text {
            match u8::try_from(*unit).ok().filter(|level| usize::from(*level) < LEVELS) {
                Some(other) => {
                    let format = at(other)?;
                    let number = counters.get(usize::from(other)).copied().flatten().unwrap_or(format.start);
                    text.extend(numeral(if own.legal { 0 } else { format.format }, number)?.encode_utf16());
                }
                None => text.push(*unit),
            }
        }
        let mut text = String::from_utf16_lossy(&text);
        if own.format == 0x17 || text.is_empty() {
            return None;
        }
        if own.followed {
            text.push(' ');
        }
        Some(text)
    }
}

fn read_lists(bytes: &[u8], budget: &mut Budget) -> Result<HashMap<u32, List>, Refusal> {
    let count = usize::from(u16_at(bytes, 0).unwrap_or(0));
    // The levels of all lists follow the lists themselves.
    let mut at = 2 + count * 28;
    let mut lists = HashMap::new();
    for index in 0..count {
        let head = 2 + index * 28;
        let (Some(id), Some(flags)) = (u32_at(bytes, head), u8_at(bytes, head + 26)) else { break };
        let styles = (0..LEVELS).filter_map(|level| u16_at(bytes, head + 8 + level * 2)).collect();
        let mut levels = Vec::new();
        for _ in 0..if flags & 1 == 1 { 1 } else { LEVELS } {
            budget.step(4)?;
            let Some((level, length)) = read_level(bytes.get(at..).unwrap_or_default()) else { break };
            levels.push(level);
            at += length;
        }
        lists.insert(id, List { levels, styles });
    }
    Ok(lists)
}

/// A level (`LVL`) and its length in bytes.
fn read_level(bytes: &[u8]) -> Option<(Level, usize)> {
    let flags = u8_at(bytes, 5)?;
    let (character, paragraph) = (usize::from(u8_at(bytes, 24)?), usize::from(u8_at(bytes, 25)?));
    let text = 28 + character + paragraph;
    let length = usize::from(u16_at(bytes, text)?);
    let units = bytes.get(text + 2..text + 2 + length * 2)?;
    let level = Level {
        start: u32_at(bytes, 0)?,
        format: u8_at(bytes, 4)?,
        legal: flags & 0x04 != 0,
        restart: (flags & 0x08 != 0).then(|| u8_at(bytes, 26)).flatten(),
        followed: u8_at(bytes, 15)? != 2,
        text: units.chunks_exact(2).filter_map(|unit| u16_at(unit, 0)).collect(),
    };
    Some((level, text + 2 + length * 2))
}

fn read_overrides(bytes: &[u8], budget: &mut Budget) -> Result<Vec<Override>, Refusal> {
    let count = index_at(bytes, 0).unwrap_or(0).min(bytes.len() / 16);
    let mut at = 4 + count * 16;
    let mut overrides = Vec::new();
    for index in 0..count {
        budget.step(1)?;
        let head = 4 + index * 16;
        let (Some(list), Some(changed)) = (u32_at(bytes, head), u8_at(bytes, head + 12)) else { break };
        let mut levels = HashMap::new();
        at += 4;
        for _ in 0..changed {
            budget.step(1)?;
            let (Some(start), Some(flags)) = (u32_at(bytes, at), u32_at(bytes, at + 4)) else { break };
            at += 8;
            let mut own = None;
            if flags & 0x20 != 0 {
                let Some((level, length)) = read_level(bytes.get(at..).unwrap_or_default()) else { break };
                own = Some(level);
                at += length;
            }
            let start = (flags & 0x10 != 0).then(|| own.as_ref().map_or(start, |level| level.start));
            levels.insert(u8::try_from(flags & 0x0F).unwrap_or(0), (start, own));
        }
        overrides.push(Override { list, levels });
    }
    Ok(overrides)
}
