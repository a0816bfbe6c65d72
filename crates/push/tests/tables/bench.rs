//! Fixtures of the tests: files in a temporary folder, and the rows read from them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;
use zhaoren_push::table::{Enterprises, Mapping, Rows, TableOptions};

/// Folder that is deleted with the test.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

pub(crate) fn dictionary() -> Arc<FactDictionary> {
    Arc::new(FactDictionary::built_in().clone())
}

pub(crate) fn strict() -> TableOptions {
    TableOptions { strict: true, ..TableOptions::default() }
}

/// Chunks of this many rows; a cell that cannot be read rejects its row, so that the tests see why.
pub(crate) fn by_rows(chunk_rows: usize) -> TableOptions {
    TableOptions { chunk_rows, reject_rows: true, ..TableOptions::default() }
}

/// Options with this mapping; a cell that cannot be read rejects its row, so that the tests see why.
pub(crate) fn mapped(text: &str) -> TableOptions {
    let mapping = Mapping::read(text, "m.yaml", &dictionary()).unwrap_or_else(|problems| {
        panic!("{:?}", problems.iter().map(ToString::to_string).collect::<Vec<_>>())
    });
    TableOptions { mapping: Some(mapping), reject_rows: true, ..TableOptions::default() }
}

pub(crate) fn open(path: &Path, options: TableOptions) -> Enterprises {
    opened(path, options).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn opened(path: &Path, options: TableOptions) -> Result<Enterprises, String> {
    Enterprises::open(&[path.to_owned()], options, dictionary()).map_err(|error| error.to_string())
}

/// All rows of a file, or the error. Checks on the way that every chunk keeps its contract.
pub(crate) fn all(enterprises: &Enterprises) -> Result<Rows, String> {
    let mut profiles = Vec::new();
    let (mut named_rows, mut rejected) = (Vec::new(), 0);
    for chunk in enterprises.chunks() {
        let chunk = chunk.map_err(|error| error.to_string())?;
        let rows = enterprises.read(&chunk);
        assert_eq!(chunk.len() as u64, rows.accepted.len() as u64 + rows.rejected, "rows got lost");
        let mut named: Vec<u64> = rows.rejects.iter().map(|reject| reject.row).collect();
        named.dedup();
        assert_eq!(named.len() as u64, rows.rejected, "each rejected row is named: {:?}", rows.rejects);
        profiles.extend(rows.accepted.iter().map(|row| row.row).zip(rows.profiles()));
        named_rows.extend(rows.rejects);
        rejected += rows.rejected;
    }
    Ok(Rows { rejects: named_rows, rejected, ..Rows::of(profiles) })
}

/// All rows of a file with this text.
pub(crate) fn rows_of(name: &str, text: impl AsRef<[u8]>, options: TableOptions) -> Rows {
    let folder = Folder::new();
    all(&open(&folder.write(name, text), options)).unwrap()
}

/// Profiles of a file with this text, none being rejected.
pub(crate) fn profiles_of(name: &str, text: impl AsRef<[u8]>, options: TableOptions) -> Vec<Profile> {
    sound(rows_of(name, text, options))
}

pub(crate) fn sound(rows: Rows) -> Vec<Profile> {
    assert!(rows.rejects.is_empty(), "{:?}", rows.rejects);
    rows.profiles()
}

/// `row column value reason` of each reject.
pub(crate) fn rejects(rows: &Rows) -> Vec<String> {
    let line = |r: &zhaoren_push::table::Reject| format!("{} {} [{}] {}", r.row, r.column, r.value, r.reason);
    rows.rejects.iter().map(line).collect()
}

/// Profile parsed from JSON.
pub(crate) fn profile(text: &str) -> Profile {
    let mut report = Report::new("expected");
    let node = syntax::json(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    Profile::read(&node, FactDictionary::built_in(), true, &mut report)
        .unwrap_or_else(|| panic!("{:?}", report.problems))
}

/// Profile of enterprise `id` with some facts.
pub(crate) fn facts(id: &str, facts: &str) -> Profile {
    profile(&format!(r#"{{"id":"{id}","facts":{facts}}}"#))
}
