//! The `wardgate` binary: arguments in, files and exit codes out.

// `println!` and `eprintln!` panic where nobody reads them; `print` does not.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod args;
mod commands;
mod contracts;
mod diagnostic;
mod exit;
mod files;
mod print;
mod progress;
mod run_folder;
mod run_log;
mod style;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, error::ErrorKind};

use args::{Cli, Command, StubsCommand};

fn main() -> ExitCode {
    // The same binary, run again by the runner, ends candidates when this one was killed.
    wardgate_runner::guard::run_if_asked();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let wanted = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            // Where nothing can be printed there is nobody to tell.
            let _ = error.print();
            return ExitCode::from(if wanted { exit::PASSED } else { exit::USAGE });
        }
    };
    exit::conclude(match cli.command {
        Command::Verify(args) => commands::verify::run(&args),
        Command::Stubs(args) => match args.command {
            StubsCommand::Up(args) => commands::stubs::run(&args),
        },
        Command::Contract(args) => commands::contract::run(args.command),
        Command::Merge(args) => commands::merge::run(&args),
        Command::Replay(args) => commands::replay::run(&args),
        Command::Hub(args) => commands::hub::run(args),
        Command::Dataset(args) => commands::dataset::run(args.command),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "wardgate", &mut script);
            print::bytes(&script);
            Ok(exit::PASSED)
        }
        Command::Man => commands::man::run(),
    })
}
