//! Keys under `benefit.amount`.

use super::Amount;
use super::amount::{in_general, read_formula};
use super::read::Reader;
use crate::number::Number;
use crate::problem::Fault;
use crate::syntax::{Node, Tree};

const KEYS: [&str; 9] = ["max", "text", "rate", "base", "unit", "times", "years", "parts", "formula"];

/// Reads `benefit.amount`.
pub(super) fn amount(reader: &mut Reader<'_>, node: &Node) -> Amount {
    let mut amount = Amount::default();
    let Tree::Map(entries) = &node.value else {
        reader.report.expected(node, "benefit.amount", "a map with `max` and `text`");
        return amount;
    };
    for (key, value) in entries {
        let path = format!("benefit.amount.{key}");
        match key.as_str() {
            _ if value.is_null() => reader.report_if_unknown_key(key, value, "benefit.amount", &KEYS),
            "max" => amount.max = reader.number(value, &path),
            "rate" => amount.rate = reader.number(value, &path),
            "text" => amount.text = reader.text(value, &path),
            "base" => amount.base = reader.text(value, &path),
            "unit" => amount.unit = reader.text(value, &path),
            "times" => {
                let words = [("once", "once"), ("yearly", "yearly")];
                amount.times = reader.word(value, &path, &words).map(Into::into);
            }
            "years" => amount.years = years(reader, value, &path),
            "parts" => amount.parts = parts(reader, value, &path),
            "formula" if value.text() == Some("not_money") => amount.not_money = true,
            "formula" => amount.formula = read_formula(value, &path, reader.dictionary, reader.report),
            _ => reader.report_if_unknown_key(key, value, "benefit.amount", &KEYS),
        }
    }
    report_contradictions(reader, node, &amount);
    amount
}

fn years(reader: &mut Reader<'_>, node: &Node, path: &str) -> Option<u8> {
    let number = reader.number(node, path)?.to_i64();
    let years = number.and_then(|years| u8::try_from(years).ok()).filter(|years| (1..=50).contains(years));
    if years.is_none() {
        reader.report.expected(node, path, "a number of years from 1 to 50");
    }
    years
}

fn parts(reader: &mut Reader<'_>, node: &Node, path: &str) -> Vec<Number> {
    const PARTS: &str = "a list of the shares of each year, 0 or more, 1 in all";
    let Tree::List(items) = &node.value else {
        reader.report.expected(node, path, PARTS);
        return Vec::new();
    };
    let parts: Vec<Number> = items
        .iter()
        .enumerate()
        .filter_map(|(i, item)| reader.number(item, &format!("{path}[{i}]")))
        .collect();
    let sum = parts.iter().fold(Number::zero(), |sum, part| sum.plus(part));
    if sum != Number::from(1) || parts.iter().any(Number::is_negative) {
        reader.report.expected(node, path, PARTS);
    }
    parts
}

/// Reports keys that contradict each other.
fn report_contradictions(reader: &mut Reader<'_>, node: &Node, amount: &Amount) {
    let mut fault = |words: String| reader.report.error(node.line, "benefit.amount", Fault::Other(words));
    if let Some(max) = amount.max.as_ref().filter(|max| max.is_negative()) {
        fault(format!("`max` is {max}, expected 0 or more"));
    }
    if amount.not_money && (amount.max.is_some() || amount.rate.is_some()) {
        fault("`formula` says that it is no money, and `max` or `rate` give an amount".to_owned());
    }
    if amount.years.is_some() && amount.times.as_deref() != Some("yearly") {
        fault("`years` needs `times: yearly`".to_owned());
    }
    if !amount.parts.is_empty() && amount.times.as_deref() == Some("yearly") {
        fault("`parts` divides one sum, `times: yearly` repeats one".to_owned());
    }
    let (Some(formula), Some(max)) = (&amount.formula, amount.ceiling()) else { return };
    let range = in_general(formula, reader.dictionary, None);
    if range.low > *max {
        let words = format!("`formula` always gives {} or more, beyond `max` {max}", range.low);
        reader.report.error(node.line, "benefit.amount.formula", Fault::Other(words));
    } else if let Some(high) = range.high.filter(|high| high > max) {
        let words = format!("`formula` reaches {high}, beyond `max` {max}");
        reader.report.warn(node.line, "benefit.amount.formula", Fault::Other(words));
    }
}
