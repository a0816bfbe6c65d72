//! The program as a server, for tests that ask it over a real socket.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

/// A server over the data directory `data` on a port of its own, and its address, once it listens.
pub(crate) fn serve(data: &Path) -> (Child, String) {
    let (child, address, _) = serve_with(data, &[]);
    (child, address)
}

/// What a server writes to its log.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<String>>>);

#[allow(dead_code, reason = "not every test looks at the log")]
impl Lines {
    /// What was written so far.
    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// The same with more arguments, and with its log.
pub(crate) fn serve_with(data: &Path, arguments: &[&str]) -> (Child, String, Lines) {
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
