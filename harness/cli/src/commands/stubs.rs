//! `wardgate stubs up`: the stubs by themselves.

use crate::{
    args::StubsUpArgs,
    exit::{Failure, Outcome},
};

/// Runs `wardgate stubs up …`.
pub fn run(_args: &StubsUpArgs) -> Outcome {
    Err(Failure::could_not_run("not yet"))
}
