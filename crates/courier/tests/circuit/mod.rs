//! A receiver that is down, then up again: few attempts, few lines of the audit, and no message lost. Attempts are counted; no clock
//! decides.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use zhaoren_engine::Moment;

use super::*;

/// Messages of a test: far more than the breaker lets through.
const MANY: usize = 300;

/// Circuit transitions, as observed.
#[derive(Default)]
struct Watch {
    transitions: Mutex<Vec<Option<String>>>,
    unreached: AtomicUsize,
}

impl DeliveryObserver for Watch {
    fn on_recorded(&self, _: &str, _: AttemptCounts, _: usize) {}

    fn on_failed_probe(&self, _: &str) {
        self.unreached.fetch_add(1, Ordering::Relaxed);
    }

    fn on_circuit(&self, _: &str, opened: Option<(Moment, &str)>) {
        self.transitions.lock().unwrap().push(opened.map(|(_, error)| error.to_owned()));
    }

    fn on_error(&self, channel: &str, error: &EngineError) {
        panic!("{channel}: {error}");
    }
}

fn many(house: &House) {
    let enterprises: Vec<String> = (0..MANY).map(|n| format!("e{n:03}")).collect();
    house.make("2026-07-01", &enterprises.iter().map(String::as_str).collect::<Vec<_>>(), "new");
}

fn deliver(house: &House, watch: &Watch, until: StopCondition) -> DeliveryCounts {
    let courier = Courier::open(house.records.clone(), &house.channels, Principal::local()).unwrap();
    courier.deliver(until, &StopSignal::default(), watch).unwrap().remove(0)
}

fn actions(house: &House) -> Vec<String> {
    house.records.audit(0, 10_000, None).unwrap().into_iter().map(|line| line.action).collect()
}

/// The receiver fails 40 times and recovers: each attempt but those is a delivery, and every message arrives.
#[test]
fn a_failing_receiver_is_probed_and_then_gets_every_message() {
    let failures = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&failures);
    let receiver = Receiver::start(move |_, _| match count.fetch_add(1, Ordering::SeqCst) < 40 {
        true => Reply::Status(503, ""),
        false => Reply::Status(204, ""),
    });
    let house = House::new(&receiver.url(), "attempts = 100\nlongest = \"2ms\"\nconcurrency = 4");
    many(&house);
    let watch = Watch::default();
    let carried = deliver(&house, &watch, StopCondition::NoneWaiting);
    assert_eq!((carried.sent, carried.dead), (MANY as u64, 0));
    assert_eq!(receiver.got().len(), MANY + 40, "no attempt but the failures and the deliveries");
    assert_eq!(*watch.transitions.lock().unwrap(), [Some("HTTP 503".to_owned()), None]);
    let actions = actions(&house);
    let times = |action: &str| actions.iter().filter(|one| *one == action).count();
    assert_eq!((times("channel.suspend"), times("channel.resume")), (1, 1));
    assert!(house.all().iter().all(|one| one.state == MessageState::Sent && one.leased_until == 0));
    assert!(house.records.verify_audit(None).unwrap().faults.is_empty());
}

/// A receiver that cannot be reached costs a few attempts and a few lines, and no message is given up; the command ends.
#[test]
fn messages_of_an_unreachable_receiver_wait_behind_an_open_circuit() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let house = House::new(&format!("http://{closed}/"), "attempts = 10\nlongest = \"2ms\"");
    many(&house);
    let before = actions(&house).len();
    let watch = Watch::default();
    let carried = deliver(&house, &watch, StopCondition::NoneWaiting);
    assert_eq!((carried.sent, carried.dead), (0, 0));
    let error = carried.circuit_open.expect("it says why");
    assert!(["连接不上", "连接被拒绝"].contains(&error.as_str()), "{error}");
    assert_eq!(watch.unreached.load(Ordering::Relaxed), 10, "one probe for each attempt of the channel");
    let all = house.all();
    assert!(all.iter().all(|one| one.state == MessageState::Waiting && one.leased_until == 0));
    let attempts: i64 = all.iter().map(|one| one.attempts).sum();
    assert!((5..=7).contains(&attempts), "{attempts}: the circuit opens after five");
    let lines = actions(&house).len() - before;
    assert!(lines <= 4, "{lines} lines for {MANY} messages");
    // Nothing is waited for where only what is due is sent.
    assert!(deliver(&house, &Watch::default(), StopCondition::NoneDue).circuit_open.is_some());
}

/// With `merge`, each enterprise gets one request with all that is due, and each message is recorded by itself.
#[test]
fn a_merging_channel_sends_one_request_for_each_enterprise() {
    let failed = AtomicBool::new(false);
    let receiver = Receiver::start(move |_, _| match failed.swap(true, Ordering::SeqCst) {
        false => Reply::Status(500, ""),
        true => Reply::Status(204, ""),
    });
    let house = House::new(&receiver.url(), "merge = true\nconcurrency = 1");
    let items =
        ["x", "y", "z"].map(|id| (id.to_owned(), format!("{{\"id\":\"{id}\",\"title\":\"{id}项\"}}")));
    let run = MessageSource::new(b"run", parse_date("2026-07-01").unwrap(), &items).unwrap();
    let who = Principal::local();
    let act = who.write_context(now());
    let mut maker = house.records.begin_messages(&act, &house.channels.all[0], &run).unwrap().unwrap();
    // More messages than a batch claims: an enterprise is not divided.
    for enterprise in 0..20 {
        for item in ["x", "y", "z"] {
            let row = format!(
                r#"{{"enterprise_id":"e{enterprise:02}","policy_id":"{item}","verdict":"eligible","score":0.5,"change":"new"}}"#
            );
            maker.push_line(&row).unwrap();
        }
    }
    maker.finish().unwrap();
    assert_eq!(house.carry(StopCondition::NoneWaiting).sent, 60);
    let mut told = std::collections::BTreeMap::<String, usize>::new();
    for one in receiver.got().iter().skip(1) {
        let body: serde_json::Value = serde_json::from_str(&one.body).unwrap();
        assert_eq!(body["type"], "notice");
        for item in body["data"]["items"].as_array().unwrap() {
            assert_eq!((&item["type"], item.get("enterprise")), (&"offer".into(), None));
            *told.entry(item["id"].as_str().unwrap().to_owned()).or_default() += 1;
            let message = house.records.message(None, item["id"].as_str().unwrap()).unwrap().unwrap();
            assert_eq!(
                (message.state, body["data"]["enterprise"].as_str().unwrap()),
                (MessageState::Sent, message.enterprise.as_str())
            );
        }
    }
    assert_eq!(told.len(), 60);
    assert!(told.values().all(|count| *count == 1), "{told:?}");
    // The first request failed: its three messages may come apart when they are sent again.
    let requests = receiver.got().len();
    assert!((21..=24).contains(&requests), "{requests}");
}
