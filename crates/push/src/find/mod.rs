//! Finds the enterprises that qualify for one item (政策找人), and the conditions at which the others are excluded.
//!
//! A [`Finder`] compiles the item's criteria as a whole and each condition by itself, decides chunks of enterprises into
//! [`Tally`]s that can be merged in any order, and turns them into a [`FindReport`]: eligible enterprises, the funnel over the
//! conditions, and counts by region and industry. A [`WhatIf`] does this for the item and for variants of it in one pass. Drafts
//! are handled like items in force.

mod case;
mod groups;
mod over;
mod plot;
mod report;
mod tally;
mod what_if;

use std::sync::Arc;

use jiff::civil::Date;
use zhaoren_matcher::Library;
use zhaoren_matcher::batch::{BLOCK_ROWS, BatchPlan, BlockVerdicts, FactSource, Scratch};
use zhaoren_policy::code::CodeSystem;
use zhaoren_policy::criterion::Criterion;
use zhaoren_policy::fact::FactDictionary;
use zhaoren_policy::item::Item;

use crate::decide::evaluation_day;
use case::{Case, parts};
use groups::{Keys, grouped};

pub use over::{ScanQuery, ScanResult};
pub use plot::svg;
pub use report::{FindReport, FunnelStep, Group};
pub use tally::Tally;
pub use what_if::{Deviation, Variant, VariantReport, WhatIf, WhatIfReport, WhatIfTally, variants};

/// One item compiled for a search of the enterprises that qualify for it.
#[derive(Debug)]
pub struct Finder {
    dictionary: Arc<FactDictionary>,
    plan: BatchPlan,
    item: ItemView,
    case: Case,
    as_of: Date,
    /// Maximum number of ids kept of each kind.
    limit: usize,
}

#[derive(Clone, Debug)]
struct ItemView {
    id: String,
    title: String,
    in_force: bool,
}

impl ItemView {
    fn of(item: &Item, as_of: Date) -> Self {
        Self { id: item.id.clone(), title: item.title.clone(), in_force: item.in_force_on(as_of) }
    }
}

/// Reason why an item cannot be searched for.
#[derive(Debug, thiserror::Error)]
#[error("事项 `{item}` 无法编译：{cause}")]
pub struct FindError {
    item: String,
    cause: String,
}

/// Compiles criteria for a day; an error if those of `item` are beyond the compiler's budget.
fn compiled<'c>(
    item: &Item,
    criteria: impl Iterator<Item = &'c Criterion>,
    dictionary: &FactDictionary,
    as_of: Date,
) -> Result<BatchPlan, FindError> {
    let (plan, problems) = BatchPlan::compile(criteria, dictionary, evaluation_day(as_of));
    match problems.first() {
        Some(problem) => Err(FindError { item: item.id.clone(), cause: problem.cause.to_string() }),
        None => Ok(plan),
    }
}

/// Rows of a block: their ids, and the region and industry key of each.
struct Rows<'r> {
    ids: &'r [&'r str],
    groups: [&'r [&'r str]; 2],
}

/// Decides a table block by block.
fn each_block(
    plan: &BatchPlan,
    dictionary: &FactDictionary,
    table: &impl FactSource,
    ids: &[&str],
    mut take: impl FnMut(&Rows<'_>, &BlockVerdicts),
) {
    let mut scratch = Scratch::default();
    let keys = Keys::of(table);
    let keys = keys.named();
    for (at, block) in plan.blocks(table, dictionary).enumerate() {
        let verdicts = plan.verdicts(&block, &mut scratch);
        let rows = at * BLOCK_ROWS..(at * BLOCK_ROWS + block.len());
        let groups = keys.each_ref().map(|keys| keys.get(rows.clone()).unwrap_or_default());
        take(&Rows { ids: ids.get(rows.clone()).unwrap_or_default(), groups }, &verdicts);
    }
}

impl Finder {
    /// The finder for an item of `library`, which knows whether a successor has retired it.
    pub fn of_library(mut self, library: &Library) -> Self {
        if let Some(index) = library.index_of(&self.item.id) {
            self.item.in_force = library.in_force_on(index, self.as_of);
        }
        self
    }

    /// Compiles an item. `limit` is the maximum number of ids kept of the eligible and of the undetermined enterprises.
    ///
    /// # Errors
    /// The item is beyond the compiler's budget; it has no verdicts then.
    pub fn new(
        item: &Item,
        dictionary: Arc<FactDictionary>,
        as_of: Date,
        limit: usize,
    ) -> Result<Self, FindError> {
        let plan = compiled(item, parts(&item.criteria), &dictionary, as_of)?;
        let case = Case::new(&item.criteria, 0, &dictionary);
        Ok(Self { dictionary, plan, item: ItemView::of(item, as_of), case, as_of, limit })
    }

    /// Report from the merged tally of all chunks.
    pub fn report(&self, tally: Tally) -> FindReport {
        report(&self.item, &self.case, self.as_of, tally)
    }
}

impl ScanQuery for Finder {
    type Tally = Tally;

    fn empty(&self) -> Tally {
        self.case.empty_tally(self.limit)
    }

    fn tally(&self, table: &impl FactSource, ids: &[&str]) -> Tally {
        let mut tally = self.empty();
        each_block(&self.plan, &self.dictionary, table, ids, |rows, verdicts| {
            self.case.add_block_with_groups(&mut tally, rows, verdicts);
        });
        tally
    }

    fn merge(a: Tally, b: Tally) -> Tally {
        a.merge(b)
    }
}

fn report(item: &ItemView, case: &Case, as_of: Date, mut tally: Tally) -> FindReport {
    let repeated = tally.repeated();
    let funnel = case.funnel(&tally);
    let left = funnel.last().map_or(tally.enterprises, |step| step.left);
    FindReport {
        item: item.id.clone(),
        title: item.title.clone(),
        as_of,
        in_force: item.in_force,
        enterprises: tally.enterprises,
        repeated,
        eligible: tally.eligible,
        undetermined: tally.undetermined,
        ineligible: tally.ineligible(),
        almost: tally.almost(),
        together: left - tally.eligible - tally.undetermined,
        funnel,
        by_region: grouped(&tally.regions, CodeSystem::Region, &[2, 6, 9]),
        by_industry: grouped(&tally.industries, CodeSystem::Industry, &[1, 3]),
        eligible_ids: tally.eligible_ids.into_iter().collect(),
        undetermined_ids: tally.undetermined_ids.into_iter().collect(),
    }
}
