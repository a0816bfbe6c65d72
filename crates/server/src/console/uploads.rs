//! Files that were read on a page, of which items may be proposed and which may be imported: kept in memory for a time, for the key that
//! sent them.

use std::sync::Arc;

use super::shelf::Shelf;
use crate::problem::Problem;

/// Maximum number of files kept, and of their bytes together.
const MOST_FILES: usize = 64;
const MOST_BYTES: usize = 128 << 20;

/// Files with their names, by the key that sent them.
pub(crate) struct Uploads(Shelf<String, (String, Arc<Vec<u8>>)>);

impl Default for Uploads {
    fn default() -> Self {
        Self(Shelf::new(MOST_FILES, MOST_BYTES))
    }
}

impl Uploads {
    /// Keeps a file, and returns the random name under which the same key can take it; `None` for a file that is too large.
    ///
    /// # Errors
    /// The system's random generator failed.
    pub(crate) fn keep(&self, key: &str, name: &str, bytes: Vec<u8>) -> Result<Option<String>, Problem> {
        let size = bytes.len();
        if size > MOST_BYTES {
            return Ok(None);
        }
        self.0.keep(key.to_owned(), (name.to_owned(), Arc::new(bytes)), size).map(Some)
    }

    /// Takes a file of a key: its name and bytes. `None` if it is gone, or another key sent it.
    pub(crate) fn take(&self, key: &str, token: &str) -> Option<(String, Vec<u8>)> {
        let (name, bytes) = self.0.take(&key.to_owned(), token)?;
        Some((name, Arc::unwrap_or_clone(bytes)))
    }

    /// Name and bytes of a file of a key, which stays; `None` if it is gone, or another key sent it.
    pub(crate) fn get(&self, key: &str, token: &str) -> Option<(String, Arc<Vec<u8>>)> {
        self.0.get(&key.to_owned(), token)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn a_file_is_kept_for_its_sender_and_within_the_budget() {
        let uploads = Uploads::default();
        let keep = |key: &str, size: usize| uploads.keep(key, "a.pdf", vec![0; size]).unwrap();
        assert_eq!(keep("a", MOST_BYTES + 1), None);
        let first = keep("a", 10).unwrap();
        assert_eq!(uploads.take("b", &first), None, "another key");
        assert!(uploads.get("b", &first).is_none());
        assert_eq!(uploads.get("a", &first).unwrap().1.len(), 10, "it stays");
        assert_eq!(uploads.take("a", &first).unwrap().1.len(), 10);
        assert_eq!(uploads.take("a", &first), None, "taken once");
        let (old, new) = (keep("a", MOST_BYTES / 2).unwrap(), keep("a", MOST_BYTES / 2 + 1).unwrap());
        assert!(uploads.take("a", &old).is_none() && uploads.take("a", &new).is_some());
        let first = keep("a", 1).unwrap();
        (0..MOST_FILES).for_each(|_| drop(keep("b", 1)));
        assert!(uploads.take("a", &first).is_none());
    }
}
