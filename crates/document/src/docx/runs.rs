//! Runs of a paragraph: text, breaks, fields, notes, and anchored objects.

use super::body::Body;
use super::numbering::is_private;
use crate::limits::Budget;
use crate::model::Block;
use crate::refusal::Refusal;
use crate::xml::{Element, Node};

/// The lines of a paragraph: a break within it ends a line.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) lines: Vec<String>,
    /// Blocks that are anchored in the paragraph: text boxes.
    pub(super) boxes: Vec<Block>,
}

impl Lines {
    pub(super) fn new() -> Self {
        Self { lines: vec![String::new()], boxes: Vec::new() }
    }

    fn push(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.push_str(text);
        }
    }
}

/// The mark of the `index`th note in this form.
pub(super) fn mark(format: &str, index: usize) -> String {
    let index = i64::try_from(index).unwrap_or(i64::MAX);
    format!("[{}]", crate::number::format(format, index))
}

impl Body<'_> {
    /// Writes the content of a paragraph, or of an element that only groups runs.
    pub(super) fn inline(
        &mut self,
        element: &Element,
        lines: &mut Lines,
        budget: &mut Budget,
    ) -> Result<(), Refusal> {
        for child in element.elements() {
            match &*child.name {
                "r" => self.run(child, lines, budget)?,
                "del" | "moveFrom" | "pPr" | "sdtPr" | "fPr" | "radPr" | "ctrlPr" => {}
                "AlternateContent" => self.alternative(child, lines, budget)?,
                "num" => {
                    // A fraction of a formula.
                    self.inline(child, lines, budget)?;
                    lines.push("/");
                }
                _ => self.inline(child, lines, budget)?,
            }
        }
        Ok(())
    }

    /// Writes the first of several forms of one content.
    fn alternative(
        &mut self,
        element: &Element,
        lines: &mut Lines,
        budget: &mut Budget,
    ) -> Result<(), Refusal> {
        match element.first("Choice").or_else(|| element.first("Fallback")) {
            Some(one) => self.run_content(one, lines, budget),
            None => Ok(()),
        }
    }

    fn run(&mut self, run: &Element, lines: &mut Lines, budget: &mut Budget) -> Result<(), Refusal> {
        let hidden = match run.first("rPr") {
            Some(look) if look.first("vanish").is_some() => look.is_on("vanish"),
            Some(look) => match look.value("rStyle") {
                Some(style) => self.styles.resolved(Some(style)).hidden.unwrap_or(false),
                None => false,
            },
            None => false,
        };
        let is_white = !hidden && !self.has_ground && run.first("rPr").is_some_and(is_white);
        if is_white && run.elements().any(|child| &*child.name == "t" && !child.text().trim().is_empty()) {
            self.white += 1;
        }
        if hidden || is_white {
            // The marks of a field count although they are not seen.
            run.elements().filter(|mark| &*mark.name == "fldChar").for_each(|mark| self.field(mark));
            return Ok(());
        }
        self.run_content(run, lines, budget)
    }

    /// Writes the content of a run.
    fn run_content(&mut self, run: &Element, lines: &mut Lines, budget: &mut Budget) -> Result<(), Refusal> {
        for child in run.elements() {
            budget.step(1)?;
            if &*child.name == "fldChar" {
                self.field(child);
                continue;
            }
            if self.is_in_instruction() {
                continue;
            }
            match &*child.name {
                "t" => {
                    let text = child.text();
                    budget.text(text.chars().count())?;
                    lines.push(&text.replace(['\r', '\n'], " "));
                }
                "tab" | "ptab" => lines.push("\t"),
                "br" | "cr" => lines.lines.push(String::new()),
                "noBreakHyphen" => lines.push("-"),
                "sym" => lines.push(&symbol(child)),
                "ruby" => {
                    if let Some(base) = child.first("rubyBase") {
                        self.inline(base, lines, budget)?;
                    }
                }
                "footnoteReference" | "endnoteReference" => {
                    let id = child.attribute("id").unwrap_or_default().to_owned();
                    let is_foot = &*child.name == "footnoteReference";
                    let (notes, format) = if is_foot {
                        (&mut self.footnotes, "decimal")
                    } else {
                        (&mut self.endnotes, "lowerRoman")
                    };
                    notes.push(id);
                    lines.push(&mark(format, notes.len()));
                }
                "drawing" | "pict" | "object" => self.anchored(child, lines, budget)?,
                "AlternateContent" => self.alternative(child, lines, budget)?,
                // Runs in a form of several, or in a form's choice.
                "r" => self.run(child, lines, budget)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Reads the text boxes of a drawing, and counts its pictures.
    fn anchored(&mut self, drawing: &Element, lines: &mut Lines, budget: &mut Budget) -> Result<(), Refusal> {
        let mut left: Vec<&Element> = vec![drawing];
        while let Some(element) = left.pop() {
            budget.step(1)?;
            match &*element.name {
                "txbxContent" => {
                    let mut blocks = Vec::new();
                    // A box may be filled with any colour.
                    let ground = std::mem::replace(&mut self.has_ground, true);
                    self.apart(|body| body.blocks(element, &mut blocks, budget))?;
                    self.has_ground = ground;
                    lines.boxes.extend(blocks);
                }
                // Pictures, charts and diagrams are parts of their own.
                "blip" | "imagedata" | "chart" | "relIds" => self.pictures += 1,
                "OLEObject" => self.embedded += 1,
                "AlternateContent" => {
                    left.extend(element.first("Choice").or_else(|| element.first("Fallback")));
                }
                _ => {
                    let inner = element.children.iter().rev().filter_map(|node| match node {
                        Node::Element(element) => Some(element),
                        Node::Text(_) => None,
                    });
                    left.extend(inner);
                }
            }
        }
        Ok(())
    }

    /// Follows a mark of a field, whose instruction lies between its beginning and its separator.
    fn field(&mut self, mark: &Element) {
        match mark.attribute("fldCharType") {
            Some("begin") => self.fields.push(true),
            Some("separate") => {
                if let Some(field) = self.fields.last_mut() {
                    *field = false;
                }
            }
            Some("end") => {
                self.fields.pop();
            }
            _ => {}
        }
        // A hostile file may open fields without end; texts nest two or three.
        self.fields.truncate(64);
    }

    fn is_in_instruction(&self) -> bool {
        self.fields.contains(&true)
    }
}

/// True if text of this look is white on the white of the page.
fn is_white(look: &Element) -> bool {
    let white = look.value("color").is_some_and(|color| color.eq_ignore_ascii_case("FFFFFF"));
    white && !is_shaded(look) && look.first("highlight").is_none()
}

/// True if something is shaded in another colour than white.
pub(super) fn is_shaded(look: &Element) -> bool {
    look.first("shd").is_some_and(|shade| {
        let is_white = |fill: &str| matches!(fill, "auto" | "FFFFFF" | "ffffff");
        shade.attribute("fill").is_some_and(|fill| !is_white(fill))
            || shade.attribute("val").is_some_and(|pattern| !matches!(pattern, "clear" | "nil"))
    })
}

/// The character of a symbol; boxes and ticks of the font Wingdings are those of Unicode, others that are in the private area
/// have none.
fn symbol(element: &Element) -> String {
    let code = element.attribute("char").and_then(|code| u32::from_str_radix(code, 16).ok());
    let Some(c) = code.and_then(char::from_u32) else { return String::new() };
    if !is_private(c) {
        return c.to_string();
    }
    let is_dings = element.attribute("font").is_some_and(|font| font.starts_with("Wingdings"));
    let sign = match c {
        '\u{f0a8}' | '\u{f06f}' | '\u{f0a3}' => "□",
        '\u{f0fe}' | '\u{f052}' => "☑",
        '\u{f0fd}' | '\u{f054}' => "☒",
        '\u{f0fc}' => "✓",
        '\u{f0fb}' => "✗",
        _ => "",
    };
    if is_dings { sign.to_owned() } else { String::new() }
}
