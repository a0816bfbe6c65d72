//! Compressed request bodies: gzip is accepted, and the decompressed size counts against the limits.
//!
//! Several gzip members, as produced by `cat a.gz b.gz`, form one body: a decoder that stopped after the first member
//! would silently lose the rest.

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

/// Compressed bytes decoded at a time; they expand to one megabyte at most.
const CHUNK: usize = 1024;

/// Decompressed body above the largest limit.
#[derive(Debug, thiserror::Error)]
#[error("it unpacks to too much")]
pub(crate) struct TooMuch;

/// Decompresses a gzip body, and refuses any other encoding.
pub(super) async fn handle(State(app): State<Shared>, mut request: Request, next: Next) -> Response {
    let packed = match is_packed(request.headers()) {
        Ok(packed) => packed,
        Err(encoding) => {
            let detail = format!("Content-Encoding 只接受 gzip，得到 `{encoding}`");
            let problem = Problem::new(Code::UnsupportedMediaType, detail);
            return ([(header::ACCEPT_ENCODING, "gzip")], problem).into_response();
        }
    };
    let headers = request.headers_mut();
    headers.remove(header::CONTENT_ENCODING);
    if packed {
        headers.remove(header::CONTENT_LENGTH);
        // The limit also applies to a stream, whose length is unknown: a small body that expands enormously would
        // keep a thread busy.
        let limit = app.settings.limits.import;
        request = request.map(|body| decompress(body, limit));
    }
    next.run(request).await
}

/// True if a body is compressed by gzip; the error is the unsupported encoding.
fn is_packed(headers: &HeaderMap) -> Result<bool, String> {
    let mut encodings: Vec<String> = Vec::new();
    for value in headers.get_all(header::CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        encodings.extend(value.split(',').map(|one| one.trim().to_owned()));
    }
    encodings.retain(|one| !one.is_empty() && one != "identity");
    match encodings.as_slice() {
        [] => Ok(false),
        [one] if one == "gzip" || one == "x-gzip" => Ok(true),
        several => Err(several.join(", ")),
    }
}

/// Decoder of a body stream.
struct Unpacking {
    stream: BodyDataStream,
    /// Received bytes, not decompressed yet.
    came: Bytes,
    /// `None` once the body is decompressed completely.
    decoder: Option<MultiGzDecoder<Vec<u8>>>,
    /// Decompressed bytes still allowed.
    left: usize,
}

fn decompress(body: Body, limit: usize) -> Body {
    let unpacking = Unpacking {
        stream: body.into_data_stream(),
        came: Bytes::new(),
        decoder: Some(MultiGzDecoder::new(Vec::new())),
        left: limit,
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
    /// Next part that is not empty; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, axum::BoxError> {
        loop {
            let Some(mut decoder) = self.decoder.take() else { return Ok(None) };
            while self.came.is_empty() {
                let Some(came) = self.stream.next().await else {
                    return self.part(decoder.finish()?);
                };
                self.came = came?;
            }
            let bite = self.came.split_to(self.came.len().min(CHUNK));
            decoder.write_all(&bite)?;
            let part = std::mem::take(decoder.get_mut());
            self.decoder = Some(decoder);
            if !part.is_empty() {
                // Other requests get a turn between two parts.
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
