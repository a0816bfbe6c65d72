//! Character boundaries in a double-byte text with lost or inserted bytes.
//!
//! Of all segmentations of a line into characters the cheapest is taken (dynamic programming): common characters cost
//! nothing, rare ones something, a surplus byte most. A character that a nearly as cheap segmentation reads differently is
//! reported as doubtful, so that nothing is guessed silently.

use encoding_rs::Encoding as Coding;
use zhaoren_cancel::{poll, steps};

use crate::language::cost;

/// Cost of a surplus byte.
const LEFT_OVER: u32 = 12;
/// Cost of a lead byte whose second byte is known to be lost.
const HALF: u32 = 2;
/// Maximum extra cost of another segmentation that still raises a doubt: a lost byte and a surplus one.
const DOUBT: u32 = LEFT_OVER + HALF;
const NEVER: u32 = u32::MAX / 4;

/// Maximum number of bytes aligned together; each takes about a hundred bytes of memory. A longer line is cut into
/// parts.
pub(crate) const MOST_ALIGNED: usize = 1 << 16;

/// Position at which a line longer than [`MOST_ALIGNED`] is cut: after the last byte within that limit that is not part of
/// a multi-byte character in any Chinese encoding, or else at the limit.
pub(crate) fn cut_at(line: &[u8]) -> usize {
    let most = line.len().min(MOST_ALIGNED);
    let head = line.get(..most).unwrap_or_default();
    if most == line.len() {
        return most;
    }
    head.iter().rposition(|byte| *byte < b'0').map_or(most, |at| at + 1)
}

/// One character of the segmentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Offset of its first byte.
    pub(crate) start: usize,
    /// Number of bytes.
    pub(crate) length: usize,
    /// The character; U+FFFD for invalid bytes.
    pub(crate) c: char,
    /// True if all segmentations of nearly the same cost contain it too.
    pub(crate) certain: bool,
}

/// Cheapest segmentation of `bytes`. `None` is a lost byte.
pub(crate) fn align(bytes: &[Option<u8>], coding: &'static Coding) -> Vec<Cut> {
    steps(bytes.len() as u64);
    let choices: Vec<Vec<Choice>> = (0..bytes.len()).map(|at| choices(bytes, at, coding)).collect();
    let reach = costs_before(&choices);
    let rest = costs_after(&choices);
    let best = rest.first().copied().unwrap_or(0);
    let total = |at: usize, choice: &Choice| {
        let before = reach.get(at).copied().unwrap_or(NEVER);
        before + choice.cost + rest.get(at + choice.length).copied().unwrap_or(NEVER)
    };
    let near = |at: usize, choice: &Choice| total(at, choice) <= best.saturating_add(DOUBT);
    let mut cuts = Vec::new();
    let mut at = 0;
    while let Some(here) = choices.get(at) {
        poll();
        let Some(taken) = here.iter().find(|choice| total(at, choice) == best) else { break };
        let end = at + taken.length;
        // Another character that shares a byte with this one, in a segmentation of nearly the same cost.
        let rivals = (at.saturating_sub(3)..end).any(|place| {
            choices.get(place).is_some_and(|list| {
                list.iter().any(|choice| {
                    let same = place == at && choice.length == taken.length;
                    !same && place + choice.length > at && near(place, choice)
                })
            })
        });
        let certain = taken.c != '\u{fffd}' && !rivals;
        cuts.push(Cut { start: at, length: taken.length, c: taken.c, certain });
        at = end;
    }
    cuts
}

/// A candidate character at a byte offset.
struct Choice {
    length: usize,
    cost: u32,
    c: char,
}

fn choices(bytes: &[Option<u8>], at: usize, coding: &'static Coding) -> Vec<Choice> {
    let Some(Some(first)) = bytes.get(at).copied() else {
        return vec![Choice { length: 1, cost: 0, c: '\u{fffd}' }];
    };
    if first.is_ascii() {
        return vec![Choice { length: 1, cost: 0, c: char::from(first) }];
    }
    let mut list = Vec::with_capacity(3);
    match bytes.get(at + 1).copied() {
        Some(Some(second)) => {
            list.extend(read(coding, &[first, second]).map(|c| Choice { length: 2, cost: cost(c), c }));
            if second == b'?' {
                list.push(Choice { length: 2, cost: HALF * 3, c: '\u{fffd}' });
            }
        }
        Some(None) => list.push(Choice { length: 2, cost: HALF, c: '\u{fffd}' }),
        None => {}
    }
    let four: Option<Vec<u8>> = bytes.get(at..at + 4).and_then(|four| four.iter().copied().collect());
    if let Some(c) =
        four.filter(|four| four.get(1).is_some_and(u8::is_ascii_digit)).and_then(|four| read(coding, &four))
    {
        list.push(Choice { length: 4, cost: LEFT_OVER + cost(c), c });
    }
    list.push(Choice { length: 1, cost: LEFT_OVER, c: '\u{fffd}' });
    list
}

/// The character that `bytes` encode, if they are exactly one.
fn read(coding: &'static Coding, bytes: &[u8]) -> Option<char> {
    let text = coding.decode_without_bom_handling_and_without_replacement(bytes)?;
    let mut chars = text.chars();
    chars.next().filter(|_| chars.next().is_none())
}

fn costs_before(choices: &[Vec<Choice>]) -> Vec<u32> {
    let mut costs = vec![NEVER; choices.len() + 1];
    if let Some(first) = costs.first_mut() {
        *first = 0;
    }
    for (at, list) in choices.iter().enumerate() {
        let here = costs.get(at).copied().unwrap_or(NEVER);
        for choice in list {
            if let Some(there) = costs.get_mut(at + choice.length) {
                *there = (*there).min(here.saturating_add(choice.cost).min(NEVER));
            }
        }
    }
    costs
}

fn costs_after(choices: &[Vec<Choice>]) -> Vec<u32> {
    let mut costs = vec![NEVER; choices.len() + 1];
    if let Some(last) = costs.last_mut() {
        *last = 0;
    }
    for (at, list) in choices.iter().enumerate().rev() {
        let next = |choice: &Choice| costs.get(at + choice.length).copied().unwrap_or(NEVER);
        let best = list.iter().map(|choice| choice.cost.saturating_add(next(choice))).min().unwrap_or(NEVER);
        if let Some(here) = costs.get_mut(at) {
            *here = best.min(NEVER);
        }
    }
    costs
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::GBK;

    fn shown(bytes: &[u8]) -> (String, Vec<char>) {
        let bytes: Vec<Option<u8>> = bytes.iter().copied().map(Some).collect();
        let cuts = align(&bytes, GBK);
        (
            cuts.iter().map(|cut| cut.c).collect(),
            cuts.iter().filter(|cut| !cut.certain).map(|cut| cut.c).collect(),
        )
    }

    #[test]
    fn undamaged_text_is_certain() {
        let text = "本办法自2025年1月1日起施行，有效期三年。";
        assert_eq!(shown(&GBK.encode(text).0), (text.to_owned(), vec![]));
    }

    #[test]
    fn missing_byte_is_located() {
        let mut bytes = GBK.encode("申报单位应当依法经营，近三年内没有严重失信记录。").0.into_owned();
        bytes.remove(9);
        let (text, doubtful) = shown(&bytes);
        assert!(text.starts_with("申报") && text.ends_with("近三年内没有严重失信记录。"), "{text}");
        assert!(doubtful.contains(&'\u{fffd}') && doubtful.len() < 12, "{doubtful:?}");
    }
}
