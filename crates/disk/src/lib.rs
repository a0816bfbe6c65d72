//! Files of a data directory: written atomically, accessible to their owner and group only, and never through a symbolic link.
//!
//! A leaf crate: it depends on no other member, so that every crate that writes files shares one implementation. Modes are
//! upper bounds; a stricter umask makes files stricter.

pub mod failpoint;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{Access, AtFlags, CWD, FlockOperation, OFlags};
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process, umask};

/// Mode of a file: read and write for its owner, read for its group.
pub const FILE_MODE: u32 = 0o640;
/// Mode of a file with secrets or with all records: its owner only.
pub const SECRET_MODE: u32 = 0o600;
/// Mode of a folder.
pub const FOLDER_MODE: u32 = 0o750;
/// Permissions that the process never grants, whatever its umask: write for the group, all for others.
const UMASK_BITS: u32 = 0o027;

/// Tightens the umask of this process: files created later by any library are closed to other users. Called once, at the
/// start of the program.
pub fn restrict_umask() {
    let withheld = rustix::fs::Mode::from_raw_mode(UMASK_BITS);
    let before = umask(withheld);
    umask(before | withheld);
}

/// Replaces a file atomically: a reader sees the old content or the new one. Synced, with mode [`FILE_MODE`].
///
/// # Errors
/// A failed disk operation; the old content then remains, without any temporary file.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temp = temp_path(path);
    let done = create(&temp, FILE_MODE)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&temp, path));
    match done {
        Ok(()) => sync_dir(folder_of(path)),
        Err(error) => {
            let _ = fs::remove_file(&temp);
            Err(error)
        }
    }
}

/// Creates a new file with a mode.
///
/// # Errors
/// The name exists, possibly as a link, or a disk operation fails.
pub fn create(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

/// Opens a file for reading and writing in place; creates it if missing. Intended for locks: it does not truncate.
///
/// # Errors
/// The name is a symbolic link or not a regular file, or a disk operation fails.
pub fn open_regular(path: &Path) -> io::Result<File> {
    // Non-blocking: opening a pipe would otherwise wait for its other end.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(FILE_MODE);
    let opened = options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default()).open(path);
    let unfit = || io::Error::new(io::ErrorKind::InvalidInput, "应为普通文件，不能是符号链接、目录或管道");
    match opened {
        Ok(file) if file.metadata()?.is_file() => Ok(file),
        Ok(_) => Err(unfit()),
        Err(_) if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) => Err(unfit()),
        Err(error) => Err(error),
    }
}

/// Creates a folder and its missing parents, with mode [`FOLDER_MODE`]. An existing folder is unchanged.
///
/// # Errors
/// A failed disk operation.
pub fn create_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)
}

/// Syncs a folder, so that its directory entries are durable.
///
/// # Errors
/// A failed disk operation.
pub fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path).and_then(|folder| folder.sync_all())
}

/// Removes the permissions of a file beyond `mode`; never adds any. A missing file is not an error.
///
/// # Errors
/// The file belongs to another user, or a disk operation fails.
pub fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => return Ok(()),
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let before = found.permissions().mode() & 0o7777;
    if before & !mode == 0 {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(before & mode))
}

/// True if this process may write into a folder, by its mode and mount options; free space is not checked.
pub fn is_writable(folder: &Path) -> bool {
    rustix::fs::accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::empty()).is_ok()
}

/// Unique hidden name beside a file, for a temporary file of this process.
pub fn temp_path(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{name}.{}.{count}", std::process::id()))
}

/// Removes the temporary files beside `path` of processes that no longer run: `.NAME.PID`, with any suffix. Returns the
/// number of files removed.
///
/// A process in another container may have a number unknown here; a locked file is therefore kept too.
///
/// # Errors
/// The folder cannot be listed, or a file in it cannot be removed.
pub fn remove_leftovers(path: &Path) -> io::Result<usize> {
    let prefix = format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy());
    let mut removed = 0;
    for entry in fs::read_dir(folder_of(path))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(rest) = name.strip_prefix(&prefix) else { continue };
        let digits = rest.split(['.', '-']).next().unwrap_or_default();
        let Ok(process) = digits.parse::<i32>() else { continue };
        if entry.file_type()?.is_file() && has_ended(process) && !is_locked(&entry.path()) {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn has_ended(process: i32) -> bool {
    Pid::from_raw(process).is_some_and(|process| test_kill_process(process) == Err(Errno::SRCH))
}

/// True if a process holds a record lock on the file, as SQLite does while it writes. If that cannot be determined, the
/// answer is true.
fn is_locked(path: &Path) -> bool {
    let Ok(file) = OpenOptions::new().read(true).write(true).open(path) else { return true };
    rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).is_err()
}

/// Folder that contains a file.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
