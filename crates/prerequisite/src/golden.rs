//! Folders that take long to make and are the same for every test: made once, and copied for each test.
//!
//! A test runner may start a process for each test, so that a value in memory would be made again in each. The folder is
//! kept beside the test programs, and made anew when one of the files that it was made with has changed.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

/// Copies the folder `name` to `to`. It is made by `fill` unless it was made before with the same files `made_with`: the
/// programs whose code decides its content.
///
/// # Errors
/// A failed disk operation, or an error of `fill`.
pub fn copy_golden(
    name: &str,
    made_with: &[&Path],
    to: &Path,
    fill: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let mut hasher = DefaultHasher::new();
    for file in made_with {
        let found = fs::metadata(file)?;
        (file, found.len(), found.modified()?).hash(&mut hasher);
    }
    let program = std::env::current_exe()?;
    let shelf = program.parent().unwrap_or(Path::new(".")).join("golden");
    fs::create_dir_all(&shelf)?;
    copy_kept(&shelf, name, hasher.finish(), to, fill)
}

/// Copies the folder `name` of a shelf to `to`, and makes it first where there is none for `version`.
fn copy_kept(
    shelf: &Path,
    name: &str,
    version: u64,
    to: &Path,
    fill: impl FnOnce(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let lock = File::create(shelf.join(format!("{name}.lock")))?;
    let golden = shelf.join(format!("{name}-{version:016x}"));
    lock.lock()?;
    if !golden.exists() {
        for old in others(shelf, name)? {
            fs::remove_dir_all(old)?;
        }
        let aside = shelf.join(format!("{name}-new"));
        fs::create_dir_all(&aside)?;
        fill(&aside)?;
        fs::rename(&aside, &golden)?;
    }
    // Copied under the lock: a test of another build may replace it.
    copy(&golden, to)
}

/// Folders of this name: of other versions, or left by a killed test.
fn others(shelf: &Path, name: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(shelf)? {
        let entry = entry?;
        let file_name = entry.file_name().to_string_lossy().into_owned();
        let version = file_name.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
        if version.is_some_and(|version| version == "new" || u64::from_str_radix(version, 16).is_ok()) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Copies the content of a folder, with the modes of its files and folders.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
            fs::set_permissions(&target, entry.metadata()?.permissions())?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_once_for_each_version() {
        let shelf = std::env::temp_dir().join(format!("zhaoren-golden-{}", std::process::id()));
        fs::create_dir_all(shelf.join("city-new")).unwrap();
        fs::create_dir_all(shelf.join("city-hall-00")).unwrap();
        let copied = |version: u64, to: &str, content: Option<&str>| {
            let fill = |folder: &Path| {
                assert_eq!(fs::read_dir(folder).unwrap().count(), 0, "made in an empty folder");
                fs::create_dir(folder.join("inner"))?;
                fs::write(folder.join("inner/file"), content.expect("it is there already"))
            };
            copy_kept(&shelf, "city", version, &shelf.join(to), fill).unwrap();
            fs::read_to_string(shelf.join(to).join("inner/file")).unwrap()
        };
        assert_eq!(copied(1, "a", Some("one")), "one");
        fs::write(shelf.join("a/inner/file"), "changed by a test").unwrap();
        assert_eq!(copied(1, "b", None), "one");
        assert_eq!(copied(2, "c", Some("two")), "two");
        assert_eq!(copied(1, "d", Some("again")), "again", "one version is kept");
        assert!(shelf.join("city-hall-00").exists(), "that of another name");
        fs::remove_dir_all(&shelf).unwrap();
    }
}
