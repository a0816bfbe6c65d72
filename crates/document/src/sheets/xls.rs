//! Workbooks of Excel 97 to 2003 and WPS (MS-XLS, BIFF8; XLS, ET), record by record.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use super::biff::{Record, Records, double, long, packed, shared_strings, string, word};
use super::data::{self, SheetData, Value};
use super::format::Format;
use super::{Sheet, Workbook};
use crate::form::Form;
use crate::limits::Budget;
use crate::model::Document;
use crate::refusal::Refusal;

// Kinds of records (MS-XLS 2.3).
const FORMULA: u16 = 0x06;
const EOF: u16 = 0x0a;
const DATE_1904: u16 = 0x22;
const FILE_PASS: u16 = 0x2f;
const COLUMNS: u16 = 0x7d;
const BOUND_SHEET: u16 = 0x85;
const PACKED_ROW: u16 = 0xbd;
const RICH_STRING: u16 = 0xd6;
const EXTENDED_FORMAT: u16 = 0xe0;
const MERGED: u16 = 0xe5;
const SHARED_STRINGS: u16 = 0xfc;
const LABEL_SHARED: u16 = 0xfd;
const NUMBER: u16 = 0x203;
const LABEL: u16 = 0x204;
const BOOLEAN: u16 = 0x205;
const STRING: u16 = 0x207;
const ROW: u16 = 0x208;
const PACKED: u16 = 0x27e;
const FORMAT: u16 = 0x41e;
const BEGIN: u16 = 0x809;

/// Reads an XLS or ET file.
///
/// # Errors
/// It is encrypted, broken, of an older version, holds no word, or exceeds a limit.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Refusal> {
    let stream = stream(bytes, budget)?;
    let globals = Globals::read(&stream, budget)?;
    let mut workbook = Workbook::default();
    for bound in &globals.sheets {
        if bound.is_hidden {
            workbook.hidden += 1;
        } else if bound.is_sheet {
            let mut sheet = globals.sheet(&stream, bound.start, false, budget)?;
            sheet.name.clone_from(&bound.name);
            workbook.sheets.push(sheet);
        }
    }
    workbook.document(Form::Xls, budget)
}

/// Reads the sheets of an XLS or ET file as data.
///
/// # Errors
/// As for [`read`].
pub(super) fn data(bytes: &[u8], budget: &mut Budget) -> Result<Vec<SheetData>, Refusal> {
    let stream = stream(bytes, budget)?;
    let globals = Globals::read(&stream, budget)?;
    let mut all = Vec::new();
    for bound in globals.sheets.iter().filter(|bound| bound.is_sheet) {
        if bound.is_hidden {
            all.push(SheetData { name: bound.name.clone(), is_hidden: true, ..SheetData::default() });
            continue;
        }
        let mut sheet = globals.sheet(&stream, bound.start, true, budget)?;
        sheet.name.clone_from(&bound.name);
        all.push(sheet.into_data());
    }
    Ok(all)
}

/// The stream with the records.
fn stream(bytes: &[u8], budget: &mut Budget) -> Result<Vec<u8>, Refusal> {
    let broken = |_| Refusal::Truncated("复合文档的扇区不完整".to_owned());
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes)).map_err(broken)?;
    let name = if file.exists("/Workbook") { "/Workbook" } else { "/Book" };
    let stream = file.open_stream(name).map_err(broken)?;
    // A stream is no longer than its file.
    let mut content = Vec::new();
    stream.take(bytes.len() as u64).read_to_end(&mut content).map_err(broken)?;
    budget.unpack(content.len() as u64)?;
    Ok(content)
}

/// A sheet as the workbook names it.
struct Bound {
    name: String,
    start: usize,
    is_hidden: bool,
    is_sheet: bool,
}

/// Data shared by all sheets.
#[derive(Default)]
struct Globals {
    sheets: Vec<Bound>,
    strings: Vec<String>,
    formats: Vec<Format>,
    from_1904: bool,
}

