//! Durable files of a generation: written anew, synced, with the path in every error.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::error::IndexError;

/// Adds the file's path to an I/O error.
pub(crate) fn at(path: &Path) -> impl Fn(std::io::Error) -> IndexError + '_ {
    move |cause| IndexError::File { path: path.to_owned(), cause }
}

/// Writes a whole file and syncs it.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), IndexError> {
    // The file is created anew: an existing one may be a link to another file.
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(at(path)(error)),
        _ => {}
    }
    let mut file = zhaoren_disk::create(path, zhaoren_disk::FILE_MODE).map_err(at(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(at(path))
}

/// Syncs a folder, which makes renames in it durable.
pub(crate) fn sync_folder(path: &Path) -> Result<(), IndexError> {
    zhaoren_disk::sync_dir(path).map_err(at(path))
}
