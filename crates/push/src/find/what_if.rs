//! Counts the enterprises that would qualify if an item's criteria were different (政策沙盘): the item and its variants are decided
//! in one pass. The results never enter a list.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;
use zhaoren_matcher::Library;
use zhaoren_matcher::batch::{BatchPlan, BlockVerdicts, FactSource, RowBits};
use zhaoren_policy::criterion::{Criterion, Setting, apply_settings, describe};
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::Item;
use zhaoren_policy::problem::Report;
use zhaoren_policy::syntax::{Node, Tree};

use super::case::{Case, parts};
use super::report::{FindReport, FunnelStep};
use super::tally::{Tally, count, keep, keep_rows, zip};
use super::{FindError, ItemView, Rows, ScanQuery, compiled, each_block, report};

/// Criteria that deviate from those of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Deviations from the item.
    pub deviations: Vec<Deviation>,
    /// Complete criteria of the variant.
    pub criteria: Criterion,
}

/// Single deviation of a variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deviation {
    /// Path of the changed setting: `all[0].at_least`.
    pub path: String,
    /// Current condition in plain Chinese.
    pub before: String,
    /// Changed condition in plain Chinese; `None` if it is removed.
    pub after: Option<String>,
}

/// Builds the requested variants of an item. `set` holds in all of them; each member of `tried` is a variant of its own; if
/// `tried` is empty, `set` is the only variant. If neither is given, each condition is removed in turn.
///
/// # Errors
/// `None` if a path does not exist or a value does not fit; the reasons are added to `problems`.
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
        let criteria = apply_settings(&item.criteria, settings, dictionary, problems)?;
        let moved =
            settings.iter().map(|one| deviation(&item.criteria, &criteria, one, dictionary)).collect();
        Some(Variant { deviations: moved, criteria })
    };
    // All variants are read, so that every fault is reported.
    let read: Vec<Option<Variant>> = all.iter().map(variant).collect();
    // A missing path is missing for every tried value; it is reported once.
    problems.problems.dedup();
    read.into_iter().collect()
}

fn deviation(
    before: &Criterion,
    after: &Criterion,
    setting: &Setting,
    dictionary: &FactDictionary,
) -> Deviation {
    let (path, old_value) = condition(before, &setting.path);
    let (_, is) = condition(after, path);
    let is_removed = setting.value.is_null() && path == setting.path;
    Deviation {
        path: setting.path.clone(),
        before: old_value.text.clone().unwrap_or_else(|| describe(old_value, dictionary)),
        after: (!is_removed).then(|| describe(is, dictionary)),
    }
}

/// Nearest condition on or above a path, and the path up to it.
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

/// An item and variants of it, compiled.
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

/// Counts of a set of enterprises for an item and its variants.
#[derive(Clone, Debug, PartialEq)]
pub struct WhatIfTally {
    base: Tally,
    variants: Vec<(Tally, Moves)>,
}

/// Enterprises that a variant would add and those that it would exclude.
#[derive(Clone, Debug, Default, PartialEq)]
struct Moves {
    gained: u64,
    lost: u64,
    opened: u64,
    closed: u64,
    gained_ids: BTreeSet<String>,
    lost_ids: BTreeSet<String>,
}

/// Results for an item and its variants.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct WhatIfReport {
    /// Result for the unchanged item.
    pub base: FindReport,
    /// Results of the variants, in the requested order.
    pub variants: Vec<VariantReport>,
}

/// Result of one variant.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct VariantReport {
    /// Deviations from the item.
    pub set: Vec<Deviation>,
    /// Number of eligible enterprises.
    pub eligible: u64,
    /// Number of undetermined enterprises.
    pub undetermined: u64,
    /// Number of ineligible enterprises.
    pub ineligible: u64,
    /// Number of enterprises excluded by a single condition.
    pub almost: u64,
    /// Number of enterprises that become eligible.
    pub gained: u64,
    /// Number of enterprises that are no longer eligible.
    pub lost: u64,
    /// Number of enterprises that are no longer ineligible.
    pub opened: u64,
    /// Number of enterprises that become ineligible.
    pub closed: u64,
    /// Ids of enterprises that become eligible, in order, up to the limit.
    pub gained_ids: Vec<String>,
    /// Ids of enterprises that are no longer eligible, in order, up to the limit.
    pub lost_ids: Vec<String>,
    /// Funnel over the changed conditions, in order.
    pub funnel: Vec<FunnelStep>,
}

impl WhatIf {
    /// Compiles an item and variants of it. `limit` is the maximum number of ids kept of each kind.
    ///
    /// # Errors
    /// One of them is beyond the compiler's budget.
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
            cases.push((variant.deviations, case));
        }
        let item = ItemView::of(item, as_of);
        Ok(Self { dictionary, plan, item, base, variants: cases, as_of, limit })
    }

    /// The question for an item of `library`, which knows whether a successor has retired it.
    pub fn of_library(mut self, library: &Library) -> Self {
        if let Some(index) = library.index_of(&self.item.id) {
            self.item.in_force = library.in_force_on(index, self.as_of);
        }
        self
    }

    /// Report from the merged tally of all chunks.
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
        self.base.add_block_with_groups(&mut tally.base, rows, verdicts);
        let (now, may) = self.base.whole(verdicts);
        let beyond = |a: &RowBits, b: &RowBits| zip(a, b, |a, b| a & !b);
        for ((_, case), (counts, moves)) in self.variants.iter().zip(&mut tally.variants) {
            case.add_block(counts, rows.ids, verdicts);
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

impl ScanQuery for WhatIf {
    type Tally = WhatIfTally;

    fn empty(&self) -> WhatIfTally {
        let variants = self.variants.iter().map(|(_, case)| (case.empty_tally(0), Moves::default()));
        WhatIfTally { base: self.base.empty_tally(self.limit), variants: variants.collect() }
    }

    fn tally(&self, table: &impl FactSource, ids: &[&str]) -> WhatIfTally {
        let mut tally = self.empty();
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
