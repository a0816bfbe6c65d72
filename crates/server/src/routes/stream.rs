//! JSON Lines in and out, one line per enterprise.
//!
//! Lines are answered in order of arrival, a batch at a time; lines beyond what the reader accepts are not computed.
//! An unreadable line is answered in its place by `{"line", "problem"}`, and the rest continues. An error of the
//! sender that concerns the whole body, such as falling silent, ends the response with such a line too, since its
//! status was sent already.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::intake::{Content, next_part};
use crate::problem::{Code, Problem};
use crate::state::Shared;

/// Media type.
pub(crate) const MEDIA_TYPE: &str = "application/x-ndjson";

/// Lines computed at a time: enough to be worth a job, few enough to answer soon.
const LINES: usize = 32;
/// Bytes of lines computed at a time.
const BYTES: usize = 256 * 1024;

/// Line with its number, or the problem of that line.
pub(crate) type Line = (u32, Result<Vec<u8>, Problem>);

/// Answers every line of `body` by `each`; `writes` is true if `each` writes to the registry.
pub(crate) fn answer_lines(
    app: Shared,
    body: Content,
    writes: bool,
    each: impl Fn(u32, &[u8]) -> Value + Send + Sync + 'static,
) -> Response {
    stream_answers(app, body, writes, Arc::new(each))
}

/// Answer to one line, given with its number.
type Each = Arc<dyn Fn(u32, &[u8]) -> Value + Send + Sync>;

/// Streams the answers; compiled once for all routes.
fn stream_answers(app: Shared, body: Content, writes: bool, each: Each) -> Response {
    let (send, receive) = mpsc::channel::<Bytes>(2);
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
                            Err(problem) => problem_line(number, &problem),
                        };
                        text.extend_from_slice(row.to_string().as_bytes());
                        text.push(b'\n');
                    }
                    text
                };
                let done = async { if writes { app.write(work).await } else { app.read(work).await } };
                // A disconnected reader ends the computation.
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
                // The reader has disconnected.
                if send.send(text.into()).await.is_err() {
                    return;
                }
            }
            if let Some(problem) = problem {
                let _ = send.send(format!("{}\n", problem_line(lines.number, &problem)).into()).await;
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

/// Answer to a line with a problem.
pub(crate) fn problem_line(line: u32, problem: &Problem) -> Value {
    json!({"line": line, "problem": problem.json()})
}

/// Lines of a body, as they arrive.
pub(crate) struct Lines<'a> {
    stream: axum::body::BodyDataStream,
    app: &'a Shared,
    /// Bytes after the last line feed, or the part of them that is kept.
    rest: Vec<u8>,
    /// True if the current line is too long; the rest of it is skipped.
    over: bool,
    /// Number of the current line.
    pub(crate) number: u32,
    ready: std::collections::VecDeque<Line>,
    ended: bool,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(body: Content, app: &'a Shared) -> Self {
        let stream = body.into_stream();
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

    /// Next lines; none at the end. A problem ends the sequence.
    pub(crate) async fn batch(&mut self) -> (Vec<Line>, Option<Problem>) {
        while self.ready.is_empty() && !self.ended {
            match next_part(&mut self.stream, &self.app.settings.limits).await {
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
        let limit = self.app.settings.limits.line;
        for (at, piece) in part.split(|&byte| byte == b'\n').enumerate() {
            if at > 0 {
                self.end_of_line();
            }
            self.over |= self.rest.len() + piece.len() > limit;
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
