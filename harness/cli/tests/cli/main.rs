//! The `wardgate` binary as its users meet it: pages, exit codes, files, signals.

#[path = "../../src/args.rs"]
mod args;
#[path = "../common/mod.rs"]
mod common;

mod contract;
mod pages;
mod usage;
mod verify;
