//! Situations: ways of asking that name no item, with the items that they are about.
//!
//! 餐饮店有什么补贴 has no word of any item that a small restaurant gets. The table `index/situations.tsv` holds what an official
//! knows beyond words. It names items by title or by a former name, so that it serves any catalogue that has them.

use serde::{Deserialize, Serialize};
use zhaoren_cancel::poll;

/// Maximum length of a text that is compared with the situations, in characters; a longer one is a document.
const LONGEST: usize = 100;

/// A situation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Situation {
    /// Aspect of a question that the situation is about.
    pub kind: SituationKind,
    /// Ways of asking; each is a list of texts that all occur in the question.
    pub ways: Vec<Vec<String>>,
    /// Titles or former names of the items, best first.
    pub names: Vec<String>,
}

/// Aspect of a question that a situation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SituationKind {
    /// The subject of the question.
    What,
    /// Only who asks: it answers a question that has no subject.
    Who,
}

/// A situation found in a question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FoundSituation<'a> {
    pub(crate) situation: &'a Situation,
    /// Texts of the longest way that is in the question.
    pub(crate) way: &'a [String],
    /// Length of the way in characters.
    pub(crate) length: usize,
}

impl Situation {
    /// Reads a row of the table; `None` for a row of another form.
    pub(crate) fn read(row: &[String]) -> Option<Self> {
        let [kind, ways, names] = row else { return None };
        let kind = match kind.as_str() {
            "what" => SituationKind::What,
            "who" => SituationKind::Who,
            _ => return None,
        };
        let ways = ways.split('|').map(|way| way.split_whitespace().map(str::to_owned).collect()).collect();
        Some(Self { kind, ways, names: names.split('|').map(str::to_owned).collect() })
    }
}

/// Situations of a text, the most specific first.
pub(crate) fn situations<'a>(text: &str, table: &'a [Situation]) -> Vec<FoundSituation<'a>> {
    let text = text.to_lowercase();
    if text.chars().nth(LONGEST).is_some() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for situation in table {
        poll();
        let ways = situation.ways.iter().filter(|way| way.iter().all(|part| text.contains(part.as_str())));
        let length = |way: &Vec<String>| way.iter().map(|part| part.chars().count()).sum::<usize>();
        if let Some(way) = ways.max_by_key(|way| length(way)) {
            found.push(FoundSituation { situation, way, length: length(way) });
        }
    }
    // The order of the table among equals: sorting is stable.
    found.sort_by_key(|one| std::cmp::Reverse(one.length));
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn all_parts_of_a_way_are_in_the_question() {
        let row = |cells: [&str; 3]| Situation::read(&cells.map(str::to_owned));
        let table = [
            row(["what", "租金|减 租", "甲"]).unwrap(),
            row(["who", "餐饮", "乙|丙"]).unwrap(),
            row(["what", "餐饮店 房租", "丁"]).unwrap(),
        ];
        let names = |text: &str| -> Vec<&str> {
            situations(text, &table)
                .iter()
                .filter_map(|one| one.situation.names.first())
                .map(String::as_str)
                .collect()
        };
        assert_eq!(names("租金"), ["甲"]);
        assert_eq!(names("能减一点房租吗"), ["甲"]);
        assert_eq!(names("我的餐饮店房租"), ["丁", "乙"]);
        assert!(names("减税").is_empty() && names(&"租金".repeat(60)).is_empty());
        assert!(row(["wat", "a", "b"]).is_none());
    }
}
