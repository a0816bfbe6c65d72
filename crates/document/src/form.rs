//! The form of a file, told by its content.

use crate::compound;
use crate::html;
use crate::limits::Budget;
use crate::model::Document;
use crate::package::Package;
use crate::refusal::Refusal;
use crate::{docx, mht, odt, sheets, text, zip};

/// A form that files are published in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Plain text, in any encoding.
    Text,
    /// Markdown, in any encoding. Only reading tells it from plain text.
    Markdown,
    /// A web page.
    Html,
    /// A web page with its pictures in one file (RFC 2557).
    Mht,
    /// Office Open XML text (DOCX).
    Docx,
    /// OpenDocument text (ODT).
    Odt,
    /// Word 97 binary (DOC, WPS).
    Doc,
    /// Rich Text Format.
    Rtf,
    /// Portable Document Format.
    Pdf,
    /// Open Fixed-layout Document (GB/T 33190).
    Ofd,
    /// Office Open XML sheets (XLSX).
    Xlsx,
    /// Excel 97 binary sheets (XLS, ET).
    Xls,
    /// An archive of files.
    Zip,
}

impl Form {
    /// Its name, as in the ending of a file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Mht => "mht",
            Self::Docx => "docx",
            Self::Odt => "odt",
            Self::Doc => "doc",
            Self::Rtf => "rtf",
            Self::Pdf => "pdf",
            Self::Ofd => "ofd",
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Zip => "zip",
        }
    }
}

/// A function that reads one form.
pub(crate) type Reader = fn(&[u8], &mut Budget) -> Result<Document, Refusal>;

/// How far behind the start a PDF header may stand, in bytes (ISO 32000-1, H.3, note 13).
const PDF_HEADER: usize = 1024;

/// Number of bytes at the start that are examined to decide whether the content is text.
const SAMPLE: usize = 64 << 10;

/// The form of the content.
///
/// # Errors
/// The content is empty, encrypted, or no known form.
pub(crate) fn of(bytes: &[u8], budget: &mut Budget) -> Result<Form, Refusal> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Refusal::Empty);
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return package(bytes, budget);
    }
    if bytes.starts_with(&compound::SIGNATURE) {
        return compound_file(bytes, budget);
    }
    let head = bytes.get(..bytes.len().min(PDF_HEADER)).unwrap_or(bytes);
    if head.windows(5).any(|five| five == b"%PDF-") {
        return Ok(Form::Pdf);
    }
    let start = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let start = head.get(start..).unwrap_or_default();
    if start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).starts_with(b"{\\rt") {
        return Ok(Form::Rtf);
    }
    if let Some(kind) = other_kind(bytes) {
        return Err(Refusal::UnknownForm(format!("内容是{kind}")));
    }
    let sample = bytes.get(..bytes.len().min(SAMPLE)).unwrap_or(bytes);
    let decoded = text::decoded(sample, None);
    if !is_readable(&decoded.text) {
        return Err(Refusal::UnknownForm("内容不是文字，也不属于任何已知格式".to_owned()));
    }
    if mht::is_archive(&decoded.text) {
        return Ok(Form::Mht);
    }
    if html::is_page(&decoded.text) {
        return Ok(Form::Html);
    }
    match other_text(&decoded.text) {
        Some(kind) => Err(Refusal::UnknownForm(format!("内容是{kind}"))),
        None => Ok(Form::Text),
    }
}

/// Kinds of text that are written for programs: read as a text they would give words of their markup.
fn other_text(text: &str) -> Option<&'static str> {
    let head: String = text.trim_start().chars().take(2_000).collect();
    if head.starts_with("<?xml") || head.starts_with("<w:") || head.starts_with("<pkg:") {
        return Some(match () {
            () if head.contains("wordDocument") || head.contains("pkg:package") => {
                "Word XML 文档，请另存为 DOCX"
            }
            () if head.contains("office:spreadsheet") => "Excel XML 表格，请另存为 XLSX",
            () => "XML 数据",
        });
    }
    None
}

/// Kinds of content that are often uploaded and cannot be read, by their first bytes.
fn other_kind(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 9] = [
        (b"\xff\xd8\xff", "图片（JPEG）"),
        (b"\x89PNG", "图片（PNG）"),
        (b"GIF8", "图片（GIF）"),
        (b"II*\0", "图片（TIFF）"),
        (b"MM\0*", "图片（TIFF）"),
        (b"Rar!", "RAR 压缩包（请改用 ZIP）"),
        (b"7z\xbc\xaf", "7z 压缩包（请改用 ZIP）"),
        (b"\x1f\x8b", "GZIP 压缩包（请改用 ZIP）"),
        (b"MZ", "程序"),
    ];
    // An executable begins with two letters that a text can begin with; it also holds zeros.
    let is_binary = |signature: &[u8]| signature.len() > 2 || bytes.iter().take(512).any(|byte| *byte == 0);
    KINDS.iter().find(|(start, _)| bytes.starts_with(start) && is_binary(start)).map(|(_, kind)| *kind)
}

