//! Worklists of stewards (服务专员): each enterprise is visited by one steward in a period, about all that it should hear of.
//!
//! Who serves an enterprise is data: a roster of stewards with the enterprises, parks, buildings and streets that each serves. The
//! most specific assignment wins: the enterprise itself, then its building, its park, its street, its region. Nothing is lost: an
//! enterprise without a steward, and one beyond the steward's cap, is on a list of its own.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Kind of a territory, from the most specific to the widest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TerritoryKind {
    /// One enterprise, by its id (一企一管家).
    Enterprise,
    /// 楼宇.
    Building,
    /// 园区.
    Park,
    /// 街道、镇.
    Street,
    /// Administrative division, by its code; it holds the divisions below.
    Region,
}

/// Territory that a steward serves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Territory {
    /// Kind.
    pub kind: TerritoryKind,
    /// Name, id or code.
    pub name: String,
}

/// Steward with the territories and the days of service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steward {
    /// Unique id.
    pub id: String,
    /// Name for display.
    pub name: String,
    /// Territories.
    pub serves: Vec<Territory>,
    /// Greatest number of enterprises in one period; `None` if unlimited.
    #[serde(default)]
    pub cap: Option<usize>,
    /// Periods of absence, first and last day.
    #[serde(default)]
    pub away: Vec<(Date, Date)>,
    /// Id of the steward who takes over while away; `None` if there is none.
    #[serde(default)]
    pub deputy: Option<String>,
}

impl Steward {
    fn is_away(&self, day: Date) -> bool {
        self.away.iter().any(|(first, last)| *first <= day && day <= *last)
    }
}

/// Enterprise that has to be visited, with where it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visit {
    /// Enterprise.
    pub enterprise: String,
    /// 楼宇.
    pub building: Option<String>,
    /// 园区.
    pub park: Option<String>,
    /// 街道、镇.
    pub street: Option<String>,
    /// Code of the division.
    pub region: Option<String>,
    /// Items to speak about, the most important first.
    pub items: Vec<String>,
    /// Rank of the visit: the greater, the earlier. Ties are broken by the enterprise's id.
    pub weight: i64,
}

/// Reason why an enterprise is on no steward's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Unassigned {
    /// No steward serves it.
    NoSteward,
    /// Its steward is away, and no deputy is there.
    Away {
        /// The steward.
        steward: String,
    },
    /// Its steward's list is full; it comes first in the next period.
    Full {
        /// The steward.
        steward: String,
    },
}

/// Line of a worklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkLine {
    /// Enterprise.
    pub enterprise: String,
    /// Items to speak about.
    pub items: Vec<String>,
    /// Territory by which it was assigned.
    pub by: TerritoryKind,
    /// Id of the steward who is away and for whom this one stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stands_in_for: Option<String>,
}

/// Worklists of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Worklists {
    /// Lines by id of the steward, in order of visit.
    pub stewards: BTreeMap<String, Vec<WorkLine>>,
    /// Enterprises on no list, with the reason, in order of weight.
    pub unassigned: Vec<(String, Unassigned)>,
}

/// Assigns visits on `day`. An enterprise that occurs more than once is visited once, about all its items. Enterprises of `visited`
/// were visited in the period already and are on no list.
pub fn assign(visits: &[Visit], roster: &[Steward], visited: &BTreeSet<String>, day: Date) -> Worklists {
    let roster = Roster::of(roster);
    let mut lists = Worklists::default();
    let merged = merged(visits, visited);
    let mut in_order: Vec<&Visit> = merged.values().collect();
    in_order.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.enterprise.cmp(&b.enterprise)));
    for visit in in_order {
        zhaoren_cancel::poll();
        match roster.steward_of(visit, day) {
            Err(reason) => lists.unassigned.push((visit.enterprise.clone(), reason)),
            Ok((steward, by, stands_in_for)) => {
                let lines = lists.stewards.entry(steward.id.clone()).or_default();
                if steward.cap.is_some_and(|cap| lines.len() >= cap) {
                    let reason = Unassigned::Full { steward: steward.id.clone() };
                    lists.unassigned.push((visit.enterprise.clone(), reason));
                } else {
                    lines.push(WorkLine {
                        enterprise: visit.enterprise.clone(),
                        items: visit.items.clone(),
                        by,
                        stands_in_for,
                    });
                }
            }
        }
    }
    lists
}

