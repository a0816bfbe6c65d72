//! Plain text and Markdown, in any encoding of Chinese texts.

mod markdown;
mod wrap;

use std::ops::Range;

use zhaoren_cancel::steps;
use zhaoren_text::{Decoded, Encoding, OffsetMap};

use crate::form::Form;
use crate::limits::Budget;
use crate::model::{Block, Document, Origin, Paragraph, Role, Run};
use crate::refusal::Refusal;

/// Decodes content: by its mark, by validity, in the encoding that it declares, then by statistics.
pub(crate) fn decoded(bytes: &[u8], declared: Option<Encoding>) -> Decoded {
    let found = zhaoren_text::decode(bytes);
    // Sound UTF-8 or UTF-16 is hardly ever another encoding, whatever is declared; among the others the declaration decides where
    // it fits.
    match declared {
        Some(declared @ (Encoding::Gb18030 | Encoding::Big5))
            if matches!(found.encoding, Encoding::Gb18030 | Encoding::Big5) && found.encoding != declared =>
        {
            let other = zhaoren_text::decode_as(bytes, declared);
            if other.text.contains('\u{fffd}') || !other.doubtful.is_empty() { found } else { other }
        }
        _ => found,
    }
}

/// Reads plain text or Markdown.
///
/// # Errors
/// There is no word in it, or it exceeds a limit.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Refusal> {
    let decoded = decoded(bytes, None);
    let mut document = Document::new(Form::Text);
    remark_losses(&decoded, &mut document);
    let lines = lines(&decoded.text);
    budget.text(decoded.text.len() / 2)?;
    budget.step(decoded.text.len() as u64)?;
    let source = Source { text: &decoded.text, offsets: &decoded.offsets };
    if markdown::is_marked(&decoded.text, &lines) {
        document.form = Form::Markdown;
        markdown::read(&source, &lines, &mut document, budget)?;
    } else {
        for paragraph in wrap::paragraphs(&decoded.text, &lines) {
            let runs: Vec<Run> = paragraph.into_iter().filter_map(|range| source.run(range)).collect();
            if !runs.is_empty() {
                document.blocks.push(Block::Paragraph(Paragraph { role: Role::Body, number: None, runs }));
            }
        }
    }
    if document.blocks.is_empty() {
        return Err(Refusal::Empty);
    }
    document.title = document.leading_title();
    Ok(document)
}

/// Adds a remark where bytes were lost before the text came.
pub(crate) fn remark_losses(decoded: &Decoded, document: &mut Document) {
    let lost = decoded.text.matches('\u{fffd}').count();
    let places = lost.max(decoded.doubtful.len());
    if places > 0 {
        document.remarks.push(format!("有{places}处字节丢失或损坏，该处文字可能不完整"));
    }
}

/// A decoded text with the places of its characters in the file.
pub(crate) struct Source<'a> {
    text: &'a str,
    offsets: &'a OffsetMap,
}

impl Source<'_> {
    /// The run of a range of the text; `None` where nothing is in it.
    fn run(&self, range: Range<usize>) -> Option<Run> {
        let text = self.text.get(range.clone())?;
        if text.is_empty() {
            return None;
        }
        steps(text.len() as u64);
        Some(Run { text: text.to_owned(), origin: Origin::Bytes(self.offsets.to_source(range)) })
    }
}

/// The lines of a text without the blanks around them, in order; empty lines are empty ranges. Every sign that ends a line
/// in some system ends it.
fn lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        zhaoren_cancel::poll();
        let is_second =
            c == '\n' && start == at && text.get(..at).is_some_and(|before| before.ends_with('\r'));
        if is_second {
            start = at + 1;
        } else if is_line_end(c) {
            lines.push(Line::new(text, start..at));
            start = at + c.len_utf8();
        }
    }
    lines.push(Line::new(text, start..text.len()));
    lines
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// True if a character shows nothing at the edge of a line.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\0' | '\u{1a}' | '\u{200b}' | '\u{feff}')
}

/// A line of a text.
#[derive(Clone, Debug)]
struct Line {
    /// Its bytes, without blanks around.
    words: Range<usize>,
    /// Columns of blanks before it; a wide blank has two.
    indent: usize,
}

impl Line {
    fn new(text: &str, range: Range<usize>) -> Self {
        let line = text.get(range.clone()).unwrap_or_default();
        let words = line.trim_start_matches(is_blank);
        let before = line.get(..line.len() - words.len()).unwrap_or_default();
        let indent = before.chars().map(wrap::columns).sum();
        let start = range.start + before.len();
        Self { words: start..start + words.trim_end_matches(is_blank).len(), indent }
    }
}
