//! Holdings (已有): titles that an enterprise holds already, and supports given once that it has received.
//!
//! A holding does not affect the verdict: an enterprise that holds a title usually meets its criteria, too. It keeps the item from being
//! offered as new before its renewal is due.

use jiff::civil::Date;
use serde::Serialize;

use super::{Grant, Item, Received, Stacking};
use crate::calendar::{CalendarSpan, SpanUnit, chinese_date};
use crate::profile::TagSet;
use crate::view::View;

/// State of an item that an enterprise already has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldingState {
    /// The title is held, and no renewal is due.
    Held,
    /// The title is held, and may be renewed now (复审、重新认定).
    Renewal,
    /// The support is given once and was received.
    Received,
}

impl HoldingState {
    /// True if the item is not to be offered: it is held or received, and no renewal is due.
    pub fn is_blocking(self) -> bool {
        self != Self::Renewal
    }
}

/// Title or support of an item that an enterprise already has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Holding {
    /// State on the evaluation date.
    pub state: HoldingState,
    /// Title or list entry; `None` for a support that was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Last day on which the title is held; `None` if it has no end, or the end is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// First day on which renewal may be applied for; `None` if the item does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal_from: Option<Date>,
    /// Description in Chinese.
    pub text: String,
}

impl Holding {
    /// True if the item is not to be offered: it is held or received, and no renewal is due.
    pub fn is_blocking(&self) -> bool {
        self.state.is_blocking()
    }
}

impl Item {
    /// True if [`Item::held`] can ever return a holding: the item grants a title, or has a rule 一次性.
    pub fn can_be_held(&self) -> bool {
        self.holding_facts().next().is_some()
    }

    /// Keys of the tags facts on which [`Item::held`] depends; a key may occur more than once.
    pub fn holding_facts(&self) -> impl Iterator<Item = &str> {
        let once = self.stacking.iter().filter_map(|rule| match &rule.rule {
            Stacking::Once { fact, .. } => Some(fact.as_str()),
            _ => None,
        });
        self.grants.iter().map(|grant| grant.fact.as_str()).chain(once)
    }

    /// State of [`Item::held`] on `day` by the tags of each fact, without words: for lists of millions of pairs.
    pub fn holding_state<'t>(
        &self,
        tags: impl Fn(&str) -> Option<&'t TagSet>,
        day: Date,
    ) -> Option<HoldingState> {
        let title = self.grants.iter().find_map(|grant| {
            let (_, renewal_from) = grant.term(tags(&grant.fact)?, day)?;
            let is_due = renewal_from.is_some_and(|from| from <= day);
            Some(if is_due { HoldingState::Renewal } else { HoldingState::Held })
        });
        title.or_else(|| (self.received_by(tags, day) == Received::Yes).then_some(HoldingState::Received))
    }

    /// Title or support of this item that the enterprise already has; `None` if none, or none is known.
    pub fn held(&self, view: &View<'_>) -> Option<Holding> {
        let title = self.grants.iter().find_map(|grant| grant.held(view));
        title.or_else(|| {
            (self.received(view) == Received::Yes).then(|| Holding {
                state: HoldingState::Received,
                tag: None,
                until: None,
                renewal_from: None,
                text: "已享受过，本事项只支持一次".to_owned(),
            })
        })
    }
}

impl Grant {
    /// Last day of the title, and the first day of its renewal; `None` if it is not known to be held on `day`.
    fn term(&self, tags: &TagSet, day: Date) -> Option<(Option<Date>, Option<Date>)> {
        if tags.holds(&self.tag, day) != Some(true) {
            return None;
        }
        let until = tags.held_until(&self.tag, day);
        // Counted back from the day after the end, so that a year before 31 December is 1 January.
        let renewal_from = until.zip(self.renew_months).and_then(|(until, months)| {
            let span = CalendarSpan { count: months, unit: SpanUnit::Months };
            until.tomorrow().ok().map(|end| span.roughly_before(end))
        });
        Some((until, renewal_from))
    }

