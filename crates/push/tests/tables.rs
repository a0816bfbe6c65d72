//! Tables of enterprises: every format, every type, and every fault of a row.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it saw"
)]

#[path = "tables/arrow.rs"]
mod arrow_types;
#[path = "tables/bench.rs"]
mod bench;
#[path = "tables/book.rs"]
pub(crate) mod book;
#[path = "tables/damage.rs"]
mod damage;
#[path = "tables/forms.rs"]
mod forms;
#[path = "tables/map.rs"]
mod map;
#[path = "tables/mapping.rs"]
mod mapping;
#[path = "tables/offices.rs"]
mod offices;
#[path = "tables/records.rs"]
mod records;
