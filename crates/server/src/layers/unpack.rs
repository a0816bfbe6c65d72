//! Bodies that come compressed: gzip is taken, and what it unpacks to counts against the limits as if it had been sent.
//!
//! What is packed in several parts, as `cat a.gz b.gz` gives it, is one body: a decoder that stops after the first part would
//! lose the rest without a word.

use std::io::{self, Write};

use axum::body::{Body, BodyDataStream, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flate2::write::MultiGzDecoder;
use futures_util::StreamExt;
use futures_util::stream::unfold;

use crate::problem::{Code, Problem};
use crate::state::Shared;

/// So much is unpacked in one go: it comes to a megabyte at most.
const BITE: usize = 1024;

/// A body unpacked to more than the largest that is taken.
#[derive(Debug, thiserror::Error)]
#[error("it unpacks to too much")]
pub(crate) struct TooMuch;

/// Hands on what was packed as it was before, and refuses what was packed in another way.
pub(super) async fn answer(State(app): State<Shared>, mut request: Request, next: Next) -> Response {
    let packed = match is_packed(request.headers()) {
        Ok(packed) => packed,
        Err(said) => {
            let detail = format!("Content-Encoding 只接受 gzip，得到 `{said}`");
            let problem = Problem::new(Code::UnsupportedMediaType, detail);
            return ([(header::ACCEPT_ENCODING, "gzip")], problem).into_response();
        }
    };
    let headers = request.headers_mut();
    headers.remove(header::CONTENT_ENCODING);
    if packed {
        headers.remove(header::CONTENT_LENGTH);
        // The largest body there is: of a stream too, whose end nobody knows. A little that unpacks to very much would keep a
        // thread busy with nothing.
        let most = app.settings.limits.import;
        request = request.map(|body| unpacked(body, most));
    }
    next.run(request).await
}

/// Whether a body is packed by gzip; what was said where it is packed in another way.
fn is_packed(headers: &HeaderMap) -> Result<bool, String> {
    let mut said: Vec<String> = Vec::new();
    for value in headers.get_all(header::CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        said.extend(value.split(',').map(|one| one.trim().to_owned()));
    }
    said.retain(|one| !one.is_empty() && one != "identity");
    match said.as_slice() {
        [] => Ok(false),
        [one] if one == "gzip" || one == "x-gzip" => Ok(true),
        several => Err(several.join(", ")),
    }
}

/// A body as it comes, and what is unpacked of it.
struct Unpacking {
    stream: BodyDataStream,
    /// What came and is not unpacked yet.
    came: Bytes,
    /// None once all of it is unpacked.
    decoder: Option<MultiGzDecoder<Vec<u8>>>,
    /// How much more there may be.
    left: usize,
}

fn unpacked(body: Body, most: usize) -> Body {
    let unpacking = Unpacking {
        stream: body.into_data_stream(),
        came: Bytes::new(),
        decoder: Some(MultiGzDecoder::new(Vec::new())),
        left: most,
    };
    Body::from_stream(unfold(unpacking, async |mut unpacking| {
        let part = unpacking.next().await.transpose()?;
        if part.is_err() {
            unpacking.decoder = None;
        }
        Some((part, unpacking))
    }))
}

impl Unpacking {
    /// The next part that is not empty; none at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, axum::BoxError> {
        loop {
            let Some(mut decoder) = self.decoder.take() else { return Ok(None) };
            while self.came.is_empty() {
                let Some(came) = self.stream.next().await else {
                    return self.part(decoder.finish()?);
                };
                self.came = came?;
            }
            let bite = self.came.split_to(self.came.len().min(BITE));
            decoder.write_all(&bite)?;
            let part = std::mem::take(decoder.get_mut());
            self.decoder = Some(decoder);
            if !part.is_empty() {
                // Others are to be served between two bites.
                tokio::task::yield_now().await;
                return self.part(part);
            }
        }
    }

    fn part(&mut self, part: Vec<u8>) -> Result<Option<Bytes>, axum::BoxError> {
        self.left = self.left.checked_sub(part.len()).ok_or_else(|| io::Error::other(TooMuch))?;
        Ok((!part.is_empty()).then(|| part.into()))
    }
}
