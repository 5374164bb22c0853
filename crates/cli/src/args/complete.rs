//! Completion of names from `deploy.toml`, and of rules, in a shell.
//!
//! The scripts of `byref completions` call byref again for each completion. A configuration that is
//! missing or has mistakes completes nothing: a shell has no place for messages. Names that may be
//! a pasted value are not offered.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;

use byref::Project;
use byref_config::shown_name;
use clap::{Command, CommandFactory as _};
use clap_complete::env::Shells;
use clap_complete::{ArgValueCompleter, CompleteEnv, CompletionCandidate, Shell};

use super::Arguments;

/// The variable that makes byref answer a shell instead of running a command.
const VARIABLE: &str = "_BYREF_COMPLETE";

/// Answers a shell's request for completions and exits, if this is one.
pub(crate) fn answer() {
    CompleteEnv::with_factory(command).var(VARIABLE).complete();
}

fn command() -> Command {
    Arguments::command()
}

/// Returns the script that tells a shell how to complete `byref`.
pub(crate) fn script(shell: Shell) -> io::Result<String> {
    let name = shell.to_string();
    let shells = Shells::builtins();
    let completer = shells.completer(&name).ok_or(io::ErrorKind::Unsupported)?;
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, "byref", "byref", "byref", &mut script)?;
    Ok(String::from_utf8_lossy(&script).into_owned())
}

pub(crate) fn apps() -> ArgValueCompleter {
    completer(|project| project.config().apps.keys().cloned().collect())
}

pub(crate) fn environments() -> ArgValueCompleter {
    completer(|project| project.config().environments.keys().cloned().collect())
}

pub(crate) fn regions() -> ArgValueCompleter {
    completer(|project| {
        let environments = project.config().environments.values();
        environments
            .flat_map(|environment| &environment.regions)
            .map(ToString::to_string)
            .collect()
    })
}

/// The names of secret lines, of all applications.
pub(crate) fn secrets() -> ArgValueCompleter {
    completer(|project| {
        let lines = project
            .config()
            .apps
            .values()
            .flat_map(|app| app.secrets(None));
        lines.map(|line| line.name.clone()).collect()
    })
}

pub(crate) fn rules() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| {
        candidates(
            &byref_lint::RULES
                .iter()
                .map(|rule| rule.id.to_owned())
                .collect(),
            current,
        )
    })
}

fn completer(names: fn(&Project) -> BTreeSet<String>) -> ArgValueCompleter {
    ArgValueCompleter::new(move |current: &OsStr| {
        let project = crate::project::discover()
            .ok()
            .and_then(|path| Project::load(&path).ok());
        project
            .map(|project| candidates(&names(&project), current))
            .unwrap_or_default()
    })
}

/// Returns the names that begin with the typed text. In a list, which has commas, the text after
/// the last one counts.
fn candidates(names: &BTreeSet<String>, current: &OsStr) -> Vec<CompletionCandidate> {
    let current = current.to_string_lossy();
    let (before, current) = current
        .rfind(',')
        .map_or(("", &*current), |comma| current.split_at(comma + 1));
    let is_offered = |name: &String| name.starts_with(current) && shown_name(name) == name.as_str();
    names
        .iter()
        .filter(|name| is_offered(name))
        .map(|name| CompletionCandidate::new(format!("{before}{name}")))
        .collect()
}
