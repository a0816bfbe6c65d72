//! Digests that identify a run's inputs and results: SHA-256 of files, and of the fact dictionary.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use zhaoren_policy::fact::FactDictionary;

use crate::files;

/// Name, length and hash of a finished file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FileDigest {
    /// File name within the folder.
    pub name: String,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
}

impl FileDigest {
    /// Name, length and hash of an existing file.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut hash = Sha256::new();
        let mut bytes = 0;
        let mut part = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut part)?;
            if read == 0 {
                break;
            }
            hash.update(part.get(..read).unwrap_or_default());
            bytes += read as u64;
        }
        Ok(Self { name: file_name(path), bytes, sha256: hex::encode(hash.finalize()) })
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Writer that hashes the bytes written.
pub(crate) struct Hashing {
    out: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

impl Hashing {
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let out = BufWriter::with_capacity(1 << 20, files::create(path)?);
        Ok(Self { out, hash: Sha256::new(), bytes: 0 })
    }

    /// Syncs the file and returns its digest.
    pub(crate) fn finish(self, path: &Path) -> io::Result<FileDigest> {
        let file = self.out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(FileDigest { name: file_name(path), bytes: self.bytes, sha256: hex::encode(self.hash.finalize()) })
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// SHA-256 over the facts of a dictionary.
pub(crate) fn facts_digest(dictionary: &FactDictionary) -> String {
    let mut hash = Sha256::new();
    for fact in dictionary.iter() {
        // INVARIANT: a fact is plain data and always has a JSON form.
        hash.update(serde_json::to_vec(fact).unwrap_or_default());
    }
    hex::encode(hash.finalize())
}
