//! The nightly push (每晚推送): tables of enterprises in, lists of who should hear of what out.
//!
//! This is the only crate that knows Arrow. Tables come in through [`table`], which gives profiles and rejected rows;
//! [`find`] turns the question round and asks who qualifies for one item; [`synth`] makes a city to test on. Nothing
//! here reads the clock.

pub mod find;
pub mod synth;
pub mod table;
