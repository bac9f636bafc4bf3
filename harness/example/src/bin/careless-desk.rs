//! The registration desk with a defect: a registration that is repeated makes a second patient.

use std::process::ExitCode;

fn main() -> ExitCode {
    wardgate_example::run(wardgate_example::Care::Careless)
}
