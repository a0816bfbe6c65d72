//! Request bodies and their memory budget.
//!
//! A buffered body is counted against one budget for all requests, and against the share of its caller, until its
//! last bytes are dropped: from its first part, while it waits at the gate, and during the computation. One that
//! finds no room waits a little and is refused then. A body that is read line by line is not buffered, and not
//! counted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes};
use axum::http::{HeaderMap, header};
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::config::Limits;
use crate::layers::unpack::TooMuch;
use crate::problem::{Code, Problem};

/// Unit of the budget, in bytes.
const UNIT: usize = 4096;
/// Maximum wait of a body for room.
const PATIENCE: Duration = Duration::from_secs(5);
/// Maximum body of a caller without a key, in bytes: it only has to hold a sign-in form.
pub(crate) const MAX_ANONYMOUS_BODY: usize = 64 << 10;

/// Memory budget for the bodies of all requests.
pub(crate) struct BodyMemory {
    all: Arc<Semaphore>,
    /// Units that one caller may hold.
    each: usize,
    /// Units held by each caller; callers that hold none are absent.
    held: Arc<Mutex<BTreeMap<String, usize>>>,
}

impl BodyMemory {
    pub(crate) fn new(limits: &Limits) -> Self {
        let units = |bytes: usize| bytes.div_ceil(UNIT).clamp(1, Semaphore::MAX_PERMITS);
        Self {
            all: Arc::new(Semaphore::new(units(limits.bodies))),
            // A share must hold an import, otherwise no import would be possible.
            each: units((limits.bodies / 2).max(limits.import.min(limits.bodies))),
            held: Arc::default(),
        }
    }

    /// Share of a caller.
    pub(crate) fn share(&self, caller: &str) -> Share {
        Share {
            all: Arc::clone(&self.all),
            each: self.each,
            held: Arc::clone(&self.held),
            caller: caller.to_owned(),
        }
    }
}

/// Share of one caller in the budget.
pub(crate) struct Share {
    all: Arc<Semaphore>,
    each: usize,
    held: Arc<Mutex<BTreeMap<String, usize>>>,
    caller: String,
}

impl Share {
    fn begin(&self) -> Reservation {
        Reservation { permit: None, units: 0, held: Arc::clone(&self.held), caller: self.caller.clone() }
    }

    /// Reserves room for a body that has grown to `bytes`, waiting up to `patience`.
    async fn grow(&self, taken: &mut Reservation, bytes: usize, patience: Duration) -> Result<(), Problem> {
        let more = bytes.div_ceil(UNIT).saturating_sub(taken.units);
        if more == 0 {
            return Ok(());
        }
        let full = |why: &str| Problem::new(Code::Busy, why).retry_after(5);
        {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            let mine = held.entry(self.caller.clone()).or_default();
            if *mine + more > self.each {
                return Err(full("同一调用方正在发送的内容过多，请稍后再试"));
            }
            *mine += more;
            taken.units += more;
        }
        let number = u32::try_from(more).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.all).acquire_many_owned(number);
        match tokio::time::timeout(patience, permit).await {
            Ok(Ok(permit)) => {
                match &mut taken.permit {
                    Some(all) => all.merge(permit),
                    none => *none = Some(permit),
                }
                Ok(())
            }
            _ => Err(full("正在接收的内容过多，请稍后再试")),
        }
    }
}

/// Reserved room, released when it is dropped.
pub(crate) struct Reservation {
    permit: Option<OwnedSemaphorePermit>,
    units: usize,
    held: Arc<Mutex<BTreeMap<String, usize>>>,
    caller: String,
}

impl Drop for Reservation {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = held.get_mut(&self.caller) {
            *mine = mine.saturating_sub(self.units);
            if *mine == 0 {
                held.remove(&self.caller);
            }
        }
    }
}

/// Bytes with their reservation.
struct ReservedBytes {
    bytes: Vec<u8>,
    _room: Reservation,
}

