//! The tests of `zhaoren-reader`, in one binary: linking one is a fraction of linking each by itself.

mod growth;
mod outline;
mod structure;
