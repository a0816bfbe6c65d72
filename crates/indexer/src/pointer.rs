//! `CURRENT`: the one small file that says which generation is in use.
//!
//! Its first line is the number of that generation, with the word `pinned` behind it when it was chosen by hand
//! (回滚); each further line is an earlier one that is kept, the last used first. It is only ever replaced as a whole.

use std::fs;
use std::path::Path;

use crate::error::IndexError;
use crate::generation::{at, sync_folder, write};

/// Which generation is in use, and which earlier ones are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// The generation in use.
    pub number: u64,
    /// Whether it was chosen by hand, so that it need not hold what its source holds now.
    pub pinned: bool,
    /// Earlier ones that are kept, the last used first.
    pub kept: Vec<u64>,
}

const CURRENT: &str = "CURRENT";
const ASIDE: &str = ".CURRENT";
const PINNED: &str = "pinned";

impl Pointer {
    /// The pointer under `root`; none where nothing was ever published.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(root: &Path) -> Result<Option<Self>, IndexError> {
        let path = root.join(CURRENT);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(&path)(error)),
        };
        let number = |word: &str| {
            let unfit = |_| IndexError::Unfit {
                path: path.clone(),
                reason: format!("`{word}` is no number of a generation"),
            };
            word.trim().parse::<u64>().map_err(unfit)
        };
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let (name, pinned) = match first.split_once(' ') {
            Some((name, PINNED)) => (name, true),
            _ => (first, false),
        };
        let kept: Result<Vec<u64>, IndexError> = lines.map(number).collect();
        Ok(Some(Self { number: number(name)?, pinned, kept: kept? }))
    }

    /// The pointer at a new generation, with the last used of the others, `keep` in all.
    pub(crate) fn after(before: Option<Self>, number: u64, keep: usize) -> Self {
        let mut kept = before.map(|before| before.others(number)).unwrap_or_default();
        kept.truncate(keep.max(1) - 1);
        Self { number, pinned: false, kept }
    }

    /// The pointer moved to a generation that is kept.
    pub(crate) fn moved(self, number: u64, pinned: bool) -> Self {
        Self { number, pinned, kept: self.others(number) }
    }

    fn others(self, number: u64) -> Vec<u64> {
        std::iter::once(self.number).chain(self.kept).filter(|other| *other != number).collect()
    }

    /// Whether a generation is in use or kept.
    pub fn names(&self, number: u64) -> bool {
        self.number == number || self.kept.contains(&number)
    }

    /// Replaces the pointer under `root`.
    pub(crate) fn write(&self, root: &Path) -> Result<(), IndexError> {
        let mut text = format!("{:06}", self.number);
        if self.pinned {
            text.push(' ');
            text.push_str(PINNED);
        }
        for number in &self.kept {
            text.push_str(&format!("\n{number:06}"));
        }
        text.push('\n');
        let (aside, path) = (root.join(ASIDE), root.join(CURRENT));
        write(&aside, text.as_bytes())?;
        fs::rename(&aside, &path).map_err(at(&path))?;
        sync_folder(root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Pointer::read(folder.path()).unwrap(), None);
        let pointer = Pointer { number: 7, pinned: true, kept: vec![9, 4] };
        pointer.write(folder.path()).unwrap();
        assert_eq!(Pointer::read(folder.path()).unwrap(), Some(pointer.clone()));
        let next = Pointer::after(Some(pointer), 10, 3);
        assert_eq!(next, Pointer { number: 10, pinned: false, kept: vec![7, 9] });
        assert_eq!(next.moved(9, true), Pointer { number: 9, pinned: true, kept: vec![10, 7] });
        for text in ["", "x", "7 pinnd", "7\nx", "../7"] {
            fs::write(folder.path().join(CURRENT), text).unwrap();
            assert!(Pointer::read(folder.path()).is_err(), "{text}");
        }
    }
}
