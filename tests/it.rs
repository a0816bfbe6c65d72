//! The tests of the program as a whole, in one binary: linking one is a fraction of linking each by itself.

mod serving;

mod cli;
mod console;
mod deploy;
mod disk;
mod enterprises;
mod eval_search;
mod evidence;
mod http;
mod index;
mod kill;
mod licences;
mod messages;
mod pages;
mod push;
mod receipts;
mod records;
mod searching;
mod synth;
mod tidy;
mod tutorials;
