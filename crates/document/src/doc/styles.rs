//! The style sheet: what paragraphs and characters have by their style ([MS-DOC] 2.9.271).

use super::bytes::u16_at;
use super::formatting::{Layout, apart};
use super::sprm::properties;
use crate::limits::Budget;
use crate::refusal::Refusal;

/// The styles of a document, by index.
#[derive(Debug)]
pub(crate) struct Styles {
    styles: Vec<Option<Style>>,
}

#[derive(Debug)]
struct Style {
    /// Its number among the styles that every Word has: 1 to 9 are headings, 62 is the title.
    builtin: u16,
    /// The paragraph formatting that it gives.
    layout: Layout,
    /// True if it hides characters.
    hides: bool,
}

/// A style as it is stored.
struct StyleRecord<'a> {
    builtin: u16,
    base: u16,
    paragraph: &'a [u8],
    character: &'a [u8],
}

/// Styles on which a style may build, one on the other.
const BASES: usize = 11;

impl Styles {
    /// Reads a style sheet. What is broken in it is a style without properties.
    ///
    /// # Errors
    /// The budget is spent.
    pub(crate) fn read(sheet: &[u8], data: &[u8], budget: &mut Budget) -> Result<Self, Refusal> {
        let head = usize::from(u16_at(sheet, 0).unwrap_or(0));
        let count = u16_at(sheet, 2).unwrap_or(0);
        let base = usize::from(u16_at(sheet, 4).unwrap_or(0));
        let mut at = 2 + head;
        let mut stored = Vec::new();
        for _ in 0..count {
            budget.step(1)?;
            let Some(length) = u16_at(sheet, at).map(usize::from) else { break };
            stored.push(sheet.get(at + 2..at + 2 + length).and_then(|style| read_style(style, base)));
            at += 2 + length;
        }
        let mut styles = Vec::with_capacity(stored.len());
        for index in 0..stored.len() {
            // From the style up to the root of its inheritance.
            let mut chain = Vec::new();
            let mut next = Some(index);
            while let Some(style) = next.and_then(|index| stored.get(index)).and_then(Option::as_ref) {
                // Many styles may build on the same one.
                budget.step(1 + (style.paragraph.len() + style.character.len()) as u64 / 4)?;
                chain.push(style);
                next = (style.base != 0x0FFF && chain.len() < BASES).then_some(usize::from(style.base));
            }
            let mut layout = Layout { style: u16::try_from(index).unwrap_or(0), ..Layout::default() };
            let mut hides = false;
            for style in chain.iter().rev() {
                for property in properties(style.paragraph) {
                    budget.step(apart(property, data).map_or(0, <[u8]>::len) as u64 / 4)?;
                    layout.apply(property, data);
                }
                for property in properties(style.character).filter(|property| property.code == 0x083C) {
                    hides = property.byte() == 1;
                }
            }
            styles.push(chain.first().map(|style| Style { builtin: style.builtin, layout, hides }));
        }
        Ok(Self { styles })
    }

    /// The paragraph formatting of a style.
    pub(crate) fn layout(&self, style: u16) -> Layout {
        self.get(style).map_or_else(|| Layout { style, ..Layout::default() }, |style| style.layout.clone())
    }

    /// True if a style hides characters.
    pub(crate) fn hides(&self, style: u16) -> bool {
        self.get(style).is_some_and(|style| style.hides)
    }

    /// The number of a style among those that every Word has.
    pub(crate) fn builtin(&self, style: u16) -> Option<u16> {
        self.get(style).map(|style| style.builtin)
    }

    fn get(&self, style: u16) -> Option<&Style> {
        self.styles.get(usize::from(style)).and_then(Option::as_ref)
    }
}

fn read_style(style: &[u8], base_length: usize) -> Option<StyleRecord<'_>> {
    let builtin = u16_at(style, 0)? & 0x0FFF;
    let kind = u16_at(style, 2)? & 0x000F;
    let base = u16_at(style, 2)? >> 4;
    // The name follows the fixed part: its length, its units and a zero.
    let name = usize::from(u16_at(style, base_length)?);
    let mut at = base_length + 2 + name * 2 + 2;
    let mut list = || {
        at += at % 2;
        let length = usize::from(u16_at(style, at)?);
        let list = style.get(at + 2..at + 2 + length)?;
        at += 2 + length;
        Some(list)
    };
    let (paragraph, character) = match kind {
        // A paragraph style begins with its own index.
        1 => (list()?.get(2..).unwrap_or_default(), list().unwrap_or_default()),
        2 => (&[][..], list()?),
        _ => (&[][..], &[][..]),
    };
    Some(StyleRecord { builtin, base, paragraph, character })
}
