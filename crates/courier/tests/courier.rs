//! Delivery to a real receiver that fails, stays silent, asks to wait, refuses, and finally accepts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise, and says what it saw"
)]

mod circuit;
mod receiver;

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use receiver::{Receiver, Reply};
use tempfile::TempDir;
use zhaoren_courier::{Courier, DeliveryCounts, DeliveryObserver, StopCondition, StopSignal, signature};
use zhaoren_engine::{
    Attempt, AttemptCounts, Channels, EngineError, Home, Message, MessageCounts, MessageFilter,
    MessageSource, MessageState, Principal, Records, now, parse_date,
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

struct Quietly;

impl DeliveryObserver for Quietly {
    fn on_recorded(&self, _: &str, _: AttemptCounts, _: usize) {}

    fn on_error(&self, channel: &str, error: &EngineError) {
        panic!("{channel}: {error}");
    }
}

/// Records, and a channel to a receiver.
struct House {
    folder: TempDir,
    records: Records,
    channels: Channels,
}

impl House {
    /// Sets up a channel with additional configuration lines.
    fn new(url: &str, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let records = Records::open(Home::new(folder.path(), None)).unwrap();
        std::fs::write(folder.path().join("secret"), SECRET).unwrap();
        let channels = channels(folder.path(), url, more);
        Self { folder, records, channels }
    }

    /// Creates an offer for each enterprise, as a run of this day does.
    fn make(&self, day: &str, enterprises: &[&str], change: &str) -> MessageCounts {
        let items = [("x".to_owned(), r#"{"id":"x","title":"甲项"}"#.to_owned())];
        let run = MessageSource::new(day.as_bytes(), parse_date(day).unwrap(), &items).unwrap();
        let (who, channel) = (Principal::local(), &self.channels.all[0]);
        let mut maker =
            self.records.begin_messages(&who.write_context(now()), channel, &run).unwrap().unwrap();
        for enterprise in enterprises {
            let row = format!(
                r#"{{"enterprise_id":"{enterprise}","policy_id":"x","verdict":"eligible","score":0.5,"change":"{change}","cause":null,"detail":null}}"#
            );
            maker.push_line(&row).unwrap();
        }
        maker.finish().unwrap()
    }

    fn carry(&self, until: StopCondition) -> DeliveryCounts {
        carry(&self.records, &self.channels, until)
    }

    fn all(&self) -> Vec<Message> {
        self.records.messages(&MessageFilter { limit: 10_000, ..MessageFilter::default() }).unwrap()
    }
}

fn channels(folder: &Path, url: &str, more: &str) -> Channels {
    let file = folder.join("channels.toml");
    let text =
        format!("[channel.portal]\nurl = \"{url}\"\nsecret_file = \"secret\"\nbackoff = \"1ms\"\n{more}\n");
    std::fs::write(&file, text).unwrap();
    Channels::open(&file).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn carry(records: &Records, channels: &Channels, until: StopCondition) -> DeliveryCounts {
    let courier = Courier::open(records.clone(), channels, Principal::local()).unwrap();
    courier.deliver(until, &StopSignal::default(), &Quietly).unwrap().remove(0)
}

#[test]
fn messages_are_signed_and_sent_once() {
    let receiver = Receiver::willing();
    let house = House::new(&receiver.url(), "");
    assert_eq!(house.make("2026-07-01", &["a", "b"], "new").offers, 2);
    let carried = house.carry(StopCondition::NoneDue);
    assert_eq!((carried.sent, carried.retried, carried.dead), (2, 0, 0));
    assert_eq!(house.carry(StopCondition::NoneDue).sent, 0);
    assert_eq!(house.make("2026-07-01", &["a", "b"], "new"), MessageCounts::default());
    assert_eq!(house.make("2026-07-02", &["a", "b"], "kept"), MessageCounts::default());
    let got = receiver.got();
    assert_eq!(got.len(), 2);
    for one in &got {
        assert_eq!(one.line, "POST /hooks HTTP/1.1");
        assert_eq!(one.headers["content-type"], "application/json");
        let second: i64 = one.headers["webhook-timestamp"].parse().unwrap();
        assert!((now().0 / 1_000 - second).abs() < 60);
        let expected = signature(&house.channels.all[0].secrets, one.id(), second, &one.body);
        assert_eq!(one.headers["webhook-signature"], expected);
        let message = house.records.message(None, one.id()).unwrap().unwrap();
        assert_eq!((message.state, &message.body), (MessageState::Sent, &one.body));
        let told = house.records.outcomes_of("", &message.enterprise).unwrap();
        assert_eq!((told.len(), told[0].event.as_str(), told[0].at), (1, "pushed", message.sent_at.unwrap()));
        assert!(told[0].detail.contains(one.id()));
    }
    assert!(house.records.verify_audit(None).unwrap().faults.is_empty());
}

/// Expected value from another program: `printf '%s' "$id.$second.$body" | openssl dgst -sha256 -mac HMAC -macopt
/// hexkey:… -binary | base64`.
#[test]
fn signature_follows_standard_webhooks() {
    let house = House::new("http://127.0.0.1:1/", "");
    let secrets = &house.channels.all[0].secrets;
    let signed = signature(secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
    assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    let two = [secrets[0].clone(), secrets[0].clone()];
    assert_eq!(
        signature(&two, "a", 1, ""),
        [signature(secrets, "a", 1, ""), signature(secrets, "a", 1, "")].join(" ")
    );
    assert!(!format!("{:?}", house.channels).contains("Mf"), "a secret is not shown");
}

#[test]
fn failed_messages_are_retried_under_the_same_id_until_accepted() {
    let receiver = Receiver::start(|_, before| match before {
        0 => Reply::Status(500, ""),
        1 => Reply::Silent(Duration::from_secs(2)),
        2 => Reply::Gone,
        3 => Reply::Status(429, "retry-after: 1"),
        _ => Reply::Status(200, ""),
    });
    let house = House::new(&receiver.url(), "timeout = \"300ms\"");
    house.make("2026-07-01", &["a"], "new");
    let carried = house.carry(StopCondition::NoneWaiting);
    assert_eq!((carried.sent, carried.retried, carried.dead), (1, 4, 0));
    let got = receiver.got();
    assert_eq!(got.len(), 5);
    assert!(got.iter().all(|one| one.id() == got[0].id() && one.body == got[0].body));
    assert!(got[4].at - got[3].at >= Duration::from_millis(900), "it asked to wait");
    let [message] = house.all().try_into().unwrap();
    assert_eq!((message.state, message.attempts, message.last_error.as_str()), (MessageState::Sent, 5, ""));
    assert_eq!(house.records.outcomes_of("", "a").unwrap().len(), 1);
}

#[test]
fn rejected_or_exhausted_messages_are_given_up_and_can_be_retried() {
    for (status, attempts) in [(410, 1), (401, 1), (503, 3), (302, 3)] {
        let other = Receiver::willing();
        let address: &'static str = format!("location: {}", other.url()).leak();
        let receiver = Receiver::start(move |_, _| Reply::Status(status, address));
        let house = House::new(&receiver.url(), "attempts = 3");
        house.make("2026-07-01", &["a"], "new");
        let carried = house.carry(StopCondition::NoneWaiting);
        assert_eq!((carried.sent, carried.retried, carried.dead), (0, attempts - 1, 1), "{status}");
        let [message] = house.all().try_into().unwrap();
        assert_eq!((message.state, message.attempts), (MessageState::Dead, i64::try_from(attempts).unwrap()));
        assert!(message.last_error.contains(&status.to_string()), "{}", message.last_error);
        assert!(house.records.outcomes_of("", "a").unwrap().is_empty(), "it was not told");
        assert!(other.got().is_empty(), "another address is not followed");
        // The next run does not create it anew; only a person can retry it.
        assert_eq!(house.make("2026-07-02", &["a"], "kept"), MessageCounts::default());
        assert_eq!(house.records.retry_messages(&Principal::local().write_context(now()), None).unwrap(), 1);
        let better = Receiver::willing();
        let channels = channels(house.folder.path(), &better.url(), "");
        assert_eq!(carry(&house.records, &channels, StopCondition::NoneWaiting).sent, 1);
        assert_eq!(better.got()[0].id(), message.key);
    }
}

#[test]
fn a_message_to_an_unreachable_receiver_is_dead_after_its_attempts() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let house = House::new(&format!("http://{nobody}/"), "attempts = 2");
    house.make("2026-07-01", &["a"], "new");
    assert_eq!(house.carry(StopCondition::NoneWaiting).dead, 1);
    let [message] = house.all().try_into().unwrap();
    assert!(["连接不上", "连接被拒绝"].contains(&message.last_error.as_str()), "{}", message.last_error);
}

#[test]
fn concurrent_couriers_send_no_message_twice() {
    let receiver = Receiver::willing();
    let house = House::new(&receiver.url(), "concurrency = 5");
    let many: Vec<String> = (0..150).map(|n| format!("e{n:03}")).collect();
    house.make("2026-07-01", &many.iter().map(String::as_str).collect::<Vec<_>>(), "new");
    let sent: u64 = std::thread::scope(|scope| {
        let couriers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    // As opened by another process.
                    let records = Records::open(Home::new(house.folder.path(), None)).unwrap();
                    carry(&records, &house.channels, StopCondition::NoneWaiting).sent
                })
            })
            .collect();
        couriers.into_iter().map(|courier| courier.join().unwrap()).sum()
    });
    assert_eq!(sent, 150);
    let counts = receiver.counts();
    assert_eq!(counts.len(), 150);
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    assert!(house.records.verify_audit(None).unwrap().faults.is_empty());
}

