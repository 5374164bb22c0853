//! `byref exec`

use std::process::Command;

use byref_parameter::SecretValue;

use crate::args::Common;
use crate::args::deploy::Exec;
use crate::failure::{Failure, Outcome};
use crate::hardened::Hardened;
use crate::output::note;
use crate::store::{Progress, Stores, block_on};
use byref::listed;
use byref::secrets::LineValues;

/// Starts the command in the place of this process. On Unix it does not return, but for a failure.
pub(crate) fn run(common: &Common, options: &Exec, hardened: Hardened) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let targets = options.place.targets(&project)?;
    targets.require_app()?;
    let stores = Stores::to_read(&options.place.store);
    let LineValues {
        lines,
        in_secrets_manager,
    } = block_on(async {
        let store = stores.open(targets.environment(), &Progress::hidden())?;
        Ok(LineValues::read(&store, &targets).await?)
    })?;
    // The store's lock is not the command's.
    drop(stores);
    let mut missing = in_secrets_manager;
    missing.extend(
        lines
            .iter()
            .filter(|line| line.value.is_none())
            .map(|line| line.name.clone()),
    );
    if !missing.is_empty() {
        let message = format!("no value for {}", listed(missing));
        if options.strict {
            return Err(Failure::usage(
                message,
                "create them with `byref secret put`, or leave `--strict` out",
            ));
        }
        note(common, &format!("{message}: the command runs without"));
    }
    let secrets: Vec<(String, SecretValue)> = lines
        .into_iter()
        .filter_map(|line| line.value.map(|value| (line.name, value)))
        .collect();
    let taken: Vec<String> = secrets
        .iter()
        .map(|(name, _)| name)
        .filter(|name| std::env::var_os(name).is_some())
        .cloned()
        .collect();
    if options.strict && !options.pristine && !taken.is_empty() {
        return Err(Failure::usage(
            format!("the environment has {} already", listed(taken)),
            "unset them, pass `--pristine`, or leave `--strict` out",
        ));
    }
    hardened.restore();
    start(options, &secrets)
}

fn start(options: &Exec, secrets: &[(String, SecretValue)]) -> Result<Outcome, Failure> {
    let (program, arguments) = options
        .command
        .split_first()
        .ok_or_else(|| Failure::usage("there is no command", "write it behind `--`"))?;
    let mut command = Command::new(program);
    command.args(arguments);
    if options.pristine {
        command.env_clear();
    } else {
        // The command does not get the key of the store.
        command.env_remove("BYREF_STORE_KEY_FILE");
    }
    for (name, value) in secrets {
        command.env(name, value.expose());
    }
    replace(&mut command, &program.to_string_lossy())
}

#[cfg(unix)]
fn replace(command: &mut Command, program: &str) -> Result<Outcome, Failure> {
    use std::os::unix::process::CommandExt as _;
    Err(not_started(program, &command.exec()))
}

#[cfg(not(unix))]
fn replace(command: &mut Command, program: &str) -> Result<Outcome, Failure> {
    let status = command
        .status()
        .map_err(|error| not_started(program, &error))?;
    std::process::exit(status.code().unwrap_or(1))
}

/// Errors of the system name no variables.
fn not_started(program: &str, error: &std::io::Error) -> Failure {
    let help = match error.kind() {
        std::io::ErrorKind::NotFound => "check its name, and `PATH`",
        std::io::ErrorKind::PermissionDenied => "make it executable",
        _ => "run it without byref to see what it needs",
    };
    Failure::usage(format!("cannot run `{program}`: {error}"), help)
}
