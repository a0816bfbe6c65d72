//! The signing key of this installation: created at the first opening, kept in the data directory, readable by its owner
//! only.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use zhaoren_registry::SigningKey;

use crate::error::EngineError;

/// File name.
const FILE: &str = "signing.key";

/// Path of the key of a data directory.
pub(crate) fn file(data: &Path) -> PathBuf {
    data.join(FILE)
}

/// Reads the key of a data directory, creating it if absent. `None` if it cannot be created, because the directory is
/// read-only or full: nothing is signed then, and a check of the audit reports it.
pub(crate) fn load_or_create(data: &Path) -> Result<Option<Arc<SigningKey>>, EngineError> {
    let path = file(data);
    let refuse = |cause| EngineError::Data { path: path.clone(), cause };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let text = SigningKey::generate()?;
            if write(&path, &text).is_err() && !path.exists() {
                return Ok(None);
            }
            // Another process may have been first: the key in the file counts.
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

/// Writes a key to a temporary file and then links it to its final name, unless that exists by then.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let aside = zhaoren_disk::temp_path(path);
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
    fn keys_are_created_once_and_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let first = load_or_create(folder.path()).unwrap().unwrap();
        assert_eq!(load_or_create(folder.path()).unwrap().unwrap().public(), first.public());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(file(folder.path())).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        fs::write(file(folder.path()), "something").unwrap();
        assert!(load_or_create(folder.path()).unwrap_err().to_string().contains("签名密钥"));
        assert!(load_or_create(&folder.path().join("absent")).unwrap().is_none());
    }
}
