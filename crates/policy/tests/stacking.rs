//! Stacking rules and grants: valid ones, refused ones, and the checks of a whole catalogue.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

use jiff::civil::date;
use serde_json::json;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::{Item, Received, Stacking, check_catalogue, grant_index, read_items};
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::Profile;
use zhaoren_policy::syntax::json as parse;
use zhaoren_policy::view::View;

fn read(yaml: &str) -> (Vec<Item>, String) {
    let (items, report) = read_items(yaml, "a.yaml", FactDictionary::built_in());
    let lines: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
    (items.into_iter().map(|(item, _)| item).collect(), lines.join("\n"))
}

#[track_caller]
fn catalogue(yaml: &str) -> Vec<String> {
    let (items, problems) = read(yaml);
    assert_eq!(problems, "");
    check_catalogue(&items, "目录").iter().map(ToString::to_string).collect()
}

#[test]
fn every_rule_reads() {
    let (items, problems) = read(
        "id: a\ntitle: 甲\nstacking:\n  - {choose_one: 组一, note: 二选一}\n  - {higher_of: 组二}\n  - {top_up: b}\n  \
         - {cap: 资金, yuan: 2000000, per: year}\n  - {once: support_received}\n  - {stacks_with: [c]}\n\
         grants: [{fact: qualifications, tag: 高新技术企业}]\n",
    );
    assert_eq!(problems, "");
    let rules = &items[0].stacking;
    assert_eq!(rules.len(), 6);
    assert_eq!(rules[0].note.as_deref(), Some("二选一"));
    assert_eq!(rules[4].rule, Stacking::Once { fact: "support_received".into(), tag: "a".into() });
    assert_eq!(
        serde_json::to_value(&rules[3]).unwrap(),
        json!({"rule": "cap", "group": "资金", "yuan": 2000000, "per": "year"})
    );
}

#[track_caller]
fn refused(rest: &str, words: &str) {
    let (items, problems) = read(&format!("id: a\ntitle: 甲\n{rest}\n"));
    assert!(items.is_empty(), "{rest} loaded");
    assert!(problems.contains(words), "{rest}: {problems}");
    assert!(problems.starts_with("a.yaml:3: item `a`"), "{problems}");
}

#[test]
fn errors_are_named_with_line_and_path() {
    refused(
        "stacking: {higher_of: x}",
        "at `stacking`: got a map with `higher_of`, expected a list of rules",
    );
    refused("stacking: [{highest: x}]", "exactly one of `choose_one`");
    refused("stacking: [{higher_of: x, choose_one: y}]", "at `stacking[0]`");
    refused("stacking: [{higher_of: x, per: year}]", "unknown key `per`");
    refused(
        "stacking: [{cap: x, yuan: -5, per: year}]",
        "at `stacking[0].yuan`: -5 is outside a cap of 0 yuan",
    );
    refused("stacking: [{cap: x, yuan: 5}]", "`per` is missing");
    refused("stacking: [{cap: x, yuan: 5, per: month}]", "one of `year`, `once`");
    refused("stacking: [{once: employees}]", "got `employees` of type integer, expected a fact of type tags");
    refused("stacking: [{once: support_recieved}]", "did you mean `support_received`?");
    refused("grants: [{fact: qualifications, tag: 高新企业}]", "did you mean `高新技术企业`?");
    refused("grants: [{fact: qualifications}]", "a map with `fact` and `tag`");
    refused("grants: [{fact: industry, tag: x}]", "of type code, expected a fact of type tags");
}

#[test]
fn dangling_references_are_errors() {
    let found = catalogue(
        "- {id: a, title: 甲, excludes: [x], stacking: [{top_up: y}, {stacks_with: [z, a]}]}\n\
         - {id: b, title: 乙, relations: [{kind: parent, item: w}]}",
    );
    let expected = ["`x`", "`y`", "`z`", "`a` names itself", "`w`"];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for (line, id) in found.iter().zip(expected) {
        assert!(line.contains(id), "{line}");
    }
    assert!(found[0].starts_with("目录: item `a`: at `excludes`: item `x` is not known"), "{}", found[0]);
}

