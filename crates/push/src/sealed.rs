//! Files of frames with a footer: the container of the states of runs and of the stores of enterprises.
//!
//! ```text
//! file  = magic[8] frame* footer footer_length[8] sha256[32] magic[8]
//! frame = one zstd frame with a checksum
//! ```
//!
//! The hash covers the footer, and each frame has its own checksum, so a part can be read and trusted without the rest.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;

use sha2::{Digest, Sha256};

/// Magic bytes at both ends of a file of one kind.
pub(crate) type Magic = [u8; 8];

const TAIL: usize = 8 + 32 + 8;

/// Compresses bytes into a frame.
pub(crate) fn frame(plain: &[u8], level: i32) -> io::Result<Vec<u8>> {
    let mut encoder = zstd::Encoder::new(Vec::new(), level)?;
    encoder.include_checksum(true)?;
    encoder.write_all(plain)?;
    encoder.finish()
}

/// End of a file: footer, its length and hash, and the magic bytes.
pub(crate) fn seal(footer: Vec<u8>, magic: &Magic) -> Vec<u8> {
    let length = (footer.len() as u64).to_le_bytes();
    let hash = Sha256::digest(&footer);
    [footer.as_slice(), &length, &hash, magic].concat()
}

/// Footer of a file; `None` if the file is of another kind or its end is damaged.
pub(crate) fn footer(file: &File, magic: &Magic) -> io::Result<Option<Vec<u8>>> {
    let length = file.metadata()?.len();
    let Some(tail_at) = length.checked_sub(TAIL as u64) else { return Ok(None) };
    let mut tail = [0; TAIL];
    file.read_exact_at(&mut tail, tail_at)?;
    let (size, rest) = tail.split_at(8);
    let (hash, end) = rest.split_at(32);
    let size = size.try_into().map_or(u64::MAX, u64::from_le_bytes);
    let Some(from) = tail_at.checked_sub(size).filter(|_| end == magic) else { return Ok(None) };
    let Ok(size) = usize::try_from(size) else { return Ok(None) };
    let mut footer = vec![0; size];
    file.read_exact_at(&mut footer, from)?;
    Ok((Sha256::digest(&footer).as_slice() == hash).then_some(footer))
}
