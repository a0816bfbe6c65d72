//! Files of the disk for an import: those below a folder, and their bytes within the limits of size.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use zhaoren_policy::problem::{Fault, Problem, Severity};

/// Maximum sizes of files that are read. Reading a text takes up to about a hundred times its length in the worst case:
/// each character of it may be damaged, converted, or begin a clause.
pub struct FileLimits {
    /// Bytes of one document's text: a text file, a page, the text of a document in a structured file, the text that was read
    /// of a file of another form.
    pub document: u64,
    /// Bytes of one file of a form other than text (DOCX, PDF …), with its pictures and fonts.
    pub packed: u64,
    /// Bytes of one file of YAML, JSON or JSON Lines, which may hold many documents and items.
    pub structured: u64,
}

/// The limits of files. The longest laws and plans have about a million bytes.
pub const FILE_LIMITS: FileLimits =
    FileLimits { document: 16 << 20, packed: zhaoren_document::Limits::IMPORT.file, structured: 256 << 20 };

impl FileLimits {
    /// The limit of a file with this name.
    fn of(&self, name: &Path) -> u64 {
        match extension(name).as_deref() {
            Some("yaml" | "yml" | "json" | "jsonl") => self.structured,
            Some("txt" | "text" | "md") => self.document,
            _ => self.packed,
        }
    }
}

/// Ending of a file's name, in small letters.
pub(crate) fn extension(name: &Path) -> Option<String> {
    name.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase())
}

/// Reads a file, unless it is larger than [`FILE_LIMITS`] allows.
///
/// # Errors
/// The problem with the file's name: unreadable, or too large.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Box<Problem>> {
    let limit = FILE_LIMITS.of(path);
    let refuse = |error: &std::io::Error| Box::new(file_problem(path, error));
    let file = File::open(path).map_err(|error| refuse(&error))?;
    let size = file.metadata().map_err(|error| refuse(&error))?.len();
    if size > limit {
        return Err(Box::new(too_large(&path.display().to_string(), &size.to_string(), limit)));
    }
    let mut bytes = Vec::new();
    // A special file reports no size, and a file may grow during the read.
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| refuse(&error))?;
    if bytes.len() as u64 > limit {
        return Err(Box::new(too_large(&path.display().to_string(), "更多", limit)));
    }
    Ok(bytes)
}

pub(crate) fn too_large(source: &str, size: &str, limit: u64) -> Problem {
    let limit_mib = limit >> 20;
    problem(
        source,
        Fault::Other(format!("文件过大：{size} 字节，上限为 {limit} 字节（{limit_mib} MiB）；请拆分后再读")),
    )
}

/// An error of the input `source`, without a line.
pub(crate) fn problem(source: &str, fault: Fault) -> Problem {
    Problem {
        severity: Severity::Error,
        file: source.to_owned(),
        line: None,
        subject: None,
        path: String::new(),
        fault,
    }
}

/// The problem of a file that could not be read.
pub fn file_problem(path: &Path, error: &std::io::Error) -> Problem {
    problem(&path.display().to_string(), Fault::Other(error.to_string()))
}

/// All files below `paths`: folders in order of name, hidden files skipped. A path that does not exist is a problem.
pub(crate) fn files(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<Problem>) {
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for path in paths {
        walk(path, &mut found, &mut problems);
    }
    (found, problems)
}

fn walk(path: &Path, found: &mut Vec<PathBuf>, problems: &mut Vec<Problem>) {
    let refuse = |error: &std::io::Error| file_problem(path, error);
    match std::fs::metadata(path) {
        Err(error) => problems.push(refuse(&error)),
        Ok(meta) if meta.is_dir() => match std::fs::read_dir(path) {
            Err(error) => problems.push(refuse(&error)),
            Ok(entries) => {
                let mut inside: Vec<PathBuf> =
                    entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
                inside.sort();
                for path in inside {
                    let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
                    if !hidden {
                        walk(&path, found, problems);
                    }
                }
            }
        },
        Ok(_) => found.push(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    /// A file that is too large is named with its size and the limit, and is not read. The test file has a size
    /// and no content on the disk.
    #[test]
    fn large_files_are_refused_before_they_are_read() {
        let folder = tempfile::tempdir().unwrap();
        for (name, limit) in [
            ("a.txt", FILE_LIMITS.document),
            ("b.jsonl", FILE_LIMITS.structured),
            ("c.pdf", FILE_LIMITS.packed),
        ] {
            let path = folder.path().join(name);
            File::create(&path).unwrap().set_len(limit + 1).unwrap();
            let problem = read_file(&path).unwrap_err();
            let told = problem.fault.to_string();
            assert!(told.contains(&(limit + 1).to_string()) && told.contains(&limit.to_string()), "{told}");
            assert!(problem.file.ends_with(name));
        }
        let small = folder.path().join("d.txt");
        std::fs::write(&small, "甲").unwrap();
        assert_eq!(read_file(&small).unwrap(), "甲".as_bytes());
    }
}
