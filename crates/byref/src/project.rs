//! `deploy.toml` with all that it includes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use byref_config::{App, ConfigFile, DeployConfig, Environment, includes, is_path, parse, shown_name};
use byref_files::{FileError, Input, Streams};
use byref_template::{Diagnostic, Location, Sources};

use crate::deployment::Deployment;
use crate::mistakes::{Message, Mistakes};

/// The most that all files of a configuration have together, in bytes.
const CONFIG_BYTES: usize = 64 << 20;

/// A parsed configuration, with the texts that messages point into. Cheap to clone.
#[derive(Clone)]
pub struct Project {
    config: Arc<DeployConfig>,
    sources: Sources,
    warnings: Vec<Diagnostic>,
    folder: PathBuf,
}

/// A name that the configuration does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {kind} `{name}`; {}", self.advice())]
pub struct UnknownName {
    /// `application` or `environment`.
    pub kind: &'static str,
    /// The name, masked where it may be a secret.
    pub name: String,
    /// The one that was probably meant.
    pub meant: Option<String>,
    /// Those that there are, in order.
    pub known: Vec<String>,
}

impl UnknownName {
    fn new<'n>(kind: &'static str, name: &str, known: impl Iterator<Item = &'n String> + Clone) -> Self {
        let meant = closest(name, known.clone().map(String::as_str)).map(str::to_owned);
        Self { kind, name: shown_name(name).to_owned(), meant, known: known.cloned().collect() }
    }

    fn advice(&self) -> String {
        match &self.meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if self.known.is_empty() => "the configuration has none".to_owned(),
            None => format!("there are: {}", self.known.join(", ")),
        }
    }
}

/// Returns the known name that a misspelt one was probably meant to be.
pub fn closest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let scored = known.map(|known| (strsim::damerau_levenshtein(name, known), known));
    scored.filter(|(distance, known)| *distance <= known.len() / 3 + 1).min().map(|(_, known)| known)
}

/// Why a configuration can't be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError<E = FileError> {
    /// Its root file can't be read.
    #[error("{0}")]
    Read(E),
    /// It has mistakes, or includes files that can't be read.
    #[error("{0}")]
    Mistakes(Mistakes),
    /// All its files together are larger than 64 MiB.
    #[error("the configuration and the files that it includes are larger than {} MiB", CONFIG_BYTES >> 20)]
    TooLarge,
}

