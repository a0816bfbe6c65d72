//! Files that were read on a page, of which items may be proposed and which may be imported: kept in memory for a time, for the key that
//! sent them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::problem::Problem;

/// Time for which a file is kept after its last use: a working day, in which the items of a long document are reviewed.
const KEPT: Duration = Duration::from_hours(10);

/// Maximum number of files kept, and of their bytes together. The oldest goes first.
const MOST_FILES: usize = 64;
const MOST_BYTES: usize = 128 << 20;

/// Files kept, oldest first.
#[derive(Default)]
pub(crate) struct Uploads(Mutex<VecDeque<Upload>>);

struct Upload {
    token: String,
    /// Name of the key that sent it.
    key: String,
    name: String,
    bytes: Arc<Vec<u8>>,
    at: Instant,
}

impl Uploads {
    /// Keeps a file, and returns the random name under which the same key can take it; `None` for a file that is too large.
    ///
    /// # Errors
    /// The system's random generator failed.
    pub(crate) fn keep(&self, key: &str, name: &str, bytes: Vec<u8>) -> Result<Option<String>, Problem> {
        if bytes.len() > MOST_BYTES {
            return Ok(None);
        }
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random).map_err(|error| Problem::internal(&error))?;
        let token = hex::encode(random);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|upload| upload.at.elapsed() < KEPT);
        let mut size: usize = all.iter().map(|upload| upload.bytes.len()).sum::<usize>() + bytes.len();
        while all.len() >= MOST_FILES || size > MOST_BYTES {
            let Some(oldest) = all.pop_front() else { break };
            size -= oldest.bytes.len();
        }
        all.push_back(Upload {
            token: token.clone(),
            key: key.to_owned(),
            name: name.to_owned(),
            bytes: Arc::new(bytes),
            at: Instant::now(),
        });
        Ok(Some(token))
    }

    /// Takes a file of a key: its name and bytes. `None` if it is gone, or another key sent it.
    pub(crate) fn take(&self, key: &str, token: &str) -> Option<(String, Vec<u8>)> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|upload| upload.at.elapsed() < KEPT);
        let at = all.iter().position(|upload| upload.token == token && upload.key == key)?;
        all.remove(at).map(|upload| (upload.name, Arc::unwrap_or_clone(upload.bytes)))
    }

    /// Name and bytes of a file of a key, which stays; `None` if it is gone, or another key sent it.
    pub(crate) fn get(&self, key: &str, token: &str) -> Option<(String, Arc<Vec<u8>>)> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|upload| upload.at.elapsed() < KEPT);
        let upload = all.iter_mut().find(|upload| upload.token == token && upload.key == key)?;
        upload.at = Instant::now();
        Some((upload.name.clone(), Arc::clone(&upload.bytes)))
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
