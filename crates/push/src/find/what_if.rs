//! How many would qualify for an item if its criteria were other ones (政策沙盘): the item as it is and its variants, decided
//! side by side in one pass. Nothing of it enters a list.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;
use zhaoren_matcher::batch::{BatchPlan, BlockVerdicts, FactRows, RowBits};
use zhaoren_policy::criterion::{Criterion, Setting, describe, vary};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::Item;
use zhaoren_policy::problem::Report;
use zhaoren_policy::syntax::{Node, Tree};

use super::case::{Case, parts};
use super::report::{FindReport, FunnelStep};
use super::tally::{Tally, count, keep, keep_rows, zip};
use super::{Asking, FindError, ItemView, Rows, compiled, each_block, report};

/// Criteria that deviate from those of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// What is other than in the item.
    pub moved: Vec<Deviation>,
    /// The criteria as they would be.
    pub criteria: Criterion,
}

/// A place where a variant deviates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deviation {
    /// Where: `all[0].at_least`.
    pub path: String,
    /// The condition as it is, in plain Chinese.
    pub before: String,
    /// The condition as it would be; `None` where it is taken away.
    pub after: Option<String>,
}

/// The variants of an item that somebody asks for. `set` holds in all of them. Each member of `tried` is a variant of its own;
/// where there is none, `set` is the only one. Where nothing is asked for, every condition is taken away in turn.
///
/// # Errors
/// `None` when a setting leads nowhere or does not fit, which `problems` then names.
pub fn variants(
    item: &Item,
    set: &[Setting],
    tried: &[Setting],
    dictionary: &FactDictionary,
    problems: &mut Report,
) -> Option<Vec<Variant>> {
    let without = |path: &str| Setting { path: path.to_owned(), value: Node { value: Tree::Null, line: 0 } };
    let all: Vec<Vec<Setting>> = match (set, tried) {
        ([], []) => match item.criteria.children().as_slice() {
            [] => vec![vec![without("")]],
            children => children.iter().map(|(path, _)| vec![without(path)]).collect(),
        },
        (set, []) => vec![set.to_vec()],
        (set, tried) => tried.iter().map(|one| set.iter().chain([one]).cloned().collect()).collect(),
    };
    let variant = |settings: &Vec<Setting>| {
        let criteria = vary(&item.criteria, settings, dictionary, problems)?;
        let moved = settings.iter().map(|one| moved(&item.criteria, &criteria, one, dictionary)).collect();
        Some(Variant { moved, criteria })
    };
    // All of them are read, so that every fault is named.
    let read: Vec<Option<Variant>> = all.iter().map(variant).collect();
    // A place that is not there is not there for any of the values tried.
    problems.problems.dedup();
    read.into_iter().collect()
}

fn moved(before: &Criterion, after: &Criterion, setting: &Setting, dictionary: &FactDictionary) -> Deviation {
    let (place, was) = condition(before, &setting.path);
    let (_, is) = condition(after, place);
    let taken = setting.value.is_null() && place == setting.path;
    Deviation {
        path: setting.path.clone(),
        before: was.text.clone().unwrap_or_else(|| describe(was, dictionary)),
        after: (!taken).then(|| describe(is, dictionary)),
    }
}

/// The nearest condition that a path leads to or through, and the path up to it.
fn condition<'c, 'p>(whole: &'c Criterion, path: &'p str) -> (&'p str, &'c Criterion) {
    let (mut place, mut found) = ("", whole);
    whole.walk(&mut |at, criterion| {
        let rest = path.strip_prefix(at);
        if rest.is_some_and(|rest| at.is_empty() || rest.is_empty() || rest.starts_with('.'))
            && at.len() >= place.len()
        {
            (place, found) = (path.get(..at.len()).unwrap_or_default(), criterion);
        }
    });
    (place, found)
}

/// An item and variants of it, ready to be asked about.
#[derive(Debug)]
pub struct WhatIf {
    dictionary: Arc<FactDictionary>,
    plan: BatchPlan,
    item: ItemView,
    base: Case,
    variants: Vec<(Vec<Deviation>, Case)>,
    as_of: Date,
    limit: usize,
}

/// What enterprises come to for an item and its variants.
#[derive(Clone, Debug, PartialEq)]
pub struct WhatIfTally {
    base: Tally,
    variants: Vec<(Tally, Moves)>,
}

/// Who would come in and who would go out.
#[derive(Clone, Debug, Default, PartialEq)]
struct Moves {
    gained: u64,
    lost: u64,
    opened: u64,
    closed: u64,
    gained_ids: BTreeSet<String>,
    lost_ids: BTreeSet<String>,
}

/// What an item and its variants come to.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct WhatIfReport {
    /// The item as it is.
    pub base: FindReport,
    /// The variants, in the order asked for.
    pub variants: Vec<VariantReport>,
}

