//! `zhaoren serve` and `zhaoren config`: settings merged from their layers, and the server started with them.

use std::io::{IsTerminal, Write};
use std::path::Path;

use serde_json::{Value, json};
use tracing_subscriber::filter::LevelFilter;
use zhaoren_courier::ModelClient;
use zhaoren_engine::Home;
use zhaoren_server::config::{Fault, Layers, Log, SettingsSources, read};
use zhaoren_server::{access, proposing, sending};

use crate::args::{ConfigWork, LayerArgs, ServeArgs};
use crate::exit::{CannotRun, Outcome, open};

/// Time given to threads after the server has stopped.
const EXIT_GRACE: std::time::Duration = std::time::Duration::from_millis(500);

/// `zhaoren serve`
pub(crate) fn serve(
    data: Option<&Path>,
    database: Option<&str>,
    args: &ServeArgs,
) -> Result<Outcome, CannotRun> {
    let listen = args.listen.as_ref().map(|listen| ("listen", listen.clone(), "--listen"));
    let reading = merge_layers(data, database, &args.layers, listen)?;
    let settings = reading.settings().map_err(|faults| lines(&faults))?;
    log(&settings.log);
    let home = home(&reading);
    // Access and channels are checked before the index is built, which takes long.
    access::check(&settings, &home)?;
    sending::check(&settings)?;
    proposing::check(&settings)?;
    let engine = open(&home)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(zhaoren_server::serve(engine, settings, announce));
    // A thread that computes without end must not keep the process alive; it ends with the process.
    runtime.shutdown_timeout(EXIT_GRACE);
    served?;
    Ok(Outcome::Done)
}

/// Tells a person at a terminal where the console is. The log says it for everything else.
fn announce(address: std::net::SocketAddr) {
    if std::io::stderr().is_terminal() {
        tell!("控制台 http://{address}/　接口参考 http://{address}/docs　停止 Ctrl-C");
    }
}

/// `zhaoren config`
pub(crate) fn config(
    data: Option<&Path>,
    database: Option<&str>,
    json: bool,
    work: &ConfigWork,
) -> Result<Outcome, CannotRun> {
    match work {
        ConfigWork::Show(args) => show(&merge_layers(data, database, args, None)?, json),
        ConfigWork::Check(args) => check(&merge_layers(data, database, args, None)?, json),
    }
}

/// Settings of all layers; a later layer wins.
fn merge_layers(
    data: Option<&Path>,
    database: Option<&str>,
    args: &LayerArgs,
    listen: Option<(&str, String, &str)>,
) -> Result<SettingsSources, CannotRun> {
    let file = match &args.config {
        None => None,
        Some(path) => {
            let text =
                std::fs::read_to_string(path).map_err(|error| format!("{}：{error}", path.display()))?;
            Some((path.clone(), text))
        }
    };
    let mut environment: Vec<(String, String)> =
        std::env::vars().filter(|(name, _)| name.starts_with("ZHAOREN_")).collect();
    environment.sort();
    let mut flags: Vec<(String, String, String)> = Vec::new();
    flags.extend(data.map(|data| ("data".to_owned(), data.display().to_string(), "--data".to_owned())));
    flags
        .extend(database.map(|url| ("database_url".to_owned(), url.to_owned(), "--database-url".to_owned())));
    flags.extend(listen.map(|(key, value, flag)| (key.to_owned(), value, flag.to_owned())));
    flags.extend(args.set.iter().map(|(key, value)| (key.clone(), value.clone(), "--set".to_owned())));
    Ok(read(&Layers { file, environment, flags }))
}

/// Connection to the language model of the settings.
pub(crate) fn proposer(args: &LayerArgs) -> Result<ModelClient, CannotRun> {
    let settings = merge_layers(None, None, args, None)?.settings().map_err(|faults| lines(&faults))?;
    let found = proposing::check(&settings)?;
    Ok(found
        .ok_or("没有配置语言模型：在配置文件的 [proposer] 下给出 url 与 model，或用 --set proposer.url=…")?)
}

fn home(reading: &SettingsSources) -> Home {
    let database = Some(reading.text("database_url")).filter(|url| !url.is_empty());
    Home::new(Path::new(reading.text("data")), database)
}

fn show(reading: &SettingsSources, json: bool) -> Result<Outcome, CannotRun> {
    let mut out = crate::terminal::stdout();
    let secret = |key: &str, value: &str| match key {
        // A database address may contain a password.
        "database_url" if !value.is_empty() => "…".to_owned(),
        _ => value.to_owned(),
    };
    if json {
        let rows: Vec<Value> = reading
            .values()
            .map(|(setting, value, origin)| {
                json!({
                    "key": setting.key, "value": secret(setting.key, value), "from": origin.to_string(),
                    "default": setting.default, "variable": setting.variable(), "help": setting.help,
                })
            })
            .collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
    } else {
        for (setting, value, origin) in reading.values() {
            let value = secret(setting.key, value);
            writeln!(out, "{:<22} {:<18} {origin}　{}", setting.key, value, setting.help)?;
        }
    }
    name(&reading.faults);
    Ok(if reading.faults.is_empty() { Outcome::Done } else { Outcome::InvalidInput })
}

fn check(reading: &SettingsSources, json: bool) -> Result<Outcome, CannotRun> {
    let mut wrong: Vec<String> = reading.faults.iter().map(ToString::to_string).collect();
    if let Ok(settings) = reading.settings() {
        wrong.extend(access::check(&settings, &home(reading)).err().map(|error| error.to_string()));
        wrong.extend(proposing::check(&settings).err().map(|error| error.to_string()));
        let sending = sending::check(&settings).err().map(|error| error.to_string()).unwrap_or_default();
        wrong.extend(sending.lines().map(str::to_owned));
    }
    let mut out = crate::terminal::stdout();
    if json {
        let row = |fault: &Fault| {
            json!({
                "from": fault.origin.to_string(), "key": fault.key, "value": fault.value, "expected": fault.expected,
            })
        };
        let faults: Vec<Value> = reading.faults.iter().map(row).collect();
        let answer = json!({"sound": wrong.is_empty(), "faults": faults, "problems": wrong});
        writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?;
    } else if wrong.is_empty() {
        writeln!(out, "配置无误")?;
    } else {
        for line in &wrong {
            tell!("{line}");
        }
    }
    Ok(if wrong.is_empty() { Outcome::Done } else { Outcome::InvalidInput })
}

fn name(faults: &[Fault]) {
    for fault in faults {
        tell!("{fault}");
    }
}

fn lines(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    format!("配置有误\n{}", lines.join("\n"))
}

/// Sets up logging to standard error: text for a terminal, JSON for a log collector.
fn log(log: &Log) {
    let level = match log.level.as_str() {
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "debug" => LevelFilter::DEBUG,
        _ => LevelFilter::INFO,
    };
    let lines = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(level);
    let as_json = match log.format.as_str() {
        "json" => true,
        "text" => false,
        _ => !std::io::stderr().is_terminal(),
    };
    if as_json {
        lines.json().flatten_event(true).with_current_span(false).init();
    } else {
        lines.init();
    }
}
