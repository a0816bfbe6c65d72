//! Papers of an office as files: a Word document (`docx`) and an Excel workbook (`xlsx`), both Office Open XML (ECMA-376).
//!
//! Only what papers of an office need is written: headings, paragraphs, lists to tick, tables, pages with their number. The same
//! paper gives the same bytes. Text is text: a cell never becomes a formula.
//!
//! ```
//! use zhaoren_office::{Block, Paper};
//!
//! let paper = Paper {
//!     title: "服务包".to_owned(),
//!     header: "示例企业".to_owned(),
//!     blocks: vec![Block::Heading(1, "现在可以办".to_owned()), Block::Text("甲补贴，最高10万元".to_owned())],
//! };
//! let bytes = paper.docx().unwrap();
//! assert!(bytes.starts_with(b"PK"));
//! ```

mod package;
mod paper;
mod workbook;
mod xml;

pub use paper::{Block, Paper};
pub use workbook::{Sheet, Workbook};

/// A file could not be written: out of memory, or beyond the limits of the format.
#[derive(Debug, thiserror::Error)]
#[error("写不成文件：{0}")]
pub struct OfficeError(pub(crate) String);
