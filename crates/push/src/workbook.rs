//! List as an Excel workbook (SpreadsheetML, ECMA-376 part 1, chapter 18) with a sheet for each district.
//!
//! Enterprises come in order of id, not of district, and a workbook holds one sheet after the other, so the rows of each sheet are
//! collected in a file of their own and compressed at the end. Memory does not grow with the list.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use zhaoren_cancel::poll;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::digest::FileDigest;
use crate::error::{PushError, at};
use crate::files;
use crate::list::{ListRow, ListRows};
use crate::words::PlaceName;

/// Rows of a sheet, heading included (the limit of Excel). A district with more rows goes on in a further sheet.
pub(crate) const MAX_ROWS: u64 = 1_048_576;
/// Sheets by district; the enterprises of further districts share one sheet. Excel itself has no limit, its users have.
pub(crate) const MAX_DISTRICTS: usize = 200;
/// Characters of a cell (the limit of Excel); a longer text is cut.
const MAX_CELL: usize = 32_767;
/// Characters of a sheet's name (the limit of Excel).
const MAX_NAME: usize = 31;
/// Bytes copied at once.
const COPIED: usize = 1 << 16;

/// Name of the sheet of enterprises whose district is unknown.
const UNKNOWN: &str = "区域未知";
/// Name of the sheet of the districts beyond [`MAX_DISTRICTS`].
const OTHERS: &str = "其他区域";
/// Name of the first sheet.
const SUMMARY: &str = "汇总";

/// Headings with the width of their columns, in characters.
const HEADINGS: [(&str, u32); 15] = [
    ("企业名称", 30),
    ("企业标识", 21),
    ("事项", 36),
    ("层级", 8),
    ("判定", 7),
    ("支持金额", 28),
    ("申报期", 24),
    ("还缺", 36),
    ("变动", 7),
    ("变动原因", 16),
    ("说明", 40),
    ("所在区域", 16),
    ("街镇", 14),
    ("排序分", 8),
    ("事项编号", 26),
];

/// Rows of one district, as XML.
pub(crate) struct SheetRows {
    /// Code of the district; empty if unknown.
    district: String,
    /// Name of the district with the names above it.
    region: String,
    /// End of each row in `xml`.
    ends: Vec<usize>,
    xml: Vec<u8>,
}

