//! `deploy.toml` with all that it includes.

mod choose;
mod read;
mod templates;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use byref_config::{ConfigFile, DeployConfig, includes, is_path, parse};
use byref_files::Input;
use byref_known::KnownValues;
use byref_rewrite::Document;
use byref_template::{Diagnostic, Location, SourceId, Sources};

pub use self::choose::{UnknownName, choose_regions, closest, listed};
pub use self::read::{Reader, read_bytes, read_file, utf8};
pub(crate) use self::templates::is_template;
use crate::deployment::Deployment;
use crate::error::Error;
use crate::mistakes::{Message, Mistakes};
use crate::redactions::Redactions;

/// The bytes that a configuration may have with all that it includes.
const CONFIG_BYTES: usize = 64 << 20;

/// A parsed configuration, with the texts that messages point into.
///
/// Reads its templates with one [`Reader`], and knows the secret values that its operations have
/// come upon ([`Project::redactions`]).
#[derive(Clone)]
pub struct Project {
    config: Arc<DeployConfig>,
    sources: Sources,
    /// The files of the configuration, the root file first.
    files: Vec<SourceId>,
    warnings: Vec<Diagnostic>,
    folder: PathBuf,
    reader: Reader,
    redactions: Redactions,
}

impl Project {
    /// Parses a configuration from texts, each with the name that messages call it by: the root
    /// file first, then those that it includes, which are not looked for elsewhere.
    ///
    /// # Errors
    ///
    /// All mistakes of all files, each with its place.
    pub fn parse<N, T>(files: impl IntoIterator<Item = (N, T)>) -> Result<Self, Mistakes>
    where
        N: Into<String>,
        T: AsRef<str>,
    {
        let texts: Vec<(String, T)> = files
            .into_iter()
            .map(|(name, text)| (name.into(), text))
            .collect();
        let texts: Vec<(&str, &str)> = texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_ref()))
            .collect();
        Self::of_texts(Sources::new(), &texts)
    }

    /// Parses one text as [`Project::parse`] does, beside texts that are in the sources already and
    /// stay there.
    ///
    /// # Errors
    ///
    /// All mistakes, each with its place.
    pub fn parse_beside(sources: Sources, name: &str, text: &str) -> Result<Self, Mistakes> {
        Self::of_texts(sources, &[(name, text)])
    }

    /// Reads a configuration with all that it includes; files are bounded in size, and paths in
    /// `include` are relative to the file that holds them.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where the root file cannot be read, [`Error::Mistakes`] with all mistakes of
    /// all files, and [`Error::Request`] where the files are larger than 64 MiB together.
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::load_with(path, Arc::new(read_file), Redactions::default())
    }

    /// Loads a configuration as [`Project::load`] does, with a reader of the caller's and with the
    /// values that its other projects know.
    ///
    /// # Errors
    ///
    /// As of [`Project::load`].
    pub fn load_with(path: &Path, reader: Reader, redactions: Redactions) -> Result<Self, Error> {
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
            let text = match (reader(&path, Input::Configuration), asked) {
                (Ok(text), _) => text,
                (Err(error), None) => return Err(error),
                (Err(error), Some(place)) => {
                    let diagnostic =
                        Diagnostic::error("include", include_problem(&path, &error), place)
                            .help("paths in `include` are relative to the file that holds them");
                    return Err(Mistakes::new(sources, vec![diagnostic]).into());
                }
            };
            size += text.len();
            if size > CONFIG_BYTES {
                return Err(too_large());
            }
            let source = sources.add(path.display().to_string(), text.as_str());
            sources.hide_only(source, byref_config::hidden_spans(&text));
            let folder = path.parent().map(Path::to_owned).unwrap_or_default();
            let included = includes(ConfigFile {
                source,
                text: &text,
            })
            .into_iter();
            let included: Vec<_> = included
                .map(|(name, place)| (folder.join(name), Some(place)))
                .collect();
            waiting.extend(included.into_iter().rev());
            texts.push((source, text));
        }
        let files: Vec<ConfigFile<'_>> = texts
            .iter()
            .map(|(source, text)| ConfigFile {
                source: *source,
                text,
            })
            .collect();
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let project = Self::of_files(sources, &files)?;
        Ok(Self {
            folder,
            reader,
            redactions,
            ..project
        })
    }

    fn of_texts(mut sources: Sources, texts: &[(&str, &str)]) -> Result<Self, Mistakes> {
        let mut files = Vec::new();
        for (name, text) in texts {
            let source = sources.add(*name, *text);
            sources.hide_only(source, byref_config::hidden_spans(text));
            files.push(ConfigFile { source, text });
        }
        Self::of_files(sources, &files)
    }

    fn of_files(sources: Sources, files: &[ConfigFile<'_>]) -> Result<Self, Mistakes> {
        match parse(files) {
            (Some(config), warnings) => Ok(Self {
                config: Arc::new(config),
                sources,
                files: files.iter().map(|file| file.source).collect(),
                warnings,
                folder: PathBuf::new(),
                reader: Arc::new(read_file),
                redactions: Redactions::default(),
            }),
            (None, mistakes) => Err(Mistakes::new(sources, mistakes)),
        }
    }

    /// Parses the configuration again with other texts for some of its files, by their names: a
    /// change is checked before it is written. The result has no templates yet.
    ///
    /// # Errors
    ///
    /// All mistakes of all files, each with its place.
    pub fn with_texts(&self, edited: &BTreeMap<&str, &str>) -> Result<Self, Mistakes> {
        let texts = self.files.iter().map(|file| {
            let source = self.sources.get(*file);
            (
                source.name(),
                edited.get(source.name()).copied().unwrap_or(source.text()),
            )
        });
        let project = Self::of_texts(Sources::new(), &texts.collect::<Vec<_>>())?;
        let (folder, reader, redactions) = (
            self.folder.clone(),
            self.reader.clone(),
            self.redactions.clone(),
        );
        Ok(Self {
            folder,
            reader,
            redactions,
            ..project
        })
    }

    /// Returns one application in one environment, with default options.
    ///
    /// # Errors
    ///
    /// The configuration does not have one of the two names.
    pub fn deployment(&self, app: &str, environment: &str) -> Result<Deployment<'_>, UnknownName> {
        Ok(Deployment::new(
            &self.config,
            &self.sources,
            self.app(app)?,
            self.environment(environment)?,
        ))
    }

    /// The configuration in full.
    pub fn config(&self) -> &DeployConfig {
        &self.config
    }

    /// The texts that messages point into: the configuration, and the templates that were read.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The texts that messages point into, for a caller that adds texts of its own.
    pub fn sources_mut(&mut self) -> &mut Sources {
        &mut self.sources
    }

    /// The warnings of the configuration and of templates that could not be read, for a front end
    /// that shows their lines.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The warnings of the configuration and of templates that could not be read, in their order.
    pub fn warnings(&self) -> Vec<Message> {
        self.warnings
            .iter()
            .map(|warning| Message::of(&self.sources, warning))
            .collect()
    }

    /// The folder of the configuration, which `templates` are relative to; empty for a
    /// configuration from texts.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The values that operations on this project have found to be secret.
    pub fn redactions(&self) -> &Redactions {
        &self.redactions
    }

    /// Returns the error for messages into this project's texts.
    pub fn mistakes(&self, diagnostics: Vec<Diagnostic>) -> Error {
        Mistakes::new(self.sources.clone(), diagnostics).into()
    }

    /// Keeps only those secret lines of an application that have these names, for a run that moves
    /// only what a lint found.
    pub fn keep_secrets(&mut self, app: &str, is_kept: impl Fn(&str) -> bool) {
        if let Some(app) = Arc::make_mut(&mut self.config).apps.get_mut(app) {
            app.keep_secrets(is_kept);
        }
    }

    /// Hides known values from now on: in [`Project::redactions`], and in the lines of these
    /// templates.
    pub fn keep_secret(&self, known: &KnownValues, documents: &[Document]) {
        self.redactions.keep_secret(known);
        for document in documents {
            self.sources
                .hide_also(document.source, known.places(&document.template));
        }
    }
}

fn too_large() -> Error {
    let message = format!(
        "the configuration and the files that it includes are larger than {} MiB",
        CONFIG_BYTES >> 20
    );
    Error::request(message, "include fewer files")
}

/// Returns the sentence about an included file. Its path is not repeated where it may be a value
/// that was pasted there.
fn include_problem(path: &Path, error: &Error) -> String {
    let problem = match error {
        Error::File { problem, .. } => problem.clone(),
        error => error.to_string(),
    };
    if is_path(&path.to_string_lossy()) {
        format!("cannot read `{}`: {problem}", path.display())
    } else {
        format!("cannot read an included file: {problem}")
    }
}
