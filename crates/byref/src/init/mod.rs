//! A first configuration for templates that have none.

mod checked;
mod lines;

use std::path::{Component, Path, PathBuf};

use byref_config::{PLACEHOLDER_ACCOUNT, looks_pasted, toml_key, toml_string};
use byref_rewrite::{Document, surveyed};
use byref_template::{Sources, Template};

use self::checked::Trial;
use self::lines::{Line, lines};
use crate::error::Error;
use crate::mistakes::Mistakes;
use crate::project::is_template;
use crate::templates::parse_template;

/// A first `deploy.toml` for templates, without a value of theirs.
///
/// ```
/// use byref::{InitialConfig, Project};
///
/// let template = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions:\n        - Name: web\n          Environment:\n            - {Name: DB_PASSWORD, Value: not-a-secret}\n";
/// let config = InitialConfig::new(&[("web.yaml".into(), template.to_owned())], None)?;
/// assert!(config.text().contains(r#"DB_PASSWORD = "db-password""#));
/// assert!(!config.text().contains("not-a-secret"));
/// // It parses as it is; the account and the Regions are for the user to fill in.
/// Project::parse([("deploy.toml", config.text())])?;
/// # Ok::<(), byref::Error>(())
/// ```
///
/// It has: the environments to fill in, an application for each group of templates that nest each
/// other, and a line for each secret that byref finds. Lines that a rewrite would refuse are
/// comments with the reason.
pub struct InitialConfig {
    text: String,
    lines: usize,
    commented_out: usize,
}

impl InitialConfig {
    /// Returns the configuration for templates, given with their paths. Paths in it are relative to
    /// the folder of `output`, else to the current one.
    ///
    /// # Errors
    ///
    /// [`Error::Mistakes`] for all templates that do not parse; [`Error::Request`] for a file that
    /// is not a template, and where no secret is found.
    pub fn new(templates: &[(PathBuf, String)], output: Option<&Path>) -> Result<Self, Error> {
        let mut sources = Sources::new();
        let mut documents = Vec::new();
        let mut mistakes = Vec::new();
        for (path, text) in templates {
            match parse_template(&mut sources, path.display().to_string(), text) {
                Ok(document) if is_template(&document) => documents.push(document),
                Ok(_) => return Err(no_template(path)),
                Err(diagnostic) => mistakes.push(*diagnostic),
            }
        }
        if !mistakes.is_empty() {
            return Err(Mistakes::new(sources, mistakes).into());
        }
        let paths: Vec<&Path> = templates.iter().map(|(path, _)| path.as_path()).collect();
        let mut applications = applications(&sources, &documents, &paths, output)?;
        if applications
            .iter()
            .all(|application| application.lines.is_empty())
        {
            return Err(nothing_found(&documents));
        }
        let mut text = head();
        for application in &mut applications {
            application.check(&sources)?;
            text.push_str(&application.table(&application.lines));
        }
        let lines = || {
            applications
                .iter()
                .flat_map(|application| &application.lines)
        };
        let commented_out = lines().filter(|line| line.reason.is_some()).count();
        Ok(Self {
            text,
            lines: lines().count(),
            commented_out,
        })
    }

    /// Returns the configuration.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns how many secrets were found and how many of their lines are comments, in words.
    pub fn summary(&self) -> String {
        let commented = match self.commented_out {
            0 => String::new(),
            1 => "; 1 line is commented out, with the reason".to_owned(),
            several => format!("; {several} lines are commented out, each with the reason"),
        };
        format!("{} found{commented}", plural(self.lines, "secret"))
    }
}

/// Returns the error for a file that is not a template.
fn no_template(path: &Path) -> Error {
    Error::request(
        format!(
            "`{}` is not a CloudFormation template: it has no `Resources`",
            path.display()
        ),
        "name a template",
    )
}

