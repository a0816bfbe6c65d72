//! Modes, links, and files left behind by processes.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use zhaoren_disk::{
    FILE_MODE, FOLDER_MODE, create_dir, open_regular, remove_leftovers, restrict, temp_path, write_atomic,
};

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// No access for others, and no temporary file is left.
#[test]
fn files_and_folders_are_closed_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("a/b");
    create_dir(&inner).unwrap();
    create_dir(&inner).unwrap();
    assert_eq!(mode(&inner) & !FOLDER_MODE, 0);
    let file = inner.join("file");
    write_atomic(&file, b"one").unwrap();
    write_atomic(&file, b"two").unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"two");
    assert_eq!((mode(&file) & !FILE_MODE, names(&inner)), (0, vec!["file".to_owned()]));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    restrict(&file, FILE_MODE).unwrap();
    assert_eq!(mode(&file), 0o640);
    restrict(&inner.join("absent"), FILE_MODE).unwrap();
    // A failure leaves no file behind: the name is that of a folder.
    assert!(write_atomic(&folder.path().join("a"), b"x").is_err());
    assert_eq!(names(folder.path()), ["a"]);
}

/// A link in place of one of our files is refused, and its target is unchanged.
#[test]
fn links_are_refused_in_place_and_replaced_by_a_rename() {
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("target"), folder.path().join("link"));
    fs::write(&target, b"precious").unwrap();
    symlink(&target, &link).unwrap();
    assert!(open_regular(&link).is_err());
    assert!(open_regular(folder.path()).is_err(), "a folder is no file");
    write_atomic(&link, b"new").unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"precious");
    assert!(fs::symlink_metadata(&link).unwrap().is_file());
    open_regular(&folder.path().join("lock")).unwrap();
}

/// The leftovers of a killed process are removed, the files of a running one are kept.
#[test]
fn leftovers_of_ended_processes_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup.db");
    let mut child = std::process::Command::new("true").spawn().unwrap();
    let ended = child.id();
    child.wait().unwrap();
    for ending in ["", "-wal", "-journal", ".0"] {
        fs::write(folder.path().join(format!(".backup.db.{ended}{ending}")), b"facts").unwrap();
    }
    let kept = [
        temp_path(&file).file_name().unwrap().to_string_lossy().into_owned(),
        format!(".other.db.{ended}"),
        ".backup.db.x".to_owned(),
    ];
    for name in &kept {
        fs::write(folder.path().join(name), b"kept").unwrap();
    }
    assert_eq!(remove_leftovers(&file).unwrap(), 4);
    let mut kept = kept.to_vec();
    kept.sort();
    assert_eq!(names(folder.path()), kept);
}
