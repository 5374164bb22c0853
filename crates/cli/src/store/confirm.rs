//! The confirmation before a write leaves this machine.

use std::io::{BufRead as _, IsTerminal as _};

use crate::args::store::WriteOptions;
use crate::failure::{Failure, Outcome};
use crate::output::say;

/// The answer of the user.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    Go,
    /// `--dry-run`, or no; with the outcome of the command.
    Stop(Outcome),
}

/// Asks for confirmation, unless `--yes` was given. `must_ask` is false if only a file on this
/// machine changes.
pub(crate) fn confirm(
    options: &WriteOptions,
    must_ask: bool,
    question: &str,
) -> Result<Consent, Failure> {
    if options.dry_run {
        say("nothing was written: this was a dry run\n");
        return Ok(Consent::Stop(Outcome::Stopped));
    }
    if options.yes || !must_ask {
        return Ok(Consent::Go);
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::usage(
            "cannot ask for confirmation without a terminal",
            "pass `--yes`, or preview the change with `--dry-run`",
        ));
    }
    say(&format!("{question} [y/N] "));
    let mut answer = String::new();
    let stdin = std::io::stdin();
    stdin
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::file("read", std::path::Path::new("-"), &error))?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        Ok(Consent::Go)
    } else {
        say("nothing was written\n");
        Ok(Consent::Stop(Outcome::Declined))
    }
}
