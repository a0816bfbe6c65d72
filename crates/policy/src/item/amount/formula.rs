//! The typed formula of an amount (支持标准): a small tree, every node of one unit.
//!
//! | node | means |
//! |---|---|
//! | `200000` | that many yuan |
//! | `{fact: KEY, year/years/take}` | the value of a number fact, named as a leaf of criteria names it |
//! | `{input: 贷款利息, unit: 元}` | a quantity that no fact holds (项目核定投资); 0 or more, unknown until it is given |
//! | `{share: 0.3, of: F}` | that share of `F`; with a tax rate as the share and a deduction as `F`, the tax saved |
//! | `{each: 1500, of: F}` | yuan for every unit of the count `F` |
//! | `{brackets: [{up_to: X, rate: R}, …, {rate: R}], of: F, mode: progressive}` | each slice of `F` at its own rate (超额累进) |
//! | `{brackets: [{below: X, yuan: Y}, …, {rate: R}], of: F, mode: whole}` | the row that `F` lies in decides for all of it (全额) |
//! | `{case: [{when: CRITERION, then: F}, …], else: F}` | the first arm whose condition holds; none and no `else`: 0 |
//! | `{sum: [F, …]}` `{least: [F, …]}` `{greatest: [F, …]}` | 合计, 就低, 就高 |
//! | `{less: [F, G]}` | `F` without `G`, never below 0 |
//! | `{ceiling: F}` | 不超过, 最高: the office decides, anything from 0 to `F` |
//!
//! Every map but a bracket row may carry `at_most` (封顶) and `at_least` (保底), in the unit of the node: a cap
//! on `{fact: KEY}` caps units, one on `{each: …}` caps yuan. A row's end belongs to it with `up_to` and to the
//! next row with `below`; only the last row has neither.

use crate::criterion::{Criterion, When};
use crate::number::Number;

/// How an amount is computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Formula {
    /// So many yuan.
    Yuan(Number),
    /// The value of a fact or of a named input.
    Quantity(Quantity),
    /// A share of an amount.
    Share {
        /// The share; not negative.
        rate: Number,
        /// What it is a share of, in yuan.
        of: Box<Formula>,
    },
    /// Yuan for every unit.
    Each {
        /// Yuan per unit; not negative.
        yuan: Number,
        /// How many units.
        of: Box<Formula>,
    },
    /// A step table over a quantity.
    Brackets {
        /// The quantity.
        of: Box<Formula>,
        /// Whether each slice counts at its own rate, or one row for the whole.
        mode: BracketMode,
        /// Rows by rising end; the last has none.
        rows: Vec<Bracket>,
    },
    /// Tiers chosen by conditions.
    Case {
        /// The arms, in order.
        arms: Vec<Tier>,
        /// What is paid when no arm's condition holds.
        otherwise: Box<Formula>,
        /// Holds when no arm's condition does.
        unreached: Criterion,
    },
    /// 合计.
    Sum(Vec<Formula>),
    /// 就低; at least one.
    Least(Vec<Formula>),
    /// 就高; at least one.
    Greatest(Vec<Formula>),
    /// The first without the second, never below 0.
    Less(Box<Formula>, Box<Formula>),
    /// Anything from 0 to this, as the office decides (不超过).
    Ceiling(Box<Formula>),
    /// Held between two bounds.
    Bounded {
        /// What is held.
        of: Box<Formula>,
        /// 保底.
        at_least: Option<Number>,
        /// 封顶.
        at_most: Option<Number>,
    },
}

/// A value that a formula starts from.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// A number fact of the dictionary.
    Fact {
        /// Its key.
        key: String,
        /// Which value of it.
        when: When,
    },
    /// What no fact holds; 0 or more.
    Input {
        /// What people call it.
        name: String,
    },
}

/// How a step table applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BracketMode {
    /// Each slice at the rate of its row (超额累进).
    Progressive,
    /// The row the quantity lies in, for all of it (全额).
    Whole,
}

/// A row of a step table.
#[derive(Clone, Debug, PartialEq)]
pub struct Bracket {
    /// Where the row ends; `None` for the last.
    pub end: Option<Number>,
    /// Whether the end itself still lies in the row (`up_to`) or in the next (`below`).
    pub inclusive: bool,
    /// What the row gives.
    pub pays: Pays,
}

/// What a row of a step table gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Pays {
    /// A share of the quantity, or of its slice.
    Rate(Number),
    /// A fixed sum of yuan; in [`BracketMode::Whole`] only.
    Yuan(Number),
}

/// An arm of a [`Formula::Case`].
#[derive(Clone, Debug, PartialEq)]
pub struct Tier {
    /// Whether this arm decides.
    pub when: Criterion,
    /// What is then paid.
    pub then: Formula,
    /// Holds when this arm decides: `when` does and no earlier one. Decided as one criterion, so that arms
    /// that share a fact are told apart exactly.
    pub reached: Criterion,
}

/// What a formula's value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Yuan.
    Yuan,
    /// People, projects, months.
    Count,
}

impl Unit {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Yuan => "an amount of yuan",
            Self::Count => "a count",
        }
    }
}
