//! Workbooks of Excel 2007 and later (ECMA-376, XLSX), cell by cell: no range is ever laid out before its cells are known.

use std::collections::HashMap;
use std::sync::Arc;

use super::data::{self, SheetData, Value};
use super::format::Format;
use super::look::{Look, looks};
use super::strings::{text, unescaped};
use super::{MOST_COLUMNS, MOST_ROWS, Sheet, Workbook};
use crate::form::Form;
use crate::limits::Budget;
use crate::model::Document;
use crate::package::Package;
use crate::refusal::Refusal;
use crate::xml::{self, Element, MarkupReader, Step};

/// Reads an XLSX file.
///
/// # Errors
/// It is broken, holds no word, or exceeds a limit.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Refusal> {
    let mut workbook = Workbook::default();
    sheets(bytes, false, budget, |sheet| match sheet {
        Ok(sheet) => workbook.sheets.push(sheet),
        Err(_) => workbook.hidden += 1,
    })?;
    workbook.document(Form::Xlsx, budget)
}

/// Reads the sheets of an XLSX file as data.
///
/// # Errors
/// It is broken, or exceeds a limit.
pub(super) fn data(bytes: &[u8], budget: &mut Budget) -> Result<Vec<SheetData>, Refusal> {
    let mut all = Vec::new();
    sheets(bytes, true, budget, |sheet| {
        all.push(match sheet {
            Ok(sheet) => sheet.into_data(),
            Err(name) => SheetData { name, is_hidden: true, ..SheetData::default() },
        });
    })?;
    Ok(all)
}

/// Hands over the sheets of a workbook in order; of a hidden one its name.
fn sheets(
    bytes: &[u8],
    is_data: bool,
    budget: &mut Budget,
    mut take: impl FnMut(Result<Sheet, String>),
) -> Result<(), Refusal> {
    let mut package = Package::open(bytes, budget)?;
    let Some(main) = package.markup("xl/workbook.xml", budget)? else {
        return Err(Refusal::Damaged("没有工作簿部件“xl/workbook.xml”".to_owned()));
    };
    let index = Index::read(&xml::decoded("workbook.xml", &main)?, budget)?;
    let targets = targets(&mut package, budget)?;
    let looks = looks(&mut package, budget)?;
    let strings = strings(&mut package, budget)?;
    for (name, id, is_hidden) in index.sheets {
        if is_hidden {
            take(Err(name));
            continue;
        }
        let Some(target) = targets.get(&id) else { continue };
        let Some(bytes) = package.markup(target, budget)? else {
            return Err(Refusal::Damaged(format!("缺少工作表“{name}”的部件")));
        };
        let values = Values { looks: &looks, strings: &strings, from_1904: index.from_1904, is_data };
        let mut sheet = values.sheet(&xml::decoded(target, &bytes)?, target, budget)?;
        sheet.name = name;
        take(Ok(sheet));
    }
    Ok(())
}

/// Content of the workbook part.
#[derive(Default)]
struct Index {
    /// Name, identifier of the relationship, and whether it is hidden.
    sheets: Vec<(String, String, bool)>,
    /// True if days count from 1904.
    from_1904: bool,
}

impl Index {
    fn read(text: &str, budget: &mut Budget) -> Result<Self, Refusal> {
        let mut part = MarkupReader::new("workbook.xml", text);
        let mut index = Self::default();
        loop {
            match part.step(budget)? {
                Step::Start(start) => match &*start.name {
                    "workbookPr" => {
                        index.from_1904 =
                            start.attribute("date1904").is_some_and(|on| on == "1" || on == "true");
                    }
                    "sheet" => {
                        let get = |name: &str| start.attribute(name).unwrap_or_default().to_owned();
                        let is_hidden = matches!(start.attribute("state"), Some("hidden" | "veryHidden"));
                        index.sheets.push((get("name"), get("id"), is_hidden));
                        let limit = budget.limits().entries;
                        if index.sheets.len() > limit {
                            return Err(Refusal::over("工作表数", limit as u64));
                        }
                    }
                    _ => {}
                },
                Step::Over => return Ok(index),
                Step::End | Step::Text(_) => {}
            }
        }
    }
}

