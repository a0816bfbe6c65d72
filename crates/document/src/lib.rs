//! Files as policies are published (DOCX, PDF, OFD, web pages, sheets …), read into one model.
//!
//! [`read`] tells the form of a file by its content, never by its name, and gives a [`Document`]: paragraphs and
//! tables in reading order, each run of text with its [`Origin`] in the file. [`Document::text`] is the canonical
//! text that is stored and quoted, with the origin of every part of it.
//!
//! A file is read as an application displays it: tracked changes as if accepted, stored results of fields,
//! no hidden rows or characters, no running headers, footers and page numbers. A file that cannot be read so is
//! refused with the reason ([`Refusal`]); it never gives a text that is half right. A part that is missing while the
//! rest is sound is named in [`Document::remarks`].
//!
//! Pure: bytes in, model out; no I/O.

mod compound;
mod doc;
mod docx;
mod form;
mod grid;
mod html;
mod letterhead;
mod limits;
mod mht;
mod model;
mod number;
mod odt;
mod ofd;
mod package;
#[cfg(feature = "pdf")]
mod pdf;
mod printed;
mod refusal;
mod rtf;
mod sheets;
mod text;
mod xml;
mod zip;

pub use form::Form;
pub use limits::{Budget, Limits};
pub use model::{Block, Canonical, Cell, Document, Note, Origin, Paragraph, Role, Run, Span, Table};
pub use refusal::Refusal;
pub use sheets::{SheetData, Value, sheets};

/// Reads a file of any known form.
///
/// # Errors
/// The [`Refusal`] that says why the file cannot be read.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Document, Refusal> {
    if bytes.len() as u64 > limits.file {
        return Err(Refusal::over("文件大小（字节）", limits.file));
    }
    let mut budget = Budget::new(limits, bytes.len());
    let form = form::of(bytes, &mut budget)?;
    form::reader(form)(bytes, &mut budget)
}
