//! `zhaoren demo`: the whole product in one command. A synthetic city, two nights, messages to a receiver in the same
//! process, the console. Each step is an ordinary command, shown as it could be typed.

mod receiver;

use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Parser;
use serde_json::{Value, json};
use zhaoren_engine::Channels;

use crate::args::{Cli, DemoArgs};
use crate::exit::{CannotRun, Outcome};
use receiver::Receiver;

/// Day and night of the demonstration: the table of enterprises, and the lists made of it.
const NIGHTS: [(&str, &str); 2] = [("enterprises-1.jsonl", "night-1"), ("enterprises-2.jsonl", "night-2")];
/// Name of the channel to the receiver.
const CHANNEL: &str = "demo";
/// Every enterprise with this remainder has left before the second night, of so many.
const GONE: (usize, usize) = (7, 50);
/// Every enterprise with this remainder has gained titles before the second night, of so many.
const TITLED: (usize, usize) = (3, 10);
/// Every enterprise with this remainder has grown before the second night, of so many.
const GROWN: (usize, usize) = (5, 20);
/// Staff of an enterprise that has grown: too many for the relief of the smallest.
const STAFF: u32 = 60;

/// `zhaoren demo`
pub(crate) fn demo(json: bool, database: Option<&str>, args: &DemoArgs) -> Result<Outcome, CannotRun> {
    if database.is_some() {
        return Err("示范只用自己的目录：请去掉 --database-url 与环境变量 ZHAOREN_DATABASE_URL".into());
    }
    let folder = folder(args)?;
    let place = |name: &str| folder.join(name).display().to_string();
    let program = Program { data: place("data"), json };
    let second = args.as_of.unwrap_or_else(zhaoren_engine::today);
    let first = second.yesterday().map_err(|cause| cause.to_string())?;
    tell!("示范　全部放在 {}　企业与名称均为程序生成，不对应任何真实企业", folder.display());

    tell!("\n一　一座小城：{} 家企业，与内置的政策事项", args.enterprises);
    let (count, out) = (args.enterprises.to_string(), place("city"));
    program.run(&["synth", "--enterprises", &count, "--items", "1", "--format", "jsonl", "--out", &out])?;
    let changed = two_days(&folder, second.year() - 1)?;
    tell!(
        "第二天：{} 家新获高新技术企业等称号，{} 家职工增至 {STAFF} 人，{} 家已注销",
        changed.titled,
        changed.grown,
        changed.gone
    );

    tell!("\n二　两夜推送：第一夜全部新增，第二夜只有变动，逐条写明原因");
    std::fs::create_dir_all(folder.join("runs")).map_err(|cause| named(&folder, &cause))?;
    for (night, day) in [first, second].iter().enumerate() {
        let (table, run) = NIGHTS.get(night).ok_or("no such night")?;
        let (table, run, day) = (place(table), place(&format!("runs/{run}")), day.to_string());
        let mut push = vec![
            "push",
            table.as_str(),
            "--as-of",
            day.as_str(),
            "--top",
            "5",
            "--record",
            "--out",
            run.as_str(),
        ];
        let previous = place("runs/night-1");
        if night > 0 {
            push.extend(["--previous", previous.as_str()]);
        }
        program.run(&push)?;
    }

    tell!("\n三　消息：签名后发给接收方（就在本进程里），每家企业一天至多 1 条告知");
    let channels = place("channels.toml");
    let receiver = channel(&folder, Path::new(&channels))?;
    for (_, run) in NIGHTS {
        let run = place(&format!("runs/{run}"));
        program.run(&["messages", "--channels", &channels, "make", &run, "--channel", CHANNEL])?;
        program.run(&["messages", "--channels", &channels, "send", "--until-empty"])?;
    }
    let received = receiver.received();
    tell!(
        "接收方收到：告知 {} 条、撤回 {} 条，签名不符 {} 条",
        received.offers,
        received.retractions,
        received.wrong
    );

    let summary = json!({
        "folder": folder, "days": [first.to_string(), second.to_string()], "enterprises": args.enterprises,
        "titled": changed.titled, "grown": changed.grown, "gone": changed.gone, "received": {
            "offers": received.offers, "retractions": received.retractions, "wrong": received.wrong,
        },
    });
    let mut out = crate::terminal::stdout();
    if json {
        writeln!(out, "{summary}")?;
    } else {
        writeln!(out, "{}", closing(&folder))?;
    }
    out.flush()?;
    if args.no_serve {
        return Ok(Outcome::Done);
    }
    serve(&program, &place("runs"), &args.listen)
}

/// Closing words: the places of the data, and the pages to look at.
fn closing(folder: &Path) -> String {
    let file = |name: &str| folder.join(name).display().to_string();
    format!(
        "\n做好了：\n  名单　{}、{}\n  记录　{}\n看什么：检索；匹配（填一家企业）；推送（两夜的名单、漏斗、沙盘）；消息；审计；接口参考 /docs\n不要了，删除 {} 即可",
        file("runs/night-1"),
        file("runs/night-2"),
        file("data"),
        folder.display()
    )
}

