//! Rich Text Format, to version 1.9.1.
//!
//! Groups are kept on a stack of bounded depth and never by recursion; each byte is looked at once.

mod characters;
mod numbering;
mod state;
mod story;
mod token;

use characters::{Buffer, Encodings};
use numbering::Tables;
use state::{Destination, State, destination};
use story::{ParagraphEnd, RowShape, Story};
use token::{Token, Tokens};

use crate::doc::flatten;
use crate::doc::lists::Lists;
use crate::form::Form;
use crate::limits::Budget;
use crate::model::{Block, Document, Note, Paragraph, Role};
use crate::refusal::Refusal;

/// Reads an RTF file.
///
/// # Errors
/// The file breaks off, exceeds a limit, or has no text.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Refusal> {
    let mut reading = Parser {
        encodings: Encodings::new(),
        pending: Buffer::default(),
        pending_place: (0, 0),
        groups: Vec::new(),
        state: State::new(),
        skipped: 0,
        stories: vec![Story::default()],
        shapes: [RowShape::default(), RowShape::default()],
        font: None,
        notes: 0,
        pictures: 0,
        tables: Tables::default(),
        lists: None,
        unnumbered: 0,
        repaired: false,
        document: Document::new(Form::Rtf),
        budget,
    };
    // A byte order mark or blanks may lie before the first brace.
    let mut tokens = Tokens::new(bytes, bytes.iter().position(|byte| *byte == b'{').unwrap_or(0));
    let mut complete = false;
    loop {
        let from = tokens.place();
        let Some(token) = tokens.next() else { break };
        reading.token(token, from, tokens.place())?;
        if reading.groups.is_empty() {
            complete = token == Token::Close;
            break;
        }
    }
    if !complete {
        return Err(Refusal::Truncated("RTF 的括号没有结束".to_owned()));
    }
    reading.finish()
}

struct Parser<'a> {
    encodings: Encodings,
    pending: Buffer,
    /// Bytes of the file that the pending characters come from.
    pending_place: (usize, usize),
    /// States of the groups around the open one.
    groups: Vec<State>,
    state: State,
    /// Characters that are still to be passed over after a `\u`.
    skipped: usize,
    /// The body, and the notes and boxes that are open in it.
    stories: Vec<Story>,
    /// Row definitions of tables, and of tables in tables.
    shapes: [RowShape; 2],
    /// The font of the font table that is being defined.
    font: Option<i32>,
    /// Notes so far.
    notes: usize,
    pictures: usize,
    tables: Tables,
    /// The lists of the tables, from the first paragraph in one on.
    lists: Option<Lists>,
    /// Paragraphs of lists whose number is not written out.
    unnumbered: usize,
    repaired: bool,
    document: Document,
    budget: &'a mut Budget,
}

