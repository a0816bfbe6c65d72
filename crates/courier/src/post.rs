//! HTTP client of one channel.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use zhaoren_engine::{Channel, Parcel, now};

use crate::CourierError;
use crate::judge::{Answer, classify_status, retry_after};
use crate::sign::signature;

/// Posts messages to the receiver of a channel.
pub(crate) struct HttpSender {
    agent: Agent,
    timeout: Duration,
}

impl HttpSender {
    pub(crate) fn open(channel: &Channel) -> Result<Self, CourierError> {
        let mut tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()));
        // Plain HTTP is allowed to the local machine only and needs no root certificates.
        if channel.url.starts_with("https://") {
            tls = tls.root_certs(RootCerts::Specific(Arc::new(trusted(channel)?)));
        }
        let agent = Agent::config_builder()
            .tls_config(tls.build())
            .timeout_global(Some(channel.timeout))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // A proxy from the environment would learn which receivers we contact.
            .proxy(None)
            .max_idle_connections_per_host(channel.concurrency)
            .max_idle_connections(channel.concurrency)
            .user_agent(concat!("zhaoren/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self { agent, timeout: channel.timeout })
    }

    /// Posts the messages of one request once.
    pub(crate) fn post(&self, channel: &Channel, parcel: &Parcel) -> Answer {
        self.post_body(channel, &parcel.id, &parcel.body)
    }

    /// Posts a body under an id, signed.
    pub(crate) fn post_body(&self, channel: &Channel, id: &str, body: &str) -> Answer {
        let second = now().0 / 1_000;
        let sent = self
            .agent
            .post(&channel.url)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", second.to_string())
            .header("webhook-signature", signature(&channel.secrets, id, second, body))
            .send(body.as_bytes());
        let mut answer = match sent {
            Ok(answer) => answer,
            Err(error) => {
                let maybe_told = may_be_delivered(&error);
                let reached = maybe_told || !is_connection_error(&error);
                let error = describe(&error, self.timeout);
                return Answer::Failed { error, wait: None, maybe_told, reached };
            }
        };
        let wait = answer.headers().get("retry-after").and_then(|header| header.to_str().ok());
        let judged =
            classify_status(answer.status().as_u16(), wait.and_then(|wait| retry_after(wait, now().0)));
        // Reading a short body to its end lets the connection be reused. Its content is ignored.
        let _ = answer.body_mut().with_config().limit(16 << 10).read_to_vec();
        judged
    }
}

/// Failure of a request with this timeout, in Chinese.
pub(crate) fn describe(error: &ureq::Error, timeout: Duration) -> String {
    match error {
        ureq::Error::Timeout(_) => format!("{} 秒内没有答复", timeout.as_secs_f32()),
        ureq::Error::HostNotFound => "找不到主机".to_owned(),
        ureq::Error::ConnectionFailed => "连接不上".to_owned(),
        ureq::Error::Io(cause) if cause.kind() == io::ErrorKind::ConnectionRefused => "连接被拒绝".to_owned(),
        ureq::Error::Io(cause) if is_tls_error(cause) => format!("加密连接不成：{cause}"),
        ureq::Error::Io(cause) => format!("连接中断：{cause}"),
        ureq::Error::Rustls(cause) => format!("加密连接不成：{cause}"),
        other => format!("没有发出：{other}"),
    }
}

/// True if no connection came about.
fn is_connection_error(error: &ureq::Error) -> bool {
    use ureq::{Error, Timeout};
    match error {
        Error::Timeout(Timeout::Resolve | Timeout::Connect)
        | Error::HostNotFound
        | Error::ConnectionFailed
        | Error::Rustls(_)
        | Error::Tls(_) => true,
        Error::Io(cause) => cause.kind() == io::ErrorKind::ConnectionRefused || is_tls_error(cause),
        _ => false,
    }
}

/// True if a message may have reached its receiver although no answer came back.
fn may_be_delivered(error: &ureq::Error) -> bool {
    use ureq::{Error, Timeout};
    match error {
        Error::Timeout(Timeout::Resolve | Timeout::Connect | Timeout::SendRequest)
        | Error::HostNotFound
        | Error::ConnectionFailed
        | Error::Rustls(_)
        | Error::Tls(_) => false,
        Error::Io(cause) => {
            let refused = cause.kind() == io::ErrorKind::ConnectionRefused;
            !refused && !is_tls_error(cause)
        }
        _ => true,
    }
}

/// True if the cause is a failed TLS handshake, which arrives wrapped in an I/O error.
fn is_tls_error(cause: &io::Error) -> bool {
    cause.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
}

/// Trusted root certificates: those of the channel, otherwise those of the system.
fn trusted(channel: &Channel) -> Result<Vec<Certificate<'static>>, CourierError> {
    if let Some((path, pem)) = &channel.ca_bundle {
        let wrong = || CourierError::Authorities { channel: channel.name.clone(), path: path.clone() };
        let mut certificates = Vec::new();
        for item in parse_pem(pem) {
            if let PemItem::Certificate(one) = item.map_err(|_| wrong())? {
                certificates.push(one);
            }
        }
        return if certificates.is_empty() { Err(wrong()) } else { Ok(certificates) };
    }
    let found = system_roots();
    if found.is_empty() {
        return Err(CourierError::NoRootCertificates { channel: channel.name.clone() });
    }
    Ok(found)
}

/// Root certificates that the system trusts.
pub(crate) fn system_roots() -> Vec<Certificate<'static>> {
    let found = rustls_native_certs::load_native_certs().certs;
    found.iter().map(|one| Certificate::from_der(one).to_owned()).collect()
}
