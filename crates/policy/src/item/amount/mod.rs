//! Amounts (支持标准): typed formulas, payment cadence, and the worth to one enterprise.

mod describe;
mod evaluate;
mod formula;
mod interval;
mod narrow;
mod read;
mod valuation;
mod words;
mod worth;

pub use evaluate::Setting;
pub use formula::{Bracket, BracketMode, Formula, Pays, Quantity, Tier};
pub(super) use read::read_formula;
pub(super) use valuation::in_general;
pub use valuation::{Cadence, Valuation};
pub use words::{AmountFact, AmountWords};
pub use worth::{Worth, YuanRange};
