//! `zhaoren impact`: what an amended item or document changes, for which enterprises, and what refers to it.

use std::io::Write;
use std::sync::Arc;

use serde::Serialize;
use zhaoren_engine::drafting::CriteriaDiff;
use zhaoren_engine::impact::{Dependent, FieldChange, ItemPair, items_of, pair_items};
use zhaoren_engine::{Engine, FactDictionary, Home, Item, has_errors};
use zhaoren_push::find::{Variant, WhatIf};

use crate::args::ImpactArgs;
use crate::exit::{CannotRun, Outcome, open, print_problems};
use crate::find::{ask_all, ids};
use crate::matching::dictionary;

/// Impact of an amendment.
#[derive(Serialize)]
struct ImpactReport {
    as_of: zhaoren_engine::Date,
    items: Vec<ItemImpact>,
    dependents: Vec<Dependent>,
}

/// Enterprises by verdict.
#[derive(Serialize)]
struct Counts {
    eligible: u64,
    undetermined: u64,
    ineligible: u64,
}

/// Impact on one item.
#[derive(Serialize)]
struct ItemImpact {
    id: String,
    title: String,
    change: &'static str,
    criteria: CriteriaDiff,
    fields: Vec<FieldChange>,
    enterprises: u64,
    before: Counts,
    after: Counts,
    gained: u64,
    lost: u64,
    /// Enterprises that are no longer ineligible.
    opened: u64,
    /// Enterprises that become ineligible.
    closed: u64,
    gained_ids: Vec<String>,
    lost_ids: Vec<String>,
}

/// `zhaoren impact`
pub(crate) fn impact(home: &Home, json: bool, args: &ImpactArgs) -> Result<Outcome, CannotRun> {
    let as_of = args.as_of.unwrap_or_else(zhaoren_engine::today);
    let mut problems = Vec::new();
    let facts = Arc::new(dictionary(args.tables.facts.as_deref(), &mut problems)?);
    let region = args.region.as_deref().map(zhaoren_engine::named_region).transpose()?;
    let engine = open(home)?;
    let mut versions = Vec::new();
    for path in [&args.old, &args.new] {
        let (items, found) = match catalogue_item(&engine, path, &args.tenant)? {
            Some(item) => (vec![item], Vec::new()),
            None => items_of(path, region.as_ref(), &facts, as_of)?,
        };
        if items.is_empty() {
            print_problems(&found);
            return Err(format!("{} 中没有事项", path.display()).into());
        }
        problems.extend(found);
        versions.push(items);
    }
    print_problems(&problems);
    let (Some(new), Some(old)) = (versions.pop(), versions.pop()) else { return Err("没有事项".into()) };
    let pairs = pair_items(old, new, &facts);
    let dependents = engine.dependents(&pairs, &args.tenant)?;
    let mut rejected = false;
    let mut items = Vec::new();
    for pair in &pairs {
        let (item, is_rejected) = measure(pair, &facts, as_of, args)?;
        rejected |= is_rejected;
        items.extend(item);
    }
    let report = ImpactReport { as_of, items, dependents };
    let mut out = std::io::BufWriter::new(crate::terminal::stdout());
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        print_report(&mut out, &report)?;
    }
    out.flush()?;
    Ok(if rejected || has_errors(&problems) { Outcome::InvalidInput } else { Outcome::Done })
}

/// The item of the catalogue with this id, where there is no such file.
fn catalogue_item(engine: &Engine, path: &std::path::Path, tenant: &str) -> Result<Option<Item>, CannotRun> {
    if path.exists() {
        return Ok(None);
    }
    let id = path.display().to_string();
    let rules = engine.rules_for(tenant)?;
    let none = || format!("没有文件也没有事项 `{id}`");
    Ok(Some(rules.item(&id).cloned().ok_or_else(none)?))
}

/// Counts of one pair over all enterprises. An item without changes is not counted.
fn measure(
    pair: &ItemPair,
    facts: &Arc<FactDictionary>,
    as_of: zhaoren_engine::Date,
    args: &ImpactArgs,
) -> Result<(Option<ItemImpact>, bool), CannotRun> {
    let Some((item, criteria)) = pair.variant().filter(|_| pair.change() != "same") else {
        return Ok((None, false));
    };
    let variant = Variant { deviations: Vec::new(), criteria };
    let question = WhatIf::new(&item, vec![variant], Arc::clone(facts), as_of, args.limit)?;
    let (tally, rejected) = ask_all(&question, &args.tables, facts, args.threads)?;
    let mut report = question.report(tally);
    let (id, title) = pair.name();
    let after = report.variants.pop();
    let impact = after.map(|after| ItemImpact {
        id: id.to_owned(),
        title: title.to_owned(),
        change: pair.change(),
        criteria: pair.criteria.clone(),
        fields: pair.fields.clone(),
        enterprises: report.base.enterprises,
        before: Counts {
            eligible: report.base.eligible,
            undetermined: report.base.undetermined,
            ineligible: report.base.ineligible,
        },
        after: Counts {
            eligible: after.eligible,
            undetermined: after.undetermined,
            ineligible: after.ineligible,
        },
        gained: after.gained,
        lost: after.lost,
        opened: after.opened,
        closed: after.closed,
        gained_ids: after.gained_ids,
        lost_ids: after.lost_ids,
    });
    Ok((impact, rejected))
}

fn print_report(out: &mut dyn Write, report: &ImpactReport) -> std::io::Result<()> {
    writeln!(out, "修订影响　判定日 {}", report.as_of)?;
    if report.items.is_empty() {
        writeln!(out, "事项没有变化")?;
    }
    for item in &report.items {
        let change = match item.change {
            "new" => "新增",
            "removed" => "取消",
            _ => "改动",
        };
        writeln!(out, "\n{change}　{}（{}）", item.title, item.id)?;
        for (before, after) in &item.criteria.changed {
            writeln!(out, "  条件改：{}\n      为：{}", line(before), line(after))?;
        }
        for one in &item.criteria.removed {
            writeln!(out, "  条件删：{}", line(one))?;
        }
        for one in &item.criteria.added {
            writeln!(out, "  条件增：{}", line(one))?;
        }
        for one in &item.fields {
            writeln!(out, "  {}：{} → {}", one.field, or_none(&one.before), or_none(&one.after))?;
        }
        writeln!(
            out,
            "  企业 {} 家：符合 {} → {}，待定 {} → {}；新符合 {}，不再符合 {}",
            item.enterprises,
            item.before.eligible,
            item.after.eligible,
            item.before.undetermined,
            item.after.undetermined,
            item.gained,
            item.lost
        )?;
        ids(out, "新符合", &item.gained_ids, item.gained)?;
        ids(out, "不再符合", &item.lost_ids, item.lost)?;
    }
    if !report.dependents.is_empty() {
        writeln!(out, "\n牵连")?;
    }
    for one in &report.dependents {
        writeln!(out, "  {}　{}（{}）　所据 {}", kind_name(&one.kind), one.title, one.id, one.on)?;
    }
    Ok(())
}

/// A condition on one line.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "无" } else { text }
}

fn kind_name(kind: &str) -> &str {
    match kind {
        "requires" => "以它为前提",
        "parent" => "上位规定",
        "container" => "所属",
        "top_up_of" => "配套",
        "implements" => "细则",
        "succeeds" => "后续",
        "choose_one" => "择一",
        "stacks_with" => "可叠加",
        "excludes" => "不重复享受",
        "interpretation" => "政策解读",
        other => other,
    }
}
