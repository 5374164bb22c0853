//! What is typed becomes what it means: the configuration, the application, the environment, the templates.

use std::path::{Path, PathBuf};

pub(crate) use byref::closest;
use byref::{Deployment, LoadError, UnknownRegion, parse_template};
use byref_config::{App, DeployConfig, Environment, Grant, Scheme, SchemeOverride, is_path, shown_name};
use byref_known::KnownValues;
use byref_rewrite::{Document, DocumentRole, container_names};
use byref_template::{Diagnostic, Location, Sources};

use crate::args::{Common, GrantArgument, SchemeArgument, Selection};
use crate::failure::Failure;
use crate::output::{keep_secret, say};
use crate::read::{Input, read_text};
use crate::write::warn_of_unfinished;

const CONFIG_NAME: &str = "deploy.toml";
/// The configuration with the texts that messages point into.
pub(crate) struct Project {
    pub(crate) sources: Sources,
    pub(crate) config: DeployConfig,
    /// The folder that template paths are relative to.
    pub(crate) folder: PathBuf,
    /// Warnings of the configuration.
    pub(crate) warnings: Vec<Diagnostic>,
    verbose: bool,
}

/// A method of a deployment that sets an option.
type DeploymentOption<'p> = fn(Deployment<'p>) -> Deployment<'p>;

impl Project {
    /// What a configuration is called that is not in a file yet.
    pub(crate) const UNNAMED: &str = "<deploy.toml>";

    /// Reads a configuration that is not in a file yet; its templates are among the sources.
    ///
    /// # Errors
    ///
    /// The mistakes of the configuration, with their sources.
    pub(crate) fn of_text(sources: Sources, text: &str) -> Result<Self, (Sources, Vec<Diagnostic>)> {
        let parsed = byref::Project::parse_beside(sources, Self::UNNAMED, text);
        parsed.map(|project| Self::of_library(project, false)).map_err(byref::Mistakes::into_parts)
    }

    fn of_library(project: byref::Project, verbose: bool) -> Self {
        let (sources, config, warnings, folder) = project.into_parts();
        Self { sources, config, folder, warnings, verbose }
    }

    /// Finds and reads the configuration.
    pub(crate) fn load(common: &Common) -> Result<Self, Failure> {
        Self::load_edited(common, &[])
    }

    /// As [`Project::load`], as if these files had these texts.
    pub(crate) fn load_edited(common: &Common, edited: &[(&Path, &str)]) -> Result<Self, Failure> {
        let path = match &common.config {
            Some(path) => path.clone(),
            None => discover()?,
        };
        let verbose = common.verbose > 0;
        let read = |path: &Path| {
            note(verbose, &format!("reads {}", path.display()));
            let own = edited.iter().find(|(edited, _)| *edited == path);
            own.map_or_else(|| read_text(path, Input::Configuration), |(_, text)| Ok((*text).to_owned()))
        };
        let problem = |failure: &Failure| match failure {
            Failure::File { problem, .. } => problem.clone(),
            failure => failure.to_string(),
        };
        match byref::Project::load_with(&path, read, problem) {
            Ok(project) => Ok(Self::of_library(project, verbose)),
            Err(LoadError::Read(failure)) => Err(failure),
            Err(LoadError::Mistakes(mistakes)) => Err(mistakes.into()),
            Err(error) => Err(Failure::usage(error.to_string(), "include fewer files")),
        }
    }

    /// The configuration, where there is one: named, here or in a parent folder.
    pub(crate) fn load_if_there(common: &Common) -> Result<Option<Self>, Failure> {
        if common.config.is_none() && discover().is_err() {
            return Ok(None);
        }
        Self::load(common).map(Some)
    }

