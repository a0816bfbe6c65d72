//! Messages end to end: made from real runs, sent by processes that are killed, and by the server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

#[path = "../crates/courier/tests/receiver/mod.rs"]
mod receiver;
use crate::kill::is_killed;
use crate::serving;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use receiver::{Receiver, Reply};
use serde_json::Value;
use serving::Server;
use tempfile::TempDir;

const ITEM: &str = "id: x\ntitle: 样例甲\nwindow: [{opens: 2026-03-01, closes: 2026-09-30}]\n\
                    criteria: {fact: employees, at_least: 10}\n";

/// A folder with an item, a channel to a receiver, and the data directory.
struct House {
    folder: TempDir,
}

impl House {
    fn new(receiver: &Receiver, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let house = Self { folder };
        std::fs::write(house.path("item.yaml"), ITEM).unwrap();
        std::fs::write(house.path("secret"), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let url = receiver.url();
        let channel = format!(
            "[channel.portal]\nurl = \"{url}\"\nsecret_file = \"secret\"\nbackoff = \"5ms\"\n{more}\n"
        );
        std::fs::write(house.path("channels.toml"), channel).unwrap();
        house
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
        command.env_remove("ZHAOREN_DATABASE_URL").env("ZHAOREN_CHANNELS", self.path("channels.toml"));
        command.arg("--data").arg(self.path("data")).current_dir(self.folder.path()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn answer(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[&["--json"], arguments].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn lines(&self, arguments: &[&str]) -> Vec<Value> {
        let output = self.run(&[&["--json"], arguments].concat());
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// A run over enterprises with the given numbers of employees.
    fn night(&self, day: &str, employees: &[(&str, u32)], previous: Option<&str>, format: &str) {
        let mut rows = String::new();
        for (id, employees) in employees {
            writeln!(rows, r#"{{"id":"{id}","facts":{{"employees":{employees}}}}}"#).unwrap();
        }
        std::fs::write(self.path("enterprises.jsonl"), rows).unwrap();
        let mut arguments =
            vec!["push", "enterprises.jsonl", "--policies", "item.yaml", "--as-of", day, "--out", day];
        arguments.extend(["--format", format]);
        arguments.extend(previous.iter().flat_map(|previous| ["--previous", previous]));
        let output = self.run(&arguments);
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn make(&self, day: &str) -> Value {
        self.answer(&["messages", "make", day, "--channel", "portal"])["made"].clone()
    }
}

fn kind_and_enterprise(receiver: &Receiver) -> Vec<(String, String)> {
    let told = |body: &str| {
        let body: Value = serde_json::from_str(body).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&body["type"]), text(&body["data"]["enterprise"]))
    };
    receiver.got().iter().map(|one| told(&one.body)).collect()
}

/// True if a number or text of `body` is `wanted`.
fn holds(body: &Value, wanted: &str) -> bool {
    match body {
        Value::Array(parts) => parts.iter().any(|part| holds(part, wanted)),
        Value::Object(parts) => parts.values().any(|part| holds(part, wanted)),
        Value::String(text) => text == wanted,
        Value::Number(number) => number.to_string() == wanted,
        _ => false,
    }
}

#[test]
fn consecutive_nights_send_every_change_once() {
    let receiver = Receiver::willing();
    let house = House::new(&receiver, "concurrency = 1");
    house.night("2026-07-01", &[("a", 50), ("b", 5), ("c", 20)], None, "parquet");
    assert_eq!(
        house.make("2026-07-01"),
        serde_json::json!({"offers": 2, "retractions": 0, "held": 0, "withdrawn": 0})
    );
    assert_eq!(house.make("2026-07-01")["offers"], 0, "the same run again");
    let sent = house.answer(&["messages", "send"]);
    assert_eq!(sent["channels"][0]["sent"], 2);
    assert_eq!(kind_and_enterprise(&receiver), [("offer".into(), "a".into()), ("offer".into(), "c".into())]);
    let body: Value = serde_json::from_str(&receiver.got()[0].body).unwrap();
    assert_eq!(
        (&body["data"]["title"], &body["data"]["window"]["closes"]),
        (&"样例甲".into(), &"2026-09-30".into())
    );
    // Compared value by value: the digits may be part of an id or of a time.
    assert!(
        !holds(&body, "50") && !receiver.got()[0].body.contains("employees"),
        "a fact left the house: {body}"
    );

    // c has opted out; a shrinks; b grows.
    assert!(house.run(&["opt-outs", "add", "c", "--reason", "不再接收"]).status.success());
    house.night("2026-07-02", &[("a", 5), ("b", 50), ("c", 20)], Some("2026-07-01"), "csv");
    let made = house.make("2026-07-02");
    assert_eq!((&made["offers"], &made["retractions"]), (&1.into(), &1.into()));
    assert_eq!(house.answer(&["messages", "send", "--until-empty"])["channels"][0]["sent"], 2);
    assert_eq!(
        kind_and_enterprise(&receiver)[2..],
        [("retraction".into(), "a".into()), ("offer".into(), "b".into())]
    );
    let taken_back: Value = serde_json::from_str(&receiver.got()[2].body).unwrap();
    assert_eq!(taken_back["data"]["retracts"], serde_json::json!([receiver.got()[0].id()]));

    // a grows again: a new message is sent.
    house.night("2026-07-03", &[("a", 50), ("b", 50), ("c", 20)], Some("2026-07-02"), "jsonl");
    assert_eq!(house.make("2026-07-03")["offers"], 1);
    house.answer(&["messages", "send"]);
    assert_eq!(kind_and_enterprise(&receiver)[4..], [("offer".into(), "a".into())]);
    assert!(receiver.counts().values().all(|count| *count == 1));
    // No messages are made from an older run, and a run of an earlier day is rejected.
    assert_eq!(house.make("2026-07-01")["offers"], 0);
    house.night("2026-06-30", &[("a", 50)], None, "jsonl");
    let late = house.run(&["messages", "make", "2026-06-30", "--channel", "portal"]);
    assert_eq!(late.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&late.stderr).contains("2026-07-03"));

    // The ledger has the messages sent, the audit one line per batch, and both verify.
    let events = house.lines(&["outcomes", "list", "a"]);
    assert_eq!(
        events.iter().map(|one| one["event"].as_str().unwrap()).collect::<Vec<_>>(),
        ["pushed", "pushed"]
    );
    assert!(house.run(&["audit", "verify"]).status.success());
    let shown = house.answer(&["messages", "show", receiver.got()[4].id()]);
    assert_eq!(
        (&shown["state"], &shown["round"], &shown["kind"]),
        (&"sent".into(), &1.into(), &"offer".into())
    );
    assert_eq!(house.lines(&["messages", "list", "--state", "sent"]).len(), 5);
    let said = String::from_utf8(house.run(&["messages", "list", "--limit", "1"]).stdout).unwrap();
    assert!(said.contains("portal  告知  a  x  送达 "), "{said}");
}

#[test]
fn failed_messages_and_faults_are_reported() {
    let receiver = Receiver::start(
        |_, before| if before == 0 { Reply::Status(422, "") } else { Reply::Status(200, "") },
    );
    let house = House::new(&receiver, "");
    house.night("2026-07-01", &[("a", 50)], None, "jsonl");
    house.make("2026-07-01");
    let sent = house.run(&["messages", "send"]);
    assert_eq!(sent.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&sent.stderr).contains("放弃了 1 条"));
    assert_eq!(house.lines(&["messages", "list", "--state", "dead"])[0]["last_error"], "HTTP 422");
    assert_eq!(house.answer(&["messages", "retry", "--dead"])["retried"], 1);
    assert_eq!(house.answer(&["messages", "send"])["channels"][0]["sent"], 1);

    let fails = |arguments: &[&str]| {
        let output = house.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let said = fails(&["messages", "make", "2026-07-01", "--channel", "sms"]);
    assert!(said.contains("没有渠道 `sms`，有 portal"), "{said}");
    let said = fails(&["messages", "make", "nowhere", "--channel", "portal"]);
    assert!(said.contains("nowhere"), "{said}");
    assert!(fails(&["messages", "show", "99"]).contains("没有消息 `99`"));
    assert!(fails(&["messages", "retry", "1"]).contains("sent"));
    // A channel configuration with many errors: each is reported with its line, without any secret.
    let wrong = "[channel.a]\nurl = \"https://user:hunter2@example.cn/\"\nsecret_file = \"hunter2\"\nquiet = \"22-8\"\n\
                 [channel.b]\nurl = \"http://example.cn/?token=hunter2\"\nsecret_file = \"empty\"\nspeed = 3\n";
    std::fs::write(house.path("wrong.toml"), wrong).unwrap();
    std::fs::write(house.path("empty"), "hunter2").unwrap();
    for arguments in [
        &["messages", "--channels", "wrong.toml", "send"][..],
        &["serve", "--set", "channels=wrong.toml", "--listen", "127.0.0.1:0"],
    ] {
        let said = fails(arguments);
        for line in [
            "wrong.toml:2：channel.a.url：",
            "wrong.toml:3：channel.a.secret_file：读不了这个文件",
            "wrong.toml:4：channel.a.quiet：",
            "wrong.toml:6：channel.b.url：",
            "wrong.toml:7：channel.b.secret_file：每行应为 whsec_",
            "wrong.toml:8：channel.b.speed：不认识",
        ] {
            assert!(said.contains(line), "{line} is not in\n{said}");
        }
        assert!(!said.contains("hunter2"), "{said}");
    }
    let check = house.run(&["config", "check", "--set", "channels=wrong.toml"]);
    assert_eq!(check.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&check.stderr).contains("wrong.toml:8：channel.b.speed"));
}

/// Ids of the messages in a state.
fn keys(house: &House, state: &str) -> BTreeSet<String> {
    let all = house.lines(&["messages", "list", "--state", state, "--limit", "100000"]);
    all.iter().map(|one| one["key"].as_str().unwrap().to_owned()).collect()
}

/// Kills at each step of a batch: before it is posted, after it, and after its outcomes are recorded. Exactly the messages
/// that were posted and not recorded come twice.
#[cfg(debug_assertions)]
#[test]
fn killed_senders_lose_no_message_and_repeat_only_those_in_progress() {
    const AT_ONCE: usize = 4;
    const MESSAGES: usize = 400;
    /// Messages of a batch at most: eight for each concurrent post.
    const BATCH: usize = 8 * AT_ONCE;
    let receiver = Receiver::willing();
    let house = House::new(&receiver, &format!("concurrency = {AT_ONCE}\ntimeout = \"500ms\""));
    let ids: Vec<String> = (0..MESSAGES).map(|n| format!("e{n:03}")).collect();
    house.night("2026-07-01", &ids.iter().map(|id| (id.as_str(), 50)).collect::<Vec<_>>(), None, "jsonl");
    assert_eq!(house.make("2026-07-01")["offers"], MESSAGES);
    let mut unrecorded = BTreeSet::new();
    // The batches that the receiver gets from each run, and those of them that are not recorded.
    for (step, posted, lost) in [
        ("messages-claimed", 0, 0),
        ("messages-claimed:2", 1, 0),
        ("messages-posted", 1, 1),
        ("messages-posted:2", 2, 1),
        ("messages-recorded", 1, 0),
        ("messages-recorded:3", 3, 0),
    ] {
        let before = receiver.got().len();
        let killed =
            house.command(&["messages", "send"]).env("ZHAOREN_FAILPOINT", step).output().unwrap().status;
        assert!(is_killed(killed), "{step}: {killed}");
        let got = receiver.got().len() - before;
        assert!(got >= posted * AT_ONCE && got <= posted * BATCH, "{step}: {got}");
        let noted = keys(&house, "sent");
        let left: BTreeSet<String> =
            receiver.counts().into_keys().filter(|key| !noted.contains(key)).collect();
        assert!(left.is_superset(&unrecorded), "{step}: none is sent again before its lease ends");
        let more = left.len() - unrecorded.len();
        assert!(more >= lost * AT_ONCE && more <= lost * BATCH, "{step}: {more}");
        assert!(posted != lost || more == got, "{step}: {more} of {got}");
        assert!(posted == lost || more < got, "{step}: {more} of {got}");
        unrecorded = left;
    }
    assert!(house.run(&["messages", "send", "--until-empty"]).status.success());
    assert_eq!(keys(&house, "sent").len(), MESSAGES, "nothing is lost");
    let counts = receiver.counts();
    assert_eq!(counts.len(), MESSAGES);
    let repeated: BTreeSet<String> =
        counts.into_iter().filter(|(_, count)| *count > 1).map(|(key, _)| key).collect();
    assert_eq!(repeated, unrecorded, "only what was under way came twice");
    for id in ids.iter().take(10) {
        assert_eq!(house.lines(&["outcomes", "list", id]).len(), 1, "the ledger tells it once");
    }
    assert!(house.run(&["audit", "verify"]).status.success());
}

#[test]
#[ignore = "kills by the clock: tests/nightly.sh"]
fn nightly_senders_killed_by_the_clock_lose_no_message() {
    const KILLS: usize = 20;
    const AT_ONCE: usize = 4;
    let receiver = Receiver::start(|_, _| {
        std::thread::sleep(Duration::from_millis(4));
        Reply::Status(200, "")
    });
    let house = House::new(&receiver, &format!("concurrency = {AT_ONCE}\ntimeout = \"500ms\""));
    let ids: Vec<String> = (0..600).map(|n| format!("e{n:03}")).collect();
    house.night("2026-07-01", &ids.iter().map(|id| (id.as_str(), 50)).collect::<Vec<_>>(), None, "jsonl");
    assert_eq!(house.make("2026-07-01")["offers"], 600);
    let mut under_way = BTreeSet::new();
    for round in 0..KILLS {
        let before = receiver.got().len();
        let mut child =
            house.command(&["messages", "send"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while receiver.got().len() < before + 3 + round % 9 {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
            std::thread::sleep(Duration::from_micros(300));
        }
        // A different moment of the current batch in every round.
        std::thread::sleep(Duration::from_micros(u64::try_from(round * 731 % 9_000).unwrap()));
        child.kill().unwrap();
        child.wait().unwrap();
        // The receiver finishes the requests in progress.
        std::thread::sleep(Duration::from_millis(20));
        let noted = keys(&house, "sent");
        let left: Vec<String> = receiver.counts().into_keys().filter(|key| !noted.contains(key)).collect();
        assert!(left.len() <= AT_ONCE * (round + 1), "round {round}: {} were not noted", left.len());
        under_way.extend(left);
    }
    assert!(house.run(&["messages", "send", "--until-empty"]).status.success());
    assert_eq!(keys(&house, "sent").len(), 600, "nothing is lost");
    let counts = receiver.counts();
    assert_eq!(counts.len(), 600);
    let repeated: BTreeSet<&String> =
        counts.iter().filter(|(_, count)| **count > 1).map(|(key, _)| key).collect();
    assert!(repeated.iter().all(|key| under_way.contains(*key)), "only what was under way came twice");
    println!("killed {KILLS} times: {} under way, {} came twice", under_way.len(), repeated.len());
    for id in ids.iter().take(10) {
        assert_eq!(house.lines(&["outcomes", "list", id]).len(), 1, "the ledger tells it once");
    }
    assert!(house.run(&["audit", "verify"]).status.success());
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..400 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{what} took too long");
}

#[test]
fn servers_with_channels_send_in_the_background_and_stop_cleanly() {
    let receiver = Receiver::start(|_, _| {
        std::thread::sleep(Duration::from_millis(200));
        Reply::Status(200, "")
    });
    let house = House::new(&receiver, "concurrency = 2");
    let channels = format!("channels={}", house.path("channels.toml").display());
    let mut server = Server::over(&house.path("data"), &["--set", &channels]);
    let ids: Vec<String> = (0..20).map(|n| format!("e{n:02}")).collect();
    house.night("2026-07-01", &ids.iter().map(|id| (id.as_str(), 50)).collect::<Vec<_>>(), None, "jsonl");
    house.make("2026-07-01");
    until("the first lot", || receiver.got().len() >= 4);
    let (status, page) = server.ask("GET", "/v1/messages?state=waiting&limit=1", "");
    assert_eq!((status, page["messages"].as_array().unwrap().len()), (200, 1));
    terminate(server.child.id());
    assert!(server.child.wait().unwrap().success());
    let got = receiver.got().len();
    assert!(got < 20, "it stopped");
    assert_eq!(keys(&house, "sent").len(), got, "what was begun is noted");
    drop(server);
    // Another process continues where the first one ended.
    let server = Server::over(&house.path("data"), &["--set", &channels]);
    until("the rest", || keys(&house, "waiting").is_empty());
    assert_eq!(receiver.counts().values().sum::<usize>(), 20, "none came twice");
    let metrics = text(&server, "/metrics");
    for line in ["zhaoren_messages{state=\"sent\"} 20", "zhaoren_oldest_unsent_seconds 0"] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    assert!(
        metrics.contains(&format!("zhaoren_deliveries_total{{outcome=\"sent\"}} {}", 20 - got)),
        "{metrics}"
    );
    // As a word: the hexadecimal digits of a trace may contain it.
    let names = |line: &str, id: &str| line.split(|c: char| !c.is_alphanumeric()).any(|word| word == id);
    assert!(server.log.all().iter().all(|line| !line.contains("whsec") && !names(line, "e07")));
}

/// Body of an address, as text.
fn text(server: &Server, path: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(&server.address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Sends SIGTERM to a process.
fn terminate(process: u32) {
    let asked = Command::new("kill").args(["-TERM", &process.to_string()]).status().unwrap();
    assert!(asked.success());
}

#[test]
fn folders_without_a_finished_run_are_refused() {
    let house = House::new(&Receiver::willing(), "");
    std::fs::create_dir(house.path("empty")).unwrap();
    let said = house.run(&["messages", "make", "empty", "--channel", "portal"]);
    assert_eq!(said.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&said.stderr).contains("不是已完成的推送结果"));
}
