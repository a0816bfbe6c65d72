//! The tests of `zhaoren-indexer`, in one binary: linking one is a fraction of linking each by itself.

mod asked;
mod catalogue;
mod everyday;
mod filters;
mod generations;
mod incremental;
mod language;
mod phases;
mod policies;
mod relevance;
mod reprints;
mod search;
mod spelling;
mod typed;
