//! A synthetic city (合成样例): enterprises and items made from a seed, marked as such.
//!
//! [`Synth::enterprise`] is a pure function of the seed and a number, so a city of any size needs no memory, can be made on
//! any number of threads, and is the same bytes every time. What enterprises and items are like stands in
//! `seeds/synth/marginals.yaml`; nothing there or here is a statistic of a real city. Ids have the form of a
//! 统一社会信用代码 but a registrar's division that does not exist, names begin with 合成样例企业, every row says
//! `synthetic`, and every item says so in its review.

mod clauses;
mod dice;
mod enterprise;
mod fields;
mod figures;
mod id;
mod items;
mod lines;
mod marginals;
mod parquet;
mod unknown;
mod write;

use jiff::civil::Date;
use zhaoren_policy::fact::{FactDictionary, Period};

use fields::Column;
use marginals::Marginals;
use unknown::Lacking;

pub use enterprise::{SynthCell, SynthEnterprise};
pub use id::id_of;
pub use items::write_items;
pub use write::write_enterprises;

/// What city is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SynthOptions {
    /// How many enterprises: at most 31 to the power 8, what their ids can count.
    pub enterprises: u64,
    /// How many items.
    pub items: u32,
    /// Another seed gives another city of the same kind.
    pub seed: u64,
    /// The share of what enterprises could say that is unknown, from 0 to 1; `None` is what the marginals say. What an
    /// enterprise cannot have, such as the revenue of a year before it was founded, is absent whatever stands here.
    pub unknown: Option<f64>,
}

impl Default for SynthOptions {
    fn default() -> Self {
        Self { enterprises: 10_000, items: 1_000, seed: 1, unknown: None }
    }
}

/// Why there is no city.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SynthError {
    /// The marginals cannot be read: where, and what was expected.
    #[error("seeds/synth/marginals.yaml：{0}：{1}")]
    Marginals(String, String),
    /// The dictionary lacks a fact that the city has, or has it as another kind.
    #[error("指标字典里没有合成样例要用的指标 `{0}`，或类型不同")]
    Fact(String),
    /// An option is out of bounds.
    #[error("{0}")]
    Option(&'static str),
}

/// More enterprises than ids can count.
const MOST: u64 = 31_u64.pow(8);

/// A city in the making.
#[derive(Clone, Debug)]
pub struct Synth {
    options: SynthOptions,
    marginals: Marginals,
    columns: Vec<Column>,
    lacking: Lacking,
}

impl Synth {
    /// The city of `options`, in the words of `dictionary`.
    ///
    /// # Errors
    /// An option out of bounds, or a fact that the dictionary does not have as the city needs it.
    pub fn new(options: SynthOptions, dictionary: &FactDictionary) -> Result<Self, SynthError> {
        if options.enterprises > MOST {
            return Err(SynthError::Option("企业太多：编号最多 31 的 8 次方家"));
        }
        if options.unknown.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return Err(SynthError::Option("未知比例应在 0 到 1 之间"));
        }
        for field in fields::FIELDS {
            let yearly = field.years != fields::Years::Current;
            let fits = dictionary
                .get(field.key)
                .is_some_and(|fact| fact.kind == field.kind && (fact.period == Period::Year) == yearly);
            if !fits {
                return Err(SynthError::Fact(field.key.to_owned()));
            }
        }
        let marginals = Marginals::built_in()?;
        let columns = fields::columns(marginals.day.year() - 1);
        let lacking = Lacking::new(&marginals, &columns, options.unknown);
        Ok(Self { options, marginals, columns, lacking })
    }

    /// What city this is.
    pub fn options(&self) -> SynthOptions {
        self.options
    }

    /// The day that the register of the city shows. The year before it is the last full year of which figures are
    /// given.
    pub fn day(&self) -> Date {
        self.marginals.day
    }

    /// The headers of the columns of facts, in order: `employees`, `revenue.2025`.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.header.as_str())
    }
}
