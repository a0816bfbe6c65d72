//! Proof of facts (事实依据): which statements on an enterprise may support a payment without an application.
//!
//! A verdict uses whatever is known. A payment without application may use only what an authority has stated: the office that the
//! dictionary names for the fact, recently enough, exactly, valid until the money is paid, and contradicted by no other source. What
//! does not pass is left out of the proven profile, so that it is unknown there; a verdict of "eligible" on the proven profile is
//! therefore eligible whatever the truth of everything that is not proven.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use serde::Serialize;
use zhaoren_policy::fact::{Fact, FactDictionary, FactType, Knowledge, Period, Value};
use zhaoren_policy::problem::Report;
use zhaoren_policy::profile::{
    CheckedFact, HeldValue, Profile, ProfileBuilder, ProfileKey, Strictness, TagSet,
};
use zhaoren_policy::syntax::{Node, Tree};

/// Age in days beyond which a statement on the present is stale, unless the dictionary says otherwise. A month is the rhythm in
/// which registers are exchanged between offices.
pub const DEFAULT_FRESH_DAYS: i32 = 31;

/// Holders that the dictionary names for a fact and that are no authority: what they say is declared by the enterprise, or by a
/// person whom it pays.
const DECLARED: [&str; 13] = [
    "企业",
    "审计报告",
    "专项审计",
    "合同",
    "发票",
    "租赁合同",
    "验资",
    "税务申报表",
    "行业协会",
    "银行",
    "金融机构",
    "园区",
    "按规则计算",
];

/// Statement of one source on one entry of a profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Fact with its fiscal year, or judged text.
    pub key: ProfileKey,
    /// Name of the source.
    pub source: String,
    /// Office (部门) that the source speaks for; `None` for what an enterprise declares.
    pub office: Option<String>,
    /// Day on which it was recorded.
    pub stated_on: Date,
    /// Last day of its validity; `None` if open.
    pub valid_until: Option<Date>,
    /// Value, checked as in a profile.
    pub value: HeldValue,
}

/// Reason why an entry of a profile is not proven (存疑).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Doubt {
    /// A person has judged it: no register can state it.
    Judged,
    /// The dictionary names no office for the fact.
    NoAuthority,
    /// No source speaks for an office that holds the fact.
    NotConnected {
        /// Offices that hold it.
        offices: Vec<String>,
        /// Source of the value that is known.
        source: String,
    },
    /// It is known, and no source has stated it by the day of the decision.
    Unstated,
    /// The register refuses to give it.
    Withheld,
    /// Two sources contradict each other.
    Conflict {
        /// The two sources.
        sources: [String; 2],
    },
    /// A range or several possible values.
    Inexact {
        /// Source.
        source: String,
    },
    /// Recorded too long ago.
    Stale {
        /// Source.
        source: String,
        /// Day of recording.
        stated_on: Date,
        /// Greatest age in days.
        fresh_days: i32,
    },
    /// A figure of a year, recorded before that year was over.
    YearNotOver {
        /// Source.
        source: String,
        /// The year.
        year: i16,
    },
    /// Its validity ends before the money is paid.
    Ends {
        /// Source.
        source: String,
        /// Last day of validity.
        until: Date,
    },
}

impl Doubt {
    /// Words for a caseworker.
    pub fn words(&self) -> String {
        match self {
            Self::Judged => "由人工认定，没有数据可以证明".to_owned(),
            Self::NoAuthority => "没有主管部门掌握这一指标".to_owned(),
            Self::NotConnected { offices, source } => {
                format!("现由“{source}”提供；应由{}的数据证明，尚未接入", offices.join("或"))
            }
            Self::Unstated => "没有数据来源，判定日之前没有任何来源的记录".to_owned(),
            Self::Withheld => "主管部门不提供".to_owned(),
            Self::Conflict { sources: [one, other] } => format!("“{one}”与“{other}”的数据不一致"),
            Self::Inexact { source } => format!("“{source}”只给出范围，不是确数"),
            Self::Stale { source, stated_on, fresh_days } => {
                format!("“{source}”的数据为 {stated_on} 所记，超过 {fresh_days} 天")
            }
            Self::YearNotOver { source, year } => format!("“{source}”在 {year} 年度结束前所记，不是全年数"),
            Self::Ends { source, until } => format!("“{source}”的数据有效期至 {until}，早于兑付完成之日"),
        }
    }
}

/// Proven part of what is known of an enterprise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Proof {
    /// Profile of the proven entries alone.
    pub proven: Profile,
    /// Entries that are stated and not proven, each with the first reason.
    pub doubts: BTreeMap<ProfileKey, Doubt>,
}

/// Offices that hold a fact and whose statement proves it, as the dictionary names them.
pub fn authorities(fact: &Fact) -> Vec<&str> {
    let named = fact.source.as_deref().unwrap_or_default();
    named.split('/').map(str::trim).filter(|name| !name.is_empty() && !DECLARED.contains(name)).collect()
}