fn named(path: &Path, cause: &std::io::Error) -> String {
    format!("{}：{cause}", path.display())
}

/// The folder, which must be new: a demonstration never writes between the data of others.
fn folder(args: &DemoArgs) -> Result<PathBuf, CannotRun> {
    let fresh = || std::env::temp_dir().join(format!("zhaoren-demo-{}", std::process::id()));
    let folder = args.folder.clone().unwrap_or_else(fresh);
    std::fs::create_dir_all(&folder).map_err(|cause| named(&folder, &cause))?;
    if std::fs::read_dir(&folder).map_err(|cause| named(&folder, &cause))?.next().is_some() {
        return Err(format!("{} 不是空目录；示范只写入新的目录", folder.display()).into());
    }
    Ok(folder)
}

/// The program with the data directory of the demonstration.
struct Program {
    data: String,
    /// True if each command answers with a line of JSON.
    json: bool,
}

impl Program {
    /// Runs a command, after showing it. What was wrong in the input is named by the command itself; the demonstration
    /// goes on with the rest.
    fn run(&self, arguments: &[&str]) -> Result<(), CannotRun> {
        tell!("$ zhaoren --data {} {}", self.data, arguments.join(" "));
        let json = if self.json { &["--json"][..] } else { &[] };
        let whole = ["zhaoren", "--data", &self.data].into_iter().chain(json.iter().copied());
        crate::commands::run(Cli::try_parse_from(whole.chain(arguments.iter().copied()))?).map(drop)
    }
}

/// Numbers of enterprises that differ on the second day.
#[derive(Clone, Copy, Debug, Default)]
struct DayChanges {
    titled: usize,
    grown: usize,
    gone: usize,
}

/// Writes the tables of both days: on the second some enterprises have titles, some have grown, and some have left.
/// `year` is the last full fiscal year of the second.
fn two_days(folder: &Path, year: i16) -> Result<DayChanges, CannotRun> {
    let city = folder.join("city").join("enterprises.jsonl");
    let whole = std::fs::read_to_string(&city).map_err(|cause| named(&city, &cause))?;
    let (mut second, mut changed) = (String::with_capacity(whole.len()), DayChanges::default());
    let falls = |row: usize, (remainder, of): (usize, usize)| row % of == remainder;
    for (row, line) in whole.lines().enumerate() {
        let facts = if falls(row, GONE) {
            changed.gone += 1;
            continue;
        } else if falls(row, TITLED) {
            changed.titled += 1;
            json!({"qualifications": ["专精特新中小企业", "高新技术企业"]})
        } else if falls(row, GROWN) {
            changed.grown += 1;
            json!({"employees": STAFF, "employees_avg": {(year.to_string()): STAFF}})
        } else {
            json!({})
        };
        let mut profile: Value = serde_json::from_str(line)?;
        if let (Some(known), Value::Object(facts)) =
            (profile.get_mut("facts").and_then(Value::as_object_mut), facts)
        {
            known.extend(facts);
        }
        second.push_str(&profile.to_string());
        second.push('\n');
    }
    let [(first_table, _), (second_table, _)] = NIGHTS;
    for (table, text) in [(first_table, whole), (second_table, second)] {
        let path = folder.join(table);
        std::fs::write(&path, text).map_err(|cause| named(&path, &cause))?;
    }
    Ok(changed)
}

/// Writes the file of channels, and starts the receiver that it names.
fn channel(folder: &Path, file: &Path) -> Result<Receiver, CannotRun> {
    let (listener, address) = receiver::bind()?;
    let secret = folder.join("secret");
    std::fs::write(&secret, receiver::new_secret()).map_err(|cause| named(&secret, &cause))?;
    let text = format!(
        "[channel.{CHANNEL}]\nurl = \"http://{address}/\"\nsecret_file = \"secret\"\nconcurrency = 4\ncap = \"1/1\"\n"
    );
    std::fs::write(file, text).map_err(|cause| named(file, &cause))?;
    let channels = Channels::open(file)
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let secrets = channels.find(CHANNEL).map(|channel| channel.secrets.clone()).unwrap_or_default();
    Ok(Receiver::start(listener, secrets)?)
}

/// Serves the console over what was made.
fn serve(program: &Program, runs: &str, listen: &str) -> Result<Outcome, CannotRun> {
    listen.parse::<SocketAddr>().map_err(|_| format!("--listen 应为 IP:端口，得到 `{listen}`"))?;
    tell!("\n四　控制台");
    let runs = format!("runs={runs}");
    let mut arguments = vec!["serve", "--listen", listen];
    // Settings of the environment are for the real service: its database and its receivers are not touched.
    for setting in [runs.as_str(), "log.level=warn", "database_url=", "channels="] {
        arguments.extend(["--set", setting]);
    }
    program.run(&arguments)?;
    Ok(Outcome::Done)
}
