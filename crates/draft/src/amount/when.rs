//! Conditions of tiers: the words before a payment as a typed criterion, or else as a judged clause.

use serde_json::Value;
use zhaoren_conditions::criteria_json;
use zhaoren_policy::criterion::{Criterion, Node};
use zhaoren_policy::fact::FactDictionary;

/// Words of a condition without the particles around it.
pub(super) fn condition_words(when: &str) -> String {
    let mut words = when.trim_matches(['，', '；', '：', '。']);
    for lead in ["对于", "对", "其中", "即", "凡"] {
        words = words.strip_prefix(lead).unwrap_or(words);
    }
    let words = words.trim_matches('，');
    // 支持…，对新认定的企业: the encouragement before is no condition.
    let encourages =
        ["支持", "鼓励", "推动", "引导", "加大", "实施", "加强"].iter().any(|word| words.starts_with(word));
    let words = match words.split_once("，对") {
        Some((_, behind)) if encourages => behind.strip_prefix('于').unwrap_or(behind),
        _ => words,
    };
    let mut words = words.trim_end_matches('，');
    if let Some(at) = words.rfind("按每").or_else(|| words.rfind('每').filter(|at| words.len() - at <= 24))
        && at > 0
        && words.get(..at).is_some_and(|head| head.ends_with(['的', '，', '按']) || head.chars().count() >= 4)
    {
        words = words.get(..at).unwrap_or(words);
    }
    for end in [
        "可",
        "经认定",
        "分别",
        "再",
        "另",
        "一次性",
        "增加",
        "可以",
        "给予",
        "后",
        "按",
        "按照",
        "，",
        "经认定后",
        "连续",
    ] {
        words = words.strip_suffix(end).unwrap_or(words);
    }
    let words = words.trim_matches('，');
    words.strip_suffix('的').unwrap_or(words).chars().take(200).collect()
}

/// Condition of a tier: typed, or else judged; `None` if no words are left that say one.
pub(super) fn condition(words: &str, dictionary: &FactDictionary) -> Option<Value> {
    let words = condition_words(words);
    if words.trim().is_empty() {
        return None;
    }
    let read = zhaoren_conditions::read(&words, None, dictionary);
    let is_typed = read.unread.is_empty() && is_typed(&read.criteria);
    let criteria = match is_typed {
        true => read.criteria,
        false => Criterion::without_evidence(Node::Judged(words)),
    };
    Some(without_evidence(criteria_json(&criteria)))
}

/// `value` without quotes: the words of a tier are no verbatim passage.
fn without_evidence(mut value: Value) -> Value {
    if let Value::Object(entries) = &mut value {
        entries.remove("quote");
        entries.remove("article");
        entries.values_mut().for_each(|inner| *inner = without_evidence(inner.take()));
    } else if let Value::Array(list) = &mut value {
        list.iter_mut().for_each(|inner| *inner = without_evidence(inner.take()));
    }
    value
}

/// True if facts decide all of it, and it asks anything.
fn is_typed(criterion: &Criterion) -> bool {
    match &criterion.node {
        Node::Leaf(_) | Node::Records(_) => true,
        Node::All(of) | Node::Any { of, .. } => !of.is_empty() && of.iter().all(is_typed),
        Node::Not(inner) => is_typed(inner),
        Node::Case { .. } | Node::Points { .. } | Node::Judged(_) => false,
    }
}