/// What one variant comes to.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct VariantReport {
    /// Where it deviates from the item.
    pub set: Vec<Deviation>,
    /// How many would be eligible.
    pub eligible: u64,
    /// How many would have facts open that decide.
    pub undetermined: u64,
    /// How many would not be eligible.
    pub ineligible: u64,
    /// How many one condition alone would keep out.
    pub almost: u64,
    /// How many would be eligible for certain that are not so now.
    pub gained: u64,
    /// How many are eligible for certain now and would be so no more.
    pub lost: u64,
    /// How many are out for certain now and would be so no more.
    pub opened: u64,
    /// How many are not out for certain now and would be so.
    pub closed: u64,
    /// Ids of those gained, in order, up to the limit.
    pub gained_ids: Vec<String>,
    /// Ids of those lost, in order, up to the limit.
    pub lost_ids: Vec<String>,
    /// The conditions as they would be, in order.
    pub funnel: Vec<FunnelStep>,
}

impl WhatIf {
    /// Makes an item and variants of it ready. `limit`: how many ids of each kind are kept at most.
    ///
    /// # Errors
    /// When one of them is beyond the budget of the compiler.
    pub fn new(
        item: &Item,
        variants: Vec<Variant>,
        dictionary: Arc<FactDictionary>,
        as_of: Date,
        limit: usize,
    ) -> Result<Self, FindError> {
        let wholes =
            || std::iter::once(&item.criteria).chain(variants.iter().map(|variant| &variant.criteria));
        let plan = compiled(item, wholes().flat_map(parts), &dictionary, as_of)?;
        let base = Case::new(&item.criteria, 0, &dictionary);
        let mut first = base.end();
        let mut cases = Vec::with_capacity(variants.len());
        for variant in variants {
            let case = Case::new(&variant.criteria, first, &dictionary);
            first = case.end();
            cases.push((variant.moved, case));
        }
        let item = ItemView::of(item, as_of);
        Ok(Self { dictionary, plan, item, base, variants: cases, as_of, limit })
    }

    /// What the tallies of all chunks come to.
    pub fn report(&self, tally: WhatIfTally) -> WhatIfReport {
        let variant =
            |((moved, case), (tally, moves)): (&(Vec<Deviation>, Case), (Tally, Moves))| VariantReport {
                set: moved.clone(),
                eligible: tally.eligible,
                undetermined: tally.undetermined,
                ineligible: tally.ineligible(),
                almost: tally.almost(),
                gained: moves.gained,
                lost: moves.lost,
                opened: moves.opened,
                closed: moves.closed,
                gained_ids: moves.gained_ids.into_iter().collect(),
                lost_ids: moves.lost_ids.into_iter().collect(),
                funnel: case.funnel(&tally),
            };
        let variants = self.variants.iter().zip(tally.variants).map(variant).collect();
        WhatIfReport { base: report(&self.item, &self.base, self.as_of, tally.base), variants }
    }

    fn block(&self, tally: &mut WhatIfTally, rows: &Rows<'_>, verdicts: &BlockVerdicts) {
        self.base.take_whole(&mut tally.base, rows, verdicts);
        let (now, may) = self.base.whole(verdicts);
        let beyond = |a: &RowBits, b: &RowBits| zip(a, b, |a, b| a & !b);
        for ((_, case), (counts, moves)) in self.variants.iter().zip(&mut tally.variants) {
            case.take(counts, rows.ids, verdicts);
            let (then, might) = case.whole(verdicts);
            let (gained, lost) = (beyond(then, now), beyond(now, then));
            moves.gained += count(&gained);
            moves.lost += count(&lost);
            moves.opened += count(&beyond(might, may));
            moves.closed += count(&beyond(may, might));
            keep_rows(&mut moves.gained_ids, &gained, rows.ids, self.limit);
            keep_rows(&mut moves.lost_ids, &lost, rows.ids, self.limit);
        }
    }
}

impl Asking for WhatIf {
    type Tally = WhatIfTally;

    fn none(&self) -> WhatIfTally {
        let variants = self.variants.iter().map(|(_, case)| (case.none(0), Moves::default()));
        WhatIfTally { base: self.base.none(self.limit), variants: variants.collect() }
    }

    fn tally(&self, table: &impl FactRows, ids: &[&str]) -> WhatIfTally {
        let mut tally = self.none();
        each_block(&self.plan, &self.dictionary, table, ids, |rows, verdicts| {
            self.block(&mut tally, rows, verdicts);
        });
        tally
    }

    fn merge(a: WhatIfTally, b: WhatIfTally) -> WhatIfTally {
        let limit = a.base.limit().max(b.base.limit());
        let variant = |((a, mut moves), (b, others)): ((Tally, Moves), (Tally, Moves))| {
            moves.gained += others.gained;
            moves.lost += others.lost;
            moves.opened += others.opened;
            moves.closed += others.closed;
            others.gained_ids.iter().for_each(|id| keep(&mut moves.gained_ids, id, limit));
            others.lost_ids.iter().for_each(|id| keep(&mut moves.lost_ids, id, limit));
            (a.merge(b), moves)
        };
        let variants = a.variants.into_iter().zip(b.variants).map(variant).collect();
        WhatIfTally { base: a.base.merge(b.base), variants }
    }
}