#[test]
fn unrecorded_deliveries_are_repeated_under_the_same_id() {
    let receiver = Receiver::willing();
    let house = House::new(&receiver.url(), "");
    house.make("2026-07-01", &["a"], "new");
    // A process claims it and dies.
    let (who, channel) = (Principal::local(), &house.channels.all[0]);
    let length = Duration::from_millis(400);
    let taken =
        house.records.claim_messages(&who.write_context(now()), channel, "dead", length, 1).unwrap().messages;
    assert_eq!(taken.len(), 1);
    assert_eq!(house.carry(StopCondition::NoneDue).sent, 0, "the lease holds");
    assert_eq!(house.carry(StopCondition::NoneWaiting).sent, 1, "it is over");
    assert_eq!(receiver.got()[0].id(), taken[0].key);
    // When the dead process returns, it records nothing twice.
    let late = [(taken[0].clone(), Attempt::Sent)];
    assert_eq!(
        house.records.record_attempts(&who.write_context(now()), channel, "dead", &late).unwrap().sent,
        0
    );
    assert_eq!(house.records.outcomes_of("", "a").unwrap().len(), 1);
}

/// Creates a self-signed certificate for this machine and its key; `None` without `openssl`.
fn certificate(folder: &Path, name: &str) -> Option<(PathBuf, PathBuf)> {
    let (certificate, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=receiver", "-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output();
    made.is_ok_and(|made| made.status.success()).then_some((certificate, key))
}

/// Accepts messages over TLS.
fn encrypted(certificate: &Path, key: &Path) -> Receiver {
    use rustls::pki_types::pem::PemObject;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![rustls::pki_types::CertificateDer::from_pem_file(certificate).unwrap()],
            rustls::pki_types::PrivateKeyDer::from_pem_file(key).unwrap(),
        )
        .unwrap();
    let config = Arc::new(config);
    Receiver::start_over(move |stream| {
        let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
        Box::new(BufReader::new(rustls::StreamOwned::new(connection, stream)))
    })
}

