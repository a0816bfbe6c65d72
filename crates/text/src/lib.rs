//! Bytes to clean Chinese: encodings, repair with offsets, simplification, document numbers.
//!
//! [`restore`] takes a received document and returns simplified text with known damage repaired, a list of
//! all repairs, and a map from each part of the text to its source bytes. Pure: no I/O, no clock.
//!
//! ```
//! let restored = zhaoren_text::restore("關於⽀持小微企業的通知".as_bytes());
//! assert_eq!(restored.text, "关于支持小微企业的通知");
//! // The radical ⽀ was repaired to 支; every part leads back to its bytes.
//! assert_eq!(restored.repairs.len(), 1);
//! ```

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

mod alignment;
mod compatibility;
mod decode;
pub mod docno;
mod html;
mod language;
pub mod markup;
pub mod numeral;
mod offsets;
mod radical;
mod reading;
mod repair;
mod simplify;

use repair::Repairs;

pub use compatibility::{half_width, search_form, search_form_with_offsets};
pub use decode::{Decoded, Encoding, decode, decode_as};
pub use html::{html_to_text, looks_like_html};
pub use offsets::{Edit, OffsetMap};
pub use radical::ideograph;
pub use reading::readings;
pub use repair::{MOST_REPAIRS, Repair, RepairKind};
pub use simplify::{Simplified, simplify, simplify_char};

/// A text, cleaned as far as possible without guessing.
#[derive(Clone, Debug)]
pub struct Restored {
    /// Simplified text.
    pub text: String,
    /// Map from `text` to the bytes received.
    pub offsets: OffsetMap,
    /// Encoding of the bytes.
    pub encoding: Encoding,
    /// Repairs and marked damage in text order, at most [`MOST_REPAIRS`].
    pub repairs: Vec<Repair>,
    /// Number of further repairs that are not listed.
    pub repairs_left_out: usize,
    /// Number of those that could not be restored.
    pub unrestored_left_out: usize,
    /// Number of traditional characters converted.
    pub converted: usize,
}

/// Decodes, repairs and simplifies `bytes`. HTML is reduced to its text first.
///
/// Clean simplified UTF-8 text is returned byte for byte, with no repairs and an identity map.
pub fn restore(bytes: &[u8]) -> Restored {
    finish(decode(bytes))
}

/// Repairs and simplifies text that is already decoded; offsets are those of its UTF-8 bytes.
pub fn restore_str(text: &str) -> Restored {
    let offsets = OffsetMap::identity(text.len());
    finish(Decoded { text: text.to_owned(), offsets, encoding: Encoding::Utf8, doubtful: Vec::new() })
}

fn finish(decoded: Decoded) -> Restored {
    let Decoded { mut text, mut offsets, encoding, doubtful } = decoded;
    let doubts: Vec<Repair> = doubtful
        .iter()
        .take(MOST_REPAIRS)
        .map(|range| Repair {
            kind: RepairKind::LostByte,
            source: offsets.to_source(range.clone()),
            output: 0..0,
            restored: false,
            before: text.get(range.clone()).unwrap_or_default().to_owned(),
            after: String::new(),
        })
        .collect();
    let more_doubts = doubtful.len() - doubts.len();
    if looks_like_html(&text) {
        let (plain, map) = html_to_text(&text);
        offsets = offsets.then(&map);
        text = plain;
    }
    let (text, offsets, mut repairs) = repair::repair(text, offsets);
    repairs.left_out += more_doubts;
    repairs.unrestored_left_out += more_doubts;
    for doubt in doubts {
        repairs.add(false, || doubt);
    }
    let Repairs { named: mut repairs, left_out, unrestored_left_out } = repairs;
    let simplified = simplify(&text);
    let offsets = offsets.then(&simplified.offsets);
    for repair in &mut repairs {
        repair.output = offsets.to_output(repair.source.clone());
        if let Some(after) = simplified.text.get(repair.output.clone()) {
            after.clone_into(&mut repair.after);
        }
    }
    repairs.sort_by_key(|repair| (repair.source.start, repair.source.end));
    Restored {
        text: simplified.text,
        offsets,
        encoding,
        repairs,
        repairs_left_out: left_out,
        unrestored_left_out,
        converted: simplified.changed,
    }
}
