//! Archives: a notice with its annexes, read one after the other as documents of their own.

use std::sync::Arc;

use crate::form::{self, Form};
use crate::limits::Budget;
use crate::model::{Block, Document, Note, Origin, Paragraph, Role, Run};
use crate::package::Package;
use crate::refusal::Refusal;

/// Archives in archives that are opened; the innermost are named only.
const DEPTH: usize = 3;

/// Reads an archive.
///
/// # Errors
/// It is encrypted, broken, exceeds a limit, or none of its files can be read: then the reason of the first.
pub(crate) fn read(bytes: &[u8], budget: &mut Budget) -> Result<Document, Refusal> {
    let mut document = Document::new(Form::Zip);
    let mut first = None;
    archive(bytes, "", 0, &mut document, &mut first, budget)?;
    if document.blocks.is_empty() {
        return Err(first.unwrap_or(Refusal::Empty));
    }
    Ok(document)
}

/// Adds the files of an archive whose names begin with `path`. What cannot be read is remarked; limits end the whole.
fn archive(
    bytes: &[u8],
    path: &str,
    depth: usize,
    document: &mut Document,
    first: &mut Option<Refusal>,
    budget: &mut Budget,
) -> Result<(), Refusal> {
    let mut package = Package::open(bytes, budget)?;
    for name in in_order(&package) {
        budget.step(1)?;
        let whole = format!("{path}{name}");
        let content = match package.part(&name, budget) {
            Ok(Some(content)) => content,
            Ok(None) => continue,
            // An archive is encrypted file by file, with one password.
            Err(refusal @ (Refusal::Bomb { .. } | Refusal::Encrypted)) => return Err(refusal),
            Err(refusal) => {
                remark(&whole, &refusal, document);
                first.get_or_insert(refusal);
                continue;
            }
        };
        match form::of(&content, budget) {
            Ok(Form::Zip) if depth < DEPTH => {
                archive(&content, &format!("{whole}/"), depth + 1, document, first, budget)?;
            }
            Ok(Form::Zip) => {
                let refusal = Refusal::over("压缩包嵌套层数", DEPTH as u64);
                remark(&whole, &refusal, document);
                first.get_or_insert(refusal);
            }
            found => match found.and_then(|form| form::reader(form)(&content, budget)) {
                Ok(inner) => add(inner, &whole, document),
                Err(refusal @ Refusal::Bomb { .. }) => return Err(refusal),
                Err(refusal) => {
                    remark(&whole, &refusal, document);
                    first.get_or_insert(refusal);
                }
            },
        }
    }
    Ok(())
}

/// The files of an archive, the notice before its annexes, without folders and what systems add.
fn in_order(package: &Package<'_>) -> Vec<String> {
    let is_file = |name: &&str| {
        let last = name.rsplit('/').next().unwrap_or_default();
        !last.is_empty() && !last.starts_with('.') && !name.starts_with("__MACOSX/") && last != "Thumbs.db"
    };
    let mut names: Vec<String> = package.names().into_iter().filter(is_file).map(str::to_owned).collect();
    names.sort_by_key(|name| {
        (name.contains("附件") || name.contains("附表"), name.matches('/').count(), name.clone())
    });
    names
}

/// Adds the result of reading a file: its name as a heading, its text and its notes; of the first file also title and facts.
fn add(inner: Document, name: &str, document: &mut Document) {
    let origin = Origin::Part { part: Arc::from(name), paragraph: 0 };
    let runs = vec![Run { text: name.to_owned(), origin }];
    if document.blocks.is_empty() {
        document.title = inner.title;
        document.facts = inner.facts;
    } else {
        document.blocks.push(Block::Paragraph(Paragraph { role: Role::Heading(1), number: None, runs }));
    }
    let (mut blocks, mut notes) = (inner.blocks, inner.notes);
    enter(&mut blocks, &mut notes, &Arc::from(name));
    document.blocks.extend(blocks);
    document.notes.extend(notes);
    document.annexes.push((name.to_owned(), name.to_owned()));
    document.annexes.extend(inner.annexes);
    document.remarks.extend(inner.remarks.into_iter().map(|remark| format!("{name}：{remark}")));
}

/// Makes the places of blocks and notes those of an entry.
pub(crate) fn enter(blocks: &mut [Block], notes: &mut [Note], entry: &Arc<str>) {
    blocks.iter_mut().for_each(|block| enter_block(block, entry));
    let paragraphs = notes.iter_mut().flat_map(|note| &mut note.paragraphs);
    paragraphs.for_each(|paragraph| enter_paragraph(paragraph, entry));
}

fn enter_block(block: &mut Block, entry: &Arc<str>) {
    match block {
        Block::Paragraph(paragraph) => enter_paragraph(paragraph, entry),
        Block::Table(table) => {
            let cells = table.rows.iter_mut().flatten().flatten();
            cells.flat_map(|cell| &mut cell.blocks).for_each(|block| enter_block(block, entry));
        }
    }
}

fn enter_paragraph(paragraph: &mut Paragraph, entry: &Arc<str>) {
    for run in &mut paragraph.runs {
        zhaoren_cancel::poll();
        let inner = std::mem::replace(&mut run.origin, Origin::Bytes(0..0));
        run.origin = Origin::Entry { entry: Arc::clone(entry), place: Box::new(inner) };
    }
}

fn remark(name: &str, refusal: &Refusal, document: &mut Document) {
    document.annexes.push((name.to_owned(), name.to_owned()));
    document.remarks.push(format!("压缩包中的“{name}”没有读取：{refusal}"));
}
