//! Standing of an item on a day (当日效力): whether it can be matched, and which words say why not.

use jiff::civil::Date;
use serde::Serialize;

use super::{Applicant, Item};
use crate::document::Status;

/// Standing of an item on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// True if the item can be matched to enterprises on the day.
    #[serde(rename = "in_force")]
    pub is_matchable: bool,
    /// Standing in Chinese: 现行有效; 征求意见稿; 自 2027-01-01 起施行; 已于 2025-12-31 期满.
    pub text: String,
    /// Id of the item that has replaced it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<String>,
}

/// Words of standings.
mod words {
    pub(super) const IN_FORCE: &str = "现行有效";
    pub(super) const DRAFT: &str = "征求意见稿或未经核定的文本，尚不据以判定";
    pub(super) const PERSON: &str = "面向个人，不与企业匹配";
    pub(super) const EXPIRED: &str = "已期满";
    pub(super) const REPEALED: &str = "已废止";
}

impl Item {
    /// Standing on `day`; `successor` is the item that has replaced it by then, with its first day.
    pub fn standing_on(&self, day: Date, successor: Option<(&str, Option<Date>)>) -> Standing {
        let document = &self.document;
        let not_in_force = |text: String| Standing { is_matchable: false, text, superseded_by: None };
        if document.status == Status::Draft {
            return not_in_force(words::DRAFT.to_owned());
        }
        if let Some(first) = document.effective.filter(|first| *first > day) {
            return not_in_force(format!("自 {first} 起施行"));
        }
        if !document.in_force_on(day) {
            let over = document.expires.filter(|last| *last < day);
            return not_in_force(match (document.status, over) {
                (Status::Repealed, Some(last)) => format!("已于 {last} 废止"),
                (Status::Repealed, None) => words::REPEALED.to_owned(),
                (_, Some(last)) => format!("已于 {last} 期满"),
                (_, None) => words::EXPIRED.to_owned(),
            });
        }
        if self.subject == Applicant::Person {
            return not_in_force(words::PERSON.to_owned());
        }
        if let Some((id, first)) = successor {
            let since = first.map(|first| format!("自 {first} 起")).unwrap_or_default();
            let text = format!("{since}由 {id} 替代");
            return Standing { is_matchable: false, text, superseded_by: Some(id.to_owned()) };
        }
        Standing { is_matchable: true, text: words::IN_FORCE.to_owned(), superseded_by: None }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use crate::fact::FactDictionary;
    use crate::item::{Item, Succession, read_items};

    fn items(text: &str) -> Vec<Item> {
        let (items, report) = read_items(text, "standing.yaml", FactDictionary::built_in());
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        items.into_iter().map(|(item, _)| item).collect()
    }

    #[test]
    fn each_standing_has_its_words() {
        let read = items(
            "
- {id: a, title: 甲, document: {title: 甲}}
- {id: b, title: 乙, document: {title: 乙, status: draft}}
- {id: c, title: 丙, document: {title: 丙, effective: 2027-01-01}}
- {id: d, title: 丁, document: {title: 丁, expires: 2025-12-31}}
- {id: e, title: 戊, document: {title: 戊, status: repealed}}
- {id: f, title: 己, document: {title: 己}, subject: person}
",
        );
        let day = date(2026, 11, 30);
        let words: Vec<(bool, String)> = read
            .iter()
            .map(|item| item.standing_on(day, None))
            .map(|one| (one.is_matchable, one.text))
            .collect();
        let expected = [
            (true, "现行有效"),
            (false, "征求意见稿或未经核定的文本，尚不据以判定"),
            (false, "自 2027-01-01 起施行"),
            (false, "已于 2025-12-31 期满"),
            (false, "已废止"),
            (false, "面向个人，不与企业匹配"),
        ];
        assert_eq!(words, expected.map(|(in_force, text)| (in_force, text.to_owned())));
        assert!(read.iter().all(|item| item.standing_on(day, None).is_matchable == item.in_force_on(day)));
    }

    #[test]
    fn a_successor_retires_its_predecessor_from_its_first_day() {
        let read = items(
            "
- {id: old, title: 旧, document: {title: 旧}}
- {id: new, title: 新, document: {title: 新, effective: 2026-07-01}, relations: [{kind: succeeds, item: old}]}
- {id: draft, title: 稿, document: {title: 稿, status: draft}, relations: [{kind: succeeds, item: new}]}
",
        );
        let succession = Succession::of(&read);
        assert_eq!(succession.successor_on("old", date(2026, 6, 30)), None);
        let (day, first) = (date(2026, 7, 1), date(2026, 7, 1));
        assert_eq!(succession.successor_on("old", day), Some(("new", Some(first))));
        assert_eq!(succession.successor_on("new", day), None, "a draft retires nothing");
        let old = read.iter().find(|item| item.id == "old").unwrap();
        let standing = old.standing_on(day, succession.successor_on("old", day));
        assert_eq!((standing.is_matchable, standing.text.as_str()), (false, "自 2026-07-01 起由 new 替代"));
        assert_eq!(standing.superseded_by.as_deref(), Some("new"));
    }
}
