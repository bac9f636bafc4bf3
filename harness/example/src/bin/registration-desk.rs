//! The registration desk as a program.

use std::process::ExitCode;

fn main() -> ExitCode {
    wardgate_example::run(wardgate_example::Care::Careful)
}