    fn held(&self, view: &View<'_>) -> Option<Holding> {
        let (until, renewal_from) = self.term(view.tags(&self.fact)?, view.as_of)?;
        let renewal = self.renewal.as_deref().unwrap_or("复审或重新认定");
        let tag = &self.tag;
        let (state, text) = match (until, renewal_from) {
            (Some(until), Some(from)) if from <= view.as_of => {
                let until = chinese_date(until);
                (HoldingState::Renewal, format!("“{tag}”{until}到期，现在可以申报{renewal}"))
            }
            (Some(until), Some(from)) => {
                let (until, from) = (chinese_date(until), chinese_date(from));
                (HoldingState::Held, format!("已有“{tag}”，{until}到期；{renewal}自{from}起可申报"))
            }
            (Some(until), None) => {
                let until = chinese_date(until);
                (HoldingState::Held, format!("已有“{tag}”，{until}到期；{renewal}的时间以通知为准"))
            }
            (None, _) => (HoldingState::Held, format!("已有“{tag}”，没有填到期日")),
        };
        Some(Holding { state, tag: Some(tag.clone()), until, renewal_from, text })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::fact::FactDictionary;
    use crate::item::read_items;
    use crate::problem::Report;
    use crate::profile::Profile;

    fn held(titles: &str, more: &str, day: Date) -> Option<Holding> {
        let dictionary = FactDictionary::built_in();
        let text = format!("{{id: i, title: 题, criteria: {{all: []}}, {more}}}");
        let (items, report) = read_items(&text, "i.yaml", dictionary);
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        let profile = format!("{{\"id\": \"e\", \"facts\": {titles}}}");
        let mut report = Report::new("profile");
        let node = crate::syntax::json(&profile).unwrap();
        let profile = Profile::read(&node, dictionary, true, &mut report).unwrap();
        items[0].0.held(&View::new(&profile, dictionary, day))
    }

    const TITLE: &str =
        "grants: [{fact: qualifications, tag: 高新技术企业, renew_months: 12, renewal: 重新认定}]";

    #[test]
    fn a_title_is_held_until_its_renewal_is_due() {
        let titles =
            r#"{"qualifications": [{"tag": "高新技术企业", "from": "2024-12-08", "until": "2027-12-07"}]}"#;
        let before = held(titles, TITLE, date(2026, 11, 30)).unwrap();
        assert!(before.is_blocking());
        assert_eq!((before.until, before.renewal_from), (Some(date(2027, 12, 7)), Some(date(2026, 12, 8))));
        assert_eq!(before.text, "已有“高新技术企业”，2027年12月7日到期；重新认定自2026年12月8日起可申报");
        let due = held(titles, TITLE, date(2026, 12, 8)).unwrap();
        assert_eq!((due.state, due.is_blocking()), (HoldingState::Renewal, false));
        assert_eq!(due.text, "“高新技术企业”2027年12月7日到期，现在可以申报重新认定");
        assert_eq!(held(titles, TITLE, date(2027, 12, 8)), None);
    }

    #[test]
    fn what_is_unknown_is_not_held() {
        assert_eq!(held("{}", TITLE, date(2026, 1, 1)), None);
        let open = r#"{"qualifications": {"has": ["创新型中小企业"]}}"#;
        assert_eq!(held(open, TITLE, date(2026, 1, 1)), None);
        let endless = held(r#"{"qualifications": ["高新技术企业"]}"#, TITLE, date(2026, 1, 1)).unwrap();
        assert!(endless.is_blocking());
        assert_eq!(endless.text, "已有“高新技术企业”，没有填到期日");
    }

    #[test]
    fn a_support_given_once_is_held_after_it_was_received() {
        let once = "stacking: [{once: support_received}]";
        let received = held(r#"{"support_received": ["i"]}"#, once, date(2026, 1, 1)).unwrap();
        assert_eq!((received.state, received.is_blocking()), (HoldingState::Received, true));
        assert_eq!(held(r#"{"support_received": []}"#, once, date(2026, 1, 1)), None);
    }
}
