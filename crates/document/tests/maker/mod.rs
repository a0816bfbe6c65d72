//! A writer of small PDF files for tests: pages of text in a font that is named and not embedded, with codes in UTF-16.

#![allow(dead_code, reason = "each test of PDF uses a part of it")]

use zhaoren_document::{Document, Limits, Refusal};

/// Reads a file that is sound.
pub(crate) fn read(file: Maker) -> Document {
    read_bytes(&file.end()).expect("the file is sound")
}

/// Reads any bytes.
pub(crate) fn read_bytes(bytes: &[u8]) -> Result<Document, Refusal> {
    zhaoren_document::read(bytes, &Limits::IMPORT)
}

/// The paragraphs of the text, tables as their rows.
pub(crate) fn paragraphs(document: &Document) -> Vec<String> {
    document.text().text.lines().map(str::to_owned).collect()
}

/// A file under construction.
pub(crate) struct Maker {
    objects: Vec<Vec<u8>>,
    pages: Vec<usize>,
}

/// Width and height of a page, in points.
pub(crate) const PAGE: (f32, f32) = (600.0, 840.0);

const FONT: &str = "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[<</Type/Font\
/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/DW 1000\
/W[1[500 500 500] 17 26 500]/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 4>>>>]>>";

impl Maker {
    pub(crate) fn new() -> Self {
        // 1 is the catalogue, 2 the page tree, 3 the font.
        Self { objects: vec![Vec::new(), Vec::new(), FONT.into()], pages: Vec::new() }
    }

    /// Adds an object; gives its number.
    pub(crate) fn object(&mut self, content: impl AsRef<[u8]>) -> usize {
        self.objects.push(content.as_ref().to_vec());
        self.objects.len()
    }

    /// Adds a stream; gives its number.
    pub(crate) fn stream(&mut self, dict: &str, data: &[u8]) -> usize {
        let mut content = format!("<<{dict}/Length {}>>stream\n", data.len()).into_bytes();
        content.extend(data);
        content.extend(b"\nendstream");
        self.object(content)
    }

    /// Adds a page that is drawn by a content; `resources` stand beside the font `F`.
    pub(crate) fn page_with(&mut self, content: &str, resources: &str, entries: &str) {
        let stream = self.stream("", content.as_bytes());
        self.page_of(stream, resources, entries);
    }

    /// Adds a page that is drawn by a stream.
    pub(crate) fn page_of(&mut self, stream: usize, resources: &str, entries: &str) {
        let page = format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 {} {}]/Contents {stream} 0 R/Resources<</Font<</F 3 0 R>>{resources}>>{entries}>>",
            PAGE.0, PAGE.1
        );
        let page = self.object(page);
        self.pages.push(page);
    }

    /// Adds a page.
    pub(crate) fn page(&mut self, content: &str) {
        self.page_with(content, "", "");
    }

    /// The file.
    pub(crate) fn end(mut self) -> Vec<u8> {
        let kids: String = self.pages.iter().map(|page| format!("{page} 0 R ")).collect();
        self.objects[0] = b"<</Type/Catalog/Pages 2 0 R>>".to_vec();
        self.objects[1] = format!("<</Type/Pages/Count {}/Kids[{kids}]>>", self.pages.len()).into_bytes();
        let mut out = b"%PDF-1.7\n".to_vec();
        let mut places = Vec::new();
        for (number, object) in (1..).zip(&self.objects) {
            places.push(out.len());
            out.extend(format!("{number} 0 obj\n").into_bytes());
            out.extend(object);
            out.extend(b"\nendobj\n");
        }
        let start = out.len();
        out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).into_bytes());
        for place in &places {
            out.extend(format!("{place:010} 00000 n \n").into_bytes());
        }
        let count = places.len() + 1;
        out.extend(format!("trailer<</Size {count}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").into_bytes());
        out
    }
}

/// Text at a place, from the lower left corner.
pub(crate) fn text(x: f32, y: f32, size: f32, text: &str) -> String {
    format!("BT /F {size} Tf 1 0 0 1 {x} {y} Tm {} Tj ET\n", hex(text))
}

/// A string in the codes of the font.
pub(crate) fn hex(text: &str) -> String {
    let digits: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
    format!("<{digits}>")
}

/// Lines of text from a place down, 28 points apart, in 16 points.
pub(crate) fn lines(x: f32, y: f32, lines: &[&str]) -> String {
    lines.iter().enumerate().map(|(at, line)| text(x, y - at as f32 * 28.0, 16.0, line)).collect()
}

/// A ruled line.
pub(crate) fn rule(x0: f32, y0: f32, x1: f32, y1: f32) -> String {
    format!("{x0} {y0} m {x1} {y1} l S\n")
}