#[test]
fn contradictions_name_both_items() {
    let found = catalogue(
        "- {id: a, title: 甲, excludes: [b]}\n- {id: b, title: 乙, stacking: [{stacks_with: [a]}]}",
    );
    assert_eq!(found.len(), 1);
    assert!(
        found[0].contains("`b` and `a` are kept apart by `excludes`, and allowed together"),
        "{}",
        found[0]
    );
    let found = catalogue(
        "- {id: a, title: 甲, stacking: [{choose_one: 组}]}\n\
         - {id: b, title: 乙, stacking: [{choose_one: 组}, {top_up: a}]}",
    );
    assert!(found[0].contains("`b` and `a` are kept apart by `choose_one: 组`"), "{found:?}");
    let found = catalogue(
        "- {id: a, title: 甲, relations: [{kind: choose_one, item: b}]}\n\
         - {id: b, title: 乙, relations: [{kind: stacks_with, item: a}]}",
    );
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn cycles_are_named_once() {
    let found = catalogue(
        "- {id: c, title: 丙, relations: [{kind: requires, item: a}]}\n\
         - {id: a, title: 甲, relations: [{kind: requires, item: b}]}\n\
         - {id: b, title: 乙, relations: [{kind: requires, item: c}]}\n\
         - {id: d, title: 丁, relations: [{kind: requires, item: a}]}",
    );
    assert_eq!(found, ["目录: item `a`: `relations: requires` runs in a circle: a → b → c → a"]);
    let found = catalogue(
        "- {id: a, title: 甲, stacking: [{top_up: b}]}\n- {id: b, title: 乙, stacking: [{top_up: a}]}",
    );
    assert_eq!(found, ["目录: item `a`: `stacking: top_up` runs in a circle: a → b → a"]);
}

#[test]
fn groups_agree() {
    let cap = |id: &str, rules: &str| format!("- {{id: {id}, title: 题, stacking: [{rules}]}}\n");
    let one = "{cap: 资金, yuan: 100, per: year}";
    assert!(catalogue(&(cap("a", one) + &cap("b", one))).is_empty());
    let found = catalogue(&(cap("a", one) + &cap("b", "{cap: 资金, yuan: 90, per: year}")));
    assert!(
        found[0].contains("item `b`") && found[0].contains("capped at 90 here and at 100 in `a`"),
        "{found:?}"
    );
    let other = "{cap: 年度, yuan: 100, per: year}";
    let both = format!("{one}, {other}");
    assert!(catalogue(&(cap("a", one) + &cap("b", &both))).is_empty(), "a cap within a cap");
    let found = catalogue(&(cap("a", one) + &cap("b", &both) + &cap("c", other)));
    assert!(found[0].contains("overlap"), "{found:?}");
    let found = catalogue(&cap("a", "{higher_of: 孤组}"));
    assert_eq!(found, ["目录: item `a`: at `stacking`: warning: group `孤组` has no other member"]);
}

#[test]
fn grants_are_found_by_tag() {
    let (items, _) = read(
        "- {id: b, title: 乙, grants: [{fact: qualifications, tag: 高新技术企业}]}\n\
         - {id: a, title: 甲, grants: [{fact: qualifications, tag: 高新技术企业}, {fact: qualifications, tag: 瞪羚企业}]}",
    );
    let map = grant_index(&items);
    let of = |tag: &str| map[&("qualifications".to_owned(), tag.to_owned())].clone();
    assert_eq!(of("高新技术企业"), ["a", "b"]);
    assert_eq!(of("瞪羚企业"), ["a"]);
}

#[test]
fn one_time_benefits_are_not_granted_again() {
    let (items, _) = read("id: a\ntitle: 甲\nstacking: [{once: support_received}]");
    let dictionary = FactDictionary::built_in();
    let received = |facts: serde_json::Value| {
        let mut report = Report::new("profile");
        let text = json!({"id": "e", "facts": facts}).to_string();
        let profile = Profile::read(&parse(&text).unwrap(), dictionary, true, &mut report).unwrap();
        items[0].received(&View::new(&profile, dictionary, date(2026, 11, 23)))
    };
    assert_eq!(received(json!({"support_received": ["a"]})), Received::Yes);
    assert_eq!(received(json!({"support_received": ["b"]})), Received::No);
    assert_eq!(received(json!({})), Received::Unknown);
    assert_eq!(received(json!({"support_received": {"has": ["b"], "lacks": []}})), Received::Unknown);
}
