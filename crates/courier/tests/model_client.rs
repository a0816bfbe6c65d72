//! Questions to a stub of a model server: a good answer, and every way in which one can go wrong.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use zhaoren_courier::{ModelClient, ModelClientFault, ModelSettings};
use zhaoren_engine::built_in_facts;
use zhaoren_engine::drafting::{AskFailure, MachineReport, ReviewSheet, read_sheet};

/// A guide with one passage that the reader leaves to a person.
const GUIDE: &str = include_str!("../../engine/tests/drafting/unread.txt");

/// Answers to the requests, in their order; each is a status and a body, and `None` is silence.
fn serve(answers: Vec<Option<(u16, String)>>) -> (String, mpsc::Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let (sender, received) = mpsc::channel();
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let _ = sender.send(request(&stream));
            match answer {
                Some((status, body)) => {
                    let head = format!(
                        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                        body.len()
                    );
                    let _ =
                        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes()));
                }
                None => std::thread::sleep(Duration::from_secs(3)),
            }
        }
    });
    (url, received)
}

/// Head and body of a request.
fn request(stream: &TcpStream) -> (String, String) {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() <= 2 {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}

fn open(url: &str) -> ModelClient {
    let timeout = Duration::from_millis(800);
    ModelClient::open(&ModelSettings { url: url.into(), model: "stub".into(), key_file: None, timeout })
        .unwrap()
}

/// Body of an answer with this content.
fn says(content: &str) -> Option<(u16, String)> {
    let body = serde_json::json!({"choices": [{"message": {"role": "assistant", "content": content}}]});
    Some((200, body.to_string()))
}

/// The sheet of the guide after a model was asked, and the counts.
fn asked(answers: Vec<Option<(u16, String)>>) -> (ReviewSheet, MachineReport) {
    let mut sheet = read_sheet("指南.txt", GUIDE.as_bytes(), None, built_in_facts()).unwrap();
    let (url, _received) = serve(answers);
    let proposer = open(&url);
    let report = sheet.ask_model(proposer.model(), built_in_facts(), &mut |instructions, passage| {
        proposer.ask(instructions, passage)
    });
    (sheet, report)
}

fn refusals(report: &MachineReport) -> Vec<(&str, usize)> {
    report.refused.iter().map(|(reason, count)| (reason.as_str(), *count)).collect()
}

#[test]
fn a_good_answer_is_a_proposal_and_no_criterion() {
    let before = read_sheet("指南.txt", GUIDE.as_bytes(), None, built_in_facts()).unwrap();
    let (sheet, report) =
        asked(vec![says(r#"{"criteria": "从业人数不少于20人", "quote": "在编人手不低于20人的优先"}"#)]);
    assert_eq!((report.asked, report.proposed, report.failure.clone()), (1, 1, None), "{report:?}");
    let part = sheet.items[0].parts.iter().find(|part| part.machine.is_some()).unwrap();
    let machine = part.machine.clone().unwrap();
    assert_eq!((machine.canonical.as_str(), machine.model.as_str()), ("从业人数不低于20人", "stub"));
    assert!(part.canonical.starts_with("人工认定") && machine.adopted_by.is_empty());
    let decide = |sheet: &ReviewSheet| {
        sheet.items[0].decide(&Default::default(), &sheet.region, built_in_facts()).unwrap().body
    };
    assert_eq!(decide(&sheet), decide(&before), "nothing is accepted by itself");
}

#[test]
fn bad_answers_are_refused_and_counted() {
    for (content, reason) in [
        (
            r#"{"criteria": "从业人数不少于30人", "quote": "在编人手不低于20人的优先"}"#,
            "条件中的数字不在引文中",
        ),
        (r#"{"criteria": "从业人数不少于20人", "quote": "从业人数不少于20人"}"#, "引文不在原文中"),
        (r#"{"criteria": "人手得够", "quote": "在编人手"}"#, "条件不是规范文本"),
        ("我不知道", "答复不是所要的格式"),
    ] {
        let (sheet, report) = asked(vec![says(content)]);
        assert_eq!(refusals(&report), [(reason, 1)], "{content}");
        assert!(sheet.items[0].parts.iter().all(|part| part.machine.is_none()), "{content}");
    }
}

#[test]
fn failures_of_the_server_end_the_round() {
    let huge = "长".repeat(10 << 20);
    for (answer, words) in [
        (Some((500, "{}".to_owned())), "状态为 500"),
        (Some((302, String::new())), "状态为 302"),
        (Some((200, "不是 JSON".to_owned())), "choices[0]"),
        (says(&huge), "答复超过 256 KiB"),
        (None, "秒内没有答复"),
    ] {
        let start = Instant::now();
        let (_, report) = asked(vec![answer]);
        let failure = report.failure.clone().unwrap();
        assert!(failure.contains(words), "{words}: {failure}");
        assert!(report.text().contains(words) && report.proposed == 0);
        assert!(start.elapsed() < Duration::from_secs(20));
    }
    let closed = open("http://127.0.0.1:9/v1").ask("a", "b");
    assert!(matches!(closed, Err(AskFailure(why)) if why == "连接被拒绝"));
}

#[test]
fn the_key_is_sent_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    std::fs::write(&file, "sk-secret\n").unwrap();
    let (url, received) = serve(vec![says("{}")]);
    let settings = ModelSettings {
        url,
        model: "stub".into(),
        key_file: Some(file.clone()),
        timeout: Duration::from_secs(5),
    };
    let proposer = ModelClient::open(&settings).unwrap();
    assert_eq!(proposer.ask("说明", "一段话").unwrap(), "{}");
    let (head, body) = received.recv().unwrap();
    assert!(
        head.starts_with("POST /v1/chat/completions ")
            && head.to_ascii_lowercase().contains("bearer sk-secret")
    );
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&body["model"], &body["temperature"]), (&"stub".into(), &0.into()));
    assert_eq!(body["messages"][1]["content"], "一段话");
    assert!(!format!("{proposer:?}").contains("sk-secret"));
    std::fs::write(&file, "").unwrap();
    assert!(matches!(ModelClient::open(&settings), Err(ModelClientFault::Key { .. })));
    let outside = ModelSettings { url: "http://model.example/v1".into(), ..settings.clone() };
    assert!(matches!(ModelClient::open(&outside), Err(ModelClientFault::Address)));
    let unnamed = ModelSettings { model: " ".into(), key_file: None, ..settings };
    assert!(matches!(ModelClient::open(&unnamed), Err(ModelClientFault::Model)));
}
