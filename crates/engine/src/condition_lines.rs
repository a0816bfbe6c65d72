//! Condition sentences from JSON Lines: each read into criteria, or scored against its label.

use serde_json::{Value as Json, json};
use zhaoren_cancel::poll;
use zhaoren_conditions::score::{labels, score};
use zhaoren_policy::code::Code;
use zhaoren_policy::problem::{Fault, Problem, Report};
use zhaoren_policy::syntax::{Node, json_at};

/// Region by its code or its name: what 本市 and 本区 mean in a text.
///
/// # Errors
/// A sentence for the user if it is neither.
pub fn named_region(text: &str) -> Result<Code, String> {
    zhaoren_conditions::region(text)
        .ok_or_else(|| format!("不认识的地区：{text}，应为行政区划代码或唯一的名称"))
}

/// Reads each line `{"id", "text", "region"}` of `bytes` into `{"id", "criteria", "unread", "proposed"}`. `region` is used for
/// lines without one. Lines with an error are left out and named.
pub fn read_conditions(name: &str, bytes: &[u8], region: Option<&Code>) -> (Vec<Json>, Vec<Problem>) {
    let mut report = Report::new(name);
    let Some(text) = text(bytes, &mut report) else { return (Vec::new(), report.problems) };
    let mut rows = Vec::new();
    for (number, line) in (1_u32..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        poll();
        let node = match json_at(line, number) {
            Ok(node) => node,
            Err(error) => {
                report.syntax(error);
                continue;
            }
        };
        let Some(text) = node.get("text").and_then(|text| text.text()) else {
            report.error(number, "text", Fault::Other("缺少文字 text".to_owned()));
            continue;
        };
        let is_given =
            |region: &&Node| !region.is_null() && region.text().is_none_or(|text| !text.trim().is_empty());
        let own = match node.get("region").filter(is_given).map(|region| region.to_json()) {
            None => None,
            Some(given) => {
                // A code may be written as a number.
                let given = given.as_str().map_or_else(|| given.to_string(), str::to_owned);
                match named_region(&given) {
                    Ok(code) => Some(code),
                    Err(sentence) => {
                        report.error(number, "region", Fault::Other(sentence));
                        continue;
                    }
                }
            }
        };
        let reading = zhaoren_conditions::read(text, own.as_ref().or(region), crate::built_in_facts());
        let mut row = json!({"id": node.get("id").map(|id| id.to_json()).unwrap_or_default()});
        if let (Json::Object(row), Json::Object(more)) = (&mut row, reading.to_json()) {
            row.extend(more);
        }
        rows.push(row);
    }
    (rows, report.problems)
}

/// Scores the reading of the labelled lines `{"id", "text", "region", "criteria", "kind"}` of `bytes`.
pub fn evaluate_conditions(name: &str, bytes: &[u8], region: Option<&Code>) -> (Json, Vec<Problem>) {
    let mut report = Report::new(name);
    let Some(text) = text(bytes, &mut report) else { return (Json::Null, report.problems) };
    let (labels, problems) = labels(text, crate::built_in_facts());
    for problem in problems {
        report.error(0, "", Fault::Other(problem));
    }
    (score(&labels, region, crate::built_in_facts()).to_json(), report.problems)
}

fn text<'a>(bytes: &'a [u8], report: &mut Report) -> Option<&'a str> {
    let text = std::str::from_utf8(bytes).ok();
    if text.is_none() {
        report.error(0, "", Fault::Other("不是 UTF-8 文本".to_owned()));
    }
    text.map(|text| text.trim_start_matches('\u{feff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_is_named_and_the_rest_is_read() {
        let lines = "{\"id\": 1, \"text\": \"在本市注册\", \"region\": \"310104\"}\n{\"id\": 2}\n{\n\
                     {\"id\": 4, \"text\": \"在本市注册\", \"region\": \"某地\"}\n";
        let (rows, problems) = read_conditions("lines.jsonl", lines.as_bytes(), None);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["criteria"]["within"], json!(["310000"]));
    }
}
