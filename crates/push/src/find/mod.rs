//! Who qualifies for one item (政策找人), and where the others fall out.
//!
//! A [`Finder`] compiles the item's criteria as a whole and each of its conditions by itself, decides chunks of
//! enterprises into [`Tally`]s that can be merged in any order, and makes a [`FindReport`] of them: who qualifies, the
//! funnel over the conditions, and where the enterprises are. Drafts are answered like items in force.

mod plot;
mod tally;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use rayon::iter::{IntoParallelIterator, ParallelBridge, ParallelIterator};
use serde::Serialize;
use zhaoren_matcher::batch::{BLOCK_ROWS, BatchPlan, FactRows, FactTable, RowBits, Scratch};
use zhaoren_policy::code::{Code, CodeSystem, names};
use zhaoren_policy::criterion::{Criterion, Node, describe};
use zhaoren_policy::fact::{FactDictionary, Known, Value};
use zhaoren_policy::item::Item;
use zhaoren_policy::profile::{HeldValue, Profile, ProfileKey};

use crate::decide::moment;
use crate::error::PushError;
use crate::run::Progress;
use crate::source::Source;
use crate::state::RunEnterprises;
use crate::store::Store;
use crate::table::{Reject, TableError};

pub use plot::svg;
pub use tally::Tally;

/// The fact that says where an enterprise is (注册地), and the one that says what it does (行业代码).
const REGION: &str = "registered_region";
const INDUSTRY: &str = "industry";

/// How many faults of rows are kept to be shown.
const SHOWN: usize = 20;

/// One item, ready to be asked who qualifies for it.
#[derive(Debug)]
pub struct Finder {
    dictionary: Arc<FactDictionary>,
    plan: BatchPlan,
    item: ItemView,
    conditions: Vec<ConditionView>,
    as_of: Date,
    /// How many ids of each kind are kept at most.
    limit: usize,
}

#[derive(Clone, Debug)]
struct ItemView {
    id: String,
    title: String,
    in_force: bool,
}

#[derive(Clone, Debug)]
struct ConditionView {
    text: String,
    quote: Option<String>,
    article: Option<String>,
}

/// What was found for one item.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct FindReport {
    /// The item's id.
    pub item: String,
    /// 事项名称.
    pub title: String,
    /// The evaluation date (判定日).
    pub as_of: Date,
    /// Whether the item is in force on that day; a draft is answered all the same.
    pub in_force: bool,
    /// How many enterprises were asked about.
    pub enterprises: u64,
    /// How many of them stand under an id that another one has as well; each was counted by itself.
    pub repeated: u64,
    /// How many are eligible.
    pub eligible: u64,
    /// How many have facts open that decide.
    pub undetermined: u64,
    /// How many are not eligible.
    pub ineligible: u64,
    /// How many fail exactly one condition for certain and pass every other for certain: almost there.
    pub almost: u64,
    /// How many pass or may pass every condition by itself and yet cannot pass all together.
    pub together: u64,
    /// The conditions, in the item's order.
    pub funnel: Vec<FunnelStep>,
    /// By province, district and street (GB/T 2260), as far down as the register says; those without a known region
    /// under an empty code.
    pub by_region: Vec<Group>,
    /// By section and division (GB/T 4754); those without a known industry under an empty code.
    pub by_industry: Vec<Group>,
    /// Ids of the eligible, in order, up to the limit.
    pub eligible_ids: Vec<String>,
    /// Ids of the undetermined, in order, up to the limit.
    pub undetermined_ids: Vec<String>,
}

/// One condition of the funnel.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct FunnelStep {
    /// The condition in plain Chinese.
    pub text: String,
    /// Its source sentence (原文).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// The printed place of that sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
    /// How many no earlier condition has put out.
    pub entered: u64,
    /// How many of those fail here for certain.
    pub out: u64,
    /// How many of those are open here.
    pub open: u64,
    /// How many go on to the next condition: `entered - out`.
    pub left: u64,
    /// How many of all enterprises fail this condition for certain, whatever else.
    pub failed: u64,
    /// How many fail this condition for certain and pass every other for certain: this clause alone keeps them out.
    pub alone: u64,
}

/// The enterprises of one region or industry.
#[derive(Clone, Debug, Serialize, PartialEq)]
pub struct Group {
    /// The code; empty where it is not known.
    pub code: String,
    /// Its name.
    pub name: String,
    /// 0 for the top (province, section), 1 below it (district, division), 2 for streets.
    pub level: u8,
    /// How many there are.
    pub enterprises: u64,
    /// How many of them are eligible.
    pub eligible: u64,
    /// How many of them are undetermined.
    pub undetermined: u64,
}

/// What a source came to.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The enterprises.
    pub tally: Tally,
    /// The first faults, in order of file and row.
    pub rejects: Vec<Reject>,
    /// How many rows were rejected in all.
    pub rejected: u64,
}

