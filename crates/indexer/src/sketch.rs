//! Fingerprints of texts (MinHash), by which reprints are recognized without comparing the texts.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zhaoren_policy::clause::ClauseKind;
use zhaoren_text::numeral;

use crate::entry::{Entry, EntryKind};

/// Characters in a run (shingle).
const RUN: usize = 5;
/// Number of bins in a sketch (one-permutation MinHash); each keeps one run.
const BINS: usize = 32;
/// Minimum number of equal bins in two sketches of duplicates.
const ALIKE: usize = 28;
/// Number of bins in a lookup key (LSH band).
const BAND: usize = 4;
/// Minimum number of characters; a shorter text cannot be compared reliably.
const SHORTEST: usize = 60;
/// Fingerprint of a text (MinHash), compared instead of the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sketch {
    /// Hash of all characters.
    text: u64,
    /// Hash of the numbers in the title and the provisions.
    numbers: u64,
    /// Smallest hash of a run, for each bin.
    bins: Vec<u32>,
}

impl Sketch {
    /// Sketch of a document; `None` for an item and for a text that is too short.
    pub(crate) fn of(entry: &Entry) -> Option<Self> {
        let letters: Vec<char> = entry.text.chars().filter(|c| c.is_alphanumeric()).collect();
        if entry.kind != EntryKind::Document || letters.len() < SHORTEST {
            return None;
        }
        let mut bins = vec![u32::MAX; BINS];
        for run in letters.windows(RUN) {
            let hash = mixed(run.iter().map(|c| u64::from(u32::from(*c))));
            // The upper half of the hash selects the bin, the lower half is kept.
            let slot = usize::try_from(hash >> 59).ok().and_then(|bin| bins.get_mut(bin));
            if let (Some(slot), Ok(low)) = (slot, u32::try_from(hash & u64::from(u32::MAX))) {
                *slot = (*slot).min(low);
            }
        }
        let text = digest(letters.iter().collect::<String>().to_lowercase().as_bytes());
        Some(Self { text, numbers: digest(numbers(entry).as_bytes()), bins })
    }

    /// True if the texts are duplicates, as far as the sketches tell.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let same = self.bins.iter().zip(&other.bins).filter(|(a, b)| a == b && **a != u32::MAX).count();
        self.text == other.text || (self.numbers == other.numbers && same >= ALIKE)
    }

    /// Lookup keys; likely reprints share at least one.
    pub(crate) fn keys(&self) -> impl Iterator<Item = u64> + '_ {
        let bands = (1_u64..).zip(self.bins.chunks(BAND));
        let bands = bands
            .map(|(band, bins)| mixed(std::iter::once(band).chain(bins.iter().map(|bin| u64::from(*bin)))));
        std::iter::once(self.text).chain(bands)
    }
}

/// Numbers of the title and of the provisions, in order. Text outside the provisions does not count: a reprint may
/// have another date or telephone number there.
fn numbers(entry: &Entry) -> String {
    let provision = |kind| !matches!(kind, ClauseKind::Preamble | ClauseKind::Signature);
    let provisions = entry.clauses.iter().filter(|clause| provision(clause.kind));
    let mut texts: Vec<&str> = provisions.filter_map(|clause| entry.text.get(clause.span.clone())).collect();
    if texts.is_empty() {
        texts.push(&entry.text);
    }
    texts.insert(0, &entry.title);
    let mut numbers = String::new();
    for text in texts {
        for number in text.split(|c| !numeral::is_numeral(c)).filter(|number| !number.is_empty()) {
            numbers.push_str(number);
            numbers.push(' ');
        }
    }
    numbers
}

/// Hash of a run of characters, evenly distributed.
fn mixed(parts: impl Iterator<Item = u64>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        hash = (hash ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash ^= hash >> 29;
    }
    hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    hash ^ (hash >> 32)
}

/// First eight bytes of a SHA-256.
fn digest(bytes: &[u8]) -> u64 {
    Sha256::digest(bytes).iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}