impl AsRef<[u8]> for ReservedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Body of a request, not read yet.
pub(crate) struct Content {
    body: Body,
    share: Share,
    /// True if the sender is authenticated, or need not be.
    known: bool,
}

impl Content {
    pub(crate) fn new(body: Body, share: Share, known: bool) -> Self {
        Self { body, share, known }
    }

    /// Caller charged for the body: the name of a key, or `address:` and the remote address without one.
    pub(crate) fn caller(&self) -> &str {
        &self.share.caller
    }

    /// Stream of the parts, for handlers that do not buffer them.
    pub(crate) fn into_stream(self) -> BodyDataStream {
        self.body.into_data_stream()
    }

    /// Reads the whole body, of at most `limit` bytes, within the time allowed for its size. The bytes keep their
    /// reservation until they are dropped.
    pub(crate) async fn read_all(
        self,
        headers: &HeaderMap,
        limit: usize,
        limits: &Limits,
    ) -> Result<Bytes, Problem> {
        let limit = if self.known { limit } else { limit.min(MAX_ANONYMOUS_BODY) };
        let large = || Problem::new(Code::TooLarge, format!("上限为 {limit} 字节"));
        let declared = headers.get(header::CONTENT_LENGTH);
        let declared = declared.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|length| length > limit) {
            return Err(large());
        }
        let (begun, patience) = (Instant::now(), PATIENCE.min(limits.silence));
        // An authenticated caller has at least the time limit of a request; another one only that of an idle
        // connection.
        let least = if self.known { limits.time.max(limits.silence) } else { limits.silence };
        let mut taken = self.share.begin();
        let mut stream = self.body.into_data_stream();
        let mut whole: Vec<u8> = Vec::new();
        loop {
            // Single bytes must not extend the wait for ever: the time allowed grows with the bytes received.
            let end = begun + least + Duration::from_secs((whole.len() / limits.rate.max(1)) as u64);
            let next = tokio::time::timeout_at(end, next_part(&mut stream, limits)).await;
            let Some(part) = next.map_err(|_| slow(limits, end - begun))?? else { break };
            let size = whole.len() + part.len();
            if size > limit {
                return Err(large());
            }
            self.share.grow(&mut taken, size, patience).await?;
            whole.extend_from_slice(&part);
        }
        Ok(Bytes::from_owner(ReservedBytes { bytes: whole, _room: taken }))
    }
}

/// Next part of a body; times out after the idle limit.
pub(crate) async fn next_part(
    stream: &mut BodyDataStream,
    limits: &Limits,
) -> Result<Option<Bytes>, Problem> {
    match tokio::time::timeout(limits.silence, stream.next()).await {
        Err(_) => {
            let detail = format!("{} 秒内没有收到后续内容", limits.silence.as_secs_f32());
            Err(Problem::new(Code::RequestTimeout, detail).retry_after(1))
        }
        Ok(None) => Ok(None),
        Ok(Some(Ok(part))) => Ok(Some(part)),
        Ok(Some(Err(error))) if is_too_large(&error) => {
            Err(Problem::new(Code::TooLarge, format!("解压后的上限为 {} 字节", limits.import)))
        }
        Ok(Some(Err(error))) => {
            Err(Problem::new(Code::BadContent, format!("请求内容没有收全，或不是所说的编码：{error}")))
        }
    }
}

fn slow(limits: &Limits, after: Duration) -> Problem {
    let detail = format!("请求内容在 {} 秒内没有收全；至少应每秒 {} 字节", after.as_secs_f32(), limits.rate);
    Problem::new(Code::RequestTimeout, detail).retry_after(1)
}

/// True if a body ended because its decompressed size exceeds the limit.
fn is_too_large(error: &(dyn std::error::Error + 'static)) -> bool {
    let inside = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    inside.is_some_and(|inside| inside.is::<TooMuch>()) || error.source().is_some_and(is_too_large)
}
