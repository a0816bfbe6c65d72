//! Lists for people: rows as CSV with Chinese headings.

use serde_json::Value as Json;

use crate::cells::escape_formula;
use crate::error::PushError;

/// Headings with the columns of the list.
const COLUMNS: [(&str, &str); 15] = [
    ("企业名称", "enterprise_name"),
    ("企业标识", "enterprise_id"),
    ("事项", "title"),
    ("层级", "level"),
    ("判定", "verdict_name"),
    ("支持金额", "amount"),
    ("申报期", "window"),
    ("还缺", "missing"),
    ("变动", "change"),
    ("变动原因", "cause_name"),
    ("说明", "detail"),
    ("所涉条件", "clause"),
    ("所在区域", "region"),
    ("街镇", "street"),
    ("事项编号", "policy_id"),
];

/// Heading of the lines of [`csv_lines`], with the byte order mark that spreadsheets look for.
pub fn csv_heading() -> Vec<u8> {
    let names = COLUMNS.map(|(name, _)| name).join(",");
    format!("\u{feff}{names}\r\n").into_bytes()
}

/// Rows in the form written by a run, as lines of CSV for a spreadsheet. Lists of versions that wrote no words have empty cells.
///
/// # Errors
/// A row cannot be written; a bug.
pub fn csv_lines(rows: &[Json]) -> Result<Vec<u8>, PushError> {
    let internal = |error: csv::Error| PushError::Internal(error.to_string());
    let mut out = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        let text = |key: &str| row.get(key).and_then(Json::as_str).unwrap_or_default();
        let cell = |(_, key): (&str, &'static str)| match (key, text(key)) {
            ("change", "new") => "新增".into(),
            ("change", "kept") => "保持".into(),
            ("change", "gone") => "移出".into(),
            (_, text) => escape_formula(text),
        };
        out.write_record(COLUMNS.map(cell).iter().map(|cell| cell.as_bytes())).map_err(internal)?;
    }
    out.into_inner().map_err(|error| internal(error.into_error().into()))
}
