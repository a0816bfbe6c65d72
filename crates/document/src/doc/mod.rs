//! Word 97 binary documents (DOC, and WPS of WPS Writer), after [MS-DOC].
//!
//! The text lies in pieces, named by a table; its formatting is kept by the place in the file and not by the position in
//! the text. Main text, footnotes, headers, comments and text boxes follow each other in one text and are separated by
//! their numbers of characters.

mod bytes;
mod container;
mod fib;
mod field;
mod formatting;
pub(crate) mod grid;
pub(crate) mod lists;
mod numeral;
mod pieces;
mod sprm;
mod story;
mod styles;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::{index_at, plc, u16_at, u32_at};
use fib::Fib;
use lists::Lists;
pub(crate) use pieces::gb2312_pairs;
pub(crate) use story::lines;
use story::{Source, Story};

use crate::form::Form;
use crate::limits::Budget;
use crate::model::{Block, Document, Note, Paragraph};
use crate::refusal::Refusal;

/// Reads a Word 97 document.
///
/// # Errors
/// The file is broken, encrypted or older, exceeds a limit, or has no text.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Refusal> {
    let mut container = container::Container::open(bytes)?;
    let absent = || Refusal::Damaged("缺少 WordDocument 数据流".to_owned());
    let stream = container.stream("WordDocument", budget)?.ok_or_else(absent)?;
    let fib = Fib::read(&stream)?;
    let absent = || Refusal::Damaged(format!("缺少 {} 数据流", fib.table));
    let table = container.stream(fib.table, budget)?.ok_or_else(absent)?;
    let data = container.stream("Data", budget)?.unwrap_or_default();

    let text = pieces::Text::read(&stream, fib.pieces.of(&table), budget)?;
    let styles = styles::Styles::read(fib.styles.of(&table), &data, budget)?;
    let characters = formatting::characters(&stream, &table, &fib, &styles, budget)?;
    let paragraphs = formatting::paragraphs(&stream, &table, &data, &fib, &styles, budget)?;
    let mut lists = Lists::read(&table, &fib, budget)?;
    let marks = HashMap::new();
    let mut source = Source {
        text: &text,
        characters: &characters,
        paragraphs: &paragraphs,
        styles: &styles,
        marks,
        boxes: HashMap::new(),
    };

    let [main, footnotes, _, _, endnotes, boxes] = parts(&fib, text.characters.len())?;
    let loose;
    (source.boxes, loose) = boxed(&fib, &table, &main, &boxes, budget)?;
    let kinds = [
        Notes {
            marks: fib.footnote_marks.of(&table),
            places: fib.footnotes.of(&table),
            range: footnotes,
            part: Arc::from("WordDocument/脚注"),
            format: 0,
        },
        Notes {
            marks: fib.endnote_marks.of(&table),
            places: fib.endnotes.of(&table),
            range: endnotes,
            part: Arc::from("WordDocument/尾注"),
            format: 2,
        },
    ];
    let mut places = Vec::new();
    for notes in &kinds {
        let found = notes.places(&source, budget)?;
        source.marks.extend(found.iter().map(|note| (note.position, note.mark.clone())));
        places.push(found);
    }
    let mut document = Document::new(Form::Doc);
    let part: Arc<str> = Arc::from("WordDocument");
    let body = source.blocks(main, &part, &mut lists, budget)?;
    let (mut pictures, mut symbols) = (body.pictures, body.symbols);
    document.blocks = body.blocks;
    for text in loose {
        let boxed = source.blocks(text, &Arc::from(story::BOXES), &mut lists, budget)?;
        pictures += boxed.pictures;
        symbols += boxed.symbols;
        if !boxed.blocks.is_empty() {
            document.remarks.push("有文本框找不到所在的段落，其文字列在正文之后".to_owned());
            document.blocks.extend(boxed.blocks);
        }
    }
    for (notes, places) in kinds.iter().zip(places) {
        notes.read(places, &source, &mut lists, &mut document, budget)?;
    }
    if symbols > 0 {
        document.remarks.push(format!("有 {symbols} 个符号字体的字符无法识别，未读取"));
    }
    if text.repaired {
        document.remarks.push("部分文字按 GBK 编码存放，已按 GBK 读取".to_owned());
    }
    if document.blocks.is_empty() && document.notes.is_empty() {
        return Err(if pictures > 0 { Refusal::Scan } else { Refusal::Empty });
    }
    Ok(document)
}

