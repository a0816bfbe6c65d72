//! Opening of a file: is it whole, is it closed by a password, and does it unfold to more than it may?

use hayro_syntax::object::Dict;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use super::stream;
use crate::limits::Budget;
use crate::refusal::Refusal;

/// The file, ready to read its pages.
pub(super) fn open(bytes: &[u8], budget: &mut Budget) -> Result<Pdf, Refusal> {
    whole(bytes)?;
    measure(bytes, budget)?;
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(
            DecryptionError::UnsupportedAlgorithm | DecryptionError::PasswordProtected,
        ) => Refusal::Encrypted,
        LoadPdfError::Decryption(_) => Refusal::Damaged("加密信息有误".to_owned()),
        LoadPdfError::Invalid => Refusal::Damaged("PDF 的目录结构无法读取".to_owned()),
    })?;
    let limit = budget.limits().pages;
    if pdf.pages().len() > limit {
        return Err(Refusal::over("页数", limit as u64));
    }
    Ok(pdf)
}

/// The number of pages that the file says it has.
pub(super) fn page_count(pdf: &Pdf) -> Option<usize> {
    let catalogue = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id())?;
    catalogue.get::<Dict<'_>>("Pages")?.get::<u32>("Count")?.try_into().ok()
}

/// Refuses a file that ends before its end mark. The last part of a file is its table of contents; without it a reader
/// guesses, and gives what happens to be there.
fn whole(bytes: &[u8]) -> Result<(), Refusal> {
    let Some(end) = last(bytes, b"%%EOF") else {
        return Err(Refusal::Truncated("缺少 PDF 文件的结尾".to_owned()));
    };
    let after = bytes.get(end..).unwrap_or_default();
    // Objects after the end mark are an update that was cut off, or the rest of a file made for the Web.
    if last(after, b" obj").is_some() {
        return Err(Refusal::Truncated("最后一次修改的内容不完整".to_owned()));
    }
    Ok(())
}

fn last(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).rposition(|window| window == word)
}

/// Length up to which a dictionary before a stream is looked through.
const DICTIONARY: usize = 4 << 10;

/// Takes from the budget what the streams unpack to that `hayro` unpacks by itself on opening: tables of objects and
/// streams of objects. Pictures, fonts and contents are counted when they are used.
fn measure(bytes: &[u8], budget: &mut Budget) -> Result<(), Refusal> {
    const WORD: &[u8] = b"stream";
    let mut at = 0;
    while let Some(found) = position(bytes.get(at..).unwrap_or_default(), WORD) {
        zhaoren_cancel::poll();
        let start = at + found;
        at = start + WORD.len();
        if bytes.get(..start).is_some_and(|before| before.ends_with(b"end")) {
            continue;
        }
        let before = bytes.get(start.saturating_sub(DICTIONARY)..start).unwrap_or_default();
        // Looking back has its price for a file of nothing but this word.
        budget.step(before.len() as u64 / 64 + 1)?;
        let dictionary = last(before, b" obj").and_then(|at| before.get(at..));
        let unpacks = dictionary.is_none_or(|dictionary| {
            // A name may be spelt with `#`.
            [&b"ObjStm"[..], b"XRef", b"#"].iter().any(|word| position(dictionary, word).is_some())
        });
        if !unpacks {
            continue;
        }
        let mut data = bytes.get(at..).unwrap_or_default();
        while let Some((b'\r' | b'\n' | b' ', rest)) = data.split_first() {
            data = rest;
        }
        let data = data.get(..position(data, b"endstream").unwrap_or(data.len())).unwrap_or_default();
        let left = usize::try_from(budget.unpacked_left()).unwrap_or(usize::MAX);
        budget.step(data.len() as u64 / 64)?;
        let length = stream::inflated(data, left)
            .map_or(budget.unpacked_left().saturating_add(1), |out| out.data.len() as u64);
        budget.unpack(length)?;
        budget.step(length / 64)?;
    }
    Ok(())
}

fn position(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}
