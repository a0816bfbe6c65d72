//! Automatic numbers (ECMA-376 part 1, 17.9): the levels of lists, and counting along the text.

use std::collections::{HashMap, HashSet};

use super::styles::Styles;
use super::{is_left_out, number};
use crate::limits::Budget;
use crate::number::format;
use crate::refusal::Refusal;
use crate::xml::{Element, MarkupReader, Step};

/// Levels of a list.
const LEVELS: usize = 9;
/// The longest pattern of a number, in characters.
const LONGEST: usize = 64;

/// The lists of a document.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    /// Levels by the identifier of their definition.
    definitions: HashMap<String, Vec<Option<Level>>>,
    /// Lists by their identifier.
    lists: HashMap<String, List>,
}

/// A list: the definition that it follows, and what it does otherwise.
#[derive(Clone, Debug, Default)]
struct List {
    definition: String,
    /// First number of a level.
    starts: HashMap<usize, i64>,
    /// Levels in place of those of the definition.
    levels: HashMap<usize, Level>,
}

/// How the numbers of a level look.
#[derive(Clone, Debug)]
struct Level {
    start: i64,
    format: String,
    /// Pattern with `%1` to `%9` for the numbers of the levels.
    pattern: String,
    /// The level, from 1, behind which this one starts again; 0 for none.
    restart: Option<usize>,
    /// True if all numbers in it are shown in digits.
    is_legal: bool,
    /// Text after the number.
    suffix: &'static str,
    /// The paragraph style that belongs to it.
    style: Option<String>,
}

/// The numbers of all lists at a place of the text.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// The last number of each level, by definition: lists of one definition count on.
    counts: HashMap<String, [Option<i64>; LEVELS]>,
    /// Levels of lists whose own first number was used.
    started: HashSet<(String, usize)>,
}

impl Numbering {
    /// Reads the part with the lists.
    ///
    /// # Errors
    /// The part is broken or exceeds a limit.
    pub(super) fn read(text: &str, styles: &Styles, budget: &mut Budget) -> Result<Self, Refusal> {
        let mut part = MarkupReader::new("numbering.xml", text);
        let mut numbering = Self::default();
        // Definitions that only refer to a style, which names a list.
        let mut linked: Vec<(String, String)> = Vec::new();
        loop {
            match part.step(budget)? {
                Step::Start(start) if &*start.name == "abstractNum" => {
                    let element = part.whole(start, is_left_out, budget)?;
                    let id = element.attribute("abstractNumId").unwrap_or_default().to_owned();
                    if let Some(style) = element.value("numStyleLink") {
                        linked.push((id.clone(), style.to_owned()));
                    }
                    let mut levels = vec![None; LEVELS];
                    for level in element.elements().filter(|level| &*level.name == "lvl") {
                        if let Some(place) = place(level).and_then(|place| levels.get_mut(place)) {
                            *place = Some(Level::read(level));
                        }
                    }
                    numbering.definitions.insert(id, levels);
                }
                Step::Start(start) if &*start.name == "num" => {
                    let element = part.whole(start, is_left_out, budget)?;
                    let id = element.attribute("numId").unwrap_or_default().to_owned();
                    numbering.lists.insert(id, List::read(&element));
                }
                Step::Over => break,
                _ => {}
            }
        }
        for (id, style) in linked {
            zhaoren_cancel::poll();
            let list = styles.resolved(Some(&style)).number.and_then(|list| numbering.lists.get(&list));
            let levels = list.and_then(|list| numbering.definitions.get(&list.definition)).cloned();
            if let Some(levels) = levels.filter(|levels| levels.iter().any(Option::is_some)) {
                numbering.definitions.insert(id, levels);
            }
        }
        Ok(numbering)
    }

    fn level<'a>(&'a self, list: &'a List, depth: usize) -> Option<&'a Level> {
        list.levels.get(&depth).or_else(|| self.definitions.get(&list.definition)?.get(depth)?.as_ref())
    }

