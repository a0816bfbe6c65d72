//! `zhaoren drafts`: items proposed by one person and approved by another.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use zhaoren_engine::drafting::{
    DraftReading, FactAcceptance, FileDecisions, PartDecision, ReadingPart, ReviewSheet, Taxonomy,
};
use zhaoren_engine::{Draft, Engine, Home, Moment, Principal, Problem, Proposal, Role, moment_in_china, now};

use crate::args::DraftsWork;
use crate::exit::{CannotRun, Outcome, open, outcome, print_problems};
use crate::progress::Bars;

/// `zhaoren drafts`
pub(crate) fn drafts(home: &Home, json: bool, work: &DraftsWork) -> Result<Outcome, CannotRun> {
    let engine = open(home)?;
    let mut out = crate::terminal::stdout();
    match work {
        DraftsWork::Propose { file, by, reason, tenant, region, decisions, proposer, layers } => {
            let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
            let who = person(by, tenant, Role::Caseworker);
            let name = file.display().to_string();
            let act = who.write_context(now());
            let proposal = if is_items(&name) {
                engine.propose(&act, &name, &bytes, reason.trim())?
            } else {
                let decisions = decisions.as_deref().map(read_decisions).transpose()?.unwrap_or_default();
                match read_sheet(&engine, &name, &bytes, region.as_deref(), tenant)? {
                    Err(problems) => Proposal { problems, ..Proposal::default() },
                    Ok(mut sheet) => {
                        if *proposer {
                            let model = crate::serve::proposer(layers)?;
                            let facts = engine.dictionary_for(tenant)?;
                            let report =
                                sheet.ask_model(model.model(), &facts, &mut |instructions, passage| {
                                    model.ask(instructions, passage)
                                });
                            tell!("{}", report.text());
                        }
                        engine.propose_sheet(&act, &sheet, &decisions, reason.trim())?
                    }
                }
            };
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
        DraftsWork::Ask { id, by, tenant, layers } => {
            let (who, model) = (person(by, tenant, Role::Caseworker), crate::serve::proposer(layers)?);
            let mut ask = |instructions: &str, passage: &str| model.ask(instructions, passage);
            let report = engine.ask_model(&who.write_context(now()), *id, model.model(), &mut ask)?;
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
            } else {
                writeln!(out, "{}", report.text())?;
            }
            Ok(if report.failure.is_some() { Outcome::InvalidInput } else { Outcome::Done })
        }
        DraftsWork::Adopt { id, part, by, tenant } => {
            let who = person(by, tenant, Role::Caseworker);
            engine.adopt_proposal(&who.write_context(now()), *id, *part)?;
            if json {
                writeln!(out, "{}", json!({"draft": id, "part": part}))?;
            } else {
                writeln!(out, "草稿 {id} 第 {part} 处已照模型的建议更正，须由另一人审核后生效")?;
            }
            Ok(Outcome::Done)
        }
        DraftsWork::Sheet { file, region } => {
            let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
            let name = file.display().to_string();
            match read_sheet(&engine, &name, &bytes, region.as_deref(), "")? {
                Err(problems) => {
                    print_problems(&problems);
                    return Ok(Outcome::InvalidInput);
                }
                Ok(sheet) if json => writeln!(out, "{}", serde_json::to_string_pretty(&sheet.to_json())?)?,
                Ok(sheet) => print_sheet(&mut out, &sheet)?,
            }
            Ok(Outcome::Done)
        }
        DraftsWork::Show { id, tenant } => {
            let found = engine.draft_reading(tenant, *id)?.ok_or_else(|| format!("没有草稿 `{id}`"))?;
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&found.to_json())?)?;
            } else {
                print_draft(&mut out, &found)?;
            }
            Ok(Outcome::Done)
        }
        DraftsWork::Corrections { all, tenant } => {
            let mut failed = None;
            engine.correction_lines(tenant, *all, &mut |line| {
                if failed.is_none() {
                    failed = writeln!(out, "{line}").err();
                }
                Ok(())
            })?;
            failed.map_or(Ok(Outcome::Done), |error| Err(error.into()))
        }
        DraftsWork::Facts { dictionary, tenant } => {
            let facts = engine.proposed_facts(tenant)?;
            if *dictionary {
                facts.iter().try_for_each(|fact| writeln!(out, "{}", fact.dictionary_entry()))?;
            } else if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&facts)?)?;
            } else {
                for fact in &facts {
                    let unit =
                        if fact.unit.is_empty() { String::new() } else { format!("（{}）", fact.unit) };
                    writeln!(out, "{}　{}{unit}　{} 份草稿需要", fact.key, fact.name, fact.drafts.len())?;
                    fact.quotes.iter().try_for_each(|quote| writeln!(out, "    {quote}"))?;
                }
            }
            Ok(Outcome::Done)
        }
        DraftsWork::AcceptFact { proposal, by, key, name, answered_by, same_as, tenant } => {
            let who = person(by, tenant, Role::Reviewer);
            let [proposal, key, name, answered_by, same_as] =
                [proposal, key, name, answered_by, same_as].map(|text| text.trim().to_owned());
            let acceptance = FactAcceptance { proposal, key, name, answered_by, same_as };
            let accepted = engine.accept_fact(&who.write_context(now()), &acceptance)?;
            if json {
                writeln!(out, "{}", serde_json::to_string_pretty(&accepted)?)?;
            } else {
                writeln!(out, "指标 {}（{}）已写入指标字典", accepted.fact.key, accepted.fact.name)?;
                for draft in &accepted.drafts {
                    writeln!(out, "草稿 {draft} 的条件随之可判")?;
                }
                for draft in &accepted.unchanged {
                    writeln!(out, "草稿 {draft} 的条件已由人改写，未动")?;
                }
            }
            Ok(Outcome::Done)
        }
        DraftsWork::Retag { taxonomy, by, reason, tenant } => {
            let read;
            let taxonomy = match taxonomy {
                None => Taxonomy::built_in(),
                Some(file) => {
                    let name = file.display().to_string();
                    let text = std::fs::read_to_string(file).map_err(|error| format!("{name}: {error}"))?;
                    match Taxonomy::parse(&text, &name) {
                        Ok(taxonomy) => read = taxonomy,
                        Err(problems) => {
                            print_problems(&problems);
                            return Ok(Outcome::InvalidInput);
                        }
                    }
                    &read
                }
            };
            let changes = engine.tag_changes(tenant, taxonomy)?;
            let mut proposal = Proposal::default();
            if let (Some(by), false) = (by, changes.is_empty()) {
                let who = person(by, tenant, Role::Caseworker);
                proposal = engine.propose_tags(&who.write_context(now()), &changes, reason.trim())?;
                print_problems(&proposal.problems);
            }
            if json {
                writeln!(out, "{}", json!({"changes": changes, "drafts": proposal.drafts}))?;
            } else {
                for change in &changes {
                    writeln!(out, "{}　{}", change.item, change.title)?;
                    for one in &change.added {
                        writeln!(out, "  + {}（据“{}”）", one.tag, one.word)?;
                    }
                    change.removed.iter().try_for_each(|tag| writeln!(out, "  - {tag}"))?;
                }
                writeln!(out, "标签第 {} 版：{} 个事项有变动", taxonomy.version, changes.len())?;
            }
            Ok(outcome(&proposal.problems))
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

/// True if a file of this name holds items; every other one is a document.
fn is_items(name: &str) -> bool {
    let low = name.to_ascii_lowercase();
    [".yaml", ".yml", ".json", ".jsonl"].iter().any(|ending| low.ends_with(ending))
}

fn read_decisions(file: &Path) -> Result<FileDecisions, CannotRun> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    FileDecisions::parse(&file.display().to_string(), &text)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n").into())
}