/// Names of parts by the identifier of their relationship to the workbook.
fn targets(package: &mut Package<'_>, budget: &mut Budget) -> Result<HashMap<String, String>, Refusal> {
    const NAME: &str = "xl/_rels/workbook.xml.rels";
    let mut targets = HashMap::new();
    let Some(bytes) = package.markup(NAME, budget)? else { return Ok(targets) };
    let text = xml::decoded(NAME, &bytes)?;
    let mut part = MarkupReader::new(NAME, &text);
    loop {
        match part.step(budget)? {
            Step::Start(start) if &*start.name == "Relationship" => {
                let (Some(id), Some(target)) = (start.attribute("Id"), start.attribute("Target")) else {
                    continue;
                };
                let target = match target.strip_prefix('/') {
                    Some(whole) => whole.to_owned(),
                    None => format!("xl/{}", target.trim_start_matches("./")),
                };
                targets.insert(id.to_owned(), target);
            }
            Step::Over => return Ok(targets),
            _ => {}
        }
    }
}

/// The strings that cells share.
fn strings(package: &mut Package<'_>, budget: &mut Budget) -> Result<Vec<Arc<str>>, Refusal> {
    const NAME: &str = "xl/sharedStrings.xml";
    let mut strings = Vec::new();
    let Some(bytes) = package.markup(NAME, budget)? else { return Ok(strings) };
    let content = xml::decoded(NAME, &bytes)?;
    let mut part = MarkupReader::new(NAME, &content);
    loop {
        match part.step(budget)? {
            Step::Start(start) if &*start.name == "si" => {
                let element = part.whole(start, is_left_out, budget)?;
                strings.push(text(&element).into());
            }
            Step::Over => return Ok(strings),
            _ => {}
        }
    }
}

fn is_left_out(name: &str) -> bool {
    matches!(name, "rPh" | "phoneticPr" | "rPr" | "extLst")
}

/// Tables that the values of cells refer to.
struct Values<'a> {
    looks: &'a [Look],
    strings: &'a [Arc<str>],
    from_1904: bool,
    /// True if values are kept, and not the words that cells show.
    is_data: bool,
}

