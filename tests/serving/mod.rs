//! The program as a server process, for tests over a real socket.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::TempDir;

/// Log lines of a server.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<String>>>);

#[allow(dead_code, reason = "not every test looks at the log")]
impl Lines {
    /// The lines written so far.
    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// Starts the program as a server over `data`; returns the process, its address once it listens, and its log.
fn serve(data: &Path, arguments: &[&str]) -> (Child, String, Lines) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_zhaoren"))
        .arg("--data")
        .arg(data)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(arguments)
        .env("NO_COLOR", "1")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let log = Lines::default();
    let keep = |log: &Lines, line: String| log.0.lock().unwrap().push(line);
    let address = loop {
        let line = lines.next().expect("the server ended before it listened").unwrap();
        keep(&log, line.clone());
        if let Some(at) = line.find("127.0.0.1:") {
            let end = |c: char| !c.is_ascii_digit() && c != '.' && c != ':';
            break line[at..].split(end).next().unwrap().to_owned();
        }
    };
    // Keep reading, so that the server never blocks on a full pipe.
    let kept = log.clone();
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| keep(&kept, line)));
    (child, address, log)
}

/// Fills a data directory with the seeds and their index, as the first command over an empty one does.
pub(crate) fn fill(data: &Path) {
    let program = Path::new(env!("CARGO_BIN_EXE_zhaoren"));
    let first = |folder: &Path| {
        let search =
            Command::new(program).arg("--data").arg(folder).args(["--json", "search", "政策"]).output()?;
        assert!(search.status.success(), "{}", String::from_utf8_lossy(&search.stderr));
        Ok(())
    };
    zhaoren_prerequisite::copy_golden("program-data", &[program], data, first).unwrap();
}

/// A filled data directory.
pub(crate) fn filled() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    folder
}

/// A server on its own port, stopped when dropped.
#[allow(dead_code, reason = "not every test looks at all of it")]
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: String,
    pub(crate) log: Lines,
    pub(crate) data: PathBuf,
    /// Its data directory, if created for this server.
    own: Option<TempDir>,
}

#[allow(dead_code, reason = "not every test asks in every way")]
impl Server {
    /// Starts a server with its own data directory and more arguments.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let own = filled();
        let mut server = Self::over(own.path(), arguments);
        server.own = Some(own);
        server
    }

    /// Starts a server over the data directory `data`, with more arguments.
    pub(crate) fn over(data: &Path, arguments: &[&str]) -> Self {
        let (child, address, log) = serve(data, arguments);
        Self { child, address, log, data: data.to_owned(), own: None }
    }

    /// Address of a page.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends JSON; returns the status and the JSON of the answer.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        self.send(method, path, "application/json", body.len(), body)
    }

    /// Sends a body of a content type, with `length` as its declared size in bytes.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        length: usize,
        body: &str,
    ) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}",
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split_whitespace().nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
