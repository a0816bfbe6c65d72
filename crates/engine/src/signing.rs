//! The key of this installation: made at the first opening, kept in the data directory, read by its owner only.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zhaoren_registry::SigningKey;

use crate::error::EngineError;

/// Names the file.
const FILE: &str = "signing.key";

/// Where the key of a data directory is.
pub(crate) fn file(data: &Path) -> PathBuf {
    data.join(FILE)
}

/// Takes up the key of a data directory, making one where there is none. `None` where none can be made, as the directory is
/// only to be read or full: nothing is signed then, and a check of the audit says so.
pub(crate) fn take_up(data: &Path) -> Result<Option<Arc<SigningKey>>, EngineError> {
    let path = file(data);
    let refuse = |cause| EngineError::Data { path: path.clone(), cause };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let text = SigningKey::generate()?;
            if write(&path, &text).is_err() && !path.exists() {
                return Ok(None);
            }
            // Another process may have been first: what is in the file is the key.
            fs::read_to_string(&path).map_err(refuse)?
        }
        Err(error) => return Err(refuse(error)),
    };
    let key = SigningKey::read(&text);
    let broken = || {
        std::io::Error::new(
            ErrorKind::InvalidData,
            "不是签名密钥，应为本程序所写的 Ed25519 密钥；由备份取回，或移走后另生成",
        )
    };
    key.map(|key| Some(Arc::new(key))).ok_or_else(|| refuse(broken()))
}

/// Writes a key under a name of its own and then gives it the right one, unless there is a file of that name by then.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let aside = zhaoren_disk::aside(path);
    let mut open = zhaoren_disk::create(&aside, zhaoren_disk::SECRET_MODE)?;
    // A link and no renaming: that would take the place of the key of a process that was first.
    let written =
        writeln!(open, "{text}").and_then(|()| open.sync_all()).and_then(|()| fs::hard_link(&aside, path));
    let _ = fs::remove_file(&aside);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_read_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let first = take_up(folder.path()).unwrap().unwrap();
        assert_eq!(take_up(folder.path()).unwrap().unwrap().public(), first.public());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(file(folder.path())).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(file(folder.path()), "something").unwrap();
        assert!(take_up(folder.path()).unwrap_err().to_string().contains("签名密钥"));
        assert!(take_up(&folder.path().join("absent")).unwrap().is_none());
    }
}
