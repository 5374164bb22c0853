//! `byref man`: the manual, as one page or as a page for each command.

use std::path::Path;

use clap::CommandFactory as _;
use clap_mangen::Man;

use crate::args::Arguments;
use crate::failure::{Failure, Outcome};
use crate::output::write_bytes;
use crate::write::{Policy, write};

pub(crate) fn run(output_dir: Option<&Path>) -> Result<Outcome, Failure> {
    let Some(folder) = output_dir else {
        write_bytes(&page(&Man::new(Arguments::command()))?)?;
        return Ok(Outcome::Done);
    };
    let mut root = Arguments::command().disable_help_subcommand(true);
    root.build();
    let mut waiting = vec![root];
    while let Some(command) = waiting.pop() {
        waiting.extend(
            command
                .get_subcommands()
                .filter(|subcommand| !subcommand.is_hide_set())
                .cloned(),
        );
        let man = Man::new(command);
        write(
            &folder.join(man.get_filename()),
            &page(&man)?,
            Policy::Output,
        )?;
    }
    Ok(Outcome::Done)
}

fn page(man: &Man) -> Result<String, Failure> {
    let mut page = Vec::new();
    man.render(&mut page).map_err(Failure::Output)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}