impl Project {
    /// Parses a configuration from texts, each with the name that messages call it by: the root file first, then those
    /// that it includes, which are not looked for elsewhere.
    ///
    /// # Errors
    ///
    /// All mistakes of all files, each with its place.
    pub fn parse<N, T>(files: impl IntoIterator<Item = (N, T)>) -> Result<Self, Mistakes>
    where
        N: Into<String>,
        T: AsRef<str>,
    {
        let texts: Vec<(String, T)> = files.into_iter().map(|(name, text)| (name.into(), text)).collect();
        let texts: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_ref())).collect();
        Self::of_texts(Sources::new(), &texts)
    }

    /// As [`Project::parse`] of one text, beside texts that are there already and stay what they are.
    ///
    /// # Errors
    ///
    /// All mistakes, each with its place.
    pub fn parse_beside(sources: Sources, name: &str, text: &str) -> Result<Self, Mistakes> {
        Self::of_texts(sources, &[(name, text)])
    }

    /// Reads a configuration with all that it includes; files are bounded in size, and paths in `include` are relative to
    /// the file that holds them.
    ///
    /// # Errors
    ///
    /// See [`LoadError`].
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        Self::load_with(path, read, problem)
    }

    /// As [`Project::load`], with files that are read by another function. `problem` says in a few words what its error is,
    /// without the path, which may be a value that was pasted where an included file belongs.
    ///
    /// # Errors
    ///
    /// See [`LoadError`].
    pub fn load_with<E>(
        path: &Path,
        mut read: impl FnMut(&Path) -> Result<String, E>,
        problem: impl Fn(&E) -> String,
    ) -> Result<Self, LoadError<E>> {
        let mut sources = Sources::new();
        let mut texts = Vec::new();
        let mut waiting = vec![(path.to_owned(), None::<Location>)];
        let mut size = 0;
        let mut seen = Vec::new();
        while let Some((path, asked)) = waiting.pop() {
            let canonical = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            if seen.contains(&canonical) {
                continue;
            }
            seen.push(canonical);
            let text = match (read(&path), asked) {
                (Ok(text), _) => text,
                (Err(error), None) => return Err(LoadError::Read(error)),
                (Err(error), Some(place)) => {
                    let diagnostic = Diagnostic::error("include", include_problem(&path, &problem(&error)), place)
                        .help("paths in `include` are relative to the file that holds them");
                    return Err(LoadError::Mistakes(Mistakes::new(sources, vec![diagnostic])));
                }
            };
            size += text.len();
            if size > CONFIG_BYTES {
                return Err(LoadError::TooLarge);
            }
            let source = sources.add(path.display().to_string(), text.as_str());
            sources.hide_only(source, byref_config::hidden_spans(&text));
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            let included = includes(ConfigFile { source, text: &text }).into_iter();
            let included: Vec<_> = included.map(|(name, place)| (folder.join(name), Some(place))).collect();
            waiting.extend(included.into_iter().rev());
            texts.push((source, text));
        }
        let files: Vec<ConfigFile<'_>> =
            texts.iter().map(|(source, text)| ConfigFile { source: *source, text }).collect();
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Self::of_files(sources, &files, folder).map_err(LoadError::Mistakes)
    }

    fn of_texts(mut sources: Sources, texts: &[(&str, &str)]) -> Result<Self, Mistakes> {
        let mut files = Vec::new();
        for (name, text) in texts {
            let source = sources.add(*name, *text);
            sources.hide_only(source, byref_config::hidden_spans(text));
            files.push(ConfigFile { source, text });
        }
        Self::of_files(sources, &files, PathBuf::new())
    }

    fn of_files(sources: Sources, files: &[ConfigFile<'_>], folder: PathBuf) -> Result<Self, Mistakes> {
        match parse(files) {
            (Some(config), warnings) => Ok(Self { config: Arc::new(config), sources, warnings, folder }),
            (None, mistakes) => Err(Mistakes::new(sources, mistakes)),
        }
    }

    /// An application in an environment, with its options at their defaults.
    ///
    /// # Errors
    ///
    /// A name that the configuration does not have, with the one that was probably meant.
    pub fn deployment(&self, app: &str, environment: &str) -> Result<Deployment<'_>, UnknownName> {
        Ok(Deployment::new(&self.config, &self.sources, self.app(app)?, self.environment(environment)?))
    }

    /// An application.
    ///
    /// # Errors
    ///
    /// As [`Project::deployment`].
    pub fn app(&self, name: &str) -> Result<&App, UnknownName> {
        let apps = &self.config.apps;
        apps.get(name).ok_or_else(|| UnknownName::new("application", name, apps.keys()))
    }

    /// An environment.
    ///
    /// # Errors
    ///
    /// As [`Project::deployment`].
    pub fn environment(&self, name: &str) -> Result<&Environment, UnknownName> {
        let environments = &self.config.environments;
        environments.get(name).ok_or_else(|| UnknownName::new("environment", name, environments.keys()))
    }

    /// All that the configuration says.
    pub fn config(&self) -> &DeployConfig {
        &self.config
    }

    /// What the user should know of the configuration.
    pub fn warnings(&self) -> Vec<Message> {
        self.warnings.iter().map(|warning| Message::of(&self.sources, warning)).collect()
    }

    /// The folder that the paths of templates are relative to; empty for a configuration from texts.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The texts, the configuration, its warnings and its folder, for a front end that shows lines of the texts.
    pub fn into_parts(self) -> (Sources, DeployConfig, Vec<Diagnostic>, PathBuf) {
        (self.sources, Arc::unwrap_or_clone(self.config), self.warnings, self.folder)
    }
}

/// Reads a text.
fn read(path: &Path) -> Result<String, FileError> {
    let bytes = byref_files::read(path, Input::Configuration, Streams::Refuse)?;
    String::from_utf8(bytes).map_err(|_| FileError::Refused {
        action: "read",
        path: path.to_owned(),
        problem: "it is not UTF-8".to_owned(),
        help: "convert it to UTF-8: TOML is nothing else",
    })
}

/// What is wrong with a file, without its path.
fn problem(error: &FileError) -> String {
    match error {
        FileError::System { error, .. } if error.kind() == std::io::ErrorKind::NotFound => {
            "there is no such file".to_owned()
        }
        FileError::System { error, .. } => error.to_string(),
        FileError::Refused { problem, .. } => problem.clone(),
    }
}

/// What is wrong with an included file. Its path may be a value that was pasted there.
fn include_problem(path: &Path, problem: &str) -> String {
    if is_path(&path.to_string_lossy()) {
        format!("cannot read `{}`: {problem}", path.display())
    } else {
        format!("cannot read an included file: {problem}")
    }
}