/// Why an item cannot be asked about.
#[derive(Debug, thiserror::Error)]
#[error("事项 `{item}` 无法编译：{cause}")]
pub struct FindError {
    item: String,
    cause: String,
}

impl Finder {
    /// Makes an item ready. `limit`: how many ids of the eligible, and of the undetermined, are kept at most.
    ///
    /// # Errors
    /// When the item is beyond the budget of the compiler; nobody has a verdict on it then.
    pub fn new(
        item: &Item,
        dictionary: Arc<FactDictionary>,
        as_of: Date,
        limit: usize,
    ) -> Result<Self, FindError> {
        let whole = &item.criteria;
        let conditions: Vec<&Criterion> = match &whole.node {
            Node::All(of) if !of.is_empty() => of.iter().collect(),
            _ => vec![whole],
        };
        let criteria = std::iter::once(whole).chain(conditions.iter().copied());
        let (plan, problems) = BatchPlan::compile(criteria, &dictionary, moment(as_of));
        if let Some(problem) = problems.first() {
            return Err(FindError { item: item.id.clone(), cause: problem.cause.to_string() });
        }
        let conditions = conditions
            .into_iter()
            .map(|criterion| ConditionView {
                text: criterion.text.clone().unwrap_or_else(|| describe(criterion, &dictionary)),
                quote: criterion.quote.clone(),
                article: criterion.article.clone(),
            })
            .collect();
        let item =
            ItemView { id: item.id.clone(), title: item.title.clone(), in_force: item.in_force_on(as_of) };
        Ok(Self { dictionary, plan, item, conditions, as_of, limit })
    }

    /// Decides enterprises one has at hand.
    pub fn tally_profiles(&self, profiles: &[Profile]) -> Tally {
        let ids: Vec<&str> = profiles.iter().map(|profile| profile.id.as_str()).collect();
        self.tally(&FactTable::of(profiles), &ids)
    }

    /// Decides a table of enterprises; `ids` are those of its rows.
    pub fn tally(&self, table: &impl FactRows, ids: &[&str]) -> Tally {
        let mut tally = Tally::new(self.conditions.len(), self.limit);
        let mut scratch = Scratch::default();
        // Nine digits are a street; a section letter and two digits a division.
        let keys = [keys_of(table, REGION, 9), keys_of(table, INDUSTRY, 3)];
        let keys: Vec<Vec<&str>> =
            keys.iter().map(|(names, codes)| named(names, codes, table.len())).collect();
        for (at, block) in self.plan.blocks(table, &self.dictionary).enumerate() {
            let verdicts = self.plan.verdicts(&block, &mut scratch);
            let rails = |place: usize| -> (&RowBits, &RowBits) {
                (verdicts.certain(place), verdicts.possible(place))
            };
            let parts: Vec<_> = (1..=self.conditions.len()).map(rails).collect();
            let rows = at * BLOCK_ROWS..(at * BLOCK_ROWS + block.len());
            let of = |place: usize| -> &[&str] {
                keys.get(place).and_then(|keys| keys.get(rows.clone())).unwrap_or_default()
            };
            tally.take(ids.get(rows.clone()).unwrap_or_default(), [of(0), of(1)], rails(0), &parts);
        }
        tally
    }

    /// As [`Finder::over`], of a store: just the columns that the item asks about are read.
    ///
    /// # Errors
    /// When the store is damaged.
    pub fn over_store(&self, store: &Store, progress: &dyn Progress) -> Result<Tally, TableError> {
        let none = || Tally::new(self.conditions.len(), self.limit);
        let chunk = |chunk: usize| {
            let table = store.table(chunk)?;
            let tally = self.tally(&table, &table.ids());
            table.sound()?;
            progress.rows(table.len() as u64);
            Ok(tally)
        };
        (0..store.chunk_count()).into_par_iter().map(chunk).try_reduce(none, |a, b| Ok(a.merge(b)))
    }

    /// As [`Finder::over`], of the enterprises of a finished run.
    ///
    /// # Errors
    /// When what the run left is damaged.
    pub fn over_run(&self, run: &RunEnterprises, progress: &dyn Progress) -> Result<Tally, PushError> {
        let tallies = run.each(|table, ids| {
            let tally = self.tally(table, ids);
            progress.rows(ids.len() as u64);
            tally
        })?;
        Ok(tallies.into_iter().fold(Tally::new(self.conditions.len(), self.limit), Tally::merge))
    }

