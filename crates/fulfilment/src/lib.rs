//! From a verdict to the money on the account (兑付): what has to be proven before an automatic support (免申即享) is paid, how
//! long each office has, what became of each offer, who visits which enterprise, and who was never told.
//!
//! Nothing here does I/O or reads a clock: statements, events and the day are arguments, and every answer can be made again from
//! them. A verdict comes from `zhaoren_matcher` alone; this crate decides which facts may be used for it, never what a criterion
//! means.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod case;
pub mod clock;
pub mod coverage;
pub mod gate;
pub mod proof;
pub mod readiness;
pub mod refusal;
pub mod workday;
pub mod worklist;
