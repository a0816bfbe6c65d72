//! Fonts: from the codes of a string to characters and their widths.
//!
//! `hayro-font` decodes by ToUnicode, by the names of glyphs, and by the Adobe collections where the font is not
//! embedded. Added here: the encodings that are Unicode or GB 18030 themselves, embedded fonts of the collection
//! Adobe-GB1, the table of characters in an embedded TrueType font, and simple fonts of a Chinese name whose strings are
//! GBK bytes. A code that none of them decodes, or that leads to a character without a meaning of its own (private
//! use), becomes U+FFFD, so that the text counts as damaged there.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use hayro_cmap::{BfString, CMap, CMapName};
use hayro_font::{CMapResolverFn, Font, FontCache, FontGlyph, FontQuery, FontResolverFn};
use hayro_syntax::object::{Array, Dict, Name, Stream};

use super::characters::{gb18030, is_gbk, names_chinese, names_symbols, spelt, symbol, utf16};
use super::program::Program;
use super::stream;
use crate::limits::Budget;
use crate::refusal::Refusal;

/// A character of a string, with the advance to the next one.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    /// The characters of the code, such as two of a ligature.
    pub(super) text: Rc<str>,
    /// Width in ems.
    pub(super) width: f64,
    /// Advance in ems: along x, or along y in vertical writing.
    pub(super) advance: f64,
    /// Where the glyph begins relative to the pen, in ems.
    pub(super) shift: (f64, f64),
    /// True if the code is the single byte 32, to which word spacing is added.
    pub(super) blank: bool,
}

/// How the codes of a font lead to characters beyond what `hayro-font` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Codes {
    /// As the font says.
    Own,
    /// Codes are UTF-16.
    Utf16,
    /// Codes are GB 18030 (GBK-EUC-H and its kin).
    Gb,
    /// Codes are numbers of the collection Adobe-GB1.
    Gb1,
    /// Two codes of one byte are a character of GBK.
    GbkPairs,
}

/// A font as a page uses it.
pub(super) struct TextFont<'a> {
    font: Font<'a>,
    composite: bool,
    /// True if the file has its own map from codes to characters.
    mapped: bool,
    embedded: bool,
    symbols: bool,
    codes: Codes,
    program: Option<Program>,
    known: std::cell::RefCell<HashMap<(u32, usize), Letter>>,
}

/// The fonts of a file.
pub(super) struct Fonts<'a> {
    cache: FontCache<'a>,
    known: HashMap<(usize, usize), Option<Rc<TextFont<'a>>>>,
    fonts: FontResolverFn,
    maps: CMapResolverFn,
    /// Numbers of Adobe-GB1 to characters.
    gb1: Option<Rc<CMap>>,
}

impl<'a> Fonts<'a> {
    pub(super) fn new() -> Self {
        Self {
            cache: FontCache::new(),
            known: HashMap::new(),
            fonts: Arc::new(|query| {
                Some(match query {
                    FontQuery::Standard(font) => font.get_font_data(),
                    FontQuery::Fallback(query) => query.pick_standard_font().get_font_data(),
                })
            }),
            maps: Arc::new(hayro_cmap::load_embedded),
            gb1: None,
        }
    }

