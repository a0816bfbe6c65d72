//! A small writer of workbooks: sheets of values with the formats, merged cells and hidden parts that offices use.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;

/// Value of a cell, with its format.
#[derive(Clone, Debug)]
pub(crate) enum Put {
    /// Text.
    T(&'static str),
    /// Number without a format.
    N(f64),
    /// Number with the format `0.00%`.
    P(f64),
    /// Serial number of a day, `yyyy/m/d`.
    D(f64),
    /// Serial number of a day of which the month is shown, `yyyy年m月`.
    M(f64),
    /// Number with the format `#,##0"万元"`.
    W(f64),
    /// Number shown in ten thousands, `0!.0,`.
    S(f64),
    /// Formula without a result.
    F(&'static str),
    /// Formula with a result.
    G(&'static str, f64),
    /// Error.
    E(&'static str),
    /// Truth value.
    B(bool),
    /// No cell.
    O,
}

/// Sheet of a workbook.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet {
    pub(crate) name: &'static str,
    pub(crate) rows: Vec<Vec<Put>>,
    pub(crate) merges: Vec<&'static str>,
    pub(crate) hidden: bool,
    /// Numbers, from 1, of hidden rows.
    pub(crate) hidden_rows: Vec<usize>,
}

impl Sheet {
    pub(crate) fn new(name: &'static str, rows: Vec<Vec<Put>>) -> Self {
        Self { name, rows, ..Self::default() }
    }

    pub(crate) fn merged(mut self, merges: &[&'static str]) -> Self {
        self.merges = merges.to_vec();
        self
    }
}

/// Letters of a column, counted from 0.
fn letters(mut column: usize) -> String {
    let mut letters = String::new();
    loop {
        letters.insert(0, char::from(b'A' + u8::try_from(column % 26).unwrap()));
        match column / 26 {
            0 => return letters,
            more => column = more - 1,
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

fn cell(place: &str, put: &Put) -> String {
    let number = |style: usize, number: f64| format!("<c r=\"{place}\" s=\"{style}\"><v>{number}</v></c>");
    match put {
        Put::T(text) => {
            format!(
                "<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                escaped(text)
            )
        }
        Put::N(value) => number(0, *value),
        Put::P(value) => number(1, *value),
        Put::D(value) => number(2, *value),
        Put::M(value) => number(3, *value),
        Put::W(value) => number(4, *value),
        Put::S(value) => number(5, *value),
        Put::F(formula) => format!("<c r=\"{place}\"><f>{formula}</f><v></v></c>"),
        Put::G(formula, value) => format!("<c r=\"{place}\"><f>{formula}</f><v>{value}</v></c>"),
        Put::E(error) => format!("<c r=\"{place}\" t=\"e\"><v>{error}</v></c>"),
        Put::B(flag) => format!("<c r=\"{place}\" t=\"b\"><v>{}</v></c>", u8::from(*flag)),
        Put::O => String::new(),
    }
}

/// Bytes of a workbook.
pub(crate) fn workbook(sheets: &[Sheet]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut put = |name: &str, text: &str| {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    let (mut index, mut targets) = (String::new(), String::new());
    for (at, sheet) in sheets.iter().enumerate() {
        let (id, name) = (at + 1, escaped(sheet.name));
        let state = if sheet.hidden { " state=\"hidden\"" } else { "" };
        write!(index, "<sheet name=\"{name}\" sheetId=\"{id}\"{state} r:id=\"r{id}\"/>").unwrap();
        write!(
            targets,
            "<Relationship Id=\"r{id}\" Type=\"worksheet\" Target=\"worksheets/sheet{id}.xml\"/>"
        )
        .unwrap();
        let mut rows = String::new();
        for (row, cells) in sheet.rows.iter().enumerate() {
            let hidden = if sheet.hidden_rows.contains(&(row + 1)) { " hidden=\"1\"" } else { "" };
            write!(rows, "<row r=\"{}\"{hidden}>", row + 1).unwrap();
            for (column, put) in cells.iter().enumerate() {
                rows.push_str(&cell(&format!("{}{}", letters(column), row + 1), put));
            }
            rows.push_str("</row>");
        }
        let mut merges: String =
            sheet.merges.iter().map(|range| format!("<mergeCell ref=\"{range}\"/>")).collect();
        if !merges.is_empty() {
            merges = format!("<mergeCells>{merges}</mergeCells>");
        }
        put(
            &format!("xl/worksheets/sheet{id}.xml"),
            &format!("<worksheet><sheetData>{rows}</sheetData>{merges}</worksheet>"),
        );
    }
    put("xl/workbook.xml", &format!("<workbook xmlns:r=\"r\"><sheets>{index}</sheets></workbook>"));
    put("xl/_rels/workbook.xml.rels", &format!("<Relationships>{targets}</Relationships>"));
    let formats = [(164, "yyyy/m/d"), (165, "yyyy\"年\"m\"月\""), (166, "#,##0\"万元\""), (167, "0!.0,")];
    let formats: String = formats
        .map(|(id, code)| format!("<numFmt numFmtId=\"{id}\" formatCode=\"{}\"/>", escaped(code)))
        .concat();
    let styles: String = [0, 10, 164, 165, 166, 167].map(|id| format!("<xf numFmtId=\"{id}\"/>")).concat();
    put(
        "xl/styles.xml",
        &format!("<styleSheet><numFmts>{formats}</numFmts><cellXfs>{styles}</cellXfs></styleSheet>"),
    );
    zip.finish().unwrap().into_inner()
}
