//! Excel workbook in memory (SpreadsheetML, ECMA-376 part 1, chapter 18): papers, not lists of a city.

use std::fmt::Write as _;

use crate::OfficeError;
use crate::package::{Package, RELATIONSHIPS};
use crate::xml::{push_text, text};

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml";
const WORKSHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml";
/// Rows of a sheet, heading included (the limit of Excel).
const MAX_ROWS: usize = 1_048_576;
/// Characters of a cell (the limit of Excel); a longer text is cut.
const MAX_CELL: usize = 32_767;
/// Characters of a sheet's name (the limit of Excel).
const MAX_NAME: usize = 31;

/// Workbook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Workbook {
    /// Sheets, in order.
    pub sheets: Vec<Sheet>,
}

/// Sheet with one line of headings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Name; characters that Excel does not take are replaced.
    pub name: String,
    /// Headings, each with the width of its column in characters.
    pub head: Vec<(String, u32)>,
    /// Rows of cells.
    pub rows: Vec<Vec<String>>,
}

impl Workbook {
    /// The workbook as an XLSX file.
    ///
    /// # Errors
    /// A sheet has more rows than Excel takes, or the file cannot be made.
    pub fn xlsx(&self) -> Result<Vec<u8>, OfficeError> {
        let mut package = Package::new("xl/workbook.xml")?;
        let (mut index, mut names) = (String::new(), Vec::new());
        let targets: Vec<String> =
            (1..=self.sheets.len()).map(|n| format!("worksheets/sheet{n}.xml")).collect();
        for (n, sheet) in (1..).zip(&self.sheets) {
            let name = sheet.distinct_name(&names);
            let _ = write!(index, "<sheet name=\"{}\" sheetId=\"{n}\" r:id=\"r{n}\"/>", text(&name));
            names.push(name);
            package.part(&format!("xl/worksheets/sheet{n}.xml"), WORKSHEET, &sheet.xml()?)?;
        }
        let book = format!(
            "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONSHIPS}\"><sheets>{index}</sheets></workbook>"
        );
        package.part("xl/workbook.xml", WORKBOOK, &book)?;
        let targets: Vec<(&str, &str)> =
            targets.iter().map(|target| ("worksheet", target.as_str())).collect();
        package.relationships("xl/_rels/workbook.xml.rels", &targets)?;
        package.finish()
    }
}

impl Sheet {
    /// Name that Excel takes and that no earlier sheet has.
    fn distinct_name(&self, earlier: &[String]) -> String {
        let clean = |one: char| if "[]:*?/\\'".contains(one) || one.is_control() { ' ' } else { one };
        let cut = |length: usize| -> String { self.name.chars().map(clean).take(length).collect() };
        let first = cut(MAX_NAME);
        let first = if first.trim().is_empty() { "表".to_owned() } else { first };
        if !earlier.contains(&first) {
            return first;
        }
        (2..)
            .map(|n| format!("{}（{n}）", cut(MAX_NAME - 6)))
            .find(|name| !earlier.contains(name))
            .unwrap_or(first)
    }

    fn xml(&self) -> Result<String, OfficeError> {
        if self.rows.len() >= MAX_ROWS {
            return Err(OfficeError(format!("工作表“{}”超过 {MAX_ROWS} 行", self.name)));
        }
        let columns: String = (1..)
            .zip(&self.head)
            .map(|(n, (_, width))| {
                format!("<col min=\"{n}\" max=\"{n}\" width=\"{width}\" customWidth=\"1\"/>")
            })
            .collect();
        let mut out = format!(
            "<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\">\
             <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>"
        );
        if !columns.is_empty() {
            let _ = write!(out, "<cols>{columns}</cols>");
        }
        out.push_str("<sheetData>");
        row(&mut out, self.head.iter().map(|(name, _)| name.as_str()));
        for cells in &self.rows {
            zhaoren_cancel::poll();
            row(&mut out, cells.iter().map(String::as_str));
        }
        out.push_str("</sheetData></worksheet>");
        Ok(out)
    }
}

/// One row of texts. Cells need no address: each is right of the one before.
fn row<'a>(out: &mut String, cells: impl Iterator<Item = &'a str>) {
    out.push_str("<row>");
    for cell in cells {
        if cell.is_empty() {
            out.push_str("<c/>");
            continue;
        }
        out.push_str("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">");
        let cut = cell.char_indices().nth(MAX_CELL).map_or(cell.len(), |(at, _)| at);
        // `_x0041_` would be read as an escape.
        push_text(out, &cell.get(..cut).unwrap_or_default().replace("_x", "_x005F_x"));
        out.push_str("</t></is></c>");
    }
    out.push_str("</row>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_by_excel_and_distinct() {
        let name = |text: &str, earlier: &[String]| {
            Sheet { name: text.to_owned(), ..Sheet::default() }.distinct_name(earlier)
        };
        assert_eq!(name("a/b:c", &[]), "a b c");
        assert_eq!(name("", &[]), "表");
        let long = "长".repeat(40);
        let first = name(&long, &[]);
        assert_eq!(first.chars().count(), MAX_NAME);
        let second = name(&long, std::slice::from_ref(&first));
        assert!(second != first && second.ends_with("（2）") && second.chars().count() <= MAX_NAME);
    }
}
