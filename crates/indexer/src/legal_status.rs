//! Legal status of an entry on a day (当日效力): its declared status, corrected by its dates.

use jiff::civil::Date;
use zhaoren_policy::document::{Document, Status};

/// Legal status of an entry on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LegalStatus {
    InForce,
    /// Not yet effective.
    NotYet,
    Draft,
    Expired,
    Repealed,
}

const ALL: [LegalStatus; 5] = [
    LegalStatus::InForce,
    LegalStatus::NotYet,
    LegalStatus::Draft,
    LegalStatus::Expired,
    LegalStatus::Repealed,
];

impl LegalStatus {
    /// Legal status of `document` on `day`; without a day, its declared status.
    pub(crate) fn of(document: &Document, day: Option<Date>) -> Self {
        let after = |last: Option<Date>| day.is_some_and(|day| last.is_some_and(|last| last < day));
        let before_end = day.is_some_and(|day| document.expires.is_some_and(|last| day <= last));
        let to_come = day.is_some_and(|day| document.effective.is_some_and(|first| day < first));
        match document.status {
            Status::Draft => Self::Draft,
            Status::Repealed if !before_end => Self::Repealed,
            Status::Expired if !before_end => Self::Expired,
            Status::InForce if after(document.expires) => Self::Expired,
            _ if to_come => Self::NotYet,
            _ => Self::InForce,
        }
    }

    /// Value for use in a filter.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::NotYet => "not_yet",
            Self::Draft => "draft",
            Self::Expired => "expired",
            Self::Repealed => "repealed",
        }
    }

    /// Display name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::InForce => "现行有效",
            Self::NotYet => "尚未施行",
            Self::Draft => "征求意见",
            Self::Expired => "已期满",
            Self::Repealed => "已废止",
        }
    }

    /// Legal status with this colloquial name.
    pub(crate) fn named(text: &str) -> Option<Self> {
        let other = match text.to_lowercase().as_str() {
            "有效" | "现行" | "在用" | "生效" | "已生效" => Some(Self::InForce),
            "未施行" | "未生效" | "尚未生效" | "待施行" => Some(Self::NotYet),
            "草案" | "草稿" | "征求意见稿" => Some(Self::Draft),
            "失效" | "已失效" | "期满" | "过期" | "已过期" | "到期" => Some(Self::Expired),
            "废止" => Some(Self::Repealed),
            _ => None,
        };
        other.or_else(|| ALL.into_iter().find(|one| text == one.key() || text == one.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn clauses_are_in_force_exactly_with_their_document() {
        let days = [None, Some(date(2024, 1, 1)), Some(date(2024, 6, 1)), Some(date(2025, 1, 1))];
        for status in [Status::InForce, Status::Draft, Status::Expired, Status::Repealed] {
            for effective in days {
                for expires in days {
                    let document = Document { status, effective, expires, ..Document::default() };
                    for day in days.into_iter().flatten() {
                        let standing = LegalStatus::of(&document, Some(day));
                        assert_eq!(
                            standing == LegalStatus::InForce,
                            document.in_force_on(day),
                            "{document:?} on {day}: {standing:?}"
                        );
                    }
                }
            }
        }
        for one in ALL {
            assert_eq!(
                (LegalStatus::named(one.key()), LegalStatus::named(one.name())),
                (Some(one), Some(one))
            );
        }
    }
}
