//! Which unknown facts can still change a verdict, and which settles most (待补指标).

use zhaoren_policy::view::View;

use crate::compiled::{Plan, Residual};

/// A fact that can still change a verdict.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Missing {
    /// Key of the fact.
    pub(crate) key: String,
    /// The share of what it can turn out to be that settles the verdict, whatever the other unknowns are.
    pub(crate) settles: f64,
}

/// The facts that could still change the outcome of the whole, the one that settles most first.
///
/// A slot settles an outcome to the degree that, whichever class its value falls into, nothing else matters any
/// more. A derived fact is asked for by its open inputs. Equal ones keep the order of the criteria. Judged texts
/// are not facts.
pub(crate) fn missing(plan: &Plan, residual: &mut Residual<'_>, view: &View<'_>) -> Vec<Missing> {
    let mut ranked: Vec<Missing> = Vec::new();
    for (level, share) in residual.settling(plan.roots().root) {
        let settles = share.fraction();
        for key in plan.slot(level).map(|slot| slot.asks(view)).into_iter().flatten() {
            match ranked.iter_mut().find(|seen| seen.key == key) {
                Some(seen) => seen.settles = seen.settles.max(settles),
                None => ranked.push(Missing { key, settles }),
            }
        }
    }
    ranked.sort_by(|a, b| b.settles.total_cmp(&a.settles));
    ranked
}
