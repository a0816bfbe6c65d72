//! Receiver of messages for the demonstration: HTTP as far as our own sender speaks it, on this machine only. It
//! checks signatures and counts. Receivers to start from are in `examples/receivers`.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;
use zhaoren_courier::signature;
use zhaoren_engine::Secret;

/// Maximum length of a header line and of a body, in bytes.
const MAX_LINE: u64 = 8 << 10;
const MAX_BODY: usize = 64 << 10;
/// Maximum number of header lines.
const MAX_LINES: usize = 64;
/// Time without a byte after which a connection ends.
const PATIENCE: Duration = Duration::from_secs(10);

/// Numbers of messages received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Received {
    pub(super) offers: usize,
    pub(super) retractions: usize,
    /// Messages with a wrong signature, or none.
    pub(super) wrong: usize,
}

#[derive(Debug, Default)]
struct Counts {
    offers: AtomicUsize,
    retractions: AtomicUsize,
    wrong: AtomicUsize,
}

/// Receiver that runs until the process ends.
pub(super) struct Receiver(Arc<Counts>);

/// Listener on a free port of the loopback address.
pub(super) fn bind() -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// A secret of this demonstration. It signs messages between two ends of one process, and is no secret of anything.
pub(super) fn new_secret() -> &'static str {
    "whsec_ZGVtb25zdHJhdGlvbi1vZi16aGFvcmVuLTAwMDE="
}

impl Receiver {
    /// Starts to receive; messages have to be signed with one of `secrets`.
    pub(super) fn start(listener: TcpListener, secrets: Vec<Secret>) -> io::Result<Self> {
        let counts = Arc::new(Counts::default());
        let (shared, secrets) = (Arc::clone(&counts), Arc::new(secrets));
        let accept = move || {
            for stream in listener.incoming().flatten() {
                let (counts, secrets) = (Arc::clone(&shared), Arc::clone(&secrets));
                // A connection that fails is one that the sender makes again.
                let serve = move || {
                    let _ = serve(&stream, &counts, &secrets);
                };
                if std::thread::Builder::new().name("receiver".to_owned()).spawn(serve).is_err() {
                    return;
                }
            }
        };
        std::thread::Builder::new().name("receiver".to_owned()).spawn(accept)?;
        Ok(Self(counts))
    }

    pub(super) fn received(&self) -> Received {
        let of = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        Received {
            offers: of(&self.0.offers),
            retractions: of(&self.0.retractions),
            wrong: of(&self.0.wrong),
        }
    }
}

/// Answers the requests of one connection.
fn serve(stream: &TcpStream, counts: &Counts, secrets: &[Secret]) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some((headers, body)) = request(&mut reader)? {
        let sound = is_signed(&headers, &body, secrets);
        let kind = serde_json::from_str::<Value>(&body).ok();
        let kind = kind.as_ref().and_then(|body| body.get("type")).and_then(Value::as_str);
        let count = match kind {
            Some("offer") if sound => &counts.offers,
            Some("retraction") if sound => &counts.retractions,
            _ => &counts.wrong,
        };
        count.fetch_add(1, Ordering::Relaxed);
        let status = if sound { "204 No Content" } else { "401 Unauthorized" };
        let mut stream = stream;
        stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes())?;
    }
    Ok(())
}

/// Headers, with their names in lower case.
type Headers = Vec<(String, String)>;

/// Headers and body of the next request; `None` at the end of the connection.
fn request(reader: &mut impl BufRead) -> io::Result<Option<(Headers, String)>> {
    let refused = || io::Error::from(io::ErrorKind::InvalidData);
    let mut headers = Vec::new();
    for at in 0..MAX_LINES {
        let mut line = String::new();
        if reader.by_ref().take(MAX_LINE).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() && at > 0 {
            let length = value(&headers, "content-length").parse().ok().filter(|length| *length <= MAX_BODY);
            let mut body = vec![0; length.ok_or_else(refused)?];
            reader.read_exact(&mut body)?;
            return String::from_utf8(body).map(|body| Some((headers, body))).map_err(|_| refused());
        }
        if let Some((name, value)) = line.split_once(':').filter(|_| at > 0) {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    Err(refused())
}

fn value<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    headers.iter().find(|(of, _)| of == name).map_or("", |(_, value)| value)
}

/// True if one of the signatures of a message is ours.
fn is_signed(headers: &[(String, String)], body: &str, secrets: &[Secret]) -> bool {
    let (id, shown) = (value(headers, "webhook-id"), value(headers, "webhook-signature"));
    let Ok(second) = value(headers, "webhook-timestamp").parse() else { return false };
    let own = signature(secrets, id, second, body);
    !id.is_empty() && shown.split(' ').any(|one| own.split(' ').any(|own| own == one))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn requests_are_read_within_their_limits() {
        let read = |text: &str| request(&mut BufReader::new(text.as_bytes()));
        let (headers, body) =
            read("POST / HTTP/1.1\r\nWebhook-Id: a\r\ncontent-length: 2\r\n\r\n{}").unwrap().unwrap();
        assert_eq!((value(&headers, "webhook-id"), body.as_str()), ("a", "{}"));
        assert!(read("").unwrap().is_none());
        for wrong in ["POST / HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: 999999999\r\n\r\n"] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
        assert!(read(&"a: b\r\n".repeat(100)).is_err());
    }
}
