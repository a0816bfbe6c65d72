//! Makes the push lists (推送名单) of a table of enterprises from code: `cargo run --example push_lists`.
//!
//! The same work as `zhaoren push`, with a table and an item of its own.

#![allow(clippy::print_stdout, reason = "the output is what the example shows")]

use std::error::Error;
use std::fs;
use std::sync::Arc;

use jiff::civil::date;
use zhaoren_matcher::Library;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_push::table::{Enterprises, TableOptions};
use zhaoren_push::{Explain, Format, Listing, NoProgress, PushOptions, Refusals, push};

const ITEM: &str = "
id: sample-growth
title: 成长企业奖励（示例）
document: {title: 示例办法}
benefit: {kinds: [grant], amount: {text: 一次性奖励}}
criteria: {fact: revenue, at_least: 20000000, text: 上年度营业收入不低于2000万元}
";

/// A made-up table: the second row does not say how much, the third is below the threshold.
const TABLE: &str = "id,name,revenue.2025
样例一,甲公司,30000000
样例二,乙公司,
样例三,丙公司,1500000
";

fn main() -> Result<(), Box<dyn Error>> {
    let dictionary = Arc::new(FactDictionary::built_in().clone());
    let (items, report) = read_items(ITEM, "example.yaml", &dictionary);
    for problem in &report.problems {
        println!("{problem}");
    }
    let items = items.into_iter().map(|(item, _)| item).collect();
    let library = Arc::new(Library::new(items, Arc::clone(&dictionary)));

    let folder = tempfile::tempdir()?;
    let table = folder.path().join("enterprises.csv");
    fs::write(&table, TABLE)?;
    let enterprises = Enterprises::open(&[table], TableOptions::default(), dictionary)?;

    for warning in enterprises.warnings() {
        println!("{warning}");
    }

    let options = PushOptions {
        out: folder.path().join("2026-11-01"),
        as_of: date(2026, 11, 1),
        previous: None,
        format: Format::Jsonl,
        listing: Listing { undetermined: true, ..Listing::default() },
        deadline_days: zhaoren_push::DEADLINE_DAYS,
        full: false,
        opt_outs: Refusals::default(),
        explain: Explain::default(),
    };
    let report = push(&enterprises, &library, &options, &NoProgress)?;
    println!("读入 {} 行，退回 {} 行", report.counts.rows, report.counts.rejected);
    for line in fs::read_to_string(options.out.join("matches.jsonl"))?.lines() {
        let row: serde_json::Value = serde_json::from_str(line)?;
        let text = |key: &str| row.get(key).and_then(|value| value.as_str()).unwrap_or("未知");
        println!("{} {} {}", text("enterprise_id"), text("policy_id"), text("verdict"));
    }
    Ok(())
}