    /// The level of a list that belongs to a paragraph style.
    pub(super) fn level_of_style(&self, list: &str, style: &str) -> Option<usize> {
        let list = self.lists.get(list)?;
        (0..LEVELS)
            .find(|depth| self.level(list, *depth).is_some_and(|level| level.style.as_deref() == Some(style)))
    }

    /// The number of the next paragraph of a list, with the blank behind it; `None` where none is shown.
    pub(super) fn next(&self, id: &str, depth: usize, counters: &mut Counters) -> Option<String> {
        let list = self.lists.get(id)?;
        let depth = depth.min(LEVELS - 1);
        let level = self.level(list, depth)?;
        let counts = counters.counts.entry(list.definition.clone()).or_default();
        let start = |depth: usize| {
            let own = list.starts.get(&depth).copied();
            own.or_else(|| Some(self.level(list, depth)?.start)).unwrap_or(1)
        };
        let is_new = list.starts.contains_key(&depth) && counters.started.insert((id.to_owned(), depth));
        for (at, count) in counts.iter_mut().enumerate() {
            let restart = self.level(list, at).and_then(|level| level.restart);
            if at == depth {
                let next = count.filter(|_| !is_new).map(|count| count.saturating_add(1));
                *count = Some(next.unwrap_or_else(|| start(at)));
            } else if at > depth && restart.is_none_or(|restart| depth < restart) {
                *count = None;
            }
        }
        let shown = |depth: usize| {
            let count = counts.get(depth).copied().flatten().unwrap_or_else(|| start(depth));
            let kind = self.level(list, depth).map_or("decimal", |level| level.format.as_str());
            format(if level.is_legal && kind != "none" { "decimal" } else { kind }, count)
        };
        level.shown(shown)
    }
}

impl Level {
    fn read(element: &Element) -> Self {
        let custom = element.first("AlternateContent").and_then(|both| both.first("Fallback"));
        let format = element.value("numFmt").or_else(|| custom?.value("numFmt")).unwrap_or("decimal");
        Self {
            start: number(element, "start").unwrap_or(1),
            format: format.to_owned(),
            pattern: element.value("lvlText").unwrap_or_default().chars().take(LONGEST).collect(),
            restart: number(element, "lvlRestart").and_then(|level| usize::try_from(level).ok()),
            is_legal: element.is_on("isLgl"),
            suffix: if element.value("suff") == Some("nothing") { "" } else { " " },
            style: element.value("pStyle").map(str::to_owned),
        }
    }

    /// The pattern with the numbers of the levels in it.
    fn shown(&self, number: impl Fn(usize) -> String) -> Option<String> {
        if self.format == "bullet" {
            // Bullets of symbol fonts are in the private area: their sign is no character.
            let is_sign = !self.pattern.is_empty() && !self.pattern.chars().any(is_private);
            return is_sign.then(|| format!("{}{}", self.pattern, self.suffix));
        }
        let mut shown = String::new();
        let mut signs = self.pattern.chars().peekable();
        while let Some(sign) = signs.next() {
            let level = signs.peek().and_then(|next| next.to_digit(10)).filter(|digit| *digit > 0);
            match level.filter(|_| sign == '%') {
                Some(level) => {
                    signs.next();
                    shown.push_str(&number(level as usize - 1));
                }
                None => shown.push(sign),
            }
        }
        (!shown.trim().is_empty()).then(|| shown + self.suffix)
    }
}

/// True if a character is in an area for private use.
pub(super) fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}')
}

impl List {
    fn read(element: &Element) -> Self {
        let mut list = Self {
            definition: element.value("abstractNumId").unwrap_or_default().to_owned(),
            ..Self::default()
        };
        for change in element.elements().filter(|change| &*change.name == "lvlOverride") {
            let Some(place) = place(change) else { continue };
            if let Some(start) = number(change, "startOverride") {
                list.starts.insert(place, start);
            }
            if let Some(level) = change.first("lvl") {
                list.levels.insert(place, Level::read(level));
            }
        }
        list
    }
}

/// The level that an element is about, from 0.
fn place(element: &Element) -> Option<usize> {
    element.attribute("ilvl")?.trim().parse().ok().filter(|place| *place < LEVELS)
}
