//! Receiver of messages on a real socket: it gives the configured answers and keeps the requests.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// One received request.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) line: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
    pub(crate) at: Instant,
}

impl Got {
    pub(crate) fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }
}

/// Answer to a request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Status, and a header.
    Status(u16, &'static str),
    /// No answer for this long.
    Silent(Duration),
    /// Closed connection.
    Gone,
}

/// Answer to a request, given how often the same message arrived before.
type Answers = dyn Fn(&Got, usize) -> Reply + Send + Sync;

/// Receiver that lives as long as the test.
#[derive(Clone)]
pub(crate) struct Receiver {
    pub(crate) address: String,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Receiver {
    pub(crate) fn start(answers: impl Fn(&Got, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let receiver = Self { address, got: Arc::default() };
        let (of, answers): (_, Arc<Answers>) = (receiver.clone(), Arc::new(answers));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (of, answers) = (of.clone(), Arc::clone(&answers));
                std::thread::spawn(move || of.serve(&mut BufReader::new(stream), &*answers));
            }
        });
        receiver
    }

    /// Starts a receiver that accepts everything; `wrap` turns a connection into a stream.
    pub(crate) fn start_over<T: Read + Write>(
        wrap: impl Fn(TcpStream) -> Box<BufReader<T>> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let receiver = Self { address, got: Arc::default() };
        let of = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                of.serve(&mut wrap(stream), &|_, _| Reply::Status(204, ""));
            }
        });
        receiver
    }

    /// Starts a receiver that accepts everything.
    pub(crate) fn willing() -> Self {
        Self::start(|_, _| Reply::Status(204, ""))
    }

    /// Serves one connection over any transport until it ends.
    fn serve<T: Read + Write>(&self, stream: &mut BufReader<T>, answers: &Answers) {
        while let Some(got) = read(stream) {
            let before = {
                let mut all = self.got.lock().unwrap();
                let before = all.iter().filter(|one| one.id() == got.id()).count();
                all.push(got.clone());
                before
            };
            match answers(&got, before) {
                Reply::Status(status, header) => {
                    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
                    let answer = format!("HTTP/1.1 {status} x\r\n{header}content-length: 0\r\n\r\n");
                    let writing = stream.get_mut();
                    if writing.write_all(answer.as_bytes()).and_then(|()| writing.flush()).is_err() {
                        return;
                    }
                }
                Reply::Silent(long) => {
                    std::thread::sleep(long);
                    return;
                }
                Reply::Gone => return,
            }
        }
    }

    /// All requests in order of arrival.
    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// Number of requests per message.
    pub(crate) fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for one in self.got() {
            *counts.entry(one.id().to_owned()).or_default() += 1;
        }
        counts
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hooks", self.address)
    }
}

fn read(reading: &mut dyn BufRead) -> Option<Got> {
    let mut line = String::new();
    if reading.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reading.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reading.read_exact(&mut body).ok()?;
    Some(Got {
        line: line.trim().to_owned(),
        headers,
        body: String::from_utf8(body).unwrap(),
        at: Instant::now(),
    })
}