/// One visit for each enterprise, with the items of all its visits and the greatest weight.
fn merged(visits: &[Visit], visited: &BTreeSet<String>) -> BTreeMap<String, Visit> {
    let mut by_id: BTreeMap<String, (Visit, BTreeSet<String>)> = BTreeMap::new();
    for visit in visits.iter().filter(|visit| !visited.contains(&visit.enterprise)) {
        zhaoren_cancel::poll();
        let (one, items) = by_id
            .entry(visit.enterprise.clone())
            .or_insert_with(|| (Visit { items: Vec::new(), ..visit.clone() }, BTreeSet::new()));
        one.weight = one.weight.max(visit.weight);
        for (known, other) in [
            (&mut one.building, &visit.building),
            (&mut one.park, &visit.park),
            (&mut one.street, &visit.street),
            (&mut one.region, &visit.region),
        ] {
            if known.is_none() {
                known.clone_from(other);
            }
        }
        for item in &visit.items {
            if items.insert(item.clone()) {
                one.items.push(item.clone());
            }
        }
    }
    by_id.into_iter().map(|(id, (visit, _))| (id, visit)).collect()
}

/// Roster by territory.
struct Roster<'a> {
    by_id: BTreeMap<&'a str, &'a Steward>,
    by_territory: BTreeMap<(TerritoryKind, &'a str), &'a Steward>,
}

/// Greatest number of deputies that are asked one after another: a chain that closes on itself ends here.
const MAX_DEPUTIES: usize = 10;

impl<'a> Roster<'a> {
    /// Of two stewards of one territory, the first in the roster serves it.
    fn of(roster: &'a [Steward]) -> Self {
        let mut one = Self { by_id: BTreeMap::new(), by_territory: BTreeMap::new() };
        for steward in roster {
            one.by_id.entry(&steward.id).or_insert(steward);
            for territory in &steward.serves {
                zhaoren_cancel::poll();
                one.by_territory.entry((territory.kind, &territory.name)).or_insert(steward);
            }
        }
        one
    }

    /// Steward who visits on a day, the territory, and the id of the one who is away.
    fn steward_of(
        &self,
        visit: &Visit,
        day: Date,
    ) -> Result<(&'a Steward, TerritoryKind, Option<String>), Unassigned> {
        let (assigned, by) = self.assigned(visit).ok_or(Unassigned::NoSteward)?;
        if !assigned.is_away(day) {
            return Ok((assigned, by, None));
        }
        let away = || Unassigned::Away { steward: assigned.id.clone() };
        let mut deputy = assigned;
        for _ in 0..MAX_DEPUTIES {
            let id = deputy.deputy.as_deref().ok_or_else(away)?;
            deputy = self.by_id.get(id).copied().ok_or_else(away)?;
            if !deputy.is_away(day) {
                return Ok((deputy, by, Some(assigned.id.clone())));
            }
        }
        Err(away())
    }

