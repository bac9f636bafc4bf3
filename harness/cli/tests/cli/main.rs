//! The `wardgate` binary as its users meet it: pages, exit codes, files, signals.

#[path = "../../src/args.rs"]
mod args;
#[path = "../common/mod.rs"]
mod common;

mod candidate;
mod clearinghouse;
mod contract;
mod dataset;
mod documents;
mod draft;
mod hub;
mod interrupt;
mod keep;
mod merge;
mod pages;
mod property;
mod replay;
mod results;
mod selection;
mod streams;
mod usage;
mod verify;
