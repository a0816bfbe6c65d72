//! Pairs of enterprise and item held back because the enterprise opted out, or has it already (`held.csv`).

#![expect(clippy::indexing_slicing, reason = "hits are checked against the items where they are read")]

use zhaoren_matcher::batch::Scorer;

use crate::cells::escape_formula;
use crate::entry::{Entry, Withheld};
use crate::error::PushError;
use crate::holdings::holding_words;
use crate::list::{score, verdict_word};
use crate::packed::KeyList;
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
    scorer: &Scorer,
    opt_outs: &Refusals,
    keys: &KeyList,
) -> Result<Vec<u8>, PushError> {
    let internal = |error: csv::Error| PushError::Internal(error.to_string());
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let library = scorer.library();
    for entry in entries {
        let mut profile = None;
        for hit in &entry.hits {
            let Some(withheld) = hit.withheld else { continue };
            let item = &library.ids()[hit.item.position()];
            let (word, score) = (verdict_word(hit.verdict()), score(hit.score).to_string());
            let reason = match withheld {
                Withheld::OptedOut => opt_outs.reason(entry.id, item).to_owned(),
                Withheld::Held => holding_words(entry, hit, (opt_outs, scorer, keys), &mut profile)?,
            };
            out.write_record([
                &*escape_formula(entry.id),
                &*escape_formula(item),
                word,
                &score,
                &*escape_formula(&reason),
            ])
            .map_err(internal)?;
        }
    }
    out.into_inner().map_err(|error| internal(error.into_error().into()))
}
