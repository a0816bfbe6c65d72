//! The tests of `zhaoren-push`, in one binary: linking one is a fraction of linking each by itself.

mod doubts;
mod find;
mod holdings;
mod hostile;
mod incremental;
mod list_words;
mod long;
mod run;
mod store;
mod synth;
mod tables;