/// Returns the part before the applications.
fn head() -> String {
    format!(
        "\
# Where applications run: fill in your accounts and Regions, the primary Region first.
[environments.production]
account = \"{PLACEHOLDER_ACCOUNT}\"     # fill in: this is a placeholder
regions = [\"us-east-1\"]      # fill in

# Which scheme an application deploys with: \"value\", or \"reference\" once its secrets are in Parameter Store.
[flag]
default = \"reference\"
"
    )
}

/// An application of the configuration.
struct Group {
    name: String,
    documents: Vec<Document>,
    /// The templates' paths, as the configuration has them.
    paths: Vec<String>,
    lines: Vec<Line>,
}

impl Group {
    /// The table of the application, with these lines.
    fn table(&self, lines: &[Line]) -> String {
        let paths: Vec<String> = self.paths.iter().map(|path| toml_string(path)).collect();
        let name = toml_key(&self.name);
        let mut text = format!(
            "\n[apps.{name}]\ntemplates = [{}]\n\n[apps.{name}.secrets]\n",
            paths.join(", ")
        );
        let active = lines.iter().filter(|line| line.reason.is_none());
        let width = active
            .map(|line| line.text.chars().count())
            .max()
            .unwrap_or(0);
        for line in lines {
            text.push_str(&line.written(width));
        }
        text
    }

    /// Comments out the lines that a rewrite would refuse.
    fn check(&mut self, sources: &Sources) -> Result<(), Error> {
        let mut lines = std::mem::take(&mut self.lines);
        let text = |lines: &[Line]| head() + &self.table(lines);
        let trial = Trial {
            sources,
            documents: &self.documents,
            app: &self.name,
            text: &text,
        };
        trial.comment_out(&mut lines)?;
        self.lines = lines;
        Ok(())
    }
}

/// Returns the applications of the templates, in the order of their first template. Two that would
/// have the same name get a suffix.
fn applications(
    sources: &Sources,
    documents: &[Document],
    paths: &[&Path],
    output: Option<&Path>,
) -> Result<Vec<Group>, Error> {
    let mut applications: Vec<Group> = Vec::new();
    for group in groups(documents) {
        let mut name = app_name(&documents[group[0]].path);
        while applications.iter().any(|other| other.name == name) {
            name.push_str("-2");
        }
        let own: Vec<Document> = group
            .iter()
            .map(|index| documents[*index].clone())
            .collect();
        let lines = lines(sources, &own.iter().collect::<Vec<_>>());
        let paths = group
            .iter()
            .map(|index| relative(paths[*index], output))
            .collect::<Result<_, _>>()?;
        applications.push(Group {
            name,
            documents: own,
            paths,
            lines,
        });
    }
    Ok(applications)
}

/// Returns the error where no secret was found, with the number of containers that were searched.
fn nothing_found(documents: &[Document]) -> Error {
    let (task_definitions, containers) = documents
        .iter()
        .map(surveyed)
        .fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
    let templates = plural(documents.len(), "template");
    if task_definitions == 0 {
        return Error::request(
            format!("there is no task definition in {templates}: there is nothing to configure"),
            "name the templates that have an `AWS::ECS::TaskDefinition`",
        );
    }
    Error::request(
        format!(
            "no secret was found in {} of {} in {templates}: there is nothing to configure",
            plural(containers, "container"),
            plural(task_definitions, "task definition")
        ),
        "write `deploy.toml` yourself where names and values did not show a secret: see `deploy.toml.example`",
    )
}

/// Returns a number with its noun: `1 secret`, `2 secrets`.
fn plural(count: usize, word: &str) -> String {
    if count == 1 {
        format!("1 {word}")
    } else {
        format!("{count} {word}s")
    }
}

/// Templates that nest each other are one application.
fn groups(documents: &[Document]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let file_name = |path: &str| {
        Path::new(path)
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    for (index, document) in documents.iter().enumerate() {
        let nests = |other: &usize| {
            mentions(&documents[*other].template, &file_name(&document.path))
                || mentions(&document.template, &file_name(&documents[*other].path))
        };
        match groups.iter_mut().find(|group| group.iter().any(nests)) {
            Some(group) => group.push(index),
            None => groups.push(vec![index]),
        }
    }
    groups
}

/// Returns whether the location of a nested stack ends with a file's name.
fn mentions(template: &Template, file_name: &str) -> bool {
    let is_location = |node: byref_template::NodeRef<'_>| {
        node.text()
            .is_some_and(|text| matches!(text.as_ref(), "TemplateURL" | "Location"))
    };
    let mut nodes = template.nodes().skip_while(|node| !is_location(*node));
    while let Some(key) = nodes.find(|node| is_location(*node)) {
        let Some(value) = key
            .parent()
            .and_then(|parent| parent.entries().find(|entry| entry.key.id() == key.id()))
        else {
            continue;
        };
        if value
            .value
            .subtree()
            .filter_map(byref_template::NodeRef::text)
            .any(|text| text.ends_with(file_name))
        {
            return true;
        }
    }
    false
}

/// A path as the configuration needs it: relative to the folder where it will be.
fn relative(path: &Path, output: Option<&Path>) -> Result<String, Error> {
    let folder = output
        .and_then(Path::parent)
        .filter(|folder| !folder.as_os_str().is_empty());
    let found = match folder {
        None => path.to_owned(),
        Some(folder) => {
            let whole = |path: &Path| {
                fs_err::canonicalize(path).map_err(|error| Error::file("find", path, &error))
            };
            let (whole_path, whole_folder) = (whole(path)?, whole(folder)?);
            let common = whole_path
                .components()
                .zip(whole_folder.components())
                .take_while(|(a, b)| a == b)
                .count();
            let up = whole_folder
                .components()
                .skip(common)
                .map(|_| Component::ParentDir);
            up.chain(whole_path.components().skip(common)).collect()
        }
    };
    let text = found.to_str().map(str::to_owned);
    text.ok_or_else(|| {
        Error::request(
            "the path of a template is not UTF-8",
            "rename it: TOML can't hold its path",
        )
    })
}

/// The file's stem, as a part of parameter names.
fn app_name(path: &str) -> String {
    let stem = Path::new(path)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let stem = stem.split('.').next().unwrap_or_default();
    let name: String = stem
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() || character == '_' {
                character
            } else {
                '-'
            }
        })
        .collect();
    let name = name.trim_matches('-').to_lowercase();
    if name.is_empty() || looks_pasted(&name) {
        "app".to_owned()
    } else {
        name
    }
}
