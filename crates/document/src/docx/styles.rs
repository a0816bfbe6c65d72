//! Styles of a text: what a paragraph or a run has by its style.

use std::collections::HashMap;

use super::{is_left_out, number};
use crate::limits::Budget;
use crate::refusal::Refusal;
use crate::xml::{Element, MarkupReader, Step};

/// How many styles a style can be based on, one on the other; Word has no more than ten.
const CHAIN: usize = 32;

/// The styles of a document.
#[derive(Debug, Default)]
pub(super) struct Styles {
    styles: HashMap<String, Style>,
    /// The style of paragraphs that name none.
    usual: Option<String>,
}

/// Properties of a style.
#[derive(Clone, Debug, Default)]
pub(super) struct Style {
    based_on: Option<String>,
    /// Name, in lower case.
    name: String,
    /// Identifier of the numbering; `0` for none.
    pub(super) number: Option<String>,
    /// Level of the numbering.
    pub(super) level: Option<usize>,
    /// Level of the outline, from 0.
    pub(super) outline: Option<i64>,
    /// True if it is centred.
    pub(super) centred: Option<bool>,
    /// True if its text is hidden.
    pub(super) hidden: Option<bool>,
    /// The style that gave the numbering.
    pub(super) numbered_by: Option<String>,
}

impl Styles {
    /// Reads the part with the styles.
    ///
    /// # Errors
    /// The part is broken or exceeds a limit.
    pub(super) fn read(text: &str, budget: &mut Budget) -> Result<Self, Refusal> {
        let mut part = MarkupReader::new("styles.xml", text);
        let mut styles = Self::default();
        loop {
            match part.step(budget)? {
                Step::Start(start) if &*start.name == "style" => {
                    let element = part.whole(start, is_left_out, budget)?;
                    let id = element.attribute("styleId").unwrap_or_default().to_owned();
                    let is_usual = element.attribute("default").is_some_and(|on| on == "1" || on == "true");
                    if is_usual && element.attribute("type") == Some("paragraph") {
                        styles.usual = Some(id.clone());
                    }
                    styles.styles.insert(id, style(&element));
                }
                Step::Over => return Ok(styles),
                _ => {}
            }
        }
    }

    /// Properties of the style with this identifier, those inherited from its base styles included.
    pub(super) fn resolved(&self, id: Option<&str>) -> Style {
        let mut resolved = Style::default();
        let mut next = id.or(self.usual.as_deref());
        for _ in 0..CHAIN {
            zhaoren_cancel::poll();
            let Some((id, style)) = next.and_then(|id| Some((id, self.styles.get(id)?))) else { break };
            if resolved.name.is_empty() {
                resolved.name.clone_from(&style.name);
            }
            if resolved.number.is_none() && style.number.is_some() {
                resolved.number.clone_from(&style.number);
                resolved.numbered_by = Some(id.to_owned());
            }
            resolved.level = resolved.level.or(style.level);
            resolved.outline = resolved.outline.or(style.outline);
            resolved.centred = resolved.centred.or(style.centred);
            resolved.hidden = resolved.hidden.or(style.hidden);
            next = style.based_on.as_deref();
        }
        resolved
    }
}

impl Style {
    /// True if it is the style of titles.
    pub(super) fn is_title(&self) -> bool {
        matches!(self.name.as_str(), "title" | "标题")
    }

    /// The level of a heading by the name of the style, from 1.
    pub(super) fn heading(&self) -> Option<u8> {
        let level = self.name.strip_prefix("heading ").or_else(|| self.name.strip_prefix("标题 "))?;
        level.trim().parse().ok().filter(|level| (1..=9).contains(level))
    }
}

fn style(element: &Element) -> Style {
    let mut style = Style {
        based_on: element.value("basedOn").map(str::to_owned),
        name: element.value("name").unwrap_or_default().to_lowercase(),
        ..Style::default()
    };
    if let Some(paragraph) = element.first("pPr") {
        if let Some(numbering) = paragraph.first("numPr") {
            style.number = numbering.value("numId").map(str::to_owned);
            style.level = number(numbering, "ilvl").and_then(|level| usize::try_from(level).ok());
        }
        style.outline = number(paragraph, "outlineLvl");
        style.centred = paragraph.value("jc").map(|align| align == "center");
    }
    if let Some(run) = element.first("rPr") {
        style.hidden = run.first("vanish").map(|_| run.is_on("vanish"));
    }
    style
}