#[test]
fn receivers_without_a_valid_certificate_get_no_message() {
    let folder = tempfile::tempdir().unwrap();
    let Some((ours, key)) = certificate(folder.path(), "ours") else {
        zhaoren_prerequisite::skip(zhaoren_prerequisite::Prerequisite::Shell, "openssl is not installed");
        return;
    };
    let (other, _) = certificate(folder.path(), "other").unwrap();
    let receiver = encrypted(&ours, &key);
    let url = format!("https://{}/hooks", receiver.address);
    let house = House::new(&url, &format!("attempts = 2\nca_file = \"{}\"", other.display()));
    house.make("2026-07-01", &["a"], "new");
    assert_eq!(house.carry(StopCondition::NoneWaiting).dead, 1);
    let [message] = house.all().try_into().unwrap();
    assert!(message.last_error.starts_with("加密连接不成"), "{}", message.last_error);
    assert!(receiver.got().is_empty());
    let trusting = channels(house.folder.path(), &url, &format!("ca_file = \"{}\"", ours.display()));
    house.records.retry_messages(&Principal::local().write_context(now()), None).unwrap();
    assert_eq!(carry(&house.records, &trusting, StopCondition::NoneWaiting).sent, 1);
    assert_eq!(receiver.got()[0].id(), message.key);
    // The error names a file that contains no certificate.
    let wrong = channels(house.folder.path(), &url, "ca_file = \"secret\"");
    let error = Courier::open(house.records.clone(), &wrong, Principal::local()).err().unwrap().to_string();
    assert!(error.contains("portal") && error.contains("ca_file"), "{error}");
}

