//! Groups enterprises by region and industry.

use std::collections::BTreeMap;

use zhaoren_matcher::batch::FactSource;
use zhaoren_policy::code::{Code, CodeSystem, names};
use zhaoren_policy::fact::{Knowledge, Value};
use zhaoren_policy::profile::{HeldValue, ProfileKey};

use super::report::Group;
use crate::words::REGION;

/// Fact of the industry code (行业代码).
const INDUSTRY: &str = "industry";

/// Region and industry key of each row of a table.
pub(super) struct Keys<'t> {
    /// For region and industry: key by code of the table, and the code of each row.
    columns: [(Vec<String>, &'t [u32]); 2],
    rows: usize,
}

impl<'t> Keys<'t> {
    pub(super) fn of(table: &'t impl FactSource) -> Self {
        // Nine digits identify a street; a section letter and two digits identify a division.
        Self { columns: [keys_of(table, REGION, 9), keys_of(table, INDUSTRY, 3)], rows: table.len() }
    }

    /// Keys of each row.
    pub(super) fn named(&self) -> [Vec<&str>; 2] {
        let [regions, industries] = &self.columns;
        [regions, industries].map(|(names, codes)| named(names, codes, self.rows))
    }
}

/// Group keys of a code fact: each code of the table cut to its first `longest` characters, and the code of each row.
fn keys_of<'t>(table: &'t impl FactSource, fact: &str, longest: usize) -> (Vec<String>, &'t [u32]) {
    let Some(column) = table.column(&ProfileKey::Fact(fact.to_owned(), None)) else {
        return (Vec::new(), &[]);
    };
    let name = |held: &HeldValue| {
        let text = match held {
            HeldValue::Value(Knowledge::Exactly(Value::Code(code))) => code.key(),
            _ => "",
        };
        text.chars().take(longest).collect()
    };
    let names = std::iter::once(String::new()).chain(column.values.iter().map(name));
    (names.collect(), &column.value_ids)
}

/// Key of each row.
fn named<'n>(names: &'n [String], codes: &[u32], rows: usize) -> Vec<&'n str> {
    let name = |row: usize| {
        let code = codes.get(row).map_or(0, |code| *code as usize);
        names.get(code).map_or("", String::as_str)
    };
    (0..rows).map(name).collect()
}

/// Groups of every level, summed from counts by the longest keys. `ends` is the key length of each level.
pub(super) fn grouped(counts: &BTreeMap<String, [u64; 3]>, system: CodeSystem, ends: &[usize]) -> Vec<Group> {
    let mut groups: BTreeMap<&str, (u8, [u64; 3])> = BTreeMap::new();
    for (key, counts) in counts {
        let mut counted = false;
        for (level, end) in (0u8..).zip(ends) {
            let Some(part) = key.get(..*end) else { break };
            add(&mut groups.entry(part).or_insert((level, [0; 3])).1, counts);
            counted = true;
        }
        if !counted {
            add(&mut groups.entry("").or_insert((0, [0; 3])).1, counts);
        }
    }
    let group = |(key, (level, counts)): (&str, (u8, [u64; 3]))| {
        let code = if system == CodeSystem::Region && key.len() == 2 {
            format!("{key}0000")
        } else {
            key.to_owned()
        };
        let code = Code::parse(&code, system);
        let [enterprises, eligible, undetermined] = counts;
        Group {
            name: code.as_ref().map_or_else(
                || "未知".to_owned(),
                |code| names(system).name(code).map_or_else(|| code.to_string(), str::to_owned),
            ),
            code: code.map(|code| code.to_string()).unwrap_or_default(),
            level,
            enterprises,
            eligible,
            undetermined,
        }
    };
    groups.into_iter().map(group).collect()
}

pub(super) fn add(to: &mut [u64; 3], counts: &[u64; 3]) {
    for (to, count) in to.iter_mut().zip(counts) {
        *to += count;
    }
}
