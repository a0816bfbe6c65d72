//! Synthetic city (合成样例): enterprises and items made from a seed and marked as synthetic.
//!
//! [`Synth::enterprise`] is a pure function of the seed and a number, so a city of any size needs no memory, can be made on any
//! number of threads, and has the same bytes every time. The distributions are in `seeds/synth/marginals.yaml`; nothing there or
//! here is a statistic of a real city. Ids have the form of a 统一社会信用代码 but a registrar's division that does not exist, names
//! begin with 合成样例企业, every row says `synthetic`, and every item says so in its review.

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

use std::ops::Range;

use jiff::civil::Date;
use zhaoren_policy::fact::{FactDictionary, Period};

use fields::Column;
use marginals::Marginals;
use unknown::UnknownShares;

pub use enterprise::{SynthCell, SynthEnterprise};
pub use id::id_of;
pub use items::write_items;
pub use write::write_enterprises;

/// Options of a synthetic city.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SynthOptions {
    /// Number of enterprises: at most 31 to the power 8, the number of possible ids.
    pub enterprises: u64,
    /// Number of items.
    pub items: u32,
    /// Random seed: another seed gives another city of the same kind.
    pub seed: u64,
    /// Share of unknown values, from 0 to 1; `None` uses the marginals. Values that cannot exist, such as the revenue of a year
    /// before the enterprise was founded, are absent regardless of this share.
    pub unknown: Option<f64>,
}

impl Default for SynthOptions {
    fn default() -> Self {
        Self { enterprises: 10_000, items: 1_000, seed: 1, unknown: None }
    }
}

/// Reasons why a city cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SynthError {
    /// The marginals cannot be read: position and expected content.
    #[error("seeds/synth/marginals.yaml：{0}：{1}")]
    Marginals(String, String),
    /// The dictionary lacks a fact of the city, or defines it with another type.
    #[error("指标字典里没有合成样例要用的指标 `{0}`，或类型不同")]
    Fact(String),
    /// An option is out of bounds.
    #[error("{0}")]
    Option(&'static str),
}

/// Maximum number of enterprises: the number of possible ids.
const MAX_ENTERPRISES: u64 = 31_u64.pow(8);

/// Generator of a synthetic city.
#[derive(Clone, Debug)]
pub struct Synth {
    options: SynthOptions,
    marginals: Marginals,
    columns: Vec<Column>,
    unknown_shares: UnknownShares,
}

impl Synth {
    /// Enterprises with these numbers.
    pub(crate) fn enterprises(&self, numbers: Range<u64>) -> impl Iterator<Item = SynthEnterprise<'_>> {
        numbers.map(|number| self.enterprise(number))
    }

    /// Creates the generator of a city with these options, for the facts of `dictionary`.
    ///
    /// # Errors
    /// An option is out of bounds, or the dictionary lacks a fact that the city needs or defines it differently.
    pub fn new(options: SynthOptions, dictionary: &FactDictionary) -> Result<Self, SynthError> {
        if options.enterprises > MAX_ENTERPRISES {
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
        let lacking = UnknownShares::new(&marginals, &columns, options.unknown);
        Ok(Self { options, marginals, columns, unknown_shares: lacking })
    }

    /// Options of the city.
    pub fn options(&self) -> SynthOptions {
        self.options
    }

    /// Date of the city's register. The year before it is the last full year with figures.
    pub fn day(&self) -> Date {
        self.marginals.day
    }

    /// Headers of the fact columns, in order: `employees`, `revenue.2025`.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.header.as_str())
    }
}
