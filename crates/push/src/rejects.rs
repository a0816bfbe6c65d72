//! Rejected rows as lines of `rejects.csv`.

use crate::cells::escape_formula;
use crate::error::PushError;
use crate::table::Reject;

/// Header of `rejects.csv`.
pub(crate) fn reject_header() -> Vec<u8> {
    "\u{feff}文件,行,企业,列,值,原因\r\n".as_bytes().to_vec()
}

/// Lines of `rejects.csv`.
pub(crate) fn reject_lines(rejects: &[Reject]) -> Result<Vec<u8>, PushError> {
    let internal = |error: csv::Error| PushError::Internal(error.to_string());
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for reject in rejects {
        let row = reject.row.to_string();
        out.write_record([
            &*escape_formula(&reject.file),
            &row,
            &*escape_formula(&reject.id),
            &*escape_formula(&reject.column),
            &*escape_formula(&reject.value),
            &*escape_formula(&reject.reason),
        ])
        .map_err(internal)?;
    }
    out.into_inner().map_err(|error| internal(error.into_error().into()))
}
