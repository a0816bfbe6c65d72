//! The data directory end to end: on a read-only disk, on a full disk, with other users on the machine.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use crate::serving;

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use serving::Server;

fn zhaoren(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
    command.env_remove("ZHAOREN_DATABASE_URL").arg("--data").arg(data).args(arguments);
    command
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    zhaoren(data, arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Output of a command, which has to succeed.
fn done(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn item(folder: &Path, id: &str) -> String {
    let text = json!({"id": id, "title": format!("量子补助{id}"), "criteria": {"fact": "employees", "at_least": 10}});
    write(folder, &format!("{id}.json"), &text.to_string())
}

fn profile(folder: &Path) -> String {
    write(folder, "profile.json", "{\"id\":\"e1\",\"facts\":{\"employees\":86}}")
}

/// A file system mounted over a folder until dropped; none if mounting is not permitted.
struct Mount(PathBuf);

impl Mount {
    fn new(folder: &Path, arguments: &[&str]) -> Option<Self> {
        let mount = Command::new("mount").args(arguments).arg(folder).stderr(Stdio::null()).status();
        if mount.is_ok_and(|status| status.success()) {
            return Some(Self(folder.to_owned()));
        }
        zhaoren_prerequisite::skip(
            zhaoren_prerequisite::Prerequisite::Mount,
            "a small disk could not be mounted",
        );
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Runs every read-only command.
fn reads(data: &Path, folder: &Path, told: &str) {
    let profile = profile(folder);
    for arguments in
        [vec!["search", "量子补助"], vec!["match", &profile], vec!["ask", &profile], vec!["audit", "verify"]]
    {
        let output = run(data, &arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", said(&output));
        assert!(!said(&output).contains("损坏") && !said(&output).contains("重建"), "{}", said(&output));
        if arguments[0] != "audit" {
            assert!(said(&output).contains(told), "{arguments:?}: {}", said(&output));
        }
    }
    let found: Value = serde_json::from_str(&done(data, &["--json", "search", "量子补助q-a"])).unwrap();
    assert_eq!(found["hits"][0]["id"], "q-a", "{found}");
}

/// A read-only data directory can be read by the terminal, the push and the server.
#[test]
fn read_only_directories_are_readable() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    done(&data, &["import", &item(folder.path(), "q-a")]);
    let list = write(folder.path(), "all.jsonl", "{\"id\":\"e1\",\"facts\":{\"employees\":86}}\n");
    let bound = ["--bind", data.to_str().unwrap()];
    let Some(mount) = Mount::new(&data, &bound) else { return };
    let sealed = Command::new("mount").args(["-o", "remount,ro,bind"]).arg(&data).status().unwrap();
    assert!(sealed.success());
    reads(&data, folder.path(), "只读");
    let out = folder.path().join("out");
    let pushed = run(&data, &["push", &list, "--out", out.to_str().unwrap()]);
    assert_eq!(pushed.status.code(), Some(0), "{}", said(&pushed));
    assert!(out.join("_SUCCESS").exists());
    let server = Server::over(&data, &[]);
    let (status, found) = server.ask("GET", "/v1/search?q=%E9%87%8F%E5%AD%90", "");
    assert_eq!(status, 200, "{found}");
    let (_, ready) = server.ask("GET", "/readyz", "");
    assert!(ready["checks"]["index"]["notes"][0].as_str().unwrap().contains("只读"), "{ready}");
    let (status, refused) =
        server.ask("PUT", "/v1/enterprises/e1/facts?source=x", "{\"facts\":{\"employees\":3}}");
    assert!(status >= 500, "{refused}");
    drop(server);
    // A writing command is refused with the reason.
    for arguments in [
        vec!["import", &item(folder.path(), "q-b")[..]],
        vec!["keys", "add", "--role", "reviewer", "--name", "x", "--holder", "x"],
    ] {
        let output = run(&data, &arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let told = said(&output);
        assert!(told.contains("只读") || told.contains("Read-only"), "{arguments:?}: {told}");
    }
    drop(mount);
    done(&data, &["import", &item(folder.path(), "q-b")]);
}

/// On a full disk all reads work; after an import that ran out of space the last complete index is searched.
#[test]
fn full_disks_are_readable() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    std::fs::create_dir(&disk).unwrap();
    let Some(_mount) = Mount::new(&disk, &["-t", "tmpfs", "-o", "size=64m", "tmpfs"]) else { return };
    let data = disk.join("data");
    done(&data, &["import", &item(folder.path(), "q-a")]);
    let fill = |leave: u64| {
        let filler = disk.join("filler");
        let _ = std::fs::remove_file(&filler);
        let free = Command::new("df").args(["--output=avail", "-B1"]).arg(&disk).output().unwrap();
        let free: u64 = String::from_utf8_lossy(&free.stdout).lines().last().unwrap().trim().parse().unwrap();
        let size = free.saturating_sub(leave);
        assert!(
            Command::new("fallocate")
                .args(["-l", &size.to_string()])
                .arg(&filler)
                .status()
                .unwrap()
                .success()
        );
    };
    // Less and less space, until there is enough for the records and not for an index, or for neither.
    let failed = [400_u64, 200, 120, 80, 40, 0].into_iter().find_map(|kib| {
        fill(kib << 10);
        let output = run(&data, &["import", &item(folder.path(), &format!("q-{kib}"))]);
        (!output.status.success()).then_some(output)
    });
    let failed = failed.expect("a full disk took everything");
    assert_eq!(failed.status.code(), Some(2), "{}", said(&failed));
    fill(0);
    reads(&data, folder.path(), "");
    let server = Server::over(&data, &[]);
    assert_eq!(server.ask("GET", "/v1/search?q=%E9%87%8F%E5%AD%90", "").0, 200);
    drop(server);
    std::fs::remove_file(disk.join("filler")).unwrap();
    done(&data, &["import", &item(folder.path(), "q-b")]);
    assert!(done(&data, &["search", "量子补助q-b"]).contains("q-b"));
}

/// No file is accessible to other users, however open the umask is.
#[test]
fn files_are_closed_to_other_users() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    let data = inner.join("data");
    let profile = profile(folder.path());
    let list = write(folder.path(), "all.jsonl", "{\"id\":\"e1\",\"facts\":{\"employees\":86}}\n");
    let at = |name: &str| inner.join(name).to_str().unwrap().to_owned();
    let (item, out, receipts, backup) =
        (item(folder.path(), "q-a"), at("out"), at("receipts.jsonl"), at("backup.db"));
    for arguments in [
        vec!["import", &item[..]],
        vec!["enterprises", "save", &profile, "--source", "x"],
        vec!["match", &profile, "--receipts", &receipts],
        vec!["search", "save", "n", "量子"],
        vec!["push", &list, "--out", &out],
        vec!["backup", &backup],
    ] {
        let program = env!("CARGO_BIN_EXE_zhaoren");
        let mut open = Command::new("sh");
        open.args(["-c", "umask 000; exec \"$@\"", "sh", program, "--data", data.to_str().unwrap()])
            .args(&arguments);
        let output = open.env_remove("ZHAOREN_DATABASE_URL").output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    }
    let (mut folders, mut seen) = (vec![inner.clone()], 0);
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let found = std::fs::symlink_metadata(&path).unwrap();
            let mode = found.permissions().mode() & 0o777;
            let most = if found.is_dir() { 0o750 } else { 0o640 };
            assert_eq!(mode & !most, 0, "{} has mode {mode:o}", path.display());
            seen += 1;
            if found.is_dir() {
                folders.push(path);
            }
        }
    }
    assert!(seen > 20, "{seen}");
    assert_eq!(std::fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
}

/// A link in place of the lock file is refused, and its target keeps its content.
#[test]
fn links_in_place_of_the_lock_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    done(&data, &["search", "量子"]);
    let target = write(folder.path(), "target", "precious");
    for name in ["lock", "generation/.lock", "searches.lock"] {
        let _ = std::fs::remove_file(data.join(name));
        symlink(&target, data.join(name)).unwrap();
        let arguments = match name {
            "searches.lock" => vec!["search", "save", "n", "量子"],
            _ => vec!["index", "rebuild"],
        };
        let output = run(&data, &arguments);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", said(&output));
        assert!(said(&output).contains("普通文件"), "{name}: {}", said(&output));
        assert_eq!(std::fs::read_to_string(&target).unwrap(), "precious", "{name}");
        std::fs::remove_file(data.join(name)).unwrap();
    }
}

/// Leftovers of killed backups are removed by the next one.
#[test]
fn leftovers_of_killed_backups_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    done(&data, &["search", "量子"]);
    let mut ended = Command::new("true").spawn().unwrap();
    ended.wait().unwrap();
    for ending in ["", "-wal", "-shm"] {
        write(folder.path(), &format!(".copy.db.{}{ending}", ended.id()), "facts");
    }
    done(&data, &["backup", folder.path().join("copy.db").to_str().unwrap()]);
    let hidden = |name: &str| name.starts_with('.');
    let left: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| hidden(name))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

/// At the terminal too, an invalid line affects its own enterprise only.
#[test]
fn broken_lines_lose_no_other_line() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "{\"id\":\"a\",\"facts\":{\"employees\":1}}\n{\"id\":\"b\",\"facts\":\n{\"id\":\"c\",\"facts\":{\"employees\":3}}\n";
    let file = write(folder.path(), "all.jsonl", lines);
    let output = run(&folder.path().join("data"), &["enterprises", "save", &file, "--source", "x"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("all.jsonl:2:"), "{}", said(&output));
    let saved = String::from_utf8(output.stdout).unwrap();
    assert_eq!(saved.lines().map(|line| &line[..1]).collect::<Vec<_>>(), ["a", "c"], "{saved}");
}

/// Whatever names the data contain, no command prints a control character of the terminal.
#[test]
fn output_contains_no_terminal_controls() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let evil = "\u{1b}]0;x\u{7}\u{1b}[31m红\u{9b}2J\r\u{202e}反\u{200b}";
    let criteria = json!({"fact": "employees", "at_least": 10});
    let text = json!({"id": "q-a", "title": format!("量子{evil}"), "criteria": criteria, "notes": [evil]});
    let item = write(folder.path(), "evil\u{1b}[2J.json", &text.to_string());
    let given = json!({"id": "e1", "name": evil, "facts": {"employees": 86}});
    let profile = write(folder.path(), "p\u{1b}[2J.json", &given.to_string());
    let broken = write(folder.path(), "b\u{1b}[2J.json", &format!("{{\"id\":\"{evil}"));
    let id = format!("e{evil}");
    for json in [false, true] {
        for arguments in [
            vec!["import", &item[..], &broken],
            vec!["search", "量子"],
            vec!["search", evil],
            vec!["search", "save", "n", evil],
            vec!["search", "list"],
            vec!["search", "run", "n"],
            vec!["suggest", "量"],
            vec!["match", &profile, "--all", "--overview"],
            vec!["ask", &profile],
            vec!["find", "q-a", &profile],
            vec!["match", &broken],
            vec!["read", &broken],
            vec!["enterprises", "save", &profile, "--source", evil],
            vec!["enterprises", "show", "e1", "--sources"],
            vec!["enterprises", "show", &id],
            vec!["enterprises", "forget", &id],
            vec!["opt-outs", "add", &id, "--reason", evil],
            vec!["opt-outs", "list"],
            vec!["withdraw", evil, "--why", evil],
            vec!["changes"],
            vec!["audit", "list"],
            vec!["tenants", "add", evil, "--name", evil, "--level", "district"],
            vec!["keys", "add", "--role", "platform", "--name", evil],
            vec!["keys", "list"],
            vec!["messages", "list"],
            vec!["drafts", "list"],
            vec![evil],
            vec!["serve", "--config", evil],
        ] {
            let mut command = zhaoren(&data, &arguments);
            if json {
                command.arg("--json");
            }
            let output = command.env("CLICOLOR_FORCE", "1").output().unwrap();
            for bytes in [&output.stdout, &output.stderr] {
                let text = std::str::from_utf8(bytes).unwrap();
                let plain = [
                    "\u{1b}[1m",
                    "\u{1b}[2m",
                    "\u{1b}[0m",
                    "\u{1b}[31m",
                    "\u{1b}[32m",
                    "\u{1b}[33m",
                    "\u{1b}[36m",
                ];
                assert!(!text.contains("\u{1b}[31m红"), "{arguments:?}: {text}");
                let text = plain.iter().fold(text.to_owned(), |text, style| text.replace(style, ""));
                let acts = text
                    .chars()
                    .find(|c| c.is_control() && !"\n\t".contains(*c) || "\u{202e}\u{200b}".contains(*c));
                assert_eq!(acts, None, "{arguments:?}: {text:?}");
            }
        }
    }
}
