//! Files of results as they are made: with the facts of enterprises in them, they are for the owner and the group, whatever the
//! process's mask lets through. Unlike those of `zhaoren-disk`, they may be there before, from a run that was stopped.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use zhaoren_disk::FILE_MODE;

/// An empty file to write to, whether or not there was one.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().create(true).truncate(true).write(true))
}

/// A file opened as `how` says, made where there is none.
pub(crate) fn open(path: &Path, how: &mut OpenOptions) -> io::Result<File> {
    let file = how.mode(FILE_MODE).open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o7777;
    // A file that was there before may be open to all; a stricter one stays so.
    if mode & !FILE_MODE != 0 {
        file.set_permissions(Permissions::from_mode(mode & FILE_MODE))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Attack S-perm: no file or folder of results is open to other users, not even one that was before.
    #[test]
    fn nobody_else_reads_results() {
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
