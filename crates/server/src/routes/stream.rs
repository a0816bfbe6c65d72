//! JSON Lines in and out, one line an enterprise.
//!
//! Lines are answered in their order as they come, a handful at a time; what the reader does not take is not computed. A line
//! that cannot be read is answered in its place by `{"line", "problem"}`, and the rest goes on. What the sender does wrong as a
//! whole, such as falling silent, ends the answer with such a line too, since its status has left by then.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::intake::{Content, part};
use crate::problem::{Code, Problem};
use crate::state::Shared;

/// The media type.
pub(crate) const MEDIA_TYPE: &str = "application/x-ndjson";

/// Lines computed in one go: enough to be worth handing over, few enough to answer soon.
const LINES: usize = 32;
/// Bytes of lines in one go.
const BYTES: usize = 256 * 1024;

/// A line with its number, or what is wrong with it as a line.
pub(crate) type Line = (u32, Result<Vec<u8>, Problem>);

/// Answers every line of `body` by `each`, which writes to the registry where `writes` says so.
pub(crate) fn answer(
    app: Shared,
    body: Content,
    writes: bool,
    each: impl Fn(u32, &[u8]) -> Value + Send + Sync + 'static,
) -> Response {
    let (send, receive) = mpsc::channel::<Bytes>(2);
    let each = Arc::new(each);
    tokio::spawn(async move {
        let mut lines = Lines::of(body, &app);
        loop {
            let (batch, problem) = tokio::select! {
                batch = lines.batch() => batch,
                () = send.closed() => return,
            };
            let last = problem.is_some() || batch.is_empty();
            if !batch.is_empty() {
                let each = Arc::clone(&each);
                let work = move || {
                    let mut text = Vec::new();
                    for (number, line) in batch {
                        let row = match line {
                            Ok(line) => each(number, &line),
                            Err(problem) => wrong(number, &problem),
                        };
                        text.extend_from_slice(row.to_string().as_bytes());
                        text.push(b'\n');
                    }
                    text
                };
                let done = async { if writes { app.write(work).await } else { app.work(work).await } };
                // When the reader goes away, what is computed for it ends too.
                let done = tokio::select! {
                    done = done => done,
                    () = send.closed() => return,
                };
                let text = match done {
                    Ok(text) => text,
                    Err(problem) => {
                        let _ = send.send(format!("{}\n", json!({"problem": problem.json()})).into()).await;
                        return;
                    }
                };
                // Nobody reads any more.
                if send.send(text.into()).await.is_err() {
                    return;
                }
            }
            if let Some(problem) = problem {
                let _ = send.send(format!("{}\n", wrong(lines.number, &problem)).into()).await;
            }
            if last {
                return;
            }
        }
    });
    let stream = unfold(receive, async |mut receive| {
        receive.recv().await.map(|part| (Ok::<Bytes, std::convert::Infallible>(part), receive))
    });
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], Body::from_stream(stream)).into_response()
}

/// A line that was not answered, and why.
pub(crate) fn wrong(line: u32, problem: &Problem) -> Value {
    json!({"line": line, "problem": problem.json()})
}

/// The lines of a body, as they come.
pub(crate) struct Lines<'a> {
    stream: axum::body::BodyDataStream,
    app: &'a Shared,
    /// What came after the last line feed, or what of it is kept.
    rest: Vec<u8>,
    /// The line being received is too long; the rest of it is passed over.
    over: bool,
    /// The number of the line being received.
    pub(crate) number: u32,
    ready: std::collections::VecDeque<Line>,
    ended: bool,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(body: Content, app: &'a Shared) -> Self {
        let stream = body.into_parts();
        Self {
            stream,
            app,
            rest: Vec::new(),
            over: false,
            number: 1,
            ready: std::collections::VecDeque::new(),
            ended: false,
        }
    }

    /// The next lines: none at the end. The problem is the last thing there is.
    pub(crate) async fn batch(&mut self) -> (Vec<Line>, Option<Problem>) {
        while self.ready.is_empty() && !self.ended {
            match part(&mut self.stream, &self.app.settings.limits).await {
                Ok(Some(part)) => self.take(&part),
                Ok(None) => {
                    self.ended = true;
                    self.end_of_line();
                }
                Err(problem) => {
                    self.ended = true;
                    return (Vec::new(), Some(problem));
                }
            }
        }
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < LINES && bytes < BYTES {
            let Some(line) = self.ready.pop_front() else { break };
            bytes += line.1.as_ref().map_or(0, Vec::len);
            batch.push(line);
        }
        (batch, None)
    }

    fn take(&mut self, part: &[u8]) {
        let most = self.app.settings.limits.line;
        for (at, piece) in part.split(|&byte| byte == b'\n').enumerate() {
            if at > 0 {
                self.end_of_line();
            }
            self.over |= self.rest.len() + piece.len() > most;
            if self.over {
                self.rest = Vec::new();
            } else {
                self.rest.extend_from_slice(piece);
            }
        }
    }

    fn end_of_line(&mut self) {
        let line = std::mem::take(&mut self.rest);
        if std::mem::take(&mut self.over) {
            let detail = format!("一行的上限为 {} 字节", self.app.settings.limits.line);
            self.ready.push_back((self.number, Err(Problem::new(Code::TooLarge, detail))));
        } else if !line.iter().all(u8::is_ascii_whitespace) {
            self.ready.push_back((self.number, Ok(line)));
        }
        self.number = self.number.saturating_add(1);
    }
}
