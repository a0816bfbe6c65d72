//! Typed formula of an amount (支持标准): a small tree in which every node has a unit.
//!
//! | node | meaning |
//! |---|---|
//! | `200000` | that many yuan |
//! | `{fact: KEY, year/years/take}` | the value of a number fact, selected as in a leaf of criteria |
//! | `{input: 贷款利息, unit: 元}` | the fact of that name or alias; without one, a quantity that no fact holds, 0 or more and unknown |
//! | `{share: 0.3, of: F}` | that share of `F`; with a tax rate as the share and a deduction as `F`, the tax saved |
//! | `{each: 1500, of: F}` | yuan for every unit of the count `F` |
//! | `{brackets: [{up_to: X, rate: R}, …, {rate: R}], of: F, mode: progressive}` | each slice of `F` at its own rate (超额累进) |
//! | `{brackets: [{below: X, yuan: Y}, …, {rate: R}], of: F, mode: whole}` | the row containing `F` applies to all of it (全额) |
//! | `{case: [{when: CRITERION, then: F}, …], else: F}` | the first arm whose condition holds, or 0 without one and `else` |
//! | `{sum: [F, …]}` `{least: [F, …]}` `{greatest: [F, …]}` | 合计, 就低, 就高 |
//! | `{less: [F, G]}` | `F` minus `G`, never below 0 |
//! | `{ceiling: F}` | 不超过, 最高: the office decides, anything from 0 to `F` |
//!
//! Every map except a bracket row may have `at_most` (封顶) and `at_least` (保底), in the unit of the node: a cap on `{fact: KEY}`
//! caps units, one on `{each: …}` caps yuan. A row's end belongs to it with `up_to` and to the next row with `below`; only the
//! last row has neither.

use crate::criterion::{Criterion, When};
use crate::number::Number;

/// Formula of an amount.
#[derive(Clone, Debug, PartialEq)]
pub enum Formula {
    /// Fixed amount in yuan.
    Yuan(Number),
    /// Value of a fact or of a named input.
    Quantity(Quantity),
    /// Share of an amount.
    Share {
        /// Rate of the share; not negative.
        rate: Number,
        /// Amount in yuan that the rate applies to.
        of: Box<Formula>,
    },
    /// Yuan for every unit of a count.
    Each {
        /// Yuan per unit; not negative.
        yuan: Number,
        /// Number of units.
        of: Box<Formula>,
    },
    /// Step table over a quantity.
    Brackets {
        /// Quantity.
        of: Box<Formula>,
        /// Application of the rows: to slices, or one row to the whole.
        mode: BracketMode,
        /// Rows by ascending end; the last has none.
        rows: Vec<Bracket>,
    },
    /// Tiers chosen by conditions.
    Case {
        /// Arms, in order.
        arms: Vec<Tier>,
        /// Amount if no arm's condition holds.
        otherwise: Box<Formula>,
        /// Condition that holds if no arm's does.
        otherwise_when: Criterion,
    },
    /// 合计.
    Sum(Vec<Formula>),
    /// 就低; at least one formula.
    Min(Vec<Formula>),
    /// 就高; at least one formula.
    Max(Vec<Formula>),
    /// First minus second, never below 0.
    Difference(Box<Formula>, Box<Formula>),
    /// Any amount from 0 to this, as the office decides (不超过).
    UpTo(Box<Formula>),
    /// Formula limited by two bounds.
    Bounded {
        /// Limited formula.
        of: Box<Formula>,
        /// 保底.
        at_least: Option<Number>,
        /// 封顶.
        at_most: Option<Number>,
    },
}

/// Quantity as input of a formula.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// Number fact of the dictionary.
    Fact {
        /// Key of the fact.
        key: String,
        /// Selected value.
        when: When,
    },
    /// Quantity that no fact holds; 0 or more.
    Input {
        /// Chinese name.
        name: String,
    },
}

/// Application of a step table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BracketMode {
    /// Each slice at the rate of its row (超额累进).
    Progressive,
    /// One row for the whole quantity: the one that contains it (全额).
    Whole,
}

/// Row of a step table.
#[derive(Clone, Debug, PartialEq)]
pub struct Bracket {
    /// End of the row; `None` for the last.
    pub end: Option<Number>,
    /// True if the end belongs to this row (`up_to`), false if it belongs to the next (`below`).
    pub inclusive: bool,
    /// Payment of the row.
    pub pays: Pays,
}

/// Payment of a row of a step table.
#[derive(Clone, Debug, PartialEq)]
pub enum Pays {
    /// Share of the quantity, or of its slice.
    Rate(Number),
    /// Fixed amount in yuan; in [`BracketMode::Whole`] only.
    Yuan(Number),
}

/// Arm of a [`Formula::Case`].
#[derive(Clone, Debug, PartialEq)]
pub struct Tier {
    /// Condition that selects this arm.
    pub when: Criterion,
    /// Amount if it is selected.
    pub then: Formula,
    /// Condition that holds if this arm is selected: `when` holds and no earlier one. Decided as one criterion, so that arms with
    /// a common fact are distinguished exactly.
    pub selected: Criterion,
}

/// Unit of a formula's value.
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
