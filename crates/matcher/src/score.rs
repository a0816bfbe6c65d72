//! The score (排序分) orders matches; it says nothing of truth and is never a probability.
//!
//! It lies between 0 and 1. Three bands keep the verdicts apart: eligible above 2/3, undetermined above 1/3,
//! ineligible below. Inside a band:
//!
//! * undetermined and ineligible: the share of conditions that are met, two thirds of the weight;
//! * eligible: a window that is open now counts, the nearer its close the more, and so does being free of
//!   competition;
//! * all: the ceiling of the amount, by its order of magnitude, the rest.

use zhaoren_policy::item::{Item, WindowState, WindowView};
use zhaoren_policy::verdict::{ClauseState, Verdict};

use crate::clause::ClauseReport;

/// Days before the close of a window at which urgency begins to count.
const URGENT_DAYS: f64 = 90.0;

/// The score of a match.
pub(crate) fn score(item: &Item, verdict: Verdict, clauses: &[ClauseReport], window: &WindowView) -> f64 {
    let third = 1.0 / 3.0;
    let amount = amount_share(item);
    let (base, inside) = match verdict {
        Verdict::Eligible => {
            let open = match window.state {
                WindowState::Open => 1.0,
                WindowState::Upcoming | WindowState::Unknown => 0.5,
                WindowState::Closed => 0.0,
            };
            let urgency = window.days_left.map_or(0.0, |days| (1.0 - f64::from(days) / URGENT_DAYS).max(0.0));
            let certain = if item.competitive { 0.0 } else { 1.0 };
            (2.0 * third, 0.4 * open + 0.15 * urgency + 0.15 * certain + 0.3 * amount)
        }
        Verdict::Undetermined => (third, 0.67 * met_share(clauses) + 0.33 * amount),
        Verdict::Ineligible => (0.0, 0.67 * met_share(clauses) + 0.33 * amount),
    };
    // Four decimals: enough to order, and the same text on every machine.
    ((base + third * inside.min(0.999)) * 10_000.0).round() / 10_000.0
}

/// The share of conditions, groups left out, that are met.
fn met_share(clauses: &[ClauseReport]) -> f64 {
    let leaves: Vec<&ClauseReport> = clauses.iter().filter(|clause| clause.group.is_none()).collect();
    let met = leaves.iter().filter(|clause| clause.state == ClauseState::Met).count();
    if leaves.is_empty() {
        return 1.0;
    }
    let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    count(met) / count(leaves.len())
}

/// 0 for no or an unknown amount, 1 from 1 亿元, in steps of the order of magnitude.
fn amount_share(item: &Item) -> f64 {
    item.benefit.amount.max.as_ref().map_or(0.0, |max| (max.to_f64().max(1.0).log10() / 8.0).clamp(0.0, 1.0))
}
