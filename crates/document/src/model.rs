//! The document model: blocks in reading order, runs with their origin, and the canonical text.

use std::ops::Range;
use std::sync::Arc;

use crate::form::Form;
use crate::letterhead::is_letterhead;

/// A file that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The form of its content.
    pub form: Form,
    /// Title that the file's metadata or the page's layout gives, apart from the text.
    pub title: Option<String>,
    /// Other facts that the file gives beside its text, as (name, value): 发文机关, 文号, 成文日期, 发布日期, 索引号 ….
    pub facts: Vec<(String, String)>,
    /// Paragraphs and tables in reading order.
    pub blocks: Vec<Block>,
    /// Footnotes and endnotes.
    pub notes: Vec<Note>,
    /// Annexes that the file links to or carries: (name, address or entry).
    pub annexes: Vec<(String, String)>,
    /// Remarks on parts that could not be read or were repaired, in Chinese, one sentence each.
    pub remarks: Vec<String>,
}

/// One block of the body.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A paragraph or a heading.
    Paragraph(Paragraph),
    /// A table.
    Table(Table),
}

/// Role of a paragraph in the layout of its document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Text of the body.
    Body,
    /// The document's title.
    Title,
    /// A heading of this level, from 1.
    Heading(u8),
    /// An item of a list.
    ListItem,
}

/// A paragraph: its automatic number, if it has one, and its runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Paragraph {
    /// Role in the layout.
    pub role: Role,
    /// Its automatic number as it is seen, such as `第一条` or `（二）`, with the blank that follows where there is one.
    pub number: Option<String>,
    /// Its text in pieces, each with its origin.
    pub runs: Vec<Run>,
}

/// A piece of text from one place of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The characters.
    pub text: String,
    /// Their place in the file.
    pub origin: Origin,
}

/// A place in the file as received.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// Bytes of a text form.
    Bytes(Range<usize>),
    /// A paragraph of a part of a package: the part's name, and the paragraph's number from 1.
    Part {
        /// Name of the part, such as `word/document.xml`.
        part: Arc<str>,
        /// Number of the paragraph in the part, from 1.
        paragraph: u32,
    },
    /// A box on a page.
    Page {
        /// Number of the page, from 1.
        page: u32,
        /// Left, top, right and bottom, in points (1/72 inch) from the page's upper left corner.
        area: [f32; 4],
    },
    /// A place in a file of an archive.
    Entry {
        /// Name of the file, with the names of the archives that it lies in.
        entry: Arc<str>,
        /// The place in it.
        place: Box<Origin>,
    },
    /// A cell of a sheet.
    Sheet {
        /// Name of the sheet.
        sheet: Arc<str>,
        /// Row, from 1.
        row: u32,
        /// Column, from 1.
        column: u32,
    },
}

/// A table as a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Rows of cells. A place that a merged cell covers holds `None`; every row has as many places as the table has
    /// columns.
    pub rows: Vec<Vec<Option<Cell>>>,
}

/// A cell with the rows and columns that it covers.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Its blocks; a table in it is a table in a table.
    pub blocks: Vec<Block>,
    /// Columns that it covers, at least 1.
    pub columns: u32,
    /// Rows that it covers, at least 1.
    pub rows: u32,
}

/// A footnote or endnote.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// Its mark, as it is seen.
    pub mark: String,
    /// Its paragraphs.
    pub paragraphs: Vec<Paragraph>,
}

/// The canonical text of a document, which is stored and quoted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Canonical {
    /// The text: a line for each paragraph; a table's row is a line, its cells separated by ` | `; notes at the end.
    pub text: String,
    /// Origins of the text's parts, in order, without overlap. Characters that the form adds (line ends, separators,
    /// automatic numbers) lie in no span.
    pub spans: Vec<Span>,
}

/// Origin of a range of the canonical text.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// Bytes of the canonical text.
    pub range: Range<usize>,
    /// Their place in the file.
    pub origin: Origin,
}

impl Document {
    /// A document of a form with nothing in it.
    pub(crate) fn new(form: Form) -> Self {
        Self {
            form,
            title: None,
            facts: Vec::new(),
            blocks: Vec::new(),
            notes: Vec::new(),
            annexes: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// The title as the text gives it: the first paragraphs that are made as titles, joined, behind no more than a letterhead;
    /// one that repeats those before it counts once.
    pub(crate) fn leading_title(&self) -> Option<String> {
        let mut title = String::new();
        for block in &self.blocks {
            let Block::Paragraph(paragraph) = block else { break };
            let line: String = paragraph.runs.iter().map(|run| run.text.as_str()).collect();
            match paragraph.role {
                Role::Title if line != title => title.push_str(&line),
                Role::Title => {}
                _ if title.is_empty() && is_letterhead(&line) => {}
                _ => break,
            }
        }
        (!title.is_empty()).then_some(title)
    }

    /// The canonical text.
    pub fn text(&self) -> Canonical {
        let mut canonical = Canonical::default();
        for block in &self.blocks {
            canonical.block(block);
        }
        for note in &self.notes {
            canonical.added(&note.mark);
            for paragraph in &note.paragraphs {
                canonical.paragraph(paragraph);
            }
            canonical.added("\n");
        }
        canonical
    }
}

impl Canonical {
    /// The place in the file of a byte of the text: the last span that begins at or before it and holds it.
    pub fn origin(&self, at: usize) -> Option<&Origin> {
        let after = self.spans.partition_point(|span| span.range.start <= at);
        let span = self.spans.get(after.checked_sub(1)?)?;
        span.range.contains(&at).then_some(&span.origin)
    }

    fn added(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(paragraph) => {
                self.paragraph(paragraph);
                self.added("\n");
            }
            Block::Table(table) => {
                for row in &table.rows {
                    self.row(row);
                    self.added("\n");
                }
            }
        }
    }

    fn paragraph(&mut self, paragraph: &Paragraph) {
        if let Some(number) = &paragraph.number {
            self.added(number);
        }
        for run in &paragraph.runs {
            let start = self.text.len();
            self.text.push_str(&run.text);
            if start < self.text.len() {
                self.spans.push(Span { range: start..self.text.len(), origin: run.origin.clone() });
            }
        }
    }

    /// One row on one line. The paragraphs of a cell are separated by a blank; a table in a cell follows its row.
    fn row(&mut self, row: &[Option<Cell>]) {
        let mut inner = Vec::new();
        for (column, cell) in row.iter().enumerate() {
            if column > 0 {
                self.added(" | ");
            }
            let mut first = true;
            for block in cell.iter().flat_map(|cell| &cell.blocks) {
                match block {
                    Block::Paragraph(paragraph) => {
                        if !first {
                            self.added(" ");
                        }
                        self.paragraph(paragraph);
                        first = false;
                    }
                    Block::Table(_) => inner.push(block),
                }
            }
        }
        for block in inner {
            self.added("\n");
            self.block(block);
        }
    }
}