    /// The application, environment, Region and scheme that the options mean. `paths` are the templates typed.
    pub(crate) fn choose<'p>(&'p self, selection: &Selection, paths: &[PathBuf]) -> Result<Deployment<'p>, Failure> {
        let app = self.app(selection.app.as_deref(), paths)?;
        let environment = self.environment(selection.environment.as_deref())?;
        let mut deployment = Deployment::new(&self.config, &self.sources, app, environment);
        if let Some(region) = &selection.region {
            deployment = deployment.region(region).map_err(|error| {
                let UnknownRegion { environment, region, known } = error;
                Failure::usage(
                    format!("`{region}` is none of the Regions of `{environment}`"),
                    format!("its Regions are {}", listed(known.into_iter())),
                )
            })?;
        }
        deployment = deployment.overridden(&overrides(selection.scheme)?);
        deployment = match (selection.to_values, deployment.decision().scheme) {
            (false, _) => deployment,
            (true, Scheme::Value) => deployment.references_to_values(),
            (true, Scheme::Reference) => {
                return Err(Failure::usage(
                    format!("`--to-values` is for the value scheme, and `{}` deploys by reference", app.name),
                    "say `--scheme value` as well, or change the flag",
                ));
            }
        };
        deployment = match selection.grant {
            Some(GrantArgument::Auto) => deployment.grant(Grant::Auto),
            Some(GrantArgument::Never) => deployment.grant(Grant::Never),
            None => deployment,
        };
        let is_about_roles = selection.prune_grants || selection.create_execution_role || selection.grants_only;
        if deployment.request().grant == Grant::Never && is_about_roles {
            return Err(Failure::usage(
                "roles are left alone (`grant = \"never\"`): no right is added or removed, and no role added",
                "say `--grant auto` as well",
            ));
        }
        let options: [(bool, DeploymentOption<'p>); 5] = [
            (selection.prune_grants, Deployment::prune_grants),
            (selection.create_execution_role, Deployment::create_execution_roles),
            (selection.grants_only, Deployment::grants_only),
            (selection.prune_parameters, Deployment::prune_parameters),
            (selection.keep_references, Deployment::keep_references),
        ];
        let asked = options.into_iter().filter(|(is_asked, _)| *is_asked);
        Ok(asked.fold(deployment, |deployment, (_, option)| option(deployment)))
    }

    pub(crate) fn app(&self, name: Option<&str>, paths: &[PathBuf]) -> Result<&App, Failure> {
        let apps = &self.config.apps;
        let known = || listed(apps.keys().cloned());
        if let Some(name) = name {
            return apps.get(name).ok_or_else(|| {
                let meant = closest(name, apps.keys().map(String::as_str));
                Failure::usage(
                    format!("there is no application `{}`", shown_name(name)),
                    meant.map_or_else(
                        || format!("the applications are {}", known()),
                        |meant| format!("did you mean `{meant}`?"),
                    ),
                )
            });
        }
        let canonical = |path: &Path| fs_err::canonicalize(path).ok();
        let typed: Vec<PathBuf> = paths.iter().filter_map(|path| canonical(path)).collect();
        let lists = |app: &&App| {
            app.templates
                .iter()
                .filter_map(|template| canonical(&self.folder.join(&template.path)))
                .any(|path| typed.contains(&path))
        };
        let listing: Vec<&App> = apps.values().filter(lists).collect();
        match (listing.as_slice(), apps.len()) {
            ([app], _) => Ok(app),
            ([], 1) => {
                apps.values().next().ok_or_else(|| Failure::usage("there is no application", "add `[apps.NAME]`"))
            }
            ([], 0) => {
                Err(Failure::usage("the configuration has no application", "add `[apps.NAME]` with its secret lines"))
            }
            ([], _) => {
                Err(Failure::usage("which application?", format!("say `--app NAME`; the applications are {}", known())))
            }
            (several, _) => Err(Failure::usage(
                "several applications list these templates",
                format!("say `--app NAME`: {}", listed(several.iter().map(|app| app.name.clone()))),
            )),
        }
    }

    pub(crate) fn environment(&self, name: Option<&str>) -> Result<&Environment, Failure> {
        let environments = &self.config.environments;
        let known = || listed(environments.keys().cloned());
        match name {
            Some(name) => environments.get(name).ok_or_else(|| {
                let meant = closest(name, environments.keys().map(String::as_str));
                Failure::usage(
                    format!("there is no environment `{}`", shown_name(name)),
                    meant.map_or_else(
                        || format!("the environments are {}", known()),
                        |meant| format!("did you mean `{meant}`?"),
                    ),
                )
            }),
            None if environments.len() == 1 => environments
                .values()
                .next()
                .ok_or_else(|| Failure::usage("there is no environment", "add `[environments.NAME]`")),
            None if environments.is_empty() => Err(Failure::usage(
                "the configuration has no environment",
                "add `[environments.NAME]` with `account` and `regions`",
            )),
            None => {
                Err(Failure::usage("which environment?", format!("say `-e NAME`; the environments are {}", known())))
            }
        }
    }

    /// The paths of the templates: those typed, or those of the application.
    pub(crate) fn template_paths(&self, app: &App, typed: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
        if !typed.is_empty() {
            return Ok(typed.to_vec());
        }
        if app.templates.is_empty() {
            return Err(Failure::usage(
                format!("no template is named, and `{}` lists none", app.name),
                "name the template, or list it under `templates` in the configuration",
            ));
        }
        self.listed_paths(app)
    }

    /// The paths of the templates that the configuration lists. One that is not there and does not look like a path is
    /// not shown: it may be a value that was pasted there.
    pub(crate) fn listed_paths(&self, app: &App) -> Result<Vec<PathBuf>, Failure> {
        let is_suspect = |template: &&byref_config::TemplatePath| {
            !is_path(&template.path) && fs_err::metadata(self.folder.join(&template.path)).is_err()
        };
        let suspects = app.templates.iter().filter(is_suspect);
        let message = |template: &byref_config::TemplatePath| {
            Diagnostic::error("missing-template", "there is no such template", template.location)
                .help("write the path of a template, relative to the folder of the configuration")
        };
        let mistakes: Vec<Diagnostic> = suspects.map(message).collect();
        if mistakes.is_empty() {
            Ok(app.templates.iter().map(|template| self.folder.join(&template.path)).collect())
        } else {
            Err(self.mistakes(mistakes))
        }
    }

    /// Reads and parses templates; all that don't parse are in one report.
    pub(crate) fn documents(&mut self, paths: &[PathBuf]) -> Result<Vec<Document>, Failure> {
        let mut documents = Vec::new();
        let mut mistakes = Vec::new();
        let files = paths.iter().filter(|path| path.as_os_str() != "-");
        warn_of_unfinished(files.map(|path| folder_of(path)).chain([self.folder.clone()]));
        for path in paths {
            note(self.verbose, &format!("reads {}", path.display()));
            let text = read_text(path, Input::Template)?;
            let name = if path.as_os_str() == "-" { "<stdin>".to_owned() } else { path.display().to_string() };
            match parse_template(&mut self.sources, name, &text) {
                Ok(document) => documents.push(document),
                Err(diagnostic) => mistakes.push(*diagnostic),
            }
        }
        if mistakes.is_empty() { Ok(documents) } else { Err(self.mistakes(mistakes)) }
    }

    /// The templates at these paths, and after them, only to be read, the others that the application lists: all templates
    /// of an application decide which containers get a secret. A listed template that can't be read is a warning, and
    /// counts as one that may hold anything.
    pub(crate) fn documents_in_view(&mut self, app: &str, paths: &[PathBuf]) -> Result<Vec<Document>, Failure> {
        let mut documents = self.documents(paths)?;
        let Some(app) = self.config.apps.get(app) else { return Ok(documents) };
        let listed: Vec<(PathBuf, Location)> =
            app.templates.iter().map(|template| (self.folder.join(&template.path), template.location)).collect();
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
        if let Some(stdin) = paths.iter().position(is_stdin).and_then(|index| documents.get(index))
            && let Some(index) = same_template(stdin, &others)
        {
            others.remove(index);
        }
        documents.extend(others);
        Ok(documents)
    }

    /// A template that the application lists, and that nobody asked to write.
    fn other_document(&mut self, app: &str, path: &Path, place: Location) -> Option<Document> {
        note(self.verbose, &format!("reads {}", path.display()));
        let name = path.display().to_string();
        let problem = match read_text(path, Input::Template) {
            Ok(text) => match parse_template(&mut self.sources, name.clone(), &text) {
                Ok(document) => return Some(Document { role: DocumentRole::ReadOnly, ..document }),
                Err(mistake) => format!("{}: {}", self.sources.position(mistake.primary.location), mistake.message),
            },
            Err(failure) => failure.to_string(),
        };
        let message = format!("byref can't look into a template of `{app}`: {problem}");
        let warning = Diagnostic::warning("unread-template", message, place);
        self.warnings.push(warning.help("all templates of an application decide which containers get a secret"));
        let empty = parse_template(&mut self.sources, name, "{}\n").ok()?;
        Some(Document { role: DocumentRole::Unreadable, ..empty })
    }

    /// Hides known values from now on: in everything that is written, and in the lines of these templates.
    pub(crate) fn keep_secret(&self, known: &KnownValues, documents: &[Document]) {
        keep_secret(known);
        for document in documents {
            self.sources.hide_also(document.source, known.places(&document.template));
        }
    }

    /// A failure with these messages.
    pub(crate) fn mistakes(&self, diagnostics: Vec<Diagnostic>) -> Failure {
        Failure::Mistakes { sources: Box::new(self.sources.clone()), diagnostics }
    }
}

