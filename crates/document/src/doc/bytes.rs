//! Little-endian numbers at places of a byte string, and the variable-length lists of a Word file.

/// The byte at a place.
pub(crate) fn u8_at(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

/// The 16-bit number at a place.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    bytes.try_into().ok().map(u16::from_le_bytes)
}

/// The 32-bit number at a place.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    bytes.try_into().ok().map(u32::from_le_bytes)
}

/// The 32-bit number at a place, as an index.
pub(crate) fn index_at(bytes: &[u8], at: usize) -> Option<usize> {
    u32_at(bytes, at).and_then(|number| usize::try_from(number).ok())
}

/// A PLC ([MS-DOC] 2.2.2): `n + 1` places, then `n` data elements of `size` bytes. Each element is given with the places
/// before and after it.
pub(crate) fn plc(bytes: &[u8], size: usize) -> impl Iterator<Item = (usize, usize, &[u8])> {
    let count = bytes.len().saturating_sub(4) / (4 + size);
    (0..count).filter_map(move |index| {
        let (from, to) = (index_at(bytes, index * 4)?, index_at(bytes, index * 4 + 4)?);
        let data = (count + 1) * 4 + index * size;
        Some((from, to, bytes.get(data..data + size)?))
    })
}
