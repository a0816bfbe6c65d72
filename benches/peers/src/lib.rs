//! A synthetic world of items and profiles, and alternative matching engines (rivals), compared with ours.
//!
//! [`world`] generates items and profiles; [`atoms`] converts them to numbers, as any fast matcher would; [`rivals`]
//! are the alternatives, [`ours`] is our matcher; [`measure`] verifies every answer before it counts a
//! time. `src/main.rs` documents the usage.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark stops at the first surprise, and reads nothing from outside"
)]

pub mod atoms;
pub mod measure;
pub mod ours;
pub mod rival;
pub mod rivals;
pub mod roaring_city;
pub mod world;
