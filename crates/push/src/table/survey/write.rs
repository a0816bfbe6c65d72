//! The mapping file of a survey: YAML with a comment for each column that is not surely read.

use std::fmt::Write;

use zhaoren_policy::fact::FactDictionary;

use super::{Candidate, ColumnSurvey, Proposal, Survey};

/// Text of the mapping file.
pub(super) fn mapping(survey: &Survey, dictionary: &FactDictionary) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(format!("# 列映射，由 zhaoren map 生成：{}", on_one_line(&survey.file)));
    for note in &survey.notes {
        line(format!("# {}", on_one_line(note)));
    }
    line("# 每列一行：列名: 读作什么。ignore 为不读取；确认后把 ignore 换成候选即可。".to_owned());
    line("columns:".to_owned());
    let mut written = std::collections::BTreeSet::new();
    for column in &survey.columns {
        zhaoren_cancel::poll();
        if column.heading.is_empty() {
            continue;
        }
        if !written.insert(crate::table::heading::key_of(&column.heading)) {
            line(format!("  # 第 {} 列“{}”：{}", column.number, on_one_line(&column.heading), column.why));
            continue;
        }
        let remark = remark(column, dictionary);
        let entry = format!("  {}: {}", key(&column.heading), target(&column.proposal));
        line(if remark.is_empty() { entry } else { format!("{entry}  # {remark}") });
    }
    out
}

/// Comment behind an entry.
fn remark(column: &ColumnSurvey, dictionary: &FactDictionary) -> String {
    let mut remark = match &column.proposal {
        Proposal::Fact { name, .. } | Proposal::Tag { name, .. } if *name != column.heading => name.clone(),
        _ => String::new(),
    };
    let mut add = |text: &str| {
        if !remark.is_empty() && !text.is_empty() {
            remark.push('；');
        }
        remark.push_str(text);
    };
    add(&column.why);
    let candidates: Vec<String> =
        column.candidates.iter().map(|candidate| suggested(candidate, column, dictionary)).collect();
    if !candidates.is_empty() {
        add(&format!("候选：{}", candidates.join("，")));
    }
    on_one_line(&remark)
}

/// Entry that a candidate would have, with its name.
fn suggested(candidate: &Candidate, column: &ColumnSurvey, dictionary: &FactDictionary) -> String {
    let yearly =
        dictionary.get(&candidate.key).is_some_and(|fact| fact.period == zhaoren_policy::fact::Period::Year);
    let parts = crate::table::heading::parts(&column.heading);
    let fact = dictionary.get(&candidate.key);
    let unit = fact.and_then(|fact| crate::table::heading::unit_of(fact, &parts).ok().flatten());
    let unit = unit.as_ref().map(|unit| unit.name.as_str());
    let entry = match (yearly, unit) {
        (false, None) => candidate.key.clone(),
        (yearly, unit) => {
            let mut entry = format!("{{fact: {}", candidate.key);
            if yearly {
                let year = parts.year.map_or("年度".to_owned(), |year| year.to_string());
                let _ = write!(entry, ", year: {year}");
            }
            if let Some(unit) = unit {
                let _ = write!(entry, ", unit: {}", scalar(unit));
            }
            entry + "}"
        }
    };
    format!("{entry}（{}）", candidate.name)
}

fn target(proposal: &Proposal) -> String {
    match proposal {
        Proposal::Id => "id".to_owned(),
        Proposal::Name => "name".to_owned(),
        Proposal::Ignore => "ignore".to_owned(),
        Proposal::Tag { key, tag, .. } => format!("{{tag: {{{key}: {}}}}}", scalar(tag)),
        Proposal::Fact { key, year: None, unit: None, separator: None, .. } => key.clone(),
        Proposal::Fact { key, year, unit, separator, .. } => {
            let mut entry = format!("{{fact: {key}");
            if let Some(year) = year {
                let _ = write!(entry, ", year: {year}");
            }
            if let Some(unit) = unit {
                let _ = write!(entry, ", unit: {}", scalar(unit));
            }
            if let Some(separator) = separator {
                let _ = write!(entry, ", separator: {}", scalar(separator));
            }
            entry + "}"
        }
    }
}

/// Heading as a key of YAML.
fn key(heading: &str) -> String {
    scalar(heading)
}

/// Text as a scalar of YAML: plain where no reader could take it for something else, else quoted as in JSON.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 14] =
        ["y", "n", "yes", "no", "true", "false", "on", "off", "null", "nan", "inf", "id", "name", "ignore"];
    let is_plain =
        |c: char| c.is_alphanumeric() || matches!(c, '（' | '）' | '_' | '·' | '%' | '％' | '/' | '(' | ')');
    let begins = text.starts_with(|c: char| c.is_alphabetic());
    let words = text.split(' ').all(|word| !word.is_empty() && word.chars().all(is_plain));
    let is_word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    if begins && words && (!is_word || matches!(text, "id" | "name")) {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}

/// Text without line breaks and other controls, for a comment.
fn on_one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect()
}
