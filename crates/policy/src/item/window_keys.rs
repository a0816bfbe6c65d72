//! Keys under `window`.

use jiff::civil::Date;

use super::read::Reader;
use super::{Window, YearDay, YearlyPeriod};
use crate::problem::Fault;
use crate::syntax::{Node, Tree};

/// Form of a period that recurs every year.
const YEARLY: &str = "a list of {opens: MM-DD, closes: MM-DD}, days of the year such as 03-01";

/// Day of the year written as MM-DD.
fn year_day(text: &str) -> Option<YearDay> {
    let (month, day) = text.split_once('-')?;
    let number = |part: &str| part.parse::<i8>().ok().filter(|_| part.len() == 2);
    YearDay::new(number(month)?, number(day)?)
}

/// Reads `window`.
pub(super) fn window(reader: &mut Reader<'_>, node: &Node) -> Window {
    match &node.value {
        Tree::List(ranges) => {
            let read: Vec<_> =
                ranges.iter().enumerate().map(|(i, range)| opening(reader, range, i)).collect();
            Window::Dates(read.into_iter().flatten().collect())
        }
        Tree::Map(entries) if entries.len() == 1 && node.get("by_notice").is_some() => {
            let note = node.get("by_notice").and_then(|note| reader.text(note, "window.by_notice"));
            Window::ByNotice(note.unwrap_or_default())
        }
        Tree::Map(entries) if entries.len() == 1 && node.get("yearly").is_some() => {
            match node.get("yearly").map(|periods| &periods.value) {
                Some(Tree::List(periods)) if !periods.is_empty() => {
                    let read = periods.iter().enumerate();
                    let read: Vec<_> = read.map(|(i, period)| yearly_period(reader, period, i)).collect();
                    Window::Yearly(read.into_iter().flatten().collect())
                }
                _ => {
                    reader.report.expected(node, "window.yearly", YEARLY);
                    Window::default()
                }
            }
        }
        Tree::Text(text) if text == "all_year" => Window::AllYear,
        _ => {
            let expected =
                "a list of {opens, closes}, {yearly: [{opens, closes}]}, {by_notice: text}, or all_year";
            reader.report.expected(node, "window", expected);
            Window::default()
        }
    }
}

fn yearly_period(reader: &mut Reader<'_>, node: &Node, index: usize) -> Option<YearlyPeriod> {
    let path = format!("window.yearly[{index}]");
    let Tree::Map(entries) = &node.value else {
        reader.report.expected(node, &path, YEARLY);
        return None;
    };
    for (key, value) in entries {
        reader.report_if_unknown_key(key, value, &path, &["opens", "closes"]);
    }
    let mut day = |key: &str| {
        let day = node.get(key).and_then(Node::text).and_then(year_day);
        if day.is_none() {
            reader.report.expected(node.get(key).unwrap_or(node), &format!("{path}.{key}"), YEARLY);
        }
        day
    };
    let (opens, closes) = (day("opens"), day("closes"));
    Some(YearlyPeriod { opens: opens?, closes: closes? })
}

fn opening(reader: &mut Reader<'_>, node: &Node, index: usize) -> Option<(Option<Date>, Option<Date>)> {
    let path = format!("window[{index}]");
    let Tree::Map(entries) = &node.value else {
        reader.report.expected(node, &path, "a map with `opens` and `closes`");
        return None;
    };
    let (mut opens, mut closes) = (None, None);
    for (key, value) in entries {
        match key.as_str() {
            _ if value.is_null() => reader.report_if_unknown_key(key, value, &path, &["opens", "closes"]),
            "opens" => opens = reader.day(value, &format!("{path}.opens")),
            "closes" => closes = reader.day(value, &format!("{path}.closes")),
            _ => reader.report_if_unknown_key(key, value, &path, &["opens", "closes"]),
        }
    }
    if let (Some(first), Some(last)) = (opens, closes)
        && first > last
    {
        let fault = Fault::EmptyRange { low: first.to_string(), high: last.to_string() };
        reader.report.error(node.line, &path, fault);
        return None;
    }
    Some((opens, closes))
}
