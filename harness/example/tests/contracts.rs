//! Each case of the contracts as a test of its own.
//!
//! `cargo test -p wardgate-example --test contracts -- --list` shows their names; `--exact NAME` runs one.

use std::process::ExitCode;

fn main() -> ExitCode {
    wardgate_testkit::suite("contracts")
        .candidate("candidate.toml")
        .program(env!("CARGO_BIN_EXE_registration-desk"))
        .run()
}
