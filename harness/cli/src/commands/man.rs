//! `wardgate man`: one page that holds every command, from the same definitions as the command line.

use std::io;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::{
    args::Cli,
    exit::{Failure, Outcome, PASSED},
    print,
};

/// Runs `wardgate man`.
pub fn run() -> Outcome {
    let page = page().map_err(|error| {
        Failure::could_not_run(format!("the man page cannot be written: {error}"))
    })?;
    print::bytes(&page);
    Ok(PASSED)
}

fn page() -> io::Result<Vec<u8>> {
    let mut whole = Cli::command();
    // So that every command knows its full name.
    whole.build();
    let mut page = Vec::new();
    let man = Man::new(whole.clone());
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    for command in whole.get_subcommands() {
        sections(command, &mut page)?;
    }
    man.render_extra_section(&mut page)?;
    man.render_version_section(&mut page)?;
    let page = String::from_utf8_lossy(&page).replace("EXTRA", "NOTES");
    Ok(page.into_bytes())
}

/// A section for a command that does something, or for each of those under it.
fn sections(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    if command.get_name() == "help" {
        return Ok(());
    }
    if command.has_subcommands() {
        return command
            .get_subcommands()
            .try_for_each(|below| sections(below, page));
    }
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let man = Man::new(command.clone().disable_version_flag(true));
    let mut own = Vec::new();
    man.render_synopsis_section(&mut own)?;
    man.render_description_section(&mut own)?;
    man.render_options_section(&mut own)?;
    man.render_extra_section(&mut own)?;
    let own = String::from_utf8_lossy(&own).replace(".SH ", ".SS ");
    page.extend(format!(".SH {}\n{own}", name.to_uppercase()).bytes());
    Ok(())
}
