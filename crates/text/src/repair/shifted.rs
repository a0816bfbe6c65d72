//! Shifted double-byte runs: GBK bytes decoded one byte off.
//!
//! Cause: a tool that inserts readings after characters works on GBK bytes without regard to character
//! boundaries. In 域對 (D3F2 8CA6) it finds the bytes F28C, takes them for 驅, and inserts `(qū)`
//! between them. The lead byte 8C then swallows the bracket and is shown as `?`, and from A6 on every pair is decoded
//! one byte off, until a pair whose second byte is ASCII restores the alignment.
//!
//! The damage therefore consists of a character, `?`, a reading without its opening bracket, and a run of rare
//! characters. The lost lead byte is the second byte of the character that has this reading and whose first
//! byte is the second byte of the character before.

use std::ops::Range;

use encoding_rs::{GB18030, GBK};
use zhaoren_cancel::{poll, steps};

use super::{Finding, RepairKind, pinyin};
use crate::language::score;
use crate::offsets::Edit;
use crate::simplify::{simplify, simplify_char};

/// Maximum length of a run, in characters.
const LONGEST_RUN: usize = 400;
/// Minimum gain in plausibility of a restored run over the received one.
const MARGIN: f64 = 0.25;

pub(super) fn find(text: &str) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let mut previous = None;
    for (at, c) in text.char_indices() {
        poll();
        let beyond = found.last().is_none_or(|last| last.edit.range.end <= at);
        if c == '?'
            && beyond
            && let Some(base) = previous
            && let Some((syllable, after)) = pinyin::syllable(text, at + 1)
        {
            found.extend(restore(text, base, syllable, at, after));
        }
        previous = Some(c);
    }
    found
}

/// Repairs the run after a misplaced reading. `mark` is the offset of the `?`, `after` that of the run.
fn restore(text: &str, base: char, syllable: &str, mark: usize, after: usize) -> Vec<Finding> {
    let lost = || {
        vec![Finding {
            edit: Edit { range: mark..after, text: text.get(mark..after).unwrap_or_default().to_owned() },
            kind: RepairKind::LostByte,
            restored: false,
        }]
    };
    let Some(run) = text.get(after..) else { return lost() };
    steps(LONGEST_RUN as u64);
    let paragraph: String = run.chars().take_while(|c| *c != '\n').take(LONGEST_RUN).collect();
    let best = leads(base, syllable)
        .into_iter()
        .flat_map(|lead| [false, true].map(|widen| realign(lead, &paragraph, widen)))
        .flatten()
        .max_by(|a, b| a.score.total_cmp(&b.score));
    let Some(best) = best else { return lost() };
    let received = paragraph.get(..best.taken).unwrap_or_default();
    if best.score < score(&simplify(received).text) + MARGIN {
        return lost();
    }
    let end = after + best.taken;
    let Some(tail) = best.tail else {
        return vec![shifted(mark..end, best.text)];
    };
    // The run ends in a lead byte whose second byte is lost.
    close(text, mark, end, best.text, tail)
}

fn shifted(range: Range<usize>, text: String) -> Finding {
    Finding { edit: Edit { range, text }, kind: RepairKind::ShiftedRun, restored: true }
}

/// Lead bytes X such that the trail byte of `base` followed by X is a character with this reading. Tools
/// annotate characters they have converted, so only traditional ones count.
fn leads(base: char, syllable: &str) -> Vec<u8> {
    let Some(&[_, trail]) = gbk(base).as_deref() else { return Vec::new() };
    (0x81..=0xfe_u8)
        .filter(|lead| {
            decode_pair(trail, *lead).is_some_and(|c| simplify_char(c) != c && pinyin::reads(c, syllable))
        })
        .collect()
}

/// A run decoded at the other alignment.
struct Realigned {
    text: String,
    /// Number of bytes of the received text consumed.
    taken: usize,
    /// A lead byte at the end whose second byte is lost.
    tail: Option<u8>,
    score: f64,
}

