//! First lines of conditions on records: 贷款记录中至少1笔满足下列条件：, with the condition on a record on the lines below, and
//! 投资项目中满足下列条件的投资额合计不低于5000万元：. Without a condition on a record, the line stands alone: 发明专利至少3件.

use super::leaf_read::{after_name, read_tests};
use super::leaf_write::write_test;
use super::marks::{AND, FULFIL, OF, SOME, TOTAL, WHOSE};
use super::quantity::count;
use super::source::digits;
use crate::criterion::{Compare, RecordLeaf, RecordMeasure, Test};
use crate::criterion::{Criterion, Node};
use crate::fact::{Fact, FactDictionary, FactType};
use crate::number::Number;

/// Line of a condition on records. The condition on a record is empty; `has_below` says that it is on the lines below.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Head {
    pub(super) leaf: RecordLeaf,
    pub(super) has_below: bool,
}

/// Line in words that read back to it: plain, or with the keys of fact and field; `None` if neither does.
pub(super) fn write_head(leaf: &RecordLeaf, dictionary: &FactDictionary) -> Option<String> {
    let fact = dictionary.get(&leaf.measure.records)?;
    let has_below = !leaf.counts_all();
    let measure = RecordMeasure { condition: Box::new(nothing()), ..leaf.measure.clone() };
    let head = Head { leaf: RecordLeaf { measure, tests: leaf.tests.clone() }, has_below };
    [false, true]
        .into_iter()
        .filter_map(|with_key| words(&head, fact, with_key))
        .find(|text| read_head(text, dictionary).as_slice() == std::slice::from_ref(&head))
}

fn nothing() -> Criterion {
    Criterion::without_evidence(Node::All(Vec::new()))
}

fn words(head: &Head, fact: &Fact, with_key: bool) -> Option<String> {
    let name = |fact: &Fact| match with_key {
        true => format!("{}〔{}〕", fact.name, fact.key),
        false => fact.name.clone(),
    };
    let fulfil = FULFIL.first().copied().unwrap_or_default();
    let records = name(fact);
    let Some(field) = &head.leaf.measure.of else {
        let [Test::Number(Compare::AtLeast, least)] = head.leaf.tests.as_slice() else { return None };
        let some = format!("{SOME}{}{}", digits(least), fact.record_unit());
        return Some(match head.has_below {
            true => format!("{records}{OF}{some}{fulfil}："),
            false => format!("{records}{some}"),
        });
    };
    let field = fact.fields.get(field)?;
    let tests: Vec<String> = head.leaf.tests.iter().map(|test| write_test(test, field, false)).collect();
    let total = format!("{}{}{}", name(field), TOTAL.first()?, tests.join(AND));
    Some(match head.has_below {
        true => format!("{records}{OF}{fulfil}{WHOSE}{total}："),
        false => format!("{records}{OF}{total}"),
    })
}

/// Possible meanings of a line on records: one if it is unambiguous, none if it is about something else.
pub(super) fn read_head(text: &str, dictionary: &FactDictionary) -> Vec<Head> {
    let mut heads: Vec<Head> = Vec::new();
    for fact in dictionary.iter().filter(|fact| fact.kind == FactType::Records) {
        for (fact, rest) in after_name(text, fact) {
            let rest = rest.strip_prefix(OF).unwrap_or(rest);
            for head in some(rest, fact).into_iter().chain(totals(rest, fact)) {
                if !heads.contains(&head) {
                    heads.push(head);
                }
            }
        }
    }
    heads
}

fn head(fact: &Fact, of: Option<&Fact>, tests: Vec<Test>, has_below: bool) -> Head {
    let measure = RecordMeasure {
        records: fact.key.clone(),
        of: of.map(|field| field.key.clone()),
        condition: Box::new(nothing()),
    };
    Head { leaf: RecordLeaf { measure, tests }, has_below }
}

/// 至少1笔满足下列条件：, 至少3件.
fn some(text: &str, fact: &Fact) -> Option<Head> {
    let (least, rest) = count(text.strip_prefix(SOME)?)?;
    let rest =
        [fact.record_unit(), "项", "个"].iter().find_map(|unit| rest.strip_prefix(unit)).unwrap_or(rest);
    let tests = vec![Test::Number(Compare::AtLeast, Number::from(i64::from(least)))];
    if rest.is_empty() {
        return Some(head(fact, None, tests, false));
    }
    let end = FULFIL.iter().find_map(|word| rest.strip_prefix(word))?;
    matches!(end.trim_end(), "：" | ":").then(|| head(fact, None, tests, true))
}

/// 满足下列条件的投资额合计不低于5000万元：, 投资额合计不低于5000万元.
fn totals(text: &str, fact: &Fact) -> Vec<Head> {
    let below = FULFIL.iter().find_map(|word| text.strip_prefix(word)?.strip_prefix(WHOSE));
    let rest = match below {
        Some(rest) => rest.trim_end().strip_suffix(['：', ':']),
        None => Some(text),
    };
    let Some(rest) = rest else { return Vec::new() };
    let fields = fact.fields.iter().filter(|field| field.kind.is_number());
    fields
        .flat_map(|field| after_name(rest, field))
        .filter_map(|(field, rest)| {
            let rest = TOTAL.iter().find_map(|word| rest.strip_prefix(word))?;
            let tests = read_tests(rest, field, false, true)?;
            Some(head(fact, Some(field), tests, below.is_some()))
        })
        .collect()
}
