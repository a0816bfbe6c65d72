//! `zhaoren enterprises`, `opt-outs`, `outcomes`, `retention`: stored data of enterprises, and its deletion.

use std::io::Write;

use serde_json::json;
use zhaoren_engine::{
    DeletionCounts, Home, Moment, Principal, Records, has_errors, moment_in_china, now, start_of, today,
};

use crate::args::{
    EnterprisesArgs, EnterprisesWork, OptOutsArgs, OptOutsWork, OutcomesArgs, OutcomesWork, RetentionArgs,
};
use crate::exit::{CannotRun, Outcome, print_problems};

/// `zhaoren enterprises`
pub(crate) fn enterprises(home: &Home, json: bool, args: &EnterprisesArgs) -> Result<Outcome, CannotRun> {
    let who = Principal::local_caseworker(&args.tenant);
    let mut out = crate::terminal::stdout();
    match &args.work {
        EnterprisesWork::Save { file, source, from, until } => {
            let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
            let (act, valid, called) =
                (who.write_context(now()), (*from, *until), file.display().to_string());
            let records = Records::open(home)?;
            let saved = records.save_profiles(
                &act,
                &bytes,
                &called,
                source,
                valid,
                &records.dictionary_for(&args.tenant)?,
            )?;
            print_problems(&saved.problems);
            for (id, changed) in &saved.saved {
                if json {
                    writeln!(out, "{}", json!({"id": id, "changed": changed}))?;
                } else {
                    writeln!(out, "{id}  新增或变动 {changed} 项")?;
                }
            }
            Ok(if has_errors(&saved.problems) { Outcome::InvalidInput } else { Outcome::Done })
        }
        EnterprisesWork::Show { id, as_of, believed, sources } => {
            let records = Records::open_existing(home)?;
            let (day, moment) = (as_of.unwrap_or_else(today), believed.unwrap_or(Moment::NOW));
            let facts = records.dictionary_for(&args.tenant)?;
            let stored = records.stored_profile(&who, id, day, moment, now(), &facts)?;
            let Some(stored) = stored else {
                return Err(format!("没有存过企业 `{id}` 的指标").into());
            };
            if *sources {
                writeln!(out, "{}", serde_json::to_string_pretty(&stored)?)?;
            } else {
                // This output is input for a match, so numbers are printed with all their digits.
                writeln!(out, "{}", stored.text())?;
                for problem in &stored.problems {
                    tell!("{problem}");
                }
            }
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
            Records::open(home)?.trust(&who.write_context(now()), source, *trust)?;
            Ok(Outcome::Done)
        }
        EnterprisesWork::Forget { id } => print_deletion(
            json,
            Records::open_existing(home)?.forget(&who.write_context(now()), id)?,
            "已删除",
        ),
    }
}

fn print_deletion(json: bool, deleted: DeletionCounts, word: &str) -> Result<Outcome, CannotRun> {
    let mut out = crate::terminal::stdout();
    if json {
        writeln!(out, "{}", json!(deleted))?;
    } else {
        let DeletionCounts { facts, receipts, messages } = deleted;
        writeln!(out, "{word}：指标 {facts} 条（含历次修订），凭据 {receipts} 份，消息 {messages} 条")?;
    }
    Ok(Outcome::Done)
}

/// `zhaoren opt-outs`
pub(crate) fn opt_outs(home: &Home, json: bool, args: &OptOutsArgs) -> Result<Outcome, CannotRun> {
    let who = Principal::local_caseworker(&args.tenant);
    match &args.work {
        OptOutsWork::Add { id, item, reason } => {
            Records::open(home)?.opt_out(&who.write_context(now()), id, item, reason)?;
        }
        OptOutsWork::Remove { id, item } => {
            Records::open_existing(home)?.opt_in(&who.write_context(now()), id, item)?;
        }
        OptOutsWork::List => {
            let mut out = crate::terminal::stdout();
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

/// `zhaoren outcomes`
pub(crate) fn outcomes(home: &Home, json: bool, args: &OutcomesArgs) -> Result<Outcome, CannotRun> {
    let who = Principal::local_caseworker(&args.tenant);
    let mut out = crate::terminal::stdout();
    match &args.work {
        OutcomesWork::Record { file } => {
            let text =
                std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            let read = zhaoren_engine::read_outcome_lines(&text, now());
            for fault in &read.faults {
                tell!("{}:{}: {fault}", file.display(), fault.line.unwrap_or(1));
            }
            let new = Records::open(home)?.record_outcomes(&who.write_context(now()), &read.outcomes)?;
            if json {
                writeln!(out, "{}", json!({"read": read.outcomes.len(), "new": new}))?;
            } else {
                writeln!(out, "读入 {} 条，新记 {new} 条，其余已有", read.outcomes.len())?;
            }
            Ok(if read.faults.is_empty() { Outcome::Done } else { Outcome::InvalidInput })
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

/// `zhaoren retention`
pub(crate) fn retention(home: &Home, json: bool, args: &RetentionArgs) -> Result<Outcome, CannotRun> {
    let records = Records::open_existing(home)?;
    let before = start_of(args.before);
    let deleted = records.apply_retention(&Principal::local().write_context(now()), before, args.yes)?;
    print_deletion(json, deleted, if args.yes { "已删除" } else { "将删除（加 --yes 执行）" })
}
