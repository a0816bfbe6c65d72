//! `CURRENT`: the small file that names the generation in use.
//!
//! Its first line is the number of that generation, followed by the word `pinned` if it was selected by hand (回滚);
//! each further line is an earlier one that is kept, most recently used first. The file is always replaced as a whole.

use std::fs;
use std::path::Path;

use crate::error::IndexError;
use crate::files::{at, sync_folder, write};

/// The generation in use and the earlier ones that are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// The generation in use.
    pub number: u64,
    /// True if it was selected by hand: it then need not match the current state of its source.
    pub pinned: bool,
    /// Earlier generations that are kept, most recently used first.
    pub retained: Vec<u64>,
}

const CURRENT: &str = "CURRENT";
const ASIDE: &str = ".CURRENT";
/// Minimum number of digits of a generation number.
const DIGITS: usize = 6;
const PINNED: &str = "pinned";

impl Pointer {
    /// Reads the pointer under `root`; none if no generation was ever published.
    ///
    /// # Errors
    /// The file cannot be read, or names no generation.
    pub fn read(root: &Path) -> Result<Option<Self>, IndexError> {
        let path = root.join(CURRENT);
        let unfit = |reason: String| IndexError::Incompatible { path: path.clone(), reason };
        let text = match fs::read(&path) {
            Ok(bytes) => String::from_utf8(bytes).map_err(|_| unfit("it is no text".to_owned()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(&path)(error)),
        };
        let number = |word: &str| {
            let word = word.trim();
            // Six digits or more, as they are written: no other text is made into a path.
            let digits = word.len() >= DIGITS && word.bytes().all(|byte| byte.is_ascii_digit());
            let number = word.parse::<u64>().ok().filter(|_| digits);
            number.ok_or_else(|| {
                let begin: String = word.chars().take(40).collect();
                unfit(format!("`{begin}` is no number of a generation"))
            })
        };
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let (name, pinned) = match first.split_once(' ') {
            Some((name, PINNED)) => (name, true),
            _ => (first, false),
        };
        let retained: Result<Vec<u64>, IndexError> = lines.map(number).collect();
        Ok(Some(Self { number: number(name)?, pinned, retained: retained? }))
    }

    /// Reads the pointer as [`Pointer::read`] does, for callers that can build anew: an invalid pointer counts as none.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read_valid(root: &Path) -> Result<Option<Self>, IndexError> {
        match Self::read(root) {
            Err(IndexError::Incompatible { .. }) => Ok(None),
            read => read,
        }
    }

    /// Pointer to a new generation, followed by the most recently used of the others, `limit` in all.
    pub(crate) fn after(before: Option<Self>, number: u64, limit: usize) -> Self {
        let mut retained = before.map(|before| before.others(number)).unwrap_or_default();
        retained.truncate(limit.max(1) - 1);
        Self { number, pinned: false, retained }
    }

    /// Pointer to another generation that is kept.
    pub(crate) fn moved(self, number: u64, pinned: bool) -> Self {
        Self { number, pinned, retained: self.others(number) }
    }

    fn others(self, number: u64) -> Vec<u64> {
        std::iter::once(self.number).chain(self.retained).filter(|other| *other != number).collect()
    }

    /// True if a generation is in use or kept.
    pub fn contains(&self, number: u64) -> bool {
        self.number == number || self.retained.contains(&number)
    }

    /// Replaces the pointer under `root`.
    pub(crate) fn write(&self, root: &Path) -> Result<(), IndexError> {
        let mut text = format!("{:06}", self.number);
        if self.pinned {
            text.push(' ');
            text.push_str(PINNED);
        }
        for number in &self.retained {
            text.push_str(&format!("\n{number:06}"));
        }
        text.push('\n');
        let (aside, path) = (root.join(ASIDE), root.join(CURRENT));
        write(&aside, text.as_bytes())?;
        zhaoren_disk::failpoint::reach("pointer-written");
        fs::rename(&aside, &path).map_err(at(&path))?;
        sync_folder(root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_round_trip() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Pointer::read(folder.path()).unwrap(), None);
        let pointer = Pointer { number: 7, pinned: true, retained: vec![9, 4] };
        pointer.write(folder.path()).unwrap();
        assert_eq!(Pointer::read(folder.path()).unwrap(), Some(pointer.clone()));
        let next = Pointer::after(Some(pointer), 10, 3);
        assert_eq!(next, Pointer { number: 10, pinned: false, retained: vec![7, 9] });
        assert_eq!(next.moved(9, true), Pointer { number: 9, pinned: true, retained: vec![10, 7] });
    }

    /// An entry that is no number of six digits is never followed, and does not prevent a new build.
    #[test]
    fn invalid_pointers_name_no_generation() {
        let folder = tempfile::tempdir().unwrap();
        let garbage: [&[u8]; 11] = [
            b"",
            b"x",
            b"000007 pinnd",
            b"000007\nx",
            b"../7",
            b"../..",
            b"7",
            b"+00007",
            b"\xff\xfe",
            b"000007\0",
            b"99999999999999999999999",
        ];
        for text in garbage {
            fs::write(folder.path().join(CURRENT), text).unwrap();
            assert!(matches!(Pointer::read(folder.path()), Err(IndexError::Incompatible { .. })), "{text:?}");
            assert_eq!(Pointer::read_valid(folder.path()).unwrap(), None, "{text:?}");
        }
        let next = Pointer::after(Pointer::read_valid(folder.path()).unwrap(), 8, 3);
        next.write(folder.path()).unwrap();
        assert_eq!(Pointer::read(folder.path()).unwrap(), Some(next));
    }
}
