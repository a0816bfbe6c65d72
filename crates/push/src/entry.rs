//! Enterprise as kept by a run: its facts in packed form, and its candidate matches.

use zhaoren_policy::profile::Profile;
use zhaoren_policy::verdict::Verdict;

use crate::error::PushError;
use crate::item_index::ItemIndex;
use crate::packed::{KeyList, unpack};

/// Enterprise as kept by a run. Its text and bytes are borrowed from a table or from frames.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry<'a> {
    /// Id of the enterprise.
    pub(crate) id: &'a str,
    /// Name of the enterprise; empty if the table gives none.
    pub(crate) name: &'a str,
    /// Index of its input file; `row` is its row there.
    pub(crate) file: u32,
    pub(crate) row: u64,
    /// Packed facts (`crate::packed`).
    pub(crate) packed: &'a [u8],
    /// Items it is listed for, by library index.
    pub(crate) hits: Vec<Hit>,
}

/// Candidate match of an enterprise: item, verdict and score; not listed if it is withheld.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Hit {
    /// Index of the item in the run's library.
    pub(crate) item: ItemIndex,
    /// True if eligible, false if undetermined.
    pub(crate) eligible: bool,
    /// Score in ten-thousandths.
    pub(crate) score: u16,
    /// Reason why it is kept for the comparison of the next run, but not listed.
    pub(crate) withheld: Option<Withheld>,
}

/// Reason why a match is not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Withheld {
    /// The enterprise refused the item.
    OptedOut,
    /// The enterprise already has what the item gives, and no renewal is due.
    Held,
}

impl Hit {
    /// True if the match is listed.
    pub(crate) fn is_listed(&self) -> bool {
        self.withheld.is_none()
    }

    /// Verdict of the hit.
    pub(crate) fn verdict(&self) -> Verdict {
        if self.eligible { Verdict::Eligible } else { Verdict::Undetermined }
    }
}

/// Bytes of a hit: item index with the verdict in the lowest bit, then the score with [`OPTED_OUT`] or [`HELD`], both little-endian.
const HIT_BYTES: usize = 6;
/// Flag in the highest bit of a score, which is at most 10,000.
const OPTED_OUT: u16 = 1 << 15;
/// Flag in the bit below; older states do not have it.
const HELD: u16 = 1 << 14;

/// Error for facts of an enterprise that cannot be read although their frame is intact.
pub(crate) fn unreadable(id: &str) -> PushError {
    PushError::Internal(format!("{id}：所存的指标读不出来"))
}

impl<'a> Entry<'a> {
    /// Profile of the entry; `keys` gives the meaning of the fact numbers.
    pub(crate) fn profile(&self, keys: &KeyList) -> Result<Profile, PushError> {
        unpack(self.id, self.packed, keys).map_err(|_| unreadable(self.id))
    }

    pub(crate) fn write(&self, mut out: Vec<u8>) -> postcard::Result<Vec<u8>> {
        let head = (self.id, self.file, self.row, self.packed.len(), self.hits.len());
        out = postcard::to_extend(&head, out)?;
        out.extend_from_slice(self.packed);
        for hit in &self.hits {
            out.extend_from_slice(&hit.item.with_flag(hit.eligible).to_le_bytes());
            let flag = match hit.withheld {
                Some(Withheld::OptedOut) => OPTED_OUT,
                Some(Withheld::Held) => HELD,
                None => 0,
            };
            out.extend_from_slice(&(hit.score | flag).to_le_bytes());
        }
        postcard::to_extend(&self.name, out)
    }

    /// First entry of `bytes`, and the remaining bytes. `named` is false for files of the versions that kept no names.
    pub(crate) fn read(bytes: &'a [u8], named: bool) -> Option<(Self, &'a [u8])> {
        type Head<'a> = (&'a str, u32, u64, usize, usize);
        let ((id, file, row, packed, hits), rest) = postcard::take_from_bytes::<Head<'a>>(bytes).ok()?;
        let (packed, rest) = rest.split_at_checked(packed)?;
        let (hits, rest) = rest.split_at_checked(hits.checked_mul(HIT_BYTES)?)?;
        let hit = |hit: &[u8; HIT_BYTES]| {
            let [a, b, c, d, e, f] = *hit;
            let (item, eligible) = ItemIndex::split_flag(u32::from_le_bytes([a, b, c, d]));
            let score = u16::from_le_bytes([e, f]);
            let withheld = match (score & OPTED_OUT != 0, score & HELD != 0) {
                (true, _) => Some(Withheld::OptedOut),
                (false, true) => Some(Withheld::Held),
                (false, false) => None,
            };
            Hit { item, eligible, score: score & !(OPTED_OUT | HELD), withheld }
        };
        let hits = hits.as_chunks().0.iter().map(hit).collect();
        let (name, rest) = if named { postcard::take_from_bytes(rest).ok()? } else { ("", rest) };
        Some((Self { id, name, file, row, packed, hits }, rest))
    }
}

/// Row with its enterprise id and position; ordered as read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowPlace {
    pub(crate) id: String,
    pub(crate) file: u32,
    pub(crate) row: u64,
}

impl RowPlace {
    pub(crate) fn of(entry: &Entry<'_>) -> Self {
        Self { id: entry.id.to_owned(), file: entry.file, row: entry.row }
    }

    pub(crate) fn entry(&self) -> Entry<'_> {
        Entry { id: &self.id, name: "", file: self.file, row: self.row, packed: &[], hits: Vec::new() }
    }
}