/// Decodes `run` preceded by `lead`, up to the point where the alignments meet. With `widen`, an ASCII character at
/// the very beginning is interpreted as the full-width one that a later step made narrow: A3ED became `m`.
fn realign(lead: u8, run: &str, widen: bool) -> Option<Realigned> {
    let mut pending = Some(lead);
    let mut out = String::new();
    let mut taken = 0;
    for (index, c) in run.chars().enumerate() {
        let bytes = received_bytes(c, widen && index == 0)?;
        let width = c.len_utf8();
        match (pending, bytes.as_slice()) {
            (Some(_), [b'?']) => {
                // The decoder wrote `?` for an invalid pair.
                let score = score(&simplify(&out).text);
                return Some(Realigned { text: out, taken, tail: pending, score });
            }
            (Some(first), &[single]) => {
                out.push(decode_pair(first, single)?);
                taken += width;
                pending = None;
            }
            (Some(first), &[second, next]) => {
                out.push(decode_pair(first, second)?);
                taken += width;
                pending = Some(next);
            }
            _ => return None,
        }
        if pending.is_none() {
            break;
        }
    }
    // A run that never meets the other alignment ends with its paragraph, one byte short.
    if out.is_empty() {
        return None;
    }
    let score = score(&simplify(&out).text);
    Some(Realigned { text: out, taken, tail: pending, score })
}

/// Repairs a run whose last character lost its second byte, shown as `?`.
///
/// Before the rest of a closing tag, `?/p>`, the `?` is that byte and the tag's `<`: the run ended its
/// paragraph. Of row A1 only the full stop ends a paragraph without open brackets or quotes, so it can be restored.
/// Any other run is marked.
fn close(text: &str, mark: usize, end: usize, mut run: String, tail: u8) -> Vec<Finding> {
    let rest = text.get(end..).unwrap_or_default();
    let tag = rest.strip_prefix("?/").and_then(|rest| {
        // A tag name has at most ten letters; the bracket may be at the end of the text.
        let name = rest.bytes().take(11).position(|byte| byte == b'>')?;
        let is_name = rest.get(..name)?.bytes().all(|b| b.is_ascii_alphanumeric());
        let ends = rest.get(name + 1..)?.starts_with(['\n', '\r']) || rest.len() == name + 1;
        (is_name && ends && (1..=10).contains(&name)).then_some("?/".len() + name + 1)
    });
    // Computed only at the end of a paragraph, that is once per line.
    let nothing_open = || {
        let line = text.get(..mark).and_then(|head| head.rsplit('\n').next()).unwrap_or_default();
        steps(line.len() as u64);
        let opened = |open: char, close: char| {
            let count = |c: char| line.chars().chain(run.chars()).filter(|x| *x == c).count();
            count(open) > count(close)
        };
        !opened('“', '”') && !opened('《', '》') && !opened('（', '）') && !opened('‘', '’')
    };
    if let (Some(length), 0xa1) = (tag, tail)
        && nothing_open()
    {
        run.push('。');
        return vec![shifted(mark..end + length, run)];
    }
    let length = usize::from(rest.starts_with('?'));
    vec![
        shifted(mark..end, run),
        Finding {
            edit: Edit {
                range: end..end + length,
                text: if length > 0 { "?".to_owned() } else { String::new() },
            },
            kind: RepairKind::LostByte,
            restored: false,
        },
    ]
}

/// GBK bytes of a received character in the page.
fn received_bytes(c: char, widen: bool) -> Option<Vec<u8>> {
    if c.is_ascii() {
        let wide = widen.then(|| char::from_u32(u32::from(c) + 0xfee0)).flatten();
        return wide.map_or_else(|| Some(vec![u8::try_from(c).ok()?]), gbk);
    }
    gbk(c).or_else(|| {
        // Private-use characters denote pairs that GBK leaves free; GB 18030 assigns them.
        let text = c.to_string();
        let (bytes, _, lost) = GB18030.encode(&text);
        (!lost && bytes.len() == 2).then(|| bytes.into_owned())
    })
}

fn gbk(c: char) -> Option<Vec<u8>> {
    let text = c.to_string();
    let (bytes, _, lost) = GBK.encode(&text);
    (!lost).then(|| bytes.into_owned())
}

fn decode_pair(lead: u8, trail: u8) -> Option<char> {
    let pair = [lead, trail];
    let text = GBK.decode_without_bom_handling_and_without_replacement(&pair)?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Some(c),
        _ => None,
    }
}
