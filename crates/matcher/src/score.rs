//! Score (排序分): a published formula that orders matches. It says nothing about truth and is never a probability.
//!
//! `score = (band + inside) / 3`, from 0 to 1, to four decimals. The band separates the verdicts: 2 for eligible, 1 for
//! undetermined, 0 for ineligible. `inside`, below 1, is the weighted sum
//!
//! | weight | part | 1 means | 0 means |
//! |---|---|---|---|
//! | 0.35 | amount | 1 亿元 or more, by order of magnitude | no money, or unknown |
//! | 0.25 | urgency | the window closes today; 0.5 from 90 days on, or open all year | closed |
//! | 0.25 | ease | nothing to do (免申即享), or every condition met | no condition met |
//! | 0.15 | entitlement | every qualified enterprise gets it | the office selects among them (择优) |
//!
//! The amount is the maximum that the item can pay this enterprise over its whole life. For eligible enterprises, ease is 1 for
//! 免申即享 and 0.5 for 申报; for the others it is the share of their conditions that are met. An upcoming window counts 0.3 for
//! urgency, one that is announced by notice 0.2.

use zhaoren_policy::item::{Delivery, Item, WindowState, WindowView};
use zhaoren_policy::number::Number;
use zhaoren_policy::verdict::Verdict;

/// Number of days before the close of a window at which urgency begins to rise.
const URGENT_DAYS: f64 = 90.0;

/// Score of a match, where `met` is the share of the item's conditions that are met, and `max_amount` its maximum amount in yuan.
pub(crate) fn score(
    item: &Item,
    verdict: Verdict,
    met: f64,
    max_amount: &Number,
    window: &WindowView,
) -> f64 {
    let (band, ease) = match (verdict, item.delivery) {
        (Verdict::Eligible, Delivery::Automatic) => (2.0, 1.0),
        (Verdict::Eligible, Delivery::Apply) => (2.0, 0.5),
        (Verdict::Undetermined, _) => (1.0, met),
        (Verdict::Ineligible, _) => (0.0, met),
    };
    let entitlement = if item.competitive { 0.0 } else { 1.0 };
    let inside = 0.35 * amount(max_amount) + 0.25 * urgency(window) + 0.25 * ease + 0.15 * entitlement;
    // Four decimals: enough to order, and the same text on every machine.
    ((band + inside.min(0.999)) / 3.0 * 10_000.0).round() / 10_000.0
}

/// Amount part: 0 for no or an unknown amount, 1 from 1 亿元 on, rising with the order of magnitude.
fn amount(max_amount: &Number) -> f64 {
    (max_amount.to_f64().max(1.0).log10() / 8.0).clamp(0.0, 1.0)
}

/// Urgency part: 0 for a closed window, 1 for one that closes today.
pub(crate) fn urgency(window: &WindowView) -> f64 {
    match (window.state, window.days_left) {
        (WindowState::Open, Some(days)) => 0.5 + 0.5 * (1.0 - f64::from(days) / URGENT_DAYS).clamp(0.0, 1.0),
        (WindowState::Open, None) => 0.5,
        (WindowState::Upcoming, _) => 0.3,
        (WindowState::Unknown, _) => 0.2,
        (WindowState::Closed, _) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhaoren_policy::fact::FactDictionary;
    use zhaoren_policy::item::{Window, read_items};

    fn item(rest: &str) -> Item {
        let text = format!("{{id: i, title: 题, criteria: {{all: []}}{rest}}}");
        let (mut items, report) = read_items(&text, "i.yaml", FactDictionary::built_in());
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        items.remove(0).0
    }

    fn open(days_left: Option<i32>) -> WindowView {
        WindowView { days_left, ..Window::AllYear.on(jiff::civil::date(2026, 1, 1)) }
    }

    #[test]
    fn score_bands_do_not_overlap() {
        let best = item(", delivery: automatic, benefit: {amount: {max: 900000000}}");
        let worst = item(", competitive: true");
        let closed = WindowView { state: WindowState::Closed, ..open(None) };
        let yuan = |item: &Item| item.benefit.amount.max.clone().unwrap_or_else(Number::zero);
        let score =
            |item: &Item, verdict, met, window: &WindowView| score(item, verdict, met, &yuan(item), window);
        assert!(
            score(&worst, Verdict::Eligible, 1.0, &closed)
                > score(&best, Verdict::Undetermined, 1.0, &open(Some(0)))
        );
        assert!(
            score(&worst, Verdict::Undetermined, 0.0, &closed)
                > score(&best, Verdict::Ineligible, 1.0, &open(Some(0)))
        );
        assert_eq!(score(&best, Verdict::Eligible, 1.0, &open(Some(0))), 0.9997);
    }

    #[test]
    fn score_parts_have_the_published_weights() {
        let plain = item("");
        // (2 + 0.25 × 0.5 + 0.25 × 0.5 + 0.15) / 3
        assert_eq!(score(&plain, Verdict::Eligible, 1.0, &Number::zero(), &open(None)), 0.8);
        // (1 + 0.35 × 6/8 + 0.25 × 0.75 + 0.25 × 0.5 + 0.15) / 3
        let million = item(", benefit: {amount: {max: 1000000}}");
        assert_eq!(
            score(&million, Verdict::Undetermined, 0.5, &Number::from(1_000_000), &open(Some(45))),
            0.575
        );
    }
}
