//! The table of characters inside an embedded TrueType or OpenType font, read backwards: from a glyph to its character.

use std::collections::HashMap;

use skrifa::{FontRef, MetadataProvider};

/// Glyphs of an embedded font by their characters.
pub(super) struct Program {
    characters: HashMap<u32, char>,
}

/// Characters that are read of one font; all of Unicode's ideographs are about 100,000.
const CHARACTERS: usize = 200_000;

impl Program {
    /// The table of a font file; `None` where it has none, as most subsets.
    pub(super) fn new(data: &[u8]) -> Option<Self> {
        let font = FontRef::new(data).ok()?;
        let mut characters = HashMap::new();
        for (code, glyph) in font.charmap().mappings().take(CHARACTERS) {
            zhaoren_cancel::poll();
            let Some(character) = char::from_u32(code) else { continue };
            characters
                .entry(glyph.to_u32())
                // A glyph of two characters (⼈ and 人) is taken for the ideograph used in text.
                .and_modify(|known| {
                    if !written(*known) && written(character) {
                        *known = character;
                    }
                })
                .or_insert(character);
        }
        (!characters.is_empty()).then_some(Self { characters })
    }

    /// The character of a glyph.
    pub(super) fn character(&self, glyph: u32) -> Option<char> {
        self.characters.get(&glyph).copied()
    }
}

/// True if the character is no mere form of another one.
fn written(character: char) -> bool {
    !matches!(character, '\u{2E80}'..='\u{2FDF}' | '\u{A0}' | '\u{AD}' | '\u{E000}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}')
}
