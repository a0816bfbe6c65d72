//! `zhaoren index`: administration of the index generations.

use std::io::Write;

use serde_json::{Value, json};
use zhaoren_engine::{GenerationList, Home, Principal, Upkeep, in_china, now};

use crate::args::IndexWork;
use crate::exit::{CannotRun, Outcome};
use crate::progress::Bars;

/// `zhaoren index`
pub(crate) fn index(home: &Home, json: bool, work: IndexWork) -> Result<Outcome, CannotRun> {
    let (upkeep, who) = (Upkeep::open(home)?, Principal::local());
    let act = who.write_context(now());
    match work {
        IndexWork::List => show(&upkeep.list()?, json, false),
        IndexWork::Verify => show(&upkeep.verify(&act)?, json, true),
        IndexWork::Rebuild => {
            let number = upkeep.rebuild(&act, &Bars::new())?;
            say(json, &json!({"generation": number}), &format!("已重建，现用第 {number} 代索引"))
        }
        IndexWork::Rollback { number } => {
            let (number, behind) = upkeep.roll_back(&act, number, &Bars::new())?;
            let note =
                if behind { "；与登记库不同步，import 或 index rebuild 之后恢复" } else { "" };
            let text = format!("现用第 {number} 代索引{note}");
            say(json, &json!({"generation": number, "behind": behind}), &text)
        }
    }
}

fn say(json: bool, data: &Value, text: &str) -> Result<Outcome, CannotRun> {
    let mut out = crate::terminal::stdout();
    if json {
        writeln!(out, "{data}")?
    } else {
        writeln!(out, "{text}")?
    }
    Ok(Outcome::Done)
}

fn show(shelf: &GenerationList, json: bool, verified: bool) -> Result<Outcome, CannotRun> {
    let mut out = crate::terminal::stdout();
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&shelf.json(verified))?)?;
    } else {
        for one in &shelf.generations {
            let mark = if one.current { "*" } else { " " };
            let state = match (&one.fault, verified) {
                (Some(fault), _) => format!("损坏：{fault}"),
                (None, true) => "完好".to_owned(),
                (None, false) => String::new(),
            };
            let step = if one.source == shelf.registry { "与登记库一致" } else { "与登记库不同" };
            let pinned = if one.pinned { "（人工回滚）" } else { "" };
            writeln!(
                out,
                "{mark} 第 {} 代  {}  {} 条目 {} 条款  {:.1} MB  {step}{pinned} {state}",
                one.number,
                one.published.map(in_china).unwrap_or_default(),
                one.entries,
                one.clauses,
                one.bytes as f64 / 1e6,
            )?;
        }
    }
    let sound = shelf.generations.iter().all(|one| one.fault.is_none());
    Ok(if sound { Outcome::Done } else { Outcome::InvalidInput })
}
