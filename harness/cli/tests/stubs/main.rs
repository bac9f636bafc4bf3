//! `wardgate stubs up` as its users run it: a process, its ports, its files, its signals.

mod clearinghouse;
mod clients;
mod dataset;
mod lifetime;
mod process;
mod readme;
mod traffic;
