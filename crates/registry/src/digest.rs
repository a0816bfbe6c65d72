//! Digests of records.

use sha2::{Digest, Sha256};

/// SHA-256 of the parts, each prefixed with its length so that no two lists of parts collide, as hexadecimal digits.
pub fn digest(parts: &[&[u8]]) -> String {
    hex::encode(raw(parts))
}

/// SHA-256 of the parts as bytes.
pub(crate) fn raw(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}