#[test]
fn no_message_is_sent_in_quiet_hours() {
    let minute = (now().0 / 60_000 + 8 * 60).rem_euclid(24 * 60);
    let clock = |minute: i64| {
        let of_day = minute.rem_euclid(24 * 60);
        format!("{:02}:{:02}", of_day / 60, of_day % 60)
    };
    let receiver = Receiver::willing();
    let quiet = format!("quiet = \"{}-{}\"", clock(minute - 60), clock(minute + 60));
    let house = House::new(&receiver.url(), &quiet);
    house.make("2026-07-01", &["a"], "new");
    let carried = house.carry(StopCondition::NoneWaiting);
    assert_eq!((carried.sent, carried.quiet_until.is_some()), (0, true));
    let [message] = house.all().try_into().unwrap();
    assert_eq!(
        (message.state, Some(message.next_at)),
        (MessageState::Waiting, carried.quiet_until.map(|at| at.0))
    );
    assert!(receiver.got().is_empty());
    // These quiet hours begin in an hour: it is not quiet now.
    let loud = format!("quiet = \"{}-{}\"", clock(minute + 60), clock(minute + 120));
    let loud = channels(house.folder.path(), &receiver.url(), &loud);
    house.make("2026-07-02", &["b"], "new");
    assert_eq!(
        carry(&house.records, &loud, StopCondition::NoneDue).sent,
        0,
        "both were made for the morning"
    );
}

#[test]
fn stop_request_finishes_the_current_batch() {
    let receiver = Receiver::start(|_, _| {
        std::thread::sleep(Duration::from_millis(150));
        Reply::Status(200, "")
    });
    let house = House::new(&receiver.url(), "concurrency = 2");
    let many: Vec<String> = (0..40).map(|n| format!("e{n:02}")).collect();
    house.make("2026-07-01", &many.iter().map(String::as_str).collect::<Vec<_>>(), "new");
    let courier = Courier::open(house.records.clone(), &house.channels, Principal::local()).unwrap();
    let stop = StopSignal::default();
    let carried = std::thread::scope(|scope| {
        let working =
            scope.spawn(|| courier.deliver(StopCondition::StopRequested, &stop, &Quietly).unwrap().remove(0));
        while receiver.got().len() < 3 {
            std::thread::sleep(Duration::from_millis(5));
        }
        stop.request();
        working.join().unwrap()
    });
    let got = receiver.got().len();
    assert!(got < 40, "it stopped");
    assert_eq!(carried.sent, u64::try_from(got).unwrap(), "what was begun is noted");
    let sent = house.all().iter().filter(|one| one.state == MessageState::Sent).count();
    assert_eq!(sent, got);
    assert!(house.all().iter().all(|one| one.leased_until == 0), "nobody waits for a lease");
}
