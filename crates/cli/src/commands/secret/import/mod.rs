//! `byref secret import`

mod compose;
mod dotenv;
mod json;

use std::path::Path;

use byref_config::{derived_key, looks_pasted, shown_name, toml_key, toml_string};
use byref_parameter::SecretValue;
use zeroize::Zeroizing;

use super::put::plain_desire;
use crate::args::Common;
use crate::args::secret::{Import, ImportFormat};
use crate::failure::{Failure, Outcome};
use crate::output::{note, say};
use crate::read::{Input, read_text};
use crate::store::{Conflicts, Progress, Stores, Targets, Writing, block_on};
use byref::listed;
use byref::render::escape::one_line;

/// A name with its value, as a file gives it.
pub(crate) struct Imported {
    pub(crate) name: String,
    pub(crate) value: SecretValue,
}

/// Why a file can't be read; never with its text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// From 1; 0 where no line can be told.
    line: usize,
    problem: String,
}

impl Mistake {
    fn new(line: usize, problem: impl Into<String>) -> Self {
        Self { line, problem: problem.into() }
    }
}

/// What a file holds, and what of it is passed over, with the reason.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) secrets: Vec<Imported>,
    pub(crate) passed_over: Vec<String>,
}

pub(crate) fn run(common: &Common, options: &Import) -> Result<Outcome, Failure> {
    let text = Zeroizing::new(read_text(&options.file, Input::Import)?);
    let format = match options.format {
        Some(format) => format,
        None => by_name(&options.file)?,
    };
    let contents = match format {
        ImportFormat::Dotenv => dotenv::parse(&text),
        ImportFormat::Json => json::parse(&text),
        ImportFormat::Compose => compose::parse(&text, options.service.as_deref()),
    };
    let mut contents = contents.map_err(|mistake| failure(&options.file, &mistake))?;
    for name in &contents.passed_over {
        note(common, name);
    }
    for only in &options.only {
        if !contents.secrets.iter().any(|secret| secret.name == *only) {
            return Err(Failure::usage(
                format!("`{}` has no `{}`", options.file.display(), shown_name(only)),
                format!("it has {}", listed(contents.secrets.iter().map(|secret| shown_name(&secret.name).to_owned()))),
            ));
        }
    }
    contents.secrets.retain(|secret| options.only.is_empty() || options.only.contains(&secret.name));
    store(common, options, contents.secrets)
}

fn store(common: &Common, options: &Import, secrets: Vec<Imported>) -> Result<Outcome, Failure> {
    let project = crate::project::load(common)?;
    let targets = Targets::new(&project, &options.place)?;
    let mut desires = Vec::new();
    let mut undeclared = Vec::new();
    for Imported { name, value } in secrets {
        let declared = targets.one(&name, false).ok().filter(|target| target.line.is_some());
        let target = if let Some(target) = declared {
            target
        } else {
            if looks_pasted(&name) {
                return Err(Failure::usage(
                    "one of the names of the file is not a name: it looks like a value",
                    "correct the file, or take the other names with `--only`",
                ));
            }
            let key = derived_key(&name);
            undeclared.push(format!("{} = {}", toml_key(&name), toml_string(&key)));
            targets.one(&key, false)?
        };
        if value.expose().is_empty() {
            note(common, &format!("`{}` is empty and is passed over", shown_name(&name)));
            continue;
        }
        let tier = (value.expose().len() > byref_parameter::Tier::Standard.value_bytes())
            .then_some(byref_parameter::Tier::Advanced);
        let mut desire = plain_desire(&targets, target, value);
        desire.tier = tier;
        desires.push(desire);
    }
    if let Some((one, two)) = same_name(&desires) {
        return Err(Failure::usage(
            format!("two names of the file would both be stored as `{one}`, with different values"),
            format!("rename one of them, or take one with `--only`: it is number {two} of the file"),
        ));
    }
    let stores = Stores::to_write(&options.place.store);
    let writing = Writing {
        common,
        options: &options.write,
        stores: &stores,
        environment: targets.environment,
        conflicts: Conflicts::of(options.overwrite),
        question: format!("Write {} secrets to {}?", desires.len(), targets.environment.name),
    };
    let outcome = block_on(async {
        let store = stores.open(targets.environment, &Progress::hidden())?;
        writing.carry_out(&store, desires).await
    })?;
    if outcome == Outcome::Done && !undeclared.is_empty() && !common.quiet {
        let lines: Vec<_> = undeclared.iter().map(|line| one_line(line)).collect();
        say(&format!("lines for deploy.toml:\n  {}\n", lines.join("\n  ")));
    }
    Ok(outcome)
}

fn same_name(desires: &[crate::store::Desire]) -> Option<(String, usize)> {
    desires.iter().enumerate().find_map(|(index, desire)| {
        let name = &desire.target.name;
        let is_taken = desires[..index].iter().any(|other| other.target.name == *name && other.value != desire.value);
        is_taken.then(|| (name.to_string(), index + 1))
    })
}

fn by_name(path: &Path) -> Result<ImportFormat, Failure> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let extension = Path::new(&name).extension().map(|extension| extension.to_string_lossy().into_owned());
    match extension.as_deref() {
        Some("json") => Ok(ImportFormat::Json),
        Some("yaml" | "yml") => Ok(ImportFormat::Compose),
        _ if name.contains("env") => Ok(ImportFormat::Dotenv),
        _ => Err(Failure::usage(
            format!("the form of `{}` does not follow from its name", path.display()),
            "say `--from dotenv`, `--from json` or `--from compose`",
        )),
    }
}

fn failure(path: &Path, mistake: &Mistake) -> Failure {
    let place =
        if mistake.line > 0 { format!("{}:{}", path.display(), mistake.line) } else { path.display().to_string() };
    Failure::usage(format!("{place}: {}", mistake.problem), "correct the file, or name its form with `--from`")
}