impl Globals {
    fn read(stream: &[u8], budget: &mut Budget) -> Result<Self, Refusal> {
        let mut records = Records::new(stream, 0);
        let mut globals = Self::default();
        let mut own: HashMap<u16, Format> = HashMap::new();
        let mut used: Vec<u16> = Vec::new();
        while let Some(Record { kind, data }) = records.next(budget)? {
            match kind {
                BEGIN if word(data, 0) != Some(0x600) => {
                    return Err(Refusal::UnknownForm("内容是 Excel 95 或更早的表格".to_owned()));
                }
                FILE_PASS => return Err(Refusal::Encrypted),
                DATE_1904 => globals.from_1904 = word(data, 0) == Some(1),
                BOUND_SHEET => globals.sheets.extend(bound(data)),
                FORMAT => {
                    if let (Some(id), Some(code)) =
                        (word(data, 0), data.get(2..).and_then(|code| string(code, true)))
                    {
                        own.insert(id, Format::of(&code));
                    }
                }
                EXTENDED_FORMAT => used.push(word(data, 2).unwrap_or(0)),
                SHARED_STRINGS => {
                    let parts = records.continued(data, budget)?;
                    globals.strings = shared_strings(&parts, budget)?;
                }
                EOF => break,
                _ => {}
            }
        }
        let format = |id: &u16| own.get(id).cloned().unwrap_or_else(|| Format::built_in(u32::from(*id)));
        globals.formats = used.iter().map(format).collect();
        Ok(globals)
    }

    /// Reads a sheet: the values of its cells as data, or the words that they show.
    fn sheet(
        &self,
        stream: &[u8],
        start: usize,
        is_data: bool,
        budget: &mut Budget,
    ) -> Result<Sheet, Refusal> {
        let mut records = Records::new(stream, start);
        let mut sheet = Sheet::default();
        // Charts in a sheet have records between marks of their own.
        let mut depth = 0_usize;
        // The cell of a formula whose result is the string that follows.
        let mut waiting: Option<(u32, u32)> = None;
        while let Some(Record { kind, data }) = records.next(budget)? {
            match kind {
                BEGIN => depth += 1,
                EOF => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        break;
                    }
                }
                _ if depth != 1 => {}
                ROW => {
                    let hidden = long(data, 12).is_some_and(|flags| flags & 0x20 != 0);
                    if let Some(row) = word(data, 0).filter(|_| hidden) {
                        sheet.hidden_rows.insert(u32::from(row));
                    }
                }
                COLUMNS => {
                    let hidden =
                        word(data, 8).is_some_and(|flags| flags & 1 != 0) || word(data, 4) == Some(0);
                    if let Some((first, last)) = word(data, 0).zip(word(data, 2)).filter(|_| hidden) {
                        sheet.hidden_columns.push((u32::from(first), u32::from(last)));
                    }
                }
                MERGED => merges(data, &mut sheet),
                STRING => {
                    if let (Some((row, column)), Some(words)) = (waiting.take(), string(data, true)) {
                        if is_data {
                            sheet.put_value(row, column, Value::Text(words.into()), budget)?;
                        } else {
                            sheet.put(row, column, words, budget)?;
                        }
                    }
                }
                PACKED_ROW => self.packed_row(data, is_data, &mut sheet, budget)?,
                _ => {
                    let Some((row, column)) = word(data, 0).zip(word(data, 2)) else { continue };
                    let (row, column) = (u32::from(row), u32::from(column));
                    if kind == FORMULA && is_string(data) {
                        waiting = Some((row, column));
                    } else if is_data {
                        if let Some(value) = self.value(kind, data) {
                            sheet.put_value(row, column, value, budget)?;
                        }
                    } else if let Some(words) = self.words(kind, data) {
                        sheet.put(row, column, words, budget)?;
                    }
                }
            }
        }
        Ok(sheet)
    }

    /// The words that a cell shows; `None` where the record is none of a cell with a value.
    fn words(&self, kind: u16, data: &[u8]) -> Option<String> {
        let style = word(data, 4)?;
        if self.formats.get(usize::from(style)) == Some(&Format::Hidden) {
            return None;
        }
        match kind {
            LABEL_SHARED => {
                let index = usize::try_from(long(data, 6)?).ok()?;
                self.strings.get(index).cloned()
            }
            LABEL | RICH_STRING => string(data.get(6..)?, true),
            NUMBER => Some(self.shown(style, double(data, 6)?)),
            PACKED => Some(self.shown(style, packed(long(data, 6)?))),
            BOOLEAN => Some(truth_or_error(*data.get(6)?, *data.get(7)? != 0)),
            FORMULA => match (word(data, 12)?, *data.get(6)?) {
                (0xffff, 1) => Some(truth_or_error(*data.get(8)?, false)),
                (0xffff, 2) => Some(truth_or_error(*data.get(8)?, true)),
                (0xffff, _) => None,
                _ => Some(self.shown(style, double(data, 6)?)),
            },
            _ => None,
        }
    }

    /// The value of a cell; `None` where the record is none of a cell with a value.
    fn value(&self, kind: u16, data: &[u8]) -> Option<Value> {
        let style = word(data, 4)?;
        Some(match kind {
            LABEL_SHARED => {
                let index = usize::try_from(long(data, 6)?).ok()?;
                Value::Text(self.strings.get(index)?.as_str().into())
            }
            LABEL | RICH_STRING => Value::Text(string(data.get(6..)?, true)?.into()),
            NUMBER => self.number(style, double(data, 6)?),
            PACKED => self.number(style, packed(long(data, 6)?)),
            BOOLEAN => truth_or_error_value(*data.get(6)?, *data.get(7)? != 0),
            FORMULA => match (word(data, 12)?, *data.get(6)?) {
                (0xffff, 1) => truth_or_error_value(*data.get(8)?, false),
                (0xffff, 2) => truth_or_error_value(*data.get(8)?, true),
                (0xffff, _) => return None,
                _ => self.number(style, double(data, 6)?),
            },
            _ => return None,
        })
    }

    fn number(&self, style: u16, value: f64) -> Value {
        let format = self.formats.get(usize::from(style)).unwrap_or(&Format::General);
        data::number(value, format.reading(value, &value.to_string(), self.from_1904))
    }

    fn packed_row(
        &self,
        data: &[u8],
        is_data: bool,
        sheet: &mut Sheet,
        budget: &mut Budget,
    ) -> Result<(), Refusal> {
        let Some((row, first)) = word(data, 0).zip(word(data, 2)) else { return Ok(()) };
        let cells = data.get(4..data.len().saturating_sub(2)).unwrap_or_default();
        for (at, cell) in cells.chunks_exact(6).enumerate() {
            budget.step(1)?;
            let Some((style, bits)) = word(cell, 0).zip(long(cell, 2)) else { continue };
            let column = u32::from(first).saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
            if is_data {
                sheet.put_value(u32::from(row), column, self.number(style, packed(bits)), budget)?;
            } else {
                sheet.put(u32::from(row), column, self.shown(style, packed(bits)), budget)?;
            }
        }
        Ok(())
    }

    fn shown(&self, style: u16, value: f64) -> String {
        let format = self.formats.get(usize::from(style)).unwrap_or(&Format::General);
        format.shown(value, &value.to_string(), self.from_1904)
    }
}

