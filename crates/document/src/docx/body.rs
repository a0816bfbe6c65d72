//! Body of a text: its paragraphs with their numbers and roles, in order.

use std::sync::Arc;

use super::number;
use super::numbering::{Counters, Numbering};
use super::runs::{Lines, is_shaded};
use super::styles::{Style, Styles};
use crate::letterhead::is_letterhead;
use crate::limits::Budget;
use crate::model::{Block, Origin, Paragraph, Role, Run};
use crate::refusal::Refusal;
use crate::text::is_blank;
use crate::xml::Element;

/// A text that is being read.
pub(super) struct Body<'a> {
    pub(super) styles: &'a Styles,
    numbering: &'a Numbering,
    counters: Counters,
    /// Name of the part that is read.
    part: Arc<str>,
    /// Number of the paragraph in it.
    paragraph: u32,
    /// Text of paragraphs whose end was deleted: it goes on in the next one.
    carried: String,
    /// Open fields, the innermost last, and whether each is in its instruction.
    pub(super) fields: Vec<bool>,
    /// Identifiers of notes in the order of their marks.
    pub(super) footnotes: Vec<String>,
    pub(super) endnotes: Vec<String>,
    /// Pictures in the text.
    pub(super) pictures: usize,
    /// Documents that are embedded in the text.
    pub(super) embedded: usize,
    /// True if anything but titles was read.
    has_body: bool,
    /// True if the text being read may be on a background other than white.
    pub(super) has_ground: bool,
    /// Runs that are white on white.
    pub(super) white: usize,
}

/// Where text stands that is not part of the text around it: its fields and deletions are its own.
struct Context {
    fields: Vec<bool>,
    carried: String,
}

impl<'a> Body<'a> {
    pub(super) fn new(styles: &'a Styles, numbering: &'a Numbering, part: Arc<str>) -> Self {
        Self {
            styles,
            numbering,
            counters: Counters::default(),
            part,
            paragraph: 0,
            carried: String::new(),
            fields: Vec::new(),
            footnotes: Vec::new(),
            endnotes: Vec::new(),
            pictures: 0,
            embedded: 0,
            has_body: false,
            has_ground: false,
            white: 0,
        }
    }

    /// Goes over to another part.
    pub(super) fn enter(&mut self, part: Arc<str>) {
        self.part = part;
        self.paragraph = 0;
        self.fields.clear();
        self.has_body = true;
    }