/// The positions of main text, footnotes, headers, comments, endnotes and text boxes.
fn parts(fib: &Fib, length: usize) -> Result<[Range<usize>; 6], Refusal> {
    let mut from = 0usize;
    let parts = fib.counts.map(|count| {
        let start = from;
        from = from.saturating_add(count);
        start..from
    });
    if from > length {
        return Err(Refusal::Truncated("文字片段少于文件信息块所记的字数".to_owned()));
    }
    Ok(parts)
}

/// Positions of the texts of boxes, by the position that they are anchored at.
type BoxAnchors = HashMap<usize, Range<usize>>;

/// The texts of text boxes: those that are anchored in the main text, and the others.
fn boxed(
    fib: &Fib,
    table: &[u8],
    main: &Range<usize>,
    boxes: &Range<usize>,
    budget: &mut Budget,
) -> Result<(BoxAnchors, Vec<Range<usize>>), Refusal> {
    // Places of shapes by their identifier; the first of the same.
    let mut anchors = HashMap::new();
    for (position, _, shape) in plc(fib.shapes.of(table), 26) {
        budget.step(1)?;
        if main.contains(&position) {
            anchors.entry(u32_at(shape, 0)).or_insert(position);
        }
    }
    let (mut anchored, mut loose) = (BoxAnchors::new(), Vec::new());
    let mut read = boxes.start;
    for (from, to, text) in plc(fib.boxes.of(table), 22) {
        budget.step(1)?;
        let text_range = boxes.start.saturating_add(from)..boxes.start.saturating_add(to);
        // Texts follow each other; what overlaps would be read twice.
        if text_range.start < read || text_range.end > boxes.end || text_range.is_empty() {
            continue;
        }
        read = text_range.end;
        match anchors.remove(&u32_at(text, 14)) {
            Some(position) if !anchored.contains_key(&position) => {
                anchored.insert(position, text_range);
            }
            _ => loose.push(text_range),
        }
    }
    if read < boxes.end {
        loose.push(read..boxes.end);
    }
    Ok((anchored, loose))
}

/// Footnotes or endnotes as they are stored.
struct Notes<'a> {
    /// Positions of their marks in the main text.
    marks: &'a [u8],
    /// Places of their texts.
    places: &'a [u8],
    /// Positions of all their texts.
    range: Range<usize>,
    part: Arc<str>,
    /// Format of their numbers.
    format: u8,
}

/// The places of one note.
struct NotePlace {
    /// Position of its mark in the main text.
    position: usize,
    /// Its mark; none where the writer set one by hand, which then is a part of both texts.
    mark: String,
    /// Positions of its text.
    text: Range<usize>,
}

impl Notes<'_> {
    /// The notes that were not deleted, numbered.
    fn places(&self, source: &Source<'_>, budget: &mut Budget) -> Result<Vec<NotePlace>, Refusal> {
        let (mut number, mut places) = (0, Vec::new());
        for (index, (position, _, data)) in plc(self.marks, 2).enumerate() {
            budget.step(1)?;
            let place =
                |index: usize| index_at(self.places, index * 4).map(|at| at.saturating_add(self.range.start));
            let (Some(from), Some(to)) = (place(index), place(index + 1)) else { break };
            if from > to || to > self.range.end || source.character(position).deleted {
                continue;
            }
            let automatic = u16_at(data, 0).unwrap_or(0) != 0;
            number += u32::from(automatic);
            let mark = numeral::numeral(self.format, number).filter(|_| automatic);
            let mark = mark.map(|mark| format!("[{mark}]")).unwrap_or_default();
            places.push(NotePlace { position, mark, text: from..to });
        }
        Ok(places)
    }

    fn read(
        &self,
        places: Vec<NotePlace>,
        source: &Source<'_>,
        lists: &mut Lists,
        document: &mut Document,
        budget: &mut Budget,
    ) -> Result<(), Refusal> {
        for NotePlace { mark, text, .. } in places {
            let Story { blocks, .. } = source.blocks(text, &self.part, lists, budget)?;
            let paragraphs: Vec<Paragraph> = blocks.into_iter().flat_map(flatten).collect();
            if !paragraphs.is_empty() {
                document.notes.push(Note { mark, paragraphs });
            }
        }
        Ok(())
    }
}

/// The paragraphs of a block; those of a table's cells in order.
pub(crate) fn flatten(block: Block) -> Vec<Paragraph> {
    match block {
        Block::Paragraph(paragraph) => vec![paragraph],
        Block::Table(table) => {
            let cells = table.rows.into_iter().flatten().flatten();
            cells
                .flat_map(|cell| cell.blocks)
                .filter_map(|block| match block {
                    Block::Paragraph(paragraph) => Some(paragraph),
                    Block::Table(_) => None,
                })
                .collect()
        }
    }
}
