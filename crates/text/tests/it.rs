//! The tests of `zhaoren-text`, in one binary: linking one is a fraction of linking each by itself.

mod growth;
mod policies;
mod properties;
mod seed;
