//! Pairs of enterprise and item held back because the enterprise opted out (`held.csv`).

#![expect(clippy::indexing_slicing, reason = "hits are checked against the items where they are read")]

use zhaoren_matcher::Library;

use crate::cells::escape_formula;
use crate::entry::Entry;
use crate::error::PushError;
use crate::list::{score, verdict_word};
use crate::refusals::Refusals;

/// File of the pairs held back. A pair is no input row and therefore not in `rejects.csv`: input rows are enterprises plus
/// rejects.
pub(crate) const HELD_FILE: &str = "held.csv";

/// Header of `held.csv`.
pub(crate) fn held_header() -> Vec<u8> {
    "\u{feff}企业,事项,判定,排序分,原因\r\n".as_bytes().to_vec()
}

/// Lines of `held.csv`: pairs held back, in order of enterprise id.
pub(crate) fn held_lines(
    entries: &[Entry<'_>],
    library: &Library,
    opt_outs: &Refusals,
) -> Result<Vec<u8>, PushError> {
    let internal = |error: csv::Error| PushError::Internal(error.to_string());
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for entry in entries {
        for hit in entry.hits.iter().filter(|hit| hit.opted_out) {
            let item = &library.ids()[hit.item.position()];
            let (word, score) = (verdict_word(hit.verdict()), score(hit.score).to_string());
            let reason = opt_outs.reason(entry.id, item);
            out.write_record([
                &*escape_formula(entry.id),
                &*escape_formula(item),
                word,
                &score,
                &*escape_formula(reason),
            ])
            .map_err(internal)?;
        }
    }
    out.into_inner().map_err(|error| internal(error.into_error().into()))
}
