//! The tests of `zhaoren-registry`, in one binary: linking one is a fraction of linking each by itself.

#[path = "contract/cluster.rs"]
mod cluster;

mod encrypted;
mod faults;
mod migration;
