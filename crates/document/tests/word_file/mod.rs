//! Word 97 documents made for a test: text with properties of characters and paragraphs, one piece, no style sheet.

use std::io::{Cursor, Write};

/// A document as it is made.
#[derive(Default)]
pub(crate) struct Word {
    text: Vec<u16>,
    characters: Vec<(usize, usize, Vec<u8>)>,
    paragraphs: Vec<(usize, usize, Vec<u8>)>,
    /// Stream `Data`.
    pub(crate) data: Vec<u8>,
    /// Counts of characters after the main text: footnotes, headers, comments, endnotes, text boxes.
    pub(crate) after: [usize; 5],
    /// Further places of the table stream: number and bytes.
    pub(crate) places: Vec<(usize, Vec<u8>)>,
}

/// Page of formatting.
const PAGE: usize = 512;
const TEXT: usize = 0x400;

/// A property of one byte.
pub(crate) fn byte(code: u16, value: u8) -> Vec<u8> {
    let [low, high] = code.to_le_bytes();
    vec![low, high, value]
}

/// A property of four bytes.
pub(crate) fn long(code: u16, value: u32) -> Vec<u8> {
    [&code.to_le_bytes()[..], &value.to_le_bytes()].concat()
}

/// The properties of a row's end: edges of its cells and merge flags.
pub(crate) fn row(edges: &[i16], flags: &[u16]) -> Vec<u8> {
    let mut operand = vec![u8::try_from(flags.len()).unwrap_or(0)];
    edges.iter().for_each(|edge| operand.extend(edge.to_le_bytes()));
    for flag in flags {
        operand.extend(flag.to_le_bytes());
        operand.extend([0; 18]);
    }
    let length = u16::try_from(operand.len() + 1).unwrap_or(0);
    let define = [&0xD608u16.to_le_bytes()[..], &length.to_le_bytes(), &operand].concat();
    [byte(0x2416, 1), byte(0x2417, 1), define].concat()
}

impl Word {
    /// Adds text with these properties.
    pub(crate) fn run(&mut self, text: &str, properties: &[u8]) -> &mut Self {
        let from = self.text.len();
        self.text.extend(text.encode_utf16());
        self.characters.push((from, self.text.len(), properties.to_vec()));
        self
    }

    /// Adds text and a mark that ends a paragraph with these properties.
    pub(crate) fn end(&mut self, text: &str, properties: &[u8]) -> &mut Self {
        self.run(text, &[]);
        self.paragraph(properties)
    }

    /// Ends a paragraph, whose mark is the last character.
    pub(crate) fn paragraph(&mut self, properties: &[u8]) -> &mut Self {
        let from = self.paragraphs.last().map_or(0, |paragraph| paragraph.1);
        self.paragraphs.push((from, self.text.len(), properties.to_vec()));
        self
    }

    /// Number of characters so far.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// The file.
    pub(crate) fn file(&self) -> Vec<u8> {
        let mut stream = vec![0; TEXT];
        self.text.iter().for_each(|unit| stream.extend(unit.to_le_bytes()));
        let mut table = Vec::new();
        let number = |number: usize| u32::try_from(number).expect("a test file is small").to_le_bytes();
        // A page of its own for each run.
        let mut bins = [Vec::new(), Vec::new()];
        for (kind, runs) in [&self.characters, &self.paragraphs].into_iter().enumerate() {
            let at = |position: usize| number(TEXT + position * 2);
            let mut pages = Vec::new();
            let bin = &mut bins[kind];
            for (from, to, properties) in runs.iter().filter(|run| run.0 < run.1) {
                stream.resize(stream.len().next_multiple_of(PAGE), 0);
                let mut page = [at(*from), at(*to)].concat();
                page.push(if kind == 0 { 8 } else { 11 });
                page.resize(if kind == 0 { 16 } else { 22 }, 0);
                if kind == 0 {
                    page.push(u8::try_from(properties.len()).expect("properties are few"));
                } else {
                    // A zero, half the length, and the index of the style.
                    page.extend([
                        0,
                        u8::try_from(properties.len().div_ceil(2) + 1).expect("properties are few"),
                        0,
                        0,
                    ]);
                }
                page.extend(properties);
                page.resize(PAGE - 1, 0);
                page.push(1);
                pages.extend(number(stream.len() / PAGE));
                bin.extend(at(*from));
                stream.extend(page);
            }
            bin.extend(at(self.text.len()));
            bin.extend(pages);
        }
        let mut clx = vec![2];
        clx.extend(number(16));
        clx.extend([number(0), number(self.text.len())].concat());
        clx.extend([0, 0]);
        clx.extend(number(TEXT));
        clx.extend([0, 0]);
        let [characters, paragraphs] = bins;
        let mut places = vec![(12, characters), (13, paragraphs), (33, clx)];
        places.extend(self.places.iter().cloned());
        let mut set = |at: usize, bytes: &[u8]| stream[at..at + bytes.len()].copy_from_slice(bytes);
        for (place, bytes) in places {
            set(0x9A + place * 8, &number(table.len()));
            set(0x9A + place * 8 + 4, &number(bytes.len()));
            table.extend(bytes);
        }
        set(0, &0xA5ECu16.to_le_bytes());
        set(2, &0x00C1u16.to_le_bytes());
        set(0x0A, &0x0200u16.to_le_bytes());
        let [footnotes, headers, comments, endnotes, boxes] = self.after;
        set(0x4C, &number(self.text.len() - self.after.iter().sum::<usize>()));
        for (at, count) in
            [(0x50, footnotes), (0x54, headers), (0x5C, comments), (0x60, endnotes), (0x64, boxes)]
        {
            set(at, &number(count));
        }
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("a file can be begun");
        for (name, bytes) in [("/WordDocument", &stream), ("/1Table", &table), ("/Data", &self.data)] {
            file.create_stream(name)
                .expect("a stream can be begun")
                .write_all(bytes)
                .expect("it can be written");
        }
        file.flush().expect("a file can be ended");
        file.into_inner().into_inner()
    }
}
