//! Form of a file of enterprises: detected from its content, with the meaning of its columns.

use std::collections::BTreeSet;
use std::path::Path;

use zhaoren_policy::fact::FactDictionary;

use crate::table::fact_words::FactWords;
use crate::table::known_words::KnownWords;
use crate::table::layout::{Layout, Unused};
use crate::table::paths::{Kind, failed, kind};
use crate::table::readers::{ParquetForm, check_compression};
use crate::table::sheet::{self, Page, PageForm};
use crate::table::text::TextForm;
use crate::table::{Mapping, TableError};

/// Form of a file, with the meaning of its columns.
#[derive(Debug)]
pub(super) enum Form {
    Parquet {
        layout: Layout,
        used: Vec<usize>,
        instants: Vec<usize>,
    },
    Text {
        layout: Layout,
        text: TextForm,
    },
    Sheets(Vec<SheetForm>),
    Lines(TextForm),
    Json(TextForm),
    /// Table without even a header.
    Nothing,
}

/// Sheet of a workbook that is read.
#[derive(Debug)]
pub(super) struct SheetForm {
    pub(super) page: PageForm,
    pub(super) layout: Layout,
    /// Name of the file, with that of the sheet if several are read.
    pub(super) name: String,
}

/// A file that was looked at.
pub(super) struct Opened {
    pub(super) form: Form,
    pub(super) unused: Vec<Unused>,
    /// Remarks about how it is read.
    pub(super) notes: Vec<String>,
}

impl Opened {
    fn new(form: Form) -> Self {
        Self { form, unused: Vec::new(), notes: Vec::new() }
    }
}

/// Detects the format of a file and the meaning of its columns. `name` is shown for its sheets. For a look (`raw`) no column is
/// given a meaning.
pub(super) fn open(
    path: &Path,
    name: &str,
    dictionary: &FactDictionary,
    mapping: Option<&Mapping>,
    raw: bool,
) -> Result<Opened, TableError> {
    let known = KnownWords { words: FactWords::new(dictionary), mapping };
    let layout = |headers: Vec<String>| match raw {
        true => Ok((Layout::raw(headers), Vec::new())),
        false => Layout::new(headers, dictionary, mapping),
    };
    let failed = failed(path);
    Ok(match kind(path)? {
        Kind::Parquet => {
            let ParquetForm { headers, instants } = ParquetForm::of(path)?;
            let (layout, unused) = layout(headers).map_err(|error| failed(&error))?;
            let used = layout.used();
            check_compression(path, &used)?;
            Opened { form: Form::Parquet { used, layout, instants }, unused, notes: Vec::new() }
        }
        Kind::Text => {
            let (text, head) = TextForm::of(path)?.head(path, &known)?;
            if head.headings.is_empty() {
                return Ok(Opened::new(Form::Nothing));
            }
            let (layout, unused) = layout(head.headings).map_err(|error| failed(&error))?;
            Opened { form: Form::Text { layout, text }, unused, notes: head.note.into_iter().collect() }
        }
        Kind::Sheet => {
            let book = sheet::open(path, &known)?;
            // A look is at the sheets that would be read, or at all if none would.
            let is_list = |headings: &Vec<String>| Layout::new(headings.clone(), dictionary, mapping);
            let has_list = raw && book.pages.iter().any(|page| is_list(&page.headings).is_ok());
            let layout = |headings: Vec<String>| match has_list {
                true => is_list(&headings).and_then(|_| layout(headings)),
                false => layout(headings),
            };
            sheets(book, name, &layout).map_err(|error| failed(&error))?
        }
        Kind::Lines => Opened::new(Form::Lines(TextForm::of(path)?)),
        Kind::Json => Opened::new(Form::Json(TextForm::of(path)?)),
    })
}

/// Sheets of a workbook that are read: the first in which enterprises have an id, and those with the same headings.
fn sheets(
    book: sheet::Book,
    name: &str,
    layout: &dyn Fn(Vec<String>) -> Result<(Layout, Vec<Unused>), String>,
) -> Result<Opened, String> {
    let mut opened = Opened::new(Form::Nothing);
    let mut first: Option<(String, BTreeSet<String>)> = None;
    let mut failure: Option<String> = None;
    let mut unread: Vec<(String, String)> = Vec::new();
    let mut forms: Vec<SheetForm> = Vec::new();
    let is_single = book.pages.len() == 1 && book.hidden.is_empty();
    for Page { form, headings, notes } in book.pages {
        let set: BTreeSet<String> = headings.iter().filter(|text| !text.is_empty()).cloned().collect();
        if let Some((like, expected)) = &first
            && set != *expected
        {
            unread.push((form.name, format!("表头与工作表“{like}”不同")));
            continue;
        }
        match layout(headings) {
            Ok((layout, unused)) => {
                if first.is_none() {
                    first = Some((form.name.clone(), set));
                }
                opened.unused.extend(unused);
                let shown = |note: String| match form.name.as_str() {
                    sheet if is_single || sheet.is_empty() => note,
                    sheet => format!("工作表“{sheet}”：{note}"),
                };
                opened.notes.extend(notes.into_iter().map(shown));
                forms.push(SheetForm { page: form, layout, name: name.to_owned() });
            }
            Err(error) => {
                let at = |sheet: &str| {
                    if sheet.is_empty() { error.clone() } else { format!("工作表“{sheet}”{error}") }
                };
                failure.get_or_insert_with(|| at(&form.name));
                unread.push((form.name, error));
            }
        }
    }
    if first.is_none()
        && let Some(failure) = failure
    {
        return Err(failure);
    }
    for (sheet, why) in unread {
        let sheet = if sheet.is_empty() {
            "页面中的另一张表".to_owned()
        } else {
            format!("工作表“{sheet}”")
        };
        opened.notes.push(format!("{sheet}没有读取：{why}"));
    }
    if !book.hidden.is_empty() {
        opened.notes.push(format!("隐藏的工作表没有读取：{}", book.hidden.join("、")));
    }
    if forms.len() > 1 {
        let names: Vec<&str> =
            forms.iter().map(|form| form.page.name.as_str()).filter(|name| !name.is_empty()).collect();
        if !names.is_empty() {
            opened.notes.push(format!("读取了表头相同的 {} 张工作表：{}", forms.len(), names.join("、")));
        }
        for form in &mut forms {
            form.name = format!("{name}（{}）", form.page.name);
        }
    }
    if !forms.is_empty() {
        opened.form = Form::Sheets(forms);
    }
    Ok(opened)
}