/// Greatest age in days of a proving statement; `None` for a fact that does not change once it is true: the figure of a closed year,
/// and the day on which something began.
pub fn fresh_days(fact: &Fact) -> Option<i32> {
    let is_fixed = fact.period == Period::Year || (fact.kind == FactType::Date && fact.since.is_some());
    (!is_fixed).then_some(DEFAULT_FRESH_DAYS)
}

/// Proves the entries of an enterprise `id` on `as_of`, for a payment that is made by `until`. `statements` are those that are valid
/// on `as_of`, in any order; of one source on one entry only the latest counts.
pub fn prove(
    id: &str,
    statements: &[Statement],
    dictionary: &FactDictionary,
    (as_of, until): (Date, Date),
) -> Proof {
    let mut by_key: BTreeMap<&ProfileKey, BTreeMap<&str, Vec<&Statement>>> = BTreeMap::new();
    for statement in statements.iter().filter(|one| one.stated_on <= as_of) {
        zhaoren_cancel::poll();
        let latest = by_key.entry(&statement.key).or_default().entry(&statement.source).or_default();
        match latest.first().map(|one| one.stated_on.cmp(&statement.stated_on)) {
            Some(Ordering::Greater) => {}
            // Of one day none is the later one: all count, so that different ones contradict each other.
            Some(Ordering::Equal) => latest.push(statement),
            Some(Ordering::Less) | None => *latest = vec![statement],
        }
    }
    let (mut builder, mut doubts) = (ProfileBuilder::new(id.to_owned()), BTreeMap::new());
    for (key, said) in by_key {
        let said: Vec<&Statement> = said.into_values().flatten().collect();
        match proven_value(key, &said, dictionary, (as_of, until)) {
            Ok(value) => builder.insert(key, value),
            Err(doubt) => {
                doubts.insert(key.clone(), doubt);
            }
        }
    }
    Proof { proven: builder.build(), doubts }
}

/// Value of one entry that the statements of all sources prove, or the first doubt.
fn proven_value(
    key: &ProfileKey,
    said: &[&Statement],
    dictionary: &FactDictionary,
    (as_of, until): (Date, Date),
) -> Result<HeldValue, Doubt> {
    let ProfileKey::Fact(name, year) = key else { return Err(Doubt::Judged) };
    let Some(fact) = dictionary.get(name) else { return Err(Doubt::NoAuthority) };
    let offices = authorities(fact);
    if offices.is_empty() {
        return Err(Doubt::NoAuthority);
    }
    let speaks = |one: &&&Statement| one.office.as_deref().is_some_and(|office| offices.contains(&office));
    let authoritative: Vec<&Statement> = said.iter().filter(speaks).copied().collect();
    let Some(first) = authoritative.first() else {
        let source = said.first().map(|one| one.source.clone()).unwrap_or_default();
        let offices = offices.into_iter().map(str::to_owned).collect();
        return Err(Doubt::NotConnected { offices, source });
    };
    if authoritative.iter().any(|one| matches!(one.value, HeldValue::Withheld(_))) {
        return Err(Doubt::Withheld);
    }
    let doubt_of = |one: &Statement| doubt(one, fact, *year, (as_of, until));
    let sound: Vec<&Statement> =
        authoritative.iter().filter(|one| doubt_of(one).is_none()).copied().collect();
    let of = if sound.is_empty() { &authoritative } else { &sound };
    let newest = of.iter().max_by_key(|one| (one.stated_on, &one.source)).unwrap_or(first);
    let conflict =
        |with: &Statement| Doubt::Conflict { sources: [newest.source.clone(), with.source.clone()] };
    let joins = fact.kind == FactType::Tags && sound.len() > 1;
    let value = if joins {
        // Two authorities that contradict each other cannot be joined.
        joined_tags(fact, &sound, dictionary).ok_or_else(|| conflict(first))?
    } else {
        newest.value.clone()
    };
    // A contradiction counts for every source, the enterprise's own included: the authority may be the one that is wrong, and an
    // officer has to look.
    if let Some(other) = said.iter().find(|one| contradicts(&value, &one.value)) {
        return Err(conflict(other));
    }
    doubt_of(newest).map_or(Ok(value), Err)
}

