//! Coverage and reach (覆盖与知晓): which items match no enterprise and because of which condition, which groups of enterprises get nothing,
//! and which enterprises are entitled and were never told (应知未知).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::case::Case;

/// Verdicts on one item over a population.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ItemCoverage {
    /// Item.
    pub item: String,
    /// Enterprises for which it is eligible.
    pub eligible: usize,
    /// Enterprises for which it is open.
    pub undetermined: usize,
    /// Enterprises for which it is not.
    pub ineligible: usize,
    /// Entitled and told.
    pub told: usize,
    /// Entitled and never told (应知未知).
    pub unaware: usize,
    /// Told and never opened.
    pub unopened: usize,
    /// Conditions by how many enterprises fail this one alone, the most frequent first; only where no enterprise is eligible.
    pub killers: Vec<(String, usize)>,
}

/// Greatest number of conditions that are named for an item that matches no enterprise.
pub const MAX_KILLERS: usize = 5;

/// Verdicts on the pairs of a population, counted as they are decided; the pairs themselves are not kept.
#[derive(Clone, Debug, Default)]
pub struct CoverageCount {
    items: BTreeMap<String, (ItemCoverage, BTreeMap<String, usize>)>,
    groups: BTreeMap<(String, String), GroupCoverage>,
}

/// Enterprises of one group: a park, an industry, a size class, a street.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GroupCoverage {
    /// Dimension: 园区, 行业, 规模, 街道.
    pub dimension: String,
    /// Value; 未知 if it is not known of an enterprise.
    pub value: String,
    /// Enterprises.
    pub enterprises: usize,
    /// Enterprises for which no item is eligible.
    pub without: usize,
}

/// Verdicts on one enterprise.
#[derive(Clone, Debug, Default)]
pub struct EnterpriseVerdicts<'a> {
    /// Items for which it is eligible.
    pub eligible: Vec<&'a str>,
    /// Items that are open.
    pub undetermined: Vec<&'a str>,
    /// Items for which it is not, each with the condition that it fails if it fails one alone.
    pub ineligible: Vec<(&'a str, Option<String>)>,
    /// Dimension and value of each group that it belongs to.
    pub groups: Vec<(&'a str, String)>,
    /// Its cases by item.
    pub cases: BTreeMap<&'a str, &'a Case>,
}

impl CoverageCount {
    /// Counts the verdicts on one enterprise.
    pub fn add(&mut self, one: &EnterpriseVerdicts<'_>) {
        zhaoren_cancel::poll();
        for item in &one.eligible {
            let case = one.cases.get(item);
            let (counts, _) = self.item(item);
            counts.eligible += 1;
            match case {
                Some(case) if case.told.is_some() => {
                    counts.told += 1;
                    // An enterprise that answered or applied has seen the message, whatever the channel reports.
                    let silent = case.state() == crate::case::CaseState::Silent;
                    counts.unopened += usize::from(silent);
                }
                // One that applied without being told knows of it.
                Some(case) if case.is_taken_up() => {}
                _ => counts.unaware += 1,
            }
        }
        for item in &one.undetermined {
            self.item(item).0.undetermined += 1;
        }
        for (item, killer) in &one.ineligible {
            let (counts, killers) = self.item(item);
            counts.ineligible += 1;
            if let Some(condition) = killer {
                *killers.entry(condition.clone()).or_default() += 1;
            }
        }
        for (dimension, value) in &one.groups {
            let key = ((*dimension).to_owned(), value.clone());
            let group = self.groups.entry(key).or_insert_with_key(|(dimension, value)| GroupCoverage {
                dimension: dimension.clone(),
                value: value.clone(),
                ..GroupCoverage::default()
            });
            group.enterprises += 1;
            group.without += usize::from(one.eligible.is_empty());
        }
    }

    fn item(&mut self, id: &str) -> &mut (ItemCoverage, BTreeMap<String, usize>) {
        self.items.entry(id.to_owned()).or_insert_with(|| {
            (ItemCoverage { item: id.to_owned(), ..ItemCoverage::default() }, BTreeMap::new())
        })
    }

    /// The report: items in order of id, groups in order of dimension and value. Items of `live` that no enterprise was decided on
    /// are in it with zeros.
    pub fn report<'a>(mut self, live: impl IntoIterator<Item = &'a str>) -> CoverageReport {
        for id in live {
            self.item(id);
        }
        let items = self.items.into_values().map(|(mut counts, killers)| {
            if counts.eligible == 0 {
                let mut killers: Vec<(String, usize)> = killers.into_iter().collect();
                killers.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
                killers.truncate(MAX_KILLERS);
                counts.killers = killers;
            }
            counts
        });
        CoverageReport { items: items.collect(), groups: self.groups.into_values().collect() }
    }
}

/// Coverage of a population.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CoverageReport {
    /// Items.
    pub items: Vec<ItemCoverage>,
    /// Groups.
    pub groups: Vec<GroupCoverage>,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::case::{Event, EventKind, cases};

    #[test]
    fn reach_and_killers_are_counted() {
        let event = |enterprise: &str, kind| Event {
            enterprise: enterprise.to_owned(),
            item: "a".to_owned(),
            kind,
            on: date(2026, 5, 1),
            amount: None,
            approved: None,
            reason: None,
            by: None,
        };
        let events = [
            event("e1", EventKind::Pushed),
            event("e2", EventKind::Pushed),
            event("e2", EventKind::Viewed),
            event("e3", EventKind::Applied),
        ];
        let cases = cases(&events, date(2026, 6, 1));
        let mut count = CoverageCount::default();
        for id in ["e1", "e2", "e3", "e4"] {
            let of = cases.iter().filter(|case| case.enterprise == id).map(|case| ("a", case)).collect();
            count.add(&EnterpriseVerdicts {
                eligible: vec!["a"],
                ineligible: vec![("b", Some("从业人数不少于10人".to_owned()))],
                groups: vec![("园区", "甲园".to_owned())],
                cases: of,
                ..EnterpriseVerdicts::default()
            });
        }
        count.add(&EnterpriseVerdicts {
            ineligible: vec![("a", None), ("b", Some("成立满1年".to_owned()))],
            groups: vec![("园区", "未知".to_owned())],
            ..EnterpriseVerdicts::default()
        });
        let report = count.report(["a", "b", "c"]);
        let [a, b, c] = &report.items[..] else { panic!("{report:?}") };
        assert_eq!((a.eligible, a.told, a.unaware, a.unopened, a.ineligible), (4, 2, 1, 1, 1));
        assert_eq!(b.killers, [("从业人数不少于10人".to_owned(), 4), ("成立满1年".to_owned(), 1)]);
        assert!(a.killers.is_empty() && c.eligible == 0);
        let groups: Vec<(&str, usize, usize)> =
            report.groups.iter().map(|one| (one.value.as_str(), one.enterprises, one.without)).collect();
        assert_eq!(groups, [("未知", 1, 1), ("甲园", 4, 0)]);
    }
}