/// Which of the application's templates standard input is: the one with the same text, else the only one with the same
/// containers.
fn same_template(stdin: &Document, others: &[Document]) -> Option<usize> {
    let same_text = others.iter().position(|other| other.template.text() == stdin.template.text());
    same_text.or_else(|| {
        let own = container_names(stdin);
        let alike = others.iter().enumerate().filter(|(_, other)| !own.is_empty() && container_names(other) == own);
        let alike: Vec<usize> = alike.map(|(index, _)| index).collect();
        <[usize; 1]>::try_from(alike).ok().map(|[index]| index)
    })
}

pub(crate) fn overrides(option: Option<SchemeArgument>) -> Result<SchemeOverride, Failure> {
    let option = option.map(|scheme| match scheme {
        SchemeArgument::Value => Scheme::Value,
        SchemeArgument::Reference => Scheme::Reference,
    });
    let variable = std::env::var_os("BYREF_SCHEME").map(|value| value.to_string_lossy().into_owned());
    SchemeOverride::new(option, variable.as_deref())
        .map_err(|error| Failure::usage(error.to_string(), "unset it, or say `--scheme value`"))
}

/// The file here, or in the nearest parent folder that has one.
fn discover() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().map_err(|error| Failure::file("read", Path::new("."), &error))?;
    let mut up = PathBuf::new();
    for _ in here.ancestors() {
        let candidate = up.join(CONFIG_NAME);
        if candidate.is_file() {
            return Ok(candidate);
        }
        up.push("..");
    }
    Err(Failure::usage(
        format!("there is no `{CONFIG_NAME}` here or in a parent folder"),
        "write one with `byref init TEMPLATE`, or name it with `--config FILE`",
    ))
}

/// The folder of a file; empty for the one here.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

/// The folder of the configuration, if there is one.
pub(crate) fn config_folder(common: &Common) -> Option<PathBuf> {
    common.config.clone().map_or_else(discover, Ok).ok().map(|path| folder_of(&path))
}

fn note(verbose: bool, text: &str) {
    if verbose {
        say(&format!("{}\n", crate::render::escape::one_line(text)));
    }
}

pub(crate) fn listed(names: impl IntoIterator<Item = String>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
