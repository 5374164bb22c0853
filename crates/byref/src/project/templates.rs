//! The templates of a project's applications, read and parsed.

use std::path::{Path, PathBuf};

use byref_config::{App, TemplatePath, is_path};
use byref_files::Input;
use byref_rewrite::{Document, DocumentRole, container_names};
use byref_template::{Diagnostic, Location, Span};

use super::Project;
use crate::error::Error;
use crate::mistakes::Mistakes;
use crate::templates::parse_template;

impl Project {
    /// Returns the paths of the templates: those that were chosen, else those that the application
    /// lists.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] where there are none, and as of [`Project::listed_paths`].
    pub fn template_paths(&self, app: &App, chosen: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
        if !chosen.is_empty() {
            return Ok(chosen.to_vec());
        }
        if app.templates.is_empty() {
            return Err(Error::request(
                format!("no template is named, and `{}` lists none", app.name),
                "name the template, or list it under `templates` in the configuration",
            ));
        }
        self.listed_paths(app)
    }

    /// Returns the paths of the templates that an application lists, relative to the current
    /// folder.
    ///
    /// # Errors
    ///
    /// [`Error::Mistakes`] for a missing template whose path does not look like one. It is not
    /// repeated: it may be a value that was pasted there.
    pub fn listed_paths(&self, app: &App) -> Result<Vec<PathBuf>, Error> {
        let is_suspect = |template: &&TemplatePath| {
            !is_path(&template.path) && fs_err::metadata(self.folder.join(&template.path)).is_err()
        };
        let message = |template: &TemplatePath| {
            Diagnostic::error(
                "missing-template",
                "there is no such template",
                template.location,
            )
            .help("write the path of a template, relative to the folder of the configuration")
        };
        let mistakes: Vec<Diagnostic> = app
            .templates
            .iter()
            .filter(is_suspect)
            .map(message)
            .collect();
        if mistakes.is_empty() {
            Ok(app
                .templates
                .iter()
                .map(|template| self.folder.join(&template.path))
                .collect())
        } else {
            Err(self.mistakes(mistakes))
        }
    }

    /// Parses templates from texts, each with its name, in their order. Their lines are among the
    /// texts of the project, which messages point into.
    ///
    /// # Errors
    ///
    /// The mistakes of all that do not parse, or that have no `Resources`: an error page or an empty
    /// file must not pass for a template without secrets.
    pub fn parse_templates<N, T>(
        &mut self,
        files: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Vec<Document>, Mistakes>
    where
        N: Into<String>,
        T: AsRef<str>,
    {
        let mut documents = Vec::new();
        let mut mistakes = Vec::new();
        for (name, text) in files {
            match parse_template(&mut self.sources, name.into(), text.as_ref()) {
                Ok(document) if is_template(&document) => documents.push(document),
                Ok(document) => mistakes.push(no_template(&document)),
                Err(diagnostic) => mistakes.push(*diagnostic),
            }
        }
        if mistakes.is_empty() {
            Ok(documents)
        } else {
            Err(Mistakes::new(self.sources.clone(), mistakes))
        }
    }

    /// Reads and parses templates, in their order. `-` is called `<stdin>`.
    ///
    /// # Errors
    ///
    /// [`Error::File`] for the first that cannot be read, [`Error::Mistakes`] for all that do not
    /// parse.
    pub fn documents(&mut self, paths: &[PathBuf]) -> Result<Vec<Document>, Error> {
        let mut files = Vec::new();
        for path in paths {
            let name = if path.as_os_str() == "-" {
                "<stdin>".to_owned()
            } else {
                path.display().to_string()
            };
            files.push((name, (self.reader)(path, Input::Template)?));
        }
        Ok(self.parse_templates(files)?)
    }

    /// Reads and parses templates, and after them, only to be read, the others that the application
    /// lists: all templates of an application decide which containers get a secret. A listed
    /// template that cannot be read is a warning, and counts as one that may hold anything.
    ///
    /// # Errors
    ///
    /// As of [`Project::documents`].
    pub fn documents_in_view(
        &mut self,
        app: &str,
        paths: &[PathBuf],
    ) -> Result<Vec<Document>, Error> {
        let mut documents = self.documents(paths)?;
        let Some(app) = self.config.apps.get(app) else {
            return Ok(documents);
        };
        let listed: Vec<(PathBuf, Location)> = app
            .templates
            .iter()
            .map(|template| (self.folder.join(&template.path), template.location))
            .collect();
        let name = app.name.clone();
        let whole = |path: &Path| fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut seen: Vec<PathBuf> = paths.iter().map(|path| whole(path)).collect();
        let mut others = Vec::new();
        for (path, place) in listed {
            let canonical = whole(&path);
            if !seen.contains(&canonical) {
                seen.push(canonical);
                others.extend(self.other_document(&name, &path, place));
            }
        }
        let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
        if let Some(stdin) = paths
            .iter()
            .position(is_stdin)
            .and_then(|index| documents.get(index))
            && let Some(index) = same_template(stdin, &others)
        {
            others.remove(index);
        }
        documents.extend(others);
        Ok(documents)
    }

    /// Reads a template that the application lists and that the run does not write.
    fn other_document(&mut self, app: &str, path: &Path, place: Location) -> Option<Document> {
        let name = path.display().to_string();
        let problem = match (self.reader)(path, Input::Template) {
            Ok(text) => match parse_template(&mut self.sources, name.clone(), &text) {
                Ok(document) => {
                    return Some(Document {
                        role: DocumentRole::ReadOnly,
                        ..document
                    });
                }
                Err(mistake) => format!(
                    "{}: {}",
                    self.sources.position(mistake.primary.location),
                    mistake.message
                ),
            },
            Err(failure) => failure.to_string(),
        };
        let message = format!("byref can't look into a template of `{app}`: {problem}");
        let warning = Diagnostic::warning("unread-template", message, place);
        self.warnings.push(
            warning.help("all templates of an application decide which containers get a secret"),
        );
        let empty = parse_template(&mut self.sources, name, "{}\n").ok()?;
        Some(Document {
            role: DocumentRole::Unreadable,
            ..empty
        })
    }
}

/// Returns whether a document has resources, as every template does.
pub(crate) fn is_template(document: &Document) -> bool {
    let resources = document
        .template
        .root()
        .and_then(|root| root.get("Resources"));
    resources.is_some_and(|resources| resources.kind().is_mapping())
}

/// Returns the error about a text that is not a template.
fn no_template(document: &Document) -> Diagnostic {
    let message = "this is not a CloudFormation template: it has no `Resources`";
    Diagnostic::error(
        "not-a-template",
        message,
        document.location(Span::new(0, 0)),
    )
    .help("name a template")
}

/// Returns which of the application's templates standard input is: the one with the same text, else
/// the only one with the same containers.
fn same_template(stdin: &Document, others: &[Document]) -> Option<usize> {
    let same_text = others
        .iter()
        .position(|other| other.template.text() == stdin.template.text());
    same_text.or_else(|| {
        let own = container_names(stdin);
        let alike = others
            .iter()
            .enumerate()
            .filter(|(_, other)| !own.is_empty() && container_names(other) == own);
        let alike: Vec<usize> = alike.map(|(index, _)| index).collect();
        <[usize; 1]>::try_from(alike).ok().map(|[index]| index)
    })
}
