//! `zhaoren enterprises`, `opt-outs`, `outcomes`, `retention`: what is kept of enterprises, and what is not.

use std::io::Write;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};
use zhaoren_engine::{
    Deleted, Home, Moment, Outcome as Event, Principal, Records, Role, built_in_facts, has_errors,
    moment_in_china, now, start_of, today,
};

use crate::Outcome;
use crate::args::{
    EnterprisesArgs, EnterprisesWork, OptOutsArgs, OptOutsWork, OutcomesArgs, OutcomesWork, RetentionArgs,
};
use crate::commands::{CannotRun, name};

/// Whoever holds the data directory, serving enterprises of a tenant.
fn local(tenant: &str) -> Principal {
    Principal { tenant: tenant.to_owned(), role: Role::Caseworker, ..Principal::local() }
}

/// `zhaoren enterprises`
pub(crate) fn enterprises(home: &Home, json: bool, args: &EnterprisesArgs) -> Result<Outcome, CannotRun> {
    let who = local(&args.tenant);
    let mut out = anstream::stdout();
    match &args.work {
        EnterprisesWork::Save { file, source, from, until } => {
            let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
            let (act, valid, called) = (who.act(now()), (*from, *until), file.display().to_string());
            let records = Records::open(home)?;
            let saved = records.save_profiles(&act, &bytes, &called, source, valid, built_in_facts())?;
            name(&saved.problems);
            for (id, changed) in &saved.saved {
                if json {
                    writeln!(out, "{}", json!({"id": id, "changed": changed}))?;
                } else {
                    writeln!(out, "{id}  新增或变动 {changed} 项")?;
                }
            }
            Ok(if has_errors(&saved.problems) { Outcome::InputWrong } else { Outcome::Done })
        }
        EnterprisesWork::Show { id, as_of, believed, sources } => {
            let records = Records::open_existing(home)?;
            let (day, moment) = (as_of.unwrap_or_else(today), believed.unwrap_or(Moment::NOW));
            let stored = records.stored_profile(&who, id, day, moment, now(), built_in_facts())?;
            let Some(stored) = stored else {
                return Err(format!("没有存过企业 `{id}` 的指标").into());
            };
            let shown = if *sources { serde_json::to_value(&stored)? } else { stored.profile };
            writeln!(out, "{}", serde_json::to_string_pretty(&shown)?)?;
            Ok(Outcome::Done)
        }
        EnterprisesWork::List => {
            let ids = Records::open_existing(home)?.enterprises(&args.tenant)?;
            if json {
                writeln!(out, "{}", json!(ids))?;
            } else {
                for id in ids {
                    writeln!(out, "{id}")?;
                }
            }
            Ok(Outcome::Done)
        }
        EnterprisesWork::Trust { source, trust } => {
            Records::open(home)?.trust(&who.act(now()), source, *trust)?;
            Ok(Outcome::Done)
        }
        EnterprisesWork::Forget { id } => {
            gone(json, Records::open_existing(home)?.forget(&who.act(now()), id)?, "已删除")
        }
    }
}

fn gone(json: bool, deleted: Deleted, word: &str) -> Result<Outcome, CannotRun> {
    let mut out = anstream::stdout();
    if json {
        writeln!(out, "{}", json!(deleted))?;
    } else {
        let Deleted { facts, receipts, messages } = deleted;
        writeln!(out, "{word}：指标 {facts} 条（含历次修订），凭据 {receipts} 份，消息 {messages} 条")?;
    }
    Ok(Outcome::Done)
}

/// `zhaoren opt-outs`
pub(crate) fn opt_outs(home: &Home, json: bool, args: &OptOutsArgs) -> Result<Outcome, CannotRun> {
    let who = local(&args.tenant);
    match &args.work {
        OptOutsWork::Add { id, item, reason } => {
            Records::open(home)?.opt_out(&who.act(now()), id, item, reason)?;
        }
        OptOutsWork::Remove { id, item } => {
            Records::open_existing(home)?.opt_in(&who.act(now()), id, item)?;
        }
        OptOutsWork::List => {
            let mut out = anstream::stdout();
            for one in Records::open_existing(home)?.opt_outs(&args.tenant)? {
                if json {
                    writeln!(out, "{}", serde_json::to_string(&one)?)?;
                } else {
                    let item = if one.item.is_empty() { "全部事项" } else { &one.item };
                    let since = moment_in_china(Moment(one.recorded_at));
                    writeln!(out, "{}  {item}  {since} 起  {}", one.enterprise, one.reason)?;
                }
            }
        }
    }
    Ok(Outcome::Done)
}

/// A line of a file of events.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    enterprise: String,
    item: String,
    event: String,
    at: Option<String>,
    #[serde(default)]
    item_digest: String,
    #[serde(default)]
    detail: Value,
}

/// `zhaoren outcomes`
pub(crate) fn outcomes(home: &Home, json: bool, args: &OutcomesArgs) -> Result<Outcome, CannotRun> {
    let who = local(&args.tenant);
    let mut out = anstream::stdout();
    match &args.work {
        OutcomesWork::Record { file } => {
            let (events, wrong) = read(file)?;
            let new = Records::open(home)?.record_outcomes(&who.act(now()), &events)?;
            if json {
                writeln!(out, "{}", json!({"read": events.len(), "new": new}))?;
            } else {
                writeln!(out, "读入 {} 条，新记 {new} 条，其余已有", events.len())?;
            }
            Ok(if wrong { Outcome::InputWrong } else { Outcome::Done })
        }
        OutcomesWork::List { id } => {
            for one in Records::open_existing(home)?.outcomes_of(&args.tenant, id)? {
                if json {
                    writeln!(out, "{}", serde_json::to_string(&one)?)?;
                } else {
                    let at = moment_in_china(Moment(one.at));
                    writeln!(out, "{at}  {}  {}  {}", one.event, one.item, one.detail)?;
                }
            }
            Ok(Outcome::Done)
        }
    }
}

/// The events of a file; lines that are none are named.
fn read(file: &Path) -> Result<(Vec<Event>, bool), CannotRun> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let (mut events, mut wrong) = (Vec::new(), false);
    for (number, row) in (1..).zip(text.lines()).filter(|(_, row)| !row.trim().is_empty()) {
        match event(row) {
            Ok(event) => events.push(event),
            Err(why) => {
                anstream::eprintln!("{}:{number}: {why}", file.display());
                wrong = true;
            }
        }
    }
    Ok((events, wrong))
}

fn event(row: &str) -> Result<Event, String> {
    let line: Line = serde_json::from_str(row).map_err(|error| error.to_string())?;
    if !Records::events().contains(&line.event.as_str()) {
        return Err(format!("`event` 应为 {} 之一，得到 `{}`", Records::events().join("、"), line.event));
    }
    let at = match &line.at {
        None => now(),
        Some(text) => zhaoren_engine::parse_moment(text)
            .ok_or_else(|| format!("`at` 应为日期或时刻，如 2026-03-01，得到 `{text}`"))?,
    };
    let detail = if line.detail.is_null() { String::new() } else { line.detail.to_string() };
    let Line { enterprise, item, event, item_digest, .. } = line;
    Ok(Event { enterprise, item, item_digest, event, at: at.0, detail })
}

/// `zhaoren retention`
pub(crate) fn retention(home: &Home, json: bool, args: &RetentionArgs) -> Result<Outcome, CannotRun> {
    let records = Records::open_existing(home)?;
    let before = start_of(args.before);
    let deleted = records.retain(&Principal::local().act(now()), before, args.yes)?;
    gone(json, deleted, if args.yes { "已删除" } else { "将删除（加 --yes 执行）" })
}