impl Values<'_> {
    fn sheet(&self, text: &str, name: &str, budget: &mut Budget) -> Result<Sheet, Refusal> {
        let mut part = MarkupReader::new(name, text);
        let mut sheet = Sheet::default();
        // The row and the column behind the last one.
        let (mut row, mut column) = (0_u32, 0_u32);
        let mut next_row = 0_u32;
        let mut white = Vec::new();
        loop {
            match part.step(budget)? {
                Step::Start(start) => match &*start.name {
                    "col" => hide_columns(&start, &mut sheet, budget)?,
                    "row" => {
                        let given = start.attribute("r").and_then(|row| row.parse::<u32>().ok());
                        row = given.and_then(|row| row.checked_sub(1)).unwrap_or(next_row);
                        next_row = row.saturating_add(1);
                        column = 0;
                        let is_on =
                            |name: &str| start.attribute(name).is_some_and(|on| on == "1" || on == "true");
                        if is_on("hidden") || start.attribute("ht") == Some("0") {
                            sheet.hidden_rows.insert(row);
                        }
                    }
                    "c" => {
                        let element = part.whole(start, is_left_out, budget)?;
                        let place = element.attribute("r").and_then(place);
                        let (at, across) = place.unwrap_or((row, column));
                        column = across.saturating_add(1);
                        if self.is_data {
                            if let Some(value) = self.value(&element) {
                                sheet.put_value(at, across, value, budget)?;
                            }
                            continue;
                        }
                        let words = self.words(&element, &mut sheet);
                        if self.is_white(&element) && !words.trim().is_empty() {
                            white.push((at, across));
                        }
                        sheet.put(at, across, words, budget)?;
                    }
                    "drawing" => sheet.drawings += 1,
                    // They can colour the ground of any cell.
                    "tablePart" | "conditionalFormatting" | "picture" => white.clear(),
                    "mergeCell" => {
                        let range = start.attribute("ref").and_then(|range| {
                            let (first, last) = range.split_once(':')?;
                            Some((place(first)?, place(last)?))
                        });
                        if let Some(((first_row, first_column), (last_row, last_column))) = range {
                            sheet.merges.push([first_row, last_row, first_column, last_column]);
                        }
                    }
                    _ => {}
                },
                Step::Over => break,
                Step::End | Step::Text(_) => {}
            }
        }
        for place in white {
            zhaoren_cancel::poll();
            sheet.white += usize::from(sheet.cells.remove(&place).is_some());
        }
        Ok(sheet)
    }

    /// True if the words of a cell are white on white.
    fn is_white(&self, cell: &Element) -> bool {
        let style = cell.attribute("s").and_then(|style| style.parse::<usize>().ok()).unwrap_or(0);
        self.looks.get(style).is_some_and(|look| look.is_white)
    }

    /// The value of a cell; `None` where it is empty.
    fn value(&self, cell: &Element) -> Option<Value> {
        let kind = cell.attribute("t").unwrap_or("n");
        if kind == "inlineStr" {
            return Some(Value::Text(text(cell.first("is")?).into()));
        }
        let written = cell.first("v").map(Element::text).unwrap_or_default();
        if written.is_empty() {
            // A formula whose result is the empty text has the type `str`.
            let is_open = cell.first("f").is_some() && kind != "str";
            return is_open.then_some(Value::NoResult);
        }
        Some(match kind {
            "s" => Value::Text(Arc::clone(self.strings.get(written.trim().parse::<usize>().ok()?)?)),
            "str" => Value::Text(unescaped(&written).into()),
            "b" => Value::Bool(written.trim() == "1"),
            "e" => Value::Error(written.trim().into()),
            "d" => Value::Text(written.trim().into()),
            _ => {
                let written = written.trim();
                let Ok(number) = written.parse::<f64>() else { return Some(Value::Text(written.into())) };
                let style = cell.attribute("s").and_then(|style| style.parse::<usize>().ok()).unwrap_or(0);
                let format = self.looks.get(style).map_or(&Format::General, |look| &look.format);
                data::number(number, format.reading(number, written, self.from_1904))
            }
        })
    }

    /// The words that a cell shows.
    fn words(&self, cell: &Element, sheet: &mut Sheet) -> String {
        let value = cell.first("v").map(Element::text);
        if value.as_deref().is_none_or(str::is_empty)
            && cell.first("f").is_some()
            && cell.first("is").is_none()
        {
            sheet.without_result += usize::from(cell.attribute("t") != Some("str"));
        }
        let value = value.unwrap_or_default();
        let style = cell.attribute("s").and_then(|style| style.parse::<usize>().ok()).unwrap_or(0);
        let format = self.looks.get(style).map_or(&Format::General, |look| &look.format);
        if *format == Format::Hidden {
            return String::new();
        }
        match cell.attribute("t").unwrap_or("n") {
            "s" => {
                let index = value.trim().parse::<usize>().ok();
                index.and_then(|index| self.strings.get(index)).map(ToString::to_string).unwrap_or_default()
            }
            "inlineStr" => cell.first("is").map(text).unwrap_or_default(),
            "str" => unescaped(&value),
            "b" => if value.trim() == "1" { "TRUE" } else { "FALSE" }.to_owned(),
            "d" => value.trim().trim_end_matches("T00:00:00").to_owned(),
            "e" => value,
            _ => {
                let written = value.trim();
                let Ok(number) = written.parse::<f64>() else { return written.to_owned() };
                format.shown(number, written, self.from_1904)
            }
        }
    }
}

fn hide_columns(element: &Element, sheet: &mut Sheet, budget: &Budget) -> Result<(), Refusal> {
    let is_hidden = element.attribute("hidden").is_some_and(|on| on == "1" || on == "true");
    let number = |name: &str| element.attribute(name).and_then(|at| at.parse::<u32>().ok());
    if let (true, Some(first), Some(last)) =
        (is_hidden || element.attribute("width") == Some("0"), number("min"), number("max"))
    {
        sheet.hidden_columns.push((first.saturating_sub(1), last.saturating_sub(1)));
        if sheet.hidden_columns.len() > MOST_COLUMNS as usize {
            return Err(Refusal::over("列数", budget.limits().cells as u64));
        }
    }
    Ok(())
}

/// Row and column, from 0, of a reference such as `B12` or `$B$12`.
fn place(reference: &str) -> Option<(u32, u32)> {
    let (mut row, mut column) = (0_u32, 0_u32);
    for byte in reference.bytes() {
        match byte.to_ascii_uppercase() {
            b'$' => {}
            letter @ b'A'..=b'Z' if row == 0 => {
                column = column.checked_mul(26)?.checked_add(u32::from(letter - b'A') + 1)?;
            }
            digit @ b'0'..=b'9' => row = row.checked_mul(10)?.checked_add(u32::from(digit - b'0'))?,
            _ => return None,
        }
    }
    let (row, column) = (row.checked_sub(1)?, column.checked_sub(1)?);
    (row < MOST_ROWS && column < MOST_COLUMNS).then_some((row, column))
}
