//! Streams of a compound file (OLE2), which determine its form.
//!
//! If its tables are broken, they are found by directory entries alone: an entry lies at a multiple of 128 bytes behind the
//! header, wherever the chain of sectors leads.

use std::io::Cursor;

use crate::limits::Budget;
use crate::refusal::Refusal;

/// The first bytes of a compound file.
pub(crate) const SIGNATURE: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Length of a directory entry, in bytes.
const ENTRY: usize = 128;

/// Names of the streams and storages in the root of a compound file; `None` where its tables are broken. What lies deeper belongs to
/// embedded objects.
///
/// # Errors
/// The budget is used up.
pub(crate) fn root(bytes: &[u8], budget: &mut Budget) -> Result<Option<Vec<String>>, Refusal> {
    budget.step(bytes.len() as u64 / ENTRY as u64)?;
    let Ok(file) = cfb::CompoundFile::open(Cursor::new(bytes)) else { return Ok(None) };
    let limit = budget.limits().entries;
    Ok(Some(file.read_root_storage().take(limit).map(|entry| entry.name().to_owned()).collect()))
}

/// True if the directory names a stream or storage that `is_wanted`.
///
/// # Errors
/// The budget is used up.
pub(crate) fn holds(
    bytes: &[u8],
    budget: &mut Budget,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<bool, Refusal> {
    budget.step(bytes.len() as u64 / ENTRY as u64)?;
    let mut entries = bytes.get(512..).unwrap_or_default().chunks_exact(ENTRY);
    Ok(entries.any(|entry| name(entry).is_some_and(|name| is_wanted(&name))))
}

/// The name that an entry holds, if it looks like an entry.
fn name(entry: &[u8]) -> Option<String> {
    let length = usize::from(u16::from_le_bytes([*entry.get(64)?, *entry.get(65)?]));
    let kind = *entry.get(66)?;
    if !(4..=64).contains(&length) || length % 2 != 0 || !matches!(kind, 1 | 2) {
        return None;
    }
    let units = entry.get(..length - 2)?.chunks_exact(2).map(|pair| match pair {
        [low, high] => u16::from_le_bytes([*low, *high]),
        _ => 0,
    });
    char::decode_utf16(units).collect::<Result<String, _>>().ok()
}