/// Rows of a piece by district; `cells` passes the cells of a row on, in the order of the headings.
pub(crate) fn sheet_rows(
    list: &ListRows<'_>,
    cells: impl Fn(&ListRow, &mut dyn FnMut(&[Cell<'_>])),
) -> Vec<SheetRows> {
    let mut sheets: BTreeMap<&str, SheetRows> = BTreeMap::new();
    for row in &list.rows {
        let (district, place) = list.place(row);
        let sheet = sheets.entry(district).or_insert_with(|| SheetRows {
            district: district.clone(),
            region: place.region.clone(),
            ends: Vec::new(),
            xml: Vec::new(),
        });
        cells(row, &mut |cells| row_xml(&mut sheet.xml, cells));
        sheet.ends.push(sheet.xml.len());
    }
    sheets.into_values().collect()
}

/// Cell of a sheet.
pub(crate) enum Cell<'a> {
    Text(&'a str),
    Number(f64),
}

/// Appends one row. Its cells need no address: each is right of the one before.
fn row_xml(out: &mut Vec<u8>, cells: &[Cell<'_>]) {
    out.extend_from_slice(b"<row>");
    for cell in cells {
        match cell {
            Cell::Text("") => out.extend_from_slice(b"<c/>"),
            Cell::Text(text) => {
                out.extend_from_slice(b"<c t=\"inlineStr\"><is><t xml:space=\"preserve\">");
                escape(out, text);
                out.extend_from_slice(b"</t></is></c>");
            }
            Cell::Number(number) => {
                out.extend_from_slice(b"<c><v>");
                out.extend_from_slice(number.to_string().as_bytes());
                out.extend_from_slice(b"</v></c>");
            }
        }
    }
    out.extend_from_slice(b"</row>");
}

/// Text in XML. Characters that XML 1.0 cannot hold become spaces; `_x` begins an escape of SpreadsheetML and is escaped itself.
fn escape(out: &mut Vec<u8>, text: &str) {
    let mut buffer = [0; 4];
    let mut before = ' ';
    for one in text.chars().take(MAX_CELL) {
        match one {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '"' => out.extend_from_slice(b"&quot;"),
            'x' if before == '_' => out.extend_from_slice(b"x005F_x"),
            '\t' | '\n' => out.push(b'\n'),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push(b' '),
            other => out.extend_from_slice(other.encode_utf8(&mut buffer).as_bytes()),
        }
        before = one;
    }
}

/// Workbook under construction.
pub(crate) struct Workbook {
    path: PathBuf,
    /// By code of the district; that of [`OTHERS`] sorts last.
    districts: BTreeMap<String, District>,
    max_rows: u64,
}

/// Sheets of one district, the last of them being written.
struct District {
    region: String,
    sheets: Vec<Sheet>,
}

struct Sheet {
    path: PathBuf,
    out: BufWriter<File>,
    /// Rows without the heading.
    rows: u64,
}

/// Key of the districts beyond the limit: after every code.
const BEYOND: &str = "~";

impl Workbook {
    /// Workbook that will be at `path`; the rows are collected beside it.
    pub(crate) fn create(path: &Path) -> Self {
        Self { path: path.to_owned(), districts: BTreeMap::new(), max_rows: MAX_ROWS }
    }

    /// Appends the rows of a district.
    pub(crate) fn append(&mut self, rows: &SheetRows) -> Result<(), PushError> {
        let beyond = self.districts.len() >= MAX_DISTRICTS && !self.districts.contains_key(&rows.district);
        let (key, region) =
            if beyond { (BEYOND, OTHERS) } else { (rows.district.as_str(), rows.region.as_str()) };
        if !self.districts.contains_key(key) {
            let district = District { region: region.to_owned(), sheets: Vec::new() };
            self.districts.insert(key.to_owned(), district);
        }
        let number = self.districts.values().map(|district| district.sheets.len()).sum::<usize>();
        let Some(district) = self.districts.get_mut(key) else { return Ok(()) };
        let (mut from, mut ends, mut number) = (0, rows.ends.as_slice(), number);
        while !ends.is_empty() {
            let full = |sheet: &Sheet| sheet.rows + 1 >= self.max_rows;
            if district.sheets.last().is_none_or(full) {
                let path = self.path.with_extension(format!("sheet{number}"));
                let out = BufWriter::with_capacity(COPIED, files::create(&path).map_err(at(&path))?);
                district.sheets.push(Sheet { path, out, rows: 0 });
                number += 1;
            }
            let Some(sheet) = district.sheets.last_mut() else { break };
            let room = usize::try_from(self.max_rows - 1 - sheet.rows).unwrap_or(usize::MAX);
            let (now, later) = ends.split_at_checked(room).unwrap_or((ends, &[]));
            let to = now.last().copied().unwrap_or(from);
            let bytes = rows.xml.get(from..to).unwrap_or_default();
            sheet.out.write_all(bytes).map_err(at(&sheet.path))?;
            sheet.rows += now.len() as u64;
            (from, ends) = (to, later);
        }
        Ok(())
    }

    /// Writes the workbook. The same rows give the same bytes.
    pub(crate) fn finish(self) -> Result<FileDigest, PushError> {
        let mut all: Vec<(String, Sheet)> = Vec::new();
        let mut names = SheetNames::default();
        for (key, district) in self.districts {
            for (part, sheet) in district.sheets.into_iter().enumerate() {
                all.push((names.name(&key, &district.region, part), sheet));
            }
        }
        write(&self.path, all).map_err(at(&self.path))?;
        FileDigest::of(&self.path).map_err(at(&self.path))
    }
}

/// Names of sheets, each used once.
#[derive(Default)]
struct SheetNames(std::collections::BTreeSet<String>);

impl SheetNames {
    /// Name of the sheet of a district: its own name, with those above it where two districts share one.
    fn name(&mut self, key: &str, region: &str, part: usize) -> String {
        let own = PlaceName::own_name(key);
        let region = if region.is_empty() { UNKNOWN } else { region };
        let candidates =
            [own.as_deref().unwrap_or(region), region, &format!("{region}{key}")].map(str::to_owned);
        let numbered =
            |name: &str| if part == 0 { name.to_owned() } else { format!("{name}（{}）", part + 1) };
        let name =
            candidates.iter().map(|name| numbered(&sheet_name(name))).find(|name| !self.0.contains(name));
        let name = name.unwrap_or_else(|| numbered(key));
        self.0.insert(name.clone());
        name
    }
}

/// Text as the name of a sheet, with room for a number: Excel forbids some signs.
fn sheet_name(text: &str) -> String {
    let sound = text.chars().filter(|one| !matches!(one, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\''));
    sound.take(MAX_NAME - 6).collect()
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const TYPES: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

fn write(path: &Path, sheets: Vec<(String, Sheet)>) -> io::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(1));
    let mut zip = ZipWriter::new(files::create(path)?);
    let count = sheets.len() + 1;
    let put = |zip: &mut ZipWriter<File>, name: &str, text: &str| {
        zip.start_file(name, options).map_err(io::Error::other)?;
        zip.write_all(HEAD.as_bytes())?;
        zip.write_all(text.as_bytes())
    };
    let overrides: String = (1..=count)
        .map(|n| {
            format!(
                "<Override PartName=\"/xl/worksheets/sheet{n}.xml\" ContentType=\"{TYPES}.worksheet+xml\"/>"
            )
        })
        .collect();
    put(
        &mut zip,
        "[Content_Types].xml",
        &format!(
            "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/xl/workbook.xml\" ContentType=\"{TYPES}.sheet.main+xml\"/>{overrides}</Types>"
        ),
    )?;
    put(
        &mut zip,
        "_rels/.rels",
        &format!(
            "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"r1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
        ),
    )?;
    let targets: String = (1..=count)
        .map(|n| {
            format!(
                "<Relationship Id=\"r{n}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{n}.xml\"/>"
            )
        })
        .collect();
    put(
        &mut zip,
        "xl/_rels/workbook.xml.rels",
        &format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{targets}</Relationships>"),
    )?;
    let names = std::iter::once(SUMMARY).chain(sheets.iter().map(|(name, _)| name.as_str()));
    let mut index = Vec::new();
    for (at, name) in names.enumerate() {
        index.extend_from_slice(b"<sheet name=\"");
        escape(&mut index, name);
        index.extend_from_slice(format!("\" sheetId=\"{0}\" r:id=\"r{0}\"/>", at + 1).as_bytes());
    }
    let index = String::from_utf8_lossy(&index);
    put(
        &mut zip,
        "xl/workbook.xml",
        &format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets>{index}</sheets></workbook>"),
    )?;
    let mut summary = Vec::new();
    row_xml(&mut summary, &[Cell::Text("工作表"), Cell::Text("行数")]);
    for (name, sheet) in &sheets {
        #[expect(clippy::cast_precision_loss, reason = "a sheet has at most about a million rows")]
        row_xml(&mut summary, &[Cell::Text(name), Cell::Number(sheet.rows as f64)]);
    }
    put(
        &mut zip,
        "xl/worksheets/sheet1.xml",
        &format!(
            "<worksheet xmlns=\"{MAIN}\"><cols><col min=\"1\" max=\"1\" width=\"30\" customWidth=\"1\"/></cols><sheetData>{}</sheetData></worksheet>",
            String::from_utf8_lossy(&summary)
        ),
    )?;
    let mut heading = Vec::new();
    row_xml(&mut heading, &HEADINGS.map(|(name, _)| Cell::Text(name)));
    let heading = String::from_utf8_lossy(&heading).into_owned();
    let columns: String = (1..)
        .zip(HEADINGS)
        .map(|(n, (_, width))| format!("<col min=\"{n}\" max=\"{n}\" width=\"{width}\" customWidth=\"1\"/>"))
        .collect();
    let mut buffer = vec![0; COPIED];
    for (at, (_, sheet)) in sheets.into_iter().enumerate() {
        sheet.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        put(
            &mut zip,
            &format!("xl/worksheets/sheet{}.xml", at + 2),
            &format!(
                "<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView workbookViewId=\"0\">\
             <pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>\
             <cols>{columns}</cols><sheetData>{heading}"
            ),
        )?;
        let mut rows = BufReader::with_capacity(COPIED, File::open(&sheet.path)?);
        loop {
            poll();
            let read = rows.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            zip.write_all(buffer.get(..read).unwrap_or_default())?;
        }
        zip.write_all(
            format!("</sheetData><autoFilter ref=\"A1:O{}\"/></worksheet>", sheet.rows + 1).as_bytes(),
        )?;
        std::fs::remove_file(&sheet.path)?;
    }
    zip.finish().map_err(io::Error::other)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(district: &str, region: &str, count: usize) -> SheetRows {
        let mut sheet = SheetRows {
            district: district.to_owned(),
            region: region.to_owned(),
            ends: Vec::new(),
            xml: Vec::new(),
        };
        for row in 0..count {
            row_xml(&mut sheet.xml, &[Cell::Text(&row.to_string())]);
            sheet.ends.push(sheet.xml.len());
        }
        sheet
    }

    /// A full sheet goes on in the next; districts of the same name get numbers; those beyond the limit share a sheet. No row is lost.
    #[test]
    fn full_sheets_and_many_districts_are_split() {
        let folder = tempfile::tempdir().unwrap();
        let mut book = Workbook { max_rows: 6, ..Workbook::create(&folder.path().join("a.xlsx")) };
        for count in [3, 9] {
            book.append(&rows("310104", "上海市徐汇区", count)).unwrap();
        }
        // 鼓楼区 of Nanjing and of Xuzhou.
        book.append(&rows("320106", "江苏省南京市鼓楼区", 1)).unwrap();
        book.append(&rows("320302", "江苏省徐州市鼓楼区", 1)).unwrap();
        for district in 0..MAX_DISTRICTS {
            book.append(&rows(&format!("9{district:05}"), "某地", 1)).unwrap();
        }
        let sheets = |key: &str| -> Vec<u64> {
            book.districts
                .get(key)
                .map_or_else(Vec::new, |one| one.sheets.iter().map(|sheet| sheet.rows).collect())
        };
        assert_eq!(sheets("310104"), [5, 5, 2]);
        assert_eq!(sheets(BEYOND), [3]);
        let total: u64 = book.districts.values().flat_map(|one| &one.sheets).map(|sheet| sheet.rows).sum();
        assert_eq!(total, 12 + 2 + MAX_DISTRICTS as u64);
        let mut names = SheetNames::default();
        assert_eq!(names.name("310104", "上海市徐汇区", 0), "徐汇区");
        assert_eq!(names.name("310104", "上海市徐汇区", 1), "徐汇区（2）");
        assert_eq!(names.name("320106", "江苏省南京市鼓楼区", 0), "鼓楼区");
        assert_eq!(names.name("320302", "江苏省徐州市鼓楼区", 0), "江苏省徐州市鼓楼区");
        assert_eq!(names.name("", "", 0), "区域未知");
        book.finish().unwrap();
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 1, "the collected rows are gone");
    }
}
