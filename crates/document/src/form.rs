//! The form of a file, told by its content.

use crate::limits::Budget;
use crate::model::Document;
use crate::refusal::Refusal;

/// A form that files are published in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Plain text and Markdown, in any encoding.
    Text,
    /// A web page.
    Html,
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

/// A function that reads one form.
pub(crate) type Reader = fn(&[u8], &mut Budget) -> Result<Document, Refusal>;

/// The form of the content.
///
/// # Errors
/// The content is empty or no known form.
pub(crate) fn of(bytes: &[u8]) -> Result<Form, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if bytes.starts_with(b"%PDF-") {
        return Ok(Form::Pdf);
    }
    Err(Refusal::UnknownForm("内容开头不属于任何已知格式".to_owned()))
}

/// The reader of a form.
pub(crate) fn reader(form: Form) -> Reader {
    match form {
        #[cfg(feature = "pdf")]
        Form::Pdf => crate::pdf::read,
        #[cfg(not(feature = "pdf"))]
        Form::Pdf => |_, _| Err(Refusal::NotBuilt("PDF")),
        Form::Text
        | Form::Html
        | Form::Docx
        | Form::Odt
        | Form::Doc
        | Form::Rtf
        | Form::Ofd
        | Form::Xlsx
        | Form::Xls
        | Form::Zip => |_, _| Err(Refusal::NotBuilt("此格式")),
    }
}
