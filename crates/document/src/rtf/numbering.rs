//! The list tables, for writers that do not write the numbers of paragraphs out (`\listtext`).

use std::collections::HashMap;

use crate::doc::lists::{Level, List, Lists, Override};

/// Lists and overrides that are kept.
const LISTS: usize = 4_096;
/// Levels of a list.
const LEVELS: usize = 9;

/// The list tables as they are read.
#[derive(Debug, Default)]
pub(super) struct Tables {
    lists: Vec<(u32, List)>,
    /// Overrides by their number.
    overrides: Vec<(u16, Override)>,
    /// Text of the level that is open; characters below U+0009 are placeholders for the number of that level.
    pub(super) text: String,
    /// Level of the override that is open.
    level: u8,
}

impl Tables {
    /// Takes a control word of a list table.
    pub(super) fn word(&mut self, word: &str, number: Option<i32>) {
        let value = number.unwrap_or(0);
        match word {
            "list" if self.lists.len() < LISTS => self.lists.push((0, List::default())),
            "listlevel" => {
                self.end_text();
                if let Some((_, list)) = self.lists.last_mut()
                    && list.levels.len() < LEVELS
                {
                    list.levels.push(Level { start: 1, followed: true, ..Level::default() });
                }
            }
            "listid" => {
                self.end_text();
                let id = value.cast_unsigned();
                match (self.overrides.last_mut(), self.lists.last_mut()) {
                    (Some((_, change)), _) => change.list = id,
                    (None, Some((own, _))) => *own = id,
                    (None, None) => {}
                }
            }
            "listoverride" if self.overrides.len() < LISTS => {
                self.end_text();
                self.overrides.push((0, Override { list: 0, levels: HashMap::new() }));
                self.level = 0;
            }
            "ls" => {
                if let Some((own, _)) = self.overrides.last_mut() {
                    *own = u16::try_from(value).unwrap_or(0);
                }
            }
            "levelstartat" if !self.overrides.is_empty() => {
                if let Some((_, change)) = self.overrides.last_mut() {
                    change.levels.insert(self.level, (u32::try_from(value).ok(), None));
                    self.level = self.level.saturating_add(1);
                }
            }
            _ => {
                let level = self.lists.last_mut().and_then(|(_, list)| list.levels.last_mut());
                if let Some(level) = level.filter(|_| self.overrides.is_empty()) {
                    format(level, word, value);
                }
            }
        }
    }

    /// Gives the text to the level that it belongs to: without the length that it begins with, to the sign that ends it.
    fn end_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        let level = self.lists.last_mut().and_then(|(_, list)| list.levels.last_mut());
        if let Some(level) = level.filter(|_| !text.is_empty()) {
            let text: String = text.chars().skip(1).take_while(|sign| *sign != ';').collect();
            level.text = text.encode_utf16().collect();
        }
    }

    /// The lists and their counters.
    pub(super) fn lists(&mut self) -> Lists {
        self.end_text();
        let overrides = std::mem::take(&mut self.overrides);
        let mut slots: Vec<Override> = Vec::new();
        for (number, change) in overrides {
            let Some(at) = usize::from(number).checked_sub(1).filter(|at| *at < LISTS) else { continue };
            while slots.len() <= at {
                slots.push(Override { list: 0, levels: HashMap::new() });
            }
            if let Some(slot) = slots.get_mut(at) {
                *slot = change;
            }
        }
        Lists::new(std::mem::take(&mut self.lists).into_iter().collect(), slots)
    }
}

fn format(level: &mut Level, word: &str, value: i32) {
    match word {
        "levelnfc" | "levelnfcn" => level.format = u8::try_from(value).unwrap_or(0),
        "levelstartat" => level.start = u32::try_from(value).unwrap_or(1),
        "levelfollow" => level.followed = value != 2,
        "levellegal" => level.legal = value != 0,
        "levelnorestart" if value != 0 => level.restart = Some(0),
        _ => {}
    }
}