/// Reason why one statement of an authority proves nothing.
fn doubt(one: &Statement, fact: &Fact, year: Option<i16>, (as_of, until): (Date, Date)) -> Option<Doubt> {
    let source = one.source.clone();
    let exact = match &one.value {
        HeldValue::Value(known) => known.exact().is_some(),
        HeldValue::Records(records) => records.is_complete(),
        HeldValue::Tags(_) => true,
        HeldValue::Judged(_) | HeldValue::Withheld(_) => false,
    };
    if !exact {
        return Some(Doubt::Inexact { source });
    }
    if let Some(year) = year
        && one.stated_on <= date(year.clamp(1, 9_000), 12, 31)
    {
        return Some(Doubt::YearNotOver { source, year });
    }
    if let Some(fresh_days) = fresh_days(fact) {
        // Days of one calendar never overflow.
        let age = one.stated_on.until(as_of).map_or(i32::MAX, |span| span.get_days());
        if age > fresh_days {
            return Some(Doubt::Stale { source, stated_on: one.stated_on, fresh_days });
        }
    }
    match one.valid_until {
        Some(end) if end < until => Some(Doubt::Ends { source, until: end }),
        _ => None,
    }
}

/// True if two statements on one entry cannot both be true. A range that holds the exact value of the other is no contradiction.
fn contradicts(one: &HeldValue, other: &HeldValue) -> bool {
    match (one, other) {
        (HeldValue::Value(a), HeldValue::Value(b)) => !may_be_equal(a, b),
        (HeldValue::Tags(a), HeldValue::Tags(b)) => !tags_agree(a, b),
        (HeldValue::Withheld(_), _) | (_, HeldValue::Withheld(_)) => false,
        (a, b) => a != b,
    }
}

fn may_be_equal(a: &Knowledge, b: &Knowledge) -> bool {
    let inside = |value: &Value, known: &Knowledge| match known {
        Knowledge::Unknown => true,
        Knowledge::Exactly(other) => value == other,
        Knowledge::Within { low, high } => {
            low.as_ref().is_none_or(|low| low <= value) && high.as_ref().is_none_or(|high| value <= high)
        }
        Knowledge::Among(values) => values.contains(value),
    };
    match (a, b) {
        (Knowledge::Exactly(value), known) | (known, Knowledge::Exactly(value)) => inside(value, known),
        (Knowledge::Among(values), known) | (known, Knowledge::Among(values)) => {
            values.iter().any(|value| inside(value, known))
        }
        (Knowledge::Within { low: a_low, high: a_high }, Knowledge::Within { low: b_low, high: b_high }) => {
            let apart = |high: &Option<Value>, low: &Option<Value>| matches!((high, low), (Some(high), Some(low)) if high < low);
            !apart(a_high, b_low) && !apart(b_high, a_low)
        }
        (Knowledge::Unknown, _) | (_, Knowledge::Unknown) => true,
    }
}

/// True if no tag is held in one list and known to be absent in the other, on any of the days that a list names.
fn tags_agree(a: &TagSet, b: &TagSet) -> bool {
    let (a_names, b_names) = (names(a), names(b));
    let days = || a_names.iter().chain(&b_names).flat_map(|(_, ends)| ends.iter().flatten().copied());
    let opposite = |tag: &str, day: Date| match (a.holds(tag, day), b.holds(tag, day)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    };
    // A list without dates is the same on every day.
    let any_day = [date(2000, 1, 1)];
    a_names.iter().chain(&b_names).all(|(tag, _)| !days().chain(any_day).any(|day| opposite(tag, day)))
}

/// Tags that a list names, held or absent, with the first and last day of each.
fn names(set: &TagSet) -> Vec<(String, [Option<Date>; 2])> {
    let (held, lacks) = set.nodes();
    let day = |node: &Node, key: &str| node.get(key).and_then(Node::text).and_then(|text| text.parse().ok());
    let named = |node: &Node| {
        let text = node.text().or_else(|| node.get("tag").and_then(Node::text))?;
        Some((text.to_owned(), [day(node, "from"), day(node, "until")]))
    };
    held.iter().chain(lacks.iter().flatten()).filter_map(named).collect()
}

/// The lists of several authorities as one: each knows its own titles. `None` if they cannot be joined.
fn joined_tags(fact: &Fact, said: &[&Statement], dictionary: &FactDictionary) -> Option<HeldValue> {
    let node = |value: Tree| Node { value, line: 0 };
    let (mut has, mut lacks, mut complete): (Vec<Node>, Vec<Node>, bool) = (Vec::new(), Vec::new(), false);
    for one in said {
        let HeldValue::Tags(tags) = &one.value else { return None };
        let (held, absent) = tags.nodes();
        complete |= absent.is_none();
        for (all, more) in [(&mut has, held), (&mut lacks, absent.unwrap_or_default())] {
            for tag in more {
                if !all.contains(&tag) {
                    all.push(tag);
                }
            }
        }
    }
    let tags = if complete {
        node(Tree::List(has))
    } else {
        let entries =
            [("has", has), ("lacks", lacks)].map(|(key, list)| (key.to_owned(), node(Tree::List(list))));
        node(Tree::Map(entries.into()))
    };
    let mut report = Report::new("");
    let checked = CheckedFact::read(fact, &tags, "", dictionary, (Strictness::of(false), None), &mut report);
    checked.map(CheckedFact::into_value)
}
