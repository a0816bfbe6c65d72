//! `zhaoren push`: a table of enterprises in, the push list out.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use zhaoren_engine::{FactDictionary, Home, Principal, PushRun, Records, digest, has_errors, now};
use zhaoren_push::store::Store;
use zhaoren_push::table::{Enterprises, Mapping, TableOptions};
use zhaoren_push::{Format, Listing, Progress, PushOptions, Refusals, RunReport, Unwatched};

use crate::Outcome;
use crate::args::{LoadArgs, PushArgs, TableArgs};
use crate::commands::{CannotRun, name};
use crate::matching::{dictionary, rules};

/// Opt-outs recorded by any tenant; empty where there are no records.
fn refused(home: &Home) -> Result<Refusals, CannotRun> {
    let mut refused = Refusals::default();
    if !home.is_apart() && !home.data().join("registry.sqlite").exists() {
        return Ok(refused);
    }
    for one in Records::open_existing(home)?.all_opt_outs()? {
        let why = if one.reason.is_empty() { String::new() } else { format!("：{}", one.reason) };
        // The reason of the first record is kept; later ones add nothing.
        if one.item.is_empty() {
            refused.everything.entry(one.enterprise).or_insert_with(|| format!("企业拒绝推送{why}"));
        } else {
            let items = refused.items.entry(one.enterprise).or_default();
            items.entry(one.item).or_insert_with(|| format!("企业拒收该事项{why}"));
        }
    }
    Ok(refused)
}

/// Records a finished run; the digest of its manifest identifies its files later.
fn record(home: &Home, tenant: &str, report: &RunReport, out: &Path) -> Result<(), CannotRun> {
    let manifest = std::fs::read(out.join("manifest.json"))?;
    let inputs = serde_json::to_vec(&report.inputs)?;
    let run = PushRun {
        as_of: report.as_of.to_string(),
        rules: report.items_sha256.clone(),
        inputs: digest(&[&inputs]),
        result: digest(&[&manifest]),
        listed: i64::try_from(report.counts.eligible + report.counts.undetermined)?,
        held_back: i64::try_from(report.counts.held_back)?,
    };
    let who = Principal { tenant: tenant.to_owned(), ..Principal::local() };
    Records::open(home)?.record_push(&who.act(now()), &run)?;
    Ok(())
}

/// `zhaoren push`
pub(crate) fn push(home: &Home, json: bool, args: &PushArgs) -> Result<Outcome, CannotRun> {
    let as_of = args.items.day();
    if args.previous.as_deref().is_some_and(|previous| same_folder(previous, &args.out)) {
        return Err("--previous 不能与 --out 是同一个目录：比较要用到上次的结果".into());
    }
    let mut problems = Vec::new();
    let facts = dictionary(args.tables.facts.as_deref(), &mut problems)?;
    let (rules, _) = rules(home, &args.items, facts, &mut problems)?;
    name(&problems);
    let library = rules.library();
    let given = given(&args.tables, library.dictionary())?;
    let options = PushOptions {
        out: args.out.clone(),
        as_of,
        previous: args.previous.clone(),
        format: format(&args.format),
        listing: Listing {
            undetermined: args.undetermined,
            top: args.top,
            floor: args.min_score,
            part: args.partitions,
        },
        deadline_days: args.deadline_days,
        afresh: args.afresh,
        refused: refused(home)?,
    };
    let bar = Bar::new();
    let watched: &dyn Progress = bar.as_ref().map_or(&Unwatched, |bar| bar);
    let threads = threads(args.threads)?;
    let report = threads.install(|| match &given {
        EnterpriseInput::Tables(tables) => zhaoren_push::push(tables, library, &options, watched),
        EnterpriseInput::Store(store) => zhaoren_push::push(store, library, &options, watched),
    })?;
    drop(bar);
    for (item, cause) in &report.refused {
        tell!("item `{item}`: {cause}");
    }
    if args.record {
        record(home, &args.items.tenant, &report, &args.out)?;
    }
    let mut out = crate::terminal::stdout();
    if json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        summary(&mut out, &report, args)?;
    }
    // Rows held back by an opt-out are not errors.
    let rejected = report.counts.rejected > report.counts.held_back;
    let wrong = has_errors(&problems) || rejected || !report.refused.is_empty();
    Ok(if wrong { Outcome::InputWrong } else { Outcome::Done })
}

/// Format for a name that was validated with the arguments.
pub(crate) fn format(name: &str) -> Format {
    match name {
        "csv" => Format::Csv,
        "jsonl" => Format::Jsonl,
        _ => Format::Parquet,
    }
}

/// Thread pool of `count` threads, by default one per processor.
pub(crate) fn threads(count: Option<usize>) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new().num_threads(count.unwrap_or(0)).build()
}

/// Source of enterprises.
pub(crate) enum EnterpriseInput {
    Tables(Enterprises),
    Store(Store),
}