/// True if decoded content is text: next to no controls and lost bytes.
fn is_readable(text: &str) -> bool {
    let strange = |c: &char| {
        *c == '\u{fffd}'
            // U+0080 to U+009F are bytes of text that was decoded wrongly before it came, which is repaired later.
            || (c.is_control() && !matches!(c, '\u{80}'..='\u{9f}' | '\n' | '\r' | '\t' | '\u{b}' | '\u{c}' | '\u{1a}'))
    };
    let (mut all, mut odd) = (0_usize, 0_usize);
    for c in text.chars() {
        zhaoren_cancel::poll();
        all += 1;
        odd += usize::from(strange(&c));
    }
    odd * 20 <= all
}

/// Form of a ZIP archive, by the names of its entries.
fn package(bytes: &[u8], budget: &mut Budget) -> Result<Form, Refusal> {
    let mut package = Package::open(bytes, budget)?;
    if package.has("word/document.xml") {
        return Ok(Form::Docx);
    }
    if package.has("OFD.xml") {
        return Ok(Form::Ofd);
    }
    if package.has("xl/workbook.xml") {
        return Ok(Form::Xlsx);
    }
    if let Some(kind) = package.part("mimetype", budget)? {
        let kind = String::from_utf8_lossy(&kind).trim().to_owned();
        return match kind.as_str() {
            "application/vnd.oasis.opendocument.text" => Ok(Form::Odt),
            kind if kind.starts_with("application/vnd.oasis.") => {
                Err(Refusal::UnknownForm("内容是 OpenDocument 表格或演示文稿".to_owned()))
            }
            _ => Err(Refusal::UnknownForm("内容是其他格式的文档包".to_owned())),
        };
    }
    if let Some(types) = package.markup("[Content_Types].xml", budget)? {
        // Producers may put the main part elsewhere; its type tells the form.
        let types = String::from_utf8_lossy(&types);
        return match () {
            () if types.contains("wordprocessingml") => Ok(Form::Docx),
            () if types.contains("spreadsheetml") => Ok(Form::Xlsx),
            () if types.contains("presentationml") => {
                Err(Refusal::UnknownForm("内容是演示文稿（PPTX）".to_owned()))
            }
            () => Err(Refusal::UnknownForm("内容是其他格式的文档包".to_owned())),
        };
    }
    Ok(Form::Zip)
}

/// Form of a compound file, by the names of its streams.
fn compound_file(bytes: &[u8], budget: &mut Budget) -> Result<Form, Refusal> {
    let root = compound::root(bytes, budget)?;
    let mut has = |names: &[&str]| match &root {
        Some(root) => Ok(root.iter().any(|name| names.contains(&name.as_str()))),
        None => compound::holds(bytes, budget, |name| names.contains(&name)),
    };
    if has(&["EncryptedPackage", "EncryptionInfo"])? {
        return Err(Refusal::Encrypted);
    }
    if has(&["WordDocument"])? {
        return Ok(Form::Doc);
    }
    if has(&["Workbook", "Book"])? {
        return Ok(Form::Xls);
    }
    if has(&["PowerPoint Document"])? {
        return Err(Refusal::UnknownForm("内容是演示文稿（PPT、DPS）".to_owned()));
    }
    Err(match root {
        Some(_) => Refusal::UnknownForm("内容是复合文档，但不是 Word 文档或 Excel 表格".to_owned()),
        None => Refusal::Truncated("复合文档中找不到正文流".to_owned()),
    })
}

/// The reader of a form.
pub(crate) fn reader(form: Form) -> Reader {
    match form {
        Form::Text | Form::Markdown => text::read,
        Form::Html => html::read,
        Form::Mht => mht::read,
        Form::Docx => docx::read,
        Form::Odt => odt::read,
        Form::Xlsx => sheets::read_xlsx,
        Form::Xls => sheets::read_xls,
        Form::Zip => zip::read,
        Form::Doc => crate::doc::read,
        Form::Ofd => crate::ofd::read,
        Form::Rtf => crate::rtf::read,
        #[cfg(feature = "pdf")]
        Form::Pdf => crate::pdf::read,
        #[cfg(not(feature = "pdf"))]
        Form::Pdf => |_, _| Err(Refusal::NotBuilt("PDF")),
    }
}