    fn assigned(&self, visit: &Visit) -> Option<(&'a Steward, TerritoryKind)> {
        let own = [
            (TerritoryKind::Enterprise, Some(visit.enterprise.as_str())),
            (TerritoryKind::Building, visit.building.as_deref()),
            (TerritoryKind::Park, visit.park.as_deref()),
            (TerritoryKind::Street, visit.street.as_deref()),
        ];
        for (kind, name) in own {
            if let Some(steward) = name.and_then(|name| self.by_territory.get(&(kind, name))) {
                return Some((steward, kind));
            }
        }
        // 310104 lies in 3101 and in 31; codes that end in zeros are those of the wider division.
        let region = visit.region.as_deref()?;
        let wider = |digits: usize| region.get(..digits).map(|head| format!("{head:0<6}"));
        [Some(region.to_owned()), wider(4), wider(2)].into_iter().flatten().find_map(|code| {
            let steward = self.by_territory.get(&(TerritoryKind::Region, code.as_str()))?;
            Some((*steward, TerritoryKind::Region))
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const DAY: Date = date(2026, 11, 30);

    fn steward(id: &str, serves: &[(TerritoryKind, &str)]) -> Steward {
        let serves =
            serves.iter().map(|(kind, name)| Territory { kind: *kind, name: (*name).to_owned() }).collect();
        Steward { id: id.to_owned(), name: id.to_owned(), serves, cap: None, away: Vec::new(), deputy: None }
    }

    fn visit(enterprise: &str, park: &str, region: &str, items: &[&str]) -> Visit {
        Visit {
            enterprise: enterprise.to_owned(),
            park: (!park.is_empty()).then(|| park.to_owned()),
            region: Some(region.to_owned()),
            items: items.iter().map(|item| (*item).to_owned()).collect(),
            ..Visit::default()
        }
    }

    #[test]
    fn the_most_specific_steward_visits_once_about_everything() {
        use TerritoryKind::{Enterprise, Park, Region};
        let roster = [
            steward("区", &[(Region, "310104")]),
            steward("园", &[(Park, "甲园")]),
            steward("管家", &[(Enterprise, "e3")]),
        ];
        let visits = [
            visit("e1", "甲园", "310104", &["x"]),
            visit("e1", "", "310104", &["y", "x"]),
            visit("e2", "乙园", "310104", &["x"]),
            visit("e3", "甲园", "310104", &["x"]),
            visit("e4", "", "310115", &["x"]),
            visit("e5", "", "310104", &["x"]),
        ];
        let lists = assign(&visits, &roster, &BTreeSet::from(["e5".to_owned()]), DAY);
        let of = |id: &str| -> Vec<&str> {
            lists.stewards[id].iter().map(|line| line.enterprise.as_str()).collect()
        };
        assert_eq!((of("区"), of("园"), of("管家")), (vec!["e2"], vec!["e1"], vec!["e3"]));
        assert_eq!(lists.stewards["园"][0].items, ["x", "y"]);
        assert_eq!(lists.unassigned, [("e4".to_owned(), Unassigned::NoSteward)]);
        // A city's steward serves the rest.
        let city = [steward("市", &[(Region, "310000")])];
        assert_eq!(assign(&visits, &city, &BTreeSet::new(), DAY).stewards["市"].len(), 5);
    }

    #[test]
    fn leave_is_handed_over_and_caps_are_kept() {
        use TerritoryKind::Park;
        let mut away = steward("甲", &[(Park, "园")]);
        away.away = vec![(DAY, DAY)];
        away.deputy = Some("乙".to_owned());
        let mut deputy = steward("乙", &[]);
        deputy.cap = Some(1);
        let mut visits = [visit("e1", "园", "310104", &["x"]), visit("e2", "园", "310104", &["x"])];
        visits[1].weight = 5;
        let lists = assign(&visits, &[away.clone(), deputy.clone()], &BTreeSet::new(), DAY);
        assert_eq!(lists.stewards["乙"][0].enterprise, "e2");
        assert_eq!(lists.stewards["乙"][0].stands_in_for.as_deref(), Some("甲"));
        assert_eq!(lists.unassigned, [("e1".to_owned(), Unassigned::Full { steward: "乙".to_owned() })]);
        // The deputy is away as well, and points back: named, not lost.
        deputy.away = vec![(DAY, DAY)];
        deputy.deputy = Some("甲".to_owned());
        let lists = assign(&visits, &[away, deputy], &BTreeSet::new(), DAY);
        assert_eq!(lists.unassigned.len(), 2);
        assert_eq!(lists.unassigned[0].1, Unassigned::Away { steward: "甲".to_owned() });
    }

    proptest! {
        /// Each enterprise is on exactly one list, once.
        #[test]
        fn every_enterprise_is_in_one_place(
            visits in prop::collection::vec((0..20_u8, 0..4_u8, 0..5_i64), 0..60),
            cap in prop::option::of(0..5_usize),
        ) {
            let visits: Vec<Visit> = visits.into_iter().map(|(enterprise, park, weight)| {
                Visit { weight, ..visit(&format!("e{enterprise}"), &format!("p{park}"), "310104", &["x"]) }
            }).collect();
            let mut first = steward("a", &[(TerritoryKind::Park, "p0"), (TerritoryKind::Park, "p1")]);
            first.cap = cap;
            let lists = assign(&visits, &[first, steward("b", &[(TerritoryKind::Park, "p2")])], &BTreeSet::new(), DAY);
            let mut found: Vec<String> =
                lists.stewards.values().flatten().map(|line| line.enterprise.clone()).collect();
            found.extend(lists.unassigned.iter().map(|(enterprise, _)| enterprise.clone()));
            found.sort();
            let all: BTreeSet<String> = visits.iter().map(|visit| visit.enterprise.clone()).collect();
            prop_assert_eq!(found, all.into_iter().collect::<Vec<_>>());
            prop_assert!(cap.is_none_or(|cap| lists.stewards.get("a").is_none_or(|lines| lines.len() <= cap)));
        }
    }
}
