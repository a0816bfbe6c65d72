//! A private PostgreSQL server for the duration of a test.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/postgres.sh");

/// A running server. Dropping it stops it.
pub(crate) struct Cluster {
    folder: PathBuf,
    port: u16,
    databases: AtomicU32,
}

impl Cluster {
    /// Starts a server; `None`, with a message, if none can be started.
    pub(crate) fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = std::process::id().to_string();
        let output = Command::new(SCRIPT)
            .args(["start", &port.to_string(), &process])
            .output()
            .expect("the script runs");
        if !output.status.success() {
            zhaoren_prerequisite::skip(
                zhaoren_prerequisite::Prerequisite::Postgres,
                String::from_utf8_lossy(&output.stderr).trim(),
            );
            return None;
        }
        let folder = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim());
        Some(Self { folder, port, databases: AtomicU32::new(0) })
    }

    /// The address of a new, empty database.
    pub(crate) fn database(&self) -> String {
        let name = format!("case{}", self.databases.fetch_add(1, Ordering::Relaxed));
        call(&["database".as_ref(), self.folder.as_os_str(), name.as_ref()]);
        format!("postgres://zhaoren@127.0.0.1:{}/{name}", self.port)
    }

    /// Stops the server, or starts it again.
    #[allow(dead_code, reason = "not every test needs it")]
    pub(crate) fn switch(&self, on: bool) {
        call(&[if on { "resume" } else { "pause" }.as_ref(), self.folder.as_os_str()]);
    }

    /// Makes the server accept only encrypted connections, as `localhost`. Returns the file of its certificate authority.
    #[allow(dead_code, reason = "not every test needs it")]
    pub(crate) fn encrypt(&self) -> PathBuf {
        call(&["encrypt".as_ref(), self.folder.as_os_str()]);
        self.folder.join("authority.pem")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        call(&["stop".as_ref(), self.folder.as_os_str()]);
    }
}

fn call(words: &[&OsStr]) {
    let done = Command::new(SCRIPT).args(words).stdin(Stdio::null()).status().unwrap();
    assert!(done.success(), "{words:?} failed");
}
