//! Writes enterprises as text: CSV (tags joined by `|`, empty cells for ranges) and JSON Lines (profiles including ranges).

use std::io;
use std::io::Write;
use std::ops::Range;

use serde_json::{Map, Number, Value as Json, json};

use super::Synth;
use super::enterprise::{SynthCell, SynthEnterprise};

/// Column that marks a row as synthetic.
pub(crate) const MARK: &str = "synthetic";

/// Header line, with the byte order mark that spreadsheets look for.
pub(crate) fn csv_header(synth: &Synth) -> io::Result<Vec<u8>> {
    let mut out = "\u{feff}".as_bytes().to_vec();
    let headers: Vec<&str> = ["id", "name", MARK].into_iter().chain(synth.headers()).collect();
    let mut writer = writer(&mut out);
    writer.write_record(headers)?;
    writer.flush()?;
    drop(writer);
    Ok(out)
}

fn writer(out: &mut Vec<u8>) -> csv::Writer<&mut Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out)
}

/// CSV lines of a block.
pub(crate) fn csv_block(synth: &Synth, rows: Range<u64>) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut writer = writer(&mut out);
    let mut text = Vec::new();
    for enterprise in synth.enterprises(rows) {
        writer.write_field(&enterprise.id)?;
        writer.write_field(&enterprise.name)?;
        writer.write_field("true")?;
        for column in &synth.columns {
            text.clear();
            let cell = enterprise.row.get(column.cell_index).unwrap_or(&SynthCell::Unknown);
            csv_cell(cell, SynthCell::scale(column.kind), &mut text)?;
            writer.write_field(&text)?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()?;
    drop(writer);
    Ok(out)
}

fn csv_cell(cell: &SynthCell<'_>, scale: u8, text: &mut Vec<u8>) -> io::Result<()> {
    match cell {
        SynthCell::Truth(truth) => write!(text, "{truth}"),
        SynthCell::Whole(number) => write!(text, "{number}"),
        SynthCell::Scaled(number) => write!(text, "{}", decimal(*number, scale)),
        SynthCell::Day(day) => write!(text, "{day}"),
        SynthCell::Text(word) => text.write_all(word.as_bytes()),
        // An empty cell means unknown: an empty JSON list says that there is no tag.
        SynthCell::Tags(tags) if tags.is_empty() => text.write_all(b"[]"),
        SynthCell::Tags(tags) => text.write_all(tags.join("|").as_bytes()),
        SynthCell::Unknown
        | SynthCell::WholeRange(..)
        | SynthCell::ScaledRange(..)
        | SynthCell::NotSince(_) => Ok(()),
    }
}

/// Digits of a scaled number, without trailing zeros.
fn decimal(number: i64, scale: u8) -> String {
    let unit = 10_u64.pow(u32::from(scale));
    let (whole, part) = (number.unsigned_abs() / unit, number.unsigned_abs() % unit);
    let sign = if number < 0 { "-" } else { "" };
    let digits = format!("{part:0width$}", width = usize::from(scale));
    match digits.trim_end_matches('0') {
        "" => format!("{sign}{whole}"),
        digits => format!("{sign}{whole}.{digits}"),
    }
}

/// JSON lines of a block.
pub(crate) fn json_block(synth: &Synth, rows: Range<u64>) -> Vec<u8> {
    let mut out = Vec::new();
    for enterprise in synth.enterprises(rows) {
        out.extend_from_slice(synth.profile(&enterprise).to_string().as_bytes());
        out.push(b'\n');
    }
    out
}

impl Synth {
    /// Profile of an enterprise as JSON, including ranges, marked `synthetic`.
    pub fn profile(&self, enterprise: &SynthEnterprise<'_>) -> Json {
        let mut facts = Map::new();
        for column in &self.columns {
            let cell = enterprise.row.get(column.cell_index).unwrap_or(&SynthCell::Unknown);
            let Some(value) = json_cell(cell, SynthCell::scale(column.kind)) else { continue };
            match column.year {
                None => {
                    facts.insert(column.key.to_owned(), value);
                }
                Some(year) => {
                    let years = facts.entry(column.key).or_insert_with(|| Json::Object(Map::new()));
                    if let Json::Object(years) = years {
                        years.insert(year.to_string(), value);
                    }
                }
            }
        }
        json!({"id": enterprise.id, "name": enterprise.name, MARK: true, "facts": facts})
    }
}

fn json_cell(cell: &SynthCell<'_>, scale: u8) -> Option<Json> {
    let scaled = |number: &i64| exact(&decimal(*number, scale));
    Some(match cell {
        SynthCell::Unknown => return None,
        SynthCell::Truth(truth) => Json::Bool(*truth),
        SynthCell::Whole(number) => json!(number),
        SynthCell::Scaled(number) => scaled(number),
        SynthCell::Day(day) => Json::String(day.to_string()),
        SynthCell::Text(word) => json!(word),
        SynthCell::Tags(tags) => json!(tags),
        SynthCell::WholeRange(low, high) => range(low.map(Json::from), high.map(Json::from)),
        SynthCell::ScaledRange(low, high) => range(low.as_ref().map(scaled), high.as_ref().map(scaled)),
        SynthCell::NotSince(day) => range(None, Some(Json::String(day.to_string()))),
    })
}

/// Number of few digits: its shortest text equals the given one.
pub(crate) fn exact(digits: &str) -> Json {
    serde_json::from_str::<Number>(digits).map_or_else(|_| Json::String(digits.to_owned()), Json::Number)
}

fn range(low: Option<Json>, high: Option<Json>) -> Json {
    let ends = [("at_least", low), ("at_most", high)];
    Json::Object(ends.into_iter().filter_map(|(key, end)| Some((key.to_owned(), end?))).collect())
}
