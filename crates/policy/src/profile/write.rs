//! Writes profiles as JSON, in the form that [`Profile::read`](super::Profile::read) reads.

use std::collections::BTreeMap;

use super::{HeldTag, Holding, Profile, RecordList, TagSet};
use crate::fact::{Knowledge, Value};
use crate::syntax::write_json_string;

impl Profile {
    /// Profile as JSON text on one line, every number with all its digits: it reads back to the same profile. Keys of a profile
    /// file other than `id`, `name`, `facts` and `judged` are not included.
    pub fn json_text(&self) -> String {
        let mut out = String::from("{\"id\":");
        write_json_string(&self.id, &mut out);
        if let Some(name) = &self.name {
            out.push_str(",\"name\":");
            write_json_string(name, &mut out);
        }
        out.push_str(",\"facts\":");
        write_facts(self, &mut out);
        if !self.judged.is_empty() {
            out.push_str(",\"judged\":");
            let judged = self.judged.iter().map(|(text, truth)| (text.as_str(), truth));
            map(judged, &mut out, |truth, out| out.push_str(if *truth { "true" } else { "false" }));
        }
        out.push('}');
        out
    }
}

fn map<'a, T: 'a>(
    entries: impl Iterator<Item = (&'a str, T)>,
    out: &mut String,
    mut write: impl FnMut(T, &mut String),
) {
    out.push('{');
    for (index, (key, value)) in entries.enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_json_string(key, out);
        out.push(':');
        write(value, out);
    }
    out.push('}');
}

fn list<T>(items: impl Iterator<Item = T>, out: &mut String, mut write: impl FnMut(T, &mut String)) {
    out.push('[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

/// Facts of a profile or fields of a record, with those that are withheld.
fn write_facts(profile: &Profile, out: &mut String) {
    let withheld = profile.withheld.iter();
    let mut entries: BTreeMap<&str, Content<'_>> = BTreeMap::new();
    for (key, holding) in &profile.facts {
        let content = match holding {
            Holding::Current(known) => Content::Known(known),
            Holding::Tags(tags) => Content::Tags(tags),
            Holding::Records(records) => Content::Records(records),
            Holding::Yearly(years) => {
                let years = years.iter().map(|(year, known)| (year.to_string(), Content::Known(known)));
                Content::Years(years.collect())
            }
        };
        entries.insert(key, content);
    }
    for ((key, year), reason) in withheld {
        let reason = Content::Withheld(reason);
        match (year, entries.get_mut(key.as_str())) {
            (None, _) => {
                entries.insert(key, reason);
            }
            (Some(year), Some(Content::Years(years))) => {
                years.insert(year.to_string(), reason);
            }
            // The whole fact is withheld.
            (Some(_), Some(_)) => {}
            (Some(year), None) => {
                entries.insert(key, Content::Years(BTreeMap::from([(year.to_string(), reason)])));
            }
        }
    }
    map(entries.iter().map(|(key, content)| (*key, content)), out, write_content);
}

/// Content of a fact, as it is written.
enum Content<'a> {
    Known(&'a Knowledge),
    Tags(&'a TagSet),
    Records(&'a RecordList),
    Withheld(&'a str),
    Years(BTreeMap<String, Content<'a>>),
}

fn write_content(content: &Content<'_>, out: &mut String) {
    match content {
        Content::Known(known) => write_known(known, out),
        Content::Tags(tags) => write_tags(tags, out),
        Content::Records(records) => {
            if !records.is_complete() {
                out.push_str("{\"known\":");
            }
            list(records.records().iter(), out, write_facts);
            if !records.is_complete() {
                out.push('}');
            }
        }
        Content::Withheld(reason) => {
            out.push_str("{\"withheld\":");
            write_json_string(reason, out);
            out.push('}');
        }
        Content::Years(years) => {
            map(years.iter().map(|(year, content)| (year.as_str(), content)), out, write_content);
        }
    }
}

fn write_known(known: &Knowledge, out: &mut String) {
    match known {
        Knowledge::Unknown => out.push_str("null"),
        Knowledge::Exactly(value) => write_value(value, out),
        Knowledge::Within { low, high } => {
            let ends = [("at_least", low), ("at_most", high)];
            let ends = ends.into_iter().filter_map(|(key, end)| Some((key, end.as_ref()?)));
            map(ends, out, write_value);
        }
        Knowledge::Among(values) => {
            out.push_str("{\"one_of\":");
            list(values.iter(), out, write_value);
            out.push('}');
        }
    }
}

fn write_value(value: &Value, out: &mut String) {
    match value {
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        // A number that was read is a decimal. A computed one may not be; its nearest decimal is written.
        Value::Number(number) => {
            out.push_str(&number.decimal_text().unwrap_or_else(|| number.to_rounded_string(28)))
        }
        other => write_json_string(&other.to_string(), out),
    }
}

fn write_tags(tags: &TagSet, out: &mut String) {
    match &tags.lacks {
        None => list(tags.held.iter(), out, write_tag),
        Some(lacks) => {
            out.push_str("{\"has\":");
            list(tags.held.iter(), out, write_tag);
            out.push_str(",\"lacks\":");
            list(lacks.iter(), out, |tag, out| write_json_string(tag, out));
            out.push('}');
        }
    }
}

fn write_tag(tag: &HeldTag, out: &mut String) {
    if tag.from.is_none() && tag.until.is_none() {
        return write_json_string(&tag.tag, out);
    }
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
    let entries = [("tag", Some(tag.tag.clone())), ("from", day(tag.from)), ("until", day(tag.until))];
    let entries = entries.into_iter().filter_map(|(key, value)| Some((key, value?)));
    map(entries, out, |value, out| write_json_string(&value, out));
}

#[cfg(test)]
mod tests {
    use crate::fact::FactDictionary;
    use crate::problem::Report;
    use crate::profile::Profile;
    use crate::syntax::json;

    /// A profile written and read again is equal, to the last digit.
    #[test]
    fn profiles_round_trip() {
        let text = r#"{"id":"e\"1","name":"甲","facts":{
            "registered_region":"310104","industry":"I6513","established_on":"2019-03-12","abnormal_list":false,
            "employees":{"at_least":80},"revenue":{"2024":90071992547409.93,"2025":{"at_least":1.10,"at_most":9e3}},
            "qualifications":[{"tag":"高新技术企业","from":"2023-01-01","until":"2025-12-31"},"软件企业"],
            "emerging_fields":{"has":["新材料"],"lacks":["生物"]},"taxes_paid":null},
            "judged":{"具有较强的创新能力":true}}"#;
        let read = |text: &str| {
            let mut report = Report::new("p.json");
            Profile::read(&json(text).unwrap(), FactDictionary::built_in(), true, &mut report).unwrap()
        };
        let written = read(text).json_text();
        assert!(written.contains(r#""2024":90071992547409.93"#), "{written}");
        assert_eq!(read(&written), read(text));
    }
}