/// Opens the enterprises given to a command: tables, or one store made of them.
pub(crate) fn given(
    args: &TableArgs,
    dictionary: &Arc<FactDictionary>,
) -> Result<EnterpriseInput, CannotRun> {
    let stores: Vec<&std::path::PathBuf> =
        args.enterprises.iter().filter(|path| Store::is_one(path)).collect();
    match (stores.as_slice(), args.enterprises.len()) {
        ([], _) => Ok(EnterpriseInput::Tables(enterprises(args, dictionary)?)),
        ([_], 1) if args.map.is_some() || args.strict => {
            Err("列存已按 zhaoren load 时的 --map 与 --strict 读好，这里不能再给".into())
        }
        ([store], 1) => Ok(EnterpriseInput::Store(Store::open(store, dictionary)?)),
        ([store, ..], _) => Err(format!("{}：列存只能单独使用", store.display()).into()),
    }
}

/// `zhaoren load`
pub(crate) fn load(json: bool, args: &LoadArgs) -> Result<Outcome, CannotRun> {
    let mut problems = Vec::new();
    let dictionary = Arc::new(dictionary(args.tables.facts.as_deref(), &mut problems)?);
    name(&problems);
    let source = enterprises(&args.tables, &dictionary)?;
    let bar = Bar::new();
    let watched: &dyn Progress = bar.as_ref().map_or(&Unwatched, |bar| bar);
    let report = zhaoren_push::store::load(&source, &dictionary, &args.out, watched)?;
    drop(bar);
    let mut out = crate::terminal::stdout();
    if json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        writeln!(
            out,
            "读入 {} 行 = 企业 {} 家 + 拒收 {} 行；{} 列，{} 字节，写到 {}",
            report.rows,
            report.enterprises,
            report.rejected,
            report.columns,
            report.bytes,
            args.out.display()
        )?;
        if let Some(rejects) = &report.rejects {
            writeln!(out, "拒收的行及原因见 {}", rejects.display())?;
        }
    }
    Ok(if report.rejected > 0 || has_errors(&problems) { Outcome::InputWrong } else { Outcome::Done })
}

/// Opens the tables of enterprises given to a command, and prints the parts that are not used.
fn enterprises(args: &TableArgs, dictionary: &Arc<FactDictionary>) -> Result<Enterprises, CannotRun> {
    let mapping = match &args.map {
        Some(path) => {
            let shown = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|error| format!("{shown}：读不了：{error}"))?;
            let read = Mapping::read(&text, &shown, dictionary);
            Some(read.map_err(|problems| {
                let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
                lines.join("\n")
            })?)
        }
        None => None,
    };
    let options = TableOptions { mapping, strict: args.strict, ..TableOptions::default() };
    let source = Enterprises::open(&args.enterprises, options, Arc::clone(dictionary))?;
    for line in source.warnings() {
        tell!("{line}");
    }
    Ok(source)
}

fn same_folder(a: &Path, b: &Path) -> bool {
    a == b || a.canonicalize().ok().zip(b.canonicalize().ok()).is_some_and(|(a, b)| a == b)
}

fn summary(out: &mut impl Write, report: &RunReport, args: &PushArgs) -> std::io::Result<()> {
    let (counts, seconds) = (&report.counts, &report.seconds);
    writeln!(
        out,
        "判定日 {}：读入 {} 行 = 企业 {} 家 + 拒收 {} 行{}；事项 {} 项",
        report.as_of,
        counts.rows,
        counts.enterprises,
        counts.rejected,
        if counts.elsewhere > 0 {
            format!(" + 不在本份 {} 行", counts.elsewhere)
        } else {
            String::new()
        },
        counts.items
    )?;
    writeln!(out, "符合 {}　待定（列出的）{}", counts.eligible, counts.undetermined)?;
    if let Some(day) = report.previous_as_of {
        writeln!(out, "与 {day} 相比：新增 {}　保持 {}　移出 {}", counts.new, counts.kept, counts.gone)?;
        for (cause, count) in &counts.causes {
            writeln!(out, "  {cause:<16} {count}")?;
        }
    }
    writeln!(
        out,
        "用时 {:.1} 秒（编译 {:.1}，读取与判定 {:.1}，写出 {:.1}）　结果在 {}",
        seconds.total,
        seconds.compile,
        seconds.decide,
        seconds.write,
        args.out.display()
    )?;
    if counts.rejected > 0 {
        writeln!(out, "拒收的行及原因见 {}", args.out.join("rejects.csv").display())?;
    }
    if counts.held_back_pairs > 0 {
        let held = args.out.join("held.csv");
        writeln!(out, "企业拒收的事项不列入名单：{} 对，见 {}", counts.held_back_pairs, held.display())?;
    }
    Ok(())
}

/// Progress bar of a run on a terminal.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new() -> Option<Self> {
        let bar = ProgressBar::new_spinner();
        if bar.is_hidden() {
            return None;
        }
        bar.set_style(style("{spinner} 读取与判定 {human_pos} 行　{per_sec}　已用 {elapsed}"));
        Some(Self(bar))
    }
}

pub(crate) fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

impl Progress for Bar {
    fn rows(&self, done: u64) {
        self.0.inc(done);
    }

    fn writing(&self, enterprises: u64) {
        self.0.reset();
        self.0.set_length(enterprises);
        self.0.set_style(style("写出 {wide_bar} {human_pos}/{human_len}　{per_sec}　还需 {eta}"));
    }

    fn written(&self, done: u64) {
        self.0.inc(done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
