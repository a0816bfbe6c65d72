//! Files of a data directory: written whole, readable by their owner and group only, and never through a symbolic link.
//!
//! A leaf: depends on no other member, so that every crate that writes files shares one way of writing them. Modes are
//! upper bounds; a stricter umask makes files stricter.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{Access, AtFlags, CWD, FlockOperation, OFlags};
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process, umask};

/// The mode of a file: read and written by its owner, read by its group.
pub const FILE_MODE: u32 = 0o640;
/// The mode of a file that holds secrets or every record: its owner only.
pub const SECRET_MODE: u32 = 0o600;
/// The mode of a folder.
pub const FOLDER_MODE: u32 = 0o750;
/// What a process must never grant, whatever its umask was: writing by the group, anything to others.
const WITHHELD: u32 = 0o027;

/// Tightens the umask of this process: what any library creates afterwards is closed to other users. Called once, at the
/// start of the program.
pub fn restrict_umask() {
    let withheld = rustix::fs::Mode::from_raw_mode(WITHHELD);
    let before = umask(withheld);
    umask(before | withheld);
}

/// Replaces a file as a whole: a reader has the old content or the new one. Synced, with mode [`FILE_MODE`].
///
/// # Errors
/// When the disk refuses; the old content then stays, and nothing is left beside it.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let aside = aside(path);
    let done = create(&aside, FILE_MODE)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&aside, path));
    match done {
        Ok(()) => sync_dir(folder_of(path)),
        Err(error) => {
            let _ = fs::remove_file(&aside);
            Err(error)
        }
    }
}

/// Creates a file that is not there yet, with a mode.
///
/// # Errors
/// When there is one of this name, a link among them, or the disk refuses.
pub fn create(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(mode).open(path)
}

/// Opens a file to be read and written in place, creating it where it is missing. For locks: nothing is cut off.
///
/// # Errors
/// When the name is a symbolic link or anything else than a regular file, or the disk refuses.
pub fn open_regular(path: &Path) -> io::Result<File> {
    // Not blocking: opening a pipe would otherwise wait for its other end.
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

/// Makes a folder and those above it that are missing, with mode [`FOLDER_MODE`]. One that is there stays as it is.
///
/// # Errors
/// When the disk refuses.
pub fn create_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)
}

/// Makes the names in a folder last.
///
/// # Errors
/// When the disk refuses.
pub fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path).and_then(|folder| folder.sync_all())
}

/// Takes from a file what its mode grants beyond `mode`; never grants more. A file that is not there is none to change.
///
/// # Errors
/// When the file belongs to another user, or the disk refuses.
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

/// Whether this process may write into a folder, as far as mode and mount say: a full disk is not seen.
pub fn is_writable(folder: &Path) -> bool {
    rustix::fs::accessat(CWD, folder, Access::WRITE_OK | Access::EXEC_OK, AtFlags::empty()).is_ok()
}

/// A hidden name beside a file, which belongs to this process.
pub fn aside(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{name}.{}.{count}", std::process::id()))
}

/// Removes what processes that ended before their time left beside `path`: `.NAME.PID`, with any ending behind it. Gives how
/// many files were removed.
///
/// A process may run where its number is not known here, in another container; so a file that is locked stays too.
///
/// # Errors
/// When the folder cannot be listed, or a file in it cannot be removed.
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

/// Whether a process holds a record lock on the file, as SQLite does while it writes. Where that cannot be told, the answer
/// is yes.
fn is_locked(path: &Path) -> bool {
    let Ok(file) = OpenOptions::new().read(true).write(true).open(path) else { return true };
    rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).is_err()
}

/// The folder that a file is in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