impl Parser<'_> {
    fn token(&mut self, token: Token<'_>, from: usize, to: usize) -> Result<(), Refusal> {
        self.budget.step(1)?;
        match token {
            Token::Open => self.open(),
            Token::Close => self.close(),
            Token::Word(word, number) => self.word(word, number, from, to),
            Token::Symbol(symbol) => self.symbol(symbol, from, to),
            Token::Hex(byte) => {
                self.state.fresh = false;
                if self.skipped > 0 {
                    self.skipped -= 1;
                    return Ok(());
                }
                self.bytes(&[byte], from, to)
            }
            Token::Text(text) => {
                self.state.fresh = false;
                let skipped = self.skipped.min(text.len());
                self.skipped -= skipped;
                self.bytes(text.get(skipped..).unwrap_or_default(), from + skipped, to)
            }
        }
    }

    fn open(&mut self) -> Result<(), Refusal> {
        self.flush()?;
        self.skipped = 0;
        let limit = self.budget.limits().depth;
        if self.groups.len() >= limit {
            return Err(Refusal::over("嵌套层数", limit as u64));
        }
        self.state.fresh = false;
        let inner = self.state.inner();
        self.groups.push(std::mem::replace(&mut self.state, inner));
        Ok(())
    }

    fn close(&mut self) -> Result<(), Refusal> {
        self.flush()?;
        self.skipped = 0;
        let Some(outer) = self.groups.pop() else { return Ok(()) };
        let inner = std::mem::replace(&mut self.state, outer);
        if !inner.story {
            return Ok(());
        }
        match inner.destination {
            Destination::Note => {
                let blocks = self.end_story(inner.role())?;
                let paragraphs: Vec<Paragraph> = blocks.into_iter().flat_map(flatten).collect();
                if !paragraphs.is_empty() && inner.shows() {
                    let mark = format!("[{}]", inner.note);
                    self.document.notes.push(Note { mark, paragraphs });
                }
            }
            Destination::Box => {
                let blocks = self.end_story(inner.role())?;
                if let Some(story) = self.stories.last_mut() {
                    story.add_box(blocks);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end_story(&mut self, role: Role) -> Result<Vec<Block>, Refusal> {
        match self.stories.pop() {
            Some(story) => story.finish(role, self.budget),
            None => Ok(Vec::new()),
        }
    }

    fn word(&mut self, word: &str, number: Option<i32>, from: usize, to: usize) -> Result<(), Refusal> {
        if word == "u" {
            self.state.fresh = false;
            if self.pending.has_bytes() {
                self.flush()?;
            }
            self.skipped = self.state.fallback;
            if self.takes_text() {
                self.place(from, to);
                self.pending.push_unit(number.unwrap_or(0));
            }
            return Ok(());
        }
        if self.skipped > 0 && !self.state.fresh {
            self.skipped -= 1;
            return Ok(());
        }
        self.flush()?;
        if std::mem::take(&mut self.state.fresh) && self.begins(word) {
            return Ok(());
        }
        if self.state.destination == Destination::Skip {
            return Ok(());
        }
        if self.state.destination == Destination::Lists {
            self.tables.word(word, number);
            return Ok(());
        }
        if self.state.destination == Destination::Fonts {
            match (word, number) {
                ("f", number) => self.font = number,
                ("fcharset", Some(charset)) => {
                    if let Some(font) = self.font {
                        self.encodings.set_font(font, charset);
                    }
                }
                _ => {}
            }
            return Ok(());
        }
        if let Some(character) = state::character(word) {
            return self.text(character.encode_utf8(&mut [0; 4]), from, to);
        }
        let [outer, inner] = &mut self.shapes;
        if if self.state.nested { inner } else { outer }.take(word, number) {
            return Ok(());
        }
        match word {
            "ansicpg" => self.encodings.set_file(number.unwrap_or(1252)),
            "par" | "sect" | "page" | "column" => self.end(Mark::Paragraph)?,
            "cell" => self.end(Mark::Cell(1))?,
            "nestcell" => self.end(Mark::Cell(self.state.depth().max(2)))?,
            "row" => self.end(Mark::Row(1))?,
            "nestrow" => self.end(Mark::Row(self.state.depth().max(2)))?,
            "upr" => self.state.drops_next = true,
            _ => self.state.format(word, number),
        }
        Ok(())
    }

    /// Takes the word at the head of a group; whether it was a destination.
    fn begins(&mut self, word: &str) -> bool {
        if self.state.destination == Destination::Skip {
            return true;
        }
        if word == "pict" {
            self.pictures += 1;
        }
        let next = match destination(word) {
            Some(next) => next,
            None if self.state.optional && !state::is_seen(word) => Destination::Skip,
            None => {
                self.state.nested |= word == "nesttableprops";
                return false;
            }
        };
        if next == Destination::Note && self.state.shows() {
            // The mark is put where the note begins.
            self.notes += 1;
            self.state.note = self.notes;
            if let Some(story) = self.stories.last_mut() {
                story.push_mark(&format!("[{}]", self.notes));
            }
        }
        self.state.destination = next;
        if matches!(next, Destination::Note | Destination::Box) {
            self.stories.push(Story::default());
            self.state.story = true;
            // It is formatted on its own.
            self.state.format("pard", None);
        }
        true
    }

    fn symbol(&mut self, symbol: u8, from: usize, to: usize) -> Result<(), Refusal> {
        if symbol == b'*' {
            self.state.optional = true;
            return Ok(());
        }
        self.state.fresh = false;
        if self.skipped > 0 {
            self.skipped -= 1;
            return Ok(());
        }
        match symbol {
            b'~' => self.bytes(b" ", from, to),
            b'_' => self.bytes(b"-", from, to),
            b'{' | b'}' | b'\\' => self.bytes(&[symbol], from, to),
            // An escaped line end is the end of a paragraph.
            b'\r' | b'\n' if self.state.destination == Destination::Text => self.end(Mark::Paragraph),
            _ => Ok(()),
        }
    }

    /// True if text of the group goes anywhere.
    fn takes_text(&self) -> bool {
        !matches!(self.state.destination, Destination::Skip | Destination::Fonts | Destination::Lists)
    }

    fn place(&mut self, from: usize, to: usize) {
        if self.pending.is_empty() {
            self.pending_place.0 = from;
        }
        self.pending_place.1 = to;
    }

    fn bytes(&mut self, bytes: &[u8], from: usize, to: usize) -> Result<(), Refusal> {
        if bytes.is_empty() || !self.takes_text() {
            return Ok(());
        }
        if self.pending.has_units() {
            self.flush()?;
        }
        self.place(from, to);
        self.pending.push_bytes(bytes);
        Ok(())
    }

    /// Gives the characters that waited to the text.
    fn flush(&mut self) -> Result<(), Refusal> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let (from, to) = self.pending_place;
        let (text, repaired) = self.pending.take(&self.encodings, self.state.font);
        self.repaired |= repaired && self.state.shows();
        self.text(&text, from, to)
    }

    fn text(&mut self, text: &str, from: usize, to: usize) -> Result<(), Refusal> {
        let Some(story) = self.stories.last_mut() else { return Ok(()) };
        if !self.state.shows() {
            if self.state.deleted {
                story.delete();
            }
            return Ok(());
        }
        self.budget.text(text.chars().count())?;
        self.budget.step(text.len() as u64 / 16)?;
        match self.state.destination {
            Destination::Number => story.push_number(text),
            Destination::Text | Destination::Note | Destination::Box => story.push(text, from, to),
            Destination::LevelText => self.tables.text.push_str(text),
            Destination::Skip | Destination::Fonts | Destination::Lists => {}
        }
        Ok(())
    }

    /// Ends a paragraph, a cell or a row.
    fn end(&mut self, mark: Mark) -> Result<(), Refusal> {
        self.flush()?;
        if matches!(self.state.destination, Destination::Number | Destination::LevelText) {
            return Ok(());
        }
        let Some(story) = self.stories.last_mut() else { return Ok(()) };
        let (depth, role) = (self.state.depth(), self.state.role());
        let list = self.state.list;
        if list != 0 && self.state.shows() && !matches!(mark, Mark::Row(_)) {
            let lists = self.lists.get_or_insert_with(|| self.tables.lists());
            // The counters go on also where the number is written out.
            let number = lists.next(list, Some(self.state.level), 0);
            match number {
                _ if story.is_numbered() => {}
                Some(number) => {
                    self.budget.text(number.len())?;
                    story.push_number(&number);
                }
                None => self.unnumbered += usize::from(!lists.knows(list)),
            }
        }
        match mark {
            // The mark of a paragraph that was deleted joins it with the next one.
            Mark::Paragraph if self.state.deleted => Ok(()),
            Mark::Paragraph => story.paragraph(ParagraphEnd { depth, role }, self.budget),
            Mark::Cell(depth) => story.cell(ParagraphEnd { depth, role }, self.budget),
            Mark::Row(depth) => {
                let [outer, inner] = &self.shapes;
                story.row(depth, if depth > 1 { inner } else { outer }, self.budget)
            }
        }
    }

    fn finish(mut self) -> Result<Document, Refusal> {
        while self.stories.len() > 1 {
            self.stories.pop();
        }
        self.document.blocks = self.end_story(Role::Body)?;
        let mut document = self.document;
        if document.blocks.is_empty() && document.notes.is_empty() {
            return Err(if self.pictures > 0 { Refusal::Scan } else { Refusal::Empty });
        }
        if self.unnumbered > 0 {
            let count = self.unnumbered;
            document.remarks.push(format!("有 {count} 段的自动编号没有存成文字，编号未读取"));
        }
        if self.repaired {
            document.remarks.push("部分文字的编码与文件所注不同，已按 GBK 或 UTF-8 读取".to_owned());
        }
        Ok(document)
    }
}

/// A structural end.
#[derive(Clone, Copy)]
enum Mark {
    Paragraph,
    /// A cell at a depth of tables.
    Cell(usize),
    /// A row at a depth of tables.
    Row(usize),
}
