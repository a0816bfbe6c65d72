//! Digests of records.

use sha2::{Digest, Sha256};

/// SHA-256 of the parts, each led by its length so that no two lists of parts agree, as hexadecimal digits.
pub fn digest(parts: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
