//! Example receivers, run by their interpreters: a test event is accepted, one with another signature is not; and
//! the demonstration, the completions and the manual.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn zhaoren(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhaoren"));
    command.env_remove("ZHAOREN_DATABASE_URL").env_remove("ZHAOREN_CHANNELS").env_remove("ZHAOREN_DATA");
    command.current_dir(folder).args(arguments).output().unwrap()
}

/// A receiver in another language, ended with the test.
struct Example {
    child: Child,
    port: String,
    out: BufReader<std::process::ChildStdout>,
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts `program FILE SECRET 0`; `None` without the interpreter.
fn start(program: &str, file: &str, secret: &Path) -> Option<Example> {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/receivers").join(file);
    let started = Command::new(program)
        .arg(script)
        .arg(secret)
        .arg("0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        eprintln!("skipped: no {program}");
        return None;
    };
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    let port = line.trim().strip_prefix("listening ").unwrap_or_else(|| panic!("{file}: {line}")).to_owned();
    Some(Example { child, port, out })
}

fn receives(program: &str, file: &str) {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("secret"), SECRET).unwrap();
    std::fs::write(at("other"), "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
    let Some(mut example) = start(program, file, &at("secret")) else { return };
    let channel = |name: &str, secret: &str| {
        format!(
            "[channel.{name}]\nurl = \"http://127.0.0.1:{}/\"\nsecret_file = \"{secret}\"\n",
            example.port
        )
    };
    std::fs::write(at("channels.toml"), channel("portal", "secret") + &channel("stranger", "other")).unwrap();
    let test = |channel: &str| {
        let output = zhaoren(
            folder.path(),
            &["--json", "messages", "--channels", "channels.toml", "test", "--channel", channel],
        );
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let answer: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{file}: {said}"));
        (output.status.code(), answer)
    };
    let (code, answer) = test("portal");
    assert_eq!((code, &answer["accepted"]), (Some(0), &true.into()), "{file}: {answer}");
    let mut line = String::new();
    example.out.read_line(&mut line).unwrap();
    assert!(line.contains("test") && line.contains("测试消息"), "{file}: {line}");
    let (code, answer) = test("stranger");
    assert_eq!((code, &answer["accepted"]), (Some(1), &false.into()), "{file}: {answer}");
    assert_eq!(answer["error"], "HTTP 401", "{file}");
}

#[test]
fn python_receiver_accepts_signed_messages_only() {
    receives("python3", "receiver.py");
}

#[test]
fn node_receiver_accepts_signed_messages_only() {
    receives("node", "receiver.mjs");
}

#[test]
fn java_receiver_accepts_signed_messages_only() {
    receives("java", "Receiver.java");
}

/// A receiver that is not there is named, and the command ends with 1.
#[test]
fn test_events_say_why_they_did_not_arrive() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), SECRET).unwrap();
    let channel = "[channel.portal]\nurl = \"http://127.0.0.1:9/\"\nsecret_file = \"secret\"\n";
    std::fs::write(folder.path().join("channels.toml"), channel).unwrap();
    let output =
        zhaoren(folder.path(), &["messages", "--channels", "channels.toml", "test", "--channel", "portal"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("没有收下") && said.contains("连接"), "{said}");
    assert!(!folder.path().join("index").exists(), "nothing is recorded");
}

/// One command makes a city, two nights with changes and causes, and messages that arrive.
#[test]
fn the_demonstration_makes_all_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let run = |more: &[&str]| {
        let arguments = [
            "--json",
            "demo",
            "--no-serve",
            "--enterprises",
            "200",
            "--folder",
            "d",
            "--as-of",
            "2026-07-02",
        ];
        zhaoren(folder.path(), &[&arguments, more].concat())
    };
    let output = run(&[]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let answer: Value = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find(|line| line.get("received").is_some())
        .unwrap_or_else(|| panic!("{said}"));
    assert_eq!((&answer["gone"], &answer["received"]["wrong"]), (&4.into(), &0.into()), "{answer}");
    assert!(
        answer["titled"].as_u64() > Some(0) && answer["received"]["offers"].as_u64() > Some(50),
        "{answer}"
    );
    assert!(answer["received"]["retractions"].as_u64() > Some(0), "those that have grown are told: {answer}");
    for night in ["night-1", "night-2"] {
        assert!(folder.path().join("d/runs").join(night).join("_SUCCESS").exists(), "{night}");
    }
    assert!(said.contains("$ zhaoren --data"), "each step is shown as it could be typed");
    let second = run(&[]);
    assert_eq!(second.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&second.stderr).contains("不是空目录"));
}

#[test]
fn completions_and_manual_name_every_command() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = zhaoren(folder.path(), &["completions", shell]);
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && script.contains("what-if") && script.contains("opt-outs"),
            "{shell}"
        );
    }
    let output = zhaoren(folder.path(), &["man", "man1"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = |name: &str| std::fs::read_to_string(folder.path().join("man1").join(name)).unwrap();
    let root = page("zhaoren.1");
    assert!(root.starts_with(".TH zhaoren 1") && root.contains("\\fBmatch\\fR"), "{root:.400}");
    let matching = page("zhaoren-match.1");
    assert!(matching.contains("\\-\\-as\\-of") && matching.contains("示例"), "{matching:.400}");
    // man(1) itself finds no fault, where it is installed.
    if let Ok(checked) = Command::new("groff")
        .args(["-man", "-ww", "-z", "-k"])
        .arg(folder.path().join("man1/zhaoren-match.1"))
        .output()
    {
        let said = String::from_utf8_lossy(&checked.stderr).into_owned();
        assert!(!said.contains("error") && !said.contains("macro"), "{said}");
    }
}
