//! Domain of `zhaoren`: facts, profiles, documents, items, criteria, verdicts, calendar rules and derived facts.
//!
//! Everything here is data and pure functions. Nothing does I/O, reads the clock or logs; the evaluation date (判定日) is always an
//! argument.
//!
//! The input is text: [`syntax`] reads it into positioned nodes, [`profile`], [`item`] and [`fact::FactDictionary`] read those
//! into types and name every [`problem`]. A [`view::View`] then gives the knowledge about an enterprise on a day, derived facts
//! included.

#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod calendar;
pub mod clause;
pub mod code;
pub mod criterion;
mod derive;
pub mod document;
pub mod evidence;
pub mod fact;
pub mod id;
pub mod item;
pub mod limits;
pub mod number;
pub mod problem;
pub mod profile;
pub mod syntax;
pub mod verdict;
pub mod view;
pub mod warning;
