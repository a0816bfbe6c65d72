//! `zhaoren drafts`: items proposed by one person and approved by another.

use std::io::Write;

use serde_json::{Value, json};
use zhaoren_engine::{Draft, Home, Moment, Principal, Role, moment_in_china, now};

use crate::args::DraftsWork;
use crate::exit::{CannotRun, Outcome, open, outcome, print_problems};
use crate::progress::Bars;

/// `zhaoren drafts`
pub(crate) fn drafts(home: &Home, json: bool, work: &DraftsWork) -> Result<Outcome, CannotRun> {
    let engine = open(home)?;
    let mut out = crate::terminal::stdout();
    match work {
        DraftsWork::Propose { file, by, reason, tenant } => {
            let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
            let who = person(by, tenant, Role::Caseworker);
            let name_of_file = file.display().to_string();
            let proposal = engine.propose(&who.write_context(now()), &name_of_file, &bytes, reason.trim())?;
            print_problems(&proposal.problems);
            if json {
                writeln!(out, "{}", json!({"drafts": proposal.drafts}))?;
            } else {
                for draft in &proposal.drafts {
                    writeln!(out, "草稿 {draft} 已提出，须由另一人审核后生效")?;
                }
            }
            Ok(if proposal.drafts.is_empty() { Outcome::InvalidInput } else { outcome(&proposal.problems) })
        }
        DraftsWork::List { all, tenant } => {
            let drafts = engine.drafts(tenant, if *all { "" } else { "open" })?;
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&shown(&drafts))?)?;
            } else {
                for draft in &drafts {
                    let at = moment_in_china(Moment(draft.created_at));
                    let state = match draft.state.as_str() {
                        "open" => "待审核",
                        "approved" => "已通过",
                        _ => "已退回",
                    };
                    writeln!(out, "{:>5}  {state}  {}  {} 于 {at} 提出", draft.id, draft.item, draft.author)?;
                    for (word, said) in [("提出理由", &draft.reason), ("审核意见", &draft.note)] {
                        if !said.is_empty() {
                            writeln!(out, "       {word}：{said}")?;
                        }
                    }
                }
            }
            Ok(Outcome::Done)
        }
        DraftsWork::Approve { id, by, tenant, note } | DraftsWork::Reject { id, by, tenant, note } => {
            let approve = matches!(work, DraftsWork::Approve { .. });
            let who = person(by, tenant, Role::Reviewer);
            let (decided, problems) =
                engine.decide(&who.write_context(now()), *id, approve, note, &Bars::new())?;
            print_problems(&problems);
            let Some(decided) = decided else {
                tell!("草稿 {id} 已不成立（见上），未作结论");
                return Ok(Outcome::InvalidInput);
            };
            if json {
                writeln!(out, "{}", json!({"draft": id, "item": decided.item, "state": decided.state}))?;
            } else {
                let done = if approve { "已通过并生效" } else { "已退回" };
                writeln!(out, "草稿 {id}（{}）{done}", decided.item)?;
            }
            Ok(outcome(&problems))
        }
    }
}

/// Principal of the stated name; access to the data directory is the only authentication.
fn person(name: &str, tenant: &str, role: Role) -> Principal {
    Principal { name: name.to_owned(), holder: name.to_owned(), tenant: tenant.to_owned(), role }
}

/// Drafts as JSON, with each item as an object instead of a text.
fn shown(drafts: &[Draft]) -> Vec<Value> {
    let one = |draft: &Draft| {
        let mut value = serde_json::to_value(draft).unwrap_or_default();
        if let (Some(map), Ok(body)) = (value.as_object_mut(), serde_json::from_str::<Value>(&draft.body)) {
            map.insert("body".to_owned(), body);
        }
        value
    };
    drafts.iter().map(one).collect()
}
