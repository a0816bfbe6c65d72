//! `zhaoren push`: a table of enterprises in, the push list out.

use std::io::Write;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use zhaoren_engine::night::{self, EnterpriseInput, TableRequest};
use zhaoren_engine::{FactDictionary, Home, Principal, Records, WarningKind, counts_text, has_errors};
use zhaoren_push::{Explain, Format, Listing, NoProgress, Progress, PushOptions, Refusals, RunReport};

use crate::args::{LoadArgs, PushArgs, TableArgs};
use crate::exit::{CannotRun, Outcome, print_problems};
use crate::matching::{dictionary, rules};

/// `zhaoren push`
pub(crate) fn push(home: &Home, json: bool, args: &PushArgs) -> Result<Outcome, CannotRun> {
    let as_of = args.items.day();
    let mut problems = Vec::new();
    let facts = dictionary(args.tables.facts.as_deref(), &mut problems)?;
    let (rules, _) = rules(home, &args.items, facts, &mut problems)?;
    print_problems(&problems);
    let input = open_enterprises(&args.tables, rules.library().dictionary())?;
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
        full: args.afresh,
        opt_outs: Refusals::default(),
        explain: if args.explain { Explain::Full } else { Explain::of_format(format(&args.format)) },
    };
    let bar = Bar::new();
    let watched: &dyn Progress = bar.as_ref().map_or(&NoProgress, |bar| bar);
    let threads = threads(args.threads)?;
    let report = threads.install(|| night::push(home, &input, &rules, options, watched))?;
    drop(bar);
    for (item, cause) in &report.uncompiled {
        tell!("item `{item}`: {cause}");
    }
    if args.record {
        let who = Principal { tenant: args.items.tenant.clone(), ..Principal::local() };
        Records::open(home)?.record_run(&who, &report, &args.out)?;
    }
    let mut out = crate::terminal::stdout();
    if json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        summary(&mut out, &report, args)?;
    }
    // Rows held back by an opt-out are not errors.
    let rejected = report.counts.rejected > report.counts.held_back;
    let unreadable = report.counts.warnings.contains_key(&WarningKind::Unreadable);
    let wrong = has_errors(&problems) || rejected || unreadable || !report.uncompiled.is_empty();
    Ok(if wrong { Outcome::InvalidInput } else { Outcome::Done })
}

/// Format for a name that was validated with the arguments.
pub(crate) fn format(name: &str) -> Format {
    Format::of_name(name).unwrap_or_default()
}

/// Thread pool of `count` threads, by default one per processor.
pub(crate) fn threads(count: Option<usize>) -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new().num_threads(count.unwrap_or(0)).build()
}

/// Opens the enterprises that a command was given, and prints the warnings about columns that are not used.
pub(crate) fn open_enterprises(
    args: &TableArgs,
    dictionary: &Arc<FactDictionary>,
) -> Result<EnterpriseInput, CannotRun> {
    let input = EnterpriseInput::open(&request(args), dictionary)?;
    for line in input.warnings() {
        tell!("{line}");
    }
    Ok(input)
}

fn request(args: &TableArgs) -> TableRequest<'_> {
    TableRequest {
        paths: &args.enterprises,
        mapping: args.map.as_deref(),
        strict: args.strict,
        reject_rows: args.reject_rows,
        records: &args.records,
    }
}

/// `zhaoren load`
pub(crate) fn load(json: bool, args: &LoadArgs) -> Result<Outcome, CannotRun> {
    let mut problems = Vec::new();
    let dictionary = Arc::new(dictionary(args.tables.facts.as_deref(), &mut problems)?);
    print_problems(&problems);
    let source = night::tables(&request(&args.tables), &dictionary)?;
    for line in source.warnings() {
        tell!("{line}");
    }
    let bar = Bar::new();
    let watched: &dyn Progress = bar.as_ref().map_or(&NoProgress, |bar| bar);
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
        if let Some(file) = &report.warnings {
            writeln!(out, "有疑问的值：{}，见 {}", counts_text(&report.warned), file.display())?;
        }
    }
    let unreadable = report.warned.contains_key(&WarningKind::Unreadable);
    let wrong = report.rejected > 0 || unreadable || has_errors(&problems);
    Ok(if wrong { Outcome::InvalidInput } else { Outcome::Done })
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
        let undetermined = match counts.new_undetermined {
            0 => String::new(),
            count => format!("（其中待定 {count}）"),
        };
        writeln!(
            out,
            "与 {day} 相比：新增 {}{undetermined}　保持 {}　移出 {}",
            counts.new, counts.kept, counts.gone
        )?;
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
    if !counts.warnings.is_empty() {
        let file = args.out.join("warnings.csv");
        writeln!(out, "有疑问的值：{}，见 {}", counts_text(&counts.warnings), file.display())?;
    }
    if counts.held_back_pairs > 0 {
        let held = args.out.join("held.csv");
        writeln!(out, "企业拒收的事项不列入名单：{} 对，见 {}", counts.held_back_pairs, held.display())?;
    }
    if counts.already_held_pairs > 0 {
        let held = args.out.join("held.csv");
        writeln!(out, "企业已有的事项不列入名单：{} 对，见 {}", counts.already_held_pairs, held.display())?;
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
    fn rows_done(&self, rows: u64) {
        self.0.inc(rows);
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
