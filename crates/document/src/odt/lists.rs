//! Lists of an OpenDocument text: the forms of their numbers, and counting along the text.

use std::collections::{HashMap, HashSet};

use crate::limits::Budget;
use crate::number::format;
use crate::refusal::Refusal;
use crate::xml::{Element, MarkupReader, Step};

/// Levels of a list.
const LEVELS: usize = 10;

/// Number of a level.
#[derive(Clone, Debug)]
struct Level {
    prefix: String,
    suffix: String,
    format: &'static str,
    start: i64,
    /// How many levels the number shows.
    shown: usize,
}

/// A list of which the text is in an item.
#[derive(Debug)]
struct OpenList {
    style: String,
    level: usize,
}

/// The list styles of a document, and the numbers at a place of the text.
#[derive(Debug, Default)]
pub(super) struct Lists {
    styles: HashMap<String, Vec<Option<Level>>>,
    outline: Vec<Option<Level>>,
    counts: HashMap<String, [Option<i64>; LEVELS]>,
    headings: [Option<i64>; LEVELS],
    open: Vec<OpenList>,
    /// Styles whose text is not shown.
    hidden: HashSet<String>,
}

/// True if text in a style is not shown.
pub(super) fn is_hidden_style(lists: &Lists, style: &str) -> bool {
    lists.hidden.contains(style)
}

impl Lists {
    /// Adds the list styles of a part.
    ///
    /// # Errors
    /// The part is broken or exceeds a limit.
    pub(super) fn read(&mut self, text: &str, name: &str, budget: &mut Budget) -> Result<(), Refusal> {
        let mut part = MarkupReader::new(name, text);
        loop {
            match part.step(budget)? {
                Step::Start(start) if matches!(&*start.name, "list-style" | "outline-style") => {
                    let element = part.whole(start, |_| false, budget)?;
                    let mut levels = vec![None; LEVELS];
                    for level in element.elements() {
                        let depth = level.attribute("level").and_then(|level| level.parse::<usize>().ok());
                        let depth = depth.and_then(|depth| depth.checked_sub(1));
                        if let Some(slot) = depth.and_then(|depth| levels.get_mut(depth)) {
                            *slot = Level::read(level);
                        }
                    }
                    if &*element.name == "outline-style" {
                        self.outline = levels;
                    } else {
                        self.styles.insert(element.attribute("name").unwrap_or_default().to_owned(), levels);
                    }
                }
                Step::Start(start) if &*start.name == "style" => {
                    let element = part.whole(start, |_| false, budget)?;
                    let look = element.first("text-properties");
                    if look.is_some_and(|look| look.attribute("display") == Some("none")) {
                        self.hidden.extend(element.attribute("name").map(str::to_owned));
                    }
                }
                // The text itself has no styles in it.
                Step::Start(start) if &*start.name == "body" => return Ok(()),
                Step::Over => return Ok(()),
                _ => {}
            }
        }
    }

    /// Goes into a list; one without a style has that of the list around it.
    pub(super) fn open(&mut self, style: Option<&str>, goes_on: bool) {
        let level = self.open.len();
        let outer = self.open.last().map(|outer| outer.style.clone());
        let style = style.map(str::to_owned).or(outer).unwrap_or_default();
        if !goes_on && let Some(count) = self.counts.entry(style.clone()).or_default().get_mut(level) {
            *count = None;
        }
        self.open.push(OpenList { style, level });
    }

    /// Goes out of the innermost list.
    pub(super) fn close(&mut self) {
        self.open.pop();
    }

    /// The number of the next item of the innermost list.
    pub(super) fn next(&mut self, start: Option<i64>) -> Option<String> {
        let OpenList { style, level } = self.open.last()?;
        let levels = self.styles.get(style)?;
        let counts = self.counts.entry(style.clone()).or_default();
        count(levels, counts, *level, start)
    }

    /// The number of the next heading of a level, from 1.
    pub(super) fn next_heading(&mut self, level: usize) -> Option<String> {
        count(&self.outline, &mut self.headings, level.checked_sub(1)?, None)
    }
}

fn count(
    levels: &[Option<Level>],
    counts: &mut [Option<i64>; LEVELS],
    depth: usize,
    start: Option<i64>,
) -> Option<String> {
    let level = levels.get(depth)?.as_ref()?;
    let next = counts.get(depth)?.map_or(level.start, |count| count.saturating_add(1));
    *counts.get_mut(depth)? = Some(start.unwrap_or(next));
    counts.iter_mut().skip(depth + 1).for_each(|count| *count = None);
    if level.format == "none" {
        return None;
    }
    let first = (depth + 1).saturating_sub(level.shown.max(1));
    let numbers = (first..=depth).filter_map(|at| {
        let level = levels.get(at)?.as_ref()?;
        Some(format(level.format, counts.get(at).copied().flatten().unwrap_or(level.start)))
    });
    let numbers: Vec<String> = numbers.collect();
    Some(format!("{}{}{} ", level.prefix, numbers.join("."), level.suffix))
}

impl Level {
    /// A level that is numbered; `None` for bullets and pictures.
    fn read(element: &Element) -> Option<Self> {
        if !matches!(&*element.name, "list-level-style-number" | "outline-level-style") {
            return None;
        }
        let get = |name: &str| element.attribute(name).unwrap_or_default();
        let number = |name: &str| element.attribute(name).and_then(|value| value.parse::<i64>().ok());
        let format = match get("num-format") {
            "" => "none",
            "a" => "lowerLetter",
            "A" => "upperLetter",
            "i" => "lowerRoman",
            "I" => "upperRoman",
            kind if kind.starts_with('一') => "chineseCountingThousand",
            kind if kind.starts_with('壹') => "chineseLegalSimplified",
            kind if kind.starts_with('①') => "decimalEnclosedCircle",
            kind if kind.starts_with('甲') => "ideographTraditional",
            kind if kind.starts_with('子') => "ideographZodiac",
            kind if kind.starts_with('１') => "decimalFullWidth",
            _ => "decimal",
        };
        Some(Self {
            prefix: get("num-prefix").chars().take(16).collect(),
            suffix: get("num-suffix").chars().take(16).collect(),
            format,
            start: number("start-value").unwrap_or(1),
            shown: number("display-levels").and_then(|shown| usize::try_from(shown).ok()).unwrap_or(1),
        })
    }
}
