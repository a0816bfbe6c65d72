//! The tests of `zhaoren-policy`, in one binary: linking one is a fraction of linking each by itself.

mod amount;
mod canonical;
mod canonical_faults;
mod derived;
mod derived_open;
mod examples;
mod growth;
mod records;
mod stacking;