/// True if a formula has a string as its result.
fn is_string(data: &[u8]) -> bool {
    word(data, 12) == Some(0xffff) && data.get(6) == Some(&0)
}

fn bound(data: &[u8]) -> Option<Bound> {
    Some(Bound {
        start: usize::try_from(long(data, 0)?).ok()?,
        is_hidden: data.get(4)? & 3 != 0,
        is_sheet: *data.get(5)? == 0,
        name: string(data.get(6..)?, false)?,
    })
}

fn merges(data: &[u8], sheet: &mut Sheet) {
    for range in data.get(2..).unwrap_or_default().chunks_exact(8) {
        let at = |place: usize| word(range, place).map_or(0, u32::from);
        sheet.merges.push([at(0), at(2), at(4), at(6)]);
    }
}

fn truth_or_error_value(code: u8, is_error: bool) -> Value {
    if is_error { Value::Error(truth_or_error(code, true).into()) } else { Value::Bool(code != 0) }
}

/// A truth value, or an error by its code (MS-XLS 2.5.10).
fn truth_or_error(code: u8, is_error: bool) -> String {
    let shown = match (is_error, code) {
        (false, 0) => "FALSE",
        (false, _) => "TRUE",
        (true, 0x00) => "#NULL!",
        (true, 0x07) => "#DIV/0!",
        (true, 0x0f) => "#VALUE!",
        (true, 0x17) => "#REF!",
        (true, 0x1d) => "#NAME?",
        (true, 0x24) => "#NUM!",
        (true, _) => "#N/A",
    };
    shown.to_owned()
}