    /// Reads text that is not part of the text around it.
    pub(super) fn apart<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let before =
            Context { fields: std::mem::take(&mut self.fields), carried: std::mem::take(&mut self.carried) };
        let result = read(self);
        (self.fields, self.carried) = (before.fields, before.carried);
        result
    }

    /// Reads the blocks in an element.
    pub(super) fn blocks(
        &mut self,
        element: &Element,
        blocks: &mut Vec<Block>,
        budget: &mut Budget,
    ) -> Result<(), Refusal> {
        for child in element.elements() {
            self.block(child, blocks, budget)?;
        }
        Ok(())
    }

    /// Reads a block, or the blocks in an element that only groups them.
    pub(super) fn block(
        &mut self,
        element: &Element,
        blocks: &mut Vec<Block>,
        budget: &mut Budget,
    ) -> Result<(), Refusal> {
        budget.step(1)?;
        match &*element.name {
            "p" => self.paragraph(element, blocks, budget),
            "tbl" => {
                let ground = std::mem::replace(&mut self.has_ground, true);
                let table = self.apart(|body| body.table(element, budget))?;
                self.has_ground = ground;
                self.has_body = true;
                blocks.extend(table.map(Block::Table));
                Ok(())
            }
            "sdt" | "sdtContent" | "ins" | "moveTo" | "customXml" | "smartTag" => {
                self.blocks(element, blocks, budget)
            }
            "AlternateContent" => match element.first("Choice").or_else(|| element.first("Fallback")) {
                Some(one) => self.blocks(one, blocks, budget),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Writes the paragraphs carried over the end of the text.
    pub(super) fn end(&mut self, blocks: &mut Vec<Block>) {
        let text = std::mem::take(&mut self.carried);
        self.push(&text, Role::Body, None, blocks);
    }

    fn paragraph(
        &mut self,
        element: &Element,
        blocks: &mut Vec<Block>,
        budget: &mut Budget,
    ) -> Result<(), Refusal> {
        self.paragraph = self.paragraph.saturating_add(1);
        let look = element.first("pPr");
        let mark = look.and_then(|look| look.first("rPr"));
        let is_merged =
            mark.is_some_and(|mark| mark.first("del").is_some() || mark.first("moveFrom").is_some());
        let mut lines = Lines::new();
        let ground = self.has_ground;
        self.has_ground |= look.is_some_and(is_shaded);
        self.inline(element, &mut lines, budget)?;
        self.has_ground = ground;
        let Lines { mut lines, boxes } = lines;
        if let Some(first) = lines.first_mut() {
            first.insert_str(0, &std::mem::take(&mut self.carried));
        }
        if is_merged {
            // Without its end the paragraph goes on in the next one, which decides how it looks.
            self.carried = lines.pop().unwrap_or_default();
            for line in lines {
                self.push(&line, Role::Body, None, blocks);
            }
        } else {
            let style = self.styles.resolved(look.and_then(|look| look.value("pStyle")));
            if style.hidden != Some(true) || mark.is_some_and(|mark| !mark.is_on("vanish")) {
                let number = self.number(look, &style);
                self.lines(&lines, look, &style, number, blocks);
            }
        }
        blocks.extend(boxes);
        Ok(())
    }

    /// Writes the lines of a paragraph; the number stands before the first.
    fn lines(
        &mut self,
        lines: &[String],
        look: Option<&Element>,
        style: &Style,
        mut number: Option<String>,
        blocks: &mut Vec<Block>,
    ) {
        let outline = look.and_then(|look| super::number(look, "outlineLvl")).or(style.outline);
        let level =
            outline.filter(|level| (0..9).contains(level)).and_then(|level| u8::try_from(level + 1).ok());
        let align = look.and_then(|look| look.value("jc"));
        let centred = align.map_or(style.centred == Some(true), |align| align == "center");
        let role = match level.or_else(|| style.heading()) {
            _ if style.is_title() => Role::Title,
            Some(level) => Role::Heading(level),
            None if number.is_some() => Role::ListItem,
            None if centred && !self.has_body => Role::Title,
            None => Role::Body,
        };
        for line in lines {
            zhaoren_cancel::poll();
            // The number of a document, and the name of its organ, are centred too.
            let is_head = role == Role::Title && !style.is_title() && is_letterhead(line);
            let had_body = self.has_body;
            self.push(line, if is_head { Role::Body } else { role }, number.take(), blocks);
            if is_head {
                self.has_body = had_body;
            }
        }
    }

    fn push(&mut self, line: &str, role: Role, number: Option<String>, blocks: &mut Vec<Block>) {
        let text = line.trim_matches(is_blank);
        if text.is_empty() && number.is_none() {
            return;
        }
        self.has_body |= role != Role::Title;
        let origin = Origin::Part { part: Arc::clone(&self.part), paragraph: self.paragraph };
        let runs = if text.is_empty() { Vec::new() } else { vec![Run { text: text.to_owned(), origin }] };
        blocks.push(Block::Paragraph(Paragraph { role, number, runs }));
    }

    /// The automatic number of a paragraph, by its own list or that of its style.
    fn number(&mut self, look: Option<&Element>, style: &Style) -> Option<String> {
        let own = look.and_then(|look| look.first("numPr"));
        let own_list = own.and_then(|own| own.value("numId"));
        let list = own_list.or(style.number.as_deref()).filter(|list| *list != "0")?;
        let own_level = own.and_then(|own| number(own, "ilvl")).and_then(|level| usize::try_from(level).ok());
        let by_style = || {
            let style = style.numbered_by.as_deref().filter(|_| own_list.is_none())?;
            self.numbering.level_of_style(list, style)
        };
        let level = own_level.or_else(by_style).or(style.level.filter(|_| own_list.is_none())).unwrap_or(0);
        self.numbering.next(list, level, &mut self.counters)
    }
}
