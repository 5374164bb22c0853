//! Files of names and values: dotenv, JSON, docker-compose.
//!
//! ```
//! use byref::secrets::import::{Contents, Format};
//!
//! let contents = Contents::parse("# of the old server\nDB_PASSWORD=\"not a secret\"\n", &Format::Dotenv)?;
//! assert_eq!(contents.secrets[0].name, "DB_PASSWORD");
//! assert_eq!(contents.secrets[0].value.expose(), "not a secret");
//! # Ok::<(), byref::secrets::import::ImportError>(())
//! ```
//!
//! An import has three steps, each of which can be shown before the next: [`Contents::parse`] reads
//! the file, [`Contents::keep`] chooses from it, and [`Contents::writes`] turns names into
//! parameters. The writes then go through a [`WritePlan`](super::WritePlan) as any others.
//!
//! The files contain plaintext, so no error, and no list of skipped entries, repeats a text that
//! could be a value: names are masked if they look like one.

mod compose;
mod dotenv;
mod json;

use std::collections::BTreeMap;
use std::path::Path;

use byref_config::{derived_key, looks_pasted, shown_name, toml_key, toml_string};
use byref_parameter::{ParameterName, SecretValue};

use super::target::{Target, Targets};
use super::write::SecretWrite;
use crate::error::Error;
use crate::project::listed;

/// A name with its value, as a file gives it.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The name.
    pub name: String,
    /// The value, which may be empty.
    pub value: SecretValue,
}

/// The reason why a file cannot be parsed. Never contains its text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ImportError {
    /// The line, from 1; 0 if it is not known.
    pub line: usize,
    /// One sentence.
    pub problem: String,
}

/// The format of a file.
///
/// | file name | format |
/// | --- | --- |
/// | `secrets.json` | JSON |
/// | `docker-compose.yml`, `compose.yaml` | Compose |
/// | `.env`, `.env.production`, `prod.env` | dotenv |
/// | others | must be named |
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// `NAME=value` lines.
    Dotenv,
    /// One object of names and values, as `chamber export --format json` and credstash's `getall`
    /// write it.
    Json,
    /// The `environment` of the services of a docker-compose file.
    Compose {
        /// The only service that is read. Default: all services.
        service: Option<String>,
    },
}

/// The names and values of a file, in its order.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The entries with values, each name once.
    pub secrets: Vec<Imported>,
    /// The entries without a usable value, each as a sentence with the reason.
    pub skipped: Vec<String>,
}

/// The writes of an import.
#[derive(Debug)]
pub struct Import {
    /// One write for each name with a value, in the order of the file.
    pub writes: Vec<SecretWrite>,
    /// The names with an empty value, which no store accepts.
    pub empty: Vec<String>,
    /// The lines for `deploy.toml` that declare the names that it does not have:
    /// `NEW_ONE = "new-one"`.
    pub missing_lines: Vec<String>,
}

impl ImportError {
    fn new(line: usize, problem: impl Into<String>) -> Self {
        Self {
            line,
            problem: problem.into(),
        }
    }

    /// Returns the error for the user, with the path of the file.
    pub fn in_file(&self, path: &Path) -> Error {
        let line = if self.line > 0 {
            format!(":{}", self.line)
        } else {
            String::new()
        };
        Error::request(
            format!("{}{line}: {}", path.display(), self.problem),
            "correct the file, or name its form with `--from`",
        )
    }
}

impl Format {
    /// Returns the format that follows from a file's name: `*.json`, `*.yaml` and `*.yml`, or a
    /// name with `env` in it.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for other names.
    pub fn of_path(path: &Path) -> Result<Self, Error> {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        let extension = Path::new(&name)
            .extension()
            .map(|extension| extension.to_string_lossy().into_owned());
        match extension.as_deref() {
            Some("json") => Ok(Self::Json),
            Some("yaml" | "yml") => Ok(Self::Compose { service: None }),
            _ if name.contains("env") => Ok(Self::Dotenv),
            _ => Err(Error::request(
                format!(
                    "the form of `{}` does not follow from its name",
                    path.display()
                ),
                "pass `--from dotenv`, `--from json` or `--from compose`",
            )),
        }
    }
}

impl Contents {
    /// Parses a file.
    ///
    /// # Errors
    ///
    /// The first mistake of the file, with its line, but without the text of the line.
    pub fn parse(text: &str, format: &Format) -> Result<Self, ImportError> {
        match format {
            Format::Dotenv => dotenv::parse(text),
            Format::Json => json::parse(text),
            Format::Compose { service } => compose::parse(text, service.as_deref()),
        }
    }

    /// Keeps only these names; an empty list keeps all.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a name that the file does not have. `path` names the file.
    pub fn keep(&mut self, names: &[String], path: &Path) -> Result<(), Error> {
        let is_missing = |name: &&String| !self.secrets.iter().any(|secret| secret.name == **name);
        if let Some(missing) = names.iter().find(is_missing) {
            return Err(Error::request(
                format!("`{}` has no `{}`", path.display(), shown_name(missing)),
                format!(
                    "it has {}",
                    listed(
                        self.secrets
                            .iter()
                            .map(|secret| shown_name(&secret.name).to_owned())
                    )
                ),
            ));
        }
        self.secrets
            .retain(|secret| names.is_empty() || names.contains(&secret.name));
        Ok(())
    }

    /// Returns the writes of the values: to the secret line of the same name, else to the key that
    /// is made of the name.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] for a name that looks like a value, a name that gives no parameter
    /// ([`Targets::find`]), and two names that mean one parameter with different values.
    ///
    /// `DB_PASSWORD` → the parameter of the line `DB_PASSWORD`; `NEW_ONE` without a line → the key
    /// `new-one`, and a proposal for its line.
    pub fn writes(self, targets: &Targets<'_>) -> Result<Import, Error> {
        let mut import = Import {
            writes: Vec::new(),
            empty: Vec::new(),
            missing_lines: Vec::new(),
        };
        let mut values: BTreeMap<ParameterName, SecretValue> = BTreeMap::new();
        for Imported { name, value } in self.secrets {
            let target = match declared(targets, &name) {
                Some(target) => target,
                None => import.undeclared(targets, &name)?,
            };
            if value.expose().is_empty() {
                import.empty.push(shown_name(&name).to_owned());
                continue;
            }
            if values
                .insert(target.name.clone(), value.clone())
                .is_some_and(|other| other != value)
            {
                return Err(Error::request(
                    format!(
                        "two names of the file would both be stored as `{}`, with different values",
                        target.name
                    ),
                    format!(
                        "rename one of them, or take one with `--only`: it is number {} of the file",
                        import.writes.len() + 1
                    ),
                ));
            }
            import.writes.push(targets.write_any_size(target, value));
        }
        Ok(import)
    }
}

fn declared(targets: &Targets<'_>, name: &str) -> Option<Target> {
    targets
        .find(name)
        .ok()
        .filter(|target| target.line.is_some())
}

impl Import {
    fn undeclared(&mut self, targets: &Targets<'_>, name: &str) -> Result<Target, Error> {
        if looks_pasted(name) {
            return Err(Error::request(
                "one of the names of the file is not a name: it looks like a value",
                "correct the file, or take the other names with `--only`",
            ));
        }
        let key = derived_key(name);
        self.missing_lines
            .push(format!("{} = {}", toml_key(name), toml_string(&key)));
        targets.find(key.as_str())
    }
}
