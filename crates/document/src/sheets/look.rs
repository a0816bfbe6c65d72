//! Look of cells: the number format of their style, and whether their words can be seen.

use std::collections::HashMap;

use super::format::Format;
use crate::limits::Budget;
use crate::package::Package;
use crate::refusal::Refusal;
use crate::xml::{self, Element, MarkupReader, Step};

/// How the cells of a style look.
pub(super) struct Look {
    pub(super) format: Format,
    /// True if its words are white and its ground is not coloured.
    pub(super) is_white: bool,
}

/// The look of each style of cells.
pub(super) fn looks(package: &mut Package<'_>, budget: &mut Budget) -> Result<Vec<Look>, Refusal> {
    const NAME: &str = "xl/styles.xml";
    let mut looks = Vec::new();
    let Some(bytes) = package.markup(NAME, budget)? else { return Ok(looks) };
    let text = xml::decoded(NAME, &bytes)?;
    let mut part = MarkupReader::new(NAME, &text);
    let mut own: HashMap<u32, Format> = HashMap::new();
    // Which fonts are white and which fills have a colour, in order.
    let (mut white, mut filled): (Vec<bool>, Vec<bool>) = (Vec::new(), Vec::new());
    let mut section = String::new();
    let number =
        |element: &Element, name: &str| element.attribute(name).and_then(|id| id.parse::<u32>().ok());
    loop {
        match part.step(budget)? {
            Step::Start(start) => match &*start.name {
                "fonts" | "fills" | "cellXfs" | "cellStyles" | "dxfs" | "cellStyleXfs" => {
                    section = start.name.to_string();
                }
                "numFmt" if section != "dxfs" => {
                    if let (Some(id), Some(code)) =
                        (number(&start, "numFmtId"), start.attribute("formatCode"))
                    {
                        own.insert(id, Format::of(code));
                    }
                }
                "font" if section == "fonts" => {
                    let font = part.whole(start, |_| false, budget)?;
                    white.push(font.first("color").is_some_and(is_white));
                }
                "fill" if section == "fills" => {
                    let fill = part.whole(start, |_| false, budget)?;
                    filled.push(is_filled(&fill));
                }
                "xf" if section == "cellXfs" => {
                    let id = number(&start, "numFmtId").unwrap_or(0);
                    let has = |list: &[bool], name: &str| {
                        let index = number(&start, name).and_then(|index| usize::try_from(index).ok());
                        index.and_then(|index| list.get(index)).copied().unwrap_or(false)
                    };
                    looks.push(Look {
                        format: own.get(&id).cloned().unwrap_or_else(|| Format::built_in(id)),
                        is_white: has(&white, "fontId") && !has(&filled, "fillId"),
                    });
                }
                _ => {}
            },
            Step::Over => return Ok(looks),
            Step::End | Step::Text(_) => {}
        }
    }
}

/// True if a colour is white: as such, or as the first of the theme without a tint.
fn is_white(colour: &Element) -> bool {
    colour.attribute("rgb").is_some_and(|rgb| rgb.to_ascii_uppercase().ends_with("FFFFFF"))
        || (colour.attribute("theme") == Some("0") && colour.attribute("tint").is_none())
        || colour.attribute("indexed") == Some("9")
}

/// True if a fill has another colour than white.
fn is_filled(fill: &Element) -> bool {
    let Some(pattern) = fill.first("patternFill") else { return true };
    match pattern.attribute("patternType") {
        None | Some("none") => false,
        Some("solid") => !pattern.first("fgColor").is_some_and(is_white),
        Some(_) => true,
    }
}
