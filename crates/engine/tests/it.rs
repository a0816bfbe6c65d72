//! The tests of `zhaoren-engine`, in one binary: linking one is a fraction of linking each by itself.

mod attach;
mod district;
mod accepted_facts;
mod documents;
mod drafting;
mod everyday;
mod evidence;
mod explain;
mod facts;
mod hostile;
mod inquiry;
mod machine;
mod overview;
mod queries;
mod records;
mod saved;
mod stored;
mod tenants;
mod unreadable;
mod unwritable;
