//! A synthetic world of items and profiles, and other ways of matching them, side by side.
//!
//! [`world`] makes items and profiles; [`atoms`] turns them into numbers, as any fast matcher would; [`rivals`]
//! are the peers, [`ours`] is what they are compared with; [`measure`] checks every answer before it counts a
//! time. `src/main.rs` says how to run it.

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