    /// The font of a dictionary; `None` where it cannot be used at all.
    pub(super) fn get(
        &mut self,
        dict: &Dict<'a>,
        budget: &mut Budget,
    ) -> Result<Option<Rc<TextFont<'a>>>, Refusal> {
        // The bytes of a dictionary stay in one place as long as the file is open.
        let key = (dict.data().as_ptr() as usize, dict.data().len());
        if let Some(font) = self.known.get(&key) {
            return Ok(font.clone());
        }
        let font = self.load(dict, budget)?.map(Rc::new);
        self.known.insert(key, font.clone());
        Ok(font)
    }

    fn load(&mut self, dict: &Dict<'a>, budget: &mut Budget) -> Result<Option<TextFont<'a>>, Refusal> {
        let descendant = dict
            .get::<Array<'_>>("DescendantFonts")
            .and_then(|fonts| fonts.iter::<Dict<'_>>().next())
            .unwrap_or_default();
        let composite = dict.get::<Name<'_>>("Subtype").is_some_and(|kind| kind.as_ref() == b"Type0");
        let whole = if composite { &descendant } else { dict };
        let descriptor = whole.get::<Dict<'_>>("FontDescriptor").unwrap_or_default();
        let true_type = descriptor.contains_key("FontFile2");
        let mapped_glyphs = descendant.get::<Stream<'_>>("CIDToGIDMap").is_some();
        let file =
            ["FontFile2", "FontFile3", "FontFile"].iter().find_map(|key| descriptor.get::<Stream<'_>>(key));
        let to_unicode = dict.get::<Stream<'_>>("ToUnicode");
        let others = [dict.get::<Stream<'_>>("Encoding"), descendant.get::<Stream<'_>>("CIDToGIDMap")];
        for stream in others.iter().flatten().chain(&to_unicode) {
            stream::measure(stream, budget)?;
        }
        let data = match &file {
            Some(file) => stream::unpacked(file, budget)?,
            None => None,
        };
        budget.step(1_000)?;
        let Some(font) = self.cache.font(dict, &self.fonts, &self.maps) else { return Ok(None) };

        let mapped = dict.contains_key("ToUnicode");
        let embedded = file.is_some();
        let name = dict.get::<Name<'_>>("BaseFont").map(|name| name.as_ref().to_vec()).unwrap_or_default();
        let encoding =
            dict.get::<Name<'_>>("Encoding").map(|name| name.as_ref().to_vec()).unwrap_or_default();
        let ordering = descendant
            .get::<Dict<'_>>("CIDSystemInfo")
            .and_then(|info| info.get::<hayro_syntax::object::String<'_>>("Ordering"))
            .map(|ordering| ordering.as_bytes().to_vec())
            .unwrap_or_default();
        let codes = if mapped {
            Codes::Own
        } else if composite {
            match encoding.as_slice() {
                b"UniGB-UCS2-H" | b"UniGB-UCS2-V" | b"UniGB-UTF16-H" | b"UniGB-UTF16-V" => Codes::Utf16,
                encoding if encoding.starts_with(b"GB") => Codes::Gb,
                // The glyphs of a TrueType file are in no collection's order: without a map from its numbers to glyphs
                // they are numbers of glyphs, whatever is declared.
                b"Identity-H" | b"Identity-V" if ordering == b"GB1" && (mapped_glyphs || !true_type) => {
                    Codes::Gb1
                }
                _ => Codes::Own,
            }
        } else if !embedded && names_chinese(&name) {
            Codes::GbkPairs
        } else {
            Codes::Own
        };
        let program = match data {
            Some(file) if !mapped && composite => Program::new(&file.data),
            _ => None,
        };
        Ok(Some(TextFont {
            font,
            composite,
            mapped,
            embedded,
            symbols: names_symbols(&name),
            codes,
            program,
            known: std::cell::RefCell::default(),
        }))
    }

    /// The character of a number of Adobe-GB1.
    fn gb1(&mut self, number: u32) -> Option<char> {
        if self.gb1.is_none() {
            let data = (self.maps)(CMapName::AdobeGb1Ucs2)?;
            let maps = self.maps.clone();
            self.gb1 = CMap::parse(data, move |name| maps(name)).map(Rc::new);
        }
        match self.gb1.as_ref()?.lookup_bf_string(number)? {
            BfString::Char(character) => Some(character),
            BfString::String(text) => text.chars().next(),
        }
    }

    /// The letters of a string, in order.
    pub(super) fn letters(&mut self, font: &TextFont<'a>, bytes: &[u8]) -> Vec<Letter> {
        let mut letters = Vec::with_capacity(bytes.len());
        if font.codes == Codes::GbkPairs
            || (!font.composite && !font.mapped && !font.embedded && is_gbk(bytes))
        {
            font.pairs(bytes, &mut letters);
            return letters;
        }
        let mut at = 0;
        while at < bytes.len() {
            zhaoren_cancel::poll();
            let (code, length) = font.read(bytes, at);
            let key = (code, length);
            let known = font.known.borrow().get(&key).cloned();
            let letter = known.unwrap_or_else(|| {
                let letter = self.letter(font, code, bytes.get(at..at + length).unwrap_or_default());
                font.known.borrow_mut().insert(key, letter.clone());
                letter
            });
            letters.push(letter);
            at += length;
        }
        letters
    }

    fn letter(&mut self, font: &TextFont<'a>, code: u32, bytes: &[u8]) -> Letter {
        let glyph = font.font.map_code(code);
        let text = match font.codes {
            Codes::Utf16 => utf16(bytes),
            Codes::Gb => gb18030(bytes),
            Codes::Gb1 => {
                let listed = self.gb1(code).map(String::from);
                match font.program.as_ref().and_then(|program| program.character(glyph.to_u32())) {
                    // Writers that number the glyphs of a subset and still name the collection: the font itself
                    // says otherwise, so neither is sure.
                    Some(own) if listed.as_deref() != Some(String::from(own).as_str()) => None,
                    _ => listed,
                }
            }
            Codes::Own | Codes::GbkPairs => match font.font.glyph(glyph, code) {
                FontGlyph::Outline(glyph) => glyph.as_unicode(),
                FontGlyph::Type3(glyph) => glyph.as_unicode(),
            }
            .map(|text| match text {
                BfString::Char(character) => character.to_string(),
                BfString::String(text) => text,
            })
            .or_else(|| font.program.as_ref()?.character(glyph.to_u32()).map(String::from)),
        };
        let advance = font.font.code_advance(code);
        let width = if font.font.is_horizontal() { advance.x / 1000.0 } else { 1.0 };
        let text = text.filter(|text| !font.doubtful(text, width)).unwrap_or_else(|| "\u{FFFD}".to_owned());
        let text = if font.symbols { text.chars().map(symbol).collect() } else { text };
        let shift = font.font.origin_displacement(code);
        Letter {
            text: text.chars().flat_map(spelt).collect::<String>().into(),
            width,
            advance: if font.font.is_horizontal() { width } else { advance.y / 1000.0 },
            shift: (shift.x / 1000.0, shift.y / 1000.0),
            blank: bytes == b" ",
        }
    }
}

impl TextFont<'_> {
    pub(super) fn is_horizontal(&self) -> bool {
        self.font.is_horizontal()
    }

    /// The code at a place of a string and its length in bytes.
    fn read(&self, bytes: &[u8], at: usize) -> (u32, usize) {
        let (code, length) = self.font.read_code(bytes, at);
        let first = bytes.get(at).copied().unwrap_or_default();
        // A code that the encoding does not have: pass over as many bytes as codes of its kind have, so that those
        // after it are read in step.
        if self.composite && length == 1 && code == 0 && (first != 0 || bytes.get(at + 1).is_some()) {
            let wanted = match self.codes {
                Codes::Gb if first < 0x80 => 1,
                _ => 2,
            };
            let length = wanted.min(bytes.len() - at);
            let code =
                bytes.iter().skip(at).take(length).fold(0, |code, byte| (code << 8) | u32::from(*byte));
            return (code, length);
        }
        (code, length.max(1))
    }

    /// Reads a string whose bytes are GBK although the font says that each is a letter.
    fn pairs(&self, bytes: &[u8], letters: &mut Vec<Letter>) {
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first() {
            let length = if *first >= 0x81 && !after.is_empty() { 2 } else { 1 };
            let (pair, left) = rest.split_at(length);
            rest = left;
            let width = pair.iter().map(|byte| self.font.code_advance(u32::from(*byte)).x / 1000.0).sum();
            letters.push(Letter {
                text: gb18030(pair)
                    .unwrap_or_else(|| "\u{FFFD}".to_owned())
                    .chars()
                    .flat_map(spelt)
                    .collect::<String>()
                    .into(),
                width,
                advance: width,
                shift: (0.0, 0.0),
                blank: pair == b" ",
            });
        }
    }

    /// True if the decoded text can hardly be what is seen: a Latin letter or digit as wide as a Chinese character,
    /// from an embedded subset that has no map of its own. Its codes are then only numbers of glyphs.
    fn doubtful(&self, text: &str, width: f64) -> bool {
        !self.mapped
            && self.embedded
            && !self.composite
            && width > 0.95
            && text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, 'W' | 'M' | 'm' | '@' | '%' | '&'))
    }
}
