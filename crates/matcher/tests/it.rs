//! The tests of `zhaoren-matcher`, in one binary: linking one is a fraction of linking each by itself.

mod world;

mod amounts;
mod bundle;
mod compiled;
mod contract;
mod exact;
mod golden;
mod golden_amounts;
mod growth;
mod nearest;
mod questions;
mod shapes;
mod snapshot;
