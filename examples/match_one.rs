//! Matches one profile (企业画像) with two items (事项), without any file: `cargo run --example match_one`.
//!
//! The crates `zhaoren-policy` and `zhaoren-matcher` are enough for it. Both are pure: text goes in, verdicts come out.

#![allow(clippy::print_stdout, reason = "the output is what the example shows")]

use std::error::Error;
use std::sync::Arc;

use jiff::civil::date;
use zhaoren_matcher::{Library, Selection, Snapshot};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::read_items;
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax;

/// Two made-up items. A condition may carry the sentence that it was read from (`quote`).
const ITEMS: &str = "
- id: sample-loan
  title: 小微企业贷款贴息（示例）
  document: {title: 示例办法}
  benefit: {kinds: [loan], amount: {text: 按实付利息的一半贴息}}
  criteria:
    all:
      - {fact: employees, less_than: 300, text: 从业人员少于300人}
      - {fact: registered_region, within: ['310104'], text: 注册在徐汇区}
- id: sample-title
  title: 高新技术企业奖励（示例）
  document: {title: 示例办法}
  benefit: {kinds: [grant], amount: {text: 一次性奖励}}
  criteria: {fact: qualifications, has_any: [高新技术企业], text: 持有有效的高新技术企业证书}
";

/// Known facts of the enterprise; its qualifications are unknown.
const PROFILE: &str = r#"{"id": "样例一", "facts": {"employees": 86, "registered_region": "310104"}}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let dictionary = FactDictionary::built_in();

    let (items, report) = read_items(ITEMS, "example.yaml", dictionary);
    for problem in &report.problems {
        println!("{problem}");
    }

    let mut report = Report::new("profile.json");
    let node = syntax::json(PROFILE)?;
    let profile = Profile::read(&node, dictionary, false, &mut report).ok_or("the profile has no id")?;

    let items = items.into_iter().map(|(item, _)| item).collect();
    let library = Arc::new(Library::new(items, Arc::new(dictionary.clone())));
    // The evaluation date (判定日) is an argument; no clock is read.
    let snapshot = Snapshot::compile(library, date(2026, 11, 1));

    let all = Selection { all: true, limit: 10, bundle: false };
    let (matches, undecided) = snapshot.match_profile(&profile, all);
    for one in &matches.matches {
        println!("{}：{}", one.title, one.verdict.name());
        for clause in &one.clauses {
            println!("  {}：{}", clause.text, clause.state.name());
        }
        if !one.missing.is_empty() {
            println!("  待补：{}", one.missing.join("、"));
        }
    }
    for item in &undecided {
        println!("{item}");
    }
    Ok(())
}