    /// Asks about every enterprise of a source, its chunks on many threads.
    ///
    /// # Errors
    /// When the source cannot be read on, or is no longer what it was when it was opened.
    pub fn over<S: Source>(&self, source: &S, progress: &dyn Progress) -> Result<Found, TableError> {
        let none = || Found { tally: Tally::new(self.conditions.len(), self.limit), ..Found::default() };
        let found = source
            .chunks()
            .par_bridge()
            .map(|chunk| {
                let rows = source.read(&chunk?)?;
                progress.rows(rows.sound.len() as u64 + rows.rejected);
                let ids: Vec<&str> = rows.sound.iter().map(|row| row.id.as_str()).collect();
                let tally = self.tally(&rows.table, &ids);
                Ok(Found { tally, rejects: rows.rejects, rejected: rows.rejected })
            })
            .try_reduce(none, |mut a, mut b| {
                a.rejects.append(&mut b.rejects);
                a.rejects.sort();
                a.rejects.truncate(SHOWN);
                let tally = a.tally.merge(b.tally);
                Ok(Found { tally, rejects: a.rejects, rejected: a.rejected + b.rejected })
            })?;
        source.unchanged()?;
        Ok(found)
    }

    /// What the tallies of all chunks come to.
    pub fn report(&self, mut tally: Tally) -> FindReport {
        let repeated = tally.repeated();
        let mut entered = tally.enterprises;
        let funnel = self
            .conditions
            .iter()
            .zip(&tally.steps)
            .map(|(condition, step)| {
                let left = entered - step.out;
                let row = FunnelStep {
                    text: condition.text.clone(),
                    quote: condition.quote.clone(),
                    article: condition.article.clone(),
                    entered,
                    out: step.out,
                    open: step.open,
                    left,
                    failed: step.failed,
                    alone: step.alone,
                };
                entered = left;
                row
            })
            .collect();
        FindReport {
            item: self.item.id.clone(),
            title: self.item.title.clone(),
            as_of: self.as_of,
            in_force: self.item.in_force,
            enterprises: tally.enterprises,
            repeated,
            eligible: tally.eligible,
            undetermined: tally.undetermined,
            ineligible: tally.enterprises - tally.eligible - tally.undetermined,
            almost: tally.steps.iter().map(|step| step.alone).sum(),
            together: entered - tally.eligible - tally.undetermined,
            funnel,
            by_region: grouped(&tally.regions, CodeSystem::Region, &[2, 6, 9]),
            by_industry: grouped(&tally.industries, CodeSystem::Industry, &[1, 3]),
            eligible_ids: tally.eligible_ids.into_iter().collect(),
            undetermined_ids: tally.undetermined_ids.into_iter().collect(),
        }
    }
}

/// The beginnings, `longest` characters at most, of what stands under a code fact: by code of the table, and the codes.
fn keys_of<'t>(table: &'t impl FactRows, fact: &str, longest: usize) -> (Vec<String>, &'t [u32]) {
    let Some(column) = table.column(&ProfileKey::Fact(fact.to_owned(), None)) else {
        return (Vec::new(), &[]);
    };
    let name = |held: &HeldValue| {
        let text = match held {
            HeldValue::Value(Known::Exactly(Value::Code(code))) => code.key(),
            _ => "",
        };
        text.chars().take(longest).collect()
    };
    let names = std::iter::once(String::new()).chain(column.values.iter().map(name));
    (names.collect(), &column.codes)
}

/// The key of each row.
fn named<'n>(names: &'n [String], codes: &[u32], rows: usize) -> Vec<&'n str> {
    let name = |row: usize| {
        let code = codes.get(row).map_or(0, |code| *code as usize);
        names.get(code).map_or("", String::as_str)
    };
    (0..rows).map(name).collect()
}

/// Groups of every level from counts by the longest keys. `ends`: how long a key of each level is.
fn grouped(counts: &BTreeMap<String, [u64; 3]>, system: CodeSystem, ends: &[usize]) -> Vec<Group> {
    let mut groups: BTreeMap<&str, (u8, [u64; 3])> = BTreeMap::new();
    for (key, counts) in counts {
        let mut counted = false;
        for (level, end) in (0u8..).zip(ends) {
            let Some(part) = key.get(..*end) else { break };
            add(&mut groups.entry(part).or_insert((level, [0; 3])).1, counts);
            counted = true;
        }
        if !counted {
            add(&mut groups.entry("").or_insert((0, [0; 3])).1, counts);
        }
    }
    let group = |(key, (level, counts)): (&str, (u8, [u64; 3]))| {
        let code = if system == CodeSystem::Region && key.len() == 2 {
            format!("{key}0000")
        } else {
            key.to_owned()
        };
        let code = Code::parse(&code, system);
        let [enterprises, eligible, undetermined] = counts;
        Group {
            name: code.as_ref().map_or_else(
                || "未知".to_owned(),
                |code| names(system).name(code).map_or_else(|| code.to_string(), str::to_owned),
            ),
            code: code.map(|code| code.to_string()).unwrap_or_default(),
            level,
            enterprises,
            eligible,
            undetermined,
        }
    };
    groups.into_iter().map(group).collect()
}

fn add(to: &mut [u64; 3], counts: &[u64; 3]) {
    for (to, count) in to.iter_mut().zip(counts) {
        *to += count;
    }
}
