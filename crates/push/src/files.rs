//! Creates the files of results. They contain facts of enterprises, so only the owner and the group may access them, whatever the
//! process's umask allows. Unlike the files of `zhaoren-disk`, they may exist already, left by an interrupted run.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use zhaoren_disk::FILE_MODE;

/// Creates an empty file, replacing an existing one.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().create(true).truncate(true).write(true))
}

/// Opens a file with the options `how`, creating it if it does not exist.
pub(crate) fn open(path: &Path, how: &mut OpenOptions) -> io::Result<File> {
    let file = how.mode(FILE_MODE).open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    // An existing file may be open to all users; a stricter mode is kept.
    if mode & !FILE_MODE != 0 {
        file.set_permissions(Permissions::from_mode(mode & FILE_MODE))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Other users can open no file or folder of results, not even one that existed before.
    #[test]
    fn results_are_private_to_the_owner() {
        let root = tempfile::tempdir().unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        let (inner, file) = (root.path().join("a/b"), root.path().join("a/b/c"));
        zhaoren_disk::create_dir(&inner).unwrap();
        assert_eq!((mode(&inner) & 0o027, mode(&root.path().join("a")) & 0o027), (0, 0));
        create(&file).unwrap();
        assert_eq!(mode(&file) & 0o137, 0);
        std::fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        create(&file).unwrap();
        assert_eq!(mode(&file), 0o640);
        std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        create(&file).unwrap();
        assert_eq!(mode(&file), 0o600);
    }
}