fn read_sheet(
    engine: &Engine,
    name: &str,
    bytes: &[u8],
    region: Option<&str>,
    tenant: &str,
) -> Result<Result<ReviewSheet, Vec<Problem>>, CannotRun> {
    let region = region.map(zhaoren_engine::named_region).transpose()?;
    Ok(engine.read_file_sheet(name, bytes, region.as_ref(), tenant)?)
}

/// Items of a document, each part with its number, as a file of decisions names them.
fn print_sheet(out: &mut dyn Write, sheet: &ReviewSheet) -> std::io::Result<()> {
    let (all, read) = sheet.coverage;
    writeln!(out, "{}　全文 {all} 字，读懂 {read} 字", sheet.title)?;
    if let Some(reason) = &sheet.grants_nothing {
        writeln!(out, "没有可提出的事项：{reason}")?;
    }
    for item in &sheet.items {
        writeln!(out, "\n{}　{}", item.id, item.title)?;
        for doubt in &item.doubts {
            writeln!(out, "  请留意：{doubt}")?;
        }
        for figure in item.figures.iter().filter(|figure| !figure.value.is_empty()) {
            writeln!(out, "  {}：{}", figure.kind.title(), figure.value)?;
        }
        for (index, part) in item.parts.iter().enumerate() {
            print_part(out, index, part)?;
        }
    }
    Ok(())
}

fn print_part(out: &mut dyn Write, index: usize, part: &ReadingPart) -> std::io::Result<()> {
    writeln!(out, "  [{index}] {}　{}", part.kind.title(), part.text.replace('\n', " "))?;
    for line in part.canonical.lines() {
        writeln!(out, "        {line}")?;
    }
    part.doubts.iter().try_for_each(|doubt| writeln!(out, "        ⚠ {doubt}"))?;
    let Some(machine) = &part.machine else { return Ok(()) };
    let adopted = match machine.adopted_by.as_str() {
        "" => "，待采纳".to_owned(),
        by => format!("，经 {by} 采纳"),
    };
    writeln!(out, "      由模型提出（{}{adopted}），据“{}”", machine.model, machine.quote)?;
    machine.canonical.lines().try_for_each(|line| writeln!(out, "        {line}"))
}

fn print_draft(out: &mut dyn Write, found: &DraftReading) -> std::io::Result<()> {
    let draft = &found.draft;
    writeln!(out, "草稿 {}　{}　{} 提出", draft.id, draft.item, draft.author)?;
    let Some(reading) = &found.reading else { return writeln!(out, "{}", draft.body) };
    writeln!(out, "读自 {}（{}）", reading.title, reading.document)?;
    for (index, part) in reading.parts.iter().enumerate() {
        print_part(out, index, part)?;
        match reading.decisions.get(index) {
            None | Some(PartDecision::Accept) => {}
            Some(PartDecision::Correct(text)) => {
                writeln!(out, "      更正为")?;
                text.lines().try_for_each(|line| writeln!(out, "        {line}"))?;
            }
            Some(PartDecision::Reject) => writeln!(out, "      不是条件")?,
            Some(PartDecision::Judge) => writeln!(out, "      人工认定")?,
        }
    }
    Ok(())
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
