//! The tests of `zhaoren-server`, in one binary: linking one is a fraction of linking each by itself.

mod asking;

mod access;
mod api;
mod bodies;
mod exact;
mod isolation;
mod limits;
mod messages;
mod oidc;
mod openapi;
mod pages;
mod records;
