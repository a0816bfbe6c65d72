//! Finds the files of a path, and the format of each.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::TableError;

/// Formats of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Parquet,
    /// Cells separated by commas, tabs, semicolons or other signs.
    Text,
    /// JSON Lines: one profile a line.
    Lines,
    /// JSON: one profile, a list of them, or `{"profiles": […]}`.
    Json,
    /// Excel or OpenDocument workbook, or a table of HTML.
    Sheet,
}

/// Adds the path to an error.
pub(crate) fn failed(path: &Path) -> impl Fn(&dyn std::fmt::Display) -> TableError + use<> {
    let named = path.display().to_string();
    move |error| TableError(format!("{named}：{error}"))
}

/// Collects the files of a path: a file itself, the files of a folder in order of name, or those matching a pattern.
pub(crate) fn find(path: &Path, into: &mut Vec<PathBuf>) -> Result<(), TableError> {
    let named = path.display().to_string();
    if path.is_dir() {
        let before = into.len();
        folder(path, &mut Vec::new(), into)?;
        if into.len() == before {
            return Err(failed(path)(&format!("目录里没有企业表（{ENDINGS}）")));
        }
        return Ok(());
    }
    if path.exists() {
        into.push(path.to_owned());
        return Ok(());
    }
    if !named.contains(['*', '?', '[']) {
        return Err(failed(path)(&"没有这个文件"));
    }
    let found = glob::glob(&named).map_err(|error| failed(path)(&error))?;
    let before = into.len();
    for found in found {
        let found = found.map_err(|error| failed(path)(&error))?;
        if found.is_dir() {
            folder(&found, &mut Vec::new(), into)?;
        } else {
            into.push(found);
        }
    }
    if into.len() == before { Err(failed(path)(&"没有符合的文件")) } else { Ok(()) }
}

/// Collects the files of a folder. `inside` holds its ancestors, so that a link to one of them is not followed for ever.
fn folder(path: &Path, inside: &mut Vec<PathBuf>, into: &mut Vec<PathBuf>) -> Result<(), TableError> {
    let failed = failed(path);
    let real = path.canonicalize().map_err(|error| failed(&error))?;
    if inside.contains(&real) {
        return Ok(());
    }
    inside.push(real);
    let entries = std::fs::read_dir(path).map_err(|error| failed(&error))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|error| failed(&error))?.path());
    }
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // Markers and files of unfinished or foreign work: `_SUCCESS`, `_temporary`, `.part-0.crc`, `~$book.xlsx`.
        if name.starts_with(['.', '_', '~']) {
            continue;
        }
        if path.is_dir() {
            folder(&path, inside, into)?;
        } else if by_ending(&path).is_some() {
            into.push(path);
        }
    }
    inside.pop();
    Ok(())
}

const ENDINGS: &str = ".parquet .csv .tsv .jsonl .ndjson .json .xlsx .xls .et .xlsb .ods";

fn by_ending(path: &Path) -> Option<Kind> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "parquet" => Some(Kind::Parquet),
        "csv" | "tsv" => Some(Kind::Text),
        "jsonl" | "ndjson" => Some(Kind::Lines),
        "json" => Some(Kind::Json),
        "xlsx" | "xlsm" | "xls" | "et" | "xlsb" | "ods" => Some(Kind::Sheet),
        _ => None,
    }
}

/// Format of a file: by its first bytes. Of text, the extension tells tables from JSON; business systems name text, HTML and
/// workbooks of another form `.xls`.
pub(crate) fn kind(path: &Path) -> Result<Kind, TableError> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(|error| failed(path)(&error))?;
    file.take(1 << 20).read_to_end(&mut head).map_err(|error| failed(path)(&error))?;
    let ending = by_ending(path);
    if head.starts_with(b"PAR1") {
        return Ok(Kind::Parquet);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"\xd0\xcf\x11\xe0") || is_markup(&head) {
        return Ok(Kind::Sheet);
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).trim_ascii_start();
    Ok(match (ending, text.first()) {
        // A workbook that is neither is text, or else broken.
        (Some(Kind::Sheet), _) if !head.is_empty() && is_text(&head) => Kind::Text,
        (Some(kind @ (Kind::Parquet | Kind::Text | Kind::Lines | Kind::Sheet)), _) => kind,
        (_, Some(b'{')) if is_lines(text) => Kind::Lines,
        (_, Some(b'{' | b'[')) | (Some(Kind::Json), _) => Kind::Json,
        _ => Kind::Text,
    })
}

/// True for a page of HTML with a table, or a workbook in XML.
fn is_markup(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if !text.starts_with(b"<") {
        return false;
    }
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    text.contains("<table") || text.contains("urn:schemas-microsoft-com:office:spreadsheet")
}

/// True for bytes without the zeros that binary files have; UTF-16 has some, and a byte order mark.
fn is_text(head: &[u8]) -> bool {
    let zeros = head.iter().filter(|byte| **byte == 0).count();
    zeros == 0 || head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || zeros * 4 > head.len()
}

/// True for JSON Lines: an object on the first line, and another one on the next or the end of the file.
fn is_lines(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let first = lines.next().is_some_and(|line| line.starts_with(b"{") && line.ends_with(b"}"));
    first && lines.next().is_some_and(|line| line.starts_with(b"{"))
}
